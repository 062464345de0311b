//! `scripts/changelog` and `scripts/address`, in scratch repositories, and `scripts/survey`.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{clients::succeed, support::root};

pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.org"]);
    succeed(command.args(arguments).current_dir(folder));
}

pub(crate) fn commit(folder: &Path, tag: &str) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", tag]);
    git(folder, &["tag", tag]);
}

/// A repository with copies of these files of ours.
pub(crate) fn repository(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(root().join(file), to).expect("a copy");
    }
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "--all"]);
    folder
}

pub(crate) fn run(folder: &Path, script: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(folder.join(script));
    command
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the script starts")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes a set of cases of one operation, with what is asked in each and its title.
fn write(folder: &Path, cases: &[(&str, &str, &str)], tombstones: &Value) {
    let vectors = folder.join("vectors");
    fs::create_dir_all(&vectors).expect("a folder");
    let index: Vec<Value> = cases.iter().map(|(id, ..)| json!({"id": id, "op": "a/b"})).collect();
    let file = cases
        .iter()
        .map(|(id, input, title)| json!({"id": id, "input": input, "title": title}));
    let file = json!({"schema": 1, "op": "a/b", "cases": file.collect::<Vec<_>>()});
    for (name, value) in [
        ("index.json", &Value::from(index)),
        ("a-b.json", &file),
        ("tombstones.json", tombstones),
    ] {
        fs::write(vectors.join(name), value.to_string()).expect("a file");
    }
}

#[test]
fn the_changelog_lists_what_was_added_changed_and_retired() {
    let folder = repository(&["scripts/changelog"]);
    let here = folder.path();
    write(
        here,
        &[("a/old", "1", "t"), ("a/same", "1", "t"), ("a/other", "1", "t")],
        &json!([]),
    );
    commit(here, "v1");
    let cases = [
        ("a/new", "1", "t"),
        ("a/same", "1", "another title"),
        ("a/other", "2", "t"),
    ];
    write(
        here,
        &cases,
        &json!([{"id": "a/old", "reason": "wrong", "replaced_by": "a/new"}]),
    );
    let expected = "### Added\n\n- Cases of `a/b` (1): `a/new`\n\n\
                    ### Changed\n\n- Cases of `a/b` (1): `a/other`\n\n\
                    ### Removed\n\n- Cases of `a/b` (1): `a/old` (use `a/new`)\n\n";
    assert_eq!(text(&run(here, "scripts/changelog", &["v1"]).stdout), expected);
    commit(here, "v2");
    assert_eq!(text(&run(here, "scripts/changelog", &["v1", "v2"]).stdout), expected);
    assert_eq!(text(&run(here, "scripts/changelog", &["v2"]).stdout), "");

    write(here, &cases, &json!([]));
    let output = run(here, "scripts/changelog", &["v1"]);
    assert!(!output.status.success());
    assert_eq!(
        text(&output.stderr),
        "error: retired without a row in tombstones.json: a/old\n"
    );
}

#[test]
fn the_address_is_replaced_everywhere_from_one_place() {
    let manifests = [
        "Cargo.toml",
        "vectors/go.mod",
        "vectors/package.json",
        "vectors/pyproject.toml",
        "docs/vectors.md",
    ];
    let folder = repository(&[&["scripts/address"][..], &manifests].concat());
    let here = folder.path();
    let address = |arguments: &[&str]| run(here, "scripts/address", arguments);
    let before = text(&address(&[]).stdout);
    let before = before.trim();
    for wrong in ["https://example.org/a", "example.org", "example.org/a b"] {
        assert_eq!(address(&[wrong]).status.code(), Some(2), "{wrong}");
    }
    assert!(address(&["example.org/some/where"]).status.success());
    assert_eq!(text(&address(&[]).stdout), "example.org/some/where\n");
    assert!(address(&["--check"]).status.success());
    for manifest in manifests {
        let content = fs::read_to_string(here.join(manifest)).expect("the file");
        assert!(
            content.contains("example.org/some/where") && !content.contains(before),
            "{manifest}"
        );
    }
    assert!(address(&["host.invalid/chunkproof"]).status.success());
    assert!(!address(&["--check"]).status.success());
}

/// A good tar is written and read; one that is cut short is refused, which nothing explains.
#[test]
fn a_survey_counts_what_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let tars = folder.path().join("some tars");
    fs::create_dir(&tars).expect("a folder");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(3000);
    tar.append_data(&mut header, "file", &[7; 3000][..]).expect("an entry");
    let good = tar.into_inner().expect("a tar");
    fs::write(tars.join("good.tar"), &good).expect("a file");
    let survey = || {
        let mut command = Command::new(root().join("scripts/survey"));
        command.args(["--writer", "chunkproof", "--program", env!("CARGO_BIN_EXE_chunkproof")]);
        command.arg(folder.path()).output().expect("the script starts")
    };
    let output = survey();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.starts_with("Tars: 1. Writers: 1.\n"), "{table}");
    assert!(table.contains("| some tars | 1 | all |"), "{table}");

    fs::write(tars.join("cut.tar"), &good[..1000]).expect("a file");
    let output = survey();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(
        table.contains("| some tars | 2 | 1, 1 not written, 0 refused |"),
        "{table}"
    );
    let row = table.lines().find(|line| line.contains("TAR-04")).unwrap_or_default();
    assert!(row.starts_with("| chunkproof | write | TAR-04 |"), "{table}");
    assert!(
        row.ends_with("| 1 | some tars/cut.tar | **not explained** |"),
        "{table}"
    );
}
