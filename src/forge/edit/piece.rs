//! Bytes as they are written in an edit.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap as _,
};

/// Bytes: a text, or `{ hex = "..." }`, or `{ base64 = "..." }`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Piece(Vec<u8>);

impl Piece {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes so many times, if they are no more than `limit`.
    pub(super) fn repeat(&self, times: usize, limit: usize) -> Option<Self> {
        let length = self.0.len().checked_mul(times)?;
        (length <= limit).then(|| Self(self.0.repeat(times)))
    }

    /// The text, if it is one that a person can read.
    fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.0).ok()?;
        let is_plain = |c: char| !c.is_control() || c == '\n' || c == '\t';
        text.chars().all(is_plain).then_some(text)
    }

    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl From<&[u8]> for Piece {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// For messages.
impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "{text:?}"),
            None => write!(f, "0x{}", self.hex()),
        }
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.text() {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("hex", &self.hex())?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Pieces)
    }
}

struct Pieces;

impl<'de> Visitor<'de> for Pieces {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, { hex = \"...\" } or { base64 = \"...\" }")
    }

    fn visit_str<E>(self, text: &str) -> Result<Piece, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Piece, A::Error> {
        let Some((key, value)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom("expected hex or base64"));
        };
        let bytes = match key.as_str() {
            "hex" => hex(&value).ok_or_else(|| de::Error::custom(format!("not hexadecimal: {value:?}")))?,
            "base64" => STANDARD
                .decode(&value)
                .map_err(|error| de::Error::custom(format!("not base64: {error}")))?,
            _ => return Err(de::Error::unknown_field(&key, &["hex", "base64"])),
        };
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::custom("expected hex or base64, not both"));
        }
        Ok(Piece(bytes))
    }
}

/// The bytes of hexadecimal digits, between which there may be spaces.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let digits = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
    };
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}
