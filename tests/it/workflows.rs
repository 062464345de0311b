//! The workflows, hooks and templates can be read, and do what they say.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use crate::{
    clients::succeed,
    scripts::text,
    support::{root, yaml},
};

/// The files of YAML in a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    assert!(!files.is_empty(), "{folder}");
    files
}

#[test]
fn each_job_can_run() {
    for path in files(".github/workflows") {
        let workflow = yaml(&path);
        let path = path.display();
        assert!(workflow["name"].as_str().is_some(), "{path}");
        assert!(workflow["permissions"].as_mapping().is_some(), "{path}");
        for (name, job) in workflow["jobs"].as_mapping().unwrap() {
            assert!(job["runs-on"].as_str().is_some(), "{path}: {name:?}");
            assert!(job["timeout-minutes"].as_integer().is_some(), "{path}: {name:?}");
            for step in job["steps"].as_sequence().unwrap() {
                let actions = ["uses", "run"].iter().filter(|key| step.contains_mapping_key(key));
                assert_eq!(actions.count(), 1, "{path}: {step:?}");
            }
        }
    }
}

/// A tag can be moved to other code, a commit cannot. The comment is for people and for the bots that update it.
#[test]
fn actions_are_pinned_to_a_commit() {
    let mut used = 0;
    for path in files(".github/workflows") {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, action)) = line.split_once("uses: ") else {
                continue;
            };
            let (action, comment) = action.split_once(" # ").unwrap_or((action, ""));
            let commit = action.split_once('@').map_or("", |(_, commit)| commit);
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && comment.starts_with('v'), "{}: {line}", path.display());
            used += 1;
        }
    }
    assert!(used > 0, "no action is used");
}

#[test]
fn the_jobs_run_each_step_of_the_gate_once() {
    let listed = text(&succeed(Command::new(root().join(".ci/run")).arg("--steps")).stdout);
    let steps: BTreeSet<&str> = listed.lines().collect();
    let workflow = yaml(&root().join(".github/workflows/ci.yml"));
    let job = &workflow["jobs"]["steps"];
    let jobs = job["strategy"]["matrix"]["include"].as_sequence().unwrap();
    let run: Vec<&str> = jobs
        .iter()
        .flat_map(|job| job["steps"].as_str().unwrap().split(' '))
        .collect();
    assert_eq!(run.len(), steps.len(), "{run:?}");
    assert_eq!(run.into_iter().collect::<BTreeSet<_>>(), steps);
    let commands = job["steps"].as_sequence().unwrap().iter();
    let run = commands
        .filter_map(|step| step.as_mapping_get("run")?.as_str())
        .collect::<Vec<_>>();
    assert_eq!(run, [".ci/run ${{ matrix.steps }}"]);
}

#[test]
fn a_step_that_the_gate_does_not_have_is_an_error() {
    let output = Command::new(root().join(".ci/run")).arg("nothing").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("there is no step nothing; the steps are: format "));
}

#[test]
fn templates_of_issues_ask_for_something() {
    for path in files(".github/ISSUE_TEMPLATE") {
        let template = yaml(&path);
        if path.ends_with("config.yml") {
            assert!(template["blank_issues_enabled"].as_bool().is_some());
            continue;
        }
        let path = path.display();
        for key in ["name", "description"] {
            assert!(template[key].as_str().is_some(), "{path}: {key}");
        }
        for field in template["body"].as_sequence().unwrap() {
            let kind = field["type"].as_str().unwrap();
            assert!(["input", "textarea", "markdown"].contains(&kind), "{path}: {kind}");
            let key = if kind == "markdown" { "value" } else { "label" };
            assert!(field["attributes"][key].as_str().is_some(), "{path}: {field:?}");
        }
    }
}

/// The commands that the hooks start, with their options, are commands of the program; `--help` reads them all the same.
#[test]
fn hooks_start_commands_that_are_there() {
    let hooks = yaml(&root().join(".pre-commit-hooks.yaml"));
    for hook in hooks.as_sequence().unwrap() {
        let entry = hook["entry"].as_str().unwrap();
        let (program, arguments) = entry.split_once(' ').unwrap();
        assert_eq!(program, "chunkproof");
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunkproof"));
        command.args(arguments.split(' ')).arg("--help");
        succeed(&mut command);
    }
    let own = yaml(&root().join(".pre-commit-config.yaml"));
    let steps = text(&succeed(Command::new(root().join(".ci/run")).arg("--steps")).stdout);
    for hook in own["repos"][0]["hooks"].as_sequence().unwrap() {
        let step = hook["entry"].as_str().unwrap().strip_prefix(".ci/run ").unwrap();
        assert!(steps.lines().any(|line| line == step), "{step}");
    }
}
