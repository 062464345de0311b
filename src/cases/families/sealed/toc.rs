//! Changes of the TOC of a layer.

mod json;

use super::{
    Base::{self, Chunked, Empty, Owner, Replacement},
    Row,
    Verdict::{self, Either, Invalid},
};
use crate::{
    forge::{Edit, toc::TocEntry},
    format::Dialect,
    rules::Rule,
    vectors::Choice,
};

/// Slug, change, verdict, and what is done to the text.
type Change = (&'static str, &'static str, Verdict, Edit);

/// Texts of the TOC that depend on the data.
struct Texts {
    digest: String,
    offset: u64,
    end: u64,
}

impl Texts {
    fn of(entry: &TocEntry) -> Self {
        Self {
            digest: entry.digest.clone(),
            offset: entry.offset,
            end: entry.end_offset,
        }
    }
}

/// Every change of a TOC of this dialect.
pub(super) fn rows(dialect: Dialect) -> Vec<Row> {
    let listed = |base: Base| base.plan(dialect).parts().toc;
    let file = Texts::of(&listed(Owner)[1]);
    let chunks: Vec<TocEntry> = listed(Chunked)[3..].to_vec();
    let groups = [
        (
            "What is no JSON is read up to the mistake, or the mistake is passed over, and two readers see two layers.",
            Owner,
            json::syntax(),
        ),
        (
            "A value is read as one of another type, or another number, and two readers see two layers.",
            Owner,
            json::values(),
        ),
        (
            "What one reader passes over is an error to another, or another value.",
            Owner,
            json::choices(),
        ),
        (
            "It has no form in UTF-8, so that two readers create two files.",
            Replacement,
            json::surrogates(),
        ),
        (
            "A TOC of another version, or none at all, is read as one of this format.",
            Owner,
            json::documents(),
        ),
        (
            "Something that is no TOC is taken for one without entries, and a whole layer is missing.",
            Empty,
            json::no_entries(),
        ),
        (
            "What makes no sense is passed over, and the next reader makes something else of it.",
            Owner,
            entries(),
        ),
        (
            "The content of the file is not found, not checked, or looked up under a key that no other reader uses.",
            Owner,
            files(&file),
        ),
        (
            "A value that is read leniently is another value for the next reader, and the comparison with the tar misses it.",
            Owner,
            texts(),
        ),
        (
            "A file is put together from other bytes, or in another order, than its writer had.",
            Chunked,
            chunked(&chunks),
        ),
    ];
    let mut rows = Vec::new();
    for (why, base, changes) in groups {
        for (slug, change, verdict, edit) in changes {
            rows.push(Row {
                slug,
                change,
                why,
                verdict,
                base,
                edit,
            });
        }
    }
    rows
}

fn change(slug: &'static str, change: &'static str, verdict: Verdict, from: &str, to: impl Into<String>) -> Change {
    each(1, slug, change, verdict, from, to)
}

/// The change of a text that is there so many times.
fn each(
    times: usize,
    slug: &'static str,
    change: &'static str,
    verdict: Verdict,
    from: &str,
    to: impl Into<String>,
) -> Change {
    (slug, change, verdict, Edit::replace(from, &to.into(), times))
}

fn entries() -> Vec<Change> {
    let kind = Invalid(&[Rule::EntryType, Rule::EntrySets]);
    let count = Invalid(&[Rule::EntryCount]);
    let name = Invalid(&[Rule::EntryName, Rule::EntrySets, Rule::EntryMetadata]);
    vec![
        change(
            "toc-type-upper-case",
            "a type in upper case in the TOC",
            kind,
            r#""type":"dir""#,
            r#""type":"DIR""#,
        ),
        change(
            "toc-type-unknown",
            "an unknown type in the TOC",
            kind,
            r#""type":"symlink""#,
            r#""type":"socket""#,
        ),
        change(
            "toc-offset-negative",
            "offset -1 of a directory in the TOC",
            count,
            r#""name":"etc/""#,
            r#""name":"etc/","offset":-1"#,
        ),
        change(
            "toc-chunk-offset-negative",
            "chunk offset -1 of a symbolic link in the TOC",
            count,
            r#""name":"etc/link""#,
            r#""name":"etc/link","chunkOffset":-1"#,
        ),
        change(
            "toc-name-nul",
            "a NUL byte at the end of a name in the TOC",
            name,
            r#""etc/motd""#,
            r#""etc/motd\u0000""#,
        ),
        change(
            "toc-link-name-nul",
            "a NUL byte at the end of a link name in the TOC",
            name,
            r#""../motd""#,
            r#""../motd\u0000""#,
        ),
        change(
            "toc-name-missing",
            "no name of an entry in the TOC",
            name,
            r#""name":"etc/link","#,
            "",
        ),
    ]
}

fn files(file: &Texts) -> Vec<Change> {
    let indexed = Invalid(&[Rule::FileIndexed, Rule::FileMissing]);
    let digest = Invalid(&[Rule::EntryDigest]);
    let Texts {
        digest: sum,
        offset,
        end,
    } = file;
    vec![
        change(
            "toc-file-without-digest",
            "no digest of a file in the TOC",
            indexed,
            &format!(r#""digest":"{sum}","#),
            "",
        ),
        change(
            "toc-file-without-offset",
            "no offset of a file in the TOC",
            indexed,
            &format!(r#""offset":{offset},"#),
            "",
        ),
        change(
            "toc-file-without-end",
            "no end offset of a file in the TOC",
            indexed,
            &format!(r#","endOffset":{end}"#),
            "",
        ),
        change(
            "toc-file-end-at-offset",
            "an end offset in the TOC that is the offset",
            indexed,
            &format!(r#""endOffset":{end}"#),
            format!(r#""endOffset":{offset}"#),
        ),
        change(
            "toc-digest-upper-case",
            "a digest in upper case in the TOC",
            digest,
            sum,
            sum.to_uppercase().replace("SHA256", "sha256"),
        ),
        change(
            "toc-digest-without-algorithm",
            "a digest without its algorithm in the TOC",
            digest,
            sum,
            sum.replace("sha256:", ""),
        ),
    ]
}

fn texts() -> Vec<Change> {
    let xattr = Invalid(&[Rule::EntryXattr, Rule::EntryMetadata]);
    let time = Invalid(&[Rule::EntryTime, Rule::EntryMetadata]);
    const TIME: &str = "2023-11-14T22:13:20Z";
    vec![
        change(
            "toc-xattr-unpadded",
            "base64 without its padding in the TOC",
            xattr,
            "MQ==",
            "MQ",
        ),
        change(
            "toc-xattr-line-feed",
            "a line feed in base64 in the TOC",
            xattr,
            "MQ==",
            r"MQ==\n",
        ),
        change(
            "toc-xattr-trailing-bits",
            "a layer with bits of base64 in the TOC that are not used and not zero",
            Either(Choice("trailing-bits"), Rule::EntryXattr),
            "MQ==",
            "MR==",
        ),
        each(
            3,
            "toc-time-space",
            "a space between date and time in the TOC",
            time,
            TIME,
            "2023-11-14 22:13:20Z",
        ),
        each(
            3,
            "toc-time-zone-without-colon",
            "a zone without a colon in the TOC",
            time,
            TIME,
            "2023-11-14T22:13:20+0000",
        ),
        each(
            3,
            "toc-time-empty-fraction",
            "a point without a fraction in the TOC",
            time,
            TIME,
            "2023-11-14T22:13:20.Z",
        ),
        each(
            3,
            "toc-time-lower-case",
            "a layer with times in lower case in the TOC",
            Either(Choice("lower-case-times"), Rule::EntryTime),
            TIME,
            "2023-11-14t22:13:20z",
        ),
    ]
}

fn chunked(chunks: &[TocEntry]) -> Vec<Change> {
    let follows = Invalid(&[Rule::ChunkFollows]);
    let sequence = Invalid(&[Rule::ChunkSequence]);
    let range = Invalid(&[Rule::ChunkRange, Rule::RangeSize, Rule::ChunkDigest]);
    let kind = Invalid(&[Rule::ChunkType]);
    let digest = Invalid(&[Rule::EntryDigest]);
    // The first is the file itself, the third one is of zeros, and the last one ends the file.
    let (Some(file), Some(before), Some(last)) = (chunks.first(), chunks.iter().rev().nth(1), chunks.last()) else {
        return Vec::new();
    };
    let offset = |of: &TocEntry| format!(r#""offset":{},"#, of.offset);
    let at = |number: u64| format!(r#""chunkOffset":{number},"#);
    let named = |name: &str| format!(r#""name":"{name}",{}"#, offset(last));
    vec![
        change(
            "toc-chunk-other-name",
            "another name of the last chunk in the TOC",
            follows,
            &named("data"),
            named("other"),
        ),
        change(
            "toc-chunk-name-spelled-otherwise",
            "the name of the last chunk after a dot in the TOC",
            follows,
            &named("data"),
            named("./data"),
        ),
        change(
            "toc-chunk-gap",
            "a last chunk in the TOC that begins a byte late in its file",
            sequence,
            &at(last.chunk_offset),
            at(last.chunk_offset + 1),
        ),
        change(
            "toc-chunk-overlap",
            "a last chunk in the TOC that begins a byte early in its file",
            sequence,
            &at(last.chunk_offset),
            at(last.chunk_offset - 1),
        ),
        change(
            "toc-chunk-offsets-equal",
            "a last chunk in the TOC at the offset of the one before",
            range,
            &offset(last),
            offset(before),
        ),
        change(
            "toc-chunk-at-end",
            "a last chunk in the TOC at the end offset of its file",
            range,
            &offset(last),
            format!(r#""offset":{},"#, file.end_offset),
        ),
        change(
            "toc-chunk-type-unknown",
            "an unknown chunk type in the TOC",
            kind,
            r#""zeros""#,
            r#""ones""#,
        ),
        change(
            "toc-chunk-type-upper-case",
            "a chunk type in upper case in the TOC",
            kind,
            r#""zeros""#,
            r#""ZEROS""#,
        ),
        change(
            "toc-chunk-digest-short",
            "a digit less in the digest of a chunk in the TOC",
            digest,
            &last.chunk_digest,
            &last.chunk_digest[..last.chunk_digest.len() - 1],
        ),
        change(
            "toc-chunk-digest-empty",
            "an empty digest of a chunk in the TOC",
            digest,
            &last.chunk_digest,
            "",
        ),
    ]
}
