//! The files whose content was read while the blob was decoded.

use std::collections::{HashMap, hash_map::Entry as MapEntry};

use super::{
    ReadFile,
    content::{Content, Seen},
    work::range_key,
};
use crate::format::{Digest, Findings, toc::Entry};

/// What was read of files, and its CRC.
///
/// Nearly every content is as its digests say, and then its CRC is all that has to be kept.
pub(super) struct Known<'a> {
    entries: &'a [Entry],
    /// The CRCs of such files, by the numbers of their entries.
    good: Vec<(usize, u64)>,
    /// All other contents, by the [key](range_key) of their ranges.
    others: HashMap<Digest, (Content, u64)>,
    /// The numbers of the entries that are good by their keys, once a file is asked for that is not among them.
    good_by_key: Option<HashMap<Digest, usize>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        Self {
            entries,
            good: Vec::new(),
            others: HashMap::new(),
            good_by_key: None,
        }
    }

    /// Takes what was read of the entry of this number.
    pub(super) fn add(&mut self, number: usize, content: Content, crc: u64) {
        let Some(entry) = self.entries.get(number) else {
            return;
        };
        if content.is_as_in(entry) {
            self.good.push((number, crc));
        } else {
            self.others.insert(range_key(entry), (content, crc));
        }
    }

    /// Says that all of the blob was decoded.
    pub(super) fn finish(&mut self) {
        self.good.sort_unstable();
    }

    /// The CRC of the entry of this number, if its content was read and is as its digests say.
    pub(super) fn good(&self, number: usize) -> Option<u64> {
        let at = self.good.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        self.good.get(at).map(|&(_, crc)| crc)
    }

    /// Compares the content of an entry with its digests, and gives its CRC, if the same ranges were read for another.
    pub(super) fn compare_again(&mut self, entry: &Entry, findings: &mut Findings) -> Option<(ReadFile, u64)> {
        let key = range_key(entry);
        if let Some((content, crc)) = self.others.get(&key) {
            return Some((content.compare_again(entry, findings), *crc));
        }
        let (entries, good) = (self.entries, &self.good);
        let by_key = self.good_by_key.get_or_insert_with(|| {
            let numbers = good.iter().map(|&(number, _)| number);
            numbers
                .filter_map(|number| Some((range_key(entries.get(number)?), number)))
                .collect()
        });
        let &number = by_key.get(&key)?;
        let content = Content::as_in(entries.get(number)?)?;
        Some((content.compare_again(entry, findings), self.good(number)?))
    }

    /// Keeps what was read of an entry whose ranges were not read before.
    pub(super) fn keep(&mut self, entry: &Entry, content: Content, crc: u64) -> &(Content, u64) {
        match self.others.entry(range_key(entry)) {
            MapEntry::Occupied(known) => known.into_mut(),
            MapEntry::Vacant(unknown) => unknown.insert((content, crc)),
        }
    }
}

impl Content {
    /// Whether all of it was read, nothing is wrong with it, and the digests of its file tell what it is.
    fn is_as_in(&self, entry: &Entry) -> bool {
        Self::as_in(entry).is_some_and(|told| {
            self.end == ReadFile::Good
                && self.findings.is_empty()
                && self.whole == told.whole
                && self.chunks == told.chunks
        })
    }

    /// The content that has the digests of a file; none if they do not tell all of it.
    fn as_in(entry: &Entry) -> Option<Self> {
        let whole = entry.digest?;
        let seen = |digest| Seen { digest, zeros: true };
        let chunks = match entry.chunks.as_slice() {
            [only] if only.digest.is_none_or(|digest| digest == whole) => vec![seen(whole)],
            chunks => chunks
                .iter()
                .map(|chunk| chunk.digest.map(seen))
                .collect::<Option<Vec<Seen>>>()?,
        };
        Some(Self {
            chunks,
            whole: Some(whole),
            end: ReadFile::Good,
            findings: Findings::new(),
        })
    }
}
