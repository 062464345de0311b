//! For people at a terminal.

use super::{notes, version};
use crate::{
    report::{
        aligned::{Cell as Text, aligned},
        style::{BOLD, DIM, ERROR, GOOD, NOTICE, styled},
    },
    results::{By, Cell, Column, Row, State, Table},
};

/// The table, as narrow as can be.
pub fn terminal(table: &Table) -> String {
    let by_case = table.by == By::Case;
    let line = |first: &str, second: &str, cell: &dyn Fn(&Column) -> String| {
        let mut line = vec![Text::new(BOLD, first)];
        line.extend((!by_case).then(|| Text::new(BOLD, second)));
        line.extend(table.columns.iter().map(|column| Text::new(BOLD, cell(column))));
        line
    };
    let mut lines = vec![
        line(table.by.name(), "cases", &|column| column.name.clone()),
        line("", "", &version),
    ];
    lines.extend(table.rows.iter().map(|row| cells(row, by_case)));
    if !by_case {
        lines.push(cells(&table.total, by_case));
    }
    let mut text = aligned(&lines, (!by_case).then_some(1));
    if !by_case {
        text += &styled(DIM, "passed  ~by choice  !failed  ?without credit");
        text.push('\n');
    }
    for note in notes(table) {
        text += &styled(NOTICE, format!("* {note}"));
        text.push('\n');
    }
    text
}

fn cells(row: &Row, by_case: bool) -> Vec<Text> {
    let mut cells = vec![Text::new(BOLD, &row.label)];
    cells.extend((!by_case).then(|| Text::new(DIM, row.cases.to_string())));
    cells.extend(
        row.cells
            .iter()
            .map(|cell| if by_case { of_case(cell) } else { of_group(cell) }),
    );
    cells
}

fn style(cell: &Cell) -> anstyle::Style {
    match cell.state() {
        State::Failed => ERROR,
        State::Uncredited => NOTICE,
        State::Chosen | State::Passed => GOOD,
        State::Empty => DIM,
    }
}

fn of_case(cell: &Cell) -> Text {
    let name = cell.results().next().map_or("-", |(outcome, _)| outcome.name());
    Text::new(style(cell), name)
}

fn of_group(cell: &Cell) -> Text {
    if cell.state() == State::Empty {
        return Text::new(DIM, "-");
    }
    let mut text = Text::new(style(cell), cell.passed().to_string());
    for (count, mark, style) in [
        (cell.chosen(), '~', DIM),
        (cell.failed(), '!', ERROR),
        (cell.uncredited(), '?', NOTICE),
    ] {
        if count > 0 {
            text.append(style, &format!(" {mark}{count}"));
        }
    }
    text
}
