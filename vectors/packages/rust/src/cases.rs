//! The cases and the lists beside them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{LazyLock, Mutex},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{decimal, operations::FILES};

/// The version of the shape of the files that this crate reads.
pub const SCHEMA: u32 = 1;

/// A test case.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Case {
    /// The stable name.
    pub id: String,
    /// The operation.
    #[serde(skip)]
    pub op: &'static str,
    /// What the case is, in a few words.
    pub title: String,
    /// What goes wrong in an implementation that answers wrongly.
    pub why: String,
    /// Ids of rules, the primary one first.
    pub rules: Vec<String>,
    /// The dialects in which the case means something.
    pub dialects: Vec<String>,
    /// Labels to select by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The accepted case from which an invalid one differs by one change; [`Case::twin`] returns it.
    #[serde(default, rename = "twin")]
    pub twin_id: Option<String>,
    /// That change.
    #[serde(default)]
    pub change: String,
    /// The class of harm that a wrong answer does.
    #[serde(skip)]
    pub severity: String,
    /// The input as JSON; [`Operation::input`](crate::Operation::input) decodes it.
    pub input: Value,
    /// What an answer may take.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// What to answer.
    pub expect: Expect,
    /// Where the case comes from, as JSON.
    pub provenance: Value,
}

impl Case {
    /// The accepted case from which this one differs by one change.
    pub fn twin(&self) -> Option<&'static Self> {
        find(self.twin_id.as_deref()?)
    }
}

/// What an answer may take.
#[derive(Clone, Copy, Debug, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// Seconds from the question to the answer. Judging compares them.
    pub seconds: u32,
    /// Bytes of memory. This crate does not measure them; `chunkproof run` does.
    #[serde(with = "decimal")]
    pub memory: u64,
}

/// What to answer to a case.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Expect {
    /// `valid`, `invalid` or `either`.
    pub verdict: String,
    /// The name of the choice of an `either` case.
    #[serde(default)]
    pub choice: Option<String>,
    /// What those who accept answer, as JSON; [`Operation::output`](crate::Operation::output) decodes it.
    #[serde(default)]
    pub output: Option<Value>,
    /// Further right outputs of an `either` case, as JSON, by the names of readings.
    #[serde(default)]
    pub readings: BTreeMap<String, Value>,
}

/// A rule of the format.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id.
    pub id: String,
    /// `MUST`, `SHOULD` or `MAY`.
    pub level: String,
    /// The class of harm.
    pub severity: String,
    /// The rule in one sentence.
    pub text: String,
}

/// A point on which readers may differ.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ChoiceEntry {
    /// The stable id.
    pub id: String,
    /// What those who accept do.
    pub accept: String,
    /// What those who reject do.
    pub reject: String,
    /// What those do who accept and read the input in another way, by the names of readings.
    #[serde(default)]
    pub readings: BTreeMap<String, String>,
    /// What the reference does: `accept` or `reject`.
    pub reference: String,
}

/// A label of cases.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Tag {
    /// The stable id.
    pub id: String,
    /// What it means.
    pub text: String,
}

/// A bug that released implementations had.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Bug {
    /// The stable id.
    pub id: String,
    /// What had it.
    pub implementation: String,
    /// The last release with it.
    pub last: String,
    /// The first one without it.
    pub fixed: Option<String>,
    /// What it was.
    pub text: String,
    /// Reports.
    pub links: Vec<String>,
}

/// A case that was retired.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Tombstone {
    /// Its id.
    pub id: String,
    /// Why it was retired.
    pub reason: String,
    /// The case to use instead.
    pub replaced_by: Option<String>,
}

/// The rules in the order of the specification.
pub fn rules() -> Vec<Rule> {
    list(include_str!("../data/rules.json"))
}

/// The choices that the format leaves to a reader.
pub fn choices() -> Vec<ChoiceEntry> {
    list(include_str!("../data/choices.json"))
}

/// The labels of cases.
pub fn tags() -> Vec<Tag> {
    list(include_str!("../data/tags.json"))
}

/// Bugs that released implementations had.
pub fn bugs() -> Vec<Bug> {
    list(include_str!("../data/bugs.json"))
}

/// The cases that were retired.
pub fn tombstones() -> Vec<Tombstone> {
    list(include_str!("../data/tombstones.json"))
}

/// The cases of an operation in the order of their ids. There are none of an operation that this crate does not have.
pub fn cases(op: &str) -> &'static [Case] {
    static LOADED: Mutex<BTreeMap<&str, &[Case]>> = Mutex::new(BTreeMap::new());
    let Some(&(op, text)) = FILES.iter().find(|(known, _)| *known == op) else {
        return &[];
    };
    let mut loaded = LOADED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    loaded.entry(op).or_insert_with(|| load(op, text).leak())
}

/// The case with this id.
pub fn find(id: &str) -> Option<&'static Case> {
    cases(&INDEX.get(id)?.op).iter().find(|case| case.id == id)
}

/// How many cases an operation has, without reading them.
pub(crate) fn count(op: &str) -> usize {
    INDEX.values().filter(|line| line.op == op).count()
}

#[derive(Deserialize)]
pub(crate) struct Line {
    id: String,
    op: String,
    severity: String,
}

pub(crate) static INDEX: LazyLock<HashMap<String, Line>> = LazyLock::new(|| {
    let lines: Vec<Line> = list(include_str!("../data/index.json"));
    lines.into_iter().map(|line| (line.id.clone(), line)).collect()
});

/// The files are part of the crate and its tests read all of them, so that a failure is a mistake in the crate.
fn load(op: &'static str, text: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct File {
        schema: u32,
        cases: Vec<Case>,
    }
    let mut file: File = read(text);
    assert_eq!(file.schema, SCHEMA, "the schema of {op}");
    for case in &mut file.cases {
        case.op = op;
        if let Some(line) = INDEX.get(&case.id) {
            case.severity.clone_from(&line.severity);
        }
    }
    file.cases
}

fn list<T: DeserializeOwned>(text: &str) -> Vec<T> {
    read(text)
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("a file of the set: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{INDEX, bugs, cases, choices, rules, tags, tombstones};
    use crate::operations::FILES;

    #[test]
    fn every_case_of_the_index_is_read() {
        let found: Vec<_> = FILES.iter().flat_map(|(op, _)| cases(op)).collect();
        assert!(!found.is_empty());
        assert_eq!(found.len(), INDEX.len());
        for case in found {
            let line = &INDEX[&case.id];
            assert_eq!((case.op, &case.severity), (line.op.as_str(), &line.severity));
            assert_eq!(case.twin().is_some(), case.expect.verdict == "invalid", "{}", case.id);
        }
    }

    #[test]
    fn lists_are_read() {
        assert!(!rules().is_empty() && !choices().is_empty() && !tags().is_empty());
        assert!(!bugs().is_empty() && !tombstones().is_empty());
    }
}
