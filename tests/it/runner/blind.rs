//! What an adapter can find with and without `--blind`.

use std::{fs, path::Path};

use serde_json::Value;

use crate::miniatures::{self, CASES, text};

/// What `sees.py` found in each case.
fn seen(file: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(file).expect("the miniature wrote");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_blind_process_finds_nothing() {
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let scratch = tempfile::tempdir().expect("a folder");
    let temporary = scratch.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    for blind in [true, false] {
        let file = scratch.path().join(format!("seen-{blind}"));
        let adapter = format!("python3 '{miniatures}/sees.py' '{}'", file.display());
        let mut arguments = vec!["run", "--impl", &adapter, "--only", CASES, "--timeout", "60"];
        arguments.extend(blind.then_some("--blind"));
        let output = miniatures::command(&arguments)
            .env("TMPDIR", &temporary)
            .env("OLDPWD", miniatures)
            .env("KEPT", "yes")
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
        let seen = seen(&file);
        assert_eq!(seen.len(), 6);
        for seen in &seen {
            let variables = &seen["variables"];
            assert_eq!(variables["KEPT"], "yes");
            if blind {
                assert_eq!(
                    (&seen["files"], &seen["case"]),
                    (&Value::Array(Vec::new()), &Value::Null)
                );
                assert_eq!(variables["PWD"], seen["folder"]);
                for name in ["OLDPWD", "CARGO_MANIFEST_DIR", "_"] {
                    assert_eq!(variables[name], Value::Null, "{name}");
                }
            } else {
                assert!(seen["files"].as_array().is_some_and(|files| files.len() > 20), "{seen}");
                assert!(
                    seen["case"].as_str().is_some_and(|case| case.starts_with("footer/")),
                    "{seen}"
                );
                assert_eq!(variables["OLDPWD"], miniatures);
            }
        }
        assert_eq!(
            fs::read_dir(&temporary).expect("the folder").count(),
            0,
            "a folder is left"
        );
    }
}

#[test]
fn a_blind_program_is_found_from_here() {
    let miniatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/miniatures");
    let scratch = tempfile::tempdir().expect("a folder");
    let program = scratch.path().join("adapter");
    fs::write(&program, format!("#!/bin/sh\nexec python3 '{miniatures}/right.py'\n")).expect("a file");
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let run = |implementation: &str| {
        miniatures::command(&[
            "run",
            "--impl",
            implementation,
            "--only",
            CASES,
            "--timeout",
            "60",
            "--blind",
        ])
        .current_dir(scratch.path())
        .output()
        .expect("the program starts")
    };
    let output = run("./adapter");
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
    fs::write(scratch.path().join("adapter.py"), "").expect("a file");
    let output = run("python3 adapter.py");
    assert_eq!(output.status.code(), Some(3));
    let stderr = text(output.stderr);
    assert!(
        stderr.contains("with --blind it starts in an empty folder, where there is no adapter.py"),
        "{stderr}"
    );
}
