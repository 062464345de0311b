//! Causes before their consequences.
//!
//! One fault is seen from several sides: a blob that is cut short has no footer, a position outside the blob, and a frame that
//! is not whole. Parsers report what they see. This pass, for those who report to people, puts the cause first and takes out
//! what only follows from it. An answer to a case is not passed through it: there the order in which a reader meets the faults
//! counts.

use std::io;

use super::{LayerIndex, Named, Source, locate::examine, ranges::in_content, walk::Break};
use crate::{
    format::{
        BlobKind, Bytes, Excerpt, Extent, Finding, Findings, Place, Region,
        footer::{self, SKIPPABLE_MAGIC, TAIL},
        frames::SKIPPABLE_HEADER,
        toc::{Chunk, Entry, Toc},
    },
    rules::Rule,
};

/// How a walk over the frames of a blob went.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// Where it broke off.
    pub(super) breaks: Vec<Break>,
    /// The last frame that is a footer by its length and magic.
    pub(super) footer: Option<Extent>,
    /// Where the last whole frame ends.
    pub(super) last: Option<u64>,
}

impl Ends {
    /// Whether a broken frame, or the end of what could be walked over, is in a range of this file.
    pub(super) fn is_broken(&self, entry: &Entry) -> bool {
        entry.chunks.iter().any(|chunk| {
            let end = chunk.end.unwrap_or_else(|| chunk.offset.saturating_add(1));
            // They follow each other, and each is resumed before the next one.
            let is_before = |broken: &Break| broken.resumed.is_some_and(|resumed| resumed <= chunk.offset);
            let first = self.breaks.get(self.breaks.partition_point(is_before));
            first.is_some_and(|broken| broken.before.unwrap_or(broken.start) < end)
        })
    }

    /// The frame at which the walk ended before the blob did.
    fn unresumed(&self) -> Option<Break> {
        self.breaks.last().copied().filter(|last| last.resumed.is_none())
    }
}

/// What is known of a layer whose findings are put in order.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) named: &'a Named,
    pub(super) index: Option<&'a LayerIndex>,
    /// None where the frames were not walked over.
    pub(super) ends: Option<&'a Ends>,
}

/// Puts the causes first in what [`read`](super::read()) or [`reconstruct`](super::reconstruct()) found, and takes out what
/// only follows from them; what the blob is, where it is not a zstd:chunked layer.
///
/// # Errors
///
/// The blob cannot be read.
pub fn explain(source: &Source<'_>, findings: &mut Findings) -> io::Result<Option<BlobKind>> {
    // Behind an address every further look is a request.
    if findings.is_empty() {
        return Ok(None);
    }
    let mut all = std::mem::replace(findings, Findings::like(findings));
    let mut examined = Findings::like(&all);
    let (named, _) = examine(source, &mut examined)?;
    let contradiction = examined
        .list()
        .iter()
        .find(|finding| finding.rule == Rule::FooterAgrees);
    if let Some(contradiction) = contradiction.filter(|_| all.breaks(Rule::PositionFrame)) {
        all.retain(|finding| finding.rule != Rule::PositionFrame);
        all.put_first(contradiction.clone());
    }
    let context = Context {
        source,
        named: &named,
        index: None,
        ends: None,
    };
    context.explain(all, findings)
}

impl Context<'_> {
    /// Adds what was found to `out`, the causes first; what the blob is, where it is not a zstd:chunked layer.
    pub(super) fn explain(&self, mut all: Findings, out: &mut Findings) -> io::Result<Option<BlobKind>> {
        let other = self.other(&mut all)?;
        if other.is_none() {
            self.end_of_blob(&mut all)?;
            self.positions(&mut all)?;
        }
        if all.breaks(Rule::TocChecksum) {
            // Bytes that are not those of the checksum need not decode.
            all.retain(|finding| !is_of_payload(finding, Region::Toc));
        }
        if all.breaks(Rule::FooterTocLength) || all.breaks(Rule::PositionLengths) {
            // A payload of no bytes has no frame.
            let toc = self.named.annotations.as_ref().map(|annotations| annotations.toc);
            let toc = toc.or(self.named.footer.map(|footer| footer.toc));
            let is_empty = toc.is_some_and(|toc| toc.extent.length() == 0);
            all.retain(|finding| !(is_empty && is_of_payload(finding, Region::Toc)));
        }
        self.frames(&mut all);
        self.entries(&mut all);
        self.owners(&mut all);
        out.merge(all);
        Ok(other)
    }

    /// Where nothing of a zstd:chunked layer was found: what the blob is, as the only finding about it.
    fn other(&self, all: &mut Findings) -> io::Result<Option<BlobKind>> {
        let leads_nowhere = self.named.annotations.is_none() || all.breaks(Rule::PositionFrame);
        if !all.breaks(Rule::FooterFrame) || self.index.is_some() || !leads_nowhere {
            return Ok(None);
        }
        let kind = BlobKind::of(self.source.blob)?;
        let is_zstd = matches!(kind, BlobKind::Zstd { .. } | BlobKind::CutZstdChunked);
        if kind == BlobKind::ZstdChunked || (is_zstd && self.cut(all).is_some()) {
            return Ok(None);
        }
        let though = if self.named.is_annotated {
            ", though the annotations name its index"
        } else {
            ""
        };
        all.retain(|finding| match finding.rule {
            Rule::FooterFrame | Rule::PositionFrame => false,
            Rule::FrameMagic | Rule::FrameContent => is_zstd,
            _ => true,
        });
        all.put_first(Finding {
            rule: Rule::FooterFrame,
            place: Place::Whole(Region::Blob),
            detail: format!("not a zstd:chunked layer{though}: {kind}"),
        });
        Ok(Some(kind))
    }

    /// The frame that the end of the blob cuts, where that is how the walk ended.
    fn cut(&self, all: &Findings) -> Option<u64> {
        let at = self.ends?.unresumed()?.start;
        let place = Place::Byte(Region::Blob, at);
        all.list()
            .iter()
            .any(|finding| finding.rule == Rule::FrameContent && finding.place == place)
            .then_some(at)
    }

    /// A blob that does not end with its footer.
    fn end_of_blob(&self, all: &mut Findings) -> io::Result<()> {
        let Some(ends) = self.ends.filter(|_| all.breaks(Rule::FooterFrame)) else {
            return Ok(());
        };
        let size = self.source.blob.size();
        if let Some(footer) = ends.footer.filter(|footer| footer.end() < size) {
            let at = footer.end();
            all.retain(|finding| {
                !matches!(finding.rule, Rule::FooterFrame | Rule::FramesLast) && !is_frame_at(finding, at)
            });
            all.put_first(Finding {
                rule: Rule::FooterFrame,
                place: Place::Byte(Region::Blob, at),
                detail: format!(
                    "the blob does not end with its footer: found {} after it, expected none",
                    Bytes(size.saturating_sub(at))
                ),
            });
            return Ok(());
        }
        // The magic of a footer is where it belongs, so its frame header is what is broken.
        if BlobKind::of(self.source.blob)? == BlobKind::ZstdChunked {
            let last = ends.unresumed().map(|last| last.start);
            all.retain(|finding| {
                finding.rule != Rule::FramesLast && !last.is_some_and(|last| is_frame_at(finding, last))
            });
        } else if let Some(at) = self.cut(all) {
            let place = Place::Byte(Region::Blob, at);
            all.retain(|finding| {
                !matches!(finding.rule, Rule::FooterFrame | Rule::PositionFrame) && !is_frame_at(finding, at)
            });
            all.put_first(Finding {
                rule: Rule::FrameContent,
                place,
                detail: format!(
                    "the blob is cut short: it ends at byte {size}, inside the frame that begins at byte {at}"
                ),
            });
        }
        Ok(())
    }

    /// Positions that do not lead to the index.
    fn positions(&self, all: &mut Findings) -> io::Result<()> {
        let of_footer = all
            .list()
            .iter()
            .any(|finding| finding.place.region() == Region::Footer && is_footer(finding.rule));
        if of_footer {
            // The footer differs from the annotations because it is broken.
            all.retain(|finding| finding.rule != Rule::FooterAgrees);
            // Of a footer that cannot be read it is not known where its frame belongs.
            if self.named.footer.is_none() && !all.breaks(Rule::FooterFrame) {
                all.retain(|finding| finding.rule != Rule::FramesLast);
            }
        }
        let misplaced = [Rule::FooterAdjacent, Rule::FooterBounds]
            .into_iter()
            .find(|&rule| all.breaks(rule));
        if let Some(rule) = misplaced.filter(|_| self.index.is_none())
            && let Some((named, found)) = self.moved()?
        {
            all.retain(|finding| {
                !matches!(
                    finding.rule,
                    Rule::FooterAdjacent | Rule::FooterBounds | Rule::PositionFrame
                )
            });
            all.put_first(Finding {
                rule,
                place: Place::Byte(Region::Footer, 0),
                detail: format!(
                    "the TOC is at byte {found}, not at byte {named} as in the footer: bytes before it were added or lost, or \
                     the footer is wrong"
                ),
            });
            // Where frames are broken before it is where that happened.
            all.sort_by_key(|finding| !matches!(finding.rule, Rule::FrameMagic | Rule::FrameContent));
        }
        if !self.named.annotations_are_intact {
            // Annotations that are broken differ from a footer that is not.
            all.retain(|finding| finding.rule != Rule::FooterAgrees);
        }
        if all.breaks(Rule::TarSplitStripped) {
            all.retain(|finding| finding.rule != Rule::FooterAgrees);
        }
        if all.breaks(Rule::TarSplitStripped) || all.breaks(Rule::FooterAgrees) {
            // A reader that does not know of the tar-split's frame finds another one in its place.
            all.retain(|finding| finding.rule != Rule::FramesLast);
        }
        if self.named.annotations.is_none() && (all.breaks(Rule::FooterAdjacent) || all.breaks(Rule::FooterBounds)) {
            all.retain(|finding| finding.rule != Rule::PositionFrame);
        }
        // A frame header that is not that of the position is broken for those who walk over the frames, too.
        let headers: Vec<u64> = all
            .list()
            .iter()
            .filter(|finding| finding.rule == Rule::PositionFrame)
            .filter_map(|finding| blob_offset(&finding.place))
            .collect();
        let breaks = self.ends.map_or(&[][..], |ends| &ends.breaks);
        all.retain(|finding| {
            let before = breaks
                .iter()
                .find(|broken| is_frame_at(finding, broken.start))
                .and_then(|broken| broken.before);
            let at = blob_offset(&finding.place).filter(|_| is_walk(finding.rule));
            ![at, before].into_iter().flatten().any(|at| headers.contains(&at))
        });
        Ok(())
    }

    /// Where the footer places the TOC and where it is, if the whole index was moved.
    fn moved(&self) -> io::Result<Option<(u64, u64)>> {
        let size = self.source.blob.size();
        let tail = Extent::between(size.saturating_sub(TAIL), size)
            .map_or(Ok(Vec::new()), |tail| self.source.blob.read_extent(tail))?;
        // What a footer says is read without a verdict on it.
        let Some(claimed) = footer::claimed(&tail) else {
            return Ok(None);
        };
        let frame = u64::from(claimed.layout.payload_length()).saturating_add(SKIPPABLE_HEADER);
        let (offset, length) = claimed.toc;
        let last = claimed.tar_split.unwrap_or(claimed.toc);
        let (Ok(found), Some(end)) = (
            i64::try_from(size.saturating_sub(frame)),
            last.0.checked_add(last.1).and_then(|end| i64::try_from(end).ok()),
        ) else {
            return Ok(None);
        };
        let by = found.saturating_sub(end);
        let Some(at) = offset
            .checked_add_signed(by)
            .and_then(|payload| payload.checked_sub(SKIPPABLE_HEADER))
            .filter(|&at| by != 0 && at < size.saturating_sub(frame))
        else {
            return Ok(None);
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let mut header = [0; 8];
        self.source.blob.read_exact_at(&mut header, at)?;
        let is_there = header.starts_with(&SKIPPABLE_MAGIC) && header.ends_with(&length.to_le_bytes());
        Ok(is_there.then_some((offset, at.saturating_add(SKIPPABLE_HEADER))))
    }

    /// Frames that are broken, and what follows from that.
    fn frames(&self, all: &mut Findings) {
        let broken: Vec<u64> = all
            .list()
            .iter()
            .filter(|finding| matches!(finding.rule, Rule::FrameContent | Rule::FrameChecksum))
            .filter_map(|finding| blob_offset(&finding.place))
            .collect();
        let breaks = self.ends.map_or(&[][..], |ends| &ends.breaks);
        let files: Vec<Place> = all
            .list()
            .iter()
            .filter(|finding| matches!(finding.rule, Rule::FileDigest | Rule::ChunkDigest | Rule::RangeSize))
            .map(|finding| finding.place.clone())
            .collect();
        all.retain(|finding| {
            // After a frame of a wrong length there is no frame.
            let follows = breaks
                .iter()
                .any(|at| is_frame_at(finding, at.start) && at.before.is_some_and(|before| broken.contains(&before)));
            // The content that is wrong in its range is the one that the plain tar has.
            let again = finding.rule == Rule::PlainTar && files.contains(&finding.place);
            !follows && !again
        });
    }

    /// Single values that are broken, and what follows for the same entry, file or annotation.
    fn entries(&self, all: &mut Findings) {
        let broken = |rule: Rule| {
            let of_rule = all.list().iter().filter(move |finding| finding.rule == rule);
            of_rule.map(|finding| finding.place.clone()).collect::<Vec<_>>()
        };
        let elements = |rule: Rule, field: &str| -> Vec<String> {
            let pointers = broken(rule).into_iter().filter_map(|place| match place {
                Place::Pointer(pointer) => pointer.strip_suffix(field).map(str::to_owned),
                _ => None,
            });
            pointers.collect()
        };
        let repeated = elements(Rule::EntryUnique, "/name");
        let resized = elements(Rule::EntryMetadata, "/size");
        let entries = self.index.map_or(&[][..], |index| &index.toc.entries);
        let resized: Vec<&str> = entries
            .iter()
            .filter(|entry| resized.contains(&format!("/entries/{}", entry.index)))
            .map(|entry| entry.name.as_str())
            .collect();
        let not_zero = broken(Rule::ZerosChunk);
        let unpaired = [Rule::PositionWithoutChecksum, Rule::ChecksumWithoutPosition]
            .into_iter()
            .flat_map(broken)
            .any(|place| matches!(place, Place::Annotation(key) if key.contains("tarsplit")));
        all.retain(|finding| match (finding.rule, &finding.place) {
            // What is there twice is there once more than in the tar.
            (Rule::EntrySets, Place::Pointer(element)) => !repeated.contains(element),
            // The content has the size that is in its header.
            (Rule::RangeSize, Place::File(name)) => !resized.contains(&name.as_str()),
            (Rule::ChunkDigest | Rule::FileDigest, place) => !not_zero.contains(place),
            // The position of the tar-split is there, under another prefix.
            (Rule::TarSplitStripped, _) => !unpaired,
            _ => true,
        });
    }

    /// Adds to each finding about a frame of data what the frame belongs to.
    fn owners(&self, all: &mut Findings) {
        let Some(index) = self.index else {
            return;
        };
        let annotated = self.named.annotations.as_ref().map(|annotations| annotations.toc);
        let toc = annotated.or(self.named.footer.map(|footer| footer.toc));
        let data_end = toc.map_or(0, |toc| toc.extent.offset().saturating_sub(SKIPPABLE_HEADER));
        let is_of_frame = |finding: &Finding| is_walk(finding.rule) || finding.rule == Rule::FrameChecksum;
        if !all.list().iter().any(is_of_frame) {
            return;
        }
        let owners = Owners::of(&index.toc);
        all.amend(|finding| {
            let at = blob_offset(&finding.place).filter(|&at| is_of_frame(finding) && at < data_end)?;
            let owner = owners.of_frame(at);
            (!finding.detail.ends_with(&owner)).then(|| format!("{}, {owner}", finding.detail))
        });
    }
}

/// The chunks of a TOC in the order of the blob.
struct Owners<'a>(Vec<(&'a Chunk, &'a str)>);

impl<'a> Owners<'a> {
    fn of(toc: &'a Toc) -> Self {
        let named = |entry: &'a Entry| entry.chunks.iter().map(|chunk| (chunk, entry.name.as_str()));
        let mut chunks: Vec<_> = toc.entries.iter().flat_map(named).collect();
        chunks.sort_by_key(|(chunk, _)| chunk.offset);
        Self(chunks)
    }

    /// What the frame at an offset of the data belongs to.
    fn of_frame(&self, at: u64) -> String {
        let Self(chunks) = self;
        let after = chunks.partition_point(|(chunk, _)| chunk.offset <= at);
        let (before, after) = chunks.split_at_checked(after).unwrap_or_default();
        match (before.last(), after.first()) {
            (Some((chunk, name)), _) if chunk.end.is_none_or(|end| at < end) => in_content(name),
            (_, Some((_, name))) => format!("in the tar headers before the content of {}", Excerpt(name)),
            (_, None) => "in the tar after the content of the last file".to_owned(),
        }
    }
}

/// The rules that a walk over the frames checks.
const fn is_walk(rule: Rule) -> bool {
    matches!(rule, Rule::FrameMagic | Rule::FrameContent)
}

fn is_frame_at(finding: &Finding, at: u64) -> bool {
    is_walk(finding.rule) && blob_offset(&finding.place) == Some(at)
}

fn is_footer(rule: Rule) -> bool {
    rule.id().starts_with("FTR")
}

fn is_of_payload(finding: &Finding, region: Region) -> bool {
    finding.place == Place::Whole(region)
        && matches!(
            finding.rule,
            Rule::IndexFrame | Rule::IndexFrames | Rule::IndexLength | Rule::FrameWindow
        )
}

const fn blob_offset(place: &Place) -> Option<u64> {
    match place {
        Place::Byte(Region::Blob, at) => Some(*at),
        _ => None,
    }
}
