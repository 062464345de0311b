//! The content of files, read from their ranges as a lazy puller does.

use std::io;

use sha2::{Digest as _, Sha256};

use super::members::{Members, Step};
use crate::{
    format::{
        Bytes, Digest, Extent, Findings, Place,
        range::ReadAt,
        toc::{Chunk, Entry},
    },
    rules::Rule,
};

/// Reads chunks in the order of the TOC. Chunks that follow each other in one member are read in one go.
pub(super) struct Ranges<'a> {
    blob: &'a dyn ReadAt,
    data_end: u64,
    current: Option<Current<'a>>,
}

/// Where reading has got to.
struct Current<'a> {
    /// The offset at which it began.
    offset: u64,
    /// Bytes that were decoded since.
    position: u64,
    members: Members<'a>,
    /// Decoded bytes that were not used.
    rest: Vec<u8>,
}

impl<'a> Ranges<'a> {
    pub(super) fn new(blob: &'a dyn ReadAt, data_end: u64) -> Self {
        Self {
            blob,
            data_end,
            current: None,
        }
    }

    /// Reads the content of a file and compares it with its digests.
    ///
    /// Rules: DAT-01 to DAT-04.
    pub(super) fn check(&mut self, entry: &Entry, findings: &mut Findings) -> io::Result<()> {
        let mut whole = Sha256::new();
        for chunk in &entry.chunks {
            let mut hasher = Sha256::new();
            let read = self.read(chunk, &mut |bytes| {
                whole.update(bytes);
                hasher.update(bytes);
            })?;
            if let Err((rule, problem)) = read {
                self.current = None;
                findings.report(rule, Place::File(entry.name.clone()), problem);
                return Ok(());
            }
            // The digest of the only chunk of a file repeats that of the file; one cause gives one finding.
            if let Some(expected) = chunk.digest.filter(|&digest| Some(digest) != entry.digest) {
                let found = Digest::from_hasher(hasher);
                if found != expected {
                    findings.report(
                        Rule::ChunkDigest,
                        Place::File(entry.name.clone()),
                        format!(
                            "digest {found} of the chunk at byte {} of the file does not match its `chunkDigest` {expected}",
                            chunk.file_offset
                        ),
                    );
                }
            }
        }
        if let Some(expected) = entry.digest {
            let found = Digest::from_hasher(whole);
            if found != expected {
                findings.report(
                    Rule::FileDigest,
                    Place::File(entry.name.clone()),
                    format!("content digest {found} does not match the `digest` {expected}"),
                );
            }
        }
        Ok(())
    }

    /// Decodes a chunk; otherwise the rule that it breaks, and how.
    fn read(&mut self, chunk: &Chunk, sink: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), (Rule, String)>> {
        let reuse = self
            .current
            .take()
            .filter(|current| current.offset == chunk.offset && current.position <= chunk.inner_offset);
        let mut current = match (reuse, Extent::between(chunk.offset, self.data_end)) {
            (Some(current), _) => current,
            (None, Some(extent)) if extent.length() > 0 => Current {
                offset: chunk.offset,
                position: 0,
                members: Members::new(self.blob, extent),
                rest: Vec::new(),
            },
            _ => {
                let problem = format!(
                    "the range begins at byte {}, expected it before byte {}, where the data ends",
                    chunk.offset, self.data_end
                );
                return Ok(Err((Rule::RangeFrames, problem)));
            }
        };
        let mut skip = chunk.inner_offset.saturating_sub(current.position);
        let mut left = chunk.size;
        while left > 0 {
            let rest = std::mem::take(&mut current.rest);
            let bytes = if rest.is_empty() {
                match current.members.step()? {
                    Step::Bytes(bytes) => bytes.to_vec(),
                    // Nothing else is this chunk's than what one member holds.
                    Step::End(_) | Step::Done => {
                        let problem = format!(
                            "the gzip member at byte {} ends {} before the content does, expected {} at inner offset {}",
                            chunk.offset,
                            Bytes(left),
                            Bytes(chunk.size),
                            chunk.inner_offset
                        );
                        return Ok(Err((Rule::RangeSize, problem)));
                    }
                    Step::Broken(at, problem) => {
                        let problem = format!("the gzip member at byte {at} {}", problem.describe());
                        return Ok(Err((Rule::RangeFrames, problem)));
                    }
                }
            } else {
                rest
            };
            let (_, bytes) = cut(&bytes, &mut skip);
            let (content, after) = cut(bytes, &mut left);
            sink(content);
            current.rest = after.to_vec();
        }
        current.position = chunk.inner_offset.saturating_add(chunk.size);
        self.current = Some(current);
        Ok(Ok(()))
    }
}

/// The first `count` bytes, by which the count goes down, and the others.
fn cut<'a>(bytes: &'a [u8], count: &mut u64) -> (&'a [u8], &'a [u8]) {
    let length = usize::try_from(*count).map_or(bytes.len(), |count| count.min(bytes.len()));
    *count = count.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
    bytes.split_at_checked(length).unwrap_or((bytes, &[]))
}
