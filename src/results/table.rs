//! Results side by side: versions of implementations as columns, groups of cases as rows.

use std::collections::BTreeMap;

use super::{KeptResults, set_digest, set_digest::is_current};
use crate::{
    judge::Outcome,
    rules::{Rule, Severity},
    vectors::{Bug, CaseId, Expect, Op, Provenance, Registers, Set, SetEntry},
};

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Operations.
    Op,
    /// Rules: a case counts for those that it names, an invalid one only for the first.
    Rule,
    /// Classes of harm.
    Severity,
    /// Tags; a case may have several, and those that have none are a row of their own.
    Tag,
    /// Cases.
    Case,
    /// Bugs, with the cases that were made after them.
    Bug,
}

impl By {
    /// What the row of all cases is called. Only where each case is in one row is it a sum.
    const fn whole(self) -> &'static str {
        match self {
            Self::Op | Self::Severity => "total",
            Self::Rule | Self::Tag | Self::Case | Self::Bug => "all cases",
        }
    }

    /// What one row is about.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Op => "operation",
            Self::Rule => "rule",
            Self::Severity => "severity",
            Self::Tag => "tag",
            Self::Case => "case",
            Self::Bug => "bug",
        }
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the rows are.
    pub by: By,
    /// The versions of implementations, in the order in which they were given.
    pub columns: Vec<Column>,
    /// The groups that have cases.
    pub rows: Vec<Row>,
    /// All cases.
    pub total: Row,
}

/// A version of an implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Language.
    pub language: String,
    /// Whether the results are of this very set, all of it.
    pub same_set: bool,
    /// Whether the cases that have results ask today what they asked then.
    pub current: bool,
    /// How many cases of the table are declared and have no result: they came later, or were not selected.
    pub without_result: usize,
    /// Cases that have results and are not in this set.
    pub unknown: Vec<CaseId>,
}

/// A group of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is called.
    pub label: String,
    /// What that is, in a sentence or a title.
    pub text: String,
    /// How many cases it has.
    pub cases: usize,
    /// A cell for each column.
    pub cells: Vec<Cell>,
}

/// The results of a group of cases with one implementation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell(BTreeMap<Outcome, Vec<CaseId>>);

/// What a cell says at a glance, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There are failures.
    Failed,
    /// There are refusals that earn no credit.
    Uncredited,
    /// There are choices, and all else is passed.
    Chosen,
    /// All is passed.
    Passed,
    /// There are no results.
    Empty,
}

impl Cell {
    /// The cases by their results.
    pub fn results(&self) -> impl Iterator<Item = (Outcome, &[CaseId])> {
        self.0.iter().map(|(&outcome, cases)| (outcome, cases.as_slice()))
    }

    /// How many cases have a result.
    pub fn asked(&self) -> usize {
        self.count(|_| true)
    }

    /// How many are passed.
    pub fn passed(&self) -> usize {
        self.count(|outcome| outcome == Outcome::Pass)
    }

    /// How many are failures.
    pub fn failed(&self) -> usize {
        self.count(Outcome::is_failure)
    }

    /// How many are choices.
    pub fn chosen(&self) -> usize {
        self.count(Outcome::is_choice)
    }

    /// How many are refusals without credit.
    pub fn uncredited(&self) -> usize {
        self.count(Outcome::is_uncredited)
    }

    fn count(&self, is: impl Fn(Outcome) -> bool) -> usize {
        self.results()
            .filter(|&(outcome, _)| is(outcome))
            .map(|(_, cases)| cases.len())
            .sum()
    }

    /// The whole at a glance.
    pub fn state(&self) -> State {
        if self.failed() > 0 {
            State::Failed
        } else if self.uncredited() > 0 {
            State::Uncredited
        } else if self.chosen() > 0 {
            State::Chosen
        } else if self.passed() > 0 {
            State::Passed
        } else {
            State::Empty
        }
    }
}

impl Table {
    /// The table of these results over the selected cases, given by their indices in the set.
    pub fn new(set: &Set, kept: &[KeptResults], selected: &[usize], by: By) -> Self {
        let entries: Vec<&SetEntry> = selected.iter().filter_map(|&index| set.entries().get(index)).collect();
        let digest = set_digest(set, 0..set.entries().len()).to_string();
        let rows = groups(&entries, by)
            .into_iter()
            .filter(|group| !group.entries.is_empty());
        Self {
            by,
            columns: kept.iter().map(|kept| column(set, &entries, &digest, kept)).collect(),
            rows: rows.map(|group| row(group, kept)).collect(),
            total: row(Group::new(by.whole(), "", entries), kept),
        }
    }
}

struct Group<'a> {
    label: String,
    text: String,
    entries: Vec<&'a SetEntry>,
}

impl<'a> Group<'a> {
    fn new(label: impl ToString, text: &str, entries: Vec<&'a SetEntry>) -> Self {
        Self {
            label: label.to_string(),
            text: text.to_owned(),
            entries,
        }
    }
}

fn groups<'a>(entries: &[&'a SetEntry], by: By) -> Vec<Group<'a>> {
    let of = |is: &dyn Fn(&SetEntry) -> bool| entries.iter().copied().filter(|entry| is(entry)).collect();
    match by {
        By::Op => Op::ALL
            .iter()
            .map(|&op| Group::new(op, "", of(&|entry| entry.op == op)))
            .collect(),
        By::Rule => Rule::ALL
            .iter()
            .map(|&rule| Group::new(rule, rule.text(), of(&|entry| counts_for(entry, rule))))
            .collect(),
        By::Severity => Severity::ALL
            .iter()
            .map(|&severity| {
                let entries = of(&|entry| entry.case.severity() == severity);
                Group::new(severity, severity.text(), entries)
            })
            .collect(),
        By::Tag => {
            let tagged = Registers::current()
                .tags
                .iter()
                .map(|tag| Group::new(tag.id, tag.text, of(&|entry| entry.case.tags.contains(&tag.id))));
            let untagged = Group::new("no tag", "", of(&|entry| entry.case.tags.is_empty()));
            tagged.chain([untagged]).collect()
        }
        By::Case => entries
            .iter()
            .map(|&entry| Group::new(&entry.case.id, &entry.case.title, vec![entry]))
            .collect(),
        By::Bug => Registers::current()
            .bugs
            .iter()
            .map(|bug| Group::new(bug.id, bug.text, of(&|entry| is_after(entry, bug.id))))
            .collect(),
    }
}

fn counts_for(entry: &SetEntry, rule: Rule) -> bool {
    match entry.case.expect {
        Expect::Invalid => entry.case.rules.first() == Some(&rule),
        Expect::Valid { .. } | Expect::Either { .. } => entry.case.rules.contains(&rule),
    }
}

/// Whether the case was made after the bug.
pub(super) fn is_after(entry: &SetEntry, bug: Bug) -> bool {
    matches!(&entry.case.provenance, Provenance::Generated { bugs } if bugs.contains(&bug))
}

fn row(group: Group<'_>, kept: &[KeptResults]) -> Row {
    let cell = |kept: &KeptResults| {
        let mut cell = Cell::default();
        for entry in &group.entries {
            if let Some(&outcome) = kept.results.results.get(&entry.case.id) {
                cell.0.entry(outcome).or_default().push(entry.case.id.clone());
            }
        }
        cell
    };
    Row {
        cases: group.entries.len(),
        cells: kept.iter().map(cell).collect(),
        label: group.label,
        text: group.text,
    }
}

fn column(set: &Set, entries: &[&SetEntry], digest: &str, kept: &KeptResults) -> Column {
    let results = &kept.results;
    let can_be_asked = |entry: &&&SetEntry| results.ops.has(entry.op, &entry.case.dialects);
    let without_result = entries
        .iter()
        .filter(can_be_asked)
        .filter(|entry| !results.results.contains_key(&entry.case.id))
        .count();
    let unknown = results.results.keys().filter(|case| set.find(case).is_none());
    Column {
        name: results.name.clone(),
        version: results.version.clone(),
        language: results.language.clone(),
        same_set: results.set == digest,
        current: is_current(set, results),
        without_result,
        unknown: unknown.cloned().collect(),
    }
}
