//! Positions: their grammar, their range, and how they fit together.

use super::{
    Bug, Cases, Choice, EditInPlace, G2, G5, Rule, Span, TAR_SPLIT, TOC, Tag, g5, input, key, keys, output, toc_only,
};

const SCANF: &str = "A reader that scans for numbers instead of matching the whole value sees another position than \
                     its neighbour, or one where there is none.";

pub(super) fn cases(cases: &mut Cases) {
    accepted(cases);
    grammar(cases);
    range(cases);
    relations(cases);
}

fn accepted(cases: &mut Cases) {
    for (slug, title, why, length) in [
        (
            "empty-tar-split",
            "the position of an empty tar-split",
            "The layer of an empty tar, whose tar-split has no byte, cannot be read.",
            0,
        ),
        (
            "empty-tar-split-in-frame",
            "the position of an empty tar-split that is a frame of 13 bytes",
            "The layer of an empty tar cannot be read, since its writer's encoder makes a frame of nothing too.",
            13,
        ),
    ] {
        let empty = Span::new(TOC.end() + 8, length, 0);
        cases
            .valid(
                slug,
                title,
                why,
                input(g5().edit(|a| {
                    a.insert(key(keys::TARSPLIT_POSITION), keys::position(empty));
                })),
                output(TOC, Some(empty)),
            )
            .rules(&[Rule::PositionLengths])
            .dialects(&[G5])
            .tags(&[Tag::Interop, Tag::Boundary]);
    }
    let first = Span::new(8, 1, 1);
    let last = Span::new(i64::MAX.unsigned_abs() - 500, 500, 2000);
    for (slug, title, span) in [
        ("offset-8", "a TOC at the start of the blob", first),
        ("end-2-63-minus-1", "a TOC that ends at 2^63 - 1", last),
    ] {
        cases
            .valid(
                slug,
                title,
                "An off-by-one in a bound refuses a position at the edge of what is allowed.",
                input(toc_only(keys::PREFIX).edit(|a| {
                    a.insert(key(keys::MANIFEST_POSITION), keys::toc_position(span, 1));
                })),
                output(span, None),
            )
            .rules(&[Rule::PositionBounds])
            .dialects(&[G2])
            .tags(&[Tag::Boundary]);
    }
    let large = Span {
        uncompressed: 52_428_801,
        ..TOC
    };
    cases
        .valid(
            "toc-above-50-mib",
            "a TOC just above 50 MiB",
            "Layers with many files are refused, as when containers/storage had a limit of 50 MiB.",
            input(toc_only(keys::PREFIX).edit(|a| {
                a.insert(key(keys::MANIFEST_POSITION), keys::toc_position(large, 1));
            })),
            output(large, None),
        )
        .rules(&[Rule::IndexLimit])
        .dialects(&[G2])
        .tags(&[Tag::Boundary])
        .bugs(&[Bug::StorageTocLimit]);
    for (slug, title, span) in [
        (
            "toc-above-limit",
            "a TOC that claims 1 TiB decompressed",
            Span {
                uncompressed: 1 << 40,
                ..TOC
            },
        ),
        (
            "toc-claims-2-63-minus-1",
            "a TOC that claims 2^63 - 1 bytes decompressed",
            Span {
                uncompressed: i64::MAX.unsigned_abs(),
                ..TOC
            },
        ),
        (
            "toc-longer-than-limit",
            "a TOC of 1 TiB",
            Span { length: 1 << 40, ..TOC },
        ),
    ] {
        cases
            .either(
                slug,
                title,
                "A reader that allocates what a length claims dies of it.",
                Choice::DeclaredLengthLimit,
                input(toc_only(keys::PREFIX).edit(|a| {
                    a.insert(key(keys::MANIFEST_POSITION), keys::toc_position(span, 1));
                })),
                output(span, None),
            )
            .rules(&[Rule::IndexLimit])
            .dialects(&[G2])
            .tags(&[Tag::Robustness]);
    }
    let claims = Span {
        uncompressed: 1 << 40,
        ..TAR_SPLIT
    };
    cases
        .either(
            "tar-split-above-limit",
            "a tar-split that claims 1 TiB decompressed",
            "A reader that allocates what a length claims dies of it.",
            Choice::DeclaredLengthLimit,
            input(g5().edit(|a| {
                a.insert(key(keys::TARSPLIT_POSITION), keys::position(claims));
            })),
            output(TOC, Some(claims)),
        )
        .rules(&[Rule::IndexLimit])
        .dialects(&[G5])
        .tags(&[Tag::Robustness]);
}

/// The TOC's position of g2, written in another way.
fn grammar(cases: &mut Cases) {
    for (slug, change, value) in [
        ("plus-sign", "a plus sign", "+701641:2206:7060:1"),
        ("minus-sign", "a minus sign", "-701641:2206:7060:1"),
        ("minus-zero-length", "a length of -0", "701641:2206:-0:1"),
        ("leading-space", "a leading space", " 701641:2206:7060:1"),
        ("inner-space", "a space after a colon", "701641: 2206:7060:1"),
        ("trailing-space", "a trailing space", "701641:2206:7060:1 "),
        ("trailing-line-feed", "a trailing line feed", "701641:2206:7060:1\n"),
        ("leading-zero", "a leading zero", "0701641:2206:7060:1"),
        ("trailing-text", "trailing text", "701641:2206:7060:1x"),
        ("three-numbers", "three numbers", "701641:2206:7060"),
        ("five-numbers", "a fifth number", "701641:2206:7060:1:0"),
        ("trailing-colon", "a trailing colon", "701641:2206:7060:1:"),
        ("empty-number", "an empty number", "701641::7060:1"),
        ("empty-position", "an empty value", ""),
        ("hexadecimal", "a number in hexadecimal", "0xab4c9:2206:7060:1"),
        ("hexadecimal-digits", "hexadecimal digits", "ab4c9:2206:7060:1"),
        ("underscore", "an underscore between digits", "701_641:2206:7060:1"),
        ("fraction", "a fraction", "701641.0:2206:7060:1"),
        ("exponent", "an exponent", "701641:2206:7060:1e0"),
        (
            "fullwidth-digits",
            "digits that are not ASCII",
            "701641:2206:7060:\u{ff11}",
        ),
        ("other-separator", "commas instead of colons", "701641,2206,7060,1"),
        ("nul-byte", "a trailing NUL", "701641:2206:7060:1\0"),
    ] {
        cases
            .invalid(
                &format!("position-{slug}"),
                "g2",
                change,
                SCANF,
                &[Rule::PositionGrammar],
                input(toc_only(keys::PREFIX).edit(|a| {
                    a.insert(key(keys::MANIFEST_POSITION), value.to_owned());
                })),
            )
            .tags(&[Tag::Security]);
    }
    for (slug, change, value) in [
        (
            "four-numbers",
            "a type, as the TOC's position has one",
            "703855:1339:25528:1",
        ),
        ("two-numbers", "two numbers", "703855:1339"),
        ("leading-zero", "a leading zero", "703855:01339:25528"),
        ("trailing-text", "trailing text", "703855:1339:25528x"),
    ] {
        cases.invalid(
            &format!("tarsplit-position-{slug}"),
            "g5",
            change,
            SCANF,
            &[Rule::PositionGrammar],
            input(g5().edit(|a| {
                a.insert(key(keys::TARSPLIT_POSITION), value.to_owned());
            })),
        );
    }
}

fn range(cases: &mut Cases) {
    const WRAPS: &str = "A number that wraps, is cut off or turns negative is a position somewhere else in the blob, or \
                         an allocation that ends the process.";
    let numbers = &[Rule::PositionRange, Rule::PositionBounds][..];
    let bounds = &[Rule::PositionBounds, Rule::PositionsAdjacent][..];
    for (slug, change, value, rules) in [
        (
            "offset-2-63",
            "TOC offset 2^63",
            "9223372036854775808:2206:7060:1",
            numbers,
        ),
        (
            "offset-2-64-minus-1",
            "TOC offset 2^64 - 1",
            "18446744073709551615:2206:7060:1",
            numbers,
        ),
        (
            "offset-2-64",
            "TOC offset 2^64",
            "18446744073709551616:2206:7060:1",
            numbers,
        ),
        (
            "offset-wraps",
            "TOC offset 2^64 more",
            "18446744073710253257:2206:7060:1",
            numbers,
        ),
        (
            "length-2-63",
            "TOC length 2^63",
            "701641:9223372036854775808:7060:1",
            numbers,
        ),
        (
            "length-2-64-minus-1",
            "TOC length 2^64 - 1",
            "701641:18446744073709551615:7060:1",
            numbers,
        ),
        (
            "uncompressed-2-63",
            "uncompressed TOC length 2^63",
            "701641:2206:9223372036854775808:1",
            numbers,
        ),
        (
            "type-wraps-64",
            "type 2^64 + 1",
            "701641:2206:7060:18446744073709551617",
            numbers,
        ),
        (
            "fifty-digits",
            "a number of 50 digits",
            "11111111111111111111111111111111111111111111111111:2206:7060:1",
            numbers,
        ),
        ("end-2-63", "an end of 2^63", "9223372036854775308:500:7060:1", bounds),
        (
            "length-2-63-minus-1",
            "TOC length 2^63 - 1",
            "701641:9223372036854775807:7060:1",
            bounds,
        ),
        ("offset-7", "TOC offset 7", "7:2206:7060:1", bounds),
        ("offset-0", "TOC offset 0", "0:2206:7060:1", bounds),
        ("type-0", "type 0", "701641:2206:7060:0", &[Rule::PositionType]),
        ("type-2", "type 2", "701641:2206:7060:2", &[Rule::PositionType]),
        (
            "type-wraps-32",
            "type 2^32 + 1",
            "701641:2206:7060:4294967297",
            &[Rule::PositionType],
        ),
        ("length-0", "TOC length 0", "701641:0:7060:1", &[Rule::PositionLengths]),
        (
            "uncompressed-0",
            "uncompressed TOC length 0",
            "701641:2206:0:1",
            &[Rule::PositionLengths],
        ),
    ] {
        cases
            .invalid(
                &format!("position-{slug}"),
                "g2",
                change,
                WRAPS,
                rules,
                input(toc_only(keys::PREFIX).edit(|a| {
                    a.insert(key(keys::MANIFEST_POSITION), value.to_owned());
                })),
            )
            .tags(&[Tag::Robustness, Tag::Boundary]);
    }
    for (slug, change, value, rules) in [
        ("offset-0", "tar-split offset 0", "0:1339:25528", bounds),
        ("all-zero", "zeros for all of the tar-split's position", "0:0:0", bounds),
        (
            "length-2-63",
            "tar-split length 2^63",
            "703855:9223372036854775808:25528",
            numbers,
        ),
        (
            "length-2-64-minus-1",
            "tar-split length 2^64 - 1",
            "703855:18446744073709551615:25528",
            numbers,
        ),
        (
            "length-0",
            "tar-split length 0",
            "703855:0:25528",
            &[Rule::PositionLengths],
        ),
    ] {
        cases
            .invalid(
                &format!("tarsplit-position-{slug}"),
                "g5",
                change,
                WRAPS,
                rules,
                input(g5().edit(|a| {
                    a.insert(key(keys::TARSPLIT_POSITION), value.to_owned());
                })),
            )
            .tags(&[Tag::Robustness, Tag::Boundary]);
    }
}

/// How the two positions lie to each other.
fn relations(cases: &mut Cases) {
    for (slug, change, offset) in [
        ("minus-8", "tar-split offset 8 too small", TAR_SPLIT.offset - 8),
        ("plus-8", "tar-split offset 8 too large", TAR_SPLIT.offset + 8),
        ("before-toc", "the tar-split before the TOC", 4096),
        ("same-as-toc", "the tar-split at the TOC's offset", TOC.offset),
    ] {
        cases.invalid(
            &format!("tarsplit-position-{slug}"),
            "g5",
            change,
            "Eight bytes of a skippable header count as payload, or bytes hide between the frames.",
            &[Rule::PositionsAdjacent],
            input(g5().edit(|a| {
                a.insert(
                    key(keys::TARSPLIT_POSITION),
                    keys::position(Span { offset, ..TAR_SPLIT }),
                );
            })),
        );
    }
}
