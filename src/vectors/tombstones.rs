//! The register of retired cases.
//!
//! The id of a case never changes its meaning. A case whose verdict or meaning was wrong leaves the set, its id stays here, and a
//! case with a new id takes its place. `vectors/tombstones.json` is this list.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    CaseId,
    registers::{self, Registers},
};

/// A case that was retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tombstone {
    /// The id, which never returns.
    pub id: CaseId,
    /// What was wrong with the case, in one sentence.
    pub reason: String,
    /// The id of the case to use instead; none if no case asks the question any more.
    pub replaced_by: Option<CaseId>,
}

impl Tombstone {
    /// Every retired case, in the order of ids.
    pub fn all() -> &'static [Self] {
        &Registers::current().tombstones
    }

    /// The record of the case with this id, if it was retired.
    pub fn of(id: &CaseId) -> Option<&'static Self> {
        Self::all().iter().find(|tombstone| tombstone.id == *id)
    }
}

/// The message for a list or a command that still names the case.
impl fmt::Display for Tombstone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            reason,
            replaced_by,
        } = self;
        match replaced_by {
            Some(successor) => write!(f, "{id} was retired ({reason}); {successor} takes its place"),
            None => write!(f, "{id} was retired ({reason}); no case takes its place"),
        }
    }
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Row {
    id: String,
    reason: String,
    replaced_by: Option<CaseId>,
}

impl registers::Row for Row {
    type Record = Tombstone;

    const TABLE: &'static str = "tombstone";

    fn id(&self) -> &str {
        &self.id
    }

    fn check_id(&self) -> Result<(), String> {
        self.id.parse::<CaseId>().map(drop)
    }

    fn record(self, id: &'static str) -> Result<Tombstone, String> {
        Ok(Tombstone {
            id: id.parse()?,
            reason: self.reason,
            replaced_by: self.replaced_by,
        })
    }
}
