//! A document of the index, compressed while it is written.

use std::io;

use super::{Level, frames::Compressor};
use crate::format::{Digest, Extent, Position, footer::SKIPPABLE_MAGIC, frames::SKIPPABLE_HEADER};

/// A TOC or tar-split in the making, of which the compressed form is kept.
pub(super) struct Payload {
    frames: Compressor,
    compressed: Vec<u8>,
}

/// A document that is complete.
pub(super) struct Document {
    compressed: Vec<u8>,
    /// The digest of its compressed form.
    pub(super) digest: Digest,
    uncompressed: u64,
}

impl Payload {
    pub(super) fn new(level: Level) -> io::Result<Self> {
        Ok(Self {
            frames: Compressor::new(level)?,
            compressed: Vec::new(),
        })
    }

    pub(super) fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.frames.write(text, &mut self.compressed)
    }

    /// Ends the document; one without text has no frame.
    pub(super) fn finish(mut self) -> io::Result<Document> {
        self.frames.end_frame(&mut self.compressed)?;
        Ok(Document {
            digest: Digest::of(&self.compressed),
            uncompressed: self.frames.uncompressed,
            compressed: self.compressed,
        })
    }
}

impl Document {
    /// Its position in a blob, if its skippable frame starts at this offset; none if there is no such position.
    pub(super) fn position(&self, frame_start: u64) -> Option<Position> {
        let length = u64::try_from(self.compressed.len()).ok()?;
        Some(Position {
            extent: Extent::new(frame_start.checked_add(SKIPPABLE_HEADER)?, length)?,
            uncompressed: self.uncompressed,
        })
    }

    /// Writes its skippable frame.
    pub(super) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let length = u32::try_from(self.compressed.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        out.write_all(&SKIPPABLE_MAGIC)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(&self.compressed)
    }
}
