use std::collections::BTreeMap;

use super::{Chunk, Entry, EntryKind, Style, Toc, Values, parse};
use crate::{
    format::{Dialect, Digest, Findings, Place, Unread},
    rules::Rule,
};

/// The digest of nothing stands for all digests here, as nothing is compared with content.
const NOTHING: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// As containers/storage v1.59 writes it; `#` stands for a digest.
const SAMPLE: &str = concat!(
    r##"{"version":1,"entries":["##,
    r##"{"type":"dir","name":"d/","mode":493,"modtime":"2023-11-14T22:13:20Z"},"##,
    r##"{"type":"reg","name":"d/a","mode":420,"size":9,"uid":1,"gid":2,"modtime":"2023-11-14T23:13:20.5+01:00","##,
    r##""xattrs":{"user.a/~":"MQ=="},"digest":"#","offset":40,"endOffset":90,"chunkSize":4,"chunkDigest":"#"},"##,
    r##"{"type":"chunk","name":"d/a","offset":60,"chunkSize":3,"chunkOffset":4,"chunkDigest":"#","chunkType":"zeros"},"##,
    r##"{"type":"chunk","name":"d/a","offset":70,"chunkSize":2,"chunkOffset":7,"chunkDigest":"#"},"##,
    r##"{"type":"symlink","name":"s","linkName":"d/a","mode":511},"##,
    r##"{"type":"char","name":"tty","mode":438,"devMajor":5,"devMinor":1},"##,
    r##"{"type":"reg","name":"e","mode":420}"##,
    r##"],"tarSplitDigest":"#"}"##,
);

/// As stargz-snapshotter writes it with a minimum chunk size: two files share a frame, and the third has two chunks.
const STARGZ: &str = r##"{
	"version": 1,
	"entries": [
		{"name": ".no.prefetch.landmark", "type": "reg", "size": 1, "offset": 97, "digest": "#", "chunkDigest": "#"},
		{"name": "a", "type": "reg", "size": 5, "modtime": "2023-11-14T22:13:20Z", "mode": 420, "userName": "root",
		 "groupName": "root", "offset": 97, "innerOffset": 1024, "NumLink": 0, "digest": "#", "chunkDigest": "#"},
		{"name": "b", "type": "reg", "size": 9, "offset": 219, "digest": "#", "chunkSize": 4, "chunkDigest": "#"},
		{"name": "b", "type": "chunk", "offset": 219, "innerOffset": 4, "chunkOffset": 4, "chunkDigest": "#"},
		{"name": "c", "type": "reg", "digest": "#"}
	]
}"##;

fn toc(json: &str, dialect: Dialect, findings: &mut Findings) -> Option<Toc> {
    parse(json.replace('#', NOTHING).as_bytes(), dialect, findings)
}

fn accepted(json: &str, dialect: Dialect) -> Toc {
    let mut findings = Findings::new();
    let toc = toc(json, dialect, &mut findings);
    assert_eq!(findings.list(), [], "{dialect} {json}");
    toc.unwrap()
}

fn broken_rules(json: &str, dialect: Dialect) -> Vec<Rule> {
    let mut findings = Findings::new();
    let _toc = toc(json, dialect, &mut findings);
    findings.list().iter().map(|finding| finding.rule).collect()
}

fn change(json: &str, from: &str, to: &str) -> String {
    assert!(json.contains(from), "{from}");
    json.replacen(from, to, 1)
}

/// A TOC of these entries.
fn of_entries(entries: &str) -> String {
    format!(r#"{{"version":1,"entries":[{entries}]}}"#)
}

fn entry(kind: EntryKind, name: &str, path: &str, mode: i64, index: usize) -> Values {
    Values {
        kind,
        name: name.to_owned(),
        path: path.to_owned(),
        link_name: String::new(),
        mode,
        size: 0,
        uid: 0,
        gid: 0,
        user_name: String::new(),
        group_name: String::new(),
        modtime: None,
        accesstime: None,
        changetime: None,
        dev_major: 0,
        dev_minor: 0,
        xattrs: BTreeMap::new(),
        digest: None,
        chunks: Vec::new(),
        index,
        unread: Unread::default(),
    }
}

#[test]
fn what_containers_storage_writes() {
    let nothing = Some(Digest::of(b""));
    let chunk = |offset, end, file_offset, size, zeros| Chunk {
        offset,
        end: Some(end),
        inner_offset: 0,
        file_offset,
        size,
        digest: nothing,
        zeros,
    };
    let expected = [
        Values {
            modtime: Some("2023-11-14T22:13:20Z".parse().unwrap()),
            ..entry(EntryKind::Directory, "d/", "d", 0o755, 0)
        },
        Values {
            size: 9,
            uid: 1,
            gid: 2,
            modtime: Some("2023-11-14T22:13:20.5Z".parse().unwrap()),
            xattrs: BTreeMap::from([("user.a/~".to_owned(), b"1".to_vec())]),
            digest: nothing,
            chunks: vec![
                chunk(40, 60, 0, 4, false),
                chunk(60, 70, 4, 3, true),
                chunk(70, 90, 7, 2, false),
            ],
            ..entry(EntryKind::Regular, "d/a", "d/a", 0o644, 1)
        },
        Values {
            link_name: "d/a".to_owned(),
            ..entry(EntryKind::Symlink, "s", "s", 0o777, 4)
        },
        Values {
            dev_major: 5,
            dev_minor: 1,
            ..entry(EntryKind::CharDevice, "tty", "tty", 0o666, 5)
        },
        entry(EntryKind::Regular, "e", "e", 0o644, 6),
    ]
    .map(Entry::from);
    for &dialect in Dialect::ALL {
        let toc = accepted(SAMPLE, dialect);
        assert_eq!(toc.style, Style::Containers);
        assert_eq!(toc.tar_split_digest, nothing);
        assert_eq!(toc.entries, expected);
    }
}

#[test]
fn what_stargz_writes() {
    let toc = accepted(STARGZ, Dialect::G1);
    assert_eq!(toc.style, Style::Stargz);
    let chunks = toc.entries.iter().flat_map(|entry| &entry.chunks);
    let layout: Vec<_> = chunks
        .map(|chunk| {
            (
                chunk.offset,
                chunk.end,
                chunk.inner_offset,
                chunk.file_offset,
                chunk.size,
            )
        })
        .collect();
    assert_eq!(
        layout,
        [
            (97, None, 0, 0, 1),
            (97, None, 1024, 0, 5),
            (219, None, 0, 0, 4),
            (219, None, 4, 4, 5),
        ]
    );
    assert_eq!(toc.entries[1].user_name(), "root");
    // What has no end is an error wherever stargz does not write.
    assert!(broken_rules(STARGZ, Dialect::G2).contains(&Rule::FileIndexed));
}

#[test]
fn what_other_generations_write() {
    let zero_times = r#""accesstime":"0001-01-01T00:00:00Z","changetime":"0001-01-01T00:00:00Z""#;
    let v1_37 = of_entries(&format!(
        r##"{{"type":"dir","name":"d/","mode":493,"size":0,"uid":0,"gid":0,"modtime":"1970-01-01T00:00:00Z",
        {zero_times},"devMajor":0,"devMinor":0}},
        {{"type":"reg","name":"d/a","mode":420,"size":3000,"uid":0,"gid":0,"modtime":"2023-11-14T22:13:20Z",
        {zero_times},"devMajor":0,"devMinor":0,"digest":"#","offset":236,"endOffset":1756,"chunkDigest":"#"}},
        {{"type":"hardlink","name":"d/b","linkName":"d/a","mode":420,"size":0,"uid":0,"gid":0,
        "modtime":"2023-11-14T22:13:20Z",{zero_times},"devMajor":0,"devMinor":0}}"##
    ));
    let toc = accepted(&v1_37, Dialect::G1);
    assert_eq!(toc.style, Style::Containers);
    assert_eq!((toc.entries[0].modtime, toc.entries[0].accesstime()), (None, None));
    assert_eq!(toc.entries[1].chunks[0].size, 3000);
    assert_eq!(toc.entries[1].chunks[0].digest, Some(Digest::of(b"")));

    let v1_50 = of_entries(&format!(
        r##"{{"type":"reg","name":"a","mode":420,"size":3,"modtime":"2023-11-14T22:13:20Z",{zero_times},
        "digest":"#","offset":236,"endOffset":256}}"##
    ));
    for dialect in [Dialect::G1, Dialect::G2, Dialect::G3, Dialect::G4] {
        let toc = accepted(&v1_50, dialect);
        assert_eq!((toc.tar_split_digest, toc.entries[0].chunks[0].digest), (None, None));
    }

    let empty = r##"{"version":1,"entries":null,"tarSplitDigest":"#"}"##;
    assert_eq!(accepted(empty, Dialect::G5).entries, []);
}

#[test]
fn one_change_breaks_one_rule() {
    for (from, to, rule) in [
        ("{", "\u{feff}{", Rule::JsonSyntax),
        ("]", "}", Rule::JsonSyntax),
        (r#""mode":493"#, r#""mode":493,"mode":493"#, Rule::JsonDuplicateKey),
        (
            r#""mode":493"#,
            r#""new":{"a":1,"a":1},"mode":493"#,
            Rule::JsonDuplicateKey,
        ),
        (
            r#""xattrs":{"#,
            r#""xattrs":{"user.a/~":"MQ==","#,
            Rule::JsonDuplicateKey,
        ),
        (r#""entries""#, r#""Entries""#, Rule::JsonFoldedKey),
        (r#""name":"d/a""#, r#""NAME":"d/a""#, Rule::JsonFoldedKey),
        (r#""linkName""#, r#""lin\u212aName""#, Rule::JsonFoldedKey),
        (r#""name":"e""#, r#""name":"\ud800""#, Rule::JsonUnicode),
        (r#""size":9"#, r#""size":9.0"#, Rule::JsonInteger),
        (r#""offset":40"#, r#""offset":4e1"#, Rule::JsonInteger),
        (r#""version":1"#, r#""version":1.0"#, Rule::JsonInteger),
        (r#""version":1"#, r#""version":"1""#, Rule::JsonType),
        (r#""size":9"#, r#""size":"9""#, Rule::JsonType),
        (r#""type":"reg""#, r#""type":4"#, Rule::JsonType),
        (r#""name":"d/a""#, r#""name":["d/a"]"#, Rule::JsonType),
        (r#""chunkSize":3"#, r#""chunkSize":true"#, Rule::JsonType),
        (r#""MQ==""#, "1", Rule::JsonType),
        ("[", r#"["a","#, Rule::JsonType),
        ("[", r#"[null,"#, Rule::JsonType),
        (r#""name":"d/a""#, r#""name":null"#, Rule::JsonNull),
        (r#""version":1"#, r#""version":null"#, Rule::JsonNull),
        (r##""digest":"#""##, r#""digest":null"#, Rule::JsonNull),
        (r#""MQ==""#, "null", Rule::JsonNull),
        (
            r##","tarSplitDigest":"#""##,
            r#","tarSplitDigest":null"#,
            Rule::JsonNull,
        ),
        (
            r##""digest":"#""##,
            &format!(r#""digest":"sha512:{}""#, "0".repeat(128)),
            Rule::DigestAlgorithm,
        ),
        (r#""version":1"#, r#""version":2"#, Rule::TocVersion),
        (r#""version":1,"#, "", Rule::TocVersion),
        (r#""entries":["#, r#""other":["#, Rule::TocEntries),
        (r#""type":"symlink""#, r#""type":"socket""#, Rule::EntryType),
        (r#""type":"reg""#, r#""type":"REG""#, Rule::EntryType),
        (r#""type":"symlink","#, "", Rule::EntryType),
        (r#""size":9"#, r#""size":-9"#, Rule::EntryCount),
        (r#""offset":60"#, r#""offset":-60"#, Rule::EntryCount),
        (r#""endOffset":90"#, r#""endOffset":-1"#, Rule::EntryCount),
        (r#""chunkOffset":4"#, r#""chunkOffset":-4"#, Rule::EntryCount),
        (r#""name":"d/a","mode""#, r#""mode""#, Rule::EntryName),
        (r#""name":"d/a","offset""#, r#""offset""#, Rule::EntryName),
        (r#""name":"s""#, r#""name":"s\u0000""#, Rule::EntryName),
        (r#""linkName":"d/a""#, r#""linkName":"\u0000d/a""#, Rule::EntryName),
        (r#""name":"s""#, r#""name":"/d/./a/""#, Rule::EntryUnique),
        (r##""digest":"#","##, "", Rule::FileIndexed),
        (r#""offset":40,"#, "", Rule::FileIndexed),
        (r#""endOffset":90,"#, "", Rule::FileIndexed),
        (r#""endOffset":90"#, r#""endOffset":40"#, Rule::FileIndexed),
        (r##""digest":"#","offset":40,"endOffset":90,"##, "", Rule::FileIndexed),
        (r##""digest":"#""##, r#""digest":"""#, Rule::EntryDigest),
        (r##""chunkDigest":"#""##, r##""chunkDigest":"#0""##, Rule::EntryDigest),
        (r##""tarSplitDigest":"#""##, r#""tarSplitDigest":"""#, Rule::EntryDigest),
        (r#""type":"reg""#, r#""type":"fifo""#, Rule::ChunkFollows),
        (
            r#""type":"chunk","name":"d/a""#,
            r#""type":"chunk","name":"d/b""#,
            Rule::ChunkFollows,
        ),
        (
            r#"["#,
            r#"[{"type":"chunk","name":"d/a"},{"type":"chunk","name":"d/a"},"#,
            Rule::ChunkFollows,
        ),
        (r#""chunkSize":4"#, r#""chunkSize":5"#, Rule::ChunkSequence),
        (
            r#""chunkSize":4"#,
            r#""chunkSize":4,"chunkOffset":1"#,
            Rule::ChunkSequence,
        ),
        (r#""chunkSize":4,"#, "", Rule::ChunkSequence),
        (r#""chunkOffset":7"#, r#""chunkOffset":6"#, Rule::ChunkSequence),
        (r#""chunkSize":2"#, r#""chunkSize":3"#, Rule::ChunkSequence),
        (r#""chunkSize":2"#, r#""chunkSize":1"#, Rule::ChunkSequence),
        (
            r#""chunkSize":3"#,
            r#""chunkSize":9223372036854775807"#,
            Rule::ChunkSequence,
        ),
        (r#""size":9"#, r#""size":10"#, Rule::ChunkSequence),
        (r#""size":9"#, r#""size":0"#, Rule::ChunkSequence),
        (r#""chunkType":"zeros""#, r#""chunkType":"ones""#, Rule::ChunkType),
        (r#""offset":60"#, r#""offset":40"#, Rule::ChunkRange),
        (r#""offset":60"#, r#""offset":70"#, Rule::ChunkRange),
        (r#""offset":60"#, r#""offset":40,"innerOffset":4"#, Rule::ChunkRange),
        (r#""offset":60,"#, "", Rule::ChunkRange),
        (r#""endOffset":90"#, r#""endOffset":70"#, Rule::ChunkRange),
        ("MQ==", "MQ", Rule::EntryXattr),
        ("MQ==", "MQ-_", Rule::EntryXattr),
        ("22:13:20Z", "22:13:60Z", Rule::EntryTime),
        ("2023-11-14T22:13:20Z", "", Rule::EntryTime),
    ] {
        let json = change(SAMPLE, from, to);
        assert_eq!(broken_rules(&json, Dialect::G5), [rule], "{from} -> {to}");
    }
    assert_eq!(
        broken_rules(&format!("{SAMPLE} {{}}"), Dialect::G5),
        [Rule::JsonTrailing]
    );
    let deep = format!(r#"{{"deep":{}1{},"#, "[".repeat(64), "]".repeat(64));
    assert_eq!(
        broken_rules(&change(SAMPLE, "{", &deep), Dialect::G5),
        [Rule::JsonDepth]
    );
}

#[test]
fn one_change_breaks_one_rule_of_stargz() {
    for (from, to, rule) in [
        (r##""digest": "#", "##, "", Rule::FileIndexed),
        (r#""offset": 97, "#, "", Rule::FileIndexed),
        (r#""innerOffset": 4, "#, "", Rule::ChunkRange),
        (
            r#""offset": 219, "innerOffset""#,
            r#""offset": 218, "innerOffset""#,
            Rule::ChunkRange,
        ),
        (r#""chunkSize": 4"#, r#""chunkSize": 5"#, Rule::ChunkSequence),
        (r#""chunkSize": 4, "#, "", Rule::ChunkSequence),
        (r#""innerOffset": 4"#, r#""innerOffset": -4"#, Rule::EntryCount),
    ] {
        let json = change(STARGZ, from, to);
        assert_eq!(broken_rules(&json, Dialect::G1), [rule], "{from} -> {to}");
    }
}

/// An element that cannot be read may be the chunk that a file lacks, unless it has another name. Behind anything else it is no
/// chunk.
#[test]
fn what_a_file_lacks_may_be_unreadable() {
    let file = r##"{"type":"reg","name":"a","size":9,"offset":40,"endOffset":90,"digest":"#","chunkSize":4,"chunkDigest":"#"}"##
        .to_owned();
    let unreadable = |name: &str| format!(r#"{{"type":7,"name":"{name}"}}"#);
    for (elements, expected) in [
        (vec![file.clone()], &[Rule::ChunkSequence][..]),
        (vec![file.clone(), unreadable("a")], &[Rule::JsonType]),
        (
            vec![file.clone(), unreadable("b")],
            &[Rule::JsonType, Rule::ChunkSequence],
        ),
        (
            vec![file, r#"{"type":"fifo","name":"b"}"#.to_owned(), unreadable("b")],
            &[Rule::JsonType, Rule::ChunkSequence],
        ),
    ] {
        let json = of_entries(&elements.join(","));
        assert_eq!(broken_rules(&json, Dialect::G2), expected, "{json}");
    }
}

#[test]
fn a_toc_is_an_object_with_an_array() {
    for json in [
        "[]",
        "null",
        "1",
        r#"{"version":1,"entries":{}}"#,
        r#"{"version":1,"entries":""}"#,
        r#"{"version":1}"#,
    ] {
        assert_eq!(broken_rules(json, Dialect::G5), [Rule::TocEntries], "{json}");
    }
}

#[test]
fn unknown_keys_are_ignored() {
    let json = change(SAMPLE, r#""version":1"#, r#""version":1,"x":[{"type":1}]"#);
    let json = change(&json, r#""mode":493"#, r#""mode":493,"digests":null,"":0"#);
    assert_eq!(accepted(&json, Dialect::G5), accepted(SAMPLE, Dialect::G5));
}

#[test]
fn of_repeated_names_the_last_counts_in_old_dialects() {
    let json = of_entries(
        r##"{"type":"reg","name":"a","size":9,"digest":"#","offset":1,"endOffset":9,"chunkSize":4},
        {"type":"chunk","name":"a","offset":5,"chunkOffset":4,"chunkSize":5},
        {"type":"dir","name":"b"},{"type":"fifo","name":"./a"},{"type":"dir","name":"./"},{"type":"dir","name":""}"##,
    );
    for dialect in [Dialect::G1, Dialect::G2] {
        let Toc { entries, replaced, .. } = accepted(&json, dialect);
        let replaced: Vec<_> = replaced
            .iter()
            .map(|entry| (entry.name.as_str(), entry.index))
            .collect();
        assert_eq!(replaced, [("a", 0), ("./", 4)]);
        let left: Vec<_> = entries.iter().map(|entry| (entry.path(), entry.index)).collect();
        assert_eq!(left, [("b", 2), ("a", 3), ("", 5)]);
    }
    let mut findings = Findings::new();
    toc(&json, Dialect::G3, &mut findings).unwrap();
    let places: Vec<String> = findings.list().iter().map(ToString::to_string).collect();
    assert_eq!(
        places,
        [
            "TOC-07 toc at /entries/3/name: \"./a\" is the same path as that of entry 0, expected each path once",
            "TOC-07 toc at /entries/5/name: \"\" is the same path as that of entry 4, expected each path once",
        ]
    );
}

#[test]
fn names_are_clamped_to_the_root() {
    let json =
        of_entries(r#"{"type":"fifo","name":"../../a"},{"type":"dir","name":""},{"type":"fifo","name":"/b/../c"}"#);
    let entries = accepted(&json, Dialect::G5).entries;
    let paths: Vec<&str> = entries.iter().map(Entry::path).collect();
    assert_eq!(paths, ["a", "", "c"]);
    assert_eq!(entries[0].name, "../../a");
}

#[test]
fn a_last_chunk_without_size_goes_to_the_end() {
    for (from, to) in [(r#""chunkSize":2,"#, ""), (r#""chunkSize":2"#, r#""chunkSize":0"#)] {
        let json = change(SAMPLE, from, to);
        assert_eq!(accepted(&json, Dialect::G5), accepted(SAMPLE, Dialect::G5));
    }
}

#[test]
fn sizes_that_nothing_backs_cost_nothing() {
    let json = of_entries(
        r##"{"type":"reg","name":"a","size":9223372036854775807,"digest":"#","offset":1,"endOffset":9,
        "chunkSize":9223372036854775806,"chunkType":"zeros"},
        {"type":"chunk","name":"a","offset":5,"chunkOffset":9223372036854775806,"chunkSize":1}"##,
    );
    assert_eq!(accepted(&json, Dialect::G5).entries[0].chunks.len(), 2);
}

#[test]
fn keys_in_pointers_are_escaped() {
    let mut findings = Findings::new();
    toc(&change(SAMPLE, "MQ==", "!"), Dialect::G5, &mut findings);
    let place = Place::Pointer("/entries/1/xattrs/user.a~1~0".to_owned());
    assert_eq!(findings.list()[0].place, place);
}

#[test]
fn a_switched_off_rule_does_not_stop_the_parser() {
    let json = change(SAMPLE, r#""version":1"#, r#""version":2"#);
    let mut findings = Findings::skipping(&[Rule::TocVersion]);
    assert_eq!(
        toc(&json, Dialect::G5, &mut findings),
        Some(accepted(SAMPLE, Dialect::G5))
    );
    assert!(findings.is_empty());
}

#[test]
fn every_truncation_is_reported() {
    for (json, dialect) in [(SAMPLE, Dialect::G5), (STARGZ, Dialect::G1)] {
        let json = json.replace('#', NOTHING);
        for length in 0..json.len() {
            let mut findings = Findings::new();
            assert_eq!(parse(&json.as_bytes()[..length], dialect, &mut findings), None);
            let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
            assert_eq!(rules, [Rule::JsonSyntax], "{length}");
        }
    }
}

#[test]
fn no_flipped_bit_makes_it_panic() {
    for (json, dialect) in [(SAMPLE, Dialect::G5), (STARGZ, Dialect::G1)] {
        let mut json = json.replace('#', NOTHING).into_bytes();
        for byte in 0..json.len() {
            for bit in 0..8 {
                json[byte] ^= 1 << bit;
                let mut findings = Findings::new();
                let toc = parse(&json, dialect, &mut findings);
                assert!(toc.is_some() || !findings.is_empty(), "byte {byte} bit {bit}");
                json[byte] ^= 1 << bit;
            }
        }
    }
}
