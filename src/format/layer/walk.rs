//! A walk over the frames of a layer that goes on after a frame that is broken.
//!
//! A frame tells where the next one begins, so one damaged length loses everything after it. The index knows where frames
//! begin as well: its places are where the walk takes up again, and the damage stays that of one frame.

use std::{collections::BTreeSet, io};

use super::{LayerIndex, Located};
use crate::{
    format::{
        Extent, Findings, Place, Region,
        footer::Layout,
        frames::{Frame, FrameKind, SKIPPABLE_HEADER, Walker},
        range::ReadAt,
    },
    rules::Rule,
};

/// Where a walk broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Break {
    /// Where the frame begins that is broken.
    pub(super) start: u64,
    /// Where the frame began that ended there: its length may be what is damaged.
    pub(super) before: Option<u64>,
    /// Where the walk was taken up again; none if it was not.
    pub(super) resumed: Option<u64>,
}

/// Goes over the frames of a blob.
pub(super) struct Walk<'a> {
    blob: &'a dyn ReadAt,
    at: u64,
    /// Where frames begin, by the index.
    starts: &'a BTreeSet<u64>,
    /// Where the frame began that ended at `at`.
    before: Option<u64>,
    walker: Walker<'a>,
    /// Where the walk broke off.
    pub(super) breaks: Vec<Break>,
}

impl<'a> Walk<'a> {
    /// Goes over all frames, and takes up again where one of `starts` is.
    pub(super) fn new(blob: &'a dyn ReadAt, starts: &'a BTreeSet<u64>) -> Self {
        Self {
            blob,
            at: 0,
            starts,
            before: None,
            walker: from(blob, 0),
            breaks: Vec::new(),
        }
    }

    /// The next frame that is whole.
    ///
    /// Rules: FRM-01 and FRM-02, once for each place where the walk breaks off.
    pub(super) fn next_frame(&mut self, findings: &mut Findings) -> io::Result<Option<Frame>> {
        loop {
            let mut broken = Findings::like(findings);
            let start = self.at;
            if let Some(frame) = self.walker.next_frame(&mut broken)? {
                self.at = frame.extent.end();
                self.before = Some(start);
                return Ok(Some(frame));
            }
            if start >= self.blob.size() {
                return Ok(None);
            }
            let resumed = self.resume(start)?;
            // A frame that ends after the next one begins has a damaged length, and what is at its end is only the consequence.
            let is_overlong = |before: &u64| resumed.is_some_and(|resumed| *before < resumed && resumed < start);
            if let (Some(before), Some(resumed)) = (self.before.filter(is_overlong), resumed) {
                findings.report(
                    Rule::FrameContent,
                    Place::Byte(Region::Blob, before),
                    format!("the frame runs past byte {resumed}, where the next one begins according to the index"),
                );
                self.breaks.push(Break {
                    start: before,
                    before: None,
                    resumed: Some(resumed),
                });
            } else {
                match (broken.list().first(), resumed) {
                    (Some(found), Some(resumed)) if found.rule == Rule::FrameContent => findings.report(
                        Rule::FrameContent,
                        found.place.clone(),
                        format!("the frame is broken: it does not lead to byte {resumed}, where the next one begins according to the index"),
                    ),
                    _ => findings.merge(broken),
                }
                self.breaks.push(Break {
                    start,
                    before: self.before,
                    resumed,
                });
            }
            let Some(resumed) = resumed else {
                self.at = self.blob.size();
                self.walker = from(self.blob, self.at);
                return Ok(None);
            };
            self.at = resumed;
            self.before = None;
            self.walker = from(self.blob, resumed);
        }
    }

    /// The first place after the last whole frame at which the index has a frame and the blob the magic of one.
    fn resume(&self, failed: u64) -> io::Result<Option<u64>> {
        let after = self.before.unwrap_or(failed).saturating_add(1);
        for &start in self.starts.range(after..) {
            if start == failed {
                continue;
            }
            let mut magic = [0; 4];
            let Some(extent) = Extent::new(start, 4).filter(|extent| extent.end() <= self.blob.size()) else {
                return Ok(None);
            };
            self.blob.read_exact_at(&mut magic, extent.offset())?;
            if matches!(u32::from_le_bytes(magic), 0xFD2F_B528 | 0x184D_2A50..=0x184D_2A5F) {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }
}

fn from(blob: &dyn ReadAt, offset: u64) -> Walker<'_> {
    let extent = Extent::between(offset, blob.size().max(offset)).unwrap_or_else(|| Extent::empty(offset));
    Walker::new(blob, extent)
}

/// Where frames begin, as far as the index tells.
pub(super) fn starts(blob: &dyn ReadAt, located: Option<&Located>, index: Option<&LayerIndex>) -> BTreeSet<u64> {
    let mut starts = BTreeSet::new();
    if let Some(index) = index {
        for chunk in index.toc.entries.iter().flat_map(|entry| &entry.chunks) {
            starts.insert(chunk.offset);
            starts.extend(chunk.end);
        }
    }
    if let Some(located) = located {
        starts.insert(located.data_end());
        let last = located.tar_split.unwrap_or(located.toc);
        starts.extend([located.toc.extent.end(), last.extent.end()]);
        if let Some(footer) = located.footer {
            let length = u64::from(footer.layout.payload_length()).saturating_add(SKIPPABLE_HEADER);
            starts.insert(blob.size().saturating_sub(length));
        }
    }
    starts
}

/// Whether a frame is a footer by its length and magic, wherever it is.
pub(super) fn is_footer(blob: &dyn ReadAt, frame: &Frame) -> io::Result<bool> {
    let FrameKind::Skippable { payload, .. } = frame.kind else {
        return Ok(false);
    };
    for layout in Layout::ALL {
        if payload.length() == u64::from(layout.payload_length()) {
            let mut magic = [0; 8];
            let at = payload.offset().saturating_add(u64::from(layout.magic_offset()));
            blob.read_exact_at(&mut magic, at)?;
            return Ok(magic == layout.magic());
        }
    }
    Ok(false)
}
