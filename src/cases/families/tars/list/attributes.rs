//! Links, limits of lengths, and metadata that can and cannot be created.

use super::{
    super::{EditInPlace, Rule, TarEntry},
    fresh::{Table, nodes, pax, short, tar_of},
    open::OpenTree,
    paths::{WHY, tar},
};

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    links(&mut table);
    long(&mut table);
    metadata(&mut table);
    table
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
            "xattr-name-255",
            "an extended attribute whose name has 255 bytes",
            xattrs(&[(&format!("user.{}", "a".repeat(250)), b"1")]),
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
    for (slug, title, entry) in [
        (
            "name-257",
            "an extended attribute whose name has 257 bytes",
            xattrs(&[(&format!("user.{}", "a".repeat(252)), b"1")]),
        ),
        (
            "name-empty",
            "an extended attribute without a name",
            xattrs(&[("", b"1")]),
        ),
        (
            "value-65537",
            "an extended attribute whose value has 65,537 bytes",
            xattrs(&[("user.a", &[b'v'; 65_537])]),
        ),
    ] {
        table.open(
            &format!("meta-xattr-{slug}"),
            title,
            tar([entry.clone()]),
            OpenTree::tree("tar-large-attributes", nodes([entry])),
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
