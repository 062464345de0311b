//! A part of a blob in memory.

use std::io;

use crate::format::{Extent, range::ReadAt};

/// A blob of which one part is in memory, so that it is not read in many small pieces.
pub(super) struct Held<'a> {
    blob: &'a dyn ReadAt,
    start: u64,
    bytes: Vec<u8>,
}

/// Most bytes that are held.
const MOST: u64 = 1 << 20;

impl<'a> Held<'a> {
    /// Reads this part, unless it is too long to be held. Where it cannot be read, those who read in it find out.
    pub(super) fn new(blob: &'a dyn ReadAt, part: Option<Extent>) -> Self {
        let part = part.filter(|part| part.length() <= MOST);
        let bytes = part.and_then(|part| blob.read_extent(part).ok());
        Self {
            blob,
            start: part.map_or(0, Extent::offset),
            bytes: bytes.unwrap_or_default(),
        }
    }
}

impl ReadAt for Held<'_> {
    fn size(&self) -> u64 {
        self.blob.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = offset.checked_sub(self.start);
        let held = start
            .and_then(|start| usize::try_from(start).ok())
            .and_then(|start| self.bytes.get(start..))
            .and_then(|rest| rest.get(..buffer.len()));
        match held {
            Some(held) => {
                buffer.copy_from_slice(held);
                Ok(())
            }
            None => self.blob.read_exact_at(buffer, offset),
        }
    }
}
