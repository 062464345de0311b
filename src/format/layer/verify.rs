//! Everything that can be known about a layer from its whole blob.
//!
//! After the index is loaded the blob is read twice: once as a plain decoder does, to compare the tar with the index, and once
//! file by file through the ranges, as a partial reader does. Two threads do this at the same time where the blob is not small.
//! Where ranges have no ends, plain decoding comes first: what it gives bounds what is read through them.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry as MapEntry},
    io,
};

use super::{
    Authority, LayerIndex, Located, RangeReader, ReadFile, Source, TocAuthority,
    causes::{Context, Ends},
    content::Content,
    load,
    locate::examine,
    plain,
    reconstruct::check_diff_id,
    walk::{self, Walk},
    work::{Work, check_work, range_key, report_exhausted},
};
use crate::{
    format::{
        BlobKind, Compared, Dialect, Dialects, Digest, Extent, Findings, Part, Place, Region,
        crc64::Crc64,
        frames::{Frame, FrameKind},
        tar, tarsplit,
        toc::{Entry, EntryKind, Style},
    },
    rules::Rule,
};

/// What a layer turned out to be. Parts are absent where they could not be made out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "what a layer turned out to be says whether it can be used"]
pub struct Verified {
    /// What the blob is instead, where it is not a zstd:chunked layer.
    pub other: Option<BlobKind>,
    /// The dialect, where only one is possible.
    pub dialect: Option<Dialect>,
    /// The dialects that are possible, where an index was found.
    pub dialects: Dialects,
    /// The digest of the compressed TOC.
    pub toc_digest: Option<Digest>,
    /// What authenticates the TOC, where there is one to read.
    pub toc_authority: Option<TocAuthority>,
    /// Number of entries in the TOC, chunks not counted.
    pub entries: Option<u64>,
    /// Number of frames that decode to data.
    pub data_frames: u64,
    /// Number of skippable frames, those of the index included.
    pub skippable_frames: u64,
    /// The digest of the plainly decoded tar.
    pub tar_digest: Option<Digest>,
    /// Size of that tar in bytes.
    pub tar_size: Option<u64>,
    /// That digest compared with the DiffID, where one is known.
    pub diff_id: Option<Compared>,
    /// Whether footer or annotations name a tar-split.
    pub has_tar_split: bool,
    /// What vouches for the tar-split; none if there is none that can be used.
    pub tar_split: Option<Authority>,
}

impl Verified {
    /// Whether something authenticates the TOC: the annotations name the digest of its bytes.
    pub fn toc_is_authenticated(&self) -> bool {
        self.toc_authority.is_some_and(TocAuthority::is_authenticated)
    }
}

/// Compares all parts of a layer with each other and reports every broken rule that can be found: causes first, and without
/// what only follows from them.
///
/// # Errors
///
/// The blob cannot be read.
pub fn verify(source: &Source<'_>, findings: &mut Findings) -> io::Result<Verified> {
    let mut all = Findings::like(findings);
    let (named, located) = examine(source, &mut all)?;
    let index = match &located {
        Some(located) => load(source, located, &mut all)?,
        None => None,
    };
    let survey = survey(source, located.as_ref(), index.as_ref(), &mut all)?;

    let mut of_plain = Findings::like(&all);
    let mut of_ranges = Findings::like(&all);
    // What may be read through ranges without ends depends on what there is to decode.
    let is_open = index.as_ref().is_some_and(|index| index.toc.style == Style::Stargz);
    let mut check_ranges = |decoded: Option<u64>| match (&located, &index) {
        (Some(located), Some(index)) => check_ranges(source, located, index, &survey, decoded, &mut of_ranges),
        _ => Ok(()),
    };
    let mut check_plain = || plain::check(source, index.as_ref(), &survey.starts, &mut of_plain);
    let plain = if is_open || source.blob.size() < WORTH_A_THREAD {
        let plain = check_plain()?;
        check_ranges(is_open.then_some(plain.decoded))?;
        plain
    } else {
        std::thread::scope(|scope| {
            let ranges = scope.spawn(|| check_ranges(None));
            let plain = check_plain();
            match ranges.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
            plain
        })?
    };
    all.merge(of_plain);
    all.merge(of_ranges);
    let plain = plain.tar;
    if let Some(plain) = &plain {
        check_diff_id(source.diff_id, plain.digest, &mut all);
    }
    let context = Context {
        source,
        named: &named,
        index: index.as_ref(),
        ends: Some(&survey.ends),
    };
    let other = context.explain(all, findings)?;
    let diff_id = source.diff_id.zip(plain.as_ref());
    Ok(Verified {
        other,
        dialect: index.as_ref().and_then(|index| index.dialects.only()),
        dialects: match (&located, &index) {
            (_, Some(index)) => index.dialects,
            (Some(located), None) => located.dialects,
            (None, None) => named.dialects(),
        },
        toc_digest: index.as_ref().map(|index| index.toc_digest),
        toc_authority: index.as_ref().map(|index| index.toc_authority),
        entries: index
            .as_ref()
            .and_then(|index| u64::try_from(index.toc.entries.len()).ok()),
        data_frames: survey.data_frames,
        skippable_frames: survey.skippable_frames,
        tar_digest: plain.as_ref().map(|plain| plain.digest),
        tar_size: plain.as_ref().map(|plain| plain.size),
        diff_id: diff_id.map(|(expected, plain)| Compared::of(expected, plain.digest)),
        has_tar_split: match &located {
            // Annotations that lead nowhere are those of something else.
            Some(located) if located.annotations.is_none() => located.tar_split.is_some(),
            _ => named.has_tar_split(),
        },
        tar_split: index
            .and_then(|index| index.tar_split)
            .map(|tar_split| tar_split.authority),
    })
}

/// Blobs of fewer bytes are gone over in one thread after the other, which takes less time than to start one.
const WORTH_A_THREAD: u64 = 64 << 10;

/// What a walk over the frames tells, in memory that grows with the TOC and not with the blob.
struct Survey {
    data_frames: u64,
    skippable_frames: u64,
    /// Where frames begin, as far as the index tells.
    starts: BTreeSet<u64>,
    /// Offsets at which a range of the TOC begins or ends, and no frame begins.
    within: BTreeSet<u64>,
    /// Where the walk broke off, and how the blob ends.
    ends: Ends,
}

fn survey(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&LayerIndex>,
    findings: &mut Findings,
) -> io::Result<Survey> {
    let size = source.blob.size();
    let starts = walk::starts(source.blob, located, index);
    let mut survey = Survey {
        data_frames: 0,
        skippable_frames: 0,
        within: BTreeSet::new(),
        ends: Ends::default(),
        starts: BTreeSet::new(),
    };
    if let Some(index) = index {
        for chunk in index.toc.entries.iter().flat_map(|entry| &entry.chunks) {
            survey.within.insert(chunk.offset);
            survey.within.extend(chunk.end);
        }
    }
    let mut last = located.map(LastFrames::of);
    let mut walk = Walk::new(source.blob, &starts);
    while let Some(frame) = walk.next_frame(findings)? {
        survey.within.remove(&frame.extent.offset());
        match frame.kind {
            FrameKind::Data(_) => survey.data_frames = survey.data_frames.saturating_add(1),
            FrameKind::Skippable { .. } => survey.skippable_frames = survey.skippable_frames.saturating_add(1),
        }
        if walk::is_footer(source.blob, &frame)? {
            survey.ends.footer = Some(frame.extent);
        }
        survey.ends.last = Some(frame.extent.end());
        if let Some(last) = &mut last {
            last.see(&frame);
        }
    }
    survey.ends.breaks = walk.breaks;
    // A walk that broke off has said so, and knows nothing of the last frames.
    if survey.ends.breaks.is_empty()
        && let Some(detail) = last.and_then(LastFrames::into_complaint)
    {
        findings.report(Rule::FramesLast, Place::Byte(Region::Blob, size), detail);
    }
    survey.starts = starts;
    Ok(survey)
}

/// Watches that the frames of TOC, tar-split and footer are the last ones.
struct LastFrames {
    data_end: u64,
    /// Payloads to come, the next one first; none for a tar-split whose position nothing gives.
    expected: Vec<(&'static str, Option<Extent>)>,
    complaint: Option<String>,
}

impl LastFrames {
    fn of(located: &Located) -> Self {
        let mut expected = vec![("TOC", Some(located.toc.extent))];
        if let Some(tar_split) = located.tar_split {
            expected.push(("tar-split", Some(tar_split.extent)));
        } else if let (Some(footer), None) = (located.footer, &located.annotations)
            && footer.layout.hides_tar_split()
        {
            expected.push(("tar-split", None));
        }
        if located.footer.is_some() {
            expected.push(("footer", None));
        }
        expected.reverse();
        Self {
            data_end: located.data_end(),
            expected,
            complaint: None,
        }
    }

    fn see(&mut self, frame: &Frame) {
        if frame.extent.offset() < self.data_end || self.complaint.is_some() {
            return;
        }
        let payload = match frame.kind {
            FrameKind::Skippable { payload, .. } => Some(payload),
            FrameKind::Data(_) => None,
        };
        let fits = match self.expected.pop() {
            Some((_, Some(extent))) => payload == Some(extent),
            Some((_, None)) => payload.is_some(),
            None => false,
        };
        if !fits {
            self.complaint = Some(format!(
                "another frame at byte {} after the data, expected only TOC, tar-split and footer from byte {} on",
                frame.extent.offset(),
                self.data_end
            ));
        }
    }

    fn into_complaint(self) -> Option<String> {
        let missing = self.expected.last().map(|(what, _)| *what);
        self.complaint
            .or_else(|| missing.map(|what| format!("the frame of the {what} is not among the last frames")))
    }
}

/// Reads every regular file through its range. Where ranges have no ends, `decoded` is how many bytes all frames decode to.
fn check_ranges(
    source: &Source<'_>,
    located: &Located,
    index: &LayerIndex,
    survey: &Survey,
    decoded: Option<u64>,
    findings: &mut Findings,
) -> io::Result<()> {
    let mut checksums = BTreeMap::new();
    if let Some(tar_split) = &index.tar_split {
        let files = tar_split.entries.iter().filter_map(|entry| match entry {
            tarsplit::Entry::File(file) => Some(file),
            tarsplit::Entry::Segment(_) | tarsplit::Entry::Unusable(_) => None,
        });
        let headers = tar_split.headers.iter().map(|header| (header.name.as_slice(), header));
        let headers: BTreeMap<&[u8], &tar::Entry> = headers.collect();
        for file in files {
            checksums.insert(file.name.as_slice(), file.crc);
            if let Some(header) = headers.get(file.name.as_slice()) {
                check_without_content(file, header, findings);
            }
        }
    }
    if !check_work(&index.toc, located.data_end(), findings) {
        return Ok(());
    }
    let mut ranges = RangeReader::new(source.blob, located.data_end(), &source.limits)?;
    if let Some(decoded) = decoded {
        ranges.bound(Work {
            frames: located.data_end(),
            decoded,
        });
    }
    // Ranges that several files share are read once, so that the work is bounded by the blob.
    let mut known: BTreeMap<Digest, (Content, u64)> = BTreeMap::new();
    for entry in index
        .toc
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Regular)
    {
        // Where it is not known what a file has in the blob, or how long it is, that has been reported.
        if entry.unread.has(Part::Ranges) || entry.unread.has(Part::Size) {
            continue;
        }
        // One that a broken frame is in has a finding.
        if survey.ends.is_broken(entry) || !on_boundaries(entry, located, survey, findings) {
            continue;
        }
        if ranges.is_exhausted() {
            report_exhausted(findings);
            break;
        }
        let (read, crc) = match known.entry(range_key(entry)) {
            MapEntry::Occupied(read) => {
                let (content, crc) = read.get();
                (content.compare_again(entry, findings), *crc)
            }
            MapEntry::Vacant(unread) => {
                let mut crc = Crc64::new();
                let content = ranges.read_content(entry, findings, &mut |piece| {
                    crc.update(piece);
                    true
                })?;
                let (content, crc) = unread.insert((content, crc.value()));
                (content.compare(entry, findings), *crc)
            }
        };
        let expected = checksums.get(entry.name.as_bytes()).copied().flatten();
        if let (ReadFile::Good, Some(expected)) = (read, expected)
            && crc != expected
        {
            findings.report(
                Rule::FileCrc,
                Place::File(entry.name.clone()),
                format!("content CRC-64 {crc:016x} does not match {expected:016x} in the tar-split"),
            );
        }
    }
    Ok(())
}

/// Compares the CRC of an entry whose type has no content, whatever size its header has, with that of nothing. Empty files
/// are read like all others.
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

/// Whether the ranges of a file begin and end where frames do, before the TOC.
fn on_boundaries(entry: &Entry, located: &Located, survey: &Survey, findings: &mut Findings) -> bool {
    let data_end = located.data_end();
    for chunk in &entry.chunks {
        let begins_within = survey.within.contains(&chunk.offset);
        let end = chunk.end.filter(|end| survey.within.contains(end));
        let detail = if chunk.offset >= data_end {
            format!(
                "the range begins at byte {}, expected it before the end of the data at byte {data_end}",
                chunk.offset
            )
        } else if begins_within {
            format!("the range begins at byte {}, where no frame begins", chunk.offset)
        } else if let Some(end) = end {
            format!("the range ends at byte {end}, where no frame ends")
        } else {
            continue;
        };
        findings.report(Rule::RangeFrames, Place::File(entry.name.clone()), detail);
        return false;
    }
    true
}
