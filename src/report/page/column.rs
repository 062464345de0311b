//! The columns of a page: one version of an implementation each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Page;
use crate::{
    judge::{Expectations, Outcome},
    results::{self, KeptResults, Table},
    vectors::Set,
};

/// The implementations that people ask for first: podman's library, skopeo, the writers of eStargz, and tar-split.
const FIRST: [&str; 7] = [
    "containers-storage",
    "skopeo",
    "skopeo-installed",
    "estargz",
    "estargz-zstdchunked",
    "tar-split",
    "tar-split-command",
];

/// A case that does not apply.
const NOT_APPLICABLE: char = '-';

/// A case that has no result.
const NO_RESULT: char = '.';

/// A version of an implementation.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::report) struct Column {
    name: String,
    version: String,
    label: String,
    language: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    newest: bool,
    /// What there is to say about results that are not of the present cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// A letter for each case.
    cells: String,
    /// The numbers of reasons of expected failures, by the places of the cases.
    reasons: BTreeMap<usize, usize>,
    /// The command that asks it for a case, without the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<String>,
    /// Whether its answers are known.
    found: bool,
    #[serde(skip)]
    texts: BTreeMap<usize, String>,
    #[serde(skip)]
    details: BTreeMap<usize, Found>,
}

/// What is known of a failure.
#[derive(Clone, Debug, Serialize)]
pub(in crate::report) struct Found {
    pub(super) actual: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) stderr: String,
    pub(super) repeat: String,
}

/// What the adapter of results adds to them.
#[derive(Debug, Default)]
pub struct Listed {
    /// Its list of expected deviations.
    pub expectations: Expectations,
    /// The command that asks it for a case, without the case.
    pub ask: String,
}

impl Column {
    /// A column without results.
    pub(super) fn new(name: &str, version: &str, language: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            label: format!("{name} {version}"),
            language: language.to_owned(),
            newest: true,
            ..Self::default()
        }
    }

    /// Names it as a report does.
    pub(super) fn labelled(mut self, label: &str) -> Self {
        label.clone_into(&mut self.label);
        self
    }

    /// Adds the result of the next case, and why it was expected.
    pub(super) fn push(&mut self, outcome: Outcome, reason: Option<String>) {
        if let Some(reason) = reason {
            self.texts.insert(self.cells.len(), reason);
        }
        self.cells.push(letter(outcome));
    }

    /// Leaves cases without a result up to this one.
    pub(super) fn skip_to(&mut self, place: usize) {
        while self.cells.len() < place {
            self.cells.push(NO_RESULT);
        }
    }

    /// Adds what is known of the case that was added last.
    pub(super) fn tell(&mut self, found: Found) {
        self.found = true;
        if let Some(place) = self.cells.len().checked_sub(1) {
            self.details.insert(place, found);
        }
    }

    pub(super) const fn is_newest(&self) -> bool {
        self.newest
    }

    pub(super) const fn found(&self) -> bool {
        self.found
    }

    pub(super) const fn details(&self) -> &BTreeMap<usize, Found> {
        &self.details
    }

    /// What there is to say about it, with its name.
    pub(super) fn remark(&self) -> Option<String> {
        self.note.as_ref().map(|note| format!("{}: {note}", self.label))
    }
}

/// Gives each reason a number, which takes the place of the text in the columns.
pub(super) fn number_reasons(columns: &mut [Column]) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for column in columns {
        for (place, text) in std::mem::take(&mut column.texts) {
            let number = *numbers.entry(text.clone()).or_insert_with(|| {
                reasons.push(text);
                reasons.len() - 1
            });
            column.reasons.insert(place, number);
        }
    }
    reasons
}

/// A result in one character of ASCII.
pub(super) const fn letter(outcome: Outcome) -> char {
    match outcome {
        Outcome::Pass => 'p',
        Outcome::Lenient => 'l',
        Outcome::Strict => 's',
        Outcome::Declined => 'd',
        Outcome::Vacuous => 'v',
        Outcome::Unsupported => NOT_APPLICABLE,
        Outcome::WrongVerdict => 'V',
        Outcome::WrongOutput => 'O',
        Outcome::ChoiceConflict => 'C',
        Outcome::WrongRule => 'R',
        Outcome::DeclaredUnsupported => 'U',
        Outcome::Flaky => 'F',
        Outcome::Crash => 'X',
        Outcome::Timeout => 'T',
        Outcome::OutOfMemory => 'M',
        Outcome::ProtocolError => 'P',
    }
}

/// A page about results that are kept. `listed` has what their adapters add, for those that have one.
pub(in crate::report) fn kept<'a>(
    set: &'a Set,
    table: &Table,
    kept: &[KeptResults],
    listed: &[Option<Listed>],
    cases: &[usize],
) -> Page<'a> {
    let mut columns: Vec<Column> = Vec::new();
    for (number, (KeptResults { results, .. }, about)) in kept.iter().zip(&table.columns).enumerate() {
        let listed = listed.get(number).and_then(Option::as_ref);
        let mut column = Column::new(&results.name, &results.version, &results.language);
        column.note = note(about);
        column.ask = listed.map(|listed| listed.ask.clone());
        // Versions are sorted from the newest to the oldest, and variants of one are equally new.
        column.newest = !columns
            .iter()
            .any(|other: &Column| other.name == column.name && base(&other.version) != base(&column.version));
        for entry in cases.iter().filter_map(|&index| set.entries().get(index)) {
            let case = &entry.case;
            match results.results.get(&case.id) {
                Some(&outcome) => {
                    let list = listed.filter(|_| outcome.is_failure());
                    column.push(
                        outcome,
                        list.and_then(|list| list.expectations.reason(&case.id, outcome)),
                    );
                }
                None if results.ops.has(entry.op, &case.dialects) => column.cells.push(NO_RESULT),
                None => column.cells.push(NOT_APPLICABLE),
            }
        }
        columns.push(column);
    }
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    columns.sort_by_key(|column| place(&column.name));
    Page {
        set,
        cases: cases.to_vec(),
        title: "Kept results",
        columns,
    }
}

/// A version without the variant.
fn base(version: &str) -> &str {
    version.split('+').next().unwrap_or_default()
}

fn note(column: &results::Column) -> Option<String> {
    if column.current && (column.same_set || column.without_result == 0) {
        return None;
    }
    let mut notes = Vec::new();
    if !column.current {
        notes.push("ran on another set of cases".to_owned());
    }
    if column.without_result > 0 {
        notes.push(format!("{} applicable cases have no result", column.without_result));
    }
    if !column.unknown.is_empty() {
        notes.push(format!("{} of its cases are not in this set", column.unknown.len()));
    }
    Some(notes.join("; "))
}
