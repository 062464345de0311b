//! Written layers, held against the reader.

use std::{collections::BTreeMap, io};

use super::{Level, Options, Writer, Written};
use crate::{
    format::{
        Dialect, Extent, Findings,
        frames::{FrameKind, Walker},
        layer::{self, Source},
        range::ReadAt as _,
        rollsum::{Cut, Splitter},
        tar::{
            Event, Scanner,
            build::{END, Header, file, odd_tars, pax, with_content},
        },
    },
    rules::Rule,
};

/// Writes a tar that comes in parts of this size.
fn write_in_parts(tar: &[u8], options: Options, part: usize) -> (Vec<u8>, Option<Written>, Findings) {
    let (mut layer, mut findings) = (Vec::new(), Findings::new());
    let mut writer = Writer::new(&mut layer, options).unwrap();
    for part in tar.chunks(part) {
        writer.push(part, &mut findings).unwrap();
    }
    let written = writer.finish(&mut findings).unwrap();
    (layer, written, findings)
}

fn write(tar: &[u8], dialect: Dialect) -> (Vec<u8>, Option<Written>, Findings) {
    let options = Options {
        dialect,
        ..Options::default()
    };
    write_in_parts(tar, options, usize::MAX)
}

/// Holds a layer against every rule and the tar.
fn check(layer: &[u8], tar: &[u8], written: &Written, dialect: Dialect, name: &str) {
    let mut findings = Findings::new();
    let mut source = Source::new(&layer, Some(&written.annotations));
    source.diff_id = Some(written.diff_id);
    let verified = layer::verify(&source, &mut findings).unwrap();
    assert!(findings.is_empty(), "{name} in {dialect}: {findings:?}");
    assert_eq!(verified.toc_digest, Some(written.toc_digest), "{name} in {dialect}");
    assert_eq!(zstd::stream::decode_all(layer).unwrap(), tar, "{name} in {dialect}");
    assert_eq!(written.size, u64::try_from(layer.len()).unwrap(), "{name} in {dialect}");
    if dialect.has_tar_split() {
        let mut rebuilt = Vec::new();
        layer::reconstruct(&source, &mut findings, &mut rebuilt).unwrap();
        assert!(findings.is_empty(), "{name} in {dialect}: {findings:?}");
        assert_eq!(rebuilt, tar, "{name} in {dialect}");
    }
}

#[test]
fn odd_tars_become_layers() {
    for (name, tar) in odd_tars() {
        for &dialect in Dialect::ALL {
            let (layer, written, findings) = write(&tar, dialect);
            match written {
                Some(written) => check(&layer, &tar, &written, dialect, name),
                None => {
                    assert_eq!(name, "name that is not utf-8");
                    assert!(findings.breaks(Rule::JsonSyntax), "{name}: {findings:?}");
                }
            }
        }
    }
}

/// Found by the fuzz target of tar headers: without content the TOC of g1 is that of stargz as well, which has whole seconds.
#[test]
fn fractions_of_seconds_without_content() {
    for seconds in ["1700000000.5", "-0.5", "1.000000001"] {
        let record = format!("mtime={seconds}\n");
        let length = record.len() + 3;
        let record = format!("{length} {record}");
        let tar = [
            file(b'x', "pax", record.as_bytes()),
            file(b'5', "d/", b""),
            END.to_vec(),
        ]
        .concat();
        for &dialect in Dialect::ALL {
            let (layer, written, _) = write(&tar, dialect);
            check(&layer, &tar, &written.unwrap(), dialect, seconds);
        }
    }
}

#[test]
fn chunks_and_their_runs_of_zeros() {
    let noise: Vec<u8> = (0..300_000u32)
        .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let content = [noise.as_slice(), &[0; 5000], b"end", &[0; 1024]].concat();
    let tar = [file(b'0', "a", &content), file(b'0', "zeros", &[0; 4096]), END.to_vec()].concat();
    for &dialect in Dialect::ALL {
        let (layer, written, _) = write(&tar, dialect);
        check(&layer, &tar, &written.unwrap(), dialect, "chunks");
    }
}

#[test]
fn the_size_of_reads_does_not_show() {
    let mut tar = file(b'0', "a", &[7; 3000]);
    tar.extend(file(b'0', "b", &[0; 3000]));
    tar.extend(END);
    let options = Options::default();
    let (whole, ..) = write_in_parts(&tar, options, usize::MAX);
    for part in [1, 511, 4096] {
        assert_eq!(write_in_parts(&tar, options, part).0, whole, "by {part}");
    }
}

#[test]
fn tars_that_the_format_cannot_hold() {
    let year_10000 = [("mtime", "253402300800")];
    for (name, tar, rule) in [
        (
            "truncated content",
            file(b'0', "a", &[1; 600])[..700].to_vec(),
            Rule::TarTruncated,
        ),
        (
            "truncated header",
            file(b'0', "a", b"")[..511].to_vec(),
            Rule::TarTruncated,
        ),
        ("no tar", vec![b'x'; 512], Rule::TarHeader),
        ("sparse file", file(b'S', "a", b"a"), Rule::TarSparse),
        ("unknown type", file(b'7', "a", b"a"), Rule::EntryType),
        (
            "the same name",
            [file(b'0', "a", b"1"), file(b'0', "./a", b"2")].concat(),
            Rule::EntryUnique,
        ),
        (
            "the same path",
            [file(b'0', "a", b"1"), file(b'0', "/a", b"2")].concat(),
            Rule::EntryUnique,
        ),
        (
            "name not utf-8",
            with_content(Header::new(b'0', "", 1).with(0, b"\xe4"), b"x"),
            Rule::JsonSyntax,
        ),
        (
            "link name not utf-8",
            Header::new(b'2', "l", 0).with(157, b"\xe4").block(),
            Rule::JsonSyntax,
        ),
        (
            "a year of five digits",
            [pax(b'x', &year_10000), file(b'0', "a", b"")].concat(),
            Rule::EntryTime,
        ),
    ] {
        for &dialect in Dialect::ALL {
            let (_, written, findings) = write(&tar, dialect);
            assert_eq!(written, None, "{name} in {dialect}");
            assert!(findings.breaks(rule), "{name} in {dialect}: {findings:?}");
        }
    }
}

/// All that is wrong with a tar is reported, in pieces of any size, and nothing that is not.
#[test]
fn a_refused_tar_is_read_to_its_end() {
    let year_10000 = [("mtime", "253402300800")];
    let whole = [
        file(b'0', "a", b"a"),
        file(b'0', "a", &[b'a'; 300]),
        pax(b'x', &year_10000),
        file(b'0', "b", b"b"),
        file(b'V', "label", b""),
        file(b'0', "c/../b", b"b"),
        END.to_vec(),
    ]
    .concat();
    let cut = &whole[..whole.len() - 1636];
    let long = vec![b'c'; 1 << 20];
    let chain: Vec<u8> = std::iter::repeat_n(file(b'x', "x", &record_of(&long)), 5)
        .flatten()
        .collect();
    let chained = [chain, file(b'0', "a", b"a"), file(b'0', "a", b"a"), END.to_vec()].concat();
    let both = &[
        Rule::EntryTime,
        Rule::EntryType,
        Rule::EntryUnique,
        Rule::TarSplitUnique,
    ][..];
    let (with_cut, chain) = (
        [both, &[Rule::TarTruncated]].concat(),
        [Rule::EntryUnique, Rule::TarExtensionChain, Rule::TarSplitUnique],
    );
    for (name, tar, rules) in [
        ("whole", &whole[..], both),
        ("cut", cut, &with_cut),
        ("chain", &chained, &chain),
    ] {
        for &dialect in Dialect::ALL {
            for part in [usize::MAX, 700, 100_000] {
                let options = Options {
                    dialect,
                    ..Options::default()
                };
                let (_, written, findings) = write_in_parts(tar, options, part);
                let mut found: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
                found.sort();
                found.dedup();
                let mut expected = rules.to_vec();
                expected.retain(|&rule| dialect.has_tar_split() || rule != Rule::TarSplitUnique);
                expected.sort();
                assert_eq!(
                    (written, found),
                    (None, expected),
                    "{name} in {dialect}, in pieces of {part}"
                );
            }
        }
    }
}

/// A caller that gives up where the writer does knows the names that were there twice.
#[test]
fn repeated_names_are_known_where_the_scanner_stops() {
    let mut damaged = file(b'0', "b", b"");
    damaged[0] = b'c';
    let tar = [file(b'0', "a", b"a"), file(b'0', "a", b"b"), damaged].concat();
    for part in [512, usize::MAX] {
        let mut layer = io::sink();
        let mut writer = Writer::new(&mut layer, Options::default()).unwrap();
        let mut findings = Findings::new();
        let goes_on = tar.chunks(part).all(|part| writer.push(part, &mut findings).unwrap());
        let mut rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
        rules.sort();
        let expected = [Rule::EntryUnique, Rule::TarSplitUnique, Rule::TarHeader];
        assert_eq!((goes_on, &rules[..]), (false, &expected[..]), "in pieces of {part}");
    }
}

/// A comment of this value.
fn record_of(value: &[u8]) -> Vec<u8> {
    let value = &value[..value.len() - 17];
    [b"1048576 comment=", value, b"\n"].concat()
}

/// A finding cannot be switched off, and what comes after it is not written.
#[test]
fn a_skipped_rule_makes_no_short_layer() {
    let tar = [file(b'S', "a", b"a"), file(b'0', "b", b"b"), END.to_vec()].concat();
    let mut layer = Vec::new();
    let mut findings = Findings::skipping(&[Rule::TarSparse]);
    let mut writer = Writer::new(&mut layer, Options::default()).unwrap();
    assert!(!writer.push(&tar, &mut findings).unwrap());
    assert!(!writer.push(&tar, &mut findings).unwrap());
    assert_eq!(writer.finish(&mut findings).unwrap(), None);
}

#[test]
fn levels() {
    let tar = [file(b'0', "a", &[7; 3000]), END.to_vec()].concat();
    for level in [Level::MIN, Level::MAX] {
        let options = Options {
            level,
            ..Options::default()
        };
        let (layer, written, _) = write_in_parts(&tar, options, usize::MAX);
        check(&layer, &tar, &written.unwrap(), options.dialect, "level");
    }
    assert_eq!((Level::new(0), Level::new(23)), (None, None));
}

#[test]
fn annotations_of_each_dialect() {
    let keys = |dialect| -> Vec<String> {
        let annotations: BTreeMap<String, String> = write(&END, dialect).1.unwrap().annotations;
        annotations.into_keys().collect()
    };
    let of =
        |prefix: &str, parts: &[&str]| -> Vec<String> { parts.iter().map(|part| format!("{prefix}{part}")).collect() };
    let (old, new) = ("io.containers.zstd-chunked.", "io.github.containers.zstd-chunked.");
    let (checksum, position) = ("manifest-checksum", "manifest-position");
    let (split_checksum, split_position) = ("tarsplit-checksum", "tarsplit-position");
    assert_eq!(keys(Dialect::G1), of(old, &[checksum, position]));
    assert_eq!(keys(Dialect::G2), of(new, &[checksum, position]));
    let with_checksum = of(new, &[checksum, position, split_checksum, split_position]);
    assert_eq!(keys(Dialect::G3), with_checksum);
    assert_eq!(keys(Dialect::G4), with_checksum);
    assert_eq!(keys(Dialect::G5), of(new, &[checksum, position, split_position]));
}

/// A damaged tar is refused, or its layer holds all the same.
#[test]
fn no_damage_makes_a_bad_layer() {
    let (mut refused, mut held) = (0, 0);
    for (name, tar) in odd_tars() {
        if !(512..4096).contains(&tar.len()) {
            continue;
        }
        for (at, value) in [
            (0, b'/'),
            (1, 0xff),
            (100, b'1'),
            (124, 0xff),
            (135, b'7'),
            (156, b'7'),
            (345, b'x'),
        ] {
            let mut tar = tar.clone();
            tar[at] = value;
            let mut block: [u8; 512] = tar[..512].try_into().unwrap();
            block[148..156].copy_from_slice(b"        ");
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            let (layer, written, findings) = write(&tar, Dialect::G5);
            match written {
                Some(written) => {
                    check(&layer, &tar, &written, Dialect::G5, name);
                    held += 1;
                }
                None => {
                    assert!(!findings.is_empty(), "{name} with {value} at {at}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 20 && held > 20, "{refused} refused, {held} held");
}

/// Files with cuts and runs of zeros, a frame that is too large to be kept, and many small ones.
fn large_tar() -> Vec<u8> {
    let mut state = 1_u64;
    let mut noise = |length: usize| -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0] & 0x3f
        })
        .take(length)
        .collect()
    };
    let mut tar = Vec::new();
    for (name, content) in [
        ("noise", noise(5 << 20)),
        ("same", vec![1; 11 << 20]),
        ("zeros", [noise(70_000), vec![0; 300_000], noise(9)].concat()),
    ] {
        tar.extend(file(b'0', name, &content));
    }
    for number in 0..4000 {
        tar.extend(file(b'0', &format!("small{number}"), &noise(number % 700)));
    }
    tar.extend(file(b'0', "same again", &vec![1; 6 << 20]));
    tar.extend(END);
    tar
}

/// Files around the sizes at which batches end and from which on files are in several, with runs of zeros, and headers that are
/// larger than a batch.
fn tar_around_borders() -> Vec<u8> {
    const MIB: usize = 1 << 20;
    let mut state = 7_u64;
    let mut noise = |length: usize| -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0] | 1
        })
        .take(length)
        .collect()
    };
    let mut tar = Vec::new();
    let lengths = [64, 1023, 1024, 64 << 10]
        .into_iter()
        .flat_map(|border| [border - 1, border, border + 1]);
    let lengths = lengths.chain([MIB - 1536, MIB - 512, MIB, 4 * MIB, 4 * MIB + 1]);
    for length in lengths {
        let gap = length / 2;
        tar.extend(file(
            b'0',
            &format!("first{}", tar.len()),
            &[noise(length - gap), vec![0; gap]].concat(),
        ));
        if length < MIB {
            tar.extend(file(
                b'0',
                &format!("last{}", tar.len()),
                &[vec![0; gap], vec![1; length - gap]].concat(),
            ));
        }
    }
    for number in 0..3000 {
        tar.extend(file(b'5', &format!("folder{number}/"), b""));
    }
    for number in 0..3 {
        tar.extend(file(b'x', "x", &record_of(&vec![b'c'; MIB])));
        tar.extend(file(b'0', &format!("long{number}"), b"a"));
    }
    tar.extend(END);
    // What follows the archive is one frame.
    tar.extend(noise(4 * MIB + 9));
    tar
}

#[test]
fn layers_are_the_same_in_any_number_of_threads() {
    let mut tars = odd_tars();
    tars.push(("large", large_tar()));
    tars.push(("around borders", tar_around_borders()));
    for (name, tar) in tars {
        let is_large = tar.len() > 1 << 20;
        let write = |threads: usize, part: usize| {
            let options = Options {
                threads: threads.try_into().unwrap(),
                ..Options::default()
            };
            let (layer, written, findings) = write_in_parts(&tar, options, part);
            (layer, written, findings.is_empty())
        };
        let (layer, written, held) = write(1, usize::MAX);
        if let Some(written) = &written {
            check(&layer, &tar, written, Dialect::G5, name);
            assert_eq!(frames(&layer), frames_of(&tar), "{name}");
        }
        for threads in if is_large { vec![2, 5] } else { vec![1, 2, 3, 5, 8] } {
            assert!(
                write(threads, 100_000) == (layer.clone(), written.clone(), held),
                "{name} in {threads} threads"
            );
        }
    }
}

/// The data frames of a layer.
fn frames(layer: &[u8]) -> Vec<Vec<u8>> {
    let mut findings = Findings::new();
    let mut walker = Walker::new(&layer, Extent::new(0, layer.size()).unwrap());
    let mut frames = Vec::new();
    while let Some(frame) = walker.next_frame(&mut findings).unwrap() {
        if matches!(frame.kind, FrameKind::Data(_)) {
            frames.push(layer.read_extent(frame.extent).unwrap());
        }
    }
    frames
}

/// The data frames of a tar: each from an encoder of its own that gets all of it at once.
fn frames_of(tar: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = vec![Vec::new()];
    let mut splitter = None;
    let mut found = Findings::new();
    let mut scanner = Scanner::new();
    let mut content = Vec::new();
    let mut see = |event: Event<'_>| match event {
        Event::Raw(bytes) => frames.last_mut().unwrap().extend_from_slice(bytes),
        Event::Entry(header) if header.content > 0 => splitter = Some(Splitter::new()),
        Event::Content(bytes) => content.extend_from_slice(bytes),
        Event::ContentEnd => {
            let Some(mut splitter) = splitter.take() else { return };
            let mut rest = std::mem::take(&mut content);
            let whole = rest.clone();
            let mut take = |cut: Cut| {
                let after = rest.split_off(usize::try_from(cut.length).unwrap());
                frames.push(std::mem::replace(&mut rest, after));
            };
            splitter.push(&whole, &mut take);
            splitter.finish(&mut take);
            frames.push(Vec::new());
        }
        _ => {}
    };
    scanner.push(tar, &mut found, &mut see);
    frames.retain(|frame| !frame.is_empty());
    let compress = |frame: Vec<u8>| {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(true).unwrap();
        io::Write::write_all(&mut encoder, &frame).unwrap();
        encoder.finish().unwrap()
    };
    frames.into_iter().map(compress).collect()
}

/// An output that is full after so many bytes.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_is_full_ends_with_its_error() {
    let tar = large_tar();
    for threads in [1, 2, 5] {
        for room in [0, 1, 100_000, 3 << 20, 5 << 20] {
            let options = Options {
                threads: threads.try_into().unwrap(),
                ..Options::default()
            };
            let mut out = Full(room);
            let mut findings = Findings::new();
            let mut writer = Writer::new(&mut out, options).unwrap();
            let pushed = tar
                .chunks(100_000)
                .try_for_each(|part| writer.push(part, &mut findings).map(drop));
            let error = pushed
                .and_then(|()| writer.finish(&mut findings).map(drop))
                .unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room} in {threads} threads");
        }
    }
}
