//! What all tables of new tars have in common.

use super::{
    super::{EditInPlace, Rule, TarEntry, end, tar},
    open::OpenTree,
    trees::Nodes,
};

/// A tar that `tarsplit/disassemble` does not have.
pub(super) struct Fresh {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) why: &'static str,
    pub(super) tar: Vec<u8>,
    pub(super) answer: Answer,
}

/// What is right.
pub(super) enum Answer {
    /// This tree, about which the rule is.
    Tree(Rule, Nodes),
    /// One of several trees, or a rejection.
    Open(OpenTree),
    /// A rejection for these rules: the tar of the twin with the change that is the title.
    Refused(&'static str, &'static [Rule]),
}

/// A table of new tars that have one harm in common.
pub(super) struct Table {
    why: &'static str,
    pub(super) rows: Vec<Fresh>,
}

impl Table {
    pub(super) const fn new(why: &'static str) -> Self {
        Self { why, rows: Vec::new() }
    }

    /// Adds a tar of one tree.
    pub(super) fn tree(&mut self, slug: &str, title: &str, rule: Rule, tar: Vec<u8>, nodes: Nodes) {
        self.add(slug, title, tar, Answer::Tree(rule, nodes));
    }

    /// Adds a tar that may also be refused.
    pub(super) fn open(&mut self, slug: &str, title: &str, tar: Vec<u8>, open: OpenTree) {
        self.add(slug, title, tar, Answer::Open(open));
    }

    /// Adds a tar that is refused.
    pub(super) fn refused(
        &mut self,
        slug: &str,
        twin: &'static str,
        change: &str,
        rules: &'static [Rule],
        tar: Vec<u8>,
    ) {
        self.add(slug, change, tar, Answer::Refused(twin, rules));
    }

    fn add(&mut self, slug: &str, title: &str, tar: Vec<u8>, answer: Answer) {
        self.rows.push(Fresh {
            slug: slug.to_owned(),
            title: title.to_owned(),
            why: self.why,
            tar,
            answer,
        });
    }
}

/// The entries with what is before each of them, and the end.
pub(super) fn tar_of(parts: &[(&[u8], TarEntry)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (before, entry) in parts {
        out.extend_from_slice(before);
        out.extend(super::super::open(std::slice::from_ref(entry)));
    }
    out.extend(end());
    out
}

/// A PAX header of this record.
pub(super) fn pax(key: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    tar::extension_of(b'x', &tar::record(key, value.as_ref()))
}

/// A global PAX header of this record.
pub(super) fn global(key: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    tar::extension_of(b'g', &tar::record(key, value.as_ref()))
}

/// A GNU long name (`L`) or long link target (`K`).
pub(super) fn gnu_long(flag: u8, body: impl AsRef<[u8]>) -> Vec<u8> {
    super::super::open(&[TarEntry::file("././@LongLink", body).edit(|entry| {
        entry.gnu = true;
        entry.flag = flag;
    })])
}

/// A file of this name with a line.
pub(super) fn short(name: &str) -> TarEntry {
    TarEntry::file(name, "content\n")
}

/// A header and its content that are the content of another file: an entry to those who read them as headers.
pub(super) fn inner() -> Vec<u8> {
    super::super::open(&[TarEntry::file("inner", "not an entry\n")])
}

/// The header of an empty file that is the content of another file.
pub(super) fn inner_header() -> Vec<u8> {
    TarEntry::file("inner", "").header()
}

/// The file that is listed where these headers are read.
pub(super) fn inner_file() -> TarEntry {
    TarEntry::file("inner", "not an entry\n")
}

/// The nodes of some entries.
pub(super) fn nodes<const N: usize>(entries: [TarEntry; N]) -> Nodes {
    Nodes::of(&entries)
}
