//! Changes of what TOC and tar-split say of the data.

use arbitrary::Arbitrary;

use super::{add, pick, set, sha512};
use crate::{
    forge::{
        layer::{Claim, Parts},
        tar::Entry,
        tarsplit::Line,
        toc::{Style, TocEntry},
    },
    format::{Dialect, Digest},
    rules::Rule,
};

/// A change of what the TOC says.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedChange {
    Kind,
    Mode,
    Uid,
    Gid,
    Link,
    Time,
    NoTime,
    Name,
    Missing,
    More,
    Repeated,
    Swapped,
    Digest,
    DigestSpelling,
    DigestAlgorithm,
    NoDigest,
    ChunkDigest,
    ChunkOffset,
    ChunkType,
    ChunkName,
    Zeros,
    Offset,
    EndOffset,
}

/// A change of what the tar-split says.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineChange {
    Crc,
    CrcLength,
    Size,
    Name,
    Missing,
    Repeated,
    Tail,
    Digest,
    NoDigest,
}

impl ListedChange {
    pub(in super::super) fn inflict(self, parts: &mut Parts, which: usize) -> Option<Rule> {
        let style = parts.plan.style;
        let unique = parts.plan.dialect.has_tar_split();
        let chunked = |list: &[TocEntry], at: usize| list.get(at + 1).is_some_and(|next| next.kind == "chunk");
        let fits = |at: usize, entry: &TocEntry| match self {
            Self::ChunkOffset | Self::ChunkName => entry.kind == "chunk",
            Self::ChunkDigest => !entry.chunk_digest.is_empty(),
            Self::ChunkType | Self::Zeros => style != Style::Stargz && entry.end_offset != 0 && !entry.zeros(),
            Self::EndOffset => entry.end_offset != 0,
            Self::Offset => !entry.digest.is_empty() || (style != Style::Stargz && entry.kind == "chunk"),
            Self::Digest | Self::DigestSpelling | Self::DigestAlgorithm | Self::NoDigest => !entry.digest.is_empty(),
            Self::Missing | Self::Repeated => entry.kind != "chunk" && !chunked(&parts.toc, at),
            // Ranges of stargz end at the next offset, so that they would change as well.
            Self::Swapped => {
                style != Style::Stargz
                    && entry.kind != "chunk"
                    && parts.toc.get(at + 1).is_some_and(|next| next.kind != "chunk")
                    && !chunked(&parts.toc, at + 1)
            }
            _ => entry.kind != "chunk",
        };
        if self == Self::More {
            parts.toc.push(TocEntry::of(&Entry::dir("more/")));
            return Some(Rule::EntrySets);
        }
        let candidates: Vec<usize> = (0..parts.toc.len()).filter(|&at| fits(at, &parts.toc[at])).collect();
        let at = pick(candidates, which)?;
        let content_is_zero = parts.content_is_zero(at);
        let entry = &mut parts.toc[at];
        let other = Digest::of(b"other").to_string();
        Some(match self {
            Self::Kind => set(&mut entry.kind, "bogus", Rule::EntryType),
            Self::Mode => add(&mut entry.mode, Rule::EntryMetadata),
            Self::Uid => add(&mut entry.uid, Rule::EntryMetadata),
            Self::Gid => add(&mut entry.gid, Rule::EntryMetadata),
            Self::Link => {
                entry.link.push('x');
                Rule::EntryMetadata
            }
            Self::Time => set(&mut entry.modtime, "2001-02-03T04:05:06Z", Rule::EntryMetadata),
            Self::NoTime => set(&mut entry.modtime, "yesterday", Rule::EntryTime),
            Self::Name => set(&mut entry.name, "nul\0", Rule::EntryName),
            Self::Missing => {
                parts.toc.remove(at);
                Rule::EntrySets
            }
            Self::Repeated => {
                let entry = entry.clone();
                parts.toc.insert(at, entry);
                if unique { Rule::EntryUnique } else { Rule::EntrySets }
            }
            Self::Swapped => {
                parts.toc.swap(at, at + 1);
                Rule::EntryOrder
            }
            Self::Digest => set(&mut entry.digest, &other, Rule::FileDigest),
            Self::DigestSpelling => {
                entry.digest.pop();
                Rule::EntryDigest
            }
            Self::DigestAlgorithm => set(&mut entry.digest, &sha512(), Rule::DigestAlgorithm),
            Self::NoDigest => set(&mut entry.digest, "", Rule::FileIndexed),
            Self::ChunkDigest => set(&mut entry.chunk_digest, &other, Rule::ChunkDigest),
            Self::ChunkOffset => add(&mut entry.chunk_offset, Rule::ChunkSequence),
            Self::ChunkType => set(&mut entry.chunk_type, "ones", Rule::ChunkType),
            Self::ChunkName => set(&mut entry.name, "other", Rule::ChunkFollows),
            Self::Zeros if content_is_zero => return None,
            Self::Zeros => set(&mut entry.chunk_type, "zeros", Rule::ZerosChunk),
            Self::Offset => add(&mut entry.offset, Rule::RangeFrames),
            Self::EndOffset => {
                entry.end_offset = entry.offset;
                Rule::FileIndexed
            }
            Self::More => return None,
        })
    }
}

impl TocEntry {
    fn zeros(&self) -> bool {
        self.chunk_type == "zeros"
    }
}

impl Parts {
    /// Whether the first chunk of the file that this entry of the TOC lists is nothing but zeros.
    fn content_is_zero(&self, at: usize) -> bool {
        let entry = &self.toc[at];
        let content = self
            .plan
            .entries
            .iter()
            .find(|planned| planned.name == entry.name.as_bytes());
        let length = usize::try_from(entry.chunk_size).unwrap_or(0);
        content.is_none_or(|planned| {
            let chunk = planned.content.get(..length).filter(|chunk| !chunk.is_empty());
            chunk.unwrap_or(&planned.content).iter().all(|&byte| byte == 0)
        })
    }
}

impl LineChange {
    pub(super) fn inflict(self, parts: &mut Parts, which: usize) -> Option<Rule> {
        let dialect = parts.plan.dialect;
        if !dialect.has_tar_split() {
            return None;
        }
        match self {
            Self::Digest if dialect == Dialect::G4 || dialect == Dialect::G5 => {
                parts.claim = Claim::Other(Digest::of(b"other").to_string());
                return Some(Rule::TarSplitDigest);
            }
            Self::NoDigest if dialect == Dialect::G5 => {
                parts.claim = Claim::Absent;
                return Some(Rule::NoTarSplit);
            }
            Self::Digest | Self::NoDigest => return None,
            Self::Tail => {
                // The end of the archive is a block longer in the index than in the data.
                let Some(Line::Segment(bytes)) = parts.tar_split.last_mut() else {
                    return None;
                };
                bytes.extend([0; 512]);
                return (!parts.plan.tail.is_empty()).then_some(Rule::PlainTar);
            }
            _ => {}
        }
        let with_content = matches!(self, Self::Crc | Self::CrcLength);
        let has_content = |name: &[u8]| {
            let planned = parts.plan.entries.iter().find(|entry| entry.name == name);
            planned.is_some_and(|entry| !entry.content.is_empty())
        };
        let fits = |line: &Line| match line {
            Line::Segment(_) => false,
            Line::File { name, .. } => !with_content || has_content(name),
        };
        let candidates: Vec<usize> = (0..parts.tar_split.len())
            .filter(|&at| fits(&parts.tar_split[at]))
            .collect();
        let at = pick(candidates, which)?;
        let Line::File { name, size, payload } = &mut parts.tar_split[at] else {
            return None;
        };
        Some(match self {
            Self::Crc => {
                *payload.as_mut()?.first_mut()? ^= 1;
                Rule::FileCrc
            }
            Self::CrcLength => {
                payload.as_mut()?.pop();
                Rule::TarSplitPayload
            }
            Self::Size => {
                *size += 1;
                payload.get_or_insert_with(|| vec![0; 8]);
                Rule::SegmentFile
            }
            Self::Name => {
                name.push(b'x');
                Rule::SegmentFile
            }
            Self::Missing => {
                parts.tar_split.remove(at);
                Rule::SegmentFile
            }
            Self::Repeated => {
                let line = parts.tar_split[at].clone();
                parts.tar_split.insert(at, line);
                Rule::TarSplitUnique
            }
            Self::Tail | Self::Digest | Self::NoDigest => return None,
        })
    }
}
