//! Headers of frames and blocks read a second time, by the tables of RFC 8878.

use crate::{
    format::{
        Extent,
        frames::{Frame, FrameHeader, FrameKind},
    },
    rules::Rule,
};

/// What a walk over a blob found, with offsets in that blob.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) frames: Vec<Frame>,
    /// The rule that is broken, and where.
    pub(super) broken: Option<(Rule, u64)>,
}

/// The headers read naively.
pub(super) fn read(bytes: &[u8]) -> Walk {
    let mut walk = Walk {
        frames: Vec::new(),
        broken: None,
    };
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let start = length(bytes) - length(rest);
        let frame = match rest.first_chunk() {
            Some([0x28, 0xb5, 0x2f, 0xfd]) => data(rest),
            Some([0x50..=0x5f, 0x2a, 0x4d, 0x18]) => skippable(rest, start),
            _ => {
                walk.broken = Some((Rule::FrameMagic, start));
                return walk;
            }
        };
        let Some((kind, size)) = frame else {
            walk.broken = Some((Rule::FrameContent, start));
            return walk;
        };
        walk.frames
            .extend(Extent::new(start, size).map(|extent| Frame { extent, kind }));
        at += usize::try_from(size).unwrap_or(usize::MAX - at);
    }
    walk
}

fn skippable(bytes: &[u8], start: u64) -> Option<(FrameKind, u64)> {
    let [magic, size] = [little(bytes, 0, 4)?, little(bytes, 4, 4)?];
    let fits = 8 + size <= length(bytes);
    fits.then_some(())?;
    let payload = Extent::new(start + 8, size)?;
    let magic = u32::try_from(magic).ok()?;
    Some((FrameKind::Skippable { magic, payload }, 8 + size))
}

/// A zstd frame, by the tables of RFC 8878.
fn data(bytes: &[u8]) -> Option<(FrameKind, u64)> {
    let descriptor = little(bytes, 4, 1)?;
    let (is_single, is_reserved) = (descriptor >> 5 & 1 == 1, descriptor >> 3 & 1 == 1);
    let window_length = if is_single { 0 } else { 1 };
    let dictionary_length = [0, 1, 2, 4].get(usize::try_from(descriptor & 3).ok()?)?;
    let content_length = match descriptor >> 6 {
        0 if is_single => 1,
        0 => 0,
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let dictionary = little(bytes, 5 + window_length, *dictionary_length)?;
    let content = little(bytes, 5 + window_length + dictionary_length, content_length)?;
    let content_size = match content_length {
        0 => None,
        2 => Some(content + 256),
        _ => Some(content),
    };
    let window = if is_single {
        content_size?
    } else {
        let window = little(bytes, 5, 1)?;
        let base = 1_u64 << (10 + (window >> 3));
        base + base / 8 * (window & 7)
    };
    if is_reserved {
        return None;
    }
    let mut at = 5 + window_length + dictionary_length + content_length;
    loop {
        let block = little(bytes, at, 3)?;
        at += 3 + match block >> 1 & 3 {
            1 => 1,
            0 | 2 => usize::try_from(block >> 3).ok()?,
            _ => return None,
        };
        bytes.get(..at)?;
        if block & 1 == 1 {
            break;
        }
    }
    let checksum = descriptor >> 2 & 1 == 1;
    let end = at + if checksum { 4 } else { 0 };
    let frame = bytes.get(..end)?;
    let header = FrameHeader {
        window,
        content_size,
        checksum,
        dictionary: u32::try_from(dictionary).ok()?,
    };
    Some((FrameKind::Data(header), length(frame)))
}

/// A number of so many bytes, the lowest first.
fn little(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let field = bytes.get(at..)?.get(..count)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u64::from(byte)),
    )
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
