//! JSON that is changed at a pointer, while everything else keeps its spelling: duplicate keys, white space, numbers.

use std::ops::Range;

use serde_json::Value;

use super::EditError;
use crate::forge::json::{Document, Shape};

/// The document with another text for the value at the pointer.
pub(super) fn set(text: &str, pointer: &str, to: &str) -> Result<String, EditError> {
    let range = found(text, pointer)?;
    Ok([&text[..range.start], to, &text[range.end..]].concat())
}

/// The document with another number at the pointer, that much larger.
pub(super) fn add(text: &str, pointer: &str, by: i64) -> Result<String, EditError> {
    let number = &text[found(text, pointer)?];
    let sum = number.parse::<i64>().ok().and_then(|number| number.checked_add(by));
    let sum = sum.ok_or_else(|| EditError(format!("{by} cannot be added to {number} at {pointer:?}")))?;
    set(text, pointer, &sum.to_string())
}

/// Where the value at the pointer is.
fn found(text: &str, pointer: &str) -> Result<Range<usize>, EditError> {
    let document = Document::of(text);
    let range = document.places.get(find(&document, &parts(pointer)?, pointer)?);
    Ok(range.map_or(0..0, |place| place.value.clone()))
}

/// The document without the member or the item at the pointer.
pub(super) fn remove(text: &str, pointer: &str) -> Result<String, EditError> {
    let document = Document::of(text);
    let (parent, last) = parent(&document, pointer)?;
    let found = document.child(parent, &last).ok_or_else(|| missing(pointer, &last))?;
    let range = document.hole(found);
    Ok([&text[..range.start], &text[range.end..]].concat())
}

/// The document with a new member or item, whose pointer this is.
pub(super) fn insert(text: &str, pointer: &str, value: &str) -> Result<String, EditError> {
    let document = Document::of(text);
    let (parent, last) = parent(&document, pointer)?;
    let siblings = document.children(parent).len();
    let is_object = document
        .places
        .get(parent)
        .is_some_and(|place| place.kind == Shape::Object);
    let item = if is_object {
        format!("{}:{value}", Value::from(last.as_str()))
    } else {
        value.to_owned()
    };
    let before = match last.parse() {
        _ if is_object || last == "-" => siblings,
        Ok(before) if before <= siblings => before,
        _ => return Err(missing(pointer, &last)),
    };
    let (at, item) = document.gap(parent, before, &item);
    Ok([&text[..at], &item, &text[at..]].concat())
}

/// The line that the first part of a pointer names, and the rest of the pointer.
pub(super) fn line<'a>(text: &str, pointer: &'a str) -> Result<(Range<usize>, &'a str), EditError> {
    let rest = pointer.strip_prefix('/').unwrap_or(pointer);
    let (number, rest) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if number.parse() == Ok(index) {
            return Ok((start..start + line.trim_end_matches('\n').len(), rest));
        }
        start += line.len();
    }
    Err(missing(pointer, number))
}

fn missing(pointer: &str, part: &str) -> EditError {
    EditError(format!("the twin has nothing at {pointer:?}: no {part:?}"))
}

/// The parts of a pointer, without their escapes.
fn parts(pointer: &str) -> Result<Vec<String>, EditError> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let rest = pointer
        .strip_prefix('/')
        .ok_or_else(|| EditError(format!("{pointer:?} is no JSON pointer, which begins with a slash")))?;
    Ok(rest
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect())
}

fn find(document: &Document<'_>, parts: &[String], pointer: &str) -> Result<usize, EditError> {
    document.find(parts).map_err(|part| missing(pointer, part))
}

/// The object or the array that holds what the pointer names, and the last part of the pointer.
fn parent(document: &Document<'_>, pointer: &str) -> Result<(usize, String), EditError> {
    let mut parts = parts(pointer)?;
    let last = parts
        .pop()
        .ok_or_else(|| EditError("the pointer of the whole document has no parent".to_owned()))?;
    let parent = find(document, &parts, pointer)?;
    let place = document.places.get(parent);
    place
        .filter(|place| place.kind != Shape::Atom)
        .ok_or_else(|| missing(pointer, &last))?;
    Ok((parent, last))
}
