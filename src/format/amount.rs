//! Numbers with their unit in messages.

use std::fmt;

/// A number of bytes, with the word for them: `1 byte`, `2 bytes`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes(pub(crate) u64);

impl Bytes {
    /// The length of something in memory.
    pub(crate) fn of(length: usize) -> Self {
        Self(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count) = self;
        write!(f, "{count} byte{}", if *count == 1 { "" } else { "s" })
    }
}
