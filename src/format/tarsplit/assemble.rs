//! Making the tar again.

use std::collections::BTreeMap;

use super::{Entry, File};
use crate::{
    format::{
        Bytes, Findings, Place,
        crc64::Crc64,
        tar::{Event, Scanner},
    },
    rules::Rule,
};

/// How a file's content was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All of it, as far as it was wanted.
    Done,
    /// As `Done`, and this is the CRC-64 of it.
    Summed(u64),
    /// There is no such file (ASM-01 will be reported).
    NoFile,
    /// It could not be read to its end, and the reason has been reported or is kept elsewhere.
    Failed,
}

/// Where the content of files comes from.
pub trait Files {
    /// Whether the content that is delivered comes with its CRC, as [`Delivery::Summed`]. It is not computed again then.
    fn has_crc(&self) -> bool {
        false
    }

    /// Gives the content of the file to `sink`, in order and in pieces of any size, until that is all or `sink` returns
    /// false.
    fn deliver(&mut self, file: &File, findings: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery;
}

/// Contents in memory by name, as it stands in the tar-split.
impl Files for BTreeMap<Vec<u8>, Vec<u8>> {
    fn deliver(&mut self, file: &File, _: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery {
        match self.get(&file.name) {
            Some(content) => {
                sink(content);
                Delivery::Done
            }
            None => Delivery::NoFile,
        }
    }
}

/// Writes the tar to `out`.
///
/// Reports ASM-01, ASM-02 and ASM-03, and what `files` reports. After a finding it goes on, so that all are found, and
/// the bytes that were written are not the tar. Never more than a file's size is written for it.
///
/// Types without content, such as hard links, get none even where they have a size, and no file is asked for: that
/// takes a look at the headers in the segments. Where these are no tar headers, a file's size is taken as it is;
/// [`check_segments`](super::check_segments) says what is wrong with them.
pub fn assemble(entries: &[Entry], files: &mut dyn Files, findings: &mut Findings, out: &mut dyn FnMut(&[u8])) {
    let mut scanner = Scanner::new();
    let mut last_header = None;
    for entry in entries {
        match entry {
            Entry::Segment(segment) => {
                out(&segment.bytes);
                scanner.push(&segment.bytes, &mut Findings::new(), &mut |event| {
                    if let Event::Entry(header) = event {
                        last_header = Some(header);
                    }
                });
            }
            Entry::File(file) => {
                let is_header_only = last_header.take().is_some_and(|header| header.content < header.size);
                let due = if is_header_only { 0 } else { file.size };
                write_content(file, due, files, findings, out);
                scanner.skip_content();
            }
            // What is missing has been reported.
            Entry::Unusable(_) => {}
        }
    }
}

/// Writes the content of a file, `due` bytes.
fn write_content(file: &File, due: u64, files: &mut dyn Files, findings: &mut Findings, out: &mut dyn FnMut(&[u8])) {
    let mut content = Content {
        crc: (due == 0 || !files.has_crc()).then(Crc64::new),
        ..Content::default()
    };
    let mut summed = None;
    if due > 0 {
        let mut sink = |bytes: &[u8]| content.take(bytes, due, out);
        match files.deliver(file, findings, &mut sink) {
            Delivery::Done => {}
            Delivery::Summed(crc) => summed = Some(crc),
            Delivery::NoFile => {
                let detail = format!("no content for the file {}, expected {}", file.shown(), Bytes(due));
                findings.report(Rule::FileMissing, Place::Line(file.line), detail);
                return;
            }
            Delivery::Failed => return,
        }
    }
    content.check(file, due, summed, findings);
}

/// What came of a file's content.
#[derive(Default)]
struct Content {
    /// None where it is delivered with the content.
    crc: Option<Crc64>,
    length: u64,
    is_longer: bool,
}

impl Content {
    /// Takes the next bytes, and returns whether more are wanted.
    fn take(&mut self, bytes: &[u8], due: u64, out: &mut dyn FnMut(&[u8])) -> bool {
        let left = usize::try_from(due.saturating_sub(self.length)).unwrap_or(usize::MAX);
        let wanted = bytes.get(..left).unwrap_or(bytes);
        self.is_longer |= wanted.len() < bytes.len();
        if let Some(crc) = &mut self.crc {
            crc.update(wanted);
        }
        self.length = self
            .length
            .saturating_add(u64::try_from(wanted.len()).unwrap_or(u64::MAX));
        out(wanted);
        !self.is_longer
    }

    fn check(&self, file: &File, due: u64, summed: Option<u64>, findings: &mut Findings) {
        let found = self.crc.as_ref().map(Crc64::value).or(summed);
        let place = Place::Line(file.line);
        if self.is_longer {
            let detail = format!(
                "the content of {} is too long: found more than {}, expected {due}",
                file.shown(),
                Bytes(due)
            );
            findings.report(Rule::FileSize, place, detail);
        } else if self.length != due {
            let detail = format!(
                "the content of {} is too short: found {}, expected {due}",
                file.shown(),
                Bytes(self.length)
            );
            findings.report(Rule::FileSize, place, detail);
        } else if let (Some(expected), Some(found)) = (file.crc, found)
            && found != expected
        {
            let detail = format!(
                "the CRC-64 of {} does not match its tar-split entry: found {found:016x}, expected {expected:016x}",
                file.shown()
            );
            findings.report(Rule::FileCrc, place, detail);
        }
    }
}
