//! The register of bugs that released implementations had.
//!
//! Cases that were made after a bug name it by its id, and `vectors/bugs.json` has the list. Versions are those of public
//! releases: `last` has the bug, `fixed` is the first one that does not. What no operation can show has the reason
//! instead of cases. Where an adapter puts a release with the bug and one without it under test, the row names it, and the two
//! if they are others or have other names there; `docs/history.md` is made of their results. If these do not show the bug,
//! the row has the reason.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registers::{self, Registers, check_sentence, id_of_register, leak};

id_of_register! {
    /// A bug that a released implementation had.
    Bug, a "bug" in bugs
}

/// A bug as it is listed in `vectors/bugs.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Record {
    /// The stable id.
    pub id: Bug,
    /// Whose bug it was.
    pub implementation: &'static str,
    /// The last release that has it.
    pub last: &'static str,
    /// The first release that is known to be without it; none if no release is known to be.
    pub fixed: Option<&'static str>,
    /// What happened, in one sentence.
    pub text: &'static str,
    /// Reports, changes and advisories.
    pub links: &'static [&'static str],
    /// Why no operation can show it; none for a bug that has cases.
    pub unreachable: Option<&'static str>,
    /// Where releases on both sides are under test; none if no adapter has them.
    pub tested: Option<Tested>,
    /// Why no adapter has releases on both sides, though a case would show the bug.
    pub untested: Option<&'static str>,
    /// Why the results of both sides do not show it; none if they do. It is about results, of which the vectors have none.
    #[serde(skip)]
    pub hidden: Option<&'static str>,
}

/// An adapter that puts the releases around a bug under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tested {
    /// The folder of the adapter below `adapters/`.
    pub adapter: &'static str,
    /// The last of its releases that has the bug.
    pub last: &'static str,
    /// The first of its releases without it; none if no release is known to be.
    pub fixed: Option<&'static str>,
}

impl Bug {
    /// What is known of it; none if the register does not have it.
    pub fn record(self) -> Option<&'static Record> {
        Registers::current().bugs.iter().find(|row| row.id == self)
    }
}

impl Record {
    /// The description in schemas.
    pub(super) fn description(&self) -> String {
        format!("{} up to {}: {}", self.implementation, self.last, self.text)
    }
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Row {
    id: String,
    implementation: String,
    last: String,
    fixed: Option<String>,
    text: String,
    links: Vec<String>,
    no_case: Option<String>,
    at: Option<At>,
    not_tested: Option<String>,
    not_shown: Option<String>,
}

/// An adapter, and releases that are others than those of the row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    adapter: String,
    last: Option<String>,
    fixed: Option<String>,
}

impl registers::Row for Row {
    type Record = Record;

    const TABLE: &'static str = "bug";

    fn id(&self) -> &str {
        &self.id
    }

    fn record(self, id: &'static str) -> Result<Record, String> {
        check_sentence(&self.text)?;
        if self.links.is_empty() || !self.links.iter().all(|link| link.starts_with("https://github.com/")) {
            return Err("a link begins with https://github.com/, and there is one at least".to_owned());
        }
        if self.fixed.as_ref() == Some(&self.last) {
            return Err(format!(
                "the release {} cannot both have the bug and be without it",
                self.last
            ));
        }
        let last = leak(self.last);
        let fixed = self.fixed.map(leak);
        let tested = match self.at {
            Some(At {
                last: None,
                fixed: Some(_),
                ..
            }) => return Err("`at` has `fixed` and no `last`".to_owned()),
            Some(At {
                adapter,
                last: Some(last),
                fixed,
            }) => Some(Tested {
                adapter: leak(adapter),
                last: leak(last),
                fixed: fixed.map(leak),
            }),
            Some(At { adapter, .. }) => Some(Tested {
                adapter: leak(adapter),
                last,
                fixed,
            }),
            None => None,
        };
        let links: Vec<&str> = self.links.into_iter().map(leak).collect();
        Ok(Record {
            id: Bug(id),
            implementation: leak(self.implementation),
            last,
            fixed,
            text: leak(self.text),
            links: links.leak(),
            unreachable: self.no_case.map(leak),
            tested,
            untested: self.not_tested.map(leak),
            hidden: self.not_shown.map(leak),
        })
    }
}
