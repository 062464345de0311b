//! Layers whose TOC is in a member with the optional fields of a gzip header.

use super::{
    super::Blobs,
    index::{Cases, input, input_of, layer, output},
};
use crate::{
    forge::{
        EditInPlace,
        estargz::{crc32, member},
        tar::TarEntry,
    },
    rules::Rule,
    vectors::Tag,
};

/// The flags of a gzip header (RFC 1952).
const TEXT: u8 = 1;
const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// What a gzip header can have besides what it must have.
#[derive(Clone)]
struct Header {
    flags: u8,
    time: u32,
    /// What the compressor says of itself.
    effort: u8,
    system: u8,
    /// The optional fields, in their order, without the checksum.
    fields: Vec<u8>,
    /// What is wrong with the checksum of the header, where it has one.
    wrong: u16,
}

impl Header {
    const fn plain() -> Self {
        Self {
            flags: 0,
            time: 0,
            effort: 0,
            system: 0xff,
            fields: Vec::new(),
            wrong: 0,
        }
    }

    fn with(flags: u8, fields: &[&[u8]]) -> Self {
        Self {
            flags,
            fields: fields.concat(),
            ..Self::plain()
        }
    }

    /// A member of these bytes with this header.
    fn member(&self, bytes: &[u8]) -> Vec<u8> {
        let mut header = vec![0x1f, 0x8b, 8, self.flags];
        header.extend(self.time.to_le_bytes());
        header.extend([self.effort, self.system]);
        header.extend(&self.fields);
        if self.flags & HEADER_CRC != 0 {
            let [low, high, ..] = crc32(&header).to_le_bytes();
            let sum = u16::from_le_bytes([low, high]) ^ self.wrong;
            header.extend(sum.to_le_bytes());
        }
        header.extend(&member(bytes)[10..]);
        header
    }
}

/// An extra field with one subfield.
fn extra(text: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_le_bytes();
    [&length(text.len() + 4)[..], b"XY", &length(text.len()), text].concat()
}

pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs) {
    after_the_end(cases, blobs);
    accepted(cases, blobs);
    broken(cases, blobs);
    deflate(cases, blobs);
}

fn accepted(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = "The member is a good one of gzip, and a reader that expects a header of ten bytes finds no TOC.";
    // Go reads names of up to 511 bytes.
    let long = b"n".repeat(511);
    let rows: [(&str, &str, Header); 14] = [
        ("name", "a file name", Header::with(NAME, &[b"stargz.index.json\0"])),
        ("name-empty", "an empty file name", Header::with(NAME, &[b"\0"])),
        (
            "name-long",
            "a file name of 511 bytes",
            Header::with(NAME, &[&long, b"\0"]),
        ),
        ("comment", "a comment", Header::with(COMMENT, &[b"nobody reads it\0"])),
        (
            "comment-not-utf-8",
            "a comment that is not UTF-8",
            Header::with(COMMENT, &[b"\xe4\xff\0"]),
        ),
        ("extra", "an extra field", Header::with(EXTRA, &[&extra(b"text")])),
        (
            "extra-empty",
            "an extra field of no bytes",
            Header::with(EXTRA, &[&[0, 0]]),
        ),
        ("extra-like-footer", "an extra field like that of the footer", {
            Header::with(EXTRA, &[&[0x1a, 0], b"SG\x16\x000000000000000000STARGZ"])
        }),
        ("header-crc", "a checksum of the header", Header::with(HEADER_CRC, &[])),
        ("text", "the flag for text", Header::with(TEXT, &[])),
        (
            "time",
            "a modification time",
            Header::plain().edit(|header| header.time = u32::MAX),
        ),
        (
            "effort",
            "the mark of the best compression",
            Header::plain().edit(|header| header.effort = 2),
        ),
        (
            "system",
            "the number of another operating system",
            Header::plain().edit(|header| header.system = 3),
        ),
        (
            "everything",
            "an extra field, a name, a comment, a checksum of the header, a time and the flag for text",
            Header {
                time: 1_700_000_000,
                effort: 4,
                system: 3,
                ..Header::with(
                    TEXT | HEADER_CRC | EXTRA | NAME | COMMENT,
                    &[&extra(b"text"), b"name\0", b"comment\0"],
                )
            },
        ),
    ];
    let plain = layer();
    for (slug, what, header) in rows {
        let toc = header.member(&plain.toc_tar());
        cases
            .valid(
                &format!("estargz-toc-gzip-{slug}"),
                &format!("a layer whose TOC is in a member with {what}"),
                WHY,
                input_of(blobs, &plain, &toc),
                output(&plain),
            )
            .rules(&[Rule::EStargzMembers])
            .estargz()
            .tags(&[Tag("interop")]);
    }
    let data = layer().edit(|layer| {
        let tar = tar_of(&layer.members[1]);
        layer.members[1] = Header::with(NAME | COMMENT, &[b"file\0", b"comment\0"]).member(&tar);
    });
    cases
        .valid(
            "estargz-data-gzip-name",
            "a layer whose file is in a member with a name and a comment",
            "The content is looked for behind a header of ten bytes.",
            input(blobs, &data),
            output(&data),
        )
        .rules(&[Rule::EStargzMembers])
        .estargz()
        .tags(&[Tag("interop")]);
}

/// What follows the end-of-archive blocks of the TOC's tar has no meaning.
fn after_the_end(cases: &mut Cases, blobs: &mut Blobs) {
    let second = TarEntry::file("stargz.index.json", r#"{"version":1,"entries":[]}"#);
    let entry = [&second.header()[..], &second.content].concat();
    for (slug, what, tail) in [
        ("record", "zeros up to a record of 10240 bytes", vec![0; 10_240 - 1024]),
        ("odd", "bytes that are no tar", b"odd".repeat(100)),
        ("entry", "another TOC", entry),
    ] {
        let layer = layer().edit(|layer| layer.tail.extend(tail));
        cases
            .valid(
                &format!("estargz-toc-tar-then-{slug}"),
                &format!("a TOC whose tar has {what} after its end-of-archive blocks"),
                "The last file of that name counts, or bytes without meaning make the TOC an error.",
                input(blobs, &layer),
                output(&layer),
            )
            .rules(&[Rule::EStargzToc])
            .estargz()
            .tags(&[Tag("interop")]);
    }
}

/// The bytes of a member of one stored block.
fn tar_of(member: &[u8]) -> Vec<u8> {
    member[15..member.len() - 8].to_vec()
}

fn broken(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str = "RFC 1952 asks a decoder to reject it; one that goes on takes bytes of the header for data.";
    let members = &[Rule::EStargzMembers, Rule::EStargzToc][..];
    let plain = layer();
    let tar = plain.toc_tar();
    let wrong = Header::with(HEADER_CRC, &[]).edit(|header| header.wrong = 1);
    let wrong_after_name = Header::with(HEADER_CRC | NAME, &[b"name\0"]).edit(|header| header.wrong = 0x8000);
    let method = Header::plain().member(&tar).edit(|member| member[2] = 7);
    for (slug, twin, change, toc) in [
        (
            "header-crc-wrong",
            "header-crc",
            "another bit in the checksum of the header",
            wrong.member(&tar),
        ),
        (
            "name-header-crc-wrong",
            "name",
            "a wrong checksum of the header besides",
            wrong_after_name.member(&tar),
        ),
        (
            "flag-32",
            "text",
            "the first reserved flag besides",
            Header::with(TEXT | 32, &[]).member(&tar),
        ),
        (
            "flag-128",
            "text",
            "the last reserved flag besides",
            Header::with(TEXT | 128, &[]).member(&tar),
        ),
        ("method-7", "text", "another compression method", method),
        (
            "extra-too-long",
            "extra",
            "an extra field that is longer than the member",
            { Header::with(EXTRA, &[&[0xff, 0xff]]).member(&tar) },
        ),
        (
            "name-flag-alone",
            "name",
            "the flag of a second text, which is not there",
            { Header::with(NAME | COMMENT, &[b"stargz.index.json\0"]).member(&tar) },
        ),
    ] {
        cases
            .invalid(
                &format!("estargz-toc-gzip-{slug}"),
                &format!("estargz-toc-gzip-{twin}"),
                change,
                WHY,
                members,
                input_of(blobs, &plain, &toc),
            )
            .tags(&[Tag("security")]);
    }
}

/// The data of a member.
fn deflate(cases: &mut Cases, blobs: &mut Blobs) {
    const WHY: &str =
        "The blocks of a member end where a careless decoder does not look, and it finds another TOC or none.";
    let plain = layer();
    let tar = plain.toc_tar();
    let whole = member(&tar);
    let (start, trailer) = (10, whole.len() - 8);
    let stored = |bytes: &[u8], last: u8| {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        [&[last][..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes].concat()
    };
    let with = |blocks: Vec<u8>| [&whole[..start], &blocks, &whole[trailer..]].concat();
    let (first, second) = tar.split_at(600);
    let in_blocks = with([stored(first, 0), stored(b"", 0), stored(second, 0), stored(b"", 1)].concat());
    // A block of fixed codes that holds nothing but its end: three bits and seven zeros.
    let fixed = with([stored(&tar, 0), vec![3, 0]].concat());
    for (slug, title, toc) in [
        (
            "blocks",
            "a layer whose TOC is in several blocks of a member, empty ones among them",
            in_blocks,
        ),
        (
            "fixed-codes-last",
            "a layer whose TOC ends with an empty block of fixed codes",
            fixed,
        ),
    ] {
        cases
            .valid(
                &format!("estargz-toc-deflate-{slug}"),
                title,
                WHY,
                input_of(blobs, &plain, &toc),
                output(&plain),
            )
            .rules(&[Rule::EStargzMembers])
            .estargz()
            .tags(&[Tag("interop"), Tag("boundary")]);
    }
    let members = &[Rule::EStargzMembers, Rule::EStargzToc][..];
    let complement = whole.clone().edit(|member| member[start + 3] ^= 1);
    for (slug, change, rules, toc) in [
        (
            "no-last-block",
            "no block that is marked as the last",
            members,
            with(stored(&tar, 0)),
        ),
        (
            "complement-wrong",
            "a wrong complement of the length of a block",
            members,
            complement,
        ),
        (
            "block-type-reserved",
            "the reserved type of a block after the first",
            members,
            { with([stored(&tar, 0), vec![7]].concat()) },
        ),
        (
            "two-members",
            "its tar in two members",
            &[Rule::EStargzToc, Rule::EStargzMembers],
            [member(first), member(second)].concat(),
        ),
    ] {
        cases
            .invalid(
                &format!("estargz-toc-deflate-{slug}"),
                "estargz",
                change,
                WHY,
                rules,
                input_of(blobs, &plain, &toc),
            )
            .tags(&[Tag("security")]);
    }
}
