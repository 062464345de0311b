//! How much is read through ranges.
//!
//! Every file has ranges of its own in the TOC, which can overlap or be the same. So a small TOC can ask for the whole blob once
//! for each file, and for what a small frame decodes to, which can be gigabytes. What is read is bounded by the data instead.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use crate::{
    format::{
        Digest, Findings, Place, Region,
        toc::{Chunk, Entry, Toc},
    },
    rules::Rule,
};

/// How many times the data may be read through ranges of files that are not the same. Ranges of the known writers do not
/// overlap at all.
pub(crate) const READ_THROUGH: u64 = 4;

/// What reading takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// Of frames or members in the blob.
    pub(crate) frames: u64,
    /// Of what they decode to.
    pub(crate) decoded: u64,
}

impl Work {
    /// So many times this, and a byte, so that nothing is left only where more was read.
    pub(crate) const fn times(self, count: u64) -> Self {
        Self {
            frames: self.frames.saturating_mul(count).saturating_add(1),
            decoded: self.decoded.saturating_mul(count).saturating_add(1),
        }
    }

    /// Takes away what was read.
    pub(crate) fn spend(&mut self, frames: u64, decoded: usize) {
        self.frames = self.frames.saturating_sub(frames);
        self.decoded = self.decoded.saturating_sub(u64::try_from(decoded).unwrap_or(u64::MAX));
    }

    /// Whether nothing is left of one of the two.
    pub(crate) const fn is_none(&self) -> bool {
        self.frames == 0 || self.decoded == 0
    }
}

/// Says that ranges without ends were read as often as they may be.
///
/// Rule: DAT-06.
pub(crate) fn report_exhausted(findings: &mut Findings) {
    findings.report(
        Rule::SharedRange,
        Place::Whole(Region::Toc),
        format!("reading every file through its range takes over {READ_THROUGH} times what decoding all data does, expected about once"),
    );
}

/// Refuses ranges that overlap so much that reading them all is no longer bounded by the blob, whose data ends at
/// `data_end`. Files whose ranges are all equal count once, since they are read once.
///
/// Rule: DAT-06. In TOCs of stargz ranges have no end, and nothing is reported.
pub(crate) fn check_work(toc: &Toc, data_end: u64, findings: &mut Findings) -> bool {
    let bound = data_end.saturating_mul(READ_THROUGH);
    // What is beyond the data is refused by itself.
    let length = |chunk: &Chunk| Some(chunk.end?.min(data_end).saturating_sub(chunk.offset));
    let sum = |entries: &mut dyn Iterator<Item = &Entry>| {
        let chunks = entries.flat_map(|entry| &entry.chunks);
        chunks.filter_map(length).fold(0, u64::saturating_add)
    };
    if sum(&mut toc.entries.iter()) <= bound {
        return true;
    }
    let mut known = HashSet::new();
    let total = sum(&mut toc.entries.iter().filter(|entry| known.insert(range_key(entry))));
    if total > bound {
        findings.report(
            Rule::SharedRange,
            Place::Whole(Region::Toc),
            format!(
                "the ranges of all files have {total} bytes together, expected at most {bound}: {READ_THROUGH} times the \
                 {data_end} bytes of data"
            ),
        );
        return false;
    }
    true
}

/// What is read for a file: equal for files that have the same content, whatever they are compared with.
pub(crate) fn range_key(entry: &Entry) -> Digest {
    let mut hasher = Sha256::new();
    let mut number = |number: u64| hasher.update(number.to_le_bytes());
    for chunk in &entry.chunks {
        number(chunk.offset);
        number(chunk.end.unwrap_or(u64::MAX));
        number(chunk.inner_offset);
        number(chunk.file_offset);
        number(chunk.size);
        number(u64::from(chunk.zeros));
    }
    Digest::from_hasher(hasher)
}

#[cfg(test)]
mod tests {
    use super::check_work;
    use crate::{
        format::{Dialect, Findings, toc},
        rules::Rule,
    };

    const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    /// 100 files in a blob of 10000 bytes: one after the other, all in one place, and each from its place to the end.
    #[test]
    fn overlapping_ranges_are_bounded_by_the_blob() {
        type Range = fn(u64) -> (u64, u64);
        let rows: [(&str, Range, bool); 3] = [
            ("disjoint", |n| (n * 100, n * 100 + 100), true),
            ("equal", |_| (0, 10_000), true),
            ("overlapping", |n| (n * 100, 10_000), false),
        ];
        for (name, range, good) in rows {
            let entries: Vec<String> = (0..100)
                .map(|number| {
                    let (start, end) = range(number);
                    format!(
                        r#"{{"type":"reg","name":"{number}","size":1,"digest":"{DIGEST}","offset":{start},"endOffset":{end}}}"#
                    )
                })
                .collect();
            let json = format!(r#"{{"version":1,"entries":[{}]}}"#, entries.join(","));
            let toc = toc::parse(json.as_bytes(), Dialect::G5, &mut Findings::new()).unwrap();
            let mut findings = Findings::new();
            assert_eq!(check_work(&toc, 10_000, &mut findings), good, "{name}");
            assert_eq!(findings.breaks(Rule::SharedRange), !good, "{name}");
        }
    }
}
