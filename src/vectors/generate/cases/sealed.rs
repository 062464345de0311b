//! What breaks a rule of JSON, of the TOC or of the tar-split, in a whole layer.
//!
//! A reader that answers `layer/index` or `layer/reconstruct` alone is never asked for a TOC or a tar-split by itself. So a text of
//! the document is replaced by another, as in the cases of `toc/parse` and `tarsplit/parse`, and a layer is sealed around it:
//! digests, lengths and positions are those of the changed document. Where it can be, the change is one that a careless reader
//! does not notice otherwise, so that no other rule catches it.

mod tarsplit;
mod toc;

use super::samples;
use crate::{
    forge::{
        EditInPlace,
        layer::{Layer, Payloads, Plan},
        len,
        tar::Entry,
        tarsplit::document,
        zstd::frame,
    },
    format::{Dialect, Digest},
    rules::Rule,
    vectors::Choice,
};

/// The layers that are changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// A directory, a file with an owner and an attribute, and a symbolic link.
    Owner,
    /// A file in chunks.
    Chunked,
    /// No entry.
    Empty,
    /// A name with U+FFFD, and another file.
    Replacement,
}

impl Base {
    /// What is in the layer.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Owner => "an owner, an extended attribute and a symbolic link",
            Self::Chunked => "a file in chunks",
            Self::Empty => "no entries",
            Self::Replacement => "U+FFFD in a name",
        }
    }

    pub(super) fn plan(self, dialect: Dialect) -> Plan {
        let entries = match self {
            Self::Owner => vec![
                Entry::dir("etc/"),
                Entry::file("etc/motd", "Proof before trust.\n").edit(|entry| {
                    entry.uid = 1000;
                    entry.gid = 100;
                    entry.xattrs = vec![("user.a".into(), b"1".to_vec())];
                }),
                Entry::symlink("etc/link", "../motd"),
            ],
            Self::Chunked => samples::small().edit(|entries| entries.push(samples::chunked())),
            Self::Empty => Vec::new(),
            Self::Replacement => vec![Entry::file("a\u{fffd}", "first\n"), Entry::file("b", "other\n")],
        };
        Plan::new(dialect, entries)
    }

    /// The slug of the layer without a change, behind its dialect.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Chunked => "chunked",
            Self::Empty => "empty-archive",
            Self::Replacement => "replacement-character",
        }
    }
}

/// What a reader has to make of the changed layer.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    /// It is read as if nothing had changed.
    Valid(Rule),
    /// It is refused.
    Invalid(&'static [Rule]),
    /// It is read as if nothing had changed, or refused.
    Either(Choice, Rule),
}

/// One change of a document.
pub(super) struct Row {
    pub(super) slug: &'static str,
    /// The change, or the title of a case that is not invalid.
    pub(super) change: &'static str,
    pub(super) why: &'static str,
    pub(super) verdict: Verdict,
    pub(super) base: Base,
    edit: TextEdit,
}

/// What is done to the text of a document.
pub(super) enum TextEdit {
    /// Every such text is replaced by another.
    Swap(String, String),
    /// The text ends otherwise.
    End(&'static str, &'static str),
}

impl TextEdit {
    fn apply(&self, text: &str) -> String {
        match self {
            Self::Swap(from, to) => text.replace(from, to),
            Self::End(from, to) => format!("{}{to}", text.trim_end_matches(from)),
        }
    }
}

impl Row {
    /// The layer with the change in its TOC.
    fn in_toc(&self, dialect: Dialect) -> Layer {
        let payloads = self.base.plan(dialect).parts().payloads();
        let json = self.edit.apply(&payloads.toc_json);
        with_toc(payloads, json)
    }

    /// The layer with the change in its tar-split.
    fn in_tar_split(&self, dialect: Dialect) -> Layer {
        let plan = self.base.plan(dialect);
        let json = self.edit.apply(&document(&plan.parts().tar_split));
        with_tar_split(plan.parts().payloads(), &json)
    }
}

/// The changes of the TOC with their layers in this dialect.
pub(super) fn in_toc(dialect: Dialect) -> Vec<(Row, Layer)> {
    let rows = toc::rows(dialect);
    let layers: Vec<Layer> = rows.iter().map(|row| row.in_toc(dialect)).collect();
    rows.into_iter().zip(layers).collect()
}

/// The changes of the tar-split with their layers in this dialect.
pub(super) fn in_tar_split(dialect: Dialect) -> Vec<(Row, Layer)> {
    let rows = tarsplit::rows();
    let layers: Vec<Layer> = rows.iter().map(|row| row.in_tar_split(dialect)).collect();
    rows.into_iter().zip(layers).collect()
}

/// The layer with this TOC.
pub(super) fn with_toc(payloads: Payloads, json: String) -> Layer {
    let changed = payloads.edit(|payloads| {
        payloads.toc = frame(json.as_bytes());
        payloads.toc_json = json;
    });
    changed.place().layer()
}

/// The layer with this tar-split, whose digest the TOC has.
pub(super) fn with_tar_split(payloads: Payloads, json: &str) -> Layer {
    let before = Digest::of(&payloads.tar_split).to_string();
    let payloads = payloads.edit(|payloads| {
        payloads.tar_split = frame(json.as_bytes());
        payloads.tar_split_uncompressed = len(json.as_bytes());
    });
    let after = Digest::of(&payloads.tar_split).to_string();
    let toc = payloads.toc_json.replace(&before, &after);
    with_toc(payloads, toc)
}
