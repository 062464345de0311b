//! Where a tar is cut into segments and files.

use std::collections::HashSet;

use super::shown;
use crate::{
    format::{
        Findings, Place, Region,
        path::go_clean,
        tar::{self, Event},
    },
    rules::Rule,
};

/// Most bytes in a segment after the end-of-archive blocks. What follows these can be of any length.
pub const SEGMENT_LIMIT: usize = 1 << 20;

/// Takes what a scanner sees, and gives the entries of the tar-split.
///
/// Memory is bounded by the longest segment, and by the names.
#[derive(Debug, Default)]
pub(in crate::format) struct Outline {
    /// The segment so far.
    segment: Vec<u8>,
    /// Whether the archive has ended.
    is_tail: bool,
    /// The header of the file whose content comes.
    header: Option<Box<tar::Entry>>,
    /// Cleaned names of files.
    names: HashSet<Vec<u8>>,
    /// Headers whose name was there before, to be reported.
    repeated: Vec<tar::Entry>,
    /// Whether no more entries are given.
    is_stopped: bool,
}

/// An entry of a tar-split, but for the CRC of a file.
pub(in crate::format) enum Outlined<'a> {
    /// A segment with these bytes.
    Segment(&'a [u8]),
    /// The file of this header, whose content is complete.
    File(&'a tar::Entry),
}

type Sink<'s> = dyn FnMut(Outlined<'_>) + 's;

impl Outline {
    /// Takes the next event. Of content only the end counts.
    pub(in crate::format) fn take(&mut self, event: Event<'_>, sink: &mut Sink<'_>) {
        match event {
            Event::Raw(_) if self.is_stopped => {}
            Event::Raw(bytes) if self.is_tail => self.tail(bytes, sink),
            Event::Raw(bytes) => self.segment.extend_from_slice(bytes),
            Event::Entry(header) => {
                self.end_segment(sink);
                self.header = Some(header);
            }
            Event::Content(_) => {}
            Event::ContentEnd => self.end_file(sink),
            Event::ArchiveEnd => {
                self.end_segment(sink);
                self.is_tail = true;
            }
        }
    }

    /// Gives no more entries. Names are looked at all the same.
    pub(in crate::format) fn stop(&mut self) {
        self.is_stopped = true;
        self.segment = Vec::new();
    }

    /// What has come since the last entry, which is the last segment if the tar ends here.
    pub(in crate::format) fn last_segment(&self) -> Option<&[u8]> {
        Some(self.segment.as_slice()).filter(|segment| !segment.is_empty())
    }

    /// Takes bytes after the archive, which fill segments to their limit.
    fn tail(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = SEGMENT_LIMIT.saturating_sub(self.segment.len());
            let (taken, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.segment.extend_from_slice(taken);
            if self.segment.len() >= SEGMENT_LIMIT {
                self.end_segment(sink);
            }
            rest = after;
        }
    }

    fn end_segment(&mut self, sink: &mut Sink<'_>) {
        if let Some(segment) = self.last_segment() {
            sink(Outlined::Segment(segment));
        }
        self.segment.clear();
    }

    fn end_file(&mut self, sink: &mut Sink<'_>) {
        let Some(header) = self.header.take() else {
            return;
        };
        if !self.is_stopped {
            sink(Outlined::File(&header));
        }
        if !self.names.insert(go_clean(&header.name)) {
            self.repeated.push(*header);
        }
    }

    /// Reports repeated names (TSP-05), which is done at the end: after each push, the order of findings would depend on how the
    /// tar is cut.
    pub(in crate::format) fn report_repeated(&mut self, findings: &mut Findings) {
        for header in self.repeated.drain(..) {
            let name = shown(&header.name);
            let detail = if header.typeflag == b'g' {
                format!(
                    "second global PAX header with the name {name}, expected each name once, since tar-split has a file entry \
                     for each"
                )
            } else {
                format!("duplicate name {name}, expected each name once, since tar-split finds files by name")
            };
            findings.report(Rule::TarSplitUnique, Place::Byte(Region::Tar, header.offset), detail);
        }
    }
}
