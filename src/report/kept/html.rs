//! For browsers: one file that needs nothing else, and no script.

use std::fmt;

use super::{besides, counts, notes, version};
use crate::{
    judge::Outcome,
    outside::{Outside, PATH},
    results::{By, Cell, Row, State, Table},
    vectors::{CaseId, Set},
};

const STYLE: &str = include_str!("matrix.css");

/// The table as a page. Each cell leads to its cases, and these to what they are.
pub fn html(set: &Set, table: &Table) -> String {
    let by_case = table.by == By::Case;
    let title = format!("Results by {}", table.by.name());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>chunkproof: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    page += &format!(
        "<p>{} cases of chunkproof {}, which checks implementations of the zstd:chunked container-layer format.</p>\n",
        table.total.cases,
        env!("CARGO_PKG_VERSION")
    );
    page += &legend(by_case);
    for note in notes(table) {
        page += &format!("<p class=\"note\">* {}</p>\n", Escaped(&note));
    }
    page += &matrix(table, by_case);
    if !by_case {
        page += &details(table);
        page += &cases(set, table);
    }
    page + "</body>\n</html>\n"
}

/// What the colours mean, each with a word, so that nobody depends on colour.
fn legend(by_case: bool) -> String {
    let mut text = String::from("<table class=\"legend\">\n");
    for (state, words, meaning) in [
        (
            State::Passed,
            "passed/asked",
            "all applicable cases have the right answer",
        ),
        (
            State::Chosen,
            "chosen",
            "either answer to a choice that the format leaves open, lenient or strict",
        ),
        (
            State::Uncredited,
            "uncredited",
            "refused without credit: a valid case declined, or an invalid case refused together with its valid twin (vacuous)",
        ),
        (
            State::Failed,
            "failed",
            "a wrong answer or none: a crash, a timeout, too much memory, a protocol error",
        ),
        (State::Empty, "-", "no case applies, or there is no result"),
    ] {
        let words = match (by_case, state) {
            (true, State::Passed) => "pass",
            _ => words,
        };
        text += &format!(
            "<tr><td class=\"{}\">{words}</td><td>{meaning}</td></tr>\n",
            class(state)
        );
    }
    text + "</table>\n"
}

fn matrix(table: &Table, by_case: bool) -> String {
    let mut text = format!(
        "<h2>Matrix</h2>\n<div class=\"scroll\">\n<table>\n<thead>\n<tr><th scope=\"col\">{}</th>",
        table.by.name()
    );
    if !by_case {
        text += "<th scope=\"col\">cases</th>";
    }
    for column in &table.columns {
        text += &format!(
            "<th scope=\"col\">{}<br>{}<small>{}</small></th>",
            Escaped(&column.name),
            Escaped(&version(column)),
            Escaped(&column.language)
        );
    }
    text += "</tr>\n</thead>\n<tbody>\n";
    for (number, row) in table.rows.iter().enumerate() {
        text += &line(row, Some(number), by_case);
    }
    if !by_case {
        text += &line(&table.total, None, by_case);
    }
    text + "</tbody>\n</table>\n</div>\n"
}

/// A row; its number is that of the details to which its cells lead.
fn line(row: &Row, number: Option<usize>, by_case: bool) -> String {
    let label = Escaped(&row.label);
    let mut text = if by_case {
        let about = Escaped(&row.text);
        format!("<tr><th scope=\"row\" class=\"id\" id=\"{label}\">{label}<small>{about}</small></th>")
    } else {
        let (about, cases) = (title(&row.text), row.cases);
        format!("<tr><th scope=\"row\"{about}>{label}</th><td class=\"number\">{cases}</td>")
    };
    for (column, cell) in row.cells.iter().enumerate() {
        let class = class(cell.state());
        let content = if by_case { of_case(cell) } else { of_group(cell) };
        let has_details = !by_case && has_details(cell);
        text += &match number {
            Some(row) if has_details => format!(
                "<td class=\"cell {class}\"><a href=\"#{}\"{}>{content}</a></td>",
                anchor(row, column),
                title(&counts(cell))
            ),
            _ if by_case => format!("<td class=\"cell {class}\">{content}</td>"),
            _ => format!("<td class=\"cell {class}\"{}>{content}</td>", title(&counts(cell))),
        };
    }
    text + "</tr>\n"
}

/// What is shown of an element on demand, if there is anything.
fn title(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(" title=\"{}\"", Escaped(text))
}

const fn class(state: State) -> &'static str {
    match state {
        State::Failed => "failed",
        State::Uncredited => "uncredited",
        State::Chosen => "chosen",
        State::Passed => "passed",
        State::Empty => "empty",
    }
}

fn of_case(cell: &Cell) -> String {
    match cell.results().next() {
        None => "-".to_owned(),
        Some((outcome, _)) if outcome.is_failure() => format!("<b>{}</b>", outcome.name()),
        Some((outcome, _)) => outcome.name().to_owned(),
    }
}

fn of_group(cell: &Cell) -> String {
    if cell.asked() == 0 {
        return "-".to_owned();
    }
    let mut text = format!("{}/{}", cell.passed(), cell.asked());
    let besides: Vec<String> = besides(cell)
        .into_iter()
        .map(|(count, word, is_failure)| match is_failure {
            true => format!("<b>{count} {word}</b>"),
            false => format!("{count} {word}"),
        })
        .collect();
    if !besides.is_empty() {
        text += &format!("<small>{}</small>", besides.join(", "));
    }
    text
}

/// Cells of which there is more to say than that all is passed.
fn has_details(cell: &Cell) -> bool {
    !matches!(cell.state(), State::Passed | State::Empty)
}

fn anchor(row: usize, column: usize) -> String {
    format!("r{row}c{column}")
}

/// Which cases a cell counts, except for those that are passed.
fn details(table: &Table) -> String {
    let mut text = String::new();
    for (number, row) in table.rows.iter().enumerate() {
        for (place, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            if !has_details(cell) {
                continue;
            }
            text += &format!(
                "<section id=\"{}\">\n<h3>{}: {} {}</h3>\n<ul>\n",
                anchor(number, place),
                Escaped(&row.label),
                Escaped(&column.name),
                Escaped(&column.version)
            );
            for (outcome, cases) in cell.results().filter(|&(outcome, _)| outcome != Outcome::Pass) {
                text += &format!("<li>{}: {}</li>\n", outcome.name(), links(cases));
            }
            text += "</ul>\n</section>\n";
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("<h2>Cases that are not passed</h2>\n{text}")
}

fn links(cases: &[CaseId]) -> String {
    let links: Vec<String> = cases
        .iter()
        .map(|case| format!("<a class=\"id\" href=\"#{case}\">{case}</a>"))
        .collect();
    links.join(", ")
}

/// What the cases are that the details name.
fn cases(set: &Set, table: &Table) -> String {
    let mut text = String::new();
    for entry in table.mentioned().into_iter().filter_map(|case| set.find(case)) {
        let case = &entry.case;
        let rules: Vec<&str> = case.rules.iter().map(|rule| rule.id()).collect();
        text += &format!(
            "<tr id=\"{id}\"><th scope=\"row\" class=\"id\">{id}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            case.expect.verdict(),
            Escaped(&case.title),
            rules.join(" "),
            id = case.id,
        );
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "<h2>Cases</h2>\n<table>\n<thead>\n<tr><th scope=\"col\">case</th><th scope=\"col\">verdict</th>\
         <th scope=\"col\">title</th><th scope=\"col\">rules</th></tr>\n</thead>\n<tbody>\n{text}</tbody>\n</table>\n"
    )
}

/// Text in a page: names and versions are what implementations say.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Outside::new(self.0.as_bytes(), PATH).to_string();
        for c in text.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}
