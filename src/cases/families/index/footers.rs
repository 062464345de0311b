//! Footers of whole layers: damaged ones of layers without annotations, which a reader of footers has nothing else to go by, and
//! ones that differ from the annotations, which a reader of annotations need not read.

use super::{Blobs, Builder, Choice, Digest, EditInPlace, G1, G2, G3, G4, G5, Plan, Rule, Tag, samples};
use crate::{
    forge::{
        SKIPPABLE,
        footer::{MAGIC_NEW, MAGIC_OLD},
        layer::{NamedDigest, Placed},
        skippable,
        zstd::frame,
    },
    format::Dialect,
};

type Change = fn(&mut Placed);

/// One damage, and the dialects whose footers can have it.
struct Row {
    slug: &'static str,
    change: &'static str,
    why: &'static str,
    rules: &'static [Rule],
    dialects: &'static [Dialect],
    apply: Change,
}

const ALL: &[Dialect] = &[G1, G2, G3, G4, G5];
const LAST: &str =
    "A footer is searched for and not found where it belongs, so that bytes of another tool lead to the index.";
const MAGIC: &str = "Fields of one layout are read as those of another, or any skippable frame is taken for a footer.";
const PLACE: &str =
    "The index is read from outside the blob, or from the middle of something else, with nothing to compare it with.";

const ROWS: &[Row] = &[
    Row {
        slug: "byte-after",
        change: "a byte after the footer",
        why: LAST,
        rules: &[Rule::FooterFrame],
        dialects: ALL,
        apply: |placed| placed.footer_frame.push(0),
    },
    Row {
        slug: "frame-magic-51",
        change: "0x184D2A51 as the magic of the footer's frame",
        why: LAST,
        rules: &[Rule::FooterFrame],
        dialects: ALL,
        apply: |placed| placed.footer_frame[0] = 0x51,
    },
    Row {
        slug: "other-magic",
        change: "the magic of another layout in the footer",
        why: MAGIC,
        rules: &[Rule::FooterMagic],
        dialects: ALL,
        apply: |placed| {
            let is_old = placed.footer.magic == *MAGIC_OLD;
            sealed(placed, |placed| {
                placed.footer.magic = if is_old { *MAGIC_NEW } else { *MAGIC_OLD }
            });
        },
    },
    Row {
        slug: "no-magic",
        change: "zeros for the magic of the footer",
        why: MAGIC,
        rules: &[Rule::FooterMagic],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.magic = [0; 8]),
    },
    Row {
        slug: "type-2",
        change: "another manifest type in the footer",
        why: "An index of a kind that is not known is read as one that is.",
        rules: &[Rule::FooterType],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.kind = 2),
    },
    Row {
        slug: "toc-end-wraps",
        change: "offset and length of the TOC in the footer whose sum wraps to the right end",
        why: PLACE,
        rules: &[Rule::FooterBounds, Rule::FooterAdjacent],
        dialects: ALL,
        apply: |placed| {
            sealed(placed, |placed| {
                let end = placed.footer.toc.end();
                placed.footer.toc.offset = u64::MAX - 99;
                placed.footer.toc.length = end + 100;
            });
        },
    },
    Row {
        slug: "toc-behind-blob",
        change: "a TOC after the end of the blob in the footer",
        why: PLACE,
        rules: &[Rule::FooterBounds, Rule::FooterAdjacent, Rule::PositionFrame],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.toc.offset = 1 << 40),
    },
    Row {
        slug: "toc-8-early",
        change: "the TOC 8 bytes early in the footer, at the header of its frame",
        why: PLACE,
        rules: &[Rule::FooterAdjacent, Rule::PositionFrame],
        dialects: &[G1, G2, G4, G5],
        apply: |placed| sealed(placed, |placed| placed.footer.toc.offset -= 8),
    },
    Row {
        slug: "frame-before",
        change: "a skippable frame before the footer",
        why: "Bytes that belong to no part of the index lie between its parts, and may be another index for another reader.",
        rules: &[Rule::FooterAdjacent, Rule::FramesLast],
        dialects: &[G1, G2, G4, G5],
        apply: |placed| {
            placed.footer_frame = [skippable(SKIPPABLE, b"skip me"), placed.footer_frame.clone()].concat();
        },
    },
    Row {
        slug: "toc-uncompressed-0",
        change: "an uncompressed length of the TOC of 0 in the footer",
        why: "A reader that gives its decoder room for nothing has a layer without files.",
        rules: &[Rule::FooterTocLength, Rule::IndexLength],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.toc.uncompressed = 0),
    },
    Row {
        slug: "reserved-first",
        change: "a byte that is not zero at the start of what the footer reserves",
        why: "Bytes that no writer ever filled are passed over, and two readers can be told different things in them.",
        rules: &[Rule::FooterReserved],
        dialects: &[G3],
        apply: |placed| placed.footer_frame[48] = 1,
    },
    Row {
        slug: "reserved-last",
        change: "a byte that is not zero at the end of what the footer reserves",
        why: "Bytes that no writer ever filled are passed over, and two readers can be told different things in them.",
        rules: &[Rule::FooterReserved],
        dialects: &[G3],
        apply: |placed| placed.footer_frame[63] = 1,
    },
];

/// What differs from the annotations, which are right.
const COMPARED: &[Row] = &[
    Row {
        slug: "footer-no-magic",
        change: "zeros for the magic of its footer",
        why: MAGIC,
        rules: &[Rule::FooterMagic, Rule::FooterAgrees],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.magic = [0; 8]),
    },
    Row {
        slug: "footer-type-2",
        change: "another manifest type in its footer",
        why: "An index of a kind that is not known is read as one that is.",
        rules: &[Rule::FooterType],
        dialects: ALL,
        apply: |placed| sealed(placed, |placed| placed.footer.kind = 2),
    },
    Row {
        slug: "footer-length-differs",
        change: "an uncompressed length of the TOC in its footer that is 1 larger",
        why: "A reader of footers and a reader of annotations use two indexes of one layer.",
        rules: &[Rule::FooterAgrees],
        dialects: &[G1, G2, G3, G4],
        apply: |placed| sealed(placed, |placed| placed.footer.toc.uncompressed += 1),
    },
    Row {
        slug: "frame-behind-footer",
        change: "a skippable frame after its footer",
        why: LAST,
        rules: &[Rule::FramesLast, Rule::FooterFrame],
        dialects: &[G1, G2, G3, G4],
        apply: |placed| placed.footer_frame.extend(skippable(SKIPPABLE, b"skip me")),
    },
    Row {
        slug: "data-behind-footer",
        change: "an empty data frame after its footer",
        why: LAST,
        rules: &[Rule::FramesLast, Rule::FooterFrame],
        dialects: &[G1, G2, G3, G4],
        apply: |placed| placed.footer_frame.extend(frame(b"")),
    },
    Row {
        slug: "footer-missing",
        change: "no footer",
        why: LAST,
        rules: &[Rule::FramesLast, Rule::FooterFrame],
        // Without its footer, a layer of g4 is one of g3.
        dialects: &[G1, G2, G3],
        apply: |placed| placed.footer_frame.clear(),
    },
];

/// Changes the fields of the footer, and writes it anew.
fn sealed(placed: &mut Placed, change: impl FnOnce(&mut Placed)) {
    change(placed);
    placed.footer_frame = placed.footer.frame();
}

impl Builder {
    pub(super) fn footers(&mut self, blobs: &mut Blobs) {
        for dialect in [G1, G2, G3, G4] {
            let bare = placed(dialect).edit(|placed| placed.annotations.clear());
            self.either(
                blobs,
                &format!("{dialect}-no-annotations"),
                &format!("a layer of {dialect} without annotations"),
                "What is read through the footer alone is as good as its server; a reader that reads it anyway gives the \
                 digest of the TOC that it used.",
                Choice("footer-only"),
                &bare.layer(),
            )
            .rules(&[Rule::FooterOnly])
            .dialects(&[dialect])
            .tags(&[Tag("security")]);
        }
        for row in ROWS {
            for &dialect in row.dialects {
                let layer = placed(dialect)
                    .edit(|placed| placed.annotations.clear())
                    .edit(row.apply);
                let slug = format!("{dialect}-footer-only-{}", row.slug);
                self.invalid(
                    blobs,
                    &slug,
                    &bare(dialect),
                    row.change,
                    row.why,
                    row.rules,
                    &layer.layer(),
                )
                .dialects(&[dialect]);
            }
        }
        self.tar_split_of_nothing(blobs);
        for row in COMPARED {
            for &dialect in row.dialects {
                self.either(
                    blobs,
                    &format!("{dialect}-{}", row.slug),
                    &format!("a layer of {dialect} with its annotations and {}", row.change),
                    row.why,
                    Choice("footer-compared"),
                    &placed(dialect).edit(row.apply).layer(),
                )
                .rules(row.rules)
                .dialects(&[dialect])
                .tags(&[Tag("security")]);
            }
        }
    }

    /// A tar-split frame without a payload, whose footer promises what it decodes to.
    fn tar_split_of_nothing(&mut self, blobs: &mut Blobs) {
        for dialect in [G4, G5] {
            let parts = Plan::new(dialect, samples::small()).parts().edit(|parts| {
                if dialect == G5 {
                    parts.named_digest = NamedDigest::Other(Digest::of(b"").to_string());
                }
            });
            let layer = parts.payloads().edit(|payloads| payloads.tar_split.clear()).place();
            self.invalid(
                blobs,
                &format!("{dialect}-footer-only-tar-split-of-nothing"),
                &bare(dialect),
                "a tar-split of no bytes that the footer claims to decode to some",
                "A decoder that is given nothing waits for more, or returns a tar-split without headers.",
                &[Rule::FooterTarSplitLength, Rule::IndexFrame],
                &layer.edit(|placed| placed.annotations.clear()).layer(),
            )
            .dialects(&[dialect]);
        }
    }
}

/// The slug of the layer without annotations.
fn bare(dialect: Dialect) -> String {
    if dialect == G5 {
        "no-annotations".to_owned()
    } else {
        format!("{dialect}-no-annotations")
    }
}

fn placed(dialect: Dialect) -> Placed {
    Plan::new(dialect, samples::small()).parts().payloads().place()
}
