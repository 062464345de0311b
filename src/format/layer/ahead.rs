//! Reading the content of files ahead of who takes it, in several threads.

use std::{
    collections::{HashMap, VecDeque},
    io, mem, slice,
    thread::Scope,
};

use super::{
    RangeReader, Source,
    content::Content,
    held::Held,
    jobs::{Portions, WIDE, size},
};
use crate::{
    format::{
        Extent, Findings, Limits,
        crc64::Crc64,
        frames::Decoder,
        ordered::{Ordered, Worker},
        range::ReadAt as _,
        tarsplit,
        toc::Entry,
    },
    rules::Rule,
};

/// Most files of a job.
const FILES: usize = 1024;

/// The regular files of the TOC by name.
pub(super) type ByName<'a> = HashMap<&'a [u8], &'a Entry>;

/// A file that the tar-split names.
pub(super) struct Wanted<'a> {
    entry: &'a Entry,
    /// Bytes of it in the tar.
    due: u64,
}

/// Some of what the files of a job contain.
#[derive(Default)]
pub(super) struct Part {
    bytes: Vec<u8>,
    /// Where files end in the bytes.
    ends: VecDeque<(usize, End)>,
}

/// The end of a file.
pub(super) enum End {
    /// What was read, and its CRC.
    Read(Content, u64),
    /// A frame needs so much memory that only one thread may read such a file.
    Wide,
}

/// Reads files through their ranges.
pub(super) struct Contents<'a> {
    source: Source<'a>,
    data_end: u64,
    limits: Limits,
    like: Findings,
    piece: usize,
    decoder: Option<Decoder>,
}

impl<'a> Contents<'a> {
    fn new(source: &Source<'a>, data_end: u64, like: &Findings, piece: usize) -> Self {
        let widest = WIDE.checked_ilog2().unwrap_or(0);
        Self {
            source: *source,
            data_end,
            limits: Limits {
                window_log: source.limits.window_log.min(widest),
                ..source.limits
            },
            like: Findings::like(like),
            piece,
            decoder: None,
        }
    }
}

impl<'a> Worker for Contents<'a> {
    type Job = Vec<Wanted<'a>>;
    type Piece = io::Result<Part>;

    fn work(&mut self, job: Self::Job, out: &mut dyn FnMut(io::Result<Part>) -> bool) {
        let decoder = match self.decoder.take().map_or_else(|| Decoder::new(&self.limits), Ok) {
            Ok(decoder) => decoder,
            Err(error) => {
                out(Err(error));
                return;
            }
        };
        let held = Held::new(self.source.blob, extent(&job));
        let mut ranges = RangeReader::with(decoder, &held, self.data_end);
        let mut output = Output {
            part: Part::default(),
            limit: self.piece,
            out,
            is_wanted: true,
        };
        for file in &job {
            match read(&mut ranges, file, &self.like, &mut output) {
                Ok(end) => output.part.ends.push_back((output.part.bytes.len(), end)),
                Err(error) => {
                    output.flush();
                    (output.out)(Err(error));
                    output.is_wanted = false;
                }
            }
            if !output.is_wanted {
                break;
            }
        }
        output.flush();
        self.decoder = Some(ranges.into_decoder());
    }
}

fn read(ranges: &mut RangeReader<'_>, file: &Wanted<'_>, like: &Findings, output: &mut Output<'_>) -> io::Result<End> {
    let mut crc = Crc64::new();
    let mut length = 0u64;
    let content = ranges.read_content(file.entry, like, &mut |bytes| {
        crc.update(bytes);
        length = length.saturating_add(bytes.size());
        output.push(bytes);
        output.is_wanted && length <= file.due
    })?;
    Ok(if content.findings.breaks(Rule::FrameWindow) {
        End::Wide
    } else {
        End::Read(content, crc.value())
    })
}

/// The part of the blob in which all these files are, if little else is there.
fn extent(job: &[Wanted<'_>]) -> Option<Extent> {
    let chunks = || job.iter().flat_map(|file| &file.entry.chunks);
    let start = chunks().map(|chunk| chunk.offset).min()?;
    let end = chunks().filter_map(|chunk| chunk.end).max()?;
    let used = chunks()
        .filter_map(|chunk| Some(chunk.end?.saturating_sub(chunk.offset)))
        .fold(0, u64::saturating_add);
    Extent::between(start, end).filter(|extent| extent.length() <= used.saturating_mul(2))
}

/// Where what is read goes.
struct Output<'o> {
    part: Part,
    limit: usize,
    out: &'o mut dyn FnMut(io::Result<Part>) -> bool,
    is_wanted: bool,
}

impl Output<'_> {
    fn push(&mut self, bytes: &[u8]) {
        if self.part.bytes.len().saturating_add(bytes.len()) > self.limit && !self.part.bytes.is_empty() {
            self.flush();
        }
        if self.part.bytes.capacity() == 0 {
            self.part.bytes.reserve_exact(self.limit.max(bytes.len()));
        }
        self.part.bytes.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        let part = mem::take(&mut self.part);
        self.is_wanted = self.is_wanted && (self.out)(Ok(part));
    }
}

/// Files that threads read, in the order of the tar-split.
pub(super) struct Ahead<'scope, 'a> {
    jobs: Ordered<'scope, Contents<'a>>,
    files: &'a ByName<'a>,
    /// What has not been handed in.
    rest: slice::Iter<'a, tarsplit::Entry>,
    portions: Portions,
    /// The lines of the files that were handed in and not taken.
    lines: VecDeque<u64>,
    part: Part,
    /// Bytes of the part that were taken.
    taken: usize,
}

impl<'scope, 'a: 'scope> Ahead<'scope, 'a> {
    /// Starts the threads; none if there is only that of the caller.
    pub(super) fn new(
        scope: &'scope Scope<'scope, '_>,
        source: &'a Source<'a>,
        (files, entries): (&'a ByName<'a>, &'a [tarsplit::Entry]),
        data_end: u64,
        portions: Portions,
        like: &'a Findings,
    ) -> Option<Self> {
        if source.blob.size() < portions.blob {
            return None;
        }
        let jobs = Ordered::new(scope, source.threads, move || {
            Contents::new(source, data_end, like, portions.piece)
        });
        (!jobs.is_alone()).then(|| Self {
            jobs,
            files,
            rest: entries.iter(),
            portions,
            lines: VecDeque::new(),
            part: Part::default(),
            taken: 0,
        })
    }

    /// Hands the content of the file on this line to `sink`, and returns how it ends and how much of it there was; none if it was
    /// not read.
    ///
    /// Files before it that no one asked for are passed over.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub(super) fn read(&mut self, line: u64, sink: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<Option<(End, u64)>> {
        loop {
            self.fill();
            let Some(next) = self.lines.pop_front() else {
                return Ok(None);
            };
            let mut given = 0u64;
            let mut is_wanted = next == line;
            let end = self.pass(&mut |bytes| {
                if is_wanted {
                    given = given.saturating_add(bytes.size());
                    is_wanted = sink(bytes);
                }
            })?;
            if next == line {
                return Ok(end.map(|end| (end, given)));
            }
        }
    }

    /// Takes what there is up to the end of a file.
    fn pass(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<Option<End>> {
        loop {
            let end = self.part.ends.pop_front();
            let place = end.as_ref().map_or(self.part.bytes.len(), |(place, _)| *place);
            let bytes = self.part.bytes.get(self.taken..place).unwrap_or_default();
            if !bytes.is_empty() {
                sink(bytes);
            }
            self.taken = place;
            if let Some((_, end)) = end {
                return Ok(Some(end));
            }
            self.fill();
            let Some(part) = self.jobs.next_piece()? else {
                return Ok(None);
            };
            (self.part, self.taken) = (part?, 0);
        }
    }

    /// Hands in jobs as long as there is room for them.
    fn fill(&mut self) {
        while !self.jobs.is_full() {
            let mut job = Vec::new();
            let mut weight = 0u64;
            while weight < self.portions.job && job.len() < FILES {
                let Some(entry) = self.rest.next() else {
                    break;
                };
                let tarsplit::Entry::File(file) = entry else {
                    continue;
                };
                let Some(&entry) = self.files.get(file.name.as_slice()).filter(|_| file.size > 0) else {
                    continue;
                };
                weight = weight.saturating_add(size(entry));
                self.lines.push_back(file.line);
                job.push(Wanted { entry, due: file.size });
            }
            if job.is_empty() {
                return;
            }
            self.jobs.submit(job);
        }
    }
}
