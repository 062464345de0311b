//! Which entries have content.

use super::{
    super::{EditInPlace, Rule, TarEntry, padding},
    fresh::{Table, gnu_long, inner, inner_file, inner_header, nodes, pax, short, tar_of},
    open::OpenTree,
    trees::Nodes,
};

const WHY: &str = "Content is read as headers, or headers as content, so that two readers see two sets of files.";

const NONE: &[u8] = b"";

pub(super) fn table() -> Table {
    let mut table = Table::new(WHY);
    slashes(&mut table);
    bodiless(&mut table);
    links(&mut table);
    sizes(&mut table);
    table
}

fn flagged(flag: u8, entry: TarEntry) -> TarEntry {
    entry.edit(|entry| entry.flag = flag)
}

fn dir(name: &str) -> TarEntry {
    TarEntry::dir(name).edit(|entry| entry.mode = 0o644)
}

/// Regular files whose names end in a slash.
fn slashes(table: &mut Table) {
    type Spelling = (&'static str, &'static str, Vec<u8>, &'static str);
    let spellings: [Spelling; 4] = [
        ("", "in the header", Vec::new(), "d/"),
        ("-pax", "in a PAX record", pax("path", "d/"), "d"),
        ("-gnu", "in a GNU long name", gnu_long(b'L', b"d/\0"), "d"),
        ("-two", "twice", Vec::new(), "d//"),
    ];
    let b = || short("b");
    for (flag, kind, of) in [(b'0', "regular file", "file"), (b'7', "contiguous file", "contiguous")] {
        for (slug, title, before, name) in &spellings {
            let file = |content: &[u8]| flagged(flag, TarEntry::file(name, content));
            let open = |content: &[u8], gnu: Nodes| {
                OpenTree::read("tar-slash-file", nodes([TarEntry::file("d", content), b()])).or("gnu", gnu)
            };
            table.open(
                &format!("slash-{of}{slug}-inner"),
                &format!("a {kind} whose name ends with a slash {title}, and whose content is an entry"),
                tar_of(&[(before, file(&inner())), (NONE, b())]),
                open(&inner(), nodes([dir("d"), inner_file(), b()])),
            );
            table.open(
                &format!("slash-{of}{slug}-empty"),
                &format!("an empty {kind} whose name ends with a slash {title}"),
                tar_of(&[(before, file(b"")), (NONE, b())]),
                open(b"", nodes([dir("d"), b()])),
            );
            table.open(
                &format!("slash-{of}{slug}-content"),
                &format!("a {kind} whose name ends with a slash {title}, and whose content is no header"),
                tar_of(&[(before, file(b"content\n")), (NONE, b())]),
                OpenTree::read("tar-slash-content", nodes([TarEntry::file("d", "content\n"), b()]))
                    .or("libarchive", nodes([dir("d"), b()])),
            );
        }
    }
    let nul = |patches: Vec<(usize, Vec<u8>)>, content: &[u8]| {
        flagged(0, TarEntry::file("d/", content)).edit(|entry| entry.patches = patches)
    };
    for (slug, title, patches) in [
        ("ustar", "ustar", vec![]),
        ("v7", "V7", vec![(257, vec![0; 8])]),
        ("gnu", "GNU", vec![(257, b"ustar  \0".to_vec())]),
    ] {
        table.tree(
            &format!("slash-nul-{slug}-inner"),
            &format!("a {title} header of the type NUL whose name ends with a slash, and after it an entry where its content would be"),
            Rule::EntryType,
            tar_of(&[(NONE, nul(patches.clone(), &inner())), (NONE, b())]),
            nodes([dir("d"), inner_file(), b()]),
        );
        table.tree(
            &format!("slash-nul-{slug}-empty"),
            &format!("a {title} header of the type NUL whose name ends with a slash, and no content"),
            Rule::EntryType,
            tar_of(&[(NONE, nul(patches, b"")), (NONE, b())]),
            nodes([dir("d"), b()]),
        );
    }
    for (slug, title, entry) in [
        ("symlink", "a symbolic link", TarEntry::symlink("l", "b")),
        ("fifo", "a fifo", TarEntry::device(b'6', "l", 0, 0)),
        ("device", "a device", TarEntry::device(b'3', "l", 1, 3)),
        ("hard-link", "a hard link", TarEntry::hard_link("l", "b")),
    ] {
        table.tree(
            &format!("slash-{slug}"),
            &format!("{title} whose name ends with a slash"),
            Rule::EntryType,
            tar_of(&[
                (NONE, b()),
                (NONE, entry.clone().edit(|entry| entry.name = b"l/".to_vec())),
            ]),
            nodes([b(), entry]),
        );
    }
}

/// Types without content whose headers have a size.
fn bodiless(table: &mut Table) {
    let (a, b) = (|| short("a"), || short("b"));
    let types = [
        ("hard-link", "a hard link", TarEntry::hard_link("l", "a")),
        ("symlink", "a symbolic link", TarEntry::symlink("l", "a")),
        ("char", "a character device", TarEntry::device(b'3', "l", 1, 3)),
        ("block", "a block device", TarEntry::device(b'4', "l", 8, 1)),
        ("directory", "a directory", TarEntry::dir("l/")),
        ("fifo", "a fifo", TarEntry::device(b'6', "l", 0, 0)),
    ];
    for (slug, title, entry) in types {
        let sized = entry.clone().edit(|entry| entry.claimed = Some(8));
        table.tree(
            &format!("size-of-{slug}"),
            &format!("{title} whose header has a size of 8, and a file right after it"),
            Rule::FileSize,
            tar_of(&[(NONE, a()), (NONE, sized.clone()), (NONE, b())]),
            nodes([a(), entry.clone(), b()]),
        );
        if slug == "hard-link" {
            continue;
        }
        table.tree(
            &format!("body-of-{slug}-inner"),
            &format!("{title} whose header has the size of the entry after it"),
            Rule::FileSize,
            tar_of(&[
                (NONE, a()),
                (NONE, entry.clone().edit(|entry| entry.claimed = Some(1024))),
                (NONE, inner_file()),
                (NONE, b()),
            ]),
            nodes([a(), entry.clone(), inner_file(), b()]),
        );
        let mut refused = tar_of(&[(NONE, a()), (NONE, sized)]);
        refused.truncate(refused.len() - 1024);
        refused.extend(b"content\n");
        refused.extend(padding(8));
        refused.extend(tar_of(&[(NONE, b())]));
        let twin = match slug {
            "symlink" => "size-of-symlink",
            "char" => "size-of-char",
            "block" => "size-of-block",
            "directory" => "size-of-directory",
            _ => "size-of-fifo",
        };
        table.refused(
            &format!("body-of-{slug}"),
            twin,
            "content before the next header",
            &[Rule::TarHeader],
            refused,
        );
    }
}

/// Hard links, after which pax and cpio may write content.
fn links(table: &mut Table) {
    let (a, b) = (|| short("a"), || short("b"));
    let size = |bytes: u64| TarEntry::hard_link("l", "a").edit(|entry| entry.claimed = Some(bytes));
    for (slug, title, before) in [
        ("plain", "a hard link", Vec::new()),
        (
            "pax",
            "a hard link after a PAX header with a comment",
            pax("comment", "a"),
        ),
        (
            "pax-size",
            "a hard link after a PAX header with its size",
            pax("size", "1024"),
        ),
    ] {
        let none = || nodes([a(), TarEntry::hard_link("l", "a"), inner_file(), b()]);
        // Content of a hard link is that of the file which both names have.
        let content = || nodes([TarEntry::file("a", inner()), TarEntry::file("l", inner()), b()]);
        let tar = tar_of(&[(NONE, a()), (&before, size(1024)), (NONE, inner_file()), (NONE, b())]);
        let title = format!("{title}, whose size is that of the entry after it");
        if slug == "plain" {
            table.tree("link-body-plain", &title, Rule::FileSize, tar, none());
        } else {
            table.open(
                &format!("link-body-{slug}"),
                &title,
                tar,
                OpenTree::read("tar-link-body", none()).or("libarchive", content()),
            );
        }
    }
}

/// Sizes that PAX and the header give differently.
fn sizes(table: &mut Table) {
    let b = || short("b");
    let sized = |header: u64, content: &[u8]| TarEntry::file("a", content).edit(|entry| entry.claimed = Some(header));
    for (slug, title, size, header, content) in [
        ("larger", "a PAX size of 1024 and 8 in the header", "1024", 8, inner()),
        (
            "larger-than-none",
            "a PAX size of 512 and 0 in the header",
            "512",
            0,
            inner_header(),
        ),
        (
            "smaller",
            "a PAX size of 8 and 1024 in the header",
            "8",
            1024,
            b"content\n".to_vec(),
        ),
        ("none", "a PAX size of 0 and 512 in the header", "0", 512, Vec::new()),
        (
            "block-less",
            "a PAX size of 512 and 513 in the header",
            "512",
            513,
            vec![b'x'; 512],
        ),
        (
            "block-more",
            "a PAX size of 513 and 512 in the header",
            "513",
            512,
            vec![b'x'; 513],
        ),
        (
            "largest",
            "a PAX size of 8 and 8 GiB less a byte in the header",
            "8",
            (8 << 30) - 1,
            b"content\n".to_vec(),
        ),
    ] {
        table.tree(
            &format!("size-pax-{slug}"),
            title,
            Rule::TarExtension,
            tar_of(&[(&pax("size", size), sized(header, &content)), (NONE, b())]),
            nodes([TarEntry::file("a", &content), b()]),
        );
        let both = [gnu_long(b'L', b"long\0"), pax("size", size)].concat();
        table.tree(
            &format!("size-pax-{slug}-after-gnu-name"),
            &format!("a GNU long name, and {title}"),
            Rule::TarExtension,
            tar_of(&[(&both, sized(header, &content)), (NONE, b())]),
            nodes([TarEntry::file("long", &content), b()]),
        );
    }
}
