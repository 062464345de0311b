//! Finding and reading the TOC.

use std::io;

use super::{
    Footer, TAIL, TOC_NAME,
    footer::parse,
    members::{Members, Step, report_broken},
};
use crate::{
    format::{
        Dialect, Digest, Extent, Findings, Place, Region,
        annotations::{self, ESTARGZ_TOC_DIGEST},
        layer::{Source, check_media_type},
        range::ReadAt,
        tar::{Event, Scanner},
        toc::{self, EntryKind, Toc},
    },
    rules::Rule,
};

/// Entries that tell a client what to fetch first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landmark {
    /// `.prefetch.landmark`: what stands before it.
    Prefetch,
    /// `.no.prefetch.landmark`: nothing.
    NoPrefetch,
}

impl Landmark {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Prefetch, Self::NoPrefetch];

    /// The name of the entry, at the root.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prefetch => ".prefetch.landmark",
            Self::NoPrefetch => ".no.prefetch.landmark",
        }
    }
}

/// The index of an eStargz layer.
pub struct Index {
    /// The footer.
    pub footer: Footer,
    /// The digest of the uncompressed TOC, computed from its bytes.
    pub toc_digest: Digest,
    /// Whether an annotation vouches for the TOC.
    pub authenticated: bool,
    /// The TOC.
    pub toc: Toc,
    /// The landmark, where there is one.
    pub landmark: Option<Landmark>,
    /// Offset in the blob at which the data ends.
    pub data_end: u64,
}

/// Reads footer and TOC, and holds the TOC against the annotation. `external` is the blob of an external TOC.
///
/// Rules: LYR-10, ESG-01 to ESG-05, IDX-01, LYR-07, and those of the TOC.
///
/// # Errors
///
/// A blob cannot be read.
pub fn load(source: &Source<'_>, external: Option<&dyn ReadAt>, findings: &mut Findings) -> io::Result<Option<Index>> {
    check_media_type(source, findings)?;
    let size = source.blob.size();
    let tail = Extent::between(size.saturating_sub(TAIL), size)
        .map_or(Ok(Vec::new()), |tail| source.blob.read_extent(tail))?;
    let Some(footer) = parse(&tail, size, findings) else {
        return Ok(None);
    };
    let end = size.saturating_sub(footer.layout.size());
    let in_layer: &dyn ReadAt = source.blob;
    let (blob, extent, data_end) = match (footer.toc, external) {
        (Some(offset), _) => (in_layer, Extent::between(offset, end), offset),
        (None, Some(external)) => (external, Extent::new(0, external.size()), end),
        (None, None) => {
            findings.report(
                Rule::EStargzToc,
                Place::Whole(Region::Toc),
                "the footer says that the TOC is a blob of its own, expected it to be given",
            );
            return Ok(None);
        }
    };
    let Some(json) = extent.map_or(Ok(None), |extent| unpack(blob, extent, source.limits.toc, findings))? else {
        return Ok(None);
    };
    let toc_digest = Digest::of(&json);
    let expected = match source.annotations.map(|map| annotations::parse(map, findings)) {
        Some(Some(annotations::Index::EStargz(digest))) => Some(digest),
        _ => None,
    };
    if let Some(expected) = expected.filter(|&expected| expected != toc_digest) {
        findings.report(
            Rule::EStargzDigest,
            Place::Annotation(ESTARGZ_TOC_DIGEST),
            format!("the uncompressed TOC has the digest {toc_digest}, expected {expected}"),
        );
    }
    let Some((toc, landmark)) = parse_toc(&json, findings) else {
        return Ok(None);
    };
    Ok(Some(Index {
        footer,
        toc_digest,
        authenticated: expected.is_some(),
        toc,
        landmark,
        data_end,
    }))
}

/// Reads the JSON of a TOC, and which landmark it has.
///
/// Rules: those of the TOC as in g1, and ESG-05.
pub fn parse_toc(json: &[u8], findings: &mut Findings) -> Option<(Toc, Option<Landmark>)> {
    let toc = toc::parse(json, Dialect::G1, findings)?;
    let landmark = landmark(&toc, findings);
    Some((toc, landmark))
}

/// Takes the TOC out of its member and its tar.
fn unpack(blob: &dyn ReadAt, extent: Extent, limit: u64, findings: &mut Findings) -> io::Result<Option<Vec<u8>>> {
    let mut unpacker = Unpacker {
        json: Vec::new(),
        limit,
        found: None,
        ended: false,
    };
    let mut scanner = Scanner::new();
    let mut of_tar = Findings::new();
    let mut members = Members::new(blob, extent);
    let problem = loop {
        match members.step()? {
            Step::Bytes(bytes) => {
                if !scanner.push(bytes, &mut of_tar, &mut |event| unpacker.see(event)) || unpacker.is_refused() {
                    break None;
                }
            }
            Step::End(member) if member.extent == extent => break None,
            Step::End(member) => {
                break Some(format!(
                    "its gzip member ends at {}, expected {}",
                    member.extent.end(),
                    extent.end()
                ));
            }
            Step::Done => break Some("it is empty".to_owned()),
            Step::Broken(at, problem) => {
                report_broken(at, &problem, findings);
                return Ok(None);
            }
        }
    };
    let problem = problem
        .or_else(|| {
            of_tar
                .list()
                .first()
                .map(|finding| format!("its tar cannot be read: {}", finding.detail))
        })
        .or_else(|| unpacker.problem());
    if let Some(found) = unpacker.too_large() {
        findings.report(
            Rule::IndexLimit,
            Place::Whole(Region::Toc),
            format!("the TOC has {found} bytes, expected at most {limit}"),
        );
        return Ok(None);
    }
    if let Some(problem) = problem {
        findings.report(
            Rule::EStargzToc,
            Place::Byte(Region::Blob, extent.offset()),
            format!("no TOC stands here: {problem}, expected a tar of the file {TOC_NAME} in one gzip member"),
        );
        return Ok(None);
    }
    Ok(Some(unpacker.json))
}

struct Unpacker {
    json: Vec<u8>,
    limit: u64,
    /// Name and size of the first entry.
    found: Option<(Vec<u8>, u64)>,
    /// Whether that entry is complete.
    ended: bool,
}

impl Unpacker {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Entry(entry) if self.found.is_none() => {
                let is_file = EntryKind::from_typeflag(entry.typeflag) == Some(EntryKind::Regular);
                let name = if is_file { entry.name } else { b"/".to_vec() };
                self.found = Some((name, entry.size));
            }
            // A second file, which nobody would read.
            Event::Entry(_) => self.found = Some((Vec::new(), 0)),
            Event::Content(bytes) if !self.is_refused() => self.json.extend_from_slice(bytes),
            Event::ContentEnd => self.ended = true,
            Event::Content(_) | Event::Raw(_) | Event::ArchiveEnd => {}
        }
    }

    fn too_large(&self) -> Option<u64> {
        self.found
            .as_ref()
            .map(|(_, size)| *size)
            .filter(|&size| size > self.limit)
    }

    fn is_refused(&self) -> bool {
        self.too_large().is_some() || self.found.as_ref().is_some_and(|(name, _)| name != TOC_NAME.as_bytes())
    }

    fn problem(&self) -> Option<String> {
        match &self.found {
            None => Some("its tar has no file".to_owned()),
            Some((name, _)) if name.is_empty() => Some("its tar has a second file".to_owned()),
            Some((name, _)) if name != TOC_NAME.as_bytes() => {
                Some(format!("its tar begins with `{}`", name.escape_ascii()))
            }
            Some(_) if !self.ended => Some("its tar ends within the file".to_owned()),
            Some(_) => None,
        }
    }
}

/// The landmark of a layer.
///
/// Rule: ESG-05.
fn landmark(toc: &Toc, findings: &mut Findings) -> Option<Landmark> {
    let mut first = None;
    for entry in &toc.entries {
        let Some(landmark) = Landmark::ALL.into_iter().find(|landmark| landmark.name() == entry.path) else {
            continue;
        };
        let place = || Place::File(entry.name.clone());
        if entry.kind != EntryKind::Regular || entry.size != 1 {
            findings.report(
                Rule::Landmark,
                place(),
                "the landmark is no regular file of one byte, expected one",
            );
        }
        if first.is_some() {
            findings.report(Rule::Landmark, place(), "a second landmark, expected one at most");
        }
        first = first.or(Some(landmark));
    }
    first
}
