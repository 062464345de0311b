//! Bytes and 64-bit numbers in JSON.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes, in the notation that is easiest to read.
///
/// Case files use any of the notations; over the protocol the runner sends `base64` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Bytes {
    /// The bytes as UTF-8 text.
    Text(String),
    /// Lower-case hexadecimal digits.
    Hex(String),
    /// Padded standard base64 (RFC 4648 section 4).
    Base64(String),
    /// The name of a file under `vectors/blobs/`, which is the sha256 of its content in hexadecimal.
    Blob(String),
    /// Pieces one after the other, each repeated: large inputs that are made on demand.
    Parts(Vec<Part>),
}

/// A piece of [`Bytes::Parts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The piece as padded standard base64.
    pub base64: String,
    /// How many times it stands there.
    pub times: Decimal<u64>,
}

/// Most bytes that parts make. It bounds what a set from elsewhere costs.
const PARTS_LIMIT: u64 = 1 << 30;

/// Runs of one byte shorter than this stay in the pieces around them.
const RUN: usize = 4096;

/// Why the bytes of a case cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BytesError(pub(crate) String);

impl fmt::Display for BytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BytesError {}

impl Bytes {
    /// These bytes as base64, the notation of the protocol.
    pub fn base64(bytes: &[u8]) -> Self {
        Self::Base64(STANDARD.encode(bytes))
    }

    /// These bytes as hexadecimal digits.
    pub fn hex(bytes: &[u8]) -> Self {
        Self::Hex(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// These bytes as text where they are printable UTF-8 (line feeds and tabs included), else as base64.
    pub fn readable(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') => Self::Text(text.to_owned()),
            _ => Self::base64(bytes),
        }
    }

    /// The bytes themselves, where `blob` finds the content of a file under `vectors/blobs/`.
    ///
    /// # Errors
    ///
    /// Digits that are not hexadecimal, text that is not base64, a blob that `blob` does not find.
    pub fn decode(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<u8>, BytesError> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Hex(digits) => decode_hex(digits).ok_or_else(|| BytesError(format!("not hexadecimal: {digits:?}"))),
            Self::Base64(text) => STANDARD
                .decode(text)
                .map_err(|error| BytesError(format!("not base64: {error}"))),
            Self::Blob(name) => blob(name).ok_or_else(|| BytesError(format!("no blob named {name:?}"))),
            Self::Parts(parts) => join(parts),
        }
    }

    /// These bytes as pieces, of which runs of one byte are the repeated ones.
    pub fn parts(bytes: &[u8]) -> Self {
        let mut parts = Vec::new();
        let mut literal: Vec<u8> = Vec::new();
        for run in bytes.chunk_by(|a, b| a == b) {
            if run.len() < RUN {
                literal.extend(run);
                continue;
            }
            if !literal.is_empty() {
                parts.push(Part::of(&literal, 1));
                literal.clear();
            }
            parts.push(Part::of(&run[..1], run.len()));
        }
        if !literal.is_empty() {
            parts.push(Part::of(&literal, 1));
        }
        Self::Parts(parts)
    }

    /// How many bytes stand in the notation itself.
    pub fn written(&self) -> usize {
        match self {
            Self::Text(text) | Self::Hex(text) | Self::Base64(text) | Self::Blob(text) => text.len(),
            Self::Parts(parts) => parts.iter().map(|part| part.base64.len()).sum(),
        }
    }
}

impl Part {
    fn of(piece: &[u8], times: usize) -> Self {
        Self {
            base64: STANDARD.encode(piece),
            times: Decimal(u64::try_from(times).unwrap_or(u64::MAX)),
        }
    }
}

fn join(parts: &[Part]) -> Result<Vec<u8>, BytesError> {
    let mut bytes = Vec::new();
    let mut room = PARTS_LIMIT;
    for part in parts {
        let piece = STANDARD
            .decode(&part.base64)
            .map_err(|error| BytesError(format!("not base64: {error}")))?;
        let length = u64::try_from(piece.len())
            .unwrap_or(u64::MAX)
            .saturating_mul(part.times.0);
        room = room
            .checked_sub(length)
            .ok_or_else(|| BytesError(format!("the parts make more than {PARTS_LIMIT} bytes")))?;
        for _ in 0..part.times.0 {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(bytes)
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            // `from_str_radix` alone would take a sign.
            if pair.starts_with('+') {
                return None;
            }
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

/// A 64-bit number (or one of any size that fits `T`), written as a decimal string, since JSON readers round large
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<T>(pub T);

impl<T: fmt::Display> Serialize for Decimal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr + fmt::Display> Deserialize<'de> for Decimal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse::<T>() {
            // One spelling only: no sign, no leading zero.
            Ok(value) if value.to_string() == text => Ok(Self(value)),
            _ => Err(serde::de::Error::custom(format!("not a decimal number: {text:?}"))),
        }
    }
}

impl<T> JsonSchema for Decimal<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A 64-bit integer as a decimal string.",
            "type": "string",
            "pattern": "^(0|-?[1-9][0-9]{0,19})$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Decimal, Part, RUN};

    #[test]
    fn notations_decode() {
        let none = |_: &str| None;
        for (bytes, expected) in [
            (Bytes::Text("a\n".into()), Some(b"a\n".to_vec())),
            (Bytes::Hex("00ff".into()), Some(vec![0, 255])),
            (Bytes::Hex("0".into()), None),
            (Bytes::Hex("+f".into()), None),
            (Bytes::Base64("AP8=".into()), Some(vec![0, 255])),
            (Bytes::Base64("AP8".into()), None),
            (Bytes::Blob("x".into()), None),
        ] {
            assert_eq!(bytes.decode(&none).ok(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn parts_give_the_bytes_back() {
        let none = |_: &str| None;
        for bytes in [
            Vec::new(),
            b"abc".to_vec(),
            vec![0; RUN - 1],
            vec![0; RUN],
            [&b"abc"[..], &[0; 10_000], &[7; 5000], b"d"].concat(),
        ] {
            let parts = Bytes::parts(&bytes);
            assert_eq!(parts.decode(&none), Ok(bytes), "{parts:?}");
        }
        assert_eq!(Bytes::parts(&[[1; 4096], [2; 4096]].concat()).written(), 8);
        let too_much = Bytes::Parts(vec![Part::of(b"ab", 1 << 30)]);
        assert!(too_much.decode(&none).is_err());
    }

    #[test]
    fn decimals_have_one_spelling() {
        for (json, value) in [
            ("\"18446744073709551615\"", Some(u64::MAX)),
            ("\"0\"", Some(0)),
            ("\"00\"", None),
            ("\"+1\"", None),
            ("\"18446744073709551616\"", None),
            ("1", None),
        ] {
            assert_eq!(
                serde_json::from_str::<Decimal<u64>>(json).ok().map(|d| d.0),
                value,
                "{json}"
            );
        }
    }
}
