//! From answers to results, as `chunkproof run` judges them.

mod compare;

use std::{
    collections::BTreeMap,
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use serde_json::Value;

use self::compare::short;
pub(crate) use self::compare::{difference, value};
use crate::{
    cases::{Case, Expect, choices},
    operations::{OPS, Operation},
    pattern::matches,
};

/// The result of a case, by the names of `docs/protocol.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// Accepted with the right output, or rejected rightly.
    Pass,
    /// An `either` case, accepted with a right output.
    Lenient,
    /// An `either` case, rejected or declined.
    Strict,
    /// A valid case, declined: no credit, no failure.
    Declined,
    /// Rejected, but the twin is not accepted: no credit, no failure.
    Vacuous,
    /// Not asked, since the operation has none of the dialects.
    Unsupported,
    /// This version of the crate cannot judge the case.
    NotJudged,
    /// A valid case rejected, or an invalid one accepted.
    WrongVerdict,
    /// Accepted with another output.
    WrongOutput,
    /// A choice decided in another way than declared or elsewhere.
    ChoiceConflict,
    /// A panic.
    Crash,
    /// Answered after the time that the case allows.
    Timeout,
}

impl Outcome {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Lenient => "lenient",
            Self::Strict => "strict",
            Self::Declined => "declined",
            Self::Vacuous => "vacuous",
            Self::Unsupported => "unsupported",
            Self::NotJudged => "not-judged",
            Self::WrongVerdict => "wrong-verdict",
            Self::WrongOutput => "wrong-output",
            Self::ChoiceConflict => "choice-conflict",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
        }
    }

    /// Whether the implementation is wrong.
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::WrongVerdict | Self::WrongOutput | Self::ChoiceConflict | Self::Crash | Self::Timeout
        )
    }

    /// Whether the case counts as passed.
    pub const fn is_credited(self) -> bool {
        matches!(self, Self::Pass | Self::Lenient | Self::Strict)
    }
}

/// How an implementation decides a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It accepts.
    Accept,
    /// It rejects.
    Reject,
    /// It accepts, and reads the input as a reading of the choice does.
    Reading(&'static str),
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Reading(name) => name,
        })
    }
}

/// Why an implementation does not accept. Every error is a rejection by `?` and `into`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It rejects the input.
    Reject(String),
    /// It falls back to a full download.
    Decline(String),
}

impl<E: Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Reject(error.to_string())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Accept(Value),
    Refuse(Refusal),
    Crash(String),
    /// The case was not asked, or answered too late.
    None,
}

type Ask = Arc<dyn Fn(&Case) -> Result<(Answer, Duration), String> + Send + Sync>;

#[derive(Clone)]
struct Part {
    dialects: Vec<String>,
    ask: Ask,
}

/// What is under test.
#[derive(Clone, Default)]
pub struct Implementation {
    parts: BTreeMap<&'static str, Part>,
    choices: BTreeMap<String, Decision>,
    expected: Vec<(String, String)>,
}

impl fmt::Debug for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Implementation")
            .field("operations", &self.parts.keys())
            .field("choices", &self.choices)
            .field("expected_failures", &self.expected)
            .finish()
    }
}

impl Implementation {
    /// One without operations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an operation, with the dialects that the function knows, or all if none is named.
    pub fn operation<O: Operation>(
        self,
        dialects: &[&str],
        function: impl Fn(O::Input) -> Result<O::Output, Refusal> + Send + Sync + 'static,
    ) -> Self {
        let ask = move |case: &Case| {
            let input = O::input(case).map_err(|error| error.to_string())?;
            let start = Instant::now();
            let answer = match catch_unwind(AssertUnwindSafe(|| function(input))) {
                Ok(Ok(output)) => match serde_json::to_value(output) {
                    Ok(output) => Answer::Accept(output),
                    Err(error) => Answer::Crash(format!("the output is not JSON: {error}")),
                },
                Ok(Err(refusal)) => Answer::Refuse(refusal),
                Err(cause) => Answer::Crash(panic_message(&*cause)),
            };
            Ok((answer, start.elapsed()))
        };
        self.part(O::NAME, dialects, Arc::new(ask))
    }

    fn part(mut self, op: &'static str, dialects: &[&str], ask: Ask) -> Self {
        let dialects = dialects.iter().map(|&dialect| dialect.to_owned()).collect();
        self.parts.insert(op, Part { dialects, ask });
        self
    }

    /// Declares a choice. One that is not declared has to be decided the same way in all its cases.
    pub fn choice(mut self, choice: &str, decision: Decision) -> Self {
        self.choices.insert(choice.to_owned(), decision);
        self
    }

    /// Expects that the cases fail whose ids match the pattern, in which `*` stops at a slash and `**` does not. One that does not
    /// fail is an error then.
    pub fn expected_failure(mut self, pattern: &str, reason: &str) -> Self {
        self.expected.push((pattern.to_owned(), reason.to_owned()));
        self
    }
}

fn panic_message(cause: &(dyn std::any::Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without a message"))
}

/// The result of a case, and what there is to say about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Judged {
    /// The result.
    pub outcome: Outcome,
    /// What there is to say about it.
    pub note: String,
}

struct Asked {
    answer: Answer,
    judged: Judged,
    /// Those that the answer to an `either` case fits.
    decisions: Vec<Decision>,
}

/// The results of an implementation. It asks when a result is needed, and once for each case.
pub struct Judge {
    implementation: Implementation,
    asked: Mutex<BTreeMap<&'static str, Arc<OnceLock<Asked>>>>,
    either: BTreeMap<&'static str, Vec<&'static Case>>,
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.implementation.fmt(f)
    }
}

impl Judge {
    /// A judge of an implementation.
    ///
    /// # Errors
    ///
    /// A choice or a reading that does not exist, an expected failure without a reason or a case, in a sentence.
    pub fn new(implementation: Implementation) -> Result<Self, String> {
        let known = choices();
        for (choice, decision) in &implementation.choices {
            let Some(known) = known.iter().find(|known| known.id == *choice) else {
                return Err(format!("unknown choice {choice}"));
            };
            if let Decision::Reading(reading) = decision
                && !known.readings.contains_key(*reading)
            {
                return Err(format!("the choice {choice} has no reading {reading:?}"));
            }
        }
        let mut judge = Self {
            implementation,
            asked: Mutex::default(),
            either: BTreeMap::new(),
        };
        for (pattern, reason) in &judge.implementation.expected {
            if reason.is_empty() {
                return Err(format!("the expected failure {pattern:?} has no reason"));
            }
            if !judge.cases().any(|case| matches(pattern, &case.id)) {
                return Err(format!(
                    "the expected failure {pattern:?} matches no case of the operations"
                ));
            }
        }
        let cases: Vec<_> = judge.cases().collect();
        for case in cases {
            if let Some(choice) = &case.expect.choice {
                judge.either.entry(choice).or_default().push(case);
            }
        }
        Ok(judge)
    }

    /// The cases of the operations that are implemented.
    pub fn cases(&self) -> impl Iterator<Item = &'static Case> {
        let implemented = OPS.iter().filter(|op| self.has(op));
        implemented.flat_map(|op| crate::cases(op))
    }

    pub(crate) fn has(&self, op: &str) -> bool {
        self.implementation.parts.contains_key(op)
    }

    /// The reason why the case is known to fail.
    pub fn expected_failure(&self, case: &Case) -> Option<&str> {
        let mut expected = self.implementation.expected.iter();
        expected
            .find(|(pattern, _)| matches(pattern, &case.id))
            .map(|(_, reason)| reason.as_str())
    }

    /// The result of a case.
    pub fn judge(&self, case: &'static Case) -> Judged {
        let asked = self.alone(case);
        let asked = asked.get_or_init(|| self.ask(case));
        match asked.judged.outcome {
            Outcome::Pass => {
                if let Some(twin) = case.twin()
                    && !matches!(
                        self.alone(twin).get_or_init(|| self.ask(twin)).answer,
                        Answer::Accept(_)
                    )
                {
                    let note = format!(
                        "the twin {} is not accepted, so the rejection shows nothing: {}",
                        twin.id, asked.judged.note
                    );
                    return judged(Outcome::Vacuous, note);
                }
            }
            Outcome::Lenient | Outcome::Strict => {
                let choice = case.expect.choice.as_deref().unwrap_or_default();
                if let Some((fitting, source)) = self.decided(choice, case)
                    && both(&fitting, &asked.decisions).is_empty()
                {
                    let (here, elsewhere) = (names(&asked.decisions), names(&fitting));
                    let note = format!("the choice {choice} is decided as {here} here, while {source} {elsewhere}");
                    return judged(Outcome::ChoiceConflict, note);
                }
            }
            _ => {}
        }
        asked.judged.clone()
    }

    /// The decisions of a choice that fit what is declared, or else the cases before this one, and what shows them first. An answer
    /// that several readings give leaves open which one it is.
    fn decided(&self, choice: &str, case: &Case) -> Option<(Vec<Decision>, String)> {
        if let Some(&declared) = self.implementation.choices.get(choice) {
            return Some((vec![declared], "the implementation declares".to_owned()));
        }
        let mut known: Option<(Vec<Decision>, String)> = None;
        for earlier in self
            .either
            .get(choice)?
            .iter()
            .take_while(|earlier| earlier.id != case.id)
        {
            let found = self.alone(earlier);
            let found = found.get_or_init(|| self.ask(earlier));
            if !matches!(found.judged.outcome, Outcome::Lenient | Outcome::Strict) {
                continue;
            }
            let Some((fitting, _)) = &mut known else {
                known = Some((found.decisions.clone(), format!("{} shows", earlier.id)));
                continue;
            };
            let both = both(fitting, &found.decisions);
            if !both.is_empty() {
                *fitting = both;
            }
        }
        known
    }

    /// The place of the result of a case without its twin and the others of its choice.
    fn alone(&self, case: &'static Case) -> Arc<OnceLock<Asked>> {
        let mut asked = self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        Arc::clone(asked.entry(&case.id).or_default())
    }

    fn ask(&self, case: &'static Case) -> Asked {
        let without = |outcome, note| Asked {
            answer: Answer::None,
            judged: judged(outcome, note),
            decisions: Vec::new(),
        };
        let Some(part) = self.implementation.parts.get(case.op) else {
            return without(Outcome::Unsupported, format!("{} is not implemented", case.op));
        };
        if !part.dialects.is_empty() && !part.dialects.iter().any(|dialect| case.dialects.contains(dialect)) {
            let note = format!("none of the dialects {}", case.dialects.join(", "));
            return without(Outcome::Unsupported, note);
        }
        let Expect { verdict, output, .. } = &case.expect;
        let is_known = match verdict.as_str() {
            "invalid" => true,
            "valid" | "either" => output.is_some(),
            _ => false,
        };
        if !is_known {
            let note = format!("verdict {verdict} is not known in this form");
            return without(Outcome::NotJudged, note);
        }
        let (answer, took) = match (part.ask)(case) {
            Ok(given) => given,
            Err(note) => return without(Outcome::NotJudged, note),
        };
        let decisions = decisions(&case.expect, &answer);
        let judged = verdict_of(&case.expect, &answer, &decisions);
        match case.limits {
            Some(limits) if !judged.outcome.is_failure() && took > Duration::from_secs(limits.seconds.into()) => {
                without(
                    Outcome::Timeout,
                    format!("took {took:?}, the limit is {} s", limits.seconds),
                )
            }
            _ => Asked {
                answer,
                judged,
                decisions,
            },
        }
    }
}

fn judged(outcome: Outcome, note: impl Into<String>) -> Judged {
    Judged {
        outcome,
        note: note.into(),
    }
}

/// The decisions of the choice that the answer to an `either` case fits: several where readings agree about the case, none where it
/// is another answer.
fn decisions(expect: &'static Expect, answer: &Answer) -> Vec<Decision> {
    if expect.verdict != "either" {
        return Vec::new();
    }
    let found = match answer {
        Answer::Refuse(_) => return vec![Decision::Reject],
        Answer::Accept(output) => value(output.clone()),
        Answer::Crash(_) | Answer::None => return Vec::new(),
    };
    let accepted = expect.output.iter().map(|output| (Decision::Accept, output));
    let read = expect
        .readings
        .iter()
        .map(|(name, output)| (Decision::Reading(name), output));
    accepted
        .chain(read)
        .filter(|(_, output)| found == value((*output).clone()))
        .map(|(decision, _)| decision)
        .collect()
}

fn both(one: &[Decision], other: &[Decision]) -> Vec<Decision> {
    one.iter()
        .copied()
        .filter(|decision| other.contains(decision))
        .collect()
}

fn names(decisions: &[Decision]) -> String {
    let names: Vec<String> = decisions.iter().map(Decision::to_string).collect();
    names.join(" or ")
}

fn verdict_of(expect: &Expect, answer: &Answer, decisions: &[Decision]) -> Judged {
    let verdict = expect.verdict.as_str();
    match (answer, verdict) {
        (Answer::None, _) => judged(Outcome::NotJudged, ""),
        (Answer::Crash(message), _) => judged(Outcome::Crash, message),
        (Answer::Accept(output), "invalid") => {
            judged(Outcome::WrongVerdict, format!("accepted with {}", short(output)))
        }
        (Answer::Accept(_), _) if !decisions.is_empty() => judged(Outcome::Lenient, ""),
        (Answer::Accept(output), _) => {
            let expected = value(expect.output.clone().unwrap_or_default());
            match difference("", &value(output.clone()), &expected) {
                Some(found) => judged(Outcome::WrongOutput, found),
                None => judged(Outcome::Pass, ""),
            }
        }
        (Answer::Refuse(Refusal::Reject(message) | Refusal::Decline(message)), "invalid") => {
            judged(Outcome::Pass, message)
        }
        (Answer::Refuse(Refusal::Reject(message) | Refusal::Decline(message)), "either") => {
            judged(Outcome::Strict, message)
        }
        (Answer::Refuse(Refusal::Decline(message)), _) => judged(Outcome::Declined, message),
        (Answer::Refuse(Refusal::Reject(message)), _) => judged(Outcome::WrongVerdict, format!("rejected: {message}")),
    }
}

#[cfg(test)]
mod tests;
