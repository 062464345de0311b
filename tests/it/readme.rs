//! Every command of the README does what the README says.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::support::root;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Runs a command line of the README, in which `chunkproof` is the program under test.
fn shell(line: &str, folder: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_chunkproof")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .unwrap()
}

/// A folder with the files that the commands name.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let known = root().join("corpus/known-good/gnulong-skopeo118");
    for name in ["layer.tar.zst", "annotations.json"] {
        fs::copy(known.join(name), dir.path().join(name)).unwrap();
    }
    let kept = root().join("tests/results/adapters/tar-split/results/tar-split-v0.11.7.json");
    for name in ["before.json", "after.json"] {
        fs::copy(&kept, dir.path().join(name)).unwrap();
    }
    for part in ["1", "2"] {
        let options = format!("--only 'footer/*' --shard {part}/2 --record part-{part}.json");
        let output = shell(&format!("chunkproof run --impl reference {options}"), dir.path());
        assert!(output.status.success());
    }
    for name in ["vectors", "docs", "adapters", "src"] {
        std::os::unix::fs::symlink(root().join(name), dir.path().join(name)).unwrap();
    }
    dir
}

/// How many files there are in a folder.
fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn the_examples_of_commands_work() {
    let dir = folder();
    let mut seen = 0;
    for row in readme()
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains("| `chunkproof "))
    {
        let example = row.split('|').nth(3).unwrap().trim().trim_matches('`').to_owned();
        let before = files(dir.path());
        let output = shell(&example, dir.path());
        // A hunt that finds something says so.
        let found = example.starts_with("chunkproof hunt ") && output.status.code() == Some(1);
        assert!(
            output.status.success() || found,
            "{example}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stdout.is_empty() || files(dir.path()) > before, "{example}");
        seen += 1;
    }
    assert_eq!(seen, 22, "a command has no example");
}

#[test]
fn the_adapter_works() {
    let text = readme();
    let adapter = text.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let protocol = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    assert!(
        protocol.contains(adapter),
        "README and docs/protocol.md show different adapters"
    );
    let dir = folder();
    fs::write(dir.path().join("adapter.py"), adapter).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("--impl \"python3 adapter.py\""))
        .unwrap()
        .trim();
    let output = shell(line, dir.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_output_that_is_shown_is_that_of_the_program() {
    let text = readme();
    let mut seen = 0;
    for part in text.split("<!-- output: ").skip(1) {
        let (line, rest) = part.split_once(" -->\n").unwrap();
        let shown: String = rest
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with("    "))
            .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
            .collect();
        let output = shell(line, root());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains(shown.trim_end()), "{line} prints\n{printed}");
        seen += 1;
    }
    assert_eq!(seen, 3);
}

/// What cannot run inside a test is what the gate runs.
#[test]
fn the_cargo_commands_are_those_of_the_gate() {
    let gate = fs::read_to_string(root().join(".ci/run")).unwrap();
    let text = readme();
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("    cargo "))
        .collect();
    assert_eq!(
        commands,
        ["install --locked --path .", "run --release", "test --release"]
    );
    assert!(gate.contains("cargo install --locked --path . "));
    assert!(gate.contains("cargo run --release\n") && gate.contains("cargo test --release ;;\n"));
    for line in ["adapter build", "run --all"] {
        assert!(text.contains(&format!("    chunkproof {line}\n")), "{line}");
        assert!(gate.contains(&format!("cargo run --release -- {line}")), "{line}");
    }
    assert!(text.contains("\n    scripts/fuzz footer\n") && gate.contains("\n  scripts/fuzz footer 5\n"));
}
