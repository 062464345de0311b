//! The reports of a run: each format, files beside the report on stdout, and jobs of GitHub Actions.

use std::{collections::BTreeMap, fs, path::Path, process::Output};

use crate::miniatures::{CASES, chunkproof, command, shown, text, without_times};
use crate::schemas::Values;
use crate::support::{json, root};
use serde_json::Value;

/// A run with passes, a choice, an expected failure, an unexpected one, and one that crashes.
fn run(more: &[&str]) -> Output {
    let fixed = [
        "run",
        "--impl",
        "python3 undecided.py",
        "--impl",
        "python3 aborts.py",
        "--only",
        CASES,
        "--jobs",
        "1",
    ];
    chunkproof(&[&fixed, more].concat())
}

macro_rules! snapshots {
    ($($name:ident: $format:literal;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(shown(run(&["--format", $format])));
        })*
    };
}

snapshots! {
    terminal: "terminal";
    junit: "junit";
    github: "github";
    markdown: "markdown";
    badge: "badge";
}

/// What an adapter writes, when it is shown to a program that acts on it, is text.
#[test]
fn junit_is_read_back_by_another_parser() {
    for (arguments, tests, failures, errors, skipped) in [
        (&["--impl", "python3 undecided.py"][..], 6, 1, 0, 0),
        (&["--impl", "python3 aborts.py"], 6, 0, 1, 0),
        (&["--impl", "python3 always_reject.py"], 6, 2, 0, 2),
        (&["--impl", "python3 right.py", "--expect", "stale.toml"], 7, 2, 0, 0),
        (&["--impl", "/bin/false"], 1, 0, 1, 0),
        (&["--impl", "python3 one_dialect.py"], 6, 0, 0, 6),
    ] {
        let fixed = ["run", "--only", CASES, "--format", "junit"];
        let report = text(chunkproof(&[&fixed, arguments].concat()).stdout);
        let document = roxmltree::Document::parse(&report).expect(&report);
        let suites = document.root_element();
        assert_eq!(suites.tag_name().name(), "testsuites");
        let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        let found = ["testcase", "failure", "error", "skipped"].map(count);
        assert_eq!(found, [tests, failures, errors, skipped], "{report}");
        for (attribute, number) in [("tests", tests), ("failures", failures), ("errors", errors)] {
            assert_eq!(
                suites.attribute(attribute),
                Some(number.to_string().as_str()),
                "{report}"
            );
        }
    }
}

#[test]
fn json_conforms_to_its_schema() {
    let schemas = BTreeMap::from([("report.schema.json", json(root().join("docs/report.schema.json")))]);
    let mut values = Values::of(&schemas);
    for arguments in [
        &["--impl", "python3 undecided.py", "--impl", "python3 aborts.py"][..],
        &["--impl", "python3 always_accept.py", "--impl", "/bin/false"],
        &["--impl", "python3 right.py", "--expect", "stale.toml"],
    ] {
        let fixed = ["run", "--only", CASES, "--format", "json"];
        let report = text(chunkproof(&[&fixed, arguments].concat()).stdout);
        let mut report: Value = serde_json::from_str(&report).expect("JSON");
        values.add("report", report.clone());
        report["unknown"] = Value::Null;
        values.add("report", report);
    }
    values.agree(|index| index % 2 == 0);
    assert_eq!(
        fs::read_to_string(root().join("docs/report.schema.json")).expect("the schema"),
        chunkproof::report::schema().expect("the schema"),
        "run `chunkproof generate`"
    );
}

/// A failure of JSON has what a report needs.
#[test]
fn json_has_everything_about_a_failure() {
    let fixed = ["run", "--only", "footer/v64", "--format", "json"];
    let report = |adapter: &str| {
        let output = chunkproof(&[&fixed[..], &["--impl", adapter]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["implementations"][0]["results"][0].clone()
    };
    let wrong = report("python3 wrong_output.py");
    assert!(
        wrong["milliseconds"].is_u64() && wrong["rules"][0] == "FTR-01",
        "{wrong:#}"
    );
    let failure = &wrong["failure"];
    assert_ne!(failure["expected_output"], failure["actual_output"]);
    assert!(failure["actual_output"].is_object(), "{wrong:#}");
    assert_eq!(
        failure["repeat"],
        "chunkproof run --impl 'python3 wrong_output.py' --only footer/v64"
    );
    let crashed = report("python3 panics.py");
    assert!(!crashed["failure"]["stderr"].as_str().expect("stderr").is_empty());
    assert!(report("python3 right.py")["failure"].is_null());
}

#[test]
fn further_reports_are_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let formats = ["terminal", "json", "junit", "github", "markdown", "html", "badge"];
    let reports: Vec<String> = formats
        .iter()
        .map(|format| format!("{format}={}", place(format).display()))
        .collect();
    let arguments: Vec<&str> = reports.iter().flat_map(|report| ["--report", report]).collect();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    for format in formats {
        let file = fs::read_to_string(place(format)).expect(format);
        if format == "html" {
            assert!(file.starts_with("<!doctype html>") && file.contains("id=\"found-0\""));
            continue;
        }
        let printed = text(run(&["--format", format]).stdout);
        assert_eq!(without_times(file), without_times(printed), "{format}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), formats.len());
}

#[test]
fn what_cannot_be_written_is_said_before_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let twice = format!("json={path}/a");
    for (reports, message) in [
        (vec![format!("json={path}")], "is a folder"),
        (vec![format!("json={path}/no/a")], "not a folder"),
        (vec![twice.clone(), twice], "are the same file"),
        (vec!["json=-".to_owned()], "stdout has the report of --format"),
        (vec!["tap=a".to_owned()], "unknown format \"tap\""),
    ] {
        let arguments: Vec<&str> = reports.iter().flat_map(|report| ["--report", report]).collect();
        let output = run(&arguments);
        let stderr = text(output.stderr);
        assert!(output.status.code() == Some(2) && stderr.contains(message), "{stderr}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(fs::read_dir(path).expect("the folder").count(), 0);
}

/// The output of a run in a job whose summary is this file.
fn in_job(summary: &Path, arguments: &[&str]) -> Output {
    command(&[&["run", "--only", CASES, "--jobs", "1"], arguments].concat())
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", summary)
        .output()
        .expect("the program starts")
}

#[test]
fn a_job_of_github_gets_annotations_and_a_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a file");
    let undecided = ["--impl", "python3 undecided.py"];
    let output = in_job(&summary, &undecided);
    assert_eq!(output.status.code(), Some(1));
    let log = text(output.stdout);
    let commands: Vec<&str> = log.lines().filter(|line| line.starts_with("::")).collect();
    assert!(
        commands.len() == 2 && commands[0].starts_with("::error title=miniature 1%3A 1 x choice-conflict"),
        "{log}"
    );
    assert!(log.starts_with("choice-conflict footer/v64-toc-above-limit"), "{log}");
    let added = fs::read_to_string(&summary).expect("the summary");
    assert!(added.starts_with("before\n## chunkproof: not as expected\n"), "{added}");
    // Programs read the other formats.
    let output = in_job(&summary, &[&undecided[..], &["--format", "json"]].concat());
    serde_json::from_slice::<Value>(&output.stdout).expect("JSON");
    // Neither variable by itself does the other's work.
    let output = command(&["run", "--impl", "reference", "--only", CASES])
        .env("GITHUB_ACTIONS", "true")
        .output()
        .expect("the program starts");
    assert!(text(output.stdout).contains("::notice title="));
    // A summary that cannot be written is an error, and the report is there.
    let output = in_job(&folder.path().join("no/such/file"), &undecided);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(output.stdout).contains("choice-conflict"));
}

/// Nothing that an adapter says is a command to the runner of a job.
#[test]
fn adapters_cannot_command_a_runner() {
    let folder = tempfile::tempdir().expect("a folder");
    let summary = folder.path().join("summary");
    for more in [&[][..], &["--verbose"], &["--format", "github"], &["--color", "always"]] {
        let output = in_job(&summary, &[&["--impl", "python3 commands.py"], more].concat());
        let log = text(output.stdout);
        assert!(log.contains("stop-commands"), "{log}");
        let plain = without_styles(&log);
        for line in plain.lines().filter(|line| line.trim_start().starts_with("::")) {
            let is_ours = line.starts_with("::error title=%3A%3Astop") || line.starts_with("::notice title=%3A%3Astop");
            assert!(is_ours && !line.contains("title=forged::"), "{line}");
        }
        assert!(!plain.lines().any(|line| line.trim_start().starts_with("##[")), "{log}");
    }
}

/// A log without styles.
fn without_styles(log: &str) -> String {
    let mut parts = log.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts
            .map(|part| part.split_once('m').map_or(part, |(_, rest)| rest))
            .collect::<String>()
}

#[test]
fn many_failures_are_a_line_each() {
    let report = |more: &[&str]| {
        let fixed = ["run", "--impl", "python3 always_accept.py", "--op", "footer/parse"];
        text(chunkproof(&[&fixed, more].concat()).stdout)
    };
    let lines = |report: &str| report.lines().filter(|line| line.starts_with("wrong-")).count();
    let blocks = |report: &str| report.lines().filter(|line| line.starts_with("  repeat ")).count();
    let brief = report(&[]);
    let verbose = report(&["--verbose"]);
    let total = lines(&brief);
    assert!(total > 20 && blocks(&brief) == 0, "{brief}");
    assert_eq!((lines(&verbose), blocks(&verbose)), (total, total));
    for (more, shown, full) in [
        (&["--max-failures", "5"][..], 5, 0),
        (&["--max-failures", "5", "--verbose"], 5, 5),
        (&["--max-failures", "0"], 0, 0),
    ] {
        let report = report(more);
        assert_eq!((lines(&report), blocks(&report)), (shown, full), "{more:?}: {report}");
        assert!(report.contains(&format!("... and {} more", total - shown)), "{report}");
    }
    // The end says how it went.
    assert!(
        brief.ends_with(&format!("{total} results are not as expected\n")),
        "{brief}"
    );
}
