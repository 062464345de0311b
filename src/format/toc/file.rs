//! Files and their chunks (TOC-11, TOC-13, TOC-14, TOC-16).
//!
//! Chunks are folded into their files while the TOC is read. Whether the files are sound can only be said at its end,
//! when it is known whether any entry had an end offset.

use super::{
    Chunk, Entry, EntryKind, Style, pointer,
    record::{Given, Record, RecordKind},
};
use crate::{
    format::{Digest, Findings, Place, path},
    rules::Rule,
};

/// Folds elements of `entries` into entries.
#[derive(Debug, Default)]
pub(super) struct Folder {
    members: Vec<Member>,
    owner: Owner,
    has_end_offset: bool,
}

/// What a chunk that comes next belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Owner {
    /// To nothing.
    #[default]
    Nothing,
    /// To the last member, a regular file.
    LastMember,
    /// To something that is reported already.
    Unknown,
}

impl Folder {
    /// Whether an element had the key `endOffset`.
    pub(super) const fn has_end_offset(&self) -> bool {
        self.has_end_offset
    }

    /// Takes the next element; none for one that could not be read and is reported.
    pub(super) fn push(&mut self, record: Option<Record<'_>>, findings: &mut Findings) {
        let Some(record) = record else {
            self.owner = Owner::Unknown;
            return;
        };
        self.has_end_offset |= !record.end_offset.is_absent();
        match record.kind {
            Given::Value(RecordKind::Chunk) => self.push_chunk(&record, findings),
            Given::Value(RecordKind::Entry(kind)) => self.push_entry(kind, record),
            Given::Absent | Given::Unusable => self.owner = Owner::Unknown,
        }
    }

    /// The entries, after their chunks have been checked.
    pub(super) fn finish(self, style: Style, findings: &mut Findings) -> Vec<Entry> {
        let members = self.members.into_iter();
        members.map(|member| member.finish(style, findings)).collect()
    }

    fn push_entry(&mut self, kind: EntryKind, record: Record<'_>) {
        self.owner = match (&record.name, kind) {
            (Given::Absent | Given::Unusable, _) => Owner::Unknown,
            (Given::Value(_), EntryKind::Regular) => Owner::LastMember,
            (Given::Value(_), _) => Owner::Nothing,
        };
        self.members.extend(Member::new(kind, record));
    }

    fn push_chunk(&mut self, record: &Record<'_>, findings: &mut Findings) {
        let place = || pointer(record.index, "name");
        let owner = match self.owner {
            Owner::Unknown => return,
            Owner::LastMember => self.members.last_mut(),
            Owner::Nothing => None,
        };
        let Some(file) = owner else {
            let detail = "found a chunk without a regular file before it, expected one";
            findings.report(Rule::ChunkFollows, place(), detail);
            self.owner = Owner::Unknown;
            return;
        };
        match &record.name {
            Given::Value(name) if *name != file.entry.name => {
                let detail = "found a chunk with another name than the file before it, expected the same";
                findings.report(Rule::ChunkFollows, place(), detail);
                // What is missing in the file is a consequence.
                file.complete = false;
                self.owner = Owner::Unknown;
            }
            _ => file.spans.push(Span::new(record)),
        }
    }
}

/// An entry whose chunks have not been checked.
#[derive(Debug)]
struct Member {
    entry: Entry,
    size: Given<u64>,
    digest: Given<Digest>,
    end: Given<u64>,
    /// What a regular file's entry and its chunks say of where content is.
    spans: Vec<Span>,
    /// Whether all chunks that belong to the file are among them.
    complete: bool,
}

/// A chunk as it is written.
#[derive(Debug)]
struct Span {
    index: usize,
    offset: Given<u64>,
    inner_offset: Given<u64>,
    file_offset: Given<u64>,
    size: Given<u64>,
    digest: Option<Digest>,
    zeros: bool,
}

impl Member {
    fn new(kind: EntryKind, record: Record<'_>) -> Option<Self> {
        let regular = kind == EntryKind::Regular;
        let spans = if regular { vec![Span::new(&record)] } else { Vec::new() };
        let name = record.name.value()?.into_owned();
        let entry = Entry {
            kind,
            path: path::from_root(&name).path,
            name,
            link_name: record.link_name.into_owned(),
            mode: record.mode,
            size: record.size.value().unwrap_or_default(),
            uid: record.uid,
            gid: record.gid,
            user_name: record.user_name.into_owned(),
            group_name: record.group_name.into_owned(),
            modtime: record.modtime,
            accesstime: record.accesstime,
            changetime: record.changetime,
            dev_major: record.dev_major,
            dev_minor: record.dev_minor,
            xattrs: record.xattrs,
            digest: record.digest.value().filter(|_| regular),
            chunks: Vec::new(),
            index: record.index,
        };
        Some(Self {
            entry,
            size: record.size,
            digest: record.digest,
            end: record.end_offset,
            spans,
            complete: true,
        })
    }

    fn finish(mut self, style: Style, findings: &mut Findings) -> Entry {
        if self.entry.kind != EntryKind::Regular || self.size == Given::Unusable {
            return self.entry;
        }
        if self.entry.size == 0 {
            self.refuse_chunks(findings);
            return self.entry;
        }
        if self.check_indexed(style, findings) {
            self.check_ranges(style, findings);
        }
        if self.complete {
            self.check_sequence(findings);
        }
        self.entry.chunks = self.chunks(style);
        self.entry
    }

    /// An empty file has no chunks.
    fn refuse_chunks(&self, findings: &mut Findings) {
        if let Some(chunk) = self.spans.get(1) {
            let detail = "found a chunk of an empty file, expected none";
            findings.report(Rule::ChunkSequence, entry_place(chunk.index), detail);
        }
    }

    /// Whether the file has digest, offset and end offset (TOC-11).
    fn check_indexed(&self, style: Style, findings: &mut Findings) -> bool {
        let offset = self.spans.first().map_or(Given::Absent, |span| span.offset);
        let needs_end = style == Style::Containers;
        let missing: Vec<&str> = [
            ("digest", self.digest.is_absent()),
            ("offset", offset.is_absent()),
            ("endOffset", needs_end && self.end.is_absent()),
        ]
        .iter()
        .filter_map(|&(key, absent)| absent.then_some(key))
        .collect();
        let detail = match (offset, self.end) {
            _ if !missing.is_empty() => {
                let missing = missing.join(" and ");
                format!(
                    "found a file of {} bytes without {missing}, expected it",
                    self.entry.size
                )
            }
            (Given::Value(offset), Given::Value(end)) if needs_end && end <= offset => {
                format!("found end offset {end}, expected one after offset {offset}")
            }
            _ => return true,
        };
        findings.report(Rule::FileIndexed, entry_place(self.entry.index), detail);
        false
    }

    /// That the chunks are contiguous in the file and fill it (TOC-14).
    fn check_sequence(&self, findings: &mut Findings) {
        let mut position = 0u64;
        for (nth, span) in (1usize..).zip(&self.spans) {
            if span.file_offset == Given::Unusable || span.size == Given::Unusable {
                return;
            }
            let start = span.file_offset.value().unwrap_or(0);
            if start != position {
                let detail = format!("found a chunk at {start} in its file, expected {position}");
                findings.report(Rule::ChunkSequence, pointer(span.index, "chunkOffset"), detail);
                return;
            }
            let left = self.entry.size.saturating_sub(position);
            let last = nth == self.spans.len();
            let size = span.explicit_size().unwrap_or(if last { left } else { 0 });
            if size == 0 || size > left || (last && size < left) {
                let least = if last { left } else { 1 };
                let detail = format!("found a chunk of {size} bytes, expected {least} to {left}");
                findings.report(Rule::ChunkSequence, pointer(span.index, "chunkSize"), detail);
                return;
            }
            position = position.saturating_add(size);
        }
    }

    /// That the frames of the chunks come one after the other (TOC-16).
    fn check_ranges(&self, style: Style, findings: &mut Findings) {
        for (before, span) in self.spans.iter().zip(self.spans.iter().skip(1)) {
            let (start, next) = match (before.offset, span.offset) {
                (Given::Value(start), Given::Value(next)) => (start, next),
                (_, Given::Absent) => {
                    let detail = "found a chunk without offset, expected one";
                    findings.report(Rule::ChunkRange, entry_place(span.index), detail);
                    return;
                }
                _ => return,
            };
            if span.inner_offset == Given::Unusable || before.inner_offset == Given::Unusable {
                return;
            }
            let shares_frame = style == Style::Stargz && next == start && before.inner() < span.inner();
            if next <= start && !shares_frame {
                let detail = format!("found a chunk at offset {next}, expected it after the one before at {start}");
                findings.report(Rule::ChunkRange, pointer(span.index, "offset"), detail);
                return;
            }
        }
        let last = self.spans.last().map_or(Given::Absent, |span| span.offset);
        if let (Given::Value(last), Given::Value(end), Style::Containers) = (last, self.end, style)
            && last >= end
        {
            let detail = format!("found end offset {end}, expected one after the last chunk's offset {last}");
            findings.report(Rule::ChunkRange, pointer(self.entry.index, "endOffset"), detail);
        }
    }

    /// The chunks as far as they can be made out.
    fn chunks(&self, style: Style) -> Vec<Chunk> {
        let offsets = self.spans.iter().skip(1).map(|span| span.offset.value());
        let ends = offsets.chain([self.end.value()]);
        let with_end = self.spans.iter().zip(ends);
        let chunks = with_end.filter_map(|(span, end)| {
            let file_offset = span.file_offset.value().unwrap_or(0);
            Some(Chunk {
                offset: span.offset.value()?,
                end: end.filter(|_| style == Style::Containers),
                inner_offset: if style == Style::Stargz { span.inner() } else { 0 },
                file_offset,
                size: span
                    .explicit_size()
                    .unwrap_or(self.entry.size.saturating_sub(file_offset)),
                digest: span.digest,
                zeros: span.zeros,
            })
        });
        chunks.collect()
    }
}

impl Span {
    fn new(record: &Record<'_>) -> Self {
        Self {
            index: record.index,
            offset: record.offset,
            inner_offset: record.inner_offset,
            file_offset: record.chunk_offset,
            size: record.chunk_size,
            digest: record.chunk_digest.value(),
            zeros: record.zeros,
        }
    }

    /// The size, unless the chunk goes on to the end of the file. Writers leave out what is zero, so zero is absent.
    fn explicit_size(&self) -> Option<u64> {
        self.size.value().filter(|&size| size != 0)
    }

    fn inner(&self) -> u64 {
        self.inner_offset.value().unwrap_or(0)
    }
}

/// The place of an entry as a whole.
fn entry_place(index: usize) -> Place {
    Place::Pointer(format!("/entries/{index}"))
}
