//! Of which tars the commands say that readers make several trees, or one that cannot be made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use chunkproof::{
    format::{
        Digest, Findings,
        layer::{self, Source},
        tar::{Inspector, Point},
    },
    rules::Rule,
    vectors::{Expect, Op, Set},
};

use serde_json::{Value, json};

use crate::support::{chunkproof_in, root, stderr, stdout, tar_entry};

/// Choices of TAR-07 and TAR-08 that are no points, with the reason.
const NO_POINTS: &[(&str, &str)] = &[
    (
        "tar-global-last",
        "`git archive` writes it for an empty tree, and all who accept it read one tree",
    ),
    (
        "tar-global-short-padding",
        "the tar ends early, as TAR-04 permits, and all who accept it read one tree",
    ),
    (
        "tar-short-padding",
        "the tar ends early, as TAR-04 permits, and all who accept it read one tree",
    ),
    ("tar-no-bytes", "nothing is in the tar, and all who accept it read that"),
    (
        "tar-root",
        "most builders write an entry for the root, and the files are the same either way",
    ),
    (
        "tar-link-escape",
        "real layers have such links, which Linux follows to the root, and all who make one make the same link",
    ),
    (
        "tar-below-symlink",
        "builders that join packages write it, such as for a merged /usr, and the directory can be in another layer",
    ),
    (
        "tar-below-far-symlink",
        "builders that join packages write it, such as for a merged /usr, and the directory can be in another layer",
    ),
];

/// Cases of a choice whose tars do not show its point, with the reason.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("tarlist/hard-link-target-missing", "the target can be in another layer"),
    ("tarlist/below-dangling-deep", "the directory can be in another layer"),
    (
        "tarlist/below-dangling-directory",
        "the directory can be in another layer",
    ),
    (
        "tarlist/below-dangling-symlink",
        "the directory can be in another layer",
    ),
    ("tarlist/entry-below-symlink", "the directory can be in another layer"),
];

/// Tars with points that every operation accepts, by the last part of their ids, with the reason.
const ACCEPTED: &[(&str, &str, &str)] = &[
    (
        "whiteout-of-dot",
        "tar-whiteout-names",
        "to a tar, whiteouts are files, and the cases are older than the choice",
    ),
    (
        "whiteout-beside-file",
        "tar-whiteout-beside",
        "to a tar, whiteouts are files, and the cases are older than the choice",
    ),
    (
        "entry-below-whiteout",
        "tar-whiteout-beside",
        "to a tar, whiteouts are files, and the cases are older than the choice",
    ),
    (
        "tool-overlay",
        "tar-overlay-devices",
        "tar readers make the device, and the cases are older than the choice",
    ),
    (
        "tool-overlay",
        "tar-overlay-attributes",
        "tar readers make the attribute, and the cases are older than the choice",
    ),
    (
        "meta-char-0-0",
        "tar-overlay-devices",
        "tar readers make the device, and the case is older than the choice",
    ),
    (
        "meta-xattr-name-256",
        "tar-large-attributes",
        "a reader that lists tars gives the attribute, and the case is older than the choice",
    ),
];

/// The points of a tar, by the ids of their choices.
fn points(tar: &[u8]) -> BTreeSet<&'static str> {
    let mut inspector = Inspector::new();
    for piece in tar.chunks(100_000) {
        inspector.push(piece);
    }
    let found = inspector.finish();
    assert!(found.list().is_sorted_by_key(|ambiguity| ambiguity.offset));
    found.list().iter().map(|ambiguity| ambiguity.point.choice()).collect()
}

/// The choices of the cases of `tar/list`, each with its rule.
fn choices(set: &Set) -> BTreeSet<(&'static str, Rule)> {
    let entries = set.entries().iter().filter(|entry| entry.op == Op::TarList);
    let choices = entries.filter_map(|entry| match &entry.case.expect {
        Expect::Either { choice, .. } => Some((choice.0, entry.case.rules[0])),
        _ => None,
    });
    choices
        .filter(|(_, rule)| matches!(rule, Rule::TarReading | Rule::TarTree))
        .collect()
}

#[test]
fn every_choice_is_a_point_or_has_a_reason() {
    let set = Set::embedded().unwrap();
    let points: BTreeSet<(&str, Rule)> = Point::ALL.iter().map(|point| (point.choice(), point.rule())).collect();
    assert_eq!(points.len(), Point::ALL.len());
    let without: BTreeSet<&str> = NO_POINTS.iter().map(|(choice, _)| *choice).collect();
    let mut expected = choices(&set);
    expected.retain(|(choice, _)| !without.contains(choice));
    assert_eq!(points, expected);
    assert!(
        without
            .iter()
            .all(|choice| choices(&set).iter().any(|(known, _)| known == choice))
    );
}

#[test]
fn the_cases_of_a_choice_show_its_point() {
    let set = Set::embedded().unwrap();
    let without: Vec<&str> = NO_POINTS.iter().map(|(choice, _)| *choice).collect();
    let mut missed = Vec::new();
    let mut shown = BTreeSet::new();
    for entry in set.entries().iter().filter(|entry| entry.op == Op::TarList) {
        let Expect::Either { choice, .. } = &entry.case.expect else {
            continue;
        };
        let is_of_tars = matches!(entry.case.rules[0], Rule::TarReading | Rule::TarTree);
        if !is_of_tars || without.contains(&choice.0) {
            continue;
        }
        let (_, tar) = set.bytes(entry).unwrap().unwrap();
        let id = entry.case.id.as_str();
        let found = points(&tar);
        if found.contains(choice.0) {
            shown.insert(choice.0);
        } else {
            missed.push((id, found));
        }
    }
    let expected: BTreeSet<&str> = NOT_SHOWN.iter().map(|(id, _)| *id).collect();
    let missed: Vec<_> = missed
        .into_iter()
        .filter(|(id, found)| !expected.contains(id) || !found.is_empty())
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(shown.len(), Point::ALL.len());
}

/// A tar that is accepted has no point, but for those of which `tar/list` has a case with the choice, and some that are older.
#[test]
fn accepted_tars_show_the_points_of_their_choices() {
    let set = Set::embedded().unwrap();
    let mut known: BTreeMap<Digest, BTreeSet<&str>> = BTreeMap::new();
    for entry in set.entries().iter().filter(|entry| entry.op == Op::TarList) {
        if let Expect::Either { choice, .. } = &entry.case.expect {
            let (_, tar) = set.bytes(entry).unwrap().unwrap();
            known.entry(Digest::of(&tar)).or_default().insert(choice.0);
        }
    }
    let mut checked = 0;
    for entry in set.entries() {
        let is_of_tars = matches!(entry.op, Op::TarList | Op::TarSplitDisassemble | Op::LayerWrite);
        if !is_of_tars || !matches!(entry.case.expect, Expect::Valid { .. }) {
            continue;
        }
        let (_, tar) = set.bytes(entry).unwrap().unwrap();
        let points = points(&tar);
        let mut expected = known.get(&Digest::of(&tar)).cloned().unwrap_or_default();
        let slug = entry.case.id.as_str().rsplit('/').next();
        expected.extend(ACCEPTED.iter().filter(|row| slug == Some(row.0)).map(|row| row.1));
        assert!(
            points.is_subset(&expected),
            "{}: {points:?}, expected {expected:?}",
            entry.case.id
        );
        checked += 1;
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn layers_of_real_writers_show_no_point() {
    let mut layers = 0;
    for folder in fs::read_dir(root().join("corpus/known-good")).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(blob) = fs::read(folder.join("layer.tar.zst")) else {
            continue;
        };
        let blob = blob.as_slice();
        let verified = layer::verify(&Source::new(&blob, None), &mut Findings::new()).unwrap();
        assert!(verified.tar_digest.is_some(), "{}", folder.display());
        let found = verified.ambiguities.list();
        assert!(found.is_empty(), "{}: {found:?}", folder.display());
        layers += 1;
    }
    assert!(layers >= 25, "a layer is missing");
}

/// A tar of a file with two names, and of an entry below it.
fn ambiguous() -> Vec<u8> {
    [
        tar_entry("././@LongLink", b'L', b"long\0"),
        tar_entry("PaxHeaders/file", b'x', b"12 path=pax\n"),
        tar_entry("file", b'0', b"content\n"),
        tar_entry("long/below", b'0', b""),
        vec![0; 1024],
    ]
    .concat()
}

/// Without the lines about the layer as a whole.
fn notes(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("  ") || line.starts_with("       "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn commands_report_an_ambiguous_tar() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.tar"), ambiguous()).unwrap();
    let mut shown = String::new();
    let mut run = |arguments: &[&str], code: i32| {
        let output = chunkproof_in(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        let text = notes(&format!("{}{}", stdout(&output), stderr(&output)));
        shown += &format!("$ chunkproof {}\n{text}\n", arguments.join(" "));
    };
    let write = ["write", "a.tar", "-o", "a.zst", "--annotations", "a.json"];
    run(&write, 1);
    assert!(!folder.path().join("a.zst").exists());
    run(&[&write[..], &["--allow-ambiguous-tar"]].concat(), 0);
    let verify = ["verify", "a.zst", "--annotations", "a.json"];
    run(&verify, 1);
    run(&[&verify[..], &["--allow-ambiguous-tar"]].concat(), 0);
    run(&[&verify[..], &["--skip-rule", "TAR-08"]].concat(), 1);
    run(&["tarsplit", "disassemble", "--no-stdout", "a.tar"], 0);
    insta::assert_snapshot!("ambiguous", shown);
}

#[test]
fn json_and_sarif_have_the_points() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.tar"), ambiguous()).unwrap();
    let write = [
        "write",
        "a.tar",
        "-o",
        "a.zst",
        "--annotations",
        "a.json",
        "--allow-ambiguous-tar",
    ];
    assert_eq!(chunkproof_in(folder.path(), &write).status.code(), Some(0));
    let run = |format: &str, allowed: bool| -> Value {
        let verify = ["verify", "a.zst", "--annotations", "a.json", "--format", format];
        let option: &[&str] = if allowed { &["--allow-ambiguous-tar"] } else { &[] };
        let output = chunkproof_in(folder.path(), &[&verify[..], option].concat());
        assert_eq!(output.status.code(), Some(i32::from(!allowed)));
        serde_json::from_str(stdout(&output)).unwrap()
    };
    for allowed in [false, true] {
        let report = run("json", allowed);
        assert_eq!(report["valid"], allowed);
        assert_eq!(report["ambiguities_allowed"], allowed);
        assert_eq!(report["ambiguities_omitted"], 0);
        let points = report["ambiguities"].as_array().unwrap();
        let fields = |point: &Value| json!(["choice", "rule", "offset", "entry"].map(|field| point[field].clone()));
        assert_eq!(fields(&points[0]), json!(["tar-two-names", "TAR-07", 0, "\"long\""]));
        let below = json!(["tar-below-file", "TAR-08", 3072, "\"long/below\""]);
        assert_eq!(fields(&points[1]), below);
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), if allowed { 0 } else { 2 });

        let log = run("sarif", allowed);
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
        for (result, rule) in results.iter().zip(["TAR-07", "TAR-08"]) {
            assert_eq!(result["ruleId"], rule);
            assert_eq!(result["level"], if allowed { "none" } else { "note" });
            assert_eq!(
                result["kind"],
                if allowed {
                    Value::from("informational")
                } else {
                    Value::Null
                }
            );
        }
        assert!(
            results[1]["message"]["text"]
                .as_str()
                .unwrap()
                .starts_with("tar at byte 3072: ")
        );
    }
}
