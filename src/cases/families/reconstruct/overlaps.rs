//! Ranges that overlap until reading them is more work than the blob has bytes.

use super::{Builder, Choice, Entry, G5, Plan, Rule, Tag, frame, len};
use crate::forge::{
    EditInPlace,
    zstd::{Block, Frame},
};

/// Bytes of zeros in each part.
const PART: usize = 256;
/// Parts of the first file, and files.
const PARTS: usize = 40;

impl Builder<'_> {
    /// The first file is zeros in many frames that do not compress them. Each further file is shorter by a frame, and its range
    /// is the rest of the first file's; its own frame, for plain decoding, is some bytes long.
    pub(super) fn overlaps(&mut self) {
        let entries: Vec<Entry> = (0..PARTS)
            .map(|skipped| Entry::file(&format!("f{skipped:02}"), vec![0; PART * (PARTS - skipped)]))
            .collect();
        let part = Frame::of(&[0; PART])
            .edit(|frame| frame.blocks = vec![Block::raw(&[0; PART])])
            .encode();
        let layer = super::sealed(Plan::new(G5, entries.clone()).parts().edit(|parts| {
            let long = part.repeat(PARTS);
            let short = frame(&entries[0].content);
            let start = usize::try_from(parts.toc[0].offset).unwrap_or_default();
            parts.data.splice(start..start + short.len(), long.iter().copied());
            let (first, end) = (parts.toc[0].offset, parts.toc[0].offset + len(&long));
            let mut offset = first;
            for entry in &mut parts.toc {
                entry.offset = offset;
                entry.end_offset = end;
                offset += len(&part);
            }
        }));
        self.alone(|builder| {
            builder
                .either(
                    "ranges-overlap",
                    "40 files whose ranges overlap to more than four times the data",
                    "A reader that reads each range by itself does work that grows with the square of the blob, which a server \
                     chooses; one that reads each byte once does not.",
                    Choice("overlapping-ranges"),
                    Rule::SharedRange,
                    &layer,
                )
                .tags(&[Tag("robustness")]);
        });
    }
}
