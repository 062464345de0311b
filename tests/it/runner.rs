//! What the runner makes of adapters that are wrong on purpose, and of things that are no adapters at all.
//!
//! The miniatures need `python3`.

use std::{collections::BTreeMap, fs, time::Instant};

use crate::miniatures::{self, CASES, chunkproof, text};
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

/// A case has limits of its own, which hold however short the time is that memory is taken for.
#[test]
fn limits_of_cases_hold() {
    for (arguments, expected) in [
        (&[][..], ["pass", "out-of-memory", "pass"]),
        (&["--ignore-limits"][..], ["pass", "pass", "pass"]),
        (&["--memory", "256MiB"][..], ["pass", "out-of-memory", "pass"]),
    ] {
        let only = "decompress/content-size-{2-31,2-32,and-window}";
        let fixed = [
            "run",
            "--impl",
            "python3 gulps.py",
            "--only",
            only,
            "--format",
            "json",
            "--timeout",
            "60",
        ];
        let output = chunkproof(&[&fixed, arguments].concat());
        let stderr = text(output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout).expect(&stderr);
        let results = report["implementations"][0]["results"].as_array().expect("results");
        let mut results: Vec<(&str, &str)> = results
            .iter()
            .map(|result| {
                (
                    result["case"].as_str().expect("an id"),
                    result["result"].as_str().expect("text"),
                )
            })
            .collect();
        results.sort_by_key(|(case, _)| !case.ends_with("window"));
        let results: Vec<&str> = results.into_iter().map(|(_, result)| result).collect();
        assert_eq!(results, expected, "{arguments:?}");
    }
}

#[test]
fn what_is_left_behind_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (miniature, exit) in [("exits.py", 1), ("interrupts.py", 130)] {
        let file = folder.path().join(miniature);
        let adapter = format!("python3 {miniature} '{}'", file.display());
        let output = chunkproof(&[
            "run",
            "--impl",
            &adapter,
            "--only",
            CASES,
            "--jobs",
            "1",
            "--timeout",
            "60",
        ]);
        assert_eq!(output.status.code(), Some(exit), "{miniature}");
        let pid = fs::read_to_string(&file).expect("the miniature wrote a number");
        assert!(ends(&pid), "{miniature} left {pid}");
    }
}

/// Whether a process that was killed is gone soon, or a zombie that nobody has collected yet.
fn ends(pid: &str) -> bool {
    let start = Instant::now();
    while start.elapsed().as_secs() < 10 {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if status.is_empty() || status.contains(") Z ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
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

/// What `sees.py` found in each case.
fn seen(file: &std::path::Path) -> Vec<Value> {
    let lines = fs::read_to_string(file).expect("the miniature wrote");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_blind_process_finds_nothing() {
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let scratch = tempfile::tempdir().expect("a folder");
    let temporary = scratch.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    for blind in [true, false] {
        let file = scratch.path().join(format!("seen-{blind}"));
        let adapter = format!("python3 '{miniatures}/sees.py' '{}'", file.display());
        let mut arguments = vec!["run", "--impl", &adapter, "--only", CASES, "--timeout", "60"];
        arguments.extend(blind.then_some("--blind"));
        let output = miniatures::command(&arguments)
            .env("TMPDIR", &temporary)
            .env("OLDPWD", miniatures)
            .env("KEPT", "yes")
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
        let seen = seen(&file);
        assert_eq!(seen.len(), 6);
        for seen in &seen {
            let variables = &seen["variables"];
            assert_eq!(variables["KEPT"], "yes");
            if blind {
                assert_eq!(
                    (&seen["files"], &seen["case"]),
                    (&Value::Array(Vec::new()), &Value::Null)
                );
                assert_eq!(variables["PWD"], seen["folder"]);
                for name in ["OLDPWD", "CARGO_MANIFEST_DIR", "_"] {
                    assert_eq!(variables[name], Value::Null, "{name}");
                }
            } else {
                assert!(seen["files"].as_array().is_some_and(|files| files.len() > 20), "{seen}");
                assert!(
                    seen["case"].as_str().is_some_and(|case| case.starts_with("footer/")),
                    "{seen}"
                );
                assert_eq!(variables["OLDPWD"], miniatures);
            }
        }
        assert_eq!(
            fs::read_dir(&temporary).expect("the folder").count(),
            0,
            "a folder is left"
        );
    }
}

#[test]
fn a_blind_program_is_found_from_here() {
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let scratch = tempfile::tempdir().expect("a folder");
    let program = scratch.path().join("adapter");
    fs::write(&program, format!("#!/bin/sh\nexec python3 '{miniatures}/right.py'\n")).expect("a file");
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let run = |implementation: &str| {
        miniatures::command(&[
            "run",
            "--impl",
            implementation,
            "--only",
            CASES,
            "--timeout",
            "60",
            "--blind",
        ])
        .current_dir(scratch.path())
        .output()
        .expect("the program starts")
    };
    let output = run("./adapter");
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
    fs::write(scratch.path().join("adapter.py"), "").expect("a file");
    let output = run("python3 adapter.py");
    assert_eq!(output.status.code(), Some(3));
    let stderr = text(output.stderr);
    assert!(
        stderr.contains("with --blind it starts in an empty folder, where there is no adapter.py"),
        "{stderr}"
    );
}

/// The blocks of a report that are about one thing each, by their first lines.
fn blocks(report: &str) -> BTreeMap<String, String> {
    let blocks = report.split("\n\n").skip(1);
    blocks
        .map(|block| {
            let (head, rest) = block.split_once('\n').expect("a heading");
            // How much memory was taken when that was noticed differs.
            let lines = rest
                .trim_end()
                .lines()
                .filter(|line| !line.contains("MiB of memory were taken"));
            (head.to_owned(), lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// The command that a report prints gives the same report of the same case.
#[test]
fn the_printed_command_repeats_a_failure() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_chunkproof"))
        .parent()
        .expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("a path"));
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("expected ones.toml");
    let entry = "[[expect]]\ncases = \"footer/v64-toc-minus-8\"\nresult = \"fail\"\nreason = \"r\"\n";
    fs::write(&file, entry).expect("a file");
    let expect = file.to_str().expect("UTF-8");
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let aborts = format!("python3 '{miniatures}/some_unsupported.py'");
    for (adapter, options, case, words) in [
        (
            "python3 hangs.py",
            &["--timeout", "4.5"][..],
            "-toc-minus-8",
            "--timeout 4.5",
        ),
        (
            "python3 eats.py",
            &["--memory", "200MiB", "--timeout", "60"],
            "-toc-minus-8",
            "--memory 209715200",
        ),
        (
            "python3 aborts.py",
            &["--expect", expect, "--timeout", "60"],
            "-toc-minus-8",
            "expected ones.toml'",
        ),
        (
            "python3 right.py",
            &["--expect", expect, "--ignore-limits"],
            "-toc-minus-8",
            "--ignore-limits",
        ),
        ("python3 undecided.py", &["--jobs", "2"], "-toc-above-limit", "--jobs 2"),
        (
            "python3 every_second.py",
            &["--jobs", "1"],
            "-toc-above-limit",
            "--jobs 1",
        ),
        (&aborts, &["--blind"], "-tar-split-plus-8", "--blind"),
    ] {
        let fixed = ["run", "--impl", adapter, "--only", CASES];
        let report = text(chunkproof(&[&fixed, options].concat()).stdout);
        let blocks_of_run = blocks(&report);
        let about = format!("footer/v64{case}:");
        let (head, block) = blocks_of_run
            .iter()
            .find(|(head, _)| head.contains(&about))
            .unwrap_or_else(|| panic!("{adapter}: {report}"));
        let repeat = block.lines().find_map(|line| line.trim().strip_prefix("repeat"));
        let repeat = repeat.expect("a command").trim();
        assert!(repeat.contains(words), "{repeat}");
        let again = std::process::Command::new("sh")
            .args(["-c", repeat])
            .current_dir(miniatures)
            .env("PATH", &path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("CLICOLOR_FORCE")
            .output()
            .expect("a shell");
        assert_eq!(again.status.code(), Some(1), "{repeat}");
        let again = blocks(&text(again.stdout));
        assert_eq!(again.get(head), Some(block), "{repeat}");
    }
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
        ("sleep 1000", "did not answer hello in 1 s"),
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
    for (list, miniature, exit, standing) in [
        (entry(aborting, "crash"), "aborts.py", 0, "expected"),
        (entry("footer/*-toc-minus-8", "crash"), "aborts.py", 0, "expected"),
        (entry(aborting, "fail"), "aborts.py", 1, "unexpected"),
        (entry(aborting, "crash"), "right.py", 1, "expectation-not-met"),
        (
            entry(aborting, "crash") + &entry("toc/no-such-case", "fail"),
            "aborts.py",
            1,
            "expected",
        ),
        (String::new(), "aborts.py", 1, "unexpected"),
        (String::new(), "right.py", 0, "plain"),
    ] {
        fs::write(&file, &list).expect("a file");
        let (_, code, report) = run(miniature, &["--expect", file_name, "--timeout", "60"]);
        let mut results = report["results"].as_array().expect("results").iter();
        let result = results.find(|result| result["case"] == aborting).expect("the case");
        assert_eq!(
            (code, &result["standing"]),
            (Some(exit), &Value::from(standing)),
            "{miniature}: {list}"
        );
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
