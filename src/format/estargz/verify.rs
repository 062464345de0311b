//! Everything that can be known about an eStargz layer from its whole blob.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use sha2::{Digest as _, Sha256};

use super::{
    EStargzIndex, Footer, load_footer, load_toc,
    members::{Members, Step, report_broken},
    ranges::Ranges,
};
use crate::{
    format::{
        Compared, Dialect, Digest, Extent, Findings, Part, Place, Region, annotations,
        layer::{Source, Work, check_diff_id, check_media_type, compare, report_exhausted},
        path::from_root,
        range::ReadAt,
        tar::{self, Ambiguities, Event, Inspection, Scanner},
        toc::EntryKind,
    },
    rules::Rule,
};

/// What a layer turned out to be. Parts are absent where they could not be made out.
#[non_exhaustive]
#[must_use = "what a layer turned out to be says whether it can be used"]
pub struct Verified {
    /// Its footer; none of a blob that is no eStargz layer, or whose footer is damaged.
    pub footer: Option<Footer>,
    /// Its index.
    pub index: Option<EStargzIndex>,
    /// Number of gzip members, those of TOC and footer included.
    pub members: u64,
    /// The digest of what all members decode to, the one of the TOC included. It is the digest that the DiffID has to be.
    pub tar_digest: Option<Digest>,
    /// Size of that tar in bytes.
    pub tar_size: Option<u64>,
    /// The DiffID that the image names, compared with that digest.
    pub diff_id: Option<Compared>,
    /// What tar readers differ about in the tar (TAR-07, TAR-08). That is no finding, since the format leaves it to a reader.
    /// Nothing is known of a tar that cannot be read.
    pub ambiguities: Ambiguities,
}

/// Compares all parts of a layer with each other. `external` is the blob of an external TOC.
///
/// # Errors
///
/// A blob cannot be read.
pub fn verify(source: &Source<'_>, external: Option<&dyn ReadAt>, findings: &mut Findings) -> io::Result<Verified> {
    check_media_type(source, findings)?;
    let mut of_footer = Findings::like(findings);
    let footer = load_footer(source.blob, &mut of_footer)?;
    let mut of_index = Findings::like(findings);
    let index = match footer {
        Some(footer) => load_toc(source, footer, external, &mut of_index)?,
        None => None,
    };
    let mut plain = Plain::new(footer.and_then(|footer| footer.toc), index.as_ref());
    let mut of_plain = Findings::like(findings);
    let whole = plain.read(source.blob, &mut of_plain)?;
    let is_tar = whole && of_plain.is_empty();
    match whole_tar(source, is_tar).filter(|_| of_footer.breaks(Rule::EStargzFooter)) {
        Some(cause) => findings.report(
            Rule::EStargzFooter,
            Place::Byte(Region::Blob, source.blob.size()),
            cause,
        ),
        None => findings.merge(of_footer),
    }
    findings.merge(of_index);
    findings.merge(of_plain);
    if let (Some(index), true) = (&index, whole) {
        plain.compare(index, findings);
    }
    if let Some(index) = &index {
        let all = Work {
            frames: index.data_end,
            decoded: plain.size,
        };
        let mut ranges = Ranges::new(source.blob, index.data_end, all);
        for entry in index
            .toc
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Regular)
        {
            if entry.unread.has(Part::Ranges) || entry.unread.has(Part::Size) {
                continue;
            }
            // One that begins within a member has been reported.
            if entry.chunks.iter().all(|chunk| !plain.starts.contains(&chunk.offset)) {
                ranges.check(entry, findings)?;
            }
            if ranges.is_exhausted() {
                report_exhausted(findings);
                break;
            }
        }
    }
    let digest = Digest::from_hasher(plain.hasher);
    let inspection = (whole && index.is_some()).then_some(plain.contents.inspection);
    if whole {
        check_diff_id(source.diff_id, digest, findings);
    }
    Ok(Verified {
        footer,
        index,
        members: plain.members,
        tar_digest: whole.then_some(digest),
        tar_size: whole.then_some(plain.size),
        diff_id: source
            .diff_id
            .filter(|_| whole)
            .map(|expected| Compared::of(expected, digest)),
        ambiguities: inspection.map(Inspection::finish).unwrap_or_default(),
    })
}

/// What a blob without a footer of eStargz is, if all of it decodes to a tar.
fn whole_tar(source: &Source<'_>, is_tar: bool) -> Option<&'static str> {
    let named = source
        .annotations
        .and_then(|map| annotations::parse(map, &mut Findings::new()));
    is_tar.then_some(match named {
        Some(annotations::NamedIndex::EStargz(_)) => {
            "the annotation names an eStargz TOC, but the blob is a plain gzip-compressed tar: it has no eStargz footer"
        }
        Some(annotations::NamedIndex::ZstdChunked(_)) => {
            "the annotations name a zstd:chunked TOC, but the blob is a plain gzip-compressed tar"
        }
        Some(annotations::NamedIndex::None) | None => {
            "not an eStargz layer: a plain gzip-compressed tar; clients download it in full"
        }
    })
}

/// The blob as a plain decoder sees it.
struct Plain {
    hasher: Sha256,
    size: u64,
    members: u64,
    /// Offsets at which a range of the TOC begins and no member does.
    starts: BTreeSet<u64>,
    contents: Contents,
    /// Offset in the blob of the TOC's member.
    toc: Option<u64>,
    /// What was before the TOC, once its member is reached.
    before_toc: Option<BeforeToc>,
}

/// What was decoded before the member of the TOC.
struct BeforeToc {
    /// Size of the tar up to there.
    size: u64,
    /// Number of headers in it.
    headers: usize,
    /// Whether its end-of-archive blocks are in it.
    ended: bool,
}

#[derive(Default)]
struct Contents {
    inspection: Inspection,
    headers: Vec<tar::Entry>,
    /// Digests by cleaned path; of several entries with one name the last counts.
    digests: BTreeMap<String, Digest>,
    current: Option<Box<tar::Entry>>,
    hasher: Sha256,
    /// Whether the end-of-archive blocks were there.
    ended: bool,
}

impl Plain {
    fn new(toc: Option<u64>, index: Option<&EStargzIndex>) -> Self {
        let chunks = index
            .iter()
            .flat_map(|index| &index.toc.entries)
            .flat_map(|entry| &entry.chunks);
        Self {
            hasher: Sha256::new(),
            size: 0,
            members: 0,
            starts: chunks.map(|chunk| chunk.offset).collect(),
            contents: Contents::default(),
            toc,
            before_toc: None,
        }
    }

    /// Decodes every member; whether they are all whole and give a tar.
    fn read(&mut self, blob: &dyn ReadAt, findings: &mut Findings) -> io::Result<bool> {
        let Some(extent) = Extent::new(0, blob.size()) else {
            return Ok(false);
        };
        let mut scanner = Scanner::new();
        let mut readable = true;
        let mut members = Members::new(blob, extent);
        self.note_toc(0);
        loop {
            match members.step()? {
                Step::Bytes(bytes) => {
                    self.hasher.update(bytes);
                    self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    let contents = &mut self.contents;
                    readable = readable && scanner.push(bytes, findings, &mut |event| contents.see(event));
                }
                Step::End(member) => {
                    self.members = self.members.saturating_add(1);
                    self.starts.remove(&member.extent.offset());
                    self.note_toc(member.extent.end());
                }
                Step::Done => break,
                Step::Broken(at, problem) => {
                    report_broken(at, problem, findings);
                    return Ok(false);
                }
            }
        }
        if readable {
            scanner.finish(findings);
        }
        Ok(readable)
    }

    /// Notes how far the tar is where a member begins, if it is that of the TOC.
    fn note_toc(&mut self, offset: u64) {
        if self.toc == Some(offset) {
            self.before_toc = Some(BeforeToc {
                size: self.size,
                headers: self.contents.headers.len(),
                ended: self.contents.ended,
            });
        }
    }

    fn compare(&mut self, index: &EStargzIndex, findings: &mut Findings) {
        for entry in &index.toc.entries {
            let within = entry.chunks.iter().find(|chunk| self.starts.contains(&chunk.offset));
            if let Some(chunk) = within.filter(|_| !entry.unread.has(Part::Ranges)) {
                findings.report(
                    Rule::RangeFrames,
                    Place::File(entry.name.clone()),
                    format!("the range begins at byte {}, where no gzip member begins", chunk.offset),
                );
            }
            if let (Some(expected), Some(found)) = (entry.digest, self.contents.digests.get(entry.path()))
                && *found != expected
            {
                findings.report(
                    Rule::PlainTar,
                    Place::File(entry.name.clone()),
                    format!("content digest {found} in the decoded tar does not match {expected} in the TOC"),
                );
            }
        }
        if let Some(offset) = index.footer.toc {
            self.leave_out_toc(offset, findings);
        }
        compare(&index.toc, &self.contents.headers, Dialect::G1, findings);
    }
}

impl Plain {
    /// Takes the TOC out of the headers of the tar, which are then those of the layer's files.
    ///
    /// After the end-of-archive blocks it is not among them. Before them it is a header that begins where the member of
    /// the TOC does: the same bytes have been read as a tar of that file alone. A file that merely has its name, an
    /// extension header before it, or content that goes on into its member would be something else.
    ///
    /// Rule: ESG-04.
    fn leave_out_toc(&mut self, offset: u64, findings: &mut Findings) {
        let Some(before) = &self.before_toc else {
            findings.report(
                Rule::EStargzToc,
                Place::Byte(Region::Blob, offset),
                "the TOC begins inside another gzip member, expected its own after those of the data",
            );
            return;
        };
        if before.ended {
            return;
        }
        let header = self.contents.headers.get(before.headers);
        if header.is_some_and(|header| header.offset == before.size) {
            self.contents.headers.remove(before.headers);
        } else {
            findings.report(
                Rule::EStargzToc,
                Place::Byte(Region::Tar, before.size),
                "no entry of the tar begins with the gzip member of the TOC, expected one, or the end of the archive before it",
            );
        }
    }
}

impl Contents {
    fn see(&mut self, event: Event<'_>) {
        self.inspection.see(&event);
        match event {
            Event::Entry(entry) => {
                self.hasher = Sha256::new();
                self.current = Some(entry);
            }
            Event::Content(bytes) => self.hasher.update(bytes),
            Event::ContentEnd => {
                let Some(entry) = self.current.take() else {
                    return;
                };
                let digest = Digest::from_hasher(std::mem::take(&mut self.hasher));
                if let Ok(name) = std::str::from_utf8(&entry.name) {
                    let path = from_root(name).path;
                    // Of one name the last entry counts, also if it has no content.
                    if entry.content > 0 {
                        self.digests.insert(path, digest);
                    } else {
                        self.digests.remove(&path);
                    }
                }
                self.headers.push(*entry);
            }
            Event::ArchiveEnd => self.ended = true,
            Event::Raw(_) => {}
        }
    }
}
