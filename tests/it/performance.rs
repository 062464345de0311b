//! What `docs/performance.md` names can be run: the commands of its tables by the program, and those of cargo by the gate.

use std::{
    fs,
    process::{Command, Output},
};

use crate::support::{chunkproof_in, root};

fn document() -> String {
    fs::read_to_string(root().join("docs/performance.md")).unwrap()
}

fn runs(output: &Output, what: &str) {
    assert!(
        output.status.success(),
        "{what}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The files have the names that they have in the table.
#[test]
fn the_commands_of_the_table_work() {
    let folder = tempfile::tempdir().unwrap();
    let known = root().join("corpus/known-good/gnulong-skopeo118");
    for name in ["layer.tar.zst", "annotations.json"] {
        fs::copy(known.join(name), folder.path().join(name)).unwrap();
    }
    let run = |line: &str| chunkproof_in(folder.path(), &line.split(' ').collect::<Vec<_>>());
    let rebuild = "reconstruct layer.tar.zst --annotations annotations.json -o layer.tar";
    runs(&run(rebuild), rebuild);
    fs::create_dir(folder.path().join("files")).unwrap();
    let unpacked = Command::new("tar")
        .args(["-x", "-f", "layer.tar", "-C", "files"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    runs(&unpacked, "tar");

    let document = document();
    let lines: Vec<&str> = document
        .lines()
        .filter_map(|row| {
            row.split('|')
                .nth(2)?
                .trim()
                .strip_prefix("`chunkproof ")?
                .strip_suffix('`')
        })
        .collect();
    let mut seen = Vec::new();
    // The integration tests run all vectors elsewhere.
    for line in lines.iter().filter(|line| !line.starts_with("run ")) {
        runs(&run(line), line);
        seen.extend(line.split(' ').next());
    }
    assert_eq!(
        seen,
        [
            "verify",
            "reconstruct",
            "index",
            "inspect",
            "write",
            "write",
            "tarsplit",
            "tarsplit"
        ]
    );
    for selection in lines
        .iter()
        .filter_map(|line| line.strip_prefix("run --impl reference"))
    {
        let list = format!("list{selection}");
        runs(&run(&list), &list);
    }
}

#[test]
fn the_cargo_commands_are_those_that_run_at_night() {
    let (document, script) = (document(), fs::read_to_string(root().join("scripts/benches")).unwrap());
    let commands: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(
        commands,
        [
            "cargo run --release --manifest-path benches/Cargo.toml",
            "cargo run --release --manifest-path benches/Cargo.toml -- --growth",
            "cargo run --release --manifest-path benches/Cargo.toml -- --scale 0.005 --runs 1 --peer-runs 1",
            "cargo bench --manifest-path benches/Cargo.toml --bench pieces",
        ]
    );
    for command in commands {
        assert!(script.contains(command), "{command}");
    }
}
