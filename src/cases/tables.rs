//! The tables of `docs/spec.md` that are made of the cases: who checks what, the conformance classes, the choices, and what
//! is reported of ambiguous tars; and the table of tags in `docs/vectors.md`.
//!
//! Each stands between two comments, `<!-- table NAME -->` and `<!-- end -->`.

use std::collections::BTreeSet;

use crate::{
    format::tar::Point,
    judge::scope::{Class, Tested, tested},
    rules::{Rule, Severity},
    vectors::{Choice, Expect, Op, Registers, Set},
};

const END: &str = "<!-- end -->";

/// What makes a table, of the cases and the rules that bind a writer.
type Table = fn(&Set, &BTreeSet<Rule>) -> String;

/// A table by its name in the comment.
const TABLES: &[(&str, Table)] = &[
    ("classes", classes),
    ("operations", operations),
    ("choices", choices),
    ("ambiguities", ambiguities),
];

/// The specification with its tables made anew.
///
/// # Errors
///
/// A table that is missing, in a sentence.
pub fn fill(spec: &str, set: &Set) -> Result<String, String> {
    let bind_writers = bind_writers(spec);
    let mut text = spec.to_owned();
    for (name, table) in TABLES {
        text = replace("the specification", &text, name, &table(set, &bind_writers))?;
    }
    Ok(text)
}

/// `docs/vectors.md` with its tables of tags and of classes of harm made anew.
///
/// # Errors
///
/// A table that is missing, in a sentence.
pub fn fill_vectors(document: &str) -> Result<String, String> {
    let meanings = |what: &str, rows: &mut dyn Iterator<Item = (&'static str, &'static str)>| {
        let rows = rows.map(|(name, text)| row([code(name), text.to_owned()]));
        row([what, "meaning"].map(str::to_owned)) + &rule_off(2) + &rows.collect::<String>()
    };
    let mut tags = Registers::current().tags.iter().map(|tag| (tag.id.id(), tag.text));
    let text = replace("docs/vectors.md", document, "tags", &meanings("tag", &mut tags))?;
    let mut classes = Severity::ALL.iter().map(|severity| (severity.name(), severity.text()));
    replace("docs/vectors.md", &text, "severity", &meanings("class", &mut classes))
}

/// The text with another table between its two comments.
pub(super) fn replace(document: &str, text: &str, name: &str, table: &str) -> Result<String, String> {
    let begin = format!("<!-- table {name} -->\n");
    let parts = text.split_once(&begin);
    let (before, rest) = parts.ok_or_else(|| format!("{document} has no place for the table `{name}`"))?;
    let end = rest.split_once(END);
    let (_, after) = end.ok_or_else(|| format!("the table `{name}` of {document} does not end"))?;
    Ok(format!("{before}{begin}\n{table}\n{END}{after}"))
}

/// The rules that bind a writer, as the specification says in front of each.
pub fn bind_writers(spec: &str) -> BTreeSet<Rule> {
    let mut rules = BTreeSet::new();
    let mut section = None;
    for line in spec.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            section = heading.split(' ').next().and_then(|id| id.parse::<Rule>().ok());
        } else if let (Some(rule), Some(statement)) = (section, line.strip_prefix("**")) {
            let bound = statement.split_once("). ").map_or("", |(bound, _)| bound);
            if bound.contains("writer") {
                rules.insert(rule);
            }
            section = None;
        }
    }
    rules
}

fn classes(_: &Set, bind_writers: &BTreeSet<Rule>) -> String {
    let mut text = row(["class", "operations", "rules"].map(str::to_owned)) + &rule_off(3);
    for class in Class::ALL {
        let operations: Vec<String> = class.operations().iter().map(code).collect();
        let rules = ranges(&class.rules(bind_writers));
        text += &row([class.name().to_owned(), operations.join(", "), rules]);
    }
    text
}

fn operations(set: &Set, _: &BTreeSet<Rule>) -> String {
    let names = Op::ALL.iter().map(|op| op.name().replace('/', "/<br>"));
    let mut text = row(std::iter::once("rule".to_owned()).chain(names)) + &rule_off(Op::ALL.len().saturating_add(1));
    for &rule in Rule::ALL {
        let cells = Op::ALL.iter().map(|&op| {
            if !op.rules().contains(&rule) {
                return String::new();
            }
            match tested(set, op, rule) {
                Tested::Here => "●".to_owned(),
                Tested::InPart(_) | Tested::Nowhere => "○".to_owned(),
            }
        });
        text += &row(std::iter::once(link(rule)).chain(cells));
    }
    text
}

fn choices(set: &Set, _: &BTreeSet<Rule>) -> String {
    let head = ["choice", "rule", "accept", "reject", "the reference"];
    let mut text = row(head.map(str::to_owned)) + &rule_off(head.len());
    for choice in &Registers::current().choices {
        let rules: Vec<String> = rules_of(set, choice.id).into_iter().map(link).collect();
        let answer = if choice.id.is_accepted_by_the_reference() {
            "accepts"
        } else {
            "rejects"
        };
        text += &row([
            code(choice.id),
            rules.join(", "),
            choice.accept.to_owned(),
            choice.reject.to_owned(),
            answer.to_owned(),
        ]);
    }
    text
}

fn ambiguities(_: &Set, _: &BTreeSet<Rule>) -> String {
    let head = ["choice", "rule", "Go", "others"];
    let mut text = row(head.map(str::to_owned)) + &rule_off(head.len());
    for point in Point::ALL {
        text += &row([
            format!("`{}`", point.choice()),
            link(point.rule()),
            point.go().to_owned(),
            point.others().to_owned(),
        ]);
    }
    text
}

/// The rules that cases about the choice name first.
pub fn rules_of(set: &Set, choice: Choice) -> BTreeSet<Rule> {
    let cases = set.entries().iter().map(|entry| &entry.case);
    cases
        .filter(|case| matches!(case.expect, Expect::Either { choice: of, .. } if of == choice))
        .filter_map(|case| case.rules.first().copied())
        .collect()
}

/// Rules in the order of the register, where those that follow each other within a group are joined.
fn ranges(rules: &BTreeSet<Rule>) -> String {
    let mut runs: Vec<(Rule, Rule)> = Vec::new();
    let mut is_open = false;
    for &rule in Rule::ALL {
        if !rules.contains(&rule) {
            is_open = false;
            continue;
        }
        match runs.last_mut() {
            Some((first, last)) if is_open && first.id().get(..3) == rule.id().get(..3) => *last = rule,
            _ => runs.push((rule, rule)),
        }
        is_open = true;
    }
    let runs: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first} to {last}")
            }
        })
        .collect();
    runs.join(", ")
}

fn link(rule: Rule) -> String {
    format!("[{rule}](#{})", rule.id().to_lowercase())
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

fn rule_off(columns: usize) -> String {
    format!("|{}\n", "---|".repeat(columns))
}
