//! The TOC: the table of contents, which writers of the format also call the manifest.
//!
//! The TOC is one JSON object. Its array `entries` has an entry for every file, directory and other member of the layer,
//! in the order of the tar, with the metadata of its header; for a regular file it also says where in the blob the
//! compressed content lies and what its digest is, so that a client can fetch single files. `version` is 1. From g5 on
//! `tarSplitDigest` authenticates the tar-split. The format comes from CRFS by way of eStargz, whose writer, in its
//! zstd:chunked mode, still makes g1 layers in a [style](Style) of its own.
//!
//! A large file is cut into chunks that can be fetched one by one. Its `reg` entry describes the file as a whole and its
//! first chunk; the others follow as entries of type `chunk` with the same name:
//!
//! ```json
//! {"type": "reg", "name": "a", "size": 9, "digest": "sha256:...", "offset": 40, "endOffset": 90,
//!  "chunkSize": 5, "chunkDigest": "sha256:..."},
//! {"type": "chunk", "name": "a", "offset": 70, "chunkOffset": 5, "chunkSize": 4, "chunkDigest": "sha256:..."}
//! ```
//!
//! The frames of a chunk end where those of the next one begin, and those of the last one at the `endOffset` of the
//! file. [`parse`] folds the chunks into their file, so that an [`Entry`] is a member of the layer.
//!
//! Rules: TOC-02 to TOC-18 and ANN-08 for digests; JSN-01 to JSN-09. That the ranges lie in the blob and decode to what
//! the TOC promises is for the layer to check.

mod entry;
mod file;
mod record;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
};

pub use self::entry::Entry;
pub(crate) use self::entry::Values;
use self::{
    file::Folder,
    record::{Given, Record, read_digest},
};
use crate::{
    format::{
        Dialect, Digest, Excerpt, Findings, Place, Region,
        json::{Broken, Kind, Reader},
    },
    rules::Rule,
};

/// The content of a TOC.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Toc {
    /// Digest of the compressed tar-split payload, where the TOC has it (g5).
    pub tar_split_digest: Option<Digest>,
    /// Which family of writers the TOC is from.
    pub style: Style,
    /// The members of the layer, in the order of the TOC. No two have the same path.
    pub entries: Vec<Entry>,
    /// Entries that a later one of the same path replaces, in the order of the TOC.
    pub replaced: Vec<Replaced>,
    /// Elements that could be entries and are not among them, since a rule is broken.
    pub left_out: LeftOut,
}

/// Elements of a TOC that could be entries, but have no usable name or type, which has been reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The names of those that have one.
    pub names: Vec<String>,
    /// How many have none.
    pub nameless: usize,
}

/// An entry that does not count, since a later one has the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replaced {
    /// Position in the JSON array, from 0.
    pub index: usize,
    /// The name as the TOC has it.
    pub name: String,
}

/// How a TOC says where content ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// As containers/storage writes it: the `endOffset` of a file is given, and its range decodes to its content.
    Containers,
    /// As stargz-snapshotter writes it, in g1: there is no `endOffset`. A range goes on to the next offset in the TOC
    /// and begins, after the chunk's inner offset, with the content.
    Stargz,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// `reg`
    Regular,
    /// `dir`
    Directory,
    /// `symlink`
    Symlink,
    /// `hardlink`
    Hardlink,
    /// `char`
    CharDevice,
    /// `block`
    BlockDevice,
    /// `fifo`
    Fifo,
}

impl EntryKind {
    /// The kind of a tar entry with this type flag; none for types that a TOC does not have.
    pub const fn from_typeflag(typeflag: u8) -> Option<Self> {
        Some(match typeflag {
            b'0' | 0 => Self::Regular,
            b'1' => Self::Hardlink,
            b'2' => Self::Symlink,
            b'3' => Self::CharDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            _ => return None,
        })
    }

    /// The type as the TOC names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regular => "reg",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::CharDevice => "char",
            Self::BlockDevice => "block",
            Self::Fifo => "fifo",
        }
    }
}

/// A part of a regular file that can be fetched and decoded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunk {
    /// Where its frames begin, in bytes from the start of the blob.
    pub offset: u64,
    /// Where its frames end, likewise; none in the [style](Style) of stargz, and after the offset unless a rule is
    /// broken.
    pub end: Option<u64>,
    /// Where its content begins in the decoded frames. Other than 0 only in the style of stargz.
    pub inner_offset: u64,
    /// Where its content begins in the file.
    pub file_offset: u64,
    /// Length of its content in bytes.
    pub size: u64,
    /// Digest of its content, where the TOC has one.
    pub digest: Option<Digest>,
    /// Whether its content is claimed to be nothing but zeros, so that it need not be fetched.
    pub zeros: bool,
}

/// Reads the decompressed TOC of a layer of this dialect.
///
/// Returns none if the text is not a JSON object. Entries that have no usable name or type are left out.
///
/// ```
/// use chunkproof::format::{Dialect, Findings, toc::{EntryKind, parse}};
///
/// let mut findings = Findings::new();
/// let json = br#"{"version": 1, "entries": [{"type": "dir", "name": "etc/", "mode": 493}]}"#;
/// let toc = parse(json, Dialect::G2, &mut findings).expect("it is an object");
/// assert!(findings.is_empty());
/// assert_eq!((toc.entries[0].kind, toc.entries[0].path()), (EntryKind::Directory, "etc"));
/// ```
pub fn parse(json: &[u8], dialect: Dialect, findings: &mut Findings) -> Option<Toc> {
    parse_in(json, dialect, None, findings)
}

/// Reads the TOC of an eStargz layer, whose [style](Style) is known: its readers ignore an `endOffset` like any other
/// unknown key.
///
/// Returns none if the text is not a JSON object. Entries that have no usable name or type are left out.
pub fn parse_stargz(json: &[u8], findings: &mut Findings) -> Option<Toc> {
    parse_in(json, Dialect::G1, Some(Style::Stargz), findings)
}

/// As [`parse`], and lets go of the text as soon as it has been read.
pub(in crate::format) fn parse_owned(json: Vec<u8>, dialect: Dialect, findings: &mut Findings) -> Option<Toc> {
    parse_in(json, dialect, None, findings)
}

/// Reads a TOC of this dialect in the style that is given, or else in the one that its keys tell.
fn parse_in(json: impl AsRef<[u8]>, dialect: Dialect, style: Option<Style>, findings: &mut Findings) -> Option<Toc> {
    let document = Document::read(json.as_ref(), findings).ok()??;
    drop(json);
    match document.version {
        Given::Absent => findings.report(Rule::TocVersion, whole(), "the TOC has no `version`, expected 1"),
        Given::Value(1) | Given::Unusable => {}
        Given::Value(other) => {
            let place = Place::Pointer("/version".to_owned());
            findings.report(Rule::TocVersion, place, format!("`version` is {other}, expected 1"));
        }
    }
    let folder = document.entries.unwrap_or_else(|| {
        findings.report(Rule::TocEntries, whole(), "the TOC has no `entries`, expected an array");
        Folder::unreadable()
    });
    let style = style.unwrap_or(if dialect.facts().by_stargz && !folder.has_end_offset() {
        Style::Stargz
    } else {
        Style::Containers
    });
    let (mut entries, left_out) = folder.finish(style, findings);
    let replaced = take_repeated(&mut entries, dialect, findings);
    Some(Toc {
        tar_split_digest: document.tar_split_digest.value(),
        style,
        entries,
        replaced,
        left_out,
    })
}

/// The object as it was read.
#[derive(Default)]
struct Document {
    version: Given<i64>,
    tar_split_digest: Given<Digest>,
    entries: Option<Folder>,
}

#[derive(Clone, Copy)]
enum Field {
    Version,
    Entries,
    TarSplitDigest,
}

impl Document {
    const FIELDS: &[(&'static str, Field)] = &[
        ("version", Field::Version),
        ("entries", Field::Entries),
        ("tarSplitDigest", Field::TarSplitDigest),
    ];

    fn read(json: &[u8], findings: &mut Findings) -> Result<Option<Self>, Broken> {
        let mut reader = Reader::new(json, Region::Toc, findings);
        let found = reader.peek()?;
        if found != Kind::Object {
            let detail = format!("expected an object, found {}", found.name());
            reader.findings().report(Rule::TocEntries, whole(), detail);
            reader.skip()?;
            reader.finish();
            return Ok(None);
        }
        let mut document = Self::default();
        reader.begin_object()?;
        while let Some(field) = reader.next_field(Self::FIELDS)? {
            match field {
                Field::Version => document.version = reader.integer()?.into(),
                Field::Entries => document.entries = Some(read_entries(&mut reader)?),
                Field::TarSplitDigest => {
                    let place = || Place::Pointer("/tarSplitDigest".to_owned());
                    document.tar_split_digest = read_digest(&mut reader, place)?;
                }
            }
        }
        reader.finish();
        Ok(Some(document))
    }
}

fn read_entries(reader: &mut Reader<'_, '_>) -> Result<Folder, Broken> {
    let mut folder = Folder::default();
    if reader.null()? {
        return Ok(folder);
    }
    let found = reader.peek()?;
    if found != Kind::Array {
        let place = Place::Pointer("/entries".to_owned());
        let detail = format!("expected an array or null, found {}", found.name());
        reader.findings().report(Rule::TocEntries, place, detail);
        reader.skip()?;
        return Ok(Folder::unreadable());
    }
    reader.begin_array()?;
    let mut index = 0usize;
    while reader.next_element()? {
        let record = Record::read(reader, index)?;
        folder.push(record, reader.findings());
        index = index.saturating_add(1);
    }
    Ok(folder)
}

/// Takes out every entry that a later one of the same path replaces; the later one stays in its own place. From g3 on there
/// must be none (TOC-07); before, writers took over whatever the tar repeats, and the last one counts (TOC-08).
fn take_repeated(entries: &mut Vec<Entry>, dialect: Dialect, findings: &mut Findings) -> Vec<Replaced> {
    let hasher = RandomState::new();
    let hash = |entry: &Entry| hasher.hash_one(entry.path());
    // In nearly all TOCs no path is there twice, and in all of them only few paths need be known by more than their hashes.
    let mut hashes: Vec<u64> = entries.iter().map(hash).collect();
    hashes.sort_unstable();
    let pairs = hashes.iter().zip(hashes.iter().skip(1));
    let again: HashSet<u64> = pairs.filter(|(one, next)| one == next).map(|(&one, _)| one).collect();
    drop(hashes);
    if again.is_empty() {
        return Vec::new();
    }
    let mut last = HashMap::new();
    let mut replaced = vec![false; entries.len()];
    for (position, entry) in entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| again.contains(&hash(entry)))
    {
        let Some(earlier) = last.insert(entry.path(), position) else {
            continue;
        };
        if let Some(replaced) = replaced.get_mut(earlier) {
            *replaced = true;
        }
        if dialect.facts().unique_paths {
            let index = entries.get(earlier).map_or(0, |entry| entry.index);
            let detail = format!(
                "{} is the same path as that of entry {index}, expected each path once",
                Excerpt(&entry.name)
            );
            findings.report(Rule::EntryUnique, pointer(entry.index, "name"), detail);
        }
    }
    let mut replaced = replaced.into_iter();
    entries
        .extract_if(.., |_| replaced.next() == Some(true))
        .map(|entry| Replaced {
            index: entry.index,
            name: entry.name,
        })
        .collect()
}

const fn whole() -> Place {
    Place::Whole(Region::Toc)
}

/// The place of a field of an entry.
fn pointer(index: usize, field: &str) -> Place {
    Place::Pointer(format!("/entries/{index}/{field}"))
}
