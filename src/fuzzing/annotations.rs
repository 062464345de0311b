//! Annotations: any keys and values, a pair a line.
//!
//! An input is text with `key=value` on each line, where a digit stands for a key of the format; of a key that is there twice
//! the last value counts. A second reading in 128-bit arithmetic says what the parser has to make of them. What it accepts it
//! reads the same from what it means. Annotations that are none of its business change nothing: the second reading never sees
//! them, and a finding cannot be about one.

use crate::format::{
    Extent, Findings, Position,
    annotations::{self, Index, Prefix, ZstdChunked},
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    check(&pairs(&String::from_utf8_lossy(bytes)));
}

/// The keys of the format; the digit of a key is its place here, counted from 1.
const KEYS: [&str; 9] = [
    "io.github.containers.zstd-chunked.manifest-checksum",
    "io.github.containers.zstd-chunked.manifest-position",
    "io.github.containers.zstd-chunked.tarsplit-position",
    "io.github.containers.zstd-chunked.tarsplit-checksum",
    "io.containers.zstd-chunked.manifest-checksum",
    "io.containers.zstd-chunked.manifest-position",
    "io.containers.zstd-chunked.tarsplit-position",
    "io.containers.zstd-chunked.tarsplit-checksum",
    "containerd.io/snapshot/stargz/toc.digest",
];

/// An annotation of an input, borrowed from it: allocations are most of what a run would cost.
#[derive(Debug)]
pub struct Pair<'a> {
    /// Which of [`KEYS`], if it is one of them.
    known: Option<usize>,
    /// The key, spelled out.
    pub key: &'a str,
    /// The value.
    pub value: &'a str,
}

/// The annotations of an input.
pub fn pairs(text: &str) -> Vec<Pair<'_>> {
    let mut pairs = Vec::with_capacity(KEYS.len());
    pairs.extend(text.split('\n').filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        let known = match key.as_bytes() {
            [digit @ b'1'..=b'9'] => Some(usize::from(digit - b'1')),
            _ => KEYS.iter().position(|known| *known == key),
        };
        let key = known.and_then(|known| KEYS.get(known)).map_or(key, |known| *known);
        Some(Pair { known, key, value })
    }));
    pairs
}

/// Checks the parser against the naive reading.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check(pairs: &[Pair<'_>]) {
    let mut findings = Findings::new();
    let parsed = annotations::parse(pairs.iter().map(|pair| (pair.key, pair.value)), &mut findings);
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
        let again = annotations::parse(printed.iter().map(|(key, value)| (*key, value.as_str())), &mut findings);
        if again.as_ref() != Some(index) || !findings.is_empty() {
            panic!("{index:?} printed as {printed:?} is read as {again:?} with {findings:?}");
        }
    }
}

/// The annotations that stand for an index.
fn print(index: &Index) -> Vec<(&'static str, String)> {
    let mut values = [const { None }; KEYS.len()];
    let [github @ .., estargz] = &mut values;
    match index {
        Index::None => {}
        Index::EStargz(digest) => *estargz = Some(digest.to_string()),
        Index::ZstdChunked(index) => {
            let (github, containers) = github.split_at_mut(4);
            let under_prefix = match index.prefix {
                Prefix::Github => github,
                Prefix::Containers => containers,
            };
            let printed = [
                Some(index.toc_digest.to_string()),
                Some(format!("{}:1", position(index.toc))),
                index.tar_split.map(position),
                index.tar_split_checksum.map(|digest| digest.to_string()),
            ];
            under_prefix.clone_from_slice(&printed);
            *estargz = index.estargz_digest.map(|digest| digest.to_string());
        }
    }
    let printed = KEYS.into_iter().zip(values);
    printed.filter_map(|(key, value)| Some((key, value?))).collect()
}

fn position(position: Position) -> String {
    let Position { extent, uncompressed } = position;
    format!("{}:{}:{uncompressed}", extent.offset(), extent.length())
}

/// The values of annotations, in the order of [`KEYS`], with the rules read naively.
struct Naive<'a>([Option<&'a str>; KEYS.len()]);

impl<'a> Naive<'a> {
    fn of(pairs: &[Pair<'a>]) -> Self {
        let mut values = [None; KEYS.len()];
        for pair in pairs {
            if let Some(value) = pair.known.and_then(|known| values.get_mut(known)) {
                *value = Some(pair.value);
            }
        }
        Self(values)
    }

    /// The index, if no rule is broken.
    fn index(&self) -> Option<Index> {
        let Self([a1, a2, a3, a4, b1, b2, b3, b4, estargz]) = *self;
        let [new, old] = [[a1, a2, a3, a4], [b1, b2, b3, b4]];
        let is_new = new.iter().any(Option::is_some);
        let agree = new
            .iter()
            .zip(&old)
            .all(|(new, old)| new.is_none() || old.is_none() || new == old);
        let paired = |[toc_digest, toc, tar_split, checksum]: [Option<&str>; 4]| {
            toc_digest.is_some() == toc.is_some()
                && (tar_split.is_none() || toc_digest.is_some())
                && (checksum.is_none() || tar_split.is_some())
        };
        let digests = [a1, a4, b1, b4, estargz];
        let well_formed = digests.into_iter().flatten().all(is_digest);
        if !agree || !paired(new) || !paired(old) || !well_formed || (is_new && estargz.is_some()) {
            return None;
        }
        let estargz = estargz.map(|text| text.parse().ok());
        let (new, old) = (positions(new)?, positions(old)?);
        let Some((toc, tar_split)) = new.or(old) else {
            return estargz.map_or(Some(Index::None), |digest| digest.map(Index::EStargz));
        };
        let [toc_digest, _, _, tar_split_checksum] = if is_new { [a1, a2, a3, a4] } else { [b1, b2, b3, b4] };
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

/// The positions under one prefix, TOC and tar-split; none if there are none, and no answer if they break a rule.
fn positions([_, toc, tar_split, _]: [Option<&str>; 4]) -> Option<Option<(Position, Option<Position>)>> {
    let Some(toc) = toc else {
        return Some(None);
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
    Some(Some((toc, tar_split)))
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
