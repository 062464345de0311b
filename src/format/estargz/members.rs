//! The gzip members of a blob.

use std::io::{self, BufReader, Read as _};

use flate2::bufread::GzDecoder;

use crate::{
    format::{Extent, Findings, Place, Region, range::ReadAt},
    rules::Rule,
};

/// Bytes that are decoded at a time.
const PIECE: usize = 64 << 10;

/// A gzip member of the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Header to trailer, in the blob.
    pub extent: Extent,
    /// Bytes that it decodes to.
    pub size: u64,
}

/// What one step of decoding gave.
pub(super) enum Step<'a> {
    /// These bytes, of which there is at least one.
    Bytes(&'a [u8]),
    /// A member has ended.
    End(Member),
    /// There is nothing more.
    Done,
    /// The member at this offset cannot be decoded, for this reason.
    Broken(u64, Problem),
}

/// Why a member cannot be decoded. The texts of the decoder are for those who know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// What is there is no gzip header.
    Header,
    /// The compressed data makes no sense.
    Data,
    /// The trailer is not that of the data.
    Trailer,
    /// It ends too early.
    Cut,
}

impl Problem {
    fn of(error: &io::Error, has_header: bool) -> Self {
        let inner = error
            .get_ref()
            .map(<dyn std::error::Error + Send + Sync + 'static>::is::<flate2::DecompressError>);
        match (error.kind(), inner) {
            (io::ErrorKind::UnexpectedEof, _) => Self::Cut,
            (_, Some(true)) => Self::Data,
            _ if !has_header => Self::Header,
            _ => Self::Trailer,
        }
    }

    /// What is wrong, as it follows the name of the member.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Header => "has no valid header",
            Self::Data => "has damaged compressed data",
            Self::Trailer => "does not match its checksum or length",
            Self::Cut => "is cut short",
        }
    }
}

/// Decodes the members in a part of the blob one after the other.
pub(super) struct Members<'a> {
    state: State<'a>,
    end: u64,
    start: u64,
    size: u64,
    buffer: Vec<u8>,
}

enum State<'a> {
    Between(BufReader<Stream<'a>>),
    Within(Box<GzDecoder<BufReader<Stream<'a>>>>),
    Over,
}

impl<'a> Members<'a> {
    pub(super) fn new(blob: &'a dyn ReadAt, extent: Extent) -> Self {
        let stream = Stream {
            blob,
            at: extent.offset(),
            end: extent.end(),
            failed: None,
        };
        Self {
            state: State::Between(BufReader::with_capacity(PIECE, stream)),
            end: extent.end(),
            start: extent.offset(),
            size: 0,
            buffer: vec![0; PIECE],
        }
    }

    /// Decodes on.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(Step::Done),
                State::Between(reader) => {
                    self.start = position(&reader);
                    self.size = 0;
                    if self.start >= self.end {
                        return Ok(Step::Done);
                    }
                    self.state = State::Within(Box::new(GzDecoder::new(reader)));
                }
                State::Within(mut decoder) => match decoder.read(&mut self.buffer) {
                    Ok(0) => {
                        let reader = decoder.into_inner();
                        let end = position(&reader);
                        self.state = State::Between(reader);
                        let extent = Extent::between(self.start, end).ok_or(io::ErrorKind::InvalidData)?;
                        return Ok(Step::End(Member {
                            extent,
                            size: self.size,
                        }));
                    }
                    Ok(count) => {
                        self.state = State::Within(decoder);
                        let bytes = self.buffer.get(..count).unwrap_or_default();
                        self.size = self.size.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                        return Ok(Step::Bytes(bytes));
                    }
                    Err(error) => {
                        // The decoder passes on what its input failed with; that is no fault of the layer.
                        if let Some(failed) = decoder.get_mut().get_mut().failed.take() {
                            return Err(failed);
                        }
                        let problem = Problem::of(&error, decoder.header().is_some());
                        return Ok(Step::Broken(self.start, problem));
                    }
                },
            }
        }
    }
}

fn position(reader: &BufReader<Stream<'_>>) -> u64 {
    let ahead = u64::try_from(reader.buffer().len()).unwrap_or(u64::MAX);
    reader.get_ref().at.saturating_sub(ahead)
}

/// Reads of a part of the blob, one after the other.
struct Stream<'a> {
    blob: &'a dyn ReadAt,
    at: u64,
    end: u64,
    /// What a read failed with, to be told from what the decoder fails with.
    failed: Option<io::Error>,
}

impl io::Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..count) else {
            return Ok(0);
        };
        if let Err(error) = self.blob.read_exact_at(buffer, self.at) {
            self.failed = Some(error);
            return Err(io::ErrorKind::Other.into());
        }
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

/// Reports a member that cannot be decoded.
pub(super) fn report_broken(at: u64, problem: Problem, findings: &mut Findings) {
    findings.report(
        Rule::EStargzMembers,
        Place::Byte(Region::Blob, at),
        format!("the gzip member {}", problem.describe()),
    );
}

/// Goes over all members of a blob.
///
/// Rule: ESG-06.
///
/// # Errors
///
/// The blob cannot be read.
pub fn map(blob: &dyn ReadAt, findings: &mut Findings, sink: &mut dyn FnMut(Member)) -> io::Result<()> {
    let Some(extent) = Extent::new(0, blob.size()) else {
        return Ok(());
    };
    let mut members = Members::new(blob, extent);
    loop {
        match members.step()? {
            Step::Bytes(_) => {}
            Step::End(member) => sink(member),
            Step::Done => return Ok(()),
            Step::Broken(at, problem) => {
                report_broken(at, problem, findings);
                return Ok(());
            }
        }
    }
}
