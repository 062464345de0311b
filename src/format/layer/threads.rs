//! What is found does not depend on the number of threads, nor on how the work is divided among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    num::NonZeroUsize,
};

use super::{
    Source, Verified,
    jobs::Portions,
    reconstruct::{Reconstructed, reconstruct_in},
    tar_split::WORTHWHILE,
    verify::verify_in,
};
use crate::{
    forge::{
        EditInPlace as _,
        layer::{Parts, Payloads, Plan},
        tar::TarEntry,
        tarsplit::Line,
        zstd::{Block, Frame},
    },
    format::{Dialect, Finding, Findings, range::ReadAt},
};

/// As the work of a large blob is divided, for a small one.
const SMALL: Portions = Portions {
    blob: 0,
    job: 3000,
    piece: 4096,
};

const ODD: Portions = Portions {
    blob: 0,
    job: 1,
    piece: 64,
};

const LARGE: Portions = Portions {
    blob: 0,
    job: 200_000,
    piece: 100_000,
};

/// Numbers of threads, and what each does.
const RUNS: &[(usize, Portions)] = &[(1, ODD), (2, SMALL), (2, LARGE), (5, ODD), (5, Portions::USUAL)];

/// Everything that is found in a layer, and the tar that is rebuilt.
#[derive(Debug, PartialEq)]
struct Found {
    verified: Verified,
    findings: Vec<Finding>,
    omitted: u64,
    rebuilt: Option<Reconstructed>,
    of_rebuilding: Vec<Finding>,
    tar: Vec<u8>,
}

fn found(blob: &[u8], annotations: Option<&BTreeMap<String, String>>, threads: usize, portions: Portions) -> Found {
    let mut source = Source::new(&blob, annotations);
    source.threads = NonZeroUsize::new(threads).unwrap();
    let mut findings = Findings::new();
    let verified = verify_in(&source, portions, &mut findings).unwrap();
    let mut of_rebuilding = Findings::new();
    let mut tar = Vec::new();
    let rebuilt = reconstruct_in(&source, portions, &mut of_rebuilding, &mut tar).unwrap();
    Found {
        verified,
        findings: findings.list().to_vec(),
        omitted: findings.omitted(),
        rebuilt,
        of_rebuilding: of_rebuilding.list().to_vec(),
        tar,
    }
}

fn always_the_same(
    name: &str,
    (blob, annotations): (&[u8], Option<&BTreeMap<String, String>>),
    runs: &[(usize, Portions)],
) -> Found {
    let expected = found(blob, annotations, 1, Portions::USUAL);
    for &(threads, portions) in runs {
        let found = found(blob, annotations, threads, portions);
        assert!(
            found == expected,
            "{name} in {threads} threads, {portions:?}: found {:?} {:?} {:?}, expected {:?} {:?} {:?}",
            found.verified,
            found.findings,
            found.of_rebuilding,
            expected.verified,
            expected.findings,
            expected.of_rebuilding
        );
    }
    expected
}

/// Bytes that do not repeat.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        bytes.extend((state >> 16).to_le_bytes().into_iter().take(6));
    }
    bytes.truncate(length);
    bytes
}

/// Many small files, and long ones of one chunk and of several.
fn entries() -> Vec<TarEntry> {
    let mut entries = vec![TarEntry::dir("d/")];
    for number in 0..150 {
        let content = noise(number * 37 % 5000, u64::try_from(number).unwrap());
        entries.push(TarEntry::file(&format!("d/{number:03}"), content));
    }
    entries.insert(40, TarEntry::file("d/long", noise(200_000, 1000)));
    entries.insert(
        80,
        TarEntry::file("d/cut", noise(350_000, 1001)).edit(|entry| {
            entry.chunks = vec![(150_000, false), (100, false), (75_000, false), (124_900, false)];
        }),
    );
    entries.insert(
        81,
        TarEntry::file("d/zeros", vec![0; 5000]).edit(|entry| entry.chunks = vec![(1000, false), (4000, true)]),
    );
    entries.push(TarEntry::symlink("d/link", "001"));
    entries
}

/// How a layer is changed, and the rules that it then breaks.
type Change = (&'static str, fn(&mut Parts), &'static [&'static str]);

fn entry<'p>(parts: &'p mut Parts, name: &str) -> &'p mut crate::forge::toc::TocEntry {
    parts.toc.iter_mut().find(|entry| entry.name == name).unwrap()
}

fn flip(parts: &mut Parts, name: &str, distance: u64) {
    let offset = entry(parts, name).offset + distance;
    parts.data[usize::try_from(offset).unwrap()] ^= 0x55;
}

const CHANGES: &[Change] = &[
    ("nothing", |_| (), &[]),
    (
        "files that share a range",
        |parts| {
            let (offset, end, size, digest) = {
                let first = entry(parts, "d/010");
                (first.offset, first.end_offset, first.size, first.digest.clone())
            };
            for name in ["d/011", "d/012", "d/140"] {
                let entry = entry(parts, name);
                (entry.offset, entry.end_offset, entry.size) = (offset, end, size);
                entry.digest.clone_from(&digest);
                entry.chunk_digest.clear();
            }
        },
        &["CMP-02", "CMP-03", "ASM-03"],
    ),
    (
        "ranges that overlap",
        |parts| {
            let end = entry(parts, "d/012").end_offset;
            entry(parts, "d/011").end_offset = end;
        },
        &["DAT-02"],
    ),
    (
        "a damaged frame of a small file",
        |parts| flip(parts, "d/100", 40),
        &["FRM-03"],
    ),
    (
        "a damaged frame of a long file",
        |parts| flip(parts, "d/long", 100_000),
        &["FRM-03"],
    ),
    ("a damaged chunk", |parts| flip(parts, "d/cut", 180_000), &["FRM-03"]),
    ("a damaged length", |parts| flip(parts, "d/120", 8), &["FRM-02"]),
    ("a damaged magic", |parts| flip(parts, "d/050", 0), &["FRM-01"]),
    (
        "a damaged magic of a long file",
        |parts| flip(parts, "d/cut", 1),
        &["FRM-01"],
    ),
    (
        "other sizes",
        |parts| {
            entry(parts, "d/070").size += 1;
            entry(parts, "d/long").size -= 1;
        },
        &["CMP-02"],
    ),
    (
        "other digests",
        |parts| {
            for name in ["d/071", "d/long", "d/cut"] {
                entry(parts, name).digest = crate::format::Digest::of(b"").to_string();
            }
        },
        &["DAT-03"],
    ),
    (
        "a chunk of zeros that is none",
        |parts| entry(parts, "d/cut").chunk_type = "zeros".to_owned(),
        &["DAT-05"],
    ),
    (
        "content that moved to another file of the tar",
        |parts| {
            let (one, other) = (entry(parts, "d/060").clone(), entry(parts, "d/061").clone());
            (entry(parts, "d/060").offset, entry(parts, "d/060").end_offset) = (other.offset, other.end_offset);
            (entry(parts, "d/061").offset, entry(parts, "d/061").end_offset) = (one.offset, one.end_offset);
        },
        &["DAT-02"],
    ),
    (
        "a tar that is far too long",
        |parts| {
            let frame = Frame {
                window: Some(0x58),
                content_size: None,
                checksum: None,
                blocks: vec![Block::run(0, 100_000); 200],
                ..Frame::of(b"")
            };
            parts.data.extend(frame.encode());
            parts.data.extend(frame.encode());
        },
        &["CMP-03"],
    ),
    (
        "a frame with a wide window",
        |parts| {
            let frame = Frame {
                window: Some(0x70),
                content_size: None,
                checksum: None,
                blocks: vec![Block::run(0, 1000)],
                ..Frame::of(b"")
            };
            parts.data.extend(frame.encode());
        },
        &["CMP-03"],
    ),
];

#[test]
fn layers_are_the_same_in_any_number_of_threads() {
    let mut wrong = Vec::new();
    for (name, change, rules) in CHANGES {
        let mut parts = Plan::new(Dialect::G5, entries()).parts();
        change(&mut parts);
        let layer = parts.payloads().place().layer();
        let found = always_the_same(name, (&layer.blob, Some(&layer.annotations)), RUNS);
        let list = &found.findings;
        let broken: BTreeSet<&str> = list.iter().map(|finding| finding.rule.id()).collect();
        if broken != rules.iter().copied().collect() {
            wrong.push(format!("{name}: {list:?}"));
        }
        if rules.is_empty() {
            assert!(found.rebuilt.is_some(), "{name}: {:?}", found.of_rebuilding);
        }
    }
    assert_eq!(wrong, [""; 0]);
    for (name, plan) in [
        ("without a tar-split", Plan::new(Dialect::G2, entries())),
        ("without ends", Plan::stargz(entries())),
    ] {
        let layer = plan.layer();
        let found = always_the_same(name, (&layer.blob, Some(&layer.annotations)), RUNS);
        assert_eq!(found.findings, [], "{name}");
    }
}

/// A file whose frame only one thread may read, between others.
#[test]
fn wide_frames_are_rebuilt_in_any_number_of_threads() {
    let content = vec![7; 300_000];
    let mut entries = entries();
    entries.insert(60, TarEntry::file("d/wide", &content));
    let mut parts = Plan::new(Dialect::G5, entries).parts();
    let at = parts.toc.iter().position(|entry| entry.name == "d/wide").unwrap();
    let (start, end) = (parts.toc[at].offset, parts.toc[at].end_offset);
    let frame = Frame {
        window: Some(0x70),
        content_size: None,
        blocks: vec![Block::run(7, 100_000); 3],
        ..Frame::of(&content)
    };
    let frame = frame.encode();
    let length = u64::try_from(frame.len()).unwrap();
    let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
    parts.data.splice(range, frame);
    let moved = end - start - length;
    for entry in &mut parts.toc {
        if entry.offset > start {
            entry.offset -= moved;
        }
        if entry.end_offset > start {
            entry.end_offset -= moved;
        }
    }
    let layer = parts.payloads().place().layer();
    let found = always_the_same("wide", (&layer.blob, Some(&layer.annotations)), RUNS);
    assert_eq!(found.findings, []);
    assert!(found.rebuilt.is_some(), "{:?}", found.of_rebuilding);
}

/// How the payloads of a layer are changed, and the rules that it then breaks.
type PayloadChange = (&'static str, fn(&mut Parts), fn(&mut Payloads), &'static [&'static str]);

const PAYLOAD_CHANGES: &[PayloadChange] = &[
    ("nothing", |_| (), |_| (), &[]),
    (
        "another tar-split than the TOC names",
        |_| (),
        |payloads| *payloads.tar_split.last_mut().unwrap() ^= 1,
        &["LYR-04"],
    ),
    ("a cut TOC", |_| (), |payloads| payloads.toc.truncate(100), &["IDX-02"]),
    (
        "both cut",
        |_| (),
        |payloads| {
            payloads.toc.truncate(100);
            payloads.tar_split.truncate(100);
        },
        &["IDX-02"],
    ),
    (
        "a payload in the tar-split that is no CRC, and another mode in the TOC",
        |parts| {
            let file = |line: &&mut Line| matches!(line, Line::File { name, .. } if name == b"d/1000");
            let Some(Line::File { payload, .. }) = parts.tar_split.iter_mut().find(file) else {
                unreachable!();
            };
            *payload = Some(vec![1, 2, 3]);
            entry(parts, "d/0007").mode ^= 1;
        },
        |_| (),
        &["TSP-04", "CMP-02"],
    ),
];

/// TOC and tar-split that are so large that they are read side by side.
#[test]
fn large_indexes_are_the_same_in_any_number_of_threads() {
    let mut entries = vec![TarEntry::dir("d/")];
    entries.extend((0..4000).map(|number| TarEntry::symlink(&format!("d/{number:04}"), "0")));
    let parts = Plan::new(Dialect::G5, entries).parts();
    let mut wrong = Vec::new();
    for (name, change, change_payloads, rules) in PAYLOAD_CHANGES {
        let mut parts = parts.clone();
        change(&mut parts);
        let mut payloads = parts.payloads();
        change_payloads(&mut payloads);
        let placed = payloads.place();
        assert!(placed.toc.uncompressed > WORTHWHILE && placed.tar_split.uncompressed > WORTHWHILE);
        let layer = placed.layer();
        let found = always_the_same(
            name,
            (&layer.blob, Some(&layer.annotations)),
            &[(2, Portions::USUAL), (5, Portions::USUAL)],
        );
        let broken: BTreeSet<&str> = found.findings.iter().map(|finding| finding.rule.id()).collect();
        if broken != rules.iter().copied().collect() {
            wrong.push(format!("{name}: {:?}", found.findings));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The blobs of the set, but for those that take long.
#[cfg(feature = "set")]
#[test]
fn vectors_are_the_same_in_any_number_of_threads() {
    let set = crate::vectors::Set::embedded().unwrap();
    let mut count = 0;
    for entry in set.entries() {
        let op = entry.op.name();
        if !matches!(op, "layer/reconstruct" | "layer/decompress") || entry.case.limits.is_some() {
            continue;
        }
        let Some((_, blob)) = set.bytes(entry).unwrap() else {
            continue;
        };
        let annotations = entry.case.input.get("annotations");
        let annotations: BTreeMap<String, String> = annotations
            .map(|value| serde_json::from_value(value.clone()).unwrap())
            .unwrap_or_default();
        let id = entry.case.id.to_string();
        let annotations = Some(&annotations).filter(|map| !map.is_empty());
        always_the_same(&id, (&blob, annotations), &[(1, SMALL), (3, SMALL)]);
        count += 1;
    }
    assert!(count > 100, "{count}");
}

/// A blob of which one byte cannot be read.
struct Failing<'b> {
    blob: &'b [u8],
    at: u64,
}

impl ReadAt for Failing<'_> {
    fn size(&self) -> u64 {
        self.blob.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if (offset..offset + buffer.size()).contains(&self.at) {
            return Err(io::Error::other(format!("byte {} cannot be read", self.at)));
        }
        self.blob.read_exact_at(buffer, offset)
    }
}

#[test]
fn an_error_of_reading_is_that_of_the_command() {
    let layer = Plan::new(Dialect::G5, entries()).layer();
    let data = u64::try_from(layer.blob.len()).unwrap() / 8 * 7;
    for at in [1000, data / 3, data / 2, data] {
        let blob = Failing { blob: &layer.blob, at };
        for &(threads, portions) in RUNS {
            let mut source = Source::new(&blob, Some(&layer.annotations));
            source.threads = NonZeroUsize::new(threads).unwrap();
            let expected = format!("byte {at} cannot be read");
            let error = verify_in(&source, portions, &mut Findings::new()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{threads} {portions:?}");
            let error = reconstruct_in(&source, portions, &mut Findings::new(), &mut io::sink()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{threads} {portions:?}");
        }
    }
}
