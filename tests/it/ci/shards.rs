//! Parts of a run, merged.

use std::fs;

use super::{path, run};
use crate::miniatures::{chunkproof, text};

/// The parts of a run by themselves, and one run of all: every result is the same.
#[test]
fn merged_parts_are_what_one_run_records() {
    let scratch = tempfile::tempdir().expect("a folder");
    let at = |name: &str| path(scratch.path(), name);
    for (implementation, options) in [
        // Choices in conflict, twins that are not accepted, crashes, and operations that do not apply.
        ("python3 undecided.py", &["--only", "{footer,annotations}/*"][..]),
        ("python3 no_twin.py", &["--op", "footer/parse", "--not-tag", "boundary"]),
        ("python3 aborts.py", &["--only", "footer/v64*"]),
        ("zstd-chunked", &["--only", "{footer,annotations,toc}/*"]),
    ] {
        let record = |name: &str, more: &[&str]| {
            let fixed = [
                "run",
                "--impl",
                implementation,
                "--timeout",
                "60",
                "--quiet",
                "--record",
                &at(name),
            ];
            let output = chunkproof(&[&fixed[..], options, more].concat());
            (output.status.code(), text(output.stderr))
        };
        let (code, _) = record("one.json", &[]);
        let mut codes = Vec::new();
        for part in ["1", "2", "3"] {
            let (code, stderr) = record(&format!("{part}.json"), &["--shard", &format!("{part}/3")]);
            assert!(code == Some(0) || code == Some(1), "{stderr}");
            codes.push(code);
        }
        // What is wrong in the whole is wrong in a part.
        assert_eq!(codes.iter().max(), Some(&code), "{implementation}");
        let merge = [
            "merge",
            &at("3.json"),
            &at("1.json"),
            &at("2.json"),
            "-o",
            &at("merged.json"),
        ];
        let output = chunkproof(&merge);
        assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
        let read = |name: &str| fs::read_to_string(at(name)).expect("a file");
        assert_eq!(read("merged.json"), read("one.json"), "{implementation}");
    }
}

/// A job has nothing to do where there are fewer cases than jobs, and `merge` needs its results all the same.
#[test]
fn a_part_may_be_empty() {
    let scratch = tempfile::tempdir().expect("a folder");
    let at = |name: &str| path(scratch.path(), name);
    for part in ["1", "2"] {
        let shard = format!("{part}/2");
        let output = run(
            "right",
            &["--only", "footer/v64", "--shard", &shard, "--record", &at(part)],
        );
        assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
    }
    run("right", &["--only", "footer/v64", "--record", &at("one")]);
    let output = chunkproof(&["merge", &at("1"), &at("2"), "-o", "-"]);
    assert_eq!(text(output.stdout), fs::read_to_string(at("one")).expect("a file"));
    // What applies to no part is what applies to nothing.
    let output = run("one_dialect", &["--only", "footer/v64", "--shard", "1/2"]);
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn what_are_not_the_parts_of_one_run_is_not_merged() {
    let scratch = tempfile::tempdir().expect("a folder");
    let at = |name: &str| path(scratch.path(), name);
    let record = |name: &str, miniature: &str, options: &[&str]| {
        run(
            miniature,
            &[options, &["--only", "footer/v64*", "--record", &at(name)]].concat(),
        );
        fs::read_to_string(at(name)).expect("a file")
    };
    record("whole", "right", &[]);
    let first = record("1", "right", &["--shard", "1/2"]);
    let second = record("2", "right", &["--shard", "2/2"]);
    record("1-of-3", "right", &["--shard", "1/3"]);
    record("2-of-3", "right", &["--shard", "2/3"]);
    record("other-cases", "right", &["--shard", "2/2", "--not-tag", "boundary"]);
    record("other-ops", "one_dialect", &["--shard", "2/2"]);
    record("stopped", "aborts", &["--shard", "2/2", "--fail-fast"]);
    record("stopped", "aborts", &["--shard", "1/2", "--fail-fast"]);
    let version = second.replacen("\"version\": \"1\"", "\"version\": \"2\"", 1);
    fs::write(at("other-version"), version).expect("a file");
    let twice = first.replacen("\"number\": 1", "\"number\": 2", 1);
    fs::write(at("twice"), twice).expect("a file");
    let incomplete = second.replacen("\"shard\"", "\"incomplete\": true,\n  \"shard\"", 1);
    fs::write(at("incomplete"), incomplete).expect("a file");
    for (parts, message) in [
        (&["1"][..], "the run has 2 parts, and these are missing: 2/2"),
        (&["1-of-3", "2-of-3"], "these are missing: 3/3"),
        (&["1", "1"], "this is part 1 of 2, as "),
        (&["1", "2", "2"], "this is part 2 of 2, as "),
        (
            &["whole"],
            "these results are of a whole run, expected a part of one (run --shard)",
        ),
        (&["1", "2-of-3"], "the number of parts differs from that in "),
        (
            &["1", "other-cases"],
            "the set of cases of the whole run differs from that in ",
        ),
        (
            &["1", "other-version"],
            "the version of the implementation differs from that in ",
        ),
        (
            &["1", "other-ops"],
            "what the implementation declares differs from that in ",
        ),
        (&["1", "twice"], "is in another part as well"),
        (
            &["1", "incomplete"],
            "results are missing, since the run ended early; run this part again",
        ),
        (&["1", "no-such-part"], "no-such-part: No such file"),
    ] {
        let out = at("out");
        let files: Vec<String> = parts.iter().map(|part| at(part)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let output = chunkproof(&[&["merge", "-o", &out], &files[..]].concat());
        let stderr = text(output.stderr);
        assert_eq!(output.status.code(), Some(2), "{parts:?}");
        assert!(
            stderr.contains(message) && stderr.lines().count() == 1,
            "{parts:?}: {stderr}"
        );
        assert!(fs::metadata(&out).is_err(), "{parts:?}");
    }
    let output = chunkproof(&["merge", &at("1"), &at("2"), "-o", &at("2")]);
    assert_eq!(output.status.code(), Some(2));
    for shard in ["0/3", "4/3", "1"] {
        assert_eq!(run("right", &["--shard", shard]).status.code(), Some(2), "{shard}");
    }
}
