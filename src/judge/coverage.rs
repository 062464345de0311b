//! `docs/coverage.md`: which cases stand behind each rule, choice and operation.
//!
//! A case proves something about a rule only if an implementation without the rule's check fails it. So each check of the
//! reference that can be switched off is, and the first case whose answer changes is named.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    alone::{Alone, alone, can_be_switched_off},
    cells::{Cell, Place},
    reference::{answer, verify},
};
use crate::{
    rules::{Level, Rule},
    vectors::{Choice, Expect, LayerFormat, Op, Registers, Set, SetEntry},
};

/// Rules of which no case can show that they are checked, each with the reason.
const EXCEPTIONS: &[(Rule, &str)] = &[];

/// The document for this set.
///
/// # Errors
///
/// An input that cannot be read, in a sentence. The tests of this crate rule that out.
pub fn coverage(set: &Set) -> Result<String, String> {
    let mut text = String::from(HEAD);
    text += &rules(set)?;
    text += &table(set, BY_OPERATION, &Place::operations().collect::<Vec<_>>());
    text += &table(set, BY_DIALECT, &Place::dialects().collect::<Vec<_>>());
    text += &reasons();
    text += CHOICES;
    for choice in Choice::all() {
        text += &row(&[code(choice.id()), ids(set, |entry| is_of(entry, choice))]);
    }
    text += OPERATIONS;
    for &op in Op::ALL {
        let of_op = |entry: &&SetEntry| entry.op == op;
        let number =
            |filter: &dyn Fn(&SetEntry) -> bool| count(set, |entry| of_op(&entry) && filter(entry)).to_string();
        let mut cells = vec![code(op.name()), number(&|_| true)];
        cells.extend(VERDICTS.map(|verdict| number(&|entry| entry.case.expect.verdict() == verdict)));
        cells.extend(
            LayerFormat::ALL
                .iter()
                .map(|dialect| number(&|entry| entry.case.dialects.contains(dialect))),
        );
        text += &row(&cells);
    }
    Ok(text)
}

const VERDICTS: [&str; 3] = ["valid", "invalid", "either"];

const HEAD: &str = "\
# Coverage

Made by `chunkproof generate` from the vectors; do not edit.

## Rules

A case counts for the rules that it names, an invalid one only for the first. *Killed by* is the first case that notices when
the check of the rule is switched off in the reference: its answer, or what `verify` finds, is another one then. The check of a
guard cannot be switched off, since what follows relies on it; the case is the first that is rejected for it. Where a reader
may do either, there is no check to switch off, but a choice and its first case. *Alone* is the first case whose input is accepted
when only this check is off, so that no other one covers for it.

| rule | level | valid | invalid | either | killed by | alone |
|---|---|---|---|---|---|---|
";

const BY_OPERATION: &str = "
## Rules by operations

How many cases break the rule in inputs of the operation, or leave it to a choice there: invalid cases that name the rule first,
and `either` cases. A rule in a cell is one that is reported first for whatever breaks the rule of the line in that operation, so
that no case can show the latter. `–`: the rule does not apply. Where a table of operations in chapter 18 of the specification
does not say so, [the reasons](#cells-without-a-case) are below.

";

const BY_DIALECT: &str = "
## Rules by dialects

The same for dialects; a case counts for each of its dialects.

";

const REASONS: &str = "
## Cells without a case

| rules | where | masked by | why |
|---|---|---|---|
";

const CHOICES: &str = "
## Choices

| choice | cases |
|---|---|
";

const OPERATIONS: &str = "
## Operations

A case counts for each of its dialects.

| operation | cases | valid | invalid | either | g1 | g2 | g3 | g4 | g5 | estargz |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// The case that only the check of this rule keeps out.
fn kept_out(set: &Set, rule: Rule) -> Result<String, String> {
    if !can_be_switched_off(rule) {
        return Ok("–".to_owned());
    }
    Ok(match alone(set, rule)? {
        Alone::By(id) => code(id),
        Alone::Not(reason) => format!("never: {reason}"),
        Alone::Unknown => String::new(),
    })
}

fn table(set: &Set, head: &str, places: &[Place]) -> String {
    let names = places.iter().map(|place| place.name().replace('/', "/<br>"));
    let names: Vec<String> = std::iter::once("rule".to_owned()).chain(names).collect();
    let mut text = head.to_owned() + &row(&names) + &format!("|{}\n", "---|".repeat(names.len()));
    for &rule in Rule::ALL {
        let cells = places.iter().map(|&place| Cell::of(set, rule, place).text());
        text += &row(&std::iter::once(link(rule)).chain(cells).collect::<Vec<_>>());
    }
    text
}

fn reasons() -> String {
    let mut text = REASONS.to_owned();
    for record in &Registers::current().cells {
        let operations = record.operations.iter().map(|&op| Place::Op(op));
        let dialects = record.dialects.iter().map(|&dialect| Place::Dialect(dialect));
        let places: Vec<&str> = operations.chain(dialects).map(Place::name).collect();
        let masked = record.masked.map_or_else(|| "does not apply".to_owned(), link);
        let rules = record.names.join(", ");
        text += &row(&[rules, places.join(", "), masked, record.why.to_owned()]);
    }
    text
}

fn link(rule: Rule) -> String {
    format!("[{rule}](spec.md#{})", rule.id().to_lowercase())
}

fn rules(set: &Set) -> Result<String, String> {
    let mut by_rule = ByRule::new(set)?;
    let mut text = String::new();
    for &rule in Rule::ALL {
        text += &row(&[
            link(rule),
            rule.level().to_string(),
            valid(set, rule),
            invalid(set, rule),
            either(set, rule),
            by_rule.killed_by(rule)?,
            kept_out(set, rule)?,
        ]);
    }
    Ok(text)
}

fn valid(set: &Set, rule: Rule) -> String {
    match count(set, |entry| {
        has_verdict(entry, "valid") && entry.case.rules.contains(&rule)
    }) {
        0 => match twins(set, rule) {
            0 => excuse(rule).unwrap_or("none: a choice").to_owned(),
            twins => format!("twins only ({twins})"),
        },
        count => count.to_string(),
    }
}

fn invalid(set: &Set, rule: Rule) -> String {
    match count(set, |entry| is_broken(entry, rule)) {
        0 => excuse(rule).map_or_else(|| "none: a choice".to_owned(), str::to_owned),
        count => count.to_string(),
    }
}

fn either(set: &Set, rule: Rule) -> String {
    match count(set, |entry| {
        has_verdict(entry, "either") && entry.case.rules.contains(&rule)
    }) {
        0 => "none: no choice".to_owned(),
        count => count.to_string(),
    }
}

/// How many accepted cases are the twins of those that break the rule.
fn twins(set: &Set, rule: Rule) -> usize {
    let twins: BTreeSet<_> = set
        .entries()
        .iter()
        .filter(|entry| is_broken(entry, rule))
        .filter_map(|entry| entry.case.twin.as_ref())
        .collect();
    twins.len()
}

fn excuse(rule: Rule) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(excused, _)| *excused == rule)
        .map(|(_, reason)| *reason)
}

fn has_verdict(entry: &SetEntry, verdict: &str) -> bool {
    entry.case.expect.verdict() == verdict
}

fn is_broken(entry: &SetEntry, rule: Rule) -> bool {
    entry.case.expect == Expect::Invalid && is_about(entry, rule)
}

fn is_about(entry: &SetEntry, rule: Rule) -> bool {
    entry.case.rules.first() == Some(&rule)
}

fn is_of(entry: &SetEntry, choice: Choice) -> bool {
    matches!(&entry.case.expect, Expect::Either { choice: of, .. } if *of == choice)
}

fn count(set: &Set, filter: impl Fn(&SetEntry) -> bool) -> usize {
    set.entries().iter().filter(|entry| filter(entry)).count()
}

fn ids(set: &Set, filter: impl Fn(&SetEntry) -> bool) -> String {
    let ids: Vec<String> = set
        .entries()
        .iter()
        .filter(|entry| filter(entry))
        .map(|entry| code(&entry.case.id))
        .collect();
    ids.join(" ")
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The cases by the rule that they are about.
struct ByRule<'a> {
    set: &'a Set,
    about: BTreeMap<Rule, Vec<&'a SetEntry>>,
}

impl<'a> ByRule<'a> {
    fn new(set: &'a Set) -> Result<Self, String> {
        let mut about: BTreeMap<Rule, Vec<&SetEntry>> = BTreeMap::new();
        // Those that cost much come last, so that they are asked only where no other case notices.
        let (costly, cheap): (Vec<_>, Vec<_>) = set.entries().iter().partition(|entry| entry.case.limits.is_some());
        for entry in cheap.into_iter().chain(costly) {
            let rule = entry.case.rules.first();
            let rule = rule.ok_or_else(|| format!("{} is about no rule", entry.case.id))?;
            about.entry(*rule).or_default().push(entry);
        }
        Ok(Self { set, about })
    }

    fn killed_by(&mut self, rule: Rule) -> Result<String, String> {
        if let Some(reason) = excuse(rule) {
            return Ok(reason.to_owned());
        }
        let cases = self.about.get(&rule).map(Vec::as_slice).unwrap_or_default();
        let first = |verdict| cases.iter().find(|entry| has_verdict(entry, verdict));
        if rule.is_guard() {
            let case = first("invalid").or_else(|| first("either"));
            return Ok(case.map_or_else(String::new, |entry| format!("guard: {}", code(&entry.case.id))));
        }
        if rule.level() == Level::May {
            let chosen = cases.iter().find_map(|entry| match &entry.case.expect {
                Expect::Either { choice, .. } => {
                    Some(format!("choice {}: {}", code(choice.id()), code(&entry.case.id)))
                }
                _ => None,
            });
            return Ok(chosen.unwrap_or_default());
        }
        for entry in cases {
            if self.notices(entry, rule)? {
                return Ok(code(&entry.case.id));
            }
        }
        Ok(String::new())
    }

    /// Whether the case is answered otherwise without the check.
    fn notices(&self, entry: &SetEntry, rule: Rule) -> Result<bool, String> {
        let input = self.set.wire_input(entry).map_err(|error| error.to_string())?;
        let says = |skipped: &[Rule]| {
            Ok::<_, String>((
                answer(entry.op, input.clone(), skipped)?,
                verify(entry.op, &input, skipped)?,
            ))
        };
        Ok(says(&[])? != says(&[rule])?)
    }
}
