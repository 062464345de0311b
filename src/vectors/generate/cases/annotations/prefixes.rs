//! Annotations under both prefixes, and pairs that are split between them.

use super::{
    Annotations, Cases, EditInPlace, G1, G2, G3, G4, G5, Rule, TAR_SPLIT, TOC, Tag, digest, g4, g5, input, keys,
    output, toc_only,
};

/// The same annotations under the older prefix.
fn older(annotations: &Annotations) -> Annotations {
    let rename = |(key, value): (&String, &String)| (key.replace(keys::PREFIX, keys::OLD_PREFIX), value.clone());
    annotations.iter().map(rename).collect()
}

/// The same annotations under both prefixes.
fn both(annotations: &Annotations) -> Annotations {
    annotations.clone().edit(|a| a.extend(older(annotations)))
}

pub(super) fn cases(cases: &mut Cases) {
    values(cases);
    partly(cases);
    split(cases);
    stripped(cases);
}

fn values(cases: &mut Cases) {
    for (slug, change, suffix, value) in [
        (
            "checksum-differs",
            "another checksum under the old prefix",
            keys::MANIFEST_CHECKSUM,
            digest("other toc"),
        ),
        (
            "position-differs",
            "another position under the old prefix",
            keys::MANIFEST_POSITION,
            "701641:2206:7061:1".to_owned(),
        ),
    ] {
        cases
            .invalid(
                &format!("both-prefixes-{slug}"),
                "both-prefixes-equal",
                change,
                "An old reader and a new one see two layers in one descriptor.",
                &[Rule::PrefixesAgree],
                input(both(&toc_only(keys::PREFIX)).edit(|a| {
                    a.insert(format!("{}{suffix}", keys::OLD_PREFIX), value);
                })),
            )
            .tags(&[Tag::Security]);
    }
    cases
        .valid(
            "both-prefixes-g4",
            "all four annotations of g4 under both prefixes",
            "A layer that was annotated for old and new readers is refused.",
            input(both(&g4())),
            output(TOC, Some(TAR_SPLIT)),
        )
        .rules(&[Rule::PrefixesAgree])
        .dialects(&[G3, G4])
        .tags(&[Tag::Interop]);
    for (slug, change, suffix, value) in [
        (
            "tarsplit-position-differs",
            "another uncompressed length of the tar-split under the old prefix",
            keys::TARSPLIT_POSITION,
            "703855:1339:25529".to_owned(),
        ),
        (
            "tarsplit-checksum-differs",
            "another checksum of the tar-split under the old prefix",
            keys::TARSPLIT_CHECKSUM,
            digest("other tar-split"),
        ),
    ] {
        cases
            .invalid(
                &format!("both-prefixes-{slug}"),
                "both-prefixes-g4",
                change,
                "Two readers of one descriptor put the tar together from two tar-splits.",
                &[Rule::PrefixesAgree],
                input(both(&g4()).edit(|a| {
                    a.insert(format!("{}{suffix}", keys::OLD_PREFIX), value);
                })),
            )
            .tags(&[Tag::Security]);
    }
}

/// One prefix has more keys than the other. The reader of containers/storage decides: it looks at one prefix and never sees
/// the other.
fn partly(cases: &mut Cases) {
    cases
        .valid(
            "both-prefixes-tarsplit-under-new",
            "the annotations of g5, and those of its TOC under the old prefix as well",
            "A layer that is annotated for readers of g1, which know no tar-split, is refused by new readers.",
            input(g5().edit(|a| a.extend(toc_only(keys::OLD_PREFIX)))),
            output(TOC, Some(TAR_SPLIT)),
        )
        .rules(&[Rule::PrefixesAgree, Rule::PositionWithoutChecksum])
        .dialects(&[G5])
        .tags(&[Tag::Interop]);
    cases
        .valid(
            "both-prefixes-tarsplit-under-old",
            "the annotations of g2, and those of g5 under the old prefix",
            "A reader puts its index together from two prefixes, and has a tar-split that readers of one prefix do not see.",
            input(toc_only(keys::PREFIX).edit(|a| a.extend(older(&g5())))),
            output(TOC, None),
        )
        .rules(&[Rule::PrefixesAgree, Rule::PositionWithoutChecksum])
        .dialects(&[G2])
        .tags(&[Tag::Security]);
}

/// A pair of which one annotation is under the other prefix. Both halves are alone then.
fn split(cases: &mut Cases) {
    const WHY: &str = "A checksum is matched with a position that belongs to another index: no reader of one prefix \
                       uses the two together, and what is called authenticated is not.";
    let moved = |annotations: Annotations, suffix: &str, from: &str, to: &str| {
        input(annotations.edit(|a| {
            if let Some(value) = a.remove(&format!("{from}{suffix}")) {
                a.insert(format!("{to}{suffix}"), value);
            }
        }))
    };
    // The half under the new prefix is found first.
    let checksum_first = [Rule::ChecksumWithoutPosition, Rule::PositionWithoutChecksum];
    let position_first = [Rule::PositionWithoutChecksum, Rule::ChecksumWithoutPosition];
    for (slug, twin, change, annotations, suffix, halves) in [
        (
            "position-under-old-prefix",
            "g2",
            "the manifest position under the old prefix",
            toc_only(keys::PREFIX),
            keys::MANIFEST_POSITION,
            checksum_first,
        ),
        (
            "g4-position-under-old-prefix",
            "g4",
            "the manifest position under the old prefix",
            g4(),
            keys::MANIFEST_POSITION,
            checksum_first,
        ),
        (
            "g5-position-under-old-prefix",
            "g5",
            "the manifest position under the old prefix",
            g5(),
            keys::MANIFEST_POSITION,
            checksum_first,
        ),
        (
            "checksum-under-old-prefix",
            "g2",
            "the manifest checksum under the old prefix",
            toc_only(keys::PREFIX),
            keys::MANIFEST_CHECKSUM,
            position_first,
        ),
        (
            "tarsplit-position-under-old-prefix",
            "g4",
            "the position of the tar-split under the old prefix",
            g4(),
            keys::TARSPLIT_POSITION,
            checksum_first,
        ),
    ] {
        cases
            .invalid(
                slug,
                twin,
                change,
                WHY,
                &halves,
                moved(annotations, suffix, keys::PREFIX, keys::OLD_PREFIX),
            )
            .tags(&[Tag::Security]);
    }
    for (slug, twin, change, annotations, suffix, rule) in [
        (
            "tarsplit-checksum-under-old-prefix",
            "g4",
            "the checksum of the tar-split under the old prefix",
            g4(),
            keys::TARSPLIT_CHECKSUM,
            Rule::ChecksumWithoutPosition,
        ),
        (
            "g5-tarsplit-position-under-old-prefix",
            "g5",
            "the position of the tar-split under the old prefix",
            g5(),
            keys::TARSPLIT_POSITION,
            Rule::PositionWithoutChecksum,
        ),
    ] {
        cases
            .invalid(
                slug,
                twin,
                change,
                WHY,
                &[rule],
                moved(annotations, suffix, keys::PREFIX, keys::OLD_PREFIX),
            )
            .tags(&[Tag::Security]);
    }
    // Without the digest of eStargz this would be the input of the case of g2 that moves the checksum.
    let stargz = toc_only(keys::OLD_PREFIX).edit(|a| {
        a.insert(keys::ESTARGZ.to_owned(), digest("uncompressed toc"));
    });
    cases
        .invalid(
            "g1-position-under-new-prefix",
            "estargz-beside-g1",
            "the manifest position under the new prefix",
            WHY,
            &position_first,
            moved(stargz, keys::MANIFEST_POSITION, keys::OLD_PREFIX, keys::PREFIX),
        )
        .tags(&[Tag::Security]);
}

/// A pair that is whole under one prefix and half under the other.
fn stripped(cases: &mut Cases) {
    for (prefix, of) in [(keys::PREFIX, "new"), (keys::OLD_PREFIX, "old")] {
        for (slug, change, suffix, rule) in [
            (
                "position",
                "no manifest position",
                keys::MANIFEST_POSITION,
                Rule::ChecksumWithoutPosition,
            ),
            (
                "checksum",
                "no manifest checksum",
                keys::MANIFEST_CHECKSUM,
                Rule::PositionWithoutChecksum,
            ),
        ] {
            cases
                .invalid(
                    &format!("both-prefixes-no-{slug}-under-{of}"),
                    "both-prefixes-equal",
                    &format!("{change} under the {of} prefix"),
                    "What is missing under one prefix is filled in from the other, of which readers of the first see nothing.",
                    &[rule],
                    input(both(&toc_only(keys::PREFIX)).edit(|a| {
                        a.remove(&format!("{prefix}{suffix}"));
                    })),
                )
                .tags(&[Tag::Security]);
        }
    }
    cases
        .invalid(
            "both-prefixes-no-tarsplit-position-under-new",
            "both-prefixes-g4",
            "no position of the tar-split under the new prefix",
            "The checksum of a tar-split is matched with a position that readers of this prefix do not see.",
            &[Rule::ChecksumWithoutPosition],
            input(both(&g4()).edit(|a| {
                a.remove(&format!("{}{}", keys::PREFIX, keys::TARSPLIT_POSITION));
            })),
        )
        .tags(&[Tag::Security]);
    cases
        .valid(
            "estargz-beside-g1-and-others",
            "annotations of g1 and the digest of the same TOC as eStargz counts it, beside annotations of other people",
            "A key that only begins like one of the newer prefix counts as a second index.",
            input(toc_only(keys::OLD_PREFIX).edit(|a| {
                a.insert(keys::ESTARGZ.into(), digest("uncompressed toc"));
                a.insert(format!("{}note", keys::PREFIX), "written by hand".into());
            })),
            output(TOC, None),
        )
        .rules(&[Rule::TwoIndexes])
        .dialects(&[G1, G2]);
    cases
        .invalid(
            "both-prefixes-estargz",
            "both-prefixes-equal",
            "the digest of an eStargz TOC as well",
            "The layer is named after the one index and read through the other.",
            &[Rule::TwoIndexes],
            input(both(&toc_only(keys::PREFIX)).edit(|a| {
                a.insert(keys::ESTARGZ.to_owned(), digest("uncompressed toc"));
            })),
        )
        .tags(&[Tag::Security]);
}
