//! `explain`, as a user runs it.

use chunkproof::rules::Rule;
use serde_json::Value;

use crate::support::{chunkproof, ends, stdout};

/// The cases change, and so they are left out.
#[test]
fn a_rule_is_explained() {
    for id in ["FTR-09", "LYR-10", "TOC-13"] {
        let output = chunkproof(&["explain", id]);
        assert_eq!(output.status.code(), Some(0), "{id}");
        let (head, cases) = stdout(&output).split_once("\nCases\n").unwrap();
        insta::assert_snapshot!(format!("rule_{id}"), head);
        assert!(cases.contains(" in all: "), "{cases}");
        assert_eq!(chunkproof(&["explain", &id.to_lowercase()]).stdout, output.stdout);
    }
    let cases = chunkproof(&["explain", "FTR-05"]);
    let shown = stdout(&cases).split_once("\nCases\n").unwrap().1;
    assert!(shown.contains("  - footer/v40-toc-minus-8: "), "{shown}");
    assert!(shown.contains("`chunkproof list --rule FTR-05` lists all"), "{shown}");
}

#[test]
fn a_group_and_all_rules_are_listed() {
    insta::assert_snapshot!("group", stdout(&chunkproof(&["explain", "DAT"])));
    let all = chunkproof(&["explain"]);
    for rule in Rule::ALL {
        let line = format!("{}  {:6}  ", rule.id(), rule.level().name());
        let lines = stdout(&all).lines().filter(|text| text.starts_with(&line));
        assert_eq!(lines.count(), 1, "{rule}");
    }
}

#[test]
fn json_has_the_same() {
    let output = chunkproof(&["explain", "ftr-08", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["rule"], "FTR-08");
    assert_eq!(value["binds"], serde_json::json!(["reader", "writer"]));
    assert_eq!(value["known_deviations"], serde_json::json!([]));
    assert!(
        value["cases"]
            .as_array()
            .unwrap()
            .contains(&"footer/v56-reserved-first".into())
    );
    let output = chunkproof(&["explain", "--format", "json"]);
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), Rule::ALL.len());
}

/// Every count and id is that of `list`.
#[test]
fn the_cases_are_those_of_list() {
    let listed = chunkproof(&["list", "--rule", "FTR-08", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let explained = chunkproof(&["explain", "FTR-08", "--format", "json"]);
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    let ids = |list: &Value, key: Option<&str>| {
        let mut ids: Vec<String> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|value| key.map_or(value, |key| &value[key]).as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&explained["cases"], None), ids(&listed, Some("id")));
}

#[test]
fn what_is_no_rule_is_named() {
    for (text, problem) in [
        (
            "FTR-50",
            "no rule has the id \"FTR-50\"; the group has FTR-01 to FTR-09",
        ),
        ("FTX-01", "did you mean FTR-01"),
        ("nothing", "`chunkproof explain` lists all"),
        (
            "v56-footer",
            "v56-footer is a choice, not a rule; it is explained with FTR-09",
        ),
        (
            "footer/v64",
            "footer/v64 is a case, not a rule; `chunkproof show footer/v64` explains it",
        ),
    ] {
        ends(&chunkproof(&["explain", text]), 2, problem);
    }
    let problem = "FTR-02 is a rule, not a case; `chunkproof explain FTR-02` explains it";
    ends(&chunkproof(&["show", "ftr-02"]), 2, problem);
}
