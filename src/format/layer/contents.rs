//! The contents in the tar, compared with the TOC.

use std::collections::BTreeMap;

use crate::{
    format::{Digest, Findings, Place, toc::Entry},
    rules::Rule,
};

/// Compares the digests of contents with those of the entries that have the same cleaned path. Of several contents of one path the
/// last counts.
///
/// Nearly every tar has the files of its TOC in the same order, so each is looked for after the last one that was found, and only
/// what differs is kept.
pub(super) struct Contents<'a> {
    entries: &'a [Entry],
    /// The number of the entry that comes next if the order is the same.
    next: usize,
    /// The numbers of all entries by their paths, once they are needed.
    by_path: Option<Vec<usize>>,
    /// The digests that differ, by the number of the entry.
    differing: BTreeMap<usize, Digest>,
}

impl<'a> Contents<'a> {
    pub(super) const fn new(entries: &'a [Entry]) -> Self {
        Self {
            entries,
            next: 0,
            by_path: None,
            differing: BTreeMap::new(),
        }
    }

    /// Takes the next content that has bytes, with its cleaned path.
    pub(super) fn take(&mut self, path: &str, digest: Digest) {
        let Some(number) = self.number(path) else {
            return;
        };
        self.next = number.saturating_add(1);
        let expected = self.entries.get(number).and_then(|entry| entry.digest);
        if expected.is_some_and(|expected| expected != digest) {
            self.differing.insert(number, digest);
        } else {
            self.differing.remove(&number);
        }
    }

    /// Takes an entry without bytes, which may replace one of the same path with bytes that differ from the TOC.
    pub(super) fn take_empty(&mut self, path: &str) {
        if !self.differing.is_empty()
            && let Some(number) = self.number(path)
        {
            self.differing.remove(&number);
        }
    }

    /// Reports what differs. What only one of the two has is for [`compare`](super::compare()) to report.
    ///
    /// Rule: CMP-03.
    pub(super) fn finish(self, findings: &mut Findings) {
        for (number, found) in self.differing {
            if let Some(entry) = self.entries.get(number)
                && let Some(expected) = entry.digest
            {
                findings.report(
                    Rule::PlainTar,
                    Place::File(entry.name.clone()),
                    format!("content digest {found} in the decoded tar does not match {expected} in the TOC"),
                );
            }
        }
    }

    /// The number of the entry of this path.
    fn number(&mut self, path: &str) -> Option<usize> {
        let entries = self.entries;
        let is_file = |entry: &Entry| entry.digest.is_some() && entry.size > 0;
        while let Some(entry) = entries.get(self.next) {
            if entry.path() == path {
                return Some(self.next);
            }
            if is_file(entry) {
                break;
            }
            self.next = self.next.saturating_add(1);
        }
        let path_of = |&number: &usize| entries.get(number).map(Entry::path);
        let by_path = self.by_path.get_or_insert_with(|| {
            let mut numbers: Vec<usize> = (0..entries.len()).collect();
            numbers.sort_unstable_by_key(path_of);
            numbers
        });
        let at = by_path.binary_search_by_key(&Some(path), path_of).ok()?;
        by_path.get(at).copied()
    }
}
