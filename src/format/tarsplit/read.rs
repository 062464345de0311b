//! Reading the lines of a tar-split.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Entry, File, Segment};
use crate::{
    format::{
        ByteExcerpt, Bytes, Excerpt, Findings, Part, Place, Region, Unread,
        json::{self, Broken, Kind},
        path::go_clean,
    },
    rules::Rule,
};

/// Reads a whole tar-split. None where it is not JSON.
///
/// Reports JSN-01 to JSN-09, TSP-01 to TSP-07 and TSP-09.
///
/// ```
/// use chunkproof::format::{Findings, tarsplit::parse};
///
/// let mut findings = Findings::new();
/// let entries = parse(b"{\"type\":2,\"payload\":\"AAAA\",\"position\":0}\n", &mut findings);
/// assert_eq!(entries.map(|entries| entries.len()), Some(1));
/// assert!(findings.is_empty());
/// ```
pub fn parse(json: &[u8], findings: &mut Findings) -> Option<Vec<Entry>> {
    let mut reader = Reader::new(json);
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry(findings).ok()? {
        entries.push(entry);
    }
    Some(entries)
}

/// Reads one entry of a tar-split after another.
///
/// Of the names it has seen it keeps a set, so memory is bounded by the input.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes before the rest.
    offset: u64,
    /// The line of the rest's first byte, from 1.
    line: u64,
    /// Whether no entry was read yet.
    is_first: bool,
    /// The position that the next entry should have; none if any will do.
    position: Option<i64>,
    /// Cleaned names of files; none if they are not compared.
    names: Option<HashSet<Box<[u8]>>>,
}

/// The longest line that is kept until its end comes, in bytes. A payload that decodes to more than it should would fill
/// memory with a line that has no end.
const LONGEST_LINE: usize = 16 << 20;

/// Reads a tar-split that arrives in pieces, as long as every entry is a line on which nothing is wrong.
///
/// Then no line is kept. Where it is not so, or a line is very long, all of the tar-split has to be [read at once](parse) for a
/// verdict.
#[derive(Debug)]
pub(in crate::format) struct LineReader {
    /// The reader of the lines before.
    reader: Reader<'static>,
    /// What has not been read: the line feed of the last line, and the start of the next one.
    rest: Vec<u8>,
}

impl LineReader {
    /// A reader at the start of the lines.
    pub(in crate::format) fn new() -> Self {
        Self {
            reader: Reader::new(b""),
            rest: Vec::new(),
        }
    }

    /// As [`Self::new`], for lines that were read before and are good: their names are not compared again.
    pub(in crate::format) fn again() -> Self {
        let mut lines = Self::new();
        lines.reader.names = None;
        lines
    }

    /// Takes the next bytes, and gives the entries that are complete to `sink`. False if something is wrong, or a line too long.
    pub(in crate::format) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Entry)) -> bool {
        self.rest.extend_from_slice(bytes);
        let Some(last) = bytes.iter().rposition(|&byte| byte == b'\n') else {
            return self.rest.len() <= LONGEST_LINE;
        };
        let end = self.rest.len().saturating_sub(bytes.len()).saturating_add(last);
        let is_good = self.read(end, sink);
        self.rest.drain(..end);
        is_good
    }

    /// Says that nothing follows. False if something is wrong.
    pub(in crate::format) fn finish(self) -> bool {
        // Nothing but the line feed of the last line is left.
        self.rest == if self.reader.is_first { &b""[..] } else { b"\n" }
    }

    /// Reads as many bytes of what is left.
    fn read(&mut self, end: usize, sink: &mut dyn FnMut(Entry)) -> bool {
        let lines = self.rest.get(..end).unwrap_or_default();
        let mut findings = Findings::new();
        let mut reader = std::mem::replace(&mut self.reader, Reader::new(b"")).at(lines);
        while !reader.rest.is_empty() {
            match reader.next_entry(&mut findings) {
                Ok(Some(entry)) if findings.is_empty() => sink(entry),
                // A line without an entry would be taken for the end.
                _ => return false,
            }
        }
        self.reader = reader.at(b"");
        true
    }
}

impl<'a> Reader<'a> {
    /// A reader at the start of the JSON lines.
    pub fn new(json: &'a [u8]) -> Self {
        Self {
            rest: json,
            offset: 0,
            line: 1,
            is_first: true,
            position: Some(0),
            names: Some(HashSet::new()),
        }
    }

    /// Goes on with these bytes, after all others have been read.
    fn at(self, rest: &[u8]) -> Reader<'_> {
        let Self {
            rest: _,
            offset,
            line,
            is_first,
            position,
            names,
        } = self;
        Reader {
            rest,
            offset,
            line,
            is_first,
            position,
            names,
        }
    }

    /// The next entry; none at the end.
    ///
    /// # Errors
    ///
    /// The rest is not JSON (JSN-01) or nests too deep (JSN-05), which has been reported.
    pub fn next_entry(&mut self, findings: &mut Findings) -> Result<Option<Entry>, Broken> {
        self.separator(findings);
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        Ok(Some(match self.object(findings)? {
            Some(raw) => self.entry(raw, line, findings),
            None => {
                // Whether it was put in or took the place of an entry, the next one tells where counting goes on.
                self.position = None;
                Entry::Unusable(line)
            }
        }))
    }

    /// Takes what is between two entries, or after the last, which should be one line feed (TSP-01, JSN-02).
    fn separator(&mut self, findings: &mut Findings) {
        if !self.is_first {
            self.skip_trailing(findings);
        }
        let length = self.space();
        let (space, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        let expected: &[u8] = if self.is_first { b"" } else { b"\n" };
        if space != expected {
            let detail = describe_space(space, self.is_first, rest.is_empty());
            findings.report(Rule::TarSplitLines, Place::Line(self.line), detail);
        }
        self.is_first = false;
        self.advance(length);
    }

    /// Passes over text that follows an entry on its line and is no further entry.
    fn skip_trailing(&mut self, findings: &mut Findings) {
        let (space, after) = self.rest.split_at_checked(self.space()).unwrap_or((self.rest, &[]));
        let same_line = newlines(space) == 0;
        if same_line && !after.is_empty() && !after.starts_with(b"{") {
            findings.report(
                Rule::JsonTrailing,
                Place::Line(self.line),
                "text after the entry on its line, expected a line feed",
            );
            self.advance(
                self.rest
                    .iter()
                    .position(|&byte| byte == b'\n')
                    .unwrap_or(self.rest.len()),
            );
        }
    }

    /// How much white space comes next, as JSON has it: a form feed is none.
    fn space(&self) -> usize {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let end = self.rest.iter().position(|byte| !is_space(byte));
        end.unwrap_or(self.rest.len())
    }

    fn advance(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.line = self.line.saturating_add(newlines(taken));
        self.offset = self
            .offset
            .saturating_add(u64::try_from(taken.len()).unwrap_or(u64::MAX));
        self.rest = rest;
    }

    /// Reads the object at the start of the rest; none if it is another value.
    fn object(&mut self, findings: &mut Findings) -> Result<Option<Raw>, Broken> {
        let mut reader = json::Reader::at(self.rest, Region::TarSplit, self.offset, findings);
        let raw = if reader.begin_object()? {
            Some(Raw::read(&mut reader, self.line)?)
        } else {
            None
        };
        let length = reader.offset();
        let before = self.line;
        self.advance(length);
        if self.line != before {
            findings.report(
                Rule::TarSplitLines,
                Place::Line(before),
                "the entry spans several lines, expected one line",
            );
        }
        Ok(raw)
    }

    fn entry(&mut self, raw: Raw, line: u64, findings: &mut Findings) -> Entry {
        let place = Place::Line(line);
        self.check_position(raw.position, line, findings);
        let size = match raw.size {
            Field::Absent => Some(0),
            Field::Unreadable => None,
            Field::Value(size) => {
                let read = u64::try_from(size).ok();
                if read.is_none() {
                    let detail = format!("the size is negative: found {size}, expected 0 or more");
                    findings.report(Rule::TarSplitSize, place.clone(), detail);
                }
                read
            }
        };
        match raw.kind {
            Field::Value(2) => match raw.payload {
                Ok(bytes) => Entry::Segment(Segment { bytes, line }),
                Err(NotBase64) => Entry::Unusable(line),
            },
            Field::Value(1) => {
                let crc = match raw.payload {
                    Ok(payload) => read_crc(&payload, size, line, findings),
                    Err(NotBase64) => None,
                };
                let mut unread = Unread::default();
                if size.is_none() {
                    unread.note(Part::Size);
                }
                if raw.names.is_unread() {
                    unread.note(Part::Name);
                }
                let file = File {
                    name: raw.names.choose(line, findings),
                    size: size.unwrap_or_default(),
                    crc,
                    line,
                    unread,
                };
                self.check_unique(&file, findings);
                Entry::File(file)
            }
            Field::Value(other) => {
                let detail = format!("unknown type {other}, expected 1 (file) or 2 (segment)");
                findings.report(Rule::TarSplitType, place, detail);
                Entry::Unusable(line)
            }
            Field::Absent => {
                findings.report(
                    Rule::TarSplitType,
                    place,
                    "the entry has no type, expected 1 (file) or 2 (segment)",
                );
                Entry::Unusable(line)
            }
            Field::Unreadable => Entry::Unusable(line),
        }
    }

    /// Positions count from 0. After one that does not, they count from that one, so that a gap is reported once.
    fn check_position(&mut self, position: Field, line: u64, findings: &mut Findings) {
        let found = match position {
            Field::Value(found) if self.position.is_none_or(|expected| found == expected) => found,
            Field::Unreadable => self.position.unwrap_or(0),
            Field::Value(found) => {
                let detail = format!("the position is {found}, expected {}", self.position.unwrap_or(0));
                findings.report(Rule::TarSplitPosition, Place::Line(line), detail);
                found
            }
            Field::Absent => {
                let expected = self.position.unwrap_or(0);
                let detail = format!("the entry has no position, expected {expected}");
                findings.report(Rule::TarSplitPosition, Place::Line(line), detail);
                expected
            }
        };
        self.position = Some(found.saturating_add(1));
    }

    fn check_unique(&mut self, file: &File, findings: &mut Findings) {
        if !file.unread.has(Part::Name)
            && let Some(names) = &mut self.names
            && !names.insert(go_clean(&file.name).into())
        {
            let detail = format!("duplicate name {}, expected each name once", file.shown());
            findings.report(Rule::TarSplitUnique, Place::Line(file.line), detail);
        }
    }
}

/// The CRC in the payload of a file, which only a file without content may lack (TSP-04).
fn read_crc(payload: &[u8], size: Option<u64>, line: u64, findings: &mut Findings) -> Option<u64> {
    let crc = payload.try_into().ok().map(u64::from_be_bytes);
    if crc.is_none() && (size.is_some_and(|size| size > 0) || !payload.is_empty()) {
        let detail = format!(
            "the payload of a file is not a CRC-64: found {}, expected 8",
            Bytes::of(payload.len())
        );
        findings.report(Rule::TarSplitPayload, Place::Line(line), detail);
    }
    crc
}

/// What is wrong with the white space before an entry or the end, for messages.
fn describe_space(space: &[u8], is_first: bool, is_last: bool) -> &'static str {
    match space {
        b"" if is_last => "no line feed after the last entry, expected one",
        b"" => "two entries without a line feed between them, expected one",
        _ if space.contains(&b'\r') => "carriage return between entries, expected a line feed alone",
        _ if newlines(space) > 1 || (is_first && newlines(space) == 1) => "blank line, expected none",
        _ if is_first => "white space before the first entry, expected none",
        _ if newlines(space) == 1 => "white space around a line feed, expected none",
        _ if is_last => "white space after the last entry, expected a line feed",
        _ => "two entries on one line, expected one",
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    let count = bytes.iter().filter(|&&byte| byte == b'\n').count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The known keys.
#[derive(Clone, Copy)]
enum Key {
    Type,
    Name,
    NameRaw,
    Size,
    Payload,
    Position,
}

const KEYS: &[(&str, Key)] = &[
    ("type", Key::Type),
    ("name", Key::Name),
    ("name_raw", Key::NameRaw),
    ("size", Key::Size),
    ("payload", Key::Payload),
    ("position", Key::Position),
];

/// An integer that an entry should have.
#[derive(Clone, Copy)]
enum Field {
    Absent,
    /// Of another type, or too large; this has been reported.
    Unreadable,
    Value(i64),
}

/// A text is not padded standard base64; this has been reported.
struct NotBase64;

#[derive(Default)]
struct Names {
    name: Option<Vec<u8>>,
    raw: Option<Vec<u8>>,
    /// Whether one of them could not be read.
    is_broken: bool,
}

impl Names {
    /// Whether it is open which name is meant.
    const fn is_unread(&self) -> bool {
        self.is_broken || (self.name.is_some() && self.raw.is_some())
    }

    fn choose(self, line: u64, findings: &mut Findings) -> Vec<u8> {
        if self.name.is_some() && self.raw.is_some() {
            findings.report(
                Rule::TarSplitTwoNames,
                Place::Line(line),
                "the entry has both `name` and `name_raw`, expected one of them",
            );
        }
        if self.name.is_none()
            && let Some(raw) = &self.raw
            && std::str::from_utf8(raw).is_ok()
        {
            let detail = format!(
                "`name_raw` is {}, which is UTF-8, expected it in `name`",
                ByteExcerpt(raw)
            );
            findings.report(Rule::TarSplitRawName, Place::Line(line), detail);
        }
        self.raw
            .filter(|name| !name.is_empty())
            .or(self.name)
            .unwrap_or_default()
    }
}

/// The values of an object, before they are compared with each other.
struct Raw {
    kind: Field,
    names: Names,
    size: Field,
    payload: Result<Vec<u8>, NotBase64>,
    position: Field,
}

impl Raw {
    /// Reads the object that the reader has just entered.
    fn read(reader: &mut json::Reader<'_, '_>, line: u64) -> Result<Self, Broken> {
        let mut raw = Self {
            kind: Field::Absent,
            names: Names::default(),
            size: Field::Absent,
            payload: Ok(Vec::new()),
            position: Field::Absent,
        };
        while let Some(key) = reader.next_field(KEYS)? {
            match key {
                Key::Type => raw.kind = read_field(reader)?,
                Key::Position => raw.position = read_field(reader)?,
                Key::Size => raw.size = read_field(reader)?,
                Key::Name => {
                    raw.names.name = reader.string()?.map(|name| name.into_owned().into_bytes());
                    raw.names.is_broken |= raw.names.name.is_none();
                }
                Key::NameRaw => {
                    raw.names.raw = match reader.string()? {
                        Some(text) => decode(&text, "name_raw", line, reader.findings()).ok(),
                        None => None,
                    };
                    raw.names.is_broken |= raw.names.raw.is_none();
                }
                Key::Payload => {
                    raw.payload = if reader.peek()? == Kind::Null {
                        reader.null()?;
                        Ok(Vec::new())
                    } else {
                        match reader.string()? {
                            Some(text) => decode(&text, "payload", line, reader.findings()),
                            None => Err(NotBase64),
                        }
                    };
                }
            }
        }
        Ok(raw)
    }
}

fn read_field(reader: &mut json::Reader<'_, '_>) -> Result<Field, Broken> {
    Ok(reader.integer()?.map_or(Field::Unreadable, Field::Value))
}

fn decode(text: &str, key: &str, line: u64, findings: &mut Findings) -> Result<Vec<u8>, NotBase64> {
    STANDARD.decode(text).map_err(|_| {
        let detail = format!(
            "invalid {key}: found {}, expected padded standard base64",
            Excerpt(text)
        );
        findings.report(Rule::TarSplitPayload, Place::Line(line), detail);
        NotBase64
    })
}
