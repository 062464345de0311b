//! Adapters by the folder: building them, listing them, and running them with command-line tools among them.
//!
//! What is under test here is made for it; the adapters of this repository are built and run by the gate.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::{
    clients::is_there,
    support::{chunkproof_in, root},
};

/// A folder with adapters: a program in two versions that is copied to be built, one that cannot be built, and tools.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let miniatures = root().join("tests/miniatures");
    let program = folder.path().join("adapters/footers");
    fs::create_dir_all(&program).unwrap();
    fs::write(folder.path().join("adapters/shared.txt"), "shared").unwrap();
    for (from, to) in [
        ("base.py", "base.py"),
        ("right.py", "v2.py"),
        ("always_reject.py", "v1.py"),
    ] {
        fs::copy(miniatures.join(from), program.join(to)).unwrap();
    }
    manifest(
        folder.path(),
        "footers",
        r#"
needs = ["python3", "cp"]
sources = ["../shared.txt"]
build = [["cp", "base.py", "{file}", "{out}"]]
run = ["python3", "{out}/{file}"]
[[versions]]
version = "v2"
with = { file = "v2.py" }
[[versions]]
version = "v1"
with = { file = "v1.py" }
"#,
    );
    manifest(
        folder.path(),
        "nowhere",
        r#"
needs = ["no-such-program-of-chunkproof"]
build = [["no-such-program-of-chunkproof"]]
run = ["{out}/adapter"]
[[versions]]
version = "v1"
"#,
    );
    for (name, command, more) in [
        ("copies", r#"["cat", "{blob}"]"#, ""),
        ("refuses", r#"["sh", "-c", "echo no such frame >&2; exit 3"]"#, ""),
        ("dies", r#"["sh", "-c", "kill -9 $$"]"#, ""),
        ("panics", r#"["sh", "-c", "exit 2"]"#, "crash = [2]"),
    ] {
        manifest(
            folder.path(),
            name,
            &format!(
                r#"
needs = ["sh"]
version_from = ["echo", "tool version 1.2.3, of today"]
[[tool]]
op = "layer/decompress"
dialects = ["g5"]
command = {command}
output = "stdout"
{more}
[[versions]]
version = "installed"
"#
            ),
        );
    }
    folder
}

fn manifest(folder: &Path, name: &str, text: &str) {
    let adapter = folder.join("adapters").join(name);
    fs::create_dir_all(&adapter).unwrap();
    let head = "about = \"made for a test\"\nlanguage = \"none\"\nhomepage = \"https://example.org\"\n";
    fs::write(adapter.join("adapter.toml"), format!("{head}{text}")).unwrap();
}

/// Stdout with the times left out.
fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| {
            let words = line.split_whitespace();
            let words: Vec<&str> = words.filter(|word| !word.bytes().all(|b| b.is_ascii_digit())).collect();
            words.join(" ")
        })
        .collect()
}

fn results(output: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = report["implementations"][0]["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    results
        .iter()
        .map(|result| (text(&result["case"]), text(&result["result"])))
        .collect()
}

#[test]
fn what_can_be_built_is_built_and_the_rest_is_named() {
    let folder = folder();
    let path = folder.path();
    let build = |arguments: &[&str]| chunkproof_in(path, &[&["adapter", "build"], arguments].concat());
    let first = build(&["footers", "nowhere", "copies"]);
    assert_eq!(
        lines(&first),
        [
            "footers v2 built in ms",
            "nowhere v1 not on the path: no-such-program-of-chunkproof",
            "copies installed is installed",
        ]
    );
    assert_eq!(first.status.code(), Some(2));
    let again = build(&["--history", "footers"]);
    assert_eq!(lines(&again), ["footers v2 built already", "footers v1 built in ms"]);
    assert_eq!(again.status.code(), Some(0));
    // Another source is another build.
    let source = path.join("adapters/footers/v2.py");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text + "\n").unwrap();
    assert_eq!(
        lines(&chunkproof_in(path, &["adapter", "list"]))[2],
        "footers v2 is not built"
    );
    assert_eq!(lines(&build(&["footers"])), ["footers v2 built in ms"]);
    assert_eq!(
        lines(&chunkproof_in(path, &["adapter", "list"]))[2],
        "footers v2 is built"
    );
    // So is another file that several adapters share.
    fs::write(path.join("adapters/shared.txt"), "changed").unwrap();
    assert_eq!(lines(&build(&["footers"])), ["footers v2 built in ms"]);
}

#[test]
fn what_runs_at_night_can_be_left_out() {
    let folder = folder();
    let path = folder.path();
    let late = "nightly = true\nneeds = [\"no-such-program-of-chunkproof\"]\nrun = [\"late\"]\n[[versions]]\nversion = \"v1\"\n";
    manifest(path, "late", late);
    let names = |arguments: &[&str]| {
        let output = chunkproof_in(path, arguments);
        [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .concat()
            .contains("late ")
    };
    for command in [&["adapter", "build"][..], &["run", "--all", "--only", "footer/v64"]] {
        assert!(names(command), "{command:?}");
        assert!(!names(&[command, &["--skip-nightly"]].concat()), "{command:?}");
    }
}

#[test]
fn a_build_that_fails_is_no_build() {
    let folder = folder();
    let path = folder.path();
    fs::remove_file(path.join("adapters/footers/v2.py")).unwrap();
    let built = chunkproof_in(path, &["adapter", "build", "footers"]);
    assert_eq!(built.status.code(), Some(2));
    let stderr = String::from_utf8(built.stderr).unwrap();
    assert!(stderr.contains("error: footers v2: `cp base.py v2.py "), "{stderr}");
    let run = chunkproof_in(path, &["run", "--adapter", "footers"]);
    assert_eq!(run.status.code(), Some(2));
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert_eq!(
        stderr,
        "error: footers v2 does not run: build it with `chunkproof adapter build footers@v2`\n"
    );
}

#[test]
fn versions_are_run_and_only_the_newest_is_held_to_its_list() {
    let folder = folder();
    let path = folder.path();
    chunkproof_in(path, &["adapter", "build", "--history", "footers"]);
    let only = "footer/{v64,v64-toc-minus-8}";
    let newest = chunkproof_in(path, &["run", "--adapter", "footers", "--only", only]);
    assert_eq!(
        newest.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&newest.stdout)
    );
    let oldest = chunkproof_in(
        path,
        &[
            "run",
            "--adapter",
            "footers@v1",
            "--only",
            "footer/v64",
            "--format",
            "json",
        ],
    );
    assert_eq!(
        results(&oldest),
        [("footer/v64".to_owned(), "wrong-verdict".to_owned())]
    );
    assert_eq!(oldest.status.code(), Some(0));
    fs::write(
        path.join("adapters/footers/expected.toml"),
        "[[expect]]\ncases = \"footer/v64\"\nresult = \"fail\"\nreason = \"r\"\n",
    )
    .unwrap();
    let held = chunkproof_in(path, &["run", "--adapter", "footers", "--only", only]);
    assert_eq!(held.status.code(), Some(1));
    for (name, problem) in [
        (
            "no-such",
            "no adapter is called \"no-such\"; there are copies, dies, footers, nowhere, panics, refuses",
        ),
        ("footers@v3", "footers has no version \"v3\"; there are v2, v1"),
    ] {
        let run = chunkproof_in(path, &["run", "--adapter", name]);
        assert_eq!(String::from_utf8(run.stderr).unwrap(), format!("error: {problem}\n"));
        assert_eq!(run.status.code(), Some(2));
    }
}

/// A variant of the newest version has a list of its own, or none. It is built with the sources, not with the lists.
#[test]
fn a_variant_is_held_to_its_own_list() {
    let folder = folder();
    let path = folder.path();
    let manifest = path.join("adapters/footers/adapter.toml");
    let variant = "[[versions]]\nversion = \"v2\"\nvariant = \"strict\"\nwith = { file = \"v1.py\" }\n";
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap() + variant).unwrap();
    chunkproof_in(path, &["adapter", "build", "footers@v2+strict"]);
    let run = || chunkproof_in(path, &["run", "--adapter", "footers@v2+strict", "--only", "footer/v64"]);
    assert_eq!(
        run().status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&run().stderr)
    );
    let list = path.join("adapters/footers/expected+strict.toml");
    for (result, code) in [("wrong-verdict", 0), ("crash", 1)] {
        let text = format!("[[expect]]\ncases = \"footer/v64\"\nresult = \"{result}\"\nreason = \"r\"\n");
        fs::write(&list, text).unwrap();
        assert_eq!(run().status.code(), Some(code), "{result}");
    }
}

/// What a report prints names the adapter as an adapter, in the version and the variant that ran.
#[test]
fn the_printed_command_repeats_a_failure() {
    let folder = folder();
    let path = folder.path();
    manifest(
        path,
        "ways",
        r#"
run = ["python3", "{folder}/{file}"]
[[versions]]
version = "v1"
with = { file = "right.py" }
[[versions]]
version = "v1"
variant = "rejecting"
with = { file = "reject.py" }
"#,
    );
    let miniatures = root().join("tests/miniatures");
    for (from, to) in [
        ("base.py", "base.py"),
        ("right.py", "right.py"),
        ("always_reject.py", "reject.py"),
    ] {
        fs::copy(miniatures.join(from), path.join("adapters/ways").join(to)).unwrap();
    }
    fs::write(path.join("none.toml"), "").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_chunkproof")).parent().unwrap();
    let shell = |command: &str| {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(path)
            .env(
                "PATH",
                format!("{}:{}", program.display(), std::env::var("PATH").unwrap()),
            )
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), stdout)
    };
    let adapters = path.join("adapters").display().to_string();
    let (code, failures) = shell(&format!(
        "chunkproof run --adapter ways@v1+rejecting --adapters {adapters} --built built --expect none.toml --only footer/v64 \
         --timeout 60"
    ));
    assert_eq!(code, Some(1));
    let repeat = failures.lines().find_map(|line| line.trim().strip_prefix("repeat"));
    let repeat = repeat.unwrap().trim();
    assert_eq!(
        repeat,
        format!(
            "chunkproof run --adapter ways@v1+rejecting --only footer/v64 --adapters {adapters} --built built --expect none.toml \
             --timeout 60"
        )
    );
    assert_eq!(shell(repeat), (Some(1), failures.clone()));
}

#[test]
fn a_tool_answers_with_its_exit_code_and_its_output() {
    let folder = folder();
    for (name, expected) in [
        ("copies", "wrong-output"),
        ("refuses", "wrong-verdict"),
        ("dies", "crash"),
        ("panics", "crash"),
    ] {
        let run = chunkproof_in(
            folder.path(),
            &[
                "run",
                "--adapter",
                name,
                "--only",
                "decompress/one-frame",
                "--format",
                "json",
            ],
        );
        assert_eq!(
            results(&run),
            [("decompress/one-frame".to_owned(), expected.to_owned())],
            "{name}"
        );
        let report: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(report["implementations"][0]["version"], "1.2.3");
        if name == "refuses" {
            assert_eq!(report["implementations"][0]["results"][0]["message"], "no such frame");
        }
    }
}

#[test]
fn what_is_missing_is_never_a_silent_pass() {
    let folder = folder();
    let path = folder.path();
    for tool in ["copies", "refuses", "dies", "panics"] {
        fs::remove_dir_all(path.join("adapters").join(tool)).unwrap();
    }
    chunkproof_in(path, &["adapter", "build", "footers"]);
    let run = chunkproof_in(path, &["run", "--all", "--only", "footer/{v64,v64-toc-minus-8}"]);
    assert_eq!(
        String::from_utf8(run.stderr).unwrap(),
        "error: nowhere v1 does not run: not on the path: no-such-program-of-chunkproof\n"
    );
    assert_eq!(run.status.code(), Some(2));
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert!(
        stdout.contains("reference") && stdout.contains("miniature 1"),
        "{stdout}"
    );
}

/// Asks a real registry, about a package whose releases are far from these versions.
#[test]
fn a_newer_release_is_named() {
    if !is_there("npm", "--version", "CHUNKPROOF_REQUIRE_NODE") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, released, version) in [
        ("early", "released = \"npm:fzstd\"\n", "0.0.1"),
        ("late", "released = \"npm:fzstd\"\n", "999.0.0"),
        ("lost", "released = \"npm:chunkproof-has-no-such-package\"\n", "1.0.0"),
        ("system", "", "installed"),
    ] {
        let text = format!("{released}run = [\"true\"]\n[[versions]]\nversion = \"{version}\"\n");
        manifest(folder.path(), name, &text);
    }
    let outdated = |names: &[&str]| {
        let output = chunkproof_in(folder.path(), &[&["adapter", "outdated"], names].concat());
        (output.status.code(), lines(&output))
    };
    let (code, said) = outdated(&["early"]);
    assert_eq!((code, said.len()), (Some(1), 1), "{said:?}");
    assert!(
        said[0].starts_with("early 0.0.1 ") && said[0].ends_with(" is released"),
        "{said:?}"
    );
    let late = "late 999.0.0 is the newest release".to_owned();
    assert_eq!(outdated(&["late"]), (Some(0), vec![late.clone()]));
    let (code, said) = outdated(&["lost"]);
    assert!(
        code == Some(2) && said[0].starts_with("lost 1.0.0 npm failed with "),
        "{said:?}"
    );
    let none = "system installed no registry has its releases".to_owned();
    assert_eq!(outdated(&["system"]), (Some(0), vec![none]));
    // Of all of them, the gravest counts.
    let (code, said) = outdated(&[]);
    assert_eq!((code, said.len(), &said[1]), (Some(2), 3, &late), "{said:?}");
}
