//! One case, with everything about it.

use serde::Serialize;
use serde_json::Value;

use super::{
    diff::{Change, changes},
    hex,
    style::{BOLD, NOTICE, styled},
};
use crate::outside::{Outside, PATH};
use crate::rules::Severity;
use crate::vectors::{
    Bytes, Case, Content, Expect, Op, Provenance, Set, SetEntry, bugs::Record, case_files::SetError, ops::ImageInput,
};

/// Width of the column of labels.
const LABEL: usize = 11;

/// Everything about a case.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn case(set: &Set, entry: &SetEntry) -> Result<String, SetError> {
    let case = &entry.case;
    let mut text = format!("{}\n", styled(BOLD, &case.id));
    text += &about(entry);
    let names: Vec<&str> = case.dialects.iter().map(|dialect| dialect.name()).collect();
    text += &field("dialects", &names.join(" "));
    if !case.tags.is_empty() {
        let tags: Vec<&str> = case.tags.iter().map(|tag| tag.id()).collect();
        text += &field("tags", &tags.join(" "));
    }
    if let Some(limits) = case.limits {
        let memory = limits.memory.0 >> 20;
        text += &field("limits", &format!("{} s, {memory} MiB of memory", limits.seconds));
    }
    text += &field("from", &provenance(&case.provenance));
    text += &field("operation", entry.op.name());
    text += &compared_input(set, entry)?;
    match &case.expect {
        Expect::Valid { output } => text += &plain_fields("expected", &accept(output)),
        Expect::Invalid => text += &field("expected", "reject, or decline"),
        Expect::Either {
            choice,
            output,
            readings,
        } => {
            text += &field("choice", choice.id());
            if let Some(record) = choice.record() {
                text += &field("", &format!("to accept: {}", record.accept));
                text += &field("", &format!("to reject: {}", record.reject));
                for (name, sentence) in record.readings {
                    text += &field("", &format!("{name}: {sentence}"));
                }
            }
            text += &fields("expected", &["reject, decline, or".to_owned()]);
            text += &plain_fields("", &accept(output));
            for (name, output) in readings {
                text += &fields("", &[format!("or, as {name} reads it,")]);
                text += &plain_fields("", &accept(output));
            }
        }
    }
    Ok(text)
}

/// A case, as JSON.
#[derive(Serialize)]
struct Shown<'a> {
    op: Op,
    severity: Severity,
    case: &'a Case<Value, Value>,
    changes: Vec<Change>,
}

/// Everything about a case as JSON, with each difference from its twin.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn case_json(set: &Set, entry: &SetEntry) -> Result<String, SetError> {
    let shown = Shown {
        op: entry.op,
        severity: entry.case.severity(),
        case: &entry.case,
        changes: changes(set, entry)?,
    };
    // Values that were read as JSON can be written as JSON.
    Ok(serde_json::to_string_pretty(&shown).unwrap_or_default() + "\n")
}

/// The input, and what was changed from the twin where the input does not show it.
pub(super) fn compared_input(set: &Set, entry: &SetEntry) -> Result<String, SetError> {
    let lines = input(set, entry)?;
    let marked = lines.iter().any(|line| line.contains("> "));
    let shows_all = marked && matches!(entry.op, Op::FooterParse | Op::AnnotationsParse);
    let mut text = fields("input", &lines);
    if !shows_all {
        let changed: Vec<String> = changes(set, entry)?
            .iter()
            .map(|change| styled(NOTICE, change.line()))
            .collect();
        text += &fields("changed", &changed);
    }
    Ok(text)
}

/// The input, and what was changed from the twin, in lines of plain text.
pub(super) fn input_lines(set: &Set, entry: &SetEntry) -> Result<Vec<String>, SetError> {
    let text = compared_input(set, entry)?;
    let plain = anstream::adapter::strip_str(&text).to_string();
    // Without the column of labels, of which only the second one tells something.
    let line = |line: &str| match line.get(2..2 + LABEL).map(str::trim) {
        Some("changed") => format!("changed: {}", line.get(2 + LABEL..).unwrap_or_default()),
        _ => line.get(2 + LABEL..).unwrap_or_default().to_owned(),
    };
    Ok(plain.lines().map(line).collect())
}

/// What a case is about: title, why, rules, twin.
pub(super) fn about(entry: &SetEntry) -> String {
    let case = &entry.case;
    let mut text = field("title", &case.title);
    text += &field("why", &case.why);
    for rule in &case.rules {
        text += &field("rule", &format!("{rule} ({}) {}", rule.level(), rule.text()));
    }
    let severity = case.severity();
    text += &field("severity", &format!("{severity}: {}", severity.text()));
    if let Some(twin) = &case.twin {
        let change = case.change.as_deref().unwrap_or_default();
        text += &field("twin", &format!("{twin}, which is accepted; the change: {change}"));
    }
    text
}

fn accept(output: &Value) -> Vec<String> {
    let pretty = format!("accept {output:#}");
    pretty.lines().map(str::to_owned).collect()
}

fn provenance(provenance: &Provenance) -> String {
    match provenance {
        Provenance::Generated { bugs } if bugs.is_empty() => "the generator".to_owned(),
        Provenance::Generated { bugs } => {
            let bugs: Vec<String> = bugs.iter().filter_map(|bug| bug.record()).map(bug_line).collect();
            format!("the generator, after {}", bugs.join("; "))
        }
        Provenance::Layer { layer, tool } => format!("the layer {layer}, written by {tool}"),
        Provenance::Found { tool, seed, run, .. } => match (seed, run) {
            (Some(seed), Some(run)) => format!("{tool}, input {} of seed {}", run.0, seed.0),
            _ => format!("the fuzz target {tool}"),
        },
    }
}

/// A labelled line.
pub(super) fn field(label: &str, text: &str) -> String {
    plain_fields(label, &[text.to_owned()])
}

/// Lines that may have text from outside and have no styles, the first of them labelled.
pub(super) fn plain_fields(label: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| Outside::new(line.as_bytes(), PATH).to_string())
        .collect();
    fields(label, &lines)
}

/// Lines with styles, the first of them labelled.
pub(super) fn fields(label: &str, lines: &[String]) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let line = format!("  {}{line}", styled(BOLD, format!("{label:<LABEL$}")));
        text += &format!("{}\n", line.trim_end());
    }
    text
}

/// Lines that show an image: its root, and what is served, with what the twin has not marked.
fn image(input: &Value, twin: Option<&Value>) -> Vec<String> {
    let read = |value: &Value| serde_json::from_value::<ImageInput>(value.clone()).ok();
    let Some(image) = read(input) else {
        return plain("image", input, twin);
    };
    let twin = twin.and_then(read);
    let size = |bytes: &Bytes| bytes.decode(&|_| None).map_or(0, |bytes| bytes.len());
    let line = |is_new: bool, text: String| match is_new {
        true => styled(NOTICE, format!("> {text}")),
        false => format!("  {text}"),
    };
    let is_new = twin.as_ref().is_some_and(|twin| twin.root != image.root);
    let mut lines = vec![line(is_new, format!("root: {} bytes", size(&image.root)))];
    for blob in &image.blobs {
        let is_new = twin.as_ref().is_some_and(|twin| !twin.blobs.contains(blob));
        let name = Outside::word(&blob.digest);
        lines.push(line(is_new, format!("{name}: {} bytes", size(&blob.content))));
    }
    lines
}

/// Lines that show the input, with what differs from the twin marked.
fn input(set: &Set, entry: &SetEntry) -> Result<Vec<String>, SetError> {
    let twin = entry.case.twin.as_ref().and_then(|id| set.find(id));
    if entry.op == Op::DraftSentinel {
        return Ok(image(&entry.case.input, twin.map(|twin| &twin.case.input)));
    }
    let bytes = set.bytes(entry)?;
    let twin_bytes = twin.map(|twin| set.bytes(twin)).transpose()?.flatten();
    let twin_bytes = twin_bytes.as_ref().map(|(_, bytes)| bytes.as_slice());
    let mut lines = Vec::new();
    for (key, value) in entry.case.input.as_object().into_iter().flatten() {
        let other = twin.and_then(|twin| twin.case.input.get(key));
        match &bytes {
            Some((field, bytes)) if field == key => {
                lines.push(format!("  {key}: {} bytes", bytes.len()));
                lines.extend(match entry.op.subject().map(|subject| subject.content) {
                    Some(Content::Footer) => hex::footer(bytes, twin_bytes),
                    _ => hex::dump(bytes, twin_bytes),
                });
            }
            _ => lines.extend(plain(key, value, other)),
        }
    }
    Ok(lines)
}

/// Lines that show a field of the input: an object by its keys, anything else as JSON.
fn plain(key: &str, value: &Value, twin: Option<&Value>) -> Vec<String> {
    let Some(object) = value.as_object() else {
        return vec![compared(key, Some(value), twin, twin.is_some())];
    };
    let other = twin.and_then(Value::as_object);
    let mut lines: Vec<String> = object
        .iter()
        .map(|(name, value)| {
            let other_value = other.and_then(|other| other.get(name));
            compared(name, Some(value), other_value, other.is_some())
        })
        .collect();
    for (name, value) in other.into_iter().flatten() {
        if !object.contains_key(name) {
            lines.push(compared(name, None, Some(value), true));
        }
    }
    if lines.is_empty() {
        lines.push(format!("  {key}: none"));
    }
    lines
}

fn compared(name: &str, value: Option<&Value>, twin: Option<&Value>, has_twin: bool) -> String {
    let shown = |value: Option<&Value>| {
        let text = value.map_or_else(|| "absent".to_owned(), Value::to_string);
        Outside::new(text.as_bytes(), PATH).to_string()
    };
    let name = Outside::word(name);
    if has_twin && value != twin {
        let line = format!("> {name}: {}, in the twin {}", shown(value), shown(twin));
        return styled(NOTICE, line);
    }
    format!("  {name}: {}", shown(value))
}

/// A bug in a line.
pub(super) fn bug_line(bug: &Record) -> String {
    let fixed = bug
        .fixed
        .map(|version| format!(", fixed in {version}"))
        .unwrap_or_default();
    format!(
        "a bug of {} (last in {}{fixed}; {})",
        bug.implementation,
        bug.last,
        bug.links.join(" ")
    )
}
