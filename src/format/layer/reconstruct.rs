//! Rebuilding the tar from TOC, tar-split and ranges alone, as a partial puller that exports the layer does.

use std::{collections::BTreeMap, io};

use sha2::{Digest as _, Sha256};

use super::{Authority, LayerIndex, Located, RangeReader, ReadFile, Source, load, locate, ranges::check_ranges};
use crate::{
    format::{
        Digest, Findings, Place, Region,
        range::ReadAt as _,
        tarsplit::{self, Delivery, File, Files},
        toc::{Entry, EntryKind},
    },
    rules::Rule,
};

/// A tar that was rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the tar is that of the layer only if its digest is the one expected"]
pub struct Reconstructed {
    /// The digest of the compressed TOC that was used.
    pub toc_digest: Digest,
    /// The digest of the tar.
    pub digest: Digest,
    /// The size of the tar in bytes.
    pub size: u64,
    /// Whether the annotations vouch for the TOC and the TOC for the tar-split.
    pub authenticated: bool,
}

/// Rebuilds the tar and writes it as it comes.
///
/// Nothing is written before the index is known to be good. What was written is to be thrown away if a rule turns out to
/// be broken: a file's content is only known to be wrong when its end is reached.
///
/// Rules: those of [`locate`] and [`load`], LYR-08 for a layer without a tar-split to trust, DAT, ASM, and CMP-04.
///
/// # Errors
///
/// The blob cannot be read, or the output cannot be written.
pub fn reconstruct(
    source: &Source<'_>,
    findings: &mut Findings,
    out: &mut dyn io::Write,
) -> io::Result<Option<Reconstructed>> {
    let Some(located) = locate(source, findings)? else {
        return Ok(None);
    };
    let Some(index) = load(source, &located, findings)? else {
        return Ok(None);
    };
    if !findings.is_empty() {
        return Ok(None);
    }
    rebuild(source, &located, &index, findings, out)
}

/// As [`reconstruct`], from an index that is known to be good.
///
/// # Errors
///
/// The blob cannot be read, or the output cannot be written.
pub(crate) fn rebuild(
    source: &Source<'_>,
    located: &Located,
    index: &LayerIndex,
    findings: &mut Findings,
    out: &mut dyn io::Write,
) -> io::Result<Option<Reconstructed>> {
    let Some(tar_split) = index
        .tar_split
        .as_ref()
        .filter(|tar_split| tar_split.authority != Authority::Nothing || findings.is_off(Rule::NoTarSplit))
    else {
        findings.report(
            Rule::NoTarSplit,
            Place::Whole(Region::TarSplit),
            "the tar cannot be rebuilt: neither the TOC nor an annotation authenticates a tar-split",
        );
        return Ok(None);
    };

    if !check_ranges(source.blob, &index.toc, located.data_end(), findings)? {
        return Ok(None);
    }
    let mut output = Output {
        out,
        hasher: Sha256::new(),
        size: 0,
        error: None,
    };
    let mut contents = Contents::new(source, located, index)?;
    let mut assembled = Findings::like(findings);
    tarsplit::assemble(&tar_split.entries, &mut contents, &mut assembled, &mut |bytes| {
        output.write(bytes);
    });
    if let Some(error) = contents.error.or(output.error) {
        return Err(error);
    }
    findings.merge(assembled);
    if !findings.is_empty() {
        return Ok(None);
    }
    let digest = Digest::from_hasher(output.hasher);
    check_diff_id(source.diff_id, digest, findings);
    Ok(Some(Reconstructed {
        toc_digest: index.toc_digest,
        digest,
        size: output.size,
        authenticated: index.toc_authority.is_authenticated() && matches!(tar_split.authority, Authority::Toc(_)),
    }))
}

/// Compares the digest of the tar with the DiffID, where one is known.
pub(crate) fn check_diff_id(expected: Option<Digest>, found: Digest, findings: &mut Findings) {
    if let Some(expected) = expected
        && expected != found
    {
        findings.report(
            Rule::DiffId,
            Place::Whole(Region::Tar),
            format!("tar digest {found} does not match the DiffID {expected}"),
        );
    }
}

/// The content of files, from their ranges.
struct Contents<'a> {
    files: BTreeMap<&'a [u8], &'a Entry>,
    ranges: RangeReader<'a>,
    error: Option<io::Error>,
}

impl<'a> Contents<'a> {
    fn new(source: &Source<'a>, located: &Located, index: &'a LayerIndex) -> io::Result<Self> {
        let regular = index
            .toc
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Regular);
        Ok(Self {
            files: regular.map(|entry| (entry.name.as_bytes(), entry)).collect(),
            ranges: RangeReader::new(source.blob, located.data_end(), &source.limits)?,
            error: None,
        })
    }
}

impl Files for Contents<'_> {
    fn deliver(&mut self, file: &File, findings: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery {
        let Some(entry) = self.files.get(file.name.as_slice()) else {
            return Delivery::NoFile;
        };
        if self.error.is_some() {
            return Delivery::Failed;
        }
        match self.ranges.read_file(entry, findings, sink) {
            Ok(ReadFile::Good | ReadFile::Stopped) => Delivery::Done,
            Ok(ReadFile::Broken) => Delivery::Failed,
            Err(error) => {
                self.error = Some(error);
                Delivery::Failed
            }
        }
    }
}

/// Where the tar goes. After the first error nothing more is written.
struct Output<'a> {
    out: &'a mut dyn io::Write,
    hasher: Sha256,
    size: u64,
    error: Option<io::Error>,
}

impl Output<'_> {
    fn write(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.hasher.update(bytes);
            self.size = self.size.saturating_add(bytes.size());
            self.error = self.out.write_all(bytes).err();
        }
    }
}
