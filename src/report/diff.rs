//! What was changed from the twin of a case: inputs are taken apart as far as they decode, and compared part by part.
//!
//! A layer is taken apart into annotations, footer, TOC, tar-split and the other frames; documents are compared by JSON
//! pointers, everything else by bytes. Parts that do not decode, which is what some cases are about, are compared as they
//! stand in the blob.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    forge::{
        frames::decode,
        sealed::{self, Role, pieces},
    },
    outside::{Outside, PATH},
    vectors::{Content, Set, SetEntry, case_files::SetError},
};

/// Most differences of a part that are told.
const MOST: usize = 12;

/// Most bytes of a difference that are shown.
const BYTES: usize = 24;

/// Longest value that is shown, in characters.
const VALUE: usize = 160;

/// What the names of parts end with that are whole inputs, not taken apart.
const WHOLE: &str = ", byte by byte";

/// One difference between a case and its twin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part of the input, such as `TOC`.
    pub part: String,
    /// Where in the part: a JSON pointer, or an offset in bytes in hexadecimal digits.
    pub at: String,
    /// What the case has there, JSON or hexadecimal digits; null for nothing.
    pub case: Option<String>,
    /// What the twin has there.
    pub twin: Option<String>,
}

impl Change {
    /// The change in a line.
    pub(super) fn line(&self) -> String {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let at = if self.at.is_empty() {
            String::new()
        } else {
            format!(" {}", self.at)
        };
        format!(
            "{}{at}: {}, in the twin {}",
            self.part,
            shown(&self.case),
            shown(&self.twin)
        )
    }
}

/// Every difference between a case and its twin; none without a twin.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn changes(set: &Set, entry: &SetEntry) -> Result<Vec<Change>, SetError> {
    let Some(twin) = entry.case.twin.as_ref().and_then(|id| set.find(id)) else {
        return Ok(Vec::new());
    };
    let (ours, theirs) = (parts(set, entry)?, parts(set, twin)?);
    let mut changes = Vec::new();
    let mut names: Vec<&String> = ours.iter().map(|(name, _)| name).collect();
    names.extend(
        theirs
            .iter()
            .map(|(name, _)| name)
            .filter(|name| part(&ours, name).is_none()),
    );
    for name in names {
        let mut found = compared(name, part(&ours, name), part(&theirs, name));
        if found.len() > MOST {
            let more = found.len() - MOST;
            found.truncate(MOST);
            found.push(Change {
                part: name.clone(),
                at: format!("and {more} more places"),
                case: Some("...".to_owned()),
                twin: Some("...".to_owned()),
            });
        }
        changes.extend(found);
    }
    // Whole inputs tell something only where their parts are alike, such as of an object with a key twice.
    let whole = |change: &Change| change.part.ends_with(WHOLE);
    if !changes.iter().all(whole) {
        changes.retain(|change| !whole(change));
    }
    Ok(changes)
}

/// A part of an input.
enum Part {
    Document(Value),
    Bytes(Vec<u8>),
    /// Compressed bytes, with what they decode to. They are compared decoded where both of a pair decode.
    Packed(Vec<u8>, Option<Box<Self>>),
}

impl Part {
    fn packed(bytes: Vec<u8>, read: impl FnOnce(&[u8]) -> Self) -> Self {
        let inner = decode(&bytes, DECODED).map(|plain| Box::new(read(&plain)));
        Self::Packed(bytes, inner)
    }
}

type Parts = Vec<(String, Part)>;

fn part<'a>(parts: &'a Parts, name: &str) -> Option<&'a Part> {
    parts.iter().find(|(other, _)| other == name).map(|(_, part)| part)
}

fn parts(set: &Set, entry: &SetEntry) -> Result<Parts, SetError> {
    let bytes = set.bytes(entry)?;
    let mut parts = Parts::new();
    for (key, value) in entry.case.input.as_object().into_iter().flatten() {
        match &bytes {
            Some((field, bytes)) if field == key => {
                parts.extend(taken_apart(entry, field, bytes));
                parts.push((format!("{field}{WHOLE}"), Part::Bytes(bytes.clone())));
            }
            _ => parts.push((key.clone(), Part::Document(value.clone()))),
        }
    }
    Ok(parts)
}

fn taken_apart(entry: &SetEntry, field: &str, bytes: &[u8]) -> Parts {
    let one = |part| vec![(field.to_owned(), part)];
    match entry.op.subject().map(|subject| subject.content) {
        Some(Content::Toc) => one(document(bytes)),
        Some(Content::TarSplit) => one(lines(bytes)),
        Some(Content::Blob) => of_layer(entry, bytes),
        Some(Content::Footer | Content::EStargzFooter | Content::Tar) | None => one(Part::Bytes(bytes.to_owned())),
    }
}

/// A JSON document, or its bytes where it is none. Keys that are there twice show in the bytes only.
fn document(bytes: &[u8]) -> Part {
    serde_json::from_slice(bytes).map_or_else(|_| Part::Bytes(bytes.to_owned()), Part::Document)
}

/// A document of one object a line, by the numbers of the lines.
fn lines(bytes: &[u8]) -> Part {
    let values: Result<Vec<Value>, _> = bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| {
            let object = line.strip_suffix(b"\n").filter(|line| !line.is_empty());
            object.map_or_else(|| Err(()), |object| serde_json::from_slice(object).map_err(|_| ()))
        })
        .collect();
    values.map_or_else(
        |()| Part::Bytes(bytes.to_owned()),
        |values| Part::Document(Value::Array(values)),
    )
}

/// The frames of a layer by what they are for, decoded where they decode.
fn of_layer(entry: &SetEntry, blob: &[u8]) -> Parts {
    let annotations: BTreeMap<String, String> = entry
        .case
        .input
        .get("annotations")
        .and_then(|annotations| serde_json::from_value(annotations.clone()).ok())
        .unwrap_or_default();
    let mut parts = Parts::new();
    let (mut data, mut skipped) = (0_usize, 0_usize);
    for piece in pieces(blob, &annotations) {
        let payload = piece.payload().unwrap_or(piece.bytes).to_vec();
        let whole = piece.bytes.to_vec();
        parts.push(match piece.role {
            Role::Part(sealed::Part::Toc) => ("TOC".to_owned(), Part::packed(payload, document)),
            Role::Part(sealed::Part::TarSplit) => ("tar-split".to_owned(), Part::packed(payload, lines)),
            Role::Footer => ("footer".to_owned(), Part::Bytes(whole)),
            Role::Skippable => {
                skipped += 1;
                (format!("skippable frame {skipped}"), Part::Bytes(whole))
            }
            Role::Data => {
                data += 1;
                let read = |bytes: &[u8]| Part::Bytes(bytes.to_owned());
                (format!("data frame {data}"), Part::packed(whole, read))
            }
            Role::Rest => ("what is no frame".to_owned(), Part::Bytes(whole)),
        });
    }
    parts
}

/// Most bytes that are decoded. A bomb is shown as it is.
const DECODED: u64 = 1 << 24;

fn compared(name: &str, ours: Option<&Part>, theirs: Option<&Part>) -> Vec<Change> {
    let change = |at: String, case, twin| Change {
        part: name.to_owned(),
        at,
        case,
        twin,
    };
    match (ours, theirs) {
        (Some(Part::Document(ours)), Some(Part::Document(theirs))) => differences(Some(ours), Some(theirs))
            .into_iter()
            .map(|(at, ours, theirs)| {
                let (case, twin) = told(ours, theirs);
                change(at, case, twin)
            })
            .collect(),
        (Some(Part::Bytes(ours)), Some(Part::Bytes(theirs))) => of_bytes(ours, theirs)
            .into_iter()
            .map(|(at, ours, theirs)| change(format!("{at:#x}"), ours, theirs))
            .collect(),
        (Some(Part::Packed(ours, inner)), Some(Part::Packed(theirs, their_inner))) => {
            let found = match (inner, their_inner) {
                (Some(ours), Some(theirs)) => compared(&format!("{name} (decoded)"), Some(ours), Some(theirs)),
                _ => Vec::new(),
            };
            if !found.is_empty() {
                return found;
            }
            of_bytes(ours, theirs)
                .into_iter()
                .map(|(at, ours, theirs)| change(format!("{at:#x}"), ours, theirs))
                .collect()
        }
        (ours, theirs) => vec![change(String::new(), ours.map(summary), theirs.map(summary))],
    }
}

fn summary(part: &Part) -> String {
    match part {
        Part::Document(value) => shown(value),
        Part::Packed(_, Some(inner)) => summary(inner),
        Part::Bytes(bytes) | Part::Packed(bytes, None) => digits(bytes),
    }
}

/// An offset, and the digits that two byte strings have there.
type Run = (usize, Option<String>, Option<String>);

/// Equal bytes between two differences that are told apart.
const GAP: usize = 4;

/// Where two byte strings differ: runs of bytes where they are equally long, else what is between the bytes that they
/// begin and end with alike.
fn of_bytes(ours: &[u8], theirs: &[u8]) -> Vec<Run> {
    let digits_of = |bytes: &[u8]| (!bytes.is_empty()).then(|| digits(bytes));
    if ours.len() != theirs.len() {
        let alike = |(a, b): &(&u8, &u8)| a == b;
        let start = ours.iter().zip(theirs).take_while(alike).count();
        let rest = |bytes: &[u8]| bytes.get(start..).unwrap_or_default().to_vec();
        let (ours, theirs) = (rest(ours), rest(theirs));
        let end = ours.iter().rev().zip(theirs.iter().rev()).take_while(alike).count();
        let middle = |bytes: &[u8]| digits_of(bytes.get(..bytes.len().saturating_sub(end)).unwrap_or_default());
        return vec![(start, middle(&ours), middle(&theirs))];
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in ours.iter().zip(theirs).enumerate().filter(|(_, (a, b))| a != b) {
        match runs.last_mut() {
            Some((_, end)) if at < *end + GAP => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    let digits_at = |bytes: &[u8], start, end| bytes.get(start..end).and_then(digits_of);
    runs.into_iter()
        .map(|(start, end)| (start, digits_at(ours, start, end), digits_at(theirs, start, end)))
        .collect()
}

fn digits(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    match bytes.len().saturating_sub(BYTES) {
        0 => shown.join(" "),
        rest => format!("{} and {rest} more bytes", shown.join(" ")),
    }
}

/// Two values that differ. Of long ones that begin alike, what begins a little before the difference.
fn told(ours: Option<&Value>, theirs: Option<&Value>) -> (Option<String>, Option<String>) {
    let (case, twin) = (ours.map(shown), theirs.map(shown));
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return (case, twin);
    };
    if case != twin {
        return (case, twin);
    }
    let (ours, theirs) = (ours.to_string(), theirs.to_string());
    let start = ours.chars().zip(theirs.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let rest: String = text.chars().skip(start.saturating_sub(BYTES)).collect();
        Some(format!("... {}", shortened(&rest, VALUE)))
    };
    (from(&ours), from(&theirs))
}

fn shown(value: &Value) -> String {
    shortened(&value.to_string(), VALUE)
}

/// The text, cut off behind this many characters.
fn shortened(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(most).collect();
    let start = Outside::new(start.as_bytes(), PATH).to_string();
    if letters.next().is_some() {
        start + " ..."
    } else {
        start
    }
}

/// A pointer, and what two documents have there.
type Difference<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// Where two documents differ, by JSON pointers, in the order of the first.
pub(super) fn differences<'a>(ours: Option<&'a Value>, theirs: Option<&'a Value>) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let mut pairs = vec![(String::new(), ours, theirs)];
    while let Some((pointer, ours, theirs)) = pairs.pop() {
        match (ours, theirs) {
            (ours, theirs) if ours == theirs => {}
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                let added = theirs.keys().filter(|key| !ours.contains_key(*key));
                let mut keys: Vec<&String> = ours.keys().chain(added).collect();
                // The last pair is looked at first.
                keys.sort_by(|a, b| b.cmp(a));
                let token = |key: &str| key.replace('~', "~0").replace('/', "~1");
                pairs.extend(
                    keys.into_iter()
                        .map(|key| (format!("{pointer}/{}", token(key)), ours.get(key), theirs.get(key))),
                );
            }
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
                // An element that was put in or taken out is one difference, not one of each that follows.
                let start = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
                let longest = ours.len().max(theirs.len());
                let behind = |array: &'a [Value]| array.get(start.saturating_add(1)..);
                let (from, to) = (ours.get(start..), theirs.get(start..));
                if ours.len() > theirs.len() && behind(ours) == to {
                    found.push((format!("{pointer}/{start}"), ours.get(start), None));
                } else if ours.len() < theirs.len() && from == behind(theirs) {
                    found.push((format!("{pointer}/{start}"), None, theirs.get(start)));
                } else {
                    let indices = (0..longest).rev();
                    pairs.extend(
                        indices.map(|index| (format!("{pointer}/{index}"), ours.get(index), theirs.get(index))),
                    );
                }
            }
            (ours, theirs) => found.push((pointer, ours, theirs)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{changes, differences, of_bytes};
    use crate::vectors::{Expect, Set};

    #[test]
    fn bytes_differ_between_what_is_alike() {
        let text = |text: &str| Some(text.to_owned());
        for (ours, theirs, expected) in [
            (&b"abc"[..], &b"abc"[..], vec![]),
            (b"abxd", b"abcd", vec![(2, text("78"), text("63"))]),
            (
                b"x123y",
                b"a123b",
                vec![(0, text("78 31 32 33 79"), text("61 31 32 33 62"))],
            ),
            (
                b"x12345y",
                b"a12345b",
                vec![(0, text("78"), text("61")), (6, text("79"), text("62"))],
            ),
            (b"abd", b"abcd", vec![(2, None, text("63"))]),
            (b"aab", b"ab", vec![(1, text("61"), None)]),
            (b"", b"a", vec![(0, None, text("61"))]),
        ] {
            assert_eq!(of_bytes(ours, theirs), expected);
        }
    }

    #[test]
    fn an_element_more_is_one_difference() {
        let (ours, theirs) = (json!([1, 2, 9, 3, 4]), json!([1, 2, 3, 4]));
        let found = differences(Some(&ours), Some(&theirs));
        assert_eq!(found, [("/2".to_owned(), Some(&json!(9)), None)]);
        let found = differences(Some(&theirs), Some(&ours));
        assert_eq!(found, [("/2".to_owned(), None, Some(&json!(9)))]);
        let (ours, theirs) = (json!({"a/b": 1}), json!({"a/b": 2}));
        assert_eq!(differences(Some(&ours), Some(&theirs))[0].0, "/a~1b");
    }

    /// Inputs of twins differ, so something is shown for each.
    #[test]
    fn every_change_is_shown() {
        let set = Set::embedded().unwrap();
        for entry in set.entries() {
            let shown = changes(&set, entry).unwrap();
            assert_eq!(
                shown.is_empty(),
                entry.case.expect != Expect::Invalid,
                "{}",
                entry.case.id
            );
            assert!(
                shown
                    .iter()
                    .all(|change| change.case != change.twin || change.at.starts_with("and "))
            );
        }
    }
}
