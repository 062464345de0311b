//! Decompressing a frame.

use std::{io, ops::ControlFlow};

use zstd::{
    stream::raw::{InBuffer, Operation as _, OutBuffer},
    zstd_safe::zstd_sys::ZSTD_ErrorCode,
};

use super::{Frame, FrameKind};
use crate::{
    format::{
        Bytes, Extent, Findings, Limits, Place, Region,
        planted::{self, Defect},
        range::ReadAt,
    },
    rules::Rule,
};

/// No block decodes to more, whatever the window.
const MAX_BLOCK: u64 = 128 << 10;

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
            output: Vec::new(),
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
        let FrameKind::Data(header) = frame.kind else {
            return Ok(Decoded::Whole);
        };
        let place = Place::Byte(Region::Blob, frame.extent.offset());
        if header.dictionary != 0 {
            let detail = format!("the frame needs the dictionary {}, expected none", header.dictionary);
            findings.report(Rule::FrameDictionary, place, detail);
            return Ok(Decoded::Broken);
        }
        if header.window > self.window_limit {
            let detail = format!(
                "the frame needs a window of {} bytes, expected at most {}",
                header.window, self.window_limit
            );
            findings.report(Rule::FrameWindow, place, detail);
            return Ok(Decoded::Broken);
        }
        self.raw.reinit()?;
        // What the header declares is a hint here: a frame that holds more gives more pieces.
        let piece = header.content_size.unwrap_or(MAX_BLOCK).clamp(1, MAX_BLOCK);
        let piece = usize::try_from(piece).unwrap_or(1);
        if self.output.len() < piece {
            self.output.resize(piece, 0);
        }
        let mut length = 0_u64;
        let run = self.run(blob, frame.extent, &mut |piece| {
            length = length.saturating_add(piece.size());
            sink(piece)
        });
        match run? {
            // Given in pieces, libzstd does not compare the two where the last block is empty.
            Ok(Decoded::Whole) if header.content_size.is_some_and(|declared| declared != length) => {
                let declared = header.content_size.unwrap_or_default();
                let detail = format!(
                    "the frame decodes to {}, expected {declared} as in its header",
                    Bytes(length)
                );
                findings.report(Rule::FrameContent, place, detail);
                Ok(Decoded::Broken)
            }
            Ok(decoded) => Ok(decoded),
            Err(Problem::Checksum) if planted::is(Defect::FrameChecksumIgnored) => Ok(Decoded::Whole),
            Err(problem) => {
                let (rule, detail) = problem.describe();
                findings.report(rule, place, detail);
                Ok(Decoded::Broken)
            }
        }
    }

    fn run(
        &mut self,
        blob: &dyn ReadAt,
        extent: Extent,
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<Result<Decoded, Problem>> {
        let mut offset = extent.offset();
        loop {
            let mut length = extent.end().saturating_sub(offset).min(MAX_BLOCK);
            // A frame that libzstd has whole, and room for, it decodes in one pass, in which it does not hold the blocks
            // against the window.
            if length == extent.length() && length > 1 {
                length = length.saturating_sub(1);
            }
            if length == 0 {
                return Ok(Err(Problem::Cut));
            }
            self.input.resize(usize::try_from(length).unwrap_or(0), 0);
            blob.read_exact_at(&mut self.input, offset)?;
            offset = offset.saturating_add(length);
            let mut input = InBuffer::around(&self.input);
            loop {
                let mut output = OutBuffer::around(&mut self.output);
                let hint = match self.raw.run(&mut input, &mut output) {
                    Ok(hint) => hint,
                    Err(error) => return Ok(Err(Problem::of(&error))),
                };
                let full = output.pos() == output.capacity();
                let piece = output.as_slice();
                if !piece.is_empty() && sink(piece).is_break() {
                    return Ok(Ok(Decoded::Stopped));
                }
                if hint == 0 {
                    return Ok(Ok(Decoded::Whole));
                }
                if input.pos() == self.input.len() && !full {
                    break;
                }
            }
        }
    }
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
