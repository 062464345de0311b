//! Frames: what a blob is made of.
//!
//! A blob is a sequence of frames. A zstd frame (RFC 8878) decodes to a piece of the tar; a skippable frame carries bytes
//! that a plain decoder passes over. Decoding every frame in order gives the tar; a decoder that stops after the first
//! one truncates the layer.
//!
//! ```text
//! zstd frame        28 b5 2f fd | header | blocks, each with a 3-byte header | checksum, if the header says so
//! skippable frame   5x 2a 4d 18 | LE32 length | payload
//! ```
//!
//! [`Walker`] finds the frames without decompressing, from their headers and block headers alone; [`Decoder`]
//! decompresses one frame at a time with libzstd.

mod decode;
#[cfg(test)]
mod tests;

use std::io;

pub use self::decode::{Decoded, Decoder};
pub(in crate::format) use self::decode::{Progress, Step};
use super::{Bytes, Extent, Findings, Place, Region, range::ReadAt};
use crate::rules::Rule;

/// Bytes of magic and length before the payload of a skippable frame.
pub const SKIPPABLE_HEADER: u64 = 8;

pub(in crate::format) const ZSTD_MAGIC: u32 = 0xFD2F_B528;
pub(in crate::format) const SKIPPABLE_FIRST: u32 = 0x184D_2A50;
pub(in crate::format) const SKIPPABLE_LAST: u32 = 0x184D_2A5F;
/// Longest possible frame header: magic, descriptor, window, dictionary id, content size.
const MAX_HEADER: usize = 4 + 1 + 1 + 4 + 8;
const BLOCK_HEADER: u64 = 3;

/// One frame of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The whole frame, magic included.
    pub extent: Extent,
    /// What it is.
    pub kind: FrameKind,
}

/// The two kinds of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameKind {
    /// A zstd frame, which decodes to a piece of the tar.
    Data(FrameHeader),
    /// A skippable frame, which decodes to nothing.
    Skippable {
        /// The magic, 0x184D2A50 to 0x184D2A5F. Every known writer uses the first.
        magic: u32,
        /// The payload.
        payload: Extent,
    },
}

/// What the header of a zstd frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameHeader {
    /// Bytes of history that a decoder has to keep.
    pub window: u64,
    /// Length of the content, where the frame declares it.
    pub content_size: Option<u64>,
    /// Whether a checksum of the content ends the frame.
    pub checksum: bool,
    /// The dictionary that a decoder would need; 0 for none.
    pub dictionary: u32,
}

/// Walks over the frames of a blob from some offset on.
pub struct Walker<'a> {
    blob: &'a dyn ReadAt,
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl<'a> Walker<'a> {
    /// Walks over the frames of this extent of the blob, which ends at a frame's end.
    pub fn new(blob: &'a dyn ReadAt, extent: Extent) -> Self {
        Self {
            blob,
            offset: extent.offset(),
            end: extent.end().min(blob.size()),
            buffer: Vec::new(),
            buffer_start: 0,
        }
    }

    /// The next frame; none at the end, and none after a frame that is broken.
    ///
    /// Rules: FRM-01 for bytes that are no frame, FRM-02 for a frame that is cut short or whose header is invalid.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn next_frame(&mut self, findings: &mut Findings) -> io::Result<Option<Frame>> {
        if self.offset >= self.end {
            return Ok(None);
        }
        match self.read_frame()? {
            Ok(frame) => {
                self.offset = frame.extent.end();
                Ok(Some(frame))
            }
            Err((rule, detail)) => {
                findings.report(rule, Place::Byte(Region::Blob, self.offset), detail);
                self.offset = self.end;
                Ok(None)
            }
        }
    }

    fn read_frame(&mut self) -> io::Result<Result<Frame, (Rule, String)>> {
        let (start, end) = (self.offset, self.end);
        let head = self.peek(start, MAX_HEADER)?;
        let Some(magic) = head.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) else {
            let detail = format!("found {} after the last frame, expected none", Bytes::of(head.len()));
            return Ok(Err((Rule::FrameMagic, detail)));
        };
        match magic {
            ZSTD_MAGIC => match parse_header(head) {
                Some((header, length)) => self.walk_blocks(start, header, length),
                None => {
                    let reserved = head
                        .get(4)
                        .is_some_and(|descriptor| u64::from(*descriptor) & RESERVED != 0);
                    let detail = if reserved {
                        "the reserved bit of the frame header is set, expected 0"
                    } else {
                        "the frame is cut short in its header"
                    };
                    Ok(Err((Rule::FrameContent, detail.to_owned())))
                }
            },
            SKIPPABLE_FIRST..=SKIPPABLE_LAST => Ok(skippable(start, end, magic, head)),
            _ => Ok(Err((
                Rule::FrameMagic,
                format!("neither a zstd nor a skippable frame: found magic 0x{magic:08x}"),
            ))),
        }
    }

    /// Follows the block headers to the end of a zstd frame.
    fn walk_blocks(&mut self, start: u64, header: FrameHeader, header_length: u64) -> WalkResult {
        let cut = |at: u64| {
            Ok(Err((
                Rule::FrameContent,
                format!("the frame is cut short in the block at byte {at}"),
            )))
        };
        let mut at = start.saturating_add(header_length);
        loop {
            let Some(&[a, b, c]) = self.peek(at, 3)?.first_chunk() else {
                return cut(at);
            };
            let block = u32::from_le_bytes([a, b, c, 0]);
            let size = u64::from(block >> 3);
            let stored = match (block >> 1) & 3 {
                0 | 2 => size,
                1 => 1,
                _ => {
                    let detail = format!("the block at byte {at} has the reserved type 3, expected 0 to 2");
                    return Ok(Err((Rule::FrameContent, detail)));
                }
            };
            // Longer blocks are for the decoder to reject; a walk has only to stay inside.
            let next = at.saturating_add(BLOCK_HEADER).saturating_add(stored);
            if next > self.end {
                return cut(at);
            }
            at = next;
            if block & 1 == 1 {
                break;
            }
        }
        if header.checksum {
            at = at.saturating_add(4);
        }
        match Extent::between(start, at) {
            Some(extent) if at <= self.end => Ok(Ok(Frame {
                extent,
                kind: FrameKind::Data(header),
            })),
            _ => Ok(Err((
                Rule::FrameContent,
                "the frame is cut short in its checksum".to_owned(),
            ))),
        }
    }

    /// Up to `length` bytes at an offset, fewer at the end.
    fn peek(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let available = self.end.saturating_sub(offset);
        let wanted = usize::try_from(available).map_or(length, |available| available.min(length));
        let start = offset
            .checked_sub(self.buffer_start)
            .and_then(|start| usize::try_from(start).ok());
        let cached = start.is_some_and(|start| start.checked_add(wanted).is_some_and(|end| end <= self.buffer.len()));
        if !cached {
            let fill = available.min(READ_AHEAD);
            self.buffer.resize(usize::try_from(fill).unwrap_or(0), 0);
            // After an error the walk can go on, so nothing that was not read may be left.
            self.blob
                .read_exact_at(&mut self.buffer, offset)
                .inspect_err(|_| self.buffer.clear())?;
            self.buffer_start = offset;
        }
        let start = offset.saturating_sub(self.buffer_start);
        Ok(usize::try_from(start)
            .ok()
            .and_then(|start| self.buffer.get(start..))
            .map_or(&[], |rest| rest.get(..wanted).unwrap_or(rest)))
    }
}

type WalkResult = io::Result<Result<Frame, (Rule, String)>>;

/// Block headers lie at most a block apart, so larger reads would mostly fetch what is not needed.
const READ_AHEAD: u64 = 4096;

fn skippable(start: u64, end: u64, magic: u32, head: &[u8]) -> Result<Frame, (Rule, String)> {
    let cut = || {
        (
            Rule::FrameContent,
            "the skippable frame is cut short in its header".to_owned(),
        )
    };
    let length = head
        .get(4..)
        .and_then(|rest| rest.first_chunk())
        .map(|bytes| u64::from(u32::from_le_bytes(*bytes)))
        .ok_or_else(cut)?;
    let payload = Extent::new(start.saturating_add(SKIPPABLE_HEADER), length).ok_or_else(cut)?;
    if payload.end() > end {
        return Err((
            Rule::FrameContent,
            format!(
                "the skippable frame is cut short: found {}, expected the declared {length}",
                Bytes(end.saturating_sub(payload.offset()))
            ),
        ));
    }
    let extent = Extent::between(start, payload.end()).ok_or_else(cut)?;
    Ok(Frame {
        extent,
        kind: FrameKind::Skippable { magic, payload },
    })
}

/// The reserved bit of a frame header descriptor. It has to be zero so that it can mean something later.
const RESERVED: u64 = 0x08;

/// The header of a zstd frame and its length, magic included.
fn parse_header(head: &[u8]) -> Option<(FrameHeader, u64)> {
    let mut rest = head.get(4..)?;
    let descriptor = take(&mut rest, 1)?;
    let single_segment = descriptor & 0x20 != 0;
    if descriptor & RESERVED != 0 {
        return None;
    }
    let window_descriptor = if single_segment {
        None
    } else {
        Some(take(&mut rest, 1)?)
    };
    let dictionary_length = match descriptor & 3 {
        3 => 4,
        length => usize::try_from(length).ok()?,
    };
    let dictionary = u32::try_from(take(&mut rest, dictionary_length)?).ok()?;
    let content_size = match (descriptor >> 6, single_segment) {
        (0, false) => None,
        (0, true) => Some(take(&mut rest, 1)?),
        (1, _) => Some(take(&mut rest, 2)?.checked_add(256)?),
        (2, _) => Some(take(&mut rest, 4)?),
        _ => Some(take(&mut rest, 8)?),
    };
    let window = match window_descriptor {
        None => content_size?,
        Some(byte) => {
            let exponent = u32::try_from(byte >> 3).ok()?;
            let base = 1u64.checked_shl(exponent.checked_add(10)?)?;
            base.checked_add((base >> 3).checked_mul(byte & 7)?)?
        }
    };
    let length = head.len().checked_sub(rest.len())?;
    let header = FrameHeader {
        window,
        content_size,
        checksum: descriptor & 0x04 != 0,
        dictionary,
    };
    Some((header, u64::try_from(length).ok()?))
}

/// Takes a little-endian number of up to eight bytes.
fn take(rest: &mut &[u8], length: usize) -> Option<u64> {
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    let mut number = [0; 8];
    number.get_mut(..length)?.copy_from_slice(bytes);
    Some(u64::from_le_bytes(number))
}
