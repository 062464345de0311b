//! Positions in a footer of 56 bytes. It does not name the tar-split between TOC and footer, so the TOC need not end where the
//! footer begins: the bounds alone keep its position within the blob.

use super::{Cases, EditInPlace, Footer, ONLY_TOC, Rule, Tag, before, input, v56};

pub(super) fn cases(cases: &mut Cases) {
    type Change = fn(&mut Footer);
    let rows: &[(&str, &str, Change)] = &[
        ("v56-toc-offset-0", "TOC offset 0", |f| f.toc.offset = 0),
        ("v56-toc-offset-7", "TOC offset 7", |f| f.toc.offset = 7),
        ("v56-toc-offset-2-63", "TOC offset 2^63", |f| f.toc.offset = 1 << 63),
        ("v56-toc-offset-max", "TOC offset 2^64 - 1", |f| f.toc.offset = u64::MAX),
        ("v56-toc-behind-blob", "TOC offset past the end of the blob", |f| {
            f.toc.offset = 1 << 30;
        }),
        ("v56-toc-length-2-63", "TOC length 2^63", |f| f.toc.length = 1 << 63),
        ("v56-toc-length-max", "TOC length 2^64 - 1", |f| f.toc.length = u64::MAX),
        (
            "v56-toc-end-in-footer",
            "a TOC that ends a byte after the footer begins",
            |f| f.toc.length = before(f) + 1 - f.toc.offset,
        ),
        (
            "v56-toc-end-wraps",
            "TOC offset and length whose sum wraps to the right end",
            |f| {
                f.toc.offset = u64::MAX - 99;
                f.toc.length = ONLY_TOC.end() + 100;
            },
        ),
    ];
    for &(slug, change, apply) in rows {
        cases
            .invalid(
                slug,
                "v56",
                change,
                "The TOC of this layout need not end at the footer, so nothing but its bounds tells that the position is wrong, \
                 and memory or another part of the blob is read.",
                &[Rule::FooterBounds],
                input(&v56().edit(apply)),
            )
            .tags(&[Tag("robustness"), Tag("boundary")]);
    }
}
