//! `annotations/parse`.

use std::collections::BTreeMap;

use super::Family;
use crate::{
    forge::{EditInPlace, annotations as keys, footer::Span},
    format::{
        Dialect::{G1, G2, G3, G4, G5},
        Digest,
    },
    rules::Rule,
    vectors::{
        Bug, Tag,
        ops::{AnnotationsInput, AnnotationsOutput, IndexOutput},
    },
};

type Cases = Family<AnnotationsInput, AnnotationsOutput>;
type Annotations = BTreeMap<String, String>;

const TOC: Span = Span::new(701_641, 2206, 7060);
const TAR_SPLIT: Span = Span::new(TOC.end() + 8, 1339, 25528);

pub(in super::super) fn cases() -> Cases {
    let mut cases = Cases::new("annotations");
    dialects(&mut cases);
    no_index(&mut cases);
    cases
}

/// Some digest, another one for each name.
fn digest(of: &str) -> String {
    Digest::of(of.as_bytes()).to_string()
}

/// The annotations of a layer with a TOC only, as g1 and g2 have them.
fn toc_only(prefix: &str) -> Annotations {
    Annotations::from([
        (format!("{prefix}{}", keys::MANIFEST_CHECKSUM), digest("toc")),
        (
            format!("{prefix}{}", keys::MANIFEST_POSITION),
            keys::toc_position(TOC, 1),
        ),
    ])
}

/// The annotations of a g5 layer.
fn g5() -> Annotations {
    toc_only(keys::PREFIX).edit(|annotations| {
        annotations.insert(key(keys::TARSPLIT_POSITION), keys::position(TAR_SPLIT));
    })
}

/// The annotations of a g4 layer.
fn g4() -> Annotations {
    g5().edit(|annotations| {
        annotations.insert(key(keys::TARSPLIT_CHECKSUM), digest("tar-split"));
    })
}

/// A key with today's prefix.
fn key(suffix: &str) -> String {
    format!("{}{suffix}", keys::PREFIX)
}

fn input(annotations: Annotations) -> AnnotationsInput {
    AnnotationsInput { annotations }
}

/// The output of the usual annotations with these positions.
fn output(toc: Span, tar_split: Option<Span>) -> AnnotationsOutput {
    AnnotationsOutput {
        index: IndexOutput::ZstdChunked,
        toc_digest: Some(digest("toc")),
        toc: Some(toc.into()),
        tar_split: tar_split.map(Into::into),
    }
}

fn dialects(cases: &mut Cases) {
    cases
        .valid(
            "g1",
            "annotations of g1",
            "Layers of containers/storage before v1.44 are downloaded whole, since the prefix changed.",
            input(toc_only(keys::OLD_PREFIX)),
            output(TOC, None),
        )
        .rules(&[Rule::PositionGrammar, Rule::AnnotationDigest])
        .dialects(&[G1])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "g2",
            "annotations of g2",
            "A reader that insists on a tar-split cannot read layers from before it was invented.",
            input(toc_only(keys::PREFIX)),
            output(TOC, None),
        )
        .rules(&[Rule::PositionGrammar, Rule::AnnotationDigest])
        .dialects(&[G2])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "g4",
            "annotations of g3 and g4, with a digest of the tar-split",
            "The deprecated checksum of the tar-split makes layers of three years unreadable.",
            input(g4()),
            output(TOC, Some(TAR_SPLIT)),
        )
        .rules(&[Rule::AnnotationDigest, Rule::PositionsAdjacent])
        .dialects(&[G3, G4])
        .tags(&[Tag("interop")])
        .bugs(&[Bug("storage-old-tar-split")]);
    cases
        .valid(
            "g5",
            "annotations of g5",
            "Layers that containers/storage writes today cannot be read.",
            input(g5()),
            output(TOC, Some(TAR_SPLIT)),
        )
        .rules(&[Rule::PositionGrammar, Rule::PositionsAdjacent])
        .dialects(&[G5])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "others-ignored",
            "annotations of g5 among those of other tools",
            "Annotations that the reader does not know, or keys that only begin like its own, stop it.",
            input(g5().edit(|annotations| {
                annotations.insert("org.opencontainers.image.title".into(), "layer".into());
                annotations.insert(key("manifest-position-v2"), "x".into());
                annotations.insert(key(""), String::new());
                annotations.insert("manifest-position".into(), "1:2:3".into());
            })),
            output(TOC, Some(TAR_SPLIT)),
        )
        .rules(&[Rule::PositionGrammar])
        .dialects(&[G5])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "both-prefixes-equal",
            "the annotations of g2 in both prefixes",
            "A layer that was annotated for old and new readers is refused, or its annotations count twice.",
            input(toc_only(keys::PREFIX).edit(|annotations| annotations.extend(toc_only(keys::OLD_PREFIX)))),
            output(TOC, None),
        )
        .rules(&[Rule::PrefixesAgree])
        .dialects(&[G1, G2])
        .tags(&[Tag("interop")]);
    cases
        .valid(
            "estargz-beside-g1",
            "annotations of g1 and the digest of the same TOC as eStargz counts it",
            "Layers of stargz-snapshotter carry both; a reader that refuses them, or takes the digest of the \
             uncompressed TOC for that of the compressed one, reads none of them.",
            input(toc_only(keys::OLD_PREFIX).edit(|annotations| {
                annotations.insert(keys::ESTARGZ.into(), digest("uncompressed toc"));
            })),
            output(TOC, None),
        )
        .rules(&[Rule::TwoIndexes])
        .dialects(&[G1])
        .tags(&[Tag("interop")]);
}

fn no_index(cases: &mut Cases) {
    let none = AnnotationsOutput {
        index: IndexOutput::None,
        toc_digest: None,
        toc: None,
        tar_split: None,
    };
    cases
        .valid(
            "none",
            "no annotations",
            "A plain layer is an error instead of a layer without an index.",
            input(Annotations::new()),
            none.clone(),
        )
        .rules(&[Rule::PositionWithoutChecksum]);
    cases
        .valid(
            "only-others",
            "only annotations of other tools",
            "A plain layer is an error instead of a layer without an index.",
            input(Annotations::from([(
                "org.opencontainers.image.title".into(),
                "layer".into(),
            )])),
            none,
        )
        .rules(&[Rule::PositionWithoutChecksum]);
    cases
        .valid(
            "estargz-only",
            "the digest of an eStargz TOC alone",
            "An eStargz layer is read as zstd:chunked, or as a layer without an index.",
            input(Annotations::from([(keys::ESTARGZ.into(), digest("uncompressed toc"))])),
            AnnotationsOutput {
                index: IndexOutput::EStargz,
                toc_digest: Some(digest("uncompressed toc")),
                toc: None,
                tar_split: None,
            },
        )
        .rules(&[Rule::TwoIndexes])
        .tags(&[Tag("interop")]);
}
