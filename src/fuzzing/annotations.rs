//! Annotations: any keys and values, a pair a line.
//!
//! An input is text with `key=value` on each line, where a digit stands for a key of the format; of a key that is there twice
//! the last value counts. A second reading in 128-bit arithmetic says what the parser has to make of them. What it accepts it
//! reads the same from what it means. Annotations that are none of its business change nothing: the second reading never sees
//! them, and a finding cannot be about one.

pub(super) mod reading;

use crate::format::{
    Findings, Position,
    annotations::{self, NamedIndex, Prefix},
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
    let naive = reading::read(&values(pairs));
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
fn print(index: &NamedIndex) -> Vec<(&'static str, String)> {
    let mut values = [const { None }; KEYS.len()];
    let [github @ .., estargz] = &mut values;
    match index {
        NamedIndex::None => {}
        NamedIndex::EStargz(digest) => *estargz = Some(digest.to_string()),
        NamedIndex::ZstdChunked(index) => {
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

/// The values of the keys of the format, in the order of [`KEYS`].
fn values<'a>(pairs: &[Pair<'a>]) -> [Option<&'a str>; KEYS.len()] {
    let mut values = [None; KEYS.len()];
    for pair in pairs {
        if let Some(value) = pair.known.and_then(|known| values.get_mut(known)) {
            *value = Some(pair.value);
        }
    }
    values
}
