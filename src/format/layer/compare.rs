//! The TOC held against the headers of the tar.
//!
//! A client that pulls in part creates files from the TOC alone; whoever exports or scans the layer sees the tar. If the
//! two differ, what is inspected is not what runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    format::{
        Dialect, Findings, Place, Region,
        path::from_root,
        planted::{self, Defect},
        tar,
        time::Timestamp,
        toc::{Entry, EntryKind, Style, Toc},
    },
    rules::Rule,
};

/// The type flag of a global PAX header, which is an entry of a tar-split and none of a TOC.
const GLOBAL: u8 = b'g';

/// Reports every difference between the entries of a TOC and the headers of a tar, in either direction.
///
/// Rules: CMP-01 for an entry that only one of them has, CMP-02 for one that differs.
///
/// Names are compared as they stand, except in TOCs of stargz, whose writer cleans them. In g1 and g2 the last of several
/// headers with one name counts, as in the TOC. An extended attribute without a value may be missing from the TOC, since
/// writers up to containers/storage v1.53 left it out.
pub fn compare(toc: &Toc, headers: &[tar::Entry], dialect: Dialect, findings: &mut Findings) {
    let unique = dialect.has_tar_split();
    let mut by_name: BTreeMap<Vec<u8>, &tar::Entry> = BTreeMap::new();
    for header in headers.iter().filter(|header| header.typeflag != GLOBAL) {
        by_name.insert(key(&header.name, toc.style, unique), header);
    }
    let mut missing: BTreeSet<&Vec<u8>> = by_name.keys().collect();
    // In g1 a TOC without a file that has content looks the same from both writers.
    let is_anyones = toc.style == Style::Stargz && toc.entries.iter().all(|entry| entry.chunks.is_empty());
    for entry in &toc.entries {
        let name = key(entry.name.as_bytes(), toc.style, unique);
        let Some(header) = by_name.get(&name) else {
            findings.report(
                Rule::EntrySets,
                Place::Pointer(format!("/entries/{}", entry.index)),
                format!("the tar has no entry {:?}, which the TOC lists", entry.name),
            );
            continue;
        };
        missing.remove(&name);
        let whole_seconds = toc.style == Style::Stargz && !(is_anyones && entry.modtime == header.modtime);
        for difference in differences(entry, header, toc.style, whole_seconds) {
            findings.report(
                Rule::EntryMetadata,
                Place::Pointer(format!("/entries/{}/{}", entry.index, difference.field)),
                format!(
                    "the {} of {:?} is {} in the TOC, expected {} as in its tar header",
                    difference.field, entry.name, difference.toc, difference.tar
                ),
            );
        }
    }
    for name in missing {
        if let Some(header) = by_name.get(name) {
            findings.report(
                Rule::EntrySets,
                Place::Byte(Region::Tar, header.offset),
                format!(
                    "the TOC has no entry `{}`, which the tar has",
                    header.name.escape_ascii()
                ),
            );
        }
    }
}

/// What two spellings of one entry's name have in common.
fn key(name: &[u8], style: Style, unique: bool) -> Vec<u8> {
    match (style, std::str::from_utf8(name)) {
        (Style::Containers, _) if unique => name.to_vec(),
        (_, Ok(name)) => from_root(name).path.into_bytes(),
        (_, Err(_)) => name.to_vec(),
    }
}

struct Difference {
    field: &'static str,
    toc: String,
    tar: String,
}

fn differences(entry: &Entry, header: &tar::Entry, style: Style, whole_seconds: bool) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut check = |field, toc: String, tar: String| {
        if toc != tar {
            out.push(Difference { field, toc, tar });
        }
    };
    let containers = style == Style::Containers;
    let device = matches!(entry.kind, EntryKind::CharDevice | EntryKind::BlockDevice);
    check(
        "type",
        name_of(entry.kind),
        EntryKind::from_typeflag(header.typeflag).map_or_else(|| tar_type(header.typeflag), name_of),
    );
    // Bytes that are not UTF-8 are shown as escapes, which no text of a TOC is equal to: U+FFFD is another target.
    check(
        "linkName",
        entry.link_name.as_bytes().escape_ascii().to_string(),
        header.link_name.escape_ascii().to_string(),
    );
    check("mode", octal(entry.mode), octal(header.mode));
    // Only containers/storage repeats a size that stands in the header of something without content.
    if containers || entry.kind == EntryKind::Regular {
        check("size", entry.size.to_string(), header.size.to_string());
    }
    let uid = if planted::is(Defect::OwnersNotCompared) {
        entry.uid
    } else {
        header.uid
    };
    check("uid", entry.uid.to_string(), uid.to_string());
    check("gid", entry.gid.to_string(), header.gid.to_string());
    let modtime = if whole_seconds {
        header.modtime.map(Timestamp::rounded)
    } else {
        header.modtime
    };
    check("modtime", time(entry.modtime), time(modtime));
    if containers {
        check("accesstime", time(entry.accesstime), time(header.accesstime));
        check("changetime", time(entry.changetime), time(header.changetime));
    }
    if containers || device {
        check("devMajor", entry.dev_major.to_string(), header.dev_major.to_string());
        check("devMinor", entry.dev_minor.to_string(), header.dev_minor.to_string());
    }
    if !xattrs_agree(entry, header) {
        check("xattrs", attributes(&entry.xattrs), attributes(&header.xattrs));
    }
    out
}

/// A mode in octal digits, with a sign where it is negative.
fn octal(mode: i64) -> String {
    let sign = if mode < 0 { "-" } else { "" };
    format!("{sign}{:o}", mode.unsigned_abs())
}

/// A type that no TOC has, as the tar has it.
fn tar_type(typeflag: u8) -> String {
    let called = tar::type_name(typeflag).unwrap_or("unknown");
    format!("the tar type `{}` ({called})", typeflag.escape_ascii())
}

fn name_of(kind: EntryKind) -> String {
    match kind {
        EntryKind::Regular => "reg",
        EntryKind::Directory => "dir",
        EntryKind::Symlink => "symlink",
        EntryKind::Hardlink => "hardlink",
        EntryKind::CharDevice => "char",
        EntryKind::BlockDevice => "block",
        EntryKind::Fifo => "fifo",
    }
    .to_owned()
}

/// Year 1 and Unix 0 count as no time, in a TOC and in a header.
fn time(time: Option<Timestamp>) -> String {
    time.filter(|time| !time.is_unset())
        .map_or_else(|| "not set".to_owned(), |time| time.to_string())
}

fn xattrs_agree(entry: &Entry, header: &tar::Entry) -> bool {
    let in_toc = |name: &[u8]| std::str::from_utf8(name).ok().and_then(|name| entry.xattrs.get(name));
    let listed = header.xattrs.iter().all(|(name, value)| match in_toc(name) {
        Some(listed) => listed == value,
        None => value.is_empty(),
    });
    listed
        && entry
            .xattrs
            .keys()
            .all(|name| header.xattrs.contains_key(name.as_bytes()))
}

fn attributes<N: AsRef<[u8]>>(xattrs: &BTreeMap<N, Vec<u8>>) -> String {
    let list: Vec<String> = xattrs
        .iter()
        .map(|(name, value)| format!("{}={}", name.as_ref().escape_ascii(), value.escape_ascii()))
        .collect();
    format!("[{}]", list.join(", "))
}
