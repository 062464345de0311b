//! Decoding the data frames of a blob, each once, in several threads.
//!
//! A [`Planner`](super::jobs::Planner) cuts the frames into jobs as the walk finds them, and knows which of them hold the chunks
//! of a file. [`Frames`] decodes a job, and computes there what is to be compared of a file: its digests, its CRC, and whether a
//! chunk is zeros. It does so only for files whose ranges are as those of the known writers: whole frames, one chunk after the
//! other, with as much content as the TOC says. Every other file is read by a [`RangeReader`](super::RangeReader).

use std::{io, mem, ops::ControlFlow};

use sha2::{Digest as _, Sha256};

use super::{
    LayerIndex, ReadFile,
    content::{ChunkContent, Content, Seen},
    held::Held,
    jobs::{FilePart, Job, Portions, size},
};
use crate::format::{
    Digest, Findings, Limits,
    crc64::Crc64,
    frames::{Decoded, Decoder, Frame},
    ordered::Worker,
    range::ReadAt,
    toc::Entry,
};

/// Some of what a job decodes to.
#[derive(Default)]
pub(super) struct Piece {
    /// Whether the walk broke off before it.
    pub(super) is_after_gap: bool,
    pub(super) bytes: Vec<u8>,
    /// What is known at places in the bytes, in their order.
    pub(super) marks: Vec<(usize, Mark)>,
}

/// What is known at a place in the decoded bytes.
pub(super) enum Mark {
    /// libzstd gave what is before it and what is after it one by one. So what is found of the tar comes in an order that
    /// depends on the frames alone.
    Step,
    /// Everything since the last such place is from whole frames.
    Whole,
    /// What is since then is from a frame that is broken.
    Broken(Findings),
    /// All of a file follows.
    File {
        /// The number of its entry.
        entry: usize,
        content: Content,
        crc: u64,
    },
    /// The first chunk of a file begins.
    Begin {
        /// The number of its entry.
        entry: usize,
    },
    /// A chunk of such a file ends.
    Chunk {
        /// The number of the file's entry.
        entry: usize,
        /// The number of the chunk.
        chunk: usize,
        seen: Seen,
        /// The CRC of the chunk, if it is the only one.
        crc: Option<u64>,
    },
}

/// Decodes jobs.
pub(super) struct Frames<'a> {
    blob: &'a dyn ReadAt,
    entries: &'a [Entry],
    limits: Limits,
    /// Its rules that are switched off are those of all findings.
    like: Findings,
    piece: usize,
    decoder: Option<Decoder>,
}

impl<'a> Frames<'a> {
    pub(super) fn new(
        blob: &'a dyn ReadAt,
        index: Option<&'a LayerIndex>,
        limits: &Limits,
        like: &Findings,
        portions: Portions,
    ) -> Self {
        Self {
            blob,
            entries: index.map_or(&[][..], |index| index.toc.entries.as_slice()),
            limits: *limits,
            like: Findings::like(like),
            piece: portions.piece,
            decoder: None,
        }
    }
}

impl Worker for Frames<'_> {
    type Job = Job;
    type Piece = io::Result<Piece>;

    fn work(&mut self, job: Job, out: &mut dyn FnMut(io::Result<Piece>) -> bool) {
        let decoder = match self.decoder.take().map_or_else(|| Decoder::new(&self.limits), Ok) {
            Ok(decoder) => decoder,
            Err(error) => {
                out(Err(error));
                return;
            }
        };
        let held = Held::new(self.blob, job.extent());
        let mut run = Run {
            blob: &held,
            decoder,
            like: &self.like,
            output: Output {
                piece: Piece {
                    is_after_gap: job.is_after_gap,
                    ..Piece::default()
                },
                limit: self.piece,
                out,
                is_wanted: true,
            },
        };
        let result = run.decode(&job, self.entries);
        match result {
            Ok(()) => run.output.flush(),
            Err(error) if run.output.is_wanted => {
                (run.output.out)(Err(error));
            }
            Err(_) => {}
        }
        self.decoder = Some(run.decoder);
    }
}

/// The decoding of one job.
struct Run<'r> {
    blob: &'r dyn ReadAt,
    decoder: Decoder,
    like: &'r Findings,
    output: Output<'r>,
}

impl Run<'_> {
    fn decode(&mut self, job: &Job, entries: &[Entry]) -> io::Result<()> {
        let mut frames = job.frames.iter();
        let mut at = 0;
        for file in &job.files {
            for frame in frames.by_ref().take(file.start.saturating_sub(at)) {
                self.frame(frame, &mut |_| {})?;
            }
            at = file.ends.last().copied().unwrap_or(file.start);
            if let Some(entry) = entries.get(file.entry) {
                self.file(file, entry, &mut frames)?;
            }
            if !self.output.is_wanted {
                return Ok(());
            }
        }
        for frame in frames {
            self.frame(frame, &mut |_| {})?;
        }
        Ok(())
    }

    /// Decodes the chunks of a file.
    fn file<'f>(
        &mut self,
        file: &FilePart,
        entry: &Entry,
        frames: &mut impl Iterator<Item = &'f Frame>,
    ) -> io::Result<()> {
        let is_all = file.chunk == 0 && file.ends.len() == entry.chunks.len();
        let is_only = entry.chunks.len() == 1;
        let place = self.output.begin(is_all.then(|| size(entry)));
        if place.is_none() && file.chunk == 0 {
            self.output.mark(Mark::Begin { entry: file.entry });
        }
        // The digest of a file's only chunk is that of the file.
        let mut whole = (place.is_some() && !is_only).then(Sha256::new);
        let mut crc = Crc64::new();
        let has_crc = place.is_some() || is_only;
        let mut chunks = Vec::new();
        let mut good = true;
        let mut at = file.start;
        for ((number, chunk), &end) in entry.chunks.iter().enumerate().skip(file.chunk).zip(&file.ends) {
            let mut content = ChunkContent::default();
            let mut left = Some(chunk.size);
            for frame in frames.by_ref().take(end.saturating_sub(at)) {
                let decoded = self.frame(frame, &mut |bytes| {
                    left = left.and_then(|left| left.checked_sub(bytes.size()));
                    if left.is_none() || !good {
                        return;
                    }
                    content.update(chunk, bytes);
                    if let Some(whole) = &mut whole {
                        whole.update(bytes);
                    }
                    if has_crc {
                        crc.update(bytes);
                    }
                })?;
                good &= decoded == Decoded::Whole;
            }
            good &= left == Some(0);
            at = end;
            if good {
                let seen = content.finish();
                if place.is_some() {
                    chunks.push(seen);
                } else {
                    self.output.mark(Mark::Chunk {
                        entry: file.entry,
                        chunk: number,
                        seen,
                        crc: is_only.then(|| crc.value()),
                    });
                }
            }
        }
        if let Some(place) = place.filter(|_| good) {
            let whole = match (whole, chunks.first()) {
                (None, Some(only)) => Some(only.digest),
                (whole, _) => whole.map(Digest::from_hasher),
            };
            let content = Content {
                chunks,
                whole,
                end: ReadFile::Good,
                findings: Findings::like(self.like),
            };
            self.output.mark_at(
                place,
                Mark::File {
                    entry: file.entry,
                    content,
                    crc: crc.value(),
                },
            );
        }
        Ok(())
    }

    /// Decodes a frame.
    fn frame(&mut self, frame: &Frame, see: &mut dyn FnMut(&[u8])) -> io::Result<Decoded> {
        if !self.output.is_wanted {
            return Ok(Decoded::Stopped);
        }
        let mut findings = Findings::like(self.like);
        let output = &mut self.output;
        let decoded = self.decoder.decode(self.blob, frame, &mut findings, &mut |bytes| {
            see(bytes);
            output.push(bytes);
            if output.is_wanted {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        match decoded {
            Decoded::Whole => self.output.mark(Mark::Whole),
            Decoded::Broken => self.output.mark(Mark::Broken(findings)),
            Decoded::Stopped => {}
        }
        Ok(decoded)
    }
}

/// Where what is decoded goes.
struct Output<'o> {
    piece: Piece,
    limit: usize,
    out: &'o mut dyn FnMut(io::Result<Piece>) -> bool,
    is_wanted: bool,
}

/// Where a file begins that is in one piece.
struct Start {
    /// In the bytes.
    at: usize,
    /// Among the marks.
    mark: usize,
}

impl Output<'_> {
    /// Makes room for a file of this size; none if it is larger than a piece.
    fn begin(&mut self, size: Option<u64>) -> Option<Start> {
        let size = usize::try_from(size?).ok().filter(|&size| size <= self.limit)?;
        if self.piece.bytes.len().saturating_add(size) > self.limit {
            self.flush();
        }
        Some(Start {
            at: self.piece.bytes.len(),
            mark: self.piece.marks.len(),
        })
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.piece.bytes.len().saturating_add(bytes.len()) > self.limit && !self.piece.bytes.is_empty() {
            self.flush();
        }
        if self.piece.bytes.capacity() == 0 {
            self.piece.bytes.reserve_exact(self.limit.max(bytes.len()));
        }
        let at = self.piece.bytes.len();
        if self.piece.marks.last().map_or(0, |(last, _)| *last) < at {
            self.mark(Mark::Step);
        }
        self.piece.bytes.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        let piece = mem::take(&mut self.piece);
        self.is_wanted = self.is_wanted && (self.out)(Ok(piece));
    }

    fn mark(&mut self, mark: Mark) {
        self.piece.marks.push((self.piece.bytes.len(), mark));
    }

    /// Notes what follows from this place on.
    fn mark_at(&mut self, start: Start, mark: Mark) {
        if start.mark <= self.piece.marks.len() {
            self.piece.marks.insert(start.mark, (start.at, mark));
        }
    }
}
