//! The content of one file.

use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use super::Error;
use crate::format::{
    Digest, Findings, Limits,
    layer::{ChunkContent, Mismatch, RangeReader, ReadFile, Reading, Step, check_content},
    range::ReadAt,
    toc::{Chunk, Entry},
};

/// Reads the content of a file from its ranges, and checks it before it hands it out.
///
/// - A chunk that the TOC has a digest of is decoded whole and compared before its first byte is handed out, and so is a file
///   that is one chunk. That takes memory, so it is done for chunks of up to [`Limits::chunk`].
/// - Larger chunks, and those without a digest, are handed out as they are decoded, except for their last 128 KiB at most.
/// - The last bytes of a file are handed out only after the digest of all of it was compared, whatever its chunks have. So a
///   caller that got `size` bytes, or the end, has the file; one that got an error throws away what it has.
///
/// A failed check is an [`io::Error`] with an [`Error`] inside (`Error::from` takes it out), and stays: reading on gives it again.
/// After an error of reading the blob the same call can be tried again.
///
/// ```no_run
/// use std::{fs::File, io};
///
/// # fn example(layer: chunkproof::Layer<Vec<u8>>) -> Result<(), chunkproof::Error> {
/// let mut file = layer.file("usr/lib/libc.so.6")?;
/// // Copying ends with an error if the content is not that of the TOC.
/// io::copy(&mut file, &mut File::create_new("libc.so.6")?)?;
/// let digest = file.finish()?;
/// assert_eq!(layer.entry("usr/lib/libc.so.6").and_then(|entry| entry.digest), Some(digest));
/// # Ok(())
/// # }
/// ```
#[must_use = "a file is verified as it is read"]
pub struct FileReader<'a> {
    entry: &'a Entry,
    ranges: RangeReader<'a>,
    /// Largest chunk that is held.
    limit: u64,
    /// The chunks after the one that is being read.
    rest: &'a [Chunk],
    current: Option<Current<'a>>,
    whole: Sha256,
    /// Content that was decoded, of which some may be handed out.
    buffer: Vec<u8>,
    /// Bytes of the buffer that were handed out.
    handed: usize,
    /// Bytes of the buffer that may be.
    ready: usize,
    end: Option<Result<Digest, Error>>,
}

/// The chunk that is being read.
struct Current<'a> {
    chunk: &'a Chunk,
    reading: Reading<'a>,
    content: ChunkContent,
    /// Whether it is held until it is checked.
    is_held: bool,
}

impl<'a> FileReader<'a> {
    pub(super) fn new(blob: &'a dyn ReadAt, entry: &'a Entry, data_end: u64, limits: &Limits) -> Result<Self, Error> {
        let ranges = RangeReader::new(blob, data_end, limits)
            .map_err(|error| Error::io("the decoder could not be set up", error))?;
        Ok(Self {
            entry,
            ranges,
            limit: limits.chunk,
            rest: &entry.chunks,
            current: None,
            whole: Sha256::new(),
            buffer: Vec::new(),
            handed: 0,
            ready: 0,
            end: None,
        })
    }

    /// The entry of the file.
    pub const fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Reads what is left, and returns the digest of the whole content, which is that in the TOC.
    ///
    /// # Errors
    ///
    /// The content breaks a rule, or the blob cannot be read.
    pub fn finish(mut self) -> Result<Digest, Error> {
        loop {
            self.handed = self.ready;
            if let Some(end) = &self.end {
                return end.clone();
            }
            self.advance()?;
        }
    }

    /// Makes more ready, or comes to the end.
    fn advance(&mut self) -> Result<(), Error> {
        self.buffer.drain(..self.handed);
        self.ready = 0;
        self.handed = 0;
        while self.ready == 0 && self.end.is_none() {
            match self.step() {
                Ok(()) => {}
                Err(Failure::Unreadable(error)) => return Err(Error::unreadable(error)),
                Err(Failure::Broken(error)) => {
                    self.buffer = Vec::new();
                    self.ready = 0;
                    self.end = Some(Err(error));
                }
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Failure> {
        let mut findings = Findings::new();
        let mut current = match self.current.take() {
            Some(current) => current,
            None => match self.begin(&mut findings)? {
                Some(current) => current,
                None => return self.conclude(findings),
            },
        };
        match self.ranges.step(self.entry, &mut current.reading, &mut findings) {
            // The step can be tried again.
            Err(error) => {
                self.current = Some(current);
                Err(Failure::Unreadable(error))
            }
            Ok(Step::Piece) => {
                let piece = self.ranges.piece(&current.reading);
                self.whole.update(piece);
                current.content.update(current.chunk, piece);
                if !current.is_held {
                    self.ready = self.buffer.len();
                }
                self.buffer.extend_from_slice(piece);
                self.current = Some(current);
                Ok(())
            }
            Ok(Step::End(ReadFile::Good)) => {
                let result = current.content.finish().check(self.entry, current.chunk, &mut findings);
                result.map_err(|mismatch| Failure::mismatch(mismatch, findings.clone()))?;
                if self.rest.is_empty() {
                    return self.conclude(findings);
                }
                if !findings.is_empty() {
                    return Err(Failure::Broken(Error::invalid(findings)));
                }
                self.ready = self.buffer.len();
                Ok(())
            }
            Ok(Step::End(ReadFile::Broken | ReadFile::Stopped)) => Err(Failure::Broken(Error::invalid(findings))),
        }
    }

    /// Begins the next chunk, if there is one.
    fn begin(&mut self, findings: &mut Findings) -> Result<Option<Current<'a>>, Failure> {
        let Some((chunk, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        let Some(reading) = self.ranges.begin_chunk(self.entry, chunk, findings) else {
            return Err(Failure::Broken(Error::invalid(std::mem::take(findings))));
        };
        self.rest = rest;
        let is_whole_file = self.entry.chunks.len() == 1 && self.entry.digest.is_some();
        Ok(Some(Current {
            chunk,
            reading,
            content: ChunkContent::default(),
            is_held: (chunk.digest.is_some() || is_whole_file) && chunk.size <= self.limit,
        }))
    }

    /// Compares the digest of the whole file.
    fn conclude(&mut self, mut findings: Findings) -> Result<(), Failure> {
        let digest = Digest::from_hasher(self.whole.clone());
        let result = check_content(self.entry, digest, &mut findings);
        result.map_err(|mismatch| Failure::mismatch(mismatch, findings.clone()))?;
        if !findings.is_empty() {
            return Err(Failure::Broken(Error::invalid(findings)));
        }
        self.ready = self.buffer.len();
        self.end = Some(Ok(digest));
        Ok(())
    }
}

/// Why a step failed.
enum Failure {
    /// The blob could not be read.
    Unreadable(io::Error),
    /// The content breaks a rule.
    Broken(Error),
}

impl Failure {
    fn mismatch(mismatch: Mismatch, findings: Findings) -> Self {
        let error = Error::invalid(findings);
        Self::Broken(match mismatch.expected {
            Some(expected) => error.comparing(mismatch.found, expected),
            None => error,
        })
    }
}

impl BufRead for FileReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.handed == self.ready {
            if self.end.is_none() {
                self.advance()?;
            }
            // What was handed out before the error is not good either, but the caller learns it first.
            if let Some(Err(error)) = self.end.as_ref().filter(|_| self.handed == self.ready) {
                return Err(error.clone().into());
            }
        }
        Ok(self.buffer.get(self.handed..self.ready).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.handed = self.handed.saturating_add(amount).min(self.ready);
    }
}

impl Read for FileReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let length = self.fill_buf()?.read(out)?;
        self.consume(length);
        Ok(length)
    }
}
