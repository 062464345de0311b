//! The TOC as JSON in which offsets and digests follow what they are of.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};

use super::{Toc, Unsealed, within};
use crate::format::Digest;

/// The keys of an entry that are offsets in the blob.
const OFFSETS: [&str; 2] = ["offset", "endOffset"];
/// Stands for a frame.
const FRAME: &str = "$frame";
/// Stands for a digest.
const SEAL: &str = "$seal";
/// The key of the tar-split's digest.
const TAR_SPLIT_DIGEST: &str = "tarSplitDigest";

/// What the digests of the TOC are computed from.
pub(super) struct Contents {
    tar: Vec<u8>,
    /// Where each frame begins in the tar.
    starts: Vec<usize>,
}

impl Contents {
    pub(super) fn of(layer: &Unsealed) -> Self {
        Self {
            tar: layer.tar(),
            starts: layer.starts(),
        }
    }

    /// The digest of so many bytes of an entry, whose offset stands for a frame.
    fn digest(&self, entry: &Map<String, Value>, length: u64) -> Option<String> {
        let start = *self.starts.get(frame_of(entry.get("offset")?)?)?;
        let start = start.checked_add(usize::try_from(number(entry, "innerOffset")).ok()?)?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        Some(Digest::of(within(&self.tar, start..end)).to_string())
    }
}

/// The lengths that the two digests of an entry are of.
#[derive(Clone, Copy, Default)]
struct File {
    size: u64,
}

impl File {
    /// The file that the entries from this one on are of.
    fn next(self, entry: &Map<String, Value>) -> Self {
        if entry.get("type").and_then(Value::as_str) == Some("chunk") {
            self
        } else {
            Self {
                size: number(entry, "size"),
            }
        }
    }

    fn length(self, entry: &Map<String, Value>, key: &str) -> Option<u64> {
        let chunk = number(entry, "chunkSize");
        match key {
            "digest" => Some(self.size),
            "chunkDigest" if chunk > 0 => Some(chunk),
            "chunkDigest" => Some(self.size.saturating_sub(number(entry, "chunkOffset"))),
            _ => None,
        }
    }
}

/// The TOC as it goes into the blob.
pub(super) fn sealed(value: &Value, contents: &Contents, offsets: &[u64], tar_split: &str) -> Value {
    let mut value = value.clone();
    if value.get(TAR_SPLIT_DIGEST).is_some_and(is_seal) {
        value[TAR_SPLIT_DIGEST] = tar_split.into();
    }
    let mut file = File::default();
    for entry in entries_mut(&mut value) {
        file = file.next(entry);
        for key in ["digest", "chunkDigest"] {
            if entry.get(key).is_some_and(is_seal) {
                let digest = file
                    .length(entry, key)
                    .and_then(|length| contents.digest(entry, length));
                // Where there is no content any more, the digest is that of nothing.
                let digest = digest.unwrap_or_else(|| Digest::of(b"").to_string());
                entry.insert(key.to_owned(), digest.into());
            }
        }
        for key in OFFSETS {
            if let Some(frame) = entry.get(key).and_then(frame_of) {
                let offset = offsets.get(frame).or(offsets.last()).copied().unwrap_or(0);
                entry.insert(key.to_owned(), offset.into());
            }
        }
    }
    value
}

/// The TOC of a layer, of whose frames these are the offsets.
pub(super) fn unsealed(mut value: Value, contents: &Contents, offsets: &[u64], tar_split: &str) -> Value {
    if value.get(TAR_SPLIT_DIGEST).and_then(Value::as_str) == Some(tar_split) {
        value[TAR_SPLIT_DIGEST] = seal();
    }
    let mut file = File::default();
    for entry in entries_mut(&mut value) {
        file = file.next(entry);
        for key in OFFSETS {
            let offset = entry.get(key).and_then(Value::as_u64);
            if let Some(frame) = offset.and_then(|offset| offsets.binary_search(&offset).ok())
                // An offset of 0 is how some say that there is none.
                && (offset != Some(0) || number(entry, "size") > 0)
            {
                entry.insert(key.to_owned(), json!({ FRAME: frame }));
            }
        }
        for key in ["digest", "chunkDigest"] {
            let computed = file
                .length(entry, key)
                .and_then(|length| contents.digest(entry, length));
            if computed.is_some() && entry.get(key).and_then(Value::as_str) == computed.as_deref() {
                entry.insert(key.to_owned(), seal());
            }
        }
    }
    value
}

/// Changes the numbers of the frames that the TOC names.
pub(super) fn renumber(toc: &mut Toc, change: &dyn Fn(usize) -> usize) {
    let Toc::Json(value) = toc else { return };
    for entry in entries_mut(value) {
        for key in OFFSETS {
            if let Some(frame) = entry.get(key).and_then(frame_of) {
                entry.insert(key.to_owned(), json!({ FRAME: change(frame) }));
            }
        }
    }
}

/// The entries of a TOC that are objects.
pub(super) fn entries_mut(value: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    value
        .get_mut("entries")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

/// The entries of a TOC that are objects, if it is JSON.
pub(super) fn entries_mut_of(toc: &mut Toc) -> impl Iterator<Item = &mut Map<String, Value>> {
    list_mut(toc).into_iter().flatten().filter_map(Value::as_object_mut)
}

/// The list of entries.
pub(super) fn list_mut(toc: &mut Toc) -> Option<&mut Vec<Value>> {
    match toc {
        Toc::Json(value) => value.get_mut("entries").and_then(Value::as_array_mut),
        Toc::Text(_) | Toc::Payload(_) => None,
    }
}

/// The list of entries.
pub(super) fn list(toc: &Toc) -> &[Value] {
    match toc {
        Toc::Json(value) => value
            .get("entries")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice),
        Toc::Text(_) | Toc::Payload(_) => &[],
    }
}

/// A number of an entry; 0 for none.
pub(super) fn number(entry: &Map<String, Value>, key: &str) -> u64 {
    entry.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// The frame that a value stands for.
fn frame_of(value: &Value) -> Option<usize> {
    usize::try_from(value.get(FRAME)?.as_u64()?).ok()
}

fn seal() -> Value {
    json!({ SEAL: true })
}

fn is_seal(value: &Value) -> bool {
    value.get(SEAL).is_some()
}

/// Reads JSON, unless an object has a key twice.
pub(super) fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Faithful>(text).ok().map(|faithful| faithful.0)
}

/// JSON that a [`Value`] holds without loss.
struct Faithful(Value);

impl<'de> Deserialize<'de> for Faithful {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Faithfully).map(Self)
    }
}

struct Faithfully;

impl<'de> Visitor<'de> for Faithfully {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a key that is there twice")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// Fractions and what does not fit into 64 bits: their spelling would be lost.
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Err(E::custom("a number that is not an integer"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Faithful(value)) = array.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some((key, Faithful(value))) = object.next_entry::<String, Faithful>()? {
            if values.insert(key, value).is_some() {
                return Err(de::Error::custom("a key that is there twice"));
            }
        }
        Ok(Value::Object(values))
    }
}
