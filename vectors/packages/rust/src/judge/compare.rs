//! Where two values of JSON differ.

use serde_json::{Value, json};

/// JSON without the members that hold nothing, which may be absent.
pub(crate) fn value(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, member)| (key, self::value(member)))
            .filter(|(_, member)| *member != Value::Null && *member != json!({}) && *member != json!([]))
            .collect(),
        Value::Array(items) => items.into_iter().map(self::value).collect(),
        plain => plain,
    }
}

/// The first place in which two values differ, as a JSON pointer with both values.
pub(crate) fn difference(at: &str, actual: &Value, expected: &Value) -> Option<String> {
    if actual == expected {
        return None;
    }
    let inside = match (actual, expected) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys());
            let mut differences = keys.map(|key| difference(&format!("{at}/{key}"), &actual[key], &expected[key]));
            differences.find_map(|found| found)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(number, (one, other))| difference(&format!("{at}/{number}"), one, other))
        }
        _ => None,
    };
    inside.or_else(|| Some(format!("{at}: found {}, expected {}", short(actual), short(expected))))
}

pub(super) fn short(value: &Value) -> String {
    const MOST: usize = 300;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
