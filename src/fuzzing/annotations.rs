//! Annotations: any keys and values, a pair a line.
//!
//! An input is text with `key=value` on each line; of a key that is there twice the last value counts. A second reading in
//! 128-bit arithmetic says what the parser has to make of them. What it accepts it reads the same from what it means, and
//! annotations that are none of its business change nothing.

use std::collections::BTreeMap;

use crate::{
    format::{
        Extent, Findings, Position,
        annotations::{self, Index, Prefix, ZstdChunked},
    },
    vectors::build::annotations::{
        ESTARGZ, MANIFEST_CHECKSUM, MANIFEST_POSITION, OLD_PREFIX, PREFIX, TARSPLIT_CHECKSUM, TARSPLIT_POSITION,
    },
};

type Annotations = BTreeMap<String, String>;

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    check(&pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
}

/// Checks the parser against the naive reading.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn check(annotations: &Annotations) {
    let mut findings = Findings::new();
    let parsed = annotations::parse(annotations, &mut findings);
    if parsed.is_none() && findings.is_empty() {
        panic!("of {annotations:?}: no index, and no finding that says why");
    }
    let accepted = parsed.as_ref().filter(|_| findings.is_empty());
    let values = Naive::of(annotations);
    let naive = values.index();
    if accepted != naive.as_ref() {
        panic!("of {annotations:?}: parsed {accepted:?} with {findings:?}, read naively {naive:?}");
    }
    if values.has_others {
        let known = annotations.iter().filter(|(key, _)| is_known(key));
        let known = known.map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut of_known = Findings::new();
        let same = annotations::parse(&known, &mut of_known) == parsed;
        if !same || of_known.list() != findings.list() {
            panic!("of {annotations:?}: the annotations of others change {parsed:?} with {findings:?}");
        }
    }
    if let Some(index) = accepted {
        let printed = print(index);
        let mut findings = Findings::new();
        let again = annotations::parse(&printed, &mut findings);
        if again.as_ref() != Some(index) || !findings.is_empty() {
            panic!("{index:?} printed as {printed:?} is read as {again:?} with {findings:?}");
        }
    }
}

/// The annotations that stand for an index.
fn print(index: &Index) -> Annotations {
    let mut annotations = Annotations::new();
    let estargz = match index {
        Index::None => None,
        Index::EStargz(digest) => Some(*digest),
        Index::ZstdChunked(index) => {
            let prefix = match index.prefix {
                Prefix::Containers => OLD_PREFIX,
                Prefix::Github => PREFIX,
            };
            let mut put = |name: &str, value: Option<String>| {
                annotations.extend(value.map(|value| (format!("{prefix}{name}"), value)));
            };
            put(MANIFEST_CHECKSUM, Some(index.toc_digest.to_string()));
            put(MANIFEST_POSITION, Some(format!("{}:1", position(index.toc))));
            put(TARSPLIT_POSITION, index.tar_split.map(position));
            put(
                TARSPLIT_CHECKSUM,
                index.tar_split_checksum.map(|digest| digest.to_string()),
            );
            index.estargz_digest
        }
    };
    annotations.extend(estargz.map(|digest| (ESTARGZ.to_owned(), digest.to_string())));
    annotations
}

fn position(position: Position) -> String {
    let Position { extent, uncompressed } = position;
    format!("{}:{}:{uncompressed}", extent.offset(), extent.length())
}

const NAMES: [&str; 4] = [
    MANIFEST_CHECKSUM,
    MANIFEST_POSITION,
    TARSPLIT_POSITION,
    TARSPLIT_CHECKSUM,
];

/// The values of annotations, in the order of [`NAMES`], with the rules read naively.
#[derive(Default)]
struct Naive<'a> {
    new: [Option<&'a str>; 4],
    old: [Option<&'a str>; 4],
    estargz: Option<&'a str>,
    has_others: bool,
}

impl<'a> Naive<'a> {
    fn of(annotations: &'a Annotations) -> Self {
        let mut naive = Self::default();
        for (key, value) in annotations {
            let place = if key == ESTARGZ {
                Some(&mut naive.estargz)
            } else if let Some(name) = key.strip_prefix(PREFIX) {
                NAMES
                    .iter()
                    .position(|known| *known == name)
                    .and_then(|at| naive.new.get_mut(at))
            } else if let Some(name) = key.strip_prefix(OLD_PREFIX) {
                NAMES
                    .iter()
                    .position(|known| *known == name)
                    .and_then(|at| naive.old.get_mut(at))
            } else {
                None
            };
            match place {
                Some(place) => *place = Some(value),
                None => naive.has_others = true,
            }
        }
        naive
    }

    /// The index, if no rule is broken.
    fn index(&self) -> Option<Index> {
        let is_new = self.new.iter().any(Option::is_some);
        let both = self.new.iter().zip(&self.old);
        let agree = both
            .clone()
            .all(|(new, old)| new.is_none() || old.is_none() || new == old);
        let mut values = both.map(|(new, old)| new.or(*old));
        let [toc_digest, toc, tar_split, tar_split_checksum] = NAMES.map(|_| values.next().flatten());
        let estargz = self.estargz;
        let pairs = (toc_digest.is_none() || toc.is_some())
            && (tar_split_checksum.is_none() || tar_split.is_some())
            && (toc_digest.is_some() || (toc.is_none() && tar_split.is_none()));
        let digests = [toc_digest, tar_split_checksum, estargz];
        let well_formed = digests.into_iter().flatten().all(is_digest);
        if !agree || !pairs || !well_formed || (is_new && estargz.is_some()) {
            return None;
        }
        let estargz = estargz.map(|text| text.parse().ok());
        let Some(toc) = toc else {
            return estargz.map_or(Some(Index::None), |digest| digest.map(Index::EStargz));
        };
        let [offset, length, uncompressed, kind] = numbers(toc)?;
        let toc = naive_position(offset, length, uncompressed)?;
        if kind != 1 || length == 0 || uncompressed == 0 {
            return None;
        }
        let tar_split = match tar_split {
            None => None,
            Some(text) => {
                let [at, long, uncompressed] = numbers(text)?;
                if (long == 0 && uncompressed > 0) || at != offset + length + 8 {
                    return None;
                }
                Some(naive_position(at, long, uncompressed)?)
            }
        };
        Some(Index::ZstdChunked(ZstdChunked {
            prefix: if is_new { Prefix::Github } else { Prefix::Containers },
            toc,
            toc_digest: toc_digest?.parse().ok()?,
            tar_split,
            tar_split_checksum: match tar_split_checksum {
                None => None,
                Some(text) => Some(text.parse().ok()?),
            },
            estargz_digest: estargz.flatten(),
        }))
    }
}

/// Whether an annotation is the format's.
fn is_known(key: &str) -> bool {
    let name = key.strip_prefix(PREFIX).or_else(|| key.strip_prefix(OLD_PREFIX));
    key == ESTARGZ || name.is_some_and(|name| NAMES.contains(&name))
}

/// So many numbers, joined by colons, each without sign or leading zero and below 2^63.
fn numbers<const N: usize>(text: &str) -> Option<[u128; N]> {
    let parts = text.split(':').map(|part| {
        let number: u128 = part.parse().ok()?;
        (!part.starts_with('+') && (part == "0" || !part.starts_with('0')) && number < 1 << 63).then_some(number)
    });
    parts.collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn naive_position(offset: u128, length: u128, uncompressed: u128) -> Option<Position> {
    if offset < 8 || offset + length >= 1 << 63 {
        return None;
    }
    Some(Position {
        extent: Extent::new(offset.try_into().ok()?, length.try_into().ok()?)?,
        uncompressed: uncompressed.try_into().ok()?,
    })
}

/// Whether the text is an OCI digest of sha256.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .bytes()
                .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
    })
}
