//! The reports of findings in `docs/reports`, and `scripts/reports`, which runs their reproducers.
//!
//! The reproducers themselves run at night: they need the network, and modules of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{
    scripts::{repository, text},
    support::root,
};

/// Each is what a reproducer of one kind needs.
const MANIFESTS: &[&str] = &["go.mod", "Cargo.toml", "package.json", "requirements.txt"];

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/reports")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_dir()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The names of all reports.
pub(crate) fn names() -> BTreeSet<String> {
    folders().iter().map(|folder| name(folder)).collect()
}

#[test]
fn each_report_says_what_its_readers_need() {
    for folder in folders() {
        let report = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(report.starts_with("# "), "{}", folder.display());
        for part in [
            "\n| implementation | ",
            "\n| versions | ",
            "\n| severity | `",
            "\n| who controls the input | ",
            "\n| cases | ",
            "\n## Reproduce\n",
            "\n## Cause\n",
            "\n## Repair\n",
        ] {
            assert!(report.contains(part), "{}: {part:?}", folder.display());
        }
        let manifests = MANIFESTS.iter().filter(|manifest| folder.join(manifest).is_file());
        assert_eq!(manifests.count(), 1, "{}", folder.display());
    }
}

/// A folder is sent as it is, so it has what it shares with others, and this is the same everywhere.
#[test]
fn copies_of_shared_files_are_equal() {
    let mut known: BTreeMap<String, (PathBuf, String)> = BTreeMap::new();
    let mut copies = 0;
    for folder in folders() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = name(&path);
            if !name.ends_with("_test.go") || name == "report_test.go" {
                continue;
            }
            let content = fs::read_to_string(&path).unwrap();
            let (first, expected) = known.entry(name).or_insert_with(|| (path.clone(), content.clone()));
            assert!(
                *expected == content,
                "{} differs from {}",
                path.display(),
                first.display()
            );
            copies += 1;
        }
    }
    assert!(copies > known.len() && known.len() == 4, "{:?}", known.keys());
}

/// Runs the script with reports of Go, and a `go` that does this.
fn run(go: &str, arguments: &[&str]) -> Output {
    let folder = repository(&["scripts/reports"]);
    let here = folder.path();
    for report in ["first", "second"] {
        let report = here.join("docs/reports").join(report);
        fs::create_dir_all(&report).unwrap();
        fs::write(report.join("README.md"), "# A report\n").unwrap();
        let module = "module a\n\nrequire example.org/b v1.0.0\n\nrequire example.org/c v1.0.0 // indirect\n";
        fs::write(report.join("go.mod"), module).unwrap();
    }
    let program = here.join("bin/go");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, format!("#!/bin/sh\n{go}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = env::join_paths(
        [here.join("bin")]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new(here.join("scripts/reports"));
    command.args(arguments).env("PATH", path.unwrap()).current_dir(here);
    command.output().unwrap()
}

#[test]
fn a_run_tells_what_is_shown_what_is_repaired_and_what_did_not_run() {
    for (go, arguments, said, code) in [
        (
            "exit 0",
            &[][..],
            "shown     first\nshown     second\n2 shown, 0 repaired, 0 not run\n",
            0,
        ),
        (
            "exit 0",
            &["second"],
            "shown     second\n1 shown, 0 repaired, 0 not run\n",
            0,
        ),
        (
            "echo 'x_test.go:1: repaired: it ends'; exit 1",
            &["first"],
            "repaired  first\n    x_test.go:1: repaired: it ends\n0 shown, 1 repaired, 0 not run\n",
            1,
        ),
        (
            "echo 'no such module'; exit 1",
            &["first"],
            "not run   first\n    no such module\n0 shown, 0 repaired, 1 not run\n",
            1,
        ),
        (
            // The last test of a module that is repaired in part.
            "case $PWD in *second) echo 'repaired: a part'; exit 1;; esac",
            &[],
            "shown     first\nrepaired  second\n    repaired: a part\n1 shown, 1 repaired, 0 not run\n",
            1,
        ),
        (
            // Modules that others require follow from those.
            "echo \"$@\"; [ \"$1\" != test ]",
            &["--newest", "first"],
            "not run   first\n    get example.org/b@latest\n    mod tidy\n    test -count=1 -v .\n\
             0 shown, 0 repaired, 1 not run\n",
            1,
        ),
    ] {
        let output = run(go, arguments);
        assert_eq!(
            (text(&output.stdout), output.status.code()),
            (said.to_owned(), Some(code)),
            "{go}"
        );
    }
}

#[test]
fn a_name_that_is_none_is_an_error() {
    let output = run("exit 0", &["third"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "there is no report third; the reports are: first second\n"
    );
}

#[test]
fn the_script_knows_all_reports() {
    let output = Command::new(root().join("scripts/reports"))
        .arg("--list")
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout).lines().map(str::to_owned).collect::<BTreeSet<_>>(),
        names()
    );
}
