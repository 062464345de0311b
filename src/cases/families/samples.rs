//! Files that layers of cases are made of.

use crate::forge::{EditInPlace, tar::TarEntry};

/// A file that no compressor shortens much, and whose every part differs.
pub(super) fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::new();
    while bytes.len() < length {
        // Knuth's multiplier; the high bits are good enough for filler.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.push(state.to_be_bytes()[0]);
    }
    bytes
}

/// A directory and two small files.
pub(super) fn small() -> Vec<TarEntry> {
    vec![
        TarEntry::dir("etc/"),
        TarEntry::file("etc/hostname", "chunked\n"),
        TarEntry::file("etc/motd", "Proof before trust.\n"),
    ]
}

/// Every type of entry, with owners, extended attributes, long and unusual names.
pub(super) fn every_type() -> Vec<TarEntry> {
    vec![
        TarEntry::dir("usr/").edit(|entry| entry.mode = 0o1777),
        TarEntry::file("usr/tool", "#!/bin/sh\n").edit(|entry| {
            entry.mode = 0o4755;
            entry.uid = 1000;
            entry.gid = 100;
            entry.xattrs = vec![
                (
                    "security.capability".into(),
                    b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
                ),
                ("user.note".into(), b"a=b".to_vec()),
            ];
        }),
        TarEntry::hard_link("usr/again", "usr/tool").edit(|entry| entry.mode = 0o4755),
        TarEntry::symlink("usr/link", "../usr/./tool/"),
        TarEntry::device(b'3', "usr/null", 1, 3),
        TarEntry::device(b'4', "usr/disk", 8, 1),
        TarEntry::device(b'6', "usr/pipe", 0, 0),
        TarEntry::file("usr/empty", ""),
        TarEntry::file("usr/a&b <c>\u{2028}", "escaped\n"),
        TarEntry::file("usr/system-systemd\\x2dcryptsetup.slice", "backslash\n"),
        TarEntry::file(&format!("usr/{}", "long/".repeat(30)), "").edit(|entry| {
            entry.name.extend(b"name");
            entry.content = b"a long name\n".to_vec();
        }),
        TarEntry::file("usr/.wh.gone", ""),
    ]
}

/// A file in chunks, one of them a run of zeros.
pub(super) fn chunked() -> TarEntry {
    let content = [bytes(700), vec![0; 2048], bytes(300)].concat();
    TarEntry::file("data", content)
        .edit(|entry| entry.chunks = vec![(400, false), (300, false), (2048, true), (300, false)])
}

/// The entries of a layer, and what may go wrong with them.
pub(super) struct Sample {
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    pub(super) entries: Vec<TarEntry>,
}

/// What tools write every day.
pub(super) fn everyday() -> Vec<Sample> {
    let typed = |entry: TarEntry, kind: u64| entry.edit(|entry| entry.mode |= kind);
    vec![
        Sample {
            slug: "mode-with-file-type",
            title: "modes with the bits of the file type, as Docker writes them",
            why: "The bits are dropped in one place and kept in another, and a good layer is refused for its modes.",
            entries: vec![
                typed(TarEntry::dir("etc/"), 0o040_000),
                typed(TarEntry::file("etc/motd", "Proof before trust.\n"), 0o100_000),
                typed(TarEntry::symlink("etc/link", "motd"), 0o120_000),
                typed(TarEntry::device(b'3', "etc/null", 1, 3), 0o020_000),
                typed(TarEntry::device(b'4', "etc/disk", 8, 1), 0o060_000),
                typed(TarEntry::device(b'6', "etc/pipe", 0, 0), 0o010_000),
            ],
        },
        Sample {
            slug: "hard-link-absolute",
            title: "a hard link whose target has a slash before it",
            why: "The target is looked for in the host's root, or is not found.",
            entries: vec![
                TarEntry::dir("usr/"),
                TarEntry::file("usr/a", "content\n"),
                TarEntry::hard_link("usr/b", "/usr/a"),
            ],
        },
        Sample {
            slug: "hard-link-chain",
            title: "hard links to hard links, each to the one before it",
            why: "Only a file is taken for a target, or the chain is followed a fixed number of times.",
            entries: vec![
                TarEntry::file("a", "content\n"),
                TarEntry::hard_link("b", "a"),
                TarEntry::hard_link("c", "b"),
                TarEntry::hard_link("d", "c"),
                TarEntry::hard_link("e", "d"),
            ],
        },
        Sample {
            slug: "parents-missing-of-all",
            title: "a directory, links and a file whose directories are not in the layer",
            why: "The parents are made for files only, or made up as entries of the tar.",
            entries: vec![
                TarEntry::dir("a/b/c/"),
                TarEntry::symlink("d/e/link", "../f"),
                TarEntry::file("g/h/file", "content\n"),
                TarEntry::hard_link("i/j/hard", "g/h/file"),
                TarEntry::device(b'6', "k/l/pipe", 0, 0),
            ],
        },
    ]
}
