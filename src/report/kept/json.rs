//! For programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    judge::Outcome,
    results::{Cell, Column, Row, Table},
    vectors::CaseId,
};

/// The version of the report. 0 is provisional.
const SCHEMA: u32 = 0;

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    by: &'a str,
    columns: Vec<ColumnReport<'a>>,
    rows: Vec<RowReport<'a>>,
    total: RowReport<'a>,
}

#[derive(Serialize)]
struct ColumnReport<'a> {
    name: &'a str,
    version: &'a str,
    language: &'a str,
    same_set: bool,
    current: bool,
    without_result: usize,
    unknown: &'a [CaseId],
}

#[derive(Serialize)]
struct RowReport<'a> {
    label: &'a str,
    cases: usize,
    cells: Vec<CellReport<'a>>,
}

#[derive(Serialize)]
struct CellReport<'a> {
    counts: BTreeMap<Outcome, usize>,
    /// All but those that are passed.
    cases: BTreeMap<Outcome, &'a [CaseId]>,
}

/// The table as a JSON document.
///
/// # Errors
///
/// None that can happen: the values can all be written as JSON.
pub fn json(table: &Table) -> serde_json::Result<String> {
    let report = Report {
        schema: SCHEMA,
        by: table.by.name(),
        columns: table.columns.iter().map(column).collect(),
        rows: table.rows.iter().map(row).collect(),
        total: row(&table.total),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn column(column: &Column) -> ColumnReport<'_> {
    ColumnReport {
        name: &column.name,
        version: &column.version,
        language: &column.language,
        same_set: column.same_set,
        current: column.current,
        without_result: column.without_result,
        unknown: &column.unknown,
    }
}

fn row(row: &Row) -> RowReport<'_> {
    RowReport {
        label: &row.label,
        cases: row.cases,
        cells: row.cells.iter().map(cell).collect(),
    }
}

fn cell(cell: &Cell) -> CellReport<'_> {
    let others = cell.results().filter(|&(outcome, _)| outcome != Outcome::Pass);
    CellReport {
        counts: cell.results().map(|(outcome, cases)| (outcome, cases.len())).collect(),
        cases: others.collect(),
    }
}
