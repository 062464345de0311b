//! Checksums of frames that a reader comes to only if it goes on after the last byte of content.

use super::{
    Builder, Choice, Dialect, EditInPlace, G3, G4, G5, Plan, Rule, Tag, data::in_dialect, frames, samples, sealed,
};
use crate::forge::zstd::{Block, Frame};

impl Builder<'_> {
    pub(super) fn late_checksums(&mut self) {
        self.alone(|builder| {
            for dialect in [G5, G4, G3] {
                builder.empty_last_block(dialect);
            }
        });
        self.alone(Self::unread_zeros);
    }

    /// An encoder that is flushed before it ends has nothing left for its last block.
    fn empty_last_block(&mut self, dialect: Dialect) {
        const WHY: &str = "A reader that stops at the size of the file never comes to the last block, which is empty, and not to \
                           the checksum behind it.";
        let plan = Plan::new(dialect, samples::small());
        let content = frames::last_content(&plan);
        let flushed = Frame::of(&content).edit(|frame| frame.blocks.push(Block::raw(b"")));
        let wrong = flushed
            .clone()
            .edit(|frame| frame.checksum = frame.checksum.map(|checksum| checksum ^ 1));
        let twin = format!("{dialect}-empty-last-block");
        self.accepted(
            dialect,
            &twin,
            "a file whose frame ends with an empty block",
            "An empty block is taken for the end of the blob, or for damage.",
            Rule::FrameChecksum,
            &sealed(frames::in_frames(&plan, &flushed.encode())),
        )
        .tags(&[Tag("interop")]);
        self.invalid(
            &in_dialect(dialect, "frame-checksum-wrong-after-empty-block"),
            &twin,
            "a wrong checksum of the frame",
            WHY,
            &[Rule::FrameChecksum],
            &sealed(frames::in_frames(&plan, &wrong.encode())),
        );
    }

    /// A chunk of zeros whose frame is not what it should be. What the index says is right all the same.
    fn unread_zeros(&mut self) {
        let zeros = vec![0; 2048];
        let damaged = Frame::of(&zeros).edit(|frame| frame.checksum = frame.checksum.map(|checksum| checksum ^ 1));
        let other = Frame::of(&zeros.clone().edit(|bytes| bytes[1000] = b'x'));
        for (slug, title, why, rules, frame) in [
            (
                "zeros-frame-checksum-wrong",
                "a chunk of zeros whose frame has a wrong checksum",
                "Plain decoding fails where a reader of ranges, which need not read the frame, succeeds. go.podman.io/storage \
                 never fetches such a range.",
                &[Rule::FrameChecksum, Rule::ZerosChunk][..],
                damaged,
            ),
            (
                "zeros-frame-other-bytes",
                "a chunk of zeros whose frame has another byte, with the digests and the checksum of zeros",
                "A reader of ranges that does not read the frame makes another file than plain decoding does, and only the \
                 DiffID tells.",
                &[Rule::ZerosChunk, Rule::ChunkDigest, Rule::PlainTar][..],
                other,
            ),
        ] {
            let layer = sealed(super::chunked().parts().edit(|parts| {
                let at = parts.toc.len() - 2;
                let start = usize::try_from(parts.toc[at].offset).unwrap_or_default();
                let frame = frame.encode();
                let old = Frame::of(&zeros).encode().len();
                parts.data.splice(start..start + old, frame.iter().copied());
                // A frame of other bytes is longer, and what follows moves.
                let longer = super::len(&frame) - super::len(&Frame::of(&zeros).encode());
                parts.toc[at + 1].offset += longer;
                parts.toc[at - 2].end_offset += longer;
            }));
            self.either(slug, title, why, Choice("zeros-unread"), Rule::ZerosChunk, &layer)
                .rules(rules)
                .tags(&[Tag("security")]);
        }
    }
}
