//! PAX records, GNU names and fields that tar readers read differently.

use super::{
    super::{EditInPlace, Rule, TarEntry, end, file, open as open_of, patched, with_record},
    fresh::{Table, gnu_long, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};
use crate::forge::tar::{extension_of, record};

const WHY: &str = "The name, the owner, the time or the size is another one to the next reader of the tar.";

const NONE: &[u8] = b"";

const EXTENSION: &[Rule] = &[Rule::TarExtension];

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    names(&mut table);
    repeated(&mut table);
    values(&mut table);
    malformed(&mut table);
    sparse(&mut table);
    fields(&mut table);
    ends(&mut table);
    table
}

fn link(target: &str) -> TarEntry {
    TarEntry::symlink("l", target)
}

/// A PAX record and a GNU long name for one field.
fn names(table: &mut Table) {
    let name = |pax_first: bool, pax_header: Vec<u8>, gnu: Vec<u8>| {
        if pax_first {
            [pax_header, gnu].concat()
        } else {
            [gnu, pax_header].concat()
        }
    };
    for (slug, title, pax_first) in [
        ("pax-then-gnu", "and then a GNU", true),
        ("gnu-then-pax", "after a GNU", false),
    ] {
        let open = |gnu: Nodes, of_pax: Nodes| {
            let first = if pax_first { of_pax.clone() } else { gnu.clone() };
            OpenTree::read("tar-two-names", gnu)
                .or("pax", of_pax)
                .or("first", first)
        };
        let header = name(pax_first, pax("path", "pax"), gnu_long(b'L', b"gnu\0"));
        table.open(
            &format!("name-{slug}"),
            &format!("a PAX path {title} long name"),
            tar_of(&[(&header, short("a"))]),
            open(nodes([short("gnu")]), nodes([short("pax")])),
        );
        let header = name(pax_first, pax("linkpath", "pax"), gnu_long(b'K', b"gnu\0"));
        table.open(
            &format!("link-{slug}"),
            &format!("a PAX link target {title} long link target"),
            tar_of(&[(&header, link("here"))]),
            open(nodes([link("gnu")]), nodes([link("pax")])),
        );
        let header = name(pax_first, pax("uid", "7"), gnu_long(b'L', b"gnu\0"));
        table.tree(
            &format!("name-{slug}-owner"),
            &format!("a PAX owner {title} long name"),
            Rule::TarExtension,
            tar_of(&[(&header, short("a"))]),
            nodes([short("gnu").edit(|entry| entry.uid = 7)]),
        );
    }
    for (slug, title, flag, body, is_link) in [
        (
            "gnu-name-of-0-bytes",
            "a GNU long name of 0 bytes",
            b'L',
            &b""[..],
            false,
        ),
        ("gnu-name-of-nul", "a GNU long name that is a NUL", b'L', b"\0", false),
        (
            "gnu-link-of-0-bytes",
            "a GNU long link target of 0 bytes",
            b'K',
            b"",
            true,
        ),
        (
            "gnu-link-of-nul",
            "a GNU long link target that is a NUL",
            b'K',
            b"\0",
            true,
        ),
    ] {
        let entry = if is_link { link("here") } else { short("a") };
        let choice = if is_link {
            "tar-empty-long-link"
        } else {
            "tar-empty-long-name"
        };
        let open = OpenTree::read(choice, nodes([entry.clone()]));
        table.open(
            slug,
            title,
            tar_of(&[(&gnu_long(flag, body), entry)]),
            if is_link {
                open
            } else {
                open.or("empty", Nodes::default())
            },
        );
    }
    for (slug, title, body) in [
        (
            "gnu-name-two-nuls",
            "a GNU long name that ends with two NULs",
            &b"long\0\0"[..],
        ),
        ("gnu-name-short", "a GNU long name of a single byte", b"n"),
        (
            "gnu-name-511-and-nul",
            "a GNU long name and its NUL that fill a block",
            &[&[b'd'; 255][..], b"/", &[b'n'; 255], b"\0"].concat(),
        ),
    ] {
        let end = body.iter().position(|&byte| byte == 0).unwrap_or(body.len());
        let entry = short("a").edit(|entry| entry.name = body[..end].to_vec());
        table.tree(
            slug,
            title,
            Rule::TarExtension,
            tar_of(&[(&gnu_long(b'L', body), short("a"))]),
            nodes([entry]),
        );
    }
    table.tree(
        "gnu-name-and-link",
        "a GNU long link target and a GNU long name before one symbolic link",
        Rule::TarExtension,
        tar_of(&[(
            &[gnu_long(b'K', b"target\0"), gnu_long(b'L', b"name\0")].concat(),
            link("here"),
        )]),
        nodes([TarEntry::symlink("name", "target")]),
    );
}

/// Several headers of a kind before one entry.
fn repeated(table: &mut Table) {
    let named = |name: &str| nodes([short(name)]);
    table.open(
        "gnu-names-in-a-row",
        "two GNU long names in a row",
        tar_of(&[(
            &[gnu_long(b'L', b"first\0"), gnu_long(b'L', b"second\0")].concat(),
            short("a"),
        )]),
        OpenTree::read("tar-names-repeated", named("second")).or("first", named("first")),
    );
    table.open(
        "gnu-links-in-a-row",
        "two GNU long link targets in a row",
        tar_of(&[(
            &[gnu_long(b'K', b"first\0"), gnu_long(b'K', b"second\0")].concat(),
            link("here"),
        )]),
        OpenTree::read("tar-names-repeated", nodes([link("second")])).or("first", nodes([link("first")])),
    );
    let uid = |name: &str| short(name).edit(|entry| entry.uid = 7);
    for (slug, title, headers, merged) in [
        (
            "pax-headers-of-two-keys",
            "a PAX header with an owner, and one with a path",
            [pax("uid", "7"), pax("path", "name")].concat(),
            uid("name"),
        ),
        (
            "pax-headers-of-three",
            "a PAX header with an owner, one with a comment and one with a path",
            [pax("uid", "7"), pax("comment", "a"), pax("path", "name")].concat(),
            uid("name"),
        ),
    ] {
        table.open(
            slug,
            title,
            tar_of(&[(&headers, short("a"))]),
            OpenTree::read("tar-pax-headers-repeated", named("name")).or("merged", nodes([merged])),
        );
    }
    let two = [record("uid", b"5"), record("path", b"name"), record("uid", b"7")].concat();
    table.tree(
        "pax-key-between-twice",
        "one PAX header with an owner twice and a path between",
        Rule::TarExtension,
        tar_of(&[(&extension_of(b'x', &two), short("a"))]),
        nodes([uid("name")]),
    );
}

/// Values that some accept and others do not.
fn values(table: &mut Table) {
    let id = |uid: i64| Nodes::of(&[file()]).changed("file-x", |node| node.uid = Some(uid.into()));
    let gid = |gid: i64| Nodes::of(&[file()]).changed("file-x", |node| node.gid = Some(gid.into()));
    table.open(
        "pax-gid-plus",
        "a group with a plus sign",
        with_record("gid", b"+1000"),
        OpenTree::read("tar-signed-values", gid(1000)).or("zero", gid(0)),
    );
    for (slug, title, value, bits) in [
        ("pax-gid-negative", "a group of -2", "-2", 4_294_967_294),
        ("pax-gid-2-32", "a group of 2^32", "4294967296", 0),
        (
            "pax-gid-2-32-minus-1",
            "a group of 2^32 - 1",
            "4294967295",
            4_294_967_295,
        ),
        ("pax-gid-2-53", "a group of 2^53 + 1", "9007199254740993", 1),
    ] {
        let tar = with_record("gid", value.as_bytes());
        table.open(
            slug,
            title,
            tar,
            OpenTree::tree("tar-large-owner", gid(value.parse().unwrap_or_default())).or("bits-32", gid(bits)),
        );
    }
    let mut header_id = file();
    header_id.uid = 7;
    let with_id = |key: &str| [pax(key, ""), open_of(&[header_id.clone()]), end()].concat();
    table.open(
        "pax-uid-empty",
        "a PAX owner without a value, and another in the header",
        with_id("uid"),
        OpenTree::read("tar-empty-values", id(7)).or("zero", id(0)),
    );
    table.open(
        "pax-mtime-empty",
        "a PAX time without a value, and another in the header",
        with_record("mtime", b""),
        OpenTree::read("tar-empty-values", nodes([file()])).or("zero", nodes([file().edit(|entry| entry.mtime = 0)])),
    );
    table.open(
        "pax-linkpath-empty",
        "a PAX link target without a value, and another in the header",
        tar_of(&[(&pax("linkpath", ""), link("here"))]),
        OpenTree::read("tar-empty-link-record", nodes([link("here")])),
    );
    for (slug, title, key, value) in [
        (
            "pax-schily-dev",
            "records of the inode, as star and bsdtar write them",
            "SCHILY.dev",
            "66306",
        ),
        (
            "pax-libarchive-creationtime",
            "a time of creation",
            "LIBARCHIVE.creationtime",
            "1600000000",
        ),
        (
            "pax-realtime",
            "an unknown key of POSIX's reserved names",
            "realtime.a",
            "1",
        ),
        ("pax-charset", "the character set of the content", "charset", "BINARY"),
    ] {
        table.tree(
            slug,
            title,
            Rule::TarExtension,
            with_record(key, value.as_bytes()),
            nodes([file()]),
        );
    }
}

/// Values that no released writer emits.
fn malformed(table: &mut Table) {
    type Row = (&'static str, &'static str, &'static str);
    let rows: [Row; 12] = [
        ("space-first", "a space before", " 1000"),
        ("line-feed", "a line feed after", "1000\n"),
        ("nul", "a NUL after", "1000\0"),
        ("underscore", "an underscore in", "1_000"),
        ("hexadecimal", "hexadecimal digits for", "0x3e8"),
        ("arabic", "Arabic digits for", "\u{661}\u{660}\u{660}\u{660}"),
        ("sign-alone", "a plus sign alone for", "+"),
        ("two-signs", "two minus signs before", "--1000"),
        ("exponent", "an exponent in", "1e3"),
        ("comma", "a comma in", "1,000"),
        ("text-after", "letters after", "1000x"),
        ("2-63", "2^63 for", "9223372036854775808"),
    ];
    for (slug, change, value) in rows {
        for (key, what, twin) in [
            ("gid", "the group", "tarlist-gid"),
            ("ctime", "the time of change", "tarlist-ctime"),
        ] {
            let twin = if twin == "tarlist-gid" { "pax-gid" } else { "pax-ctime" };
            table.refused(
                &format!("pax-{key}-{slug}"),
                twin,
                &format!("{change} {what}"),
                EXTENSION,
                with_record(key, value.as_bytes()),
            );
        }
    }
    for (slug, change, body) in [
        (
            "pax-record-length-two-spaces",
            "two spaces after the length of a record, which is counted without one",
            &b"12  a=bbbbbb\n"[..],
        ),
        (
            "pax-record-length-comma",
            "a comma in the length of a record",
            b"1,2 a=bbbbb\n",
        ),
        (
            "pax-record-length-fraction",
            "a fraction in the length of a record",
            b"13.0 a=bbbbb\n",
        ),
        (
            "pax-record-carriage-return",
            "a carriage return for the line feed of a record",
            b"6 a=b\r",
        ),
        ("pax-records-then-space", "a space after the last record", b"6 a=b\n "),
    ] {
        table.refused(slug, "pax-comment", change, EXTENSION, super::super::behind_pax(body));
    }
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
        ("letter", "d"),
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
