//! The layers around which changes of TOC and tar-split are sealed: digests, lengths and positions are those of the changed
//! document. The changes are in `src/cases/layers`.

use super::samples;
use crate::{
    forge::{
        Edit, EditInPlace, edited,
        layer::{Layer, Plan},
        tar::TarEntry,
    },
    format::Dialect,
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
                TarEntry::dir("etc/"),
                TarEntry::file("etc/motd", "Proof before trust.\n").edit(|entry| {
                    entry.uid = 1000;
                    entry.gid = 100;
                    entry.xattrs = vec![("user.a".into(), b"1".to_vec())];
                }),
                TarEntry::symlink("etc/link", "../motd"),
            ],
            Self::Chunked => samples::small().edit(|entries| entries.push(samples::chunked())),
            Self::Empty => Vec::new(),
            Self::Replacement => vec![TarEntry::file("a\u{fffd}", "first\n"), TarEntry::file("b", "other\n")],
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

/// The layer of the plan with this change, or without one if it cannot be made, which the tests refuse.
pub(super) fn changed(plan: &Plan, edit: Edit) -> Layer {
    edited(plan, &[edit]).unwrap_or_else(|_| plan.layer())
}
