//! The content of files, read from their ranges of the blob.

use std::{io, ops::ControlFlow};

use sha2::{Digest as _, Sha256};

use crate::{
    format::{
        Digest, Extent, Findings, Limits, Place, Region,
        frames::{Decoded, Decoder, FrameKind, Walker},
        planted::{self, Defect},
        range::ReadAt,
        toc::{Chunk, Entry, Toc},
    },
    rules::Rule,
};

/// How the content of a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFile {
    /// It is as the TOC says.
    Good,
    /// It is not; what was handed out must not be used.
    Broken,
    /// The sink wanted no more.
    Stopped,
}

/// Reads the content of files as a partial puller does, from the compressed ranges that the TOC gives.
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

    /// Reads the content of a regular file, checks it, and hands it to the sink in pieces as it comes, until the sink
    /// returns false.
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
            let mut hasher = Sha256::new();
            let mut zeros = true;
            let read = self.read_chunk(entry, chunk, findings, &mut |piece| {
                whole.update(piece);
                hasher.update(piece);
                zeros &= !chunk.zeros || piece.iter().all(|&byte| byte == 0);
                sink(piece)
            })?;
            if read != ReadFile::Good {
                return Ok(read);
            }
            if !zeros && !planted::is(Defect::ZerosNotChecked) {
                good = false;
                findings.report(
                    Rule::ZerosChunk,
                    Place::File(entry.name.clone()),
                    format!(
                        "the chunk at {} has type zeros and other bytes, expected zeros",
                        chunk.file_offset
                    ),
                );
            }
            // An old writer repeats the digest of the file on its only chunk; one cause gives one finding.
            if let Some(expected) = chunk.digest.filter(|&digest| Some(digest) != entry.digest) {
                let found = Digest::from_hasher(hasher);
                if found != expected && !planted::is(Defect::ChunkDigest) {
                    good = false;
                    findings.report(
                        Rule::ChunkDigest,
                        Place::File(entry.name.clone()),
                        format!(
                            "the chunk at {} has the digest {found}, expected {expected}",
                            chunk.file_offset
                        ),
                    );
                }
            }
        }
        if let Some(expected) = entry.digest {
            let found = Digest::from_hasher(whole);
            if found != expected {
                good = false;
                findings.report(
                    Rule::FileDigest,
                    Place::File(entry.name.clone()),
                    format!("the content has the digest {found}, expected {expected}"),
                );
            }
        }
        Ok(if good { ReadFile::Good } else { ReadFile::Broken })
    }

    /// Decodes the frames of a chunk; whether they hold what the TOC says, by length.
    fn read_chunk(
        &mut self,
        entry: &Entry,
        chunk: &Chunk,
        findings: &mut Findings,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<ReadFile> {
        let place = || Place::File(entry.name.clone());
        let end = chunk.end.unwrap_or(self.data_end);
        let Some(extent) = Extent::between(chunk.offset, end).filter(|extent| extent.end() <= self.data_end) else {
            findings.report(
                Rule::RangeFrames,
                place(),
                format!(
                    "the range is {}..{end}, expected it before {}, where the TOC's frame starts",
                    chunk.offset, self.data_end
                ),
            );
            return Ok(ReadFile::Broken);
        };
        // stargz ends no frame with a file, so only the start of what its range decodes to is the file's.
        let open_ended = chunk.end.is_none();
        let mut cursor = Cursor {
            skip: chunk.inner_offset,
            left: chunk.size,
            overrun: false,
        };
        let mut stopped = false;
        let mut walker = Walker::new(self.blob, extent);
        let mut inner = Findings::new();
        while !(open_ended && cursor.left == 0) {
            let Some(frame) = walker.next_frame(&mut inner)? else {
                break;
            };
            if let FrameKind::Skippable { .. } = frame.kind {
                // In stargz's open ranges other frames may follow; elsewhere a range is its file's frames and no more.
                if open_ended {
                    continue;
                }
                findings.report(
                    Rule::RangeSkippable,
                    place(),
                    format!(
                        "a skippable frame stands at {} in the range, expected data frames only",
                        frame.extent.offset()
                    ),
                );
                continue;
            }
            let decoded = self.decoder.decode(self.blob, &frame, findings, &mut |piece| {
                let content = cursor.advance(piece);
                stopped = !content.is_empty() && !sink(content);
                if stopped || cursor.overrun {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            if stopped {
                return Ok(ReadFile::Stopped);
            }
            if decoded == Decoded::Broken {
                return Ok(ReadFile::Broken);
            }
            if cursor.overrun {
                break;
            }
        }
        if let Some(finding) = inner.list().first() {
            findings.report(
                Rule::RangeFrames,
                place(),
                format!(
                    "the range {}..{end} is not whole frames: {} ({})",
                    chunk.offset, finding.detail, finding.place
                ),
            );
            return Ok(ReadFile::Broken);
        }
        if cursor.left > 0 || (cursor.overrun && !open_ended) {
            let found = if cursor.left > 0 {
                format!("{} bytes", chunk.size.saturating_sub(cursor.left))
            } else {
                "more".to_owned()
            };
            findings.report(
                Rule::RangeSize,
                place(),
                format!(
                    "the range {}..{end} decodes to {found}, expected {} bytes",
                    chunk.offset, chunk.size
                ),
            );
            return Ok(ReadFile::Broken);
        }
        Ok(ReadFile::Good)
    }
}

/// How many times the blob may be read through ranges of files that are not the same. Ranges of the known writers do not
/// overlap at all.
const READ_THROUGH: u64 = 4;

/// Refuses ranges that overlap so much that reading them all is no longer bounded by the blob, whose data ends at
/// `data_end`. Equal ranges count once.
///
/// Rule: DAT-06. In TOCs of stargz ranges have no end, and nothing is reported.
pub(super) fn check_work(toc: &Toc, data_end: u64, findings: &mut Findings) -> bool {
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
                "the ranges of all files have {total} bytes, expected no more than {bound} where {data_end} are there"
            ),
        );
        return false;
    }
    true
}

/// What is read for a file, and what it is held against: equal for files whose reading comes to the same.
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

/// Cuts the content of a chunk out of what its frames decode to.
struct Cursor {
    /// Bytes before the content.
    skip: u64,
    /// Bytes of content still to come.
    left: u64,
    /// Whether bytes came after the content.
    overrun: bool,
}

impl Cursor {
    fn advance<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let take = |piece: &'a [u8], count: &mut u64| {
            let length = usize::try_from(*count).map_or(piece.len(), |count| count.min(piece.len()));
            *count = count.saturating_sub(piece.get(..length).unwrap_or(&[]).size());
            piece.split_at_checked(length).unwrap_or((piece, &[]))
        };
        let (_, rest) = take(piece, &mut self.skip);
        let (content, after) = take(rest, &mut self.left);
        self.overrun |= !after.is_empty();
        content
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, check_work};
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

    #[test]
    fn the_cursor_cuts_out_the_content() {
        for (skip, left, expected, rest, overrun) in [
            (0, 6, "abcdef", 0, false),
            (0, 7, "abcdef", 1, false),
            (0, 5, "abcde", 0, true),
            (2, 3, "cde", 0, true),
            (6, 1, "", 1, false),
            (9, 1, "", 1, false),
        ] {
            for cut in 0..6 {
                let mut cursor = Cursor {
                    skip,
                    left,
                    overrun: false,
                };
                let mut out = cursor.advance(&b"abcdef"[..cut]).to_vec();
                out.extend(cursor.advance(&b"abcdef"[cut..]));
                assert_eq!(out, expected.as_bytes(), "skip {skip}, left {left}, cut {cut}");
                assert_eq!(
                    (cursor.left, cursor.overrun),
                    (rest, overrun),
                    "skip {skip}, left {left}, cut {cut}"
                );
            }
        }
    }
}
