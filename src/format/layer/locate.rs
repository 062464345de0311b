//! Finding the index: annotations first, the footer compared with them.

use std::io;

use super::{Source, check_media_type};
use crate::{
    format::{
        Dialect, Dialects, Digest, Extent, Findings, Matched, Place, Position, Region,
        annotations::{self, NamedIndex, ZstdChunked},
        footer::{self, Footer, SKIPPABLE_MAGIC, TAIL},
        frames::SKIPPABLE_HEADER,
        range::ReadAt,
    },
    rules::Rule,
};

/// What footer and annotations say by themselves, before the blob is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// The footer, where there is one to read.
    pub footer: Option<Footer>,
    /// Whether no rule about the footer is broken.
    pub footer_is_intact: bool,
    /// The annotations of zstd:chunked, where there are some to read.
    pub annotations: Option<ZstdChunked>,
    /// Whether no rule about annotations is broken.
    pub annotations_are_intact: bool,
    /// Whether there are annotations of zstd:chunked, be they broken.
    pub is_annotated: bool,
}

impl Named {
    /// Reads both.
    ///
    /// Rules: LYR-10, and those of footer and annotations.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn read(source: &Source<'_>, findings: &mut Findings) -> io::Result<Self> {
        check_media_type(source, findings)?;
        let size = source.blob.size();
        let tail = Extent::between(size.saturating_sub(TAIL), size)
            .map_or(Ok(Vec::new()), |tail| source.blob.read_extent(tail))?;
        let mut of_footer = Findings::like(findings);
        let footer = footer::parse(&tail, size, &mut of_footer);
        let mut of_annotations = Findings::like(findings);
        let parsed = source
            .annotations
            .map(|annotations| annotations::parse(annotations, &mut of_annotations));
        let named = Self {
            footer,
            footer_is_intact: footer.is_some() && of_footer.is_empty(),
            is_annotated: matches!(parsed, Some(None | Some(NamedIndex::ZstdChunked(_)))),
            annotations: match parsed {
                Some(Some(NamedIndex::ZstdChunked(annotations))) => Some(annotations),
                Some(None | Some(NamedIndex::None | NamedIndex::EStargz(_))) | None => None,
            },
            annotations_are_intact: of_annotations.is_empty(),
        };
        findings.merge(of_footer);
        findings.merge(of_annotations);
        Ok(named)
    }

    /// The dialects that footer and annotations leave.
    pub fn dialects(&self) -> Dialects {
        dialects(self.annotations.as_ref(), self.footer)
    }

    /// Whether one of them names a tar-split.
    pub fn has_tar_split(&self) -> bool {
        let by_annotations = self.annotations.as_ref().and_then(|annotations| annotations.tar_split);
        by_annotations
            .or(self.footer.and_then(|footer| footer.tar_split))
            .is_some()
    }

    /// The index at the positions of the annotations.
    fn by_annotations(&self) -> Option<Located> {
        let annotations = self.annotations.as_ref()?;
        Some(self.located(annotations.toc, annotations.tar_split, Some(annotations)))
    }

    /// The index at the positions of the footer.
    fn by_footer(&self) -> Option<Located> {
        let footer = self.footer?;
        Some(self.located(footer.toc, footer.tar_split, None))
    }

    fn located(&self, toc: Position, tar_split: Option<Position>, annotations: Option<&ZstdChunked>) -> Located {
        Located {
            footer: self.footer,
            annotations: annotations.cloned(),
            annotations_are_intact: self.annotations_are_intact,
            toc,
            tar_split,
            dialect: dialect(annotations, self.footer),
            dialects: dialects(annotations, self.footer),
        }
    }
}

/// Where the index of a layer is, and what names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the index is only located, and has to be loaded"]
pub struct Located {
    /// The footer, where there is one to read.
    pub footer: Option<Footer>,
    /// The annotations of zstd:chunked, where the positions are theirs.
    pub annotations: Option<ZstdChunked>,
    /// Whether no rule about annotations is broken.
    pub annotations_are_intact: bool,
    /// Where the TOC is.
    pub toc: Position,
    /// Where the tar-split is.
    pub tar_split: Option<Position>,
    /// The dialect by whose rules the index is read, as far as footer and annotations tell it; its TOC may tell another one.
    pub dialect: Dialect,
    /// The dialects that footer and annotations leave.
    pub dialects: Dialects,
}

/// What authenticates a TOC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TocAuthority {
    /// The annotations: theirs is the digest of its bytes.
    Annotations(Matched),
    /// Nothing, since annotations contradict it or each other.
    Contradicted,
    /// Nothing, since it was found through the footer.
    Footer,
}

impl TocAuthority {
    /// Whether something authenticates it.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Annotations(_))
    }
}

impl Located {
    /// The digest that the annotations give for the compressed TOC.
    pub fn toc_digest(&self) -> Option<Digest> {
        self.annotations.as_ref().map(|annotations| annotations.toc_digest)
    }

    /// What authenticates a TOC whose digest was found to be this one.
    pub fn authority_of(&self, found: Digest) -> TocAuthority {
        match self.toc_digest() {
            None => TocAuthority::Footer,
            Some(named) => Matched::of(named, found)
                .filter(|_| self.annotations_are_intact)
                .map_or(TocAuthority::Contradicted, TocAuthority::Annotations),
        }
    }

    /// Offset in the blob at which the frame of the TOC begins, where the data ends.
    pub const fn data_end(&self) -> u64 {
        self.toc.extent.offset().saturating_sub(SKIPPABLE_HEADER)
    }
}

/// Reads footer and annotations.
///
/// The annotations count; the footer is used where there are none. Rules: LYR-10, those of footer and annotations, and
/// LYR-02. [`load`](super::load) compares footer and annotations with each other.
///
/// # Errors
///
/// The blob cannot be read.
pub fn locate(source: &Source<'_>, findings: &mut Findings) -> io::Result<Option<Located>> {
    let named = Named::read(source, findings)?;
    // Annotations that are there but broken are not replaced by the footer, which nothing authenticates.
    let located = if named.is_annotated {
        named.by_annotations()
    } else {
        named.by_footer()
    };
    let framed = match &located {
        Some(located) => check_frames(source.blob, located, findings)?,
        None => false,
    };
    Ok(located.filter(|_| framed))
}

/// As [`locate`], for those who look for everything that is wrong: where the annotations lead nowhere, an intact footer is
/// used, and the finding is that the two contradict each other.
///
/// Rules: LYR-01 in addition.
pub(super) fn examine(source: &Source<'_>, findings: &mut Findings) -> io::Result<(Named, Option<Located>)> {
    let named = Named::read(source, findings)?;
    let by_footer = named.by_footer().filter(|_| named.footer_is_intact);
    let Some(by_annotations) = named.by_annotations() else {
        // Without annotations the footer's findings are the answer; beside broken ones it shows what the layer has.
        let Some(located) = named.by_footer() else {
            return Ok((named, None));
        };
        let framed = check_frames(source.blob, &located, findings)?;
        return Ok((named, Some(located).filter(|_| framed)));
    };
    let mut of_annotations = Findings::like(findings);
    if check_frames(source.blob, &by_annotations, &mut of_annotations)? {
        findings.merge(of_annotations);
        return Ok((named, Some(by_annotations)));
    }
    if let Some(by_footer) = by_footer
        && differ(&by_annotations, &by_footer)
        && check_frames(source.blob, &by_footer, &mut Findings::new())?
    {
        findings.report(
            Rule::FooterAgrees,
            Place::Whole(Region::Annotations),
            contradiction(source, &by_annotations, &by_footer)?,
        );
        return Ok((named, Some(by_footer)));
    }
    findings.merge(of_annotations);
    Ok((named, None))
}

/// Whether annotations and footer name other positions, as far as the layout has room for them.
fn differ(annotated: &Located, footer: &Located) -> bool {
    let names_tar_split = footer.footer.is_some_and(|footer| footer.layout.names_tar_split());
    annotated.toc != footer.toc || (names_tar_split && annotated.tar_split != footer.tar_split)
}

/// How annotations that lead nowhere contradict a footer that leads to an index.
fn contradiction(source: &Source<'_>, annotated: &Located, footer: &Located) -> io::Result<String> {
    let places = format!(
        "they place the TOC at {}, the footer at {}",
        written(annotated.toc),
        written(footer.toc)
    );
    if annotated.toc == footer.toc {
        let (annotated, named) = (describe(annotated.tar_split), describe(footer.tar_split));
        return Ok(format!(
            "the annotations place the tar-split {annotated}, the footer {named}"
        ));
    }
    let is_small = footer.toc.extent.length() <= source.limits.toc;
    let named = annotated.toc_digest();
    if is_small && named == Some(Digest::of(&source.blob.read_extent(footer.toc.extent)?)) {
        return Ok(format!(
            "the annotations have the checksum of the TOC but other positions: {places}"
        ));
    }
    Ok(format!("the annotations are those of another blob: {places}"))
}

/// The dialect by whose rules the index is read: the oldest of those that the footer leaves, since where annotations do not
/// tell g1 and g2 apart, g1 allows more.
fn dialect(annotations: Option<&ZstdChunked>, footer: Option<Footer>) -> Dialect {
    let has_tar_split = annotations.is_some_and(|annotations| annotations.tar_split.is_some());
    let by_footer = Dialects::with(|facts| match footer {
        Some(footer) => facts.footer == footer.layout,
        // A footer that cannot be read does not make an older layer of one with a tar-split.
        None => facts.tar_split.is_some() == has_tar_split,
    });
    let by_prefix = Dialects::with(|facts| annotations.is_none_or(|annotations| facts.prefix == annotations.prefix));
    let oldest = |dialects: Dialects| dialects.iter().next();
    oldest(by_footer.and(by_prefix))
        .or(oldest(by_footer))
        .unwrap_or(Dialect::G1)
}

/// The dialects that annotations and footer leave. The length of a footer tells its layout, whatever else in it is wrong.
fn dialects(annotations: Option<&ZstdChunked>, footer: Option<Footer>) -> Dialects {
    let by_footer = Dialects::with(|facts| footer.is_none_or(|footer| facts.footer == footer.layout));
    let by_annotations = annotations.map_or(Dialects::ALL, |annotations| {
        Dialects::with(|facts| {
            let same_tar_split = match annotations.tar_split {
                Some(_) => facts.tar_split.is_some(),
                // The annotation of a tar-split can have been taken away.
                None => facts.tar_split.is_none() || footer.is_some(),
            };
            facts.prefix == annotations.prefix && same_tar_split
        })
    });
    by_footer.and(by_annotations)
}

/// Compares the footer with the annotations.
///
/// Rule: LYR-01. It is reported after what the annotations lead to, since nothing authenticates the footer.
pub(super) fn check_footer(located: &Located, findings: &mut Findings) {
    let (Some(annotations), Some(footer)) = (&located.annotations, located.footer) else {
        return;
    };
    let comparable = footer.layout.names_tar_split();
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
                    "the footer places the {what} {}, the annotations {}",
                    describe(named),
                    describe(annotated)
                ),
            );
        }
    }
}

fn describe(position: Option<Position>) -> String {
    position.map_or_else(|| "nowhere".to_owned(), |position| format!("at {}", written(position)))
}

/// A position as annotations write it.
fn written(position: Position) -> String {
    format!(
        "{}:{}:{}",
        position.extent.offset(),
        position.extent.length(),
        position.uncompressed
    )
}

/// Whether TOC and tar-split are where the positions say.
///
/// Rule: LYR-02.
fn check_frames(blob: &dyn ReadAt, located: &Located, findings: &mut Findings) -> io::Result<bool> {
    let mut framed = check_frame(blob, "TOC", located.toc, findings)?;
    if let Some(tar_split) = located.tar_split {
        framed &= check_frame(blob, "tar-split", tar_split, findings)?;
    }
    Ok(framed)
}

/// Whether a skippable frame of exactly this payload is there.
fn check_frame(blob: &dyn ReadAt, what: &str, position: Position, findings: &mut Findings) -> io::Result<bool> {
    let place = Place::Byte(Region::Blob, position.extent.offset().saturating_sub(SKIPPABLE_HEADER));
    if position.extent.end() > blob.size() {
        findings.report(
            Rule::PositionFrame,
            place,
            format!(
                "the {what} is outside the blob: it ends at {}, the blob at {}",
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
                "no skippable frame header before the {what} payload: found magic 0x{:08x}, length {}; expected \
                 0x{magic:08x}, {}",
                found & 0xffff_ffff,
                found >> 32,
                position.extent.length()
            ),
        );
        return Ok(findings.is_off(Rule::PositionFrame));
    }
    Ok(true)
}
