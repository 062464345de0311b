//! PAX extended header records.
//!
//! The body of a PAX header is a sequence of records `length key=value\n`, whose length is decimal and counts the whole
//! record, itself included. Of a key that is there twice the last record counts, and an empty value leaves the field of
//! the header as it is. Keys that no field comes from are left alone.

use std::collections::BTreeMap;

use super::Entry;
use crate::{
    format::{ByteExcerpt, Bytes, Findings, Part, Place, Region, Unread, time::Timestamp},
    rules::Rule,
};

/// Before the name of an extended attribute, whose value is the bytes of the record.
pub(super) const XATTR: &[u8] = b"SCHILY.xattr.";

/// Before the escaped name of an extended attribute, whose value is in base64. No value of an entry is read from it.
pub(super) const LIBARCHIVE_XATTR: &[u8] = b"LIBARCHIVE.xattr.";

const SPARSE_MAP: &[u8] = b"GNU.sparse.map";

/// The records of one PAX header that a reader acts upon, this one or another.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Value by key.
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Where the header block of these records is in the tar.
    offset: u64,
    /// Whether a bad record hides those after it.
    is_broken: bool,
}

impl Records {
    /// Reads the body of the PAX header that starts at `offset` of the tar. What is before the first bad record is
    /// kept.
    pub(super) fn parse(body: &[u8], offset: u64, findings: &mut Findings) -> Self {
        let mut records = Self {
            values: BTreeMap::new(),
            offset,
            is_broken: false,
        };
        let mut sparse = SparseMap::default();
        let mut rest = body;
        while !rest.is_empty() {
            let taken = Record::take(rest).and_then(|(record, after)| {
                sparse.take(&record)?;
                Ok((record, after))
            });
            match taken {
                Ok((record, after)) => {
                    records.insert(record);
                    rest = after;
                }
                Err(detail) => {
                    let index = body.len().saturating_sub(rest.len());
                    findings.report(
                        Rule::TarExtension,
                        Place::Byte(Region::Tar, offset),
                        format!("malformed PAX record at byte {index} of the body: {detail}"),
                    );
                    records.is_broken = true;
                    break;
                }
            }
        }
        if let Some(map) = sparse.joined() {
            records.values.insert(SPARSE_MAP.to_vec(), map);
        }
        records
    }

    fn insert(&mut self, record: Record<'_>) {
        let known = matches!(
            record.key,
            b"path"
                | b"linkpath"
                | b"size"
                | b"uid"
                | b"gid"
                | b"uname"
                | b"gname"
                | b"mtime"
                | b"atime"
                | b"ctime"
                | b"GNU.sparse.major"
                | b"GNU.sparse.minor"
                | b"GNU.sparse.name"
                | b"GNU.sparse.size"
                | b"GNU.sparse.realsize"
                | b"SCHILY.realsize"
                | SPARSE_MAP
        ) || record.key.starts_with(XATTR)
            || record.key.starts_with(LIBARCHIVE_XATTR);
        if known {
            self.values.insert(record.key.to_vec(), record.value.to_vec());
        }
    }

    /// Whether no reader acts upon any of them.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a key, which may be empty; none if there is no such record.
    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.values.get(key).map(Vec::as_slice)
    }

    /// Keys and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.values
            .iter()
            .map(|(key, value)| (key.as_slice(), value.as_slice()))
    }

    fn value(&self, key: &[u8]) -> &[u8] {
        self.get(key).unwrap_or_default()
    }

    /// Whether the records say that the file is stored sparse, in GNU's formats 0.0, 0.1 or 1.0. A version that no one
    /// knows is an ordinary file.
    pub(super) fn is_sparse(&self) -> bool {
        match (self.value(b"GNU.sparse.major"), self.value(b"GNU.sparse.minor")) {
            (b"0", b"0" | b"1") | (b"1", b"0") => true,
            (b"", b"") => !self.value(SPARSE_MAP).is_empty(),
            _ => false,
        }
    }

    /// Puts the records' values into the entry, and returns the size that they give instead of the header's.
    ///
    /// None if the size cannot be read, since then nothing after the header has meaning. Another value that cannot be
    /// read is reported (TAR-02) and left out.
    pub(super) fn apply(self, entry: &mut Entry, size: i64, findings: &mut Findings) -> Option<i64> {
        let mut size = Some(size);
        if self.is_broken {
            entry.unread = Unread::ALL;
        }
        for (key, value) in self.values {
            if let Some(name) = key.strip_prefix(XATTR) {
                entry.xattrs.insert(name.to_vec(), value);
                continue;
            }
            if value.is_empty() {
                continue;
            }
            let read = match key.as_slice() {
                b"path" => replace(&mut entry.name, Some(value.clone())),
                b"linkpath" => replace(&mut entry.link_name, Some(value.clone())),
                b"uname" => replace(&mut entry.user_name, Some(value.clone())),
                b"gname" => replace(&mut entry.group_name, Some(value.clone())),
                b"uid" => replace(&mut entry.uid, integer(&value)),
                b"gid" => replace(&mut entry.gid, integer(&value)),
                b"mtime" => replace(&mut entry.modtime, time(&value).map(Some)),
                b"atime" => replace(&mut entry.accesstime, time(&value).map(Some)),
                b"ctime" => replace(&mut entry.changetime, time(&value).map(Some)),
                b"size" => {
                    size = integer(&value);
                    size.is_some()
                }
                _ => true,
            };
            if !read {
                match key.as_slice() {
                    b"uid" => entry.unread.note(Part::Uid),
                    b"gid" => entry.unread.note(Part::Gid),
                    b"mtime" => entry.unread.note(Part::ModTime),
                    b"atime" => entry.unread.note(Part::AccessTime),
                    b"ctime" => entry.unread.note(Part::ChangeTime),
                    _ => {}
                }
                findings.report(
                    Rule::TarExtension,
                    Place::Byte(Region::Tar, self.offset),
                    format!(
                        "the value of the PAX record {} is not a number: found {}, expected a decimal number",
                        key.escape_ascii(),
                        ByteExcerpt(&value),
                    ),
                );
            }
        }
        size
    }
}

/// Replaces the field by a value that could be read, and says whether it could.
fn replace<T>(field: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) => {
            *field = value;
            true
        }
        None => false,
    }
}

/// A decimal number with an optional sign.
fn integer(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Decimal seconds with an optional sign and fraction; digits past nanoseconds are cut off.
fn time(value: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: u32 = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect::<String>()
        .parse()
        .ok()?;
    if !whole.starts_with('-') || nanos == 0 {
        return Timestamp::from_unix(seconds, nanos);
    }
    // -1.25 is a quarter of a second before -1.
    Timestamp::from_unix(seconds.checked_sub(1)?, 1_000_000_000_u32.checked_sub(nanos)?)
}

/// One record.
struct Record<'a> {
    key: &'a [u8],
    value: &'a [u8],
}

impl<'a> Record<'a> {
    /// Takes the first record off the body; the error says what is wrong with it.
    fn take(body: &'a [u8]) -> Result<(Self, &'a [u8]), String> {
        let space = body
            .iter()
            .position(|&byte| byte == b' ')
            .ok_or("no space after the length, expected one")?;
        let (digits, _) = body.split_at(space);
        let length = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<i64>().ok())
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(|| {
                format!(
                    "the length is not a number: found {}, expected a decimal number",
                    ByteExcerpt(digits)
                )
            })?;
        let (record, after) = body.split_at_checked(length).ok_or_else(|| {
            format!(
                "the length exceeds the body: found {}, expected at most {}",
                Bytes::of(length),
                body.len()
            )
        })?;
        let content = record
            .get(space..)
            .and_then(|spaced| spaced.strip_prefix(b" "))
            .ok_or_else(|| {
                format!(
                    "the length is too small: found {}, expected room for a key and a value",
                    Bytes::of(length)
                )
            })?;
        let content = content
            .strip_suffix(b"\n")
            .ok_or("no line feed at the end of the record, expected one")?;
        let equals = content
            .iter()
            .position(|&byte| byte == b'=')
            .ok_or("no equals sign between key and value, expected one")?;
        let (key, value) = content.split_at(equals);
        let value = value.strip_prefix(b"=").unwrap_or_default();
        if key.is_empty() {
            return Err("the key is empty, expected at least 1 byte".to_owned());
        }
        let text = match key {
            b"path" | b"linkpath" | b"uname" | b"gname" => value,
            _ => key,
        };
        if text.contains(&0) {
            let part = if text == key { "key" } else { "value" };
            return Err(format!(
                "the {part} of {} has a NUL byte, expected none",
                ByteExcerpt(key)
            ));
        }
        Ok((Self { key, value }, after))
    }
}

/// The map of a sparse file in GNU's format 0.0: records of offset and length, again and again.
#[derive(Default)]
struct SparseMap {
    map: Vec<u8>,
    numbers: u64,
}

impl SparseMap {
    fn take(&mut self, record: &Record<'_>) -> Result<(), String> {
        let is_offset = match record.key {
            b"GNU.sparse.offset" => true,
            b"GNU.sparse.numbytes" => false,
            _ => return Ok(()),
        };
        if is_offset != self.numbers.is_multiple_of(2) || record.value.contains(&b',') {
            return Err("the sparse map is out of order, expected offsets and lengths in turn".to_owned());
        }
        if self.numbers > 0 {
            self.map.push(b',');
        }
        self.map.extend_from_slice(record.value);
        self.numbers = self.numbers.saturating_add(1);
        Ok(())
    }

    fn joined(self) -> Option<Vec<u8>> {
        (self.numbers > 0).then_some(self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::Records;
    use crate::format::Findings;

    /// As archive/tar of Go joins the records of a map in GNU's format 0.0: one without a value is no map, two of them are.
    #[test]
    fn a_sparse_map_is_what_its_records_are_joined_to() {
        let offset = "22 GNU.sparse.offset=\n";
        let length = "24 GNU.sparse.numbytes=\n";
        for (body, expected) in [
            (String::new(), false),
            (offset.to_owned(), false),
            (format!("{offset}{length}"), true),
            ("23 GNU.sparse.offset=0\n".to_owned(), true),
            ("20 GNU.sparse.map=0\n".to_owned(), true),
            ("19 GNU.sparse.map=\n".to_owned(), false),
        ] {
            let mut findings = Findings::new();
            let records = Records::parse(body.as_bytes(), 0, &mut findings);
            assert_eq!(findings.list(), [], "{body}");
            assert_eq!(records.is_sparse(), expected, "{body}");
        }
    }
}
