//! The content of files, read from their ranges of the blob.

use std::{collections::BTreeSet, io, ops::Range};

use sha2::{Digest as _, Sha256};

use super::content::{ChunkContent, Cursor, check_content};
use crate::{
    format::{
        Bytes, Digest, Excerpt, Extent, Findings, Limits, Place, Region,
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
}

impl<'a> RangeReader<'a> {
    /// Reads ranges that end at `data_end`, the offset of the TOC's frame, or before.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub fn new(blob: &'a dyn ReadAt, data_end: u64, limits: &Limits) -> io::Result<Self> {
        Ok(Self {
            blob,
            decoder: Decoder::new(limits)?,
            data_end,
        })
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
        let mut whole = Sha256::new();
        let mut good = true;
        for chunk in &entry.chunks {
            let mut content = ChunkContent::default();
            let read = self.read_chunk(entry, chunk, findings, &mut |piece| {
                whole.update(piece);
                content.update(chunk, piece);
                sink(piece)
            })?;
            if read != ReadFile::Good {
                return Ok(read);
            }
            good &= content.check(entry, chunk, findings).is_ok();
        }
        good &= check_content(entry, Digest::from_hasher(whole), findings).is_ok();
        Ok(if good { ReadFile::Good } else { ReadFile::Broken })
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
                Step::End(read) => return Ok(read),
            }
        }
    }

    /// Makes ready to read a chunk [step](Self::step) by step; none if its range is not before the TOC.
    ///
    /// Rule: DAT-01.
    pub(crate) fn begin_chunk(&self, entry: &Entry, chunk: &Chunk, findings: &mut Findings) -> Option<Reading<'a>> {
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
            skippable: None,
            has_data: false,
        })
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
            let mut of_frame = Findings::like(findings);
            let progress = match &mut reading.frame {
                Some(progress) => progress,
                None if open_ended && reading.cursor.left == 0 => break,
                None => {
                    let Some(frame) = reading.walker.next_frame(&mut reading.walked)? else {
                        break;
                    };
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
                    reading.piece = reading.cursor.advance(self.decoder.piece(progress).len());
                    if !reading.piece.is_empty() {
                        return Ok(Step::Piece);
                    }
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
    /// Where the first skippable frame is that a range must not have.
    skippable: Option<u64>,
    has_data: bool,
}

impl Reading<'_> {
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

/// How many times the blob may be read through ranges of files that are not the same. Ranges of the known writers do not
/// overlap at all.
const READ_THROUGH: u64 = 4;

/// Refuses ranges that overlap so much that reading them all is no longer bounded by the blob, whose data ends at
/// `data_end`. Equal ranges count once.
///
/// Rule: DAT-06. In TOCs of stargz ranges have no end, and nothing is reported.
pub(crate) fn check_work(toc: &Toc, data_end: u64, findings: &mut Findings) -> bool {
    let mut ranges: Vec<(u64, u64)> = toc
        .entries
        .iter()
        .flat_map(|entry| &entry.chunks)
        // What is beyond the data is refused by itself.
        .filter_map(|chunk| Some((chunk.offset, chunk.end?.min(data_end))))
        .collect();
    ranges.sort_unstable();
    ranges.dedup();
    let total = ranges
        .iter()
        .map(|(start, end)| end.saturating_sub(*start))
        .fold(0, u64::saturating_add);
    let bound = data_end.saturating_mul(READ_THROUGH);
    if total > bound {
        findings.report(
            Rule::SharedRange,
            Place::Whole(Region::Toc),
            format!(
                "the ranges of all files have {total} bytes together, expected at most {bound}: {READ_THROUGH} times the \
                 {data_end} bytes of data"
            ),
        );
        return false;
    }
    true
}

/// What is read for a file, and what it is compared with: equal for files that give the same result.
pub(super) fn range_key(entry: &Entry) -> Digest {
    let mut hasher = Sha256::new();
    let mut number = |number: u64| hasher.update(number.to_le_bytes());
    for chunk in &entry.chunks {
        number(chunk.offset);
        number(chunk.end.unwrap_or(u64::MAX));
        number(chunk.inner_offset);
        number(chunk.file_offset);
        number(chunk.size);
        number(u64::from(chunk.zeros));
    }
    let digests = entry.chunks.iter().map(|chunk| chunk.digest).chain([entry.digest]);
    for digest in digests {
        hasher.update(digest.map_or_else(String::new, |digest| digest.hex()).as_bytes());
        hasher.update([0]);
    }
    Digest::from_hasher(hasher)
}

#[cfg(test)]
mod tests {
    use super::check_work;
    use crate::{
        format::{Dialect, Findings, toc},
        rules::Rule,
    };

    const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    /// 100 files in a blob of 10000 bytes: one after the other, all in one place, and each from its place to the end.
    #[test]
    fn overlapping_ranges_are_bounded_by_the_blob() {
        type Range = fn(u64) -> (u64, u64);
        let rows: [(&str, Range, bool); 3] = [
            ("disjoint", |n| (n * 100, n * 100 + 100), true),
            ("equal", |_| (0, 10_000), true),
            ("overlapping", |n| (n * 100, 10_000), false),
        ];
        for (name, range, good) in rows {
            let entries: Vec<String> = (0..100)
                .map(|number| {
                    let (start, end) = range(number);
                    format!(
                        r#"{{"type":"reg","name":"{number}","size":1,"digest":"{DIGEST}","offset":{start},"endOffset":{end}}}"#
                    )
                })
                .collect();
            let json = format!(r#"{{"version":1,"entries":[{}]}}"#, entries.join(","));
            let toc = toc::parse(json.as_bytes(), Dialect::G5, &mut Findings::new()).unwrap();
            let mut findings = Findings::new();
            assert_eq!(check_work(&toc, 10_000, &mut findings), good, "{name}");
            assert_eq!(findings.breaks(Rule::SharedRange), !good, "{name}");
        }
    }
}
