//! Annotations on the layer's descriptor: where the index is, authenticated by the image's manifest.
//!
//! ```text
//! <prefix>manifest-checksum   sha256:<hex> of the compressed TOC payload
//! <prefix>manifest-position   <offset>:<length>:<uncompressed length>:<type>
//! <prefix>tarsplit-position   <offset>:<length>:<uncompressed length>
//! <prefix>tarsplit-checksum   sha256:<hex> of the compressed tar-split payload (g3 and g4 only)
//! containerd.io/snapshot/stargz/toc.digest   sha256:<hex> of the uncompressed TOC (eStargz)
//! ```
//!
//! The prefix is `io.containers.zstd-chunked.` in g1 and `io.github.containers.zstd-chunked.` from g2 on. A reader of one
//! prefix does not see the other, so each is complete by itself: a checksum under one prefix and a position under the
//! other authenticate nothing. Layers of stargz-snapshotter carry the prefix of g1 together with the eStargz digest of
//! the same TOC. A manifest checksum of the newer prefix beside an eStargz digest would name two indexes for one layer,
//! of which two readers may choose differently.

#[cfg(test)]
mod tests;
mod values;

use self::values::{check_adjacent, digest, tar_split_position, toc_position};
use super::{Digest, Excerpt, Findings, Place, Position};
use crate::rules::Rule;

/// The key of the eStargz TOC digest.
pub const ESTARGZ_TOC_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

/// Which prefix the keys have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Prefix {
    /// `io.containers.zstd-chunked.`, of g1.
    Containers,
    /// `io.github.containers.zstd-chunked.`, from g2 on.
    Github,
}

impl Prefix {
    /// The prefix as it is written in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Containers => "io.containers.zstd-chunked.",
            Self::Github => "io.github.containers.zstd-chunked.",
        }
    }

    const fn keys(self) -> [&'static str; 4] {
        match self {
            Self::Containers => CONTAINERS,
            Self::Github => GITHUB,
        }
    }
}

/// The zstd:chunked index that annotations name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZstdChunked {
    /// The prefix of the annotations; the newer one where both are present.
    pub prefix: Prefix,
    /// Where the TOC is.
    pub toc: Position,
    /// The digest of the compressed TOC: the identity of the layer for readers of the index.
    pub toc_digest: Digest,
    /// Where the tar-split is.
    pub tar_split: Option<Position>,
    /// The digest of the compressed tar-split, where an annotation has it. It is no part of the layer's identity.
    pub tar_split_checksum: Option<Digest>,
    /// The digest of the uncompressed TOC, where an eStargz annotation has it.
    pub estargz_digest: Option<Digest>,
}

/// The index that annotations name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says where the index of a layer is"]
pub enum NamedIndex {
    /// None: the layer is a plain one.
    None,
    /// A zstd:chunked TOC.
    ZstdChunked(ZstdChunked),
    /// An eStargz TOC, by the digest of its uncompressed JSON.
    EStargz(Digest),
}

/// Whether a key is one of the format's, under either prefix or of eStargz. Others say nothing about the index.
pub fn is_known(key: &str) -> bool {
    key == ESTARGZ_TOC_DIGEST || GITHUB.contains(&key) || CONTAINERS.contains(&key)
}

/// Reads the annotations of a layer's descriptor, from a map or any other pairs of key and value. Other people's annotations
/// are ignored.
///
/// Rules: ANN-01 to ANN-12.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkproof::{format::{Findings, annotations::{NamedIndex, parse}}, rules::Rule};
///
/// let mut findings = Findings::new();
/// let others = BTreeMap::from([("org.example", "1")]);
/// assert_eq!(parse(&others, &mut findings), Some(NamedIndex::None));
/// let broken = BTreeMap::from([("io.github.containers.zstd-chunked.manifest-checksum", "sha256:0")]);
/// assert_eq!(parse(&broken, &mut findings), None);
/// assert!(findings.breaks(Rule::AnnotationDigest));
/// ```
pub fn parse<'a, K, V>(
    annotations: impl IntoIterator<Item = (&'a K, &'a V)>,
    findings: &mut Findings,
) -> Option<NamedIndex>
where
    K: AsRef<str> + ?Sized + 'a,
    V: AsRef<str> + ?Sized + 'a,
{
    let annotations = annotations.into_iter();
    let keys = Keys::of(annotations.map(|(key, value)| (key.as_ref(), value.as_ref())));
    let Keys { github, containers, .. } = &keys;
    let newer = github.read(None, findings);
    let older = containers.read(Some(github), findings);
    let estargz_digest = keys.estargz.map(|text| digest(text, findings));

    if let (Some(estargz), Some(checksum)) = (keys.estargz, github.manifest_checksum()) {
        findings.report(
            Rule::TwoIndexes,
            estargz.place(),
            format!(
                "the annotations name two indexes, this eStargz TOC and that of {}, expected one",
                checksum.key
            ),
        );
    }
    github.check_pairs(containers, findings);
    containers.check_pairs(github, findings);
    keys.check_prefixes(findings);

    let (prefix, parts) = match (newer, older) {
        (Some(parts), _) => (Prefix::Github, parts),
        (None, Some(parts)) => (Prefix::Containers, parts),
        (None, None) => {
            return match estargz_digest {
                None => Some(NamedIndex::None),
                Some(digest) => Some(NamedIndex::EStargz(digest?)),
            };
        }
    };
    Some(NamedIndex::ZstdChunked(ZstdChunked {
        prefix,
        toc: parts.toc?,
        toc_digest: parts.toc_digest?,
        tar_split: parts.tar_split.map_or(Some(None), |position| position.map(Some))?,
        tar_split_checksum: parts.tar_split_checksum,
        estargz_digest: estargz_digest.flatten(),
    }))
}

/// One annotation that is present.
#[derive(Clone, Copy)]
struct Value<'a> {
    key: &'static str,
    text: &'a str,
}

impl Value<'_> {
    const fn place(self) -> Place {
        Place::Annotation(self.key)
    }
}

/// The keys under each prefix: checksum and position of the manifest, position and checksum of the tar-split.
const GITHUB: [&str; 4] = [
    "io.github.containers.zstd-chunked.manifest-checksum",
    "io.github.containers.zstd-chunked.manifest-position",
    "io.github.containers.zstd-chunked.tarsplit-position",
    "io.github.containers.zstd-chunked.tarsplit-checksum",
];
const CONTAINERS: [&str; 4] = [
    "io.containers.zstd-chunked.manifest-checksum",
    "io.containers.zstd-chunked.manifest-position",
    "io.containers.zstd-chunked.tarsplit-position",
    "io.containers.zstd-chunked.tarsplit-checksum",
];

/// The annotations of the format.
struct Keys<'a> {
    github: OfPrefix<'a>,
    containers: OfPrefix<'a>,
    estargz: Option<Value<'a>>,
}

/// The annotations under one prefix, each in the place of its key.
struct OfPrefix<'a> {
    prefix: Prefix,
    values: [Option<Value<'a>>; 4],
}

/// What the annotations under one prefix say. A part is absent where its annotation is, or cannot be read.
#[derive(Default)]
struct Parts {
    toc: Option<Position>,
    toc_digest: Option<Digest>,
    /// A position that is there and cannot be read is `Some(None)`.
    tar_split: Option<Option<Position>>,
    tar_split_checksum: Option<Digest>,
}

impl<'a> Keys<'a> {
    fn of(annotations: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let none = |prefix| OfPrefix {
            prefix,
            values: [None; 4],
        };
        let mut keys = Self {
            github: none(Prefix::Github),
            containers: none(Prefix::Containers),
            estargz: None,
        };
        for (key, text) in annotations {
            let places = GITHUB.into_iter().zip(&mut keys.github.values);
            let places = places.chain(CONTAINERS.into_iter().zip(&mut keys.containers.values));
            let mut places = places.chain([(ESTARGZ_TOC_DIGEST, &mut keys.estargz)]);
            if let Some((key, place)) = places.find(|(known, _)| *known == key) {
                *place = Some(Value { key, text });
            }
        }
        keys
    }

    fn check_prefixes(&self, findings: &mut Findings) {
        for (old, new) in self.containers.values.into_iter().zip(self.github.values) {
            if let (Some(old), Some(new)) = (old, new)
                && old.text != new.text
            {
                findings.report(
                    Rule::PrefixesAgree,
                    old.place(),
                    format!(
                        "the value {} differs from that of {}, expected {}",
                        Excerpt(old.text),
                        new.key,
                        Excerpt(new.text)
                    ),
                );
            }
        }
    }
}

impl<'a> OfPrefix<'a> {
    fn manifest_checksum(&self) -> Option<Value<'a>> {
        let [checksum, ..] = self.values;
        checksum
    }

    /// Reads the values; none if there are none.
    ///
    /// What `other` has under the same key is not reported again: it is broken there in the same way, or differs (ANN-12).
    fn read(&self, other: Option<&Self>, findings: &mut Findings) -> Option<Parts> {
        if self.values.iter().all(Option::is_none) {
            return None;
        }
        let mut repeated = Findings::like(findings);
        let twins = other.map_or([None; 4], |other| other.values);
        let [toc_digest, toc, tar_split, tar_split_checksum] = self.values;
        let [digest_twin, toc_twin, tar_split_twin, checksum_twin] = twins.map(|twin| twin.is_some());
        let mut report_to = |twin: bool, read: &mut dyn FnMut(&mut Findings)| {
            read(if twin { &mut repeated } else { findings });
        };
        let mut parts = Parts::default();
        if let Some(text) = toc {
            report_to(toc_twin, &mut |findings| parts.toc = toc_position(text, findings));
        }
        if let Some(text) = tar_split {
            report_to(tar_split_twin, &mut |findings| {
                let position = tar_split_position(text, findings);
                check_adjacent(parts.toc, position, text, findings);
                parts.tar_split = Some(position);
            });
        }
        if let Some(text) = toc_digest {
            report_to(digest_twin, &mut |findings| parts.toc_digest = digest(text, findings));
        }
        if let Some(text) = tar_split_checksum {
            report_to(checksum_twin, &mut |findings| {
                parts.tar_split_checksum = digest(text, findings);
            });
        }
        Some(parts)
    }

    fn check_pairs(&self, other: &Self, findings: &mut Findings) {
        let [manifest_checksum, manifest_position, position, checksum] = self.values;
        let [checksum_key, manifest_key, position_key, _] = self.prefix.keys();
        let [other_checksum, other_manifest, other_position, _] = other.values;
        for (part, checksum, position, key, elsewhere) in [
            (
                "TOC",
                manifest_checksum,
                manifest_position,
                manifest_key,
                other_manifest,
            ),
            ("tar-split", checksum, position, position_key, other_position),
        ] {
            if let (Some(checksum), None) = (checksum, position) {
                findings.report(
                    Rule::ChecksumWithoutPosition,
                    checksum.place(),
                    format!(
                        "the {part} has a checksum and no position, expected {key}{}",
                        Elsewhere(elsewhere)
                    ),
                );
            }
        }
        if let (None, Some(position)) = (manifest_checksum, manifest_position.or(position)) {
            findings.report(
                Rule::PositionWithoutChecksum,
                position.place(),
                format!(
                    "the position has no manifest checksum, expected {checksum_key}{}",
                    Elsewhere(other_checksum)
                ),
            );
        }
    }
}

/// The end of a message about an annotation that is missing: that under the other prefix does not count.
struct Elsewhere<'a>(Option<Value<'a>>);

impl std::fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(value) => write!(f, "; {} is of another prefix and does not count", value.key),
            None => Ok(()),
        }
    }
}
