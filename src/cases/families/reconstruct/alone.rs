//! Mistakes of which one check alone knows: what is swapped or left out is compared with nothing else.

use super::{
    Bug, Builder, EditInPlace, Footer, Line, Payloads, Placed, Rule, Span, Tag, document, frame, keys, small, tar,
};
use crate::format::Digest;

impl Builder<'_> {
    pub(super) fn checks_alone(&mut self) {
        self.unseen_tar_splits();
        self.stripped_everywhere();
        self.at_byte_1();
    }

    /// The name of an owner is in no field of the TOC, so that only the digest tells of another tar-split.
    fn unseen_tar_splits(&mut self) {
        const WHY: &str = "The tar that is pushed has another owner than the one that was pulled, under a digest that says \
                           otherwise; TOC and headers agree.";
        let swapped = || {
            small().parts().payloads().edit(|payloads: &mut Payloads| {
                let mut lines = small().parts().tar_split;
                if let Line::Segment(header) = &mut lines[0] {
                    header[265..270].copy_from_slice(b"nosey");
                    tar::seal(header);
                }
                payloads.tar_split = frame(document(&lines).as_bytes());
            })
        };
        let annotated = |placed: &mut Placed| {
            let digest = Digest::of(&placed.payloads.tar_split).to_string();
            placed.annotate(keys::TARSPLIT_CHECKSUM, digest);
        };
        for (slug, twin, change, placed) in [
            (
                "tar-split-swapped-unseen",
                "g5",
                "a tar-split with another owner's name in a header, behind the same TOC",
                swapped().place(),
            ),
            (
                "tar-split-swapped-unseen-and-annotated",
                "g5-with-tarsplit-checksum",
                "a tar-split with another owner's name, and its checksum in the annotation, behind the same TOC",
                swapped().place().edit(annotated),
            ),
        ] {
            self.invalid(slug, twin, change, WHY, &[Rule::TarSplitDigest], &placed.layer())
                .bugs(&[Bug("storage-tar-split-by-annotation")]);
        }
    }

    /// Neither annotation nor footer names the tar-split, and its frame is gone: the TOC alone tells that there was one.
    fn stripped_everywhere(&mut self) {
        let layer = small().parts().payloads().place().edit(|placed| {
            placed.strip(keys::TARSPLIT_POSITION);
            placed.tar_split_frame.clear();
            placed.footer_frame = Footer::v64(placed.toc, Span::default()).frame();
        });
        self.invalid(
            "tar-split-stripped-everywhere",
            "g5",
            "no tar-split, in the blob, the annotations and the footer",
            "Nothing but the TOC tells that there was a tar-split: a reader that compares footer and annotations reads the \
             layer without it, under the same digest.",
            &[Rule::TarSplitStripped],
            &layer.layer(),
        )
        .bugs(&[Bug("storage-tar-split-stripped")]);
    }

    /// No frame can begin at byte 1 of a blob that begins with one, so that this blob begins with none.
    fn at_byte_1(&mut self) {
        let tar_split = small().parts().payloads().tar_split;
        let layer = small()
            .edit(|plan| plan.prefix = [&[0][..], &tar_split].concat())
            .parts()
            .payloads()
            .place()
            .edit(|placed| {
                let moved = Span {
                    offset: 1,
                    ..placed.tar_split
                };
                placed.annotate(keys::TARSPLIT_POSITION, keys::position(moved));
            });
        self.invalid(
            "tar-split-at-byte-1",
            "g5",
            "a tar-split at byte 1, after a byte that is no frame",
            "A reader that takes only an offset of 0 for none reads a tar-split where no frame can be.",
            &[Rule::PositionBounds, Rule::PositionsAdjacent, Rule::PositionFrame],
            &layer.layer(),
        )
        .tags(&[Tag("boundary")]);
    }
}
