//! Changes of the TOC of a layer.

use super::{
    Base::{self, Chunked, Empty, Owner, Replacement},
    Row, TextEdit,
    Verdict::{self, Either, Invalid, Valid},
};
use crate::{
    format::Dialect,
    rules::Rule,
    vectors::{Choice, generate::build::toc::TocEntry},
};

/// Slug, change, verdict, and what is done to the text.
type Change = (&'static str, &'static str, Verdict, TextEdit);

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
            syntax(),
        ),
        (
            "A value is read as one of another type, or another number, and two readers see two layers.",
            Owner,
            values(),
        ),
        (
            "What one reader passes over is an error to another, or another value.",
            Owner,
            choices(),
        ),
        (
            "It has no form in UTF-8, so that two readers create two files.",
            Replacement,
            surrogates(),
        ),
        (
            "A TOC of another version, or none at all, is read as one of this format.",
            Owner,
            documents(),
        ),
        (
            "Something that is no TOC is taken for one without entries, and a whole layer is missing.",
            Empty,
            no_entries(),
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
    (slug, change, verdict, TextEdit::Swap(from.to_owned(), to.into()))
}

fn syntax() -> Vec<Change> {
    let syntax = Invalid(&[Rule::JsonSyntax]);
    let trailing = Invalid(&[Rule::JsonTrailing]);
    vec![
        change("toc-syntax-trailing-comma", "a comma behind the last entry of the TOC", syntax, "}]", "},]"),
        change("toc-syntax-no-comma", "no comma between two entries of the TOC", syntax, "},{", "}{"),
        change("toc-syntax-comment", "a comment in the TOC", syntax, r#""version":1"#, r#""version":/* one */1"#),
        change("toc-syntax-leading-zero", "a mode with a leading zero in the TOC", syntax, r#""mode":420"#, r#""mode":0420"#),
        change("toc-syntax-plus", "a mode with a plus sign in the TOC", syntax, r#""mode":420"#, r#""mode":+420"#),
        change("toc-syntax-tab-in-string", "a raw tab in an unknown key of the TOC", syntax, r#""version":1"#, "\"version\":1,\"\t\":1"),
        ("toc-syntax-cut", "a TOC without its last brace", syntax, TextEdit::End("}", "")),
        ("toc-syntax-cut-behind-empty-key", "an empty key in place of the last brace of the TOC", syntax, TextEdit::End("}", ",\"\":")),
        ("toc-trailing-object", "an object behind the TOC", trailing, TextEdit::End("}", "}{}")),
        ("toc-trailing-text", "text behind the TOC", trailing, TextEdit::End("}", "}\naaaa")),
    ]
}

fn values() -> Vec<Change> {
    let integer = Invalid(&[Rule::JsonInteger]);
    let typed = Invalid(&[Rule::JsonType]);
    vec![
        change("toc-number-fraction", "a size of 20.0 in the TOC", integer, r#""size":20"#, r#""size":20.0"#),
        change("toc-number-exponent", "a uid of 1e3 in the TOC", integer, r#""uid":1000"#, r#""uid":1e3"#),
        change("toc-number-wraps", "a mode in the TOC that wraps to the right one", integer, r#""mode":420"#, r#""mode":18446744073709552036"#),
        change("toc-type-uid-string", "a string for the uid in the TOC", typed, r#""uid":1000"#, r#""uid":"1000""#),
        change("toc-type-mode-array", "an array around the mode in the TOC", typed, r#""mode":420"#, r#""mode":[420]"#),
    ]
}

fn choices() -> Vec<Change> {
    let duplicate = Either(Choice::DuplicateKeys, Rule::JsonDuplicateKey);
    let deep = format!(r#""version":1,"x":{}{}"#, "[".repeat(1000), "]".repeat(1000));
    let nested = format!(r#""version":1,"x":{}{}"#, "[".repeat(40), "]".repeat(40));
    vec![
        change("toc-duplicate-key", "a layer with two modes in an entry of the TOC", duplicate, r#""mode":420"#, r#""mode":2541,"mode":420"#),
        change(
            "toc-folded-key",
            "a layer with NAME instead of name in the TOC",
            Either(Choice::FoldedKeys, Rule::JsonFoldedKey),
            r#""name":"etc/motd""#,
            r#""NAME":"etc/motd""#,
        ),
        change(
            "toc-folded-key-unknown",
            "a layer with a second version in the TOC, under the key Version",
            Either(Choice::UnfoldedKeys, Rule::JsonFoldedKey),
            r#""version":1"#,
            r#""version":1,"Version":2"#,
        ),
        change(
            "toc-deep",
            "a layer with 1000 nested arrays under an unknown key of the TOC",
            Either(Choice::DeepJson, Rule::JsonDepth),
            r#""version":1"#,
            deep,
        ),
        change("g5-toc-nested", "a layer with 40 nested arrays under an unknown key of the TOC", Valid(Rule::JsonDepth), r#""version":1"#, nested),
        change(
            "toc-null-uid",
            "a layer with null for a uid in the TOC",
            Either(Choice::NullFields, Rule::JsonNull),
            r#""name":"etc/""#,
            r#""name":"etc/","uid":null"#,
        ),
        change(
            "g5-toc-num-link",
            "a layer with text under NumLink in the TOC",
            Valid(Rule::JsonType),
            r#""name":"etc/""#,
            r#""name":"etc/","NumLink":"two""#,
        ),
    ]
}

fn surrogates() -> Vec<Change> {
    vec![change(
        "toc-lone-surrogate",
        "a layer with the escape of half a surrogate pair in the TOC",
        Either(Choice::LoneSurrogates, Rule::JsonUnicode),
        "a\u{fffd}",
        r"a\ud800",
    )]
}

fn documents() -> Vec<Change> {
    let version = Invalid(&[Rule::TocVersion]);
    vec![
        change("toc-version-2", "version 2 in the TOC", version, r#""version":1"#, r#""version":2"#),
        change("toc-version-missing", "no version in the TOC", version, r#""version":1,"#, ""),
    ]
}

fn no_entries() -> Vec<Change> {
    let entries = Invalid(&[Rule::TocEntries]);
    vec![
        change("toc-entries-missing", "no list of entries in the TOC", entries, r#","entries":[]"#, ""),
        change("toc-entries-object", "an object for the entries of the TOC", entries, r#""entries":[]"#, r#""entries":{}"#),
        change("toc-entries-false", "false for the entries of the TOC", entries, r#""entries":[]"#, r#""entries":false"#),
        change("g5-toc-entries-null", "a layer without entries, with null for them", Valid(Rule::TocEntries), r#""entries":[]"#, r#""entries":null"#),
    ]
}

fn entries() -> Vec<Change> {
    let kind = Invalid(&[Rule::EntryType, Rule::EntrySets]);
    let count = Invalid(&[Rule::EntryCount]);
    let name = Invalid(&[Rule::EntryName, Rule::EntrySets, Rule::EntryMetadata]);
    vec![
        change("toc-type-upper-case", "a type in upper case in the TOC", kind, r#""type":"dir""#, r#""type":"DIR""#),
        change("toc-type-unknown", "an unknown type in the TOC", kind, r#""type":"symlink""#, r#""type":"socket""#),
        change("toc-offset-negative", "offset -1 of a directory in the TOC", count, r#""name":"etc/""#, r#""name":"etc/","offset":-1"#),
        change("toc-chunk-offset-negative", "chunk offset -1 of a symbolic link in the TOC", count, r#""name":"etc/link""#, r#""name":"etc/link","chunkOffset":-1"#),
        change("toc-name-nul", "a NUL byte at the end of a name in the TOC", name, r#""etc/motd""#, r#""etc/motd\u0000""#),
        change("toc-link-name-nul", "a NUL byte at the end of a link name in the TOC", name, r#""../motd""#, r#""../motd\u0000""#),
        change("toc-name-missing", "no name of an entry in the TOC", name, r#""name":"etc/link","#, ""),
    ]
}

fn files(file: &Texts) -> Vec<Change> {
    let indexed = Invalid(&[Rule::FileIndexed, Rule::FileMissing]);
    let digest = Invalid(&[Rule::EntryDigest]);
    let Texts { digest: sum, offset, end } = file;
    vec![
        change("toc-file-without-digest", "no digest of a file in the TOC", indexed, &format!(r#""digest":"{sum}","#), ""),
        change("toc-file-without-offset", "no offset of a file in the TOC", indexed, &format!(r#""offset":{offset},"#), ""),
        change("toc-file-without-end", "no end offset of a file in the TOC", indexed, &format!(r#","endOffset":{end}"#), ""),
        change("toc-file-end-at-offset", "an end offset in the TOC that is the offset", indexed, &format!(r#""endOffset":{end}"#), format!(r#""endOffset":{offset}"#)),
        change("toc-digest-upper-case", "a digest in upper case in the TOC", digest, sum, sum.to_uppercase().replace("SHA256", "sha256")),
        change("toc-digest-without-algorithm", "a digest without its algorithm in the TOC", digest, sum, sum.replace("sha256:", "")),
    ]
}

fn texts() -> Vec<Change> {
    let xattr = Invalid(&[Rule::EntryXattr, Rule::EntryMetadata]);
    let time = Invalid(&[Rule::EntryTime, Rule::EntryMetadata]);
    const TIME: &str = "2023-11-14T22:13:20Z";
    vec![
        change("toc-xattr-unpadded", "base64 without its padding in the TOC", xattr, "MQ==", "MQ"),
        change("toc-xattr-line-feed", "a line feed in base64 in the TOC", xattr, "MQ==", r"MQ==\n"),
        change(
            "toc-xattr-trailing-bits",
            "a layer with bits of base64 in the TOC that are not used and not zero",
            Either(Choice::TrailingBits, Rule::EntryXattr),
            "MQ==",
            "MR==",
        ),
        change("toc-time-space", "a space between date and time in the TOC", time, TIME, "2023-11-14 22:13:20Z"),
        change("toc-time-zone-without-colon", "a zone without a colon in the TOC", time, TIME, "2023-11-14T22:13:20+0000"),
        change("toc-time-empty-fraction", "a point without a fraction in the TOC", time, TIME, "2023-11-14T22:13:20.Z"),
        change(
            "toc-time-lower-case",
            "a layer with times in lower case in the TOC",
            Either(Choice::LowerCaseTimes, Rule::EntryTime),
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
        change("toc-chunk-other-name", "another name of the last chunk in the TOC", follows, &named("data"), named("other")),
        change("toc-chunk-name-spelled-otherwise", "the name of the last chunk behind a dot in the TOC", follows, &named("data"), named("./data")),
        change("toc-chunk-gap", "a last chunk in the TOC that begins a byte late in its file", sequence, &at(last.chunk_offset), at(last.chunk_offset + 1)),
        change("toc-chunk-overlap", "a last chunk in the TOC that begins a byte early in its file", sequence, &at(last.chunk_offset), at(last.chunk_offset - 1)),
        change("toc-chunk-offsets-equal", "a last chunk in the TOC at the offset of the one before", range, &offset(last), offset(before)),
        change("toc-chunk-at-end", "a last chunk in the TOC at the end offset of its file", range, &offset(last), format!(r#""offset":{},"#, file.end_offset)),
        change("toc-chunk-type-unknown", "an unknown chunk type in the TOC", kind, r#""zeros""#, r#""ones""#),
        change("toc-chunk-type-upper-case", "a chunk type in upper case in the TOC", kind, r#""zeros""#, r#""ZEROS""#),
        change("toc-chunk-digest-short", "a digit less in the digest of a chunk in the TOC", digest, &last.chunk_digest, &last.chunk_digest[..last.chunk_digest.len() - 1]),
        change("toc-chunk-digest-empty", "an empty digest of a chunk in the TOC", digest, &last.chunk_digest, ""),
    ]
}
