//! Sparse files, which are refused whatever they say of their parts.

use super::{Refused, archive, base256, file, one_file, patched, records::sized};
use crate::{
    forge::{
        EditInPlace,
        tar::{self, TarEntry, extension_of},
    },
    rules::Rule,
    vectors::{Bug, Tag},
};

struct Row {
    slug: &'static str,
    change: &'static str,
    tags: &'static [Tag],
    bugs: &'static [Bug],
    tar: Vec<u8>,
}

pub(super) fn tars() -> Vec<Refused> {
    let refused = |row: Row| Refused {
        slug: row.slug,
        twin: "one-file",
        change: row.change,
        why: "The sparse file is expanded in silence, and the tar that comes back is another.",
        disassemble: &[Rule::TarSparse],
        write: &[Rule::TarSparse],
        tags: row.tags,
        bugs: row.bugs,
        tar: row.tar,
    };
    old_gnu()
        .into_iter()
        .chain(pax())
        .map(refused)
        .chain([two_offsets(), behind_negative_size()])
        .collect()
}

/// Records that are out of order, so that there is no map.
fn two_offsets() -> Refused {
    let map = [("size", "16"), ("numblocks", "1"), ("offset", "0"), ("offset", "8")];
    Refused::new(
        "sparse-pax-two-offsets",
        "one-file",
        "a sparse file of PAX format 0.0 with two records of an offset and none of a length",
        "The second offset is taken for the length of the part, or replaces the first.",
        &[Rule::TarExtension, Rule::TarSparse],
        &[Tag("security")],
        [records(&map), one_file()].concat(),
    )
}

/// Nothing after a negative size has meaning, whatever it looks like.
fn behind_negative_size() -> Refused {
    let inner = TarEntry::file("inner", "").edit(|entry| {
        entry.gnu = true;
        entry.flag = b'S';
    });
    Refused::new(
        "pax-size-negative-inner",
        "one-file",
        "a size of -1 in a PAX record, and the header of a sparse file as the content",
        "The size is taken for 0, so that the content of a file is read as entries, which its author has chosen.",
        &[Rule::TarHeader],
        &[Tag("security")],
        sized(b"-1", &inner.header()),
    )
}

/// A tar of one old GNU sparse file with these bytes over its header.
fn gnu(content: &str, patches: &[(usize, &[u8])]) -> Vec<u8> {
    let entry = TarEntry::file("file-x", content).edit(|entry| {
        entry.gnu = true;
        entry.flag = b'S';
    });
    patched(&entry, patches)
}

/// What a file of parts with holes between them is. GNU tar begins each part in a new block, and others where the last one ended, so
/// each is as long as a block.
pub(super) fn in_parts(count: usize) -> Vec<u8> {
    vec![&b"content\n".repeat(64)[..]; count].join(&[0; 512][..])
}

fn old_gnu() -> Vec<Row> {
    const CONTENT: &str = "content\n";
    let part: &[u8] = b"00000000000\x0000000000010\0";
    let length = b"00000001000\0";
    let octal = b"00000002000\x0000000001000\x0000000004000\x0000000001000\0";
    let four = [&b"0"[..], &[0; 11], length, octal, &base256(12, 3072), length].concat();
    let far = [&base256(12, 1 << 60)[..], b"00000000010\0"].concat();
    vec![
        Row {
            slug: "sparse-gnu-hole-first",
            change: "an old GNU sparse file of 16 bytes that begins with a hole of 8",
            tags: &[],
            bugs: &[],
            tar: gnu(
                CONTENT,
                &[(386, b"00000000010\x0000000000010\0"), (483, b"00000000020\0")],
            ),
        },
        Row {
            slug: "sparse-gnu-old",
            change: "an old GNU sparse file",
            tags: &[],
            bugs: &[],
            tar: gnu(CONTENT, &[(386, part), (483, b"00000000010\0")]),
        },
        Row {
            slug: "sparse-gnu-map",
            change: "an old GNU sparse file whose map goes on in a block that is not there",
            tags: &[Tag("robustness")],
            bugs: &[Bug("tar-split-sparse-loop")],
            tar: gnu(CONTENT, &[(386, part), (482, b"\x01")]),
        },
        Row {
            slug: "sparse-gnu-part-behind-end",
            change: "an old GNU sparse file of 16 bytes whose only part begins at 2^60",
            tags: &[Tag("robustness"), Tag("resource")],
            bugs: &[Bug("tar-split-sparse-loop")],
            tar: gnu(CONTENT, &[(386, &far), (483, b"00000000020\0")]),
        },
        Row {
            slug: "sparse-gnu-hole-2-60",
            change: "an old GNU sparse file of 2^60 bytes without a part",
            tags: &[Tag("security"), Tag("robustness"), Tag("resource")],
            bugs: &[],
            tar: gnu("", &[(483, &base256(12, 1 << 60))]),
        },
        Row {
            slug: "sparse-gnu-size-0",
            change: "an old GNU sparse file of 0 bytes that has content",
            tags: &[Tag("security")],
            bugs: &[],
            tar: gnu(CONTENT, &[(483, b"00000000000\0")]),
        },
        Row {
            slug: "sparse-gnu-part-short",
            change: "an old GNU sparse file of 8 bytes whose only part has 4 of its 8 bytes of content",
            tags: &[Tag("security")],
            bugs: &[],
            tar: gnu(
                CONTENT,
                &[(386, b"00000000000\x0000000000004\0"), (483, b"00000000010\0")],
            ),
        },
        Row {
            slug: "sparse-gnu-part-one-short",
            change: "an old GNU sparse file of 7 bytes whose only part has 7 of its 8 bytes of content",
            tags: &[Tag("security"), Tag("boundary")],
            bugs: &[],
            tar: gnu(
                CONTENT,
                &[(386, b"00000000000\x0000000000007\0"), (483, b"00000000007\0")],
            ),
        },
        Row {
            slug: "sparse-gnu-four-parts",
            change: "an old GNU sparse file of four parts in its header, with an offset of one digit and one in base-256",
            tags: &[Tag("boundary")],
            bugs: &[],
            tar: gnu(&CONTENT.repeat(4 * 64), &[(386, &four), (483, b"00000007000\0")]),
        },
        Row {
            slug: "sparse-gnu-five-parts",
            change: "an old GNU sparse file of five parts, four in its header and one in a block after it",
            tags: &[Tag("boundary")],
            bugs: &[],
            tar: five_parts(),
        },
    ]
}

/// One of five parts. The header has room for four, and the block after it counts for nothing in the size of the file.
pub(super) fn five_parts() -> Vec<u8> {
    let parts: Vec<u8> = (0..5)
        .flat_map(|index| format!("{:011o}\0{:011o}\0", 1024 * index, 512).into_bytes())
        .collect();
    let size = format!("{:011o}\0", in_parts(5).len());
    let (first, last) = parts.split_at(4 * 24);
    let mut map = last.to_vec();
    map.resize(512, 0);
    let mut tar = gnu(
        &"content\n".repeat(5 * 64),
        &[(386, first), (482, b"\x01"), (483, size.as_bytes())],
    );
    tar.splice(512..512, map);
    tar
}

/// The records of a PAX sparse file behind which comes the file.
fn records(records: &[(&str, &str)]) -> Vec<u8> {
    let body: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| tar::record(&format!("GNU.sparse.{key}"), value.as_bytes()))
        .collect();
    extension_of(b'x', &body)
}

/// The records of a file of format 1.0.
pub(super) fn map_records() -> Vec<u8> {
    map_records_of(16)
}

fn map_records_of(size: usize) -> Vec<u8> {
    let size = size.to_string();
    records(&[("major", "1"), ("minor", "0"), ("name", "file-x"), ("realsize", &size)])
}

/// The records of a file of format 0.1 that name the format.
fn version_0_1(size: &str, count: &str, map: &str) -> Vec<u8> {
    records(&[
        ("major", "0"),
        ("minor", "1"),
        ("size", size),
        ("numblocks", count),
        ("map", map),
    ])
}

/// One of format 1.0, whose content begins with this map and is padded to a block.
fn with_map(map: &[u8]) -> Vec<u8> {
    let content = [map, &tar::padding(map.len()), b"content\n"].concat();
    [map_records(), archive(&[file().edit(|entry| entry.content = content)])].concat()
}

/// One of format 1.0 with ten parts, so that their number and offsets have every digit of a decimal one.
fn ten_parts() -> Vec<u8> {
    let parts: String = (0..10).map(|index| format!("{}\n512\n", 1024 * index)).collect();
    let map = format!("10\n{parts}").into_bytes();
    let content = [&map[..], &tar::padding(map.len()), &b"content\n".repeat(640)].concat();
    [
        map_records_of(in_parts(10).len()),
        archive(&[file().edit(|entry| entry.content = content)]),
    ]
    .concat()
}

fn pax() -> Vec<Row> {
    let with = |of: &[(&str, &str)]| [records(of), one_file()].concat();
    let counted = |count| with(&[("size", "16"), ("numblocks", count), ("map", "0,8"), ("name", "file-x")]);
    let endless = file().edit(|entry| entry.content = vec![b'1'; (1 << 20) + 512]);
    vec![
        Row {
            slug: "sparse-pax-0-0",
            change: "a sparse file of PAX format 0.0",
            tags: &[],
            bugs: &[],
            tar: with(&[("size", "16"), ("numblocks", "1"), ("offset", "0"), ("numbytes", "8")]),
        },
        Row {
            slug: "sparse-pax-1-0-ten-parts",
            change: "a sparse file of PAX format 1.0 with ten parts",
            tags: &[Tag("boundary")],
            bugs: &[],
            tar: ten_parts(),
        },
        Row {
            slug: "sparse-pax-0-1",
            change: "a sparse file of PAX format 0.1",
            tags: &[],
            bugs: &[],
            tar: counted("1"),
        },
        Row {
            slug: "sparse-pax-hole-2-60",
            change: "a sparse file of PAX format 0.1 of 2^60 bytes with one part of 8",
            tags: &[Tag("security"), Tag("robustness"), Tag("resource")],
            bugs: &[],
            tar: [version_0_1("1152921504606846976", "1", "0,8"), one_file()].concat(),
        },
        Row {
            slug: "sparse-pax-0-1-no-part",
            change: "a sparse file of PAX format 0.1 of 16 bytes without a part",
            tags: &[Tag("boundary")],
            bugs: &[],
            tar: [version_0_1("16", "0", ""), archive(&[TarEntry::file("file-x", "")])].concat(),
        },
        Row {
            slug: "sparse-pax-0-1-part-behind-end",
            change: "a sparse file of PAX format 0.1 of 16 bytes whose only part begins at 2^60",
            tags: &[Tag("security"), Tag("robustness")],
            bugs: &[],
            tar: [version_0_1("16", "1", "1152921504606846976,8"), one_file()].concat(),
        },
        Row {
            slug: "sparse-pax-1-0-part-behind-end",
            change: "a sparse file of PAX format 1.0 of 16 bytes whose only part begins at 2^60",
            tags: &[Tag("security"), Tag("robustness")],
            bugs: &[],
            tar: with_map(b"1\n1152921504606846976\n8\n"),
        },
        Row {
            slug: "sparse-pax-count",
            change: "a sparse file that claims 2^62 parts",
            tags: &[Tag("resource")],
            bugs: &[Bug("tar-split-sparse-count")],
            tar: counted("4611686018427387904"),
        },
        Row {
            slug: "sparse-pax-count-wraps",
            change: "a sparse file that claims -9223372036854775807 parts, twice which is 2 in 64 bits",
            tags: &[Tag("robustness")],
            bugs: &[Bug("tar-split-sparse-count")],
            tar: counted("-9223372036854775807"),
        },
        Row {
            slug: "sparse-pax-1-0",
            change: "a sparse file of PAX format 1.0",
            tags: &[],
            bugs: &[],
            tar: with_map(b"1\n0\n8\n"),
        },
        Row {
            slug: "sparse-pax-1-0-count",
            change: "a sparse file of PAX format 1.0 whose map claims 2^62 parts",
            tags: &[Tag("resource")],
            bugs: &[Bug("tar-split-sparse-count")],
            tar: with_map(b"4611686018427387904\n0\n8\n"),
        },
        Row {
            slug: "sparse-pax-long-map",
            change: "a sparse file whose map is longer than 1 MiB",
            tags: &[Tag("resource")],
            bugs: &[Bug("tar-split-sparse-limit")],
            tar: [map_records(), archive(&[endless])].concat(),
        },
        Row {
            slug: "sparse-pax-many-parts",
            change: "a sparse file whose map of 262145 parts is longer than 1 MiB",
            tags: &[Tag("resource")],
            bugs: &[Bug("tar-split-sparse-limit")],
            tar: with_map(&many_parts(1 << 18)),
        },
    ]
}

/// A map of so many parts without content, and one that has it.
fn many_parts(empty: usize) -> Vec<u8> {
    [
        format!("{}\n", empty + 1).as_bytes(),
        &b"0\n0\n".repeat(empty),
        b"0\n8\n",
    ]
    .concat()
}
