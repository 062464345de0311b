//! The content of files and chunks, compared with what the TOC says about it.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::ReadFile;
use crate::{
    format::{
        Digest, Findings, Place,
        toc::{Chunk, Entry},
    },
    rules::Rule,
};

/// A digest that is not the one that the TOC has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// That of the content.
    pub(crate) found: Digest,
    /// That in the TOC; none where it is something else that is wrong.
    pub(crate) expected: Option<Digest>,
}

/// The content of a chunk as it is read.
pub(crate) struct ChunkContent {
    hasher: Sha256,
    zeros: bool,
}

impl Default for ChunkContent {
    fn default() -> Self {
        Self {
            hasher: Sha256::new(),
            zeros: true,
        }
    }
}

impl ChunkContent {
    /// Takes the next piece.
    pub(crate) fn update(&mut self, chunk: &Chunk, piece: &[u8]) {
        self.hasher.update(piece);
        self.zeros &= !chunk.zeros || piece.iter().all(|&byte| byte == 0);
    }

    /// What all of it is.
    pub(crate) fn finish(self) -> Seen {
        Seen {
            digest: Digest::from_hasher(self.hasher),
            zeros: self.zeros,
        }
    }
}

/// What the content of a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its digest.
    pub(crate) digest: Digest,
    /// Whether it is zeros, or need not be.
    pub(super) zeros: bool,
}

impl Seen {
    /// Compares it with what the TOC says.
    ///
    /// Rules: DAT-04 and DAT-05.
    pub(crate) fn check(self, entry: &Entry, chunk: &Chunk, findings: &mut Findings) -> Result<(), Mismatch> {
        let found = self.digest;
        let mut result = Ok(());
        if !self.zeros {
            result = Err(Mismatch { found, expected: None });
            findings.report(
                Rule::ZerosChunk,
                Place::File(entry.name.clone()),
                format!(
                    "the chunk at byte {} of the file has the `chunkType` zeros, but bytes that are not zero",
                    chunk.file_offset
                ),
            );
        }
        // An old writer repeats the digest of the file on its only chunk; one cause gives one finding.
        if let Some(expected) = chunk.digest.filter(|&digest| Some(digest) != entry.digest)
            && found != expected
        {
            result = Err(Mismatch {
                found,
                expected: Some(expected),
            });
            findings.report(
                Rule::ChunkDigest,
                Place::File(entry.name.clone()),
                format!(
                    "digest {found} of the chunk at byte {} of the file does not match its `chunkDigest` {expected}",
                    chunk.file_offset
                ),
            );
        }
        result
    }
}

/// Compares the digest of a file's whole content with the one that the TOC has, where it has one.
///
/// Rule: DAT-03.
pub(crate) fn check_content(entry: &Entry, found: Digest, findings: &mut Findings) -> Result<(), Mismatch> {
    if let Some(expected) = entry.digest
        && found != expected
    {
        findings.report(
            Rule::FileDigest,
            Place::File(entry.name.clone()),
            format!("content digest {found} does not match the `digest` {expected}"),
        );
        return Err(Mismatch {
            found,
            expected: Some(expected),
        });
    }
    Ok(())
}

/// What was read for a file, before it is compared with the digests in the TOC.
pub(super) struct Content {
    /// The chunks that were read to their ends.
    pub(super) chunks: Vec<Seen>,
    /// The digest of all of it; none if it was not read to its end.
    pub(super) whole: Option<Digest>,
    pub(super) end: ReadFile,
    /// What is wrong with the ranges and their frames.
    pub(super) findings: Findings,
}

impl Content {
    /// Compares it with the digests of its file.
    ///
    /// Rules: DAT-03 to DAT-05, and what reading it found.
    pub(super) fn compare(&self, entry: &Entry, findings: &mut Findings) -> ReadFile {
        self.report(entry, &self.findings, findings)
    }

    /// Compares it with the digests of another file, which has the same ranges. What is wrong with a frame is not repeated.
    pub(super) fn compare_again(&self, entry: &Entry, findings: &mut Findings) -> ReadFile {
        let mut again = Findings::like(findings);
        for finding in self.findings.list() {
            if let Place::File(_) = finding.place {
                again.report(finding.rule, Place::File(entry.name.clone()), finding.detail.clone());
            }
        }
        self.report(entry, &again, findings)
    }

    fn report(&self, entry: &Entry, of_ranges: &Findings, findings: &mut Findings) -> ReadFile {
        let mut good = true;
        for (chunk, seen) in entry.chunks.iter().zip(&self.chunks) {
            good &= seen.check(entry, chunk, findings).is_ok();
        }
        for finding in of_ranges.list() {
            findings.report(finding.rule, finding.place.clone(), finding.detail.clone());
        }
        if self.end != ReadFile::Good {
            return self.end;
        }
        good &= self
            .whole
            .is_none_or(|whole| check_content(entry, whole, findings).is_ok());
        if good { ReadFile::Good } else { ReadFile::Broken }
    }
}

/// Cuts the content of a chunk out of what its frames decode to.
pub(super) struct Cursor {
    /// Bytes before the content.
    pub(super) skip: u64,
    /// Bytes of content that are still missing.
    pub(super) left: u64,
    /// Whether there were bytes after the content.
    pub(super) overrun: bool,
}

impl Cursor {
    /// Where the content is in the next piece, which has so many bytes.
    pub(super) fn advance(&mut self, length: usize) -> Range<usize> {
        let take = |available: usize, count: &mut u64| {
            let taken = usize::try_from(*count).map_or(available, |count| count.min(available));
            *count = count.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
            taken
        };
        let start = take(length, &mut self.skip);
        let end = start.saturating_add(take(length.saturating_sub(start), &mut self.left));
        self.overrun |= end < length;
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

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
                let (first, second) = b"abcdef".split_at(cut);
                let mut out = first[cursor.advance(first.len())].to_vec();
                out.extend(&second[cursor.advance(second.len())]);
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
