//! Files that layers of cases are made of.

use crate::forge::{EditInPlace, tar::Entry};

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
pub(super) fn small() -> Vec<Entry> {
    vec![
        Entry::dir("etc/"),
        Entry::file("etc/hostname", "chunked\n"),
        Entry::file("etc/motd", "Proof before trust.\n"),
    ]
}

/// Every type of entry, with owners, extended attributes, long and unusual names.
pub(super) fn every_type() -> Vec<Entry> {
    vec![
        Entry::dir("usr/").edit(|entry| entry.mode = 0o1777),
        Entry::file("usr/tool", "#!/bin/sh\n").edit(|entry| {
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
        Entry::hard_link("usr/again", "usr/tool").edit(|entry| entry.mode = 0o4755),
        Entry::symlink("usr/link", "../usr/./tool/"),
        Entry::device(b'3', "usr/null", 1, 3),
        Entry::device(b'4', "usr/disk", 8, 1),
        Entry::device(b'6', "usr/pipe", 0, 0),
        Entry::file("usr/empty", ""),
        Entry::file("usr/a&b <c>\u{2028}", "escaped\n"),
        Entry::file("usr/system-systemd\\x2dcryptsetup.slice", "backslash\n"),
        Entry::file(&format!("usr/{}", "long/".repeat(30)), "").edit(|entry| {
            entry.name.extend(b"name");
            entry.content = b"a long name\n".to_vec();
        }),
        Entry::file("usr/.wh.gone", ""),
    ]
}

/// A file in chunks, one of them a run of zeros.
pub(super) fn chunked() -> Entry {
    let content = [bytes(700), vec![0; 2048], bytes(300)].concat();
    Entry::file("data", content)
        .edit(|entry| entry.chunks = vec![(400, false), (300, false), (2048, true), (300, false)])
}
