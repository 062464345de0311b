//! Points in the records of PAX headers.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::{
    super::pax::{LIBARCHIVE_XATTR, Records, XATTR},
    Point,
};

/// The records whose values are numbers or times.
const NUMBERS: [&[u8]; 6] = [b"uid", b"gid", b"size", b"mtime", b"atime", b"ctime"];

/// The header that records belong to.
pub(in crate::format::tar) struct Extended<'a> {
    /// The name in it.
    pub(in crate::format::tar) name: &'a [u8],
    /// The size in it.
    pub(in crate::format::tar) size: i64,
}

/// Points in the records of an entry that is not sparse.
pub(in crate::format::tar) fn of_entry(records: &Records, header: &Extended<'_>, points: &mut Vec<Point>) {
    if records.is_empty() {
        return;
    }
    for value in NUMBERS.iter().filter_map(|key| records.get(key)) {
        match value.first() {
            None => Point::EmptyValues.add_to(points),
            Some(b'+') => Point::SignedValues.add_to(points),
            Some(_) => {}
        }
    }
    if records.get(b"linkpath").is_some_and(<[u8]>::is_empty) {
        Point::EmptyLinkRecord.add_to(points);
    }
    of_sparse(records, header, points);
    if has_other_xattrs(records) {
        Point::LibarchiveXattrs.add_to(points);
    }
}

/// Points in the records of sparse files.
fn of_sparse(records: &Records, header: &Extended<'_>, points: &mut Vec<Point>) {
    let given = |key: &[u8]| records.get(key).filter(|value| !value.is_empty());
    let name = given(b"path").unwrap_or(header.name);
    if given(b"GNU.sparse.name").is_some_and(|other| other != name) {
        Point::SparseName.add_to(points);
    }
    if given(b"GNU.sparse.major").is_some() {
        Point::SparseMajor.add_to(points);
    } else if given(b"GNU.sparse.minor").is_some() {
        Point::SparseMinor.add_to(points);
    }
    let size = given(b"size").map_or(Some(header.size), number);
    // What is not a number is another size to a reader that stops at the first byte which is not a digit.
    let is_other = |value: &[u8]| number(value).is_none_or(|value| Some(value) != size);
    let sizes = [b"GNU.sparse.size".as_slice(), b"GNU.sparse.realsize"];
    if sizes.into_iter().filter_map(given).any(is_other) {
        Point::SparseSize.add_to(points);
    }
    if let Some(value) = given(b"SCHILY.realsize").filter(|value| is_other(value)) {
        let is_larger = number(value).is_some_and(|value| Some(value) > size);
        let point = if is_larger {
            Point::StarRealsizeLarger
        } else {
            Point::StarRealsizeSmaller
        };
        point.add_to(points);
    }
}

/// Points in the records of a global header, which go with it.
pub(in crate::format::tar) fn of_global(records: &Records, points: &mut Vec<Point>) {
    for (key, value) in records.iter() {
        match key {
            // No tree has them.
            b"atime" | b"ctime" => {}
            b"size" if value.is_empty() => {}
            b"size" if number(value) == Some(0) => Point::GlobalSizeZero.add_to(points),
            b"size" => Point::GlobalSize.add_to(points),
            key if !value.is_empty() || key.starts_with(XATTR) => Point::GlobalRecords.add_to(points),
            _ => {}
        }
    }
}

/// Whether libarchive's records give an attribute that star's records do not, or another value of one. bsdtar writes each
/// attribute in both.
fn has_other_xattrs(records: &Records) -> bool {
    records.iter().any(|(key, value)| {
        let Some(name) = key.strip_prefix(LIBARCHIVE_XATTR) else {
            return false;
        };
        let same = [XATTR, &unescaped(name)].concat();
        let end = value
            .iter()
            .rposition(|&byte| byte != b'=')
            .map_or(0, |last| last.saturating_add(1));
        records
            .get(&same)
            .is_none_or(|same| STANDARD_NO_PAD.encode(same).as_bytes() != value.get(..end).unwrap_or_default())
    })
}

/// A name in which bytes may be `%` and two hexadecimal digits.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.split_at_checked(2).filter(|_| first == b'%');
        let escaped = digits.and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = escaped.unwrap_or((first, after));
        out.push(byte);
        rest = after;
    }
    out
}

fn number(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}
