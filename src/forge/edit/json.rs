//! JSON that is changed at a pointer, while everything else keeps its spelling: duplicate keys, white space, numbers.
//!
//! It looks for brackets, strings and commas and at nothing else, so that a document can be changed which is not quite JSON.

use std::ops::Range;

use serde_json::Value;

use super::EditError;

/// A member of an object or an item of an array.
struct Child {
    /// The key of a member, as JSON writes it without its quotes.
    key: Option<String>,
    /// Key, colon and value.
    whole: Range<usize>,
    value: Range<usize>,
}

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
    let mut range = value_at(text, 0);
    for part in parts(pointer)? {
        range = child(text, &range, &part, pointer)?.0.value;
    }
    Ok(range)
}

/// The document without the member or the item at the pointer.
pub(super) fn remove(text: &str, pointer: &str) -> Result<String, EditError> {
    let (parent, last) = parent(text, pointer)?;
    let (found, index) = child(text, &parent, &last, pointer)?;
    let found = found.whole;
    let siblings = children(text, &parent);
    // The comma goes with it: the one after it, or the one before the last.
    let range = match (
        siblings.get(index + 1),
        index.checked_sub(1).and_then(|before| siblings.get(before)),
    ) {
        (Some(next), _) => found.start..next.whole.start,
        (None, Some(previous)) => previous.whole.end..found.end,
        (None, None) => found,
    };
    Ok([&text[..range.start], &text[range.end..]].concat())
}

/// The document with a new member or item, whose pointer this is.
pub(super) fn insert(text: &str, pointer: &str, value: &str) -> Result<String, EditError> {
    let (parent, last) = parent(text, pointer)?;
    let siblings = children(text, &parent);
    let inner_start = parent.start + 1;
    let is_object = text[parent.clone()].starts_with('{');
    let item = if is_object {
        format!("{}:{value}", Value::from(last.as_str()))
    } else {
        value.to_owned()
    };
    let before = if is_object || last == "-" {
        None
    } else {
        let index: usize = last.parse().map_err(|_| missing(pointer, &last))?;
        if index > siblings.len() {
            return Err(missing(pointer, &last));
        }
        siblings.get(index)
    };
    let (at, item) = match (before, siblings.last()) {
        (Some(before), _) => (before.whole.start, format!("{item},")),
        (None, Some(previous)) => (previous.whole.end, format!(",{item}")),
        (None, None) => (inner_start, item),
    };
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

/// The value that holds what the pointer names, and the last part of the pointer.
fn parent(text: &str, pointer: &str) -> Result<(Range<usize>, String), EditError> {
    let mut parts = parts(pointer)?;
    let last = parts
        .pop()
        .ok_or_else(|| EditError("the pointer of the whole document has no parent".to_owned()))?;
    let mut range = value_at(text, 0);
    for part in parts {
        range = child(text, &range, &part, pointer)?.0.value;
    }
    if !text[range.clone()].starts_with(['{', '[']) {
        return Err(missing(pointer, &last));
    }
    Ok((range, last))
}

/// The child of this name or number, and its index. Of a key that is there twice it is the first.
fn child(text: &str, range: &Range<usize>, part: &str, pointer: &str) -> Result<(Child, usize), EditError> {
    let wanted = Value::from(part).to_string();
    let wanted = wanted.trim_matches('"');
    children(text, range)
        .into_iter()
        .enumerate()
        .find(|(index, child)| match &child.key {
            Some(key) => key == wanted,
            None => part.parse() == Ok(*index),
        })
        .map(|(index, child)| (child, index))
        .ok_or_else(|| missing(pointer, part))
}

/// The members of an object or the items of an array; none of another value.
fn children(text: &str, range: &Range<usize>) -> Vec<Child> {
    let is_object = text[range.clone()].starts_with('{');
    let mut children = Vec::new();
    if !text[range.clone()].starts_with(['{', '[']) {
        return children;
    }
    let mut at = range.start + 1;
    while at < range.end {
        at = skip_blank(text, at);
        if text[at..].starts_with(['}', ']']) {
            break;
        }
        let start = at;
        let first = value_at(text, at);
        let mut value = first.clone();
        let mut key = None;
        if is_object {
            key = Some(text[first.clone()].trim_matches('"').to_owned());
            let colon = skip_blank(text, first.end);
            value = value_at(text, (colon + 1).min(range.end));
        }
        children.push(Child {
            key,
            whole: start..value.end,
            value: value.clone(),
        });
        at = skip_blank(text, value.end);
        if !text[at..].starts_with(',') {
            break;
        }
        at += 1;
    }
    children
}

fn skip_blank(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len()
}

/// The value that begins at this byte or at the first one after it that is not blank.
fn value_at(text: &str, at: usize) -> Range<usize> {
    let start = skip_blank(text, at);
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut in_string) = (start, 0_usize, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return start..at + 1,
            b',' | b':' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return start..at,
            _ => {}
        }
        at += 1;
        if *byte == b'"' && !in_string && depth == 0 {
            return start..at;
        }
    }
    start..bytes.len()
}
