//! Results that are kept: written by a run, compared, put side by side, and told as history.
//!
//! Snapshots show a few fixed cases, so that new cases do not change them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::miniatures::{CASES, chunkproof, command, shown, text};
use crate::support::root;
use chunkproof::{
    judge::Outcome,
    results::{KeptResults, Results, results_folders},
    vectors::Bug,
};
use serde_json::{Value, json};

/// Cases of which the made-up results have some.
const TOLD: &str = "{footer/{v64,v56,v56-magic-at-48,v64-magic-at-48},tarsplit/blank-line,disassemble/{end-missing,\
                    gnu-long-name,gnu-name-of-8-gib,header-checksum-wrong,pax-above-1-mib,pax-comment,pax-record-too-long,\
                    pax-record-too-short}}";

fn fixtures() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "results"].iter().collect()
}

fn storage(version: &str) -> String {
    format!("adapters/containers-storage/results/containers-storage-{version}.json")
}

fn tar_split(version: &str) -> String {
    format!("adapters/tar-split/results/tar-split-{version}.json")
}

/// Exit code, stdout and stderr of the program in a folder, with its version left out.
fn seen_in(folder: &Path, arguments: &[&str]) -> String {
    let output = command(arguments).current_dir(folder).output();
    shown(output.expect("the program starts"))
}

fn seen(arguments: &[&str]) -> String {
    seen_in(&fixtures(), arguments)
}

macro_rules! snapshots {
    ($($name:ident: $arguments:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(seen(&$arguments));
        })*
    };
}

snapshots! {
    help_of_compare: ["compare", "--help"];
    help_of_matrix: ["matrix", "--help"];
    compare_better_and_changed: ["compare", &tar_split("v0.11.6"), &tar_split("v0.11.7")];
    compare_worse_and_in_one_only: ["compare", &tar_split("v0.11.7"), &tar_split("v0.11.13")];
    compare_equal: ["compare", &storage("v1.50.1"), &storage("v1.50.1")];
    compare_as_json: ["compare", "--format", "json", &tar_split("v0.11.7"), &tar_split("v0.11.13")];
    matrix_by_op: ["matrix", "--only", TOLD];
    matrix_by_rule: ["matrix", "--only", TOLD, "--by", "rule", "--op", "footer/parse"];
    matrix_by_severity: ["matrix", "--only", TOLD, "--by", "severity"];
    matrix_by_tag: ["matrix", "--only", TOLD, "--by", "tag", "adapters/tar-split/results"];
    matrix_by_case: ["matrix", "--only", TOLD, "--by", "case"];
    matrix_by_bug: ["matrix", "--only", TOLD, "--by", "bug"];
    matrix_in_markdown: ["matrix", "--only", TOLD, "--format", "markdown"];
    matrix_by_case_in_markdown: ["matrix", "--only", TOLD, "--by", "case", "--tag", "history", "--format", "markdown"];
    matrix_as_json: ["matrix", "--only", "footer/{v56,v64}", "--format", "json", &storage("v1.49.0"), &storage("v1.50.1")];
}

/// The file that a run of a miniature keeps.
fn recorded(miniature: &str, folder: &Path) -> String {
    let file = folder.join("recorded.json");
    let spec = format!("python3 {miniature}.py");
    let record = file.to_str().expect("UTF-8");
    chunkproof(&[
        "run", "--impl", &spec, "--only", CASES, "--jobs", "1", "--record", record,
    ]);
    fs::read_to_string(&file).expect("the file")
}

/// The digest is that of the cases, which may get other inputs.
fn without_digest(file: &str) -> String {
    let results: Results = file.parse().expect("results");
    file.replace(&results.set, "sha256:...")
        .replace(&results.asked, "sha256:...")
}

#[test]
fn a_run_keeps_its_results() {
    let folder = tempfile::tempdir().expect("a folder");
    insta::assert_snapshot!("recorded_right", without_digest(&recorded("right", folder.path())));
    insta::assert_snapshot!(
        "recorded_undecided",
        without_digest(&recorded("undecided", folder.path()))
    );
    insta::assert_snapshot!("recorded_crashes", without_digest(&recorded("aborts", folder.path())));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "only the file is left");
}

#[test]
fn a_folder_gets_a_file_for_each_and_nothing_that_differs_from_run_to_run() {
    let scratch = tempfile::tempdir().expect("a folder");
    let record = |folder: &str, jobs: &str| {
        let folder = scratch.path().join(folder);
        let target = format!("{}/", folder.display());
        let output = chunkproof(&["run", "--only", "footer/*", "--jobs", jobs, "--record", &target]);
        assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
        let files = fs::read_dir(&folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path());
        files
            .map(|file| {
                let name = file
                    .file_name()
                    .and_then(|name| name.to_str())
                    .expect("UTF-8")
                    .to_owned();
                (name, fs::read_to_string(&file).expect("the file"))
            })
            .collect::<BTreeSet<_>>()
    };
    let once = record("once", "1");
    let names: Vec<&str> = once.iter().map(|(name, _)| name.as_str()).collect();
    let own = concat!("reference-", env!("CARGO_PKG_VERSION"), ".json");
    assert_eq!(names, [own, "zstd-chunked-0.2.0.json"]);
    assert_eq!(once, record("new/twice", "5"));
}

#[test]
fn what_cannot_be_kept_is_said() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().to_str().expect("UTF-8").to_owned();
    let file = format!("{path}/a.json");
    let below = format!("{path}/no/such/a.json");
    let folder = format!("{path}/");
    let twice = [
        "run",
        "--impl",
        "python3 right.py",
        "--impl",
        "python3 slow.py",
        "--only",
        "footer/v64",
    ];
    for (arguments, message) in [
        ([&twice[..], &["--record", &file]].concat(), "--record names a file"),
        (
            [&twice[..], &["--record", &folder]].concat(),
            "two implementations have the same file name, that of miniature 1",
        ),
        (vec!["run", "--record", &file, "--ignore-limits"], "cannot be used with"),
        (
            vec!["run", "--impl", "reference", "--record", "-"],
            "stdout has the report",
        ),
        (vec!["run", "--impl", "reference", "--record", &below], "not a folder"),
    ] {
        let output = chunkproof(&arguments);
        let stderr = text(output.stderr);
        assert!(output.status.code() == Some(2) && stderr.contains(message), "{stderr}");
    }
    // What does not run has no results, and its own exit code.
    let output = chunkproof(&["run", "--impl", "/bin/true", "--record", &file]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read_dir(&path).expect("the folder").count(), 0, "nothing is left");
}

#[test]
fn reports_are_compared_like_kept_results() {
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("a.json");
    let report = scratch.path().join("report.json");
    let (file, report) = (file.to_str().expect("UTF-8"), report.to_str().expect("UTF-8"));
    let run = [
        "run",
        "--impl",
        "zstd-chunked",
        "--only",
        "footer/*",
        "--record",
        file,
        "--format",
        "json",
    ];
    fs::write(report, chunkproof(&run).stdout).expect("a file");
    let compare = |a: &str, b: &str| chunkproof(&["compare", "--format", "json", a, b]);
    let output = compare(file, report);
    let compared: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(0), "{compared}");
    let kept: Results = fs::read_to_string(file).expect("the file").parse().expect("results");
    assert_eq!(compared["same"], kept.results.len());
    assert!(compared["before"]["set"].is_string() && compared["after"]["set"].is_null());

    let output = compare(report, fixtures().join(storage("v1.49.0")).to_str().expect("UTF-8"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_read_is_one_line_and_exit_code_2() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = |name: &str| scratch.path().join(name).to_str().expect("UTF-8").to_owned();
    let good = fs::read_to_string(fixtures().join(storage("v1.49.0"))).expect("the file");
    let two = chunkproof(&["run", "--only", "footer/v64", "--format", "json"]).stdout;
    let none = chunkproof(&["run", "--impl", "/bin/true", "--only", "footer/v64", "--format", "json"]).stdout;
    for (name, content, message) in [
        ("no.json", b"nothing".to_vec(), "no.json: expected ident"),
        (
            "old.json",
            good.replacen("\"schema\": 0", "\"schema\": 7", 1).into_bytes(),
            "schema 7, expected 0",
        ),
        (
            "more.json",
            good.replacen('{', "{\"time\": 1,", 1).into_bytes(),
            "unknown field `time`",
        ),
        ("two.json", two, "two.json: the report is about 2 implementations"),
        ("none.json", none, "none.json: the report has no results"),
    ] {
        fs::write(path(name), content).expect("a file");
        let output = chunkproof(&["compare", &path(name), &path(name)]);
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(stderr.contains(message) && stderr.lines().count() == 1, "{stderr}");
    }
    let output = chunkproof(&["compare", &path("missing.json"), &path("no.json")]);
    assert_eq!(output.status.code(), Some(2));

    let twice = [storage("v1.49.0"), storage("v1.50.1"), storage("v1.49.0")];
    for (arguments, code, message) in [
        (vec![path("no.json")], 2, "no.json: expected ident"),
        (vec![path("missing.json")], 2, "missing.json: No such file"),
        (twice.to_vec(), 2, "duplicate results of containers-storage v1.49.0"),
        (vec![], 4, "there are no results in adapters/*/results"),
    ] {
        // The first folder has adapters, the second one has none.
        let folder = if arguments.is_empty() {
            scratch.path().to_owned()
        } else {
            fixtures()
        };
        let arguments: Vec<&str> = ["matrix"]
            .into_iter()
            .chain(arguments.iter().map(String::as_str))
            .collect();
        let output = command(&arguments).current_dir(folder).output().expect("it ends");
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(message) && stderr.lines().count() == 1, "{stderr}");
    }
}

/// The matrix of what a run keeps says what the run's own report says, and marks nothing.
#[test]
fn results_of_the_whole_set_are_those_of_this_set() {
    let scratch = tempfile::tempdir().expect("a folder");
    let target = format!("{}/", scratch.path().display());
    let report = chunkproof(&["run", "--impl", "zstd-chunked", "--record", &target, "--format", "json"]).stdout;
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let matrix = |extra: &[&str]| -> Value {
        let arguments = [&["matrix", &target, "--format", "json"], extra].concat();
        serde_json::from_slice(&chunkproof(&arguments).stdout).expect("JSON")
    };
    let whole = matrix(&[]);
    assert_eq!(whole["columns"][0]["same_set"], true);
    let mut counts = report["implementations"][0]["counts"].clone();
    counts
        .as_object_mut()
        .expect("an object")
        .remove(Outcome::Unsupported.name());
    assert_eq!(whole["total"]["cells"][0]["counts"], counts);
    let sum = |table: &Value| -> u64 {
        let rows = table["rows"].as_array().expect("rows").iter();
        rows.map(|row| row["cases"].as_u64().expect("a number")).sum()
    };
    assert_eq!(Some(sum(&whole)), whole["total"]["cases"].as_u64());
    assert_eq!(sum(&matrix(&["--by", "case"])), sum(&whole));
    // A selection is a part of the table and not another set.
    assert_eq!(matrix(&["--op", "footer/parse"])["columns"][0]["same_set"], true);
}

/// The example in `docs/results.md` is a file of results, in the form in which files are written.
#[test]
fn the_documented_example_is_one() {
    let document = include_str!("../../docs/results.md");
    let (_, rest) = document.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let results: Results = example.parse().expect("results");
    assert_eq!(results.text().expect("text"), example);
}

/// What lies beside the adapters is what runs of these adapters wrote, under the names that they gave it.
#[test]
fn results_beside_adapters_are_as_they_were_written() {
    let adapters = root().join("adapters");
    for adapters in [adapters, fixtures().join("adapters")] {
        for (adapter, folder) in results_folders(&adapters).expect("the folders") {
            for kept in KeptResults::read_all(&[folder]).expect("results") {
                let KeptResults { file, results } = kept;
                let text = fs::read_to_string(&file).expect("the file");
                assert_eq!(text, results.text().expect("text"), "{}", file.display());
                assert_eq!(results.name, adapter, "{}", file.display());
                assert!(file.ends_with(results.file_name()), "{}", file.display());
            }
        }
    }
}

/// Names and versions are what implementations say.
#[test]
fn names_cannot_break_out_of_a_table() {
    let scratch = tempfile::tempdir().expect("a folder");
    let good = fs::read_to_string(fixtures().join(storage("v1.49.0"))).expect("the file");
    let hostile = good.replacen("containers-storage", r#"<b>\"&|`*"#, 1);
    let file = scratch.path().join("a.json");
    fs::write(&file, hostile).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let printed = |format: &str| text(chunkproof(&["matrix", "--only", TOLD, "--format", format, file]).stdout);
    let page = printed("html");
    assert!(page.contains(r#"\u003cb>\"&|`*"#) && !page.contains("<b>"), "{page}");
    let document = printed("markdown");
    let heading = document.lines().next().expect("a line");
    assert!(
        heading.contains(r#"\<b>"\&\|\`\*"#) && heading.ends_with(" |"),
        "{heading}"
    );
    let columns = |line: &str| line.replace(r"\|", "").matches('|').count();
    assert!(
        document.lines().take(3).all(|line| columns(line) == columns(heading)),
        "{document}"
    );
}

/// The rows of a document that are about a bug.
fn rows(document: &str, bug: Bug) -> String {
    let start = format!("| `{}`", bug.id());
    document
        .lines()
        .filter(|line| line.starts_with(&start))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn history_is_told_from_results() {
    let scratch = tempfile::tempdir().expect("a folder");
    let document = scratch.path().join("history.md");
    let vectors = root().join("vectors");
    let generate = |arguments: &[&str]| {
        let mut command = command(&["generate", "--cases"]);
        command.arg(root().join("src/cases")).arg("-o");
        command.arg(&vectors).arg("--history").arg(&document).args(arguments);
        let output = command.current_dir(fixtures()).output().expect("it ends");
        (output.status.code(), text(output.stdout))
    };
    let (code, said) = generate(&["--check"]);
    assert!(
        code == Some(1) && said.contains("history.md is missing or has other content"),
        "{said}"
    );
    assert_eq!(generate(&[]).0, Some(0));
    assert_eq!(generate(&["--check"]).0, Some(0));
    let told = fs::read_to_string(&document).expect("the document");
    let (head, _) = told.split_once("\n## Repaired\n").expect("a section");
    let shown = told.lines().filter(|line| line.ends_with("| yes |")).count();
    assert!(
        shown > 0 && head.contains(&format!(" {shown} are shown failing ")),
        "{head}"
    );
    let rows: Vec<String> = [
        Bug("tar-split-extension-limit"),
        Bug("tar-split-no-end"),
        Bug("tar-split-sparse-limit"),
        Bug("storage-footer-magic"),
        Bug("tar-split-pax-length"),
        Bug("estargz-empty-layer"),
        Bug("link-with-size"),
        Bug("storage-missing-parts"),
        Bug("skippable-last"),
    ]
    .into_iter()
    .map(|bug| rows(&told, bug))
    .collect();
    let rows = rows.concat();
    assert!(
        rows.contains("not asked → not asked"),
        "cases that are newer than results"
    );
    insta::assert_snapshot!(without_new_cases(&rows));
    assert!(
        told.contains("cases that have changed since: containers-storage v1.49.0, "),
        "{head}"
    );
    for bug in Bug::all() {
        assert_eq!(rows_of(&told, bug.id()), 1, "{}", bug.id());
    }

    // Without results nothing is shown, and nothing is hidden.
    let nowhere = scratch.path().to_str().expect("UTF-8");
    assert_eq!(generate(&["--check", "--adapters", nowhere]).0, Some(1));
    assert_eq!(generate(&["--adapters", nowhere]).0, Some(0));
    let untold = fs::read_to_string(&document).expect("the document");
    assert!(
        untold.contains(" 0 are shown failing ") && !untold.contains("| yes |"),
        "{untold}"
    );
    // Results of no case are current, and lack all that the release can be asked.
    let results = scratch.path().join("a/results");
    fs::create_dir_all(&results).expect("a folder");
    let nothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let empty = json!({
        "schema": 0, "name": "a", "version": "1", "language": "go", "ops": {"footer/parse": ["g5"]}, "set": nothing,
        "asked": nothing, "choices": {}, "results": {},
    });
    fs::write(results.join("a.json"), empty.to_string()).expect("a file");
    assert_eq!(generate(&["--adapters", nowhere]).0, Some(0));
    let lacking = fs::read_to_string(&document).expect("the document");
    assert!(
        lacking.contains("\nThese results lack cases that are newer: a 1.\n")
            && !lacking.contains("have changed since"),
        "{lacking}"
    );
    // What cannot be read is no result that is missing.
    fs::write(results.join("a.json"), "{}").expect("a file");
    assert_eq!(generate(&["--adapters", nowhere]).0, Some(2));
}

/// Rows without the cases that are newer than the made-up results, of which there can be more at any time.
fn without_new_cases(rows: &str) -> String {
    let groups = |cell: &str| {
        let old = cell
            .split("<br>")
            .filter(|group| !group.starts_with("not asked → not asked"));
        old.collect::<Vec<_>>().join("<br>")
    };
    rows.split(" | ").map(groups).collect::<Vec<_>>().join(" | ")
}

fn rows_of(document: &str, id: &str) -> usize {
    let start = format!("| `{id}`: ");
    document.lines().filter(|line| line.starts_with(&start)).count()
}
