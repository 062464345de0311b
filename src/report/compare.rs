//! What differs between two results.

use serde::Serialize;

use super::style::{BOLD, DIM, ERROR, GOOD, NOTICE, styled};
use crate::{
    judge::Outcome,
    results::{Change, Comparison, Side},
    vectors::CaseId,
};

/// The version of the report. 0 is provisional.
const SCHEMA: u32 = 0;

/// Whether two sides are known to have been asked different sets of cases.
fn sets_differ(before: &Side, after: &Side) -> bool {
    matches!((&before.set, &after.set), (Some(a), Some(b)) if a != b)
}

/// A comparison for a terminal.
pub fn compared(before: &Side, after: &Side, found: &Comparison) -> String {
    let mut text = styled(BOLD, format!("{} -> {}", before.label, after.label)) + "\n";
    if sets_differ(before, after) {
        text += &styled(NOTICE, "the sets of cases differ");
        text.push('\n');
    }
    let width = width(found);
    for (style, name, changes) in [
        (ERROR, "worse", &found.worse),
        (GOOD, "better", &found.better),
        (NOTICE, "changed", &found.changed),
    ] {
        let lines = changes.iter().map(|Change { case, before, after }| {
            format!("{:<width$}  {} -> {}", case.as_str(), before.name(), after.name())
        });
        text += &block(&styled(style, name), lines);
    }
    for (side, results) in [(before, &found.only_before), (after, &found.only_after)] {
        let lines = results
            .iter()
            .map(|(case, outcome)| format!("{:<width$}  {}", case.as_str(), outcome.name()));
        text += &block(&styled(NOTICE, format!("only {}", side.label)), lines);
    }
    text + &styled(DIM, summary(found)) + "\n"
}

fn width(found: &Comparison) -> usize {
    let changed = [&found.better, &found.worse, &found.changed];
    let changed = changed.into_iter().flatten().map(|change| &change.case);
    let only = [&found.only_before, &found.only_after];
    let only = only.into_iter().flatten().map(|(case, _)| case);
    changed
        .chain(only)
        .map(|case| case.as_str().len())
        .max()
        .unwrap_or_default()
}

fn block(heading: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("{heading}\n{lines}")
}

fn summary(found: &Comparison) -> String {
    let counts = [
        (found.worse.len(), "worse"),
        (found.better.len(), "better"),
        (found.changed.len(), "changed"),
        (found.only_before.len() + found.only_after.len(), "in one only"),
        (found.same, "the same"),
    ];
    let told: Vec<String> = counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
    told.join(", ")
}

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    before: SideReport<'a>,
    after: SideReport<'a>,
    same: usize,
    worse: Vec<ChangeReport<'a>>,
    better: Vec<ChangeReport<'a>>,
    changed: Vec<ChangeReport<'a>>,
    only_before: Vec<ResultReport<'a>>,
    only_after: Vec<ResultReport<'a>>,
}

#[derive(Serialize)]
struct SideReport<'a> {
    implementation: &'a str,
    set: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeReport<'a> {
    case: &'a CaseId,
    before: Outcome,
    after: Outcome,
}

#[derive(Serialize)]
struct ResultReport<'a> {
    case: &'a CaseId,
    result: Outcome,
}

/// A comparison for programs.
///
/// # Errors
///
/// None that can happen: the values can all be written as JSON.
pub fn compared_json(before: &Side, after: &Side, found: &Comparison) -> serde_json::Result<String> {
    let report = Report {
        schema: SCHEMA,
        before: side(before),
        after: side(after),
        same: found.same,
        worse: changes(&found.worse),
        better: changes(&found.better),
        changed: changes(&found.changed),
        only_before: results(&found.only_before),
        only_after: results(&found.only_after),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn side(side: &Side) -> SideReport<'_> {
    SideReport {
        implementation: &side.label,
        set: side.set.as_deref(),
    }
}

fn changes(changes: &[Change]) -> Vec<ChangeReport<'_>> {
    changes
        .iter()
        .map(|Change { case, before, after }| ChangeReport {
            case,
            before: *before,
            after: *after,
        })
        .collect()
}

fn results(results: &[(CaseId, Outcome)]) -> Vec<ResultReport<'_>> {
    results
        .iter()
        .map(|(case, result)| ResultReport { case, result: *result })
        .collect()
}
