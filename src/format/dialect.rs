//! Generations of the format.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A generation of the format, by what its writers put into a layer.
///
/// The footer alone tells the layout, not the dialect: g1 and g2 differ in the prefix of their annotations, g4 and g5 in
/// the TOC's `tarSplitDigest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// containers/storage v1.31 to v1.43, and stargz-snapshotter to this day: no tar-split, prefix `io.containers.`.
    G1,
    /// containers/storage v1.44 to v1.46: as g1, with the prefix `io.github.containers.` from here on.
    G2,
    /// containers/storage v1.47 to v1.49: a tar-split that only annotations locate and authenticate.
    G3,
    /// containers/storage v1.50 to v1.53: the 64-byte footer locates the tar-split too.
    G4,
    /// containers/storage v1.54 on: the TOC authenticates the tar-split.
    G5,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: &'static [Self] = &[Self::G1, Self::G2, Self::G3, Self::G4, Self::G5];

    /// The name, as the documents use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::G1 => "g1",
            Self::G2 => "g2",
            Self::G3 => "g3",
            Self::G4 => "g4",
            Self::G5 => "g5",
        }
    }

    /// Whether layers of this dialect carry a tar-split.
    pub const fn has_tar_split(self) -> bool {
        matches!(self, Self::G3 | Self::G4 | Self::G5)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
