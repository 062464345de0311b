//! Changes of a TOC as a document.

use super::{Change::Toc, Edits, Row, pick, row};
use crate::{forge::Edit, rules::Rule};

/// Puts a member before the first one.
fn first(member: &str) -> Edits {
    Some(vec![Edit::Splice {
        at: 1,
        remove: 0,
        insert: format!("{member},").as_str().into(),
    }])
}

fn become_text(text: &str) -> Edits {
    Some(vec![Edit::Become(text.into())])
}

fn version(to: &str) -> Edits {
    let at = "/version".to_owned();
    Some(vec![Edit::Raw { at, to: to.to_owned() }])
}

pub(super) const ROWS: &[Row] = &[
    row(
        "document-that-is-cut",
        Rule::JsonSyntax,
        Toc(|toc, which| {
            let json = toc.json.trim_end();
            let length = which % json.len().max(1);
            let cut = (0..=length).rev().find(|&at| json.is_char_boundary(at))?;
            become_text(json.get(..cut)?)
        }),
    ),
    row(
        "last-brace-left-out",
        Rule::JsonSyntax,
        Toc(|toc, _| become_text(toc.json.trim_end().trim_end_matches('}'))),
    ),
    row(
        "byte-order-mark",
        Rule::JsonSyntax,
        Toc(|toc, _| become_text(&format!("\u{feff}{}", toc.json))),
    ),
    row(
        "text-after-the-document",
        Rule::JsonTrailing,
        Toc(|_, which| Some(vec![Edit::Append((*pick(&["x", " x"], which)?.0).into())])),
    ),
    row(
        "key-twice",
        Rule::JsonDuplicateKey,
        Toc(|_, which| first(pick(&["\"entries\":null", "\"version\":1"], which)?.0)),
    ),
    row(
        "key-in-another-case",
        Rule::JsonFoldedKey,
        Toc(|_, which| first(pick(&["\"Version\":1", "\"ver\u{17f}ion\":1"], which)?.0)),
    ),
    row(
        "arrays-in-arrays",
        Rule::JsonDepth,
        Toc(|_, which| {
            let depth = 64 + which % 8;
            first(&format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)))
        }),
    ),
    row(
        "half-of-a-surrogate-beside-the-entries",
        Rule::JsonUnicode,
        Toc(|_, _| first("\"x\":\"\\ud800\"")),
    ),
    row(
        "another-version",
        Rule::TocVersion,
        Toc(|_, which| version(pick(&["2", "0", "-1", "9223372036854775807"], which)?.0)),
    ),
    row(
        "fraction-for-the-version",
        Rule::JsonInteger,
        Toc(|_, _| version("1.0")),
    ),
    row("text-for-the-version", Rule::JsonType, Toc(|_, _| version("\"1\""))),
    row("null-for-the-version", Rule::JsonNull, Toc(|_, _| version("null"))),
    row(
        "no-entries",
        Rule::TocEntries,
        Toc(|_, _| Some(vec![Edit::Remove("/entries".to_owned())])),
    ),
];
