//! Writing strings as Go's `encoding/json` writes them.

use std::fmt::Write as _;

/// Appends the text, escaped and without quotes.
///
/// Besides what JSON demands, `<`, `>`, `&` and the line separators of Unicode are escaped, so that the document can
/// stand in HTML and JavaScript. Backspace and form feed are as since Go 1.22; before, they were `\u0008` and `\u000c`.
pub(in crate::format) fn push_escaped(out: &mut String, text: &str) {
    // Nearly every name is written as it is. The line separators are the only escaped ones beyond ASCII.
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | 0xe2);
    if text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string does not fail.
                let _: std::fmt::Result = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
}
