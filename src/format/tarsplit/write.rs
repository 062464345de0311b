//! Writing the lines of a tar-split, as Go's `encoding/json` writes them.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::format::json::push_escaped;

/// Writes one line after the other, and counts them.
#[derive(Debug, Default)]
pub(in crate::format) struct Lines {
    position: u64,
    /// The last line.
    line: String,
}

impl Lines {
    /// The line of a segment, line feed included.
    pub(in crate::format) fn segment(&mut self, bytes: &[u8]) -> &[u8] {
        self.line.clear();
        self.line.push_str("{\"type\":2,\"payload\":\"");
        STANDARD.encode_string(bytes, &mut self.line);
        self.line.push('"');
        self.end()
    }

    /// The line of a file, line feed included.
    pub(in crate::format) fn file(&mut self, name: &[u8], size: u64, crc: u64) -> &[u8] {
        let line = &mut self.line;
        line.clear();
        line.push_str("{\"type\":1,");
        match std::str::from_utf8(name) {
            Ok("") => {}
            Ok(name) => {
                line.push_str("\"name\":\"");
                push_escaped(line, name);
                line.push_str("\",");
            }
            Err(_) => {
                line.push_str("\"name_raw\":\"");
                STANDARD.encode_string(name, line);
                line.push_str("\",");
            }
        }
        if size == 0 {
            line.push_str("\"payload\":null");
        } else {
            // Writing to a string does not fail.
            let _: std::fmt::Result = write!(line, "\"size\":{size},\"payload\":\"");
            STANDARD.encode_string(crc.to_be_bytes(), line);
            line.push('"');
        }
        self.end()
    }

    fn end(&mut self) -> &[u8] {
        let _: std::fmt::Result = writeln!(self.line, ",\"position\":{}}}", self.position);
        self.position = self.position.saturating_add(1);
        self.line.as_bytes()
    }
}
