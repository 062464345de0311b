//! What makes a frame a footer: the skippable frame around it, its magic, and the fields that have one value.

use super::{
    Bug, Cases, EditInPlace, MAGIC_NEW, MAGIC_OLD, Rule, SKIPPABLE, TAR_SPLIT, Tag, before, input, skippable, tail,
    v40, v56, v64,
};

pub(super) fn cases(cases: &mut Cases) {
    magics(cases);
    frames(cases);
    fields(cases);
}

fn magics(cases: &mut Cases) {
    const WHY: &str = "A reader that looks for the magic in several places, or in one that does not depend on the \
                       layout, reads fields of one layout as those of another.";
    for (twin, footer, at, magic, slug, change) in [
        (
            "v40",
            v40(),
            32,
            MAGIC_NEW,
            "v40-magic-of-v64",
            "the magic in the spelling of v64",
        ),
        (
            "v56",
            v56(),
            32,
            MAGIC_NEW,
            "v56-magic-of-v64",
            "the magic in the spelling of v64",
        ),
        (
            "v56",
            v56(),
            48,
            MAGIC_OLD,
            "v56-magic-at-48",
            "the magic at 48, where its reader looked for it",
        ),
        (
            "v56",
            v56(),
            48,
            MAGIC_NEW,
            "v56-magic-of-v64-at-48",
            "the magic of v64 at 48",
        ),
        (
            "v64",
            v64(),
            56,
            MAGIC_OLD,
            "v64-magic-of-v40",
            "the magic in the spelling of v40",
        ),
        (
            "v64",
            v64(),
            32,
            MAGIC_OLD,
            "v64-magic-at-v40-offset",
            "the magic of v40 at 32",
        ),
        ("v64", v64(), 32, MAGIC_NEW, "v64-magic-at-32", "the magic at 32"),
        (
            "v64",
            v64(),
            48,
            MAGIC_OLD,
            "v64-magic-of-v40-at-48",
            "the magic of v40 at 48",
        ),
        ("v64", v64(), 48, MAGIC_NEW, "v64-magic-at-48", "the magic at 48"),
    ] {
        let footer = footer.edit(|footer| {
            footer.magic = *magic;
            footer.magic_at = at;
        });
        // A magic in another place is also a wrong value of the field that is there.
        let rules = match (twin, at) {
            ("v56", 48) => &[Rule::FooterMagic, Rule::FooterReserved][..],
            ("v64", 32 | 48) => &[Rule::FooterMagic, Rule::FooterBounds, Rule::FooterAdjacent],
            _ => &[Rule::FooterMagic],
        };
        let added = cases.invalid(slug, twin, change, WHY, rules, input(&footer));
        if at == 48 {
            added.bugs(&[Bug::StorageFooterMagic]);
        }
    }
    for (twin, footer) in [("v40", v40()), ("v56", v56()), ("v64", v64())] {
        cases.invalid(
            &format!("{twin}-without-magic"),
            twin,
            "zeros for the magic",
            "Any skippable frame of the right length at the end of a blob is taken for a footer.",
            &[Rule::FooterMagic],
            input(&footer.edit(|footer| footer.magic = [0; 8])),
        );
    }
}

/// The skippable frame around the footer.
fn frames(cases: &mut Cases) {
    let rules = &[Rule::FooterFrame];
    for (slug, change, size, magic_at) in [
        ("payload-72-magic-last", "8 more bytes before the magic", 72, 64),
        ("payload-72-magic-at-56", "8 more bytes behind the magic", 72, 56),
        ("payload-0", "an empty payload", 0, 0),
        ("payload-32", "a payload that ends after the type", 32, 32),
        ("payload-48", "a payload that ends after the tar-split's length", 48, 40),
        ("payload-63", "a payload without its last byte", 63, 56),
    ] {
        let footer = v64().edit(|footer| {
            footer.size = size;
            footer.magic_at = magic_at;
        });
        cases.invalid(
            slug,
            "v64",
            change,
            "A footer of a layout that the reader does not know, perhaps one of the future, is read as one that it knows.",
            rules,
            tail(&footer.frame(), TAR_SPLIT.end()),
        );
    }
    for (slug, magic) in [
        ("skippable-magic-51", SKIPPABLE + 1),
        ("skippable-magic-5f", SKIPPABLE + 15),
        ("skippable-magic-60", SKIPPABLE + 16),
        ("zstd-magic", 0xfd2f_b528),
    ] {
        cases.invalid(
            slug,
            "v64",
            &format!("0x{magic:08X} as the magic of the frame"),
            "Another tool's skippable frame is taken for the footer.",
            rules,
            tail(&skippable(magic, &v64().payload()), TAR_SPLIT.end()),
        );
    }
    for (slug, claimed) in [
        ("length-claims-40", 40_u8),
        ("length-claims-65", 65),
        ("length-claims-0", 0),
    ] {
        cases.invalid(
            slug,
            "v64",
            &format!("{claimed} as the length in the skippable header"),
            "The layout is chosen by the magic, and the length that stands before it is not looked at.",
            rules,
            tail(&v64().frame().edit(|frame| frame[4] = claimed), TAR_SPLIT.end()),
        );
    }
    for (twin, footer) in [("v40", v40()), ("v64", v64())] {
        cases
            .invalid(
                &format!("{twin}-trailing-byte"),
                twin,
                "a byte behind the footer",
                "The footer is searched for from the end, so that what follows it goes unseen.",
                rules,
                tail(&footer.frame().edit(|frame| frame.push(0)), before(&footer)),
            )
            .tags(&[Tag::Robustness]);
    }
    let cut = v40().frame().split_off(1);
    cases
        .invalid(
            "blob-smaller-than-footer",
            "v40-smallest",
            "a blob of the last 47 bytes of the footer frame",
            "The start of the footer is computed as a size minus 48, which wraps.",
            rules,
            tail(&cut, 0),
        )
        .tags(&[Tag::Robustness, Tag::Boundary]);
    cases
        .invalid(
            "blob-empty",
            "v40-smallest",
            "an empty blob",
            "The start of the footer is computed as a size minus a constant, which wraps.",
            rules,
            tail(&[], 0),
        )
        .tags(&[Tag::Robustness, Tag::Boundary]);
}

/// Type and reserved bytes.
fn fields(cases: &mut Cases) {
    for (slug, change, kind) in [
        ("v64-type-0", "type 0", 0),
        ("v64-type-2", "type 2", 2),
        ("v64-type-wraps", "type 2^32 + 1", (1 << 32) + 1),
    ] {
        cases.invalid(
            slug,
            "v64",
            change,
            "A manifest of a type that the reader does not know is read as one that it knows.",
            &[Rule::FooterType],
            input(&v64().edit(|footer| footer.kind = kind)),
        );
    }
    cases.invalid(
        "v40-type-2",
        "v40",
        "type 2",
        "A manifest of a type that the reader does not know is read as one that it knows.",
        &[Rule::FooterType],
        input(&v40().edit(|footer| footer.kind = 2)),
    );
    for (slug, change, at) in [
        ("v56-reserved-first", "the first reserved byte is not zero", 40),
        ("v56-reserved-last", "the last reserved byte is not zero", 55),
    ] {
        let mut payload = v56().payload();
        payload[at] = 1;
        cases.invalid(
            slug,
            "v56",
            change,
            "Bytes that no writer ever filled are passed over, and two readers can be told different things in them.",
            &[Rule::FooterReserved],
            tail(&skippable(SKIPPABLE, &payload), before(&v56())),
        );
    }
}
