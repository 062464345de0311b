//! Everything that can be known about a layer from its whole blob.
//!
//! After the index is loaded one pass goes over the blob. It walks from frame to frame, and several threads [decode](super::decode)
//! each data frame once. What they give is compared with the index twice: as the tar that a plain decoder sees, and file by file
//! as a partial reader does. Files whose ranges are not as those of the known writers are read again through them, for no more
//! work than decoding all data takes a few times.

use std::{io, iter, mem, num::NonZeroUsize, thread};

use super::{
    Authority, LayerIndex, Located, RangeReader, ReadFile, Source, TocAuthority,
    causes::Context,
    decode::{Frames, Piece},
    index::load_comparing,
    jobs::{Job, Planner, Portions},
    locate::examine,
    plain::{self, Plain},
    reconstruct::check_diff_id,
    survey::Survey,
    walk::{self, Walk},
    work::{Work, check_work, report_exhausted},
};
use crate::{
    format::{
        BlobKind, Compared, Dialect, Dialects, Digest, Findings, Part, Place,
        crc64::Crc64,
        ordered::Ordered,
        tar::Ambiguities,
        toc::{EntryKind, Style},
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
    /// What tar readers differ about in the tar (TAR-07, TAR-08). That is no finding, since the format leaves it to a reader.
    /// Nothing is known of a tar that cannot be read.
    pub ambiguities: Ambiguities,
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
    verify_in(source, Portions::USUAL, findings)
}

/// As [`verify`], with the work divided in this way.
pub(super) fn verify_in(source: &Source<'_>, portions: Portions, findings: &mut Findings) -> io::Result<Verified> {
    let mut all = Findings::like(findings);
    let (named, located) = examine(source, &mut all)?;
    let index = match &located {
        Some(located) => load_comparing(source, located, &mut all)?,
        None => None,
    };
    let Decoded {
        survey,
        mut plain,
        findings: of_plain,
    } = decode_all(source, located.as_ref(), index.as_ref(), portions, &mut all)?;
    all.merge(of_plain);
    if let (Some(located), Some(index)) = (&located, &index) {
        let mut of_ranges = Findings::like(&all);
        check_ranges(source, located, index, &survey, &mut plain, &mut of_ranges)?;
        all.merge(of_ranges);
    }
    let Plain {
        tar: plain,
        ambiguities,
        ..
    } = plain;
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
        ambiguities,
    })
}

/// What one pass over the blob gave.
struct Decoded<'a> {
    survey: Survey,
    plain: Plain<'a>,
    /// What plain decoding found.
    findings: Findings,
}

/// Walks over all frames and decodes those of data.
fn decode_all<'a>(
    source: &Source<'a>,
    located: Option<&Located>,
    index: Option<&'a LayerIndex>,
    portions: Portions,
    findings: &mut Findings,
) -> io::Result<Decoded<'a>> {
    let blob = source.blob;
    let starts = walk::starts(blob, located, index);
    let mut walk = Walk::new(blob, &starts);
    let mut survey = Survey::new(located, index);
    let mut planner = Planner::new(located, index, portions);
    let like = Findings::like(findings);
    let mut reader = plain::Reader::new(index, &source.limits, &like)?;
    let threads = if blob.size() < portions.blob {
        NonZeroUsize::MIN
    } else {
        source.threads
    };
    thread::scope(|scope| {
        let worker = || Frames::new(blob, index, &source.limits, &like, portions);
        let mut run = Run {
            own: worker(),
            jobs: Ordered::new(scope, threads, worker),
            reader: &mut reader,
        };
        let mut breaks = 0;
        loop {
            let frame = walk.next_frame(findings)?;
            if walk.breaks.len() > breaks {
                breaks = walk.breaks.len();
                run.submit(planner.break_off())?;
            }
            let Some(frame) = frame else {
                break;
            };
            survey.see(blob, &frame)?;
            if run.reader.is_reading() {
                planner.add(frame);
                if planner.is_full() {
                    run.submit(planner.take())?;
                }
            }
        }
        run.submit(planner.take())?;
        run.finish()
    })?;
    survey.finish(blob.size(), mem::take(&mut walk.breaks), findings);
    let (plain, of_plain) = reader.finish(!survey.ends.breaks.is_empty())?;
    Ok(Decoded {
        survey,
        plain,
        findings: of_plain,
    })
}

/// The jobs of a pass, and who takes what they give.
struct Run<'r, 'scope, 'a> {
    jobs: Ordered<'scope, Frames<'a>>,
    own: Frames<'a>,
    reader: &'r mut plain::Reader<'a>,
}

impl Run<'_, '_, '_> {
    fn submit(&mut self, job: Job) -> io::Result<()> {
        if job.is_empty() || !self.reader.is_reading() {
            return Ok(());
        }
        if job.is_wide {
            self.jobs.keep(job);
        } else {
            self.jobs.submit(job);
        }
        while self.jobs.is_full() {
            self.take()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        while !self.jobs.is_empty() {
            self.take()?;
        }
        Ok(())
    }

    /// Takes what the oldest job gives.
    fn take(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        let reader = &mut *self.reader;
        self.jobs
            .take(&mut self.own, &mut |piece: io::Result<Piece>| match piece {
                Ok(piece) => reader.take(piece),
                Err(error) => {
                    result = Err(error);
                    false
                }
            })?;
        if !self.reader.is_reading() {
            self.jobs.clear();
        }
        result
    }
}

/// Takes every regular file as its range gives it: as it was read with all others, or else through its range alone.
fn check_ranges(
    source: &Source<'_>,
    located: &Located,
    index: &LayerIndex,
    survey: &Survey,
    plain: &mut Plain<'_>,
    findings: &mut Findings,
) -> io::Result<()> {
    let checksums = index.tar_split.as_ref().map(|tar_split| &tar_split.checksums);
    if let Some(checksums) = checksums {
        findings.merge(checksums.findings.clone());
    }
    if !check_work(&index.toc, located.data_end(), findings) {
        return Ok(());
    }
    let mut ranges = RangeReader::new(source.blob, located.data_end(), &source.limits)?;
    ranges.bound(Work {
        frames: located.data_end(),
        decoded: plain.decoded,
    });
    // What was not decoded to its end says nothing of the work that ranges with ends may take, and has a finding.
    let is_bounded = index.toc.style == Style::Stargz || plain.is_complete;
    // Ranges that several files share are read once, so that the work is bounded by the blob.
    let known = &mut plain.known;
    let entries = index.toc.entries.iter().enumerate();
    let regular = entries.filter(|(_, entry)| entry.kind == EntryKind::Regular);
    let expected = checksums.map_or(&[][..], |checksums| &checksums.of_regular);
    for ((number, entry), expected) in regular.zip(expected.iter().copied().chain(iter::repeat(None))) {
        // Where it is not known what a file has in the blob, or how long it is, that has been reported.
        if entry.unread.has(Part::Ranges) || entry.unread.has(Part::Size) {
            continue;
        }
        // One that a broken frame is in has a finding.
        if survey.ends.is_broken(entry) || !survey.is_on_boundaries(entry, located.data_end(), findings) {
            continue;
        }
        let (read, crc) = if let Some(crc) = known.good(number) {
            (ReadFile::Good, crc)
        } else if let Some(known) = known.compare_again(entry, findings) {
            known
        } else {
            let mut crc = Crc64::new();
            let content = ranges.read_content(entry, findings, &mut |piece| {
                crc.update(piece);
                true
            })?;
            let (content, crc) = known.keep(entry, content, crc.value());
            if ranges.is_exhausted() {
                if is_bounded {
                    report_exhausted(findings);
                }
                break;
            }
            (content.compare(entry, findings), *crc)
        };
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
