//! Damaged frames in the range of a file, in every dialect that has a tar-split.

use super::{Builder, Dialect, EditInPlace, G3, G4, G5, Plan, Rule, Tag, data::in_dialect, frames, samples, sealed};
use crate::forge::zstd::{Block, Frame};

impl Builder<'_> {
    pub(super) fn damaged_frames(&mut self) {
        self.alone(|builder| {
            for dialect in [G5, G4, G3] {
                builder.damaged_frame(dialect);
            }
        });
    }

    /// The last file's frame, so that no other range moves.
    fn damaged_frame(&mut self, dialect: Dialect) {
        const WHY: &str = "A plain reader fails where a reader of ranges, which decodes each of them by itself and stops at the size of the \
                           file, goes on with what it has.";
        type Change = fn(&mut Frame);
        let broken = &[Rule::FrameContent, Rule::RangeSize, Rule::FileDigest][..];
        let cut = &[Rule::RangeFrames, Rule::FrameContent, Rule::RangeSize][..];
        let rows: &[(&str, &str, &[Rule], Change)] = &[
            (
                "frame-reserved-bit",
                "the reserved bit in the header of a file's frame",
                cut,
                |frame| frame.flags = 1 << 3,
            ),
            (
                "frame-declares-more",
                "a content size in the header of a file's frame that is 1 larger",
                broken,
                |frame| frame.content_size = frame.content_size.map(|size| size + 1),
            ),
            (
                "frame-declares-less",
                "a content size in the header of a file's frame that is 1 smaller",
                broken,
                |frame| frame.content_size = frame.content_size.map(|size| size - 1),
            ),
            (
                "frame-block-garbage",
                "a compressed block of nothing but ones after the content in a file's frame",
                broken,
                |frame| {
                    frame.blocks.push(Block {
                        kind: 2,
                        size: 8,
                        bytes: vec![0xff; 8],
                    });
                },
            ),
            (
                "frame-block-reserved",
                "a block of the reserved type in a file's frame",
                cut,
                |frame| frame.blocks[0].kind = 3,
            ),
            (
                "frame-block-cut",
                "a block in a file's frame that claims a byte more than the range has",
                cut,
                |frame| {
                    frame.checksum = None;
                    frame.blocks[0].size += 1;
                },
            ),
            (
                "frame-dictionary",
                "a dictionary in the header of a file's frame",
                &[Rule::FrameDictionary],
                |frame| frame.dictionary = Some(7),
            ),
        ];
        let plan = Plan::new(dialect, samples::small());
        let content = frames::last_content(&plan);
        for &(slug, change, rules, apply) in rows {
            let frame = Frame::of(&content).edit(apply).encode();
            self.invalid(
                &in_dialect(dialect, slug),
                dialect.name(),
                change,
                WHY,
                rules,
                &sealed(frames::in_frames(&plan, &frame)),
            )
            .tags(&[Tag("robustness")]);
        }
    }
}
