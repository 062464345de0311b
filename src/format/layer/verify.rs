//! Everything that can be known about a layer from its whole blob.
//!
//! After the index is loaded the blob is gone over twice, at the same time where it is not small: one thread decodes it as a
//! plain decoder does and holds the tar against the index, the other reads every file through its range as a partial puller
//! does.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{
    Authority, Index, Located, RangeReader, ReadFile, Source, load, locate, plain,
    ranges::{check_work, range_key},
    reconstruct::check_diff_id,
};
use crate::{
    format::{
        Dialect, Digest, Extent, Findings, Place, Region,
        crc64::Crc64,
        footer::Layout,
        frames::{Frame, FrameKind, SKIPPABLE_HEADER, Walker},
        planted::{self, Defect},
        tar, tarsplit,
        toc::{Entry, EntryKind},
    },
    rules::Rule,
};

/// What a layer turned out to be. Parts are absent where they could not be made out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The dialect.
    pub dialect: Option<Dialect>,
    /// Whether it may as well be the other one of g1 and g2.
    pub ambiguous: bool,
    /// The digest of the compressed TOC.
    pub toc_digest: Option<Digest>,
    /// Number of entries in the TOC, chunks not counted.
    pub entries: Option<u64>,
    /// Number of frames that decode to data.
    pub data_frames: u64,
    /// Number of skippable frames, those of the index included.
    pub skippable_frames: u64,
    /// The digest of the plainly decoded tar, which is the layer's DiffID.
    pub diff_id: Option<Digest>,
    /// Size of that tar in bytes.
    pub tar_size: Option<u64>,
    /// Whether annotations vouch for the TOC.
    pub toc_authenticated: bool,
    /// Whether footer or annotations name a tar-split.
    pub has_tar_split: bool,
    /// What vouches for the tar-split; none if there is none that can be used.
    pub tar_split: Option<Authority>,
}

/// Holds all parts of a layer against each other and reports every broken rule that can be found.
///
/// # Errors
///
/// The blob cannot be read.
pub fn verify(source: &Source<'_>, findings: &mut Findings) -> io::Result<Verified> {
    let located = locate(source, findings)?;
    let index = match &located {
        Some(located) => load(source, located, findings)?,
        None => None,
    };
    let survey = survey(source, located.as_ref(), index.as_ref(), findings)?;

    let mut of_plain = Findings::like(findings);
    let mut of_ranges = Findings::like(findings);
    let mut check_ranges = || match (&located, &index) {
        (Some(located), Some(index)) => check_ranges(source, located, index, &survey, &mut of_ranges),
        _ => Ok(()),
    };
    let mut check_plain = || plain::check(source, index.as_ref(), &mut of_plain);
    let plain = if source.blob.size() < WORTH_A_THREAD {
        check_ranges()?;
        check_plain()?
    } else {
        std::thread::scope(|scope| {
            let ranges = scope.spawn(check_ranges);
            let plain = check_plain();
            match ranges.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
            plain
        })?
    };
    findings.merge(of_plain);
    findings.merge(of_ranges);
    if let Some(plain) = &plain {
        check_diff_id(source.diff_id, plain.digest, findings);
    }
    Ok(Verified {
        dialect: index.as_ref().map(|index| index.dialect),
        ambiguous: located.as_ref().is_some_and(Located::is_ambiguous),
        toc_digest: index.as_ref().map(|index| index.toc_digest),
        entries: index
            .as_ref()
            .and_then(|index| u64::try_from(index.toc.entries.len()).ok()),
        data_frames: survey.data_frames,
        skippable_frames: survey.skippable_frames,
        diff_id: plain.as_ref().map(|plain| plain.digest),
        tar_size: plain.as_ref().map(|plain| plain.size),
        toc_authenticated: located.as_ref().is_some_and(|located| located.annotations.is_some()),
        has_tar_split: located.as_ref().is_some_and(|located| located.tar_split.is_some()),
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
    /// Offsets at which a range of the TOC begins and no data frame does.
    bad_starts: BTreeSet<u64>,
    /// Offsets at which a range of the TOC ends and no frame begins.
    bad_ends: BTreeSet<u64>,
}

fn survey(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&Index>,
    findings: &mut Findings,
) -> io::Result<Survey> {
    let size = source.blob.size();
    let mut survey = Survey {
        data_frames: 0,
        skippable_frames: 0,
        bad_starts: BTreeSet::new(),
        bad_ends: BTreeSet::new(),
    };
    if let Some(index) = index {
        for chunk in index.toc.entries.iter().flat_map(|entry| &entry.chunks) {
            survey.bad_starts.insert(chunk.offset);
            survey.bad_ends.extend(chunk.end);
        }
    }
    let mut last = located.map(LastFrames::of);
    let Some(extent) = Extent::new(0, size) else {
        return Ok(survey);
    };
    let mut walker = Walker::new(source.blob, extent);
    while let Some(frame) = walker.next_frame(findings)? {
        let start = frame.extent.offset();
        survey.bad_ends.remove(&start);
        match frame.kind {
            FrameKind::Data(_) => {
                survey.data_frames = survey.data_frames.saturating_add(1);
                survey.bad_starts.remove(&start);
            }
            FrameKind::Skippable { .. } => survey.skippable_frames = survey.skippable_frames.saturating_add(1),
        }
        if let Some(last) = &mut last {
            last.see(&frame);
        }
    }
    // A walk that broke off has said so, and knows nothing of the last frames.
    if !findings.breaks(Rule::FrameMagic)
        && !findings.breaks(Rule::FrameContent)
        && let Some(detail) = last.and_then(LastFrames::into_complaint)
    {
        findings.report(Rule::FramesLast, Place::Byte(Region::Blob, size), detail);
    }
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
            && footer.layout == Layout::V56
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
                "a frame at {} stands among the last ones, expected only TOC, tar-split and footer from {} on",
                frame.extent.offset(),
                self.data_end
            ));
        }
    }

    fn into_complaint(self) -> Option<String> {
        let missing = self.expected.last().map(|(what, _)| *what);
        self.complaint.or_else(|| {
            missing.map(|what| format!("no frame of the blob is that of the {what}, expected it among the last ones"))
        })
    }
}

/// Reads every regular file through its range.
fn check_ranges(
    source: &Source<'_>,
    located: &Located,
    index: &Index,
    survey: &Survey,
    findings: &mut Findings,
) -> io::Result<()> {
    let mut checksums = BTreeMap::new();
    if let Some(tar_split) = &index.tar_split {
        let files = tar_split.entries.iter().filter_map(|entry| match entry {
            tarsplit::Entry::File(file) => Some(file),
            tarsplit::Entry::Segment(_) => None,
        });
        for (file, header) in files.zip(&tar_split.headers) {
            checksums.insert(file.name.as_slice(), file.crc);
            check_without_content(file, header, findings);
        }
    }
    if !check_work(&index.toc, located.data_end(), findings) {
        return Ok(());
    }
    let mut ranges = RangeReader::new(source.blob, located.data_end(), &source.limits)?;
    // Ranges that several files share are read once, so that the work is bounded by the blob.
    let mut known: BTreeMap<Digest, u64> = BTreeMap::new();
    for entry in index
        .toc
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Regular)
    {
        if !on_boundaries(entry, located, survey, findings) {
            continue;
        }
        let ranges_of = range_key(entry);
        let crc = match known.get(&ranges_of) {
            Some(&crc) => Some(crc),
            None => {
                let mut crc = Crc64::new();
                let read = ranges.read_file(entry, findings, &mut |piece| {
                    crc.update(piece);
                    true
                })?;
                let good = (read == ReadFile::Good).then(|| crc.value());
                if let Some(crc) = good {
                    known.insert(ranges_of, crc);
                }
                good
            }
        };
        let expected = checksums.get(entry.name.as_bytes()).copied().flatten();
        if let (Some(crc), Some(expected)) = (crc, expected)
            && crc != expected
            && !planted::is(Defect::LayerCrc)
        {
            findings.report(
                Rule::FileCrc,
                Place::File(entry.name.clone()),
                format!("the content has the CRC-64 {crc:016x}, expected {expected:016x} as in the tar-split"),
            );
        }
    }
    Ok(())
}

/// Holds the CRC of an entry whose type has no content, whatever size its header has, against that of nothing. Empty files
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
            format!("the entry has no content and the CRC-64 {crc:016x}, expected that of nothing"),
        );
    }
}

fn on_boundaries(entry: &Entry, located: &Located, survey: &Survey, findings: &mut Findings) -> bool {
    for chunk in &entry.chunks {
        let bad_start = survey.bad_starts.contains(&chunk.offset);
        let bad_end = chunk.end.is_some_and(|end| survey.bad_ends.contains(&end));
        if bad_start || bad_end || chunk.offset >= located.data_end() {
            let (side, at) = if bad_end && !bad_start {
                ("ends", chunk.end.unwrap_or(chunk.offset))
            } else {
                ("begins", chunk.offset)
            };
            findings.report(
                Rule::RangeFrames,
                Place::File(entry.name.clone()),
                format!(
                    "the range {side} at {at}, expected a boundary of data frames before {}",
                    located.toc.extent.offset().saturating_sub(SKIPPABLE_HEADER)
                ),
            );
            return false;
        }
    }
    true
}
