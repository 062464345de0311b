//! The register of retired cases.
//!
//! The id of a case never changes its meaning. A case whose verdict or meaning was wrong leaves the set, its id stays here, and a
//! case with a new id takes its place. `vectors/tombstones.json` is this list.

use serde::Serialize;

use super::CaseId;

/// A case that was retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tombstone {
    /// The id, which never returns.
    pub id: &'static str,
    /// What was wrong with the case, in one sentence.
    pub reason: &'static str,
    /// The id of the case to use instead; none if no case asks the question any more.
    pub replaced_by: Option<&'static str>,
}

impl Tombstone {
    /// Every retired case, in the order of ids.
    pub const ALL: &'static [Self] = &[
        retired(
            "annotations/tarsplit-position-uncompressed-0",
            "an uncompressed length of 0 alone was invalid, but released writers store the tar-split of an empty tar as an empty frame",
            "annotations/empty-tar-split-in-frame",
        ),
        retired(
            "assemble/empty-file-crc-wrong",
            "its file entry had no header before it, which breaks SEG-02 as well",
            "assemble/empty-file-crc-of-content",
        ),
        retired(
            "assemble/empty-file-crc-wrong-twin",
            "its file entry had no header before it, so that an implementation that checks SEG-02 was right to reject it",
            "assemble/empty-file-crc",
        ),
        retired(
            "footer/v64-tar-split-uncompressed-0",
            "an uncompressed length of 0 alone was invalid, but released writers store the tar-split of an empty tar as an empty frame",
            "footer/v64-tar-split-empty-frame",
        ),
        retired(
            "reconstruct/range-in-skippable-frame",
            "the case left to readers what DAT-01 forbids: a range that lies within a skippable frame",
            "reconstruct/range-within-skippable-frame",
        ),
    ];

    /// The record of the case with this id, if it was retired.
    pub fn of(id: &CaseId) -> Option<&'static Self> {
        Self::ALL.iter().find(|tombstone| tombstone.id == id.as_str())
    }
}

/// A case that another one replaces.
const fn retired(id: &'static str, reason: &'static str, replaced_by: &'static str) -> Tombstone {
    Tombstone {
        id,
        reason,
        replaced_by: Some(replaced_by),
    }
}
