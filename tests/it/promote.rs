//! What was found becomes a case: `minimize`, `promote` and `replay`.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chunkproof::{
    judge::{Expectations, Outcome},
    runner::{self, Allowance, Implementation, Options},
    vectors::{CaseId, Expect, Provenance, Set, case_files::read_cases},
};

use crate::support::{chunkproof_in, root};

struct Quiet;

impl runner::Observer for Quiet {
    fn event(&self, _: runner::Event<'_>) {}
}

/// Stdout of a command that ends well.
fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = chunkproof_in(folder, arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Stderr of a command that ends with exit code 2.
fn bad(folder: &Path, arguments: &[&str]) -> String {
    let output = chunkproof_in(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn tree(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            tree(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(path).unwrap());
        }
    }
}

/// A copy of the folder of promoted cases.
fn promoted(folder: &Path) -> PathBuf {
    let copy = folder.join("promoted");
    fs::create_dir(&copy).unwrap();
    let own = root().join("src/cases/promoted");
    for entry in fs::read_dir(own).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    copy
}

/// A TOC that nothing in the set is like: one broken rule in a large document.
const TOC: &str = r#"{"version":1,"entries":[
    {"type":"dir","name":"some","mode":493},
    {"type":"reg","name":"some/file","mode":420,"size":0,"uid":1000.5},
    {"type":"symlink","name":"some/link","linkName":"file","mode":511}
]}"#;

#[test]
fn what_was_found_joins_the_set_and_runs() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    promoted(folder);
    fs::write(folder.join("odd.json"), TOC).unwrap();
    let said = good(
        folder,
        &[
            "promote",
            "odd.json",
            "--op",
            "toc/parse",
            "--id",
            "toc/uid-half",
            "-o",
            "promoted",
        ],
    );
    assert!(said.contains("toc/uid-half: invalid"), "{said}");
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cases");
    good(
        folder,
        &["generate", "--cases", cases, "--promoted", "promoted", "-o", "vectors"],
    );
    let mut files = BTreeMap::new();
    tree(&folder.join("vectors"), "", &mut files);
    // It loads only if the twin is there and accepted.
    let set = Set::from_files(&files).unwrap();
    let id: CaseId = "toc/uid-half".parse().unwrap();
    let index = set.position(&id).unwrap();
    let case = &set.entries()[index].case;
    assert_eq!(case.rules.len(), 1, "one change breaks one rule: {:?}", case.rules);
    assert!(matches!(&case.provenance, Provenance::Found { artifact: Some(_), .. }));
    assert!(case.input.to_string().len() < TOC.len() * 2 / 3, "{}", case.input);

    let reference = format!("'{}' adapter serve reference", env!("CARGO_BIN_EXE_chunkproof"));
    let implementation = Implementation::parse(&reference).unwrap();
    let second = Duration::from_secs(20);
    let run = runner::run(
        &[(implementation, Expectations::default())],
        &set,
        &[index],
        Options {
            allowance: Allowance::new(second, second, 1 << 30),
            jobs: NonZero::<usize>::MIN,
            hold_to_limits: true,
            blind: false,
            fail_fast: false,
        },
        &Quiet,
    );
    // A rejection passes only beside a twin that is accepted.
    assert_eq!(run.implementations[0].results[0].outcome, Outcome::Pass);
}

/// An artifact of the target for layers has its annotations before the blob.
#[test]
fn a_layer_that_a_target_failed_with_is_promoted() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let set = Set::embedded().unwrap();
    let entry = set.find(&"reconstruct/digest-wrong".parse().unwrap()).unwrap();
    let mut input = set.wire_input(entry).unwrap();
    // More than a few edits of any case.
    for key in ["org.example", "org.example.more", "org.example.most"] {
        input["annotations"][key] = "of no one's".into();
    }
    let blob = STANDARD.decode(input["blob"]["base64"].as_str().unwrap()).unwrap();
    let artifact = [format!("{}\n", input["annotations"]).into_bytes(), blob].concat();
    fs::write(folder.join("crash-0123"), artifact).unwrap();
    let arguments = [
        "promote",
        "crash-0123",
        "--target",
        "layer",
        "--as-is",
        "-o",
        "promoted",
    ];
    let said = good(folder, &[&arguments[..], &["--id", "reconstruct/from-target"]].concat());
    assert!(said.contains("reconstruct/from-target: invalid"), "{said}");
    let written = fs::read_to_string(folder.join("promoted/layer-reconstruct.json")).unwrap();
    let promoted = read_cases(&written).unwrap();
    let case = promoted
        .iter()
        .find(|entry| entry.case.id.as_str() == "reconstruct/from-target");
    let case = &case.unwrap().case;
    assert_eq!(case.input["annotations"], input["annotations"]);
    assert_eq!(case.rules.first().map(ToString::to_string), Some("DAT-03".to_owned()));
}

#[test]
fn an_id_is_given_once_and_an_input_too() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    fs::write(folder.join("odd.json"), TOC).unwrap();
    let arguments = ["promote", "odd.json", "--op", "toc/parse", "-o", "promoted", "--id"];
    for (id, message) in [("toc/size-negative", "is taken"), ("footer/x", "begin with toc/")] {
        let said = bad(folder, &[&arguments[..], &[id]].concat());
        assert!(said.contains(message), "{said}");
    }
    good(folder, &[&arguments[..], &["toc/once"]].concat());
    assert!(bad(folder, &[&arguments[..], &["toc/once"]].concat()).contains("is taken"));

    // A case of the set, as a candidate.
    good(
        folder,
        &[
            "minimize",
            "footer/v64",
            "--impl",
            "reference",
            "--attempts",
            "0",
            "-o",
            "same.json",
        ],
    );
    let said = bad(folder, &["promote", "same.json", "-o", "promoted"]);
    assert!(said.contains("the case footer/v64 has the same input"), "{said}");
    assert!(bad(folder, &["promote", "odd.json"]).contains("--op or --target"));
    assert!(bad(folder, &["promote", "none.json"]).contains("no such file"));
}

#[test]
fn an_accepted_input_becomes_a_valid_case_or_a_choice() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    fs::write(
        folder.join("good.json"),
        r#"{"version":1,"entries":[{"type":"dir","name":"unseen","zzz":1},{"type":"dir","name":"unseen/too","zzz":2},
            {"type":"dir","name":"unseen/as-well","zzz":3},{"type":"symlink","name":"unseen/link","linkName":"too"}]}"#,
    )
    .unwrap();
    let arguments = [
        "promote",
        "good.json",
        "--op",
        "toc/parse",
        "--rule",
        "JSN-03",
        "-o",
        "promoted",
        "--id",
    ];
    good(folder, &[&arguments[..], &["toc/one"]].concat());
    good(
        folder,
        &[
            &arguments[..],
            &["toc/two", "--choice", "repeated-names", "--tag", "interop"],
        ]
        .concat(),
    );
    let text = fs::read_to_string(folder.join("promoted/toc-parse.json")).unwrap();
    let [one, two] = read_cases(&text).unwrap().try_into().unwrap();
    assert!(matches!(one.case.expect, Expect::Valid { .. }) && one.case.twin.is_none());
    assert!(matches!(two.case.expect, Expect::Either { .. }) && two.case.tags.len() == 1);
}

#[test]
fn a_layer_is_made_smaller_behind_its_seals() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    good(folder, &["extract", "reconstruct/toc-mode-differs", "-o", "case"]);
    let blob = ["case/blob", "case/blob.zst", "case/layer.tar.zst"]
        .into_iter()
        .find(|name| folder.join(name).is_file())
        .unwrap();
    let arguments = [
        "minimize",
        blob,
        "--annotations",
        "case/annotations.json",
        "-o",
        "small",
    ];
    let said = bad(folder, &[&arguments[..], &["--rule", "FTR-01"]].concat());
    assert!(said.contains("finds CMP-02 first, expected FTR-01"), "{said}");
    let said = good(folder, &[&arguments[..], &["--rule", "CMP-02"]].concat());
    assert!(said.contains("CMP-02 is broken first"), "{said}");
    let length = |name: &str| fs::metadata(folder.join(name)).unwrap().len();
    assert!(
        length("small") < length(blob) / 2,
        "{} of {}",
        length("small"),
        length(blob)
    );
    let verified = chunkproof_in(folder, &["verify", "small", "--annotations", "small.annotations.json"]);
    assert_eq!(verified.status.code(), Some(1));
    let text = String::from_utf8(verified.stdout).unwrap();
    assert!(text.contains("CMP-02"), "{text}");
}

#[test]
fn what_an_implementation_answers_can_stay() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    // The crate accepts it, and the reference does not.
    let said = good(
        folder,
        &[
            "minimize",
            "footer/v64-toc-end-wraps",
            "--impl",
            "reference",
            "--impl",
            "zstd-chunked",
            "-o",
            "small.json",
        ],
    );
    assert!(said.contains("reference: refuse, zstd-chunked: accept A"), "{said}");
    let text = fs::read_to_string(folder.join("small.json")).unwrap();
    let [entry] = read_cases(&text).unwrap().try_into().unwrap();
    assert_eq!(entry.case.expect, Expect::Invalid);
}

#[test]
fn targets_run_on_files() {
    let folder = root();
    let seed = fs::read_dir(folder.join("corpus/footer"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let seed = seed.display().to_string();
    assert_eq!(
        good(folder, &["replay", "footer", &seed, &seed]),
        "footer: 2 inputs, 0 of them fail\n"
    );
    let seeds = Path::new(&seed).parent().unwrap();
    let count = fs::read_dir(seeds).unwrap().count();
    assert_eq!(
        good(folder, &["replay", "footer", seeds.to_str().unwrap()]),
        format!("footer: {count} inputs, 0 of them fail\n")
    );
    assert!(bad(folder, &["replay", "nothing", &seed]).contains("no target is called"));
    assert!(
        bad(folder, &["minimize", &seed, "--target", "footer", "-o", "/dev/null"])
            .contains("does not fail with the input")
    );
}

/// What edits of a case make is written as these edits.
#[test]
fn an_edit_of_a_case_is_promoted_as_an_edit() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let set = Set::embedded().unwrap();
    let twin = set.find(&"toc/g5".parse().unwrap()).unwrap();
    let input = set.wire_input(twin).unwrap();
    let json = STANDARD.decode(input["json"]["base64"].as_str().unwrap()).unwrap();
    let odd = String::from_utf8(json).unwrap().replacen(":493", ":-0.25e7", 1);
    fs::write(folder.join("odd.json"), odd).unwrap();
    let arguments = [
        "promote",
        "odd.json",
        "--op",
        "toc/parse",
        "--as-is",
        "--cases",
        "cases",
        "--twin",
        "toc/g5",
    ];
    let said = good(folder, &[&arguments[..], &["--id", "toc/mode-of-odd"]].concat());
    assert!(said.contains("TOC /entries/0/mode: -0.25e7 in place of 493"), "{said}");
    let file = folder.join("cases/found/toc-parse.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("twin = \"toc/g5\""), "{text}");
    assert!(
        text.contains("raw = { at = \"/entries/0/mode\", to = \"-0.25e7\" }"),
        "{text}"
    );
    let said = good(folder, &["add", "cases/found/toc-parse.toml", "--check"]);
    assert!(said.contains("toc/mode-of-odd"), "{said}");
}

/// So is a layer, and an input that is accepted, with the edits of the output.
#[test]
fn edits_of_layers_and_of_accepted_cases_are_promoted_as_edits() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let set = Set::embedded().unwrap();
    let entry = set.find(&"reconstruct/g5-owner".parse().unwrap()).unwrap();
    let mut input = set.wire_input(entry).unwrap();
    let position = "io.github.containers.zstd-chunked.manifest-position";
    input["annotations"][position] = "1:2:3:77".into();
    let blob = STANDARD.decode(input["blob"]["base64"].as_str().unwrap()).unwrap();
    fs::write(folder.join("odd.tar.zst"), blob).unwrap();
    fs::write(folder.join("annotations.json"), input["annotations"].to_string()).unwrap();
    let arguments = [
        "promote",
        "odd.tar.zst",
        "--annotations",
        "annotations.json",
        "--op",
        "layer/reconstruct",
        "--as-is",
        "--cases",
        "cases",
        "--id",
        "reconstruct/odd-position",
    ];
    let said = good(folder, &arguments);
    assert!(
        said.contains(&format!("annotation {position}: 1:2:3:77 in place of")),
        "{said}"
    );
    let text = fs::read_to_string(folder.join("cases/found/layer-reconstruct.toml")).unwrap();
    for line in [
        "twin = \"reconstruct/g5-owner\"",
        "edit = [{ annotations = { annotate = {",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let said = good(folder, &["add", "cases/found/layer-reconstruct.toml", "--check"]);
    assert!(said.contains("reconstruct/odd-position"), "{said}");

    let twin = set.find(&"toc/g5".parse().unwrap()).unwrap();
    let json = set.wire_input(twin).unwrap()["json"]["base64"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = String::from_utf8(STANDARD.decode(json).unwrap())
        .unwrap()
        .replacen(":493", ":77", 1);
    fs::write(folder.join("other.json"), other).unwrap();
    let arguments = [
        "promote",
        "other.json",
        "--op",
        "toc/parse",
        "--cases",
        "cases",
        "--id",
        "toc/odd-mode",
    ];
    let said = good(folder, &arguments);
    assert!(said.contains("toc/odd-mode: valid"), "{said}");
    let text = fs::read_to_string(folder.join("cases/found/toc-parse.toml")).unwrap();
    for line in [
        "[[group.valid]]",
        "twin = \"toc/g5\"",
        "edit = [{ set = {",
        "output = [{ set = {",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let said = good(folder, &["add", "cases/found/toc-parse.toml", "--check"]);
    assert!(said.contains("toc/odd-mode"), "{said}");
}
