//! The blob as a plain decoder sees it, compared with the index.

use std::{io, mem};

use sha2::{Digest as _, Sha256};

use super::{
    LayerIndex, ReadFile, compare,
    content::{Content, Seen},
    contents::Contents,
    decode::{Mark, Piece},
    jobs,
    known::Known,
    segments::Segments,
};
use crate::{
    format::{
        Digest, Findings, Limits, Place, Region,
        crc64::Crc64,
        path::from_root,
        range::ReadAt as _,
        tar::{self, Ambiguities, Event, Expecting, Inspection, Scanner},
        toc::Entry,
    },
    rules::Rule,
};

/// What plain decoding gave.
pub(super) struct Plain<'a> {
    /// The tar; none if a frame is broken, or if it is far larger than the index says.
    pub(super) tar: Option<Tar>,
    /// Bytes that were decoded, also where they are not a tar.
    pub(super) decoded: u64,
    /// Whether all frames were decoded, as far as they can be.
    pub(super) is_complete: bool,
    /// The files that were read on the way.
    pub(super) known: Known<'a>,
    /// What tar readers differ about in the tar; nothing if it cannot be read to its end.
    pub(super) ambiguities: Ambiguities,
}

/// A plainly decoded tar.
pub(super) struct Tar {
    /// Its digest.
    pub(super) digest: Digest,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Takes what all data frames decode to, in order. No more is wanted [`SLACK`] past the size that the tar-split and the files that
/// it names add up to.
///
/// Rules: FRM-02 to FRM-05, TAR, CMP-03, and CMP-01, CMP-02 and CMP-05 where there is no tar-split to compare the TOC with.
pub(super) struct Reader<'a> {
    index: Option<&'a LayerIndex>,
    findings: Findings,
    /// Findings in the tar since the last frame that is known to be whole.
    of_tar: Findings,
    hasher: Sha256,
    size: u64,
    expected: Option<u64>,
    /// Whether the tar got too long.
    is_over: bool,
    is_whole: bool,
    watch: Option<Watch<'a>>,
    long: Option<LongFile>,
    known: Known<'a>,
}

/// A file that is longer than a piece.
struct LongFile {
    /// The number of its entry.
    entry: usize,
    chunks: Vec<Seen>,
}

impl<'a> Reader<'a> {
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub(super) fn new(index: Option<&'a LayerIndex>, limits: &Limits, like: &Findings) -> io::Result<Self> {
        let tar_split = index.and_then(|index| index.tar_split.as_ref());
        Ok(Self {
            index,
            findings: Findings::like(like),
            of_tar: Findings::like(like),
            hasher: Sha256::new(),
            size: 0,
            expected: tar_split.map(|tar_split| tar_split.tar_size),
            is_over: false,
            is_whole: true,
            watch: index.map(|index| Watch::of(index, limits)).transpose()?,
            long: None,
            known: Known::new(index.map_or(&[][..], |index| &index.toc.entries)),
        })
    }

    /// Whether more is wanted.
    pub(super) const fn is_reading(&self) -> bool {
        !self.is_over
    }

    /// Takes the next piece, and returns whether more are wanted.
    pub(super) fn take(&mut self, piece: Piece) -> bool {
        if piece.is_after_gap {
            self.lose();
        }
        self.hasher.update(&piece.bytes);
        let mut rest = piece.bytes.as_slice();
        let mut at = 0;
        for (place, mark) in piece.marks {
            let (bytes, after) = rest.split_at_checked(place.saturating_sub(at)).unwrap_or((rest, &[]));
            if !self.push(bytes) {
                return false;
            }
            (at, rest) = (place, after);
            self.note(mark);
        }
        self.push(rest)
    }

    /// What follows a gap in a tar cannot be compared with anything.
    fn lose(&mut self) {
        self.is_whole = false;
        self.watch = None;
        self.long = None;
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        self.size = self.size.saturating_add(bytes.size());
        if let Some(watch) = &mut self.watch {
            watch.push(bytes, &mut self.of_tar);
        }
        let Some(expected) = self
            .expected
            .filter(|expected| self.size > expected.saturating_add(SLACK))
        else {
            return true;
        };
        self.merge_tar();
        self.findings.report(
            Rule::PlainTar,
            Place::Whole(Region::Tar),
            format!("the decoded tar exceeds the {expected} bytes of the tar-split and its files by more than 16 MiB"),
        );
        self.is_over = true;
        false
    }

    fn merge_tar(&mut self) {
        let like = Findings::like(&self.findings);
        self.findings.merge(mem::replace(&mut self.of_tar, like));
    }

    fn note(&mut self, mark: Mark) {
        match mark {
            Mark::Step => {}
            Mark::Whole => self.merge_tar(),
            Mark::Broken(broken) => {
                // What a broken frame decodes to is not the tar.
                if !broken.is_empty() {
                    self.of_tar = Findings::like(&self.findings);
                }
                self.findings.merge(broken);
                self.merge_tar();
                self.lose();
            }
            Mark::File {
                entry: number,
                content,
                crc,
            } => {
                let Some(entry) = self.entry(number) else {
                    return;
                };
                if let (Some(watch), Some(whole)) = (&mut self.watch, content.whole) {
                    watch.foresee(jobs::size(entry), whole);
                }
                self.known.add(number, content, crc);
            }
            Mark::Begin { entry } => {
                self.long = Some(LongFile {
                    entry,
                    chunks: Vec::new(),
                });
                let several = self.entry(entry).filter(|entry| entry.chunks.len() > 1);
                if let (Some(watch), Some(entry)) = (&mut self.watch, several) {
                    watch.count(jobs::size(entry));
                }
            }
            Mark::Chunk {
                entry,
                chunk,
                seen,
                crc,
            } => self.end_chunk(entry, chunk, seen, crc),
        }
    }

    fn entry(&self, number: usize) -> Option<&'a Entry> {
        self.index?.toc.entries.get(number)
    }

    fn end_chunk(&mut self, number: usize, chunk: usize, seen: Seen, crc: Option<u64>) {
        let next = |long: &mut LongFile| long.entry == number && long.chunks.len() == chunk;
        let Some(mut long) = self.long.take_if(next) else {
            return;
        };
        let Some(entry) = self.entry(number) else {
            return;
        };
        long.chunks.push(seen);
        if long.chunks.len() < entry.chunks.len() {
            self.long = Some(long);
            return;
        }
        let counted = self.watch.as_mut().and_then(Watch::counted);
        let whole = match crc {
            Some(crc) => Some((seen.digest, crc)),
            None => counted,
        };
        // Where the content in the tar is not that of the file, it is read by itself.
        let Some((digest, crc)) = whole else {
            return;
        };
        let content = Content {
            chunks: long.chunks,
            whole: Some(digest),
            end: ReadFile::Good,
            findings: Findings::like(&self.findings),
        };
        self.known.add(number, content, crc);
    }

    /// Says that all frames were handed in, or no more are wanted; `has_gaps` is whether the walk over them broke off.
    ///
    /// # Errors
    ///
    /// The tar-split could not be read again.
    pub(super) fn finish(mut self, has_gaps: bool) -> io::Result<(Plain<'a>, Findings)> {
        let mut tar = None;
        let watch = self.watch.as_mut().filter(|watch| watch.readable);
        let inspection = watch.map(|watch| mem::take(&mut watch.state.inspection));
        if self.is_whole && !self.is_over && !has_gaps {
            if let (Some(watch), Some(index)) = (self.watch, self.index) {
                watch.finish(index, &mut self.findings)?;
            }
            tar = Some(Tar {
                digest: Digest::from_hasher(self.hasher),
                size: self.size,
            });
        }
        self.known.finish();
        let plain = Plain {
            tar,
            decoded: self.size,
            is_complete: !self.is_over,
            known: self.known,
            ambiguities: inspection.map(Inspection::finish).unwrap_or_default(),
        };
        Ok((plain, self.findings))
    }
}

/// How much longer than expected, in bytes, a tar is decoded: a small difference is looked at to its end.
const SLACK: u64 = 16 << 20;

/// Compares the tar with the index as it is decoded.
struct Watch<'a> {
    scanner: Scanner,
    state: State<'a>,
    readable: bool,
}

impl<'a> Watch<'a> {
    fn of(index: &'a LayerIndex, limits: &Limits) -> io::Result<Self> {
        let tar_split = index.tar_split.as_ref();
        Ok(Self {
            scanner: Scanner::new(),
            state: State {
                contents: Contents::new(&index.toc.entries),
                inspection: Inspection::new(),
                segments: tar_split.map(|tar_split| Segments::of(tar_split, limits)).transpose()?,
                headers: Vec::new(),
                current: None,
                hasher: Sha256::new(),
                foreseen: None,
                crc: None,
                counted: None,
                offset: 0,
                differences: Vec::new(),
            },
            readable: true,
        })
    }

    /// Says what the digest of the next bytes is, if these are all of a file's content.
    fn foresee(&mut self, size: u64, digest: Digest) {
        if self.is_at_content(size) {
            self.state.foreseen = Some(digest);
        }
    }

    /// Counts the CRC of the next content, if it has this size and begins here. [`Self::counted`] gives it where the content
    /// ends.
    fn count(&mut self, size: u64) {
        self.state.counted = None;
        self.state.crc = self.is_at_content(size).then(Crc64::new);
    }

    /// Digest and CRC of the content that was to be counted and has ended.
    fn counted(&mut self) -> Option<(Digest, u64)> {
        self.state.counted.take()
    }

    /// Whether the content of a file begins here that has this size.
    fn is_at_content(&self, size: u64) -> bool {
        let current = self.state.current.as_ref();
        let is_all = current.is_some_and(|current| current.content == size);
        let left = match self.scanner.expecting() {
            Expecting::Content { left } => left,
            _ => 0,
        };
        self.readable && size > 0 && is_all && left == size
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

    fn finish(mut self, index: &LayerIndex, findings: &mut Findings) -> io::Result<()> {
        if !self.readable {
            return Ok(());
        }
        self.scanner.finish(findings);
        self.state.finish_segments(findings)?;
        self.state.contents.finish(findings);
        if index.tar_split.is_none() {
            compare(&index.toc, &self.state.headers, index.dialect, findings);
        }
        Ok(())
    }
}

struct State<'a> {
    contents: Contents<'a>,
    inspection: Inspection,
    segments: Option<Segments<'a>>,
    /// The headers seen, where there is no tar-split that has them.
    headers: Vec<tar::Entry>,
    current: Option<Box<tar::Entry>>,
    hasher: Sha256,
    /// The digest of the current content, where it is known before the content.
    foreseen: Option<Digest>,
    /// The CRC of the current content, where it is wanted.
    crc: Option<Crc64>,
    /// Digest and CRC of the last content whose CRC was wanted.
    counted: Option<(Digest, u64)>,
    offset: u64,
    differences: Vec<(Place, String)>,
}

impl State<'_> {
    fn see(&mut self, event: Event<'_>) {
        self.inspection.see(&event);
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
                self.current = Some(entry);
            }
            Event::Content(bytes) => {
                if self.foreseen.is_none() {
                    self.hasher.update(bytes);
                }
                if let Some(crc) = &mut self.crc {
                    crc.update(bytes);
                }
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
        if entry.content > 0 {
            let foreseen = self.foreseen.take();
            let digest = foreseen.unwrap_or_else(|| Digest::from_hasher(mem::take(&mut self.hasher)));
            self.counted = self.crc.take().map(|crc| (digest, crc.value()));
            if let Ok(name) = std::str::from_utf8(&entry.name) {
                self.contents.take(&from_root(name).path, digest);
            }
        } else if let Ok(name) = std::str::from_utf8(&entry.name) {
            self.contents.take_empty(&from_root(name).path);
        }
        if self.segments.is_none() {
            self.headers.push(*entry);
        }
    }

    fn finish_segments(&mut self, findings: &mut Findings) -> io::Result<()> {
        let Some(mut segments) = self.segments.take() else {
            return Ok(());
        };
        if segments.has_more() {
            findings.report(
                Rule::PlainTar,
                Place::Byte(Region::Tar, self.offset),
                "the decoded tar ends before the tar-split does",
            );
        }
        segments.finish()
    }
}
