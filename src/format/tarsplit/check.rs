//! Segments and files compared with each other.
//!
//! Readers in Go look for one header at the start of each segment and take no notice of the rest, nor of file entries.
//! What is not exactly where it belongs can therefore hide from a reader that compares headers with the TOC, and still be in
//! the tar.

use std::mem;

use super::{Entry, File, Segment, shown};
use crate::{
    format::{
        Bytes, Findings, Part, Place, length,
        tar::{self, Event, Expecting, Scanner},
    },
    rules::Rule,
};

/// Walks the tar that these entries make up, and returns its headers in order.
///
/// Reports SEG-01 and SEG-02, and TAR-01 to TAR-06 in the segments. None where the segments make no sense past some
/// point, or an entry that cannot be read may be one of them. What follows the end-of-archive blocks may be anything (SEG-03).
pub fn check_segments(entries: &[Entry], findings: &mut Findings) -> Option<Vec<tar::Entry>> {
    let mut walk = Walk::default();
    for entry in entries {
        walk.take(entry, findings)?;
    }
    walk.finish(findings)
}

/// The same, entry by entry.
#[derive(Default)]
pub(in crate::format) struct Walk {
    scanner: Scanner,
    /// Those that were not [taken](Self::settled).
    headers: Vec<tar::Entry>,
    /// How many of these have had their file entry.
    matched: usize,
    /// Bytes in segments since the last file entry.
    unfinished: u64,
    /// The line of the last segment that is not empty.
    line: u64,
}

/// What was in a segment.
#[derive(Default)]
struct Contents {
    headers: u64,
    /// Bytes of content.
    content: u64,
    /// Bytes after the last header.
    after: u64,
}

impl Walk {
    /// Takes the next entry; none where no more make sense.
    pub(in crate::format) fn take(&mut self, entry: &Entry, findings: &mut Findings) -> Option<()> {
        match entry {
            Entry::Segment(segment) => self.segment(segment, findings),
            Entry::File(file) => self.file(file, findings),
            Entry::Unusable(_) => self.unusable(),
        }
    }

    /// Takes the headers that have had their file entry, for who need not keep them all.
    pub(in crate::format) fn settled(&mut self) -> impl Iterator<Item = tar::Entry> {
        let matched = mem::take(&mut self.matched).min(self.headers.len());
        self.headers.drain(..matched)
    }

    fn segment(&mut self, segment: &Segment, findings: &mut Findings) -> Option<()> {
        if segment.bytes.is_empty() {
            return Some(());
        }
        self.miss_file(findings)?;
        self.line = segment.line;
        let mut contents = Contents::default();
        let headers = &mut self.headers;
        let goes_on = self.scanner.push(&segment.bytes, findings, &mut |event| match event {
            Event::Entry(entry) => {
                headers.push(*entry);
                contents.headers = contents.headers.saturating_add(1);
                contents.after = 0;
            }
            Event::Raw(bytes) => contents.after = contents.after.saturating_add(length(bytes)),
            Event::Content(bytes) => contents.content = contents.content.saturating_add(length(bytes)),
            Event::ContentEnd | Event::ArchiveEnd => {}
        });
        if let Some(detail) = self.misplaced(&contents) {
            findings.report(Rule::SegmentHeader, Place::Line(segment.line), detail);
        }
        self.unfinished = self.unfinished.saturating_add(length(&segment.bytes));
        goes_on.then_some(())
    }

    /// What is wrong with the segment that was just read, before `unfinished` counts it.
    fn misplaced(&self, contents: &Contents) -> Option<String> {
        let name = || {
            self.headers
                .last()
                .map(|header| shown(&header.name))
                .unwrap_or_default()
        };
        match *contents {
            Contents { headers: 0, .. } => None,
            Contents { content: 1.., .. } => Some(format!(
                "the segment contains file content: found {}, expected a file entry instead",
                Bytes(contents.content)
            )),
            Contents { headers: 2.., .. } => Some(format!(
                "the segment contains {} headers, expected one",
                contents.headers
            )),
            Contents { after: 1.., .. } => Some(format!(
                "the segment does not end with the header of {}: found {} after it, expected none",
                name(),
                Bytes(contents.after)
            )),
            _ if self.unfinished > 0 => Some(format!(
                "the header of {} and the padding before it are in several segments, expected one",
                name()
            )),
            _ => None,
        }
    }

    fn file(&mut self, file: &File, findings: &mut Findings) -> Option<()> {
        let place = Place::Line(file.line);
        let Some(header) = self.headers.get(self.matched) else {
            if self.scanner.expecting() == Expecting::HeaderRest {
                findings.report(
                    Rule::SegmentHeader,
                    Place::Line(self.line),
                    "the segment before a file entry ends inside a header, expected the whole header",
                );
                return None;
            }
            let detail = format!("the file entry {} has no header before it, expected one", file.shown());
            findings.report(Rule::SegmentFile, place, detail);
            return Some(());
        };
        if header.name != file.name && !file.unread.has(Part::Name) && !header.unread.has(Part::Name) {
            let detail = format!(
                "the name of the file entry does not match the header before it: found {}, expected {}",
                file.shown(),
                shown(&header.name)
            );
            findings.report(Rule::SegmentFile, place, detail);
        } else if header.size != file.size && !file.unread.has(Part::Size) && !header.unread.has(Part::Size) {
            let detail = format!(
                "the size of the file entry {} does not match the header before it: found {}, expected {}",
                file.shown(),
                Bytes(file.size),
                header.size
            );
            findings.report(Rule::SegmentFile, place, detail);
        }
        self.matched = self.matched.saturating_add(1);
        self.unfinished = 0;
        self.scanner.skip_content();
        Some(())
    }

    /// An entry that could be anything. Where a file entry is due it is that one; elsewhere it is not known what is missing.
    fn unusable(&mut self) -> Option<()> {
        self.headers.get(self.matched)?;
        self.matched = self.matched.saturating_add(1);
        self.unfinished = 0;
        self.scanner.skip_content();
        Some(())
    }

    /// Something else than a file entry comes next. If one is due, it is missing; if content is due as well, what follows
    /// cannot be told apart.
    fn miss_file(&mut self, findings: &mut Findings) -> Option<()> {
        let missing = self.headers.get(self.matched..).unwrap_or_default();
        for header in missing {
            let detail = format!(
                "no file entry after the header of {}, expected one",
                shown(&header.name)
            );
            findings.report(Rule::SegmentFile, Place::Line(self.line), detail);
        }
        if !missing.is_empty() {
            self.matched = self.headers.len();
            self.unfinished = 0;
        }
        let is_lost = matches!(self.scanner.expecting(), Expecting::Content { .. });
        (!is_lost).then_some(())
    }

    /// Says that no entry follows, and returns the headers, but for those that were taken.
    pub(in crate::format) fn finish(mut self, findings: &mut Findings) -> Option<Vec<tar::Entry>> {
        self.miss_file(findings)?;
        self.scanner.finish(findings);
        Some(self.headers)
    }
}
