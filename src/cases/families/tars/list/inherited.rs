//! The trees of the tars of `tarsplit/disassemble`, by the slugs of their cases.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    super::{Decimal, EditInPlace, TarEntry, borders, file, opaque, samples},
    trees::Nodes,
};
use crate::{
    forge::{SKIPPABLE, estargz, skippable, tar::end, zstd::frame},
    vectors::ops::{TreeEntryOutput, TreeOutput},
};

/// The tree of the tar of this slug.
pub(super) fn tree(slug: &str) -> TreeOutput {
    nodes(slug).output()
}

/// The tree of the usual file with a change.
fn with(change: impl FnOnce(&mut TreeEntryOutput)) -> Nodes {
    Nodes::of(&[file()]).changed("file-x", change)
}

fn uid(id: i64) -> Nodes {
    with(|node| node.uid = Some(Decimal(id)))
}

fn gid(id: i64) -> Nodes {
    with(|node| node.gid = Some(Decimal(id)))
}

fn mtime(time: &str) -> Nodes {
    with(|node| node.mtime = Some(time.to_owned()))
}

fn xattr(name: &[u8], value: &[u8]) -> Nodes {
    with(|node| drop(node.xattrs.insert(STANDARD.encode(name), STANDARD.encode(value))))
}

/// The tree of the usual file under another name.
fn named(name: impl AsRef<[u8]>) -> Nodes {
    Nodes::of(&[file().edit(|entry| entry.name = name.as_ref().to_owned())])
}

/// The tree of a file of two bytes, of which the name is what counts.
fn short(name: &str) -> Nodes {
    Nodes::of(&[TarEntry::file(name, "x\n")])
}

/// The tree of the usual file with other content.
fn content(content: impl AsRef<[u8]>) -> Nodes {
    Nodes::of(&[TarEntry::file("file-x", content)])
}

fn files<const N: usize>(files: [(&str, &str); N]) -> Nodes {
    Nodes::of(&files.map(|(name, content)| TarEntry::file(name, content)))
}

fn sized(sizes: impl IntoIterator<Item = usize>, content: impl Fn(usize) -> Vec<u8>) -> Nodes {
    let entries: Vec<TarEntry> = sizes
        .into_iter()
        .map(|size| TarEntry::file(&format!("f{size}"), content(size)))
        .collect();
    Nodes::of(&entries)
}

fn nodes(slug: &str) -> Nodes {
    if let Some(sample) = samples::everyday().into_iter().find(|sample| sample.slug == slug) {
        return Nodes::of(&sample.entries);
    }
    if let Some(size) = slug.strip_prefix("sizes-").and_then(size) {
        return sized([size - 1, size, size + 1], borders::counted);
    }
    let tree = header(slug)
        .or_else(|| records(slug))
        .or_else(|| names(slug))
        .or_else(|| contents(slug))
        .or_else(|| types(slug))
        .or_else(|| tools(slug));
    tree.unwrap_or_else(|| Nodes::of(&[file()]))
}

/// A size as a slug has it.
fn size(text: &str) -> Option<usize> {
    let (number, unit) = text.split_once('-')?;
    let shift = match unit {
        "kib" => 10,
        "mib" => 20,
        _ => return None,
    };
    Some(number.parse::<usize>().ok()? << shift)
}

fn header(slug: &str) -> Option<Nodes> {
    Some(match slug {
        "base-256-gid-2-31" => gid(1 << 31),
        "base-256-mtime-2-33" => mtime("8589934592"),
        "base-256-mtime-negative" => mtime("-86400"),
        "base-256-uid" => uid(3_000_000),
        "base-256-uid-2-53" => uid((1 << 53) + 1),
        "base-256-uid-2-62" => uid((1 << 62) - 1),
        "base-256-uid-negative" => uid(-2),
        "mtime-2-62" => mtime("4611686018427387904"),
        "mtime-minus-2-63" => mtime("-9223372036854775808"),
        "octal-mtime-largest" => mtime("68719476735"),
        "octal-uid-all-digits" => uid(0o77_777_777),
        "device-numbers" => Nodes::of(&[TarEntry::device(b'3', "c", 1_048_575, 2_097_151)]),
        _ => return None,
    })
}

fn records(slug: &str) -> Option<Nodes> {
    Some(match slug {
        "pax-gid" => gid(4_294_967_294),
        "pax-gid-2-31" => gid(1 << 31),
        "pax-uid" => uid(4_294_967_294),
        "pax-uid-2-21" => uid(1 << 21),
        "pax-uid-2-53" => uid((1 << 53) + 1),
        "pax-uid-2-63-minus-1" => uid(i64::MAX),
        "pax-uid-leading-zeros" => uid(10),
        "pax-uid-negative" => uid(-2),
        "pax-uid-plus" => uid(1000),
        "pax-mtime" => mtime("1700000000.123456789"),
        "pax-mtime-2-31" => mtime("2147483648"),
        "pax-mtime-2-33" => mtime("8589934592"),
        "pax-mtime-fraction-10" => mtime("1.000000001"),
        "pax-mtime-leading-zeros" => mtime("17"),
        "pax-mtime-minus-zero" => mtime("-0.5"),
        "pax-mtime-negative" => mtime("-1.25"),
        "pax-mtime-plus" => mtime("1700000000.5"),
        "pax-mtime-year-0" => mtime("-62167219200"),
        "pax-mtime-year-1" => mtime("-62135596800"),
        "pax-mtime-year-9999" => mtime("253402300799.999999999"),
        "year-10000" => mtime("253402300800"),
        "year-before-0" => mtime("-62167219201"),
        "pax-xattr" => xattr(b"user.a", b"\0\xff=\n"),
        "pax-xattr-64-kib" => xattr(b"user.a", &borders::counted(64 << 10)),
        "pax-xattr-empty" => xattr(b"user.a", b""),
        "xattr-name-not-utf-8" => xattr(b"user.\xe4", b"a"),
        "pax-thousand-records" => with(|node| {
            let names = (0..1000).map(|at| STANDARD.encode(format!("user.a{at:03}")));
            node.xattrs = names.map(|name| (name, STANDARD.encode("v"))).collect();
        }),
        "pax-path" => named("other"),
        "pax-twice" | "pax-headers-in-a-row" => named("second"),
        "pax-hdrcharset" => named("jürgen"),
        "pax-path-equals" => named("a=b=c"),
        "pax-path-line-feed" => named("two\nlines"),
        "pax-record-lengths" => named("found"),
        "pax-bodies" => sized([511, 512, 513, 1023, 1024, 1025], |_| b"content\n".to_vec()),
        "pax-size-before-gnu-name" => files([("longname", "hello")]),
        "pax-size-content-is-tar" => Nodes::of(&[
            TarEntry::file("a", super::super::open(&[TarEntry::file("inner", "not an entry\n")])),
            TarEntry::file("b", "content\n"),
        ]),
        "pax-size-leading-zero" => content("0123456789"),
        "pax-size-smaller" => files([("a", "hello"), ("b", "content\n")]),
        "pax-size-then-plain" => files([("a", &"a".repeat(600)), ("b", "other")]),
        _ => return None,
    })
}

fn names(slug: &str) -> Option<Nodes> {
    let long = |length: usize| "n".repeat(length);
    Some(match slug {
        "name-100" => named(long(100)),
        "name-101" => named(long(101)),
        "name-255" => named(long(255)),
        "name-quote-alone" => named("\""),
        "name-line-feed-alone" => named("\n"),
        "name-256" => named(format!("{}/{}", "p".repeat(155), long(100))),
        "name-ustar-prefix" => named("some/where/file-x"),
        "name-ustar-prefix-full" => named(format!("{}/file-x", "p".repeat(155))),
        "star" | "ustar-version-blank" => named("prefix/file-x"),
        "star-prefix-130" => named(format!("{}/file-x", "p".repeat(130))),
        "gnu-long-name-without-nul" => named(long(150)),
        "gnu-name-nul-inside" => named("name"),
        "padding-of-gnu-name-odd" => named("long"),
        "name-not-utf-8" => named(b"file-\xe4"),
        "checksum-signed" => named("é"),
        "name-absolute" | "name-dot-slash" => short("a"),
        "name-slashes" => short("d/a"),
        "name-escaped" => short("a&b <c>\u{2028}\"\\\t\n"),
        "name-control" => short("\u{1}\u{8}\u{b}\u{c}\r\u{1f}\u{7f}"),
        "name-accents" => short("Főtanúsítvány.crt"),
        "name-backslash" => short("system-systemd\\x2dcryptsetup.slice"),
        "whiteout" => short(".wh.gone"),
        "opaque-whiteout" => short("d/.wh..wh..opq"),
        "name-deep" => Nodes::of(&[TarEntry::file(&format!("{}f", "d/".repeat(1000)), "")]),
        "name-repeated" | "name-repeated-dot-slash" | "name-repeated-absolute" => files([("a", "other\n")]),
        "gnu-long-name" => Nodes::of(&[
            TarEntry::file(&long(150), "content\n"),
            TarEntry::symlink(&long(140), &long(130)),
        ]),
        "root" => Nodes::of(&[TarEntry::dir("./"), TarEntry::file("./a", "x\n")]),
        _ => return None,
    })
}

fn contents(slug: &str) -> Option<Nodes> {
    let counted = borders::counted;
    let entry = |name: &str, parts: &[&[u8]]| TarEntry::file(name, parts.concat());
    Some(match slug {
        "content-tar" => content([super::super::one_file(), end()].concat()),
        "content-zstd" => content(frame(b"not part of the tar")),
        "content-skippable" => content(skippable(SKIPPABLE, b"skip me")),
        "content-footer" => content(opaque::footer()),
        "content-gzip" => content(estargz::Footer::estargz("0000000000000000STARGZ").bytes()),
        "content-random" => content(borders::random()),
        "content-toc" => content(r#"{"version":1,"entries":[]}"#),
        "two-files" => files([("a", "first\n"), ("b", "other\n")]),
        "same-content" => files([("a", "the same\n"), ("b", "the same\n"), ("c", "the same\n")]),
        "end-missing-511" => content(samples::bytes(511)),
        "header-without-content-last" => files([("empty", "")]),
        "sizes-least" => files([("a", ""), ("b", "1"), ("c", "12"), ("d", "")]),
        "block-sizes" => sized([511, 512, 513], samples::bytes),
        "zeros-files" => sized([1, 512, 1023, 1024, 1025], |size| vec![0; size]),
        "zeros" => Nodes::of(&[
            TarEntry::file("zeros", vec![0; 4096]),
            entry("middle", &[&samples::bytes(700), &[0; 2048], &samples::bytes(300)]),
        ]),
        "zeros-1023-and-1024" => Nodes::of(&[
            entry("a", &[&[1; 100], &[0; 1023], &[1; 100]]),
            entry("b", &[&[1; 100], &[0; 1024], &[1; 100]]),
        ]),
        "zeros-over-32-kib" => Nodes::of(&[("a", 1), ("b", 0)].map(|(name, less)| {
            let before = counted((32 << 10) - 1024 - less);
            entry(name, &[&before, &[0; 2048], &counted(100)])
        })),
        "zeros-first-and-last" => Nodes::of(
            &[
                ("a", 1024, 0),
                ("b", 0, 1024),
                ("c", 1023, 0),
                ("d", 0, 1023),
                ("e", 1024, 1024),
            ]
            .map(|(name, first, last)| entry(name, &[&vec![0; first], &counted(100), &vec![0; last]])),
        ),
        "zeros-of-1-mib-and-a-byte" => Nodes::of(&[
            entry("a", &[&vec![0; 1 << 20], b"x"]),
            entry("b", &[b"x", &vec![0; 1 << 20]]),
        ]),
        "nothing" | "end-only" | "end-only-and-zero-block" | "global-header-alone" => Nodes::default(),
        _ if slug
            .strip_prefix("zeros-")
            .is_some_and(|rest| rest.parse::<u32>().is_ok()) =>
        {
            Nodes::default()
        }
        _ => return None,
    })
}

fn types(slug: &str) -> Option<Nodes> {
    Some(match slug {
        "every-type" => Nodes::of(&samples::every_type()),
        "type-nul-directory" => Nodes::of(&[TarEntry::dir("old/").edit(|entry| entry.mode = 0o644)]),
        "dir-with-link" => Nodes::of(&[TarEntry::dir("d/")]),
        "dir-without-slash" => Nodes::of(&[TarEntry::dir("d"), TarEntry::file("d/a", "content\n")]),
        "directory-after-its-file" => Nodes::of(&[TarEntry::file("d/a", "content\n"), TarEntry::dir("d/")]),
        "link-100" => Nodes::of(&[TarEntry::symlink("l", &"t".repeat(100))]),
        "link-101" => Nodes::of(&[TarEntry::symlink("l", &"t".repeat(101))]),
        "link-not-utf-8" => Nodes::of(&[TarEntry::symlink("l", "").edit(|entry| entry.link = b"file-\xe4".to_vec())]),
        "link-text-after-nul" => Nodes::of(&[TarEntry::symlink("l", "a")]),
        "link-target-kept" => Nodes::of(&[
            TarEntry::symlink("l", "a/../b"),
            TarEntry::symlink("m", "x/"),
            TarEntry::symlink("n", "./"),
        ]),
        "hard-link-with-size" => Nodes::of(&[
            TarEntry::file("a", "hello"),
            TarEntry::hard_link("b", "a"),
            TarEntry::dir("d/"),
            TarEntry::file("z", "after\n"),
        ]),
        "device-with-size" => Nodes::of(&[TarEntry::device(b'3', "null", 1, 3), file()]),
        "entry-below-whiteout" => Nodes::of(&[TarEntry::file(".wh.a", ""), TarEntry::file("a/b", "below\n")]),
        "whiteout-of-dot" => files([("d/.wh.", ""), ("d/.wh..", ""), ("d/.wh...", "")]),
        "whiteout-beside-file" => files([(".wh.a", ""), ("a", "content\n")]),
        "whiteout-of-directory" => Nodes::of(&[TarEntry::dir(".wh.d/"), TarEntry::file(".wh.f", "content\n")]),
        _ => return None,
    })
}

fn tools(slug: &str) -> Option<Nodes> {
    let one = |change: fn(&mut TreeEntryOutput)| files([("file", "content\n")]).changed("file", change);
    Some(match slug {
        "tool-gnu-tar" => Nodes::of(&[TarEntry::dir("d/"), TarEntry::file("d/file", "content\n")]),
        "tool-bsdtar" => one(|node| {
            node.uid = Some(Decimal(1000));
            node.gid = Some(Decimal(100));
            node.mtime = Some("1700000000.123456789".to_owned());
        }),
        "tool-python" => one(|node| node.mtime = Some("1700000000.1234567".to_owned())),
        "tool-dpkg" => Nodes::of(&[
            TarEntry::dir("./"),
            TarEntry::dir("./usr/"),
            TarEntry::file(&format!("./usr/share/doc/{}/copyright", "n".repeat(90)), "content\n"),
            TarEntry::symlink("./usr/link", "share/doc"),
        ]),
        "tool-reproducible" => {
            let at_0 = |entry: TarEntry| entry.edit(|entry| entry.mtime = 0);
            Nodes::of(&[at_0(TarEntry::dir("d/")), at_0(TarEntry::file("d/file", "content\n"))])
        }
        "tool-selinux" => one(|node| {
            let label = b"system_u:object_r:bin_t:s0\0";
            node.xattrs = [(STANDARD.encode("security.selinux"), STANDARD.encode(label))].into();
        }),
        "tool-acl" => one(|_| {}),
        "tool-macos" => Nodes::of(&[TarEntry::file("._file", b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ")]).with(
            &TarEntry::file("file", "content\n")
                .edit(|entry| entry.xattrs = vec![("com.apple.quarantine".into(), b"0083".to_vec())]),
        ),
        "tool-aufs" => Nodes::of(&[
            TarEntry::file(".wh..wh.aufs", ""),
            TarEntry::dir(".wh..wh.orph/"),
            TarEntry::dir(".wh..wh.plnk/"),
            TarEntry::file(".wh..wh.plnk/123.456", "content\n"),
            TarEntry::hard_link("file", ".wh..wh.plnk/123.456"),
        ]),
        "tool-overlay" => Nodes::of(&[
            TarEntry::device(b'3', "gone", 0, 0),
            TarEntry::dir("d/").edit(|entry| entry.xattrs = vec![("trusted.overlay.opaque".into(), b"y".to_vec())]),
            TarEntry::file("d/new", "content\n"),
        ]),
        _ => return None,
    })
}
