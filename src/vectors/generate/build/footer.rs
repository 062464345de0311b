//! Footers.

use super::{SKIPPABLE, skippable};

/// A position as three numbers, which need not make sense.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Span {
    pub(in super::super) offset: u64,
    pub(in super::super) length: u64,
    pub(in super::super) uncompressed: u64,
}

impl Span {
    pub(in super::super) const fn new(offset: u64, length: u64, uncompressed: u64) -> Self {
        Self {
            offset,
            length,
            uncompressed,
        }
    }

    /// Where the payload ends, wrapping as careless code does.
    pub(in super::super) const fn end(self) -> u64 {
        self.offset.wrapping_add(self.length)
    }
}

/// The spelling of the magic in v40 and v56.
pub(in super::super) const MAGIC_OLD: &[u8; 8] = b"GnUlInUx";
/// The spelling of the magic in v64.
pub(in super::super) const MAGIC_NEW: &[u8; 8] = b"GNUlInUx";

/// A footer, field by field.
#[derive(Clone)]
pub(in super::super) struct Footer {
    /// Bytes of payload.
    pub(in super::super) size: usize,
    pub(in super::super) toc: Span,
    pub(in super::super) kind: u64,
    /// Written at byte 32, where the payload reaches that far.
    pub(in super::super) tar_split: Span,
    pub(in super::super) magic: [u8; 8],
    pub(in super::super) magic_at: usize,
}

impl Footer {
    pub(in super::super) fn v40(toc: Span) -> Self {
        Self {
            size: 40,
            toc,
            kind: 1,
            tar_split: Span::default(),
            magic: *MAGIC_OLD,
            magic_at: 32,
        }
    }

    pub(in super::super) fn v56(toc: Span) -> Self {
        Self {
            size: 56,
            ..Self::v40(toc)
        }
    }

    pub(in super::super) fn v64(toc: Span, tar_split: Span) -> Self {
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
    pub(in super::super) fn payload(&self) -> Vec<u8> {
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
    pub(in super::super) fn frame(&self) -> Vec<u8> {
        skippable(SKIPPABLE, &self.payload())
    }
}
