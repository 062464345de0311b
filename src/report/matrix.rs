//! Operations by implementations.

use super::{
    aligned::{Cell, aligned},
    json::by_harm,
    run::Tally,
    style::{BOLD, DIM, ERROR, GOOD, NOTICE},
};
use crate::{
    judge::{CaseResult, Deviation, Outcome},
    rules::Severity,
    runner::{ImplementationRun, Run},
    vectors::{Op, Set},
};

/// The matrix of a run. Implementations without results have no column.
pub(super) fn matrix(set: &Set, run: &Run, names: &[String]) -> String {
    let columns: Vec<(&ImplementationRun, &String)> = run
        .implementations
        .iter()
        .zip(names)
        .filter(|(implementation, _)| implementation.error.is_none())
        .collect();
    let Some((first, _)) = columns.first() else {
        return String::new();
    };
    let mut heading = vec![Cell::new(BOLD, "operation"), Cell::new(BOLD, "cases")];
    heading.extend(columns.iter().map(|(_, name)| Cell::new(BOLD, name.as_str())));
    let mut rows = vec![heading];
    for &op in Op::ALL.iter().chain(Op::DRAFTS) {
        let cases = of_op(set, first, op).count();
        if cases == 0 {
            continue;
        }
        let mut row = vec![Cell::new(BOLD, op.name()), Cell::new(DIM, cases.to_string())];
        row.extend(columns.iter().map(|(run, _)| cell(of_op(set, run, op))));
        rows.push(row);
    }
    let mut total = vec![Cell::new(BOLD, "total"), Cell::new(DIM, run.selected.to_string())];
    total.extend(columns.iter().map(|(run, _)| cell(run.results.iter())));
    rows.push(total);
    aligned(&rows, Some(1)) + &failures(set, &columns)
}

/// The failures of each implementation by the harm that they do, expected ones too; nothing if there are none.
fn failures(set: &Set, columns: &[(&ImplementationRun, &String)]) -> String {
    let counts: Vec<_> = columns.iter().map(|(run, _)| by_harm(set, &run.results)).collect();
    let mut heading = vec![Cell::new(BOLD, "failures")];
    heading.extend(columns.iter().map(|(_, name)| Cell::new(BOLD, name.as_str())));
    let mut rows = vec![heading];
    for severity in Severity::ALL {
        if counts.iter().any(|counts| counts.contains_key(severity)) {
            let mut row = vec![Cell::new(BOLD, severity.name())];
            row.extend(counts.iter().map(|counts| match counts.get(severity) {
                Some(count) => Cell::new(NOTICE, count.to_string()),
                None => Cell::new(DIM, "-"),
            }));
            rows.push(row);
        }
    }
    if rows.len() == 1 {
        return String::new();
    }
    "\n".to_owned() + &aligned(&rows, None)
}

fn of_op<'a>(set: &Set, run: &'a ImplementationRun, op: Op) -> impl Iterator<Item = &'a CaseResult> {
    run.results
        .iter()
        .filter(move |result| set.entries().get(result.index).is_some_and(|entry| entry.op == op))
}

fn cell<'a>(results: impl Iterator<Item = &'a CaseResult>) -> Cell {
    let results: Vec<&CaseResult> = results.filter(|result| result.outcome.is_applicable()).collect();
    if results.is_empty() {
        return Cell::new(DIM, "-");
    }
    let tally = Tally::of(results.iter().copied());
    let style = if tally.unexpected > 0 {
        ERROR
    } else if tally.passed + tally.chosen > 0 {
        GOOD
    } else {
        NOTICE
    };
    let mut cell = Cell::new(style, format!("{} passed", tally.passed));
    if tally.chosen > 0 {
        cell.append(DIM, &format!(", {} by choice", tally.chosen));
    }
    for &outcome in Outcome::ALL.iter().filter(|outcome| !outcome.is_choice()) {
        let count = results
            .iter()
            .filter(|result| result.outcome == outcome && !matches!(result.deviation, Deviation::Expected(_)))
            .count();
        if count > 0 && outcome != Outcome::Pass {
            let style = if outcome.is_failure() { ERROR } else { DIM };
            cell.append(style, &format!(", {count} {}", outcome.name()));
        }
    }
    let expected = tally.failed - tally.unexpected;
    if expected > 0 {
        let failures = if expected == 1 { "failure" } else { "failures" };
        cell.append(NOTICE, &format!(", {expected} expected {failures}"));
    }
    cell
}
