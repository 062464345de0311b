//! The content of files, read from their ranges as a lazy puller does.

use std::{collections::BTreeMap, io};

use sha2::{Digest as _, Sha256};

use super::members::{Members, Step};
use crate::{
    format::{
        Bytes, Digest, Extent, Findings, Place,
        layer::{ChunkContent, READ_THROUGH, Seen, Work, check_content, range_key},
        range::ReadAt,
        toc::{Chunk, Entry},
    },
    rules::Rule,
};

/// Reads chunks in the order of the TOC. Chunks that follow each other in one member are read in one go, and ranges that several
/// files share are read once.
pub(super) struct Ranges<'a> {
    blob: &'a dyn ReadAt,
    data_end: u64,
    current: Option<Current<'a>>,
    known: BTreeMap<Digest, Content>,
    left: Work,
}

/// What was read for a file, before it is compared with the digests in the TOC.
struct Content {
    /// The chunks that were read to their ends.
    chunks: Vec<Seen>,
    /// The digest of all of it; otherwise the rule that its range breaks, and how.
    whole: Result<Digest, (Rule, String)>,
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
    /// Reads ranges that end at `data_end` or before, and no more of them than [`READ_THROUGH`] times `all` that the data
    /// takes: ranges have no ends, so that all of them can reach to the end of the data.
    pub(super) const fn new(blob: &'a dyn ReadAt, data_end: u64, all: Work) -> Self {
        Self {
            blob,
            data_end,
            current: None,
            known: BTreeMap::new(),
            left: all.times(READ_THROUGH),
        }
    }

    /// Whether more would have been read than is allowed.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.left.is_none()
    }

    /// Reads the content of a file and compares it with its digests.
    ///
    /// Rules: DAT-01 to DAT-04. Nothing is reported once [`Self::is_exhausted`] is true.
    pub(super) fn check(&mut self, entry: &Entry, findings: &mut Findings) -> io::Result<()> {
        let key = range_key(entry);
        if !self.known.contains_key(&key) {
            let content = self.content(entry)?;
            self.known.insert(key, content);
        }
        let Some(content) = self.known.get(&key).filter(|_| !self.is_exhausted()) else {
            return Ok(());
        };
        for (chunk, seen) in entry.chunks.iter().zip(&content.chunks) {
            let _reported = seen.check(entry, chunk, findings);
        }
        match &content.whole {
            Ok(whole) => {
                let _reported = check_content(entry, *whole, findings);
            }
            Err((rule, problem)) => findings.report(*rule, Place::File(entry.name.clone()), problem.clone()),
        }
        Ok(())
    }

    fn content(&mut self, entry: &Entry) -> io::Result<Content> {
        let mut whole = Sha256::new();
        let mut chunks = Vec::new();
        for chunk in &entry.chunks {
            let mut content = ChunkContent::default();
            let read = self.read(chunk, &mut |bytes| {
                whole.update(bytes);
                content.update(chunk, bytes);
            })?;
            if let Err(broken) = read {
                self.current = None;
                return Ok(Content {
                    chunks,
                    whole: Err(broken),
                });
            }
            chunks.push(content.finish());
        }
        Ok(Content {
            chunks,
            whole: Ok(Digest::from_hasher(whole)),
        })
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
        while left > 0 && !self.left.is_none() {
            let rest = std::mem::take(&mut current.rest);
            let bytes = if rest.is_empty() {
                match current.members.step()? {
                    Step::Bytes(bytes) => {
                        self.left.spend(0, bytes.len());
                        bytes.to_vec()
                    }
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
