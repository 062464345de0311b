//! A tar-split read a second time, from trees that another parser of JSON made.

use std::collections::BTreeSet;

use crate::{
    format::{
        Unread,
        tarsplit::{Entry, File, Segment},
    },
    fuzzing::{
        object::{Broken, Object, decode},
        tree::{Opinion, Tree, read},
    },
};

/// What the second reading says.
pub(super) enum Said {
    /// These entries.
    Entries(Vec<Entry>),
    /// A rule is broken.
    Broken,
    /// There is a number of which the other parser does not know.
    Unknown,
}

/// The rules of a tar-split read naively.
pub(super) fn read_lines(bytes: &[u8]) -> Said {
    if bytes.is_empty() {
        return Said::Entries(Vec::new());
    }
    let Some(bytes) = bytes.strip_suffix(b"\n") else {
        return Said::Broken;
    };
    let mut entries = Vec::new();
    let mut names = BTreeSet::new();
    let mut unknown = false;
    for (position, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        // White space is allowed in an object, but not around it.
        if !line.starts_with(b"{") || !line.ends_with(b"}") {
            return Said::Broken;
        }
        match read(line) {
            Opinion::NotJson => return Said::Broken,
            Opinion::Unknown => unknown = true,
            Opinion::Tree(tree) if tree.has_minus_zero() => unknown = true,
            Opinion::Tree(tree) => match entry(&tree, position) {
                Err(Broken) => return Said::Broken,
                Ok(Entry::File(file)) if !names.insert(clean(&file.name)) => return Said::Broken,
                Ok(entry) => entries.push(entry),
            },
        }
    }
    if unknown { Said::Unknown } else { Said::Entries(entries) }
}

/// The keys of an entry.
pub(super) const KEYS: [&str; 6] = ["type", "name", "name_raw", "size", "payload", "position"];

fn entry(tree: &Tree, position: usize) -> Result<Entry, Broken> {
    if tree.depth() > 64 || tree.repeats_a_key() {
        return Err(Broken);
    }
    let object = Object::of(tree, &KEYS)?;
    let number = u64::try_from(position).map_err(|_| Broken)?;
    if object.count("position")? != Some(number) {
        return Err(Broken);
    }
    let size = object.count("size")?.unwrap_or_default();
    let name = object.text("name")?;
    let raw = object.base64("name_raw")?;
    let payload = match object.get("payload") {
        None | Some(Tree::Null) => Vec::new(),
        Some(Tree::Text(text)) => decode(text)?,
        Some(_) => return Err(Broken),
    };
    let line = number + 1;
    match object.integer("type")? {
        Some(2) => Ok(Entry::Segment(Segment { bytes: payload, line })),
        // `name_raw` is only for names that are not UTF-8.
        Some(1)
            if raw
                .as_ref()
                .is_none_or(|raw| name.is_none() && String::from_utf8(raw.clone()).is_err()) =>
        {
            Ok(Entry::File(File {
                name: raw.unwrap_or_else(|| name.unwrap_or_default().into()),
                size,
                crc: match payload.first_chunk() {
                    Some(crc) if payload.len() == 8 => Some(u64::from_be_bytes(*crc)),
                    None if payload.is_empty() && size == 0 => None,
                    _ => return Err(Broken),
                },
                line,
                unread: Unread::default(),
            }))
        }
        _ => Err(Broken),
    }
}

/// The name as Go cleans paths: `..` at the start stays, unless the path begins at the root.
fn clean(name: &[u8]) -> (bool, Vec<Vec<u8>>) {
    let is_rooted = name.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => drop(parts.pop()),
            b".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    (is_rooted, parts.into_iter().map(<[u8]>::to_vec).collect())
}
