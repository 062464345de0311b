//! One entry of the TOC compared with its header in the tar.

use crate::format::{
    ByteExcerpt, Excerpt, Part, tar,
    time::Timestamp,
    toc::{Entry, EntryKind, Style},
};

/// What differs.
pub(super) struct Difference {
    /// The key in the TOC.
    pub(super) field: &'static str,
    pub(super) detail: String,
}

/// What differs between an entry and its header. Times of the header are rounded if the TOC has `whole_seconds`.
pub(super) fn differences(entry: &Entry, header: &tar::Entry, style: Style, whole_seconds: bool) -> Vec<Difference> {
    let mut out = Vec::new();
    // Links and attributes are compared as bytes, since two of them can look the same in a message.
    let unread = entry.unread.or(header.unread);
    let name = Excerpt(&entry.name);
    let differs = |field, toc: String, tar: String| Difference {
        field,
        detail: format!("the `{field}` of {name} is {toc} in the TOC, expected {tar} as in its tar header"),
    };
    if !unread.has(Part::LinkName) && entry.link_name().as_bytes() != header.link_name {
        out.push(differs(
            "linkName",
            Excerpt(entry.link_name()).to_string(),
            ByteExcerpt(&header.link_name).to_string(),
        ));
    }
    if !unread.has(Part::Xattrs)
        && let Some(detail) = compare_xattrs(entry, header)
    {
        out.push(Difference {
            field: "xattrs",
            detail,
        });
    }
    let kind = EntryKind::from_typeflag(header.typeflag);
    if kind != Some(entry.kind) {
        let expected = kind.map_or_else(|| tar_type(header.typeflag), |kind| kind.name().to_owned());
        out.push(differs("type", entry.kind.name().to_owned(), expected));
    }
    let containers = style == Style::Containers;
    let is_device = matches!(entry.kind, EntryKind::CharDevice | EntryKind::BlockDevice);
    let modtime = if whole_seconds {
        header.modtime.map(Timestamp::rounded)
    } else {
        header.modtime
    };
    // Only containers/storage repeats a size that is in the header of something without content.
    let has_size = containers || entry.kind == EntryKind::Regular;
    let number = |value: i64| value.to_string();
    let checks = [
        compared(true, Part::Mode, "mode", (entry.mode(), header.mode), octal),
        compared(has_size, Part::Size, "size", (entry.size, header.size), |size| {
            size.to_string()
        }),
        compared(true, Part::Uid, "uid", (entry.uid(), header.uid), number),
        compared(true, Part::Gid, "gid", (entry.gid(), header.gid), number),
        compared(
            true,
            Part::ModTime,
            "modtime",
            (given(entry.modtime), given(modtime)),
            time,
        ),
        compared(
            containers,
            Part::AccessTime,
            "accesstime",
            (given(entry.accesstime()), given(header.accesstime)),
            time,
        ),
        compared(
            containers,
            Part::ChangeTime,
            "changetime",
            (given(entry.changetime()), given(header.changetime)),
            time,
        ),
        compared(
            containers || is_device,
            Part::DevMajor,
            "devMajor",
            (entry.dev_major(), header.dev_major),
            number,
        ),
        compared(
            containers || is_device,
            Part::DevMinor,
            "devMinor",
            (entry.dev_minor(), header.dev_minor),
            number,
        ),
    ];
    let different = checks.into_iter().flatten().filter(|check| !unread.has(check.part));
    out.extend(different.map(|check| differs(check.field, check.toc, check.tar)));
    out
}

/// A type that no TOC has, as the tar has it.
fn tar_type(typeflag: u8) -> String {
    let called = tar::type_name(typeflag).unwrap_or("unknown");
    format!("the tar type `{}` ({called})", typeflag.escape_ascii())
}

/// A mode as people write it, with the sign that a TOC can give it.
fn octal(mode: i64) -> String {
    let sign = if mode < 0 { "-" } else { "" };
    let zero = if mode == 0 { "" } else { "0" };
    format!("{sign}{zero}{:o}", mode.unsigned_abs())
}

/// Year 1 and Unix 0 count as no time, in a TOC and in a header.
fn given(time: Option<Timestamp>) -> Option<Timestamp> {
    time.filter(|time| !time.is_unset())
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "not set".to_owned(), |time| time.to_string())
}

/// A field whose values differ, written out. Nearly all are equal, and writing out all would take most of the time.
struct Unequal {
    part: Part,
    field: &'static str,
    toc: String,
    tar: String,
}

/// A value of the TOC and one of the tar, if they count and differ.
fn compared<T: Copy + PartialEq>(
    counts: bool,
    part: Part,
    field: &'static str,
    (toc, tar): (T, T),
    shown: impl Fn(T) -> String,
) -> Option<Unequal> {
    (counts && toc != tar).then(|| Unequal {
        part,
        field,
        toc: shown(toc),
        tar: shown(tar),
    })
}

/// How the first extended attribute differs that does, and how many others do.
fn compare_xattrs(entry: &Entry, header: &tar::Entry) -> Option<String> {
    let in_toc = |key: &[u8]| std::str::from_utf8(key).ok().and_then(|key| entry.xattrs().get(key));
    let in_tar = header.xattrs.iter().filter_map(|(key, expected)| match in_toc(key) {
        Some(found) if found == expected => None,
        Some(found) => Some((key.as_slice(), Some(found), Some(expected))),
        None if expected.is_empty() => None,
        None => Some((key.as_slice(), None, Some(expected))),
    });
    let keys = entry.xattrs().iter().map(|(key, found)| (key.as_bytes(), found));
    let only_in_toc = keys
        .filter(|(key, _)| !header.xattrs.contains_key(*key))
        .map(|(key, found)| (key, Some(found), None));
    let mut different = in_tar.chain(only_in_toc);
    let (key, found, expected) = different.next()?;
    let others = match different.count() {
        0 => String::new(),
        1 => "; 1 other differs".to_owned(),
        count => format!("; {count} others differ"),
    };
    let shown = |value: Option<&Vec<u8>>| value.map(|value| ByteExcerpt(value).to_string());
    let difference = match (shown(found), shown(expected)) {
        (Some(found), Some(expected)) => format!("is {found} in the TOC, expected {expected} as in its tar header"),
        (Some(found), None) => format!("is {found} in the TOC, but its tar header has none"),
        (None, expected) => format!(
            "is not in the TOC, expected {} as in its tar header",
            expected.unwrap_or_default()
        ),
    };
    Some(format!(
        "the extended attribute {} of {} {difference}{others}",
        ByteExcerpt(key),
        Excerpt(&entry.name)
    ))
}
