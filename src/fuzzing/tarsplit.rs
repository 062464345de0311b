//! Tar-splits: any bytes as the JSON lines of a tar-split.
//!
//! A second reading goes through a tree that another parser of JSON made. What is accepted is printed by the builder of the
//! vectors and read again, and the reader of single entries gives what the parser gives. Where segments and files hold
//! together, the tar that they make, with zeros for content, has the headers that were found, and taken apart again it
//! gives these segments and files.

mod reading;

use self::reading::{Said, read_lines};
use super::mutator::Mutation;
use crate::{
    forge::{
        Edit, Kind,
        mutate::{applied, json},
        tarsplit::{Line, document},
        words,
    },
    format::{
        Findings, Unread,
        tar::{self, Event, Scanner},
        tarsplit::{self, Delivery, Disassembler, Entry, File, Files, Reader},
    },
    rules::Rule,
};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let text = bytes.escape_ascii();
    let mut findings = Findings::new();
    let parsed = tarsplit::parse(bytes, &mut findings);
    check_stream(bytes, parsed.as_deref(), &findings);
    let accepted = parsed.as_deref().filter(|_| findings.is_empty());
    match read_lines(bytes) {
        Said::Unknown => {}
        Said::Broken if accepted.is_none() => {}
        Said::Entries(entries) if accepted == Some(&entries) => {}
        Said::Broken => panic!("{text}: parsed {parsed:?}, naively it is broken"),
        Said::Entries(entries) => panic!("{text}: parsed {parsed:?} with {findings:?}, read naively {entries:?}"),
    }
    if let Some(entries) = accepted {
        let printed = document(&entries.iter().map(line).collect::<Vec<_>>());
        let mut findings = Findings::new();
        let again = tarsplit::parse(printed.as_bytes(), &mut findings);
        if again.as_deref() != Some(entries) || !findings.is_empty() {
            panic!("{entries:?} printed as {printed} is read as {again:?} with {findings:?}");
        }
    }
    if let Some(entries) = &parsed {
        check_tar(entries, findings.is_empty());
    }
}

/// Holds the reader of single entries against the parser.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_stream(bytes: &[u8], parsed: Option<&[Entry]>, findings: &Findings) {
    let mut reader = Reader::new(bytes);
    let mut single = Findings::new();
    let mut entries = parsed.unwrap_or_default().iter();
    let whole = loop {
        match reader.next_entry(&mut single) {
            Ok(Some(entry)) if parsed.is_none() || entries.next() == Some(&entry) => {}
            Ok(None) if entries.next().is_none() => break parsed.is_some(),
            Err(_) => break parsed.is_none(),
            other => panic!("{}: one by one {other:?}, parsed {parsed:?}", bytes.escape_ascii()),
        }
    };
    if !whole || single.list() != findings.list() {
        panic!("{}: one by one {single:?}, parsed {findings:?}", bytes.escape_ascii());
    }
}

/// The entry as the builder takes it.
fn line(entry: &Entry) -> Line {
    match entry {
        Entry::Segment(segment) => Line::Segment(segment.bytes.clone()),
        Entry::File(file) => Line::File {
            name: file.name.clone(),
            size: file.size,
            payload: file.crc.map(|crc| crc.to_be_bytes().to_vec()),
        },
        // None is in what is accepted.
        Entry::Unusable(_) => Line::Segment(Vec::new()),
    }
}

/// Longest tar that is made of an input.
const TAR_LIMIT: u64 = 1 << 16;

/// As many zeros as a file has bytes.
struct Zeros;

impl Files for Zeros {
    fn deliver(&mut self, file: &File, _: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery {
        let mut left = file.size;
        while left > 0 {
            let piece = left.min(512);
            left -= piece;
            let zeros = [0; 512];
            if !sink(zeros.get(..usize::try_from(piece).unwrap_or(0)).unwrap_or(&zeros)) {
                break;
            }
        }
        Delivery::Done
    }
}

#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_tar(entries: &[Entry], is_accepted: bool) {
    let mut findings = Findings::new();
    let headers = tarsplit::check_segments(entries, &mut findings);
    let size = entries.iter().fold(0_u64, |sum, entry| {
        sum.saturating_add(match entry {
            Entry::File(file) => file.size,
            Entry::Segment(_) | Entry::Unusable(_) => 0,
        })
    });
    if size > TAR_LIMIT {
        return;
    }
    let mut made = Findings::new();
    let mut tar = Vec::new();
    tarsplit::assemble(entries, &mut Zeros, &mut made, &mut |bytes| {
        tar.extend_from_slice(bytes);
    });
    // What could not be read is compared with nothing.
    let is_read = entries.iter().all(|entry| match entry {
        Entry::File(file) => file.unread == Unread::default(),
        Entry::Segment(_) => true,
        Entry::Unusable(_) => false,
    });
    let Some(headers) = headers.filter(|_| findings.is_empty() && is_read) else {
        return;
    };
    if made.list().iter().any(|finding| finding.rule != Rule::FileCrc) {
        panic!("{entries:?} hold together, but not with their files: {made:?}");
    }
    let mut scanned = Vec::new();
    let mut of_scan = Findings::new();
    let mut scanner = Scanner::new();
    scanner.push(&tar, &mut of_scan, &mut |event| {
        if let Event::Entry(entry) = event {
            scanned.push(*entry);
        }
    });
    scanner.finish(&mut of_scan);
    let alike = |a: &tar::Entry, b: &tar::Entry| a == b;
    let same = headers.len() == scanned.len() && headers.iter().zip(&scanned).all(|(a, b)| alike(a, b));
    if !same || !of_scan.is_empty() {
        panic!("{entries:?}: headers {headers:?}, in the tar {scanned:?} with {of_scan:?}");
    }
    if is_accepted {
        check_again(entries, &tar);
    }
}

/// Takes the tar apart, and compares with what it was made of.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_again(entries: &[Entry], tar: &[u8]) {
    let mut findings = Findings::new();
    let mut lines = Vec::new();
    let mut disassembler = Disassembler::new();
    disassembler.push(tar, &mut findings, &mut |line| lines.extend_from_slice(line));
    disassembler.finish(&mut findings, &mut |line| lines.extend_from_slice(line));
    let again = tarsplit::parse(&lines, &mut findings).unwrap_or_default();
    if !findings.is_empty() || parts(&again) != parts(entries) {
        panic!("{entries:?} is taken apart as {again:?} with {findings:?}");
    }
}

/// A file with the segments before it, or the segments after the last one.
#[derive(PartialEq)]
struct Part<'a> {
    bytes: Vec<u8>,
    file: Option<(&'a [u8], u64)>,
}

/// What has to be the same of two tar-splits of one tar: segments joined up to the next file, and names and sizes of files.
fn parts(entries: &[Entry]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut bytes = Vec::new();
    for entry in entries {
        match entry {
            Entry::Segment(segment) => bytes.extend_from_slice(&segment.bytes),
            Entry::File(file) => parts.push(Part {
                bytes: std::mem::take(&mut bytes),
                file: Some((&file.name, file.size)),
            }),
            Entry::Unusable(_) => {}
        }
    }
    parts.push(Part { bytes, file: None });
    parts
}

/// Changes the JSON of one line, or which lines there are, or the bytes.
pub const MUTATION: Mutation = Mutation(|bytes, random, _| {
    let changed = applied(&json::lines(bytes, &words::TAR_SPLIT, random), bytes, Kind::Lines);
    // Mostly so that positions count, since nothing else is looked at otherwise.
    if random.ratio(1, 4) {
        return Some(changed);
    }
    let lines = changed.split_inclusive(|&byte| byte == b'\n').enumerate();
    Some(lines.flat_map(|(position, line)| renumbered(line, position)).collect())
});

/// The line with this position; as it is where it has none.
fn renumbered(line: &[u8], position: usize) -> Vec<u8> {
    let edit = Edit::Raw {
        at: "/0/position".to_owned(),
        to: position.to_string(),
    };
    applied(&edit, line, Kind::Lines)
}
