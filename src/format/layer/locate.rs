//! Finding the index: annotations first, the footer held against them.

use std::io;

use super::{Source, check_media_type};
use crate::{
    format::{
        Dialect, Digest, Extent, Findings, Place, Position, Region,
        annotations::{self, Index, Prefix, ZstdChunked},
        footer::{self, Footer, Layout, SKIPPABLE_MAGIC, TAIL},
        frames::SKIPPABLE_HEADER,
        range::ReadAt,
    },
    rules::Rule,
};

/// Where the index of a layer is, and what authenticates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The footer, where there is one to read.
    pub footer: Option<Footer>,
    /// The annotations of zstd:chunked, where there are some.
    pub annotations: Option<ZstdChunked>,
    /// Where the TOC is.
    pub toc: Position,
    /// Where the tar-split is.
    pub tar_split: Option<Position>,
    /// The dialect as far as footer and annotations tell it; g4 may turn out to be g5 by its TOC.
    pub dialect: Dialect,
}

impl Located {
    /// The digest that the annotations give for the compressed TOC.
    pub fn toc_digest(&self) -> Option<Digest> {
        self.annotations.as_ref().map(|annotations| annotations.toc_digest)
    }

    /// Whether the layer may be of g1 or of g2, which differ in their annotations only.
    pub fn is_ambiguous(&self) -> bool {
        self.annotations.is_none() && self.footer.is_some_and(|footer| footer.layout == Layout::V40)
    }

    /// Offset in the blob at which the frame of the TOC begins, where the data ends.
    pub const fn data_end(&self) -> u64 {
        self.toc.extent.offset().saturating_sub(SKIPPABLE_HEADER)
    }
}

/// Reads footer and annotations.
///
/// The annotations count; the footer is used where there are none. Rules: LYR-10, those of footer and annotations, and LYR-02.
/// [`load`](super::load) holds the two against each other.
///
/// # Errors
///
/// The blob cannot be read.
pub fn locate(source: &Source<'_>, findings: &mut Findings) -> io::Result<Option<Located>> {
    check_media_type(source, findings)?;
    let size = source.blob.size();
    let tail = Extent::between(size.saturating_sub(TAIL), size)
        .map_or(Ok(Vec::new()), |tail| source.blob.read_extent(tail))?;
    let footer = footer::parse(&tail, size, findings);
    let annotations = match source
        .annotations
        .map(|annotations| annotations::parse(annotations, findings))
    {
        // Annotations that are there but broken are not replaced by the footer, which nothing authenticates.
        Some(None) => return Ok(None),
        Some(Some(Index::ZstdChunked(annotations))) => Some(annotations),
        Some(Some(Index::None | Index::EStargz(_))) | None => None,
    };
    let (toc, tar_split) = match (&annotations, footer) {
        (Some(annotations), _) => (annotations.toc, annotations.tar_split),
        (None, Some(footer)) => (footer.toc, footer.tar_split),
        (None, None) => return Ok(None),
    };
    let mut framed = check_frame(source.blob, "TOC", toc, findings)?;
    if let Some(tar_split) = tar_split {
        framed &= check_frame(source.blob, "tar-split", tar_split, findings)?;
    }
    let dialect = dialect(annotations.as_ref(), footer);
    Ok(framed.then_some(Located {
        footer,
        annotations,
        toc,
        tar_split,
        dialect,
    }))
}

fn dialect(annotations: Option<&ZstdChunked>, footer: Option<Footer>) -> Dialect {
    match (annotations, footer.map(|footer| footer.layout)) {
        (_, Some(Layout::V56)) => Dialect::G3,
        (_, Some(Layout::V64)) => Dialect::G4,
        (Some(annotations), _) if annotations.prefix == Prefix::Github => Dialect::G2,
        // Without annotations a 40-byte footer is that of g1 or g2, of which g1 allows more.
        _ => Dialect::G1,
    }
}

/// Holds the footer against the annotations.
///
/// Rule: LYR-01. It comes after what the annotations lead to, since nothing authenticates the footer.
pub(super) fn check_footer(located: &Located, findings: &mut Findings) {
    let (Some(annotations), Some(footer)) = (&located.annotations, located.footer) else {
        return;
    };
    // The 40- and 56-byte layouts have no room for the position of a tar-split.
    let comparable = footer.layout == Layout::V64;
    for (what, annotated, named) in [
        ("TOC", Some(annotations.toc), Some(footer.toc)),
        (
            "tar-split",
            annotations.tar_split.filter(|_| comparable),
            footer.tar_split.filter(|_| comparable),
        ),
    ] {
        if annotated != named {
            findings.report(
                Rule::FooterAgrees,
                Place::Whole(Region::Footer),
                format!(
                    "the footer names the {what} {}, expected {} as in the annotations",
                    describe(named),
                    describe(annotated)
                ),
            );
        }
    }
}

fn describe(position: Option<Position>) -> String {
    position.map_or_else(
        || "nowhere".to_owned(),
        |position| {
            format!(
                "at {}:{}:{}",
                position.extent.offset(),
                position.extent.length(),
                position.uncompressed
            )
        },
    )
}

/// Whether a skippable frame of exactly this payload stands there.
fn check_frame(blob: &dyn ReadAt, what: &str, position: Position, findings: &mut Findings) -> io::Result<bool> {
    let place = Place::Byte(Region::Blob, position.extent.offset().saturating_sub(SKIPPABLE_HEADER));
    if position.extent.end() > blob.size() {
        findings.report(
            Rule::PositionFrame,
            place,
            format!(
                "the {what} ends at {}, expected it inside the blob of {} bytes",
                position.extent.end(),
                blob.size()
            ),
        );
        return Ok(false);
    }
    let mut header = [0; 8];
    blob.read_exact_at(&mut header, position.extent.offset().saturating_sub(SKIPPABLE_HEADER))?;
    let magic = u64::from(u32::from_le_bytes(SKIPPABLE_MAGIC));
    let expected = position.extent.length() << 32 | magic;
    let found = u64::from_le_bytes(header);
    if position.extent.length() > u64::from(u32::MAX) || found != expected {
        findings.report(
            Rule::PositionFrame,
            place,
            format!(
                "before the {what} stands magic 0x{:08x} with length {}, expected 0x{magic:08x} with length {}",
                found & 0xffff_ffff,
                found >> 32,
                position.extent.length()
            ),
        );
        return Ok(false);
    }
    Ok(true)
}
