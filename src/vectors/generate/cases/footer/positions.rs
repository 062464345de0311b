//! Where a footer says that the payloads are.

use super::{Cases, EditInPlace, Footer, Rule, Span, TAR_SPLIT, TOC, Tag, input, tail, v40, v64};

pub(super) fn cases(cases: &mut Cases) {
    positions(cases);
    lengths(cases);
}

/// A change to one position, everything else left as it was.
type Change = fn(&mut Footer);

fn positions(cases: &mut Cases) {
    const BOUNDS: &[Rule] = &[Rule::FooterBounds, Rule::FooterAdjacent];
    const ADJACENT: &[Rule] = &[Rule::FooterAdjacent];
    let overflow: &[(&str, &str, Change)] = &[
        ("v64-toc-offset-2-63", "TOC offset 2^63", |f| f.toc.offset = 1 << 63),
        ("v64-toc-offset-max", "TOC offset 2^64 - 1", |f| f.toc.offset = u64::MAX),
        ("v64-toc-length-2-63", "TOC length 2^63", |f| f.toc.length = 1 << 63),
        ("v64-toc-length-max", "TOC length 2^64 - 1", |f| f.toc.length = u64::MAX),
        (
            "v64-toc-end-wraps",
            "TOC offset and length whose sum wraps to the right end",
            |f| {
                f.toc = Span {
                    offset: u64::MAX - 99,
                    length: f.toc.end() + 100,
                    ..f.toc
                };
            },
        ),
        ("v64-tar-split-offset-2-63", "tar-split offset 2^63", |f| {
            f.tar_split.offset = 1 << 63;
        }),
        ("v64-tar-split-offset-max", "tar-split offset 2^64 - 1", |f| {
            f.tar_split.offset = u64::MAX;
        }),
        ("v64-tar-split-length-2-63", "tar-split length 2^63", |f| {
            f.tar_split.length = 1 << 63;
        }),
        ("v64-tar-split-length-max", "tar-split length 2^64 - 1", |f| {
            f.tar_split.length = u64::MAX;
        }),
        (
            "v64-tar-split-end-wraps",
            "tar-split offset and length whose sum wraps to the right end",
            |f| {
                f.tar_split = Span {
                    offset: u64::MAX - 99,
                    length: f.tar_split.end() + 100,
                    ..f.tar_split
                }
            },
        ),
        ("v64-toc-behind-blob", "TOC offset past the end of the blob", |f| {
            f.toc.offset = 1 << 30;
        }),
        (
            "v64-toc-offset-7",
            "TOC offset 7, with the length that ends where it should",
            |f| {
                f.toc = Span {
                    offset: 7,
                    length: f.toc.end() - 7,
                    ..f.toc
                };
            },
        ),
        ("v64-toc-offset-0", "TOC offset 0", |f| f.toc.offset = 0),
        ("v64-tar-split-offset-0", "tar-split offset 0", |f| {
            f.tar_split.offset = 0;
        }),
        ("v64-tar-split-plus-8", "tar-split offset 8 too large", |f| {
            f.tar_split.offset += 8;
        }),
    ];
    for &(slug, change, apply) in overflow {
        cases
            .invalid(
                slug,
                "v64",
                change,
                "The end of the payload is computed with a wrap, or not compared with the blob, and memory or another \
                 part of the blob is read.",
                BOUNDS,
                input(&v64().edit(apply)),
            )
            .tags(&[Tag::Robustness, Tag::Boundary]);
    }
    let near: &[(&str, &str, Change)] = &[
        (
            "v64-toc-minus-8",
            "TOC offset 8 too small, at the skippable header",
            |f| f.toc.offset -= 8,
        ),
        ("v64-toc-plus-8", "TOC offset 8 too large", |f| f.toc.offset += 8),
        (
            "v64-tar-split-minus-8",
            "tar-split offset 8 too small, at the skippable header",
            |f| {
                f.tar_split.offset -= 8;
            },
        ),
        ("v64-toc-length-plus-1", "TOC length 1 too large", |f| f.toc.length += 1),
        ("v64-toc-length-minus-1", "TOC length 1 too small", |f| {
            f.toc.length -= 1;
        }),
        ("v64-tar-split-length-minus-1", "tar-split length 1 too small", |f| {
            f.tar_split.length -= 1;
        }),
        (
            "v64-tar-split-over-toc",
            "the tar-split has the position of the TOC",
            |f| f.tar_split = f.toc,
        ),
    ];
    for &(slug, change, apply) in near {
        cases
            .invalid(
                slug,
                "v64",
                change,
                "The payload is read from the wrong place: eight bytes of a skippable header count as payload, or \
                 bytes hide between the frames.",
                ADJACENT,
                input(&v64().edit(apply)),
            )
            .tags(&[Tag::Boundary]);
    }
    let old: &[(&str, &str, &[Rule], Change)] = &[
        (
            "v40-toc-minus-8",
            "TOC offset 8 too small, at the skippable header",
            ADJACENT,
            |f| f.toc.offset -= 8,
        ),
        ("v40-toc-plus-8", "TOC offset 8 too large", BOUNDS, |f| {
            f.toc.offset += 8;
        }),
        ("v40-toc-offset-max", "TOC offset 2^64 - 1", BOUNDS, |f| {
            f.toc.offset = u64::MAX;
        }),
        (
            "v40-toc-end-wraps",
            "TOC offset and length whose sum wraps to the right end",
            BOUNDS,
            |f| {
                f.toc = Span {
                    offset: u64::MAX - 99,
                    length: f.toc.end() + 100,
                    ..f.toc
                };
            },
        ),
    ];
    for &(slug, change, rules, apply) in old {
        cases
            .invalid(
                slug,
                "v40",
                change,
                "The payload is read from the wrong place, or the end of the payload is computed with a wrap.",
                rules,
                input(&v40().edit(apply)),
            )
            .tags(&[Tag::Boundary]);
    }
    cases
        .invalid(
            "v64-only-footer",
            "v64",
            "a blob of nothing but the footer",
            "The payloads that the footer names are read from before the start of the blob.",
            BOUNDS,
            tail(&v64().frame(), 0),
        )
        .tags(&[Tag::Robustness, Tag::Boundary]);
}

fn lengths(cases: &mut Cases) {
    const EMPTY_TOC: &str =
        "An empty TOC is no JSON document; a reader that takes it for a layer without entries drops every file.";
    const HALF: &str =
        "A tar-split that has no bytes and should give some is passed over by one reader and waited for by another.";
    let no_toc = Footer::v64(
        Span { length: 0, ..TOC },
        Span {
            offset: TOC.offset + 8,
            ..TAR_SPLIT
        },
    );
    let no_tar_split = Footer::v64(TOC, Span { length: 0, ..TAR_SPLIT });
    for (slug, change, why, rule, footer) in [
        (
            "v64-toc-length-0",
            "TOC length 0, and the frames moved together",
            EMPTY_TOC,
            Rule::FooterTocLength,
            no_toc,
        ),
        (
            "v64-toc-uncompressed-0",
            "uncompressed TOC length 0",
            EMPTY_TOC,
            Rule::FooterTocLength,
            v64().edit(|f| f.toc.uncompressed = 0),
        ),
        (
            "v64-tar-split-length-0",
            "tar-split length 0, and the frames moved together",
            HALF,
            Rule::FooterTarSplitLength,
            no_tar_split,
        ),
    ] {
        cases
            .invalid(
                slug,
                "v64",
                change,
                why,
                &[rule],
                tail(&footer.frame(), footer.tar_split.end()),
            )
            .tags(&[Tag::Boundary]);
    }
}
