//! Labels of cases, to select by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::registers::{self, check_sentence, id_of_register, leak};

id_of_register! {
    /// A label of cases.
    Tag, a "tag" in tags
}

/// A label as it is listed in `vectors/tags.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Record {
    /// The name in case files and on the command line.
    pub id: Tag,
    /// What cases with this tag have in common, in one sentence.
    pub text: &'static str,
}

impl Record {
    /// The description in schemas.
    pub(super) fn description(&self) -> String {
        self.text.to_owned()
    }
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    id: String,
    text: String,
}

impl registers::Row for Row {
    type Record = Record;

    const TABLE: &'static str = "tag";

    fn id(&self) -> &str {
        &self.id
    }

    fn record(self, id: &'static str) -> Result<Record, String> {
        check_sentence(&self.text)?;
        Ok(Record {
            id: Tag(id),
            text: leak(self.text),
        })
    }
}
