//! Trees that can and cannot be made.

use super::{
    super::{EditInPlace, Rule, TarEntry},
    fresh::{Table, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};

const WHY: &str = "The entry is put elsewhere, or takes away another one: what is inspected is not what is unpacked.";

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    below(&mut table);
    through_links(&mut table);
    replaced(&mut table);
    roots(&mut table);
    links(&mut table);
    long(&mut table);
    metadata(&mut table);
    table
}

fn tar<const N: usize>(entries: [TarEntry; N]) -> Vec<u8> {
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

/// Hard links.
fn links(table: &mut Table) {
    let a = || short("a");
    let l = || TarEntry::hard_link("l", "a");
    table.open(
        "hard-link-to-itself",
        "a file, and a hard link of its name to itself",
        tar([a(), TarEntry::hard_link("a", "a")]),
        OpenTree::tree("tar-link-to-itself", nodes([a()])),
    );
    table.open(
        "hard-link-to-directory",
        "a hard link to a directory",
        tar([TarEntry::dir("d/"), TarEntry::hard_link("l", "d")]),
        OpenTree::tree("tar-missing-target", nodes([TarEntry::dir("d/")])),
    );
    table.open(
        "hard-link-before-its-file",
        "a hard link, its file and another file",
        tar([l(), a(), short("b")]),
        OpenTree::tree("tar-missing-target", nodes([a(), short("b")])),
    );
    let s = || TarEntry::symlink("s", "a");
    for (slug, title, entries, found) in [
        (
            "to-symlink",
            "a hard link to a symbolic link",
            vec![a(), s(), TarEntry::hard_link("l", "s")],
            nodes([a(), s(), TarEntry::symlink("l", "a")]),
        ),
        (
            "kept",
            "a hard link to a file that is then replaced",
            vec![TarEntry::file("a", "first\n"), l(), TarEntry::file("a", "other\n")],
            nodes([TarEntry::file("a", "other\n"), TarEntry::file("l", "first\n")]),
        ),
        (
            "replaces",
            "a file, and a hard link of its name to another",
            vec![a(), TarEntry::file("l", "first\n"), l()],
            nodes([a(), short("l")]),
        ),
        (
            "to-fifo",
            "a hard link to a fifo",
            vec![TarEntry::device(b'6', "a", 0, 0), l()],
            nodes([TarEntry::device(b'6', "a", 0, 0), TarEntry::device(b'6', "l", 0, 0)]),
        ),
        (
            "target-dot-slash",
            "a hard link whose target has `./` before it",
            vec![a(), TarEntry::hard_link("l", "./a")],
            nodes([a(), short("l")]),
        ),
        (
            "both-dot-slash",
            "a file and a hard link to it, all names with `./` before them",
            vec![short("./a"), TarEntry::hard_link("./l", "./a")],
            nodes([a(), short("l")]),
        ),
    ] {
        let parts: Vec<(&[u8], TarEntry)> = entries.into_iter().map(|entry| (NONE, entry)).collect();
        table.tree(
            &format!("hard-link-{slug}"),
            title,
            Rule::EntryMetadata,
            tar_of(&parts),
            found,
        );
    }
    let empty = |name: &str| TarEntry::symlink(name, "");
    table.open(
        "symlink-empty-and-file",
        "a symbolic link without a target, and a file after it",
        tar([empty("l"), a()]),
        OpenTree::tree("tar-empty-target", nodes([empty("l"), a()])).or(
            "libarchive",
            nodes([TarEntry::file("l", "").edit(|entry| entry.mode = 0o777), a()]),
        ),
    );
}

/// Names that Linux cannot make.
fn long(table: &mut Table) {
    let open = |entry: TarEntry| OpenTree::tree("tar-long-names", nodes([entry]));
    let part = "n".repeat(256);
    for (slug, title, entry) in [
        ("file", "a file whose name has 256 bytes", short(&part)),
        (
            "parent",
            "a file in a directory whose name has 256 bytes",
            short(&format!("{part}/a")),
        ),
        (
            "directory",
            "a directory whose name has 256 bytes",
            TarEntry::dir(&format!("{part}/")),
        ),
        (
            "symlink",
            "a symbolic link whose name has 256 bytes",
            TarEntry::symlink(&part, "a"),
        ),
        (
            "path",
            "a path of 4,097 bytes",
            short(&format!("{}f", "dd/dd/dd/".repeat(455) + "f")),
        ),
    ] {
        table.open(&format!("long-{slug}"), title, tar([entry.clone()]), open(entry));
    }
    for (slug, title, name) in [
        (
            "255",
            "a name of 255 bytes in a directory",
            format!("d/{}", "n".repeat(255)),
        ),
        (
            "path-4000",
            "a path of 4,000 bytes",
            format!("{}{}", "dddd/".repeat(780), "n".repeat(100)),
        ),
    ] {
        table.tree(
            &format!("long-name-{slug}"),
            title,
            Rule::EntrySets,
            tar([short(&name)]),
            nodes([short(&name)]),
        );
    }
}

/// What an entry says of itself.
fn metadata(table: &mut Table) {
    let changed = |change: fn(&mut TarEntry)| short("a").edit(change);
    for (slug, title, entry) in [
        (
            "setuid",
            "a file with the setuid bit",
            changed(|entry| entry.mode = 0o4755),
        ),
        (
            "setgid",
            "a file with the setgid bit",
            changed(|entry| entry.mode = 0o2755),
        ),
        (
            "sticky",
            "a file with the sticky bit",
            changed(|entry| entry.mode = 0o1644),
        ),
        ("mode-0", "a file without permissions", changed(|entry| entry.mode = 0)),
        (
            "mode-all",
            "a file with all permissions and bits",
            changed(|entry| entry.mode = 0o7777),
        ),
        ("mtime-0", "a file at Unix 0", changed(|entry| entry.mtime = 0)),
        (
            "mtime-1",
            "a file a second after Unix 0",
            changed(|entry| entry.mtime = 1),
        ),
        (
            "uid",
            "a file with an owner and a group",
            changed(|entry| (entry.uid, entry.gid) = (1000, 100)),
        ),
        ("gnu", "a file with a GNU header", changed(|entry| entry.gnu = true)),
    ] {
        table.tree(
            &format!("meta-{slug}"),
            title,
            Rule::EntryMetadata,
            tar([entry.clone()]),
            nodes([entry]),
        );
    }
    let device = |flag, major, minor| TarEntry::device(flag, "dev", major, minor);
    for (slug, title, entry) in [
        ("char-0-0", "a character device of 0 and 0", device(b'3', 0, 0)),
        ("block-0-0", "a block device of 0 and 0", device(b'4', 0, 0)),
        ("char-255", "a character device of 255 and 255", device(b'3', 255, 255)),
        (
            "block-259",
            "a block device of 259 and 1048575",
            device(b'4', 259, 1_048_575),
        ),
    ] {
        table.tree(
            &format!("meta-{slug}"),
            title,
            Rule::EntryMetadata,
            tar([entry.clone()]),
            nodes([entry]),
        );
    }
    let d = TarEntry::dir("d/").edit(|entry| (entry.mode, entry.mtime) = (0o500, 5));
    table.tree(
        "meta-directory-read-only",
        "a directory that its owner may not write to, and a file in it",
        Rule::EntryMetadata,
        tar([d.clone(), short("d/a")]),
        nodes([d, short("d/a")]),
    );
    let xattrs = |names: &[(&str, &[u8])]| {
        short("a").edit(|entry| {
            entry.xattrs = names
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
                .collect();
        })
    };
    for (slug, title, entry) in [
        (
            "xattr-two",
            "a file with two extended attributes",
            xattrs(&[("user.a", b"1"), ("user.b", b"2")]),
        ),
        (
            "xattr-name-256",
            "an extended attribute whose name has 256 bytes",
            xattrs(&[(&format!("user.{}", "a".repeat(251)), b"1")]),
        ),
        (
            "xattr-equals",
            "an extended attribute whose value has an equals sign",
            xattrs(&[("user.a", b"=b=c")]),
        ),
        (
            "xattr-no-namespace",
            "an extended attribute whose name has no namespace",
            xattrs(&[("a", b"1")]),
        ),
    ] {
        table.tree(
            &format!("meta-{slug}"),
            title,
            Rule::EntryMetadata,
            tar([entry.clone()]),
            nodes([entry]),
        );
    }
    table.tree(
        "meta-xattr-of-directory",
        "a directory with an extended attribute",
        Rule::EntryMetadata,
        tar_of(&[(&pax("SCHILY.xattr.user.a", "1"), TarEntry::dir("d/"))]),
        nodes([TarEntry::dir("d/").edit(|entry| entry.xattrs = vec![("user.a".into(), b"1".to_vec())])]),
    );
}
