//! Answers of several implementations to one input, and when two inputs show the same disagreement.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::crash;
use crate::{
    format::Finding,
    judge::{
        Breakdown, Checked, Outcome,
        reference::{self, Answer as Expected},
        without,
    },
    protocol::{Answer, Lacks},
    rules::Rule,
    vectors::{Op, case_files::canonical_output},
};

/// What an implementation came to, as far as others are compared with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It accepts. Those that give the same output have the same number.
    Accept(usize),
    /// It accepts, but what it made does not hold.
    Unsound,
    /// It rejects or declines.
    Refuse,
    /// It does not have the operation after all, which its answer to hello declares in a dialect of the input.
    DeclaredUnsupported,
    /// Its process ended, and answered when it was asked again in a fresh one.
    Flaky,
    /// Its process ended.
    Crash,
    /// No answer came in time.
    Timeout,
    /// It took more memory than it may.
    OutOfMemory,
    /// Its answer is none of the protocol, or not one of the operation's.
    ProtocolError,
    /// Another implementation crashes or has no answer for the input, so that this one's is not compared.
    NotCompared,
}

impl Verdict {
    /// Whether it is an answer, and not the want of one.
    fn is_healthy(&self) -> bool {
        matches!(self, Self::Accept(_) | Self::Refuse)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept(number) => return write!(f, "accept {}", letter(*number)),
            Self::Unsound => "accept, unsound",
            Self::Refuse => "refuse",
            Self::DeclaredUnsupported => Outcome::DeclaredUnsupported.name(),
            Self::Flaky => "flaky",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out of memory",
            Self::ProtocolError => "protocol error",
            Self::NotCompared => "not compared",
        })
    }
}

fn letter(number: usize) -> char {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    letters.chars().nth(number).unwrap_or('?')
}

/// What inputs have in common that show the same disagreement: its signature, by which a later hunt knows it again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The operation.
    pub op: Op,
    /// The rule that the reference finds broken first, or `accepted`; `any` if one crashes or does not answer, which it does under many rules.
    pub rule: String,
    /// What the implementations came to, in their order.
    pub answers: Vec<Verdict>,
    /// Where the outputs differ first, with `*` for numbers of elements; empty if they do not.
    pub place: String,
    /// What the reference says of the rule, without what stands in this input alone; empty unless it is to be told apart.
    pub detail: String,
    /// The shape of the first crash among the answers, or what is wrong with one that is no answer; empty if there is none.
    pub failure: String,
}

/// Instead of a rule, where an implementation crashes or does not answer.
pub(super) const ANY: &str = "any";

impl Group {
    /// Whether all answers are the same, and answers at all.
    pub(super) fn is_agreement(&self) -> bool {
        is_agreement(&self.answers)
    }
}

fn is_agreement(answers: &[Verdict]) -> bool {
    answers.iter().all(Verdict::is_healthy) && answers.windows(2).all(|pair| pair[0] == pair[1])
}

/// The answer of an implementation, with its output in the one form in which outputs are compared.
pub(super) struct Reply {
    verdict: Verdict,
    output: Option<Value>,
    /// The shape of a crash, or what is wrong with an answer that is none.
    failure: Option<String>,
}

impl Reply {
    /// What was answered, `flawed` if it was not at the first try, and the end of what was written to stderr meanwhile.
    pub(super) fn of(op: Op, checked: Checked, flawed: bool, stderr: &str) -> Self {
        let Checked { reply, complaints } = checked;
        let mut output = None;
        let failure = match &reply {
            Err(Breakdown::Ended(ending)) => Some(crash::shape(stderr, &ending.to_string())),
            Err(Breakdown::Protocol(complaint)) => Some(crash::message(complaint)),
            Ok(Answer::Unsupported(why)) => Some(crash::message(why)),
            _ => None,
        };
        let verdict = match reply {
            Ok(_) if flawed => Verdict::Flaky,
            Ok(Answer::Accept(_)) if !complaints.is_empty() => Verdict::Unsound,
            Ok(Answer::Accept(value)) => match canonical_output(op, &value) {
                Ok(value) => {
                    output = Some(value);
                    Verdict::Accept(0)
                }
                Err(_) => Verdict::ProtocolError,
            },
            Ok(Answer::Reject(_) | Answer::Decline(_)) => Verdict::Refuse,
            Ok(Answer::Unsupported(_)) => Verdict::DeclaredUnsupported,
            Err(Breakdown::Ended(_)) => Verdict::Crash,
            Err(Breakdown::Timeout(_)) => Verdict::Timeout,
            Err(Breakdown::OutOfMemory(_)) => Verdict::OutOfMemory,
            Err(Breakdown::Protocol(_)) => Verdict::ProtocolError,
        };
        Self {
            verdict,
            output,
            failure,
        }
    }

    /// Leaves out what an implementation cannot show of outputs.
    pub(super) fn leave_out(&mut self, op: Op, lacks: &Lacks) {
        self.output = self.output.take().map(|output| without(op, output, lacks));
    }
}

/// What these answers have in common with others, and the rules of all findings of the reference.
pub(super) fn group(op: Op, input: &Value, replies: Vec<Reply>, fine: bool) -> (Group, Vec<Rule>) {
    let mut outputs: Vec<Value> = Vec::new();
    let mut answers = Vec::new();
    let failure = replies.iter().find_map(|reply| reply.failure.clone());
    for reply in replies {
        answers.push(match reply.output {
            Some(output) => {
                let known = outputs.iter().position(|known| *known == output);
                Verdict::Accept(known.unwrap_or_else(|| {
                    outputs.push(output);
                    outputs.len() - 1
                }))
            }
            None => reply.verdict,
        });
    }
    let place = match outputs.as_slice() {
        [first, second, ..] => difference(first, second).unwrap_or_default(),
        _ => String::new(),
    };
    let said = if is_agreement(&answers) {
        // Nobody asks why, where all agree.
        Said::bare("agreed")
    } else {
        Said::of(op, input)
    };
    let is_of_rule = failure.is_none();
    if !is_of_rule {
        // What the others answer depends on the rule, and one crash is there under many rules.
        for answer in answers.iter_mut().filter(|answer| answer.is_healthy()) {
            *answer = Verdict::NotCompared;
        }
    }
    let group = Group {
        op,
        rule: if is_of_rule { said.rule } else { ANY.to_owned() },
        answers,
        place: if is_of_rule { place } else { String::new() },
        detail: if fine && is_of_rule { said.detail } else { String::new() },
        failure: failure.unwrap_or_default(),
    };
    (group, said.rules)
}

/// What the reference says of an input.
pub(super) struct Said {
    /// The rule that it finds broken first, or `accepted`.
    pub(super) rule: String,
    /// What it says of it, without what stands in this input alone.
    detail: String,
    /// The rule of each finding, sorted.
    pub(super) rules: Vec<Rule>,
}

impl Said {
    fn bare(word: &str) -> Self {
        Self {
            rule: word.to_owned(),
            detail: String::new(),
            rules: Vec::new(),
        }
    }

    pub(super) fn of(op: Op, input: &Value) -> Self {
        // A panic of the reference is a finding as good as any.
        match catch_unwind(AssertUnwindSafe(|| reference::answer(op, input.clone(), &[]))) {
            Ok(Ok(Expected::Accept(_))) => Self::bare("accepted"),
            Ok(Ok(Expected::Reject(findings))) => Self::broken(&findings),
            Ok(Ok(Expected::Decline(finding))) => Self::broken(&[finding]),
            Ok(Err(_)) => Self::bare("unreadable"),
            Err(_) => Self::bare("panic"),
        }
    }

    fn broken(findings: &[Finding]) -> Self {
        let mut rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        rules.sort();
        Self {
            rule: findings
                .first()
                .map_or("refused", |finding| finding.rule.id())
                .to_owned(),
            detail: findings
                .first()
                .map(|finding| general(&finding.detail))
                .unwrap_or_default(),
            rules,
        }
    }

    /// Whether an input like this one still shows the other: the same rule first, and none broken more often.
    pub(super) fn shows(&self, other: &Self) -> bool {
        self.rule == other.rule && within(&self.rules, &other.rules)
    }
}

/// Whether no rule is here more often than there. Another finding would leave an input without an accepted neighbour.
pub fn within(rules: &[Rule], others: &[Rule]) -> bool {
    let count = |rules: &[Rule], wanted: Rule| rules.iter().filter(|rule| **rule == wanted).count();
    rules.iter().all(|rule| count(rules, *rule) <= count(others, *rule))
}

/// A sentence without numbers and quoted text.
fn general(sentence: &str) -> String {
    let mut general = String::new();
    for (index, part) in sentence.split('"').enumerate() {
        if index % 2 == 1 {
            general += "\"*\"";
            continue;
        }
        for letter in part.chars() {
            match letter {
                '0'..='9' if general.ends_with('*') => {}
                '0'..='9' => general.push('*'),
                letter => general.push(letter),
            }
        }
    }
    general
}

/// Where two values differ first.
fn difference(first: &Value, second: &Value) -> Option<String> {
    match (first, second) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeMap<&String, ()> = a.keys().chain(b.keys()).map(|key| (key, ())).collect();
            keys.into_keys().find_map(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => difference(a, b).map(|rest| format!("/{key}{rest}")),
                _ => Some(format!("/{key}")),
            })
        }
        // Where one has an element less, the others are not those beside them.
        (Value::Array(a), Value::Array(b)) if a.len() != b.len() => Some("/*".to_owned()),
        (Value::Array(a), Value::Array(b)) => {
            let mut pairs = a.iter().zip(b);
            pairs.find_map(|(a, b)| difference(a, b).map(|rest| format!("/*{rest}")))
        }
        _ => (first != second).then(String::new),
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde_json::json;

    use super::{Group, Reply, Verdict, difference, group};
    use crate::{
        judge::{Breakdown, Checked},
        protocol::Answer,
        vectors::Op,
    };

    #[test]
    fn the_first_difference_is_named_without_numbers() {
        for (a, b, expected) in [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1}), json!({"a": 2}), Some("/a")),
            (json!({"a": [{"b": 1}]}), json!({"a": [{"b": 2}]}), Some("/a/*/b")),
            (json!({"a": []}), json!({"a": [1]}), Some("/a/*")),
            (json!({"a": [{"b": 1}, {}]}), json!({"a": [{"b": 2}]}), Some("/a/*")),
            (json!({"a": 1}), json!({"b": 1}), Some("/a")),
            (json!(1), json!("1"), Some("")),
        ] {
            assert_eq!(difference(&a, &b).as_deref(), expected, "{a} {b}");
        }
    }

    #[test]
    fn outputs_are_numbered_by_the_first_that_gave_them() {
        let reply = |verdict, output| Reply {
            verdict,
            output,
            failure: None,
        };
        let replies = vec![
            reply(Verdict::Accept(0), Some(json!({"a": 1}))),
            reply(Verdict::Refuse, None),
            reply(Verdict::Accept(0), Some(json!({"a": 2}))),
            reply(Verdict::Accept(0), Some(json!({"a": 1}))),
        ];
        let (Group { answers, place, .. }, _) =
            group(Op::AnnotationsParse, &json!({"annotations": {}}), replies, false);
        let expected = [
            Verdict::Accept(0),
            Verdict::Refuse,
            Verdict::Accept(1),
            Verdict::Accept(0),
        ];
        assert_eq!(answers, expected);
        assert_eq!(place, "/a");
    }

    #[test]
    fn what_an_implementation_cannot_show_is_no_difference() {
        use crate::vectors::ops::Lack;
        let reply = |mtime| Reply {
            verdict: Verdict::Accept(0),
            output: Some(json!({"entries": [{"path": "a", "xattrs": {}, "mtime": mtime}]})),
            failure: None,
        };
        let lacks = [(Op::TarList, [Lack::MtimeFraction].into())].into();
        for (op, expected) in [(Op::TarList, true), (Op::TocParse, false)] {
            let mut replies = [reply("1.5"), reply("1")];
            replies.iter_mut().for_each(|reply| reply.leave_out(op, &lacks));
            assert_eq!(replies[0].output == replies[1].output, expected, "{op}");
        }
    }

    /// Inputs that break different rules, or none, are answered differently by others, and crash one implementation in one place.
    #[test]
    fn a_crash_is_one_disagreement_whatever_the_rule() {
        let replies = |verdict: Verdict, shape: &str| {
            vec![
                Reply {
                    output: (verdict == Verdict::Accept(0)).then(|| json!({})),
                    verdict,
                    failure: None,
                },
                Reply {
                    verdict: Verdict::Crash,
                    output: None,
                    failure: Some(shape.to_owned()),
                },
            ]
        };
        let group = |json: &str, verdict: Verdict, shape: &str| {
            let input = json!({"json": {"base64": STANDARD.encode(json)}});
            group(Op::TarSplitParse, &input, replies(verdict, shape), true)
        };
        let (first, rules) = group("{", Verdict::Refuse, "panic: a");
        let (second, _) = group("{}\n{}", Verdict::Accept(0), "panic: a");
        assert!(!rules.is_empty() && first == second, "{first:?} {second:?}");
        assert_eq!((first.rule.as_str(), first.failure.as_str()), ("any", "panic: a"));
        assert_eq!(first.answers, [Verdict::NotCompared, Verdict::Crash]);
        assert_ne!(first, group("{", Verdict::Refuse, "panic: b").0);
    }

    /// What an adapter cannot be asked, and what it garbles, is so under any rule.
    #[test]
    fn a_missing_answer_is_one_disagreement_whatever_the_rule() {
        let input = |json: &str| json!({"json": {"base64": STANDARD.encode(json)}});
        let group = |json: &str, reply| {
            let checked = Checked {
                reply,
                complaints: Vec::new(),
            };
            let input = input(json);
            let replies = vec![
                Reply {
                    verdict: Verdict::Refuse,
                    output: None,
                    failure: None,
                },
                Reply::of(Op::TarSplitParse, checked, false, ""),
            ];
            group(Op::TarSplitParse, &input, replies, false).0
        };
        let unsupported = |size: u32| Ok(Answer::Unsupported(format!("a tar-split of {size} bytes")));
        let garbled = |value: u32| Err(Breakdown::Protocol(format!("expected a number, found \"{value}\"")));
        let (first, second) = (group("{", unsupported(1)), group("{}\n{}", unsupported(5)));
        assert_eq!(first, second);
        assert_eq!(first.answers, [Verdict::NotCompared, Verdict::DeclaredUnsupported]);
        assert_eq!(first.failure, "a tar-split of * bytes");
        let (first, second) = (group("{", garbled(1)), group("{}\n{}", garbled(5)));
        assert_eq!(first, second);
        assert_eq!(first.answers, [Verdict::NotCompared, Verdict::ProtocolError]);
    }

    #[test]
    fn findings_are_counted() {
        use crate::rules::Rule;
        let (a, b) = (Rule::ALL[0], Rule::ALL[1]);
        for (rules, expected) in [
            (&[][..], true),
            (&[a], true),
            (&[a, b], true),
            (&[a, a], false),
            (&[b, b], false),
        ] {
            assert_eq!(super::within(rules, &[a, b]), expected, "{rules:?}");
        }
    }

    #[test]
    fn what_agrees_is_no_disagreement() {
        let group = |answers: &[Verdict]| Group {
            op: Op::TocParse,
            rule: "accepted".into(),
            answers: answers.to_vec(),
            place: String::new(),
            detail: String::new(),
            failure: String::new(),
        };
        use Verdict::{Accept, Crash, DeclaredUnsupported, Flaky, Refuse};
        for (answers, expected) in [
            (&[Accept(0), Accept(0)][..], true),
            (&[Refuse, Refuse], true),
            // Only operations that all declare are asked.
            (&[Refuse, DeclaredUnsupported], false),
            (&[DeclaredUnsupported, DeclaredUnsupported], false),
            (&[Accept(0), Accept(1)], false),
            (&[Accept(0), Refuse], false),
            // Both crash: nothing to agree on.
            (&[Crash, Crash], false),
            (&[Flaky, Flaky], false),
            (&[Accept(0), Flaky], false),
            (&[DeclaredUnsupported, Flaky], false),
        ] {
            assert_eq!(group(answers).is_agreement(), expected, "{answers:?}");
        }
    }
}
