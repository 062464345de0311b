//! A stretch of the tar, and what the layer has in its place.
//!
//! A batch is cut into frames, hashed and compressed by itself, in any thread. Where a frame or a file goes on in the next batch,
//! what that one has to know is passed on as soon as it is known, before anything is compressed; so a file that is larger than
//! a batch is compressed in several threads, too, and only cutting and hashing it is one thing after the other.

use std::{io, ops::Range};

use sha2::{Digest as _, Sha256};

use super::{Level, frames::Compressor};
use crate::format::{
    Digest,
    crc64::Crc64,
    length,
    rollsum::{Cut, Splitter},
};

/// Bytes of an open frame that are kept for the next batch. One that is longer is compressed as it comes.
pub(super) const WHOLE: usize = 4 << 20;

/// Parts of a tar, one after the other, and what is made of them.
#[derive(Default)]
pub(super) struct Batch {
    /// The bytes of the tar.
    pub(super) bytes: Vec<u8>,
    pub(super) parts: Vec<Part>,
    /// The compressed frames that end in the batch, and of one that goes on as much as there is of it.
    pub(super) compressed: Vec<u8>,
    /// The frames that end in the batch.
    pub(super) frames: Vec<Frame>,
}

/// Bytes of the tar that are of one kind. Only the first part of a batch can go on from the batch before, and only the last one
/// can go on in the next.
pub(super) struct Part {
    /// Whether it is of the content of a file. Everything else up to the next content is one frame.
    pub(super) is_content: bool,
    /// Where it ends in the bytes.
    pub(super) end: usize,
    /// Whether the frame ends here, or the file.
    pub(super) is_last: bool,
    /// How many frames end in it.
    pub(super) frames: usize,
    /// Of a file that ends here.
    pub(super) sums: Option<Sums>,
}

/// Digest and CRC of a file.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    pub(super) digest: Digest,
    pub(super) crc: u64,
}

/// A frame that is compressed.
pub(super) struct Frame {
    /// Where it ends in the compressed bytes.
    pub(super) end: usize,
    /// How many bytes it decodes to.
    pub(super) size: u64,
    /// Whether that is a run of zeros in a file.
    pub(super) zeros: bool,
    /// The digest of a chunk of a file.
    pub(super) digest: Option<Digest>,
}

/// What a batch leaves to the next one.
#[derive(Default)]
pub(super) struct Open {
    /// The file that goes on.
    content: Option<Box<Content>>,
    /// The bytes of the open frame, or the last ones if it is streamed.
    held: Vec<u8>,
    streamed: Option<Box<Streamed>>,
}

/// A file that is read.
#[derive(Default)]
struct Content {
    splitter: Splitter,
    digest: Sha256,
    crc: Crc64,
}

/// A frame that is compressed as it comes.
struct Streamed {
    compressor: Compressor,
    digest: Sha256,
    size: u64,
}

/// A frame that has been cut out and not been compressed yet.
struct Uncompressed {
    /// Where it is in what was held and the bytes of the batch, taken together. What has been streamed is before that.
    range: Range<usize>,
    size: u64,
    zeros: bool,
    digest: Needed,
}

enum Needed {
    /// The frame is no chunk.
    Nothing,
    /// The digest of the chunk.
    OfChunk,
    /// This one: the chunk is the whole file.
    Known(Digest),
}

/// What was held, and the bytes of the batch.
struct Bytes<'a> {
    held: &'a [u8],
    bytes: &'a [u8],
}

impl Batch {
    /// Adds bytes to the open part, or to a new one of this kind.
    pub(super) fn add(&mut self, is_content: bool, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        match self.parts.last_mut().filter(|part| !part.is_last) {
            Some(part) => part.end = end,
            None => self.parts.push(Part {
                is_content,
                end,
                is_last: false,
                frames: 0,
                sums: None,
            }),
        }
    }

    /// Ends the open part.
    pub(super) fn end_part(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.is_last = true;
        }
    }

    /// Makes it ready for other bytes. Its memory is kept.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.parts.clear();
        self.compressed.clear();
        self.frames.clear();
    }

    /// Whether its last part goes on in the next batch.
    pub(super) fn is_open(&self) -> bool {
        self.parts.last().is_some_and(|part| !part.is_last)
    }

    /// Cuts and compresses it. `open` is what the batch before has left; `pass` takes what this one leaves if it is open.
    pub(super) fn process(
        &mut self,
        open: Open,
        pass: impl FnOnce(Open),
        compressor: &mut Compressor,
        level: Level,
    ) -> io::Result<()> {
        let Open {
            mut content,
            held,
            mut streamed,
        } = open;
        let before = streamed.as_ref().map_or(0, |streamed| streamed.size);
        let frames = self.cut(held.len(), before, &mut content);
        let is_open = self.is_open();
        let Self { bytes, compressed, .. } = self;
        let bytes = Bytes { held: &held, bytes };
        if is_open {
            let start = frames.last().map_or(0, |frame| frame.range.end);
            let mut rest = start..bytes.length();
            let mut goes_on = None;
            if frames.is_empty() && (streamed.is_some() || rest.len() > WHOLE) {
                let mut frame = match streamed.take() {
                    Some(streamed) => streamed,
                    None => Box::new(Streamed::new(level)?),
                };
                // Zeros at the end may become a chunk of their own.
                let undecided = content.as_ref().map_or(0, |content| content.splitter.undecided());
                rest.start = rest.end.saturating_sub(undecided);
                frame.write(bytes.get(&(start..rest.start)), compressed)?;
                goes_on = Some(frame);
            }
            pass(Open {
                content,
                held: bytes.get(&rest).concat(),
                streamed: goes_on,
            });
        }
        for frame in frames {
            let pieces = bytes.get(&frame.range);
            let digest = match streamed.take() {
                Some(streamed) => streamed.finish(pieces, compressed)?,
                None => {
                    for piece in pieces {
                        compressor.write(piece, compressed)?;
                    }
                    compressor.end_frame(compressed)?;
                    None
                }
            };
            self.frames.push(Frame {
                end: compressed.len(),
                size: frame.size,
                zeros: frame.zeros,
                digest: match frame.digest {
                    Needed::Nothing => None,
                    Needed::Known(digest) => Some(digest),
                    Needed::OfChunk => digest.or_else(|| Some(digest_of(pieces))),
                },
            });
        }
        Ok(())
    }

    /// Finds out where frames end, and hashes the files. The first frame has so many bytes before this batch: held ones, and
    /// streamed ones.
    fn cut(&mut self, held: usize, streamed: u64, content: &mut Option<Box<Content>>) -> Vec<Uncompressed> {
        let mut frames = Vec::new();
        let (mut start, mut before) = (0, streamed);
        let mut from = 0;
        for part in &mut self.parts {
            let bytes = self.bytes.get(from..part.end).unwrap_or_default();
            from = part.end;
            let known = frames.len();
            let all = u64::try_from(part.end.saturating_add(held).saturating_sub(start))
                .unwrap_or(u64::MAX)
                .saturating_add(before);
            let mut end_frame = |size: u64, zeros, digest| {
                let length = size.saturating_sub(std::mem::take(&mut before));
                let end = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(start);
                let range = std::mem::replace(&mut start, end)..end;
                frames.push(Uncompressed {
                    range,
                    size,
                    zeros,
                    digest,
                });
            };
            if part.is_content {
                let mut end_chunk = |cut: Cut| end_frame(cut.length, cut.zeros, Needed::OfChunk);
                let is_new = content.is_none();
                content.get_or_insert_default().take(bytes, &mut end_chunk);
                if part.is_last {
                    part.sums = content.take().map(|content| content.finish(&mut end_chunk));
                    if is_new && let (Some(sums), [only]) = (part.sums, frames.get_mut(known..).unwrap_or_default()) {
                        only.digest = Needed::Known(sums.digest);
                    }
                }
            } else if part.is_last {
                end_frame(all, false, Needed::Nothing);
            }
            part.frames = frames.len().saturating_sub(known);
        }
        frames
    }
}

impl Content {
    fn take(&mut self, bytes: &[u8], end_chunk: &mut dyn FnMut(Cut)) {
        self.digest.update(bytes);
        self.crc.update(bytes);
        self.splitter.push(bytes, end_chunk);
    }

    fn finish(self, end_chunk: &mut dyn FnMut(Cut)) -> Sums {
        self.splitter.finish(end_chunk);
        Sums {
            digest: Digest::from_hasher(self.digest),
            crc: self.crc.value(),
        }
    }
}

impl Streamed {
    fn new(level: Level) -> io::Result<Self> {
        Ok(Self {
            compressor: Compressor::new(level)?,
            digest: Sha256::new(),
            size: 0,
        })
    }

    fn write(&mut self, pieces: [&[u8]; 2], compressed: &mut Vec<u8>) -> io::Result<()> {
        for piece in pieces {
            self.digest.update(piece);
            self.size = self.size.saturating_add(length(piece));
            self.compressor.write(piece, compressed)?;
        }
        Ok(())
    }

    /// Writes the last bytes, and returns the digest of all.
    fn finish(mut self, pieces: [&[u8]; 2], compressed: &mut Vec<u8>) -> io::Result<Option<Digest>> {
        self.write(pieces, compressed)?;
        self.compressor.end_frame(compressed)?;
        Ok(Some(Digest::from_hasher(self.digest)))
    }
}

impl<'a> Bytes<'a> {
    const fn length(&self) -> usize {
        self.held.len().saturating_add(self.bytes.len())
    }

    /// The bytes of a range, in two pieces.
    fn get(&self, range: &Range<usize>) -> [&'a [u8]; 2] {
        let held = self.held.len();
        [
            self.held.get(range.start.min(held)..range.end.min(held)),
            self.bytes
                .get(range.start.saturating_sub(held)..range.end.saturating_sub(held)),
        ]
        .map(Option::unwrap_or_default)
    }
}

fn digest_of(pieces: [&[u8]; 2]) -> Digest {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    Digest::from_hasher(hasher)
}
