//! Changes of what a TOC says of its entries.

use serde_json::{Value, json};

use super::{Edits, Row, of_index, of_toc, pick};
use crate::{
    forge::{
        Edit,
        dialect::facts,
        json::Document,
        layer::{Parts, Plan},
        toc::{Style, TocEntry},
    },
    format::{Dialect, Digest},
    rules::Rule,
};

/// A TOC, and what it is made of.
pub(crate) struct Listed<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) style: Style,
    pub(crate) entries: &'a [TocEntry],
    pub(crate) json: &'a str,
    /// The tar that it lists, where there is one.
    pub(crate) plan: Option<&'a Plan>,
}

impl<'a> Listed<'a> {
    pub(crate) const fn of(parts: &'a Parts, json: &'a str) -> Self {
        Self {
            dialect: parts.plan.dialect,
            style: parts.plan.style,
            entries: parts.toc.as_slice(),
            json,
            plan: Some(&parts.plan),
        }
    }

    /// One of the entries of a kind, and what is left of the number.
    fn one(&self, which: usize, is: impl Fn(usize, &TocEntry) -> bool) -> Option<(usize, &TocEntry, usize)> {
        let places: Vec<usize> = (0..self.entries.len())
            .filter(|&at| is(at, &self.entries[at]))
            .collect();
        let (&at, rest) = pick(&places, which)?;
        Some((at, &self.entries[at], rest))
    }

    /// Whether chunks follow the entry.
    fn is_chunked(&self, at: usize) -> bool {
        self.entries.get(at + 1).is_some_and(is_chunk)
    }

    /// Sets a member, or adds it.
    fn put(&self, pointer: &str, value: Value) -> Edits {
        let at = pointer.to_owned();
        Some(vec![if self.has(pointer) {
            Edit::Set { at, to: value }
        } else {
            Edit::Insert { at, value }
        }])
    }

    /// As `put`, with a text for the value.
    fn spell(&self, pointer: &str, text: &str) -> Edits {
        let mut edits = Vec::new();
        if !self.has(pointer) {
            edits.extend(self.put(pointer, Value::Null)?);
        }
        if edits.is_empty() || text != "null" {
            let (at, to) = (pointer.to_owned(), text.to_owned());
            edits.push(Edit::Raw { at, to });
        }
        Some(edits)
    }

    fn has(&self, pointer: &str) -> bool {
        let parts: Vec<String> = pointer.split('/').skip(1).map(str::to_owned).collect();
        Document::of(self.json).find(&parts).is_ok()
    }

    /// Sets a member of one of the entries.
    fn set(&self, which: usize, is: impl Fn(&TocEntry) -> bool, key: &str, value: impl Into<Value>) -> Edits {
        let (at, ..) = self.one(which, |_, entry| is(entry))?;
        self.put(&format!("/entries/{at}/{key}"), value.into())
    }

    /// Sets a member of one of the entries to one of these.
    fn any_of<const N: usize>(
        &self,
        which: usize,
        is: impl Fn(&TocEntry) -> bool,
        key: &str,
        values: [&str; N],
    ) -> Edits {
        let (at, _, rest) = self.one(which, |_, entry| is(entry))?;
        self.put(&format!("/entries/{at}/{key}"), (*pick(&values, rest)?.0).into())
    }

    /// Adds to a number of one of the entries.
    fn add(&self, which: usize, is: impl Fn(&TocEntry) -> bool, key: &str, number: fn(&TocEntry) -> u64) -> Edits {
        let (at, entry, rest) = self.one(which, |_, entry| is(entry))?;
        let more = 1 + u64::try_from(rest % 1000).ok()?;
        self.put(&format!("/entries/{at}/{key}"), (number(entry) + more).into())
    }

    /// Adds a member that no entry may have, to one that is no chunk.
    fn odd(&self, which: usize, key: &str, text: &str) -> Edits {
        let (at, ..) = self.one(which, |_, entry| !is_chunk(entry))?;
        self.spell(&format!("/entries/{at}/{key}"), text)
    }

    fn value(&self, at: usize) -> Option<Value> {
        let document = Document::of(self.json);
        let found = document.find(&["entries".to_owned(), at.to_string()]).ok()?;
        serde_json::from_str(document.value(found)).ok()
    }

    /// Whether the first chunk of a file is nothing but zeros.
    fn is_zero(&self, at: usize) -> bool {
        let Some(entry) = self.entries.get(at) else { return true };
        let planned = self.plan.map_or(&[][..], |plan| &plan.entries);
        let content = planned.iter().find(|planned| planned.name == entry.name.as_bytes());
        let length = usize::try_from(entry.chunk_size).unwrap_or(0);
        content.is_none_or(|planned| {
            let chunk = planned.content.get(..length).filter(|chunk| !chunk.is_empty());
            chunk.unwrap_or(&planned.content).iter().all(|&byte| byte == 0)
        })
    }
}

fn is_chunk(entry: &TocEntry) -> bool {
    entry.kind == "chunk"
}

fn is_entry(entry: &TocEntry) -> bool {
    !is_chunk(entry)
}

fn is_file(entry: &TocEntry) -> bool {
    entry.kind == "reg" && entry.size > 0
}

fn has_digest(entry: &TocEntry) -> bool {
    !entry.digest.is_empty()
}

/// A digest of another algorithm, as it is written.
pub(super) fn sha512() -> String {
    format!("sha512:{}", "0f".repeat(64))
}

/// The digest of something else.
pub(super) fn other() -> String {
    Digest::of(b"other").to_string()
}

pub(super) const ROWS: &[Row] = &[
    of_toc("another-type", Rule::EntryType, |toc, which| {
        toc.any_of(
            which,
            |_| true,
            "type",
            ["bogus", "Reg", "socket", "dir ", "\u{17f}ymlink"],
        )
    }),
    of_toc("no-name", Rule::EntryName, |toc, which| {
        let (at, ..) = toc.one(which, |_, entry| !entry.name.is_empty())?;
        Some(vec![Edit::Remove(format!("/entries/{at}/name"))])
    }),
    of_toc("nul-in-a-name", Rule::EntryName, |toc, which| {
        let (_, entry, _) = toc.one(which, |_, entry| is_entry(entry))?;
        toc.set(which, is_entry, "name", format!("{}\0", entry.name))
    }),
    of_toc("no-time", Rule::EntryTime, |toc, which| {
        let times = [
            "yesterday",
            "2023-02-29T00:00:00Z",
            "2023-11-14 22:13:20Z",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13:60Z",
            "9999-12-31T23:59:59-00:01",
        ];
        toc.any_of(which, is_entry, "modtime", times)
    }),
    of_toc("digest-in-another-spelling", Rule::EntryDigest, |toc, which| {
        let (_, entry, _) = toc.one(which, |_, entry| has_digest(entry))?;
        let digest = &entry.digest;
        let texts = [
            digest.get(1..)?,
            &format!("{digest}0"),
            &digest.to_uppercase(),
            &digest.replace("sha256:", ""),
        ];
        toc.any_of(which, has_digest, "digest", texts)
    }),
    of_toc("digest-of-another-algorithm", Rule::DigestAlgorithm, |toc, which| {
        toc.set(which, has_digest, "digest", sha512())
    }),
    of_toc(
        "chunk-digest-of-another-algorithm",
        Rule::DigestAlgorithm,
        |toc, which| toc.set(which, |_| true, "chunkDigest", sha512()),
    ),
    of_toc("no-digest", Rule::FileIndexed, |toc, which| {
        let (at, ..) = toc.one(which, |_, entry| is_file(entry) && has_digest(entry))?;
        Some(vec![Edit::Remove(format!("/entries/{at}/digest"))])
    }),
    of_toc("end-before-the-offset", Rule::FileIndexed, |toc, which| {
        let (at, entry, rest) = toc.one(which, |_, entry| entry.end_offset > 0)?;
        let end = entry.offset.saturating_sub(u64::try_from(rest % 8).ok()?);
        toc.put(&format!("/entries/{at}/endOffset"), end.into())
    }),
    of_toc("end-where-the-next-chunk-begins", Rule::ChunkRange, |toc, which| {
        let (at, ..) = toc.one(which, |at, entry| entry.end_offset > 0 && toc.is_chunked(at))?;
        let next = toc.entries.get(at + 1)?.offset;
        toc.put(&format!("/entries/{at}/endOffset"), next.into())
    }),
    of_toc("entry-twice", Rule::EntryUnique, |toc, which| {
        let (at, ..) = toc.one(which, |at, entry| is_entry(entry) && !toc.is_chunked(at))?;
        let value = toc.value(at)?;
        let at = format!("/entries/{at}");
        facts(toc.dialect)
            .unique_paths
            .then(|| vec![Edit::Insert { at, value }])
    }),
    of_toc("entry-twice-in-another-spelling", Rule::EntryUnique, |toc, which| {
        let (at, entry, _) = toc.one(which, |_, entry| is_entry(entry) && entry.size == 0)?;
        let mut value = toc.value(at)?;
        *value.get_mut("name")? = format!("{}/.", entry.name).into();
        let at = "/entries/-".to_owned();
        facts(toc.dialect)
            .unique_paths
            .then(|| vec![Edit::Insert { at, value }])
    }),
    of_index("entry-twice-where-that-may-be", Rule::EntrySets, |toc, which| {
        let (at, ..) = toc.one(which, |at, entry| is_entry(entry) && !toc.is_chunked(at))?;
        let value = toc.value(at)?;
        let at = format!("/entries/{at}");
        (!facts(toc.dialect).unique_paths).then(|| vec![Edit::Insert { at, value }])
    }),
    of_index("entry-left-out", Rule::EntrySets, |toc, which| {
        let (at, ..) = toc.one(which, |at, entry| is_entry(entry) && !toc.is_chunked(at))?;
        Some(vec![Edit::Remove(format!("/entries/{at}"))])
    }),
    of_index("entry-more", Rule::EntrySets, |_, _| {
        let value = json!({"type": "dir", "name": "more/", "mode": 0o755});
        let at = "/entries/-".to_owned();
        Some(vec![Edit::Insert { at, value }])
    }),
    of_index("entries-in-another-order", Rule::EntryOrder, |toc, which| {
        // Ranges of stargz end at the next offset, so that they would change as well.
        let fits = |at: usize, entry: &TocEntry| {
            toc.style != Style::Stargz
                && is_entry(entry)
                && toc.entries.get(at + 1).is_some_and(is_entry)
                && !toc.is_chunked(at + 1)
        };
        let (at, ..) = toc.one(which, fits)?;
        let value = toc.value(at)?;
        Some(vec![
            Edit::Remove(format!("/entries/{at}")),
            Edit::Insert {
                at: format!("/entries/{}", at + 1),
                value,
            },
        ])
    }),
    of_index("another-mode", Rule::EntryMetadata, |toc, which| {
        toc.add(which, is_entry, "mode", |entry| entry.mode)
    }),
    of_index("range-of-two-files", Rule::RangeSize, |toc, which| {
        let later = |at: usize, end: u64| {
            let mut rest = toc.entries.iter().skip(at).map(|entry| entry.end_offset);
            rest.find(|other| *other > end)
        };
        let fits = |at: usize, entry: &TocEntry| {
            entry.end_offset > 0 && !toc.is_chunked(at) && later(at, entry.end_offset).is_some()
        };
        let (at, entry, _) = toc.one(which, fits)?;
        toc.put(&format!("/entries/{at}/endOffset"), later(at, entry.end_offset)?.into())
    }),
    of_index("another-uid", Rule::EntryMetadata, |toc, which| {
        toc.add(which, is_entry, "uid", |entry| entry.uid)
    }),
    of_index("another-gid", Rule::EntryMetadata, |toc, which| {
        toc.add(which, is_entry, "gid", |entry| entry.gid)
    }),
    of_index("another-target", Rule::EntryMetadata, |toc, which| {
        let (_, entry, _) = toc.one(which, |_, entry| is_entry(entry))?;
        toc.set(which, is_entry, "linkName", format!("{}x", entry.link))
    }),
    of_index("another-time", Rule::EntryMetadata, |toc, which| {
        toc.set(which, is_entry, "modtime", "2001-02-03T04:05:06Z")
    }),
    of_index("another-digest", Rule::FileDigest, |toc, which| {
        toc.set(which, has_digest, "digest", other())
    }),
    of_index("another-chunk-digest", Rule::ChunkDigest, |toc, which| {
        toc.set(which, |entry| !entry.chunk_digest.is_empty(), "chunkDigest", other())
    }),
    of_index("another-offset", Rule::RangeFrames, |toc, which| {
        // Chunks of eStargz may be in one member, so that the next one would begin before.
        let fits = |at: usize, entry: &TocEntry| match toc.style {
            Style::Stargz => has_digest(entry) && !toc.is_chunked(at),
            _ => has_digest(entry) || is_chunk(entry),
        };
        let (at, entry, _) = toc.one(which, fits)?;
        toc.put(&format!("/entries/{at}/offset"), (entry.offset + 1).into())
    }),
    of_index("zeros-for-a-content", Rule::ZerosChunk, |toc, which| {
        let is_whole = |entry: &TocEntry| entry.end_offset > 0 && entry.chunk_type.is_empty();
        let fits = |at: usize, entry: &TocEntry| toc.style != Style::Stargz && is_whole(entry) && !toc.is_zero(at);
        let (at, ..) = toc.one(which, fits)?;
        toc.put(&format!("/entries/{at}/chunkType"), "zeros".into())
    }),
    of_toc("another-chunk-type", Rule::ChunkType, |toc, which| {
        let fits = |entry: &TocEntry| toc.style != Style::Stargz && (is_chunk(entry) || is_file(entry));
        toc.any_of(which, fits, "chunkType", ["ones", "Zeros"])
    }),
    of_toc("chunk-of-another-name", Rule::ChunkFollows, |toc, which| {
        let (_, entry, _) = toc.one(which, |_, entry| is_chunk(entry))?;
        toc.set(which, is_chunk, "name", format!("{}x", entry.name))
    }),
    of_toc("chunk-before-any-file", Rule::ChunkFollows, |_, _| {
        let value = json!({"type": "chunk", "name": "a", "offset": 1});
        let at = "/entries/0".to_owned();
        Some(vec![Edit::Insert { at, value }])
    }),
    of_toc("another-chunk-offset", Rule::ChunkSequence, |toc, which| {
        toc.add(which, is_chunk, "chunkOffset", |entry| entry.chunk_offset)
    }),
    of_toc("larger-chunk", Rule::ChunkSequence, |toc, which| {
        toc.add(
            which,
            |entry| entry.chunk_size > 0,
            "chunkSize",
            |entry| entry.chunk_size,
        )
    }),
    of_toc("chunk-before-the-one-before", Rule::ChunkRange, |toc, which| {
        let fits = |at: usize, entry: &TocEntry| {
            let before = at.checked_sub(1).and_then(|before| toc.entries.get(before));
            toc.style != Style::Stargz && is_chunk(entry) && before.is_some_and(|before| before.offset > 0)
        };
        let (at, ..) = toc.one(which, fits)?;
        toc.put(&format!("/entries/{at}/offset"), 1.into())
    }),
    of_toc("negative-size", Rule::EntryCount, |toc, which| {
        toc.odd(which, "size", "-1")
    }),
    of_toc("fraction-for-a-uid", Rule::JsonInteger, |toc, which| {
        toc.odd(which, "uid", "1.0")
    }),
    of_toc("null-for-a-gid", Rule::JsonNull, |toc, which| {
        toc.odd(which, "gid", "null")
    }),
    of_toc("text-for-a-mode", Rule::JsonType, |toc, which| {
        toc.odd(which, "mode", "\"1\"")
    }),
    of_toc("xattr-without-padding", Rule::EntryXattr, |toc, which| {
        toc.odd(which, "xattrs", "{\"user.a\":\"YQ\"}")
    }),
    of_toc("half-of-a-surrogate", Rule::JsonUnicode, |toc, which| {
        toc.odd(which, "linkName", "\"\\ud800\"")
    }),
];
