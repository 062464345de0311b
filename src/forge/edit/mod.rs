//! Edits: a closed set of operations that make a case out of its twin.
//!
//! An [`Edit`] is data: cases are written down as a twin and its edits, in TOML. It changes bytes, the JSON in them, or
//! annotations, and changes nothing else. Of a whole layer it is made at a stage, and what comes after the stage follows from it:
//! digests, lengths and positions ([`edited`]). An edit that finds nothing to change is an error.

#[cfg(feature = "cli")]
mod difference;
#[cfg(feature = "set")]
mod editable;
mod footer;
mod json;
mod layer;
#[cfg(feature = "cli")]
mod layers;
mod piece;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "cli")]
pub(crate) use self::difference::{between, between_annotations, described, described_annotations};
#[cfg(feature = "set")]
pub(crate) use self::editable::{Blob, Editable};
pub(crate) use self::footer::Field;
#[cfg(feature = "set")]
pub(crate) use self::layer::edited;
#[cfg(feature = "fuzzing")]
pub(crate) use self::layer::of_parts;
#[cfg(feature = "cli")]
pub(crate) use self::layers::{Difference, between_layers};
pub(crate) use self::piece::Piece;

/// One change. In TOML it is a table with one key, the operation: `{ replace = { from = ":493", to = ":NaN" } }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Edit {
    /// Replaces a text, or bytes. It has to be there as many times as it is replaced.
    Replace {
        from: Piece,
        to: Piece,
        /// How many times it is there, of which each is replaced. Once without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<usize>,
        /// Which of them is replaced, counted from 1, where only one is. How many there are makes no difference then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nth: Option<usize>,
    },
    /// Removes and inserts bytes at an offset.
    Splice {
        /// Counted from the end where it is negative.
        at: i64,
        /// How many bytes go.
        #[serde(default, skip_serializing_if = "is_zero")]
        remove: usize,
        /// What comes in their place.
        #[serde(default, skip_serializing_if = "Piece::is_empty")]
        insert: Piece,
    },
    /// Adds bytes at the end.
    Append(Piece),
    /// Keeps so many bytes; drops so many from the end where the number is negative.
    Truncate(i64),
    /// Repeats a text that is there once, so that it is there so many times.
    Repeat { text: Piece, times: usize },
    /// Takes other bytes for all there are.
    Become(Piece),
    /// Sets the value at a JSON pointer (RFC 6901), which has to exist. What is around it keeps its spelling.
    Set { at: String, to: Value },
    /// As `set`, with a text for the value, which need not be JSON.
    Raw { at: String, to: String },
    /// Adds to the number at a JSON pointer, or takes from it where `by` is negative.
    Add { at: String, by: i64 },
    /// Removes the member or the item at a JSON pointer.
    Remove(String),
    /// Adds a member to an object, at its end, or an item to an array, before the one that has the number or at the end for
    /// `-`. The pointer is that of what is added.
    Insert { at: String, value: Value },
    /// Sets a number in a zstd:chunked footer.
    Field {
        name: Field,
        /// A number, or its decimal digits where TOML has no such number.
        to: Number,
    },
    /// Sets the size of the blob of which the bytes are the end. Without it the size follows the bytes.
    BlobSize(Number),
    /// Sets an annotation.
    Annotate { key: String, value: String },
    /// Removes an annotation.
    Strip(String),
    /// Gives an annotation another key.
    Rename { from: String, to: String },
    /// Of a whole layer: edits the frames before the TOC. Positions follow; what the TOC says does not.
    Data(Box<Self>),
    /// Of a whole layer: edits the JSON of the tar-split. Its frame, its digests and the positions follow.
    TarSplit(Box<Self>),
    /// Of a whole layer: edits the compressed tar-split. Its digests and the positions follow.
    TarSplitPayload(Box<Self>),
    /// Of a whole layer: edits the JSON of the TOC. Its frame, its digest and the positions follow.
    Toc(Box<Self>),
    /// Of a whole layer: edits the compressed TOC. Its digest and the positions follow.
    TocPayload(Box<Self>),
    /// Of a whole layer: edits the skippable frame of the TOC. Nothing follows.
    TocFrame(Box<Self>),
    /// Of a whole layer: edits the skippable frame of the tar-split. Nothing follows.
    TarSplitFrame(Box<Self>),
    /// Of a whole layer: edits the frame of the footer. Nothing follows.
    Footer(Box<Self>),
    /// Of a whole layer: edits the annotations. Nothing follows.
    Annotations(Box<Self>),
    /// Of a whole layer: edits the finished blob. Nothing follows.
    Blob(Box<Self>),
}

/// A number of 64 bits without sign. TOML has numbers up to 2^63 - 1 only, so that decimal digits are a number as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or its decimal digits as a text")]
pub(crate) enum Number {
    /// As it is.
    Number(u64),
    /// Its digits.
    Digits(String),
}

impl Number {
    pub(crate) fn value(&self) -> Result<u64, EditError> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Digits(digits) => digits
                .parse()
                .map_err(|_| EditError(format!("{digits:?} is not a number of 64 bits"))),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Why an edit cannot be made, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditError(pub(crate) String);

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the bytes are that an edit is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes, in which no pointer points anywhere.
    Bytes,
    /// A JSON document.
    Json,
    /// A JSON document on each line: the first part of a pointer is the number of the line, counted from 0.
    Lines,
    /// The end of a blob with a zstd:chunked footer.
    Footer,
}

/// Most bytes that repetition makes: what a case has in memory, not what a person mistyped.
const REPEATED: usize = 256 << 20;

impl Edit {
    /// Replaces a text that is there so many times.
    pub(crate) fn replace(from: &str, to: &str, times: usize) -> Self {
        Self::Replace {
            from: from.into(),
            to: to.into(),
            times: Some(times),
            nth: None,
        }
    }

    /// Whether it is an edit of a stage of a whole layer.
    pub(crate) const fn is_of_layer(&self) -> bool {
        matches!(
            self,
            Self::Data(_)
                | Self::TarSplit(_)
                | Self::TarSplitPayload(_)
                | Self::Toc(_)
                | Self::TocPayload(_)
                | Self::TocFrame(_)
                | Self::TarSplitFrame(_)
                | Self::Footer(_)
                | Self::Annotations(_)
                | Self::Blob(_)
        )
    }

    /// The name of the operation.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Splice { .. } => "splice",
            Self::Append(_) => "append",
            Self::Truncate(_) => "truncate",
            Self::Repeat { .. } => "repeat",
            Self::Become(_) => "become",
            Self::Set { .. } => "set",
            Self::Raw { .. } => "raw",
            Self::Add { .. } => "add",
            Self::Remove(_) => "remove",
            Self::Insert { .. } => "insert",
            Self::Field { .. } => "field",
            Self::BlobSize(_) => "blob-size",
            Self::Annotate { .. } => "annotate",
            Self::Strip(_) => "strip",
            Self::Rename { .. } => "rename",
            Self::Data(_) => "data",
            Self::TarSplit(_) => "tar-split",
            Self::TarSplitPayload(_) => "tar-split-payload",
            Self::Toc(_) => "toc",
            Self::TocPayload(_) => "toc-payload",
            Self::TocFrame(_) => "toc-frame",
            Self::TarSplitFrame(_) => "tar-split-frame",
            Self::Footer(_) => "footer",
            Self::Annotations(_) => "annotations",
            Self::Blob(_) => "blob",
        }
    }

    /// The bytes with the change.
    ///
    /// # Errors
    ///
    /// An edit that finds nothing to change, or changes nothing, or is for something else than bytes of this kind.
    pub(crate) fn apply(&self, bytes: &[u8], kind: Kind) -> Result<Vec<u8>, EditError> {
        let changed = self.changed(bytes, kind).map_err(|error| self.error(&error.0))?;
        if changed == bytes {
            return Err(self.error("changes nothing"));
        }
        Ok(changed)
    }

    fn changed(&self, bytes: &[u8], kind: Kind) -> Result<Vec<u8>, EditError> {
        match self {
            Self::Replace { from, to, times, nth } => replace(bytes, from, to, *times, *nth),
            Self::Splice { at, remove, insert } => {
                let at = offset(*at, bytes.len())?;
                let end = at
                    .checked_add(*remove)
                    .filter(|end| *end <= bytes.len())
                    .ok_or_else(|| {
                        EditError(format!(
                            "removes {remove} bytes at {at}, and there are {} bytes",
                            bytes.len()
                        ))
                    })?;
                Ok([&bytes[..at], insert.bytes(), &bytes[end..]].concat())
            }
            Self::Append(piece) => Ok([bytes, piece.bytes()].concat()),
            Self::Truncate(length) => Ok(bytes[..offset(*length, bytes.len())?].to_vec()),
            Self::Repeat { text, times } => {
                let repeated = text.repeat(*times, REPEATED).ok_or_else(|| {
                    let length = text.bytes().len();
                    EditError(format!(
                        "repeats {length} bytes {times} times, and at most {REPEATED} bytes are made"
                    ))
                })?;
                replace(bytes, text, &repeated, None, None)
            }
            Self::Become(piece) => Ok(piece.bytes().to_vec()),
            Self::Set { .. } | Self::Raw { .. } | Self::Add { .. } | Self::Remove(_) | Self::Insert { .. } => {
                self.in_json(bytes, kind)
            }
            Self::Field { name, to } if kind == Kind::Footer => footer::set(bytes, *name, to.value()?),
            Self::Field { .. } => Err(EditError("is for zstd:chunked footers only".to_owned())),
            Self::BlobSize(_) => Err(EditError("is for the ends of blobs only".to_owned())),
            Self::Annotate { .. } | Self::Strip(_) | Self::Rename { .. } => {
                Err(EditError("is for annotations only".to_owned()))
            }
            _ => Err(EditError("is for whole layers only".to_owned())),
        }
    }

    /// The edits that are made at a JSON pointer.
    fn in_json(&self, bytes: &[u8], kind: Kind) -> Result<Vec<u8>, EditError> {
        let (Self::Set { at, .. }
        | Self::Raw { at, .. }
        | Self::Add { at, .. }
        | Self::Remove(at)
        | Self::Insert { at, .. }) = self
        else {
            return Err(EditError("has no pointer".to_owned()));
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_| EditError("is for text, and this is not UTF-8".to_owned()))?;
        let (range, pointer) = match kind {
            Kind::Json => (0..text.len(), at.as_str()),
            Kind::Lines => json::line(text, at)?,
            Kind::Bytes | Kind::Footer => return Err(EditError("is for JSON only".to_owned())),
        };
        let document = &text[range.clone()];
        let changed = match self {
            Self::Set { to, .. } => json::set(document, pointer, &to.to_string()),
            Self::Raw { to, .. } => json::set(document, pointer, to),
            Self::Add { by, .. } => json::add(document, pointer, *by),
            Self::Insert { value, .. } => json::insert(document, pointer, &value.to_string()),
            _ => json::remove(document, pointer),
        }?;
        Ok([&text[..range.start], &changed, &text[range.end..]]
            .concat()
            .into_bytes())
    }

    /// Makes the change to annotations.
    ///
    /// # Errors
    ///
    /// As [`Self::apply`].
    pub(crate) fn annotate(&self, annotations: &mut BTreeMap<String, String>) -> Result<(), EditError> {
        let missing = |key: &str| self.error(&format!("the twin has no annotation {key:?}"));
        match self {
            Self::Annotate { key, value } => {
                if annotations.insert(key.clone(), value.clone()).as_ref() == Some(value) {
                    return Err(self.error("changes nothing"));
                }
            }
            Self::Strip(key) => {
                annotations.remove(key).ok_or_else(|| missing(key))?;
            }
            Self::Rename { from, to } => {
                let value = annotations.remove(from).ok_or_else(|| missing(from))?;
                if annotations.insert(to.clone(), value).is_some() {
                    return Err(self.error(&format!("the twin has an annotation {to:?} already")));
                }
            }
            _ => return Err(self.error("is not for annotations")),
        }
        Ok(())
    }

    fn error(&self, sentence: &str) -> EditError {
        EditError(format!("{}: {sentence}", self.name()))
    }
}

/// The offset that a number means, which counts from the end where it is negative.
fn offset(number: i64, length: usize) -> Result<usize, EditError> {
    let distance = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let at = if number < 0 {
        length.checked_sub(distance)
    } else {
        Some(distance).filter(|at| *at <= length)
    };
    at.ok_or_else(|| EditError(format!("byte {number} is not among the {length} bytes")))
}

fn replace(
    bytes: &[u8],
    from: &Piece,
    to: &Piece,
    times: Option<usize>,
    nth: Option<usize>,
) -> Result<Vec<u8>, EditError> {
    let found = places(bytes, from.bytes());
    let wanted: Vec<usize> = match nth {
        Some(nth) => nth
            .checked_sub(1)
            .and_then(|index| found.get(index))
            .copied()
            .into_iter()
            .collect(),
        None if found.len() == times.unwrap_or(1) => found.clone(),
        None => Vec::new(),
    };
    if wanted.is_empty() || (nth.is_some() && times.is_some()) {
        let expected = match (times, nth) {
            (Some(_), Some(_)) => "`times` or `nth`, not both".to_owned(),
            (_, Some(nth)) => format!("at least {}", nth.max(1)),
            (times, None) => times.unwrap_or(1).to_string(),
        };
        return Err(EditError(format!(
            "{from} is there {} times, expected {expected}",
            found.len()
        )));
    }
    let mut changed = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for at in wanted {
        changed.extend_from_slice(&bytes[done..at]);
        changed.extend_from_slice(to.bytes());
        done = at + from.bytes().len();
    }
    changed.extend_from_slice(&bytes[done..]);
    Ok(changed)
}

/// Where the piece is, without overlaps.
fn places(bytes: &[u8], piece: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while !piece.is_empty() && at + piece.len() <= bytes.len() {
        if bytes[at..].starts_with(piece) {
            places.push(at);
            at += piece.len();
        } else {
            at += 1;
        }
    }
    places
}
