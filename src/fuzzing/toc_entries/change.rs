//! Single changes that break a rule.

use arbitrary::Arbitrary;

use super::Draft;
use crate::{
    forge::{
        dialect::facts,
        toc::{Style, TocEntry},
    },
    rules::Rule,
};

/// A change; `at` chooses among the entries that it can be made to.
#[derive(Arbitrary, Debug)]
pub(super) struct Change {
    at: u8,
    amount: u32,
    kind: Kind,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    NoName,
    NulName,
    Type,
    Digest,
    Algorithm,
    Time,
    Repeated,
    FileDigest,
    FileEnd,
    ChunkName,
    ChunkFirst,
    ChunkOffset,
    ChunkSize,
    ChunkType,
    ChunkRange,
    EndInside,
    Version,
    Trailing,
    Truncated,
    DuplicateKey,
    FoldedKey,
    Negative,
    Fraction,
    Null,
    Quoted,
    Xattr,
    Depth,
    Surrogate,
    NoEntries,
}

impl Change {
    /// The changed TOC and the rule that it breaks; none where there is nothing to change in that way.
    pub(super) fn make(&self, draft: &mut Draft) -> Option<(String, Rule)> {
        if let Some(rule) = self.in_records(draft) {
            return Some((draft.json(), rule));
        }
        self.in_text(&draft.json())
    }

    /// One of the records of this sort.
    fn record<'a>(&self, records: &'a mut [TocEntry], of: impl Fn(&TocEntry) -> bool) -> Option<&'a mut TocEntry> {
        let mut found: Vec<&mut TocEntry> = records.iter_mut().filter(|record| of(record)).collect();
        let count = found.len().max(1);
        let at = usize::from(self.at) % count;
        (at < found.len()).then(|| found.swap_remove(at))
    }

    fn in_records(&self, draft: &mut Draft) -> Option<Rule> {
        let is_file = |record: &TocEntry| record.kind == "reg" && record.size > 0;
        let is_chunk = |record: &TocEntry| record.kind == "chunk";
        let has_end = draft.style != Style::Stargz;
        let records = draft.records.as_mut_slice();
        let rule = match self.kind {
            Kind::NoName => {
                self.record(records, |_| true)?.name.clear();
                Rule::EntryName
            }
            Kind::NulName => {
                self.record(records, |record| !is_chunk(record))?.name.push('\0');
                Rule::EntryName
            }
            Kind::Type => {
                let kinds = ["Reg", "socket", "dir ", "\u{17f}ymlink"];
                let kind = kinds.get(usize::from(self.at) % kinds.len()).copied()?;
                self.record(records, |_| true)?.kind = kind.to_owned();
                Rule::EntryType
            }
            Kind::Digest => {
                let digest = &mut self.record(records, |record| !record.digest.is_empty())?.digest;
                match self.amount % 4 {
                    0 => drop(digest.pop()),
                    1 => digest.push('0'),
                    2 => *digest = digest.to_uppercase(),
                    _ => *digest = digest.replace("sha256:", ""),
                }
                Rule::EntryDigest
            }
            Kind::Algorithm => {
                let record = self.record(records, |_| true)?;
                record.chunk_digest = format!("sha512:{}", "0".repeat(128));
                Rule::DigestAlgorithm
            }
            Kind::Time => {
                let times = [
                    "x",
                    "2023-02-29T00:00:00Z",
                    "2023-11-14 22:13:20Z",
                    "2023-11-14T22:13:20",
                    "2023-11-14T22:13:60Z",
                    "9999-12-31T23:59:59-00:01",
                ];
                let time = times.get(usize::from(self.at) % times.len()).copied()?;
                self.record(records, |record| !is_chunk(record))?.modtime = time.to_owned();
                Rule::EntryTime
            }
            Kind::Repeated if facts(draft.dialect).unique_paths => {
                let mut copy = self
                    .record(records, |record| !is_chunk(record) && record.size == 0)?
                    .clone();
                copy.name.push_str("/.");
                draft.records.push(copy);
                Rule::EntryUnique
            }
            Kind::FileDigest => {
                self.record(records, is_file)?.digest.clear();
                Rule::FileIndexed
            }
            Kind::FileEnd if has_end => {
                let record = self.record(records, is_file)?;
                record.end_offset = record.offset.saturating_sub((self.amount % 8).into()).max(1);
                Rule::FileIndexed
            }
            Kind::ChunkName => {
                self.record(records, is_chunk)?.name.push('x');
                Rule::ChunkFollows
            }
            Kind::ChunkFirst => {
                let chunk = TocEntry {
                    kind: "chunk".to_owned(),
                    name: "a".to_owned(),
                    offset: 1,
                    ..TocEntry::default()
                };
                draft.records.insert(0, chunk);
                Rule::ChunkFollows
            }
            Kind::ChunkOffset => {
                let chunk = self.record(records, |record| is_chunk(record) || is_file(record))?;
                chunk.chunk_offset += u64::from(self.amount).max(1);
                Rule::ChunkSequence
            }
            Kind::ChunkSize => {
                let chunk = self.record(records, |record| record.chunk_size > 0)?;
                chunk.chunk_size += u64::from(self.amount).max(1);
                Rule::ChunkSequence
            }
            Kind::ChunkType => {
                let chunk = self.record(records, |record| is_chunk(record) || is_file(record))?;
                chunk.chunk_type = "Zeros".to_owned();
                Rule::ChunkType
            }
            Kind::ChunkRange => {
                // No later than the first chunk of all.
                self.record(records, is_chunk)?.offset = 1;
                Rule::ChunkRange
            }
            Kind::EndInside if has_end => {
                let last = records
                    .iter()
                    .zip(records.iter().skip(1))
                    .find(|(record, next)| is_file(record) && is_chunk(next))
                    .map(|(record, next)| (record.name.clone(), next.offset))?;
                let record = records.iter_mut().find(|record| record.name == last.0)?;
                record.end_offset = last.1;
                Rule::ChunkRange
            }
            _ => return None,
        };
        Some(rule)
    }

    fn in_text(&self, json: &str) -> Option<(String, Rule)> {
        let json = json.trim_end();
        let inside = |text: &str| json.replacen('{', &format!("{{{text}"), 1);
        // In an entry of its own, which has all that it needs.
        let entry = |text: &str| format!("{{\"version\":1,\"entries\":[{{\"type\":\"dir\",\"name\":\"d\"{text}}}]}}");
        let changed = match self.kind {
            Kind::Version => {
                let others = ["0", "2", "-1", "9223372036854775807"];
                let other = others.get(usize::from(self.at) % others.len()).copied()?;
                (
                    json.replacen("\"version\":1", &format!("\"version\":{other}"), 1),
                    Rule::TocVersion,
                )
            }
            Kind::Trailing => (format!("{json} x"), Rule::JsonTrailing),
            Kind::Truncated => {
                let length = usize::try_from(self.amount).ok()? % json.len().max(1);
                let cut = (0..=length).rev().find(|&at| json.is_char_boundary(at))?;
                (json.get(..cut)?.to_owned(), Rule::JsonSyntax)
            }
            Kind::DuplicateKey => (inside("\"entries\":null,"), Rule::JsonDuplicateKey),
            Kind::FoldedKey => (inside("\"ver\u{17f}ion\":1,"), Rule::JsonFoldedKey),
            Kind::Negative => (entry(&format!(",\"size\":-{}", self.amount.max(1))), Rule::EntryCount),
            Kind::Fraction => (entry(",\"uid\":1.0"), Rule::JsonInteger),
            Kind::Null => (entry(",\"gid\":null"), Rule::JsonNull),
            Kind::Quoted => (entry(",\"mode\":\"1\""), Rule::JsonType),
            Kind::Xattr => (entry(",\"xattrs\":{\"user.a\":\"YQ\"}"), Rule::EntryXattr),
            Kind::Depth => {
                let nested = format!("\"x\":{}{},", "[".repeat(64), "]".repeat(64));
                (inside(&nested), Rule::JsonDepth)
            }
            Kind::Surrogate => (entry(",\"linkName\":\"\\ud800\""), Rule::JsonUnicode),
            Kind::NoEntries => ("{\"version\":1}".to_owned(), Rule::TocEntries),
            _ => return None,
        };
        (changed.0 != json).then_some(changed)
    }
}
