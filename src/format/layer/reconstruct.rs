//! Rebuilding the tar from TOC, tar-split and ranges alone, as a partial puller that exports the layer does.

use std::{io, thread};

use sha2::{Digest as _, Sha256};

use super::{
    Authority, LayerIndex, Located, RangeReader, ReadFile, Source,
    ahead::{Ahead, ByName, End},
    content::Content,
    jobs::Portions,
    load, locate,
    ranges::check_ranges,
};
use crate::{
    format::{
        Digest, Findings, Place, Region,
        crc64::Crc64,
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
    reconstruct_in(source, Portions::USUAL, findings, out)
}

/// As [`reconstruct`], with the work divided in this way.
pub(super) fn reconstruct_in(
    source: &Source<'_>,
    portions: Portions,
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
    rebuild_in(source, &located, &index, portions, findings, out)
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
    rebuild_in(source, located, index, Portions::USUAL, findings, out)
}

fn rebuild_in(
    source: &Source<'_>,
    located: &Located,
    index: &LayerIndex,
    portions: Portions,
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
    let regular = index
        .toc
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Regular);
    let files: ByName<'_> = regular.map(|entry| (entry.name.as_bytes(), entry)).collect();
    let entries = tar_split.entries.as_slice();
    let data_end = located.data_end();
    let mut assembled = Findings::like(findings);
    let like = Findings::like(findings);
    let ranges = RangeReader::new(source.blob, data_end, &source.limits)?;
    let error = thread::scope(|scope| {
        let mut contents = Contents {
            files: &files,
            ahead: Ahead::new(scope, source, (&files, entries), data_end, portions, &like),
            ranges,
            error: None,
        };
        tarsplit::assemble(entries, &mut contents, &mut assembled, &mut |bytes| {
            output.write(bytes);
        });
        contents.error
    });
    if let Some(error) = error.or(output.error) {
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
struct Contents<'scope, 'a> {
    files: &'a ByName<'a>,
    /// What other threads read; none if there are none.
    ahead: Option<Ahead<'scope, 'a>>,
    ranges: RangeReader<'a>,
    error: Option<io::Error>,
}

impl<'a: 'scope, 'scope> Contents<'scope, 'a> {
    /// Reads the content of a file, and its CRC.
    fn read(
        &mut self,
        line: u64,
        entry: &Entry,
        like: &Findings,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<(Content, u64)> {
        let ahead = self.ahead.as_mut().map(|ahead| ahead.read(line, sink)).transpose()?;
        let mut given = match ahead.flatten() {
            Some((End::Read(content, crc), _)) => return Ok((content, crc)),
            Some((End::Wide, given)) => given,
            None => 0,
        };
        let mut crc = Crc64::new();
        let content = self.ranges.read_content(entry, like, &mut |bytes| {
            crc.update(bytes);
            let again = usize::try_from(given).map_or(bytes.len(), |given| given.min(bytes.len()));
            let (_, bytes) = bytes.split_at_checked(again).unwrap_or_default();
            given = given.saturating_sub(u64::try_from(again).unwrap_or(u64::MAX));
            bytes.is_empty() || sink(bytes)
        })?;
        Ok((content, crc.value()))
    }
}

impl<'a: 'scope, 'scope> Files for Contents<'scope, 'a> {
    fn has_crc(&self) -> bool {
        true
    }

    fn deliver(&mut self, file: &File, findings: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery {
        let Some(entry) = self.files.get(file.name.as_slice()) else {
            return Delivery::NoFile;
        };
        if self.error.is_some() {
            return Delivery::Failed;
        }
        match self.read(file.line, entry, findings, sink) {
            Ok((content, crc)) => match content.compare(entry, findings) {
                ReadFile::Good | ReadFile::Stopped => Delivery::Summed(crc),
                ReadFile::Broken => Delivery::Failed,
            },
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
