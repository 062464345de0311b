//! Results that were kept, side by side.

mod html;
mod json;
mod markdown;
mod terminal;

pub use self::{html::html, json::json, markdown::markdown, terminal::terminal};
use crate::{
    results::{Cell, Column, Table},
    vectors::CaseId,
};

/// What there is to say about columns whose results are not of all the cases that they could be of.
fn notes(table: &Table) -> Vec<String> {
    table
        .columns
        .iter()
        .filter(|column| is_marked(column))
        .map(note)
        .collect()
}

/// Whether cases have changed since the column's results were made, or have come.
fn is_marked(column: &Column) -> bool {
    !column.current || (!column.same_set && column.without_result > 0)
}

fn note(column: &Column) -> String {
    let Column {
        name,
        version,
        without_result,
        ..
    } = column;
    if column.current {
        return format!("{name} {version} has no result for {without_result} applicable cases");
    }
    let mut text = format!("{name} {version} ran on another set of cases");
    if column.without_result > 0 {
        text += &format!(
            "; {} applicable cases of this set have no result",
            column.without_result
        );
    }
    if !column.unknown.is_empty() {
        let ids: Vec<&str> = column.unknown.iter().map(CaseId::as_str).collect();
        text += &format!("; not in this set: {}", ids.join(", "));
    }
    text
}

/// The version of a column, marked where there is something to say about it.
fn version(column: &Column) -> String {
    let mark = if is_marked(column) { " *" } else { "" };
    format!("{}{mark}", column.version)
}

/// What a cell has, in words, with the number of cases and whether these are failures. Passed cases come first, also where there are
/// none.
fn words(cell: &Cell) -> Vec<(usize, &'static str, bool)> {
    [
        (cell.passed(), "passed", false),
        (cell.chosen(), "by choice", false),
        (cell.failed(), "failed", true),
        (cell.uncredited(), "without credit", false),
    ]
    .into_iter()
    .enumerate()
    .filter(|&(at, (count, ..))| at == 0 || count > 0)
    .map(|(_, words)| words)
    .collect()
}

/// What the words mean.
const LEGEND: [(&str, &str); 4] = [
    ("passed", "the right answer"),
    (
        "by choice",
        "either answer to a choice that the format leaves open, which is no failure",
    ),
    (
        "failed",
        "a wrong answer or none: a crash, a timeout, too much memory, a protocol error",
    ),
    (
        "without credit",
        "refused without credit: a valid case declined, or an invalid case refused together with its valid twin",
    ),
];
