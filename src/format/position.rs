//! Where a payload lies in the blob.

/// A range of bytes of the blob: an offset from its first byte, and a length.
///
/// Its end is known not to overflow, so that code which holds an extent can compute with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Extent {
    offset: u64,
    end: u64,
}

impl Extent {
    /// The extent of `length` bytes from `offset` on; none if its end overflows.
    pub const fn new(offset: u64, length: u64) -> Option<Self> {
        match offset.checked_add(length) {
            Some(end) => Some(Self { offset, end }),
            None => None,
        }
    }

    /// The extent from `offset` to before `end`; none if the end is before the start.
    pub const fn between(offset: u64, end: u64) -> Option<Self> {
        if offset <= end {
            Some(Self { offset, end })
        } else {
            None
        }
    }

    /// The extent without a byte at `offset`.
    pub const fn empty(offset: u64) -> Self {
        Self { offset, end: offset }
    }

    /// Bytes from the start of the blob to the first byte.
    pub const fn offset(self) -> u64 {
        self.offset
    }

    /// Bytes from the start of the blob to the first byte after it.
    pub const fn end(self) -> u64 {
        self.end
    }

    /// Number of bytes.
    pub const fn length(self) -> u64 {
        self.end.saturating_sub(self.offset)
    }
}

/// Where the payload of the TOC's or the tar-split's skippable frame lies, and what it decodes to.
///
/// The extent is that of the payload: it starts 8 bytes after the start of the skippable frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The compressed payload.
    pub extent: Extent,
    /// Declared length after decompression, in bytes.
    pub uncompressed: u64,
}
