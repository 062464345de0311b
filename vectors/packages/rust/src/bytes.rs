//! Bytes in the notations of the case files.

use std::{fmt, ops::Deref};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Map, Value};

use crate::decimal;

/// Larger inputs by their names, a list that chunkproof generates.
const BLOBS: &[(&str, &[u8])] = include!("../data/blobs.rs");

/// Bytes of an input in any notation of the case files, recipes of large inputs included, or those of an output in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Something that a later version of the set has and this version of the crate does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown(pub String);

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotKnown {}

/// A piece of a recipe.
#[derive(Deserialize)]
struct Part {
    base64: Bytes,
    #[serde(with = "decimal")]
    times: u64,
    #[serde(default, with = "decimal::option")]
    number: Option<u64>,
    #[serde(default)]
    then: Bytes,
}

impl Part {
    fn append(&self, bytes: &mut Vec<u8>) -> Result<(), String> {
        let Some(first) = self.number else {
            let times = usize::try_from(self.times).map_err(|error| error.to_string())?;
            bytes.extend([&*self.base64, &*self.then].concat().repeat(times));
            return Ok(());
        };
        for turn in 0..self.times {
            bytes.extend_from_slice(&self.base64);
            bytes.extend_from_slice((first + turn).to_string().as_bytes());
            bytes.extend_from_slice(&self.then);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => decode_base64(&text),
            Value::Object(notation) => decode(&notation),
            other => Err(format!("not bytes: {other}")),
        }
        .map(Self)
        .map_err(D::Error::custom)
    }
}

fn decode(notation: &Map<String, Value>) -> Result<Vec<u8>, String> {
    for (name, value) in notation {
        let text = value.as_str().unwrap_or_default();
        return match name.as_str() {
            "text" => Ok(text.as_bytes().to_vec()),
            "hex" => decode_hex(text).ok_or_else(|| format!("not hexadecimal: {text}")),
            "base64" => decode_base64(text),
            "blob" => BLOBS
                .iter()
                .find(|(known, _)| *known == text)
                .map(|(_, content)| content.to_vec())
                .ok_or_else(|| format!("no blob named {text}")),
            "parts" => {
                let parts = Vec::<Part>::deserialize(value).map_err(|error| error.to_string())?;
                let mut bytes = Vec::new();
                parts
                    .iter()
                    .try_for_each(|part| part.append(&mut bytes))
                    .map(|()| bytes)
            }
            _ => continue,
        };
    }
    let names: Vec<&str> = notation.keys().map(String::as_str).collect();
    Err(format!("notation of bytes {} is not known", names.join(", ")))
}

fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|error| format!("not base64: {error}"))
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn every_notation_is_read() {
        for (text, expected) in [
            (r#"{"text": "a\u0000"}"#, &b"a\0"[..]),
            (r#"{"hex": "00ff"}"#, b"\0\xff"),
            (r#"{"base64": "AP8="}"#, b"\0\xff"),
            (r#""AP8=""#, b"\0\xff"),
            (
                r#"{"parts": [{"base64": "YQ==", "times": "2"},
                    {"base64": "Yg==", "times": "2", "number": "9", "then": "Yw=="}]}"#,
                b"aab9cb10c",
            ),
        ] {
            let bytes: Bytes = serde_json::from_str(text).unwrap();
            assert_eq!(&*bytes, expected, "{text}");
        }
        for text in [r#"{"morse": "..."}"#, r#"{"hex": "0"}"#, r#"{"blob": "0"}"#, "{}", "1"] {
            assert!(serde_json::from_str::<Bytes>(text).is_err(), "{text}");
        }
    }
}
