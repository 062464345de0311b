//! The oracle, with answers that are made here.

use serde_json::{Value, json};

use super::{Ask, Oracle, PEERS, Theirs, decode, encode, is_read, mutate, request, signature, with_bytes};
use crate::{
    protocol::Answer,
    vectors::{Op, Set},
};

/// An implementation that refuses everything.
fn refuse(_: &[u8]) -> Vec<u8> {
    b"rno".to_vec()
}

/// One that the inputs do not reach.
fn filtered(_: &[u8]) -> Vec<u8> {
    b"f".to_vec()
}

fn case(id: &str) -> (Op, Value) {
    let set = Set::embedded().unwrap();
    let entry = set.find(&id.parse().unwrap()).unwrap();
    (entry.op, set.wire_input(entry).unwrap())
}

#[test]
fn a_disagreement_is_a_finding_unless_it_is_known() {
    let (op, input) = case("tarsplit/every-type");
    let seed = encode(op, &input);
    let known = r#"known = [{ signatures = ["tarsplit/parse: tar-split refuses what is accepted: no"], reason = "made here" }]"#;
    let runs = |oracle: Oracle| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| oracle.run(&seed))).is_ok();
    // The cases show that this one refuses everything, and without a list they are not asked.
    let runs_of: [(Ask, Option<&str>, bool); 3] = [
        (refuse, Some("known = []"), true),
        (refuse, None, false),
        (filtered, None, true),
    ];
    for (ask, list, expected) in runs_of {
        assert_eq!(runs(Oracle::new(ask, list, Some(op)).unwrap()), expected, "{list:?}");
    }
    let mut listed = Oracle::new(filtered, Some(known), Some(op)).unwrap();
    listed.ask = refuse;
    assert!(runs(listed));
    let mut unlisted = Oracle::new(filtered, Some("known = []"), Some(op)).unwrap();
    unlisted.ask = refuse;
    assert!(!runs(unlisted));
    let unfounded = r#"known = [{ signatures = ["a"], reason = "" }]"#;
    assert!(Oracle::new(filtered, Some(unfounded), Some(op)).is_err());
}

#[test]
fn signatures_name_the_rule_or_the_message_or_the_crash() {
    let accepted = |op: Op, input: &Value| match crate::judge::reference::answer(op, input.clone(), &[]).unwrap() {
        crate::judge::reference::Answer::Accept(output) => Answer::Accept(output),
        _ => Answer::reject("broken"),
    };
    let panic = "panic: runtime error: index out of range [7]\n\ngoroutine 1 [running]:\npanic(0x1)\n\t/a.go:1\nexample.org/lib.read(0x1)\n";
    for (id, theirs, expected) in [
        (
            "tarsplit/every-type",
            Theirs::Answer(Answer::reject("line 7: \"x\"")),
            Some("tarsplit/parse: tar-split refuses what is accepted: line *: \"*\""),
        ),
        (
            "tarsplit/every-type",
            Theirs::Answer(Answer::reject(
                "ReadArray: expect [ or n, but found -, error found in #1 byte of ...|x|...",
            )),
            Some("tarsplit/parse: tar-split refuses what is accepted: ReadArray: expect [ or n"),
        ),
        (
            "tarsplit/every-type",
            Theirs::Answer(Answer::Accept(json!({"entries": []}))),
            Some("tarsplit/parse: accepted: reference accept A, tar-split accept B at /entries/*"),
        ),
        (
            "tarsplit/every-type",
            Theirs::Crash(panic.to_owned()),
            Some(
                "tarsplit/parse: tar-split crashes: panic: runtime error: index out of range [*] example.org/lib.read",
            ),
        ),
        ("tarsplit/position-wrong", Theirs::Answer(Answer::reject("")), None),
    ] {
        let (op, input) = case(id);
        let found = signature("tar-split", op, &input, accepted(op, &input), theirs);
        assert_eq!(found.as_deref(), expected, "{id}");
    }
}

/// The first finding may be about a value that others pass over.
#[test]
fn a_key_that_is_there_twice_is_the_rule() {
    let (op, input) = case("toc/g5");
    let toc = String::from_utf8(super::bytes_of(&input, "json")).unwrap();
    let toc = toc.replacen(r#""type":"dir""#, r#""type":"2020","type":"dir""#, 1);
    let input = with_bytes(&input, "json", toc.as_bytes());
    let output = json!({"entries": [], "tar_split_digest": "sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"});
    let theirs = Theirs::Answer(Answer::Accept(output));
    let found = signature("containers-storage", op, &input, Answer::reject("broken"), theirs);
    let expected = "toc/parse: JSN-03: reference refuse, containers-storage accept A";
    assert_eq!(found.as_deref(), Some(expected));
}

/// The crate zstd-chunked is asked in Rust, whatever the library in Go answers.
#[test]
fn the_crate_is_asked() {
    let (op, _) = case("footer/v64");
    let oracle = Oracle::new(filtered, None, Some(op)).unwrap();
    for (id, expected) in [
        ("footer/v64", None),
        ("footer/v40", None),
        (
            "footer/v64-only-footer",
            Some("footer/parse: FTR-04: reference refuse, zstd-chunked accept A"),
        ),
        ("annotations/g5", None),
        (
            "annotations/estargz-beside-g5",
            Some("annotations/parse: ANN-09: reference refuse, zstd-chunked accept A"),
        ),
    ] {
        let (op, input) = case(id);
        let found = oracle.disagreements(op, &input);
        assert_eq!(found, Vec::from_iter(expected), "{id}");
    }
}

#[test]
fn inputs_are_written_and_read() {
    let set = Set::embedded().unwrap();
    for entry in set.entries().iter().filter(|entry| entry.case.limits.is_none()) {
        let input = set.wire_input(entry).unwrap();
        let (op, read) = decode(&encode(entry.op, &input)).unwrap();
        assert_eq!((op, &read), (entry.op, &input), "{}", entry.case.id);
    }
    assert_eq!(decode(b"no line"), None);
    assert_eq!(decode(b"{}\n"), None);
}

#[test]
fn requests_have_the_fields_of_the_input() {
    let input = json!({"tail": {"base64": "dGFpbA=="}, "blob_size": "4"});
    let found = request("a", Op::EStargzFooter, &input);
    assert_eq!(
        found,
        b"i\x01\0\0\0ao\x0e\0\0\0estargz/footert\x04\0\0\0tailz\x08\0\0\0\x04\0\0\0\0\0\0\0"
    );
}

#[test]
fn dialects_are_asked_of_those_that_read_them() {
    let new = "io.github.containers.zstd-chunked.manifest-checksum";
    let old = "io.containers.zstd-chunked.manifest-checksum";
    for (name, op, input, expected) in [
        (
            "estargz",
            Op::LayerIndex,
            json!({"blob": {"base64": "H4s="}, "annotations": {}}),
            true,
        ),
        (
            "estargz",
            Op::LayerIndex,
            json!({"blob": {"base64": "KLUv/Q=="}, "annotations": {}}),
            false,
        ),
        (
            "containers-storage",
            Op::LayerIndex,
            json!({"annotations": {new: ""}}),
            true,
        ),
        (
            "containers-storage",
            Op::LayerIndex,
            json!({"annotations": {old: ""}}),
            false,
        ),
        (
            "estargz",
            Op::LayerIndex,
            json!({"blob": {"base64": "H4sI"}, "annotations": {new: ""}}),
            false,
        ),
        (
            "estargz",
            Op::LayerIndex,
            json!({"blob": {"base64": "H4sI"}, "annotations": {old: ""}}),
            false,
        ),
        (
            "containers-storage",
            Op::LayerDecompress,
            json!({"blob": {"base64": "KLUv/Q=="}}),
            true,
        ),
        (
            "containers-storage",
            Op::LayerDecompress,
            json!({"blob": {"base64": "WCpNGA=="}}),
            false,
        ),
        ("containers-storage", Op::TocParse, json!({"dialect": "g1"}), false),
        ("containers-storage", Op::TocParse, json!({"dialect": "g5"}), true),
        (
            "zstd-chunked",
            Op::AnnotationsParse,
            json!({"annotations": {old: ""}}),
            false,
        ),
        (
            "zstd-chunked",
            Op::FooterParse,
            json!({"tail": {"base64": "R05VbEluVXg="}}),
            true,
        ),
        (
            "zstd-chunked",
            Op::FooterParse,
            json!({"tail": {"base64": "R25VbEluVXg="}}),
            false,
        ),
    ] {
        assert_eq!(is_read(name, op, &input), expected, "{name} {input}");
    }
}

/// Whether the library uses a tar-split is told by the TOC.
#[test]
fn tar_splits_that_are_not_used_are_not_compared() {
    for (id, expected) in [
        ("index/g5", true),
        ("index/g4", false),
        ("index/g3", false),
        ("index/g2", true),
    ] {
        let (op, input) = case(id);
        assert_eq!(is_read("containers-storage", op, &input), expected, "{id}");
    }
}

/// The crate would stop at an overflow, which is known.
#[test]
fn sums_that_do_not_fit_are_not_asked_of_the_crate() {
    for (at, expected) in [(None, true), (Some(0), false), (Some(32), false), (Some(16), true)] {
        let mut tail = [0; 64];
        tail[8] = 1;
        tail[40] = 1;
        if let Some(at) = at {
            tail[at..at + 8].fill(0xff);
        }
        let input = with_bytes(&json!({}), "tail", &tail);
        assert_eq!(is_read("zstd-chunked", Op::FooterParse, &input), expected, "{at:?}");
    }
}

/// The mutator begins with cases, stays in its room, and makes inputs of every operation.
#[test]
fn changed_inputs_can_be_read() {
    let oracle = Oracle::new(filtered, None, None).unwrap();
    let mut ops = std::collections::BTreeSet::new();
    let mut data = vec![b'\n'; 8192];
    let mut size = 1;
    for seed in 0..2000 {
        size = mutate(&oracle, &mut data, size, 8192, seed, &mut |_, size, _| size);
        ops.insert(decode(&data[..size]).unwrap().0);
    }
    assert!(
        PEERS.iter().all(|(_, own)| own.iter().all(|op| ops.contains(op))),
        "{ops:?}"
    );
}
