//! The second, independent writer: builders of layers and their parts, from plain values.
//!
//! The builders write what they are told, right or wrong. Cases and fuzz targets take their expected results from what
//! went in, so the builders share no parsing or writing code with [`crate::format`]: a mistake that both made the same way
//! would be in no result. Of `format` they use plain data types only. `docs/independence.md` lists the pairs that never
//! share code.

pub(crate) mod annotations;
pub(crate) mod blocks;
#[cfg(feature = "fuzzing")]
pub(crate) mod catalogue;
pub(crate) mod checksum;
pub(crate) mod dialect;
#[cfg(any(feature = "set", feature = "fuzzing"))]
pub(crate) mod edit;
pub(crate) mod estargz;
pub(crate) mod footer;
#[cfg(feature = "fuzzing")]
pub(crate) mod frames;
#[cfg(feature = "set")]
pub(crate) mod image;
#[cfg(test)]
pub(crate) mod independence;
#[cfg(any(feature = "set", feature = "fuzzing"))]
pub(crate) mod json;
pub(crate) mod layer;
#[cfg(feature = "fuzzing")]
pub(crate) mod mutate;
#[cfg(feature = "fuzzing")]
pub(crate) mod random;
#[cfg(feature = "fuzzing")]
pub(crate) mod sealed;
#[cfg(feature = "fuzzing")]
pub(crate) mod shrink;
pub(crate) mod tar;
pub(crate) mod tarsplit;
pub(crate) mod toc;
#[cfg(feature = "fuzzing")]
pub(crate) mod words;
pub(crate) mod zstd;

#[cfg(feature = "set")]
pub(crate) use self::edit::edited;
#[cfg(any(feature = "set", feature = "fuzzing"))]
pub(crate) use self::edit::{Edit, EditError, Kind};

/// The number of bytes.
pub(crate) fn len(bytes: &[u8]) -> u64 {
    number(bytes.len())
}

/// A length or an index as a number of 64 bits.
pub(crate) fn number(value: usize) -> u64 {
    // No machine has a `usize` of more than 64 bits.
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// Plain values that a case changes in place, one after the other.
pub(crate) trait EditInPlace: Sized {
    /// The value with a change.
    fn edit(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl<T> EditInPlace for T {}

/// The text with every `from` replaced.
///
/// That a change changes something is what the tests see to: no invalid case has the input of its twin.
pub(crate) fn swap(text: &str, from: &str, to: &str) -> String {
    text.replace(from, to)
}

/// A skippable frame of this magic.
pub(crate) fn skippable(magic: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    [&magic.to_le_bytes(), &length.to_le_bytes(), payload].concat()
}

/// The magic of the skippable frames that writers use.
pub(crate) const SKIPPABLE: u32 = 0x184d_2a50;
