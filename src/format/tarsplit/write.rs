//! Writing the lines of a tar-split, as Go's `encoding/json` writes them.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::format::json::push_escaped;

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
