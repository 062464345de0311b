//! Ranges that overlap until reading them is more work than the blob has bytes.

use super::{Builder, Choice, G5, Parts, Plan, Rule, SKIPPABLE, Tag, TarEntry, frame, len, skippable};
use crate::forge::{
    EditInPlace,
    zstd::{Block, Frame},
};

/// Bytes of zeros in each part.
const PART: usize = 256;
/// Parts of the first file, and files.
const PARTS: usize = 40;
/// The same in a layer whose ranges have four times the bytes of its data.
const FEWER: usize = 12;

impl Builder<'_> {
    pub(super) fn overlaps(&mut self) {
        let layer = super::sealed(overlapping(PARTS, 0, Vec::new()));
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
            builder.bound();
        });
    }

    /// Chapter 17 of the specification allows four times the data.
    fn bound(&mut self) {
        const WHY: &str =
            "A bound that is off by one, or that counts the blob instead of the data, tells two readers apart.";
        let total: u64 = overlapping(FEWER, 0, Vec::new())
            .toc
            .iter()
            .map(|entry| entry.end_offset - entry.offset)
            .sum();
        let filled = |again: usize, by: u64| {
            let data = len(&overlapping(FEWER, again, Vec::new()).data);
            let filling = usize::try_from(total / 4 - data - by).unwrap_or_default();
            super::sealed(overlapping(FEWER, again, skippable(SKIPPABLE, &vec![0; filling - 8])))
        };
        self.either(
            "ranges-overlap-four-times",
            "12 files whose ranges overlap to exactly four times the data",
            WHY,
            Choice("shared-ranges"),
            Rule::SharedRange,
            &filled(0, 0),
        )
        .tags(&[Tag("boundary")]);
        self.either(
            "ranges-overlap-four-times-and-again",
            "12 files whose ranges overlap to exactly four times the data, and one with the range of the first",
            "A file that is read once with another counts twice.",
            Choice("shared-ranges"),
            Rule::SharedRange,
            &filled(1, 0),
        )
        .tags(&[Tag("boundary")]);
        self.either(
            "ranges-overlap-above-four-times",
            "12 files whose ranges overlap to four bytes more than four times the data",
            WHY,
            Choice("overlapping-ranges"),
            Rule::SharedRange,
            &filled(0, 1),
        )
        .tags(&[Tag("boundary"), Tag("robustness")]);
    }
}

/// The first file is zeros in many frames that do not compress them. Each further file is shorter by a frame, and its range
/// is the rest of the first file's; its own frame, for plain decoding, is some bytes long. Behind them are files that have all of
/// the first file's range again.
fn overlapping(count: usize, again: usize, prefix: Vec<u8>) -> Parts {
    let skipped = (0..count).chain(std::iter::repeat_n(0, again));
    let entries: Vec<TarEntry> = skipped
        .clone()
        .enumerate()
        .map(|(index, skipped)| TarEntry::file(&format!("f{index:02}"), vec![0; PART * (count - skipped)]))
        .collect();
    let part = Frame::of(&[0; PART])
        .edit(|frame| frame.blocks = vec![Block::raw(&[0; PART])])
        .encode();
    let plan = Plan::new(G5, entries.clone()).edit(|plan| plan.prefix = prefix);
    plan.parts().edit(|parts| {
        let long = part.repeat(count);
        let short = frame(&entries[0].content);
        let start = usize::try_from(parts.toc[0].offset).unwrap_or_default();
        parts.data.splice(start..start + short.len(), long.iter().copied());
        let (first, end) = (parts.toc[0].offset, parts.toc[0].offset + len(&long));
        for (entry, skipped) in parts.toc.iter_mut().zip(skipped) {
            entry.offset = first + len(&part.repeat(skipped));
            entry.end_offset = end;
        }
    })
}
