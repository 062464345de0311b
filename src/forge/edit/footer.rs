//! Numbers of zstd:chunked footers, by their names.

use serde::{Deserialize, Serialize};

use super::EditError;

/// A number in a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Field {
    /// Where the compressed TOC begins.
    TocOffset,
    /// How long it is.
    TocLength,
    /// How long the TOC is.
    TocUncompressed,
    /// The type of the manifest.
    Type,
    /// Where the compressed tar-split begins.
    TarSplitOffset,
    /// How long it is.
    TarSplitLength,
    /// How long the tar-split is.
    TarSplitUncompressed,
}

/// The layouts, by the bytes of their payloads, the longest first.
const LAYOUTS: [u8; 3] = [64, 56, 40];

impl Field {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 7] = [
        Self::TocOffset,
        Self::TocLength,
        Self::TocUncompressed,
        Self::Type,
        Self::TarSplitOffset,
        Self::TarSplitLength,
        Self::TarSplitUncompressed,
    ];

    /// As it is written in an edit.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::TocOffset => "toc-offset",
            Self::TocLength => "toc-length",
            Self::TocUncompressed => "toc-uncompressed",
            Self::Type => "type",
            Self::TarSplitOffset => "tar-split-offset",
            Self::TarSplitLength => "tar-split-length",
            Self::TarSplitUncompressed => "tar-split-uncompressed",
        }
    }

    /// The number that a footer has at this place.
    pub(crate) fn of(self, end: &[u8]) -> Option<u64> {
        let size = layout(end).filter(|size| self.index() <= 3 || *size == 64)?;
        let at = end.len() - usize::from(size) + 8 * self.index();
        Some(u64::from_le_bytes(*end.get(at..)?.first_chunk()?))
    }

    /// Which number of the payload it is.
    const fn index(self) -> usize {
        match self {
            Self::TocOffset => 0,
            Self::TocLength => 1,
            Self::TocUncompressed => 2,
            Self::Type => 3,
            Self::TarSplitOffset => 4,
            Self::TarSplitLength => 5,
            Self::TarSplitUncompressed => 6,
        }
    }
}

/// The bytes of the footer that is there.
fn layout(tail: &[u8]) -> Option<u8> {
    LAYOUTS.into_iter().find(|size| {
        let header = [0x50, 0x2a, 0x4d, 0x18, *size, 0, 0, 0];
        tail.len()
            .checked_sub(usize::from(*size) + header.len())
            .is_some_and(|at| tail[at..].starts_with(&header))
    })
}

/// The end of the blob with this number.
pub(super) fn set(tail: &[u8], field: Field, value: u64) -> Result<Vec<u8>, EditError> {
    let size =
        layout(tail).ok_or_else(|| EditError("the twin has no footer of 40, 56 or 64 bytes at its end".to_owned()))?;
    if field.index() > 3 && size != 64 {
        return Err(EditError(format!(
            "the footer of {size} bytes in the twin has no tar-split"
        )));
    }
    let mut changed = tail.to_vec();
    let at = tail.len() - usize::from(size) + 8 * field.index();
    changed[at..at + 8].copy_from_slice(&value.to_le_bytes());
    Ok(changed)
}
