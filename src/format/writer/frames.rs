//! Compressing, one frame after another.

use std::io;

use sha2::{Digest as _, Sha256};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::Level;
use crate::format::{Digest, range::ReadAt as _};

/// Bytes of compressed output that are passed on at once.
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
    buffer: Vec<u8>,
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
            buffer: vec![0; PIECE],
            is_open: false,
            uncompressed: 0,
        })
    }

    /// Adds bytes to the current frame.
    pub(super) fn write(&mut self, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
        self.is_open |= !bytes.is_empty();
        self.uncompressed = self.uncompressed.saturating_add(bytes.size());
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            self.encoder.run(&mut input, &mut output)?;
            out.write_all(output.as_slice())?;
        }
        Ok(())
    }

    /// Ends the current frame, if there is one.
    pub(super) fn end_frame(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        loop {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            let left = self.encoder.finish(&mut output, true)?;
            out.write_all(output.as_slice())?;
            if left == 0 {
                return self.encoder.reinit();
            }
        }
    }
}
