//! Layers of every dialect whose annotations are damaged: a reader finds out before it reads a byte of the blob.

use sha2::{Digest as _, Sha512};

use super::{Blobs, Builder, Choice, Digest, EditInPlace, G1, G2, G5, Plan, Rule, Tag, keys, prefix, samples};
use crate::{forge::layer::Placed, format::Dialect};

/// What becomes of the value of an annotation; none where it is removed.
type Change = fn(&str) -> Option<String>;

/// One case of every dialect that has the annotation.
struct Row {
    slug: &'static str,
    change: &'static str,
    why: &'static str,
    rules: &'static [Rule],
    key: &'static str,
    apply: Change,
    /// Whether g5 has a case of another name for it.
    is_in_g5: bool,
}

const SCANNED: &str =
    "A reader that scans for numbers fetches the index from where another reader sees no position at all.";
const LARGE: &str = "The number wraps or turns negative, and two readers fetch two ranges of one blob.";
const OUTSIDE: &str = "A range is computed that begins before the blob or ends before it begins.";
const EMPTY: &str =
    "A reader asks for a range of no bytes, gets all of the blob or an error, and takes it for the index.";
const SPELLED: &str =
    "A digest that is compared as text never matches, or is taken for no digest, so that any TOC will do.";
const STRIPPED: &str =
    "Anyone who can drop one annotation chooses whether the layer is authenticated, or read with its tar-split.";

const ROWS: &[Row] = &[
    Row {
        slug: "position-leading-zero",
        change: "a zero before the position of the TOC",
        why: SCANNED,
        rules: &[Rule::PositionGrammar],
        key: keys::MANIFEST_POSITION,
        apply: |value| Some(format!("0{value}")),
        is_in_g5: false,
    },
    Row {
        slug: "position-trailing-text",
        change: "a letter after the position of the TOC",
        why: SCANNED,
        rules: &[Rule::PositionGrammar],
        key: keys::MANIFEST_POSITION,
        apply: |value| Some(format!("{value}x")),
        is_in_g5: false,
    },
    Row {
        slug: "position-without-type",
        change: "no type in the position of the TOC",
        why: SCANNED,
        rules: &[Rule::PositionGrammar],
        key: keys::MANIFEST_POSITION,
        apply: |value| value.strip_suffix(":1").map(str::to_owned),
        is_in_g5: false,
    },
    Row {
        slug: "tar-split-position-with-type",
        change: "a type in the position of the tar-split",
        why: SCANNED,
        rules: &[Rule::PositionGrammar],
        key: keys::TARSPLIT_POSITION,
        apply: |value| Some(format!("{value}:1")),
        is_in_g5: false,
    },
    Row {
        slug: "position-wraps",
        change: "an offset of the TOC that is 2^64 too large",
        why: LARGE,
        rules: &[Rule::PositionRange],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 0, |offset| u128::from(offset) + (1 << 64)),
        is_in_g5: false,
    },
    Row {
        slug: "position-claims-2-63",
        change: "an uncompressed length of the TOC of 2^63",
        why: LARGE,
        rules: &[Rule::PositionRange],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 2, |_| 1 << 63),
        is_in_g5: false,
    },
    Row {
        slug: "tar-split-position-2-63",
        change: "an offset of the tar-split of 2^63",
        why: LARGE,
        rules: &[Rule::PositionRange],
        key: keys::TARSPLIT_POSITION,
        apply: |value| with_number(value, 0, |_| 1 << 63),
        is_in_g5: false,
    },
    Row {
        slug: "position-offset-7",
        change: "the TOC at byte 7, where no frame header fits before it",
        why: OUTSIDE,
        rules: &[Rule::PositionBounds],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 0, |_| 7),
        is_in_g5: false,
    },
    Row {
        slug: "position-type-2",
        change: "another manifest type in the position of the TOC",
        why: "An index of a kind that is not known is read as one that is.",
        rules: &[Rule::PositionType],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 3, |_| 2),
        is_in_g5: true,
    },
    Row {
        slug: "position-type-wraps",
        change: "a manifest type of 2^32 + 1",
        why: "A type that is kept in 32 bits is 1, and an index of an unknown kind is read.",
        rules: &[Rule::PositionType],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 3, |_| (1 << 32) + 1),
        is_in_g5: false,
    },
    Row {
        slug: "position-claims-nothing",
        change: "an uncompressed length of the TOC of 0",
        why: EMPTY,
        rules: &[Rule::PositionLengths, Rule::IndexLength, Rule::FooterAgrees],
        key: keys::MANIFEST_POSITION,
        apply: |value| with_number(value, 2, |_| 0),
        is_in_g5: false,
    },
    Row {
        slug: "tar-split-position-of-nothing",
        change: "a tar-split of no bytes that claims to decode to some",
        why: EMPTY,
        rules: &[Rule::PositionLengths, Rule::PositionFrame],
        key: keys::TARSPLIT_POSITION,
        apply: |value| with_number(value, 1, |_| 0),
        is_in_g5: false,
    },
    Row {
        slug: "tar-split-position-8-early",
        change: "the tar-split 8 bytes early, at the header of its frame",
        why: "Eight bytes of a frame header are read as the beginning of the tar-split.",
        rules: &[Rule::PositionsAdjacent, Rule::PositionFrame],
        key: keys::TARSPLIT_POSITION,
        apply: |value| with_number(value, 0, |offset| u128::from(offset) - 8),
        is_in_g5: false,
    },
    Row {
        slug: "toc-checksum-upper-case",
        change: "upper-case digits in the checksum of the TOC",
        why: SPELLED,
        rules: &[Rule::AnnotationDigest],
        key: keys::MANIFEST_CHECKSUM,
        apply: |value| Some(format!("sha256:{}", value.get(7..)?.to_uppercase())),
        is_in_g5: false,
    },
    Row {
        slug: "toc-checksum-empty",
        change: "an empty checksum of the TOC",
        why: SPELLED,
        rules: &[Rule::AnnotationDigest],
        key: keys::MANIFEST_CHECKSUM,
        apply: |_| Some(String::new()),
        is_in_g5: false,
    },
    Row {
        slug: "tarsplit-checksum-upper-case",
        change: "upper-case digits in the checksum of the tar-split",
        why: SPELLED,
        rules: &[Rule::AnnotationDigest],
        key: keys::TARSPLIT_CHECKSUM,
        apply: |value| Some(format!("sha256:{}", value.get(7..)?.to_uppercase())),
        is_in_g5: false,
    },
    Row {
        slug: "tarsplit-checksum-empty",
        change: "an empty checksum of the tar-split",
        why: SPELLED,
        rules: &[Rule::AnnotationDigest],
        key: keys::TARSPLIT_CHECKSUM,
        apply: |_| Some(String::new()),
        is_in_g5: false,
    },
    Row {
        slug: "toc-checksum-missing",
        change: "no checksum of the TOC",
        why: STRIPPED,
        rules: &[Rule::PositionWithoutChecksum],
        key: keys::MANIFEST_CHECKSUM,
        apply: |_| None,
        is_in_g5: true,
    },
    Row {
        slug: "toc-position-missing",
        change: "no position of the TOC",
        why: STRIPPED,
        rules: &[Rule::ChecksumWithoutPosition],
        key: keys::MANIFEST_POSITION,
        apply: |_| None,
        is_in_g5: true,
    },
];

/// The numbers of a position, of which one is replaced.
fn with_number(value: &str, index: usize, change: fn(u64) -> u128) -> Option<String> {
    let mut parts: Vec<String> = value.split(':').map(str::to_owned).collect();
    let part = parts.get_mut(index)?;
    *part = change(part.parse().ok()?).to_string();
    Some(parts.join(":"))
}

impl Builder {
    /// Each damage to the annotations of each dialect.
    pub(super) fn annotated(&mut self, blobs: &mut Blobs) {
        for &dialect in Dialect::ALL {
            for row in ROWS.iter().filter(|row| dialect != G5 || !row.is_in_g5) {
                let key = format!("{}{}", prefix(dialect), row.key);
                let placed = placed(dialect);
                let Some(value) = placed.annotations.get(&key).cloned() else {
                    continue;
                };
                let layer = placed.edit(|placed| match (row.apply)(&value) {
                    Some(value) => drop(placed.annotations.insert(key, value)),
                    None => drop(placed.annotations.remove(&key)),
                });
                let slug = format!("{dialect}-{}", row.slug);
                self.invalid(
                    blobs,
                    &slug,
                    dialect.name(),
                    row.change,
                    row.why,
                    row.rules,
                    &layer.layer(),
                );
            }
            self.other_algorithm(blobs, dialect);
        }
        self.tar_split_positions(blobs);
        self.both_prefixes(blobs);
    }

    /// A checksum of sha512: the right one is left to the reader, and a wrong one is wrong for everybody.
    fn other_algorithm(&mut self, blobs: &mut Blobs, dialect: Dialect) {
        let key = format!("{}{}", prefix(dialect), keys::MANIFEST_CHECKSUM);
        let with = |digest: &str| {
            placed(dialect)
                .edit(|placed| drop(placed.annotations.insert(key, digest.to_owned())))
                .layer()
                .edit(|layer| digest.clone_into(&mut layer.toc_digest))
        };
        let digest = sha512(&placed(dialect).payloads.toc);
        self.either(
            blobs,
            &format!("{dialect}-toc-checksum-sha512"),
            &format!("a checksum of sha512 for the TOC, in {dialect}"),
            "A reader that assumes sha256 compares 128 digits with 64, and one that skips what it does not know checks nothing.",
            Choice("digest-algorithm"),
            &with(&digest),
        )
        .rules(&[Rule::DigestAlgorithm])
        .dialects(&[dialect])
        .tags(&[Tag("security")]);
    }

    /// Where the tar-split has an annotation that authenticates it and none that locates it.
    fn tar_split_positions(&mut self, blobs: &mut Blobs) {
        for dialect in [Dialect::G3, Dialect::G4] {
            self.changed(
                blobs,
                dialect,
                &format!("{dialect}-tarsplit-position-missing"),
                "no position of the tar-split",
                STRIPPED,
                &[Rule::ChecksumWithoutPosition, Rule::FooterAgrees],
                |placed| placed.strip(keys::TARSPLIT_POSITION),
            );
            self.changed(
                blobs,
                dialect,
                &format!("{dialect}-two-indexes"),
                "the digest of an eStargz TOC as well",
                "The layer is named after the one index and read through the other.",
                &[Rule::TwoIndexes],
                |placed| {
                    let digest = Digest::of(placed.payloads.toc_json.as_bytes()).to_string();
                    placed.annotations.insert(keys::ESTARGZ.to_owned(), digest);
                },
            );
        }
    }

    /// The annotations under both prefixes, of which readers of each generation see one.
    fn both_prefixes(&mut self, blobs: &mut Blobs) {
        for &dialect in Dialect::ALL.iter().filter(|&&dialect| dialect != G2) {
            let both = placed(dialect).edit(|placed| {
                let own = prefix(dialect);
                let other = if own == keys::PREFIX {
                    keys::OLD_PREFIX
                } else {
                    keys::PREFIX
                };
                let copied: Vec<_> = placed
                    .annotations
                    .iter()
                    .map(|(key, value)| (key.replace(own, other), value.clone()))
                    .collect();
                placed.annotations.extend(copied);
            });
            let twin = format!("{dialect}-under-both-prefixes");
            self.valid(
                blobs,
                &twin,
                &format!("a layer of {dialect} with all its annotations under both prefixes"),
                "A layer for readers of both generations is refused by those that know both.",
                &both.clone().layer(),
            )
            .rules(&[Rule::PrefixesAgree])
            .dialects(&[dialect])
            .tags(&[Tag("interop")]);
            for (slug, change, suffix, value) in [
                (
                    "prefixes-checksum-differs",
                    "the checksum of another TOC under the older prefix",
                    keys::MANIFEST_CHECKSUM,
                    Digest::of(b"other").to_string(),
                ),
                (
                    "prefixes-position-differs",
                    "another position of the TOC under the older prefix",
                    keys::MANIFEST_POSITION,
                    "100:50:90:1".to_owned(),
                ),
            ] {
                let key = format!("{}{suffix}", keys::OLD_PREFIX);
                let layer = both.clone().edit(|placed| drop(placed.annotations.insert(key, value)));
                self.invalid(
                    blobs,
                    &format!("{dialect}-{slug}"),
                    &twin,
                    change,
                    "Readers of the one prefix and of the other use two TOCs of one layer.",
                    &[Rule::PrefixesAgree],
                    &layer.layer(),
                );
            }
        }
        let stargz = Plan::stargz(samples::small())
            .parts()
            .payloads()
            .place()
            .edit(|placed| {
                for suffix in [keys::MANIFEST_CHECKSUM, keys::MANIFEST_POSITION] {
                    if let Some(value) = placed
                        .annotations
                        .get(&format!("{}{suffix}", keys::OLD_PREFIX))
                        .cloned()
                    {
                        placed.annotate(suffix, value);
                    }
                }
            });
        self.invalid(
            blobs,
            "g1-stargz-two-indexes",
            "g1-stargz",
            "the same checksum and position under the newer prefix as well",
            "Readers of the newer prefix name the layer after its zstd:chunked TOC, and others after its eStargz TOC.",
            &[Rule::TwoIndexes, Rule::FileIndexed],
            &stargz.layer(),
        )
        .dialects(&[G1]);
        let malformed = Plan::stargz(samples::small())
            .parts()
            .payloads()
            .place()
            .edit(|placed| {
                if let Some(digest) = placed.annotations.get_mut(keys::ESTARGZ) {
                    digest.pop();
                }
            });
        self.invalid(
            blobs,
            "g1-stargz-digest-short",
            "g1-stargz",
            "a digit less in the eStargz digest of the TOC",
            SPELLED,
            &[Rule::AnnotationDigest],
            &malformed.layer(),
        );
    }
}

fn placed(dialect: Dialect) -> Placed {
    Plan::new(dialect, samples::small()).parts().payloads().place()
}

/// The digest of sha512, as OCI writes it.
pub(in super::super) fn sha512(bytes: &[u8]) -> String {
    let digits: String = Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha512:{digits}")
}
