//! Layers whose annotations are damaged.

use super::{
    super::super::index::sha512, Blobs, Cases, Choice, Digest, LayerIndexInput, LayerIndexOutput, Rule, either,
    entries, input, invalid,
};

/// Annotations that name no index, one of another kind, or one by another algorithm.
pub(super) fn add(cases: &mut Cases, blobs: &mut Blobs, json: &str) {
    const SPELLED: &str =
        "A digest that is compared as text never matches, or is taken for no digest, so that any TOC will do.";
    let plain = input(blobs, json);
    let digest = Digest::of(json.as_bytes());
    let with = |value: String| LayerIndexInput {
        annotations: [("containerd.io/snapshot/stargz/toc.digest".to_owned(), value)].into(),
        ..plain.clone()
    };
    for (slug, change, value) in [
        (
            "annotation-upper-case",
            "upper-case digits in the annotation",
            format!("sha256:{}", digest.hex().to_uppercase()),
        ),
        (
            "annotation-without-algorithm",
            "no algorithm in the annotation",
            digest.hex(),
        ),
        ("annotation-empty", "an empty annotation", String::new()),
    ] {
        invalid(cases, slug, change, SPELLED, &[Rule::AnnotationDigest], with(value));
    }
    let other_digest = sha512(json.as_bytes());
    let expected = LayerIndexOutput {
        toc_digest: other_digest.clone(),
        entries: entries(),
    };
    either(
        cases,
        "annotation-sha512",
        "an annotation of sha512",
        "A reader that assumes sha256 compares 128 digits with 64, and one that skips what it does not know checks nothing.",
        Choice("digest-algorithm"),
        (with(other_digest), expected),
    )
    .rules(&[Rule::DigestAlgorithm]);
    let prefix = "io.github.containers.zstd-chunked.";
    let others = [
        (format!("{prefix}manifest-checksum"), digest.to_string()),
        (format!("{prefix}manifest-position"), "100:50:90:1".to_owned()),
    ];
    let mut both = plain.clone();
    both.annotations.extend(others.clone());
    invalid(
        cases,
        "two-indexes",
        "annotations of zstd:chunked beside its own",
        "The layer is named after the one index and read through the other.",
        &[Rule::TwoIndexes, Rule::FooterAgrees],
        both,
    );
    let mut position_alone = plain.clone();
    position_alone.annotations.extend([others[1].clone()]);
    invalid(
        cases,
        "position-of-zstd-chunked",
        "a position of zstd:chunked beside its own annotation, without a checksum",
        "A reader of eStargz alone does not look at it, and accepts a layer that a reader of both formats rejects.",
        &[Rule::PositionWithoutChecksum],
        position_alone,
    );
    let other = LayerIndexInput {
        annotations: others.into(),
        ..plain
    };
    invalid(
        cases,
        "annotations-of-zstd-chunked",
        "annotations of zstd:chunked in the place of its own",
        "The layer is named after an index of another blob, and read through the one that its footer names.",
        &[Rule::FooterAgrees, Rule::PositionFrame, Rule::FooterFrame],
        other,
    );
}
