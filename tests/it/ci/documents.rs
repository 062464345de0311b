//! `docs/ci.md`: every example is read, and every command in it runs.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use saphyr::{LoadableYamlNode, YamlOwned};

use super::{
    action::{link_program, stub, stub_cargo},
    entry,
};
use crate::support::root;

fn document() -> String {
    fs::read_to_string(root().join("docs/ci.md")).expect("the document")
}

/// The blocks of code in this language.
fn blocks(language: &str) -> Vec<String> {
    let document = document();
    let start = format!("```{language}\n");
    let blocks = document.split(&start).skip(1);
    blocks
        .map(|rest| rest.split("```").next().expect("a block").to_owned())
        .collect()
}

fn yaml(name: &str) -> YamlOwned {
    let mut blocks = blocks("yaml").into_iter();
    let block = blocks.find(|block| block.starts_with(&format!("# {name}\n")));
    YamlOwned::load_from_str(&block.expect("the example"))
        .expect("YAML")
        .remove(0)
}

/// What the steps of a job have under a key.
fn of_steps(job: &YamlOwned, key: &str) -> Vec<String> {
    let steps = job["steps"].as_sequence().expect("steps").iter();
    let values = steps.filter_map(|step| step.as_mapping_get(key));
    values.map(|value| value.as_str().expect("text").to_owned()).collect()
}

fn strings(node: &YamlOwned) -> Vec<String> {
    let nodes = node.as_sequence().expect("a list").iter();
    nodes.map(|node| node.as_str().expect("text").to_owned()).collect()
}

/// A project with an adapter, its list, and a file of results in which one is not as expected.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    for (from, to) in [("aborts.py", "adapter.py"), ("base.py", "base.py")] {
        fs::copy(root().join("tests/miniatures").join(from), here.join(to)).expect("a copy");
    }
    let bin = here.join("bin");
    fs::create_dir(&bin).expect("a folder");
    stub_cargo(&bin);
    link_program(&bin);
    stub(&bin, "git", "#!/bin/sh\necho \"$@\" >>\"${0%/*}/git.log\"\n");
    folder
}

fn shell(line: &str, folder: &Path, variables: &[(&str, &str)]) -> Output {
    let path = format!(
        "{}:{}",
        folder.join("bin").display(),
        std::env::var("PATH").expect("a path")
    );
    Command::new("sh")
        .args(["-ec", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary"))
        .envs(variables.iter().copied())
        .output()
        .expect("a shell")
}

fn succeeds(line: &str, folder: &Path, variables: &[(&str, &str)]) {
    let output = shell(line, folder, variables);
    let all = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&all));
}

/// Writes the list that the document says how to write.
fn bless(folder: &Path) {
    let document = document();
    let line = document
        .lines()
        .find(|line| line.contains("--bless` |"))
        .expect("a row");
    succeeds(line.split('`').nth(1).expect("a command"), folder, &[]);
    let list = fs::read_to_string(folder.join("expected.toml")).expect("the list");
    let crash = entry("footer/v64-toc-minus-8", "crash").replace("known", "to be explained");
    assert!(list.contains(&crash), "{list}");
}

#[test]
fn the_commands_of_the_table_run() {
    let folder = project();
    let here = folder.path();
    let document = document();
    let rows = document.lines().filter(|line| line.contains("| `chunkproof run "));
    let mut seen = 0;
    for row in rows {
        let line = row.split('`').nth(1).expect("a command");
        let output = shell(line, here, &[]);
        // All is as expected, so that nothing is to be repeated.
        let code = if line.contains("--failed") { 4 } else { 0 };
        assert_eq!(
            output.status.code(),
            Some(code),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        if line.contains("--quiet") {
            assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 2);
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn the_list_that_is_shown_is_one() {
    let folder = project();
    let list = blocks("toml").remove(0);
    fs::write(folder.path().join("expected.toml"), &list).expect("a file");
    let output = shell(
        "chunkproof run --impl 'python3 adapter.py' --only 'footer/v64' --expect expected.toml --quiet",
        folder.path(),
        &[],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let keys = ["cases", "result", "reason", "link", "sometimes"];
    for key in keys {
        assert!(document().contains(&format!("| `{key}` | ")), "{key}");
    }
}

#[test]
fn the_workflow_of_github_uses_the_action_as_it_is() {
    let workflow = yaml(".github/workflows/chunkproof.yml");
    let job = &workflow["jobs"]["chunkproof"];
    assert_eq!(of_steps(job, "uses"), ["actions/checkout@v4", "./.chunkproof"]);
    let folder = project();
    for line in of_steps(job, "run") {
        succeeds(&line, folder.path(), &[]);
    }
    let log = fs::read_to_string(folder.path().join("bin/git.log")).expect("the log");
    assert!(log.starts_with("clone ") && log.ends_with(" .chunkproof\n"), "{log}");
    let action = fs::read_to_string(root().join("action.yml")).expect("the action");
    let action = YamlOwned::load_from_str(&action).expect("YAML").remove(0);
    let steps = job["steps"].as_sequence().expect("steps");
    let given = steps.last().expect("a step")["with"].as_mapping().expect("inputs");
    for name in given.keys() {
        let name = name.as_str().expect("a name");
        assert!(action["inputs"][name].is_mapping(), "the action has no input {name}");
    }
}

#[test]
fn the_parts_of_github_make_one_file() {
    let workflow = yaml(".github/workflows/chunkproof-parts.yml");
    let folder = project();
    let here = folder.path();
    bless(here);
    let jobs = &workflow["jobs"];
    let parts = jobs["part"]["strategy"]["matrix"]["part"]
        .as_sequence()
        .expect("parts")
        .clone();
    for part in &parts {
        let part = part.as_integer().expect("a number").to_string();
        for line in of_steps(&jobs["part"], "run") {
            succeeds(&line.replace("${{ matrix.part }}", &part), here, &[]);
        }
    }
    for line in of_steps(&jobs["whole"], "run") {
        succeeds(&line, here, &[]);
    }
    assert!(here.join("results.json").is_file());
    let summary = fs::read_to_string(here.join("summary")).expect("the summary");
    assert!(summary.contains("miniature"), "{summary}");
}

#[test]
fn the_job_of_gitlab_runs() {
    let job = &yaml(".gitlab-ci.yml")["chunkproof"];
    let folder = project();
    let here = folder.path();
    bless(here);
    let parts = job["parallel"].as_integer().expect("a number");
    let total = parts.to_string();
    for part in 1..=parts {
        let part = part.to_string();
        for line in strings(&job["script"]) {
            succeeds(&line, here, &[("CI_NODE_INDEX", &part), ("CI_NODE_TOTAL", &total)]);
        }
        assert!(here.join(format!("part-{part}.json")).is_file());
    }
}

#[test]
fn the_makefile_works() {
    let folder = project();
    let here = folder.path();
    fs::write(here.join("Makefile"), blocks("make").remove(0)).expect("a file");
    fs::write(here.join("expected.toml"), "").expect("a file");
    let make = |target: &str| shell(&format!("make {target}"), here, &[]).status.success();
    assert!(!make("conformance") && !make("failed"));
    assert!(make("bless") && make("conformance"));
}

/// The release that is installed is this one, from the address of the repository.
#[test]
fn the_examples_install_this_release() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let repository = manifest.lines().find_map(|line| line.strip_prefix("repository = "));
    let repository = repository.expect("the address").trim_matches('"');
    let release = concat!("v", env!("CARGO_PKG_VERSION"));
    let document = document();
    let installing = document
        .lines()
        .filter(|line| line.contains("cargo install") || line.contains("git clone"));
    let mut seen = 0;
    for line in installing {
        assert!(line.contains(repository) && line.contains(release), "{line}");
        assert!(line.contains("git clone") || line.contains("--locked"), "{line}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}
