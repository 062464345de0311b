//! What is not as expected, one block each.

use std::num::NonZero;

use serde_json::Value;

use super::{
    case::{about, compared_input, field, plain_fields},
    diff,
    style::{ERROR, NOTICE, styled},
};
use crate::{
    judge::{CaseResult, Kept, Outcome, unrelated, without},
    outside::{Outside, WORD},
    protocol::Lacks,
    runner::ImplementationRun,
    vectors::{CaseId, Expect, Set, SetEntry, set::SetError},
};

/// Differences between two outputs that are shown.
const DIFFERENCES: usize = 8;

/// Remarks that are shown.
const REMARKS: usize = 40;

/// Longest line of JSON or of stderr, in bytes.
const LINE: usize = 200;

/// Lines of stderr that are shown: this many of its beginning and of its end. A panic says first what it is about.
const STDERR_LINES: usize = 5;

/// How the run was started, as far as the results depend on it.
#[derive(Clone, Debug, Default)]
pub struct Repeat {
    /// Options with their values, beside those that name the implementation and the cases.
    pub options: Vec<String>,
    /// How many processes of an implementation worked at once, if that was said.
    pub jobs: Option<NonZero<usize>>,
}

impl Repeat {
    /// The command that asks for the case again, in the same way.
    fn command(&self, run: &ImplementationRun, id: &CaseId, result: &CaseResult) -> String {
        let mut words = ["chunkproof", "run", run.option, &run.spec].map(str::to_owned).to_vec();
        let others = result.conflicts_with.iter().chain(&result.after);
        for id in [id].into_iter().chain(others) {
            words.extend(["--only".to_owned(), id.to_string()]);
        }
        words.extend(self.options.iter().cloned());
        // What a process did before shows only in one process.
        let jobs = if result.after.is_some() {
            Some(NonZero::<usize>::MIN)
        } else {
            self.jobs
        };
        words.extend(
            jobs.into_iter()
                .flat_map(|jobs| ["--jobs".to_owned(), jobs.to_string()]),
        );
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }
}

/// A failure that no list expects.
pub(super) fn failure(
    set: &Set,
    run: &ImplementationRun,
    name: &str,
    result: &CaseResult,
    repeat: &Repeat,
) -> Result<String, SetError> {
    let Some(entry) = set.entries().get(result.index) else {
        return Ok(String::new());
    };
    let id = &entry.case.id;
    let mut text = heading(name, entry, result.outcome.name());
    text += &about(entry);
    text += &field("expected", expected(entry));
    let none = Lacks::new();
    let lacks = run.hello.as_ref().map_or(&none, |hello| &hello.lacks);
    text += &plain_fields("actual", &actual(entry, result, lacks));
    text += &compared_input(set, entry)?;
    text += &plain_fields("stderr", &stderr(&result.stderr));
    text += &field("repeat", &repeat.command(run, id, result));
    Ok(text)
}

/// A failure that a list expects and that did not happen.
pub(super) fn missing(
    set: &Set,
    run: &ImplementationRun,
    name: &str,
    result: &CaseResult,
    expected: &str,
    repeat: &Repeat,
) -> String {
    let Some(entry) = set.entries().get(result.index) else {
        return String::new();
    };
    let mut text = heading(name, entry, "expectation not met");
    text += &field("title", &entry.case.title);
    text += &field("expected", &format!("{expected}, by the list of expected deviations"));
    text += &field("actual", result.outcome.name());
    text += &field("repeat", &repeat.command(run, &entry.case.id, result));
    text
}

/// What is not compared, since the implementation cannot show it.
pub(super) fn lacks(run: &ImplementationRun, name: &str) -> String {
    let mut text = String::new();
    for (op, lacks) in run.hello.iter().flat_map(|hello| &hello.lacks) {
        let names: Vec<&str> = lacks.iter().map(|lack| lack.name()).collect();
        let name = Outside::new(name.as_bytes(), 2 * WORD);
        let line = format!(
            "{name}: not compared in {op}, which it does not show: {}",
            names.join(", ")
        );
        text += &format!("\n{}\n", styled(NOTICE, line));
    }
    text
}

/// Rejections that name a rule which the case is not about, and that were not judged by it.
pub(super) fn remarks(set: &Set, run: &ImplementationRun, name: &str) -> String {
    let mut remarks: Vec<String> = run
        .results
        .iter()
        .filter(|result| !result.outcome.is_failure())
        .filter_map(|result| {
            let entry = set.entries().get(result.index)?;
            let rule = unrelated(entry, result.answer.as_ref().and_then(Kept::rejection))?;
            Some(format!("{}: {}", entry.case.id, Outside::word(rule)))
        })
        .collect();
    if remarks.is_empty() {
        return String::new();
    }
    let count = remarks.len();
    if count > REMARKS {
        remarks.truncate(REMARKS);
        remarks.push("...; all of them are in --format json".to_owned());
    }
    let rejections = if count == 1 {
        "rejection names"
    } else {
        "rejections name"
    };
    let name = Outside::new(name.as_bytes(), 2 * WORD);
    let line = format!("{name}: {count} {rejections} a rule that the case is not about, which is no failure");
    format!("\n{}\n", styled(NOTICE, line)) + &plain_fields("remarks", &remarks)
}

/// An entry of a list that is about no case.
pub(super) fn unmatched(name: &str, pattern: &str) -> String {
    let line = format!("{name}: no case that ran matches the entry {pattern:?} of the list of expected deviations");
    format!("\n{}\n", styled(ERROR, line))
}

/// An implementation that earned no credit at all.
pub(super) fn earned_nothing(name: &str) -> String {
    let line = format!("{name}: no case was accepted, so no rejection counts");
    format!("\n{}\n", styled(ERROR, line))
}

fn heading(name: &str, entry: &SetEntry, what: &str) -> String {
    let name = Outside::new(name.as_bytes(), 2 * WORD);
    format!("\n{} {}: {name}\n", styled(ERROR, what), entry.case.id)
}

const fn expected(entry: &SetEntry) -> &'static str {
    match entry.case.expect {
        Expect::Valid { .. } => "accept",
        Expect::Invalid => "reject, or decline",
        Expect::Either { .. } => "accept, reject or decline, the same in all cases of the choice",
    }
}

fn actual(entry: &SetEntry, result: &CaseResult, lacks: &Lacks) -> Vec<String> {
    let mut lines = match &result.answer {
        None => Vec::new(),
        Some(Kept::Accept(Some(output))) => accepted(entry, output, lacks),
        // It was right by itself.
        Some(Kept::Accept(None)) if result.outcome == Outcome::ChoiceConflict => {
            vec!["accept, with the right output".to_owned()]
        }
        Some(Kept::Accept(None)) => vec!["accept, with an output that is too long to show".to_owned()],
        Some(Kept::Reject(rejection)) => {
            let rule = rejection
                .rule
                .as_ref()
                .map(|rule| format!("{}: ", Outside::word(rule)))
                .unwrap_or_default();
            vec![format!("reject: {rule}{}", shortened(&rejection.message))]
        }
        Some(Kept::Decline(message)) => vec![format!("decline: {}", shortened(message))],
        Some(Kept::Unsupported(message)) => vec![format!("unsupported: {}", shortened(message))],
    };
    lines.extend(result.notes.iter().map(|note| Outside::sentence(note).to_string()));
    lines
}

fn accepted(entry: &SetEntry, output: &Value, lacks: &Lacks) -> Vec<String> {
    let mut readings = None;
    let right = match &entry.case.expect {
        Expect::Valid { output } => output,
        Expect::Either {
            output,
            readings: others,
            ..
        } => {
            readings = Some(others);
            output
        }
        Expect::Invalid => return vec![format!("accept {}", shortened(&output.to_string()))],
    };
    let canonical = crate::vectors::set::canonical_output(entry.op, output);
    let shown = |output: &Value| without(entry.op, output.clone(), lacks);
    let output = shown(canonical.as_ref().unwrap_or(output));
    let right = shown(right);
    let is_right = |reading: &Value| shown(reading) == output;
    if output == right || readings.is_some_and(|readings| readings.values().any(is_right)) {
        return vec!["accept, with the right output".to_owned()];
    }
    let mut lines = vec!["accept, with a wrong output:".to_owned()];
    lines.extend(differences(&right, &output));
    if readings.is_some_and(|readings| !readings.is_empty()) {
        lines.push("and with none of those of other readings".to_owned());
    }
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
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+".contains(c);
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
