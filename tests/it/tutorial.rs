//! `docs/adapter-tutorial.md` is followed step by step: its files are written, its commands run, and what they print is compared.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::root;

/// A step of the tutorial.
enum Step<'a> {
    /// Writes a file.
    File(&'a str, &'a str),
    /// Runs the commands of a console in a folder.
    Run(&'a str, &'a str),
}

/// The steps in their order. Each is a comment that says what it is, and a block of code.
fn steps(text: &str) -> Vec<Step<'_>> {
    let blocks = text.split("\n<!-- ").skip(1).map(|rest| {
        let (what, rest) = rest.split_once(" -->\n```").expect("a block after each comment");
        let (_, block) = rest.split_once('\n').expect("a language");
        let (block, _) = block.split_once("```").expect("the end of the block");
        match what.split_once(' ') {
            Some(("file", path)) => Step::File(path, block),
            Some(("run", folder)) => Step::Run(folder, block),
            None if what == "run" => Step::Run(".", block),
            _ => panic!("no step: {what}"),
        }
    });
    blocks.collect()
}

/// What the shell prints, as a user sees it.
fn console(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_chunkproof")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("a path"));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", path)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("text")
}

/// Whether lines are as they are shown, where a line of three dots stands for any number of them.
fn fits(printed: &[&str], shown: &[&str]) -> bool {
    match (printed, shown) {
        (_, [dots, rest @ ..]) if dots.trim() == "..." => (0..=printed.len()).any(|at| fits(&printed[at..], rest)),
        ([line, printed @ ..], [expected, shown @ ..]) => line == expected && fits(printed, shown),
        (printed, shown) => printed.is_empty() && shown.is_empty(),
    }
}

#[test]
fn each_step_of_the_tutorial_prints_what_it_shows() {
    let text = fs::read_to_string(root().join("docs/adapter-tutorial.md")).expect("the tutorial");
    let folder = tempfile::tempdir().expect("a folder");
    let mut commands = 0;
    for step in steps(&text) {
        match step {
            Step::File(path, content) => {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, content).expect("a file");
            }
            Step::Run(place, block) => {
                for part in block.strip_prefix("$ ").expect("a command").split("\n$ ") {
                    let (command, shown) = part.split_once('\n').expect("a line");
                    let printed = console(command, &folder.path().join(place));
                    let (lines, expected): (Vec<&str>, Vec<&str>) =
                        (printed.lines().collect(), shown.lines().collect());
                    assert!(
                        fits(&lines, &expected),
                        "{command} prints\n{printed}\nthe tutorial shows\n{shown}"
                    );
                    commands += 1;
                }
            }
        }
    }
    assert_eq!(commands, 8);
}

#[test]
fn three_dots_stand_for_any_lines() {
    for (shown, expected) in [
        (&["a", "b", "c"][..], true),
        (&["a", "  ...", "c"], true),
        (&["...", "b", "...", "c", "..."], true),
        (&["a", "..."], true),
        (&["a", "...", "b"], false),
        (&["a", "b"], false),
        (&[], false),
    ] {
        assert_eq!(fits(&["a", "b", "c"], shown), expected, "{shown:?}");
    }
}
