//! Records of sparse files, fields of headers and ends that tar readers read differently.

use super::{
    super::{
        EditInPlace, Rule, TarEntry, end, file, open as open_of, patched,
        sparse::{five_parts, in_parts},
        with_record,
    },
    fresh::{Table, gnu_long, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};
use crate::forge::tar::{extension_of, record};

const WHY: &str = "The name, the owner, the time or the size is another one to the next reader of the tar.";

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    sparse(&mut table);
    fields(&mut table);
    ends(&mut table);
    table
}

/// Records of sparse files without the rest of a sparse file.
fn sparse(table: &mut Table) {
    let (a, b) = (|| short("a"), || short("b"));
    let both = || nodes([a(), b()]);
    let with = |key: &str, value: &str| tar_of(&[(&pax(key, value), a()), (NONE, b())]);
    let cut = || nodes([TarEntry::file("a", "cont"), b()]);
    table.open(
        "sparse-name-and-another-file",
        "a record with the name of a sparse file, a file, and another after it",
        with("GNU.sparse.name", "other"),
        OpenTree::read("tar-sparse-name", both()).or("gnu", nodes([short("other"), b()])),
    );
    for key in ["realsize", "size"] {
        table.open(
            &format!("sparse-{key}-smaller"),
            &format!("a record `GNU.sparse.{key}` of 4 for a file of 8 bytes"),
            with(&format!("GNU.sparse.{key}"), "4"),
            OpenTree::read("tar-sparse-size", both()).or("gnu", cut()),
        );
    }
    for (slug, title, key, value) in [
        (
            "numblocks",
            "a record with the number of parts of a sparse file",
            "GNU.sparse.numblocks",
            "1",
        ),
        ("vendor", "a record `GNU.sparse.other`", "GNU.sparse.other", "1"),
    ] {
        table.tree(
            &format!("sparse-{slug}-alone"),
            title,
            Rule::TarExtension,
            with(key, value),
            both(),
        );
    }
    table.open(
        "sparse-major-alone",
        "a record with the major version 1 of sparse files, and none of the minor one",
        with("GNU.sparse.major", "1"),
        OpenTree::read("tar-sparse-major", both()),
    );
    table.open(
        "sparse-major-2",
        "records of the version 2.0 of sparse files, which is none",
        tar_of(&[
            (
                &extension_of(
                    b'x',
                    &[record("GNU.sparse.major", b"2"), record("GNU.sparse.minor", b"0")].concat(),
                ),
                a(),
            ),
            (NONE, b()),
        ]),
        OpenTree::read("tar-sparse-major", both()),
    );
    table.open(
        "sparse-minor-alone",
        "a record with the minor version 0 of sparse files, and none of the major one",
        with("GNU.sparse.minor", "0"),
        OpenTree::read("tar-sparse-minor", both()),
    );
    table.open(
        "star-realsize-smaller",
        "a record `SCHILY.realsize` of 4 for a file of 8 bytes that is not sparse",
        with("SCHILY.realsize", "4"),
        OpenTree::read("tar-star-realsize-smaller", both()).or("schily", cut()),
    );
    let padded = [&b"content\n"[..], &[0; 1016]].concat();
    table.open(
        "star-realsize-larger",
        "a record `SCHILY.realsize` of 1024 for a file of 8 bytes that is not sparse",
        with("SCHILY.realsize", "1024"),
        OpenTree::read("tar-star-realsize-larger", both()).or("libarchive", nodes([TarEntry::file("a", padded), b()])),
    );
    table.tree(
        "sun-holesdata",
        "a record of Solaris with the data of a file that has no hole",
        Rule::TarExtension,
        with("SUN.holesdata", " 0 8"),
        both(),
    );
    // As GNU tar writes them, with a part of no bytes at the end.
    let expanded = || nodes([TarEntry::file("a", b"content\n\0\0\0\0\0\0\0\0"), b()]);
    let records = |records: &[(&str, &str)]| {
        let body: Vec<u8> = records
            .iter()
            .flat_map(|(key, value)| record(&format!("GNU.sparse.{key}"), value.as_bytes()))
            .collect();
        extension_of(b'x', &body)
    };
    let open = || OpenTree::of("tar-sparse", Rule::TarSparse, expanded());
    let map = [&b"2\n0\n8\n16\n0\n"[..], &[0; 501], b"content\n"].concat();
    for (slug, title, before, entry) in [
        (
            "0-0",
            "0.0",
            records(&[
                ("size", "16"),
                ("numblocks", "2"),
                ("offset", "0"),
                ("numbytes", "8"),
                ("offset", "16"),
                ("numbytes", "0"),
            ]),
            a(),
        ),
        (
            "0-1",
            "0.1",
            records(&[("size", "16"), ("numblocks", "2"), ("map", "0,8,16,0"), ("name", "a")]),
            a(),
        ),
        (
            "1-0",
            "1.0",
            records(&[("major", "1"), ("minor", "0"), ("name", "a"), ("realsize", "16")]),
            TarEntry::file("GNUSparseFile.0/a", map),
        ),
    ] {
        table.open(
            &format!("sparse-gnu-tar-{slug}"),
            &format!("a sparse file of PAX format {title} as GNU tar writes it, and another file"),
            tar_of(&[(&before, entry), (NONE, b())]),
            open(),
        );
    }
    let mut before = five_parts();
    before.truncate(before.len() - end().len());
    let expanded = file().edit(|entry| entry.content = in_parts(5));
    table.open(
        "sparse-gnu-five-parts-and-another",
        "an old GNU sparse file of five parts, one of them in a block after its header, and another file",
        [before, tar_of(&[(NONE, b())])].concat(),
        OpenTree::of("tar-sparse", Rule::TarSparse, nodes([expanded, b()])),
    );
    let old = a().edit(|entry| {
        entry.gnu = true;
        entry.flag = b'S';
        entry.patches = vec![
            (
                386,
                b"00000000000\x0000000000010\x0000000000020\x0000000000000\0".to_vec(),
            ),
            (483, b"00000000020\0".to_vec()),
        ];
    });
    table.open(
        "sparse-gnu-tar-old",
        "an old GNU sparse file as GNU tar writes it, and another file",
        tar_of(&[(NONE, old), (NONE, b())]),
        open(),
    );
}

/// Fields that one layout has and another has not.
fn fields(table: &mut Table) {
    let gnu = || file().edit(|entry| entry.gnu = true);
    let at = |name: &str| nodes([file().edit(|entry| entry.name = name.into())]);
    for (slug, text) in [
        ("two-parts", "some/where"),
        ("long", "some/where/else/with/many/more/parts"),
    ] {
        table.open(
            &format!("gnu-prefix-{slug}"),
            &format!("a GNU header with the prefix {text} in the fields for times, as Go before 1.8 writes it"),
            patched(&gnu(), &[(345, text.as_bytes())]),
            OpenTree::read("tar-gnu-prefix", at(&format!("{text}/file-x"))).or("gnu", nodes([file()])),
        );
    }
    table.tree(
        "gnu-prefix-digits",
        "a GNU header with a time of access of seven digits",
        Rule::TarHeader,
        patched(&gnu(), &[(345, b"1234567")]),
        nodes([file()]),
    );
    table.tree(
        "magic-unknown",
        "a magic that no layout has, and a prefix",
        Rule::EntrySets,
        patched(&file(), &[(257, b"foobar\0\0"), (345, b"prefix")]),
        nodes([file()]),
    );
    for (slug, title, field, mode) in [
        ("spaces-only", "a mode of nothing but spaces", [b' '; 8], 0),
        (
            "base-256-of-owner",
            "a mode of 0600 in base 256",
            [0x80, 0, 0, 0, 0, 0, 1, 0x80],
            0o600,
        ),
    ] {
        table.tree(
            &format!("mode-{slug}"),
            title,
            Rule::TarHeader,
            patched(&file(), &[(100, &field)]),
            nodes([file().edit(|entry| entry.mode = mode)]),
        );
    }
    // What follows the NUL counts for nothing, whatever it is.
    let link = || TarEntry::symlink("l", "target");
    for (slug, title, tar, entry) in [
        (
            "name",
            "a name with a line feed and text after the NUL that ends it",
            patched(&file(), &[(6, b"\0\ntext")]),
            file(),
        ),
        (
            "link",
            "a link target with a line feed and text after the NUL that ends it",
            patched(&link(), &[(163, b"\0\ntext")]),
            link(),
        ),
    ] {
        table.tree(
            &format!("{slug}-line-feed-after-nul"),
            title,
            Rule::TarHeader,
            tar,
            nodes([entry]),
        );
    }
    let sum = |rest: &[u8]| {
        let mut tar = [open_of(&[file()]), end()].concat();
        tar[156 - rest.len()..156].copy_from_slice(rest);
        tar
    };
    for (slug, title, rest) in [
        ("letter", "a letter after the NUL of the checksum", &b"\0x"[..]),
        ("digit", "a digit after the NUL of the checksum", b"\x007"),
    ] {
        table.open(
            &format!("checksum-rest-{slug}"),
            title,
            sum(rest),
            OpenTree::read("tar-checksum-rest", nodes([file()])),
        );
    }
    for (slug, change, rest) in [
        (
            "space-and-letter",
            "a letter after the space of the checksum",
            &b" x"[..],
        ),
        (
            "letter-first",
            "a letter right after the digits of the checksum",
            b"x\0",
        ),
    ] {
        table.refused(
            &format!("checksum-{slug}"),
            "one-file",
            change,
            &[Rule::TarHeader],
            sum(rest),
        );
    }
    let xattr = |value: &[u8]| nodes([file().edit(|entry| entry.xattrs = vec![("user.a".into(), value.to_vec())])]);
    for (slug, title, first) in [
        ("after", "and then of libarchive", true),
        ("before", "after one of libarchive", false),
    ] {
        let (schily, of_libarchive) = (
            record("SCHILY.xattr.user.a", b"schily"),
            record("LIBARCHIVE.xattr.user.a", b"bGlicmFyeQ"),
        );
        let body = if first {
            [schily, of_libarchive]
        } else {
            [of_libarchive, schily]
        }
        .concat();
        let last: &[u8] = if first { b"library" } else { b"schily" };
        table.open(
            &format!("xattr-libarchive-{slug}"),
            &format!("an extended attribute of star {title} with another value"),
            super::super::behind_pax(&body),
            OpenTree::read("tar-libarchive-xattrs", xattr(b"schily")).or("libarchive", xattr(last)),
        );
    }
    table.open(
        "xattr-libarchive-alone",
        "an extended attribute of libarchive whose name is escaped",
        with_record("LIBARCHIVE.xattr.user.%61", b"dmFsdWU="),
        OpenTree::read("tar-libarchive-xattrs", nodes([file()])).or("libarchive", xattr(b"value")),
    );
}

/// Zero blocks and ends.
fn ends(table: &mut Table) {
    let (a, b) = (|| short("a"), || short("b"));
    let lone = || vec![0; 512];
    let open = |tree| OpenTree::of("tar-lone-zero-block", Rule::TarHeader, tree);
    table.open(
        "zero-block-first",
        "a single zero block before the first header",
        [lone(), super::super::archive(&[a()])].concat(),
        open(Nodes::default()),
    );
    table.open(
        "zero-block-before-last",
        "a single zero block before the last of three files",
        [open_of(&[a(), b()]), lone(), super::super::archive(&[short("c")])].concat(),
        open(nodes([a(), b()])),
    );
    for (slug, title, header) in [
        ("gnu-link", "a long link target", gnu_long(b'K', b"lost\0")),
        ("two", "two PAX headers", pax("comment", "a").repeat(2)),
        (
            "name-and-pax",
            "a long name and a PAX header",
            [gnu_long(b'L', b"lost\0"), pax("uid", "7")].concat(),
        ),
    ] {
        table.open(
            &format!("dangling-{slug}"),
            &format!("a file, {title}, and the end of the archive"),
            [open_of(&[a()]), header, end()].concat(),
            OpenTree::of("tar-dangling-extension", Rule::TarTruncated, nodes([a()])),
        );
    }
    table.refused(
        "end-in-place-of-8-gib",
        "pax-size",
        "a PAX size of 2^33, which has a digit more than the field of the header, and the end of the archive for content",
        &[Rule::TarTruncated],
        [pax("size", "8589934592"), open_of(&[TarEntry::file("file-x", "")]), end()].concat(),
    );
    table.refused(
        "block-between",
        "two-files",
        "a block of letters between the files",
        &[Rule::TarHeader],
        [
            open_of(&[TarEntry::file("a", "first\n")]),
            vec![b'x'; 512],
            super::super::archive(&[TarEntry::file("b", "other\n")]),
        ]
        .concat(),
    );
    let mut second = super::super::archive(&[TarEntry::file("b", "other\n")]);
    second[148] ^= 1;
    table.refused(
        "checksum-of-second",
        "two-files",
        "a wrong checksum of the second header",
        &[Rule::TarHeader],
        [open_of(&[TarEntry::file("a", "first\n")]), second].concat(),
    );
}
