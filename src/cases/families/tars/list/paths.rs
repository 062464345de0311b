//! Paths at which an entry can and cannot be created.

use super::{
    super::{EditInPlace, Rule, TarEntry},
    fresh::{Table, nodes, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};

pub(super) const WHY: &str =
    "The entry is put elsewhere, or takes away another one: what is inspected is not what is unpacked.";

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    below(&mut table);
    through_links(&mut table);
    through_40_links(&mut table);
    replaced(&mut table);
    links_above_and_below(&mut table);
    roots(&mut table);
    table
}

pub(super) fn tar<const N: usize>(entries: [TarEntry; N]) -> Vec<u8> {
    tar_of(&entries.map(|entry| (NONE, entry)))
}

fn below(table: &mut Table) {
    let parents = [
        ("file", "a file", short("a"), "tar-below-file"),
        (
            "char",
            "a character device",
            TarEntry::device(b'3', "a", 1, 3),
            "tar-below-file",
        ),
        ("fifo", "a fifo", TarEntry::device(b'6', "a", 0, 0), "tar-below-file"),
        (
            "dangling",
            "a symbolic link that leads nowhere",
            TarEntry::symlink("a", "nowhere"),
            "tar-below-dangling",
        ),
    ];
    for (slug, title, parent, choice) in parents {
        for (of, what, child) in [
            ("directory", "a directory", TarEntry::dir("a/b/")),
            ("symlink", "a symbolic link", TarEntry::symlink("a/b", "c")),
            ("deep", "a file two levels", TarEntry::file("a/b/c", "content\n")),
        ] {
            table.open(
                &format!("below-{slug}-{of}"),
                &format!("{what} below {title}"),
                tar([parent.clone(), child.clone()]),
                OpenTree::tree(choice, nodes([child])),
            );
        }
    }
    table.open(
        "below-link-to-file",
        "a file below a hard link",
        tar([short("f"), TarEntry::hard_link("a", "f"), short("a/b")]),
        OpenTree::tree("tar-below-file", nodes([short("f"), short("a/b")])),
    );
    table.open(
        "below-symlink-to-file",
        "a file below a symbolic link to a file",
        tar([short("f"), TarEntry::symlink("a", "f"), short("a/b")]),
        OpenTree::tree("tar-below-dangling", nodes([short("f"), short("a/b")])),
    );
}

/// Entries below a symbolic link to a directory.
fn through_links(table: &mut Table) {
    let d = || TarEntry::dir("d/");
    type Row = (
        &'static str,
        &'static str,
        &'static str,
        Vec<TarEntry>,
        TarEntry,
        TarEntry,
    );
    let rows: [Row; 7] = [
        (
            "file",
            "a file below a symbolic link to a directory",
            "tar-below-symlink",
            vec![d(), TarEntry::symlink("a", "d")],
            short("a/b"),
            short("d/b"),
        ),
        (
            "directory",
            "a directory below a symbolic link to a directory",
            "tar-below-symlink",
            vec![d(), TarEntry::symlink("a", "d")],
            TarEntry::dir("a/b/"),
            TarEntry::dir("d/b/"),
        ),
        (
            "dot",
            "a file below a symbolic link to its own directory",
            "tar-below-symlink",
            vec![d(), TarEntry::symlink("d/a", ".")],
            short("d/a/b"),
            short("d/b"),
        ),
        (
            "chain",
            "a file below a symbolic link to a symbolic link to a directory",
            "tar-below-symlink",
            vec![d(), TarEntry::symlink("m", "d"), TarEntry::symlink("a", "m")],
            short("a/b"),
            short("d/b"),
        ),
        (
            "absolute",
            "a file below a symbolic link to a directory from the root",
            "tar-below-far-symlink",
            vec![d(), TarEntry::symlink("a", "/d")],
            short("a/b"),
            short("d/b"),
        ),
        (
            "up",
            "a file below a symbolic link that goes up",
            "tar-below-far-symlink",
            vec![d(), TarEntry::dir("e/"), TarEntry::symlink("e/a", "../d")],
            short("e/a/b"),
            short("d/b"),
        ),
        (
            "usr-merge",
            "a file below a symbolic link to a directory of a merged /usr",
            "tar-below-symlink",
            vec![
                TarEntry::dir("usr/"),
                TarEntry::dir("usr/bin/"),
                TarEntry::symlink("bin", "usr/bin"),
            ],
            short("bin/b"),
            short("usr/bin/b"),
        ),
    ];
    for (slug, title, choice, before, child, found) in rows {
        let all: Vec<TarEntry> = before.iter().cloned().chain([child]).collect();
        let parts: Vec<(&[u8], TarEntry)> = all.into_iter().map(|entry| (NONE, entry)).collect();
        table.open(
            &format!("through-symlink-{slug}"),
            title,
            tar_of(&parts),
            OpenTree::tree(choice, Nodes::of(&before).with(&found)),
        );
    }
    table.open(
        "through-symlink-loop",
        "a file below a symbolic link to itself",
        tar([TarEntry::symlink("a", "a"), short("a/b")]),
        OpenTree::tree("tar-below-dangling", nodes([short("a/b")])),
    );
}

/// As many as Linux follows in one path.
fn through_40_links(table: &mut Table) {
    let mut before = vec![TarEntry::dir("d/"), TarEntry::symlink("l1", "d")];
    before.extend((2..=40).map(|number| TarEntry::symlink(&format!("l{number}"), &format!("l{}", number - 1))));
    let parts: Vec<(&[u8], TarEntry)> = before
        .iter()
        .cloned()
        .chain([short("l40/b")])
        .map(|entry| (NONE, entry))
        .collect();
    table.open(
        "through-symlink-chain-of-40",
        "a file below the last of 40 symbolic links, each of which leads to the one before it and the first to a directory",
        tar_of(&parts),
        OpenTree::tree("tar-below-symlink", Nodes::of(&before).with(&short("d/b"))),
    );
}

fn replaced(table: &mut Table) {
    let file = |content: &str| TarEntry::file("a", content);
    let kinds = || {
        [
            ("file", "a file", file("first\n")),
            ("directory", "a directory", TarEntry::dir("a/")),
            ("symlink", "a symbolic link", TarEntry::symlink("a", "x")),
            ("fifo", "a fifo", TarEntry::device(b'6', "a", 0, 0)),
        ]
    };
    for (before_slug, before_title, before) in kinds() {
        for (slug, title, entry) in kinds() {
            let entry = entry.edit(|entry| entry.mtime = 5);
            if before_slug == slug && slug == "fifo" {
                continue;
            }
            table.tree(
                &format!("replaced-{before_slug}-by-{slug}"),
                &format!("{before_title} and then {title} of the same name"),
                Rule::EntryUnique,
                tar([before.clone(), entry.clone()]),
                nodes([entry]),
            );
        }
    }
    for (slug, title, entry) in [
        ("file", "a file", file("content\n")),
        ("symlink", "a symbolic link", TarEntry::symlink("a", "x")),
    ] {
        table.open(
            &format!("replaced-full-directory-by-{slug}"),
            &format!("a directory with a file in it, and then {title} of the same name"),
            tar([TarEntry::dir("a/"), short("a/b"), entry.clone()]),
            OpenTree::tree("tar-replaced-directory", nodes([entry])),
        );
    }
    table.tree(
        "replaced-directory-keeps-content",
        "a directory with a file in it, and then the directory again with another mode",
        Rule::EntryUnique,
        tar([
            TarEntry::dir("a/").edit(|entry| entry.mode = 0o700),
            short("a/b"),
            TarEntry::dir("a/"),
        ]),
        nodes([TarEntry::dir("a/"), short("a/b")]),
    );
    table.tree(
        "replaced-target-of-symlink",
        "a symbolic link to a file, and then a file in the place of the link",
        Rule::EntryUnique,
        tar([short("f"), TarEntry::symlink("a", "f"), file("new\n")]),
        nodes([short("f"), file("new\n")]),
    );
    table.tree(
        "replaced-symlink-to-directory",
        "a symbolic link to a directory, a directory in its place and a file in that",
        Rule::EntryUnique,
        tar([
            TarEntry::dir("d/"),
            TarEntry::symlink("a", "d"),
            TarEntry::dir("a/"),
            short("a/b"),
        ]),
        nodes([TarEntry::dir("d/"), TarEntry::dir("a/"), short("a/b")]),
    );
    for (slug, title, second) in [
        ("dot", "by way of a dot", "d/./a"),
        ("slashes", "with two slashes", "d//a"),
        ("absolute", "with a slash before it", "/d/a"),
        ("dot-slash", "with `./` before it", "./d/a"),
    ] {
        table.tree(
            &format!("replaced-name-{slug}"),
            &format!("a file twice, the second time {title}"),
            Rule::EntryUnique,
            tar([TarEntry::file("d/a", "first\n"), TarEntry::file(second, "other\n")]),
            nodes([TarEntry::file("d/a", "other\n")]),
        );
    }
}

/// Symbolic links whose target has the name of what is above them, or below.
fn links_above_and_below(table: &mut Table) {
    for (slug, title, entries) in [
        (
            "to-below-itself",
            "a symbolic link to a name below itself",
            [TarEntry::symlink("a", "a/b"), short("b")],
        ),
        (
            "to-name-of-folder",
            "a symbolic link in a directory whose target has the name of that directory",
            [TarEntry::symlink("a/b", "a"), short("b")],
        ),
    ] {
        table.tree(
            &format!("symlink-{slug}"),
            title,
            Rule::TarTree,
            tar(entries.clone()),
            nodes(entries),
        );
    }
}

fn roots(table: &mut Table) {
    for (slug, name) in [("dot-slash", "./"), ("dot", "."), ("slash", "/"), ("dots", "././")] {
        let root = TarEntry::dir(name).edit(|entry| {
            entry.mode = 0o700;
            entry.mtime = 5;
        });
        table.open(
            &format!("root-{slug}"),
            &format!("the root as {name}, with a mode and a time of its own"),
            tar([root.clone(), short("a")]),
            OpenTree::read("tar-root", nodes([root, short("a")])).or("kept", nodes([short("a")])),
        );
    }
    for (slug, title, choice, entry) in [
        ("file", "a file", "tar-root-file", TarEntry::file("./", "content\n")),
        (
            "empty-file",
            "an empty file",
            "tar-root-empty-file",
            TarEntry::file("./", ""),
        ),
        (
            "symlink",
            "a symbolic link",
            "tar-root-other",
            TarEntry::symlink("./", "x"),
        ),
        (
            "device",
            "a device",
            "tar-root-other",
            TarEntry::device(b'3', "./", 1, 3),
        ),
        ("fifo", "a fifo", "tar-root-other", TarEntry::device(b'6', "./", 0, 0)),
    ] {
        let mut open = OpenTree::tree(choice, nodes([short("a")]));
        if slug == "empty-file" {
            let root = TarEntry::dir("./").edit(|entry| entry.mode = 0o644);
            open = open.or("gnu", nodes([root, short("a")]));
        }
        table.open(
            &format!("root-as-{slug}"),
            &format!("{title} in the place of the root"),
            tar([entry, short("a")]),
            open,
        );
    }
    let left_out = || OpenTree::tree("tar-root-other", nodes([short("a")]));
    table.open(
        "root-as-hard-link",
        "a hard link to a file before it in the place of the root",
        tar([short("a"), TarEntry::hard_link("./", "a")]),
        left_out(),
    );
    table.open(
        "root-as-hard-link-missing",
        "a hard link to nothing in the place of the root",
        tar([TarEntry::hard_link("./", "b"), short("a")]),
        left_out(),
    );
    for (slug, title, name) in [
        (
            "two-levels",
            "a name that leads out of the root by two levels",
            "../../a",
        ),
        (
            "inside",
            "a name that leads out of the root from a directory",
            "d/../../a",
        ),
        ("through-dot", "a name that leads out of the root after a dot", "./../a"),
    ] {
        table.open(
            &format!("escape-{slug}"),
            title,
            tar([short(name)]),
            OpenTree::tree("tar-escape", nodes([short("a")])),
        );
    }
    for (slug, title, entries, found) in [
        (
            "directory-there",
            "a name that goes up from a directory that is there",
            [TarEntry::dir("d/"), short("d/../a")],
            [TarEntry::dir("d/"), short("a")],
        ),
        (
            "end",
            "a directory whose name ends with `..`",
            [short("d/a"), TarEntry::dir("d/e/..")],
            [short("d/a"), TarEntry::dir("d/")],
        ),
    ] {
        table.open(
            &format!("inner-dot-dot-{slug}"),
            title,
            tar(entries),
            OpenTree::tree("tar-inner-dot-dot", nodes(found)),
        );
    }
    for (slug, title, target) in [
        ("up", "a symbolic link that leads out of the root", "../x"),
        (
            "far",
            "a symbolic link that leads out of the root by four levels",
            "../../../../etc/passwd",
        ),
        (
            "back",
            "a symbolic link that leads out of the root and back",
            "../x/../y",
        ),
        (
            "dot",
            "a symbolic link that leads out of the root after a dot",
            "./../x",
        ),
        (
            "slashes",
            "a symbolic link that leads out of the root after two slashes",
            "d//../../x",
        ),
    ] {
        table.open(
            &format!("link-escape-{slug}"),
            title,
            tar([TarEntry::symlink("l", target)]),
            OpenTree::tree("tar-link-escape", nodes([TarEntry::symlink("l", target)])),
        );
    }
    table.tree(
        "link-absolute",
        "a symbolic link to an absolute path",
        Rule::EntryMetadata,
        tar([TarEntry::symlink("l", "/etc/passwd")]),
        nodes([TarEntry::symlink("l", "/etc/passwd")]),
    );
}
