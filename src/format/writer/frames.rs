//! Compressing, one frame after another.

use std::{collections::VecDeque, io};

use sha2::{Digest as _, Sha256};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::{
    Level, Options,
    pool::{Batch, Pool},
};
use crate::format::{Digest, range::ReadAt as _};

/// Bytes of compressed output that are passed on at once.
const PIECE: usize = 64 << 10;

/// Bytes in a batch of frames from which on it is handed out.
const BATCH: usize = 1 << 20;

/// Bytes of a frame that are kept. One that is larger is compressed as it comes.
const WHOLE: usize = 4 << 20;

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

/// The data frames of a layer. A frame begins with its first byte and is compressed in any thread; all are written in order.
///
/// A batch has less than 5 MiB, and there are two for each thread, so memory is bounded by that, in both forms.
pub(super) struct Frames<'a> {
    out: Output<'a>,
    pool: Pool,
    compressor: Compressor,
    /// Frames that are complete, and the start of the one that is open.
    batch: Batch,
    /// Whether the open frame is compressed as it comes. Nothing else is waiting then.
    is_streamed: bool,
    /// Frames that are complete.
    ended: u64,
    /// Offsets in the blob where frames end that are written, from the end of this many frames on.
    first: u64,
    offsets: VecDeque<u64>,
}

impl<'a> Frames<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write, options: Options) -> io::Result<Self> {
        Ok(Self {
            out: Output::new(out),
            pool: Pool::new(options.threads, options.level),
            compressor: Compressor::new(options.level)?,
            batch: Batch::default(),
            is_streamed: false,
            ended: 0,
            first: 0,
            offsets: VecDeque::from([0]),
        })
    }

    /// Adds bytes to the open frame.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_streamed {
            let start = self.batch.ends.last().copied().unwrap_or(0);
            let length = self.batch.bytes.len().saturating_sub(start).saturating_add(bytes.len());
            if length <= WHOLE {
                self.batch.bytes.extend_from_slice(bytes);
                return Ok(());
            }
            let open = self.batch.bytes.split_off(start);
            self.write_all()?;
            self.is_streamed = true;
            self.compressor.write(&open, &mut self.out)?;
        }
        self.compressor.write(bytes, &mut self.out)
    }

    /// Ends the open frame, if there is one.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_streamed) {
            self.compressor.end_frame(&mut self.out)?;
            self.ended = self.ended.saturating_add(1);
            self.offsets.push_back(self.out.length);
            return Ok(());
        }
        let length = self.batch.bytes.len();
        if length > self.batch.ends.last().copied().unwrap_or(0) {
            self.batch.ends.push(length);
            self.ended = self.ended.saturating_add(1);
        }
        if length >= BATCH { self.hand_out() } else { Ok(()) }
    }

    /// Writes all frames that are complete. None may be open.
    pub(super) fn write_all(&mut self) -> io::Result<()> {
        self.hand_out()?;
        while self.write_oldest()? {}
        Ok(())
    }

    /// How many frames are complete.
    pub(super) const fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether so many frames are written.
    pub(super) fn is_written(&self, frames: u64) -> bool {
        usize::try_from(frames.saturating_sub(self.first)).is_ok_and(|at| at < self.offsets.len())
    }

    /// The length of so many frames, if they are written.
    pub(super) fn offset(&self, frames: u64) -> u64 {
        let at = usize::try_from(frames.saturating_sub(self.first)).ok();
        at.and_then(|at| self.offsets.get(at)).copied().unwrap_or(0)
    }

    /// Says that the length of fewer frames will not be asked for.
    pub(super) fn forget_before(&mut self, frames: u64) {
        while self.first < frames && self.offsets.pop_front().is_some() {
            self.first = self.first.saturating_add(1);
        }
    }

    pub(super) fn into_output(self) -> Output<'a> {
        self.out
    }

    fn hand_out(&mut self) -> io::Result<()> {
        if self.batch.ends.is_empty() {
            return Ok(());
        }
        while self.pool.is_full() {
            self.write_oldest()?;
        }
        self.pool.submit(std::mem::take(&mut self.batch), &mut self.compressor)
    }

    /// Waits for the oldest batch that was handed out and writes it; false if there is none.
    fn write_oldest(&mut self) -> io::Result<bool> {
        let Some(batch) = self.pool.take() else {
            return Ok(false);
        };
        let batch = batch?;
        let start = self.out.length;
        io::Write::write_all(&mut self.out, &batch.bytes)?;
        self.offsets.extend(batch.ends.iter().map(|&end| {
            let end = u64::try_from(end).unwrap_or(u64::MAX);
            start.saturating_add(end)
        }));
        Ok(true)
    }
}
