//! `action.yml`, by running what it runs.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use saphyr::{LoadableYamlNode, YamlOwned};

use super::entry;
use crate::{
    miniatures::{CASES, text},
    support::root,
};

/// The steps of the action, with the variables that each has.
fn steps() -> Vec<YamlOwned> {
    let action = fs::read_to_string(root().join("action.yml")).expect("the action");
    let action = YamlOwned::load_from_str(&action).expect("YAML").remove(0);
    action["runs"]["steps"].as_sequence().expect("steps").clone()
}

/// A job of a runner: its files, a program `cargo` that installs the program under test, and the inputs.
struct Job {
    folder: tempfile::TempDir,
    inputs: BTreeMap<&'static str, String>,
}

impl Job {
    fn new(miniature: &str, arguments: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("bin")).expect("a folder");
        stub_cargo(&folder.path().join("bin"));
        for name in ["output", "path", "summary"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let command = format!("python3 {}", root().join("tests/miniatures").join(miniature).display());
        let inputs = [
            ("command", command),
            ("arguments", arguments.to_owned()),
            ("expect", String::new()),
            ("version", String::new()),
        ];
        Self {
            folder,
            inputs: inputs.into(),
        }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// Runs the steps that are scripts, until one fails.
    fn run(&self) -> Output {
        let here = self.folder.path();
        let mut last = None;
        for step in steps() {
            let Some(script) = step.as_mapping_get("run").and_then(|script| script.as_str()) else {
                continue;
            };
            let mut command = Command::new("bash");
            let path = format!(
                "{}:{}",
                here.join("bin").display(),
                std::env::var("PATH").expect("a path")
            );
            let installed = self.read("path");
            let path = installed.lines().fold(path, |path, more| format!("{more}:{path}"));
            command
                .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
                .current_dir(here)
                .env("PATH", path)
                .env("HOME", here)
                .env("RUNNER_TEMP", here)
                .env("RUNNER_OS", "Linux")
                .env("RUNNER_ARCH", "X64")
                .env("GITHUB_ACTION_PATH", root())
                .env("GITHUB_OUTPUT", here.join("output"))
                .env("GITHUB_PATH", here.join("path"))
                .env("GITHUB_STEP_SUMMARY", here.join("summary"))
                .env("PYTHONDONTWRITEBYTECODE", "1");
            for (name, value) in step["env"].as_mapping().expect("variables") {
                let (name, value) = (name.as_str().expect("a name"), value.as_str().expect("text"));
                let input = value
                    .strip_prefix("${{ inputs.")
                    .and_then(|rest| rest.strip_suffix(" }}"));
                command.env(name, &self.inputs[input.expect("an input")]);
            }
            let output = command.output().expect("bash");
            let is_over = !output.status.success();
            last = Some(output);
            if is_over {
                break;
            }
        }
        last.expect("a step")
    }
}

/// A `cargo` that notes what it is asked, and installs the program under test.
pub(super) fn stub_cargo(bin: &Path) {
    let program = env!("CARGO_BIN_EXE_chunkproof");
    let script = format!(
        "#!/bin/sh\nset -eu\necho \"$@\" >>\"${{0%/*}}/cargo.log\"\nroot=\n\
         while [ $# -gt 0 ]; do if [ \"$1\" = --root ]; then root=$2; fi; shift; done\n\
         if [ -n \"$root\" ]; then mkdir -p \"$root/bin\"; ln -sf '{program}' \"$root/bin/chunkproof\"; fi\n"
    );
    stub(bin, "cargo", &script);
}

/// A program that is a script.
pub(super) fn stub(bin: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let file = bin.join(name);
    fs::write(&file, script).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions");
}

/// The name of the program that is tested, in a folder that is put on the path.
pub(super) fn link_program(bin: &Path) {
    symlink(env!("CARGO_BIN_EXE_chunkproof"), bin.join("chunkproof")).expect("a link");
}

#[test]
fn the_action_is_green_or_red_as_the_run_is() {
    let only = format!("--only '{CASES}' --timeout 60");
    for (miniature, arguments, list, code) in [
        ("right.py", &*only, None, 0),
        ("aborts.py", &only, None, 1),
        ("aborts.py", &only, Some(entry("footer/v64-toc-minus-8", "crash")), 0),
        ("right.py", "--only 'no/such-case $(touch pwned)'", None, 4),
        ("right.py", "--no-such-option", None, 2),
        // All cases, some of which a miniature does not answer rightly.
        ("right.py", "  ", None, 1),
    ] {
        let mut job = Job::new(miniature, arguments);
        if let Some(list) = list {
            fs::write(job.folder.path().join("expected.toml"), list).expect("a file");
            job.inputs.insert("expect", "expected.toml".to_owned());
        }
        let output = job.run();
        let all = text(output.stdout) + &text(output.stderr);
        assert_eq!(output.status.code(), Some(code), "{miniature} {arguments}: {all}");
        assert_eq!(
            job.read("summary").contains("miniature"),
            code < 2,
            "{}",
            job.read("summary")
        );
        let outputs = job.read("output");
        let results = outputs.lines().find_map(|line| line.strip_prefix("results="));
        assert_eq!(
            results.is_some_and(|file| Path::new(file).is_file()),
            code < 2,
            "{outputs}"
        );
        assert!(!job.folder.path().join("pwned").exists());
    }
}

#[test]
fn the_action_installs_what_it_is_asked_for_once() {
    let mut job = Job::new("right.py", "--only footer/v64 --quiet");
    assert!(job.run().status.success());
    assert!(job.run().status.success());
    let here = job.folder.path().join(".cache/chunkproof-action").display().to_string();
    let built = format!("install --locked --root {here} --path {}\n", root().display());
    assert_eq!(job.read("bin/cargo.log"), built);
    let key = |job: &Job| {
        job.read("output")
            .lines()
            .find(|line| line.starts_with("key="))
            .map(str::to_owned)
    };
    let of_sources = key(&job).expect("a key");
    fs::remove_dir_all(job.folder.path().join(".cache")).expect("the cache");
    fs::write(job.folder.path().join("output"), "").expect("a file");
    job.inputs.insert("version", "1.2.3".to_owned());
    assert!(job.run().status.success());
    let log = job.read("bin/cargo.log");
    let released = log.lines().last().expect("a line");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let repository = manifest.lines().find_map(|line| line.strip_prefix("repository = "));
    let repository = repository.expect("the address").trim_matches('"');
    assert_eq!(
        released,
        format!("install --locked --root {here} --git {repository} --tag v1.2.3 chunkproof")
    );
    assert_ne!(key(&job).expect("a key"), of_sources);
}

/// An input in the text of a step would be a command of it.
#[test]
fn inputs_reach_steps_as_variables_only() {
    let steps = steps();
    assert_eq!(steps.len(), 4);
    for step in steps {
        let script = step.as_mapping_get("run").and_then(|script| script.as_str());
        assert!(script.is_none_or(|script| !script.contains("${{")));
    }
}
