//! Tars: any bytes as a tar, which is scanned, taken apart and put together.
//!
//! Nothing depends on how the bytes are cut into pieces, what tar readers differ about included. A tar that is accepted is taken
//! apart into a tar-split that holds together, with the headers that the scanner saw, and put together it is the same bytes. `peer`
//! and `core_peer` compare with what two other readers of tars make of it, and `written` makes a layer of it.

mod core_peer;
mod peer;

use std::{collections::BTreeMap, num::NonZeroUsize};

use super::{
    mutator::{Mutation, own},
    sentence, written,
};
use crate::{
    forge::{
        Kind,
        mutate::{applied, tar},
    },
    format::{
        Dialect, Findings,
        tar::{Ambiguities, Entry, Event, Expecting, Inspection, Scanner},
        tarsplit::{self, Disassembler},
        writer::{Level, Options},
    },
};

/// Changes an entry or a field, after which checksums mostly hold, so that what is tested is what they are of.
pub const MUTATION: Mutation = Mutation(|bytes, random, plain| {
    let mut changed = if random.ratio(1, 4) {
        own(bytes, plain)
    } else {
        applied(&tar::tar(bytes, random), bytes, Kind::Bytes)
    };
    if !random.ratio(1, 8) {
        tar::seal(&mut changed);
    }
    Some(changed)
});

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let piece = piece_length(bytes);
    let (whole, cut) = (Scan::of([bytes].into_iter()), Scan::of(bytes.chunks(piece)));
    if whole != cut {
        panic!(
            "{}: scanned as {whole:?}, in pieces of {piece} as {cut:?}",
            bytes.escape_ascii()
        );
    }
    let (lines, findings) = disassemble([bytes].into_iter());
    let (lines_of_cut, findings_of_cut) = disassemble(bytes.chunks(piece));
    if lines != lines_of_cut || findings.list() != findings_of_cut.list() {
        panic!(
            "{}: taken apart as {}, in pieces of {piece} as {}",
            bytes.escape_ascii(),
            lines.escape_ascii(),
            lines_of_cut.escape_ascii()
        );
    }
    if whole.findings.iter().any(|finding| !findings.list().contains(finding)) {
        panic!(
            "{}: scanned with {whole:?}, taken apart with {findings:?}",
            bytes.escape_ascii()
        );
    }
    if whole.is_accepted() {
        whole.check_bytes(bytes);
        peer::compare_headers(bytes, &whole);
        peer::compare(bytes, &whole);
        core_peer::compare(bytes, &whole);
    }
    sentence::check(&findings);
    if findings.is_empty() {
        check_split(bytes, &whole, &lines);
        if let Err(problem) = written::check(bytes, bytes.chunks(piece), options(piece)) {
            panic!("{}: {problem}", bytes.escape_ascii());
        }
    }
}

/// What kind of layer is written, from the length of the pieces.
fn options(piece: usize) -> Options {
    Options {
        dialect: Dialect::ALL
            .get(piece % Dialect::ALL.len())
            .copied()
            .unwrap_or(Dialect::G5),
        level: Level::MIN,
        // Threads take longer to start than such a tar to compress.
        threads: NonZeroUsize::MIN.saturating_add(usize::from(piece.is_multiple_of(32))),
    }
}

/// How long the pieces are, from the bytes themselves.
fn piece_length(bytes: &[u8]) -> usize {
    let sum: usize = bytes.iter().take(512).map(|&byte| usize::from(byte)).sum();
    1 + (sum ^ bytes.len()) % 700
}

/// What a scanner said, whatever the pieces were in which it said it.
#[derive(Debug, PartialEq)]
struct Scan {
    /// Bytes that are no content, in one.
    raw: Vec<u8>,
    entries: Vec<Scanned>,
    /// How much of the raw bytes stands before the end of the archive.
    archive_end: Option<usize>,
    findings: Vec<crate::format::Finding>,
    ambiguities: Ambiguities,
    offset: u64,
    expecting: Expecting,
}

/// An entry with its content.
#[derive(Debug, PartialEq)]
struct Scanned {
    entry: Entry,
    content: Vec<u8>,
    is_whole: bool,
    /// How much of the raw bytes stands before the content.
    raw_before: usize,
}

impl Scan {
    fn of<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Self {
        let (mut raw, mut entries, mut archive_end) = (Vec::new(), Vec::<Scanned>::new(), None);
        let mut findings = Findings::new();
        let mut inspection = Inspection::new();
        let mut scanner = Scanner::new();
        for piece in pieces {
            let goes_on = scanner.push(piece, &mut findings, &mut |event| {
                inspection.see(&event);
                match event {
                    Event::Raw(bytes) => raw.extend_from_slice(bytes),
                    Event::Entry(entry) => entries.push(Scanned {
                        entry: *entry,
                        content: Vec::new(),
                        is_whole: false,
                        raw_before: raw.len(),
                    }),
                    Event::Content(bytes) => {
                        if let Some(last) = entries.last_mut() {
                            last.content.extend_from_slice(bytes);
                        }
                    }
                    Event::ContentEnd => {
                        if let Some(last) = entries.last_mut() {
                            last.is_whole = true;
                        }
                    }
                    Event::ArchiveEnd => archive_end = Some(raw.len()),
                }
            });
            if !goes_on {
                break;
            }
        }
        scanner.finish(&mut findings);
        Self {
            raw,
            entries,
            archive_end,
            findings: findings.list().to_vec(),
            ambiguities: inspection.finish(),
            offset: scanner.offset(),
            expecting: scanner.expecting(),
        }
    }

    fn is_accepted(&self) -> bool {
        self.findings.is_empty()
    }

    /// That raw bytes and contents come to the tar, and that entries are where they say.
    #[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
    fn check_bytes(&self, tar: &[u8]) {
        let mut made = Vec::with_capacity(tar.len());
        let mut raw = 0;
        for scanned in &self.entries {
            made.extend_from_slice(self.raw.get(raw..scanned.raw_before).unwrap_or_default());
            raw = scanned.raw_before;
            made.extend_from_slice(&scanned.content);
            let length = u64::try_from(scanned.content.len()).unwrap_or(u64::MAX);
            let starts = usize::try_from(scanned.entry.offset)
                .ok()
                .and_then(|at| tar.get(at..)?.get(..512));
            let starts_a_block = starts.is_some_and(|block| block.iter().any(|&byte| byte != 0));
            if !scanned.is_whole || length != scanned.entry.content || !starts_a_block {
                panic!(
                    "{}: accepted with the entry {scanned:?}, which is not whole",
                    tar.escape_ascii()
                );
            }
        }
        made.extend_from_slice(self.raw.get(raw..).unwrap_or_default());
        if made != tar || self.offset != u64::try_from(tar.len()).unwrap_or(u64::MAX) {
            panic!("{}: scanned, it comes to {}", tar.escape_ascii(), made.escape_ascii());
        }
    }
}

fn disassemble<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Findings) {
    let mut findings = Findings::new();
    let mut lines = Vec::new();
    let mut disassembler = Disassembler::new();
    for piece in pieces {
        if !disassembler.push(piece, &mut findings, &mut |line| lines.extend_from_slice(line)) {
            break;
        }
    }
    disassembler.finish(&mut findings, &mut |line| lines.extend_from_slice(line));
    (lines, findings)
}

/// That a tar-split of a sound tar is sound, has its headers, and gives it back.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
fn check_split(tar: &[u8], scan: &Scan, lines: &[u8]) {
    let mut findings = Findings::new();
    let entries = tarsplit::parse(lines, &mut findings).unwrap_or_default();
    let headers = tarsplit::check_segments(&entries, &mut findings).unwrap_or_default();
    let mut contents: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for scanned in &scan.entries {
        contents.insert(scanned.entry.name.clone(), scanned.content.clone());
    }
    let mut made = Vec::with_capacity(tar.len());
    tarsplit::assemble(&entries, &mut contents, &mut findings, &mut |bytes| {
        made.extend_from_slice(bytes);
    });
    let same = headers.iter().eq(scan.entries.iter().map(|scanned| &scanned.entry));
    if !findings.is_empty() || !same || made != tar {
        panic!(
            "{}: taken apart as {}, with {findings:?}, headers {headers:?}, put together as {}",
            tar.escape_ascii(),
            lines.escape_ascii(),
            made.escape_ascii()
        );
    }
}
