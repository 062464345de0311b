//! Lengths that a layer declares.

use super::{Blobs, Builder, samples};
use crate::{
    forge::{
        EditInPlace, annotations as keys,
        footer::Span,
        layer::{Placed, Plan},
        len,
    },
    format::Dialect,
    rules::Rule,
    vectors::Tag,
};

impl Builder {
    /// Layers of stargz-snapshotter whose footer and annotation name a TOC that is not there.
    pub(super) fn lengths(&mut self, blobs: &mut Blobs) {
        const WHY: &str = "Memory is taken for the length that is claimed, or a length below zero is computed.";
        type Change = fn(&mut Span, u64);
        let far = &[Rule::FooterBounds, Rule::PositionFrame, Rule::IndexLimit][..];
        let nothing = &[
            Rule::FooterBounds,
            Rule::FooterTocLength,
            Rule::PositionLengths,
            Rule::PositionFrame,
        ][..];
        let rows: &[(&str, &str, &[Rule], Change)] = &[
            ("length-2-40", "a TOC of 2^40 bytes", far, |toc, _| toc.length = 1 << 40),
            ("length-2-62", "a TOC of 2^62 bytes", far, |toc, _| toc.length = 1 << 62),
            (
                "length-0-in-footer",
                "a TOC of no bytes within the footer",
                nothing,
                |toc, size| {
                    toc.offset = size - 20;
                    toc.length = 0;
                },
            ),
            (
                "length-0-behind",
                "a TOC of no bytes behind the blob",
                nothing,
                |toc, size| {
                    toc.offset = size + 1;
                    toc.length = 0;
                },
            ),
        ];
        let placed = Plan::stargz(samples::small()).parts().payloads().place();
        let size = len(&placed.clone().layer().blob);
        for &(slug, change, rules, apply) in rows {
            let layer = placed.clone().edit(|placed| {
                apply(&mut placed.footer.toc, size);
                placed.footer_frame = placed.footer.frame();
                let position = keys::toc_position(placed.footer.toc, 1);
                let key = format!("{}{}", keys::OLD_PREFIX, keys::MANIFEST_POSITION);
                placed.annotations.insert(key, position);
            });
            let slug = format!("g1-stargz-{slug}");
            self.invalid(blobs, &slug, "g1-stargz", change, WHY, rules, &layer.layer())
                .tags(&[Tag("robustness")])
                .limits(10, 512);
        }
    }

    /// A change to the small layer of a dialect after everything has its place.
    #[expect(clippy::too_many_arguments, reason = "they are those of a case")]
    pub(super) fn changed(
        &mut self,
        blobs: &mut Blobs,
        dialect: Dialect,
        slug: &str,
        change: &str,
        why: &str,
        rules: &[Rule],
        apply: impl FnOnce(&mut Placed),
    ) {
        let placed = Plan::new(dialect, samples::small()).parts().payloads().place();
        let layer = placed.edit(apply).layer();
        self.invalid(blobs, slug, dialect.name(), change, why, rules, &layer);
    }
}
