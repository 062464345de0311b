//! Requests and answers as people see them.

use serde_json::Value;

/// JSON to be shown to people, in which long texts are cut.
pub fn shortened(value: &Value) -> Value {
    /// Longest text that is shown whole, in bytes: a digest with its algorithm.
    const WHOLE: usize = 71;
    /// What is shown of a longer one.
    const SHOWN: usize = 32;
    match value {
        Value::String(text) if text.len() > WHOLE => {
            let shown: String = text.chars().take(SHOWN).collect();
            Value::String(shown + "...")
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, item)| (key.clone(), shortened(item)));
            Value::Object(members.collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_texts_are_shortened() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let value = serde_json::json!({"a": [digest, "b".repeat(72)], "c": 1});
        let expected = serde_json::json!({"a": [digest, format!("{}...", "b".repeat(32))], "c": 1});
        assert_eq!(shortened(&value), expected);
    }
}
