//! Of the judge. `chunkproof run` and the packages of other languages judge judging.json in the same way.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Decision, Implementation, Judge, Outcome, Refusal, difference, value};
use crate::{Case, FooterParse, find, operations::OPS};

#[derive(Clone, Deserialize)]
struct Scenario {
    name: String,
    ops: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    #[serde(default)]
    results: BTreeMap<String, String>,
}

impl Scenario {
    /// Of a valid case the default is the right output, of others a rejection.
    fn answer(&self, case: &Case) -> Answer {
        let usual = if case.expect.verdict == "valid" {
            "accept"
        } else {
            "reject"
        };
        let kind = self.answers.get(&case.id).map_or(usual, String::as_str);
        if let Some(reading) = kind.strip_prefix("reading:") {
            return Answer::Accept(case.expect.readings[reading].clone());
        }
        match kind {
            "accept" => Answer::Accept(case.expect.output.clone().unwrap()),
            "accept-wrongly" => Answer::Accept(json!({"wrong": "output"})),
            "decline" => Answer::Refuse(Refusal::Decline(String::new())),
            "crash" => Answer::Crash(String::new()),
            _ => Answer::Refuse(Refusal::Reject(String::new())),
        }
    }

    fn result(&self, case: &Case) -> &str {
        if !case.dialects.iter().any(|dialect| self.ops[case.op].contains(dialect)) {
            return "unsupported";
        }
        let twin = format!("twin:{}", case.twin_id.as_deref().unwrap_or_default());
        let choice = format!("choice:{}", case.expect.choice.as_deref().unwrap_or_default());
        let usual = if case.expect.verdict == "either" {
            "strict"
        } else {
            "pass"
        };
        let named = [&case.id, &twin, &choice]
            .into_iter()
            .find_map(|key| self.results.get(key));
        named.map_or(usual, String::as_str)
    }

    fn judge(&self) -> Judge {
        let mut implementation = Implementation::new();
        for op in OPS.iter().filter(|&&op| self.ops.contains_key(op)) {
            let dialects: Vec<&str> = self.ops[*op].iter().map(String::as_str).collect();
            let scenario = self.clone();
            let ask = move |case: &Case| Ok((scenario.answer(case), Duration::ZERO));
            implementation = implementation.part(op, &dialects, Arc::new(ask));
        }
        for (choice, decision) in &self.choices {
            let decision = match decision.as_str() {
                "accept" => Decision::Accept,
                "reject" => Decision::Reject,
                reading => Decision::Reading(reading.to_owned().leak()),
            };
            implementation = implementation.choice(choice, decision);
        }
        Judge::new(implementation).unwrap()
    }
}

#[test]
fn answers_are_judged_as_the_runner_does() {
    let scenarios: Vec<Scenario> = serde_json::from_str(include_str!("../../data/judging.json")).unwrap();
    assert!(!scenarios.is_empty());
    for scenario in scenarios {
        let judge = scenario.judge();
        for case in judge.cases() {
            let name = judge.judge(case).outcome.name();
            assert_eq!(name, scenario.result(case), "{}: {}", scenario.name, case.id);
        }
    }
}

#[test]
fn a_panic_is_a_crash() {
    let implementation = Implementation::new().operation::<FooterParse>(&[], |input| {
        if input.tail.len() < 40 {
            return Err(Refusal::Decline("short".into()));
        }
        panic!("a mistake")
    });
    let judge = Judge::new(implementation).unwrap();
    let crash = judge.judge(find("footer/v64").unwrap());
    assert_eq!(
        (crash.outcome, crash.note.as_str()),
        (Outcome::Crash, "panic: a mistake")
    );
    let vacuous = judge.judge(find("footer/blob-empty").unwrap());
    assert_eq!(vacuous.outcome, Outcome::Vacuous, "{}", vacuous.note);
}

#[test]
fn what_is_not_known_is_not_judged() {
    let implementation = Implementation::new().operation::<FooterParse>(&[], |_| Err(Refusal::Reject(String::new())));
    let judge = Judge::new(implementation).unwrap();
    let input = json!({"tail": {"hex": ""}, "blob_size": "0", "later": 1});
    for (input, expect) in [
        (&input, json!({"verdict": "later", "output": {}})),
        (&input, json!({"verdict": "either", "choice": "x"})),
        (
            &json!({"tail": {"morse": ""}, "blob_size": "0"}),
            json!({"verdict": "invalid"}),
        ),
    ] {
        let case = json!({
            "id": format!("a/{expect}"), "title": "", "why": "", "rules": [], "dialects": ["g9"], "input": input,
            "expect": expect, "provenance": {}, "later": 1,
        });
        let mut case: Case = serde_json::from_value(case).unwrap();
        case.op = "footer/parse";
        let judged = judge.judge(Box::leak(Box::new(case)));
        assert_eq!(judged.outcome, Outcome::NotJudged, "{}", judged.note);
    }
}

#[test]
fn what_is_declared_has_to_exist() {
    let implementation =
        || Implementation::new().operation::<FooterParse>(&[], |_| Err(Refusal::Reject(String::new())));
    for (pattern, reason) in [("footer/no-such-case", "reason"), ("footer/*", "")] {
        let error = Judge::new(implementation().expected_failure(pattern, reason)).unwrap_err();
        assert!(error.contains("expected failure"), "{error}");
    }
    for (choice, decision, is_known) in [
        ("no-such-choice", Decision::Accept, false),
        ("tar-global-records", Decision::Reading("posix"), true),
        ("tar-global-records", Decision::Reading("bits-32"), false),
    ] {
        let judge = Judge::new(implementation().choice(choice, decision));
        assert_eq!(judge.is_ok(), is_known, "{choice} {decision}");
    }
}

#[test]
fn differences_are_found() {
    let expected = json!({"layout": "v64", "tar_split": {"offset": "1", "uncompressed": "4"}});
    let mut actual = expected.clone();
    actual["tar_split"]["uncompressed"] = Value::from("3");
    assert_eq!(
        difference("", &actual, &expected).as_deref(),
        Some(r#"/tar_split/uncompressed: found "3", expected "4""#)
    );
    assert_eq!(
        value(json!({"a": null, "b": [], "c": {"d": {}}, "e": [{"f": null}], "g": ""})),
        json!({"e": [{}], "g": ""})
    );
}
