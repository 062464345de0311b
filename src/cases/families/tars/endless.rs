//! Tars that make a writer wait, or go on for ever: zeros of odd lengths, and what is announced and does not come.

use super::{
    Accepted, Refused, file, open,
    resources::{Costly, old_gnu_block, old_gnu_header},
};
use crate::{
    forge::{
        EditInPlace,
        tar::{self, TarEntry, base256, extension_of, record},
    },
    rules::Rule,
    vectors::{Bytes, Tag, bytes::Part},
};

const WAITS: &str =
    "A writer that waits for an entry, for the rest of a block or for a whole record never ends, or writes for ever.";

const TAGS: &[Tag] = &[Tag("robustness"), Tag("boundary")];

pub(super) fn accepted() -> Vec<Accepted> {
    [
        ("zeros-512", "a tar of 512 zero bytes: a single zero block", 512),
        (
            "zeros-1025",
            "a tar of 1025 zero bytes: its end, and one byte more",
            1025,
        ),
        (
            "zeros-1535",
            "a tar of 1535 zero bytes: its end, and a byte less than a block",
            1535,
        ),
        (
            "zeros-1537",
            "a tar of 1537 zero bytes: its end, a block and one byte more",
            1537,
        ),
        ("zeros-2048", "a tar of 2048 zero bytes: its end twice", 2048),
        (
            "zeros-10239",
            "a tar of 10239 zero bytes: a byte less than a record",
            10_239,
        ),
        (
            "zeros-10240",
            "a tar of 10240 zero bytes: one record, as tar writes an empty archive",
            10_240,
        ),
        (
            "zeros-10241",
            "a tar of 10241 zero bytes: a byte more than a record",
            10_241,
        ),
        ("zeros-20480", "a tar of 20480 zero bytes: two records", 20_480),
        ("zeros-32768", "a tar of 32768 zero bytes", 32_768),
    ]
    .map(|(slug, title, length)| Accepted::new(slug, title, WAITS, Rule::SegmentTail, TAGS, vec![0; length]))
    .into()
}

pub(super) fn refused() -> Vec<Refused> {
    let zeros = [
        ("zeros-1", "end-only", "a single zero byte", vec![0; 1]),
        ("zeros-511", "end-only", "511 zero bytes", vec![0; 511]),
        ("zeros-513", "end-only", "513 zero bytes", vec![0; 513]),
        ("zeros-1023", "end-only", "1023 zero bytes", vec![0; 1023]),
        (
            "cut-end-of-1",
            "one-file",
            "a single zero byte for the end",
            [open(&[file()]), vec![0; 1]].concat(),
        ),
        (
            "cut-end-of-511",
            "one-file",
            "511 zero bytes for the end",
            [open(&[file()]), vec![0; 511]].concat(),
        ),
        (
            "cut-end-of-513",
            "one-file",
            "513 zero bytes for the end",
            [open(&[file()]), vec![0; 513]].concat(),
        ),
        (
            "cut-end-of-1023",
            "one-file",
            "1023 zero bytes for the end",
            [open(&[file()]), vec![0; 1023]].concat(),
        ),
    ];
    let announced = [
        (
            "cut-after-31-pax",
            "pax-headers-in-a-row",
            "31 PAX headers in a row, and nothing after them",
            extension_of(b'x', &record("comment", b"again")).repeat(31),
        ),
        (
            "cut-after-gnu-names",
            "gnu-long-name",
            "31 long names in a row, and nothing after them",
            extension_of(b'L', b"name\0").repeat(31),
        ),
        (
            "cut-of-1-mib-pax",
            "pax-1-mib",
            "a PAX header of 1 MiB of which no byte is there",
            extension_of(b'x', &record("comment", &vec![b'c'; (1 << 20) - 17]))[..512].to_vec(),
        ),
        (
            "cut-in-second-file",
            "two-files",
            "an end within the content of the second file, at the end of a block of zeros",
            [
                open(&[TarEntry::file("a", "first\n")]),
                TarEntry::file("b", vec![0; 2048]).header(),
                vec![0; 1024],
            ]
            .concat(),
        ),
    ];
    zeros
        .into_iter()
        .chain(announced)
        .map(|(slug, twin, change, tar)| Refused::new(slug, twin, change, WAITS, &[Rule::TarTruncated], TAGS, tar))
        .collect()
}

/// Tars of many pieces that never come to an entry.
pub(super) fn costly() -> [Costly; 4] {
    let sparse = |blocks: usize| {
        let block = old_gnu_block(b"00000000000\0", 1);
        Bytes::Parts(vec![Part::of(&old_gnu_header().header(), 1), Part::of(&block, blocks)])
    };
    let row = |slug, twin, change, rules, tar| Costly {
        slug,
        twin,
        change,
        rules,
        tags: &[],
        bugs: &[],
        limits: (10, 256),
        tar,
    };
    let pax = extension_of(b'x', &record("comment", b"again"));
    let name = extension_of(b'L', b"name\0");
    [
        row(
            "pax-headers-30000",
            "pax-headers-in-a-row",
            "30000 PAX headers in a row, and the end of the archive",
            &[Rule::TarExtensionChain, Rule::TarTruncated],
            Bytes::Parts(vec![Part::of(&pax, 30_000), Part::of(&tar::end(), 1)]),
        ),
        row(
            "gnu-names-30000",
            "gnu-long-name",
            "30000 long names in a row, and the end of the archive",
            &[Rule::TarExtensionChain, Rule::TarTruncated],
            Bytes::Parts(vec![Part::of(&name, 30_000), Part::of(&tar::end(), 1)]),
        ),
        row(
            "sparse-gnu-map-never-ends",
            "one-file",
            "an old GNU sparse file whose map goes on for 60000 blocks, to the end of the tar",
            &[Rule::TarSparse, Rule::TarTruncated],
            sparse(60_000),
        ),
        row(
            "cut-in-zeros-of-32-mib",
            "one-file",
            "a file of 1 TiB of which 32 MiB of zeros are there",
            &[Rule::TarTruncated],
            {
                let header = file().edit(|entry| {
                    entry.gnu = true;
                    entry.content.clear();
                    entry.patches = vec![(124, base256(12, 1 << 40))];
                });
                Bytes::Parts(vec![Part::of(&header.header(), 1), Part::of(&[0], 32 << 20)])
            },
        ),
    ]
}
