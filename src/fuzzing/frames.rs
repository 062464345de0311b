//! Frames: any bytes as a blob, over whose frames the walker goes.
//!
//! A second reading of the headers says what has to come out. Frames tile the blob up to its end or up to the one finding,
//! and neither where the blob stands in a larger one nor where the walk begins makes a difference; the walker reads nothing
//! that it was not given.

use std::{cell::Cell, io};

use crate::{
    format::{
        Extent, Findings, Place, Region,
        frames::{Frame, FrameHeader, FrameKind, Walker},
        range::ReadAt,
    },
    rules::Rule,
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let walk = walk(bytes, 0, 0);
    let naive = naive(bytes);
    if walk != naive {
        panic!("{}: walked as {walk:?}, read naively {naive:?}", bytes.escape_ascii());
    }
    let mut end = 0;
    for frame in &walk.frames {
        if frame.extent.offset() != end || frame.extent.length() == 0 {
            panic!("{}: the frames do not tile: {walk:?}", bytes.escape_ascii());
        }
        end = frame.extent.end();
    }
    let stops_at = walk.broken.map_or(length(bytes), |(_, at)| at);
    if end != stops_at {
        panic!("{}: the frames end at {end}: {walk:?}", bytes.escape_ascii());
    }
    // From anywhere in the walk on, and in a blob with more before and after, the rest is the same.
    let from = walk
        .frames
        .get(walk.frames.len() / 2)
        .map_or(0, |frame| frame.extent.offset());
    let before = 1 + from % 5000;
    let rest = self::walk(bytes, from, before);
    let expected = walk.frames.iter().filter(|frame| frame.extent.offset() >= from);
    if !rest.frames.iter().eq(expected) || rest.broken != walk.broken {
        panic!(
            "{}: walked as {walk:?}, from {from} behind {before} bytes as {rest:?}",
            bytes.escape_ascii()
        );
    }
}

/// What a walk over a blob found, with offsets in that blob.
#[derive(Debug, PartialEq, Eq)]
struct Walk {
    frames: Vec<Frame>,
    /// The rule that is broken, and where.
    broken: Option<(Rule, u64)>,
}

/// A blob inside another, of which nothing else may be read.
struct Inside<'a> {
    blob: &'a [u8],
    before: u64,
    strayed: Cell<bool>,
}

impl ReadAt for Inside<'_> {
    fn size(&self) -> u64 {
        // What stands behind it begins as a frame does.
        self.before + length(self.blob) + 100
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inside = offset.checked_sub(self.before).and_then(|at| usize::try_from(at).ok());
        let bytes = inside.and_then(|at| self.blob.get(at..)?.get(..buffer.len()));
        match bytes {
            Some(bytes) => buffer.copy_from_slice(bytes),
            None => {
                self.strayed.set(true);
                buffer.fill(0x28);
            }
        }
        Ok(())
    }
}

/// Walks from an offset on, with so many bytes before the blob.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn walk(bytes: &[u8], from: u64, before: u64) -> Walk {
    let blob = Inside {
        blob: bytes,
        before,
        strayed: Cell::new(false),
    };
    let mut findings = Findings::new();
    let mut frames = Vec::new();
    let Some(extent) = Extent::between(before + from, before + length(bytes)) else {
        panic!("the walk begins behind the blob");
    };
    let mut walker = Walker::new(&blob, extent);
    while let Ok(Some(frame)) = walker.next_frame(&mut findings) {
        frames.push(shifted(frame, before));
    }
    let after = walker.next_frame(&mut findings);
    let broken = findings.list().first().map(|finding| match finding.place {
        Place::Byte(Region::Blob, at) => (finding.rule, at - before),
        ref place => panic!("a finding about {place}"),
    });
    if blob.strayed.get() || findings.list().len() > 1 || !matches!(after, Ok(None)) {
        panic!(
            "{}: the walker read what it was not given, or went on: {findings:?}",
            bytes.escape_ascii()
        );
    }
    Walk { frames, broken }
}

/// The frame with offsets counted from this byte on.
fn shifted(frame: Frame, before: u64) -> Frame {
    let shift = |extent: Extent| Extent::new(extent.offset() - before, extent.length()).unwrap_or(extent);
    Frame {
        extent: shift(frame.extent),
        kind: match frame.kind {
            FrameKind::Skippable { magic, payload } => FrameKind::Skippable {
                magic,
                payload: shift(payload),
            },
            data @ FrameKind::Data(_) => data,
        },
    }
}

/// The headers read naively.
fn naive(bytes: &[u8]) -> Walk {
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

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
