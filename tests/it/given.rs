//! Cases that are not compiled in: `run --vectors` and `add`.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{program, root};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .args(["run", "--impl", "reference", "--format", "json", "--vectors"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The exit code, and the results by the ids of the cases.
fn results(folder: &Path, arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let output = run(folder, arguments);
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = report["implementations"][0]["results"].as_array().unwrap();
    let results = results
        .iter()
        .map(|result| (text(&result["case"]), text(&result["result"])));
    (output.status.code(), results.collect())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(case, result)| ((*case).to_owned(), (*result).to_owned()))
        .collect()
}

const HEAD: &str = "op = \"toc/parse\"\n[[group]]\ntwin = \"toc/g5\"\nwhy = \"It goes wrong.\"\nrules = [\"JSN-01\"]\n";

fn data(rows: &str) -> String {
    format!("{HEAD}{rows}")
}

const GOOD: &str = "[[group.invalid]]\nid = \"toc/a-new-case\"\nchange = \"no colon\"\nedit.replace = { from = \":493\", to = \"493\" }\n";

#[test]
fn a_file_of_data_is_judged_as_the_set_is() {
    let rows = format!(
        "{GOOD}\
         [[group.invalid]]\nid = \"toc/b-wrong\"\nchange = \"a space\"\nedit.append = \" \"\n\
         [[group.valid]]\nid = \"toc/c-valid\"\ntitle = \"a space\"\nedit.append = \" \"\n\
         [[group.valid]]\nid = \"toc/d-other-output\"\ntitle = \"another mode\"\nedit.set = {{ at = \"/entries/0/mode\", to = 1 }}\n\
         [[group.invalid]]\nid = \"toc/e-beside-a-rejected-twin\"\ntwin = \"toc/null-uid\"\nchange = \"no colon\"\n\
         edit.replace = {{ from = \":493\", to = \"493\" }}\n"
    );
    let folder = folder(&[("new.toml", &data(&rows))]);
    let (code, found) = results(folder.path(), &["new.toml"]);
    assert_eq!(
        found,
        pairs(&[
            ("toc/a-new-case", "pass"),
            ("toc/b-wrong", "wrong-verdict"),
            ("toc/c-valid", "pass"),
            ("toc/d-other-output", "wrong-output"),
            ("toc/e-beside-a-rejected-twin", "vacuous"),
        ])
    );
    assert_eq!(code, Some(1));
    let (code, found) = results(folder.path(), &[".", "--only", "toc/a*"]);
    assert_eq!((code, found), (Some(0), pairs(&[("toc/a-new-case", "pass")])));
    let nothing = run(folder.path(), &[".", "--only", "toc/g5"]);
    assert_eq!(nothing.status.code(), Some(4), "no case of the set is selected");
}

#[test]
fn the_cases_of_the_repository_run_as_data() {
    let root = root();
    let (code, found) = results(root, &["src/cases/footer"]);
    assert_eq!(code, Some(0));
    assert!(
        found.len() > 50
            && found
                .iter()
                .all(|(id, result)| id.starts_with("footer/") && ["pass", "lenient"].contains(&result.as_str()))
    );
}

/// A folder as `generate` writes it, with one case.
fn generated(case: &Value) -> TempDir {
    let file = json!({"schema": 1, "op": "layer/decompress", "cases": [case]});
    let text = serde_json::to_string_pretty(&file).unwrap();
    folder(&[
        ("layer-decompress.json", &text),
        ("index.json", "[]"),
        ("schemas/layer-decompress.schema.json", "{}"),
        (
            "blobs/6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "\0",
        ),
    ])
}

fn case() -> Value {
    json!({
        "id": "decompress/new", "title": "t", "why": "w", "rules": ["FRM-01"], "dialects": ["g5"],
        "twin": "decompress/one-frame", "change": "a byte",
        "input": {"blob": {"blob": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"}},
        "expect": {"verdict": "invalid"}, "provenance": {"kind": "generated"},
    })
}

#[test]
fn a_generated_folder_runs_with_its_blobs() {
    let set = chunkproof::vectors::Set::embedded().unwrap();
    let twin = set
        .entries()
        .iter()
        .find(|entry| entry.op.name() == "layer/decompress" && entry.case.expect.verdict() == "valid");
    let mut case = case();
    case["twin"] = json!(twin.unwrap().case.id);
    let folder = generated(&case);
    let (code, found) = results(folder.path(), &["."]);
    assert_eq!((code, found), (Some(0), pairs(&[("decompress/new", "pass")])));
    let (code, found) = results(folder.path(), &["layer-decompress.json"]);
    assert_eq!((code, found), (Some(0), pairs(&[("decompress/new", "pass")])));

    case["rules"] = json!(["NOPE-01"]);
    let folder = generated(&case);
    let error = String::from_utf8(run(folder.path(), &["."]).stderr).unwrap();
    assert!(
        error.contains("layer-decompress.json, decompress/new: ") && error.contains("NOPE-01"),
        "{error}"
    );
}

#[test]
fn what_is_not_right_is_said_with_its_place() {
    let folder = folder(&[
        ("syntax.toml", "op = \n"),
        ("edit.toml", &data(&GOOD.replace(":493", ":494"))),
        ("twice.toml", &data(&format!("{GOOD}{GOOD}"))),
        ("twin.toml", &data(&format!("{GOOD}twin = \"toc/nothing\"\n"))),
        ("json.json", "{\"schema\": 1, \"op\": \"toc/parse\", \"cases\": 1}"),
        ("op.json", "{\"schema\": 1, \"op\": \"toc/part\", \"cases\": []}"),
        ("empty.json", "{\"schema\": 1, \"op\": \"toc/parse\", \"cases\": []}"),
        ("schema.json", "{\"schema\": 0, \"op\": \"toc/parse\", \"cases\": []}"),
        ("text.txt", ""),
        ("bad/blobs/aaaa", "b"),
        ("none/index.json", "[]"),
    ]);
    for endless in ["endless.json", "endless.toml"] {
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(endless)).unwrap();
    }
    for (path, message) in [
        ("syntax.toml", "syntax.toml, line 1: "),
        (
            "edit.toml",
            "edit.toml, line 6, toc/a-new-case: replace: \":494\" is there 0 times, expected 1",
        ),
        (
            "twice.toml",
            "twice.toml, line 10, toc/a-new-case: two cases have this id",
        ),
        (
            "twin.toml",
            "twin.toml, line 6, toc/a-new-case: no case of toc/parse has the id of its twin, toc/nothing",
        ),
        ("json.json", "json.json: the cases of toc/parse: invalid type"),
        ("op.json", "op.json: no case file: unknown variant `toc/part`"),
        ("empty.json", "empty.json: there is no case"),
        (
            "schema.json",
            "schema.json: the cases of toc/parse: schema 0, expected 1",
        ),
        ("text.txt", "text.txt: neither a folder nor a file .json or .toml"),
        ("bad", "bad/blobs/aaaa: its content has the sha256 3e23e816"),
        ("none", "none: there is no case"),
        ("nowhere", "cannot read nowhere: "),
        (
            "endless.json",
            "cannot read endless.json: longer than 268435456 bytes, expected at most that many",
        ),
        (
            "endless.toml",
            "cannot read endless.toml: longer than 268435456 bytes, expected at most that many",
        ),
    ] {
        let output = run(folder.path(), &[path]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{path}: {error}");
        assert!(error.contains(message), "{path}: {error}\nexpected {message}");
    }
}

/// `add` with what every case needs, and these arguments.
fn add(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chunkproof"))
        .args(["add", "new.toml", "--why", "It \"goes\" wrong."])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_case_is_added_if_the_reference_agrees() {
    let folder = folder(&[]);
    let folder = folder.path();
    let text = || fs::read_to_string(folder.join("new.toml")).unwrap_or_default();
    let (code, said) = add(
        folder,
        &[
            "--twin",
            "toc/g5",
            "--id",
            "toc/a-new-case",
            "--change",
            "no colon",
            "--edit",
            "replace = { from = \":493\", to = \"493\" }",
        ],
    );
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("toc/a-new-case: invalid; the reference: JSN-01 "),
        "{said}"
    );
    assert_eq!(
        text(),
        "op = \"toc/parse\"\n\n[[group]]\ntwin = \"toc/g5\"\nwhy = 'It \"goes\" wrong.'\nrules = [\"JSN-01\"]\n\n\
         [[group.invalid]]\nid = \"toc/a-new-case\"\nchange = \"no colon\"\n\
         edit.replace = { from = \":493\", to = \"493\" }\n"
    );
    let (code, said) = add(
        folder,
        &[
            "--twin",
            "toc/g5",
            "--id",
            "toc/b-either",
            "--title",
            "two modes",
            "--choice",
            "duplicate-keys",
            "--rule",
            "JSN-03",
            "--tag",
            "security",
            "--edit",
            "replace = { from = '\"mode\":420', to = '\"mode\":1,\"mode\":420' }",
            "--edit",
            "append = \" \"",
        ],
    );
    assert_eq!(code, Some(0), "{said}");
    let before = text();
    for (arguments, expected, message) in [
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--change",
                "a space",
                "--edit",
                "append = \" \"",
                "--rule",
                "JSN-01",
            ][..],
            1,
            "wrong  the case is invalid, and the reference accepts it",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--change",
                "a space",
                "--edit",
                "append = \" \"",
            ],
            2,
            "the reference accepts the input; name the rule that the case is about with --rule",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--change",
                "text",
                "--edit",
                "append = \"x\"",
                "--rule",
                "JSN-01",
            ],
            1,
            "wrong  the reference reports JSN-02 first, and the first of the rules is JSN-01",
        ),
        (
            &[
                "--twin",
                "toc/null-uid",
                "--id",
                "toc/c",
                "--change",
                "text",
                "--edit",
                "append = \"x\"",
            ],
            1,
            "wrong  the reference rejects the twin toc/null-uid",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--title",
                "text",
                "--edit",
                "append = \"x\"",
            ],
            1,
            "wrong  the case is valid, and the reference rejects it",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--title",
                "another mode",
                "--rule",
                "TOC-04",
                "--edit",
                "set = { at = \"/entries/0/mode\", to = 1 }",
            ],
            1,
            "wrong  the output is ",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--change",
                "no colon",
                "--edit",
                "replace = { from = \":493\", to = \"493\" }",
            ],
            1,
            "wrong  toc/a-new-case has the same input, so that the case shows nothing new",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/a-new-case",
                "--change",
                "x",
                "--edit",
                "append = \"x\"",
            ],
            2,
            "toc/a-new-case: two cases have this id",
        ),
        (
            &[
                "--twin",
                "toc/g5",
                "--id",
                "toc/c",
                "--change",
                "x",
                "--edit",
                "append = \"x",
            ],
            2,
            "new.toml, line ",
        ),
        (
            &[
                "--twin",
                "toc/none",
                "--id",
                "toc/c",
                "--change",
                "x",
                "--edit",
                "append = \"x\"",
            ],
            2,
            "toc/none",
        ),
        (&["--twin", "toc/g5", "--id", "toc/c", "--change", "x"], 2, "--edit"),
    ] {
        let (code, said) = add(folder, arguments);
        assert_eq!(code, Some(expected), "{arguments:?}: {said}");
        assert!(said.contains(message), "{arguments:?}: {said}\nexpected {message}");
        assert_eq!(text(), before, "nothing is written");
    }

    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunkproof"));
        let output = command
            .args(["add", "new.toml", "--check"])
            .current_dir(folder)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = check();
    assert_eq!((code, said.lines().count()), (Some(0), 2), "{said}");
    fs::write(folder.join("new.toml"), before.replace("JSN-01", "JSN-02")).unwrap();
    let (code, said) = check();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("wrong  the reference reports JSN-01 first"), "{said}");
}

#[test]
fn the_reference_agrees_with_the_cases_of_the_repository() {
    let output = Command::new(env!("CARGO_BIN_EXE_chunkproof"))
        .args(["add", "src/cases", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
