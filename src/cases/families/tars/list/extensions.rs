//! PAX records and GNU names that tar readers read differently.

use super::{
    super::{EditInPlace, Rule, TarEntry, end, file, open as open_of, with_record},
    fresh::{Table, gnu_long, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};
use crate::forge::tar::{extension_of, record};

const WHY: &str = "The name, the owner, the time or the size is another one to the next reader of the tar.";

const EXTENSION: &[Rule] = &[Rule::TarExtension];

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    names(&mut table);
    repeated(&mut table);
    values(&mut table);
    malformed(&mut table);
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
