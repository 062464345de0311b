//! What a walk over the frames of a blob tells about the layer.

use std::{collections::BTreeSet, io};

use super::{LayerIndex, Located, causes::Ends, walk};
use crate::{
    format::{
        Extent, Findings, Place, Region,
        frames::{Frame, FrameKind},
        range::ReadAt,
        toc::Entry,
    },
    rules::Rule,
};

/// What a walk over the frames tells, in memory that grows with the TOC and not with the blob.
pub(super) struct Survey {
    pub(super) data_frames: u64,
    pub(super) skippable_frames: u64,
    /// Offsets at which a range of the TOC begins or ends, and no frame begins.
    within: BTreeSet<u64>,
    /// Where the walk broke off, and how the blob ends.
    pub(super) ends: Ends,
    last: Option<LastFrames>,
}

impl Survey {
    pub(super) fn new(located: Option<&Located>, index: Option<&LayerIndex>) -> Self {
        let chunks = index
            .iter()
            .flat_map(|index| &index.toc.entries)
            .flat_map(|entry| &entry.chunks);
        Self {
            data_frames: 0,
            skippable_frames: 0,
            within: chunks
                .flat_map(|chunk| [Some(chunk.offset), chunk.end])
                .flatten()
                .collect(),
            ends: Ends::default(),
            last: located.map(LastFrames::of),
        }
    }

    /// Takes the next frame.
    pub(super) fn see(&mut self, blob: &dyn ReadAt, frame: &Frame) -> io::Result<()> {
        self.within.remove(&frame.extent.offset());
        match frame.kind {
            FrameKind::Data(_) => self.data_frames = self.data_frames.saturating_add(1),
            FrameKind::Skippable { .. } => self.skippable_frames = self.skippable_frames.saturating_add(1),
        }
        if walk::is_footer(blob, frame)? {
            self.ends.footer = Some(frame.extent);
        }
        self.ends.last = Some(frame.extent.end());
        if let Some(last) = &mut self.last {
            last.see(frame);
        }
        Ok(())
    }

    /// Says that the walk over a blob of this size has ended, and where it broke off.
    ///
    /// Rule: LYR-02.
    pub(super) fn finish(&mut self, size: u64, breaks: Vec<walk::Break>, findings: &mut Findings) {
        self.ends.breaks = breaks;
        // A walk that broke off has said so, and knows nothing of the last frames.
        if self.ends.breaks.is_empty()
            && let Some(detail) = self.last.take().and_then(LastFrames::into_complaint)
        {
            findings.report(Rule::FramesLast, Place::Byte(Region::Blob, size), detail);
        }
    }

    /// Whether the ranges of a file begin and end where frames do, before the TOC.
    ///
    /// Rule: DAT-01.
    pub(super) fn is_on_boundaries(&self, entry: &Entry, data_end: u64, findings: &mut Findings) -> bool {
        for chunk in &entry.chunks {
            let begins_within = self.within.contains(&chunk.offset);
            let end = chunk.end.filter(|end| self.within.contains(end));
            let detail = if chunk.offset >= data_end {
                format!(
                    "the range begins at byte {}, expected it before the end of the data at byte {data_end}",
                    chunk.offset
                )
            } else if begins_within {
                format!("the range begins at byte {}, where no frame begins", chunk.offset)
            } else if let Some(end) = end {
                format!("the range ends at byte {end}, where no frame ends")
            } else {
                continue;
            };
            findings.report(Rule::RangeFrames, Place::File(entry.name.clone()), detail);
            return false;
        }
        true
    }
}

/// Watches that the frames of TOC, tar-split and footer are the last ones.
struct LastFrames {
    data_end: u64,
    /// Payloads to come, the next one first; none for a tar-split whose position nothing gives.
    expected: Vec<(&'static str, Option<Extent>)>,
    complaint: Option<String>,
}

impl LastFrames {
    fn of(located: &Located) -> Self {
        let mut expected = vec![("TOC", Some(located.toc.extent))];
        if let Some(tar_split) = located.tar_split {
            expected.push(("tar-split", Some(tar_split.extent)));
        } else if let (Some(footer), None) = (located.footer, &located.annotations)
            && footer.layout.hides_tar_split()
        {
            expected.push(("tar-split", None));
        }
        if located.footer.is_some() {
            expected.push(("footer", None));
        }
        expected.reverse();
        Self {
            data_end: located.data_end(),
            expected,
            complaint: None,
        }
    }

    fn see(&mut self, frame: &Frame) {
        if frame.extent.offset() < self.data_end || self.complaint.is_some() {
            return;
        }
        let payload = match frame.kind {
            FrameKind::Skippable { payload, .. } => Some(payload),
            FrameKind::Data(_) => None,
        };
        let fits = match self.expected.pop() {
            Some((_, Some(extent))) => payload == Some(extent),
            Some((_, None)) => payload.is_some(),
            None => false,
        };
        if !fits {
            self.complaint = Some(format!(
                "another frame at byte {} after the data, expected only TOC, tar-split and footer from byte {} on",
                frame.extent.offset(),
                self.data_end
            ));
        }
    }

    fn into_complaint(self) -> Option<String> {
        let missing = self.expected.last().map(|(what, _)| *what);
        self.complaint
            .or_else(|| missing.map(|what| format!("the frame of the {what} is not among the last frames")))
    }
}
