//! What the runner makes of adapters that are wrong on purpose, and of things that are no adapters at all.
//!
//! The miniatures need `python3`.

mod blind;
mod limits;
mod repeat;

use std::{collections::BTreeMap, fs, time::Instant};

use crate::miniatures::{CASES, chunkproof, text};
use serde_json::Value;

/// The results of a miniature by case, and the exit code.
fn run(miniature: &str, arguments: &[&str]) -> (BTreeMap<String, String>, Option<i32>, Value) {
    let adapter = format!("python3 {miniature}");
    let fixed = ["run", "--impl", &adapter, "--only", CASES, "--format", "json"];
    let output = chunkproof(&[&fixed, arguments].concat());
    let stderr = text(output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).expect(&stderr);
    let implementation = report["implementations"][0].clone();
    let results = implementation["results"].as_array().expect("results").iter();
    let results = results.map(|result| {
        let part = |key: &str| result[key].as_str().expect("text").to_owned();
        (part("case").replace("footer/v64", ""), part("result"))
    });
    (results.collect(), output.status.code(), implementation)
}

/// The results in this order: the two valid cases, the two invalid ones, the two of the choice.
fn in_order(results: &BTreeMap<String, String>) -> Vec<&str> {
    let names = [
        "",
        "-without-tar-split",
        "-toc-minus-8",
        "-tar-split-plus-8",
        "-toc-above-limit",
        "-tar-split-above-limit",
    ];
    names
        .map(|name| results.get(name).map_or("missing", String::as_str))
        .to_vec()
}

#[test]
fn python_is_there() {
    let version = std::process::Command::new("python3").arg("--version").output();
    assert!(
        version.is_ok_and(|output| output.status.success()),
        "these tests need python3"
    );
}

#[test]
fn miniatures_get_what_they_deserve() {
    let one_bad = |bad| ["pass", "pass", bad, "pass", "lenient", "lenient"];
    for (miniature, exit, expected) in [
        ("right.py", 0, one_bad("pass")),
        ("slow.py", 0, one_bad("pass")),
        ("noisy.py", 0, one_bad("pass")),
        ("names_rules.py", 0, one_bad("pass")),
        ("old_hello.py", 0, one_bad("pass")),
        ("aborts.py", 1, one_bad("crash")),
        ("hangs.py --timeout", 1, one_bad("timeout")),
        // The default of 2 GiB would do as well, and take longer.
        ("eats.py", 1, one_bad("out-of-memory")),
        ("garbage.py", 1, one_bad("protocol-error")),
        ("cut_line.py", 1, one_bad("protocol-error")),
        ("dies_in_line.py", 1, one_bad("crash")),
        (
            "no_twin.py",
            1,
            ["crash", "pass", "vacuous", "vacuous", "lenient", "lenient"],
        ),
        (
            "judged_rules.py",
            1,
            ["pass", "pass", "pass", "wrong-rule", "lenient", "lenient"],
        ),
        (
            "some_unsupported.py",
            1,
            [
                "pass",
                "pass",
                "declared-unsupported",
                "declared-unsupported",
                "lenient",
                "lenient",
            ],
        ),
        ("two_verdicts.py", 1, one_bad("protocol-error")),
        ("huge_line.py", 1, one_bad("protocol-error")),
        ("always_unsupported.py", 1, ["declared-unsupported"; 6]),
        ("one_dialect.py", 4, ["unsupported"; 6]),
        ("nothing_declared.py", 4, ["unsupported"; 6]),
        (
            "always_reject.py",
            1,
            [
                "wrong-verdict",
                "wrong-verdict",
                "vacuous",
                "vacuous",
                "strict",
                "strict",
            ],
        ),
        (
            "always_decline.py",
            1,
            ["declined", "declined", "vacuous", "vacuous", "strict", "strict"],
        ),
        (
            "always_accept.py",
            1,
            [
                "wrong-output",
                "wrong-output",
                "wrong-verdict",
                "wrong-verdict",
                "wrong-output",
                "wrong-output",
            ],
        ),
        (
            "wrong_output.py",
            1,
            [
                "wrong-output",
                "wrong-output",
                "pass",
                "pass",
                "wrong-output",
                "wrong-output",
            ],
        ),
        (
            "wrong_shape.py",
            1,
            [
                "protocol-error",
                "protocol-error",
                "vacuous",
                "vacuous",
                "protocol-error",
                "protocol-error",
            ],
        ),
        (
            "repeats_keys.py",
            1,
            [
                "protocol-error",
                "protocol-error",
                "vacuous",
                "vacuous",
                "protocol-error",
                "protocol-error",
            ],
        ),
        (
            "undecided.py",
            1,
            ["pass", "pass", "pass", "pass", "choice-conflict", "lenient"],
        ),
        (
            "declares_otherwise.py",
            1,
            ["pass", "pass", "pass", "pass", "choice-conflict", "choice-conflict"],
        ),
        ("panics.py", 1, ["crash"; 6]),
    ] {
        // Long enough for a busy machine, except where the end of the time is what is tested.
        let (miniature, timeout) = match miniature.strip_suffix(" --timeout") {
            Some(miniature) => (miniature, "5"),
            None => (miniature, "60"),
        };
        for jobs in ["1", "3"] {
            let (results, code, report) = run(miniature, &["--timeout", timeout, "--jobs", jobs, "--memory", "256MiB"]);
            assert_eq!(in_order(&results), expected, "{miniature} with {jobs} jobs: {report:#}");
            assert_eq!(code, Some(exit), "{miniature} with {jobs} jobs");
        }
    }
}

/// How many results are this one, with a note that contains the text.
fn noted(report: &Value, result: &str, text: &str) -> usize {
    let results = report["results"].as_array().expect("results").iter();
    let has_note = |case: &&Value| {
        let notes = case["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut notes = notes.iter().filter_map(Value::as_str);
        notes.any(|note| note.contains(text))
    };
    results.filter(|case| case["result"] == result).filter(has_note).count()
}

/// A second try is for isolation. What is answered only then is neither passed nor forgotten.
#[test]
fn what_is_answered_at_the_second_try_is_a_failure() {
    let answered = "the answer by itself is ";
    for (miniature, jobs, counts, note) in [
        // The second case and all after it.
        ("leaks.py", "1", 5..=5, "state leaks from case to case"),
        ("every_second.py", "1", 5..=5, "after it had answered other cases"),
        ("crashes_first.py", "1", 6..=6, answered),
        ("crashes_first.py", "3", 6..=6, answered),
        // Where the machine is busy, an exit after the first answer is noticed with the second request.
        ("exits_after.py", "1", 5..=6, answered),
        ("exits_after.py", "6", 1..=6, answered),
        ("stumbles.py", "1", 1..=1, "exited with code 1 before it answered hello"),
    ] {
        let scratch = tempfile::tempdir().expect("a folder");
        let adapter = match miniature {
            "crashes_first.py" | "stumbles.py" => format!("{miniature} '{}'", scratch.path().display()),
            _ => miniature.to_owned(),
        };
        let (results, code, report) = run(&adapter, &["--jobs", jobs, "--timeout", "60"]);
        let flaky = results.values().filter(|result| *result == "flaky").count();
        assert!(counts.contains(&flaky), "{miniature}: {report:#}");
        assert_eq!(report["counts"]["flaky"], flaky, "{miniature}");
        assert_eq!(noted(&report, "flaky", note), flaky, "{miniature}: {report:#}");
        assert_eq!(code, Some(1), "{miniature}");
    }
}

#[test]
fn a_flaky_case_can_be_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("expected.toml");
    let entry = "[[expect]]\ncases = \"footer/*\"\nresult = \"flaky\"\nreason = \"known\"\nsometimes = true\n";
    fs::write(&file, entry).expect("a file");
    let file_name = file.to_str().expect("UTF-8");
    let arguments = ["--jobs", "1", "--timeout", "60", "--expect", file_name];
    let (_, code, report) = run("every_second.py", &arguments);
    assert_eq!(
        (code, &report["counts"]["flaky"]),
        (Some(0), &Value::from(5)),
        "{report:#}"
    );
}

#[test]
fn every_process_is_the_same_implementation() {
    let scratch = tempfile::tempdir().expect("a folder");
    let adapter = format!("changes.py '{}'", scratch.path().display());
    let (_, code, report) = run(&adapter, &["--jobs", "1", "--timeout", "60"]);
    let note = "the hello of a later process differs from the first: `version` is \"2\", expected \"1\"";
    assert_eq!(noted(&report, "protocol-error", note), 5, "{report:#}");
    assert_eq!(report["version"], "1");
    assert_eq!(code, Some(1));
}

/// A rule that the case is not about is a remark, in both reports.
#[test]
fn rules_that_are_not_judged_are_remarks() {
    let (_, _, report) = run("names_rules.py", &["--timeout", "60"]);
    let results = report["results"].as_array().expect("results").iter();
    assert_eq!(results.filter(|result| result["unrelated_rule"] == "TAR-01").count(), 2);
    let output = chunkproof(&[
        "run",
        "--impl",
        "python3 names_rules.py",
        "--only",
        CASES,
        "--timeout",
        "60",
    ]);
    let table = text(output.stdout);
    assert!(
        table.contains("miniature 1: 2 rejections name a rule that the case is not about, which is no failure"),
        "{table}"
    );
    assert!(
        table.contains("remarks    footer/v64-tar-split-plus-8: TAR-01"),
        "{table}"
    );
}

#[test]
fn what_is_no_adapter_is_said_at_once_and_earns_nothing() {
    for (implementation, message) in [
        ("/bin/true", "exited with code 0 before it answered hello"),
        ("/bin/false", "exited with code 1 before it answered hello"),
        ("yes", "does not answer as the protocol says: expected value"),
        (
            "cat",
            "does not answer as the protocol says: unknown field `chunkproof`",
        ),
        (
            "sleep 1000",
            "did not answer hello: no answer within 1 s (--timeout): 0.0 s of processor time used",
        ),
        (
            "./no-such-program",
            "cannot be started: ./no-such-program: No such file",
        ),
        ("/", "cannot be started: /: Permission denied"),
        ("sh -c 'yes | tr -d \"\\n\"'", "a line is longer than 16 MiB"),
        (
            "sh -c 'kill -9 $$'",
            "was ended by signal 9 (SIGKILL) before it answered hello",
        ),
        ("sh -c 'echo no licence >&2; exit 9'", "on stderr: no licence"),
        ("python3 wrong_seq.py", "the answer has seq 0, expected 1"),
    ] {
        let start = Instant::now();
        let timeout = if implementation == "sleep 1000" { "1" } else { "60" };
        let output = chunkproof(&[
            "run",
            "--impl",
            implementation,
            "--timeout",
            timeout,
            "--format",
            "json",
        ]);
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(3), "{implementation}: {stderr}");
        assert!(
            stderr.starts_with(&format!("error: {implementation}: ")) && stderr.lines().count() == 1,
            "{implementation}: {stderr}"
        );
        assert!(stderr.contains(message), "{implementation}: {stderr}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report["implementations"][0]["results"], Value::Array(Vec::new()));
        assert!(start.elapsed().as_secs() < 30, "{implementation}");
    }
}

#[test]
fn one_broken_implementation_does_not_stop_the_others() {
    let arguments = [
        "run",
        "--impl",
        "/bin/false",
        "--impl",
        "reference",
        "--only",
        CASES,
        "--format",
        "json",
    ];
    let output = chunkproof(&arguments);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(report["implementations"][1]["counts"]["pass"], 4);
}

#[test]
fn an_adapter_that_never_answers_is_given_up() {
    // Every footer case, so that there are more than it takes.
    let arguments = [
        "run",
        "--impl",
        "python3 panics.py",
        "--only",
        "footer/*",
        "--timeout",
        "60",
    ];
    let output = chunkproof(&arguments);
    assert_eq!(output.status.code(), Some(3));
    let stderr = text(output.stderr);
    assert!(stderr.contains("gave no answer to any of 10 cases"), "{stderr}");
}

#[test]
fn the_twin_of_a_selected_case_runs_without_being_counted() {
    let arguments = [
        "run",
        "--impl",
        "python3 right.py",
        "--only",
        "footer/v64-toc-minus-8",
        "--format",
        "json",
    ];
    let output = chunkproof(&arguments);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let counts = &report["implementations"][0]["counts"];
    assert_eq!(
        (output.status.code(), counts.to_string()),
        (Some(0), r#"{"pass":1}"#.to_owned())
    );
}

#[test]
fn expected_deviations_are_strict_both_ways() {
    let entry = |cases: &str, result: &str| {
        format!(
            "[[expect]]\ncases = {cases:?}\nresult = {result:?}\nreason = \"known\"\nlink = \"https://example.org/1\"\n"
        )
    };
    let aborting = "footer/v64-toc-minus-8";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("expected.toml");
    let file_name = file.to_str().expect("UTF-8");
    for (list, miniature, exit, status) in [
        (entry(aborting, "crash"), "aborts.py", 0, "expected-failure"),
        (
            entry("footer/*-toc-minus-8", "crash"),
            "aborts.py",
            0,
            "expected-failure",
        ),
        (entry(aborting, "fail"), "aborts.py", 1, "unexpected-failure"),
        (entry(aborting, "crash"), "right.py", 1, "missing-failure"),
        (
            entry(aborting, "crash") + &entry("toc/no-such-case", "fail"),
            "aborts.py",
            1,
            "expected-failure",
        ),
        (String::new(), "aborts.py", 1, "unexpected-failure"),
        (String::new(), "right.py", 0, "ok"),
    ] {
        fs::write(&file, &list).expect("a file");
        let (_, code, report) = run(miniature, &["--expect", file_name, "--timeout", "60"]);
        let mut results = report["results"].as_array().expect("results").iter();
        let result = results.find(|result| result["case"] == aborting).expect("the case");
        assert_eq!(
            (code, &result["status"]),
            (Some(exit), &Value::from(status)),
            "{miniature}: {list}"
        );
        assert_eq!(result["reason"].is_string(), status == "expected-failure", "{result}");
        let missing = if status == "missing-failure" {
            "crash".into()
        } else {
            Value::Null
        };
        assert_eq!(result["missing"], missing, "{result}");
    }
}

/// The document that adapter authors read holds an adapter that works.
#[test]
fn the_adapter_of_the_document_passes() {
    let document = include_str!("../../docs/protocol.md");
    let (_, code) = document.split_once("```python\n").expect("an adapter");
    let (code, _) = code.split_once("```").expect("its end");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("adapter.py");
    fs::write(&file, code).expect("a file");
    let adapter = format!("python3 {}", file.display());
    let output = chunkproof(&["run", "--impl", &adapter, "--format", "json", "--timeout", "60"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let implementation = &report["implementations"][0];
    assert_eq!(output.status.code(), Some(0), "{implementation:#}");
    assert!(implementation["counts"]["pass"].as_u64() > Some(0));
    assert_eq!(implementation["unexpected"], 0);
}
