//! What is not as expected, one block each.

use serde_json::Value;

use super::{
    case::{about, compared_input, field, plain_fields},
    diff,
    style::{ERROR, styled},
};
use crate::{
    outside::{Outside, WORD},
    runner::{CaseResult, protocol::Answer},
    vectors::{Entry, Expect, Set, set::SetError},
};

/// Differences between two outputs that are shown.
const DIFFERENCES: usize = 8;

/// Longest line of JSON or of stderr, in bytes.
const LINE: usize = 200;

/// Lines of stderr that are shown: this many of its beginning and of its end. A panic says first what it is about.
const STDERR_LINES: usize = 5;

/// A failure that no list expects.
pub(super) fn failure(set: &Set, spec: &str, name: &str, result: &CaseResult) -> Result<String, SetError> {
    let Some(entry) = set.entries().get(result.index) else {
        return Ok(String::new());
    };
    let id = &entry.case.id;
    let mut text = heading(name, entry, result.outcome.name());
    text += &about(entry);
    text += &field("expected", expected(entry));
    text += &plain_fields("actual", &actual(entry, result));
    text += &compared_input(set, entry)?;
    text += &plain_fields("stderr", &stderr(&result.stderr));
    let other = result.conflicts_with.as_ref().map(|id| format!(" --only {id}"));
    let only = format!("--only {id}{}", other.unwrap_or_default());
    text += &field("repeat", &format!("chunkproof run --impl {} {only}", quoted(spec)));
    Ok(text)
}

/// A failure that a list expects and that did not happen.
pub(super) fn missing(set: &Set, name: &str, result: &CaseResult, expected: &str) -> String {
    let Some(entry) = set.entries().get(result.index) else {
        return String::new();
    };
    let mut text = heading(name, entry, "expectation not met");
    text += &field("title", &entry.case.title);
    text += &field("expected", &format!("{expected}, by the list of expected deviations"));
    text += &field("actual", result.outcome.name());
    text
}

/// An entry of a list that is about no case.
pub(super) fn unmatched(name: &str, pattern: &str) -> String {
    let line = format!("{name}: no case that ran matches the entry {pattern:?} of the list of expected deviations");
    format!("\n{}\n", styled(ERROR, line))
}

/// An implementation that earned no credit at all.
pub(super) fn hollow(name: &str) -> String {
    let line = format!("{name}: no case was accepted, so no rejection counts");
    format!("\n{}\n", styled(ERROR, line))
}

fn heading(name: &str, entry: &Entry, what: &str) -> String {
    let name = Outside::new(name.as_bytes(), 2 * WORD);
    format!("\n{} {}: {name}\n", styled(ERROR, what), entry.case.id)
}

const fn expected(entry: &Entry) -> &'static str {
    match entry.case.expect {
        Expect::Valid { .. } => "accept",
        Expect::Invalid => "reject, or decline",
        Expect::Either { .. } => "accept, reject or decline, the same in all cases of the choice",
    }
}

fn actual(entry: &Entry, result: &CaseResult) -> Vec<String> {
    let mut lines = match &result.answer {
        None => Vec::new(),
        Some(Answer::Accept(output)) => accepted(entry, output),
        Some(Answer::Reject(rejection)) => {
            let rule = rejection
                .rule
                .as_ref()
                .map(|rule| format!("{}: ", Outside::word(rule)))
                .unwrap_or_default();
            vec![format!("reject: {rule}{}", shortened(&rejection.message))]
        }
        Some(Answer::Decline(message)) => vec![format!("decline: {}", shortened(message))],
        Some(Answer::Unsupported(message)) => vec![format!("unsupported: {}", shortened(message))],
    };
    lines.extend(result.notes.iter().map(|note| Outside::sentence(note).to_string()));
    lines
}

fn accepted(entry: &Entry, output: &Value) -> Vec<String> {
    let right = match &entry.case.expect {
        Expect::Valid { output } | Expect::Either { output, .. } => output,
        Expect::Invalid => return vec![format!("accept {}", shortened(&output.to_string()))],
    };
    let canonical = crate::vectors::set::canonical_output(entry.op, output);
    let output = canonical.as_ref().unwrap_or(output);
    if output == right {
        return vec!["accept, with the right output".to_owned()];
    }
    let mut lines = vec!["accept, with a wrong output:".to_owned()];
    lines.extend(differences(right, output));
    lines
}

fn stderr(text: &str) -> Vec<String> {
    // The bar tells what an implementation says from what the report says.
    let quoted = |line: &str| format!("| {}", shortened(line.trim_end()));
    let mut lines: Vec<String> = text.lines().map(quoted).collect();
    if lines.len() > 2 * STDERR_LINES {
        let end = lines.len() - STDERR_LINES;
        lines.splice(STDERR_LINES..end, ["...".to_owned()]);
    }
    lines
}

/// Text from outside, cut.
fn shortened(text: &str) -> String {
    Outside::new(text.as_bytes(), LINE).to_string()
}

/// Where an output differs from the right one, by JSON pointers.
fn differences(right: &Value, output: &Value) -> Vec<String> {
    let found = diff::differences(Some(output), Some(right));
    let mut lines: Vec<String> = found
        .iter()
        .take(DIFFERENCES)
        .map(|(pointer, output, right)| {
            let pointer = shortened(pointer);
            format!("{pointer}: {}, expected {}", shown(*output), shown(*right))
        })
        .collect();
    if found.len() > DIFFERENCES {
        lines.push("...".to_owned());
    }
    lines
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| shortened(&value.to_string()))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{differences, quoted};

    #[test]
    fn differences_are_told_by_pointer() {
        let right = json!({"a": {"b": "1", "c": [1, 2]}, "d": null});
        let output = json!({"a": {"b": "2", "c": [1]}, "e": true, "d": null});
        assert_eq!(
            differences(&right, &output),
            [
                "/a/b: \"2\", expected \"1\"",
                "/a/c/1: absent, expected 2",
                "/e: true, expected absent"
            ]
        );
        assert!(differences(&right, &right).is_empty());
        let many = json!((0..20).collect::<Vec<_>>());
        assert_eq!(differences(&json!([]), &many).len(), 9);
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        for (word, expected) in [("a", "a"), ("a b", "'a b'"), ("", "''"), ("a'b", r"'a'\''b'")] {
            assert_eq!(quoted(word), expected);
        }
    }
}
