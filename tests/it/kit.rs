//! The kits of `adapters/kit` and the skeletons of `adapter new`, each built and run from an empty folder; and `adapter check`.
//!
//! They need programs that not every machine has. Where one is missing the test says that it did not run; `CHUNKPROOF_REQUIRE_GO`,
//! `CHUNKPROOF_REQUIRE_NODE`, `CHUNKPROOF_REQUIRE_CRATES` and `CHUNKPROOF_REQUIRE_JAVA`, as the gate sets them, make that a failure.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chunkproof::vectors::Op;
use insta::assert_snapshot;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    clients::{is_there, succeed},
    miniatures::{chunkproof, shown},
    support::{chunkproof_in, ends, root, stdout},
};

/// A kit under test.
struct Kit {
    language: &'static str,
    /// The file that is filled in, and the one of `tests/kit` that takes its place.
    adapter: &'static str,
    mirror: &'static str,
}

/// Writes a skeleton, builds it as it says itself, and checks and runs it. Then does the same with the mirror over the same kit, and
/// compares its answers.
fn try_kit(kit: &Kit) {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("an adapter");
    let written = chunkproof_in(folder.path(), &["adapter", "new", "--lang", kit.language, "an adapter"]);
    ends(&written, 0, "an adapter: wrote ");
    let readme = fs::read_to_string(here.join("README.md")).expect("a README");
    let mut commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let (Some(run), Some(check)) = (commands.pop(), commands.pop()) else {
        panic!("{readme}");
    };
    let command = run
        .strip_prefix("chunkproof run --impl \"")
        .expect(run)
        .trim_end_matches('"');
    assert_eq!(check, format!("chunkproof adapter check \"{command}\""));
    let build = || {
        for command in &commands {
            succeed(
                Command::new("sh")
                    .args(["-c", command])
                    .current_dir(&here)
                    .env("GOTOOLCHAIN", "auto")
                    .env_remove("RUSTFLAGS")
                    .env_remove("CARGO_TARGET_DIR"),
            );
        }
    };
    build();
    let checked = chunkproof_in(&here, &["adapter", "check", command, "--timeout", "60"]);
    ends(&checked, 0, "every step went well");
    let ran = chunkproof_in(
        &here,
        &[
            "run",
            "--impl",
            command,
            "--timeout",
            "60",
            "--format",
            "json",
            "--jobs",
            "2",
        ],
    );
    let report: Value = serde_json::from_slice(&ran.stdout).expect("a report");
    let implementation = &report["implementations"][0];
    assert_eq!(ran.status.code(), Some(0), "{implementation:#}");
    assert!(
        implementation["counts"]["pass"].as_u64() > Some(40),
        "{implementation:#}"
    );

    let mirror = root().join("tests/kit").join(kit.mirror);
    fs::copy(mirror, here.join(kit.adapter)).expect("the mirror");
    build();
    compare_answers(command, &here, kit.language);
}

/// Requests without their numbers, and the answers that the mirrors give.
fn exchanges() -> Vec<(Value, Value)> {
    let bytes = |base64: &str| json!({ "base64": base64 });
    let mut exchanges = vec![
        (
            json!({"op": "footer/parse", "input": {"tail": bytes("AAD/"), "blob_size": "18446744073709551615"}}),
            json!({"accept": {"tail": bytes("AAD/"), "size": "18446744073709551615", "list": [null, true]}}),
        ),
        (
            json!({"op": "footer/parse", "input": {"tail": bytes(""), "blob_size": "0"}}),
            json!({"accept": {"tail": bytes(""), "size": "0", "list": [null, true]}}),
        ),
        (
            json!({"op": "annotations/parse", "input": {"annotations": {"base64": "a \"quote\" \\ \n\t and </script>"}}}),
            json!({"reject": {"message": "a \"quote\" \\ \n\t and </script>", "rule": "ANN-01"}}),
        ),
        (
            json!({"op": "annotations/parse", "input": {"annotations": {"own": "an error of its own"}}}),
            json!({"reject": {"message": "an error of its own"}}),
        ),
        (
            json!({"op": "toc/parse", "input": {"json": bytes("e30="), "dialect": "g1"}}),
            json!({"decline": {"message": "g1"}}),
        ),
        (
            json!({"op": "toc/parse", "input": {"json": bytes("e30="), "dialect": "g2"}}),
            json!({"unsupported": {"message": "g2"}}),
        ),
        (
            json!({"op": "tarsplit/assemble", "input": {"tar_split": bytes(""), "files": [
                {"name": bytes("YQ=="), "content": bytes("")}, {"name": bytes("YmI="), "content": bytes("Y2Nj")},
            ]}}),
            json!({"accept": {"files": [bytes("YQ=="), bytes(""), bytes("YmI="), bytes("Y2Nj")]}}),
        ),
        (
            json!({"op": "tar/list", "input": {"tar": bytes("")}}),
            json!({"unsupported": {"message": "tar/list"}}),
        ),
    ];
    // Every length of base64, and the lengths at which SHA-256 pads in another way; the last is a line of more than a pipe has room.
    for length in [0_usize, 1, 2, 3, 54, 55, 56, 63, 64, 65, 119, 120, 128, 300_001] {
        let blob: Vec<u8> = (0..=250).cycle().take(length).collect();
        let sha256: String = Sha256::digest(&blob).iter().map(|byte| format!("{byte:02x}")).collect();
        exchanges.push((
            json!({"op": "layer/decompress", "case": "decompress/x", "input": {"blob": bytes(&STANDARD.encode(&blob))}}),
            json!({"accept": {"sha256": sha256, "size": length.to_string()}}),
        ));
    }
    exchanges
}

/// Asks the mirror in one process, and last what it crashes of.
fn compare_answers(command: &str, folder: &Path, language: &str) {
    let exchanges = exchanges();
    let mut lines = vec![json!({"chunkproof": 0, "seq": 0, "op": "hello"})];
    let crash = json!({"op": "layer/index", "input": {"blob": {"base64": ""}, "annotations": {}}});
    for (index, request) in exchanges.iter().map(|(request, _)| request).chain([&crash]).enumerate() {
        let mut request = request.clone();
        request["seq"] = json!(index + 1);
        lines.push(request);
    }
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec {command}")])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the mirror starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let writer = std::thread::spawn(move || {
        // The mirror ends before it has read everything, perhaps.
        let _gone = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().expect("the mirror ends");
    writer.join().expect("the requests");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let answers: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{language}: {error}: {line}")))
        .collect();
    let hello = &answers[0]["hello"];
    assert_eq!(
        *hello,
        json!({"chunkproof": 0, "name": "mirror", "version": "1", "language": language, "ops": {
            "layer/decompress": ["g4", "g5"], "footer/parse": ["g5"], "annotations/parse": ["g5"], "toc/parse": ["g5"],
            "tarsplit/assemble": ["g5"], "layer/index": ["g5"],
        }}),
        "{language}"
    );
    for (index, (request, expected)) in exchanges.iter().enumerate() {
        let mut expected = expected.clone();
        expected["seq"] = json!(index + 1);
        assert_eq!(
            answers.get(index + 1),
            Some(&expected),
            "{language}: {request}: {stderr}"
        );
    }
    assert_eq!(answers.len(), exchanges.len() + 1, "{language}: a crash is no answer");
    assert!(
        !output.status.success(),
        "{language}: a crash is an exit code or a signal"
    );
    // Rust cannot redirect what is printed without unsafe code.
    assert!(language == "rust" || stderr.contains("junk"), "{language}: {stderr}");
}

#[test]
fn the_python_kit_works_from_an_empty_folder() {
    try_kit(&Kit {
        language: "python",
        adapter: "adapter.py",
        mirror: "mirror.py",
    });
}

#[test]
fn the_go_kit_works_from_an_empty_folder() {
    if is_there("go", "version", "CHUNKPROOF_REQUIRE_GO") {
        try_kit(&Kit {
            language: "go",
            adapter: "main.go",
            mirror: "mirror.go",
        });
    }
}

#[test]
fn the_javascript_kit_works_from_an_empty_folder() {
    if is_there("node", "--version", "CHUNKPROOF_REQUIRE_NODE") {
        try_kit(&Kit {
            language: "javascript",
            adapter: "adapter.js",
            mirror: "mirror.js",
        });
    }
}

#[test]
fn the_java_kit_works_from_an_empty_folder() {
    if is_there("javac", "--version", "CHUNKPROOF_REQUIRE_JAVA") {
        try_kit(&Kit {
            language: "java",
            adapter: "Main.java",
            mirror: "Mirror.java",
        });
    }
}

#[test]
fn the_c_kit_works_from_an_empty_folder() {
    try_kit(&Kit {
        language: "c",
        adapter: "adapter.c",
        mirror: "mirror.c",
    });
}

#[test]
fn the_rust_kit_works_from_an_empty_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    ends(
        &chunkproof_in(folder.path(), &["adapter", "new", "--lang", "rust", "."]),
        0,
        "wrote",
    );
    let fetched = Command::new(env!("CARGO"))
        .arg("fetch")
        .current_dir(folder.path())
        .output();
    if !fetched.is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("CHUNKPROOF_REQUIRE_CRATES").is_none(),
            "no registry of crates"
        );
        eprintln!("no registry of crates: this test did not run");
        return;
    }
    try_kit(&Kit {
        language: "rust",
        adapter: "src/main.rs",
        mirror: "mirror.rs",
    });
}

#[test]
fn a_skeleton_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = || chunkproof_in(folder.path(), &["adapter", "new", "--lang", "python", "."]);
    assert_snapshot!(stdout(&new()), @r#"
    .: wrote adapter.py, chunkproof_adapter.py, README.md
    next:
      cd .
      chunkproof adapter check "python3 adapter.py"
    "#);
    ends(
        &new(),
        2,
        "./README.md exists, and nothing is overwritten; name another folder",
    );
}

/// What `cargo package` leaves out could not be compiled in.
#[test]
fn the_kits_are_in_the_package() {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    let listed: Vec<&str> = stdout(&listed).lines().collect();
    let source = fs::read_to_string(root().join("src/adapters/skeleton.rs")).expect("the source");
    let mut seen = 0;
    for path in source
        .split("kit!(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        let path = format!("adapters/kit/{path}");
        assert!(listed.contains(&path.as_str()), "{path} is not in the package");
        seen += 1;
    }
    assert_eq!(seen, 15);
}

/// What a check printed, without the invalid case, times and paths: new cases and other machines change them.
fn steady(text: &str) -> String {
    let line = |line: &str| {
        let line = match line.split_once("the invalid case ") {
            Some((before, _)) => format!("{before}the invalid case ..."),
            None => line.to_owned(),
        };
        let line = line.split(" s (--timeout)").next().unwrap_or_default();
        line.split("stderr    /").next().unwrap_or_default().to_owned()
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// Each step in words, and of a problem what was sent, what came back, and what to do.
#[test]
fn a_check_names_the_first_problem() {
    let mut all = String::new();
    for (adapter, code) in [
        ("python3 right.py", 0),
        ("python3 old_hello.py", 0),
        ("python3 always_decline.py", 0),
        ("no-such-program-of-chunkproof", 3),
        ("python3 no_such_file.py", 3),
        ("python3 newer.py", 3),
        ("python3 chatty.py", 3),
        ("python3 reads_all.py", 3),
        ("python3 wrong_seq.py", 3),
        ("python3 wrong_shape.py", 3),
        ("python3 wrong_output.py", 1),
        ("python3 always_reject.py", 1),
        ("python3 always_accept.py", 1),
        ("python3 always_unsupported.py", 1),
        ("python3 exits_after.py", 1),
        ("python3 says_goodbye.py", 3),
        ("python3 lingers.py", 1),
        ("python3 nothing_declared.py", 4),
    ] {
        let output = chunkproof(&["adapter", "check", adapter, "--timeout", "2"]);
        assert_eq!(output.status.code(), Some(code), "{adapter}: {}", stdout(&output));
        all += &format!("$ chunkproof adapter check \"{adapter}\"\n{}\n", steady(&shown(output)));
    }
    assert_snapshot!(all);
}

#[test]
fn a_check_of_the_reference_goes_through_every_operation() {
    let output = chunkproof(&["adapter", "check", "reference", "--timeout", "60"]);
    ends(&output, 0, "one process answered 26 cases");
    let text = stdout(&output);
    for op in Op::ALL {
        let about = format!(" {:<20} ", op.name());
        let steps: Vec<&str> = text.lines().filter(|line| line.contains(&about)).collect();
        for (step, words) in steps
            .iter()
            .zip(["declared for ", "accepts the valid case ", "s the invalid case "])
        {
            assert!(step.contains(words), "{step}");
        }
        assert_eq!(steps.len(), 3, "{op}: {text}");
    }
}
