//! Classes of harm.

use std::fmt;

/// The harm that a wrong answer does, the gravest first.
///
/// A rule has the harm that a reader does which accepts input that breaks it. [`Severity::RefusedLayer`] is no harm of a rule: it
/// is that of a reader which refuses what keeps all rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Two readers that both accept the layer see different content, or content is hidden from one of them.
    ViewSplit,
    /// Bytes are used that no digest of the manifest covers, or that differ from what a digest or checksum covers.
    Integrity,
    /// The reader crashes, hangs, or reads outside of the blob.
    Crash,
    /// The reader takes memory or time out of all proportion to the input.
    Resources,
    /// A good layer is refused, or what is made of it is not what its writer put in.
    RefusedLayer,
    /// Malformed input is accepted, with no harm known besides.
    Hygiene,
}

impl Severity {
    /// Every class, the gravest first.
    pub const ALL: &'static [Self] = &[
        Self::ViewSplit,
        Self::Integrity,
        Self::Crash,
        Self::Resources,
        Self::RefusedLayer,
        Self::Hygiene,
    ];

    /// The name in case files and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ViewSplit => "view-split",
            Self::Integrity => "integrity",
            Self::Crash => "crash",
            Self::Resources => "resources",
            Self::RefusedLayer => "refused-layer",
            Self::Hygiene => "hygiene",
        }
    }

    /// The harm in one sentence.
    pub const fn text(self) -> &'static str {
        match self {
            Self::ViewSplit => {
                "Two readers that both accept the layer see different content, or content is hidden from one of them."
            }
            Self::Integrity => {
                "Bytes are used that no digest of the manifest covers, or that differ from what a digest or checksum covers."
            }
            Self::Crash => "The reader crashes, hangs, or reads outside of the blob.",
            Self::Resources => "The reader takes memory or time out of all proportion to the input.",
            Self::RefusedLayer => "A good layer is refused, or what is made of it is not what its writer put in.",
            Self::Hygiene => "Malformed input is accepted, with no harm known besides.",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Severity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Severity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|severity| severity.name() == name);
        known
            .copied()
            .ok_or_else(|| serde::de::Error::custom(format!("no severity is called {name:?}")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Severity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Severity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|severity| severity.name()).collect();
        schemars::json_schema!({
            "description": "The harm that a wrong answer does, as docs/vectors.md has it.",
            "type": "string",
            "enum": names,
        })
    }
}
