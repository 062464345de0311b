//! The segments of a tar-split, in step with the tar.

use std::{borrow::Cow, collections::VecDeque, io, slice};

use super::index::LoadedTarSplit;
use crate::format::{Limits, payload::Pieces, tarsplit};

/// The bytes of the segments of a tar-split, one after the other.
///
/// Both the tar and the tar-split are read in order, so the lines are read again instead of being kept: segments are the largest
/// part of most tar-splits.
pub(super) struct Segments<'a> {
    rest: Rest<'a>,
    current: Cow<'a, [u8]>,
    /// Bytes of the current one that were compared.
    compared: usize,
    differs: bool,
    /// Why they could not be read again.
    error: Option<io::Error>,
}

impl<'a> Segments<'a> {
    /// The segments of a tar-split that was loaded.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub(super) fn of(tar_split: &'a LoadedTarSplit, limits: &Limits) -> io::Result<Self> {
        Ok(Self {
            rest: match &tar_split.payload {
                Some(payload) => Rest::Again(Box::new(Again {
                    pieces: Pieces::new(payload, limits)?,
                    lines: tarsplit::LineReader::again(),
                    read: VecDeque::new(),
                })),
                None => Rest::Kept(tar_split.entries.iter()),
            },
            current: Cow::default(),
            compared: 0,
            differs: false,
            error: None,
        })
    }

    /// Where these bytes, which come next in the tar, begin to differ; reported once.
    pub(super) fn differ(&mut self, bytes: &[u8]) -> Option<u64> {
        let mut rest = bytes;
        while !rest.is_empty() && !self.differs {
            self.fill();
            let current = self.current.get(self.compared..).unwrap_or_default();
            let length = rest.len().min(current.len());
            let (ours, _) = current.split_at_checked(length)?;
            let (theirs, remaining) = rest.split_at_checked(length)?;
            if length == 0 || ours != theirs {
                self.differs = true;
                let equal = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
                let before = bytes.len().saturating_sub(rest.len());
                return u64::try_from(before.saturating_add(equal)).ok();
            }
            self.compared = self.compared.saturating_add(length);
            rest = remaining;
        }
        None
    }

    /// Whether the tar, which has ended without a difference, lacks some of them.
    pub(super) fn has_more(&mut self) -> bool {
        self.fill();
        !self.differs && self.compared < self.current.len()
    }

    /// Says that they are no longer needed.
    ///
    /// # Errors
    ///
    /// They could not be read again, so what they were compared with is not known to differ.
    pub(super) fn finish(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    /// Takes up the next segment that is not empty, once the current one is used up.
    fn fill(&mut self) {
        while self.compared >= self.current.len() && self.error.is_none() {
            match self.rest.next() {
                Ok(Some(segment)) => (self.current, self.compared) = (segment, 0),
                Ok(None) => return,
                Err(error) => self.error = Some(error),
            }
        }
    }
}

/// The segments that follow.
enum Rest<'a> {
    /// Lines on which something is wrong are kept.
    Kept(slice::Iter<'a, tarsplit::Entry>),
    Again(Box<Again<'a>>),
}

impl<'a> Rest<'a> {
    fn next(&mut self) -> io::Result<Option<Cow<'a, [u8]>>> {
        match self {
            Self::Kept(entries) => Ok(entries.find_map(|entry| match entry {
                tarsplit::Entry::Segment(segment) => Some(segment.bytes.as_slice().into()),
                tarsplit::Entry::File(_) | tarsplit::Entry::Unusable(_) => None,
            })),
            Self::Again(again) => Ok(again.next()?.map(Cow::Owned)),
        }
    }
}

/// Reads good lines again.
struct Again<'a> {
    pieces: Pieces<'a>,
    lines: tarsplit::LineReader,
    /// The segments of the last piece.
    read: VecDeque<Vec<u8>>,
}

impl Again<'_> {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        while self.read.is_empty() {
            let Some(piece) = self.pieces.next_piece()? else {
                break;
            };
            let read = &mut self.read;
            self.lines.push(piece, &mut |entry| {
                if let tarsplit::Entry::Segment(segment) = entry {
                    read.push_back(segment.bytes);
                }
            });
        }
        Ok(self.read.pop_front())
    }
}
