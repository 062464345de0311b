//! Where the layer goes, and compressing one frame after another.

use std::io;

use sha2::{Digest as _, Sha256};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::Level;
use crate::format::{Digest, range::ReadAt as _};

/// Room for compressed bytes that is made at once.
const PIECE: usize = 64 << 10;

/// An output that knows its length and digest.
pub(super) struct Output<'a> {
    out: &'a mut dyn io::Write,
    hasher: Sha256,
    /// Bytes that were written.
    pub(super) length: u64,
}

impl<'a> Output<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write) -> Self {
        Self {
            out,
            hasher: Sha256::new(),
            length: 0,
        }
    }

    /// The digest of what was written.
    pub(super) fn digest(self) -> Digest {
        Digest::from_hasher(self.hasher)
    }
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.length = self.length.saturating_add(bytes.size());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Compresses into frames with checksums. A frame begins with its first byte, so none is empty.
pub(super) struct Compressor {
    encoder: Encoder<'static>,
    is_open: bool,
    /// Bytes that were taken, of all frames.
    pub(super) uncompressed: u64,
}

impl Compressor {
    pub(super) fn new(level: Level) -> io::Result<Self> {
        let mut encoder = Encoder::new(level.get())?;
        encoder.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Self {
            encoder,
            is_open: false,
            uncompressed: 0,
        })
    }

    /// Adds bytes to the current frame.
    pub(super) fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.is_open |= !bytes.is_empty();
        self.uncompressed = self.uncompressed.saturating_add(bytes.size());
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            self.encoder.run(&mut input, &mut room(out))?;
        }
        Ok(())
    }

    /// Ends the current frame, if there is one.
    pub(super) fn end_frame(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        while self.encoder.finish(&mut room(out), true)? > 0 {}
        self.encoder.reinit()
    }
}

/// The end of these bytes, with room for more.
fn room(out: &mut Vec<u8>) -> OutBuffer<'_, Vec<u8>> {
    out.reserve(PIECE);
    let end = out.len();
    OutBuffer::around_pos(out, end)
}
