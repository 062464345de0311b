//! `footer/parse`.

mod v56;

use super::Family;
use crate::{
    forge::{
        EditInPlace, SKIPPABLE,
        footer::{Footer, Span},
    },
    format::Dialect::{G1, G2, G3, G4, G5},
    rules::Rule,
    vectors::{
        Bug, Bytes, Choice, Decimal, Tag,
        ops::{FooterInput, FooterOutput, LayoutOutput},
    },
};

type Cases = Family<FooterInput, FooterOutput>;

/// A TOC and a tar-split as skopeo 1.18 placed them once.
const TOC: Span = Span::new(701_641, 2206, 7060);
const TAR_SPLIT: Span = Span::new(TOC.end() + 8, 1339, 25528);

/// Positions of other layouts end where the footer frame begins, too.
const ONLY_TOC: Span = Span::new(4096, 500, 2000);

pub(in super::super) fn cases() -> Cases {
    let mut cases = Cases::new("footer");
    accepted(&mut cases);
    choices(&mut cases);
    v56::cases(&mut cases);
    cases
}

/// The 40-byte footer that the cases change.
fn v40() -> Footer {
    Footer::v40(ONLY_TOC)
}

/// The 56-byte footer that the cases change. Its tar-split lies between TOC and footer, unnamed.
fn v56() -> Footer {
    Footer::v56(ONLY_TOC)
}

/// The 64-byte footer that the cases change.
fn v64() -> Footer {
    Footer::v64(TOC, TAR_SPLIT)
}

/// What lies before the footer frame in the blobs of the cases.
const fn before(footer: &Footer) -> u64 {
    match footer.size {
        40 => ONLY_TOC.end(),
        56 => ONLY_TOC.end() + 8 + 300,
        _ => TAR_SPLIT.end(),
    }
}

/// The input of a blob in which the frame begins at this offset, or, as most often, is all of a smaller blob.
fn tail(frame: &[u8], begins: u64) -> FooterInput {
    let missing = 72_usize.saturating_sub(frame.len());
    let filler = usize::try_from(begins).map_or(missing, |begins| begins.min(missing));
    let mut bytes = vec![b'.'; filler];
    bytes.extend(frame);
    let blob_size = begins + crate::forge::len(frame);
    FooterInput {
        tail: Bytes::hex(&bytes[bytes.len().saturating_sub(72)..]),
        blob_size: Decimal(blob_size),
    }
}

/// The input of a footer behind the usual payloads.
fn input(footer: &Footer) -> FooterInput {
    tail(&footer.frame(), before(footer))
}

fn output(footer: &Footer) -> FooterOutput {
    FooterOutput {
        layout: match footer.size {
            40 => LayoutOutput::V40,
            56 => LayoutOutput::V56,
            _ => LayoutOutput::V64,
        },
        toc: footer.toc.into(),
        tar_split: (footer.size == 64 && footer.tar_split.offset != 0).then(|| footer.tar_split.into()),
    }
}

fn accepted(cases: &mut Cases) {
    cases
        .valid(
            "v40",
            "40-byte footer",
            "Layers of containers/storage before v1.47 and of stargz-snapshotter cannot be read.",
            input(&v40()),
            output(&v40()),
        )
        .rules(&[Rule::FooterFrame, Rule::FooterMagic, Rule::FooterAdjacent])
        .dialects(&[G1, G2])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "v64",
            "64-byte footer",
            "Layers that containers/storage writes today cannot be read.",
            input(&v64()),
            output(&v64()),
        )
        .rules(&[Rule::FooterFrame, Rule::FooterMagic, Rule::FooterAdjacent])
        .dialects(&[G4, G5])
        .tags(&[Tag("interop")]);

    let smallest = Footer::v40(Span::new(8, 1, 1));
    cases
        .valid(
            "v40-smallest",
            "40-byte footer of the smallest blob that can have one",
            "An off-by-one in the lower bound of offsets refuses a TOC at the very start of the blob.",
            tail(&smallest.frame(), 9),
            output(&smallest),
        )
        .rules(&[Rule::FooterBounds, Rule::FooterTocLength])
        .dialects(&[G1, G2])
        .tags(&[Tag("boundary")]);

    let no_tar_split = Footer::v64(TOC, Span::default());
    cases
        .valid(
            "v64-without-tar-split",
            "64-byte footer that names no tar-split",
            "Zeros for an absent tar-split are taken for a position, and the adjacency of the frames is computed from it.",
            tail(&no_tar_split.frame(), TOC.end()),
            output(&no_tar_split),
        )
        .rules(&[Rule::FooterTarSplitLength, Rule::FooterAdjacent])
        .dialects(&[G4, G5]);

    for (slug, title, why, toc, tar_split) in [
        (
            "v64-empty-tar-split",
            "64-byte footer with the position of an empty tar-split",
            "The layer of an empty tar, whose tar-split has no byte, cannot be read.",
            Span::new(17, 106, 95),
            Span::new(131, 0, 0),
        ),
        (
            "v64-tar-split-empty-frame",
            "64-byte footer with the position of an empty tar-split that is a frame of 13 bytes",
            "The layer of an empty tar cannot be read, since its writer's encoder makes a frame of nothing too.",
            Span::new(21, 116, 119),
            Span::new(145, 13, 0),
        ),
    ] {
        let empty = Footer::v64(toc, tar_split);
        cases
            .valid(slug, title, why, tail(&empty.frame(), tar_split.end()), output(&empty))
            .rules(&[Rule::FooterTarSplitLength, Rule::FooterAdjacent])
            .dialects(&[G4, G5])
            .tags(&[Tag("interop"), Tag("boundary")]);
    }

    let large = v64().edit(|footer| footer.toc.uncompressed = 52_428_801);
    cases
        .valid(
            "v64-toc-above-50-mib",
            "64-byte footer of a TOC just above 50 MiB",
            "Layers with many files are refused, as when containers/storage had a limit of 50 MiB.",
            input(&large),
            output(&large),
        )
        .rules(&[Rule::IndexLimit])
        .dialects(&[G4, G5])
        .tags(&[Tag("boundary")])
        .bugs(&[Bug("storage-toc-limit")]);
    lookalikes(cases);
}

/// Footers that a reader which searches, instead of computing, takes for others.
fn lookalikes(cases: &mut Cases) {
    const WHY: &str = "A reader that looks for a footer by its skippable header alone takes bytes of a payload for the \
                       header of a larger footer.";
    for (slug, title, size) in [
        (
            "v40-toc-ends-like-v64-header",
            "40-byte footer behind a TOC that ends like the header of a 64-byte one",
            64_u32,
        ),
        (
            "v40-toc-ends-like-v56-header",
            "40-byte footer behind a TOC that ends like the header of a 56-byte one",
            56,
        ),
    ] {
        let header = [SKIPPABLE.to_le_bytes(), size.to_le_bytes()].concat();
        let mut bytes = header;
        bytes.resize(if size == 64 { 24 } else { 16 }, b'.');
        bytes.extend(v40().frame());
        let begins = ONLY_TOC.end() - if size == 64 { 24 } else { 16 };
        cases
            .valid(slug, title, WHY, tail(&bytes, begins), output(&v40()))
            .rules(&[Rule::FooterFrame, Rule::FooterMagic])
            .dialects(&[G1, G2])
            .tags(&[Tag("robustness")]);
    }
    let offset = u64::from(SKIPPABLE) | 56 << 32;
    let toc = Span { offset, ..TOC };
    let footer = Footer::v64(
        toc,
        Span {
            offset: toc.end() + 8,
            ..TAR_SPLIT
        },
    );
    cases
        .valid(
            "v64-toc-offset-like-v56-header",
            "64-byte footer whose TOC offset reads like the header of a 56-byte one",
            "A reader that tries the smaller footers first takes a field for a skippable header.",
            tail(&footer.frame(), footer.tar_split.end()),
            output(&footer),
        )
        .rules(&[Rule::FooterFrame, Rule::FooterMagic])
        .dialects(&[G4, G5])
        .tags(&[Tag("robustness")]);
}

fn choices(cases: &mut Cases) {
    cases
        .either(
            "v56",
            "56-byte footer",
            "Its writer put the magic where its own reader did not look for it; a reader either knows that layout as it \
             was written or refuses it, and never guesses.",
            Choice("v56-footer"),
            input(&v56()),
            output(&v56()),
        )
        .rules(&[Rule::FooterV56])
        .dialects(&[G3])
        .bugs(&[Bug("storage-footer-magic"), Bug("storage-footer-written")]);

    for (slug, title, toc, tar_split) in [
        (
            "v64-toc-above-limit",
            "64-byte footer of a TOC that claims 1 TiB decompressed",
            Span {
                uncompressed: 1 << 40,
                ..TOC
            },
            TAR_SPLIT,
        ),
        (
            "v64-toc-claims-all",
            "64-byte footer of a TOC that claims 2^64 - 1 bytes decompressed",
            Span {
                uncompressed: u64::MAX,
                ..TOC
            },
            TAR_SPLIT,
        ),
        (
            "v64-tar-split-above-limit",
            "64-byte footer of a tar-split that claims 1 TiB decompressed",
            TOC,
            Span {
                uncompressed: 1 << 40,
                ..TAR_SPLIT
            },
        ),
        (
            "v64-toc-longer-than-limit",
            "64-byte footer of a TOC of 1 TiB",
            Span { length: 1 << 40, ..TOC },
            Span {
                offset: TOC.offset + (1 << 40) + 8,
                ..TAR_SPLIT
            },
        ),
    ] {
        let footer = Footer::v64(toc, tar_split);
        cases
            .either(
                slug,
                title,
                "A reader that allocates what a length field claims dies of it.",
                Choice("declared-length-limit"),
                tail(&footer.frame(), tar_split.end()),
                output(&footer),
            )
            .rules(&[Rule::IndexLimit])
            .dialects(&[G4, G5])
            .tags(&[Tag("robustness")]);
    }
}
