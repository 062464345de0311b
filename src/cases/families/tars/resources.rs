//! Tars that cost a careless reader all memory.

use super::{Choice, Rule};
use crate::{
    forge::{
        EditInPlace,
        tar::{self, TarEntry, extension_of},
    },
    vectors::{Bug, Bytes, Tag, bytes::Part},
};

/// A tar that is refused before its end is there.
pub(super) struct Costly {
    pub(super) slug: &'static str,
    pub(super) twin: &'static str,
    pub(super) change: &'static str,
    pub(super) rules: &'static [Rule],
    pub(super) tags: &'static [Tag],
    pub(super) bugs: &'static [Bug],
    /// Seconds and MiB. The request itself, as text and as bytes, takes most of the memory.
    pub(super) limits: (u32, u64),
    pub(super) tar: Bytes,
}

const SIZE: usize = 32 << 20;

pub(super) fn tars() -> [Costly; 5] {
    [
        Costly {
            slug: "pax-of-32-mib",
            twin: "pax-comment",
            change: "a record of 32 MiB, all of which is there",
            rules: &[Rule::TarExtensionLimit],
            tags: &[],
            bugs: &[Bug("tar-split-extension-limit")],
            limits: (10, 256),
            tar: large(
                b'x',
                [
                    Part::of(format!("{} comment=", SIZE + 18).as_bytes(), 1),
                    Part::of(b"x", SIZE),
                    Part::of(b"\n", 1),
                ],
                SIZE + 18,
            ),
        },
        Costly {
            slug: "gnu-name-of-32-mib",
            twin: "gnu-long-name",
            change: "a long name of 32 MiB, all of which is there",
            rules: &[Rule::TarExtensionLimit],
            tags: &[],
            bugs: &[Bug("tar-split-extension-limit")],
            limits: (10, 256),
            tar: large(
                b'L',
                [Part::of(b"", 1), Part::of(b"x", SIZE), Part::of(b"\0", 1)],
                SIZE + 1,
            ),
        },
        Costly {
            slug: "sparse-pax-map-of-32-mib",
            twin: "one-file",
            change: "a sparse file with a map of 32 MiB",
            rules: &[Rule::TarSparse],
            tags: &[],
            bugs: &[Bug("tar-split-sparse-limit")],
            limits: (10, 256),
            tar: sparse_map(SIZE / 4),
        },
        Costly {
            slug: "sparse-gnu-map-of-32-mib",
            twin: "one-file",
            change: "an old GNU sparse file whose map goes on for 65536 blocks",
            rules: &[Rule::TarSparse],
            tags: &[],
            bugs: &[Bug("tar-split-sparse-chain")],
            limits: (10, 256),
            tar: old_gnu_map(SIZE / 512),
        },
        Costly {
            slug: "extensions-of-32-mib-cut",
            twin: "pax-headers-in-a-row",
            change: "33 PAX headers of 1 MiB in a row, the last of them without its body",
            rules: &[Rule::TarExtensionChain, Rule::TarTruncated],
            tags: &[Tag("security")],
            bugs: &[],
            limits: (10, 256),
            tar: chain(),
        },
    ]
}

/// A file behind an extension header with this body, which has so many bytes.
fn large(flag: u8, body: [Part; 3], bytes: usize) -> Bytes {
    let header = TarEntry::file("././@LongLink", "").edit(|entry| {
        entry.gnu = flag == b'L';
        entry.flag = flag;
        entry.claimed = u64::try_from(bytes).ok();
    });
    let mut parts = vec![Part::of(&header.header(), 1)];
    parts.extend(body);
    parts.push(Part::of(&[tar::padding(bytes), super::one_file()].concat(), 1));
    Bytes::Parts(parts)
}

/// A sparse file of format 1.0 with so many parts without content in its map, and one that has it.
fn sparse_map(empty: usize) -> Bytes {
    const CONTENT: &[u8] = b"content\n";
    let count = format!("{}\n", empty + 1);
    let map = count.len() + 4 * empty + 4;
    let bytes = map + tar::padding(map).len() + CONTENT.len();
    let header = super::file().edit(|entry| entry.claimed = u64::try_from(bytes).ok());
    Bytes::Parts(vec![
        Part::of(&super::sparse::map_records(), 1),
        Part::of(&header.header(), 1),
        Part::of(count.as_bytes(), 1),
        Part::of(b"0\n0\n", empty),
        Part::of(&[b"0\n8\n", &tar::padding(map)[..], CONTENT].concat(), 1),
        Part::of(&[tar::padding(bytes), tar::end()].concat(), 1),
    ])
}

/// The header of an old GNU sparse file of 8 bytes whose map goes on behind it.
pub(super) fn old_gnu_header() -> TarEntry {
    TarEntry::file("file-x", "").edit(|entry| {
        entry.gnu = true;
        entry.flag = b'S';
        entry.claimed = Some(8);
        entry.patches = vec![(482, b"\x01".to_vec()), (483, b"00000000010\0".to_vec())];
    })
}

/// A block of the map of an old GNU sparse file: 20 parts without bytes and one of this size.
pub(super) fn old_gnu_block(size: &[u8], goes_on: u8) -> Vec<u8> {
    let mut block = b"00000000000\x0000000000000\0".repeat(20);
    block.extend(b"00000000000\0");
    block.extend(size);
    block.push(goes_on);
    block.resize(512, 0);
    block
}

/// An old GNU sparse file of 8 bytes whose map has so many blocks behind the header, all but the last without a part
/// that has bytes.
fn old_gnu_map(blocks: usize) -> Bytes {
    Bytes::Parts(vec![
        Part::of(&old_gnu_header().header(), 1),
        Part::of(&old_gnu_block(b"00000000000\0", 1), blocks - 1),
        Part::of(&old_gnu_block(b"00000000010\0", 0), 1),
        Part::of(&super::open(&[super::file()])[512..], 1),
        Part::of(&tar::end(), 1),
    ])
}

/// A comment in a PAX header of this many bytes, which is some more blocks than its body.
fn comment(bytes: usize) -> Vec<u8> {
    let empty = tar::record("comment", b"").len();
    let mut value = vec![b'c'; bytes - empty];
    loop {
        let record = tar::record("comment", &value);
        if record.len() <= bytes {
            return extension_of(b'x', &record);
        }
        value.pop();
    }
}

/// 32 extension headers of 1 MiB and a begun one.
fn chain() -> Bytes {
    const MIB: usize = 1 << 20;
    let header = comment(MIB)[..512].to_vec();
    let key = b"1048576 comment=";
    let mut parts = Vec::new();
    for _ in 0..32 {
        parts.push(Part::of(&[&header, &key[..]].concat(), 1));
        parts.push(Part::of(b"c", MIB - key.len() - 1));
        parts.push(Part::of(b"\n", 1));
    }
    parts.push(Part::of(&header, 1));
    Bytes::Parts(parts)
}

/// Extension headers that are each at most 1 MiB, and together 4 MiB or a block more.
pub(super) struct Chain {
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    pub(super) choice: Option<Choice>,
    pub(super) tar: Vec<u8>,
}

pub(super) fn chains() -> [Chain; 2] {
    const MIB: usize = 1 << 20;
    let tar = |last: usize| {
        [
            comment(MIB).repeat(3),
            // The four header blocks count.
            comment(last),
            super::one_file(),
        ]
        .concat()
    };
    [
        Chain {
            slug: "extensions-4-mib",
            title: "extension headers of exactly 4 MiB before one header",
            choice: None,
            tar: tar(MIB - 4 * 512),
        },
        Chain {
            slug: "extensions-above-4-mib",
            title: "extension headers of one block more than 4 MiB before one header",
            choice: Some(Choice("extension-chains")),
            tar: tar(MIB - 3 * 512),
        },
    ]
}
