//! Making the tar-split of a tar.

use super::{
    outline::{Outline, Outlined},
    write::Lines,
};
use crate::format::{
    Findings,
    crc64::Crc64,
    tar::{Event, Scanner},
};

/// Bytes of the tar after which is looked whether more make sense.
pub(in crate::format) const PIECE: usize = 64 << 10;

/// Takes a tar in pieces of any size, and gives the lines of its tar-split.
///
/// The lines are the bytes that the Go library (v0.12) writes, with two exceptions. There, the segments after the
/// end-of-archive blocks are as long as what single reads of the input returned; here each but the last has
/// [`SEGMENT_LIMIT`](super::SEGMENT_LIMIT) bytes. And there, padding that the end of the tar cuts short is lost; here it is kept.
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
    outline: Outline,
    /// The CRC of the file that is read.
    crc: Crc64,
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
        let Self {
            scanner,
            outline,
            crc,
            lines,
        } = self;
        let goes_on = scanner.push(bytes, findings, &mut |event| {
            if let Event::Content(bytes) = event {
                crc.update(bytes);
                return;
            }
            outline.take(event, &mut |outlined| match outlined {
                Outlined::Segment(bytes) => out(lines.segment(bytes)),
                Outlined::File(header) => {
                    let crc = std::mem::take(crc).value();
                    out(lines.file(&header.name, header.size, crc));
                }
            });
        });
        if scanner.has_long_extensions() {
            // All extension headers are in one segment, which would be kept until it is whole.
            outline.stop();
        }
        if !goes_on {
            outline.report_repeated(findings);
        }
        goes_on
    }

    /// Says that the tar ends here, and gives the last line to `out`. Of a tar that makes no sense the end is not known.
    ///
    /// Reports TAR-04.
    pub fn finish(mut self, findings: &mut Findings, out: &mut dyn FnMut(&[u8])) {
        self.scanner.finish(findings);
        self.outline.report_repeated(findings);
        if let Some(segment) = self.outline.last_segment() {
            out(self.lines.segment(segment));
        }
    }
}
