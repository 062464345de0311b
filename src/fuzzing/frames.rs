//! Frames: any bytes as a blob, over whose frames the walker goes.
//!
//! A second reading of the headers says what has to come out. Frames tile the blob up to its end or up to the one finding,
//! and neither where the blob stands in a larger one nor where the walk begins makes a difference; the walker reads nothing
//! that it was not given.

mod reading;

use std::{cell::Cell, io};

use self::reading::{Walk, length};
use crate::format::{
    Extent, Findings, Place, Region,
    frames::{Frame, FrameKind, Walker},
    range::ReadAt,
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let walk = walk(bytes, 0, 0);
    let naive = reading::read(bytes);
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
