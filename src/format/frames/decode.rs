//! Decompressing a frame.

use std::{io, ops::ControlFlow};

use zstd::{
    stream::raw::{InBuffer, Operation as _, OutBuffer},
    zstd_safe::zstd_sys::ZSTD_ErrorCode,
};

use super::{Frame, FrameKind};
use crate::{
    format::{Bytes, Extent, Findings, Limits, Place, Region, range::ReadAt},
    rules::Rule,
};

/// No block decodes to more, whatever the window.
const MAX_BLOCK: u64 = 128 << 10;

/// Longest piece, [`MAX_BLOCK`].
const PIECE: usize = 128 << 10;

/// How the decoding of a frame ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The whole frame was decoded.
    Whole,
    /// The sink wanted no more.
    Stopped,
    /// The frame is broken; the finding is reported.
    Broken,
}

/// Decompresses frames, one at a time, in pieces.
pub struct Decoder {
    raw: zstd::stream::raw::Decoder<'static>,
    window_limit: u64,
    input: Vec<u8>,
    /// libzstd fills it up to its capacity.
    output: Vec<u8>,
}

impl Decoder {
    /// A decoder that refuses windows above the limit.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub fn new(limits: &Limits) -> io::Result<Self> {
        let mut raw = zstd::stream::raw::Decoder::new()?;
        raw.set_parameter(zstd::stream::raw::DParameter::WindowLogMax(limits.window_log))?;
        Ok(Self {
            raw,
            window_limit: 1u64.checked_shl(limits.window_log).unwrap_or(u64::MAX),
            input: Vec::new(),
            output: Vec::with_capacity(PIECE),
        })
    }

    /// Decodes a data frame and hands its content to the sink in pieces of at most 128 KiB.
    ///
    /// Rules: FRM-02 to FRM-05, at the frame's offset. A skippable frame is whole and gives nothing.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn decode(
        &mut self,
        blob: &dyn ReadAt,
        frame: &Frame,
        findings: &mut Findings,
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<Decoded> {
        if let FrameKind::Skippable { .. } = frame.kind {
            return Ok(Decoded::Whole);
        }
        let Some(mut progress) = self.begin(frame, findings)? else {
            return Ok(Decoded::Broken);
        };
        loop {
            match self.step(blob, &mut progress, findings)? {
                Step::Piece => {
                    if sink(self.piece(&progress)).is_break() {
                        return Ok(Decoded::Stopped);
                    }
                }
                Step::End(decoded) => return Ok(decoded),
            }
        }
    }

    /// Makes ready to decode a frame [step](Self::step) by step; none for a skippable frame, and for one that is refused.
    ///
    /// Rules: FRM-03 and FRM-05.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub(in crate::format) fn begin(&mut self, frame: &Frame, findings: &mut Findings) -> io::Result<Option<Progress>> {
        let FrameKind::Data(header) = frame.kind else {
            return Ok(None);
        };
        let place = Place::Byte(Region::Blob, frame.extent.offset());
        if header.dictionary != 0 {
            let detail = format!("the frame needs the dictionary {}, expected none", header.dictionary);
            findings.report(Rule::FrameDictionary, place, detail);
            return Ok(None);
        }
        if header.window > self.window_limit {
            let detail = format!(
                "the frame needs a window of {} bytes, expected at most {}",
                header.window, self.window_limit
            );
            findings.report(Rule::FrameWindow, place, detail);
            return Ok(None);
        }
        self.raw.reinit()?;
        self.input.clear();
        Ok(Some(Progress {
            extent: frame.extent,
            offset: frame.extent.offset(),
            read: 0,
            content_size: header.content_size,
            length: 0,
            piece: 0,
            is_full: false,
            is_at_end: false,
        }))
    }

    /// Decodes the next [piece](Self::piece) of a frame that was [begun](Self::begin), with no other between.
    ///
    /// Rules: FRM-02 and FRM-04.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub(in crate::format) fn step(
        &mut self,
        blob: &dyn ReadAt,
        progress: &mut Progress,
        findings: &mut Findings,
    ) -> io::Result<Step> {
        let place = Place::Byte(Region::Blob, progress.extent.offset());
        let length = progress.length;
        match self.run(blob, progress)? {
            Ok(true) => Ok(Step::Piece),
            // Given in pieces, libzstd does not compare the two where the last block is empty.
            Ok(false) if progress.content_size.is_some_and(|declared| declared != length) => {
                let declared = progress.content_size.unwrap_or_default();
                let detail = format!(
                    "the frame decodes to {}, expected {declared} as in its header",
                    Bytes(length)
                );
                findings.report(Rule::FrameContent, place, detail);
                Ok(Step::End(Decoded::Broken))
            }
            Ok(false) => Ok(Step::End(Decoded::Whole)),
            Err(problem) => {
                let (rule, detail) = problem.describe();
                findings.report(rule, place, detail);
                Ok(Step::End(Decoded::Broken))
            }
        }
    }

    /// The piece that the last [step](Self::step) decoded.
    pub(in crate::format) fn piece(&self, progress: &Progress) -> &[u8] {
        self.output.get(..progress.piece).unwrap_or_default()
    }

    /// Decodes up to the next piece, and returns whether there is one.
    fn run(&mut self, blob: &dyn ReadAt, progress: &mut Progress) -> io::Result<Result<bool, Problem>> {
        let extent = progress.extent;
        while !progress.is_at_end {
            // What did not fit comes before more is read.
            if progress.read == self.input.len() && !progress.is_full {
                let mut length = extent.end().saturating_sub(progress.offset).min(MAX_BLOCK);
                // A frame that libzstd has whole, and room for, it decodes in one pass, in which it does not hold the blocks
                // against the window.
                if length == extent.length() && length > 1 {
                    length = length.saturating_sub(1);
                }
                if length == 0 {
                    return Ok(Err(Problem::Cut));
                }
                self.input.resize(usize::try_from(length).unwrap_or(0), 0);
                progress.read = 0;
                // After an error the same step can be tried again, so nothing that was not read may be left.
                blob.read_exact_at(&mut self.input, progress.offset)
                    .inspect_err(|_| self.input.clear())?;
                progress.offset = progress.offset.saturating_add(length);
            }
            let mut input = InBuffer::around(&self.input);
            input.set_pos(progress.read);
            let mut output = OutBuffer::around(&mut self.output);
            let hint = match self.raw.run(&mut input, &mut output) {
                Ok(hint) => hint,
                Err(error) => return Ok(Err(Problem::of(&error))),
            };
            progress.is_full = output.pos() == output.capacity();
            progress.piece = output.pos();
            progress.read = input.pos();
            progress.is_at_end = hint == 0;
            if progress.piece > 0 {
                progress.length = progress
                    .length
                    .saturating_add(u64::try_from(progress.piece).unwrap_or(u64::MAX));
                return Ok(Ok(true));
            }
        }
        Ok(Ok(false))
    }
}

/// How far a frame is decoded.
#[derive(Debug)]
pub(in crate::format) struct Progress {
    extent: Extent,
    /// Where the input ends that libzstd has, in the blob.
    offset: u64,
    /// How much of the input is read.
    read: usize,
    content_size: Option<u64>,
    /// Bytes that the frame has decoded to.
    length: u64,
    /// Length of the last piece.
    piece: usize,
    /// Whether the last piece fills the buffer, so that there may be more of it.
    is_full: bool,
    is_at_end: bool,
}

/// What a step of decoding gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Step {
    /// A piece of the content.
    Piece,
    /// Nothing more: the frame is whole or broken.
    End(Decoded),
}

/// Why a frame does not decode.
enum Problem {
    /// The content is not that of the checksum.
    Checksum,
    /// A block decodes to more than a block may.
    Overlong,
    /// The frame ends before its last block.
    Cut,
    /// Anything else.
    Damaged,
}

impl Problem {
    /// What libzstd means. Its texts are about buffers that no one who reads a layer knows of.
    fn of(error: &io::Error) -> Self {
        let is = |kind| {
            error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<zstd::Error>())
                .is_some_and(|error| error.is(kind))
        };
        if is(ZSTD_ErrorCode::ZSTD_error_checksum_wrong) {
            Self::Checksum
        } else if is(ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall) {
            Self::Overlong
        } else {
            Self::Damaged
        }
    }

    /// The rule that is broken, and how.
    fn describe(&self) -> (Rule, &'static str) {
        match self {
            Self::Checksum => (Rule::FrameChecksum, "frame checksum mismatch"),
            Self::Overlong => (
                Rule::FrameContent,
                "a block decodes to more than the window or the header of the frame allows",
            ),
            Self::Cut => (Rule::FrameContent, "the frame ends before its last block"),
            Self::Damaged => (Rule::FrameContent, "the compressed data of the frame is damaged"),
        }
    }
}
