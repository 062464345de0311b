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

/// A piece of bytes in `parts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The piece as padded standard base64.
    pub base64: String,
    /// How many times it stands there.
    pub times: Decimal<u64>,
    /// A number in decimal digits behind the piece: this one the first time, and one more each time after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Decimal<u64>>,
    /// What follows each number, as padded standard base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub then: String,
}

/// Most bytes that parts make. It bounds what a set from elsewhere costs.
const PARTS_LIMIT: u64 = 1 << 30;

/// Most digits of a number of 64 bits.
const NUMBER: usize = 20;

/// Runs of a repeated piece that are shorter than this many bytes stay in the pieces around them.
const RUN: usize = 4096;

/// Longest piece whose repetition is looked for, in bytes.
const PERIOD: usize = 12;

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
            Self::Base64(text) => decode_base64(text),
            Self::Blob(name) => blob(name).ok_or_else(|| BytesError(format!("no blob named {name:?}"))),
            Self::Parts(parts) => join(parts),
        }
    }

    /// These bytes as pieces, of which those are repeated that make long runs.
    pub fn parts(bytes: &[u8]) -> Self {
        let mut parts = Vec::new();
        let mut repetitions = Repetitions::default();
        let mut literal = 0;
        let mut at = 0;
        while at < bytes.len() {
            let Some((period, times)) = repetitions.at(bytes, at) else {
                at += 1;
                continue;
            };
            if literal < at {
                parts.push(Part::of(&bytes[literal..at], 1));
            }
            parts.push(Part::of(&bytes[at..at + period], times));
            at += period * times;
            literal = at;
        }
        if literal < at {
            parts.push(Part::of(&bytes[literal..], 1));
        }
        Self::Parts(parts)
    }

    /// How many bytes stand in the notation itself.
    pub fn written(&self) -> usize {
        match self {
            Self::Text(text) | Self::Hex(text) | Self::Base64(text) | Self::Blob(text) => text.len(),
            Self::Parts(parts) => parts.iter().map(|part| part.base64.len() + part.then.len()).sum(),
        }
    }
}

impl Part {
    /// A piece that stands there so many times.
    pub fn of(piece: &[u8], times: usize) -> Self {
        Self {
            base64: STANDARD.encode(piece),
            times: Decimal(u64::try_from(times).unwrap_or(u64::MAX)),
            number: None,
            then: String::new(),
        }
    }

    /// A piece with a number that counts up from 0 and something behind it, so many times.
    pub fn numbered(piece: &[u8], then: &[u8], times: usize) -> Self {
        Self {
            number: Some(Decimal(0)),
            then: STANDARD.encode(then),
            ..Self::of(piece, times)
        }
    }

    fn repeat(&self, bytes: &mut Vec<u8>, room: &mut u64) -> Result<(), BytesError> {
        let piece = decode_base64(&self.base64)?;
        let then = decode_base64(&self.then)?;
        let digits = if self.number.is_some() { NUMBER } else { 0 };
        let length = u64::try_from(piece.len() + digits + then.len()).unwrap_or(u64::MAX);
        *room = length
            .checked_mul(self.times.0)
            .and_then(|length| room.checked_sub(length))
            .ok_or_else(|| BytesError(format!("the parts make more than {PARTS_LIMIT} bytes")))?;
        let Some(Decimal(first)) = self.number else {
            // Doubled until it is long enough: pieces of one byte stand there millions of times.
            let times = usize::try_from(self.times.0).map_err(|error| BytesError(error.to_string()))?;
            bytes.extend([piece, then].concat().repeat(times));
            return Ok(());
        };
        for turn in 0..self.times.0 {
            bytes.extend_from_slice(&piece);
            bytes.extend_from_slice(first.saturating_add(turn).to_string().as_bytes());
            bytes.extend_from_slice(&then);
        }
        Ok(())
    }
}

/// The search for repeated pieces, which goes over the bytes once.
#[derive(Default)]
struct Repetitions {
    /// For each length of a piece, before where it makes no run.
    from: [usize; PERIOD + 1],
}

impl Repetitions {
    /// The length of the shortest piece that makes a run here, and how often it stands there.
    fn at(&mut self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        (1..=PERIOD).find_map(|period| {
            if at < self.from[period] {
                return None;
            }
            let again = bytes.get(at + period..)?;
            let same = bytes[at..].iter().zip(again).take_while(|(a, b)| a == b).count();
            // A run that begins later ends at the same place, and is shorter.
            self.from[period] = at + same + 1;
            let length = period + same;
            (length >= RUN).then_some((period, length / period))
        })
    }
}

fn join(parts: &[Part]) -> Result<Vec<u8>, BytesError> {
    let mut bytes = Vec::new();
    let mut room = PARTS_LIMIT;
    for part in parts {
        part.repeat(&mut bytes, &mut room)?;
    }
    Ok(bytes)
}

fn decode_base64(text: &str) -> Result<Vec<u8>, BytesError> {
    STANDARD
        .decode(text)
        .map_err(|error| BytesError(format!("not base64: {error}")))
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<T>(pub T);

impl<T> From<T> for Decimal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

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
            b"abcd".repeat(2000),
        ] {
            let parts = Bytes::parts(&bytes);
            assert_eq!(parts.decode(&none), Ok(bytes), "{parts:?}");
        }
        assert_eq!(Bytes::parts(&[[1; 4096], [2; 4096]].concat()).written(), 8);
        assert_eq!(
            Bytes::parts(&b"abc".repeat(2000)),
            Bytes::Parts(vec![Part::of(b"abc", 2000)])
        );
        let twice = Part {
            then: "Yw==".to_owned(),
            ..Part::of(b"ab", 2)
        };
        let many_of_nothing = Part::of(b"", usize::MAX);
        let parts = Bytes::Parts(vec![twice, many_of_nothing]);
        assert_eq!(parts.decode(&none), Ok(b"abcabc".to_vec()));
        for too_much in [
            Part::of(b"ab", 1 << 30),
            Part::of(b"a", usize::MAX),
            Part::numbered(b"", b"", 1 << 27),
        ] {
            assert!(Bytes::Parts(vec![too_much]).decode(&none).is_err());
        }
    }

    #[test]
    fn parts_count_where_they_are_told_to() {
        let parts = vec![
            Part::of(b"[", 1),
            Part::numbered(b"a", b",", 11),
            Part {
                number: Some(Decimal(u64::MAX)),
                ..Part::of(b"b", 2)
            },
        ];
        let expected = "[a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,b18446744073709551615b18446744073709551615";
        assert_eq!(Bytes::Parts(parts).decode(&|_| None), Ok(expected.as_bytes().to_vec()));
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
