//! Reading lines.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{parse_rules, segment};
use crate::{
    format::{
        Findings, Unread,
        tarsplit::{Entry, File, LineReader, parse},
    },
    rules::Rule,
};

const SEGMENT: &str = r#"{"type":2,"payload":"AAAA","position":0}"#;
const EMPTY: &str = r#"{"type":1,"name":"e","payload":null,"position":1}"#;

#[test]
fn accepted_lines() {
    let crc = STANDARD.encode(7_u64.to_be_bytes());
    let file = |name: &str, size, crc| {
        Entry::File(File {
            name: name.as_bytes().to_vec(),
            size,
            crc,
            line: 1,
            unread: Unread::default(),
        })
    };
    for (json, entry) in [
        (SEGMENT.to_owned(), segment(&[0; 3])),
        (r#"{"type":2,"payload":"","position":0}"#.to_owned(), segment(b"")),
        (r#"{"type":2,"position":0}"#.to_owned(), segment(b"")),
        (
            r#"{"position":0,"payload":"AAAA","type":2}"#.to_owned(),
            segment(&[0; 3]),
        ),
        (
            r#"{"type":2,"payload":"AAAA","position":0,"other":[{}]}"#.to_owned(),
            segment(&[0; 3]),
        ),
        (
            r#"{"type":1,"name":"a","payload":"","position":0}"#.to_owned(),
            file("a", 0, None),
        ),
        (
            r#"{"type":1,"payload":null,"position":0}"#.to_owned(),
            file("", 0, None),
        ),
        (
            r#"{"type":1,"name_raw":"5A==","payload":null,"position":0}"#.to_owned(),
            Entry::File(File {
                name: vec![0xe4],
                size: 0,
                crc: None,
                line: 1,
                unread: Unread::default(),
            }),
        ),
        (
            format!(r#"{{"type":1,"name":"a","payload":"{crc}","position":0}}"#),
            file("a", 0, Some(7)),
        ),
        (
            format!(r#"{{"type":1,"name":"a","size":9,"payload":"{crc}","position":0}}"#),
            file("a", 9, Some(7)),
        ),
    ] {
        assert_eq!(parse_rules(&format!("{json}\n")), (Some(vec![entry]), vec![]), "{json}");
    }
    assert_eq!(parse_rules(""), (Some(vec![]), vec![]));
}

#[test]
fn each_rule_of_lines_alone() {
    let line = |json: &str| format!("{json}\n");
    for (json, rule) in [
        ("\n".to_owned(), Rule::TarSplitLines),
        (format!("\n{SEGMENT}\n"), Rule::TarSplitLines),
        (format!(" {SEGMENT}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT}\n\n{EMPTY}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT}\r\n{EMPTY}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT}{EMPTY}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT} {EMPTY}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT} \n{EMPTY}\n"), Rule::TarSplitLines),
        (format!("{SEGMENT}\n{EMPTY}"), Rule::TarSplitLines),
        (format!("{SEGMENT}\n{EMPTY} "), Rule::TarSplitLines),
        (format!("{SEGMENT}\n{EMPTY}\n\n"), Rule::TarSplitLines),
        (line(&SEGMENT.replace(',', ",\n")), Rule::TarSplitLines),
        (line(r#"{"payload":"AAAA","position":0}"#), Rule::TarSplitType),
        (line(r#"{"type":0,"payload":"AAAA","position":0}"#), Rule::TarSplitType),
        (line(r#"{"type":3,"payload":"AAAA","position":0}"#), Rule::TarSplitType),
        (line(r#"{"type":"2","payload":"AAAA","position":0}"#), Rule::JsonType),
        (line(r#"{"type":2.0,"payload":"AAAA","position":0}"#), Rule::JsonInteger),
        (line(r#"{"type":null,"payload":"AAAA","position":0}"#), Rule::JsonNull),
        (
            line(r#"{"type":1,"name":"a","size":-1,"payload":null,"position":0}"#),
            Rule::TarSplitSize,
        ),
        (
            line(r#"{"type":2,"payload":"AAA","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":2,"payload":"AA-_","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":2,"payload":"AB==","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name_raw":"A","payload":null,"position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name":"a","payload":"AAAA","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name":"a","size":1,"payload":null,"position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name":"a","size":1,"payload":"","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name":"a","size":1,"payload":"A","position":0}"#),
            Rule::TarSplitPayload,
        ),
        (
            line(r#"{"type":1,"name":"a","size":1,"payload":7,"position":0}"#),
            Rule::JsonType,
        ),
        (
            format!("{SEGMENT}\n{EMPTY}\n{}\n", EMPTY.replace("n\":1", "n\":2")),
            Rule::TarSplitUnique,
        ),
        (line(r#"{"type":2,"payload":"AAAA"}"#), Rule::TarSplitPosition),
        (
            line(r#"{"type":2,"payload":"AAAA","position":-1}"#),
            Rule::TarSplitPosition,
        ),
        (
            format!("{}\n{}\n", SEGMENT.replace(":0", ":1"), EMPTY.replace("n\":1", "n\":2")),
            Rule::TarSplitPosition,
        ),
        (format!("{SEGMENT}\n{SEGMENT}\n"), Rule::TarSplitPosition),
        (
            line(r#"{"type":1,"name":"a","name_raw":"YQ==","payload":null,"position":0}"#),
            Rule::TarSplitTwoNames,
        ),
        (
            line(r#"{"type":1,"name_raw":"YQ==","payload":null,"position":0}"#),
            Rule::TarSplitRawName,
        ),
        (
            line(r#"{"type":1,"name_raw":"","payload":null,"position":0}"#),
            Rule::TarSplitRawName,
        ),
        (
            line(r#"{"type":2,"type":2,"payload":"AAAA","position":0}"#),
            Rule::JsonDuplicateKey,
        ),
        (line(r#"{"Type":2,"payload":"AAAA","position":0}"#), Rule::JsonFoldedKey),
        (format!("[]\n{EMPTY}\n"), Rule::JsonType),
        (line(r#"{"type":2"#), Rule::JsonSyntax),
        (format!("\u{feff}{SEGMENT}\n"), Rule::JsonSyntax),
    ] {
        assert_eq!(parse_rules(&json).1, [rule], "{json:?}");
    }
}

#[test]
fn name_raw_wins() {
    let (entries, _) =
        parse_rules("{\"type\":1,\"name\":\"a\",\"name_raw\":\"Yg==\",\"payload\":null,\"position\":0}\n");
    assert!(matches!(&entries.unwrap()[0], Entry::File(file) if file.name == b"b"));
}

#[test]
fn entries_know_their_line() {
    let json = format!(
        "\n{SEGMENT}\n{}\n{}\n",
        EMPTY.replace(',', ",\n"),
        SEGMENT.replace(":0", ":2")
    );
    let lines: Vec<u64> = parse_rules(&json)
        .0
        .unwrap()
        .iter()
        .map(|entry| match entry {
            Entry::Segment(segment) => segment.line,
            Entry::File(file) => file.line,
            Entry::Unusable(line) => *line,
        })
        .collect();
    assert_eq!(lines, [2, 3, 7]);
}

/// Lines that arrive in pieces are read as all of them at once are, unless something is wrong.
#[test]
fn pieces_of_lines() {
    let good = concat!(
        r#"{"type":2,"payload":"YWI=","position":0}"#,
        "\n",
        r#"{"type":1,"name":"a","payload":null,"position":1}"#,
        "\n",
        r#"{"position":2,"payload":"","type":2}"#,
        "\n",
    );
    for text in [
        "",
        good,
        &good[..good.len() - 1],
        &good[1..],
        &good.replacen('\n', "\n\n", 1),
        &good.replacen('\n', " \n", 1),
        &good.replacen('\n', "", 1),
        &good.replacen(',', ",\n", 1),
        &good.replacen("\"position\":1", "\"position\":2", 1),
        &format!("{good}\n"),
        &format!("{good} "),
        &format!("{good}x"),
        &format!("\n{good}"),
        &format!("{good}{{\"type\":1,\"name\":\"./a\",\"payload\":null,\"position\":3}}\n"),
        "\n",
        "x",
    ] {
        let mut findings = Findings::new();
        let whole = parse(text.as_bytes(), &mut findings);
        for size in 1..=text.len().max(1) {
            let mut entries = Vec::new();
            let mut lines = LineReader::new();
            let mut pieces = text.as_bytes().chunks(size);
            let is_good = pieces.all(|piece| lines.push(piece, &mut |entry| entries.push(entry.clone())));
            let read = (is_good && lines.finish()).then_some(entries);
            assert_eq!(
                read,
                whole.clone().filter(|_| findings.is_empty()),
                "{text:?} by {size}"
            );
        }
    }
}
