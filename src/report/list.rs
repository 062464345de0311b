//! Lists of cases.

use serde::Serialize;

use super::style::{BOLD, DIM, ERROR, GOOD, NOTICE, styled};
use crate::{
    rules::{Rule, Severity},
    vectors::{CaseId, Expect, LayerFormat, Op, SetEntry, Tag},
};

/// Cases, one a line.
pub fn list(entries: &[&SetEntry]) -> String {
    let width = entries
        .iter()
        .map(|entry| entry.case.id.as_str().len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for SetEntry { case, .. } in entries {
        let style = match case.expect {
            Expect::Valid { .. } => GOOD,
            Expect::Invalid => ERROR,
            Expect::Either { .. } => NOTICE,
        };
        let verdict = styled(style, format!("{:<7}", case.expect.verdict()));
        let rules: Vec<&str> = case.rules.iter().map(|rule| rule.id()).collect();
        let id = styled(BOLD, format!("{:<width$}", case.id.as_str()));
        let rules = styled(DIM, format!("[{}]", rules.join(" ")));
        text += &format!("{id}  {verdict}  {} {rules}\n", case.title);
    }
    text
}

/// A line of the list, as JSON.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a CaseId,
    op: Op,
    verdict: &'static str,
    title: &'a str,
    rules: &'a [Rule],
    severity: Severity,
    dialects: &'a [LayerFormat],
    tags: &'a [Tag],
}

/// Cases as a JSON array.
///
/// # Errors
///
/// None that can happen: the values can all be written as JSON.
pub fn list_json(entries: &[&SetEntry]) -> serde_json::Result<String> {
    let lines: Vec<Line<'_>> = entries
        .iter()
        .map(|SetEntry { op, case }| Line {
            id: &case.id,
            op: *op,
            verdict: case.expect.verdict(),
            title: &case.title,
            rules: &case.rules,
            severity: case.severity(),
            dialects: &case.dialects,
            tags: &case.tags,
        })
        .collect();
    Ok(serde_json::to_string_pretty(&lines)? + "\n")
}
