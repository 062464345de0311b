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
        Edit, EditInPlace, edited,
        layer::{Layer, Plan},
        tar::Entry,
    },
    format::Dialect,
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
    edit: Edit,
}

impl Row {
    /// The layer with the change in its TOC.
    fn in_toc(&self, dialect: Dialect) -> Layer {
        changed(&self.base.plan(dialect), Edit::Toc(Box::new(self.edit.clone())))
    }

    /// The layer with the change in its tar-split.
    fn in_tar_split(&self, dialect: Dialect) -> Layer {
        changed(&self.base.plan(dialect), Edit::TarSplit(Box::new(self.edit.clone())))
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

/// The layer of the plan with this change, or without one if it cannot be made, which the tests refuse.
pub(super) fn changed(plan: &Plan, edit: Edit) -> Layer {
    edited(plan, &[edit]).unwrap_or_else(|_| plan.layer())
}

#[cfg(test)]
mod tests {
    use super::{Edit, edited, tarsplit, toc};
    use crate::format::Dialect::{G2, G5};

    #[test]
    fn every_change_can_be_made() {
        let of_toc = [G2, G5].into_iter().flat_map(|dialect| {
            let rows = toc::rows(dialect).into_iter();
            rows.map(move |row| (row.slug, row.base.plan(dialect), Edit::Toc(Box::new(row.edit))))
        });
        let of_tar_split = tarsplit::rows()
            .into_iter()
            .map(|row| (row.slug, row.base.plan(G5), Edit::TarSplit(Box::new(row.edit))));
        let wrong: Vec<String> = of_toc
            .chain(of_tar_split)
            .filter_map(|(slug, plan, edit)| Some(format!("{slug}: {}", edited(&plan, &[edit]).err()?)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
