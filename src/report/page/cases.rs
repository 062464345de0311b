//! The cases of a page.

use serde::Serialize;

use super::super::{case, failure};
use crate::{
    outside::Outside,
    rules::{Rule, Severity},
    vectors::{Expect, Op, Provenance, Set, SetEntry, case_files::SetError},
};

/// Most lines of an input that are shown.
const LINES: usize = 60;

/// Longest line, in bytes.
const LINE: usize = 240;

/// Longest output, in bytes of JSON.
const OUTPUT: usize = 1500;

/// What lists and filters need of the cases, each field a column.
#[derive(Serialize)]
pub(super) struct Index<'a> {
    ids: Vec<&'a str>,
    titles: Vec<&'a str>,
    /// Numbers of operations.
    ops: Vec<usize>,
    /// Numbers of rules.
    rules: Vec<Vec<usize>>,
    /// Numbers of classes of harm.
    severities: Vec<usize>,
    /// The first letters of the verdicts.
    verdicts: String,
}

/// What the section of a case needs besides.
#[derive(Serialize)]
pub(super) struct Details {
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<String>,
    dialects: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tags: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bugs: Vec<String>,
    input: Vec<String>,
    expected: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

/// What cases are numbered by: operations and rules, and those of drafts where a case is of one.
pub(super) struct Numbering {
    pub(super) ops: Vec<Op>,
    pub(super) rules: Vec<Rule>,
}

impl Numbering {
    pub(super) fn of(entries: &[&SetEntry]) -> Self {
        let has_drafts = entries.iter().any(|entry| entry.op.is_draft());
        let (ops, rules) = match has_drafts {
            true => (Op::DRAFTS, Rule::DRAFTS),
            false => (&[][..], &[][..]),
        };
        Self {
            ops: [Op::ALL, ops].concat(),
            rules: [Rule::ALL, rules].concat(),
        }
    }
}

/// The cases, in this order.
pub(super) fn index<'a>(entries: &[&'a SetEntry], numbering: &Numbering) -> Index<'a> {
    let of = |entry: &&SetEntry| {
        let rules = entry.case.rules.iter();
        rules.filter_map(|rule| place(&numbering.rules, rule)).collect()
    };
    Index {
        ids: entries.iter().map(|entry| entry.case.id.as_str()).collect(),
        titles: entries.iter().map(|entry| entry.case.title.as_str()).collect(),
        ops: entries
            .iter()
            .filter_map(|entry| place(&numbering.ops, &entry.op))
            .collect(),
        rules: entries.iter().map(of).collect(),
        severities: entries
            .iter()
            .filter_map(|entry| place(Severity::ALL, &entry.case.severity()))
            .collect(),
        verdicts: entries
            .iter()
            .filter_map(|entry| entry.case.expect.verdict().chars().next())
            .collect(),
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> Option<usize> {
    all.iter().position(|other| other == one)
}

/// The details of some cases.
pub(super) fn details(set: &Set, entries: &[&SetEntry]) -> Result<Vec<Details>, SetError> {
    entries.iter().map(|entry| of_case(set, entry)).collect()
}

fn of_case(set: &Set, entry: &SetEntry) -> Result<Details, SetError> {
    let case = &entry.case;
    let (choice, output) = match &case.expect {
        Expect::Valid { output } => (None, Some(output)),
        Expect::Either { choice, output, .. } => {
            let sentences = choice.record().map(|record| {
                format!(
                    "{}; to accept: {}; to reject: {}",
                    choice.id(),
                    record.accept,
                    record.reject
                )
            });
            (sentences, Some(output))
        }
        Expect::Invalid => (None, None),
    };
    let names: Vec<&str> = case.dialects.iter().map(|dialect| dialect.name()).collect();
    let tags: Vec<&str> = case.tags.iter().map(|tag| tag.id()).collect();
    let bugs = match &case.provenance {
        Provenance::Generated { bugs } => bugs.iter().filter_map(|bug| bug.record()).map(case::bug_line).collect(),
        Provenance::Layer { .. } | Provenance::Found { .. } => Vec::new(),
    };
    // Cases about time and memory have inputs and outputs of many MiB.
    let is_large = case.limits.is_some();
    let mut input = Vec::new();
    if !is_large {
        let lines = case::input_lines(set, entry)?;
        input.extend(
            lines
                .iter()
                .take(LINES)
                .map(|line| Outside::new(line.as_bytes(), LINE).to_string()),
        );
    }
    if is_large || input.len() == LINES {
        input.push(format!("... (all of it: chunkproof show {})", case.id));
    }
    Ok(Details {
        why: case.why.clone(),
        twin: case.twin.as_ref().map(ToString::to_string),
        change: case.change.clone(),
        choice,
        dialects: names.join(" "),
        tags: tags.join(" "),
        bugs,
        input,
        expected: failure::expected(entry),
        output: output
            .filter(|_| !is_large)
            .map(|output| Outside::new(output.to_string().as_bytes(), OUTPUT).to_string()),
    })
}
