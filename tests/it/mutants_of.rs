//! `scripts/mutants-of` over an implementation of a few lines, with a stand-in for the run of the vectors; and
//! `docs/mutants-of.md` beside what is stored.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json as value};

use crate::{
    clients::{is_there, succeed},
    scripts::{repository, run, text},
    support::{json, root},
};

const SCRIPTS: [&str; 4] = [
    "scripts/mutants-of",
    "scripts/mutants-of.go",
    "scripts/mutantbuilds.py",
    "scripts/rustplaces.py",
];

const FILES: [(&str, &str); 7] = [
    (
        "docs/mutants-of.toml",
        "[implementations.tiny]\nmodule = \"example.org/tiny\"\ncode = [\".\"]\n",
    ),
    ("tiny/go.mod", "module example.org/tiny\n\ngo 1.21\n"),
    (
        "tiny/tiny.go",
        "package tiny\n\nfunc IsLarger(a, b int) bool {\n\treturn a > b\n}\n\nfunc Next(a int) int {\n\treturn a + 1\n}\n\n\
         func Unreached() bool {\n\treturn 1 > 2\n}\n",
    ),
    (
        "adapters/tiny/go.mod",
        "module example.org/adapter\n\ngo 1.21\n\nrequire example.org/tiny v0.0.0\n\nreplace example.org/tiny => ../../tiny\n",
    ),
    (
        "adapters/tiny/main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.org/tiny\"\n)\n\nfunc main() {\n\tvar a, b int\n\t\
         fmt.Sscan(os.Args[1], &a)\n\tfmt.Sscan(os.Args[2], &b)\n\tfmt.Println(tiny.IsLarger(a, b), tiny.Next(a))\n}\n",
    ),
    (
        "adapters/tiny/adapter.toml",
        "language = \"go\"\nsources = [\"../../tiny\"]\nbuild = [[\"go\", \"build\", \"-o\", \"{out}/adapter\", \".\"]]\n\
         run = [\"{out}/adapter\"]\n\n[[versions]]\nversion = \"v1\"\n",
    ),
    (
        "vectors.py",
        r#"#!/usr/bin/env python3
import json, shlex, subprocess, sys

CASES = {"tiny/larger": ("2", "1", "true 3"), "tiny/smaller": ("1", "2", "false 2")}
words = sys.argv[1:]
impl = shlex.split(words[words.index("--impl") + 1])
only = [words[i + 1] for i, word in enumerate(words) if word == "--only"]
results = []
for case, (a, b, right) in CASES.items():
    if not only or case in only:
        found = subprocess.run([*impl, a, b], capture_output=True, text=True).stdout.strip()
        status, result = ("ok", "pass") if found == right else ("unexpected-failure", "wrong-output")
        results.append({"case": case, "op": "tiny/ask", "result": result, "status": status, "answer": "accept"})
print(json.dumps({"implementations": [{"results": results}]}))
sys.exit(any(result["result"] != "pass" for result in results))
"#,
    ),
];

fn mutants_of(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, "scripts/mutants-of", arguments)
}

fn sampled(folder: &Path, out: &str, shard: &str, more: &[&str]) -> Value {
    let fixed = [
        "tiny",
        "--sample",
        "6",
        "--seed",
        "3",
        "--jobs",
        "1",
        "--program",
        "vectors.py",
    ];
    let output = mutants_of(folder, &[&fixed[..], &["--out", out, "--shard", shard], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let file = match shard {
        "1/1" => "tiny.json".to_owned(),
        other => format!("tiny-{}.json", other.replace('/', "-of-")),
    };
    json(folder.join(out).join(file))
}

/// What became of each mutant, by its name.
fn ends(kept: &Value) -> Vec<(String, String)> {
    let field = |mutant: &Value, name: &str| mutant[name].as_str().unwrap_or_default().to_owned();
    let mutants = kept["mutants"].as_array().expect("mutants");
    let mut ends: Vec<_> = mutants
        .iter()
        .map(|mutant| (field(mutant, "id"), field(mutant, "result")))
        .collect();
    ends.sort();
    ends
}

/// A border that no case is at survives, until one is.
#[test]
fn mutants_are_killed_by_cases() {
    if !is_there("go", "version", "CHUNKPROOF_REQUIRE_GO") {
        return;
    }
    let folder = repository(&SCRIPTS);
    let here = folder.path();
    for (path, content) in FILES {
        fs::create_dir_all(here.join(path).parent().expect("a folder")).expect("a folder");
        fs::write(here.join(path), content).expect("a file");
    }
    let mut make = Command::new("chmod");
    succeed(make.args(["+x", "vectors.py"]).current_dir(here));

    let whole = sampled(here, "whole", "1/1", &[]);
    assert_eq!(
        (&whole["places"], &whole["reached"]),
        (&value!(9), &value!(4)),
        "{whole:#}"
    );
    let border = "tiny.go: IsLarger: border: > -> >= #1";
    let killed = [
        "tiny.go: Next: arithmetic: + -> - #1",
        "tiny.go: Next: constant: 1 -> 0 #1",
        "tiny.go: Next: constant: 1 -> 2 #1",
    ];
    let expected: Vec<_> = [(border, "survived")]
        .into_iter()
        .chain(killed.map(|id| (id, "killed")))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(id, end)| ((*id).to_owned(), (*end).to_owned()))
        .collect();
    assert_eq!(ends(&whole), expected);

    let mut parts = ends(&sampled(here, "parts", "1/2", &[]));
    assert_eq!(parts.len(), 2);
    parts.extend(ends(&sampled(here, "parts", "2/2", &[])));
    parts.sort();
    assert_eq!(parts, expected);

    let report = || mutants_of(here, &["report", "--out", "whole"]);
    let output = report();
    assert_eq!(output.status.code(), Some(1));
    let missing = format!("mutants-of: tiny: a survivor is not explained: {border}\n");
    assert_eq!(text(&output.stderr), missing);
    let row = |name: &str| {
        format!(
            "\n[[survivors]]\nimplementation = \"tiny\"\nmutant = \"{name}\"\nwhat = \"listed\"\nreason = \"No case is there.\"\n"
        )
    };
    let register = here.join("docs/mutants-of.toml");
    let explain = |rows: &str| fs::write(&register, format!("{}{rows}", FILES[0].1)).expect("a file");
    explain(&row(border));
    let output = report();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("| 9 | 4 | 4 | 0 | 0 | 3 | 1 | 0 | 75.0 % |"), "{table}");
    assert!(
        table.contains(&format!("- `{border}` (line 4): listed. No case is there.")),
        "{table}"
    );
    explain(&row("another"));
    assert!(text(&report().stderr).contains("no survivor of the stored results: another"));
    // A function that does not count needs no explanation.
    explain("outside = [\"IsLarger\"]\n");
    let table = text(&report().stdout);
    assert!(table.contains("| 9 | 4 | 4 | 1 | 0 | 3 | 0 | 0 | 100.0 % |"), "{table}");

    let program = here.join("vectors.py");
    let change = |from: &str, to: &str| {
        let before = fs::read_to_string(&program).expect("the stand-in");
        fs::write(&program, before.replace(from, to)).expect("a file");
    };

    // A case whose twin is no longer accepted is not a failure, but it detects a mistake.
    let (failure, vacuous) = ("\"unexpected-failure\", \"wrong-output\"", "\"ok\", \"vacuous\"");
    change(failure, vacuous);
    let twins = sampled(here, "twins", "1/1", &[]);
    assert_eq!(ends(&twins), expected);
    let mutants = twins["mutants"].as_array().expect("mutants");
    let mut dead = mutants.iter().filter(|mutant| mutant["result"] == "killed");
    assert!(dead.all(|mutant| mutant["as"] == "vacuous"), "{twins:#}");
    change(vacuous, failure);

    // What is stored is not run again without being asked.
    change("CASES = {", "CASES = {\"tiny/equal\": (\"1\", \"1\", \"false 2\"), ");
    assert_eq!(ends(&sampled(here, "whole", "1/1", &[])), expected);
    let again = sampled(here, "whole", "1/1", &["--again"]);
    assert!(ends(&again).iter().all(|(_, end)| end == "killed"), "{again:#}");
    explain("");
    let table = text(&report().stdout);
    assert!(
        table.contains(&format!("- `{border}` (line 4): detected now, by `tiny/equal`.")),
        "{table}"
    );

    // All cases are about one choice. What decides it in two ways, in two runs, is detected, and what decides it in another way is not.
    change(
        "{\"tiny/equal\": (\"1\", \"1\", \"false 2\"), \"tiny/larger\"",
        LAST_ALONE,
    );
    change(
        "(\"ok\", \"pass\") if found == right else (\"unexpected-failure\", \"wrong-output\")",
        ONE_CHOICE,
    );
    change("print(json", CONFLICT);
    change("result[\"result\"] != \"pass\"", "result[\"status\"] != \"ok\"");
    let choices = sampled(here, "choices", "1/1", &[]);
    let mutants = choices["mutants"].as_array().expect("mutants");
    for mutant in mutants {
        let is_border = mutant["id"] == border;
        assert_eq!(mutant["as"] == "choice-conflict", is_border, "{choices:#}");
        assert_eq!(mutant["result"] == "survived", !is_border, "{choices:#}");
    }
}

/// Ten cases, and one that comes after them in an order of its own.
const LAST_ALONE: &str = "{\"tiny/same\": (\"1\", \"1\", \"false 2\"), **{f\"tiny/larger-{n}\": (\"2\", \"1\", \"true 3\") for n in range(8)}, \"tiny/larger\"";
const ONE_CHOICE: &str = "(\"ok\", \"lenient\" if found == right else \"strict\")";
const CONFLICT: &str = r#"if len({result["result"] for result in results}) > 1:
    for result in results:
        if result["result"] == "strict":
            result |= {"result": "choice-conflict", "status": "unexpected-failure"}
print(json"#;

/// Every operator, and what is passed over.
#[test]
fn places_of_rust_are_found_by_their_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = "fn f<T: A + B>(a: u8) -> Result<u8, E> {\n    let b: Vec<u8> = vec![];\n    if a < 2 && a != 0 {\n        \
                  return Err(E);\n    }\n    g(&b)?;\n    match a {\n        7 => h(a << 3),\n        _ => {}\n    }\n    Ok(a)\n}\n\
                  #[cfg(test)]\nmod tests {\n    fn t() { assert!(1 == 2); }\n}\nconst fn c() -> u8 { 4 - 2 }\n\
                  fn outer() -> bool {\n    fn inner(a: u8) -> bool {\n        a < 1\n    }\n    inner(0)\n}\n\
                  // §\nfn head(a: u8) -> bool {\n    match unsafe { g(a) } {\n        0 => a < 1,\n        _ => false,\n    }\n}\n";
    fs::write(folder.path().join("lib.rs"), source).expect("a file");
    let code = "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import rustplaces; from pathlib import Path\n\
                places, probed, count = rustplaces.read(Path(sys.argv[2]), ['lib.rs'])\n\
                text = (Path(sys.argv[2]) / 'lib.rs').read_bytes()\n\
                for p in places:\n    before = text[p['start'] : p['end']].decode()\n    \
                print(p['line'], p['function'], p['operator'], p['at'], repr(before), repr(p['to']))\n\
                print(probed['lib.rs'], end='')";
    let mut command = Command::new("python3");
    command
        .args(["-c", code])
        .arg(root().join("scripts"))
        .arg(folder.path());
    insta::assert_snapshot!(text(&succeed(&mut command).stdout));
}

/// The tables are those of the stored results, and each survivor is explained.
#[test]
fn the_document_has_the_stored_results() {
    let output = mutants_of(root(), &["report"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let document = fs::read_to_string(root().join("docs/mutants-of.md")).expect("the document");
    let (_, tables) = document.split_once("<!-- results -->\n").expect("a mark");
    let (tables, _) = tables.split_once("<!-- end -->").expect("a mark");
    assert_eq!(
        tables,
        text(&output.stdout),
        "run `scripts/mutants-of report --write docs/mutants-of.md`"
    );
}
