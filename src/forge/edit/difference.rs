//! The edits between two inputs, and what they do in a sentence.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Edit, Field, Kind, Number};
use crate::forge::{
    json::{Document, Shape, pointer},
    tar::headers,
};

/// The edits that make one input of another, in the terms of what it is; none where there is nothing to do. What cannot be said
/// in these terms is one edit of bytes.
pub(crate) fn between(before: &[u8], after: &[u8], kind: Kind) -> Vec<Edit> {
    if before == after {
        return Vec::new();
    }
    let edits = match kind {
        Kind::Json => texts(before, after).and_then(|(before, after)| of_documents(before, after, "")),
        Kind::Lines => texts(before, after).and_then(|(before, after)| of_lines(before, after)),
        Kind::Footer => of_footers(before, after),
        Kind::Bytes => None,
    };
    let is_right = |edits: &Vec<Edit>| {
        let made = edits
            .iter()
            .try_fold(before.to_vec(), |bytes, edit| edit.apply(&bytes, kind));
        made.as_deref() == Ok(after)
    };
    edits.filter(is_right).unwrap_or_else(|| vec![splice(before, after)])
}

/// The edits that make some annotations of others.
pub(crate) fn between_annotations(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Edit> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let new = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    gone.map(|key| Edit::Strip(key.clone()))
        .chain(new.map(|(key, value)| Edit::Annotate {
            key: key.clone(),
            value: value.clone(),
        }))
        .collect()
}

fn texts<'a>(before: &'a [u8], after: &'a [u8]) -> Option<(&'a str, &'a str)> {
    std::str::from_utf8(before).ok().zip(std::str::from_utf8(after).ok())
}

/// What is between the bytes that both begin and end with.
fn splice(before: &[u8], after: &[u8]) -> Edit {
    let alike = |(a, b): &(&u8, &u8)| a == b;
    let start = before.iter().zip(after).take_while(alike).count();
    let (a, b) = (&before[start..], &after[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(alike).count();
    Edit::Splice {
        at: i64::try_from(start).unwrap_or(i64::MAX),
        remove: a.len() - end,
        insert: b[..b.len() - end].into(),
    }
}

fn of_lines(before: &str, after: &str) -> Option<Vec<Edit>> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let mut edits = Vec::new();
    for (number, (a, b)) in a.iter().zip(&b).enumerate() {
        edits.extend(of_documents(a, b, &format!("/{number}"))?);
    }
    (a.len() == b.len()).then_some(edits)
}

fn of_documents(before: &str, after: &str, prefix: &str) -> Option<Vec<Edit>> {
    if before == after {
        return Some(Vec::new());
    }
    let (a, b) = (Document::of(before), Document::of(after));
    if !a.is_whole || !b.is_whole {
        return None;
    }
    let mut edits = Vec::new();
    let mut pairs = vec![(0, 0)];
    while let Some((x, y)) = pairs.pop() {
        if a.value(x) == b.value(y) {
            continue;
        }
        let at = format!("{prefix}{}", a.pointer(x)?);
        let (from, to) = (a.children(x), b.children(y));
        match (a.places.get(x)?.kind, b.places.get(y)?.kind) {
            (Shape::Object, Shape::Object) => {
                let key = |document: &Document<'_>, index: usize| -> Option<String> {
                    let key = document.places.get(index)?.key.clone()?;
                    serde_json::from_str(document.text.get(key)?).ok()
                };
                for &member in &from {
                    let name = key(&a, member)?;
                    match b.child(y, &name) {
                        Some(other) => pairs.push((member, other)),
                        None => edits.push(Edit::Remove(format!("{at}{}", pointer(&[name])))),
                    }
                }
                for &member in &to {
                    let name = key(&b, member)?;
                    if a.child(x, &name).is_none() {
                        edits.extend(added(format!("{at}{}", pointer(&[name])), b.value(member)));
                    }
                }
            }
            (Shape::Array, Shape::Array) if from.len() == to.len() => pairs.extend(from.into_iter().zip(to)),
            (Shape::Array, Shape::Array) if from.len().abs_diff(to.len()) == 1 => {
                let same = |(x, y): &(&usize, &usize)| a.value(**x) == b.value(**y);
                let start = from.iter().zip(&to).take_while(same).count();
                let at = format!("{at}/{start}");
                if from.len() > to.len() {
                    edits.push(Edit::Remove(at));
                } else {
                    edits.extend(added(at, b.value(*to.get(start)?)));
                }
            }
            // Another document altogether is another text.
            _ if x == 0 => return None,
            _ => edits.push(set(at, b.value(y))),
        }
    }
    Some(edits)
}

/// Sets a value, as a text where it would not be written in this way.
fn set(at: String, text: &str) -> Edit {
    match plain(text) {
        Some(to) => Edit::Set { at, to },
        None => Edit::Raw {
            at,
            to: text.to_owned(),
        },
    }
}

fn added(at: String, text: &str) -> Vec<Edit> {
    match plain(text) {
        Some(value) => vec![Edit::Insert { at, value }],
        None => vec![
            Edit::Insert {
                at: at.clone(),
                value: Value::Null,
            },
            Edit::Raw {
                at,
                to: text.to_owned(),
            },
        ],
    }
}

/// The value of a text that is written as it is.
fn plain(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let written = value.to_string();
    (written == text).then_some(value)
}

fn of_footers(before: &[u8], after: &[u8]) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for name in Field::ALL {
        if let (Some(from), Some(to)) = (name.of(before), name.of(after))
            && from != to
        {
            let to = Number::Digits(to.to_string());
            edits.push(Edit::Field { name, to });
        }
    }
    Some(edits)
}

/// What edits do, in the words of the format. `part` is what the bytes are.
pub(crate) fn described(part: &str, before: &[u8], edits: &[Edit], kind: Kind) -> Vec<String> {
    let mut bytes = before.to_vec();
    let mut sentences: Vec<String> = Vec::new();
    for edit in edits {
        let sentence = edit.sentence(part, &bytes, kind);
        // A value that is added and then spelled in another way is added once.
        if let (Edit::Raw { at, to }, Some(last)) = (edit, sentences.last_mut())
            && *last == format!("{part} {at}: null is added")
        {
            *last = format!("{part} {at}: {} is added", shown(to));
        } else {
            sentences.push(sentence);
        }
        bytes = edit.apply(&bytes, kind).unwrap_or(bytes);
    }
    sentences
}

/// What edits of annotations do.
pub(crate) fn described_annotations(before: &BTreeMap<String, String>, edits: &[Edit]) -> Vec<String> {
    let sentence = |edit: &Edit| match edit {
        Edit::Annotate { key, value } => Some(match before.get(key) {
            Some(old) => format!("annotation {key}: {} in place of {}", shown(value), shown(old)),
            None => format!("annotation {key}: {} is added", shown(value)),
        }),
        Edit::Strip(key) => Some(format!("annotation {key} is left out")),
        _ => None,
    };
    edits.iter().filter_map(sentence).collect()
}

impl Edit {
    fn sentence(&self, part: &str, before: &[u8], kind: Kind) -> String {
        match self {
            Self::Set { at, to } => format!(
                "{part} {at}: {} in place of {}",
                shown(&to.to_string()),
                old(before, at, kind)
            ),
            Self::Raw { at, to } => format!("{part} {at}: {} in place of {}", shown(to), old(before, at, kind)),
            Self::Remove(at) => format!("{part} {at}: {} is left out", old(before, at, kind)),
            Self::Insert { at, value } => format!("{part} {at}: {} is added", shown(&value.to_string())),
            Self::Field { name, to } => {
                let old = name
                    .of(before)
                    .map_or_else(|| "nothing".to_owned(), |old| old.to_string());
                let to = to.value().map_or_else(|_| "no number".to_owned(), |to| to.to_string());
                format!("{part} {}: {to} in place of {old}", name.name())
            }
            Self::Splice { at, remove, insert } => {
                let at = usize::try_from(*at).unwrap_or(0);
                let end = at.saturating_add(*remove).min(before.len());
                let gone = before.get(at..end).unwrap_or_default();
                let place = place(part, before, at);
                match (gone.is_empty(), insert.is_empty()) {
                    (true, _) => format!("{} is added at {place}", bytes(insert.bytes())),
                    (_, true) => format!("{} is left out at {place}", bytes(gone)),
                    _ => format!("{} in place of {} at {place}", bytes(insert.bytes()), bytes(gone)),
                }
            }
            other => format!("{part}: {}", other.name()),
        }
    }
}

/// The value at a pointer.
fn old(before: &[u8], at: &str, kind: Kind) -> String {
    let text = std::str::from_utf8(before).unwrap_or_default();
    let mut parts = at
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"));
    let document = match kind {
        Kind::Lines => {
            let line = parts.next().and_then(|number| number.parse().ok());
            line.and_then(|number| text.lines().nth(number)).unwrap_or_default()
        }
        _ => text,
    };
    let document = Document::of(document);
    let parts: Vec<String> = parts.collect();
    document
        .find(&parts)
        .map_or_else(|_| "nothing".to_owned(), |index| shown(document.value(index)))
}

/// Longest text that is shown, in characters.
const SHOWN: usize = 60;

fn shown(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    if start.len() == text.len() {
        start
    } else {
        format!("{start}...")
    }
}

/// Bytes as a text, or how many there are.
fn bytes(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).ok();
    let is_plain = |text: &&str| text.chars().all(|letter| !letter.is_control() && letter != '`');
    match text.filter(is_plain) {
        Some(text) if bytes.len() <= SHOWN => format!("`{text}`"),
        _ if bytes.len() <= 8 => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("`{}`", digits.join(" "))
        }
        _ => format!("{} bytes", bytes.len()),
    }
}

/// The fields of a header of a tar, and where they begin.
const FIELDS: [(usize, &str); 17] = [
    (0, "name"),
    (100, "mode"),
    (108, "uid"),
    (116, "gid"),
    (124, "size"),
    (136, "mtime"),
    (148, "checksum"),
    (156, "type flag"),
    (157, "link name"),
    (257, "magic"),
    (263, "version"),
    (265, "user name"),
    (297, "group name"),
    (329, "major number"),
    (337, "minor number"),
    (345, "prefix"),
    (500, "padding of the header"),
];

/// A place in a part: the field of a header in a tar, a byte in anything else.
fn place(part: &str, before: &[u8], at: usize) -> String {
    let found = (part == "tar").then(|| {
        headers(before)
            .into_iter()
            .find(|header| (header.at..header.end).contains(&at))
    });
    match found.flatten() {
        Some(header) => {
            let inside = at - header.at;
            let name = header.name.escape_ascii();
            let field = FIELDS.iter().rev().find(|(start, _)| *start <= inside);
            match field.filter(|_| inside < 512) {
                Some((_, field)) => format!("the {field} in the header of \"{name}\""),
                None => format!("byte {} of the content of \"{name}\"", inside - 512),
            }
        }
        None => format!("byte {at} of the {part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{between, described};
    use crate::forge::{
        Kind,
        tar::{self, TarEntry},
    };

    #[track_caller]
    fn said(part: &str, kind: Kind, before: &[u8], after: &[u8]) -> String {
        let edits = between(before, after, kind);
        let made = edits
            .iter()
            .fold(before.to_vec(), |bytes, edit| edit.apply(&bytes, kind).unwrap());
        assert_eq!(made, after, "{edits:?}");
        described(part, before, &edits, kind).join("; ")
    }

    #[test]
    fn differences_are_in_the_terms_of_the_format() {
        let toc = br#"{"version":1,"entries":[{"name":"a","mode":493},{"name":"b"}]}"#;
        for (after, expected) in [
            (
                &br#"{"version":1,"entries":[{"name":"a","mode":511},{"name":"b"}]}"#[..],
                "TOC /entries/0/mode: 511 in place of 493",
            ),
            (
                br#"{"version":1,"entries":[{"name":"a","mode":NaN},{"name":"b"}]}"#,
                "TOC /entries/0/mode: NaN in place of 493",
            ),
            (
                br#"{"version":1,"entries":[{"name":"a"},{"name":"b"}]}"#,
                "TOC /entries/0/mode: 493 is left out",
            ),
            (
                br#"{"version":1,"entries":[{"name":"a","mode":493},{"name":"b","uid":1.0e0}]}"#,
                "TOC /entries/1/uid: 1.0e0 is added",
            ),
            (
                br#"{"version":1,"entries":[{"name":"a","mode":493}]}"#,
                "TOC /entries/1: {\"name\":\"b\"} is left out",
            ),
            (
                br#"{"version":1,"entries":[{"name":"a","mode":493},{"name":"b"}]"#,
                "`}` is left out at byte 61 of the TOC",
            ),
        ] {
            assert_eq!(said("TOC", Kind::Json, toc, after), expected);
        }
        let before = b"{\"type\":2}\n{\"type\":1,\"size\":7}\n";
        let after = b"{\"type\":2}\n{\"type\":1,\"size\":-7}\n";
        assert_eq!(
            said("tar-split", Kind::Lines, before, after),
            "tar-split /1/size: -7 in place of 7"
        );
        let (mut one, mut other) = (TarEntry::file("f", b""), TarEntry::file("f", b""));
        one.mode = 0o644;
        other.mode = 0o755;
        let said = said(
            "tar",
            Kind::Bytes,
            &[one.header(), tar::end()].concat(),
            &[other.header(), tar::end()].concat(),
        );
        assert!(said.ends_with("at the mode in the header of \"f\""), "{said}");
    }
}
