//! Digests, and which annotations stand beside which.

use super::{
    Annotations, AnnotationsOutput, Bug, Cases, Choice, EditInPlace, G2, Rule, TOC, Tag, digest, g4, g5, input, key,
    keys, output, toc_only,
};

/// The sha512 of nothing.
const SHA512: &str = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

pub(super) fn cases(cases: &mut Cases) {
    grammar(cases);
    company(cases);
}

fn grammar(cases: &mut Cases) {
    const WHY: &str = "A digest in another spelling is compared as text and never matches, or is cut to what is there \
                       and matches too much.";
    let hex = digest("toc").split_off(7);
    for (slug, change, value) in [
        (
            "upper-case",
            "upper-case digits",
            format!("sha256:{}", hex.to_uppercase()),
        ),
        (
            "upper-case-algorithm",
            "an upper-case algorithm",
            format!("SHA256:{hex}"),
        ),
        ("short", "a digit less", format!("sha256:{}", &hex[..63])),
        ("long", "a digit more", format!("sha256:{hex}0")),
        ("without-algorithm", "no algorithm", hex.clone()),
        ("only-algorithm", "no digits", "sha256:".to_owned()),
        ("empty", "an empty value", String::new()),
        ("trailing-space", "a trailing space", format!("sha256:{hex} ")),
        (
            "not-hexadecimal",
            "a digit that is none",
            format!("sha256:g{}", &hex[1..]),
        ),
        (
            "md5",
            "an algorithm that is not registered",
            format!("md5:{}", &hex[..32]),
        ),
        (
            "sha512-short",
            "sha512 with the digits of sha256",
            format!("sha512:{hex}"),
        ),
    ] {
        cases.invalid(
            &format!("checksum-{slug}"),
            "g2",
            change,
            WHY,
            &[Rule::AnnotationDigest],
            input(toc_only(keys::PREFIX).edit(|a| {
                a.insert(key(keys::MANIFEST_CHECKSUM), value);
            })),
        );
    }
    cases.invalid(
        "tarsplit-checksum-upper-case",
        "g4",
        "upper-case digits",
        WHY,
        &[Rule::AnnotationDigest],
        input(g4().edit(|a| {
            a.insert(key(keys::TARSPLIT_CHECKSUM), format!("sha256:{}", hex.to_uppercase()));
        })),
    );
    let sha384 = format!("sha384:{}", hex.repeat(2).split_off(32));
    for (slug, title, value) in [
        ("checksum-sha384", "a manifest checksum of sha384", sha384.as_str()),
        ("checksum-sha512", "a manifest checksum of sha512", SHA512),
    ] {
        cases
        .either(
            slug,
            title,
            "A reader that assumes sha256 compares 128 digits with 64; one that takes every algorithm gives one layer \
             two names.",
            Choice::DigestAlgorithm,
            input(toc_only(keys::PREFIX).edit(|a| {
                a.insert(key(keys::MANIFEST_CHECKSUM), value.to_owned());
            })),
            AnnotationsOutput {
                toc_digest: Some(value.to_owned()),
                ..output(TOC, None)
            },
        )
        .rules(&[Rule::DigestAlgorithm])
        .dialects(&[G2]);
    }
}

/// Annotations that do not stand alone.
fn company(cases: &mut Cases) {
    const ALONE: &str = "Half of an index counts as none, so that whoever strips an annotation chooses how the layer is \
                         read.";
    let without = |annotations: Annotations, suffix: &str| {
        input(annotations.edit(|a| {
            a.remove(&key(suffix));
        }))
    };
    cases
        .invalid(
            "checksum-without-position",
            "g2",
            "no manifest position",
            ALONE,
            &[Rule::ChecksumWithoutPosition],
            without(toc_only(keys::PREFIX), keys::MANIFEST_POSITION),
        )
        .tags(&[Tag::Security]);
    cases
        .invalid(
            "position-without-checksum",
            "g2",
            "no manifest checksum",
            "A TOC that nothing authenticates is used: whoever changes the blob changes the files.",
            &[Rule::PositionWithoutChecksum],
            without(toc_only(keys::PREFIX), keys::MANIFEST_CHECKSUM),
        )
        .tags(&[Tag::Security]);
    cases
        .invalid(
            "g5-position-without-checksum",
            "g5",
            "no manifest checksum",
            "A TOC that nothing authenticates is used: whoever changes the blob changes the files.",
            &[Rule::PositionWithoutChecksum],
            without(g5(), keys::MANIFEST_CHECKSUM),
        )
        .tags(&[Tag::Security]);
    cases
        .invalid(
            "tarsplit-checksum-without-position",
            "g4",
            "no position of the tar-split",
            ALONE,
            &[Rule::ChecksumWithoutPosition],
            without(g4(), keys::TARSPLIT_POSITION),
        )
        .tags(&[Tag::Security]);
    cases
        .invalid(
            "estargz-beside-g2",
            "g2",
            "the digest of an eStargz TOC as well",
            "Two functions of one library chose differently between the two indexes, so that a layer was named after \
             the one and read through the other.",
            &[Rule::TwoIndexes],
            input(toc_only(keys::PREFIX).edit(|a| {
                a.insert(keys::ESTARGZ.to_owned(), digest("uncompressed toc"));
            })),
        )
        .tags(&[Tag::Security])
        .bugs(&[Bug::StorageTwoIndexes, Bug::StorageTwoDigests]);
    cases
        .invalid(
            "estargz-beside-g5",
            "g5",
            "the digest of an eStargz TOC as well",
            "Two functions of one library chose differently between the two indexes, so that a layer was named after \
             the one and read through the other.",
            &[Rule::TwoIndexes],
            input(g5().edit(|a| {
                a.insert(keys::ESTARGZ.to_owned(), digest("uncompressed toc"));
            })),
        )
        .tags(&[Tag::Security])
        .bugs(&[Bug::StorageTwoIndexes, Bug::StorageTwoDigests]);
    cases.invalid(
        "estargz-digest-malformed",
        "estargz-only",
        "a digit less",
        "A digest that is none is compared as text, and never matches.",
        &[Rule::AnnotationDigest],
        input(Annotations::from([(
            keys::ESTARGZ.to_owned(),
            digest("uncompressed toc").edit(|digest| {
                digest.pop();
            }),
        )])),
    );
}
