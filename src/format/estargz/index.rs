//! Finding and reading the TOC.

use std::io;

use super::{
    Footer, Landmark, TAIL,
    entries::{check_landmark, check_names, check_order},
    footer::parse,
    unpack::unpack,
};
use crate::{
    format::{
        Digest, Extent, Findings, Place, Region,
        annotations::{self, ESTARGZ_TOC_DIGEST},
        layer::{Source, check_empty_files, check_media_type},
        range::ReadAt,
        toc::{self, Toc},
    },
    rules::Rule,
};

/// The index of an eStargz layer.
#[non_exhaustive]
#[must_use = "an index that is thrown away has been read for nothing"]
pub struct EStargzIndex {
    /// The footer.
    pub footer: Footer,
    /// The digest of the uncompressed TOC, computed from its bytes.
    pub toc_digest: Digest,
    /// The digest of the TOC that an annotation names.
    pub annotated: Option<Digest>,
    /// The TOC.
    pub toc: Toc,
    /// The landmark, where there is one.
    pub landmark: Option<Landmark>,
    /// Offset in the blob at which the data ends.
    pub data_end: u64,
}

impl EStargzIndex {
    /// Whether an annotation authenticates the TOC: it names the digest that the TOC has.
    pub fn is_authenticated(&self) -> bool {
        self.annotated == Some(self.toc_digest)
    }
}

/// Reads the footer of a blob.
///
/// Rules: ESG-01 to ESG-03.
///
/// # Errors
///
/// The blob cannot be read.
pub fn load_footer(blob: &dyn ReadAt, findings: &mut Findings) -> io::Result<Option<Footer>> {
    let size = blob.size();
    let tail =
        Extent::between(size.saturating_sub(TAIL), size).map_or(Ok(Vec::new()), |tail| blob.read_extent(tail))?;
    Ok(parse(&tail, size, findings))
}

/// Reads footer and TOC, and compares them with the annotations. `external` is the blob of an external TOC.
///
/// Rules: LYR-10, ESG-01 to ESG-05, ESG-07, ESG-08, IDX-01, LYR-01, LYR-07, those of the TOC, and DAT-03 for empty files.
///
/// # Errors
///
/// A blob cannot be read.
pub fn load(
    source: &Source<'_>,
    external: Option<&dyn ReadAt>,
    findings: &mut Findings,
) -> io::Result<Option<EStargzIndex>> {
    check_media_type(source, findings)?;
    match load_footer(source.blob, findings)? {
        Some(footer) => load_toc(source, footer, external, findings),
        None => Ok(None),
    }
}

/// Reads the TOC that a footer names, as [`load`] does.
///
/// # Errors
///
/// A blob cannot be read.
pub fn load_toc(
    source: &Source<'_>,
    footer: Footer,
    external: Option<&dyn ReadAt>,
    findings: &mut Findings,
) -> io::Result<Option<EStargzIndex>> {
    let end = source.blob.size().saturating_sub(footer.layout.size());
    let in_layer: &dyn ReadAt = source.blob;
    let (blob, extent, data_end) = match (footer.toc, external) {
        (Some(offset), _) => (in_layer, Extent::between(offset, end), offset),
        (None, Some(external)) => (external, Extent::new(0, external.size()), end),
        (None, None) => {
            findings.report(
                Rule::EStargzToc,
                Place::Whole(Region::Toc),
                "the TOC is missing: by the footer it is a blob of its own, and none was given",
            );
            return Ok(None);
        }
    };
    let Some(json) = extent.map_or(Ok(None), |extent| unpack(blob, extent, source.limits.toc, findings))? else {
        return Ok(None);
    };
    let toc_digest = Digest::of(&json);
    let annotated = match source.annotations.map(|map| annotations::parse(map, findings)) {
        Some(Some(annotations::NamedIndex::EStargz(digest))) => Some(digest),
        Some(Some(annotations::NamedIndex::ZstdChunked(_))) => {
            findings.report(
                Rule::FooterAgrees,
                Place::Whole(Region::Annotations),
                "the annotations name a zstd:chunked TOC, but the blob has the footer of eStargz",
            );
            None
        }
        _ => None,
    };
    if let Some(expected) = annotated.filter(|&expected| expected != toc_digest) {
        findings.report(
            Rule::EStargzDigest,
            Place::Annotation(ESTARGZ_TOC_DIGEST),
            format!("the digest of the uncompressed TOC is {toc_digest}, expected {expected} as in the annotation"),
        );
    }
    let Some((toc, landmark)) = parse_toc(&json, findings) else {
        return Ok(None);
    };
    check_empty_files(&toc, findings);
    Ok(Some(EStargzIndex {
        footer,
        toc_digest,
        annotated,
        toc,
        landmark,
        data_end,
    }))
}

/// Reads the JSON of a TOC, and which landmark it has.
///
/// Rules: those of the TOC as in g1 by stargz, ESG-05, ESG-07 and ESG-08.
pub fn parse_toc(json: &[u8], findings: &mut Findings) -> Option<(Toc, Option<Landmark>)> {
    let mut of_toc = Findings::like(findings);
    let toc = toc::parse_stargz(json, &mut of_toc);
    // Numbers that could not be read have no order.
    let is_sound = of_toc.is_empty();
    findings.merge(of_toc);
    let toc = toc?;
    let landmark = check_landmark(&toc, findings);
    check_names(&toc, findings);
    if is_sound {
        check_order(&toc, findings);
    }
    Some((toc, landmark))
}
