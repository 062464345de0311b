//! What a case is about: a generation of zstd:chunked, or its sibling.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::format::Dialect;

/// A form of layers, as cases and implementations name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LayerFormat {
    /// zstd:chunked of the first generation.
    G1,
    /// The second.
    G2,
    /// The third.
    G3,
    /// The fourth.
    G4,
    /// The fifth.
    G5,
    /// eStargz, the sibling in gzip.
    EStargz,
}

impl LayerFormat {
    /// Every form.
    pub const ALL: &'static [Self] = &[Self::G1, Self::G2, Self::G3, Self::G4, Self::G5, Self::EStargz];

    /// The name, as the documents use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::G1 => "g1",
            Self::G2 => "g2",
            Self::G3 => "g3",
            Self::G4 => "g4",
            Self::G5 => "g5",
            Self::EStargz => "estargz",
        }
    }
}

impl From<Dialect> for LayerFormat {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::G1 => Self::G1,
            Dialect::G2 => Self::G2,
            Dialect::G3 => Self::G3,
            Dialect::G4 => Self::G4,
            Dialect::G5 => Self::G5,
        }
    }
}
