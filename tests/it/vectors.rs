//! The set of vectors as a whole: what holds for every case, and that the disk has what the generator makes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::PathBuf,
    sync::LazyLock,
};

use chunkproof::{
    cases,
    judge::coverage::coverage,
    results::history,
    rules::Rule,
    vectors::{
        Bug, Case, CaseFile, CaseId, Choice, Expect, Op, Provenance, Registers, Set, Tag, Tombstone,
        ops::{DecompressInput, Input, Operation, TarOutput, Task},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::support::root;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A case with input and output as JSON, so that all operations can be looked at together.
type AnyCase = Case<Value, Value>;

/// The set, made once.
pub(crate) static FILES: LazyLock<Files> = LazyLock::new(made);

/// The set that this repository makes.
fn made() -> Files {
    let sources = cases::Sources::of_repository(root()).unwrap();
    cases::files(&sources).unwrap()
}

fn vectors() -> PathBuf {
    root().join("vectors")
}

fn cases(files: &Files, op: Op) -> Vec<AnyCase> {
    let file: CaseFile<Value, Value> = serde_json::from_slice(&files[&format!("{}.json", op.file_stem())]).unwrap();
    assert_eq!(file.op, op);
    file.cases
}

fn all_cases(files: &Files) -> Vec<(Op, AnyCase)> {
    Op::ALL
        .iter()
        .flat_map(|&op| cases(files, op).into_iter().map(move |case| (op, case)))
        .collect()
}

#[test]
fn the_generator_is_deterministic() {
    assert!(made() == *FILES, "two runs differ");
}

#[test]
fn the_disk_has_what_the_generator_makes() {
    let differences = cases::check(&vectors(), &FILES).unwrap();
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "run `chunkproof generate`:\n{}", lines.join("\n"));
}

#[test]
fn ids_are_unique_and_sorted() {
    let files = &*FILES;
    let mut seen = BTreeSet::new();
    for &op in Op::ALL {
        let cases = cases(files, op);
        assert!(cases.is_sorted_by(|a, b| a.id < b.id), "{op}");
        for case in cases {
            assert!(seen.insert(case.id.clone()), "{}", case.id);
        }
    }
    assert!(Tombstone::all().is_sorted_by(|a, b| a.id < b.id));
    for tombstone in Tombstone::all() {
        let is_case = |id: &str| seen.iter().any(|case| case.as_str() == id);
        assert!(
            !is_case(tombstone.id.as_str()),
            "{} is retired and came back",
            tombstone.id
        );
        let successor = tombstone.replaced_by.as_ref().map(CaseId::as_str);
        assert!(successor.is_none_or(is_case), "{}: no case {successor:?}", tombstone.id);
    }
}

#[test]
fn the_set_is_large_enough() {
    let files = &*FILES;
    for &op in Op::ALL {
        let count = cases(files, op).len();
        assert!(count >= 15, "{op} has {count}");
    }
    assert!(all_cases(files).len() >= 150);
}

#[test]
fn every_case_says_what_it_is_about() {
    let prefix = |op| match op {
        Op::FooterParse => "footer",
        Op::AnnotationsParse => "annotations",
        Op::TocParse => "toc",
        Op::TarSplitParse => "tarsplit",
        Op::TarSplitAssemble => "assemble",
        Op::LayerDecompress => "decompress",
        Op::TarSplitDisassemble => "disassemble",
        Op::LayerIndex => "index",
        Op::LayerReconstruct => "reconstruct",
        Op::LayerWrite => "write",
        Op::EStargzFooter => "estargz-footer",
        Op::EStargzToc => "estargz-toc",
        Op::TarList => "tarlist",
        Op::DraftSentinel => "draft",
    };
    for (op, case) in all_cases(&FILES) {
        let id = &case.id;
        assert!(id.as_str().starts_with(&format!("{}/", prefix(op))), "{id}");
        assert!(
            case.title.len() > 5 && case.title.len() < 160 && !case.title.starts_with(':'),
            "{id}"
        );
        assert!(case.why.len() > 20 && case.why.ends_with('.'), "{id}");
        assert!(!case.rules.is_empty() && !case.dialects.is_empty(), "{id}");
        assert!(case.dialects.is_sorted() && case.tags.is_sorted(), "{id}");
        assert_eq!(case.limits.is_some(), case.tags.contains(&Tag("resource")), "{id}");
        let Provenance::Generated { bugs } = &case.provenance else {
            continue;
        };
        assert_eq!(!bugs.is_empty(), case.tags.contains(&Tag("history")), "{id}");
    }
}

#[test]
fn an_invalid_case_is_one_change_away_from_another_verdict() {
    let files = &*FILES;
    for &op in Op::ALL {
        let cases = cases(files, op);
        for case in &cases {
            let invalid = matches!(case.expect, Expect::Invalid);
            assert_eq!(case.twin.is_some(), invalid, "{}", case.id);
            assert_eq!(case.change.is_some(), invalid, "{}", case.id);
            let Some(twin) = &case.twin else {
                continue;
            };
            let twin = cases.iter().find(|other| other.id == *twin);
            let twin = twin.unwrap_or_else(|| panic!("{} has no twin", case.id));
            assert!(!matches!(twin.expect, Expect::Invalid), "{}", case.id);
            assert_ne!(twin.input, case.input, "{}: nothing is changed", case.id);
            assert!(
                case.dialects.iter().any(|dialect| twin.dialects.contains(dialect)),
                "{}: whoever knows its dialects does not know those of its twin",
                case.id
            );
        }
    }
}

/// No input of the set is there twice: the second would say nothing new, or contradict.
#[test]
fn no_input_is_there_twice() {
    let files = &*FILES;
    for &op in Op::ALL {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for case in cases(files, op) {
            let input = case.input.to_string();
            if let Some(other) = seen.insert(input, case.id.to_string()) {
                panic!("{} and {other} have the same input", case.id);
            }
        }
    }
}

/// Rules without an invalid or either case, each with the reason.
const UNTESTED: &[(Rule, &str)] = &[];

#[test]
fn every_rule_has_a_case_that_breaks_it() {
    let broken: BTreeSet<Rule> = all_cases(&FILES)
        .into_iter()
        .filter_map(|(_, case)| match case.expect {
            Expect::Valid { .. } => None,
            // The others of an invalid case may be named, but are not what it is about.
            Expect::Invalid => case.rules.first().copied(),
            Expect::Either { .. } => case.rules.first().copied(),
        })
        .collect();
    for &rule in Rule::ALL {
        let excused = UNTESTED.iter().any(|(untested, _)| *untested == rule);
        assert_eq!(!broken.contains(&rule), excused, "{rule}: {}", rule.text());
    }
}

/// A bug that an operation can show has a case; one that none can show says why.
#[test]
fn every_bug_has_a_case_or_a_reason() {
    let mut shown = BTreeSet::new();
    for (_, case) in all_cases(&FILES) {
        if let Provenance::Generated { bugs } = case.provenance {
            shown.extend(bugs);
        }
    }
    for bug in &Registers::current().bugs {
        // Cases can be made after a bug that none of them shows.
        let excused = bug.unreachable.is_some();
        assert!(shown.contains(&bug.id) || excused, "{}", bug.id);
    }
}

/// The releases that the register names are among those that the adapters have. Of an adapter that is not there the history
/// says that it was not run.
#[test]
fn bugs_are_under_test_in_releases_that_adapters_have() {
    let adapters = root().join("adapters");
    let mut found = 0;
    for tested in Registers::current().bugs.iter().filter_map(|bug| bug.tested) {
        let Ok(manifest) = std::fs::read_to_string(adapters.join(tested.adapter).join("adapter.toml")) else {
            continue;
        };
        for version in std::iter::once(tested.last).chain(tested.fixed) {
            let line = format!("version = \"{version}\"");
            assert!(
                manifest.lines().any(|known| known == line),
                "{}: {version}",
                tested.adapter
            );
            found += 1;
        }
    }
    assert!(found > 0);
}

/// A bug that the results of both sides do not show has a reason, and a reason is there for no other.
#[test]
fn the_history_explains_each_bug_that_it_does_not_show() {
    let history = std::fs::read_to_string(root().join("docs/history.md")).unwrap();
    let mut explained = 0;
    for bug in &Registers::current().bugs {
        let start = format!("| `{}`: ", bug.id);
        let row = history.lines().find(|line| line.starts_with(&start)).unwrap();
        match bug.hidden {
            Some(reason) => {
                assert!(row.ends_with(&format!("| no: {reason} |")), "{row}");
                explained += 1;
            }
            None => assert!(!row.ends_with("| no |") && !row.ends_with("| not run |"), "{row}"),
        }
    }
    assert!(explained > 0);
}

#[test]
fn every_choice_and_tag_is_used() {
    let cases = all_cases(&FILES);
    for choice in Choice::all() {
        let used = cases
            .iter()
            .any(|(_, case)| matches!(&case.expect, Expect::Either { choice: c, .. } if *c == choice));
        assert!(used, "{}", choice.id());
    }
    for tag in Tag::all() {
        assert!(cases.iter().any(|(_, case)| case.tags.contains(&tag)), "{tag:?}");
    }
}

#[test]
fn the_index_lists_every_case() {
    let files = &*FILES;
    let index: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&files["index.json"]).unwrap();
    let cases = all_cases(files);
    assert_eq!(index.len(), cases.len());
    for (op, case) in cases {
        let line = index.iter().find(|line| line["id"] == case.id.as_str()).unwrap();
        assert_eq!(line["op"], op.name());
        assert_eq!(line["verdict"], case.expect.verdict());
        assert_eq!(line["rules"], serde_json::to_value(&case.rules).unwrap());
    }
}

/// Reads a file into its types and back.
fn round_trip<I, O>(files: &Files, op: Op)
where
    I: Serialize + DeserializeOwned + Input,
    O: Serialize + DeserializeOwned,
{
    let text = &files[&format!("{}.json", op.file_stem())];
    let file: CaseFile<I, O> = serde_json::from_slice(text).unwrap();
    let mut again = serde_json::to_vec_pretty(&file).unwrap();
    again.push(b'\n');
    assert_eq!(
        String::from_utf8(again).unwrap(),
        String::from_utf8(text.clone()).unwrap()
    );

    let blob = |name: &str| files.get(&format!("blobs/{name}")).cloned();
    for case in &file.cases {
        assert!(case.input.for_wire(&blob).is_ok(), "{}", case.id);
    }

    let mut unknown: Value = serde_json::from_slice(text).unwrap();
    unknown["cases"][0]["input"]["unknown"] = Value::Null;
    assert!(serde_json::from_value::<CaseFile<I, O>>(unknown).is_err(), "{op}");
}

#[test]
fn files_are_read_into_their_types_and_back() {
    struct RoundTrip;

    impl Task for RoundTrip {
        type Done = ();

        fn on<O: Operation>(self) {
            round_trip::<O::Input, O::Output>(&FILES, O::OP);
        }
    }

    for op in Op::ALL {
        op.with(RoundTrip);
    }
}

/// Where the last block is empty, libzstd does not miss content when a frame comes in pieces (`docs/findings.md`).
const UNCOMPARED: &str = "decompress/empty-blocks-content-size-too-large";

/// Cases with frames that RFC 8878 does not know.
const LEGACY: [&str; 2] = ["decompress/legacy-frame", "decompress/legacy-frame-second"];

/// What libzstd makes of the bytes when it never has a frame as a whole: then it would decode it in one pass, in which it
/// does not hold the blocks against the window.
fn decode_in_small_pieces(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let pieces = std::io::BufReader::with_capacity(7, bytes);
    let mut decoded = Vec::new();
    zstd::stream::read::Decoder::with_buffer(pieces)?.read_to_end(&mut decoded)?;
    Ok(decoded)
}

/// A second opinion: libzstd, through its streaming interface, decodes what the hand-written frames hold.
#[test]
fn libzstd_agrees_with_the_decompress_cases() {
    let files = &*FILES;
    let blob = |name: &str| files.get(&format!("blobs/{name}")).cloned();
    let text = &files[&format!("{}.json", Op::LayerDecompress.file_stem())];
    let file: CaseFile<DecompressInput, TarOutput> = serde_json::from_slice(text).unwrap();
    for case in file.cases {
        let bytes = case.input.blob.decode(&blob).unwrap();
        // It is the zstd-chunked crate that has libzstd built with the formats of before v0.8.
        if LEGACY.contains(&case.id.as_str()) {
            continue;
        }
        let decoded = decode_in_small_pieces(&bytes);
        if case.id.as_str() == UNCOMPARED {
            assert!(decoded.is_ok(), "{}: libzstd has been repaired", case.id);
            continue;
        }
        match case.expect {
            Expect::Valid { output } => {
                let decoded = decoded.unwrap_or_else(|error| panic!("{}: {error}", case.id));
                let digest = chunkproof::format::Digest::of(&decoded);
                assert_eq!(digest.hex(), output.sha256, "{}", case.id);
            }
            Expect::Invalid => assert!(decoded.is_err(), "{}", case.id),
            Expect::Either { .. } => {}
        }
    }
}

/// `docs/history.md` is that of the register and of the results beside the adapters, and every cell says something.
#[test]
fn the_history_is_current_and_has_no_empty_cell() {
    let root = root();
    let made = history(&Set::from_files(&FILES).unwrap(), &root.join("adapters")).unwrap();
    let on_disk = std::fs::read_to_string(root.join("docs/history.md")).unwrap();
    assert!(made == on_disk, "run `chunkproof generate`");
    let rows: Vec<&str> = made.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > Bug::all().count());
    for row in rows {
        let cells = row.trim_matches('|').split('|');
        assert!(cells.map(str::trim).all(|cell| !cell.is_empty()), "{row}");
    }
}

/// `docs/coverage.md` is that of the set, and every cell says something.
#[test]
fn the_table_of_coverage_is_current_and_has_no_empty_cell() {
    let made = coverage(&Set::from_files(&FILES).unwrap()).unwrap();
    let path = root().join("docs/coverage.md");
    let on_disk = std::fs::read_to_string(path).unwrap();
    assert!(made == on_disk, "run `chunkproof generate`");
    let rows: Vec<&str> = made.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > Rule::ALL.len() + Choice::all().count() + Op::ALL.len());
    for row in rows {
        let cells = row.trim_matches('|').split('|');
        assert!(cells.map(str::trim).all(|cell| !cell.is_empty()), "{row}");
    }
}
