//! `estargz/footer`.

use crate::{
    cases::family::Family,
    forge::estargz::Footer,
    rules::Rule,
    vectors::{
        Bytes, Decimal, Tag,
        ops::{EStargzFooterInput, EStargzFooterOutput, EStargzLayoutOutput},
    },
};

type Cases = Family<EStargzFooterInput, EStargzFooterOutput>;

/// What lies before the footer in the blobs of the cases.
const BEFORE: u64 = 1_000_000;
/// Where their TOC begins.
const TOC: u64 = 0xa_bcde;
const TEXT: &str = "00000000000abcdeSTARGZ";
const EXTERNAL: &str = "STARGZEXTERNALTOC";

pub(in super::super::super) fn cases() -> Cases {
    let mut cases = Cases::new("estargz-footer");
    accepted(&mut cases);
    cases
}

fn input_behind(before: u64, bytes: &[u8]) -> EStargzFooterInput {
    let size = before + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    // What is before the footer is the end of some deflate stream.
    let tail = [&[0x5a; 51], bytes].concat();
    EStargzFooterInput {
        tail: Bytes::hex(&tail[tail.len() - 51..]),
        blob_size: Decimal(size),
    }
}

fn input(bytes: &[u8]) -> EStargzFooterInput {
    input_behind(BEFORE, bytes)
}

fn output(layout: EStargzLayoutOutput, toc: Option<u64>) -> EStargzFooterOutput {
    EStargzFooterOutput {
        layout,
        toc_offset: toc.map(Decimal),
    }
}

fn estargz() -> Footer {
    Footer::estargz(TEXT)
}

fn accepted(cases: &mut Cases) {
    use EStargzLayoutOutput::{EStargz, External, Legacy};
    const WHY: &str = "Layers that the library of eStargz writes, or wrote, cannot be read in part.";
    for (slug, title, footer, expected) in [
        ("v51", "the footer of 51 bytes", estargz(), output(EStargz, Some(TOC))),
        (
            "v47",
            "the older footer of 47 bytes",
            Footer::legacy(TEXT),
            output(Legacy, Some(TOC)),
        ),
        (
            "v46",
            "the footer of 46 bytes, whose TOC is a blob of its own",
            Footer::external(EXTERNAL),
            output(External, None),
        ),
        (
            "v51-offset-0",
            "a TOC at the start of the blob, of a layer without data",
            Footer::estargz("0000000000000000STARGZ"),
            output(EStargz, Some(0)),
        ),
        (
            "v51-offset-last",
            "a TOC that begins one byte before the footer",
            Footer::estargz("00000000000f423fSTARGZ"),
            output(EStargz, Some(BEFORE - 1)),
        ),
        (
            "v47-offset-last",
            "an older footer of a TOC that begins one byte before it",
            Footer::legacy("00000000000f423fSTARGZ"),
            output(Legacy, Some(BEFORE - 1)),
        ),
    ] {
        cases
            .valid(slug, title, WHY, input(&footer.bytes()), expected)
            .rules(&[Rule::EStargzFooter])
            .estargz()
            .tags(&[Tag("interop")]);
    }
    let large = input_behind(1 << 62, &Footer::estargz("3fffffffffffffffSTARGZ").bytes());
    cases
        .valid(
            "v51-offset-62-bits",
            "a TOC at the end of a blob of 2^62 bytes",
            "An offset above 2^53 is rounded, or one above 2^31 cut off.",
            large,
            output(EStargz, Some((1 << 62) - 1)),
        )
        .rules(&[Rule::EStargzBounds])
        .estargz()
        .tags(&[Tag("boundary")]);
}
