//! Decompressing a frame.

use std::{io, ops::ControlFlow};

use zstd::stream::raw::{InBuffer, Operation as _, OutBuffer};

use super::{Frame, FrameKind};
use crate::{
    format::{
        Extent, Findings, Limits, Place, Region,
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
            let detail = format!("the frame needs dictionary {}, expected none", header.dictionary);
            findings.report(Rule::FrameDictionary, place, detail);
            return Ok(Decoded::Broken);
        }
        if header.window > self.window_limit {
            let detail = format!(
                "the frame's window is {} bytes, expected at most {}",
                header.window, self.window_limit
            );
            findings.report(Rule::FrameWindow, place, detail);
            return Ok(Decoded::Broken);
        }
        self.raw.reinit()?;
        // What the header declares is a hint here: a frame that holds more comes in more pieces.
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
                let detail = format!("the frame holds {length} bytes, expected {declared} as its header says");
                findings.report(Rule::FrameContent, place, detail);
                Ok(Decoded::Broken)
            }
            Ok(decoded) => Ok(decoded),
            Err(error) if planted::is(Defect::FrameChecksumIgnored) && error.contains("checksum") => Ok(Decoded::Whole),
            Err(error) => {
                let rule = if error.contains("checksum") {
                    Rule::FrameChecksum
                } else {
                    Rule::FrameContent
                };
                findings.report(
                    rule,
                    place,
                    format!("the frame does not decode: {}", lower_first(&error)),
                );
                Ok(Decoded::Broken)
            }
        }
    }

    fn run(
        &mut self,
        blob: &dyn ReadAt,
        extent: Extent,
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<Result<Decoded, String>> {
        let mut offset = extent.offset();
        loop {
            let mut length = extent.end().saturating_sub(offset).min(MAX_BLOCK);
            // A frame that libzstd has whole, and room for, it decodes in one pass, in which it does not hold the blocks
            // against the window.
            if length == extent.length() && length > 1 {
                length = length.saturating_sub(1);
            }
            if length == 0 {
                return Ok(Err("the frame ends before its last block".to_owned()));
            }
            self.input.resize(usize::try_from(length).unwrap_or(0), 0);
            blob.read_exact_at(&mut self.input, offset)?;
            offset = offset.saturating_add(length);
            let mut input = InBuffer::around(&self.input);
            loop {
                let mut output = OutBuffer::around(&mut self.output);
                let hint = match self.raw.run(&mut input, &mut output) {
                    Ok(hint) => hint,
                    Err(error) => return Ok(Err(error.to_string())),
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

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
