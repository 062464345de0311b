//! What the index of a layer lists.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    layer::{SCHEMA, findings_json, rejected},
    style::{BOLD, DIM, styled},
};
use crate::{
    format::{
        Findings,
        layer::Read,
        toc::{Entry, EntryKind, Toc},
    },
    outside::{Outside, PATH},
    vectors::ops::EntryOutput,
};

/// The entries, as `tar -tv` has them, for people.
pub(crate) fn listed(name: &str, read: Option<&Read>, findings: &Findings) -> String {
    let Some(Read { index, .. }) = read else {
        return rejected(name, findings);
    };
    let digest = index.toc_digest;
    let note = if index.toc_authority.is_authenticated() {
        ""
    } else {
        ", which nothing authenticates"
    };
    format!(
        "{}: {} of TOC {digest}{note}\n{}",
        styled(BOLD, name),
        entry_count(&index.toc),
        entry_lines(&index.toc)
    )
}

/// How many entries there are, with the word for them.
pub(super) fn entry_count(toc: &Toc) -> String {
    match toc.entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

/// A line for each entry.
pub(super) fn entry_lines(toc: &Toc) -> String {
    let entries = &toc.entries;
    let mut out = String::new();
    let owner = |entry: &Entry| format!("{}/{}", entry.uid, entry.gid);
    let owners = entries.iter().map(|entry| owner(entry).len()).max().unwrap_or(0);
    let sizes = entries.iter().map(|entry| size(entry).len()).max().unwrap_or(0);
    for entry in entries {
        let time = entry
            .modtime
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        // Writing to a string cannot fail.
        let _always = writeln!(
            out,
            "{} {:owners$} {:>sizes$} {} {}",
            mode(entry),
            owner(entry),
            size(entry),
            styled(DIM, format!("{time:20}")),
            names(entry),
        );
    }
    out
}

/// The entries as JSON, in the canonical form of the vectors.
pub(crate) fn listed_json(name: &str, read: Option<&Read>, findings: &Findings) -> Value {
    json!({
        "schema": SCHEMA,
        "layer": name,
        "valid": read.is_some(),
        "toc_digest": read.map(|read| read.index.toc_digest.to_string()),
        "toc_authenticated": read.map(|read| read.index.toc_authority.is_authenticated()),
        "entries": read.map(|read| entries_json(&read.index.toc)),
        "findings": findings_json(findings),
        "findings_omitted": findings.omitted(),
    })
}

pub(super) fn entries_json(toc: &Toc) -> Vec<EntryOutput> {
    toc.entries.iter().map(EntryOutput::from).collect()
}

/// Type and permissions in ten letters.
fn mode(entry: &Entry) -> String {
    let mut out = String::from(match entry.kind {
        EntryKind::Regular => "-",
        EntryKind::Directory => "d",
        EntryKind::Symlink => "l",
        EntryKind::Hardlink => "h",
        EntryKind::CharDevice => "c",
        EntryKind::BlockDevice => "b",
        EntryKind::Fifo => "p",
    });
    let is_set = |bit: i64| entry.mode & bit != 0;
    for (shift, special, lower, upper) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        out.push(if is_set(4 << shift) { 'r' } else { '-' });
        out.push(if is_set(2 << shift) { 'w' } else { '-' });
        out.push(match (is_set(special), is_set(1 << shift)) {
            (true, true) => lower,
            (true, false) => upper,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// Bytes of content, or the numbers of a device.
fn size(entry: &Entry) -> String {
    match entry.kind {
        EntryKind::CharDevice | EntryKind::BlockDevice => format!("{},{}", entry.dev_major, entry.dev_minor),
        _ => entry.size.to_string(),
    }
}

/// Names in quotes, with escapes for what a terminal would act on.
fn names(entry: &Entry) -> String {
    let quoted = |name: &str| Outside::new(name.as_bytes(), PATH).quoted().to_string();
    let (path, link) = (quoted(&entry.path), || quoted(&entry.link_name));
    match entry.kind {
        EntryKind::Symlink => format!("{path} -> {}", link()),
        EntryKind::Hardlink => format!("{path} link to {}", link()),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{mode, names};
    use crate::format::{Dialect, Findings, toc};

    #[test]
    fn names_cannot_act_on_a_terminal() {
        let json = r#"{"version":1,"entries":[
            {"type":"symlink","name":"a\u001b[2J\u009b1m\u202e\"","linkName":"b\r\nc"}]}"#;
        let toc = toc::parse(json.as_bytes(), Dialect::G2, &mut Findings::new()).unwrap();
        assert_eq!(names(&toc.entries[0]), r#""a\u{1b}[2J\u{9b}1m\u{202e}\"" -> "b\r\nc""#);
    }

    #[test]
    fn modes_are_those_of_ls() {
        for (kind, bits, expected) in [
            ("dir", 0o755, "drwxr-xr-x"),
            ("reg", 0o4755, "-rwsr-xr-x"),
            ("reg", 0o6640, "-rwSr-S---"),
            ("dir", 0o1777, "drwxrwxrwt"),
            ("dir", 0o1770, "drwxrwx--T"),
            ("fifo", 0, "p---------"),
        ] {
            let json = format!(r#"{{"version":1,"entries":[{{"type":"{kind}","name":"a","mode":{bits}}}]}}"#);
            let toc = toc::parse(json.as_bytes(), Dialect::G2, &mut Findings::new()).unwrap();
            assert_eq!(mode(&toc.entries[0]), expected);
        }
    }
}
