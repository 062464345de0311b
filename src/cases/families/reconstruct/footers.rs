//! Layers without annotations, whose footer breaks a rule. A reader that uses the footer there has nothing else.

use super::{Builder, Choice, EditInPlace, Footer, G5, Layer, Placed, Plan, Rule, SKIPPABLE, Tag, skippable, small};

const WHY: &str = "Without annotations the footer alone leads to the index. A reader that believes whatever the last bytes say reads \
                   an index that the blob does not have.";

/// The layer of the plan with this change to its footer, and without annotations.
fn bare(plan: &Plan, apply: impl FnOnce(&mut Placed)) -> Layer {
    let placed = plan.parts().payloads().place().edit(apply);
    placed.layer().edit(|layer: &mut Layer| layer.annotations.clear())
}

/// A change to the fields of the footer.
fn fields(change: fn(&mut Footer)) -> impl FnOnce(&mut Placed) {
    move |placed| {
        change(&mut placed.footer);
        placed.footer_frame = placed.footer.frame();
    }
}

impl Builder<'_> {
    pub(super) fn footers_alone(&mut self) {
        self.alone(|builder| {
            builder.broken_fields();
            builder.broken_frames();
            builder.nothing_by_footer();
        });
    }

    fn footer_alone(&mut self, slug: &str, change: &str, rules: &[Rule], layer: &Layer) {
        self.invalid(
            &format!("no-annotations-{slug}"),
            "no-annotations",
            change,
            WHY,
            rules,
            layer,
        )
        .tags(&[Tag("robustness")]);
    }

    fn broken_fields(&mut self) {
        type Change = fn(&mut Footer);
        let rows: &[(&str, &str, &[Rule], Change)] = &[
            (
                "footer-magic-old",
                "the magic of the shorter footers in the footer",
                &[Rule::FooterMagic],
                |footer| footer.magic = *b"GnUlInUx",
            ),
            (
                "footer-type-2",
                "another manifest type in the footer",
                &[Rule::FooterType],
                |footer| footer.kind = 2,
            ),
            (
                "footer-offset-0",
                "0 for the offset of the TOC in the footer",
                &[Rule::FooterBounds, Rule::FooterAdjacent],
                |footer| footer.toc.offset = 0,
            ),
            (
                "footer-sum-wraps",
                "an offset of the TOC in the footer that wraps round with its length to where the TOC ends",
                &[Rule::FooterBounds, Rule::FooterAdjacent],
                |footer| {
                    footer.toc.length = footer.toc.end().wrapping_add(8);
                    footer.toc.offset = 0_u64.wrapping_sub(8);
                },
            ),
            (
                "footer-tar-split-past-blob",
                "a tar-split in the footer that ends after the blob",
                &[Rule::FooterBounds, Rule::FooterAdjacent],
                |footer| footer.tar_split.length += 1 << 20,
            ),
            (
                "footer-names-frame-of-tar-split",
                "the offset of the tar-split's frame, and not of its payload, in the footer",
                &[Rule::FooterAdjacent, Rule::PositionFrame],
                |footer| footer.tar_split.offset -= 8,
            ),
            (
                "footer-toc-declares-nothing",
                "0 for the uncompressed length of the TOC in the footer",
                &[Rule::FooterTocLength, Rule::IndexLength],
                |footer| footer.toc.uncompressed = 0,
            ),
        ];
        for &(slug, change, rules, apply) in rows {
            self.footer_alone(slug, change, rules, &bare(&small(), fields(apply)));
        }
    }

    /// The frame of the footer, and what is around it.
    fn broken_frames(&mut self) {
        type Change = fn(&mut Placed);
        let rows: &[(&str, &str, Change)] = &[
            (
                "footer-frame-magic-51",
                "0x184D2A51 as the magic of the footer's frame",
                |placed| placed.footer_frame[0] = 0x51,
            ),
            (
                "footer-of-72-bytes",
                "eight bytes more before the magic in the frame of the footer",
                |placed| {
                    let mut payload = placed.footer.payload();
                    payload.splice(56..56, [0; 8]);
                    placed.footer_frame = skippable(SKIPPABLE, &payload);
                },
            ),
            ("byte-after-footer", "a byte after the footer", |placed| {
                placed.footer_frame.push(0);
            }),
        ];
        for &(slug, change, apply) in rows {
            self.footer_alone(slug, change, &[Rule::FooterFrame], &bare(&small(), apply));
        }
    }

    /// A tar-split without a payload, whose uncompressed length nothing else restricts.
    fn nothing_by_footer(&mut self) {
        let nothing = Plan::new(G5, vec![]).edit(|plan| plan.tail.clear());
        self.either(
            "no-annotations-nothing",
            "the layer of a tar of no bytes, without annotations",
            "A footer whose tar-split has no bytes is taken for one without a tar-split, and the layer is not read.",
            Choice("footer-only"),
            Rule::FooterOnly,
            &bare(&nothing, |_| ()),
        );
        self.invalid(
            "no-annotations-nothing-declares-1",
            "no-annotations-nothing",
            "1 for the uncompressed length of the tar-split in the footer",
            "A reader waits for a byte that nothing decodes to, or does not compare lengths at all.",
            &[Rule::FooterTarSplitLength, Rule::IndexLength, Rule::IndexFrame],
            &bare(&nothing, fields(|footer| footer.tar_split.uncompressed = 1)),
        );
    }
}
