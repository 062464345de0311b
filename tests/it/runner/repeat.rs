//! The command that a report prints for each failure.

use std::{collections::BTreeMap, fs, path::Path};

use crate::miniatures::{CASES, chunkproof, text};

/// The blocks of a report that are about one thing each, by their first lines.
fn blocks(report: &str) -> BTreeMap<String, String> {
    let blocks = report.split("\n\n");
    blocks
        .filter(|block| block.contains("\n  repeat "))
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
    let program = Path::new(env!("CARGO_BIN_EXE_chunkproof")).parent().expect("a folder");
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
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .output()
            .expect("a shell");
        assert_eq!(again.status.code(), Some(1), "{repeat}");
        let again = blocks(&text(again.stdout));
        assert_eq!(again.get(head), Some(block), "{repeat}");
    }
}
