//! The packages that are made of `vectors/`: each is packed and used from a folder with nothing of this repository, by a small
//! reader of footers and the example of `docs/vectors.md`, and judges as the runner does.
//!
//! They need programs that not every machine has, and registries. Where one is missing the test says that it did not run;
//! `CHUNKPROOF_REQUIRE_GO`, `CHUNKPROOF_REQUIRE_PIP`, `CHUNKPROOF_REQUIRE_NODE` and `CHUNKPROOF_REQUIRE_CRATES`, as the gate sets
//! them, make that a failure.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::{
    clients::{is_there, succeed},
    support::{json, program, root},
    vectors_doc::example,
};

/// What the readers do not read.
const DIALECTS: [&str; 2] = ["g4", "g5"];

/// The files of the packages in this repository.
fn readers() -> PathBuf {
    root().join("tests/packages")
}

/// Copies a file, with another text in the place of one that it has.
fn copy(from: &str, to: &Path, (text, other): (&str, &str)) {
    let content = fs::read_to_string(readers().join(from)).expect("the reader");
    assert!(content.contains(text), "{from} has no {text:?}");
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::write(to, content.replacen(text, other, 1)).expect("a file");
}

/// What a test run printed, and whether it ended well.
fn told(output: &Output) -> (bool, String) {
    let text = [&*output.stdout, &*output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// How many cases of footers the readers are asked, how many not, and how many other operations there are.
fn counts() -> (usize, usize, usize) {
    let file = json(root().join("vectors/footer-parse.json"));
    let cases = file["cases"].as_array().expect("cases");
    let applies = |case: &&Value| {
        let dialects = case["dialects"].as_array().expect("dialects");
        dialects
            .iter()
            .any(|dialect| DIALECTS.iter().any(|known| dialect == known))
    };
    let asked = cases.iter().filter(applies).count();
    (asked, cases.len() - asked, ops().len() - 1)
}

/// The operations.
fn ops() -> BTreeSet<String> {
    let index = json(root().join("vectors/index.json"));
    let lines = index.as_array().expect("lines").iter();
    lines
        .map(|line| line["op"].as_str().expect("an operation").to_owned())
        .collect()
}

/// Runs the tests of one language with the reader as it is, with one that forgets to check the type, and each with a list of this
/// failure. Returns what the first printed.
///
/// `kind` is the check of the type with what remains of it, `list` an empty list in the example with the one of the failure.
fn try_readers(
    kind: (&str, &str),
    list: (&str, &str),
    mut run: impl FnMut((&str, &str), &str) -> Output,
    code: &str,
) -> String {
    let same = (kind.0, kind.0);
    assert!(code.contains(list.0), "the example has no {:?}", list.0);
    let expecting = code.replacen(list.0, list.1, 1);

    let (good, first) = told(&run(same, code));
    assert!(good, "{first}");
    let (good, text) = told(&run(kind, code));
    assert!(
        !good && text.contains("footer/v64-type-2") && text.contains("wrong-verdict"),
        "{text}"
    );
    let (good, text) = told(&run(kind, &expecting));
    assert!(good, "{text}");
    // A list with a failure that does not happen.
    let (good, text) = told(&run(same, &expecting));
    assert!(!good && text.contains("did not happen"), "{text}");
    first
}

#[test]
fn the_go_module_is_used_from_an_empty_folder() {
    if !is_there("go", "version", "CHUNKPROOF_REQUIRE_GO") {
        return;
    }
    let vectors = root().join("vectors");
    let address = succeed(&mut Command::new(root().join("scripts/address"))).stdout;
    let module = format!("{}/vectors", String::from_utf8_lossy(&address).trim());
    let folder = tempfile::tempdir().expect("a folder");
    let go = |arguments: &[&str]| {
        let mut command = Command::new("go");
        command.args(arguments).current_dir(folder.path());
        command
            .env("GOTOOLCHAIN", "auto")
            .env("GOFLAGS", "-mod=mod")
            .env_remove("GOWORK");
        command
    };
    succeed(&mut go(&["mod", "init", "example.com/footer"]));
    let replace = format!("{module}={}", vectors.display());
    succeed(&mut go(&[
        "mod",
        "edit",
        "-require",
        &format!("{module}@v0.0.0"),
        "-replace",
        &replace,
    ]));
    let run = |kind: (&str, &str), code: &str| {
        copy("go/footer.go", &folder.path().join("footer.go"), kind);
        fs::write(folder.path().join("footer_test.go"), code).expect("a file");
        go(&["test", "-v"]).output().expect("go starts")
    };
    let code = example("Go");
    let (asked, unsupported, others) = counts();
    let list = (
        "map[string]string{}",
        "map[string]string{\"footer/v64-type-*\": \"issue 1\"}",
    );
    let text = try_readers(("kind != 1", "kind == 1<<63"), list, run, code);
    let lines = |start: &str| text.lines().filter(|line| line.trim_start().starts_with(start)).count();
    assert_eq!(
        (lines("--- PASS: TestVectors/"), lines("--- SKIP: ")),
        (asked, unsupported + others),
        "{text}"
    );

    let mut own = go(&["test", "."]);
    succeed(own.current_dir(&vectors));
    let mut own = go(&["vet", "."]);
    succeed(own.current_dir(&vectors));
}

#[test]
fn the_python_package_is_used_from_an_empty_folder() {
    const REQUIRE: &str = "CHUNKPROOF_REQUIRE_PIP";
    if !is_there("python3", "--version", REQUIRE) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let made = Command::new("python3")
        .args(["-m", "venv", "venv"])
        .current_dir(here)
        .output();
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(here.join("venv/bin/pip"));
        command
            .args(["--quiet", "--disable-pip-version-check"])
            .args(arguments)
            .current_dir(here);
        command
    };
    let has_registry = made.is_ok_and(|made| made.status.success())
        && pip(&["install", "pytest", "hatchling"])
            .status()
            .is_ok_and(|status| status.success());
    if !has_registry {
        assert!(
            env::var_os(REQUIRE).is_none(),
            "no venv, or no registry of Python packages"
        );
        eprintln!("no venv, or no registry of Python packages: this test did not run");
        return;
    }
    let wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "wheels"];
    succeed(pip(&wheel).arg(root().join("vectors")));
    succeed(&mut pip(&[
        "install",
        "--no-index",
        "--find-links",
        "wheels",
        "chunkproof-vectors",
    ]));
    let pytest = |arguments: &[&str]| {
        let mut command = Command::new(here.join("venv/bin/python"));
        command
            .args(["-B", "-m", "pytest", "-p", "no:cacheprovider"])
            .args(arguments);
        command.current_dir(here);
        command
    };
    let run = |kind: (&str, &str), code: &str| {
        copy("python/footer.py", &here.join("footer.py"), kind);
        fs::write(here.join("test_footer.py"), code).expect("a file");
        pytest(&["test_footer.py"]).output().expect("python starts")
    };
    let code = example("Python");
    let (asked, unsupported, others) = counts();
    let list = (
        "expected_failures={}",
        "expected_failures={\"footer/v64-type-*\": \"issue 1\"}",
    );
    let text = try_readers(("kind != 1 or ", ""), list, run, code);
    let summary = format!("{asked} passed, {} skipped", unsupported + others);
    assert!(text.contains(&summary), "{summary}: {text}");

    let own = root().join("vectors/packages/python/tests");
    succeed(pytest(&["-q"]).arg(own));
}

#[test]
fn the_npm_package_is_used_from_an_empty_folder() {
    if !is_there("npm", "--version", "CHUNKPROOF_REQUIRE_NODE") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let vectors = root().join("vectors");
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", "--pack-destination"])
        .arg(here)
        .current_dir(&vectors);
    let name = String::from_utf8(succeed(&mut pack).stdout).expect("a name");
    fs::write(here.join("package.json"), r#"{"type": "module"}"#).expect("a file");
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--offline", "--no-audit", "--no-fund"]);
    succeed(install.arg(format!("./{}", name.trim())).current_dir(here));
    let node = |arguments: &[&str]| {
        let mut command = Command::new("node");
        command.arg("--test").args(arguments).current_dir(here);
        command
    };
    let run = |kind: (&str, &str), code: &str| {
        copy("js/footer.js", &here.join("footer.js"), kind);
        fs::write(here.join("footer.test.js"), code).expect("a file");
        node(&["--test-reporter=tap"]).output().expect("node starts")
    };
    let code = example("JavaScript");
    let (asked, unsupported, others) = counts();
    let list = (
        "expectedFailures: {}",
        "expectedFailures: { 'footer/v64-type-*': 'issue 1' }",
    );
    let text = try_readers(("kind !== 1n || ", ""), list, run, code);
    let summary = [
        format!("# pass {asked}\n"),
        format!("# skipped {}\n", unsupported + others),
    ];
    assert!(summary.iter().all(|line| text.contains(line)), "{summary:?}: {text}");

    let mut own = node(&["packages/js/"]);
    succeed(own.current_dir(&vectors));
}

#[test]
fn the_crate_is_used_from_an_empty_folder() {
    const REQUIRE: &str = "CHUNKPROOF_REQUIRE_CRATES";
    let manifest = root().join("vectors/packages/rust/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let cargo = |arguments: &[&str], folder: &Path| {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(folder);
        command.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS");
        // Nobody looks at the programs afterwards, and these take time to make.
        command
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_INCREMENTAL", "0");
        command
    };
    let fetched = cargo(&["fetch", "--locked", "--manifest-path"], root())
        .arg(&manifest)
        .output();
    if !fetched.is_ok_and(|output| output.status.success()) {
        assert!(env::var_os(REQUIRE).is_none(), "no registry of crates");
        eprintln!("no registry of crates: this test did not run");
        return;
    }
    let package = ["package", "--no-verify", "--allow-dirty", "--manifest-path"];
    succeed(cargo(&package, root()).arg(&manifest));
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let mut unpack = Command::new("tar");
    unpack
        .arg("xf")
        .arg(target.join("package/chunkproof-vectors-0.1.0.crate"))
        .current_dir(here);
    succeed(&mut unpack);
    fs::rename(here.join("chunkproof-vectors-0.1.0"), here.join("vectors")).expect("the package");
    fs::create_dir(here.join("tests")).expect("a folder");
    copy("rust/Cargo.toml", &here.join("Cargo.toml"), ("", ""));
    let run = |kind: (&str, &str), code: &str| {
        copy("rust/src/lib.rs", &here.join("src/lib.rs"), kind);
        fs::write(here.join("tests/vectors.rs"), code).expect("a file");
        cargo(&["test", "--test", "vectors"], here)
            .output()
            .expect("cargo starts")
    };
    let code = example("Rust");
    let (asked, unsupported, others) = counts();
    let with = "footer::parse).expected_failure(\"footer/v64-type-*\", \"issue 1\")";
    let text = try_readers(("*kind != 1 || ", ""), ("footer::parse)", with), run, code);
    let summary = format!("{asked} passed; 0 failed; {} ignored;", unsupported + others);
    assert!(text.contains(&summary), "{summary}: {text}");

    succeed(cargo(&["test", "--locked", "--manifest-path"], root()).arg(&manifest));
}

/// What `data` of the crate links to is what the generator writes for it; a new list or operation needs a new link.
#[test]
fn the_crate_has_every_file() {
    let folder = root().join("vectors/packages/rust/data");
    let mut expected: BTreeSet<String> = ["LICENSE-APACHE", "LICENSE-MIT", "blobs", "blobs.rs", "judging.json"]
        .map(str::to_owned)
        .into();
    for entry in fs::read_dir(root().join("vectors")).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        if name.ends_with(".json") && name != "package.json" {
            expected.insert(name);
        }
    }
    let links = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry"));
    let links: BTreeMap<String, PathBuf> = links
        .map(|entry| (entry.file_name().into_string().expect("UTF-8"), entry.path()))
        .collect();
    assert_eq!(
        links.keys().cloned().collect::<BTreeSet<_>>(),
        expected,
        "ln -s ../../../NAME vectors/packages/rust/data/NAME"
    );
    for (name, path) in links {
        assert!(path.is_symlink() && path.exists(), "{name} is no link to a file");
    }
}

/// The runner gives the results that the packages have to give.
#[test]
fn the_runner_judges_as_the_packages_do() {
    let vectors = root().join("vectors");
    let scenarios = json(vectors.join("packages/judging.json"));
    for (number, scenario) in scenarios.as_array().expect("scenarios").iter().enumerate() {
        let adapter = format!(
            "python3 {} {} {number}",
            readers().join("judging.py").display(),
            vectors.display()
        );
        let mut run = program();
        run.args([
            "run",
            "--impl",
            &adapter,
            "--format",
            "json",
            "--timeout",
            "60",
            "--jobs",
            "1",
        ]);
        for op in scenario["ops"].as_object().expect("operations").keys() {
            run.args(["--op", op]);
        }
        let output = run.output().expect("the program starts");
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        let results = report["implementations"][0]["results"].as_array().expect("results");
        assert!(results.len() > 100, "{}", scenario["name"]);
        let cases = cases(&vectors, scenario);
        for result in results {
            let id = result["case"].as_str().expect("an id");
            assert_eq!(
                result["result"],
                expected(scenario, &result["op"], &cases[id]),
                "{}: {id}",
                scenario["name"]
            );
        }
    }
}

/// The cases of the operations of a scenario, by their ids.
fn cases(vectors: &Path, scenario: &Value) -> BTreeMap<String, Value> {
    let mut cases = BTreeMap::new();
    for op in scenario["ops"].as_object().expect("operations").keys() {
        let file = json(vectors.join(format!("{}.json", op.replace('/', "-"))));
        for case in file["cases"].as_array().expect("cases") {
            cases.insert(case["id"].as_str().expect("an id").to_owned(), case.clone());
        }
    }
    cases
}

/// The result of a case in a scenario.
fn expected(scenario: &Value, op: &Value, case: &Value) -> String {
    let known = &scenario["ops"][op.as_str().expect("an operation")];
    let applies = |dialect: &Value| known.as_array().expect("dialects").contains(dialect);
    if !case["dialects"].as_array().expect("dialects").iter().any(applies) {
        return "unsupported".to_owned();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let keys = [
        text(&case["id"]),
        format!("twin:{}", text(&case["twin"])),
        format!("choice:{}", text(&case["expect"]["choice"])),
    ];
    let usual = if case["expect"]["verdict"] == "either" {
        "strict"
    } else {
        "pass"
    };
    let named = keys.iter().find_map(|key| scenario["results"][key].as_str());
    named.unwrap_or(usual).to_owned()
}

/// Everything that repeats the address, the version or the licence agrees.
#[test]
fn manifests_agree() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("the file");
    let address = succeed(&mut Command::new(root().join("scripts/address"))).stdout;
    let address = String::from_utf8_lossy(&address).trim().to_owned();
    let repository = format!("\"https://{address}\"");
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(read("vectors/go.mod").starts_with(&format!("module {address}/vectors\n")));
    for path in [
        "vectors/pyproject.toml",
        "vectors/packages/rust/Cargo.toml",
        "vectors/package.json",
    ] {
        let text = read(path);
        assert!(text.contains(&repository), "{path}: {repository}");
        let separator = if path.ends_with(".json") {
            "\"version\": "
        } else {
            "version = "
        };
        assert!(text.contains(&format!("{separator}{version}")), "{path}: {version}");
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(read(licence), read(&format!("vectors/{licence}")));
    }
}
