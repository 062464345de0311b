//! The data frames, and the TOC's entries as they come to be known.

use std::{collections::VecDeque, io};

use sha2::{Digest as _, Sha256};

use super::{
    Options,
    entry::{Entries, GLOBAL},
    frames::{Frames, Output},
    payload::Document,
    toc::TocWriter,
};
use crate::format::{
    Digest, Findings,
    range::ReadAt as _,
    rollsum::{Piece, Splitter},
    tar::{self, Event},
    toc::{Chunk, Entry},
};

/// Compresses a tar, event by event.
pub(super) struct Body<'a> {
    pub(super) frames: Frames<'a>,
    toc: TocWriter,
    entries: Entries,
    /// The entry whose content comes.
    current: Option<Current>,
    /// Entries of which not all frames are written, so that their offsets are not known yet.
    waiting: VecDeque<Entry>,
    /// Why the tar cannot be written, to be reported.
    pub(super) refused: Findings,
    /// Whether there will be no layer, so that only headers are looked at.
    is_refused: bool,
    /// The first error of the output.
    pub(super) error: Option<io::Error>,
}

struct Current {
    entry: Entry,
    content: Option<Content>,
}

/// The content of a regular file that is not empty.
struct Content {
    splitter: Splitter,
    digest: Sha256,
    chunks: Chunks,
}

/// The chunks of a file, of which the last one may not be complete.
struct Chunks {
    complete: Vec<Chunk>,
    digest: Sha256,
    /// How many frames are before the current one. Offsets in the blob are known when these are compressed.
    start: u64,
    /// Where the current one begins in the file.
    file_offset: u64,
    size: u64,
}

impl<'a> Body<'a> {
    pub(super) fn new(out: &'a mut dyn io::Write, options: Options) -> io::Result<Self> {
        Ok(Self {
            frames: Frames::new(out, options)?,
            toc: TocWriter::new(options.dialect, options.level)?,
            entries: Entries::default(),
            current: None,
            waiting: VecDeque::new(),
            refused: Findings::new(),
            is_refused: false,
            error: None,
        })
    }

    /// Takes an event, unless there was an error before.
    pub(super) fn take(&mut self, event: Event<'_>) {
        if self.error.is_none() {
            self.error = self.try_take(event).err();
        }
    }

    /// Writes nothing more.
    pub(super) fn refuse(&mut self) {
        self.is_refused = true;
        self.current = None;
        self.waiting = VecDeque::new();
    }

    /// Ends the last frame, and the TOC.
    pub(super) fn finish(mut self, tar_split: Option<Digest>) -> io::Result<(Output<'a>, Document)> {
        self.frames.end()?;
        self.frames.write_all()?;
        self.settle()?;
        Ok((self.frames.into_output(), self.toc.finish(tar_split)?))
    }

    fn try_take(&mut self, event: Event<'_>) -> io::Result<()> {
        if self.is_refused {
            if let Event::Entry(header) = event {
                self.check_entry(&header);
            }
            return Ok(());
        }
        match event {
            Event::Raw(bytes) => self.frames.write(bytes),
            Event::Entry(header) => self.begin_entry(&header),
            Event::Content(bytes) => match self.current.as_mut().and_then(|current| current.content.as_mut()) {
                Some(content) => content.take(bytes, &mut self.frames),
                None => Ok(()),
            },
            Event::ContentEnd => self.end_entry(),
            Event::ArchiveEnd => Ok(()),
        }
    }

    /// The entry of the TOC; none for a header that makes none, or that is refused.
    fn check_entry(&mut self, header: &tar::Entry) -> Option<Entry> {
        if header.typeflag == GLOBAL {
            return None;
        }
        self.entries.add(header, &mut self.refused)
    }

    fn begin_entry(&mut self, header: &tar::Entry) -> io::Result<()> {
        let Some(entry) = self.check_entry(header) else {
            return Ok(());
        };
        let content = if header.content > 0 {
            self.frames.end()?;
            Some(Content::new(self.frames.ended()))
        } else {
            None
        };
        self.current = Some(Current { entry, content });
        Ok(())
    }

    fn end_entry(&mut self) -> io::Result<()> {
        let Some(Current { mut entry, content }) = self.current.take() else {
            return Ok(());
        };
        if let Some(content) = content {
            let (digest, chunks) = content.finish(&mut self.frames)?;
            entry.digest = Some(digest);
            entry.chunks = chunks;
        }
        self.waiting.push_back(entry);
        self.settle()
    }

    /// Passes on the entries of which all frames are written, with offsets in place of numbers of frames.
    fn settle(&mut self) -> io::Result<()> {
        while let Some(entry) = self.waiting.front_mut() {
            let last = entry.chunks.last().and_then(|chunk| chunk.end);
            if last.is_some_and(|last| !self.frames.is_written(last)) {
                return Ok(());
            }
            for chunk in &mut entry.chunks {
                chunk.offset = self.frames.offset(chunk.offset);
                chunk.end = chunk.end.map(|end| self.frames.offset(end));
            }
            if let Some(last) = last {
                self.frames.forget_before(last);
            }
            self.toc.push(entry)?;
            self.waiting.pop_front();
        }
        Ok(())
    }
}

impl Content {
    /// Content whose frames follow so many others.
    fn new(frames: u64) -> Self {
        Self {
            splitter: Splitter::new(),
            digest: Sha256::new(),
            chunks: Chunks {
                complete: Vec::new(),
                digest: Sha256::new(),
                start: frames,
                file_offset: 0,
                size: 0,
            },
        }
    }

    fn take(&mut self, bytes: &[u8], frames: &mut Frames<'_>) -> io::Result<()> {
        self.digest.update(bytes);
        let mut result = Ok(());
        self.splitter.push(bytes, &mut |piece| {
            if result.is_ok() {
                result = self.chunks.take(piece, frames);
            }
        });
        result
    }

    fn finish(mut self, frames: &mut Frames<'_>) -> io::Result<(Digest, Vec<Chunk>)> {
        let mut result = Ok(());
        self.splitter.finish(&mut |piece| {
            if result.is_ok() {
                result = self.chunks.take(piece, frames);
            }
        });
        result?;
        Ok((Digest::from_hasher(self.digest), self.chunks.complete))
    }
}

impl Chunks {
    fn take(&mut self, piece: Piece<'_>, frames: &mut Frames<'_>) -> io::Result<()> {
        match piece {
            Piece::Bytes(bytes) => {
                self.digest.update(bytes);
                self.size = self.size.saturating_add(bytes.size());
                frames.write(bytes)
            }
            Piece::End { zeros } => {
                frames.end()?;
                self.end_chunk(zeros, frames.ended());
                Ok(())
            }
        }
    }

    /// Completes the chunk, which ends where so many frames end.
    fn end_chunk(&mut self, zeros: bool, end: u64) {
        let digest = Digest::from_hasher(std::mem::take(&mut self.digest));
        self.complete.push(Chunk {
            offset: self.start,
            end: Some(end),
            inner_offset: 0,
            file_offset: self.file_offset,
            size: self.size,
            digest: Some(digest),
            zeros,
        });
        self.start = end;
        self.file_offset = self.file_offset.saturating_add(std::mem::take(&mut self.size));
    }
}
