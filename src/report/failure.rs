//! What is not as expected, one block each.

use serde_json::Value;

use super::{
    case::{about, compared_input, field, plain_fields},
    diff,
    run::{Judged, Named},
    style::{ERROR, NOTICE, styled},
};
use crate::{
    judge::{Deviation, Kept, Outcome, unrelated, without},
    outside::{Outside, PATH, WORD},
    protocol::Lacks,
    vectors::{Expect, SetEntry, case_files::SetError},
};

/// Differences between two outputs that are shown.
const DIFFERENCES: usize = 8;

/// Remarks that are shown.
const REMARKS: usize = 40;

/// Longest line of JSON or of stderr, in bytes.
const LINE: usize = 200;

/// Lines of stderr that are shown: this many of its beginning and of its end. A panic says first what it is about.
const STDERR_LINES: usize = 5;

/// What is not as expected, with everything about it.
pub(super) fn block(failure: &Judged<'_>) -> Result<String, SetError> {
    let Judged { by, entry, result } = failure;
    let mut text = heading(failure);
    if let Deviation::Missing(_) = result.deviation {
        text += &field("title", &entry.case.title);
        text += &field("expected", &failure.expected());
        text += &plain_fields("actual", &failure.actual());
    } else {
        text += &about(entry);
        text += &field("expected", &failure.expected());
        text += &plain_fields("actual", &failure.actual());
        text += &compared_input(by.told.set, entry)?;
        // The bar tells what an implementation says from what the report says.
        let stderr: Vec<String> = stderr(&result.stderr).iter().map(|line| format!("| {line}")).collect();
        text += &plain_fields("stderr", &stderr);
    }
    text += &field("repeat", &failure.repeat());
    Ok(text)
}

/// The same in one line.
pub(super) fn line(failure: &Judged<'_>) -> String {
    let rule = failure.entry.case.rules.first().map(|rule| rule.id());
    let mut actual = failure.actual().into_iter();
    let mut answer = actual.next().unwrap_or_default();
    // What a heading announces.
    if answer.ends_with(':') {
        answer += &actual.next().map(|line| format!(" {line}")).unwrap_or_default();
    }
    let what = styled(ERROR, failure.what());
    let rest = format!(
        " {} ({}): {}: {}",
        failure.id(),
        rule.unwrap_or("-"),
        Outside::new(failure.by.name().as_bytes(), 2 * WORD),
        shortened(&answer)
    );
    format!("{what}{}\n", Outside::new(rest.as_bytes(), PATH))
}

/// What is not compared, since the implementation cannot show it.
pub(super) fn lacks(by: &Named<'_>) -> String {
    let mut text = String::new();
    for (op, lacks) in by.run.hello.iter().flat_map(|hello| &hello.lacks) {
        let names: Vec<&str> = lacks.iter().map(|lack| lack.name()).collect();
        let name = Outside::new(by.name().as_bytes(), 2 * WORD);
        let line = format!(
            "{name}: not compared in {op}, which it does not show: {}",
            names.join(", ")
        );
        text += &format!("\n{}\n", styled(NOTICE, line));
    }
    text
}

/// Rejections that name a rule which the case is not about, and that were not judged by it.
pub(super) fn remarks(by: &Named<'_>) -> String {
    let mut remarks: Vec<String> = by
        .run
        .results
        .iter()
        .filter(|result| !result.outcome.is_failure())
        .filter_map(|result| {
            let entry = by.told.set.entries().get(result.index)?;
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
    let name = Outside::new(by.name().as_bytes(), 2 * WORD);
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

fn heading(failure: &Judged<'_>) -> String {
    let name = Outside::new(failure.by.name().as_bytes(), 2 * WORD);
    format!("\n{} {}: {name}\n", styled(ERROR, failure.what()), failure.id())
}

/// What a case asks for.
pub(super) const fn expected(entry: &SetEntry) -> &'static str {
    match entry.case.expect {
        Expect::Valid { .. } => "accept",
        Expect::Invalid => "reject, or decline",
        Expect::Either { .. } => "accept, reject or decline, the same in all cases of the choice",
    }
}

/// What an implementation answered, and what there is to say about it, in lines of plain text.
pub(super) fn actual(judged: &Judged<'_>) -> Vec<String> {
    let Judged { by, entry, result } = judged;
    let none = Lacks::new();
    let lacks = by.run.hello.as_ref().map_or(&none, |hello| &hello.lacks);
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
    let canonical = crate::vectors::case_files::canonical_output(entry.op, output);
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

/// What an implementation wrote to stderr: the first and the last lines.
pub(super) fn stderr(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(|line| shortened(line.trim_end())).collect();
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

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
}
