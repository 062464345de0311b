//! Sizes at and around those of usual buffers.

use super::{Accepted, archive, behind_pax, end, file, one_file, open, with_record};
use crate::{
    forge::{
        EditInPlace,
        random::Random,
        tar::{TarEntry, extension_of, record},
    },
    rules::Rule,
    vectors::Tag,
};

pub(super) fn accepted() -> Vec<Accepted> {
    contents()
        .into_iter()
        .chain(names())
        .chain(records())
        .chain(ends())
        .collect()
}

fn row(slug: &'static str, title: &'static str, why: &'static str, rule: Rule, tar: Vec<u8>) -> Accepted {
    Accepted::new(slug, title, why, rule, &[Tag("boundary")], tar)
}

/// Bytes that count up to a prime, so that no buffer can be lost or exchanged unseen.
pub(super) fn counted(length: usize) -> Vec<u8> {
    (1..=11).cycle().take(length).collect()
}

/// Random bytes, just fewer than a block of zstd holds.
pub(super) fn random() -> Vec<u8> {
    let mut random = Random::new(17);
    (0..131_050).map(|_| random.byte()).collect()
}

fn around(size: usize) -> Vec<u8> {
    archive(&[size - 1, size, size + 1].map(|size| TarEntry::file(&format!("f{size}"), counted(size))))
}

fn contents() -> Vec<Accepted> {
    const WHY: &str = "A content that ends where a buffer does is read short, or the byte after it is lost.";
    const ZEROS: &str = "A run of zeros that a buffer cuts in two is none, or is counted twice.";
    vec![
        row(
            "sizes-4-kib",
            "files of 4 KiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(4096),
        ),
        row(
            "sizes-8-kib",
            "files of 8 KiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(8192),
        ),
        row(
            "sizes-32-kib",
            "files of 32 KiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(32 << 10),
        ),
        row(
            "sizes-64-kib",
            "files of 64 KiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(64 << 10),
        ),
        row(
            "sizes-128-kib",
            "files of 128 KiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(128 << 10),
        ),
        row(
            "sizes-1-mib",
            "files of 1 MiB, and a byte less and more",
            WHY,
            Rule::FileSize,
            around(1 << 20),
        ),
        row(
            "content-random",
            "a file of 131,050 random bytes, which do not compress",
            "What does not fit into a buffer at the end of a frame is left behind, or a frame that is larger than its content is refused.",
            Rule::FileSize,
            archive(&[TarEntry::file("file-x", random())]),
        ),
        row(
            "sizes-least",
            "files of 0, 1 and 2 bytes, and an empty one last",
            "A file without content, or the last one, has no entry.",
            Rule::FileSize,
            archive(
                &[("a", ""), ("b", "1"), ("c", "12"), ("d", "")].map(|(name, content)| TarEntry::file(name, content)),
            ),
        ),
        row(
            "zeros-over-32-kib",
            "runs of zeros that begin and end a byte before and after 32 KiB",
            ZEROS,
            Rule::ZerosChunk,
            archive(&[("a", 1), ("b", 0)].map(|(name, less)| {
                let before = counted((32 << 10) - 1024 - less);
                TarEntry::file(name, [&before[..], &[0; 2048], &counted(100)].concat())
            })),
        ),
        row(
            "zeros-first-and-last",
            "files that begin, and that end, with 1024 zeros, and with 1023",
            ZEROS,
            Rule::ZerosChunk,
            archive(
                &[
                    ("a", 1024, 0),
                    ("b", 0, 1024),
                    ("c", 1023, 0),
                    ("d", 0, 1023),
                    ("e", 1024, 1024),
                ]
                .map(|(name, first, last)| {
                    TarEntry::file(name, [vec![0; first], counted(100), vec![0; last]].concat())
                }),
            ),
        ),
        row(
            "zeros-of-1-mib-and-a-byte",
            "1 MiB of zeros and another byte, and the other way round",
            ZEROS,
            Rule::ZerosChunk,
            archive(&[
                TarEntry::file("a", [&vec![0; 1 << 20][..], b"x"].concat()),
                TarEntry::file("b", [b"x", &vec![0; 1 << 20][..]].concat()),
            ]),
        ),
        row(
            "zeros-files",
            "files of 1, 512, 1023, 1024 and 1025 zeros",
            "A file of nothing but zeros is taken for an empty one, or for the end of the archive.",
            Rule::ZerosChunk,
            archive(&[1, 512, 1023, 1024, 1025].map(|size| TarEntry::file(&format!("f{size}"), vec![0; size]))),
        ),
    ]
}

fn names() -> Vec<Accepted> {
    const WHY: &str = "A name as long as a buffer is cut off, or its last byte is taken for the end of the text.";
    let gnu = |length: usize| TarEntry::file(&"n".repeat(length), "").edit(|entry| entry.gnu = true);
    let link =
        |length: usize| TarEntry::symlink(&format!("l{length}"), &"t".repeat(length)).edit(|entry| entry.gnu = true);
    vec![
        row(
            "names-pax",
            "names of 255 to 257, 511 to 513 and 4095 to 4097 bytes in PAX records",
            WHY,
            Rule::EntrySets,
            archive(
                &[255, 256, 257, 511, 512, 513, 4095, 4096, 4097].map(|length| TarEntry::file(&"n".repeat(length), "")),
            ),
        ),
        row(
            "names-gnu",
            "names of 100, 101, 510 to 513, and 1023 and 1024 bytes in GNU's way",
            WHY,
            Rule::EntrySets,
            archive(&[100, 101, 510, 511, 512, 513, 1023, 1024].map(gnu)),
        ),
        row(
            "links-gnu",
            "link targets of 100, 101, 510 to 513, and 4095 to 4097 bytes in GNU's way",
            WHY,
            Rule::EntryMetadata,
            archive(&[100, 101, 510, 511, 512, 513, 4095, 4096, 4097].map(link)),
        ),
        row(
            "name-deep",
            "a name of 1000 directories",
            "A path is followed by recursion, or is longer than a system takes at once.",
            Rule::EntrySets,
            archive(&[TarEntry::file(&format!("{}f", "d/".repeat(1000)), "")]),
        ),
        row(
            "name-long-part",
            "a name whose only part is longer than a file system takes",
            "The name is shortened, and the file not found under it.",
            Rule::EntrySets,
            archive(&[TarEntry::file(&"n".repeat(70_000), "")]),
        ),
    ]
}

/// A comment that makes a record of this many bytes, of which there is one unless digits are missing to it.
fn comment(bytes: usize) -> Vec<u8> {
    let least = record("comment", b"").len();
    (bytes.saturating_sub(least + 8)..bytes)
        .map(|length| record("comment", &vec![b'c'; length]))
        .find(|record| record.len() == bytes)
        .unwrap_or_default()
}

fn records() -> Vec<Accepted> {
    const LENGTH: &str =
        "The digits of a record's length count too: one that does not count them reads the next record a byte off.";
    const BODY: &str = "A body that fills its last block is followed by no padding, and a block more or less is read.";
    let lengths: Vec<u8> = [98, 99, 101, 102, 998, 999, 1000, 1001, 1002, 9999, 10_000, 10_001]
        .into_iter()
        .flat_map(comment)
        .chain(record("path", b"found"))
        .collect();
    let bodies: Vec<u8> = [511, 512, 513, 1023, 1024, 1025]
        .into_iter()
        .flat_map(|size| {
            let entry = TarEntry::file(&format!("f{size}"), "content\n");
            [extension_of(b'x', &comment(size)), open(&[entry])].concat()
        })
        .collect();
    let large = |size: usize| behind_pax(&comment(size));
    vec![
        row(
            "pax-record-lengths",
            "records whose lengths have two to five digits, at the limits of each",
            LENGTH,
            Rule::TarExtension,
            behind_pax(&lengths),
        ),
        row(
            "pax-bodies",
            "PAX headers of 511 to 513 and 1023 to 1025 bytes",
            BODY,
            Rule::TarExtension,
            [bodies, end()].concat(),
        ),
        row(
            "pax-48-kib",
            "a PAX header whose segment of the tar-split is a line of about 64 KiB",
            "The reader of lines has a buffer of 64 KiB, and ends at a longer line without an error.",
            Rule::TarExtension,
            large(48 << 10),
        ),
        row(
            "pax-64-kib",
            "a PAX header of 64 KiB",
            "The body is longer than a buffer.",
            Rule::TarExtension,
            large(64 << 10),
        ),
        row(
            "pax-thousand-records",
            "a PAX header of a thousand extended attributes",
            "Records are kept in a table of fixed size, or searched one by one.",
            Rule::TarExtension,
            behind_pax(
                &(0..1000)
                    .flat_map(|at| record(&format!("SCHILY.xattr.user.a{at:03}"), b"v"))
                    .collect::<Vec<u8>>(),
            ),
        ),
        row(
            "pax-xattr-64-kib",
            "an extended attribute of 64 KiB, the largest that Linux has",
            "The value is cut off, or the line of the TOC too long.",
            Rule::TarExtension,
            with_record("SCHILY.xattr.user.a", &counted(64 << 10)),
        ),
    ]
}

fn ends() -> Vec<Accepted> {
    const WHY: &str = "An archive that ends where a buffer does has its last bytes read twice, or not at all.";
    let one = open(&[file()]);
    let up_to = |length: usize| [&one[..], &vec![0; length - one.len()]].concat();
    vec![
        row(
            "tail-to-32-kib",
            "a tar that zeros fill up to 32 KiB",
            WHY,
            Rule::SegmentTail,
            up_to(32 << 10),
        ),
        row(
            "tail-to-32-kib-and-a-byte",
            "a tar that zeros fill up to a byte more than 32 KiB",
            WHY,
            Rule::SegmentTail,
            up_to((32 << 10) + 1),
        ),
        row(
            "tail-to-64-kib",
            "a tar that zeros fill up to 64 KiB",
            WHY,
            Rule::SegmentTail,
            up_to(64 << 10),
        ),
        row(
            "tail-to-1-mib-less-a-byte",
            "a tar that zeros fill up to a byte less than 1 MiB",
            WHY,
            Rule::SegmentTail,
            up_to((1 << 20) - 1),
        ),
        row(
            "tail-to-1-mib",
            "a tar that zeros fill up to 1 MiB",
            WHY,
            Rule::SegmentTail,
            up_to(1 << 20),
        ),
        row(
            "tail-of-1-mib",
            "exactly 1 MiB of zeros from the end-of-archive blocks on, as much as one segment holds",
            WHY,
            Rule::SegmentTail,
            [&one[..], &vec![0; 1 << 20]].concat(),
        ),
        row(
            "tail-two-records",
            "a tar of two whole records of 10240 bytes, of which the second is zeros",
            WHY,
            Rule::SegmentTail,
            [one_file(), vec![0; 20_480 - one_file().len()]].concat(),
        ),
    ]
}
