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
//! The prefix is `io.containers.zstd-chunked.` in g1 and `io.github.containers.zstd-chunked.` from g2 on. Layers of
//! stargz-snapshotter carry the first one together with the eStargz digest of the same TOC. The second one beside an
//! eStargz digest would name two indexes for one layer, of which two readers may choose differently.

use super::{
    Digest, DigestError, Excerpt, Extent, Findings, Place, Position,
    frames::SKIPPABLE_HEADER,
    planted::{self, Defect},
};
use crate::rules::Rule;

/// The key of the eStargz TOC digest.
pub const ESTARGZ_TOC_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

/// Which prefix the keys have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Prefix {
    /// `io.containers.zstd-chunked.`, of g1.
    Containers,
    /// `io.github.containers.zstd-chunked.`, from g2 on.
    Github,
}

impl Prefix {
    /// The prefix as it stands in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Containers => "io.containers.zstd-chunked.",
            Self::Github => "io.github.containers.zstd-chunked.",
        }
    }
}

/// The zstd:chunked index that annotations name.
#[derive(Clone, Debug, PartialEq, Eq)]
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
pub enum Index {
    /// None: the layer is a plain one.
    None,
    /// A zstd:chunked TOC.
    ZstdChunked(ZstdChunked),
    /// An eStargz TOC, by the digest of its uncompressed JSON.
    EStargz(Digest),
}

/// Reads the annotations of a layer's descriptor, from a map or any other pairs of key and value. Other people's annotations
/// are passed over.
///
/// Rules: ANN-01 to ANN-12.
pub fn parse<'a, K, V>(annotations: impl IntoIterator<Item = (&'a K, &'a V)>, findings: &mut Findings) -> Option<Index>
where
    K: AsRef<str> + ?Sized + 'a,
    V: AsRef<str> + ?Sized + 'a,
{
    let annotations = annotations.into_iter();
    let keys = Keys::of(annotations.map(|(key, value)| (key.as_ref(), value.as_ref())));
    let has_github = keys.github.iter().any(Option::is_some);
    let [manifest_checksum, manifest_position, position, checksum] = keys.newest();
    let toc = manifest_position.map(|text| toc_position(text, findings));
    let tar_split = position.map(|text| tar_split_position(text, findings));
    check_adjacent(toc, tar_split, position, findings);
    let mut read_digest = |text: Option<Value<'_>>| text.map(|text| digest(text, findings));
    let toc_digest = read_digest(manifest_checksum);
    let tar_split_checksum = read_digest(checksum);
    let estargz_digest = read_digest(keys.estargz);

    if let (Some(estargz), true) = (keys.estargz, has_github && !planted::is(Defect::TwoIndexes)) {
        findings.report(
            Rule::TwoIndexes,
            estargz.place(),
            format!(
                "an eStargz TOC digest stands beside annotations of {}*, expected one index for the layer",
                Prefix::Github.as_str()
            ),
        );
    }
    keys.check_pairs(findings);
    keys.check_prefixes(findings);

    match (toc, toc_digest) {
        (None, None) => match estargz_digest {
            None => Some(Index::None),
            Some(digest) => Some(Index::EStargz(digest?)),
        },
        (toc, toc_digest) => Some(Index::ZstdChunked(ZstdChunked {
            prefix: if has_github { Prefix::Github } else { Prefix::Containers },
            toc: toc??,
            toc_digest: toc_digest??,
            tar_split: tar_split.map_or(Some(None), |position| position.map(Some))?,
            tar_split_checksum: tar_split_checksum.flatten(),
            estargz_digest: estargz_digest.flatten(),
        })),
    }
}

/// One annotation that is present.
#[derive(Clone, Copy)]
struct Value<'a> {
    key: &'static str,
    text: &'a str,
}

impl Value<'_> {
    fn place(self) -> Place {
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

/// The annotations that matter, each in the place of its key.
#[derive(Default)]
struct Keys<'a> {
    github: [Option<Value<'a>>; 4],
    containers: [Option<Value<'a>>; 4],
    estargz: Option<Value<'a>>,
}

impl<'a> Keys<'a> {
    fn of(annotations: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut keys = Self::default();
        for (key, text) in annotations {
            let places = GITHUB.into_iter().zip(&mut keys.github);
            let places = places.chain(CONTAINERS.into_iter().zip(&mut keys.containers));
            let mut places = places.chain([(ESTARGZ_TOC_DIGEST, &mut keys.estargz)]);
            if let Some((key, place)) = places.find(|(known, _)| *known == key) {
                *place = Some(Value { key, text });
            }
        }
        keys
    }

    /// The values by key, under the newer prefix where a key has both.
    fn newest(&self) -> [Option<Value<'a>>; 4] {
        let mut values = self.github;
        for (new, old) in values.iter_mut().zip(self.containers) {
            *new = new.or(old);
        }
        values
    }

    fn check_pairs(&self, findings: &mut Findings) {
        let [manifest_checksum, manifest_position, position, checksum] = self.newest();
        for (checksum, position, part) in [
            (manifest_checksum, manifest_position, "TOC"),
            (checksum, position, "tar-split"),
        ] {
            if let (Some(checksum), None) = (checksum, position) {
                findings.report(
                    Rule::ChecksumWithoutPosition,
                    checksum.place(),
                    format!("the {part} has a checksum and no position, expected both"),
                );
            }
        }
        if let (None, Some(position)) = (manifest_checksum, manifest_position.or(position)) {
            findings.report(
                Rule::PositionWithoutChecksum,
                position.place(),
                "there is a position and no manifest checksum, expected one that authenticates the TOC",
            );
        }
    }

    fn check_prefixes(&self, findings: &mut Findings) {
        for (old, new) in self.containers.into_iter().zip(self.github) {
            if let (Some(old), Some(new)) = (old, new)
                && old.text != new.text
            {
                findings.report(
                    Rule::PrefixesAgree,
                    old.place(),
                    format!(
                        "the value is {}, expected {} as under {}",
                        Excerpt(old.text),
                        Excerpt(new.text),
                        new.key
                    ),
                );
            }
        }
    }
}

fn toc_position(value: Value<'_>, findings: &mut Findings) -> Option<Position> {
    let [offset, length, uncompressed, kind] = numbers(value, findings)?;
    let position = position(value, offset, length, uncompressed, findings);
    if kind != 1 {
        findings.report(
            Rule::PositionType,
            value.place(),
            format!("the manifest type is {kind}, expected 1"),
        );
    }
    if length == 0 || uncompressed == 0 {
        findings.report(
            Rule::PositionLengths,
            value.place(),
            format!("the TOC has {length} bytes, {uncompressed} uncompressed, expected neither to be zero"),
        );
    }
    position
}

fn tar_split_position(value: Value<'_>, findings: &mut Findings) -> Option<Position> {
    let [offset, length, uncompressed] = numbers(value, findings)?;
    let position = position(value, offset, length, uncompressed, findings);
    if length == 0 && uncompressed != 0 {
        findings.report(
            Rule::PositionLengths,
            value.place(),
            format!("the tar-split has no bytes and {uncompressed} uncompressed, expected none of these either"),
        );
    }
    position
}

fn numbers<const N: usize>(value: Value<'_>, findings: &mut Findings) -> Option<[u64; N]> {
    let mut parts = [""; N];
    let mut split = value.text.split(':');
    let complete = parts
        .iter_mut()
        .all(|part| split.next().map(|text| *part = text).is_some());
    let complete = complete && (split.next().is_none() || planted::is(Defect::PositionTrailing));
    let well_formed = |part: &str| {
        let part = part
            .strip_prefix('+')
            .filter(|_| planted::is(Defect::PositionSign))
            .unwrap_or(part);
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part.len() == 1 || !part.starts_with('0'))
    };
    if !complete || !parts.into_iter().all(well_formed) {
        findings.report(
            Rule::PositionGrammar,
            value.place(),
            format!(
                "the position is {}, expected {N} decimal numbers joined by `:`",
                Excerpt(value.text)
            ),
        );
        return None;
    }
    let mut numbers = [0; N];
    for (number, part) in numbers.iter_mut().zip(parts) {
        // Well-formed digits fail to parse only where they pass 64 bits.
        let parsed = part.parse::<u64>().ok().filter(|&number| i64::try_from(number).is_ok());
        let Some(parsed) = parsed else {
            findings.report(
                Rule::PositionRange,
                value.place(),
                format!(
                    "the position has the number {}, expected numbers below 2^63",
                    Excerpt(part)
                ),
            );
            return None;
        };
        *number = parsed;
    }
    Some(numbers)
}

fn position(
    value: Value<'_>,
    offset: u64,
    length: u64,
    uncompressed: u64,
    findings: &mut Findings,
) -> Option<Position> {
    let extent = Extent::new(offset, length).filter(|extent| i64::try_from(extent.end()).is_ok());
    if let Some(extent) = extent
        && offset >= SKIPPABLE_HEADER
    {
        return Some(Position { extent, uncompressed });
    }
    findings.report(
        Rule::PositionBounds,
        value.place(),
        format!("the payload has {length} bytes from {offset} on, expected it between byte 8 and 2^63"),
    );
    None
}

fn check_adjacent(
    toc: Option<Option<Position>>,
    tar_split: Option<Option<Position>>,
    value: Option<Value<'_>>,
    findings: &mut Findings,
) {
    let (Some(Some(toc)), Some(Some(tar_split)), Some(value)) = (toc, tar_split, value) else {
        return;
    };
    let expected = toc.extent.end().saturating_add(SKIPPABLE_HEADER);
    if tar_split.extent.offset() != expected {
        findings.report(
            Rule::PositionsAdjacent,
            value.place(),
            format!(
                "the tar-split starts at {}, expected {expected}, 8 bytes after the TOC ends",
                tar_split.extent.offset()
            ),
        );
    }
}

fn digest(value: Value<'_>, findings: &mut Findings) -> Option<Digest> {
    match value.text.parse() {
        Ok(digest) => Some(digest),
        Err(DigestError::OtherAlgorithm) => {
            findings.report(
                Rule::DigestAlgorithm,
                value.place(),
                format!("the digest is {}, expected one of sha256", Excerpt(value.text)),
            );
            None
        }
        Err(DigestError::Malformed) => {
            findings.report(
                Rule::AnnotationDigest,
                value.place(),
                format!(
                    "the digest is {}, expected `sha256:` and 64 lower-case hexadecimal digits",
                    Excerpt(value.text)
                ),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ESTARGZ_TOC_DIGEST, Findings, GITHUB, Index, Prefix, Rule, parse};
    use crate::format::Digest;

    const OLD: &str = Prefix::Containers.as_str();
    const NEW: &str = Prefix::Github.as_str();

    type Entries = Vec<(String, String)>;

    fn read(entries: &[(String, String)]) -> (Option<Index>, Vec<Rule>) {
        let annotations: BTreeMap<String, String> = entries.iter().cloned().collect();
        let mut findings = Findings::new();
        let index = parse(&annotations, &mut findings);
        (index, findings.list().iter().map(|finding| finding.rule).collect())
    }

    fn good(prefix: &str) -> Entries {
        let sha = Digest::of(b"toc").to_string();
        [
            "manifest-checksum",
            "manifest-position",
            "tarsplit-position",
            "tarsplit-checksum",
        ]
        .iter()
        .zip([sha.as_str(), "100:20:30:1", "128:5:6", sha.as_str()])
        .map(|(name, value)| (format!("{prefix}{name}"), value.to_owned()))
        .collect()
    }

    #[test]
    fn each_value_is_checked() {
        let sha512 = format!("sha512:{}", "0".repeat(128));
        let cases: &[(usize, &str, &[Rule])] = &[
            (1, "100:20:30", &[Rule::PositionGrammar]),
            (1, "100:20:30:1:1", &[Rule::PositionGrammar]),
            (1, "+100:20:30:1", &[Rule::PositionGrammar]),
            (1, "0100:20:30:1", &[Rule::PositionGrammar]),
            (1, " 100:20:30:1", &[Rule::PositionGrammar]),
            (1, "100:20:30:1 ", &[Rule::PositionGrammar]),
            (1, "100:20::1", &[Rule::PositionGrammar]),
            (1, "", &[Rule::PositionGrammar]),
            (1, "\u{661}00:20:30:1", &[Rule::PositionGrammar]),
            (1, "9223372036854775808:20:30:1", &[Rule::PositionRange]),
            (1, "99999999999999999999:20:30:1", &[Rule::PositionRange]),
            (1, "7:20:30:1", &[Rule::PositionBounds]),
            (1, "9223372036854775807:20:30:1", &[Rule::PositionBounds]),
            (1, "100:20:30:2", &[Rule::PositionType]),
            (1, "100:20:0:1", &[Rule::PositionLengths]),
            (2, "128:0:6", &[Rule::PositionLengths]),
            (2, "0:0:0", &[Rule::PositionBounds]),
            (2, "128:0:0", &[]),
            (2, "128:13:0", &[]),
            (2, "120:5:6", &[Rule::PositionsAdjacent]),
            (0, "sha256:00", &[Rule::AnnotationDigest]),
            (0, &sha512, &[Rule::DigestAlgorithm]),
        ];
        for &(at, value, expected) in cases {
            let mut entries = good(NEW);
            entries[at].1 = value.to_owned();
            assert_eq!(read(&entries).1, expected, "{} = {value:?}", GITHUB[at]);
        }
    }

    #[test]
    fn which_annotations_stand_together() {
        let estargz = (ESTARGZ_TOC_DIGEST.to_owned(), Digest::of(b"json").to_string());
        let drop = |at: usize| {
            let mut entries = good(NEW);
            entries.remove(at);
            entries
        };
        let mut unequal = [good(OLD), good(NEW)].concat();
        unequal[1].1 = "100:20:31:1".to_owned();
        let cases: &[(Entries, &[Rule])] = &[
            (Vec::new(), &[]),
            (good(OLD), &[]),
            (good(NEW)[..3].to_vec(), &[]),
            (good(NEW)[..2].to_vec(), &[]),
            ([good(OLD), good(NEW)].concat(), &[]),
            (unequal, &[Rule::PrefixesAgree]),
            (vec![estargz.clone()], &[]),
            ([good(OLD), vec![estargz.clone()]].concat(), &[]),
            ([good(NEW), vec![estargz]].concat(), &[Rule::TwoIndexes]),
            (drop(0), &[Rule::PositionWithoutChecksum]),
            (drop(1), &[Rule::ChecksumWithoutPosition]),
            (drop(2), &[Rule::ChecksumWithoutPosition]),
            (good(NEW)[2..3].to_vec(), &[Rule::PositionWithoutChecksum]),
        ];
        for (entries, expected) in cases {
            assert_eq!(read(entries).1, *expected, "{entries:?}");
        }
    }

    #[test]
    fn the_newer_prefix_counts() {
        let (Some(Index::ZstdChunked(index)), _) = read(&[good(OLD), good(NEW)].concat()) else {
            panic!("no index");
        };
        assert_eq!(index.prefix, Prefix::Github);
        assert_eq!(index.toc.extent.offset(), 100);
        assert_eq!(index.tar_split.unwrap().uncompressed, 6);
    }
}
