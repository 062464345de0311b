//! What the index of a layer lists.

use std::io;

use serde_json::json;

use super::{
    layer::{SCHEMA, findings_json, rejected},
    streamed::{LayerReport, Object, Sink},
    style::{BOLD, DIM, styled},
};
use crate::{
    format::{
        Digest, Findings,
        estargz::EStargzIndex,
        layer::Read,
        toc::{Entry, EntryKind, Toc},
    },
    outside::{Outside, PATH},
    vectors::ops::EntryOutput,
};

/// The files of a layer, as `tar -tv` has them and in the canonical form of the vectors.
pub(crate) struct Listing<'a> {
    /// What the layer is called.
    pub(crate) name: &'a str,
    /// The index, unless it breaks a rule.
    pub(crate) listed: Option<Listed>,
    /// What is wrong with it.
    pub(crate) findings: Findings,
}

/// What is shown of an index.
pub(crate) struct Listed {
    toc: Toc,
    toc_digest: Digest,
    is_authenticated: bool,
}

impl From<Read> for Listed {
    fn from(read: Read) -> Self {
        Self {
            toc: read.index.toc,
            toc_digest: read.index.toc_digest,
            is_authenticated: read.index.toc_authority.is_authenticated(),
        }
    }
}

impl From<EStargzIndex> for Listed {
    fn from(index: EStargzIndex) -> Self {
        Self {
            is_authenticated: index.is_authenticated(),
            toc_digest: index.toc_digest,
            toc: index.toc,
        }
    }
}

impl LayerReport for Listing<'_> {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        let Some(Listed {
            toc,
            toc_digest,
            is_authenticated,
        }) = &self.listed
        else {
            return out(&rejected(self.name, &self.findings));
        };
        let note = if *is_authenticated {
            ""
        } else {
            ", which nothing authenticates"
        };
        let count = match toc.entries.len() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        out(&format!(
            "{}: {count} of TOC {toc_digest}{note}\n",
            styled(BOLD, self.name)
        ))?;
        entry_lines(&toc.entries, out)
    }

    fn json(&self) -> Object<'_> {
        let listed = self.listed.as_ref();
        let mut object = Object::of(json!({
            "schema": SCHEMA,
            "layer": self.name,
            "valid": listed.is_some(),
            "toc_digest": listed.map(|listed| listed.toc_digest.to_string()),
            "toc_authenticated": listed.map(|listed| listed.is_authenticated),
            "entries": null,
            "findings": findings_json(&self.findings),
            "findings_omitted": self.findings.omitted(),
        }));
        if let Some(listed) = listed {
            object.set_list("entries", |see| {
                let mut entries = listed.toc.entries.iter();
                entries.try_for_each(|entry| see(serde_json::to_value(EntryOutput::from(entry))?))
            });
        }
        object
    }
}

/// A line for each entry.
fn entry_lines(entries: &[Entry], out: &mut Sink<'_>) -> io::Result<()> {
    let owner = |entry: &Entry| format!("{}/{}", entry.uid(), entry.gid());
    let owners = entries.iter().map(|entry| owner(entry).len()).max().unwrap_or(0);
    let sizes = entries.iter().map(|entry| size(entry).len()).max().unwrap_or(0);
    for entry in entries {
        let time = entry
            .modtime
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        out(&format!(
            "{} {:owners$} {:>sizes$} {} {}\n",
            mode(entry),
            owner(entry),
            size(entry),
            styled(DIM, format!("{time:20}")),
            names(entry),
        ))?;
    }
    Ok(())
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
    let is_set = |bit: i64| entry.mode() & bit != 0;
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
        EntryKind::CharDevice | EntryKind::BlockDevice => format!("{},{}", entry.dev_major(), entry.dev_minor()),
        _ => entry.size.to_string(),
    }
}

/// Names in quotes, with escapes for what a terminal would act on.
fn names(entry: &Entry) -> String {
    let quoted = |name: &str| Outside::new(name.as_bytes(), PATH).quoted().to_string();
    let (path, link) = (quoted(entry.path()), || quoted(entry.link_name()));
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
