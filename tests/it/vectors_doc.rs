//! `docs/vectors.md` is enough to use the files from other languages: its example without a package runs against the real files,
//! and what it says of tags and files is so.
//!
//! The example needs a package that not every machine has. Where it is missing the test says that it did not run;
//! `CHUNKPROOF_REQUIRE_JSONSCHEMA=1`, as the gate sets it, makes that a failure. `packages.rs` runs the examples of the packages.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use chunkproof::vectors::{Case, CaseFile, Op, Registers};
use serde_json::Value;

use crate::support::root;

const DOCUMENT: &str = include_str!("../../docs/vectors.md");

/// The code block in the section with this heading.
pub(crate) fn example(heading: &str) -> &'static str {
    let (_, section) = DOCUMENT.split_once(&format!("# {heading}\n")).expect("a section");
    let (_, block) = section.split_once("\n```").expect("an example");
    let (_, block) = block.split_once('\n').expect("a language");
    block.split_once("```").expect("its end").0
}

/// Whether what an example needs is there. Without it the test ends, unless the variable insists.
fn there(probe: &mut Command, what: &str, variable: &str) -> bool {
    let there = probe.output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(
            std::env::var_os(variable).is_none_or(|value| value != "1"),
            "{what} is missing, and {variable} asks for it"
        );
        eprintln!("NOT RUN: {what} is missing");
    }
    there
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn footer_cases() -> Vec<Case<Value, Value>> {
    let text = fs::read(root().join("vectors/footer-parse.json")).expect("the file");
    let file: CaseFile<Value, Value> = serde_json::from_slice(&text).expect("cases");
    file.cases
}

/// Runs the Python example on a folder of vectors.
fn python(code: &str, vectors: &Path) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("example.py");
    fs::write(&file, code).expect("a file");
    Command::new("python3")
        .arg(&file)
        .arg(vectors)
        .output()
        .expect("python3 starts")
}

#[test]
fn the_python_example_runs_and_can_fail() {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import jsonschema; jsonschema.Draft202012Validator"]);
    if !there(&mut probe, "jsonschema for python3", "CHUNKPROOF_REQUIRE_JSONSCHEMA") {
        return;
    }
    let code = example("An example without a package");
    let vectors = root().join("vectors");
    let output = python(code, &vectors);
    let skipped = footer_cases()
        .iter()
        .filter(|case| {
            case.dialects
                .iter()
                .all(|dialect| !["g4", "g5"].contains(&dialect.name()))
        })
        .count();
    let passed = footer_cases().len() - skipped;
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (
            Some(0),
            format!("{passed} passed, 0 vacuous, {skipped} skipped, 0 failed")
        ),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    // An implementation that forgets a check, and one that refuses everything.
    let lax = code.replace("kind != 1 or ", "");
    let output = python(&lax, &vectors);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("footer/v64-type-2"));
    let stubborn = code.replace("    tail = tail[-72:]\n", "    raise Refused\n");
    let output = python(&stubborn, &vectors);
    assert_eq!(output.status.code(), Some(1));
    let told = stdout(&output);
    let either = |case: &&Case<Value, Value>| {
        let applies = case
            .dialects
            .iter()
            .any(|dialect| ["g4", "g5"].contains(&dialect.name()));
        applies && case.expect.verdict() == "either"
    };
    let passed = footer_cases().iter().filter(either).count();
    assert!(told.starts_with(&format!("{passed} passed, ")), "{told}");

    // The schema is really looked at.
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("schemas")).expect("a folder");
    for schema in ["schemas/footer-parse.schema.json", "schemas/common.schema.json"] {
        fs::copy(vectors.join(schema), folder.path().join(schema)).expect("a copy");
    }
    let text = fs::read_to_string(vectors.join("footer-parse.json")).expect("the file");
    let broken = text.replacen("\"blob_size\"", "\"blob_length\"", 1);
    fs::write(folder.path().join("footer-parse.json"), broken).expect("a file");
    let output = python(code, folder.path());
    assert!(String::from_utf8_lossy(&output.stderr).contains("ValidationError"));
}

#[test]
fn the_table_of_tags_is_the_one_in_the_code() {
    let (_, section) = DOCUMENT.split_once("\n## Tags\n").expect("a section");
    let (section, _) = section.split_once("\n## ").expect("its end");
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = Registers::current()
        .tags
        .iter()
        .map(|tag| format!("| `{}` | {} |", tag.id, tag.text))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn every_field_of_a_case_and_every_kind_of_file_is_explained() {
    let schema = fs::read(root().join("vectors/schemas/footer-parse.schema.json")).expect("the file");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let fields = schema["$defs"]
        .as_object()
        .expect("definitions")
        .iter()
        .find(|(name, _)| name.starts_with("Case") && !name.starts_with("CaseId"))
        .and_then(|(_, case)| case["properties"].as_object())
        .expect("the fields of a case");
    assert!(fields.len() >= 10);
    for field in fields.keys() {
        assert!(DOCUMENT.contains(&format!("`{field}`")), "{field}");
    }
    for entry in fs::read_dir(root().join("vectors")).expect("the folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("UTF-8");
        let case_file = Op::ALL.iter().any(|op| name == format!("{}.json", op.file_stem()));
        let named = if name.ends_with(".go") { "*.go" } else { name };
        assert!(case_file || DOCUMENT.contains(&format!("`vectors/{named}")), "{name}");
    }
}
