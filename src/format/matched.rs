//! Claims about digests that cannot be made without comparing them.

use super::Digest;

/// A digest that was compared with the one of the bytes that it names, and is equal to it.
///
/// There is no other way to make one, so it proves that the bytes are the named ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it proves that two digests are equal, and does nothing else"]
pub struct Matched(Digest);

impl Matched {
    /// Compares the digest that something names with the one that was found.
    pub fn of(named: Digest, found: Digest) -> Option<Self> {
        (named == found).then_some(Self(found))
    }

    /// The digest.
    pub const fn digest(self) -> Digest {
        let Self(digest) = self;
        digest
    }
}

/// The result of comparing the digest that something names with the one that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it says whether two digests are equal"]
pub enum Compared {
    /// They are equal.
    Equal(Matched),
    /// They are not.
    Different {
        /// The digest that is named.
        named: Digest,
        /// The digest that was found.
        found: Digest,
    },
}

impl Compared {
    /// Compares the two.
    pub fn of(named: Digest, found: Digest) -> Self {
        Matched::of(named, found).map_or(Self::Different { named, found }, Self::Equal)
    }

    /// Whether they are equal.
    pub const fn is_equal(self) -> bool {
        matches!(self, Self::Equal(_))
    }
}
