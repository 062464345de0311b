//! How an implementation decides a choice.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::vectors::Reading;

/// How an implementation decides a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It accepts.
    Accept,
    /// It rejects.
    Reject,
    /// It accepts, and reads the input in another way than most who accept it.
    Reading(Reading),
}

impl Decision {
    /// The decision as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Reading(reading) => reading.name(),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name: Cow<'_, str> = Deserialize::deserialize(deserializer)?;
        match &*name {
            "accept" => Ok(Self::Accept),
            "reject" => Ok(Self::Reject),
            other => other.parse().map(Self::Reading).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Decision {
    fn schema_name() -> Cow<'static, str> {
        "Decision".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How an implementation decides a choice: `accept`, `reject`, or the name of a reading that the choice has.",
            "type": "string",
            "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        })
    }
}
