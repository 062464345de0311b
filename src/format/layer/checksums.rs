//! The CRCs that a tar-split has for the content of files.

use std::collections::HashMap;

use crate::{
    format::{
        Findings, Place,
        crc64::Crc64,
        tar, tarsplit,
        toc::{self, EntryKind, Toc},
    },
    rules::Rule,
};

/// What a tar-split says about contents, so that neither its lines nor its headers are kept for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Checksums {
    /// That of each regular file of the TOC, in its order, where the tar-split has one under the same name.
    pub(super) of_regular: Vec<Option<u64>>,
    /// What is wrong with those of entries that have no content.
    pub(super) findings: Findings,
}

impl Checksums {
    /// None yet. Rules that are switched off in `like` are off.
    pub(super) fn like(like: &Findings) -> Self {
        Self {
            of_regular: Vec::new(),
            findings: Findings::like(like),
        }
    }

    /// Takes the next line that is a file, with the header before it, which has the same name, and the entry of the TOC that is in the
    /// same place.
    pub(super) fn take(&mut self, file: &tarsplit::File, header: &tar::Entry, entry: Option<&toc::Entry>) {
        check_without_content(file, header, &mut self.findings);
        if let Some(entry) = entry.filter(|entry| entry.kind == EntryKind::Regular) {
            self.of_regular
                .push(file.crc.filter(|_| entry.name.as_bytes() == file.name));
        }
    }

    /// Those of a tar-split whose lines, headers and entries need not be in step. Of several of one name the last counts.
    pub(super) fn of(entries: &[tarsplit::Entry], headers: &[tar::Entry], toc: &Toc, like: &Findings) -> Self {
        let mut checksums = Self::like(like);
        let headers: HashMap<&[u8], &tar::Entry> =
            headers.iter().map(|header| (header.name.as_slice(), header)).collect();
        let mut by_name = HashMap::new();
        for entry in entries {
            if let tarsplit::Entry::File(file) = entry {
                by_name.insert(file.name.as_slice(), file.crc);
                if let Some(header) = headers.get(file.name.as_slice()) {
                    check_without_content(file, header, &mut checksums.findings);
                }
            }
        }
        let regular = toc.entries.iter().filter(|entry| entry.kind == EntryKind::Regular);
        checksums.of_regular = regular
            .map(|entry| by_name.get(entry.name.as_bytes()).copied().flatten())
            .collect();
        checksums
    }
}

/// Compares the CRC of an entry whose type has no content, whatever size its header has, with that of nothing. Empty files
/// are read like all others.
///
/// Rule: ASM-03.
fn check_without_content(file: &tarsplit::File, header: &tar::Entry, findings: &mut Findings) {
    let is_regular = EntryKind::from_typeflag(header.typeflag) == Some(EntryKind::Regular);
    if !is_regular
        && header.content == 0
        && let Some(crc) = file.crc.filter(|&crc| crc != Crc64::of(b""))
    {
        findings.report(
            Rule::FileCrc,
            Place::Line(file.line),
            format!(
                "the entry has no content but the CRC-64 {crc:016x}, expected {:016x}",
                Crc64::of(b"")
            ),
        );
    }
}
