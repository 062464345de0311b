//! Loading the index: TOC and tar-split, each authenticated by what names it.

use std::{
    io,
    panic::resume_unwind,
    thread::{self, ScopedJoinHandle},
};

use super::{
    Located, Source, TocAuthority,
    checksums::Checksums,
    locate::check_footer,
    tar_split::{Fetched, TarSplitReader},
};
use crate::{
    format::{
        Compared, Dialect, Dialects, Digest, Findings, Matched, Part, Place, Region,
        annotations::{ESTARGZ_TOC_DIGEST, Prefix},
        dialect::DigestIn,
        estargz, payload, tar, tarsplit,
        toc::{self, EntryKind, Style, Toc},
    },
    rules::Rule,
};

/// What vouches for the tar-split of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authority {
    /// The TOC holds its digest (g5), and it is that of its bytes.
    Toc(Matched),
    /// Only an annotation holds its digest (g3, g4), which is no part of the layer's identity.
    Annotation(Matched),
    /// Nothing.
    Nothing,
}

/// The index of a layer.
#[non_exhaustive]
#[must_use = "an index that is thrown away has been read for nothing"]
pub struct LayerIndex {
    /// The digest of the compressed TOC, computed from its bytes.
    pub toc_digest: Digest,
    /// What authenticates the TOC.
    pub toc_authority: TocAuthority,
    /// The dialect by whose rules the index was read, now that the TOC is known.
    pub dialect: Dialect,
    /// The dialects that footer, annotations and TOC leave.
    pub dialects: Dialects,
    /// The TOC.
    pub toc: Toc,
    /// The tar-split, if the layer has one that can be read.
    pub tar_split: Option<LoadedTarSplit>,
}

/// The tar-split of a layer.
#[non_exhaustive]
pub struct LoadedTarSplit {
    /// Its entries. Of an index that is only listed none are kept.
    pub entries: Vec<tarsplit::Entry>,
    /// The headers in its segments, in their order, likewise.
    pub headers: Vec<tar::Entry>,
    /// How many segments there are.
    pub segment_count: usize,
    /// How many headers.
    pub header_count: usize,
    /// Size in bytes of the tar that it makes with the content of its files.
    pub(super) tar_size: u64,
    /// What it says about contents, if the data is to be compared with it.
    pub(super) checksums: Checksums,
    /// Its compressed bytes, if its lines are to be read again and not kept.
    pub(super) payload: Option<Vec<u8>>,
    /// What vouches for it.
    pub authority: Authority,
}

/// Reads, authenticates and parses TOC and tar-split, and compares them with each other.
///
/// Rules: IDX, JSN, TOC, TSP, TAR, SEG, LYR-01, LYR-04 to LYR-07, CMP-01, CMP-02 and CMP-05, and DAT-03 for empty files.
///
/// # Errors
///
/// The blob cannot be read.
pub fn load(source: &Source<'_>, located: &Located, findings: &mut Findings) -> io::Result<Option<LayerIndex>> {
    let index = load_parts(source, located, Purpose::Reading, findings)?;
    check_footer(located, findings);
    Ok(index)
}

/// As [`load`], to compare the data with the index: of the tar-split only its compressed bytes are kept, if lines are good.
///
/// # Errors
///
/// The blob cannot be read.
pub(super) fn load_comparing(
    source: &Source<'_>,
    located: &Located,
    findings: &mut Findings,
) -> io::Result<Option<LayerIndex>> {
    let index = load_parts(source, located, Purpose::Comparing, findings)?;
    check_footer(located, findings);
    Ok(index)
}

/// As [`load`], but nothing of the tar-split is kept once it has been compared.
///
/// # Errors
///
/// The blob cannot be read.
pub(super) fn load_summary(
    source: &Source<'_>,
    located: &Located,
    findings: &mut Findings,
) -> io::Result<Option<LayerIndex>> {
    let index = load_parts(source, located, Purpose::Summary, findings)?;
    check_footer(located, findings);
    Ok(index)
}

/// As [`load_summary`], but a tar-split that nothing authenticates is not read: to list files is to have no use for it.
///
/// # Errors
///
/// The blob cannot be read.
pub(super) fn load_listing(
    source: &Source<'_>,
    located: &Located,
    findings: &mut Findings,
) -> io::Result<Option<LayerIndex>> {
    let index = load_parts(source, located, Purpose::Listing, findings)?;
    check_footer(located, findings);
    Ok(index)
}

/// What an index is loaded for, which tells what becomes of the tar-split.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To read the layer.
    Reading,
    /// To compare the data with it.
    Comparing,
    /// To show what there is.
    Summary,
    /// To list the files.
    Listing,
}

fn load_parts(
    source: &Source<'_>,
    located: &Located,
    purpose: Purpose,
    findings: &mut Findings,
) -> io::Result<Option<LayerIndex>> {
    if !payload::check_limit(Region::Toc, located.toc, source.limits.toc, findings) {
        return Ok(None);
    }
    let like = &Findings::like(findings);
    thread::scope(|scope| {
        let ahead = TarSplitReader::ahead_of_toc(source, located, purpose, like).and_then(|reader| {
            thread::Builder::new()
                .spawn_scoped(scope, move || reader.read_ahead())
                .ok()
        });
        let Some((toc_digest, toc_authority, toc)) = load_toc(source, located, findings)? else {
            return Ok(None);
        };
        let dialects = located.dialects.and(dialects(&toc));
        let dialect = if dialects.has(located.dialect) {
            located.dialect
        } else {
            dialects.iter().next().unwrap_or(located.dialect)
        };
        let tar_split = load_tar_split(source, located, purpose, (&toc, dialect), ahead, findings)?;
        Ok(Some(LayerIndex {
            toc_digest,
            toc_authority,
            dialect,
            dialects,
            toc,
            tar_split,
        }))
    })
}

fn load_toc(
    source: &Source<'_>,
    located: &Located,
    findings: &mut Findings,
) -> io::Result<Option<(Digest, TocAuthority, Toc)>> {
    let compressed = source.blob.read_extent(located.toc.extent)?;
    let digest = Digest::of(&compressed);
    if let Some(expected) = located.toc_digest()
        && expected != digest
    {
        findings.report(
            Rule::TocChecksum,
            Place::Whole(Region::Toc),
            format!("the digest of the compressed TOC is {digest}, expected {expected} as in the annotations"),
        );
    }
    let declared = located.toc.uncompressed;
    let Some(json) = payload::decompress(Region::Toc, &compressed, declared, &source.limits, findings)? else {
        return Ok(None);
    };
    drop(compressed);
    let authority = match located.authority_of(digest) {
        _ if !check_estargz(located, &json, findings) => TocAuthority::Contradicted,
        authority => authority,
    };
    let Some(toc) = toc::parse_owned(json, located.dialect, findings) else {
        return Ok(None);
    };
    // A TOC without content looks the same from every writer of g1, and a landmark has content.
    if toc.style == Style::Stargz && toc.entries.iter().any(|entry| !entry.chunks.is_empty()) {
        estargz::check_landmark(&toc, findings);
    }
    check_empty_files(&toc, findings);
    Ok(Some((digest, authority, toc)))
}

/// The dialects that a TOC leaves.
fn dialects(toc: &Toc) -> Dialects {
    let has_digest = toc.tar_split_digest.is_some();
    Dialects::with(|facts| (facts.tar_split == Some(DigestIn::Toc)) == has_digest)
}

/// Compares the digest of each empty file with that of nothing, for which no data is needed.
///
/// Rule: DAT-03.
pub(crate) fn check_empty_files(toc: &Toc, findings: &mut Findings) {
    let nothing = Digest::of(b"");
    let files = toc.entries.iter().filter(|entry| entry.kind == EntryKind::Regular);
    for entry in files.filter(|entry| entry.size == 0 && !entry.unread.has(Part::Size)) {
        if let Some(digest) = entry.digest.filter(|&digest| digest != nothing) {
            findings.report(
                Rule::FileDigest,
                Place::File(entry.name.clone()),
                format!("the `digest` of the empty file is {digest}, expected {nothing}, that of no bytes"),
            );
        }
    }
}

/// Whether the eStargz TOC digest, where there is one, is that of the TOC.
fn check_estargz(located: &Located, json: &[u8], findings: &mut Findings) -> bool {
    // Beside the newer prefix it is the digest of some other index, and ANN-09 has said so.
    let annotations = located
        .annotations
        .as_ref()
        .filter(|annotations| annotations.prefix == Prefix::Containers);
    let expected = annotations.and_then(|annotations| annotations.estargz_digest);
    let Some(expected) = expected else {
        return true;
    };
    let found = Digest::of(json);
    if found != expected {
        findings.report(
            Rule::EStargzDigest,
            Place::Annotation(ESTARGZ_TOC_DIGEST),
            format!("the digest of the uncompressed TOC is {found}, expected {expected} as in the annotation"),
        );
    }
    found == expected
}

fn load_tar_split(
    source: &Source<'_>,
    located: &Located,
    purpose: Purpose,
    (toc, dialect): (&Toc, Dialect),
    ahead: Option<ScopedJoinHandle<'_, io::Result<Fetched>>>,
    findings: &mut Findings,
) -> io::Result<Option<LoadedTarSplit>> {
    let Some(position) = located.tar_split else {
        if toc.tar_split_digest.is_some() {
            let in_footer = located.footer.is_some_and(|footer| footer.tar_split.is_some());
            let missing = match (&located.annotations, in_footer) {
                (Some(_), true) => "the annotations do not have its position, although the footer does",
                (Some(_), false) => "the annotations do not have its position",
                (None, _) => "the footer does not have its position",
            };
            findings.report(
                Rule::TarSplitStripped,
                Place::Pointer("/tarSplitDigest".to_owned()),
                format!("the TOC names a tar-split, but {missing}"),
            );
        }
        return Ok(None);
    };
    let annotated = located
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.tar_split_checksum);
    if purpose == Purpose::Listing && toc.tar_split_digest.is_none() && annotated.is_none() {
        return Ok(None);
    }
    if !payload::check_limit(Region::TarSplit, position, source.limits.tar_split, findings) {
        return Ok(None);
    }
    let like = &Findings::like(findings);
    let reader = TarSplitReader {
        source,
        position,
        purpose,
        like,
    };
    let fetched = match ahead {
        Some(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic))?,
        None => reader.fetch()?,
    };
    let found = fetched.digest;
    let (expected, rule, named_by) = match (toc.tar_split_digest, annotated) {
        (Some(digest), _) => (Some(digest), Rule::TarSplitDigest, "the TOC"),
        (None, Some(digest)) => (Some(digest), Rule::TarSplitChecksum, "the annotation"),
        (None, None) => (None, Rule::TarSplitDigest, ""),
    };
    let matched = match expected.map(|expected| Compared::of(expected, found)) {
        None => None,
        Some(Compared::Equal(matched)) => Some(matched),
        Some(Compared::Different { named, .. }) => {
            findings.report(
                rule,
                Place::Whole(Region::TarSplit),
                format!("the digest of the compressed tar-split is {found}, expected {named} as in {named_by}"),
            );
            // It is another tar-split: comparing it with the TOC would only repeat that.
            return Ok(None);
        }
    };
    let authority = match matched {
        Some(matched) if toc.tar_split_digest.is_some() => Authority::Toc(matched),
        Some(matched) => Authority::Annotation(matched),
        None => Authority::Nothing,
    };
    let parsed = reader.finish(fetched, (toc, dialect))?;
    findings.merge(parsed.findings);
    let Some(mut loaded) = parsed.loaded else {
        return Ok(None);
    };
    loaded.authority = authority;
    Ok(Some(loaded))
}
