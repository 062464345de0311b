//! Whiteouts, of layers and of overlayfs. To a tar they are files like others, and those who apply layers differ about some.

use super::{
    super::{EditInPlace, Rule, TarEntry},
    fresh::{Table, nodes, short},
    open::OpenTree,
    paths::tar,
};

const WHY: &str = "A layer takes away or brings back what no other reader of the image expects.";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    names(&mut table);
    beside(&mut table);
    opaque(&mut table);
    below(&mut table);
    of_overlayfs(&mut table);
    usual(&mut table);
    table
}

fn whiteout(name: &str) -> TarEntry {
    TarEntry::file(name, "")
}

/// Whiteouts of nothing.
fn names(table: &mut Table) {
    for (slug, title, entry) in [
        ("empty", "a whiteout of nothing in the root", whiteout(".wh.")),
        ("dot", "a whiteout of `.`", whiteout("d/.wh..")),
        ("dot-dot", "a whiteout of `..`", whiteout("d/.wh...")),
        ("root-dot-dot", "a whiteout of `..` in the root", whiteout(".wh...")),
        (
            "directory",
            "a whiteout of nothing that is a directory",
            TarEntry::dir("d/.wh./"),
        ),
    ] {
        table.open(
            &format!("whiteout-name-{slug}"),
            title,
            tar([entry.clone()]),
            OpenTree::tree("tar-whiteout-names", nodes([entry])),
        );
    }
    let link = TarEntry::hard_link(".wh.", ".wh.a");
    table.open(
        "whiteout-name-hard-link",
        "a whiteout, and one of nothing that is a hard link to it",
        tar([whiteout(".wh.a"), link.clone()]),
        OpenTree::tree("tar-whiteout-names", nodes([whiteout(".wh.a"), link])),
    );
}

/// A whiteout and what it names in one layer.
fn beside(table: &mut Table) {
    let d = || TarEntry::dir("d/");
    let gone = || whiteout(".wh.a");
    let mut open = |slug: &str, title: &str, tar, nodes| {
        let slug = format!("whiteout-{slug}");
        table.open(&slug, title, tar, OpenTree::tree("tar-whiteout-beside", nodes));
    };
    open(
        "after-file",
        "a file, and a whiteout of it",
        tar([short("a"), gone()]),
        nodes([short("a"), gone()]),
    );
    open(
        "after-symlink",
        "a symbolic link, and a whiteout of it",
        tar([TarEntry::symlink("a", "b"), gone()]),
        nodes([TarEntry::symlink("a", "b"), gone()]),
    );
    open(
        "between-files",
        "a file, a whiteout of it, and the file again",
        tar([TarEntry::file("a", "first\n"), gone(), short("a")]),
        nodes([gone(), short("a")]),
    );
    open(
        "after-directory",
        "a directory with a file, and a whiteout of it",
        tar([d(), short("d/a"), whiteout(".wh.d")]),
        nodes([d(), short("d/a"), whiteout(".wh.d")]),
    );
    open(
        "after-path",
        "a file in a directory without an entry, and a whiteout of the directory",
        tar([short("d/a"), whiteout(".wh.d")]),
        nodes([short("d/a"), whiteout(".wh.d")]),
    );
    open(
        "before-directory",
        "a whiteout of a directory, and the directory with a file",
        tar([whiteout(".wh.d"), d(), short("d/a")]),
        nodes([whiteout(".wh.d"), d(), short("d/a")]),
    );
}

/// Opaque whiteouts after what is in their directories.
fn opaque(table: &mut Table) {
    let d = || TarEntry::dir("d/");
    let opaque = || whiteout("d/.wh..wh..opq");
    let mut open = |slug: &str, title: &str, tar, nodes| {
        let slug = format!("opaque-after-{slug}");
        table.open(&slug, title, tar, OpenTree::tree("tar-late-opaque", nodes));
    };
    open(
        "file",
        "a directory with a file, and an opaque whiteout of it",
        tar([d(), short("d/a"), opaque()]),
        nodes([d(), short("d/a"), opaque()]),
    );
    open(
        "deep",
        "a file two levels below a directory, and an opaque whiteout of it",
        tar([short("d/e/a"), opaque()]),
        nodes([short("d/e/a"), opaque()]),
    );
    open(
        "root-file",
        "a file, and an opaque whiteout of the root",
        tar([short("a"), whiteout(".wh..wh..opq")]),
        nodes([short("a"), whiteout(".wh..wh..opq")]),
    );
    let directory = || TarEntry::dir("d/.wh..wh..opq/");
    open(
        "file-directory",
        "a file in a directory, and an opaque whiteout that is a directory",
        tar([short("d/a"), directory()]),
        nodes([short("d/a"), directory()]),
    );
}

/// Entries below a whiteout.
fn below(table: &mut Table) {
    let d = || TarEntry::dir(".wh.d/");
    let choice = "tar-below-whiteout";
    table.open(
        "below-whiteout-directory",
        "a whiteout that is a directory, and a file in it",
        tar([d(), short(".wh.d/a")]),
        OpenTree::tree(choice, nodes([d(), short(".wh.d/a")])),
    );
    table.open(
        "below-whiteout-path",
        "a file in a directory that has the name of a whiteout, and no entry",
        tar([short("e/.wh.d/a")]),
        OpenTree::tree(choice, nodes([short("e/.wh.d/a")])),
    );
}

/// What overlayfs reads as whiteouts in a layer on disk.
fn of_overlayfs(table: &mut Table) {
    let with = |entry: TarEntry, name: &str, value: &[u8]| {
        entry.edit(|entry| entry.xattrs = vec![(name.to_owned(), value.to_vec())])
    };
    let d = || TarEntry::dir("d/");
    for (slug, title, entry) in [
        (
            "opaque",
            "a directory that is opaque to overlayfs",
            with(d(), "trusted.overlay.opaque", b"y"),
        ),
        (
            "user-opaque",
            "a directory that is opaque to the overlayfs of a user",
            with(d(), "user.overlay.opaque", b"y"),
        ),
        (
            "redirect",
            "a directory that overlayfs has from elsewhere",
            with(d(), "trusted.overlay.redirect", b"/etc"),
        ),
        (
            "metacopy",
            "a file whose content overlayfs has from a layer below",
            with(whiteout("a"), "trusted.overlay.metacopy", b"\0"),
        ),
        (
            "whiteout",
            "a whiteout of overlayfs that is a file",
            with(whiteout("gone"), "user.overlay.whiteout", b"y"),
        ),
    ] {
        table.open(
            &format!("overlay-{slug}"),
            title,
            tar([entry.clone()]),
            OpenTree::tree("tar-overlay-attributes", nodes([entry])),
        );
    }
    let device = |name: &str| TarEntry::device(b'3', name, 0, 0);
    table.open(
        "overlay-device",
        "a character device of 0 and 0 in a directory",
        tar([device("d/gone")]),
        OpenTree::tree("tar-overlay-devices", nodes([device("d/gone")])),
    );
    table.open(
        "overlay-device-replaces",
        "a file, and a character device of 0 and 0 in its place",
        tar([short("a"), device("a")]),
        OpenTree::tree("tar-overlay-devices", nodes([device("a")])),
    );
}

/// What writers of layers emit.
fn usual(table: &mut Table) {
    let opaque = || whiteout("d/.wh..wh..opq");
    let mut tree = |slug: &str, title: &str, tar, nodes| {
        table.tree(slug, title, Rule::EntrySets, tar, nodes);
    };
    tree(
        "opaque-before-file",
        "a directory, an opaque whiteout of it and a file in it",
        tar([TarEntry::dir("d/"), opaque(), short("d/a")]),
        nodes([TarEntry::dir("d/"), opaque(), short("d/a")]),
    );
    tree(
        "opaque-after-whiteout",
        "a whiteout in a directory, and an opaque one of it",
        tar([whiteout("d/.wh.a"), opaque()]),
        nodes([whiteout("d/.wh.a"), opaque()]),
    );
    tree(
        "whiteout-below-whiteout",
        "a whiteout of a directory, and one of a file that was in it",
        tar([whiteout(".wh.d"), whiteout("d/.wh.a")]),
        nodes([whiteout(".wh.d"), whiteout("d/.wh.a")]),
    );
    let link = || TarEntry::hard_link(".wh.b", ".wh.a");
    tree(
        "whiteout-hard-link",
        "two whiteouts that are hard links, as AUFS has them",
        tar([whiteout(".wh.a"), link()]),
        nodes([whiteout(".wh.a"), link()]),
    );
    let origin =
        || TarEntry::dir("d/").edit(|entry| entry.xattrs = vec![("trusted.overlay.origin".into(), b"\0\xfb".to_vec())]);
    tree(
        "overlay-origin",
        "a directory with an attribute of overlayfs that changes no tree",
        tar([origin()]),
        nodes([origin()]),
    );
}
