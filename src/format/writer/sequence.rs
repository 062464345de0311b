//! What comes back from the threads, in the order of the tar: the frames go to the layer, and the index tells where they are.

use std::{collections::VecDeque, io};

use super::{
    Options,
    batch::{Batch, Sums},
    frames::Output,
    index::{IndexFrames, Placed},
    payload::Payload,
    toc::TocWriter,
};
use crate::format::{
    Dialect, Findings,
    dialect::DigestIn,
    tarsplit::Lines,
    toc::{Chunk, Entry},
};

/// The layer and its index, written in the order of the tar.
pub(super) struct Sequence<'a> {
    dialect: Dialect,
    out: Output<'a>,
    toc: TocWriter,
    /// In dialects that have a tar-split.
    tar_split: Option<TarSplit>,
    /// What is not in the index yet, since a file before it, or its own, is not written.
    waiting: VecDeque<Waiting>,
    /// The chunks of the next file, as far as they are written.
    chunks: Vec<Chunk>,
    /// Where the next frame begins.
    start: u64,
}

struct TarSplit {
    lines: Lines,
    payload: Payload,
}

enum Waiting {
    Segment(Vec<u8>),
    File(Box<File>),
}

/// A tar entry whose content is complete.
pub(super) struct File {
    /// That of the TOC, without digest and chunks; none of a global PAX header.
    pub(super) entry: Option<Entry>,
    /// The name and the size in the tar-split.
    pub(super) name: Vec<u8>,
    pub(super) size: u64,
    pub(super) has_content: bool,
}

impl<'a> Sequence<'a> {
    pub(super) fn new(out: Output<'a>, options: Options) -> io::Result<Self> {
        let tar_split = if options.dialect.has_tar_split() {
            Some(TarSplit {
                lines: Lines::default(),
                payload: Payload::new(options.level)?,
            })
        } else {
            None
        };
        Ok(Self {
            dialect: options.dialect,
            out,
            toc: TocWriter::new(options.dialect, options.level)?,
            tar_split,
            waiting: VecDeque::new(),
            chunks: Vec::new(),
            start: 0,
        })
    }

    /// Takes a segment of the tar-split.
    pub(super) fn segment(&mut self, bytes: &[u8]) {
        self.waiting.push_back(Waiting::Segment(bytes.to_vec()));
    }

    /// Takes the next entry of the tar.
    pub(super) fn file(&mut self, file: File) {
        self.waiting.push_back(Waiting::File(Box::new(file)));
    }

    /// Keeps nothing that waits: there will be no layer.
    pub(super) fn forget(&mut self) {
        self.waiting = VecDeque::new();
    }

    /// Writes the next batch, and the entries that are complete with it.
    pub(super) fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let before = self.out.length;
        io::Write::write_all(&mut self.out, &batch.compressed)?;
        let mut frames = batch.frames.iter();
        for part in &batch.parts {
            for frame in frames.by_ref().take(part.frames) {
                let end = u64::try_from(frame.end).unwrap_or(u64::MAX).saturating_add(before);
                if part.is_content {
                    let file_offset = self
                        .chunks
                        .last()
                        .map_or(0, |last| last.file_offset.saturating_add(last.size));
                    self.chunks.push(Chunk {
                        offset: self.start,
                        end: Some(end),
                        inner_offset: 0,
                        file_offset,
                        size: frame.size,
                        digest: frame.digest,
                        zeros: frame.zeros,
                    });
                }
                self.start = end;
            }
            if let Some(sums) = part.sums {
                self.settle(Some(sums))?;
            }
        }
        self.settle(None)
    }

    /// Writes what waits into the index, up to the next file with content; with its sums that one, too.
    fn settle(&mut self, mut sums: Option<Sums>) -> io::Result<()> {
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting {
                Waiting::Segment(bytes) => {
                    if let Some(TarSplit { lines, payload }) = &mut self.tar_split {
                        payload.write(lines.segment(&bytes))?;
                    }
                }
                Waiting::File(file) if file.has_content && sums.is_none() => {
                    self.waiting.push_front(Waiting::File(file));
                    break;
                }
                Waiting::File(file) => {
                    let sums = if file.has_content { sums.take() } else { None };
                    self.write_entry(*file, sums)?;
                }
            }
        }
        Ok(())
    }

    fn write_entry(&mut self, file: File, sums: Option<Sums>) -> io::Result<()> {
        if let Some(TarSplit { lines, payload }) = &mut self.tar_split {
            payload.write(lines.file(&file.name, file.size, sums.map_or(0, |sums| sums.crc)))?;
        }
        let chunks = match sums {
            Some(_) => std::mem::take(&mut self.chunks),
            None => Vec::new(),
        };
        let Some(mut entry) = file.entry else {
            return Ok(());
        };
        entry.digest = sums.map(|sums| sums.digest);
        entry.chunks = chunks;
        self.toc.push(&entry)
    }

    /// Writes the index.
    ///
    /// Reports IDX-01.
    pub(super) fn finish(mut self, findings: &mut Findings) -> io::Result<Option<Placed>> {
        self.settle(None)?;
        let tar_split = match self.tar_split {
            Some(tar_split) => Some(tar_split.payload.finish()?),
            None => None,
        };
        let has_digest = self.dialect.facts().tar_split == Some(DigestIn::Toc);
        let in_toc = tar_split.as_ref().map(|tar_split| tar_split.digest);
        let index = IndexFrames {
            dialect: self.dialect,
            toc: self.toc.finish(in_toc.filter(|_| has_digest))?,
            tar_split,
        };
        index.write(self.out, findings)
    }
}
