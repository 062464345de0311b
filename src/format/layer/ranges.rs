//! The content of files, read from their ranges of the blob.

use std::{collections::BTreeSet, io, ops::Range};

use sha2::{Digest as _, Sha256};

use super::{
    content::{ChunkContent, Content, Cursor},
    work::{READ_THROUGH, Work, check_work},
};
use crate::{
    format::{
        Bytes, Digest, Excerpt, Extent, Findings, Limits, Place,
        frames::{self, Decoded, Decoder, FrameKind, Progress, Walker},
        range::ReadAt,
        toc::{Chunk, Entry, Toc},
    },
    rules::Rule,
};

/// How the content of a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what was handed out must not be used unless it is good"]
pub enum ReadFile {
    /// It is as the TOC says.
    Good,
    /// It is not; what was handed out must not be used.
    Broken,
    /// The sink wanted no more.
    Stopped,
}

/// Reads the content of files as a partial reader does, from the compressed ranges that the TOC gives.
pub struct RangeReader<'a> {
    blob: &'a dyn ReadAt,
    decoder: Decoder,
    data_end: u64,
    /// What a chunk without an end was read to, for one that goes on from there.
    open: Option<Reading<'a>>,
    /// What is left to be read, where that is bounded.
    left: Option<Work>,
}

impl<'a> RangeReader<'a> {
    /// Reads ranges that end at `data_end`, the offset of the TOC's frame, or before.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub fn new(blob: &'a dyn ReadAt, data_end: u64, limits: &Limits) -> io::Result<Self> {
        Ok(Self::with(Decoder::new(limits)?, blob, data_end))
    }

    /// As [`Self::new`], with this decoder.
    pub(super) const fn with(decoder: Decoder, blob: &'a dyn ReadAt, data_end: u64) -> Self {
        Self {
            blob,
            decoder,
            data_end,
            open: None,
            left: None,
        }
    }

    /// The decoder, for another reader.
    pub(super) fn into_decoder(self) -> Decoder {
        self.decoder
    }

    /// Bounds what is read from here on by what all data takes, [`READ_THROUGH`] times. Ranges without ends can all reach to
    /// the end of the data, and frames can be read from their beginning for each file in them.
    ///
    /// Once it is used up, [`Self::is_exhausted`] is true, and chunks are broken without a finding.
    pub(super) const fn bound(&mut self, all: Work) {
        self.left = Some(all.times(READ_THROUGH));
    }

    /// Whether more would have been read than is allowed.
    pub(super) const fn is_exhausted(&self) -> bool {
        matches!(self.left, Some(left) if left.is_none())
    }

    /// Reads the content of a regular file, checks it, and hands it to the sink in pieces, until the sink returns
    /// false.
    ///
    /// Rules: DAT-01 to DAT-05, DAT-07, and FRM-02 to FRM-05 for frames that do not decode.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn read_file(
        &mut self,
        entry: &Entry,
        findings: &mut Findings,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<ReadFile> {
        let content = self.read_content(entry, findings, sink)?;
        Ok(content.compare(entry, findings))
    }

    /// Reads the content of a regular file without comparing it with its digests.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub(super) fn read_content(
        &mut self,
        entry: &Entry,
        like: &Findings,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<Content> {
        let mut findings = Findings::like(like);
        let mut chunks = Vec::new();
        // The digest of a file's only chunk is that of the file.
        let mut whole = (entry.chunks.len() != 1).then(Sha256::new);
        let mut end = ReadFile::Good;
        for chunk in &entry.chunks {
            let mut content = ChunkContent::default();
            end = self.read_chunk(entry, chunk, &mut findings, &mut |piece| {
                if let Some(whole) = &mut whole {
                    whole.update(piece);
                }
                content.update(chunk, piece);
                sink(piece)
            })?;
            if end != ReadFile::Good {
                break;
            }
            chunks.push(content.finish());
        }
        let whole = match (whole, chunks.first()) {
            _ if end != ReadFile::Good => None,
            (None, Some(only)) => Some(only.digest),
            (whole, _) => whole.map(Digest::from_hasher),
        };
        Ok(Content {
            chunks,
            whole,
            end,
            findings,
        })
    }

    /// Decodes the frames of a chunk; whether they have the length that the TOC gives.
    fn read_chunk(
        &mut self,
        entry: &Entry,
        chunk: &Chunk,
        findings: &mut Findings,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<ReadFile> {
        let Some(mut reading) = self.begin_chunk(entry, chunk, findings) else {
            return Ok(ReadFile::Broken);
        };
        loop {
            match self.step(entry, &mut reading, findings)? {
                Step::Piece => {
                    if !sink(self.piece(&reading)) {
                        return Ok(ReadFile::Stopped);
                    }
                }
                Step::End(read) => {
                    if read == ReadFile::Good {
                        self.keep_open(reading);
                    }
                    return Ok(read);
                }
            }
        }
    }

    /// Makes ready to read a chunk [step](Self::step) by step; none if its range is not before the TOC.
    ///
    /// Rule: DAT-01.
    pub(crate) fn begin_chunk(&mut self, entry: &Entry, chunk: &Chunk, findings: &mut Findings) -> Option<Reading<'a>> {
        if let Some(open) = self.open.take().and_then(|open| open.resume(chunk)) {
            return Some(open);
        }
        let end = chunk.end.unwrap_or(self.data_end);
        let Some(extent) = Extent::between(chunk.offset, end).filter(|extent| extent.end() <= self.data_end) else {
            findings.report(
                Rule::RangeFrames,
                Place::File(entry.name.clone()),
                format!(
                    "the range {}..{end} is not before the TOC, whose frame begins at {}",
                    chunk.offset, self.data_end
                ),
            );
            return None;
        };
        Some(Reading {
            chunk: *chunk,
            end,
            walker: Walker::new(self.blob, extent),
            walked: Findings::new(),
            frame: None,
            cursor: Cursor {
                skip: chunk.inner_offset,
                left: chunk.size,
                overrun: false,
            },
            piece: 0..0,
            rest: 0..0,
            position: 0,
            skippable: None,
            has_data: false,
        })
    }

    /// Takes up a chunk that was read, in case that the next one goes on from there.
    fn keep_open(&mut self, reading: Reading<'a>) {
        if reading.chunk.end.is_none() {
            self.open = Some(reading);
        }
    }

    /// Notes what was read.
    fn spend(&mut self, frames: u64, decoded: usize) {
        if let Some(left) = &mut self.left {
            left.spend(frames, decoded);
        }
    }

    /// Decodes the next [piece](Self::piece) of a chunk that was [begun](Self::begin_chunk), with no other between.
    ///
    /// Rules: DAT-01, DAT-02, DAT-07, and FRM-02 to FRM-05.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub(crate) fn step(
        &mut self,
        entry: &Entry,
        reading: &mut Reading<'a>,
        findings: &mut Findings,
    ) -> io::Result<Step> {
        // stargz ends no frame with a file, so only the start of what its range decodes to is the file's.
        let open_ended = reading.chunk.end.is_none();
        while !reading.cursor.overrun {
            if reading.take_rest() {
                return Ok(Step::Piece);
            }
            if self.is_exhausted() {
                return Ok(Step::End(ReadFile::Broken));
            }
            let mut of_frame = Findings::like(findings);
            let progress = match &mut reading.frame {
                Some(progress) => progress,
                None if open_ended && reading.cursor.left == 0 => break,
                None => {
                    let Some(frame) = reading.walker.next_frame(&mut reading.walked)? else {
                        break;
                    };
                    self.spend(frame.extent.length(), 0);
                    if let FrameKind::Skippable { .. } = frame.kind {
                        // In stargz's open ranges other frames may follow; elsewhere a range is its file's frames and no more.
                        reading.skippable = reading
                            .skippable
                            .or(Some(frame.extent.offset()).filter(|_| !open_ended));
                        continue;
                    }
                    reading.has_data = true;
                    let Some(progress) = self.decoder.begin(&frame, &mut of_frame)? else {
                        report_in(entry, &of_frame, findings);
                        return Ok(Step::End(ReadFile::Broken));
                    };
                    reading.frame.insert(progress)
                }
            };
            let step = self.decoder.step(self.blob, progress, &mut of_frame)?;
            report_in(entry, &of_frame, findings);
            match step {
                frames::Step::End(Decoded::Broken) => return Ok(Step::End(ReadFile::Broken)),
                frames::Step::End(Decoded::Whole | Decoded::Stopped) => reading.frame = None,
                frames::Step::Piece => {
                    reading.rest = 0..self.decoder.piece(progress).len();
                    self.spend(0, reading.rest.len());
                }
            }
        }
        Ok(Step::End(reading.check(entry, findings)))
    }

    /// The piece that the last [step](Self::step) decoded.
    pub(crate) fn piece(&self, reading: &Reading<'_>) -> &[u8] {
        let progress = reading.frame.as_ref();
        progress
            .and_then(|progress| self.decoder.piece(progress).get(reading.piece.clone()))
            .unwrap_or_default()
    }
}

/// What a step of reading gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A piece of the content.
    Piece,
    /// Nothing more: the chunk is good or broken, by length.
    End(ReadFile),
}

/// A chunk that is being read.
pub(crate) struct Reading<'a> {
    chunk: Chunk,
    end: u64,
    walker: Walker<'a>,
    walked: Findings,
    /// The frame that is being decoded.
    frame: Option<Progress>,
    cursor: Cursor,
    /// Where the last piece of content is in what the frame decoded to.
    piece: Range<usize>,
    /// Where what comes after it is in the same.
    rest: Range<usize>,
    /// Bytes that were decoded since the offset of the chunk, up to the end of its content.
    position: u64,
    /// Where the first skippable frame is that a range must not have.
    skippable: Option<u64>,
    has_data: bool,
}

impl Reading<'_> {
    /// Goes on with a chunk that begins where this one did and lies behind it; none if it does not.
    fn resume(mut self, chunk: &Chunk) -> Option<Self> {
        let goes_on = chunk.end.is_none() && chunk.offset == self.chunk.offset;
        let skip = chunk.inner_offset.checked_sub(self.position).filter(|_| goes_on)?;
        self.chunk = *chunk;
        self.cursor = Cursor {
            skip,
            left: chunk.size,
            overrun: false,
        };
        Some(self)
    }

    /// Takes the content out of what was decoded and not used; whether there is any.
    ///
    /// What comes after the content of a chunk without an end is left for the next one.
    fn take_rest(&mut self) -> bool {
        let start = self.rest.start;
        let found = self.cursor.advance(self.rest.len());
        self.piece = start.saturating_add(found.start)..start.saturating_add(found.end);
        let is_left = self.chunk.end.is_none() && self.cursor.left == 0;
        let used = if is_left { self.piece.end } else { self.rest.end };
        self.position = self
            .position
            .saturating_add(u64::try_from(used.saturating_sub(start)).unwrap_or(u64::MAX));
        self.rest.start = used;
        !self.piece.is_empty()
    }

    /// Whether the range held the chunk and nothing else.
    fn check(&self, entry: &Entry, findings: &mut Findings) -> ReadFile {
        let Self { chunk, end, cursor, .. } = self;
        let place = || Place::File(entry.name.clone());
        // A range of nothing but skippable frames has no content at all, which its size tells.
        if let Some(at) = self.skippable.filter(|_| self.has_data) {
            findings.report(
                Rule::RangeSkippable,
                place(),
                format!(
                    "skippable frame at byte {at} in the range {}..{end}, expected zstd frames only",
                    chunk.offset
                ),
            );
        }
        if let Some(finding) = self.walked.list().first() {
            findings.report(
                Rule::RangeFrames,
                place(),
                format!(
                    "the range {}..{end} is not a sequence of whole frames: {} ({})",
                    chunk.offset, finding.detail, finding.place
                ),
            );
            return ReadFile::Broken;
        }
        if cursor.left > 0 || (cursor.overrun && chunk.end.is_some()) {
            let found = if cursor.left > 0 {
                Bytes(chunk.size.saturating_sub(cursor.left)).to_string()
            } else {
                format!("more than {}", Bytes(chunk.size))
            };
            findings.report(
                Rule::RangeSize,
                place(),
                format!(
                    "the range {}..{end} decodes to {found}, expected {}",
                    chunk.offset, chunk.size
                ),
            );
            return ReadFile::Broken;
        }
        ReadFile::Good
    }
}

/// Reports what is wrong with a frame, with the file whose content it has.
fn report_in(entry: &Entry, of_frame: &Findings, findings: &mut Findings) {
    for finding in of_frame.list() {
        let owner = in_content(&entry.name);
        findings.report(
            finding.rule,
            finding.place.clone(),
            format!("{}, {owner}", finding.detail),
        );
    }
}

/// Where a frame is that has the content of a file, as it follows what is wrong with it.
pub(super) fn in_content(name: &str) -> String {
    format!("in the content of {}", Excerpt(name))
}

/// Refuses ranges that cannot be read one by one: those that overlap too much, and those that begin or end within a frame.
///
/// What is between the ranges is walked over for that, from frame to frame. A range that lies in a skippable frame looks
/// like any other to those who look at its bytes alone.
///
/// Rules: DAT-01 and DAT-06.
///
/// # Errors
///
/// The blob cannot be read.
pub(super) fn check_ranges(blob: &dyn ReadAt, toc: &Toc, data_end: u64, findings: &mut Findings) -> io::Result<bool> {
    if !check_work(toc, data_end, findings) {
        return Ok(false);
    }
    let chunks = || toc.entries.iter().flat_map(|entry| &entry.chunks);
    let ends: BTreeSet<(u64, u64)> = chunks().filter_map(|chunk| Some((chunk.offset, chunk.end?))).collect();
    let borders: BTreeSet<u64> = chunks()
        .flat_map(|chunk| [Some(chunk.offset), chunk.end])
        .flatten()
        .filter(|&border| border <= data_end)
        .collect();
    let within = within_frames(blob, &borders, &ends, data_end)?;
    let mut good = true;
    for entry in &toc.entries {
        for chunk in &entry.chunks {
            let border = [Some(chunk.offset), chunk.end];
            if let Some(at) = border.into_iter().flatten().find(|at| within.contains(at)) {
                good = false;
                findings.report(
                    Rule::RangeFrames,
                    Place::File(entry.name.clone()),
                    format!(
                        "the range {}..{} is not a sequence of whole frames: byte {at} is inside a frame",
                        chunk.offset,
                        chunk.end.unwrap_or(data_end)
                    ),
                );
            }
        }
    }
    Ok(good)
}

/// The borders of ranges that are within a frame. Whole frames in a range that no border divides are not looked at, since
/// they are when the range is read.
fn within_frames(
    blob: &dyn ReadAt,
    borders: &BTreeSet<u64>,
    ends: &BTreeSet<(u64, u64)>,
    data_end: u64,
) -> io::Result<BTreeSet<u64>> {
    let mut within = BTreeSet::new();
    let mut at = 0;
    // A broken frame between ranges is for those who read it.
    let mut ignored = Findings::new();
    while at < data_end
        && let Some(&next) = borders.range(at.saturating_add(1)..).next()
    {
        if ends.contains(&(at, next)) {
            at = next;
            continue;
        }
        let Some(extent) = Extent::between(at, data_end) else {
            break;
        };
        let mut walker = Walker::new(blob, extent);
        while at < next {
            let Some(frame) = walker.next_frame(&mut ignored)? else {
                at = next;
                break;
            };
            let end = frame.extent.end();
            within.extend(borders.range(at.saturating_add(1)..end));
            at = end;
        }
    }
    Ok(within)
}

#[cfg(test)]
mod tests;
