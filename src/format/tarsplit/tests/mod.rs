mod lines;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Disassembler, Entry, File, SEGMENT_LIMIT, Segment, assemble, check_segments, parse, write::Lines};
use crate::{
    format::{
        Findings, Unread,
        crc64::Crc64,
        tar::{
            self, Event, Scanner,
            build::{END, Header, file, long, odd_tars, pax, with_content},
        },
    },
    rules::Rule,
};

fn rules(findings: &Findings) -> Vec<Rule> {
    findings.list().iter().map(|finding| finding.rule).collect()
}

fn disassemble_pieces(tar: &[u8], piece: usize) -> (Vec<u8>, Vec<Rule>) {
    let mut json = Vec::new();
    let mut findings = Findings::new();
    let mut disassembler = Disassembler::new();
    let mut out = |line: &[u8]| json.extend_from_slice(line);
    for bytes in tar.chunks(piece) {
        if !disassembler.push(bytes, &mut findings, &mut out) {
            break;
        }
    }
    disassembler.finish(&mut findings, &mut out);
    (json, rules(&findings))
}

fn disassemble(tar: &[u8]) -> String {
    let (json, rules) = disassemble_pieces(tar, usize::MAX);
    assert_eq!(rules, []);
    String::from_utf8(json).unwrap()
}

fn parse_clean(json: &[u8]) -> Vec<Entry> {
    let mut findings = Findings::new();
    let entries = parse(json, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    entries.unwrap()
}

fn parse_rules(json: &str) -> (Option<Vec<Entry>>, Vec<Rule>) {
    let mut findings = Findings::new();
    let entries = parse(json.as_bytes(), &mut findings);
    (entries, rules(&findings))
}

/// The contents of a tar's files, by name.
fn contents(tar: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut name = Vec::new();
    Scanner::new().push(tar, &mut Findings::new(), &mut |event| match event {
        Event::Entry(entry) => name = entry.name,
        Event::Content(bytes) => {
            contents.insert(name.clone(), bytes.to_vec());
        }
        _ => {}
    });
    contents
}

fn assemble_rules(entries: &[Entry], files: &mut BTreeMap<Vec<u8>, Vec<u8>>) -> (Vec<u8>, Vec<Rule>) {
    let mut tar = Vec::new();
    let mut findings = Findings::new();
    assemble(entries, files, &mut findings, &mut |bytes| tar.extend_from_slice(bytes));
    (tar, rules(&findings))
}

fn segment(bytes: &[u8]) -> Entry {
    Entry::Segment(Segment {
        bytes: bytes.to_vec(),
        line: 1,
    })
}

fn file_entry(name: &str, content: &[u8]) -> Entry {
    Entry::File(File {
        name: name.as_bytes().to_vec(),
        size: content.len().try_into().unwrap(),
        crc: Some(Crc64::of(content)),
        line: 1,
        unread: Unread::default(),
    })
}

#[test]
fn odd_tars_come_back() {
    for (name, tar) in odd_tars() {
        let json = disassemble(&tar);
        let entries = parse_clean(json.as_bytes());
        let mut findings = Findings::new();
        let headers = check_segments(&entries, &mut findings);
        assert!(findings.is_empty(), "{name}: {findings:?}");
        let files = entries.iter().filter(|entry| matches!(entry, Entry::File(_))).count();
        assert_eq!(headers.unwrap().len(), files, "{name}");
        let (assembled, rules) = assemble_rules(&entries, &mut contents(&tar));
        assert_eq!(rules, [], "{name}");
        assert!(assembled == tar, "{name}");

        let piece = if tar.len() > 10_000 { 1000 } else { 1 };
        assert!(disassemble_pieces(&tar, piece) == (json.into_bytes(), vec![]), "{name}");
    }
}

#[test]
fn headers_of_a_tar_split_are_those_of_the_tar() {
    for (name, tar) in odd_tars() {
        let mut headers: Vec<tar::Entry> = Vec::new();
        Scanner::new().push(&tar, &mut Findings::new(), &mut |event| {
            if let Event::Entry(entry) = event {
                headers.push(*entry);
            }
        });
        let entries = parse_clean(disassemble(&tar).as_bytes());
        assert_eq!(check_segments(&entries, &mut Findings::new()), Some(headers), "{name}");
    }
}

#[test]
fn lines_as_go_writes_them() {
    let segment = |bytes: &[u8]| STANDARD.encode(bytes);
    let link = Header::new(b'1', "l", 5).block();
    let padded = with_content(Header::new(b'0', "<é>", 1), b"x");
    let (header, rest) = padded.split_at(512);
    let raw = Header::new(b'5', "", 0).with(0, b"file-\xe4").block();
    let tar = [&link, header, rest, &raw, &END, &[0]].concat();
    let expected = [
        format!(r#"{{"type":2,"payload":"{}","position":0}}"#, segment(&link)),
        r#"{"type":1,"name":"l","size":5,"payload":"AAAAAAAAAAA=","position":1}"#.to_owned(),
        format!(r#"{{"type":2,"payload":"{}","position":2}}"#, segment(header)),
        format!(
            r#"{{"type":1,"name":"\u003cé\u003e","size":1,"payload":"{}","position":3}}"#,
            segment(&Crc64::of(b"x").to_be_bytes())
        ),
        format!(
            r#"{{"type":2,"payload":"{}","position":4}}"#,
            segment(&[&rest[1..], &raw].concat())
        ),
        r#"{"type":1,"name_raw":"ZmlsZS3k","payload":null,"position":5}"#.to_owned(),
        format!(r#"{{"type":2,"payload":"{}","position":6}}"#, segment(&END)),
        r#"{"type":2,"payload":"AA==","position":7}"#.to_owned(),
        String::new(),
    ];
    assert_eq!(disassemble(&tar), expected.join("\n"));
}

#[test]
fn names_as_go_escapes_them() {
    let name = "a\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}<>&\u{2028}\u{2029}\u{fffd}\u{1f600}";
    let mut lines = Lines::default();
    let line = lines.file(name.as_bytes(), 0, 0);
    let escaped =
        "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}\\u003c\\u003e\\u0026\\u2028\\u2029\u{fffd}\u{1f600}\"";
    assert_eq!(
        line,
        format!("{{\"type\":1,\"name\":{escaped},\"payload\":null,\"position\":0}}\n").as_bytes()
    );
}

#[test]
fn tails_are_cut_at_the_limit() {
    let tail = vec![1; 2 * SEGMENT_LIMIT + 1];
    let entries = parse_clean(disassemble(&[&END[..], &tail].concat()).as_bytes());
    let lengths: Vec<usize> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Segment(segment) => segment.bytes.len(),
            Entry::File(_) | Entry::Unusable(_) => 0,
        })
        .collect();
    assert_eq!(lengths, [1024, SEGMENT_LIMIT, SEGMENT_LIMIT, 1]);
}

#[test]
fn a_repeated_name_is_reported() {
    let tar = [file(b'0', "a", b""), file(b'0', "./a", b"")].concat();
    assert_eq!(disassemble_pieces(&tar, usize::MAX).1, [Rule::TarSplitUnique]);
    let other = [file(b'0', "a", b""), file(b'0', "/a", b"")].concat();
    assert_eq!(disassemble_pieces(&other, usize::MAX).1, []);
    assert_eq!(disassemble_pieces(&tar[..100], usize::MAX).1, [Rule::TarTruncated]);
    assert_eq!(disassemble_pieces(&[1; 512], usize::MAX).1, [Rule::TarHeader]);
}

/// Which rule is named first does not depend on the pieces.
#[test]
fn findings_have_one_order_in_any_pieces() {
    let repeated = [file(b'0', "a", b""), file(b'0', "a", b"")].concat();
    let broken = [repeated.as_slice(), &[1; 512]].concat();
    for piece in [1, 100, 512, usize::MAX] {
        let rules = disassemble_pieces(&broken, piece).1;
        assert_eq!(rules, [Rule::TarHeader, Rule::TarSplitUnique], "pieces of {piece}");
        let rules = disassemble_pieces(&repeated[..1000], piece).1;
        assert_eq!(rules, [Rule::TarTruncated], "pieces of {piece}");
    }
}

#[test]
fn segments_and_files() {
    let a = file(b'0', "a", b"hello");
    let (a, padding) = (&a[..512], &a[517..]);
    let d = file(b'5', "d/", b"");
    let x = pax(b'x', &[("path", "a")]);
    let file_a = file_entry("a", b"hello");
    let file_d = file_entry("d/", b"");
    let seg = segment;
    let long_a = [long(b'L', "a"), a.to_vec()].concat();
    let padded_d = [padding, &d].concat();
    let global = pax(b'g', &[("comment", "c")]);
    let (global, after_global) = global.split_at(512 + "13 comment=c\n".len());
    for (name, entries, expected) in [
        ("nothing", vec![], vec![]),
        ("only segments", vec![seg(&END[..1000]), seg(&END[..524])], vec![]),
        (
            "a file",
            vec![seg(a), file_a.clone(), seg(padding), seg(&END), seg(b"x")],
            vec![],
        ),
        ("no padding", vec![seg(a), file_a.clone()], vec![]),
        (
            "half the padding",
            vec![seg(a), file_a.clone(), seg(&padding[..7])],
            vec![],
        ),
        (
            "an empty segment",
            vec![seg(a), seg(b""), file_a.clone(), seg(b"")],
            vec![],
        ),
        ("an extension", vec![seg(&long_a), file_a.clone()], vec![]),
        (
            "a tail in pieces",
            vec![
                seg(a),
                file_a.clone(),
                seg(&padding[..9]),
                seg(&padding[9..]),
                seg(&END[..9]),
                seg(&END[9..]),
            ],
            vec![],
        ),
        ("a header in the tail", vec![seg(&END), seg(&d)], vec![]),
        (
            "a global header",
            vec![
                seg(global),
                file_entry("PaxHeaders/x", b""),
                seg(&[after_global, a].concat()),
                file_a.clone(),
            ],
            vec![],
        ),
        (
            "two headers",
            vec![seg(&[&d, a].concat()), file_d.clone(), file_a.clone()],
            vec![Rule::SegmentHeader],
        ),
        (
            "bytes after the header",
            vec![
                seg(a),
                file_a.clone(),
                seg(&[&padded_d[..], &[0; 512]].concat()),
                file_d.clone(),
            ],
            vec![Rule::SegmentHeader],
        ),
        (
            "padding by itself",
            vec![seg(a), file_a.clone(), seg(padding), seg(&d), file_d.clone()],
            vec![Rule::SegmentHeader],
        ),
        (
            "a header in two segments",
            vec![seg(&a[..100]), seg(&a[100..]), file_a.clone()],
            vec![Rule::SegmentHeader],
        ),
        (
            "extension by itself",
            vec![seg(&x), seg(a), file_a.clone()],
            vec![Rule::SegmentHeader],
        ),
        (
            "half a header",
            vec![seg(&a[..100]), file_a.clone(), seg(&a[100..])],
            vec![Rule::SegmentHeader],
        ),
        (
            "content in a segment",
            vec![seg(&[a, b"hello"].concat()), file_a.clone()],
            vec![Rule::SegmentHeader],
        ),
        ("no file", vec![seg(&d)], vec![Rule::SegmentFile]),
        (
            "no file before the next header",
            vec![seg(&d), seg(a), file_a.clone()],
            vec![Rule::SegmentFile],
        ),
        (
            "no file for content",
            vec![seg(a), seg(&padded_d), file_d.clone()],
            vec![Rule::SegmentFile],
        ),
        ("no header", vec![file_a.clone()], vec![Rule::SegmentFile]),
        (
            "two files",
            vec![seg(a), file_a.clone(), file_entry("b", b"1")],
            vec![Rule::SegmentFile],
        ),
        (
            "a file in the tail",
            vec![seg(&END), file_a.clone()],
            vec![Rule::SegmentFile],
        ),
        (
            "other name",
            vec![seg(a), file_entry("b", b"hello")],
            vec![Rule::SegmentFile],
        ),
        (
            "other spelling",
            vec![seg(a), file_entry("./a", b"hello")],
            vec![Rule::SegmentFile],
        ),
        (
            "other size",
            vec![seg(a), file_entry("a", b"hell")],
            vec![Rule::SegmentFile],
        ),
        ("no size", vec![seg(a), file_entry("a", b"")], vec![Rule::SegmentFile]),
        ("no tar", vec![seg(&[1; 512]), file_a.clone()], vec![Rule::TarHeader]),
        (
            "half a tar",
            vec![seg(a), file_a.clone(), seg(padding), seg(&d[..9])],
            vec![Rule::TarTruncated],
        ),
    ] {
        let mut findings = Findings::new();
        check_segments(&entries, &mut findings);
        assert_eq!(rules(&findings), expected, "{name}: {findings:?}");
    }
}

#[test]
fn each_rule_of_assembling_alone() {
    let header = &file(b'0', "a", b"hello")[..512];
    let link = Header::new(b'1', "l", 5).block();
    let link_entry = |crc| {
        Entry::File(File {
            name: b"l".to_vec(),
            size: 5,
            crc,
            line: 1,
            unread: Unread::default(),
        })
    };
    let right = vec![segment(header), file_entry("a", b"hello"), segment(b"x")];
    for (name, entries, content, expected) in [
        ("right", right.clone(), Some(&b"hello"[..]), vec![]),
        ("missing", right.clone(), None, vec![Rule::FileMissing]),
        ("shorter", right.clone(), Some(b"hell"), vec![Rule::FileSize]),
        ("longer", right.clone(), Some(b"hello!"), vec![Rule::FileSize]),
        ("other", right, Some(b"hullo"), vec![Rule::FileCrc]),
        ("an empty file", vec![file_entry("a", b"")], None, vec![]),
        (
            "segments that are no tar",
            vec![segment(b"x"), file_entry("a", b"1")],
            Some(b"1"),
            vec![],
        ),
        ("a link", vec![segment(&link), link_entry(Some(0))], None, vec![]),
        (
            "a link with a CRC",
            vec![segment(&link), link_entry(Some(1))],
            None,
            vec![Rule::FileCrc],
        ),
    ] {
        let mut files: BTreeMap<Vec<u8>, Vec<u8>> = content
            .map(|content| (b"a".to_vec(), content.to_vec()))
            .into_iter()
            .collect();
        assert_eq!(assemble_rules(&entries, &mut files).1, expected, "{name}");
    }
}

#[test]
fn no_damage_panics() {
    for (_, tar) in odd_tars().into_iter().filter(|(_, tar)| tar.len() < 2100) {
        let json = disassemble(&tar).into_bytes();
        let try_all = |json: &[u8]| {
            let mut findings = Findings::new();
            let entries = parse(json, &mut findings).unwrap_or_default();
            check_segments(&entries, &mut findings);
            assemble_rules(&entries, &mut contents(&tar));
        };
        for length in (0..json.len()).step_by(11) {
            try_all(&json[..length]);
        }
        for (place, bit) in (0..json.len()).step_by(7).zip((0..8).cycle()) {
            let mut json = json.clone();
            json[place] ^= 1 << bit;
            try_all(&json);
        }
    }
}
