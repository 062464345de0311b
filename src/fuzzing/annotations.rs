//! Annotations: any keys and values, a pair a line.
//!
//! An input is text with `key=value` on each line, where a digit stands for a key of the format; of a key that is there twice
//! the last value counts. A second reading in 128-bit arithmetic says what the parser has to make of them. What it accepts it
//! reads the same from what it means. Annotations that are none of its business change nothing: the second reading never sees
//! them, and a finding cannot be about one.

use crate::{
    format::{
        Extent, Findings, Position,
        annotations::{self, Index, Prefix, ZstdChunked},
    },
    vectors::build::annotations::{
        ESTARGZ, MANIFEST_CHECKSUM, MANIFEST_POSITION, OLD_PREFIX, PREFIX, TARSPLIT_CHECKSUM, TARSPLIT_POSITION,
    },
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    check(&pairs(&String::from_utf8_lossy(bytes)));
}

/// How many keys the format has.
const KEYS: usize = 9;

/// The annotations of an input, borrowed from it: allocations are most of what a run would cost.
pub fn pairs(text: &str) -> Vec<(&str, &str)> {
    let mut pairs = Vec::with_capacity(KEYS);
    pairs.extend(text.split('\n').filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        Some((spelled_out(key), value))
    }));
    pairs
}

/// The key that a digit stands for.
fn spelled_out(key: &str) -> &str {
    match key {
        "1" => "io.github.containers.zstd-chunked.manifest-checksum",
        "2" => "io.github.containers.zstd-chunked.manifest-position",
        "3" => "io.github.containers.zstd-chunked.tarsplit-position",
        "4" => "io.github.containers.zstd-chunked.tarsplit-checksum",
        "5" => "io.containers.zstd-chunked.manifest-checksum",
        "6" => "io.containers.zstd-chunked.manifest-position",
        "7" => "io.containers.zstd-chunked.tarsplit-position",
        "8" => "io.containers.zstd-chunked.tarsplit-checksum",
        "9" => ESTARGZ,
        other => other,
    }
}

/// Checks the parser against the naive reading.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check(pairs: &[(&str, &str)]) {
    let mut findings = Findings::new();
    let parsed = annotations::parse(pairs.iter().copied(), &mut findings);
    if parsed.is_none() && findings.is_empty() {
        panic!("of {pairs:?}: no index, and no finding that says why");
    }
    let accepted = parsed.as_ref().filter(|_| findings.is_empty());
    let values = Naive::of(pairs);
    let naive = values.index();
    if accepted != naive.as_ref() {
        panic!("of {pairs:?}: parsed {accepted:?} with {findings:?}, read naively {naive:?}");
    }
    if let Some(index) = accepted {
        let printed = print(index);
        let mut findings = Findings::new();
        let again = annotations::parse(printed.iter().map(|(key, value)| (key, value)), &mut findings);
        if again.as_ref() != Some(index) || !findings.is_empty() {
            panic!("{index:?} printed as {printed:?} is read as {again:?} with {findings:?}");
        }
    }
}

/// The annotations that stand for an index.
fn print(index: &Index) -> Vec<(String, String)> {
    let mut annotations = Vec::new();
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
}

impl<'a> Naive<'a> {
    fn of(pairs: &[(&'a str, &'a str)]) -> Self {
        let mut naive = Self::default();
        for &(key, value) in pairs {
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
            if let Some(place) = place {
                *place = Some(value);
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

/// So many numbers, joined by colons, each without sign or leading zero and below 2^63.
fn numbers<const N: usize>(text: &str) -> Option<[u128; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(':');
    for number in &mut numbers {
        let part = parts.next()?;
        // Two digits more than 2^63 has, so that none of these overflows.
        let plain = part.len() <= 21 && part.bytes().all(|byte| byte.is_ascii_digit());
        let grammatical = plain && (part == "0" || !part.starts_with('0'));
        *number = part.parse().ok().filter(|&number| grammatical && number < 1 << 63)?;
    }
    parts.next().is_none().then_some(numbers)
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
        // Without a branch for each byte, which the fuzzer would record.
        hex.len() == 64
            && hex.bytes().fold(true, |all, digit| {
                all & (digit.is_ascii_digit() | (b'a'..=b'f').contains(&digit))
            })
    })
}
