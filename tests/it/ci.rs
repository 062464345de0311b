//! What continuous integration needs: parts of a run, runs of what failed, lists that are written, an early end, and the examples.

mod action;
mod documents;
mod lists;
mod shards;

use std::{fs, path::Path, process::Output};

use serde_json::Value;

use crate::miniatures::{CASES, chunkproof, text};

/// A list with one entry.
fn entry(cases: &str, result: &str) -> String {
    format!("[[expect]]\ncases = {cases:?}\nresult = {result:?}\nreason = \"known\"\n")
}

/// Runs a miniature with these options.
fn run(miniature: &str, arguments: &[&str]) -> Output {
    let adapter = format!("python3 {miniature}.py");
    chunkproof(&[&["run", "--impl", &adapter, "--timeout", "60"], arguments].concat())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

/// The cases and results in a report of one implementation.
fn results(output: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let results = report["implementations"][0]["results"]
        .as_array()
        .expect("results")
        .iter();
    let part = |result: &Value, key: &str| result[key].as_str().expect("text").to_owned();
    results
        .map(|result| (part(result, "case"), part(result, "result")))
        .collect()
}

#[test]
fn the_first_unexpected_result_ends_the_run() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (list, record) = (path(scratch.path(), "list.toml"), path(scratch.path(), "results.json"));
    let crash = entry("footer/v64-toc-minus-8", "crash");
    for (miniature, text_of_list, code, conclusion, last) in [
        // In the order of the set: v64, v64-tar-split-above-limit, -plus-8, -toc-above-limit, -toc-minus-8, -without-tar-split.
        ("aborts", "", 1, "stopped", "footer/v64-toc-minus-8"),
        ("aborts", &*crash, 0, "as-expected", "footer/v64-without-tar-split"),
        ("right", &*crash, 1, "stopped", "footer/v64-toc-minus-8"),
        ("always_accept", "", 1, "stopped", "footer/v64"),
        // Only when all were asked it is known which cases of a choice differ.
        ("undecided", "", 1, "failures", "footer/v64-without-tar-split"),
    ] {
        fs::write(&list, text_of_list).expect("a file");
        let options = ["--only", CASES, "--jobs", "1", "--format", "json"];
        let more = ["--expect", &list, "--fail-fast", "--record", &record];
        let output = run(miniature, &[&options[..], &more].concat());
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(
            (output.status.code(), report["conclusion"].as_str()),
            (Some(code), Some(conclusion)),
            "{miniature}"
        );
        let is_stopped = conclusion == "stopped";
        let told = text(output.stderr.clone()).contains("stopped at the first result that is not as expected");
        assert_eq!(told, is_stopped);
        assert_eq!(
            results(&output).last().map(|(case, _)| case.as_str()),
            Some(last),
            "{miniature}"
        );
        let recorded: Value = serde_json::from_slice(&fs::read(&record).expect("a file")).expect("JSON");
        assert_eq!(
            recorded["incomplete"].as_bool().unwrap_or_default(),
            is_stopped,
            "{miniature}"
        );
    }
    // A failure is one without its twin, which is asked later.
    let output = run(
        "always_accept",
        &[
            "--only",
            "footer/{payload-0,v64}",
            "--jobs",
            "1",
            "--fail-fast",
            "--format",
            "json",
        ],
    );
    let failure = ("footer/payload-0".to_owned(), "wrong-verdict".to_owned());
    assert_eq!((output.status.code(), results(&output)), (Some(1), vec![failure]));
    // What is left of the implementations does not run either.
    let output = run(
        "aborts",
        &[
            "--impl",
            "reference",
            "--only",
            CASES,
            "--fail-fast",
            "--format",
            "json",
        ],
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["implementations"].as_array().map(Vec::len), Some(1));
    let output = run(
        "right",
        &[
            "--impl",
            "python3 aborts.py",
            "--only",
            CASES,
            "--fail-fast",
            "--format",
            "json",
        ],
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["implementations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_quiet_run_is_the_last_lines() {
    let output = chunkproof(&[
        "run",
        "--quiet",
        "--impl",
        "python3 right.py",
        "--impl",
        "python3 undecided.py",
        "--impl",
        "python3 always_decline.py",
        "--only",
        CASES,
        "--timeout",
        "60",
    ]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(output.stdout));
}

/// A record has results of everything, and a later run repeats what of it is not as expected.
#[test]
fn what_failed_is_repeated() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (list, record) = (path(scratch.path(), "list.toml"), path(scratch.path(), "results.json"));
    let choice = ["footer/v64-tar-split-above-limit", "footer/v64-toc-above-limit"];
    for (miniature, text_of_list, repeated) in [
        ("aborts", "", &["footer/v64-toc-minus-8"][..]),
        // Alone, neither would be a conflict.
        ("undecided", "", &choice),
        (
            "aborts",
            &*entry("footer/v64", "crash"),
            &["footer/v64", "footer/v64-toc-minus-8"],
        ),
        (
            "right",
            &*entry("footer/v64-toc-minus-8", "crash"),
            &["footer/v64-toc-minus-8"],
        ),
    ] {
        fs::write(&list, text_of_list).expect("a file");
        let fixed = ["--only", CASES, "--expect", &list];
        run(miniature, &[&fixed[..], &["--record", &record]].concat());
        let output = run(
            miniature,
            &[&fixed[..], &["--failed", &record, "--format", "json"]].concat(),
        );
        assert_eq!(output.status.code(), Some(1), "{miniature}");
        let cases: Vec<String> = results(&output).into_iter().map(|(case, _)| case).collect();
        assert_eq!(cases, repeated, "{miniature}");
    }
    // Files add up, and what is as expected by then is not repeated.
    let other = path(scratch.path(), "other.json");
    run("always_accept", &["--only", CASES, "--record", &record]);
    run("aborts", &["--only", CASES, "--record", &other]);
    fs::write(&list, entry("footer/v64*", "wrong-output")).expect("a file");
    let failed = [
        "--failed", &record, "--failed", &other, "--expect", &list, "--format", "json",
    ];
    let output = run("right", &failed);
    assert_eq!(results(&output).len(), 6, "{:?}", results(&output));
}

#[test]
fn there_may_be_nothing_to_repeat() {
    let scratch = tempfile::tempdir().expect("a folder");
    let record = path(scratch.path(), "results.json");
    run("right", &["--only", CASES, "--record", &record]);
    for (arguments, code, message) in [
        (&["--failed", &record][..], 4, "there is nothing to repeat"),
        (&["--failed", "/no/such/file"], 2, "/no/such/file: No such file"),
        (
            &["--failed", &record, "--impl", "reference"],
            2,
            "--failed requires exactly one implementation",
        ),
    ] {
        let output = run("right", arguments);
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(message) && stderr.lines().count() == 1, "{stderr}");
    }
}

/// Lists and results outlive cases.
#[test]
fn successors_of_retired_cases_are_named_and_run() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (list, record) = (path(scratch.path(), "list.toml"), path(scratch.path(), "results.json"));
    let (old, new) = (
        "footer/v64-tar-split-uncompressed-0",
        "footer/v64-tar-split-empty-frame",
    );
    let named = format!("{old} was retired (");
    let successor = format!("{new} takes its place");
    let only = ["--only", "footer/{v64,v64-tar-split-empty-frame}"];
    for (cases, is_named) in [
        ("footer/v64-tar-split-uncompressed-0", true),
        ("footer/{v64-tar-split-uncompressed-0,v64-type-2}", true),
        ("footer/v64-tar-split-uncompressed-*", false),
    ] {
        fs::write(&list, entry(cases, "fail")).expect("a file");
        let output = run("right", &[&only[..], &["--expect", &list]].concat());
        let stderr = text(output.stderr);
        assert_eq!(
            stderr.contains(&named) && stderr.contains(&successor),
            is_named,
            "{stderr}"
        );
    }
    run("aborts", &["--only", "footer/v64-toc-minus-8", "--record", &record]);
    let kept = fs::read_to_string(&record).expect("a file");
    fs::write(&record, kept.replace("footer/v64-toc-minus-8", old)).expect("a file");
    let output = run("right", &["--failed", &record, "--format", "json"]);
    let cases: Vec<String> = results(&output).into_iter().map(|(case, _)| case).collect();
    assert_eq!(cases, [new]);
    let stderr = text(output.stderr);
    assert!(stderr.contains(&named) && stderr.contains(&successor), "{stderr}");
}
