//! The hunt for disagreements, with adapters that are wrong on purpose.
//!
//! The miniatures need `python3`.

use std::fs;

use crate::{
    miniatures::{CASES, chunkproof, text},
    support::ends,
};
use chunkproof::vectors::{Expect, Op, Provenance, case_files::read_cases};
use serde_json::Value;

/// The exit code and the report of a hunt in footers.
fn hunt(implementations: [&str; 2], arguments: &[&str]) -> (Option<i32>, Value) {
    let fixed = [
        "hunt",
        "--impl",
        implementations[0],
        "--impl",
        implementations[1],
        "--op",
        "footer/parse",
        "--seed",
        "8",
        "--format",
        "json",
    ];
    let output = chunkproof(&[&fixed, arguments].concat());
    let stderr = text(output.stderr);
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).expect(&stderr),
    )
}

#[test]
fn those_that_answer_alike_do_not_disagree() {
    let (code, report) = hunt(["python3 right.py", "python3 right.py"], &["--runs", "300"]);
    assert_eq!(code, Some(0));
    assert_eq!(report["runs"], 300);
    assert_eq!(report["disagreements"], Value::Array(Vec::new()));
}

/// A hunt does not forgive what is answered at a second try only, not even where all do the same.
#[test]
fn what_is_answered_at_the_second_try_is_a_disagreement() {
    // Few cases are about this dialect.
    let flaky = "python3 every_second.py g3";
    let arguments = ["--runs", "5", "--jobs", "1", "--timeout", "60"];
    let (code, report) = hunt(["reference", flaky], &arguments);
    assert_eq!(code, Some(1), "{report:#}");
    let found = report["disagreements"].as_array().unwrap();
    let is_flaky = |found: &Value| found["answers"][1] == "flaky" && found["answers"][0] != "flaky";
    assert!(found.iter().any(is_flaky), "{report:#}");

    let fixed = ["hunt", "--impl", flaky, "--impl", flaky, "--op", "footer/parse"];
    let output = chunkproof(&[&fixed[..], &arguments].concat());
    let table = text(output.stdout);
    assert!(!table.contains("no disagreement") && table.contains("flaky"), "{table}");
    assert_eq!(output.status.code(), Some(1));
}

/// An operation is asked only of those that declare it: who then does not support it is reported, as `run` reports it.
#[test]
fn a_declared_operation_that_is_not_supported_is_a_disagreement() {
    for other in ["python3 right.py", "python3 some_unsupported.py"] {
        let (code, report) = hunt([other, "python3 some_unsupported.py"], &["--runs", "5"]);
        assert_eq!(code, Some(1), "{report:#}");
        let found = report["disagreements"].as_array().unwrap();
        let is_unsupported = |found: &Value| found["answers"][1] == "declared-unsupported";
        assert!(found.iter().any(is_unsupported), "{report:#}");
    }
}

/// Two that disagree about footers, with `FINE` about one more than the cases show.
const TWO: [&str; 2] = ["reference", "zstd-chunked"];
const FINE: [&str; 3] = ["--fine", "--runs", "1500"];

/// A report of a hunt of the two.
fn of_two(more: &[&str]) -> (Option<i32>, Value) {
    hunt(TWO, &[&FINE, more].concat())
}

/// A hunt that is kept goes on where it ended, and gives what one hunt gives.
#[test]
fn a_kept_hunt_goes_on_where_it_ended() {
    let scratch = tempfile::tempdir().unwrap();
    let state = scratch.path().join("hunt.json");
    let state = state.to_str().unwrap();
    let (_, whole) = of_two(&[]);
    let (_, begun) = hunt(TWO, &["--fine", "--runs", "150", "--state", state]);
    assert_eq!(begun["runs"], 150);
    // Twice, as the second time there is nothing left to ask for.
    for _ in 0..2 {
        let (code, ended) = of_two(&["--state", state, "--jobs", "3"]);
        assert_eq!((code, &ended), (Some(1), &whole));
    }

    let arguments = [
        "hunt",
        "--impl",
        TWO[0],
        "--impl",
        TWO[1],
        "--op",
        "footer/parse",
        "--state",
        state,
    ];
    for (more, expected) in [
        (&["--fine"][..], "the kept hunt is another one: seed 8, expected 0"),
        (
            &["--seed", "8"],
            "the kept hunt is another one: --fine true, expected false",
        ),
        (
            &["--seed", "8", "--fine", "--shard", "1/2"],
            "the kept hunt is another one: parts \"1/1\", expected \"1/2\"",
        ),
        (
            &["--seed", "8", "--fine", "--op", "annotations/parse"],
            "the kept hunt is another one: operations",
        ),
    ] {
        ends(&chunkproof(&[&arguments[..], more].concat()), 2, expected);
    }
    fs::write(state, "{}").unwrap();
    ends(&chunkproof(&arguments), 2, "not a kept hunt");
}

#[test]
fn parts_of_a_hunt_merge_into_the_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let (_, whole) = of_two(&[]);
    let parts = ["1/3", "2/3", "3/3"].map(|part| (part, path(&part.replace('/', "-"))));
    for (part, state) in &parts {
        let (_, report) = of_two(&["--shard", part, "--state", state]);
        assert_eq!(report["runs"], 500);
    }
    let mut arguments = vec!["hunt", "--format", "json"];
    arguments.extend(parts.iter().flat_map(|(_, state)| ["--merge", state]));
    let merged = chunkproof(&arguments);
    let merged: Value = serde_json::from_slice(&merged.stdout).unwrap();
    assert_eq!(merged, whole);
    let twice = chunkproof(&["hunt", "--merge", &parts[0].1, "--merge", &parts[0].1]);
    ends(&twice, 2, "the part 1/3 does not go with the part 1/3");
}

/// What an earlier hunt has seen is not new, so that a hunt that finds nothing else ends well.
#[test]
fn what_an_earlier_hunt_has_seen_is_told_apart() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let (state, found) = (path("hunt.json"), path("found"));
    let new = |report: &Value| {
        let all = report["disagreements"].as_array().unwrap().iter();
        all.filter(|one| one["case"] == Value::Null && one["seen"] == Value::Null)
            .count()
    };
    let written = || fs::read_dir(&found).unwrap().count();
    let (code, first) = of_two(&["--state", &state, "-o", &found]);
    assert!(code == Some(1) && new(&first) > 0, "{first:#}");
    assert_eq!(written(), new(&first));
    fs::remove_dir_all(&found).unwrap();
    let (code, second) = of_two(&["--seen", &state, "-o", &found]);
    assert_eq!((code, new(&second), written()), (Some(0), 0, 0), "{second:#}");

    let arguments = [
        "hunt",
        "--impl",
        "reference",
        "--impl",
        "python3 right.py",
        "--op",
        "footer/parse",
        "--runs",
        "1",
    ];
    let output = chunkproof(&[&arguments[..], &["--seen", &state]].concat());
    ends(
        &output,
        2,
        "the hunt is of reference, zstd-chunked, expected one of reference, miniature",
    );
}

/// What `sees.py` saw: whether it found files, and whether it was told an id.
fn seen(file: &std::path::Path) -> Vec<(bool, bool)> {
    let lines = fs::read_to_string(file).expect("the miniature wrote");
    let seen = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    seen.map(|seen: Value| (seen["files"] != serde_json::json!([]), seen["case"] != Value::Null))
        .collect()
}

#[test]
fn a_blind_hunt_shows_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let scratch = tempfile::tempdir().unwrap();
    for blind in [true, false] {
        let file = scratch.path().join(format!("hunted-{blind}"));
        let sees = format!("python3 '{folder}/sees.py' '{}'", file.display());
        let mut arguments = vec!["--runs", "20"];
        arguments.extend(blind.then_some("--blind"));
        let (code, report) = hunt(["reference", &sees], &arguments);
        assert!(matches!(code, Some(0 | 1)), "{report:#}");
        let seen = seen(&file);
        assert!(seen.len() >= 20);
        assert!(seen.iter().all(|seen| *seen == (!blind, !blind)), "{seen:?}");

        let file = scratch.path().join(format!("shrunk-{blind}"));
        let sees = format!("python3 '{folder}/sees.py' '{}'", file.display());
        let output = scratch.path().join("shrunk.json").display().to_string();
        let mut arguments = vec![
            "minimize",
            "footer/v64",
            "--impl",
            &sees,
            "--attempts",
            "5",
            "-o",
            &output,
        ];
        arguments.extend(blind.then_some("--blind"));
        let shrunk = chunkproof(&arguments);
        assert_eq!(shrunk.status.code(), Some(0), "{}", text(shrunk.stderr));
        let seen = self::seen(&file);
        assert!(
            !seen.is_empty() && seen.iter().all(|seen| *seen == (!blind, !blind)),
            "{seen:?}"
        );
    }
}

#[test]
fn the_table_says_who_answers_what_and_which_case_shows_it() {
    let output = chunkproof(&[
        "hunt",
        "--impl",
        "python3 right.py",
        "--impl",
        "python3 always_accept.py",
        "--op",
        "footer/parse",
        "--runs",
        "200",
        "--seed",
        "1",
        "--jobs",
        "1",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let table = text(output.stdout);
    let mut lines = table.lines();
    let head = lines.next().unwrap();
    assert!(head.ends_with("200 mutated inputs of footer/parse, seed 1"), "{head}");
    let row = |rule: &str| {
        let row = table.lines().find(|line| line.split_whitespace().nth(2) == Some(rule));
        row.unwrap_or_else(|| panic!("{rule}: {table}"))
    };
    let refused = row("FTR-03");
    assert!(
        refused.contains("refuse") && refused.contains("accept A") && refused.contains("footer/"),
        "{refused}"
    );
    // Both accept, and say something else.
    let accepted = row("accepted");
    assert!(
        accepted.contains("accept A") && accepted.contains("accept B"),
        "{accepted}"
    );
    assert!(table.trim_end().ends_with("of which no case shows"), "{table}");
}

/// A defect that no case shows is found, told apart, made smaller and written, in the same way whoever works beside whom.
#[test]
fn a_planted_difference_is_found_and_made_smaller() {
    let scratch = tempfile::tempdir().unwrap();
    let found = scratch.path().join("found");
    let folder = found.display().to_string();
    let implementations = ["python3 right.py", "python3 planted.py"];
    let passed = chunkproof(&["run", "--impl", implementations[1], "--only", CASES]);
    assert_eq!(passed.status.code(), Some(0), "the cases see it");
    let (code, report) = hunt(implementations, &["--runs", "10000", "--jobs", "1", "-o", &folder]);
    assert_eq!(code, Some(1));
    let disagreements = report["disagreements"].as_array().unwrap();
    let [only] = disagreements.as_slice() else {
        panic!("{report:#}");
    };
    assert_eq!(only["rule"], "accepted");
    assert_eq!(only["answers"], serde_json::json!(["accept A", "refuse"]));
    assert_eq!(only["case"], Value::Null, "no case shows it");
    let tail = only["input"]["tail"]["hex"].as_str().unwrap();
    let bytes: Vec<&str> = (0..tail.len() / 2).map(|at| &tail[2 * at..2 * at + 2]).collect();
    assert_eq!(bytes.len(), 72);
    assert_eq!(
        bytes[24..32],
        ["07", "00", "00", "00", "00", "00", "00", "00"],
        "{tail}"
    );

    let (_, again) = hunt(implementations, &["--runs", "10000", "--jobs", "3", "-o", &folder]);
    assert_eq!(again, report, "another number of jobs");

    let file = fs::read_to_string(found.join(only["candidate"].as_str().unwrap())).unwrap();
    let [entry] = read_cases(&file).unwrap().try_into().unwrap();
    assert_eq!(entry.op, Op::FooterParse);
    assert!(matches!(entry.case.expect, Expect::Valid { .. }));
    let Provenance::Found {
        tool,
        seed,
        run,
        answers,
        ..
    } = entry.case.provenance
    else {
        panic!("{file}");
    };
    assert_eq!(
        (tool.as_str(), seed.unwrap().0, run.is_some(), answers.len()),
        ("hunt", 8, true, 1)
    );
}

/// A crash is a disagreement, also where nobody answers otherwise.
#[test]
fn crashes_are_told_from_refusals() {
    let (code, report) = hunt(
        ["python3 right.py", "python3 aborts.py"],
        &["--runs", "0", "--jobs", "1"],
    );
    assert_eq!(code, Some(1));
    let crashes = report["disagreements"].as_array().unwrap().iter();
    assert!(
        crashes.filter(|found| found["answers"][1] == "crash").count() > 0,
        "{report:#}"
    );
}

#[test]
fn errors_have_their_exit_codes() {
    for (arguments, code, message) in [
        (&["--impl", "reference"][..], 2, "name at least two"),
        (
            &["--impl", "reference", "--impl", "/no/such/program"],
            3,
            "cannot be started",
        ),
        (
            &["--impl", "python3 right.py", "--impl", "reference", "--op", "toc/parse"],
            4,
            "no selected operation is supported by all implementations",
        ),
        (
            &["--impl", "reference", "--adapter", "no-such"],
            2,
            "no adapter is called",
        ),
        (
            &[
                "--impl",
                "reference",
                "--impl",
                "reference",
                "--runs",
                "0",
                "--op",
                "footer/parse",
                "-o",
                "/proc/x",
            ],
            2,
            "/proc/x",
        ),
    ] {
        let output = chunkproof(&[&["hunt"], arguments].concat());
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains(message) && stderr.lines().count() == 1,
            "{arguments:?}: {stderr}"
        );
    }
}

#[test]
fn the_reference_and_itself_agree_behind_the_seals_of_layers() {
    let output = chunkproof(&[
        "hunt",
        "--impl",
        "reference",
        "--impl",
        "reference",
        "--op",
        "layer/reconstruct",
        "--op",
        "layer/index",
        "--op",
        "tarsplit/assemble",
        "--op",
        "annotations/parse",
        "--op",
        "layer/decompress",
        "--op",
        "estargz/toc",
        "--runs",
        "400",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stdout));
}
