//! The choices that the format leaves to a reader.
//!
//! Each is named, so that an `either` verdict says what was decided, and an implementation is held to deciding it the
//! same way everywhere.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    case::is_slug,
    registers::{self, Registers, check_sentence, id_of_register, leak},
};

id_of_register! {
    /// A point on which readers may differ.
    Choice, a "choice" in choices and draft_choices
}

impl Choice {
    /// What is known of it; none if the register does not have it.
    pub fn record(self) -> Option<&'static Record> {
        let registers = Registers::current();
        let mut rows = registers.choices.iter().chain(&registers.draft_choices);
        rows.find(|row| row.id == self)
    }

    /// Whether the choice is one of a draft.
    pub fn is_draft(self) -> bool {
        self.0.starts_with("draft-")
    }

    /// Whether those who accept may also read the input in this way.
    pub fn has_reading(self, name: &str) -> bool {
        self.record().is_some_and(|row| row.readings.contains_key(name))
    }

    /// Whether the reference accepts what the choice is about.
    pub fn is_accepted_by_the_reference(self) -> bool {
        self.record().is_some_and(|row| row.reference == Decided::Accept)
    }
}

/// A choice as it is listed in `vectors/choices.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Record {
    /// The stable id.
    pub id: Choice,
    /// What those who accept do.
    pub accept: &'static str,
    /// What those who reject do.
    pub reject: &'static str,
    /// What those do who accept and read the input in another way, by the names of these readings.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub readings: &'static BTreeMap<String, String>,
    /// What the reference does.
    pub reference: Decided,
}

/// The name of a way in which some read what a choice is about, such as `gnu`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reading(&'static str);

impl Reading {
    /// The name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl FromStr for Reading {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let registers = Registers::current();
        let rows = registers.choices.iter().chain(&registers.draft_choices);
        let mut known = rows.flat_map(|row| row.readings.keys());
        known
            .find(|known| *known == name)
            .map(|known| Self(known))
            .ok_or_else(|| {
                format!("no choice has a reading {name:?}, expected accept, reject or the name of a reading")
            })
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What an implementation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decided {
    /// It accepts.
    Accept,
    /// It rejects.
    Reject,
}

impl Record {
    /// The description in schemas.
    pub(super) fn description(&self) -> String {
        let readings = self.readings.iter().map(|(name, text)| format!(" {name}: {text}"));
        format!(
            "Accept: {} Reject: {}{}",
            self.accept,
            self.reject,
            readings.collect::<String>()
        )
    }
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    id: String,
    accept: String,
    reject: String,
    #[serde(default)]
    readings: BTreeMap<String, String>,
    reference: Decided,
}

impl registers::Row for Row {
    type Record = Record;

    const TABLE: &'static str = "choice";

    fn id(&self) -> &str {
        &self.id
    }

    fn record(self, id: &'static str) -> Result<Record, String> {
        check_sentence(&self.accept)?;
        check_sentence(&self.reject)?;
        for (name, text) in &self.readings {
            check_sentence(text)?;
            if !is_slug(name) || matches!(name.as_str(), "accept" | "reject" | "both") {
                return Err(format!("{name:?} is not the name of a reading, which looks like gnu"));
            }
        }
        Ok(Record {
            id: Choice(id),
            accept: leak(self.accept),
            reject: leak(self.reject),
            readings: Box::leak(Box::new(self.readings)),
            reference: self.reference,
        })
    }
}
