//! `estargz/footer`.

use crate::{
    forge::{EditInPlace, estargz::Footer},
    rules::Rule,
    vectors::{
        Bug, Bytes, Decimal, Tag,
        generate::draft::Family,
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
    gzip(&mut cases);
    subfields(&mut cases);
    offsets(&mut cases);
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
            .tags(&[Tag::Interop]);
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
        .tags(&[Tag::Boundary]);
}

/// The gzip member as such.
fn gzip(cases: &mut Cases) {
    const WHY: &str =
        "What is no footer is taken for one, and a reader fetches a TOC from where there is none, or crashes.";
    type Change = fn(&mut Footer);
    let rows: &[(&str, &str, Change)] = &[
        ("magic-wrong", "another first byte", |f| f.header[0] = 0x1e),
        ("magic-second-wrong", "another second byte", |f| f.header[1] = 0x8c),
        ("method-wrong", "another compression method", |f| f.header[2] = 7),
        ("flag-extra-missing", "no flag of an extra field", |f| f.header[3] = 0),
        ("flag-name", "the flag of a file name besides", |f| f.header[3] = 0x0c),
        ("flag-header-crc", "the flag of a header checksum besides", |f| {
            f.header[3] = 0x06;
        }),
        ("flag-reserved", "a reserved flag besides", |f| f.header[3] = 0x24),
        ("time-set", "a modification time", |f| f.header[4] = 1),
        ("extra-length-less", "an extra field that claims one byte less", |f| {
            f.length -= 1;
        }),
        ("extra-length-more", "an extra field that claims one byte more", |f| {
            f.length += 1;
        }),
        ("extra-length-0", "an extra field that claims no bytes", |f| {
            f.length = 0;
        }),
        ("extra-length-max", "an extra field that claims 65535 bytes", |f| {
            f.length = 0xffff;
        }),
        (
            "extra-length-big-endian",
            "the length of the extra field with its high byte first",
            |f| {
                f.length = f.length.swap_bytes();
            },
        ),
        ("block-not-last", "a block that is not the last one", |f| f.block[0] = 0),
        ("block-length", "a block of one byte", |f| f.block[1] = 1),
        (
            "block-complement",
            "a block whose length and its complement differ",
            |f| f.block[3] = 0,
        ),
        ("block-fixed-codes", "a block with fixed codes", |f| f.block[0] = 3),
        ("crc-wrong", "the checksum of something", |f| f.trailer[0] = 1),
        ("length-wrong", "the length of something", |f| f.trailer[4] = 1),
        ("cut", "the last byte is missing", |f| {
            f.trailer.pop();
        }),
        ("byte-behind", "a byte behind the footer", |f| f.trailer.push(0)),
        ("member-behind", "an empty gzip member behind the footer", |f| {
            f.trailer
                .extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }),
    ];
    for &(slug, change, apply) in rows {
        let added = cases
            .invalid(
                &format!("v51-{slug}"),
                "v51",
                change,
                WHY,
                &[Rule::EStargzFooter],
                input(&estargz().edit(apply).bytes()),
            )
            .tags(&[Tag::Robustness]);
        if matches!(slug, "flag-extra-missing" | "extra-length-0") {
            added.bugs(&[Bug::EStargzNoExtra]);
        }
    }
    for (slug, twin, footer) in [
        ("v47-extra-length-more", "v47", Footer::legacy(TEXT)),
        ("v46-extra-length-more", "v46", Footer::external(EXTERNAL)),
    ] {
        cases
            .invalid(
                slug,
                twin,
                "an extra field that claims one byte more",
                WHY,
                &[Rule::EStargzFooter],
                input(&footer.edit(|footer| footer.length += 1).bytes()),
            )
            .tags(&[Tag::Robustness]);
    }
    for (slug, change, bytes) in [
        (
            "no-extra",
            "51 bytes of a gzip header without an extra field, and zeros",
            {
                let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
                bytes.resize(51, 0);
                bytes
            },
        ),
        (
            "short-extra",
            "an extra field of the subfield header alone, and zeros",
            {
                let mut bytes = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 4, 0, b'S', b'G', 0x16, 0];
                bytes.resize(51, 0);
                bytes
            },
        ),
    ] {
        let added = cases
            .invalid(slug, "v51", change, WHY, &[Rule::EStargzFooter], input(&bytes))
            .tags(&[Tag::Robustness]);
        if slug == "no-extra" {
            added.bugs(&[Bug::EStargzNoExtra]);
        }
    }
    let mut zeros = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    zeros.resize(46, 0);
    let alone = EStargzFooterInput {
        tail: Bytes::hex(&zeros),
        blob_size: Decimal(46),
    };
    for (slug, change, input) in [
        (
            "v46-no-extra",
            "46 bytes of a gzip header without an extra field, and zeros",
            input(&zeros),
        ),
        (
            "v46-no-extra-alone",
            "a blob of nothing but a gzip header without an extra field, and zeros",
            alone,
        ),
    ] {
        cases
            .invalid(slug, "v46", change, WHY, &[Rule::EStargzFooter], input)
            .tags(&[Tag::Security, Tag::Robustness]);
    }
    let small = EStargzFooterInput {
        tail: Bytes::hex(&[0x1f, 0x8b, 8]),
        blob_size: Decimal(3),
    };
    cases
        .invalid(
            "blob-of-3-bytes",
            "v51",
            "a blob of three bytes",
            WHY,
            &[Rule::EStargzFooter],
            small,
        )
        .tags(&[Tag::Robustness, Tag::Boundary]);
    let empty = EStargzFooterInput {
        tail: Bytes::hex(&[]),
        blob_size: Decimal(0),
    };
    cases
        .invalid(
            "blob-empty",
            "v51",
            "a blob of no bytes",
            WHY,
            &[Rule::EStargzFooter],
            empty,
        )
        .tags(&[Tag::Robustness, Tag::Boundary]);
}

/// What the extra field holds.
fn subfields(cases: &mut Cases) {
    const WHY: &str =
        "The extra field of some other writer is read as the offset of a TOC, or the parser crashes on it.";
    let rules = &[Rule::EStargzSubfield];
    type Change = fn(&mut Footer);
    let rows: &[(&str, &str, Change)] = &[
        ("id-first", "another first byte of the subfield id", |f| {
            f.extra[0] = b'T';
        }),
        ("id-second", "another second byte of the subfield id", |f| {
            f.extra[1] = b'H';
        }),
        ("id-swapped", "the bytes of the subfield id in the other order", |f| {
            f.extra.swap(0, 1);
        }),
        ("length-0", "a subfield that claims no bytes", |f| f.extra[2] = 0),
        ("length-less", "a subfield that claims one byte less", |f| {
            f.extra[2] -= 1;
        }),
        ("length-more", "a subfield that claims one byte more", |f| {
            f.extra[2] += 1;
        }),
        ("length-max", "a subfield that claims 65535 bytes", |f| {
            f.extra[2..4].fill(0xff);
        }),
    ];
    for &(slug, change, apply) in rows {
        cases
            .invalid(
                &format!("v51-subfield-{slug}"),
                "v51",
                change,
                WHY,
                rules,
                input(&estargz().edit(apply).bytes()),
            )
            .tags(&[Tag::Robustness]);
    }
    for (slug, change, text) in [
        ("magic-lower-case", "the magic in lower case", "00000000000abcdestargz"),
        (
            "magic-cut",
            "another last letter of the magic",
            "00000000000abcdeSTARG\0",
        ),
        ("digits-upper-case", "digits in upper case", "00000000000ABCDESTARGZ"),
        (
            "digits-not-hexadecimal",
            "a letter that is no digit",
            "00000000000abcdgSTARGZ",
        ),
        ("digits-sign", "a plus sign before the digits", "+0000000000abcdeSTARGZ"),
        (
            "digits-minus",
            "a minus sign before the digits",
            "-00000000000abcdSTARGZ",
        ),
        ("digits-space", "spaces before the digits", "           abcdeSTARGZ"),
        ("digits-prefix", "0x before the digits", "0x000000000abcdeSTARGZ"),
        (
            "digits-underscore",
            "an underscore between the digits",
            "0000000000_abcdeSTARGZ",
        ),
        ("digits-nul", "a NUL among the digits", "0000000000\0abcdeSTARGZ"),
        ("offset-2-63", "an offset of 2^63", "8000000000000000STARGZ"),
        ("offset-max", "an offset of 2^64 - 1", "ffffffffffffffffSTARGZ"),
    ] {
        for (family, twin, footer) in [
            ("v51", "v51", Footer::estargz(text)),
            ("v47", "v47", Footer::legacy(text)),
        ] {
            cases
                .invalid(
                    &format!("{family}-{slug}"),
                    twin,
                    change,
                    WHY,
                    rules,
                    input(&footer.bytes()),
                )
                .tags(&[Tag::Robustness]);
        }
    }
    for (slug, change, text) in [
        ("magic-wrong", "another last letter", "STARGZEXTERNALTOX"),
        ("magic-lower-case", "lower case", "stargzexternaltoc"),
    ] {
        cases.invalid(
            &format!("v46-{slug}"),
            "v46",
            change,
            WHY,
            rules,
            input(&Footer::external(text).bytes()),
        );
    }
    let mut wrong_id = Footer::external(EXTERNAL);
    wrong_id.extra[0] = b'X';
    cases.invalid(
        "v46-subfield-id",
        "v46",
        "another subfield id",
        WHY,
        rules,
        input(&wrong_id.bytes()),
    );
}

/// Where the TOC is said to be.
fn offsets(cases: &mut Cases) {
    const WHY: &str = "The length of the TOC is computed from an offset that is not inside the blob, and wraps.";
    for (slug, change, text) in [
        ("offset-of-footer", "the offset of the footer", "00000000000f4240STARGZ"),
        (
            "offset-in-footer",
            "an offset within the footer",
            "00000000000f4250STARGZ",
        ),
        ("offset-behind", "an offset behind the blob", "0000000000100000STARGZ"),
        ("offset-2-63-minus-1", "an offset of 2^63 - 1", "7fffffffffffffffSTARGZ"),
    ] {
        for (twin, footer) in [("v51", Footer::estargz(text)), ("v47", Footer::legacy(text))] {
            cases
                .invalid(
                    &format!("{twin}-{slug}"),
                    twin,
                    change,
                    WHY,
                    &[Rule::EStargzBounds],
                    input(&footer.bytes()),
                )
                .tags(&[Tag::Robustness, Tag::Boundary]);
        }
    }
}
