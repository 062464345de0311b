//! Changes of a TOC as a document.

use super::{Edits, Row, of_toc, pick};
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
    of_toc("document-that-is-cut", Rule::JsonSyntax, |toc, which| {
        let json = toc.json.trim_end();
        let length = which % json.len().max(1);
        let cut = (0..=length).rev().find(|&at| json.is_char_boundary(at))?;
        become_text(json.get(..cut)?)
    }),
    of_toc("last-brace-left-out", Rule::JsonSyntax, |toc, _| {
        become_text(toc.json.trim_end().trim_end_matches('}'))
    }),
    of_toc("byte-order-mark", Rule::JsonSyntax, |toc, _| {
        become_text(&format!("\u{feff}{}", toc.json))
    }),
    of_toc("text-after-the-document", Rule::JsonTrailing, |_, which| {
        Some(vec![Edit::Append((*pick(&["x", " x"], which)?.0).into())])
    }),
    of_toc("key-twice", Rule::JsonDuplicateKey, |_, which| {
        first(pick(&["\"entries\":null", "\"version\":1"], which)?.0)
    }),
    of_toc("key-in-another-case", Rule::JsonFoldedKey, |_, which| {
        first(pick(&["\"Version\":1", "\"ver\u{17f}ion\":1"], which)?.0)
    }),
    of_toc("arrays-in-arrays", Rule::JsonDepth, |_, which| {
        let depth = 64 + which % 8;
        first(&format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)))
    }),
    of_toc("half-of-a-surrogate-beside-the-entries", Rule::JsonUnicode, |_, _| {
        first("\"x\":\"\\ud800\"")
    }),
    of_toc("another-version", Rule::TocVersion, |_, which| {
        version(pick(&["2", "0", "-1", "9223372036854775807"], which)?.0)
    }),
    of_toc("fraction-for-the-version", Rule::JsonInteger, |_, _| version("1.0")),
    of_toc("text-for-the-version", Rule::JsonType, |_, _| version("\"1\"")),
    of_toc("null-for-the-version", Rule::JsonNull, |_, _| version("null")),
    of_toc("no-entries", Rule::TocEntries, |_, _| {
        Some(vec![Edit::Remove("/entries".to_owned())])
    }),
];
