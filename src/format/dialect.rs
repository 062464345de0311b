//! Generations of the format.

use std::fmt;

/// A generation of the format, by what its writers put into a layer.
///
/// The footer alone tells the layout, not the dialect: g1 and g2 differ in the prefix of their annotations, g4 and g5 in
/// the TOC's `tarSplitDigest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "lowercase")
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
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

/// The dialects that a layer can be of, as far as its parts tell.
///
/// Each part that was read leaves some of them: the layout of the footer, the prefix and the keys of the annotations, and the
/// TOC. A part that is missing or broken leaves all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dialects([bool; 5]);

impl Dialects {
    /// Nothing is known.
    pub const ALL: Self = Self([true; 5]);

    /// Those of the list.
    pub fn of(list: &[Dialect]) -> Self {
        let mut known = [false; 5];
        for (known, dialect) in known.iter_mut().zip(Dialect::ALL) {
            *known = list.contains(dialect);
        }
        Self(known)
    }

    /// Those that are in both. Parts that contradict each other leave none.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let Self(mut both) = self;
        for (both, other) in both.iter_mut().zip(other.0) {
            *both &= other;
        }
        Self(both)
    }

    /// Those that are left, the oldest first.
    pub fn iter(self) -> impl Iterator<Item = Dialect> {
        Dialect::ALL
            .iter()
            .zip(self.0)
            .filter_map(|(dialect, left)| left.then_some(*dialect))
    }

    /// The dialect, where only one is left.
    pub fn only(self) -> Option<Dialect> {
        let mut left = self.iter();
        left.next().filter(|_| left.next().is_none())
    }
}

/// `g5`, `g1 or g2`, or `unknown` where nothing is left or nothing is known.
impl fmt::Display for Dialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Dialect::name).collect();
        match names.split_last() {
            None => f.write_str("unknown"),
            Some(_) if *self == Self::ALL => f.write_str("unknown"),
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} or {last}", others.join(", ")),
        }
    }
}

impl fmt::Debug for Dialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{G1, G2, G3, G4, G5};
    use super::Dialects;

    #[test]
    fn what_is_known_is_said_and_nothing_else() {
        for (left, text, only) in [
            (Dialects::ALL, "unknown", None),
            (Dialects::of(&[]), "unknown", None),
            (Dialects::of(&[G5]), "g5", Some(G5)),
            (Dialects::of(&[G2, G1]), "g1 or g2", None),
            (Dialects::of(&[G2, G3, G4]), "g2, g3 or g4", None),
            (Dialects::of(&[G4, G5]).and(Dialects::of(&[G2, G3, G4])), "g4", Some(G4)),
            (Dialects::of(&[G1, G2]).and(Dialects::of(&[G3])), "unknown", None),
        ] {
            assert_eq!((left.to_string().as_str(), left.only()), (text, only));
        }
    }
}
