//! Tar-splits.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::checksum::crc64;

/// One object of a tar-split.
#[derive(Clone)]
pub(crate) enum Line {
    /// Raw bytes of the tar.
    Segment(Vec<u8>),
    /// A tar entry.
    File {
        name: Vec<u8>,
        size: u64,
        /// None for an entry without a payload.
        payload: Option<Vec<u8>>,
    },
}

impl Line {
    /// The line of a file with content.
    pub(crate) fn file(name: &str, content: &[u8]) -> Self {
        Self::File {
            name: name.into(),
            size: super::len(content),
            payload: (!content.is_empty()).then(|| crc64(content).to_be_bytes().to_vec()),
        }
    }

    /// The JSON of the object at this position, as Go writes it.
    pub(crate) fn json(&self, position: usize) -> String {
        match self {
            Self::Segment(bytes) => format!(
                r#"{{"type":2,"payload":"{}","position":{position}}}"#,
                STANDARD.encode(bytes)
            ),
            Self::File { name, size, payload } => {
                let mut json = r#"{"type":1"#.to_owned();
                json += &name_field(name);
                if *size != 0 {
                    json += &format!(r#","size":{size}"#);
                }
                let payload = payload.as_ref().map_or_else(
                    || "null".to_owned(),
                    |payload| format!("\"{}\"", STANDARD.encode(payload)),
                );
                json += &format!(r#","payload":{payload},"position":{position}}}"#);
                json
            }
        }
    }
}

/// `name`, or `name_raw` where the name is not UTF-8; nothing for an empty name.
fn name_field(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok("") => String::new(),
        Ok(name) => format!(r#","name":{}"#, go_string(name)),
        Err(_) => format!(r#","name_raw":"{}""#, STANDARD.encode(name)),
    }
}

/// A string as Go's `encoding/json` writes it, safe to stand in HTML.
pub(crate) fn go_string(text: &str) -> String {
    Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The whole document, one object a line.
pub(crate) fn document(lines: &[Line]) -> String {
    lines
        .iter()
        .enumerate()
        .map(|(position, line)| line.json(position) + "\n")
        .collect()
}
