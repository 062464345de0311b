//! Decoding the data frames of a blob, each once, in several threads.
//!
//! [`Planner`] cuts the frames into jobs as the walk finds them, and knows which of them hold the chunks of a file. [`Frames`]
//! decodes a job, and computes there what is to be compared of a file: its digests, its CRC, and whether a chunk is zeros. It
//! does so only for files whose ranges are as those of the known writers: whole frames, one chunk after the other, with as much
//! content as the TOC says. Every other file is read by a [`RangeReader`](super::RangeReader).

use std::{io, iter::Peekable, mem, ops::ControlFlow, vec};

use sha2::{Digest as _, Sha256};

use super::{
    LayerIndex, Located, ReadFile,
    content::{ChunkContent, Content, Seen},
    held::Held,
};
use crate::format::{
    Digest, Extent, Findings, Limits, Part,
    crc64::Crc64,
    frames::{Decoded, Decoder, Frame, FrameKind},
    ordered::Worker,
    range::ReadAt,
    toc::{Entry, EntryKind},
};

/// How the work is divided. Nothing that is found depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portions {
    /// Size of the smallest blob that is worth starting threads for.
    pub(super) blob: u64,
    /// What a job decodes to, about.
    pub(super) job: u64,
    /// Longest piece of what a job decodes to, unless libzstd gives a longer one. The content of a file that is no longer is
    /// known before it is handed out.
    pub(super) piece: usize,
}

impl Portions {
    pub(super) const USUAL: Self = Self {
        blob: 256 << 10,
        job: 768 << 10,
        piece: 256 << 10,
    };
}

/// Most frames of a job.
const FRAMES: usize = 1024;

/// Windows above this, 8 MiB, are decoded by one thread alone, so that they take the memory of one window together. It is what
/// RFC 8878 recommends that every decoder supports.
pub(super) const WIDE: u64 = 8 << 20;

/// Frames to be decoded, which follow each other.
#[derive(Default)]
pub(super) struct Job {
    /// Whether the walk broke off before the first of them.
    is_after_gap: bool,
    frames: Vec<Frame>,
    /// The files that they hold, in their order.
    files: Vec<FilePart>,
    /// What they decode to, about.
    weight: u64,
    /// Whether one of them needs a window above [`WIDE`].
    pub(super) is_wide: bool,
}

/// Chunks of a file, one after the other.
struct FilePart {
    /// The number of its entry.
    entry: usize,
    /// The number of the first chunk.
    chunk: usize,
    /// The number of the first frame of it.
    start: usize,
    /// For each chunk the number of the frame after it.
    ends: Vec<usize>,
}

impl Job {
    pub(super) const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn extent(&self) -> Option<Extent> {
        let (first, last) = (self.frames.first()?, self.frames.last()?);
        Extent::between(first.extent.offset(), last.extent.end())
    }
}

/// Cuts frames into jobs.
pub(super) struct Planner<'a> {
    entries: &'a [Entry],
    /// Where the files that may be read here begin, and the numbers of their entries.
    files: Peekable<vec::IntoIter<(u64, usize)>>,
    portions: Portions,
    job: Job,
    open: Option<OpenFile>,
}

/// The file whose frames are at hand.
struct OpenFile {
    entry: usize,
    /// The number of the chunk.
    chunk: usize,
    /// The number of its first frame in the job.
    start: usize,
}

impl<'a> Planner<'a> {
    pub(super) fn new(located: Option<&Located>, index: Option<&'a LayerIndex>, portions: Portions) -> Self {
        let entries = index.map_or(&[][..], |index| index.toc.entries.as_slice());
        let data_end = located.map_or(0, Located::data_end);
        let mut files: Vec<(u64, usize)> = entries
            .iter()
            .enumerate()
            .filter_map(|(number, entry)| Some((begin(entry, data_end)?, number)))
            .collect();
        files.sort_unstable();
        Self {
            entries,
            files: files.into_iter().peekable(),
            portions,
            job: Job::default(),
            open: None,
        }
    }

    /// Takes the next frame.
    pub(super) fn add(&mut self, frame: Frame) {
        let FrameKind::Data(header) = frame.kind else {
            // A range has none, so this one is not as it should be.
            self.open = None;
            return;
        };
        let (offset, end) = (frame.extent.offset(), frame.extent.end());
        if self.open.is_none() {
            self.open = self.begin(offset);
        }
        let chunk = self.open.as_ref().and_then(|open| self.chunk(open));
        let size = match (&self.open, chunk) {
            (Some(open), Some(chunk)) if open.start == self.job.frames.len() => chunk.size,
            (_, Some(_)) => 0,
            (_, None) => header.content_size.unwrap_or(0),
        };
        self.job.weight = self
            .job
            .weight
            .saturating_add(size.max(frame.extent.length().saturating_mul(2)));
        self.job.is_wide |= header.window > WIDE;
        self.job.frames.push(frame);
        match chunk.and_then(|chunk| chunk.end) {
            Some(chunk_end) if chunk_end == end => self.end_chunk(),
            Some(chunk_end) if chunk_end > end => {}
            _ => self.open = None,
        }
    }

    /// Says that the walk broke off here, and the job that ends with it.
    pub(super) fn break_off(&mut self) -> Job {
        let job = self.take();
        self.open = None;
        self.job.is_after_gap = true;
        job
    }

    /// Whether a job can be taken.
    pub(super) fn is_full(&self) -> bool {
        let frames = self.job.frames.len();
        let fits = match &self.open {
            None => true,
            // A file that can be known before it is handed out is in one job.
            Some(open) => open.start == frames && !self.is_short(open.entry),
        };
        (fits && self.job.weight >= self.portions.job) || frames >= FRAMES
    }

    /// The job as it is. Another begins.
    pub(super) fn take(&mut self) -> Job {
        // A chunk is read in one job.
        match &mut self.open {
            Some(open) if open.start == self.job.frames.len() => open.start = 0,
            open => *open = None,
        }
        mem::take(&mut self.job)
    }

    fn chunk(&self, open: &OpenFile) -> Option<crate::format::toc::Chunk> {
        self.entries.get(open.entry)?.chunks.get(open.chunk).copied()
    }

    fn is_short(&self, entry: usize) -> bool {
        let limit = u64::try_from(self.portions.piece).unwrap_or(u64::MAX);
        self.entries.get(entry).is_some_and(|entry| size(entry) <= limit)
    }

    /// The file that begins with the frame at this offset.
    fn begin(&mut self, offset: u64) -> Option<OpenFile> {
        // Those that begin in another file's range are left to others.
        while self.files.next_if(|&(begin, _)| begin < offset).is_some() {}
        let (_, entry) = self.files.next_if(|&(begin, _)| begin == offset)?;
        Some(OpenFile {
            entry,
            chunk: 0,
            start: self.job.frames.len(),
        })
    }

    /// The frame that was added is the last one of its chunk.
    fn end_chunk(&mut self) {
        let frames = self.job.frames.len();
        let Some(open) = &mut self.open else {
            return;
        };
        match self.job.files.last_mut() {
            Some(file) if file.entry == open.entry => file.ends.push(frames),
            _ => self.job.files.push(FilePart {
                entry: open.entry,
                chunk: open.chunk,
                start: open.start,
                ends: vec![frames],
            }),
        }
        open.chunk = open.chunk.saturating_add(1);
        open.start = frames;
        let chunks = self.entries.get(open.entry).map_or(0, |entry| entry.chunks.len());
        if open.chunk == chunks {
            self.open = None;
        }
    }
}

/// Where the range of a regular file begins, if it is one range with an end before that of the data.
fn begin(entry: &Entry, data_end: u64) -> Option<u64> {
    if entry.kind != EntryKind::Regular || entry.unread.has(Part::Ranges) || entry.unread.has(Part::Size) {
        return None;
    }
    let begin = entry.chunks.first()?.offset;
    let mut at = begin;
    for chunk in &entry.chunks {
        let end = chunk.end?;
        if chunk.offset != at || chunk.inner_offset != 0 || end <= at {
            return None;
        }
        at = end;
    }
    (at <= data_end).then_some(begin)
}

/// The length of a file's chunks.
pub(super) fn size(entry: &Entry) -> u64 {
    entry.chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.size))
}

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
