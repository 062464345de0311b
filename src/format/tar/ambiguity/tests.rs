//! What the cases of the choices do not show: where readers agree after all, and the bounds.

use super::{Ambiguities, Inspection, Inspector, Point};
use crate::{
    format::{
        Findings, Place, Region,
        tar::{
            Scanner,
            build::{END, Header, file, long, odd_tars, pax, with_content},
        },
    },
    rules::Rule,
};

fn inspect(entries: &[Vec<u8>]) -> Ambiguities {
    let mut inspector = Inspector::new();
    inspector.push(&[entries.concat(), END.to_vec()].concat());
    inspector.finish()
}

/// The points of entries, with their offsets in blocks.
fn points(entries: &[Vec<u8>]) -> Vec<(Point, u64)> {
    let found = inspect(entries);
    let points = found.list().iter();
    points.map(|found| (found.point, found.offset / 512)).collect()
}

fn link(typeflag: u8, name: &str, target: &str) -> Vec<u8> {
    Header::new(typeflag, name, 0).with(157, target.as_bytes()).block()
}

fn star(prefix: &[u8]) -> Header {
    Header::new(b'0', "a", 1).with(345, prefix).with(508, b"tar\0")
}

#[test]
fn readers_agree_where_the_difference_changes_nothing() {
    let a = || file(b'0', "a", b"x");
    let rows: [(&str, Vec<Vec<u8>>); 17] = [
        (
            "two equal names",
            vec![long(b'L', "n"), pax(b'x', &[("path", "n")]), a()],
        ),
        ("a long name twice", vec![long(b'L', "n"), long(b'L', "n"), a()]),
        (
            "a comment twice",
            vec![pax(b'x', &[("comment", "c")]), pax(b'x', &[("uid", "7")]), a()],
        ),
        (
            "a comment before a global header",
            vec![pax(b'x', &[("comment", "c")]), pax(b'g', &[("comment", "c")]), a()],
        ),
        (
            "an attribute as bsdtar writes it",
            vec![
                pax(
                    b'x',
                    &[
                        ("LIBARCHIVE.xattr.user.a%20b", "dmFsdWU"),
                        ("SCHILY.xattr.user.a b", "value"),
                    ],
                ),
                a(),
            ],
        ),
        (
            "the size of the file again",
            vec![
                pax(
                    b'x',
                    &[
                        ("GNU.sparse.size", "1"),
                        ("GNU.sparse.realsize", "1"),
                        ("SCHILY.realsize", "1"),
                    ],
                ),
                a(),
            ],
        ),
        (
            "the name of the file again",
            vec![pax(b'x', &[("GNU.sparse.name", "a")]), a()],
        ),
        (
            "an old prefix of a replaced name",
            vec![
                pax(b'x', &[("path", "n")]),
                with_content(Header::new(b'0', "a", 1).gnu().with(345, b"prefix"), b"x"),
            ],
        ),
        (
            "a full prefix of star of a replaced name",
            vec![long(b'L', "n"), with_content(star(&b"p".repeat(131)), b"x")],
        ),
        (
            "a prefix of star that its field has room for",
            vec![with_content(star(&b"p".repeat(130)), b"x")],
        ),
        (
            "a global size and no content",
            vec![pax(b'g', &[("size", "0")]), link(b'2', "l", "a")],
        ),
        (
            "a directory in the place of a file",
            vec![file(b'0', "a", b""), file(b'5', "a/", b""), file(b'0', "a/b", b"")],
        ),
        (
            "a link to a directory of another layer",
            vec![link(b'2', "bin", "usr/bin"), file(b'0', "bin/a", b"")],
        ),
        ("a link out of the root", vec![link(b'2', "l", "../../a")]),
        ("a hard link to another layer", vec![link(b'1', "l", "elsewhere"), a()]),
        ("an empty directory gives way", vec![file(b'5', "a/", b""), a()]),
        (
            "no names alike",
            vec![file(b'0', "a-b", b""), file(b'0', "a/b", b""), file(b'0', "ab", b"")],
        ),
    ];
    for (name, entries) in rows {
        let found = points(&entries);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn entries_in_the_way_are_found_at_any_depth() {
    let f = |name: &str| file(b'0', name, b"");
    let d = |name: &str| file(b'5', name, b"");
    type Row = (&'static str, Vec<Vec<u8>>, &'static [(Point, u64)]);
    let rows: [Row; 11] = [
        (
            "three levels below",
            vec![f("a/b"), f("a/b/c/d/e")],
            &[(Point::BelowFile, 1)],
        ),
        (
            "below the same name, cleaned",
            vec![f("./a//b"), f("/a/./b/c")],
            &[(Point::BelowFile, 1)],
        ),
        (
            "each of several",
            vec![f("a"), f("a/b"), f("c"), f("a/d")],
            &[(Point::BelowFile, 1), (Point::BelowFile, 3)],
        ),
        ("not after it was replaced", vec![f("a"), d("a"), f("a/b")], &[]),
        (
            "after it replaced a directory",
            vec![d("a"), f("a"), f("a/b")],
            &[(Point::BelowFile, 2)],
        ),
        (
            "a directory that only paths name",
            vec![f("a/b/c"), f("a/b")],
            &[(Point::ReplacedDirectory, 1)],
        ),
        (
            "what went with its directory",
            vec![f("a/b"), f("a"), d("a"), f("a/b/c")],
            &[(Point::ReplacedDirectory, 1)],
        ),
        (
            "a link to a link to a file",
            vec![f("f"), link(b'2', "d/k", "../f"), link(b'2', "l", "d/k"), f("l/a")],
            &[(Point::BelowDangling, 3)],
        ),
        (
            "two links in a circle",
            vec![link(b'2', "k", "l"), link(b'2', "l", "/k"), f("l/a")],
            &[(Point::BelowDangling, 2)],
        ),
        (
            "a hard link before its file",
            vec![link(b'1', "l", "d/a"), f("b"), f("d/a")],
            &[(Point::MissingTarget, 0)],
        ),
        (
            "a hard link to a directory that only a path names",
            vec![f("d/a"), link(b'1', "l", "d")],
            &[(Point::MissingTarget, 1)],
        ),
    ];
    for (name, entries, expected) in rows {
        assert_eq!(points(&entries), expected, "{name}");
    }
}

#[test]
fn whiteouts_are_compared_with_what_is_beside_them() {
    let f = |name: &str| file(b'0', name, b"");
    let d = |name: &str| file(b'5', name, b"");
    let attribute = |key: &str| pax(b'x', &[(&format!("SCHILY.xattr.{key}"), "y")]);
    type Row = (&'static str, Vec<Vec<u8>>, &'static [(Point, u64)]);
    let rows: [Row; 14] = [
        (
            "as writers emit them",
            vec![f(".wh.a"), f("d/.wh..wh..opq"), f("d/.wh.b"), f("d/a"), f("b/d")],
            &[],
        ),
        (
            "opaque after other whiteouts",
            vec![f("d/.wh.a"), f("d/.wh.b"), f("d/.wh..wh..opq")],
            &[],
        ),
        (
            "opaque after names around them",
            vec![f("d-e"), f("d"), f(".wh.b"), f("d/.wh..wh..opq")],
            &[(Point::BelowFile, 3)],
        ),
        (
            "opaque after a name that sorts before whiteouts",
            vec![f("d/-"), f("d/.wh..wh..opq")],
            &[(Point::LateOpaque, 1)],
        ),
        (
            "opaque after a name that sorts after whiteouts",
            vec![f("d/.wh"), f("e/.wh..wh..opq"), f("d/.whx"), f("d/.wh..wh..opq")],
            &[(Point::LateOpaque, 3)],
        ),
        (
            "each entry below what a whiteout names",
            vec![f(".wh.d"), f("d/a"), f("d/e/b"), f("e/d/a")],
            &[(Point::WhiteoutBeside, 1), (Point::WhiteoutBeside, 2)],
        ),
        (
            "whiteouts below what another one names",
            vec![f(".wh.d"), f("d/.wh.a"), f("d/e/.wh..wh..opq")],
            &[],
        ),
        (
            "a name that begins as a path below",
            vec![f("de"), f(".wh.d"), f("df")],
            &[],
        ),
        (
            "below a link that a whiteout names",
            vec![f(".wh.l"), link(b'2', "l", "d"), f("l/a")],
            &[(Point::WhiteoutBeside, 1), (Point::WhiteoutBeside, 2)],
        ),
        (
            "names after cleaning",
            vec![f("./d//.wh.."), d("/d/.wh.../"), f("d/.wh....")],
            &[(Point::WhiteoutName, 0), (Point::WhiteoutName, 1)],
        ),
        (
            "what AUFS keeps",
            vec![
                d(".wh..wh.plnk/"),
                f(".wh..wh.plnk/1.2"),
                link(b'1', "a", ".wh..wh.plnk/1.2"),
            ],
            &[],
        ),
        (
            "other devices",
            vec![
                file(b'4', "b", b""),
                Header::new(b'3', "c", 0).with(337, b"0000001\0").block(),
            ],
            &[],
        ),
        (
            "other attributes of overlayfs",
            vec![
                attribute("trusted.overlay.impure"),
                d("d/"),
                attribute("security.overlay.opaque"),
                d("e/"),
            ],
            &[],
        ),
        (
            "attributes that hide or move",
            vec![
                attribute("trusted.overlay.redirect"),
                d("d/"),
                attribute("user.overlay.opaque"),
                d("e/"),
            ],
            &[(Point::OverlayAttribute, 0), (Point::OverlayAttribute, 3)],
        ),
    ];
    for (name, entries, expected) in rows {
        assert_eq!(points(&entries), expected, "{name}");
    }
}

#[test]
fn attributes_are_as_long_as_linux_has_them() {
    let rows = [
        ("user.a".to_owned(), 65_536, false),
        ("user.a".to_owned(), 65_537, true),
        (format!("user.{}", "a".repeat(250)), 1, false),
        (format!("user.{}", "a".repeat(251)), 1, true),
        (String::new(), 1, true),
    ];
    for (name, length, is_large) in rows {
        let record = pax(b'x', &[(&format!("SCHILY.xattr.{name}"), &"v".repeat(length))]);
        let found = points(&[record, file(b'0', "a", b"")]);
        let expected: &[(Point, u64)] = if is_large { &[(Point::LargeAttributes, 0)] } else { &[] };
        assert_eq!(found, expected, "{name}, {length}");
    }
}

#[test]
fn the_start_of_the_content_decides_whatever_the_pieces() {
    let inner = file(b'0', "inner", b"");
    let rows: [(&str, &[u8], Point); 3] = [
        ("d/", &inner, Point::SlashFile),
        ("d/", b"no header", Point::SlashContent),
        ("d/", b"", Point::SlashFile),
    ];
    for (name, content, point) in rows {
        let tar = [file(b'0', name, content), END.to_vec()].concat();
        for piece in [1, 7, 511, 512, 513, tar.len()] {
            let mut inspector = Inspector::new();
            tar.chunks(piece).for_each(|piece| inspector.push(piece));
            let found = inspector.finish();
            let found: Vec<Point> = found.list().iter().map(|found| found.point).collect();
            assert_eq!(found, [point], "{content:?} in pieces of {piece}");
        }
    }
}

#[test]
fn points_are_reported_by_entry_and_rule() {
    let found = inspect(&[
        file(b'0', "a", b"x"),
        long(b'L', "../n/"),
        pax(b'x', &[("path", "p"), ("uid", "+7")]),
        file(b'0', "b", b"x"),
    ]);
    let mut findings = Findings::new();
    found.report(&mut findings);
    let places: Vec<(Rule, &Place)> = findings
        .list()
        .iter()
        .map(|finding| (finding.rule, &finding.place))
        .collect();
    let place = Place::Byte(Region::Tar, 1024);
    assert_eq!(places, [(Rule::TarReading, &place), (Rule::TarTree, &place)]);
    let detail = &findings.list()[0].detail;
    for part in [
        "\"../n/\"",
        "(tar-two-names)",
        "(tar-signed-values)",
        "(tar-slash-content)",
        "Go's archive/tar",
        "bsdtar",
    ] {
        assert!(detail.contains(part), "{detail}");
    }
    assert!(
        findings.list()[1].detail.contains("(tar-escape): containers/storage"),
        "{:?}",
        findings.list()
    );
    let mut skipped = Findings::skipping(&[Rule::TarReading]);
    found.report(&mut skipped);
    assert_eq!(skipped.list().len(), 1);
}

#[test]
fn what_is_not_kept_is_counted() {
    let found = inspect(&[file(b'0', "../a", b"").repeat(Findings::KEPT + 3)]);
    assert_eq!((found.list().len(), found.omitted()), (Findings::KEPT, 3));
    let mut findings = Findings::new();
    found.report(&mut findings);
    assert_eq!((findings.list().len(), findings.omitted()), (Findings::KEPT, 3));
}

/// Names of all depths, each below the one before it, cost what their bytes cost.
#[test]
fn deep_paths_are_looked_up_once() {
    let mut inspection = Inspection::new();
    let mut scanner = Scanner::new();
    let mut findings = Findings::new();
    for number in 0..500 {
        let name = format!("{number}/{}f", "d/".repeat(2000));
        let tar = [long(b'L', &name), file(b'0', "", b"")].concat();
        assert!(scanner.push(&tar, &mut findings, &mut |event| inspection.see(&event)));
    }
    assert!(inspection.finish().is_empty());
}

#[test]
fn no_damage_panics() {
    for (_, tar) in odd_tars().into_iter().filter(|(_, tar)| tar.len() < 4096) {
        for (place, bit) in (0..tar.len()).zip((0..8).cycle()) {
            let mut tar = tar.clone();
            tar[place] ^= 1 << bit;
            let mut inspector = Inspector::new();
            inspector.push(&tar);
            let _: Ambiguities = inspector.finish();
        }
    }
}
