//! Cutting the data frames of a blob into jobs for threads.

use std::{iter::Peekable, mem, vec};

use super::{LayerIndex, Located};
use crate::format::{
    Extent, Part,
    frames::{Frame, FrameKind},
    toc::{Chunk, Entry, EntryKind},
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
    pub(super) is_after_gap: bool,
    pub(super) frames: Vec<Frame>,
    /// The files that they hold, in their order.
    pub(super) files: Vec<FilePart>,
    /// What they decode to, about.
    weight: u64,
    /// Whether one of them needs a window above [`WIDE`].
    pub(super) is_wide: bool,
}

/// Chunks of a file, one after the other.
pub(super) struct FilePart {
    /// The number of its entry.
    pub(super) entry: usize,
    /// The number of the first chunk.
    pub(super) chunk: usize,
    /// The number of the first frame of it.
    pub(super) start: usize,
    /// For each chunk the number of the frame after it.
    pub(super) ends: Vec<usize>,
}

impl Job {
    pub(super) const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn extent(&self) -> Option<Extent> {
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

    fn chunk(&self, open: &OpenFile) -> Option<Chunk> {
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
