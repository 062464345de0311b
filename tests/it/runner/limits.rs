//! Limits of time and memory, and processes that are left behind.

use std::{fs, time::Instant};

use serde_json::Value;

use crate::miniatures::{CASES, chunkproof, text};

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
