//! For documents.

use super::{LEGEND, notes, version, words};
use crate::{
    outside::markdown as escaped,
    results::{By, Cell, Row, Table},
};

/// The table in Markdown.
pub fn markdown(table: &Table) -> String {
    let by_case = table.by == By::Case;
    let mut heading = vec![table.by.name().to_owned()];
    heading.extend((!by_case).then(|| "cases".to_owned()));
    let columns = table.columns.iter();
    heading.extend(columns.map(|column| escaped(&format!("{} {}", column.name, version(column)))));
    let mut text = line(&heading);
    text += &line(&vec!["---".to_owned(); heading.len()]);
    for row in &table.rows {
        text += &line(&cells(row, &format!("`{}`", row.label), by_case));
    }
    if !by_case {
        text += &line(&cells(&table.total, &table.total.label, by_case));
        text.push('\n');
        for (word, meaning) in LEGEND {
            text += &format!("- *{word}*: {meaning}\n");
        }
    }
    for note in notes(table) {
        text += &format!("\n\\* {}\n", escaped(&note));
    }
    text
}

fn cells(row: &Row, label: &str, by_case: bool) -> Vec<String> {
    let mut cells = vec![label.to_owned()];
    cells.extend((!by_case).then(|| row.cases.to_string()));
    cells.extend(
        row.cells
            .iter()
            .map(|cell| if by_case { of_case(cell) } else { of_group(cell) }),
    );
    cells
}

fn of_case(cell: &Cell) -> String {
    match cell.results().next() {
        None => "-".to_owned(),
        Some((outcome, _)) if outcome.is_failure() => format!("**{}**", outcome.name()),
        Some((outcome, _)) => outcome.name().to_owned(),
    }
}

fn of_group(cell: &Cell) -> String {
    if cell.asked() == 0 {
        return "-".to_owned();
    }
    let parts = words(cell).into_iter().map(|(count, word, is_failure)| {
        if is_failure {
            format!("**{count} {word}**")
        } else {
            format!("{count} {word}")
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
