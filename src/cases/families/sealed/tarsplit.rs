//! Changes of the tar-split of a layer.

use super::{
    Base::{self, Owner, Replacement},
    Row,
    Verdict::{self, Either, Invalid},
};
use crate::{forge::Edit, rules::Rule, vectors::Choice};

/// Slug, change, verdict, and the text that is replaced by another.
type Change = (&'static str, &'static str, Verdict, &'static str, &'static str);

const SIZE: &str = r#""size":20"#;
const NAME: &str = r#""name":"etc/motd""#;
const DIR: &str = r#""name":"etc/""#;
/// The segment of zeros that ends the archive has this text once, at its end.
const PADDED: &str = r#"AAA==""#;

/// What each line of the tar-split has.
const OF_EACH_LINE: [&str; 2] = ["\n", r#""position":"#];
/// How many lines it has.
const LINES: usize = 7;

/// Every change.
pub(super) fn rows() -> Vec<Row> {
    let groups: [(&str, Base, Vec<Change>); 4] = [
        (
            "Bytes of the tar, or a file, are lost or read leniently, and the tar that is pushed is another.",
            Owner,
            broken(),
        ),
        (
            "Readers that go line by line and readers that go value by value see two tar-splits.",
            Owner,
            lines(),
        ),
        (
            "What one reader passes over is an error to another, or another value.",
            Owner,
            keys(),
        ),
        (
            "It has no form in UTF-8, so that two readers look for two files.",
            Replacement,
            vec![(
                "tar-split-lone-surrogate",
                "a layer with the escape of half a surrogate pair in the tar-split",
                Either(Choice("lone-surrogates"), Rule::JsonUnicode),
                "\"a\u{fffd}\"",
                r#""a\udc00""#,
            )],
        ),
    ];
    let mut rows = Vec::new();
    for (why, base, changes) in groups {
        for (slug, change, verdict, from, to) in changes {
            rows.push(Row {
                slug,
                change,
                why,
                verdict,
                base,
                edit: Edit::replace(from, to, if OF_EACH_LINE.contains(&from) { LINES } else { 1 }),
            });
        }
    }
    rows
}

fn broken() -> Vec<Change> {
    let integer = Invalid(&[Rule::JsonInteger, Rule::SegmentFile]);
    let typed = Invalid(&[Rule::JsonType, Rule::SegmentFile]);
    let payload = Invalid(&[Rule::TarSplitPayload]);
    vec![
        (
            "tar-split-number-fraction",
            "a size of 20.0 in the tar-split",
            integer,
            SIZE,
            r#""size":20.0"#,
        ),
        (
            "tar-split-number-exponent",
            "a size of 2e1 in the tar-split",
            integer,
            SIZE,
            r#""size":2e1"#,
        ),
        (
            "tar-split-number-wraps",
            "a size of 2^64 + 20 in the tar-split",
            integer,
            SIZE,
            r#""size":18446744073709551636"#,
        ),
        (
            "tar-split-size-string",
            "a string for a size in the tar-split",
            typed,
            SIZE,
            r#""size":"20""#,
        ),
        (
            "tar-split-position-string",
            "a string for a position in the tar-split",
            Invalid(&[Rule::JsonType]),
            r#""position":5"#,
            r#""position":"5""#,
        ),
        (
            "tar-split-syntax-leading-zero",
            "a size with a leading zero in the tar-split",
            Invalid(&[Rule::JsonSyntax]),
            SIZE,
            r#""size":020"#,
        ),
        (
            "tar-split-trailing-text",
            "text after the first object of the tar-split",
            Invalid(&[Rule::JsonTrailing, Rule::JsonSyntax, Rule::TarSplitLines]),
            "\"position\":0}\n",
            "\"position\":0} x\n",
        ),
        (
            "tar-split-type-257",
            "type 257 for a file in the tar-split",
            Invalid(&[Rule::TarSplitType, Rule::SegmentFile]),
            r#"{"type":1,"name":"etc/""#,
            r#"{"type":257,"name":"etc/""#,
        ),
        (
            "tar-split-size-negative",
            "size -1 of a directory in the tar-split",
            Invalid(&[Rule::TarSplitSize]),
            DIR,
            r#""name":"etc/","size":-1"#,
        ),
        (
            "tar-split-segment-unpadded",
            "a last segment without its padding",
            payload,
            PADDED,
            r#"AAA""#,
        ),
        (
            "tar-split-segment-line-feed",
            "a line feed in the last segment",
            payload,
            PADDED,
            r#"AAA==\n""#,
        ),
    ]
}

fn lines() -> Vec<Change> {
    let either = |choice| Either(choice, Rule::TarSplitLines);
    vec![
        (
            "tar-split-blank-line",
            "a layer with a blank line in the tar-split",
            either(Choice("blank-lines")),
            "\"position\":0}\n",
            "\"position\":0}\n\n",
        ),
        (
            "tar-split-carriage-returns",
            "a layer with a carriage return before each line feed of the tar-split",
            either(Choice("carriage-returns")),
            "\n",
            "\r\n",
        ),
        (
            "tar-split-two-on-a-line",
            "a layer with two objects on one line of the tar-split",
            either(Choice("objects-on-a-line")),
            "\"position\":0}\n",
            "\"position\":0}",
        ),
        (
            "tar-split-object-over-lines",
            "a layer with an object over two lines of the tar-split",
            either(Choice("object-over-lines")),
            "\"position\":0}",
            "\"position\":\n0}",
        ),
        (
            "tar-split-no-last-line-feed",
            "a layer without a line feed at the end of the tar-split",
            either(Choice("missing-line-feed")),
            "\"position\":6}\n",
            "\"position\":6}",
        ),
    ]
}

fn keys() -> Vec<Change> {
    vec![
        (
            "tar-split-duplicate-key",
            "a layer with two sizes in an object of the tar-split",
            Either(Choice("duplicate-keys"), Rule::JsonDuplicateKey),
            SIZE,
            r#""size":8,"size":20"#,
        ),
        (
            "tar-split-folded-key",
            "a layer with Name instead of name in the tar-split",
            Either(Choice("folded-keys"), Rule::JsonFoldedKey),
            NAME,
            r#""Name":"etc/motd""#,
        ),
        (
            "tar-split-null-size",
            "a layer with null for a size in the tar-split",
            Either(Choice("null-fields"), Rule::JsonNull),
            DIR,
            r#""name":"etc/","size":null"#,
        ),
        (
            "tar-split-position-wrong",
            "a layer with positions in the tar-split that count from 10",
            Either(Choice("wrong-position"), Rule::TarSplitPosition),
            r#""position":"#,
            r#""position":1"#,
        ),
        (
            "tar-split-two-names",
            "a layer with name and name_raw in an object of the tar-split",
            Either(Choice("two-names"), Rule::TarSplitTwoNames),
            NAME,
            r#""name":"evil","name_raw":"ZXRjL21vdGQ=""#,
        ),
        (
            "tar-split-unknown-key",
            "a layer with a key in the tar-split that no reader knows",
            Either(Choice("unknown-tarsplit-keys"), Rule::TarSplitKeys),
            NAME,
            r#""name":"etc/motd","mtime":7"#,
        ),
        (
            "tar-split-name-raw-of-utf-8",
            "a layer with a name in the tar-split that is UTF-8 and yet raw",
            Either(Choice("raw-names"), Rule::TarSplitRawName),
            NAME,
            r#""name_raw":"ZXRjL21vdGQ=""#,
        ),
    ]
}
