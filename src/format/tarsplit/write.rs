//! Writing the lines of a tar-split, as Go's `encoding/json` writes them.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The line of a segment, line feed included.
pub(super) fn segment(bytes: &[u8], position: u64) -> String {
    format!(
        "{{\"type\":2,\"payload\":\"{}\",\"position\":{position}}}\n",
        STANDARD.encode(bytes)
    )
}

/// The line of a file, line feed included.
pub(super) fn file(name: &[u8], size: u64, crc: u64, position: u64) -> String {
    let mut line = String::from("{\"type\":1,");
    match std::str::from_utf8(name) {
        Ok("") => {}
        Ok(name) => {
            line.push_str("\"name\":\"");
            push_escaped(&mut line, name);
            line.push_str("\",");
        }
        Err(_) => {
            line.push_str("\"name_raw\":\"");
            line.push_str(&STANDARD.encode(name));
            line.push_str("\",");
        }
    }
    let rest = if size == 0 {
        format!("\"payload\":null,\"position\":{position}}}\n")
    } else {
        let crc = STANDARD.encode(crc.to_be_bytes());
        format!("\"size\":{size},\"payload\":\"{crc}\",\"position\":{position}}}\n")
    };
    line + &rest
}

/// Escapes as Go does since 1.22; before, backspace and form feed were `\u0008` and `\u000c`.
fn push_escaped(out: &mut String, text: &str) {
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
