//! From answers to results. Nothing here talks to a process.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    outcome::{CaseResult, Outcome},
    process::Breakdown,
    protocol::{Answer, Decision, Hello, Rejection},
};
use crate::vectors::{
    CaseId, Choice, Entry, Expect, Op, Set,
    product::{self, Product},
    set::canonical_output,
};

/// What was answered to a case, with what an implementation made replaced by the tar that it comes to.
pub(crate) struct Weighed {
    pub(crate) reply: Result<Answer, Breakdown>,
    /// What is wrong with what was made, in sentences.
    pub(crate) complaints: Vec<String>,
}

/// Weighs what an implementation made of `input`. Other answers stay as they are.
pub(crate) fn weigh(op: Op, input: &Value, reply: Result<Answer, Breakdown>) -> Weighed {
    let product = match &reply {
        Ok(Answer::Accept(output)) => product::weigh(op, input, output),
        _ => Ok(None),
    };
    let (reply, complaints) = match product {
        Ok(None) => (reply, Vec::new()),
        Ok(Some(Product { tar, complaints })) => (Ok(Answer::Accept(json!(tar))), complaints),
        Err(error) => (
            Err(Breakdown::Protocol(format!("the output is not that of {op}: {error}"))),
            Vec::new(),
        ),
    };
    Weighed { reply, complaints }
}

/// The result of one case by itself, and what there is to say about it.
///
/// Rules that rejections name are judged only where the implementation declares that they are, `with_rules`: not every reader
/// looks in the same order.
pub(super) fn judge(entry: &Entry, weighed: &Weighed, with_rules: bool) -> (Outcome, Vec<String>) {
    let Weighed { reply, complaints } = weighed;
    if complaints.is_empty() {
        return match (judge_reply(entry, reply), unrelated(entry, reply.as_ref().ok())) {
            ((Outcome::Pass | Outcome::Strict, mut notes), Some(rule)) if with_rules => {
                notes.push(format!("the rejection names {rule}, which the case is not about"));
                (Outcome::WrongRule, notes)
            }
            (judged, _) => judged,
        };
    }
    let outcome = match entry.case.expect {
        Expect::Invalid => Outcome::WrongVerdict,
        Expect::Valid { .. } | Expect::Either { .. } => Outcome::WrongOutput,
    };
    (outcome, complaints.clone())
}

fn judge_reply(entry: &Entry, reply: &Result<Answer, Breakdown>) -> (Outcome, Vec<String>) {
    let answer = match reply {
        Ok(answer) => answer,
        Err(Breakdown::Ended(ending)) => return (Outcome::Crash, vec![format!("the process {ending}")]),
        Err(Breakdown::Timeout) => return (Outcome::Timeout, vec!["no answer came in time".to_owned()]),
        Err(Breakdown::OutOfMemory(bytes)) => {
            let note = format!("{} MiB of memory were taken", bytes >> 20);
            return (Outcome::OutOfMemory, vec![note]);
        }
        Err(Breakdown::Protocol(error)) => return (Outcome::ProtocolError, vec![error.clone()]),
    };
    match answer {
        Answer::Accept(output) => judge_accepted(entry, output),
        Answer::Reject(_) => match entry.case.expect {
            Expect::Valid { .. } => (Outcome::WrongVerdict, Vec::new()),
            Expect::Invalid => (Outcome::Pass, Vec::new()),
            Expect::Either { .. } => (Outcome::Strict, Vec::new()),
        },
        Answer::Decline(_) => match entry.case.expect {
            Expect::Valid { .. } => (Outcome::Declined, Vec::new()),
            Expect::Invalid => (Outcome::Pass, Vec::new()),
            Expect::Either { .. } => (Outcome::Strict, Vec::new()),
        },
        Answer::Unsupported(_) => {
            let note = format!("the handshake declares {} in a dialect of the case", entry.op);
            (Outcome::DeclaredUnsupported, vec![note])
        }
    }
}

fn judge_accepted(entry: &Entry, output: &Value) -> (Outcome, Vec<String>) {
    let output = match canonical_output(entry.op, output) {
        Ok(output) => output,
        Err(error) => {
            let note = format!("the output is not that of {}: {error}", entry.op);
            return (Outcome::ProtocolError, vec![note]);
        }
    };
    let outcome = match &entry.case.expect {
        Expect::Invalid => Outcome::WrongVerdict,
        Expect::Valid { output: expected } if output == *expected => Outcome::Pass,
        Expect::Either { output: expected, .. } if output == *expected => Outcome::Lenient,
        Expect::Valid { .. } | Expect::Either { .. } => Outcome::WrongOutput,
    };
    (outcome, Vec::new())
}

/// The rule that a rejection names and that the case is not about.
pub(crate) fn unrelated<'a>(entry: &Entry, answer: Option<&'a Answer>) -> Option<&'a str> {
    let Some(Answer::Reject(Rejection { rule: Some(rule), .. })) = answer else {
        return None;
    };
    let related = entry.case.rules.iter().any(|known| known.id() == rule);
    (!related).then_some(rule)
}

/// Takes the credit from rejections of invalid cases whose twin was not accepted. `results` are by index in the set.
pub(super) fn withdraw_vacuous(set: &Set, results: &mut BTreeMap<usize, CaseResult>) {
    let vacuous: Vec<usize> = results
        .values()
        .filter(|result| result.outcome == Outcome::Pass && is_vacuous(set, results, result.index))
        .map(|result| result.index)
        .collect();
    for index in vacuous {
        if let Some(result) = results.get_mut(&index) {
            result.outcome = Outcome::Vacuous;
        }
    }
}

fn is_vacuous(set: &Set, results: &BTreeMap<usize, CaseResult>, index: usize) -> bool {
    let Some(twin) = set.entries().get(index).and_then(|entry| entry.case.twin.as_ref()) else {
        return false;
    };
    let twin = set.position(twin).and_then(|index| results.get(&index));
    !twin.is_some_and(|twin| {
        // An output that cannot be read accepts nothing, nor does a process that ended.
        let is_answer = !matches!(twin.outcome, Outcome::ProtocolError | Outcome::Flaky);
        is_answer && matches!(twin.answer, Some(Answer::Accept(_)))
    })
}

/// Fails the cases of a choice that were decided in another way than declared or, with no declaration, than the first
/// case of that choice.
pub(super) fn hold_to_choices(set: &Set, hello: &Hello, results: &mut [CaseResult]) {
    let mut decided: BTreeMap<Choice, (Decision, Option<CaseId>)> = BTreeMap::new();
    for result in results {
        let decision = match result.outcome {
            Outcome::Lenient => Decision::Accept,
            Outcome::Strict => Decision::Reject,
            _ => continue,
        };
        let Some(case) = set.entries().get(result.index).map(|entry| &entry.case) else {
            continue;
        };
        let Expect::Either { choice, .. } = case.expect else {
            continue;
        };
        let (first, source) = decided
            .entry(choice)
            .or_insert_with(|| match hello.choices.get(&choice) {
                Some(&declared) => (declared, None),
                None => (decision, Some(case.id.clone())),
            });
        if *first == decision {
            continue;
        }
        let elsewhere = match source {
            Some(case) => format!("{case} shows"),
            None => "the handshake declares".to_owned(),
        };
        result.outcome = Outcome::ChoiceConflict;
        result.conflicts_with.clone_from(source);
        result.notes.push(format!(
            "the choice {} is decided as {} here, while {elsewhere} {}",
            choice.id(),
            decision.name(),
            first.name()
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CaseResult, Weighed, hold_to_choices, judge, withdraw_vacuous};
    use crate::{
        runner::{
            outcome::{Outcome, Standing},
            process::{Breakdown, Ending},
            protocol::{Answer, Decision, Hello, Rejection},
        },
        vectors::{Choice, Op, Set},
    };

    fn output(index: &str) -> Value {
        json!({"index": index, "toc_digest": null, "toc": null, "tar_split": null})
    }

    fn set() -> Set {
        let case = |id: &str, twin: Option<&str>, expect: Value| {
            let mut case = json!({
                "id": id, "title": "t", "why": "w", "rules": ["ANN-01"], "dialects": ["g5"],
                "input": {"annotations": {}}, "expect": expect, "provenance": {"kind": "generated"},
            });
            if let Some(twin) = twin {
                case["twin"] = json!(twin);
            }
            case
        };
        let either = json!({"verdict": "either", "choice": "digest-algorithm", "output": output("none")});
        let cases = json!({"schema": 0, "op": "annotations/parse", "cases": [
            case("a/valid", None, json!({"verdict": "valid", "output": output("none")})),
            case("a/invalid", Some("a/valid"), json!({"verdict": "invalid"})),
            case("a/either", None, either.clone()),
            case("a/either-2", None, either),
        ]});
        Set::load(&[(Op::AnnotationsParse, &cases.to_string())], &[]).unwrap()
    }

    fn result(index: usize, outcome: Outcome, answer: Option<Answer>) -> CaseResult {
        CaseResult {
            index,
            outcome,
            answer,
            notes: Vec::new(),
            conflicts_with: None,
            after: None,
            stderr: String::new(),
            standing: Standing::Plain,
        }
    }

    #[test]
    fn answers_are_judged_by_the_verdict() {
        let set = set();
        let right = || Ok(Answer::Accept(output("none")));
        let wrong = || Ok(Answer::Accept(output("estargz")));
        let malformed = || Ok(Answer::Accept(json!({"index": "gzip"})));
        let reject = || Ok(Answer::reject("no"));
        let decline = || Ok(Answer::Decline("no".into()));
        let unsupported = || Ok(Answer::Unsupported("no".into()));
        let ended = || Err(Breakdown::Ended(Ending::Signal(11)));
        for (case, reply, expected) in [
            (0, right(), Outcome::Pass),
            (0, wrong(), Outcome::WrongOutput),
            (0, malformed(), Outcome::ProtocolError),
            (0, reject(), Outcome::WrongVerdict),
            (0, decline(), Outcome::Declined),
            (0, unsupported(), Outcome::DeclaredUnsupported),
            (1, unsupported(), Outcome::DeclaredUnsupported),
            (0, ended(), Outcome::Crash),
            (0, Err(Breakdown::Timeout), Outcome::Timeout),
            (0, Err(Breakdown::OutOfMemory(1 << 30)), Outcome::OutOfMemory),
            (0, Err(Breakdown::Protocol("x".into())), Outcome::ProtocolError),
            (1, right(), Outcome::WrongVerdict),
            (1, reject(), Outcome::Pass),
            (1, decline(), Outcome::Pass),
            (1, ended(), Outcome::Crash),
            (2, right(), Outcome::Lenient),
            (2, wrong(), Outcome::WrongOutput),
            (2, reject(), Outcome::Strict),
            (2, decline(), Outcome::Strict),
        ] {
            let weighed = Weighed {
                reply: reply.clone(),
                complaints: Vec::new(),
            };
            assert_eq!(
                judge(&set.entries()[case], &weighed, true).0,
                expected,
                "{case} {reply:?}"
            );
        }
    }

    #[test]
    fn rules_are_judged_where_that_is_declared() {
        let set = set();
        for (case, rule, with_rules, expected) in [
            (1, Some("ANN-01"), true, Outcome::Pass),
            (1, None, true, Outcome::Pass),
            (1, Some("TAR-01"), true, Outcome::WrongRule),
            (1, Some("TAR-01"), false, Outcome::Pass),
            (2, Some("no rule"), true, Outcome::WrongRule),
            (2, Some("no rule"), false, Outcome::Strict),
            (0, Some("TAR-01"), true, Outcome::WrongVerdict),
        ] {
            let rejection = Rejection {
                message: "no".into(),
                rule: rule.map(str::to_owned),
            };
            let weighed = Weighed {
                reply: Ok(Answer::Reject(rejection)),
                complaints: Vec::new(),
            };
            let (outcome, _) = judge(&set.entries()[case], &weighed, with_rules);
            assert_eq!(outcome, expected, "{case} {rule:?} {with_rules}");
        }
    }

    #[test]
    fn what_was_made_and_does_not_hold_is_no_pass() {
        let set = set();
        for (case, expected) in [
            (0, Outcome::WrongOutput),
            (1, Outcome::WrongVerdict),
            (2, Outcome::WrongOutput),
        ] {
            let weighed = Weighed {
                reply: Ok(Answer::Accept(output("none"))),
                complaints: vec!["CMP-01".into()],
            };
            let notes = vec!["CMP-01".to_owned()];
            assert_eq!(judge(&set.entries()[case], &weighed, true), (expected, notes), "{case}");
        }
    }

    #[test]
    fn a_rejection_counts_only_beside_an_accepted_twin() {
        let set = set();
        let accepted = || Some(Answer::Accept(output("none")));
        for (outcome, twin, expected) in [
            (Outcome::Pass, accepted(), Outcome::Pass),
            (
                Outcome::WrongOutput,
                Some(Answer::Accept(output("estargz"))),
                Outcome::Pass,
            ),
            (Outcome::WrongVerdict, Some(Answer::reject("no")), Outcome::Vacuous),
            (Outcome::Declined, Some(Answer::Decline("no".into())), Outcome::Vacuous),
            (
                Outcome::ProtocolError,
                Some(Answer::Accept(json!({"index": "gzip"}))),
                Outcome::Vacuous,
            ),
            (Outcome::Flaky, accepted(), Outcome::Vacuous),
            (Outcome::Crash, None, Outcome::Vacuous),
        ] {
            let valid = result(0, outcome, twin);
            let invalid = result(1, Outcome::Pass, Some(Answer::reject("no")));
            let mut results = [(0, valid), (1, invalid)].into();
            withdraw_vacuous(&set, &mut results);
            assert_eq!(results[&1].outcome, expected, "{outcome:?}");
            assert_eq!(results[&0].outcome, outcome);
        }
    }

    #[test]
    fn a_choice_is_decided_once() {
        let set = set();
        let hello = |declared: Option<Decision>| Hello {
            name: "x".into(),
            version: "0".into(),
            language: "x".into(),
            ops: Default::default(),
            rules: false,
            choices: declared
                .map(|decision| (Choice("digest-algorithm"), decision))
                .into_iter()
                .collect(),
        };
        use Outcome::{ChoiceConflict, Lenient, Strict};
        for (declared, given, expected) in [
            (None, [Strict, Strict], [Strict, Strict]),
            (None, [Strict, Lenient], [Strict, ChoiceConflict]),
            (Some(Decision::Accept), [Strict, Lenient], [ChoiceConflict, Lenient]),
            (
                Some(Decision::Reject),
                [Lenient, Lenient],
                [ChoiceConflict, ChoiceConflict],
            ),
        ] {
            let mut results = [result(2, given[0], None), result(3, given[1], None)];
            hold_to_choices(&set, &hello(declared), &mut results);
            assert_eq!(
                [results[0].outcome, results[1].outcome],
                expected,
                "{declared:?} {given:?}"
            );
        }
    }
}
