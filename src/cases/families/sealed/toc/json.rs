//! Changes of the TOC as JSON.

use super::{Change, change, each};
use crate::{
    cases::families::sealed::Verdict::{Either, Invalid, Valid},
    forge::Edit,
    rules::Rule,
    vectors::Choice,
};

pub(super) fn syntax() -> Vec<Change> {
    let syntax = Invalid(&[Rule::JsonSyntax]);
    let trailing = Invalid(&[Rule::JsonTrailing]);
    vec![
        change(
            "toc-syntax-trailing-comma",
            "a comma after the last entry of the TOC",
            syntax,
            "}]",
            "},]",
        ),
        each(
            2,
            "toc-syntax-no-comma",
            "no comma between two entries of the TOC",
            syntax,
            "},{",
            "}{",
        ),
        change(
            "toc-syntax-comment",
            "a comment in the TOC",
            syntax,
            r#""version":1"#,
            r#""version":/* one */1"#,
        ),
        change(
            "toc-syntax-leading-zero",
            "a mode with a leading zero in the TOC",
            syntax,
            r#""mode":420"#,
            r#""mode":0420"#,
        ),
        change(
            "toc-syntax-plus",
            "a mode with a plus sign in the TOC",
            syntax,
            r#""mode":420"#,
            r#""mode":+420"#,
        ),
        change(
            "toc-syntax-tab-in-string",
            "a raw tab in an unknown key of the TOC",
            syntax,
            r#""version":1"#,
            "\"version\":1,\"\t\":1",
        ),
        (
            "toc-syntax-cut",
            "a TOC without its last brace",
            syntax,
            Edit::Truncate(-1),
        ),
        (
            "toc-syntax-cut-behind-empty-key",
            "an empty key in place of the last brace of the TOC",
            syntax,
            Edit::Splice {
                at: -1,
                remove: 1,
                insert: ",\"\":".into(),
            },
        ),
        (
            "toc-syntax-null-for-brace",
            "null in place of the last brace of the TOC",
            syntax,
            Edit::Splice {
                at: -1,
                remove: 1,
                insert: "null".into(),
            },
        ),
        change(
            "toc-syntax-brace-for-comma",
            "an opening brace in place of a comma of the TOC",
            syntax,
            r#""version":1,"#,
            r#""version":1{"#,
        ),
        (
            "toc-trailing-object",
            "an object after the TOC",
            trailing,
            Edit::Append("{}".into()),
        ),
        (
            "toc-trailing-text",
            "text after the TOC",
            trailing,
            Edit::Append("\naaaa".into()),
        ),
    ]
}

pub(super) fn values() -> Vec<Change> {
    let integer = Invalid(&[Rule::JsonInteger, Rule::EntryMetadata]);
    let typed = Invalid(&[Rule::JsonType, Rule::EntryMetadata]);
    vec![
        change(
            "toc-number-fraction",
            "a size of 20.0 in the TOC",
            integer,
            r#""size":20"#,
            r#""size":20.0"#,
        ),
        change(
            "toc-number-exponent",
            "a uid of 1e3 in the TOC",
            integer,
            r#""uid":1000"#,
            r#""uid":1e3"#,
        ),
        change(
            "toc-number-wraps",
            "a mode in the TOC that wraps to the right one",
            integer,
            r#""mode":420"#,
            r#""mode":18446744073709552036"#,
        ),
        change(
            "toc-type-uid-string",
            "a string for the uid in the TOC",
            typed,
            r#""uid":1000"#,
            r#""uid":"1000""#,
        ),
        change(
            "toc-type-mode-array",
            "an array around the mode in the TOC",
            typed,
            r#""mode":420"#,
            r#""mode":[420]"#,
        ),
    ]
}

pub(super) fn choices() -> Vec<Change> {
    let duplicate = Either(Choice("duplicate-keys"), Rule::JsonDuplicateKey);
    let deep = format!(r#""version":1,"x":{}{}"#, "[".repeat(1000), "]".repeat(1000));
    // The document itself is the first level.
    let arrays = |depth: usize| {
        let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
        format!(r#""version":1,"x":{open}{close}"#)
    };
    let nested = format!(r#""version":1,"x":{}{}"#, "[".repeat(40), "]".repeat(40));
    vec![
        change(
            "g5-toc-depth-64",
            "a layer whose TOC nests 64 deep under an unknown key",
            Valid(Rule::JsonDepth),
            r#""version":1"#,
            arrays(64),
        ),
        change(
            "toc-depth-65",
            "a layer whose TOC nests 65 deep under an unknown key",
            Either(Choice("deep-json"), Rule::JsonDepth),
            r#""version":1"#,
            arrays(65),
        ),
        change(
            "toc-duplicate-key",
            "a layer with two names in an entry of the TOC",
            duplicate,
            r#""name":"etc/motd""#,
            r#""name":"etc/shadow","name":"etc/motd""#,
        ),
        change(
            "toc-folded-key",
            "a layer with NAME instead of name in the TOC",
            Either(Choice("folded-keys"), Rule::JsonFoldedKey),
            r#""name":"etc/motd""#,
            r#""NAME":"etc/motd""#,
        ),
        change(
            "toc-folded-key-unknown",
            "a layer with a second version in the TOC, under the key Version",
            Either(Choice("unfolded-keys"), Rule::JsonFoldedKey),
            r#""version":1"#,
            r#""version":1,"Version":2"#,
        ),
        change(
            "toc-deep",
            "a layer with 1000 nested arrays under an unknown key of the TOC",
            Either(Choice("deep-json"), Rule::JsonDepth),
            r#""version":1"#,
            deep,
        ),
        change(
            "g5-toc-nested",
            "a layer with 40 nested arrays under an unknown key of the TOC",
            Valid(Rule::JsonDepth),
            r#""version":1"#,
            nested,
        ),
        change(
            "toc-null-link-name",
            "a layer with null for a link name in the TOC",
            Either(Choice("null-fields"), Rule::JsonNull),
            r#""name":"etc/""#,
            r#""name":"etc/","linkName":null"#,
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

pub(super) fn surrogates() -> Vec<Change> {
    vec![change(
        "toc-lone-surrogate",
        "a layer with the escape of half a surrogate pair in the TOC",
        Either(Choice("lone-surrogates"), Rule::JsonUnicode),
        "a\u{fffd}",
        r"a\ud800",
    )]
}

pub(super) fn documents() -> Vec<Change> {
    let version = Invalid(&[Rule::TocVersion]);
    vec![
        change(
            "toc-version-2",
            "version 2 in the TOC",
            version,
            r#""version":1"#,
            r#""version":2"#,
        ),
        change(
            "toc-version-missing",
            "no version in the TOC",
            version,
            r#""version":1,"#,
            "",
        ),
    ]
}

pub(super) fn no_entries() -> Vec<Change> {
    let entries = Invalid(&[Rule::TocEntries]);
    vec![
        change(
            "toc-entries-missing",
            "no list of entries in the TOC",
            entries,
            r#","entries":[]"#,
            "",
        ),
        change(
            "toc-entries-object",
            "an object for the entries of the TOC",
            entries,
            r#""entries":[]"#,
            r#""entries":{}"#,
        ),
        change(
            "toc-entries-false",
            "false for the entries of the TOC",
            entries,
            r#""entries":[]"#,
            r#""entries":false"#,
        ),
        change(
            "g5-toc-entries-null",
            "a layer without entries, with null for them",
            Valid(Rule::TocEntries),
            r#""entries":[]"#,
            r#""entries":null"#,
        ),
    ]
}
