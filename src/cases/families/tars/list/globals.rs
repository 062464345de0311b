//! Global PAX headers.

use super::{
    super::{EditInPlace, Rule, TarEntry, archive},
    fresh::{Table, global, gnu_long, inner_header, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};
use crate::forge::tar::{extension_of, record};

const WHY: &str = "POSIX gives the records of a global header to all entries after it, and Go to none: anyone who inspects the tar with one \
                   reader sees other files than those that the next one creates.";

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    applied(&mut table);
    sizes(&mut table);
    between(&mut table);
    harmless(&mut table);
    table
}

/// What a record changes in an entry.
type Change = fn(&mut TarEntry);

fn open(none: Nodes, posix: Nodes) -> OpenTree {
    OpenTree::read("tar-global-records", none).or("posix", posix)
}

fn applied(table: &mut Table) {
    let rows: [(&str, &str, &str, &str, Change); 5] = [
        ("uid", "an owner", "uid", "1000", |entry| entry.uid = 1000),
        ("gid", "a group", "gid", "1000", |entry| entry.gid = 1000),
        ("mtime", "a time", "mtime", "5", |entry| entry.mtime = 5),
        ("path", "a path", "path", "other", |entry| {
            entry.name = b"other".to_vec();
        }),
        ("xattr", "an extended attribute", "SCHILY.xattr.user.a", "1", |entry| {
            entry.xattrs = vec![("user.a".into(), b"1".to_vec())];
        }),
    ];
    let [a, b] = ["a", "b"].map(short);
    for (slug, title, key, value, change) in rows {
        let header = global(key, value);
        let [changed_a, changed_b] = [&a, &b].map(|entry| entry.clone().edit(change));
        // The cases of `tarsplit/disassemble` have the first two rows with one file.
        table.open(
            &format!("global-{slug}-of-two"),
            &format!("a global PAX header with {title} before two files"),
            tar_of(&[(&header, a.clone()), (NONE, b.clone())]),
            open(
                nodes([a.clone(), b.clone()]),
                nodes([changed_a.clone(), changed_b.clone()]),
            ),
        );
        table.open(
            &format!("global-{slug}-of-second"),
            &format!("a global PAX header with {title} between two files"),
            tar_of(&[(NONE, a.clone()), (&header, b.clone())]),
            open(nodes([a.clone(), b.clone()]), nodes([a.clone(), changed_b.clone()])),
        );
        table.open(
            &format!("global-{slug}-of-all-headers"),
            &format!("two global PAX headers, the second with {title}"),
            tar_of(&[(&[global("comment", "1"), header.clone()].concat(), a.clone())]),
            open(nodes([a.clone()]), nodes([changed_a])),
        );
        if slug != "xattr" {
            table.open(
                &format!("global-{slug}-kept"),
                &format!(
                    "a global PAX header with {title}, and a PAX header with another record for the first of two files"
                ),
                tar_of(&[(&[header, pax("comment", "a")].concat(), a.clone()), (NONE, b.clone())]),
                open(
                    nodes([a.clone(), b.clone()]),
                    nodes([a.clone().edit(change), changed_b]),
                ),
            );
        }
    }
    let target = |target: &str| nodes([TarEntry::symlink("l", target)]);
    table.open(
        "global-linkpath",
        "a global PAX header with a link target before a symbolic link",
        tar_of(&[(&global("linkpath", "other"), TarEntry::symlink("l", "here"))]),
        open(target("here"), target("other")),
    );
    table.open(
        "global-linkpath-of-hard-link",
        "a global PAX header with the target of a hard link",
        tar_of(&[
            (NONE, TarEntry::file("a", "first\n")),
            (NONE, TarEntry::file("b", "other\n")),
            (&global("linkpath", "b"), TarEntry::hard_link("l", "a")),
        ]),
        open(
            nodes([
                TarEntry::file("a", "first\n"),
                TarEntry::file("b", "other\n"),
                TarEntry::file("l", "first\n"),
            ]),
            nodes([
                TarEntry::file("a", "first\n"),
                TarEntry::file("b", "other\n"),
                TarEntry::file("l", "other\n"),
            ]),
        ),
    );
    let uid = |entry: TarEntry, uid| entry.edit(|entry| entry.uid = uid);
    table.open(
        "global-uid-local",
        "a global PAX header with an owner, and a PAX header with another for the first of two files",
        tar_of(&[
            (&[global("uid", "1000"), pax("uid", "7")].concat(), a.clone()),
            (NONE, b.clone()),
        ]),
        open(
            nodes([uid(a.clone(), 7), b.clone()]),
            nodes([uid(a.clone(), 7), uid(b.clone(), 1000)]),
        ),
    );
    table.open(
        "global-uid-twice",
        "global PAX headers with two owners, each before a file",
        tar_of(&[(&global("uid", "1000"), a.clone()), (&global("uid", "2000"), b.clone())]),
        open(nodes([a.clone(), b.clone()]), nodes([uid(a, 1000), uid(b, 2000)])),
    );
}

/// A size moves what comes after.
fn sizes(table: &mut Table) {
    let choice = |none, posix| OpenTree::read("tar-global-size", none).or("posix", posix);
    let outer = |content: &[u8]| TarEntry::file("outer", content);
    table.open(
        "global-size-smuggles",
        "a global PAX header with a size of 0, and a file whose content is the header of another",
        tar_of(&[(&global("size", "0"), outer(&inner_header()))]),
        choice(
            nodes([outer(&inner_header())]),
            nodes([outer(b""), TarEntry::file("inner", "")]),
        )
        .or("content", nodes([outer(b"")])),
    );
    let two = [inner_header(), TarEntry::file("second", "").header()].concat();
    table.open(
        "global-size-smuggles-two",
        "a global PAX header with a size of 0, and a file whose content are two headers",
        tar_of(&[(&global("size", "0"), outer(&two))]),
        choice(
            nodes([outer(&two)]),
            nodes([outer(b""), TarEntry::file("inner", ""), TarEntry::file("second", "")]),
        )
        .or("content", nodes([outer(b"")])),
    );
    let hidden = TarEntry::file("hidden", "");
    table.open(
        "global-size-hides",
        "a global PAX header with a size of 512, and the headers of two empty files",
        tar_of(&[(&global("size", "512"), outer(b"")), (NONE, hidden.clone())]),
        choice(nodes([outer(b""), hidden.clone()]), nodes([outer(&hidden.header())])).or(
            "content",
            nodes([outer(&hidden.header()), TarEntry::file("hidden", [0; 512])]),
        ),
    );
}

/// A global header between a header of one entry and the entry.
fn between(table: &mut Table) {
    let comment = global("comment", "a");
    let open = |none, posix| OpenTree::read("tar-global-between", none).or("posix", posix);
    let a = || short("a");
    let named = |name: &str| nodes([short(name)]);
    let rows: [(&str, &str, Vec<u8>, Nodes); 4] = [
        ("gnu-name", "a GNU long name", gnu_long(b'L', b"name\0"), named("name")),
        (
            "uid",
            "a PAX header with an owner",
            pax("uid", "7"),
            nodes([a().edit(|entry| entry.uid = 7)]),
        ),
        (
            "mtime",
            "a PAX header with a time",
            pax("mtime", "5"),
            nodes([a().edit(|entry| entry.mtime = 5)]),
        ),
        ("path", "a PAX header with a path", pax("path", "name"), named("name")),
    ];
    for (slug, title, local, kept) in rows {
        table.open(
            &format!("global-between-{slug}"),
            &format!("{title}, a global PAX header and a file"),
            tar_of(&[(&[local, comment.clone()].concat(), a())]),
            open(nodes([a()]), kept),
        );
    }
    table.open(
        "global-between-gnu-link",
        "a GNU long link target, a global PAX header and a symbolic link",
        tar_of(&[(
            &[gnu_long(b'K', b"target\0"), comment.clone()].concat(),
            TarEntry::symlink("l", "here"),
        )]),
        open(
            nodes([TarEntry::symlink("l", "here")]),
            nodes([TarEntry::symlink("l", "target")]),
        ),
    );
    table.open(
        "global-between-size",
        "a PAX header with a size of 0, a global PAX header and a file whose content is the header of another",
        tar_of(&[(
            &[pax("size", "0"), comment.clone()].concat(),
            TarEntry::file("outer", inner_header()),
        )]),
        open(
            nodes([TarEntry::file("outer", inner_header())]),
            nodes([TarEntry::file("outer", ""), TarEntry::file("inner", "")]),
        ),
    );
    table.open(
        "global-between-before",
        "a PAX header with a path, a global PAX header, a PAX header with an owner and a file",
        tar_of(&[(&[pax("path", "name"), comment, pax("uid", "7")].concat(), a())]),
        // What of two PAX headers counts is another question.
        OpenTree::read("tar-global-between-two", nodes([a().edit(|entry| entry.uid = 7)]))
            .or("merged", nodes([short("name").edit(|entry| entry.uid = 7)])),
    );
}

/// Global headers that change nothing.
fn harmless(table: &mut Table) {
    let a = || short("a");
    for (slug, title, headers) in [
        (
            "git",
            "a global PAX header with the hash of a commit, as `git archive` writes it",
            global("comment", "0123456789abcdef0123456789abcdef01234567"),
        ),
        (
            "vendor",
            "a global PAX header with a record of a vendor",
            global("VENDOR.key", "value"),
        ),
        (
            "two-comments",
            "two global PAX headers with comments",
            global("comment", "a").repeat(2),
        ),
        (
            "upper-case",
            "a global PAX header with a key in upper case",
            global("UID", "7"),
        ),
        (
            "of-two-records",
            "a global PAX header with two records that no reader applies",
            extension_of(b'g', &[record("comment", b"a"), record("charset", b"UTF-8")].concat()),
        ),
    ] {
        table.tree(
            &format!("global-{slug}"),
            title,
            Rule::EntrySets,
            [headers, archive(&[a()])].concat(),
            nodes([a()]),
        );
    }
    table.tree(
        "global-before-pax",
        "a global PAX header with a comment, and a PAX header with a path after it",
        Rule::TarExtension,
        tar_of(&[(&[global("comment", "a"), pax("path", "name")].concat(), a())]),
        nodes([short("name")]),
    );
    table.tree(
        "global-between-files",
        "a global PAX header with a comment between two files",
        Rule::EntrySets,
        tar_of(&[(NONE, a()), (&global("comment", "a"), short("b"))]),
        nodes([a(), short("b")]),
    );
}
