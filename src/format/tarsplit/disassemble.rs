//! Making the tar-split of a tar.

use std::collections::HashSet;

use super::{shown, write};
use crate::{
    format::{
        Findings, Place, Region,
        crc64::Crc64,
        path::go_clean,
        tar::{self, Event, Scanner},
    },
    rules::Rule,
};

/// Most bytes in a segment after the end-of-archive blocks. What follows these can be of any length.
pub const SEGMENT_LIMIT: usize = 1 << 20;

/// Bytes of the tar after which is looked whether more make sense.
const PIECE: usize = 64 << 10;

/// Takes a tar in pieces of any size, and gives the lines of its tar-split.
///
/// The lines are the bytes that the Go library (v0.12) writes, with two exceptions. There, the segments after the
/// end-of-archive blocks are as long as what single reads of the input returned; here each but the last has
/// [`SEGMENT_LIMIT`] bytes. And there, padding that the end of the tar cuts short is lost; here it is kept.
///
/// Memory is bounded by the longest segment, which is that of a header with its extension headers, and by the names.
///
/// ```
/// use chunkproof::format::{Findings, tarsplit::Disassembler};
///
/// let mut json = Vec::new();
/// let mut findings = Findings::new();
/// let mut disassembler = Disassembler::new();
/// disassembler.push(&[0; 1024], &mut findings, &mut |line| json.extend_from_slice(line));
/// disassembler.finish(&mut findings, &mut |line| json.extend_from_slice(line));
/// assert!(json.starts_with(b"{\"type\":2,\"payload\":\"AAAA"));
/// assert!(findings.is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Disassembler {
    scanner: Scanner,
    lines: Lines,
}

impl Disassembler {
    /// A disassembler at the start of a tar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the tar, gives the lines that are complete to `out`, and returns whether more make sense.
    ///
    /// A tar can be pushed to its end after a rule is broken, so that all findings are true of the whole tar. Lines are of
    /// use only if there is none.
    ///
    /// Reports TAR-01 to TAR-06, and a name that tar-split cannot hold a second time (TSP-05).
    pub fn push(&mut self, bytes: &[u8], findings: &mut Findings, out: &mut dyn FnMut(&[u8])) -> bool {
        // In pieces, so that of a long chain of extension headers no more is kept than up to its limit.
        bytes.chunks(PIECE).all(|piece| self.push_piece(piece, findings, out))
    }

    fn push_piece(&mut self, bytes: &[u8], findings: &mut Findings, out: &mut dyn FnMut(&[u8])) -> bool {
        let Self { scanner, lines } = self;
        let goes_on = scanner.push(bytes, findings, &mut |event| lines.take(event, out));
        if scanner.has_long_extensions() {
            // All extension headers are in one segment, which would be kept until it is whole.
            lines.stop();
        }
        if !goes_on {
            lines.report_repeated(findings);
        }
        goes_on
    }

    /// Says that the tar ends here, and gives the last line to `out`. Of a tar that makes no sense the end is not known.
    ///
    /// Reports TAR-04.
    pub fn finish(mut self, findings: &mut Findings, out: &mut dyn FnMut(&[u8])) {
        self.scanner.finish(findings);
        self.lines.report_repeated(findings);
        self.lines.end_segment(out);
    }
}

/// Writes lines as the tar goes by.
#[derive(Debug, Default)]
struct Lines {
    /// The segment so far.
    segment: Vec<u8>,
    /// Whether the archive has ended.
    is_tail: bool,
    /// The header of the file whose content comes.
    header: Option<Box<tar::Entry>>,
    crc: Crc64,
    position: u64,
    /// Cleaned names of files.
    names: HashSet<Vec<u8>>,
    /// Headers whose name was there before, to be reported.
    repeated: Vec<tar::Entry>,
    /// Whether no more lines are made, since they would take too much memory.
    is_stopped: bool,
}

impl Lines {
    fn take(&mut self, event: Event<'_>, out: &mut dyn FnMut(&[u8])) {
        match event {
            Event::Raw(_) if self.is_stopped => {}
            Event::Raw(bytes) if self.is_tail => self.tail(bytes, out),
            Event::Raw(bytes) => self.segment.extend_from_slice(bytes),
            Event::Entry(header) => {
                self.end_segment(out);
                self.header = Some(header);
                self.crc = Crc64::new();
            }
            Event::Content(bytes) => self.crc.update(bytes),
            Event::ContentEnd => self.end_file(out),
            Event::ArchiveEnd => {
                self.end_segment(out);
                self.is_tail = true;
            }
        }
    }

    /// Takes bytes after the archive, which fill segments to their limit.
    fn tail(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = SEGMENT_LIMIT.saturating_sub(self.segment.len());
            let (taken, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.segment.extend_from_slice(taken);
            if self.segment.len() >= SEGMENT_LIMIT {
                self.end_segment(out);
            }
            rest = after;
        }
    }

    /// Makes no more lines. Names are looked at all the same.
    fn stop(&mut self) {
        self.is_stopped = true;
        self.segment = Vec::new();
    }

    fn end_segment(&mut self, out: &mut dyn FnMut(&[u8])) {
        if self.segment.is_empty() {
            return;
        }
        let position = self.next_position();
        let line = write::segment(&self.segment, position);
        self.segment.clear();
        out(line.as_bytes());
    }

    fn end_file(&mut self, out: &mut dyn FnMut(&[u8])) {
        let Some(header) = self.header.take() else {
            return;
        };
        if !self.is_stopped {
            let line = write::file(&header.name, header.size, self.crc.value(), self.next_position());
            out(line.as_bytes());
        }
        if !self.names.insert(go_clean(&header.name)) {
            self.repeated.push(*header);
        }
    }

    /// Reports repeated names, which is done at the end: after each push, the order of findings would depend on how the tar is
    /// cut.
    fn report_repeated(&mut self, findings: &mut Findings) {
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

    fn next_position(&mut self) -> u64 {
        let position = self.position;
        self.position = position.saturating_add(1);
        position
    }
}
