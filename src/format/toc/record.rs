//! One element of `entries`, as it is written.

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{EntryKind, pointer};
use crate::{
    format::{
        Digest, DigestError, Excerpt, Part, Place, Unread,
        json::{Broken, Reader},
        time::Timestamp,
    },
    rules::Rule,
};

/// What is known of a value: checks that build on it have to tell a missing one from one that is reported already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// The key is there, but its value breaks a rule, which has been reported.
    Unusable,
    /// The value.
    Value(T),
}

impl<T> Given<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unusable => None,
        }
    }

    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> From<Option<T>> for Given<T> {
    fn from(read: Option<T>) -> Self {
        read.map_or(Self::Unusable, Self::Value)
    }
}

/// The type of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordKind {
    Entry(EntryKind),
    Chunk,
}

impl RecordKind {
    fn from_name(name: &str) -> Option<Self> {
        let kind = match name {
            "reg" => EntryKind::Regular,
            "dir" => EntryKind::Directory,
            "symlink" => EntryKind::Symlink,
            "hardlink" => EntryKind::Hardlink,
            "char" => EntryKind::CharDevice,
            "block" => EntryKind::BlockDevice,
            "fifo" => EntryKind::Fifo,
            "chunk" => return Some(Self::Chunk),
            _ => return None,
        };
        Some(Self::Entry(kind))
    }
}

/// One element of `entries`: an entry with its first chunk, or a further chunk.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    pub(super) index: usize,
    pub(super) kind: Given<RecordKind>,
    pub(super) name: Given<Cow<'a, str>>,
    pub(super) link_name: Cow<'a, str>,
    pub(super) mode: i64,
    pub(super) size: Given<u64>,
    pub(super) uid: i64,
    pub(super) gid: i64,
    pub(super) user_name: Cow<'a, str>,
    pub(super) group_name: Cow<'a, str>,
    pub(super) modtime: Option<Timestamp>,
    pub(super) accesstime: Option<Timestamp>,
    pub(super) changetime: Option<Timestamp>,
    pub(super) dev_major: i64,
    pub(super) dev_minor: i64,
    pub(super) xattrs: BTreeMap<String, Vec<u8>>,
    pub(super) digest: Given<Digest>,
    pub(super) offset: Given<u64>,
    pub(super) end_offset: Given<u64>,
    pub(super) inner_offset: Given<u64>,
    pub(super) chunk_size: Given<u64>,
    pub(super) chunk_offset: Given<u64>,
    pub(super) chunk_digest: Given<Digest>,
    pub(super) zeros: bool,
    pub(super) unread: Unread,
}

#[derive(Clone, Copy)]
enum Field {
    Type,
    Name,
    LinkName,
    Mode,
    Size,
    Uid,
    Gid,
    UserName,
    GroupName,
    ModTime,
    AccessTime,
    ChangeTime,
    DevMajor,
    DevMinor,
    Xattrs,
    Digest,
    Offset,
    EndOffset,
    InnerOffset,
    ChunkSize,
    ChunkOffset,
    ChunkDigest,
    ChunkType,
}

const FIELDS: &[(&str, Field)] = &[
    ("type", Field::Type),
    ("name", Field::Name),
    ("linkName", Field::LinkName),
    ("mode", Field::Mode),
    ("size", Field::Size),
    ("uid", Field::Uid),
    ("gid", Field::Gid),
    ("userName", Field::UserName),
    ("groupName", Field::GroupName),
    ("modtime", Field::ModTime),
    ("accesstime", Field::AccessTime),
    ("changetime", Field::ChangeTime),
    ("devMajor", Field::DevMajor),
    ("devMinor", Field::DevMinor),
    ("xattrs", Field::Xattrs),
    ("digest", Field::Digest),
    ("offset", Field::Offset),
    ("endOffset", Field::EndOffset),
    ("innerOffset", Field::InnerOffset),
    ("chunkSize", Field::ChunkSize),
    ("chunkOffset", Field::ChunkOffset),
    ("chunkDigest", Field::ChunkDigest),
    ("chunkType", Field::ChunkType),
];

impl<'a> Record<'a> {
    /// Reads the element of this index; none if it is no object.
    pub(super) fn read(reader: &mut Reader<'a, '_>, index: usize) -> Result<Option<Self>, Broken> {
        if !reader.begin_object()? {
            return Ok(None);
        }
        let mut record = Self {
            index,
            ..Self::default()
        };
        while let Some(field) = reader.next_field(FIELDS)? {
            record.read_field(field, reader)?;
        }
        record.require(reader);
        Ok(Some(record))
    }

    fn read_field(&mut self, field: Field, reader: &mut Reader<'a, '_>) -> Result<(), Broken> {
        let index = self.index;
        match field {
            Field::Type => self.kind = read_type(reader, index)?,
            Field::Name => {
                let name = read_name(reader, index)?;
                self.note(Part::Name, name.as_ref().filter(|name| !name.contains('\0')));
                self.name = name.into();
            }
            Field::LinkName => {
                let name = read_name(reader, index)?;
                self.note(Part::LinkName, name.as_ref().filter(|name| !name.contains('\0')));
                self.link_name = name.unwrap_or_default();
            }
            Field::Mode => self.mode = self.read_number(Part::Mode, reader)?,
            Field::Size => {
                self.size = read_count(reader, index)?;
                self.note(Part::Size, self.size.value());
            }
            Field::Uid => self.uid = self.read_number(Part::Uid, reader)?,
            Field::Gid => self.gid = self.read_number(Part::Gid, reader)?,
            Field::UserName => self.user_name = reader.string()?.unwrap_or_default(),
            Field::GroupName => self.group_name = reader.string()?.unwrap_or_default(),
            Field::ModTime => self.modtime = self.read_time(Part::ModTime, reader)?,
            Field::AccessTime => self.accesstime = self.read_time(Part::AccessTime, reader)?,
            Field::ChangeTime => self.changetime = self.read_time(Part::ChangeTime, reader)?,
            Field::DevMajor => self.dev_major = self.read_number(Part::DevMajor, reader)?,
            Field::DevMinor => self.dev_minor = self.read_number(Part::DevMinor, reader)?,
            Field::Xattrs => {
                let (xattrs, is_whole) = read_xattrs(reader, index)?;
                self.note(Part::Xattrs, is_whole.then_some(()));
                self.xattrs = xattrs;
            }
            Field::Digest => self.digest = read_digest(reader, || pointer(index, "digest"))?,
            Field::Offset => self.offset = read_count(reader, index)?,
            Field::EndOffset => self.end_offset = read_count(reader, index)?,
            Field::InnerOffset => self.inner_offset = read_count(reader, index)?,
            Field::ChunkSize => self.chunk_size = read_count(reader, index)?,
            Field::ChunkOffset => self.chunk_offset = read_count(reader, index)?,
            Field::ChunkDigest => self.chunk_digest = read_digest(reader, || pointer(index, "chunkDigest"))?,
            Field::ChunkType => self.zeros = read_chunk_type(reader, index)?,
        }
        Ok(())
    }

    /// Notes that a part could not be read, unless there is a value. A key that is there twice has been reported as such.
    fn note<T>(&mut self, part: Part, value: Option<T>) {
        if value.is_none() {
            self.unread.note(part);
        }
    }

    fn read_number(&mut self, part: Part, reader: &mut Reader<'a, '_>) -> Result<i64, Broken> {
        let number = reader.integer()?;
        self.note(part, number);
        Ok(number.unwrap_or_default())
    }

    /// Reads a time; none if a writer means "no time" by it.
    fn read_time(&mut self, part: Part, reader: &mut Reader<'a, '_>) -> Result<Option<Timestamp>, Broken> {
        let time = read_time(reader, self.index)?;
        self.note(part, time);
        Ok(time.filter(|time| !time.is_unset()))
    }

    /// Reports a missing type or name.
    fn require(&self, reader: &mut Reader<'_, '_>) {
        let place = || Place::Pointer(format!("/entries/{}", self.index));
        if self.kind.is_absent() {
            let detail = "the entry has no `type`";
            reader.findings().report(Rule::EntryType, place(), detail);
        }
        if self.name.is_absent() {
            let detail = "the entry has no `name`";
            reader.findings().report(Rule::EntryName, place(), detail);
        }
    }
}

/// Reads a digest; the place is that of the field.
pub(super) fn read_digest(reader: &mut Reader<'_, '_>, place: impl FnOnce() -> Place) -> Result<Given<Digest>, Broken> {
    let Some(text) = reader.string()? else {
        return Ok(Given::Unusable);
    };
    let (rule, problem, expected) = match text.parse() {
        Ok(digest) => return Ok(Given::Value(digest)),
        Err(DigestError::OtherAlgorithm) => (Rule::DigestAlgorithm, "unsupported algorithm of digest", "sha256"),
        Err(DigestError::Malformed) => (
            Rule::EntryDigest,
            "malformed digest",
            "`sha256:` and 64 lower-case hexadecimal digits",
        ),
    };
    let detail = format!("{problem} {}, expected {expected}", Excerpt(&text));
    reader.findings().report(rule, place(), detail);
    Ok(Given::Unusable)
}

fn read_type(reader: &mut Reader<'_, '_>, index: usize) -> Result<Given<RecordKind>, Broken> {
    let Some(name) = reader.string()? else {
        return Ok(Given::Unusable);
    };
    let kind = RecordKind::from_name(&name);
    if kind.is_none() {
        let detail = format!(
            "`type` is {}, expected reg, dir, symlink, hardlink, char, block, fifo or chunk",
            Excerpt(&name)
        );
        reader
            .findings()
            .report(Rule::EntryType, pointer(index, "type"), detail);
    }
    Ok(kind.into())
}

/// Reads a name or link name. One with a NUL byte is reported, and returned all the same.
fn read_name<'a>(reader: &mut Reader<'a, '_>, index: usize) -> Result<Option<Cow<'a, str>>, Broken> {
    let name = reader.string()?;
    if name.as_ref().is_some_and(|name| name.contains('\0')) {
        let place = pointer(index, reader.field());
        let detail = format!("`{}` has a NUL byte", reader.field());
        reader.findings().report(Rule::EntryName, place, detail);
    }
    Ok(name)
}

/// Reads a size or an offset.
fn read_count(reader: &mut Reader<'_, '_>, index: usize) -> Result<Given<u64>, Broken> {
    let Some(number) = reader.integer()? else {
        return Ok(Given::Unusable);
    };
    let count = u64::try_from(number).ok();
    if count.is_none() {
        let place = pointer(index, reader.field());
        let detail = format!("`{}` is {number}, expected 0 or more", reader.field());
        reader.findings().report(Rule::EntryCount, place, detail);
    }
    Ok(count.into())
}

fn read_time(reader: &mut Reader<'_, '_>, index: usize) -> Result<Option<Timestamp>, Broken> {
    let Some(text) = reader.string()? else {
        return Ok(None);
    };
    let Ok(time) = text.parse::<Timestamp>() else {
        let field = reader.field();
        let detail = format!(
            "`{field}` is {}, expected an RFC 3339 time in the years 0 to 9999 UTC, such as 2023-11-14T22:13:20Z",
            Excerpt(&text)
        );
        reader.findings().report(Rule::EntryTime, pointer(index, field), detail);
        return Ok(None);
    };
    Ok(Some(time))
}

/// Reads extended attributes, and whether all of them can be read.
fn read_xattrs(reader: &mut Reader<'_, '_>, index: usize) -> Result<(BTreeMap<String, Vec<u8>>, bool), Broken> {
    let mut xattrs = BTreeMap::new();
    if !reader.begin_object()? {
        return Ok((xattrs, false));
    }
    let mut is_whole = true;
    while let Some(key) = reader.next_member()? {
        let Some(text) = reader.string()? else {
            is_whole = false;
            continue;
        };
        match STANDARD.decode(text.as_bytes()) {
            Ok(value) => drop(xattrs.insert(key.into_owned(), value)),
            Err(_) => {
                is_whole = false;
                let escaped = key.replace('~', "~0").replace('/', "~1");
                let place = pointer(index, &format!("xattrs/{escaped}"));
                let detail = format!(
                    "the value of an extended attribute is {}, expected padded standard base64",
                    Excerpt(&text)
                );
                reader.findings().report(Rule::EntryXattr, place, detail);
            }
        }
    }
    Ok((xattrs, is_whole))
}

/// Reads the type of a chunk: whether it is `zeros`.
fn read_chunk_type(reader: &mut Reader<'_, '_>, index: usize) -> Result<bool, Broken> {
    let Some(name) = reader.string()? else {
        return Ok(false);
    };
    if !matches!(&*name, "" | "zeros") {
        let detail = format!("`chunkType` is {}, expected `zeros` or an empty string", Excerpt(&name));
        reader
            .findings()
            .report(Rule::ChunkType, pointer(index, "chunkType"), detail);
    }
    Ok(name == "zeros")
}
