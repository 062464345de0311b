//! The verdict on one answer.

use serde_json::{Value, json};

use super::{
    breakdown::Breakdown,
    outcome::Outcome,
    read_back::{ReadBack, read_back},
};
use crate::{
    protocol::{Answer, Decision, Hello, Lacks, Rejection},
    vectors::{Expect, Op, SetEntry, case_files::canonical_output},
};

/// What was answered to a case, with what an implementation wrote replaced by the tar that it describes.
pub(crate) struct Checked {
    pub(crate) reply: Result<Answer, Breakdown>,
    /// What is wrong with what was made, in sentences.
    pub(crate) complaints: Vec<String>,
}

/// Reads back what an implementation made of `input`. Other answers stay as they are.
pub(crate) fn check(op: Op, input: &Value, reply: Result<Answer, Breakdown>) -> Checked {
    let read = match &reply {
        Ok(Answer::Accept(output)) => read_back(op, input, output),
        _ => Ok(None),
    };
    let (reply, complaints) = match read {
        Ok(None) => (reply, Vec::new()),
        Ok(Some(ReadBack { tar, complaints })) => (Ok(Answer::Accept(json!(tar))), complaints),
        Err(error) => (
            Err(Breakdown::Protocol(format!("the output is not that of {op}: {error}"))),
            Vec::new(),
        ),
    };
    Checked { reply, complaints }
}

/// The result of one case by itself, and what there is to say about it.
///
/// Rules that rejections name are judged only where the implementation declares that they are: not every reader looks in the same
/// order. Outputs are compared without what it declares to lack.
pub(crate) fn judge(entry: &SetEntry, checked: &Checked, hello: &Hello) -> (Outcome, Vec<String>) {
    let Checked { reply, complaints } = checked;
    if complaints.is_empty() {
        return match (
            judge_reply(entry, reply, &hello.lacks),
            unrelated(entry, reply.as_ref().ok().and_then(Answer::rejection)),
        ) {
            ((Outcome::Pass | Outcome::Strict, mut notes), Some(rule)) if hello.rules => {
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

fn judge_reply(entry: &SetEntry, reply: &Result<Answer, Breakdown>, lacks: &Lacks) -> (Outcome, Vec<String>) {
    let answer = match reply {
        Ok(answer) => answer,
        Err(Breakdown::Ended(ending)) => return (Outcome::Crash, vec![format!("the process {ending}")]),
        Err(Breakdown::Timeout(spent)) => return (Outcome::Timeout, vec![spent.to_string()]),
        Err(Breakdown::OutOfMemory(taken)) => return (Outcome::OutOfMemory, vec![taken.to_string()]),
        Err(Breakdown::Protocol(error)) => return (Outcome::ProtocolError, vec![error.clone()]),
    };
    match answer {
        Answer::Accept(output) => judge_accepted(entry, output, lacks),
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

fn judge_accepted(entry: &SetEntry, output: &Value, lacks: &Lacks) -> (Outcome, Vec<String>) {
    let found = match canonical_output(entry.op, output) {
        Ok(output) => without(entry.op, output, lacks),
        Err(error) => {
            let note = format!("the output is not that of {}: {error}", entry.op);
            return (Outcome::ProtocolError, vec![note]);
        }
    };
    let fits = |expected: &Value| found == without(entry.op, expected.clone(), lacks);
    let outcome = match &entry.case.expect {
        Expect::Invalid => Outcome::WrongVerdict,
        Expect::Valid { output } if fits(output) => Outcome::Pass,
        Expect::Either { output, readings, .. } if fits(output) || readings.values().any(fits) => Outcome::Lenient,
        Expect::Valid { .. } | Expect::Either { .. } => Outcome::WrongOutput,
    };
    (outcome, Vec::new())
}

/// An output without what the implementation cannot show of it.
pub(crate) fn without(op: Op, mut output: Value, lacks: &Lacks) -> Value {
    for lack in lacks.get(&op).into_iter().flatten() {
        lack.remove_from(&mut output);
    }
    output
}

/// The decisions of the case's choice which the answer is; several where readings agree about the case, none where it is another
/// answer, or the case leaves no choice.
pub(crate) fn decisions(entry: &SetEntry, checked: &Checked, lacks: &Lacks) -> Vec<Decision> {
    let Expect::Either { output, readings, .. } = &entry.case.expect else {
        return Vec::new();
    };
    let found = match &checked.reply {
        Ok(Answer::Reject(_) | Answer::Decline(_)) => return vec![Decision::Reject],
        Ok(Answer::Accept(found)) if checked.complaints.is_empty() => canonical_output(entry.op, found),
        _ => return Vec::new(),
    };
    let Ok(found) = found.map(|found| without(entry.op, found, lacks)) else {
        return Vec::new();
    };
    let fits = |expected: &Value| found == without(entry.op, expected.clone(), lacks);
    let accepted = fits(output).then_some(Decision::Accept);
    let read = readings.iter().filter(|(_, output)| fits(output));
    accepted
        .into_iter()
        .chain(read.filter_map(|(name, _)| name.parse().ok().map(Decision::Reading)))
        .collect()
}

/// The rule that a rejection names and that the case is not about.
pub(crate) fn unrelated<'a>(entry: &SetEntry, rejection: Option<&'a Rejection>) -> Option<&'a str> {
    let rule = rejection?.rule.as_deref()?;
    let related = entry.case.rules.iter().any(|known| known.id() == rule);
    (!related).then_some(rule)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{Checked, decisions, judge};
    use crate::{
        judge::{
            Breakdown, Ending, Limit, Outcome, Spent, Taken,
            fixtures::{self, output, set},
        },
        protocol::{Answer, Hello, Rejection},
        vectors::{Op, Set, case_files::SCHEMA, ops::Lack},
    };

    fn hello(rules: bool) -> Hello {
        Hello {
            rules,
            ..fixtures::hello()
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
        let second = Duration::from_secs(1);
        let spent = Spent {
            limit: Limit {
                value: second,
                of_case: false,
            },
            elapsed: second,
            used: None,
        };
        let taken = Taken {
            limit: Limit {
                value: 1 << 30,
                of_case: true,
            },
            bytes: 1 << 31,
        };
        for (case, reply, expected) in [
            (0, right(), Outcome::Pass),
            (0, wrong(), Outcome::WrongOutput),
            (0, malformed(), Outcome::ProtocolError),
            (0, reject(), Outcome::WrongVerdict),
            (0, decline(), Outcome::Declined),
            (0, unsupported(), Outcome::DeclaredUnsupported),
            (1, unsupported(), Outcome::DeclaredUnsupported),
            (0, ended(), Outcome::Crash),
            (0, Err(Breakdown::Timeout(spent)), Outcome::Timeout),
            (0, Err(Breakdown::OutOfMemory(taken)), Outcome::OutOfMemory),
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
            let checked = Checked {
                reply: reply.clone(),
                complaints: Vec::new(),
            };
            assert_eq!(
                judge(&set.entries()[case], &checked, &hello(true)).0,
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
            let checked = Checked {
                reply: Ok(Answer::Reject(rejection)),
                complaints: Vec::new(),
            };
            let (outcome, _) = judge(&set.entries()[case], &checked, &hello(with_rules));
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
            let checked = Checked {
                reply: Ok(Answer::Accept(output("none"))),
                complaints: vec!["CMP-01".into()],
            };
            let notes = vec!["CMP-01".to_owned()];
            assert_eq!(
                judge(&set.entries()[case], &checked, &hello(true)),
                (expected, notes),
                "{case}"
            );
        }
    }

    /// An answer fits each reading that has its output, and what an implementation cannot show is compared with nothing.
    #[test]
    fn readings_are_told_by_their_outputs_without_what_is_lacking() {
        let tree = |path: &str, mtime: &str| json!({"entries": [{"path": path, "type": "dir", "mtime": mtime}]});
        let case = json!({
            "id": "tarlist/a", "title": "t", "why": "w", "rules": ["TAR-07"], "dialects": ["g5"],
            "input": {"tar": {"text": ""}}, "provenance": {"kind": "generated"},
            "expect": {
                "verdict": "either", "choice": "tar-two-names", "output": tree("YQ==", "1.5"),
                "readings": {"pax": tree("Yg==", "1.5"), "first": tree("YQ==", "1")},
            },
        });
        let file = json!({"schema": SCHEMA, "op": "tar/list", "cases": [case]}).to_string();
        let set = Set::load(&[(Op::TarList, &file)], &[]).unwrap();
        let entry = &set.entries()[0];
        let lacking = |lacks: &[Lack]| Hello {
            lacks: [(Op::TarList, lacks.iter().copied().collect())].into(),
            ..fixtures::hello()
        };
        let unsorted = json!({"entries": [tree("Yg==", "1")["entries"][0], tree("YQ==", "1")["entries"][0]]});
        for (output, lacks, outcome, names) in [
            (tree("YQ==", "1.5"), &[][..], Outcome::Lenient, &["accept"][..]),
            (tree("Yg==", "1.5"), &[], Outcome::Lenient, &["pax"]),
            (tree("Yg==", "1"), &[], Outcome::WrongOutput, &[]),
            (
                tree("YQ==", "1"),
                &[Lack::MtimeFraction],
                Outcome::Lenient,
                &["accept", "first"],
            ),
            (tree("Yg==", "7"), &[Lack::Mtime], Outcome::Lenient, &["pax"]),
            (tree("Yw==", "7"), &[Lack::Mtime], Outcome::WrongOutput, &[]),
            (unsorted, &[], Outcome::ProtocolError, &[]),
        ] {
            let checked = Checked {
                reply: Ok(Answer::Accept(output.clone())),
                complaints: Vec::new(),
            };
            let hello = lacking(lacks);
            assert_eq!(judge(entry, &checked, &hello).0, outcome, "{output} {lacks:?}");
            let found: Vec<&str> = decisions(entry, &checked, &hello.lacks)
                .iter()
                .map(|d| d.name())
                .collect();
            assert_eq!(found, names, "{output} {lacks:?}");
        }
    }
}
