//! The choices that the format leaves to a reader.
//!
//! Each is named, so that an `either` verdict says what was decided, and an implementation is held to deciding it the
//! same way everywhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registers::{self, Registers, check_sentence, id_of_register, leak};

id_of_register! {
    /// A point on which readers may differ.
    Choice, a "choice" in choices
}

impl Choice {
    /// What is known of it; none if the register does not have it.
    pub fn record(self) -> Option<&'static Record> {
        Registers::current().choices.iter().find(|row| row.id == self)
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
    /// What the reference does.
    pub reference: Decided,
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
        format!("Accept: {} Reject: {}", self.accept, self.reject)
    }
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    id: String,
    accept: String,
    reject: String,
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
        Ok(Record {
            id: Choice(id),
            accept: leak(self.accept),
            reject: leak(self.reject),
            reference: self.reference,
        })
    }
}
