//! Footers.

use super::{SKIPPABLE, skippable};

/// A position as three numbers, which need not make sense.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) uncompressed: u64,
}

impl Span {
    pub(crate) const fn new(offset: u64, length: u64, uncompressed: u64) -> Self {
        Self {
            offset,
            length,
            uncompressed,
        }
    }

    /// Where the payload ends, wrapping as careless code does.
    pub(crate) const fn end(self) -> u64 {
        self.offset.wrapping_add(self.length)
    }
}

/// The spelling of the magic in v40 and v56.
pub(crate) const MAGIC_OLD: &[u8; 8] = b"GnUlInUx";
/// The spelling of the magic in v64.
pub(crate) const MAGIC_NEW: &[u8; 8] = b"GNUlInUx";

/// A footer, field by field.
#[derive(Clone)]
pub(crate) struct Footer {
    /// Bytes of payload.
    pub(crate) size: usize,
    pub(crate) toc: Span,
    pub(crate) kind: u64,
    /// Written at byte 32, where the payload reaches that far.
    pub(crate) tar_split: Span,
    pub(crate) magic: [u8; 8],
    pub(crate) magic_at: usize,
}

impl Footer {
    pub(crate) fn v40(toc: Span) -> Self {
        Self {
            size: 40,
            toc,
            kind: 1,
            tar_split: Span::default(),
            magic: *MAGIC_OLD,
            magic_at: 32,
        }
    }

    pub(crate) fn v56(toc: Span) -> Self {
        Self {
            size: 56,
            ..Self::v40(toc)
        }
    }

    pub(crate) fn v64(toc: Span, tar_split: Span) -> Self {
        Self {
            size: 64,
            toc,
            kind: 1,
            tar_split,
            magic: *MAGIC_NEW,
            magic_at: 56,
        }
    }

    /// The payload. Fields that do not fit are left out; the magic is written last.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let fields = [
            self.toc.offset,
            self.toc.length,
            self.toc.uncompressed,
            self.kind,
            self.tar_split.offset,
            self.tar_split.length,
            self.tar_split.uncompressed,
        ];
        let mut payload: Vec<u8> = fields.iter().flat_map(|field| field.to_le_bytes()).collect();
        payload.resize(self.size.max(self.magic_at + 8), 0);
        payload[self.magic_at..self.magic_at + 8].copy_from_slice(&self.magic);
        payload.truncate(self.size);
        payload
    }

    /// The whole skippable frame.
    pub(crate) fn frame(&self) -> Vec<u8> {
        skippable(SKIPPABLE, &self.payload())
    }
}
