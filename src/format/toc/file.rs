//! Files and their chunks (TOC-11, TOC-13, TOC-14, TOC-16).
//!
//! Chunks are folded into their files while the TOC is read. Whether the files are sound can only be said at its end,
//! when it is known whether any entry had an end offset. Only files with content are kept for that.

use std::borrow::Cow;

use super::{
    Chunk, Entry, EntryKind, LeftOut, Style, Values, pointer,
    record::{Given, Record, RecordKind},
};
use crate::{
    format::{Bytes, Digest, Excerpt, Findings, Part, Place, path},
    rules::Rule,
};

/// Folds elements of `entries` into entries.
#[derive(Debug, Default)]
pub(super) struct Folder {
    entries: Vec<Entry>,
    files: Vec<File>,
    left_out: LeftOut,
    owner: Owner,
    has_end_offset: bool,
}

/// What a chunk that comes next belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Owner {
    /// To nothing.
    #[default]
    Nothing,
    /// To the last file, which is the last entry.
    File,
    /// To the last entry, an empty file, which has no chunks.
    EmptyFile,
    /// To something that is reported already.
    Unknown,
}

impl Folder {
    /// What is known of elements that cannot be read at all: there can be any number.
    pub(super) fn unreadable() -> Self {
        Self {
            left_out: LeftOut {
                names: Vec::new(),
                nameless: usize::MAX,
            },
            ..Self::default()
        }
    }

    /// Whether an element had the key `endOffset`.
    pub(super) const fn has_end_offset(&self) -> bool {
        self.has_end_offset
    }

    /// Takes the next element; none for one that could not be read and is reported.
    pub(super) fn push(&mut self, record: Option<Record<'_>>, findings: &mut Findings) {
        let Some(record) = record else {
            self.leave_out(Given::Unusable);
            return;
        };
        self.has_end_offset |= !record.end_offset.is_absent();
        match record.kind {
            Given::Value(RecordKind::Chunk) => self.push_chunk(&record, findings),
            Given::Value(RecordKind::Entry(kind)) => self.push_entry(kind, record),
            Given::Absent | Given::Unusable => self.leave_out(record.name),
        }
    }

    /// Passes over an element of this name that can be anything: an entry, or a chunk of the file before it.
    fn leave_out(&mut self, name: Given<Cow<'_, str>>) {
        let is_other = matches!((&name, self.entries.last()), (Given::Value(name), Some(entry)) if *name != entry.name);
        if self.owner == Owner::File
            && !is_other
            && let Some(file) = self.files.last_mut()
        {
            file.complete = false;
        }
        match name.value() {
            Some(name) => self.left_out.names.push(name.into_owned()),
            None => self.left_out.nameless = self.left_out.nameless.saturating_add(1),
        }
        self.owner = Owner::Unknown;
    }

    /// The entries, after the chunks of their files have been checked.
    pub(super) fn finish(mut self, style: Style, findings: &mut Findings) -> (Vec<Entry>, LeftOut) {
        for file in self.files {
            let is_sound = file.check(style, findings);
            if let Some(entry) = self.entries.get_mut(file.position) {
                entry.chunks = file.chunks(style);
                if !is_sound {
                    entry.unread.note(Part::Ranges);
                }
            }
        }
        (self.entries, self.left_out)
    }

    fn push_entry(&mut self, kind: EntryKind, record: Record<'_>) {
        let file = File::new(self.entries.len(), &record);
        let Some(entry) = new_entry(kind, record) else {
            self.left_out.nameless = self.left_out.nameless.saturating_add(1);
            self.owner = Owner::Unknown;
            return;
        };
        self.entries.push(entry);
        self.owner = match (kind, file.size) {
            (EntryKind::Regular, Given::Absent | Given::Value(0)) => Owner::EmptyFile,
            (EntryKind::Regular, Given::Unusable) => Owner::Unknown,
            (EntryKind::Regular, Given::Value(_)) => {
                self.files.push(file);
                Owner::File
            }
            _ => Owner::Nothing,
        };
    }

    fn push_chunk(&mut self, record: &Record<'_>, findings: &mut Findings) {
        let follows = match (&record.name, self.entries.last()) {
            (Given::Value(name), Some(entry)) => *name == entry.name,
            _ => true,
        };
        let (rule, detail) = match (self.owner, self.files.last_mut()) {
            (Owner::Unknown, _) => return,
            (Owner::File, Some(file)) if follows => {
                file.others.push(Span::new(record));
                return;
            }
            (Owner::File, file) => {
                // What is then missing in the file is a consequence.
                if let Some(file) = file {
                    file.complete = false;
                }
                let file = self.entries.last().map(|entry| entry.name.as_str()).unwrap_or_default();
                let detail = format!(
                    "{} follows the file {}, expected a chunk of that file",
                    subject(record),
                    Excerpt(file)
                );
                (Rule::ChunkFollows, detail)
            }
            (Owner::EmptyFile, _) if follows => (
                Rule::ChunkSequence,
                "an empty file has a chunk, expected none".to_owned(),
            ),
            (Owner::EmptyFile | Owner::Nothing, _) => (
                Rule::ChunkFollows,
                format!("{} does not follow a regular file of that name", subject(record)),
            ),
        };
        findings.report(rule, entry_place(record.index), detail);
        self.owner = Owner::Unknown;
    }
}

/// A chunk as messages name it.
fn subject(record: &Record<'_>) -> String {
    match &record.name {
        Given::Value(name) => format!("the chunk of {}", Excerpt(name)),
        Given::Absent | Given::Unusable => "the chunk".to_owned(),
    }
}

/// The entry of this element, without its chunks; none if it has no name.
fn new_entry(kind: EntryKind, record: Record<'_>) -> Option<Entry> {
    let name = record.name.value()?.into_owned();
    Some(Entry::from(Values {
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
        digest: record.digest.value().filter(|_| kind == EntryKind::Regular),
        chunks: Vec::new(),
        index: record.index,
        unread: record.unread,
    }))
}

/// Where the content of a regular file is, as it is written and not checked yet.
#[derive(Debug)]
struct File {
    /// Position among the entries.
    position: usize,
    size: Given<u64>,
    has_digest: bool,
    end: Given<u64>,
    /// The first chunk, and the others that followed it.
    first: Span,
    others: Vec<Span>,
    /// Whether all chunks that belong to the file are among them.
    complete: bool,
}

/// A chunk as it is written. There can be millions.
#[derive(Debug)]
struct Span {
    index: usize,
    /// Those of its numbers that have a value; the others are 0.
    values: [u64; 4],
    /// Bits of the numbers that are there.
    given: u8,
    /// Bits of those among them that can be used.
    usable: u8,
    zeros: bool,
    digest: Option<Box<Digest>>,
}

/// A number of a chunk, by its place among the values.
#[derive(Clone, Copy)]
enum Number {
    Offset,
    InnerOffset,
    FileOffset,
    Size,
}

impl File {
    fn new(position: usize, record: &Record<'_>) -> Self {
        Self {
            position,
            size: record.size,
            has_digest: !record.digest.is_absent(),
            end: record.end_offset,
            first: Span::new(record),
            others: Vec::new(),
            complete: true,
        }
    }

    /// Whether it is known where the content of the file is. Where it is not, that is reported.
    fn check(&self, style: Style, findings: &mut Findings) -> bool {
        let before = findings.count();
        if self.check_indexed(style, findings) {
            self.check_ranges(style, findings);
        }
        if self.complete {
            self.check_sequence(findings);
        }
        let is_read = self.end != Given::Unusable && self.spans().all(Span::is_read);
        is_read && self.complete && findings.count() == before
    }

    fn size(&self) -> u64 {
        self.size.value().unwrap_or(0)
    }

    fn spans(&self) -> impl Iterator<Item = &Span> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Whether the file has digest, offset and end offset (TOC-11).
    fn check_indexed(&self, style: Style, findings: &mut Findings) -> bool {
        let offset = self.first.offset(style);
        let needs_end = style == Style::Containers;
        let missing: Vec<&str> = [
            ("no `digest`", !self.has_digest),
            ("no `offset`", offset.is_absent()),
            ("no `endOffset`", needs_end && self.end.is_absent()),
        ]
        .iter()
        .filter_map(|&(key, absent)| absent.then_some(key))
        .collect();
        let detail = match (offset, self.end) {
            _ if !missing.is_empty() => {
                let missing = missing.join(" and ");
                format!("regular file of {} has {missing}", Bytes(self.size()))
            }
            (Given::Value(offset), Given::Value(end)) if needs_end && end <= offset => {
                format!("`endOffset` is {end}, expected more than {offset}, the `offset`")
            }
            _ => return true,
        };
        findings.report(Rule::FileIndexed, entry_place(self.first.index), detail);
        false
    }

    /// That the chunks are contiguous in the file and fill it (TOC-14).
    fn check_sequence(&self, findings: &mut Findings) {
        let mut position = 0u64;
        for (followers, span) in (0..=self.others.len()).rev().zip(self.spans()) {
            let start = span.number(Number::FileOffset);
            if start == Given::Unusable || span.number(Number::Size) == Given::Unusable {
                return;
            }
            let start = start.value().unwrap_or(0);
            if start != position {
                let detail = format!("the chunk begins at byte {start} of its file, expected {position}");
                findings.report(Rule::ChunkSequence, pointer(span.index, "chunkOffset"), detail);
                return;
            }
            let left = self.size().saturating_sub(position);
            let last = followers == 0;
            let size = span.explicit_size().unwrap_or(if last { left } else { 0 });
            if size == 0 || size > left || (last && size < left) {
                let expected = if last {
                    format!("{left}, the rest of its file")
                } else {
                    format!("1 to {left}")
                };
                let detail = format!("the chunk has {}, expected {expected}", Bytes(size));
                findings.report(Rule::ChunkSequence, pointer(span.index, "chunkSize"), detail);
                return;
            }
            position = position.saturating_add(size);
        }
    }

    /// That the frames of the chunks come one after the other (TOC-16).
    fn check_ranges(&self, style: Style, findings: &mut Findings) {
        for (before, span) in self.spans().zip(&self.others) {
            let (start, next) = match (before.offset(style), span.offset(style)) {
                (Given::Value(start), Given::Value(next)) => (start, next),
                (_, Given::Absent) => {
                    let detail = "the chunk has no `offset`";
                    findings.report(Rule::ChunkRange, entry_place(span.index), detail);
                    return;
                }
                _ => return,
            };
            if [before, span]
                .map(|span| span.number(Number::InnerOffset))
                .contains(&Given::Unusable)
            {
                return;
            }
            let shares_frame = style == Style::Stargz && next == start && before.inner() < span.inner();
            if next <= start && !shares_frame {
                let detail = format!(
                    "the chunk begins at offset {next}, expected more than {start}, where the chunk before it begins"
                );
                findings.report(Rule::ChunkRange, pointer(span.index, "offset"), detail);
                return;
            }
        }
        let last = self.others.last().unwrap_or(&self.first).offset(style);
        if let (Given::Value(last), Given::Value(end), Style::Containers) = (last, self.end, style)
            && last >= end
        {
            let detail = format!("`endOffset` is {end}, expected more than {last}, where the last chunk begins");
            findings.report(Rule::ChunkRange, pointer(self.first.index, "endOffset"), detail);
        }
    }

    /// The chunks as far as they can be made out.
    fn chunks(&self, style: Style) -> Vec<Chunk> {
        let offsets = self.others.iter().map(|span| span.offset(style).value());
        let ends = offsets.chain([self.end.value()]);
        let chunks = self.spans().zip(ends).filter_map(|(span, end)| {
            let file_offset = span.number(Number::FileOffset).value().unwrap_or(0);
            Some(Chunk {
                offset: span.offset(style).value()?,
                end: end.filter(|_| style == Style::Containers),
                inner_offset: if style == Style::Stargz { span.inner() } else { 0 },
                file_offset,
                size: span.explicit_size().unwrap_or(self.size().saturating_sub(file_offset)),
                digest: span.digest.as_deref().copied(),
                zeros: span.zeros,
            })
        });
        // Nearly every file has one chunk, and there can be millions: no spare capacity.
        let mut exact = Vec::with_capacity(self.others.len().saturating_add(1));
        exact.extend(chunks);
        exact
    }
}

impl Span {
    fn new(record: &Record<'_>) -> Self {
        let numbers = [
            record.offset,
            record.inner_offset,
            record.chunk_offset,
            record.chunk_size,
        ];
        let bits = |is: fn(&Given<u64>) -> bool| {
            let bits = numbers.iter().zip([1, 2, 4, 8]);
            bits.fold(0, |all, (number, bit)| if is(number) { all | bit } else { all })
        };
        Self {
            index: record.index,
            values: numbers.map(|number| number.value().unwrap_or_default()),
            given: bits(|number| !number.is_absent()),
            usable: bits(|number| matches!(number, Given::Value(_))),
            zeros: record.zeros,
            digest: record.chunk_digest.value().map(Box::new),
        }
    }

    fn number(&self, number: Number) -> Given<u64> {
        let [offset, inner_offset, file_offset, size] = self.values;
        let (value, bit) = match number {
            Number::Offset => (offset, 1),
            Number::InnerOffset => (inner_offset, 2),
            Number::FileOffset => (file_offset, 4),
            Number::Size => (size, 8),
        };
        match (self.given & bit, self.usable & bit) {
            (0, _) => Given::Absent,
            (_, 0) => Given::Unusable,
            _ => Given::Value(value),
        }
    }

    /// Whether no number of it breaks a rule.
    const fn is_read(&self) -> bool {
        self.given == self.usable
    }

    /// The size, unless the chunk goes on to the end of the file. Writers leave out what is zero, so zero is absent.
    fn explicit_size(&self) -> Option<u64> {
        self.number(Number::Size).value().filter(|&size| size != 0)
    }

    /// Where the range begins. Writers leave out what is zero, and stargz packs the first content into the member at the
    /// start of the blob if a minimum chunk size is set: then the entry has an inner offset and no offset.
    fn offset(&self, style: Style) -> Given<u64> {
        let offset = self.number(Number::Offset);
        if style == Style::Stargz && offset.is_absent() && self.inner() > 0 {
            return Given::Value(0);
        }
        offset
    }

    fn inner(&self) -> u64 {
        self.number(Number::InnerOffset).value().unwrap_or(0)
    }
}

/// The place of an entry as a whole.
fn entry_place(index: usize) -> Place {
    Place::Pointer(format!("/entries/{index}"))
}
