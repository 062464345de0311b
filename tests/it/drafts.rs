//! Drafts: off unless they are asked for, each rule with its section and its cases, and answered by the reference.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use chunkproof::{
    cases,
    judge::reference::{Answer, answer},
    rules::{Level, Rule},
    vectors::{Choice, Expect, Op, Registers, Set, SetEntry},
};
use serde_json::Value;

use crate::{
    miniatures::chunkproof,
    spec::sections,
    support::{ends, root, stdout, tree},
    vectors::FILES,
};

/// The cases of drafts, in the set with them.
static DRAFTS: LazyLock<(Set, Vec<SetEntry>)> = LazyLock::new(|| {
    let set = Set::with_drafts().unwrap();
    let of_drafts = set.entries().iter().filter(|entry| entry.op.is_draft());
    let entries = of_drafts.cloned().collect();
    (set, entries)
});

/// What the reference answers with some rules switched off.
fn answered(entry: &SetEntry, skipped: &[Rule]) -> Answer {
    answer(entry.op, DRAFTS.0.wire_input(entry).unwrap(), skipped).unwrap()
}

#[test]
fn the_disk_has_what_the_generator_makes() {
    let sources = cases::Sources::of_repository(root()).unwrap();
    let made = cases::drafts(&sources).unwrap();
    let differences = cases::check(&root().join("vectors/draft"), &made).unwrap();
    assert_eq!(differences, [], "run `chunkproof generate --draft`");
}

#[test]
fn generate_writes_drafts_only_if_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("set");
    let generate = |more: &[&str]| {
        let cases = root().join("src/cases");
        let arguments = [
            "generate",
            "-o",
            to.to_str().unwrap(),
            "--cases",
            cases.to_str().unwrap(),
        ];
        chunkproof(&[&arguments, more].concat())
    };
    ends(&generate(&[]), 0, "files changed");
    assert!(!to.join("draft").exists());
    ends(&generate(&["--draft"]), 0, "draft: 3 files changed");
    for (path, content) in tree(&root().join("vectors/draft")) {
        assert!(
            fs::read(to.join("draft").join(&path)).unwrap() == content,
            "{}",
            path.display()
        );
    }
}

#[test]
fn cases_of_drafts_are_off_by_default() {
    let of = |arguments: &[&str]| stdout(&chunkproof(arguments)).to_owned();
    let (all, with) = (of(&["list"]), of(&["list", "--draft"]));
    assert!(!all.contains("draft/") && with.starts_with("draft/") || with.contains("\ndraft/"));
    assert_eq!(with.lines().count(), all.lines().count() + DRAFTS.1.len());
    let none = "no case is selected; --draft adds the cases of drafts";
    for selection in [["--op", "draft/sentinel"], ["--rule", "XSN-01"], ["--only", "draft/*"]] {
        let [option, value] = selection;
        ends(&chunkproof(&["list", option, value]), 4, none);
        ends(&chunkproof(&["run", "--impl", "reference", option, value]), 4, none);
        ends(
            &chunkproof(&["list", "--draft", option, value]),
            0,
            "draft/sentinel-one-layer",
        );
        let run = ["run", "--draft", "--impl", "reference", option, value];
        ends(&chunkproof(&run), 0, "0 failed");
    }
    for kept in [&["--keep"][..], &["--record", "results.json"]] {
        let run = [&["run", "--draft", "--impl", "reference"], kept].concat();
        assert_eq!(chunkproof(&run).status.code(), Some(2), "{kept:?}");
    }
}

/// An implementation that does not name the operation is not asked for it.
#[test]
fn implementations_are_asked_for_drafts_that_they_name() {
    let run = ["run", "--draft", "--only", "{draft/*,footer/v64}", "--impl"];
    let unsupported = format!("{} not applicable", DRAFTS.1.len());
    for (name, expected) in [("reference", "0 failed"), ("python3 right.py", &unsupported)] {
        ends(&chunkproof(&[&run[..], &[name]].concat()), 0, expected);
    }
    let only = ["run", "--draft", "--op", "draft/sentinel", "--impl", "python3 right.py"];
    ends(&chunkproof(&only), 4, "no selected case applies");
}

/// Who names a draft asks for it.
#[test]
fn a_case_or_a_rule_of_a_draft_is_shown_by_its_id() {
    let shown = chunkproof(&["show", "draft/views-entry-in-tar-split-alone"]);
    ends(&shown, 0, "XSN-06");
    ends(
        &chunkproof(&["explain", "xsn-06"]),
        0,
        "docs/drafts.md#xsn-06, chapter 1 The sentinel",
    );
    ends(&chunkproof(&["explain", "XSN"]), 0, "XSN-10");
    assert!(!stdout(&chunkproof(&["explain"])).contains("XSN"));
    // A rule of the specification has the cases of the set alone.
    assert!(!stdout(&chunkproof(&["explain", "CMP-04", "--format", "json"])).contains("draft/"));

    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    ends(
        &chunkproof(&["extract", "draft/sentinel-one-layer", "-o", to]),
        0,
        "root.json",
    );
    let root: Value = serde_json::from_slice(&fs::read(folder.path().join("root.json")).unwrap()).unwrap();
    for layer in root["layers"].as_array().unwrap() {
        let name = layer["digest"].as_str().unwrap().replace(':', "/");
        let blob = fs::read(folder.path().join("blobs").join(name)).unwrap();
        assert_eq!(layer["size"], blob.len());
    }
}

#[test]
fn nothing_of_a_draft_is_in_the_set() {
    for (path, content) in FILES.iter().filter(|(path, _)| !path.starts_with("blobs/")) {
        let text = String::from_utf8_lossy(content);
        for mark in ["draft/sentinel", "\"draft-", "XSN-"] {
            assert!(!text.contains(mark), "{path} has {mark}");
        }
    }
    assert!(
        Set::embedded()
            .unwrap()
            .entries()
            .iter()
            .all(|entry| !entry.op.is_draft())
    );
    assert!(Choice::all().all(|choice| !choice.is_draft()));
}

#[test]
fn ids_show_that_they_are_of_drafts() {
    assert!(!DRAFTS.1.is_empty());
    for &op in Op::DRAFTS {
        assert!(op.name().starts_with("draft/") && !Op::ALL.contains(&op), "{op}");
    }
    for SetEntry { case, .. } in &DRAFTS.1 {
        let id = &case.id;
        assert!(id.as_str().starts_with("draft/"), "{id}");
        assert!(case.rules.iter().any(|rule| rule.is_draft()), "{id}");
        assert!(
            case.title.len() > 5 && case.title.len() < 160,
            "{id}: {}",
            case.title.len()
        );
        assert!(case.why.len() > 20 && case.why.ends_with('.'), "{id}");
        assert!(case.dialects.is_sorted() && case.tags.is_sorted(), "{id}");
        match &case.expect {
            Expect::Either { choice, .. } => assert!(choice.is_draft(), "{id}"),
            Expect::Invalid => {
                assert!(case.rules.iter().any(|rule| rule.level() == Level::Must), "{id}");
                let twin = DRAFTS.0.find(case.twin.as_ref().unwrap()).unwrap();
                assert_ne!(twin.case.input, case.input, "{id}");
            }
            Expect::Valid { .. } => {}
        }
    }
    let inputs: BTreeSet<String> = DRAFTS.1.iter().map(|entry| entry.case.input.to_string()).collect();
    let twice = DRAFTS.1.len() - inputs.len();
    assert_eq!(twice, 0, "inputs are there twice");
}

/// A rule that binds has cases on both sides, and one that leaves a choice has cases of it.
#[test]
fn every_rule_has_its_cases() {
    for &rule in Rule::DRAFTS {
        let first = |verdict: &str| {
            let of_rule = |entry: &&SetEntry| entry.case.rules[0] == rule && entry.case.expect.verdict() == verdict;
            DRAFTS.1.iter().filter(of_rule).count()
        };
        assert!(first("valid") > 0, "{rule} has no valid case");
        match rule.level() {
            Level::Must => assert!(first("invalid") > 0 && first("either") == 0, "{rule}"),
            Level::Should | Level::May => assert!(first("either") > 0, "{rule} has no case of a choice"),
        }
    }
    for row in &Registers::current().draft_choices {
        let is_of_choice =
            |entry: &SetEntry| matches!(entry.case.expect, Expect::Either { choice, .. } if choice == row.id);
        assert!(DRAFTS.1.iter().any(is_of_choice), "{}", row.id);
    }
}

#[test]
fn the_reference_answers_every_case_as_it_expects() {
    for entry in &DRAFTS.1 {
        let id = &entry.case.id;
        match (answered(entry, &[]), &entry.case.expect) {
            (Answer::Accept(found), Expect::Valid { output }) => assert_eq!(found, *output, "{id}"),
            (Answer::Accept(found), Expect::Either { choice, output, .. }) => {
                assert!(choice.is_accepted_by_the_reference() && found == *output, "{id}");
            }
            (Answer::Reject(found), Expect::Invalid) => assert_eq!(found[0].rule, entry.case.rules[0], "{id}"),
            (given, _) => panic!("{id}: {given:?}"),
        }
    }
}

/// Switching off the verdict of a rule that binds is noticed by a case that names it first.
#[test]
fn every_check_is_noticed() {
    let mut unnoticed: BTreeMap<Rule, usize> = BTreeMap::new();
    for &rule in Rule::DRAFTS.iter().filter(|rule| rule.level() == Level::Must) {
        let of_rule = DRAFTS.1.iter().filter(|entry| entry.case.rules[0] == rule);
        let is_noticed = |entry: &SetEntry| answered(entry, &[rule]) != answered(entry, &[]);
        let asked = of_rule.clone().count();
        if !of_rule.into_iter().any(is_noticed) {
            unnoticed.insert(rule, asked);
        }
    }
    assert_eq!(unnoticed, BTreeMap::new());
}

#[test]
fn every_rule_has_its_section() {
    let text = fs::read_to_string(root().join("docs/drafts.md")).unwrap();
    let sections = sections(&text);
    let written: Vec<&str> = sections.iter().map(|section| section.id.as_str()).collect();
    let registered: Vec<&str> = Rule::DRAFTS.iter().map(|rule| rule.id()).collect();
    assert_eq!(written, registered);
    for (section, rule) in sections.iter().zip(Rule::DRAFTS) {
        let (level, rest) = section.statement.split_once(" (").unwrap();
        assert_eq!(level, format!("**{}**", rule.level()), "{rule}");
        assert_eq!(rest.split_once("). ").unwrap().1, rule.text(), "{rule}");
        assert_eq!(section.anchor, format!("<a id=\"{}\"></a>", section.id.to_lowercase()));
        assert!(section.explanation.contains("Known deviations: "), "{rule}");
        let choices = Registers::current().draft_choices.iter();
        let named = choices
            .filter(|row| section.explanation.contains(&format!("`{}`", row.id)))
            .count();
        assert_eq!(named, usize::from(rule.level() == Level::May), "{rule}");
    }
    // The cases that the document names are there.
    let named: Vec<&str> = text
        .split('`')
        .filter(|code| code.starts_with("draft/") && !Op::DRAFTS.iter().any(|op| op.name() == *code))
        .collect();
    assert!(named.len() >= 4);
    for id in named.iter().filter(|id| **id != "draft/") {
        assert!(DRAFTS.0.find(&id.parse().unwrap()).is_some(), "{id}");
    }
}
