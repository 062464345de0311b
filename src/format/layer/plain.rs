//! The blob as a plain decoder sees it, compared with the index.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::ControlFlow,
};

use sha2::{Digest as _, Sha256};

use super::{LayerIndex, Source, compare, walk::Walk};
use crate::{
    format::{
        Digest, Findings, Place, Region,
        frames::{Decoded, Decoder},
        path::from_root,
        range::ReadAt as _,
        tar::{self, Event, Scanner},
        tarsplit,
    },
    rules::Rule,
};

/// What plain decoding gave.
pub(super) struct Plain {
    /// The tar; none if a frame is broken, or if it is far larger than the index says.
    pub(super) tar: Option<Tar>,
    /// Bytes that were decoded, also where they are not a tar.
    pub(super) decoded: u64,
}

/// A plainly decoded tar.
pub(super) struct Tar {
    /// Its digest.
    pub(super) digest: Digest,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Decodes every frame in order. Decoding stops [`SLACK`] past the size that the tar-split and the files that it names add up to. After a broken frame decoding goes on where one of `starts` is.
///
/// Rules: FRM-01 to FRM-05, TAR, CMP-03, and CMP-01, CMP-02 and CMP-05 where there is no tar-split to compare the TOC with.
pub(super) fn check(
    source: &Source<'_>,
    index: Option<&LayerIndex>,
    starts: &BTreeSet<u64>,
    findings: &mut Findings,
) -> io::Result<Plain> {
    let mut hasher = Sha256::new();
    let mut size = 0u64;
    let mut watch = index.map(Watch::of);
    let mut decoder = Decoder::new(&source.limits)?;
    let mut whole = true;
    let expected = index.and_then(expected_size);
    let bound = expected.map(|expected| expected.saturating_add(SLACK));
    let mut walk = Walk::new(source.blob, starts);
    let mut walked = Findings::new();
    while let Some(frame) = walk.next_frame(&mut walked)? {
        if !walked.is_empty() {
            whole = false;
            watch = None;
        }
        // Findings of the tar come out of the decoder's sink, which cannot share the decoder's own.
        let mut of_tar = Findings::like(findings);
        let before = findings.count();
        let decoded = decoder.decode(source.blob, &frame, findings, &mut |piece| {
            hasher.update(piece);
            size = size.saturating_add(piece.size());
            if let Some(watch) = &mut watch {
                watch.push(piece, &mut of_tar);
            }
            if bound.is_some_and(|bound| size > bound) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        // What a broken frame decodes to is not the tar.
        let is_reported = decoded == Decoded::Broken && findings.count() > before;
        if !is_reported {
            findings.merge(of_tar);
        }
        if let Some(expected) = expected.filter(|_| bound.is_some_and(|bound| size > bound)) {
            findings.report(
                Rule::PlainTar,
                Place::Whole(Region::Tar),
                format!(
                    "the decoded tar exceeds the {expected} bytes of the tar-split and its files by more than 16 MiB"
                ),
            );
            return Ok(Plain {
                tar: None,
                decoded: size,
            });
        }
        if decoded == Decoded::Broken {
            whole = false;
            // What follows a gap in a tar cannot be compared with anything.
            watch = None;
        }
    }
    // The walk over the frames has been done, and its findings reported, before.
    if !whole || !walked.is_empty() {
        return Ok(Plain {
            tar: None,
            decoded: size,
        });
    }
    if let (Some(watch), Some(index)) = (watch, index) {
        watch.finish(index, findings);
    }
    let tar = Tar {
        digest: Digest::from_hasher(hasher),
        size,
    };
    Ok(Plain {
        tar: Some(tar),
        decoded: size,
    })
}

/// How much longer than expected, in bytes, a tar is decoded: a small difference is looked at to its end.
const SLACK: u64 = 16 << 20;

/// The size of the tar that the tar-split and the files that it names give.
fn expected_size(index: &LayerIndex) -> Option<u64> {
    let tar_split = index.tar_split.as_ref()?;
    let segments = tar_split.entries.iter().map(|entry| match entry {
        tarsplit::Entry::Segment(segment) => segment.bytes.as_slice().size(),
        tarsplit::Entry::File(_) | tarsplit::Entry::Unusable(_) => 0,
    });
    let contents = tar_split.headers.iter().map(|header| header.content);
    Some(segments.chain(contents).fold(0, u64::saturating_add))
}

/// Compares the tar with the index as it is decoded.
struct Watch<'a> {
    scanner: Scanner,
    state: State<'a>,
    readable: bool,
}

impl<'a> Watch<'a> {
    fn of(index: &'a LayerIndex) -> Self {
        let segments = index.tar_split.as_ref().map(|tar_split| Segments {
            entries: &tar_split.entries,
            current: &[],
            differs: false,
        });
        Self {
            scanner: Scanner::new(),
            state: State {
                contents: BTreeMap::new(),
                segments,
                headers: Vec::new(),
                current: None,
                hasher: Sha256::new(),
                offset: 0,
                differences: Vec::new(),
            },
            readable: true,
        }
    }

    fn push(&mut self, piece: &[u8], findings: &mut Findings) {
        if self.readable {
            let state = &mut self.state;
            self.readable = self.scanner.push(piece, findings, &mut |event| state.see(event));
        }
        for difference in self.state.differences.drain(..) {
            findings.report(Rule::PlainTar, difference.0, difference.1);
        }
    }

    fn finish(mut self, index: &LayerIndex, findings: &mut Findings) {
        if !self.readable {
            return;
        }
        self.scanner.finish(findings);
        self.state.finish_segments(findings);
        self.state.check_contents(index, findings);
        if index.tar_split.is_none() {
            compare(&index.toc, &self.state.headers, index.dialect, findings);
        }
    }
}

struct State<'a> {
    /// Digests of contents by cleaned path; of several entries with one name the last counts.
    contents: BTreeMap<String, Digest>,
    segments: Option<Segments<'a>>,
    /// The headers seen, where there is no tar-split that has them.
    headers: Vec<tar::Entry>,
    current: Option<Box<tar::Entry>>,
    hasher: Sha256,
    offset: u64,
    differences: Vec<(Place, String)>,
}

impl State<'_> {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Raw(bytes) => {
                if let Some(segments) = &mut self.segments
                    && let Some(at) = segments.differ(bytes)
                {
                    self.differences.push((
                        Place::Byte(Region::Tar, self.offset.saturating_add(at)),
                        "the decoded tar differs from the tar-split".to_owned(),
                    ));
                }
                self.offset = self.offset.saturating_add(bytes.size());
            }
            Event::Entry(entry) => {
                self.hasher = Sha256::new();
                self.current = Some(entry);
            }
            Event::Content(bytes) => {
                self.hasher.update(bytes);
                self.offset = self.offset.saturating_add(bytes.size());
            }
            Event::ContentEnd => self.finish_entry(),
            Event::ArchiveEnd => {}
        }
    }

    fn finish_entry(&mut self) {
        let Some(entry) = self.current.take() else {
            return;
        };
        let digest = Digest::from_hasher(std::mem::take(&mut self.hasher));
        if entry.content > 0
            && let Ok(name) = std::str::from_utf8(&entry.name)
        {
            self.contents.insert(from_root(name).path, digest);
        }
        if self.segments.is_none() {
            self.headers.push(*entry);
        }
    }

    /// Compares the contents with the TOC. What only one of them has is for [`compare`] to report.
    fn check_contents(&self, index: &LayerIndex, findings: &mut Findings) {
        for entry in &index.toc.entries {
            if let (Some(expected), Some(found)) = (entry.digest, self.contents.get(&entry.path))
                && *found != expected
            {
                findings.report(
                    Rule::PlainTar,
                    Place::File(entry.name.clone()),
                    format!("content digest {found} in the decoded tar does not match {expected} in the TOC"),
                );
            }
        }
    }

    fn finish_segments(&mut self, findings: &mut Findings) {
        if let Some(segments) = &mut self.segments
            && segments.has_more()
        {
            findings.report(
                Rule::PlainTar,
                Place::Byte(Region::Tar, self.offset),
                "the decoded tar ends before the tar-split does",
            );
        }
    }
}

/// The bytes of the segments of a tar-split, one after the other.
struct Segments<'a> {
    entries: &'a [tarsplit::Entry],
    current: &'a [u8],
    differs: bool,
}

impl Segments<'_> {
    /// Where these bytes, which come next in the tar, begin to differ; reported once.
    fn differ(&mut self, bytes: &[u8]) -> Option<u64> {
        let mut rest = bytes;
        while !rest.is_empty() && !self.differs {
            self.fill();
            let length = rest.len().min(self.current.len());
            let (ours, after) = self.current.split_at_checked(length)?;
            let (theirs, remaining) = rest.split_at_checked(length)?;
            if length == 0 || ours != theirs {
                self.differs = true;
                let equal = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
                let before = bytes.len().saturating_sub(rest.len());
                return u64::try_from(before.saturating_add(equal)).ok();
            }
            self.current = after;
            rest = remaining;
        }
        None
    }

    /// Takes up the next segment that is not empty, once the current one is used up.
    fn fill(&mut self) {
        while self.current.is_empty()
            && let Some((entry, rest)) = self.entries.split_first()
        {
            self.entries = rest;
            if let tarsplit::Entry::Segment(segment) = entry {
                self.current = &segment.bytes;
            }
        }
    }

    fn has_more(&mut self) -> bool {
        self.fill();
        !self.differs && !self.current.is_empty()
    }
}
