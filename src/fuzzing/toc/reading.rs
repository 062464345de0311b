//! A TOC read a second time: slowly, from a tree, and with every rule written down once more.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    forge::{dialect::facts, words::TOC_KEYS},
    format::{
        Dialect, Digest, Unread,
        time::Timestamp,
        toc::{Chunk, Entry, EntryKind, LeftOut, Replaced, Style, Toc, Values},
    },
    fuzzing::{
        object::{Broken, Object, decode},
        tree::{Opinion, Tree, read},
    },
};

/// What the second reading says.
pub(super) enum Said {
    /// In every dialect it is rejected.
    Broken,
    /// It depends on the dialect.
    Document(Document),
    /// There is a number of which the other parser does not know.
    Unknown,
}

/// The records of a TOC, each of which is sound by itself.
pub(super) struct Document {
    tar_split_digest: Option<Digest>,
    records: Vec<Record>,
}

/// An element of `entries`.
struct Record {
    /// None for a chunk.
    kind: Option<EntryKind>,
    entry: Entry,
    offset: Option<u64>,
    end_offset: Option<u64>,
    inner_offset: u64,
    chunk_size: u64,
    chunk_offset: u64,
    chunk_digest: Option<Digest>,
    zeros: bool,
}

/// Reads the bytes.
pub(super) fn say(bytes: &[u8]) -> Said {
    match read(bytes) {
        Opinion::NotJson => Said::Broken,
        Opinion::Unknown => Said::Unknown,
        Opinion::Tree(tree) if tree.has_minus_zero() => Said::Unknown,
        Opinion::Tree(tree) if tree.depth() > 64 || tree.repeats_a_key() => Said::Broken,
        Opinion::Tree(tree) => document(&tree).map_or(Said::Broken, Said::Document),
    }
}

fn document(tree: &Tree) -> Result<Document, Broken> {
    let object = Object::of(tree, &["version", "entries", "tarSplitDigest"])?;
    let elements: &[Tree] = match object.get("entries") {
        Some(Tree::Null) => &[],
        Some(Tree::Array(elements)) => elements,
        _ => return Err(Broken),
    };
    if object.integer("version")? != Some(1) {
        return Err(Broken);
    }
    let records = elements
        .iter()
        .enumerate()
        .map(|(index, element)| record(element, index));
    Ok(Document {
        tar_split_digest: object.digest("tarSplitDigest")?,
        records: records.collect::<Result<_, _>>()?,
    })
}

fn record(tree: &Tree, index: usize) -> Result<Record, Broken> {
    let object = Object::of(tree, &TOC_KEYS)?;
    let kind = match object.text("type")?.ok_or(Broken)? {
        "reg" => Some(EntryKind::Regular),
        "dir" => Some(EntryKind::Directory),
        "symlink" => Some(EntryKind::Symlink),
        "hardlink" => Some(EntryKind::Hardlink),
        "char" => Some(EntryKind::CharDevice),
        "block" => Some(EntryKind::BlockDevice),
        "fifo" => Some(EntryKind::Fifo),
        "chunk" => None,
        _ => return Err(Broken),
    };
    let name = object.text("name")?.ok_or(Broken)?;
    let link_name = object.text("linkName")?.unwrap_or("");
    if name.contains('\0') || link_name.contains('\0') {
        return Err(Broken);
    }
    let text = |key| object.text(key).map(|text| text.unwrap_or("").to_owned());
    let integer = |key| object.integer(key).map(Option::unwrap_or_default);
    let time = |key| match object.text(key)? {
        None => Ok(None),
        Some(text) => read_time(text)
            .map(Some)
            .ok_or(Broken)
            .map(|time| time.filter(|time| !is_unset(*time))),
    };
    let mut xattrs = BTreeMap::new();
    for (key, value) in object.members("xattrs")? {
        let Tree::Text(value) = value else {
            return Err(Broken);
        };
        xattrs.insert(key.clone(), decode(value)?);
    }
    let digest = object.digest("digest")?;
    Ok(Record {
        kind,
        entry: Entry::from(Values {
            kind: kind.unwrap_or(EntryKind::Regular),
            name: name.to_owned(),
            path: clean(name),
            link_name: link_name.to_owned(),
            mode: integer("mode")?,
            size: object.count("size")?.unwrap_or_default(),
            uid: integer("uid")?,
            gid: integer("gid")?,
            user_name: text("userName")?,
            group_name: text("groupName")?,
            modtime: time("modtime")?,
            accesstime: time("accesstime")?,
            changetime: time("changetime")?,
            dev_major: integer("devMajor")?,
            dev_minor: integer("devMinor")?,
            xattrs,
            digest: digest.filter(|_| kind == Some(EntryKind::Regular)),
            chunks: Vec::new(),
            index,
            unread: Unread::default(),
        }),
        offset: object.count("offset")?,
        end_offset: object.count("endOffset")?,
        inner_offset: object.count("innerOffset")?.unwrap_or_default(),
        chunk_size: object.count("chunkSize")?.unwrap_or_default(),
        chunk_offset: object.count("chunkOffset")?.unwrap_or_default(),
        chunk_digest: object.digest("chunkDigest")?,
        zeros: match object.text("chunkType")?.unwrap_or("") {
            "" => false,
            "zeros" => true,
            _ => return Err(Broken),
        },
    })
}

impl Document {
    /// The TOC in this dialect, if no rule is broken.
    pub(super) fn toc(&self, dialect: Dialect) -> Option<Toc> {
        let has_end = self.records.iter().any(|record| record.end_offset.is_some());
        let style = if facts(dialect).by_stargz && !has_end {
            Style::Stargz
        } else {
            Style::Containers
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut rest = self.records.as_slice();
        while let Some((record, after)) = rest.split_first() {
            // A chunk that no file took.
            let kind = record.kind?;
            let mut entry = record.entry.clone();
            rest = after;
            if kind == EntryKind::Regular && entry.size > 0 {
                let count = after.iter().take_while(|other| other.kind.is_none()).count();
                let (chunks, after) = after.split_at_checked(count)?;
                entry.chunks = record.file(chunks, style)?;
                rest = after;
            }
            entries.push(entry);
        }
        let repeated = |at: usize, entry: &Entry| entries.iter().skip(at + 1).any(|later| later.path() == entry.path());
        let (mut last, mut replaced) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            if repeated(at, entry) {
                replaced.push(Replaced {
                    index: entry.index,
                    name: entry.name.clone(),
                });
            } else {
                last.push(entry.clone());
            }
        }
        if facts(dialect).unique_paths && !replaced.is_empty() {
            return None;
        }
        Some(Toc {
            tar_split_digest: self.tar_split_digest,
            style,
            entries: last,
            replaced,
            left_out: LeftOut::default(),
        })
    }
}

impl Record {
    /// The chunks of a file that is not empty: its own and those that follow.
    fn file(&self, others: &[Self], style: Style) -> Option<Vec<Chunk>> {
        self.entry.digest?;
        let end = self.end_offset;
        if style == Style::Containers && end? <= self.offset? {
            return None;
        }
        let parts: Vec<&Self> = std::iter::once(self).chain(others).collect();
        let (mut at, mut chunks) = (0_u128, Vec::new());
        for (number, part) in parts.iter().enumerate() {
            let next = parts.get(number + 1);
            let left = u128::from(self.entry.size).checked_sub(at)?;
            let size = match (part.chunk_size, next) {
                (0, None) => left,
                (size, _) => size.into(),
            };
            let fills = if next.is_none() { size == left } else { size < left };
            let follows = part.entry.name == self.entry.name && u128::from(part.chunk_offset) == at;
            if size == 0 || !fills || !follows {
                return None;
            }
            let start = part.start(style)?;
            let stop = next.map_or(end, |next| next.start(style));
            let shares = style == Style::Stargz
                && next.is_some_and(|next| next.start(style) == Some(start) && next.inner_offset > part.inner_offset);
            // The last one of stargz has no end.
            if stop.is_none_or(|stop| stop <= start) && !shares && !(next.is_none() && style == Style::Stargz) {
                return None;
            }
            chunks.push(Chunk {
                offset: start,
                end: stop.filter(|_| style == Style::Containers),
                inner_offset: if style == Style::Stargz { part.inner_offset } else { 0 },
                file_offset: part.chunk_offset,
                size: size.try_into().ok()?,
                digest: part.chunk_digest,
                zeros: part.zeros,
            });
            at += size;
        }
        Some(chunks)
    }

    /// Where the range begins. Stargz leaves out a zero, and content can be packed into the member at the start of the blob.
    fn start(&self, style: Style) -> Option<u64> {
        let packed = style == Style::Stargz && self.inner_offset > 0;
        self.offset.or(packed.then_some(0))
    }
}

/// The name as a path from the root.
fn clean(name: &str) -> String {
    let mut path: Vec<&str> = Vec::new();
    for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            path.pop();
        } else {
            path.push(part);
        }
    }
    path.join("/")
}

/// Second 0 of year 0, in seconds since 1970.
const YEAR_ZERO: i64 = -62_167_219_200;
const DAY: i64 = 86_400;

/// A time as RFC 3339 has it. None if it is not one.
fn read_time(text: &str) -> Option<Timestamp> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (head, rest) = text.split_at_checked(19)?;
    let shape = head.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    if !shape.eq(*b"0000-00-00T00:00:00") {
        return None;
    }
    let field = |from: usize, to: usize| -> Option<i64> { head.get(from..to)?.parse().ok() };
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => {
            let length = rest.find(|letter: char| !letter.is_ascii_digit())?;
            rest.split_at_checked(length)
                .filter(|(fraction, _)| !fraction.is_empty())?
        }
    };
    let ahead = match (zone.get(..1)?, zone.len()) {
        ("Z", 1) => 0,
        (sign @ ("+" | "-"), 6) => {
            let (hours, minutes) = (zone.get(1..3)?, zone.get(4..6)?);
            if zone.get(3..4)? != ":" || !digits(hours) || !digits(minutes) {
                return None;
            }
            let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if sign == "+" { 1 } else { -1 }
        }
        _ => return None,
    };
    let leap = |year: i64| i64::from((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1)?;
    if day < 1 || day > *months.get(before)? || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Leap years before this one, year 0 among them.
    let leaps = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let days = 365 * year + leaps + months.iter().take(before).sum::<i64>() + day - 1;
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let seconds = YEAR_ZERO + days * DAY + hour * 3600 + minute * 60 + second - ahead;
    // In UTC, too, the year has four digits.
    if !(YEAR_ZERO..YEAR_ZERO + 3_652_425 * DAY).contains(&seconds) {
        return None;
    }
    Timestamp::from_unix(seconds, nanos.parse().ok()?)
}

fn is_unset(time: Timestamp) -> bool {
    time.nanos() == 0 && [0, YEAR_ZERO + 366 * DAY].contains(&time.seconds())
}

/// Padded standard base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
