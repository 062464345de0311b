//! What a user sees: reports, lists, help, errors and exit codes.
//!
//! Snapshots show a few fixed cases, so that new cases do not change them. `cargo insta review` shows what changed.

use std::{collections::BTreeSet, fs, process::Stdio};

use crate::miniatures::{CASES, chunkproof, command, shown, text, without_times};

/// Exit code, stdout and stderr of the program, with its version left out.
fn seen(arguments: &[&str]) -> String {
    shown(chunkproof(arguments))
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
    help: ["--help"];
    help_of_run: ["run", "-h"];
    help_of_verify: ["verify", "--help"];
    help_of_explain: ["explain", "--help"];
    help_of_snapshot: ["snapshot", "-h"];
    help_of_add: ["add", "-h"];
    help_of_hunt: ["hunt", "-h"];
    help_of_minimize: ["minimize", "-h"];
    help_of_promote: ["promote", "-h"];
    help_of_replay: ["replay", "--help"];
    table_of_a_hunt: ["hunt", "--impl", "python3 right.py", "--impl", "python3 planted.py", "--op", "footer/parse", "--runs", "10000",
        "--seed", "8", "--jobs", "1"];
    help_of_list: ["list", "--help"];
    list_by_tag_and_dialect: ["list", "--op", "footer/parse", "--tag", "history", "--dialect", "g4", "--verdict", "invalid"];
    list_of_a_profile: ["list", "--op", "footer/parse", "--profile", "interop"];
    list_of_a_class_of_harm: ["list", "--op", "footer/parse", "--dialect", "g4", "--severity", "crash"];
    report_of_a_good_run: ["run", "--impl", "reference", "--impl", "python3 right.py", "--only", CASES];
    report_of_wrong_verdicts: ["run", "--impl", "zstd-chunked", "--expect", "/dev/null", "--only",
        "{footer/v64-toc-minus-8,annotations/tarsplit-position-leading-zero}"];
    report_of_a_wrong_output: ["run", "--impl", "python3 wrong_output.py", "--only", "footer/v64"];
    report_of_a_crash: ["run", "--impl", "python3 aborts.py", "--only", "footer/v64-toc-minus-8"];
    report_of_stale_expectations: ["run", "--impl", "python3 right.py", "--expect", "stale.toml", "--only", CASES];
    report_of_a_protocol_error: ["run", "--impl", "python3 garbage.py", "--only", CASES, "--jobs", "1"];
    report_of_a_choice_conflict: ["run", "--impl", "python3 declares_otherwise.py", "--only", "footer/v64-toc-above-limit"];
    report_of_nothing_accepted: ["run", "--impl", "python3 always_decline.py", "--only", "footer/v64-toc-minus-8"];
    report_of_a_difference_in_a_document: ["run", "--impl", "zstd-chunked", "--expect", "/dev/null", "--only",
        "reconstruct/toc-mode-differs"];
    json_report: ["run", "--impl", "python3 names_rules.py", "--impl", "python3 undecided.py", "--only", CASES,
        "--format", "json", "--jobs", "1"];
    report_of_an_undecided_choice: ["run", "--impl", "python3 undecided.py", "--only", CASES];
    list_of_cases: ["list", "--only", CASES];
    list_as_json: ["list", "--only", "footer/v64", "--format", "json"];
    show_a_valid_case: ["show", "footer/v64"];
    show_an_invalid_case: ["show", "footer/v64-toc-minus-8"];
    show_a_choice: ["show", "footer/v64-toc-above-limit"];
    show_as_json: ["show", "toc/size-negative", "--format", "json"];
    show_a_toc: ["show", "toc/size-negative"];
    show_a_tar_split: ["show", "tarsplit/type-3"];
    show_files: ["show", "assemble/crc-wrong"];
    show_a_tar: ["show", "disassemble/header-checksum-wrong"];
    show_a_blob: ["show", "decompress/checksum-wrong"];
    show_a_layer: ["show", "reconstruct/tar-split-stripped"];
    show_a_tar_to_write: ["show", "write/size-negative"];
    show_annotations: ["show", "annotations/tarsplit-position-plus-8"];
}

#[test]
fn errors_are_one_line_and_have_their_exit_codes() {
    let mut all = String::new();
    for arguments in [
        &["show", "footer/v46"][..],
        &["show", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"],
        &["extract", "footer/v46", "-o", "/tmp"],
        &["extract", "footer/v64", "-o", "/proc/no-such-folder"],
        &["run", "--only", "no/such-case"],
        &["list", "--only", "no/such-case"],
        &["list", "--op", "toc/parse", "--rule", "FTR-01"],
        &["run", "--impl", "reference", "--expect", "/no/such/file"],
        &["run", "--expect", "/dev/null"],
        &["run", "--impl", "python3 nothing_declared.py", "--only", "footer/v64"],
        &["run", "--impl", "zstd-chunked", "--only", "toc/*"],
    ] {
        let output = chunkproof(arguments);
        let stderr = text(output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        let code = output.status.code().expect("an exit code");
        all += &format!("{}\n  {code} {stderr}", arguments.join(" "));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &["no-such-command"][..],
        &["run", "--timeout", "0"],
        &["run", "--timeout", "NaN"],
        &["run", "--jobs", "0"],
        &["run", "--impl", ""],
        &["run", "--impl", "a 'b"],
        &["run", "--only", "a["],
        &["run", "--rule", "FTR-99"],
        &["list", "--op", "footer"],
        &["list", "--tag", "Security"],
        &["list", "--dialect", "g6"],
        &["list", "--verdict", "good"],
        &["adapter", "serve", "nobody"],
    ] {
        let output = chunkproof(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(output.stderr).starts_with("error: "), "{arguments:?}");
    }
}

#[test]
fn the_built_in_implementations_are_as_expected() {
    for arguments in [
        &["run", "--tag", "interop"][..],
        &["run", "--impl", "reference", "--op", "footer/parse"],
    ] {
        let output = chunkproof(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}{}",
            text(output.stdout),
            text(output.stderr)
        );
    }
}

#[test]
fn reports_do_not_depend_on_the_number_of_processes() {
    let report = |jobs| {
        let arguments = ["run", "--tag", "interop", "--format", "json", "--jobs", jobs];
        let report = without_times(text(chunkproof(&arguments).stdout));
        // The command that repeats a failure names the number.
        let lines = report.lines().filter(|line| !line.contains("\"repeat\": "));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(report("1"), report("7"));
}

#[test]
fn filters_of_one_kind_add_and_of_several_kinds_restrict() {
    let ids = |arguments: &[&str]| -> BTreeSet<String> {
        let output = chunkproof(&[&["list"], arguments].concat());
        let lines = text(output.stdout);
        lines
            .lines()
            .filter_map(|line| line.split(' ').next())
            .map(str::to_owned)
            .collect()
    };
    let footer = ids(&["--op", "footer/parse"]);
    let invalid = ids(&["--verdict", "invalid"]);
    let both = ids(&["--op", "footer/parse", "--verdict", "invalid"]);
    assert_eq!(both, footer.intersection(&invalid).cloned().collect());
    let annotations = ids(&["--op", "annotations/parse"]);
    let either = ids(&["--op", "footer/parse", "--op", "annotations/parse"]);
    assert_eq!(either, footer.union(&annotations).cloned().collect());
    let old = ids(&["--dialect", "g1"]);
    assert!(!old.is_empty() && !old.contains("footer/v64") && ids(&["--dialect", "g4"]).contains("footer/v64"));
    let (with, without) = (ids(&["--tag", "resource"]), ids(&["--not-tag", "resource"]));
    assert!(!with.is_empty() && with.is_disjoint(&without));
    assert_eq!(ids(&[]), with.union(&without).cloned().collect());
    assert!(!ids(&["--tag", "security"]).is_empty() && ids(&["--rule", "FTR-02"]).contains("footer/v64"));
}

/// A reader that goes away is no error, and no panic.
#[test]
fn a_closed_stdout_ends_the_program_quietly() {
    for arguments in [
        &["list"][..],
        &["show", "footer/v64"],
        &["completions", "bash"],
        &["--help"],
        &["run", "--impl", "reference", "--op", "footer/parse"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = command(arguments).stdout(writer).stderr(Stdio::piped()).spawn();
        let output = child.and_then(std::process::Child::wait_with_output).expect("it ends");
        let stderr = text(output.stderr);
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let coloured = |arguments: &[&str]| chunkproof(arguments).stdout.contains(&0x1b);
    let list = ["list", "--only", "footer/v64"];
    assert!(!coloured(&list));
    assert!(!coloured(&[&list[..], &["--color", "never"]].concat()));
    assert!(coloured(&[&list[..], &["--color", "always"]].concat()));
}

#[test]
fn extracted_cases_are_plain_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = |id: &str| -> BTreeSet<String> {
        let out = folder.path().join(id);
        let output = chunkproof(&["extract", id, "-o", out.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(0), "{id}: {}", text(output.stderr));
        let entries = fs::read_dir(&out)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name());
        entries.map(|name| name.into_string().expect("UTF-8")).collect()
    };
    for (id, expected) in [
        ("footer/v64", "case.json expected.json tail.bin"),
        ("footer/v64-toc-minus-8", "case.json tail.bin"),
        ("annotations/none", "annotations.json case.json expected.json"),
        (
            "reconstruct/g5-nothing",
            "annotations.json case.json expected.json layer.tar.zst",
        ),
    ] {
        let expected = expected.split(' ').map(str::to_owned).collect();
        assert_eq!(files(id), expected, "{id}");
    }
    let tail = fs::read(folder.path().join("footer/v64/tail.bin")).expect("the tail");
    assert!(tail.len() == 72 && tail.ends_with(b"GNUlInUx"));
}

/// A link in the place of a folder that is made here leads out of the folder that was named.
#[test]
fn extracting_follows_no_link_out_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, elsewhere) = (folder.path().join("out"), folder.path().join("elsewhere"));
    for path in [&out, &elsewhere] {
        fs::create_dir(path).expect("a folder");
    }
    std::os::unix::fs::symlink(&elsewhere, out.join("files")).expect("a link");
    for force in [&[][..], &["--force"]] {
        let arguments = ["extract", "assemble/block-sizes", "-o", out.to_str().expect("UTF-8")];
        let output = chunkproof(&[&arguments[..], force].concat());
        let stderr = text(output.stderr);
        assert!(
            stderr.contains("files is a symbolic link, expected a folder"),
            "{stderr}"
        );
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(fs::read_dir(&elsewhere).expect("the folder").count(), 0);
    }
}

#[test]
fn extracting_does_not_overwrite_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let tail = folder.path().join("tail.bin");
    fs::write(&tail, "mine").expect("a file");
    let refused = chunkproof(&["extract", "footer/v64", "-o", path]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(refused.stderr).contains("tail.bin exists already; --force replaces it"));
    // Nothing is written unless everything can be.
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    assert_eq!(fs::read(&tail).expect("the file"), b"mine");
    let forced = chunkproof(&["extract", "footer/v64", "-o", path, "--force"]);
    assert_eq!(forced.status.code(), Some(0));
    assert_eq!(fs::read(&tail).expect("the file").len(), 72);
}
