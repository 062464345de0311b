//! Lists of expected deviations: which cases an implementation is known to fail, and why.
//!
//! A list is strict both ways. A failure that is expected and does not happen is an error, and so is an entry that is about
//! no case: otherwise a list only ever grows, and hides what has been repaired or has got worse.
//!
//! ```toml
//! [[expect]]
//! cases = "footer/v64-*"
//! result = "crash"
//! reason = "offset and length are added without a check"
//! link = "https://example.org/issues/1"
//! ```

#[cfg(feature = "cli")]
mod revise;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

use super::{
    outcome::Outcome,
    pattern::Pattern,
    result::{CaseResult, Deviation},
};
use crate::vectors::{CaseId, Set, Tombstone};

#[cfg(feature = "cli")]
pub use self::revise::{Revised, Revision, revise};

/// The expected deviations of one implementation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    #[serde(default)]
    expect: Vec<Expectation>,
    /// Why any failure is as expected, if so.
    #[serde(skip)]
    anything: Option<&'static str>,
}

/// One entry of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    /// The cases.
    #[serde(deserialize_with = "parsed")]
    cases: Pattern,
    /// Their result.
    #[serde(deserialize_with = "parsed")]
    result: Failure,
    /// Why the implementation does that.
    reason: String,
    /// Where that is reported.
    #[serde(default)]
    link: Option<String>,
    /// Whether it happens in some runs only, as where memory is just about enough.
    #[serde(default)]
    sometimes: bool,
}

/// A failure that can be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// A wrong verdict, a wrong output, a choice conflict or a wrong rule.
    Wrong,
    /// A crash, at the first try or at both, too much time, too much memory or no line of the protocol, whichever comes first.
    NoAnswer,
    /// Either: where it depends on time or memory which of the two comes first.
    Any,
    /// This one.
    One(Outcome),
}

impl Failure {
    const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "fail",
            Self::NoAnswer => "no-answer",
            Self::Any => "any",
            Self::One(outcome) => outcome.name(),
        }
    }

    fn is(self, outcome: Outcome) -> bool {
        match self {
            Self::Any => outcome.is_failure(),
            Self::Wrong => matches!(
                outcome,
                Outcome::WrongVerdict | Outcome::WrongOutput | Outcome::ChoiceConflict | Outcome::WrongRule
            ),
            Self::NoAnswer => matches!(
                outcome,
                Outcome::Flaky | Outcome::Crash | Outcome::Timeout | Outcome::OutOfMemory | Outcome::ProtocolError
            ),
            Self::One(expected) => expected == outcome,
        }
    }
}

impl FromStr for Failure {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(group) = [Self::Wrong, Self::NoAnswer, Self::Any]
            .into_iter()
            .find(|group| group.name() == name)
        {
            return Ok(group);
        }
        let failures = || Outcome::ALL.iter().copied().filter(|outcome| outcome.is_failure());
        failures()
            .find(|outcome| outcome.name() == name)
            .map(Self::One)
            .ok_or_else(|| {
                let names: Vec<&str> = failures().map(Outcome::name).collect();
                format!(
                    "{name:?} is no failure, expected fail, no-answer, any, {}",
                    names.join(", ")
                )
            })
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectationsError(String);

impl fmt::Display for ExpectationsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExpectationsError {}

impl FromStr for Expectations {
    type Err = ExpectationsError;

    fn from_str(text: &str) -> Result<Self, ExpectationsError> {
        let list: Self = toml::from_str(text).map_err(|error| ExpectationsError(one_line(text, &error)))?;
        match list.expect.iter().find(|entry| entry.reason.trim().is_empty()) {
            Some(entry) => Err(ExpectationsError(format!("the entry of {} has no reason", entry.cases))),
            None => Ok(list),
        }
    }
}

fn one_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let message = error.message().replace('\n', " ");
    match before {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message,
    }
}

impl Expectations {
    /// Any failure is as expected, for this reason.
    pub fn anything(reason: &'static str) -> Self {
        Self {
            anything: Some(reason),
            ..Self::default()
        }
    }

    /// What the list has about a result of this case: the first entry that matches it decides.
    pub fn deviation(&self, case: &CaseId, outcome: Outcome) -> Deviation {
        let entry = self.expect.iter().find(|entry| entry.cases.matches(case));
        match (entry, self.anything) {
            _ if !outcome.is_applicable() => Deviation::None,
            (Some(entry), _) if entry.result.is(outcome) => Deviation::Expected(entry.text()),
            (_, Some(reason)) if outcome.is_failure() => Deviation::Expected(reason.to_owned()),
            _ if outcome.is_failure() => Deviation::Unexpected,
            (Some(entry), _) if entry.sometimes => Deviation::None,
            (Some(entry), _) => Deviation::Missing(entry.result.name().to_owned()),
            (None, _) => Deviation::None,
        }
    }

    /// The retired cases that entries name.
    pub fn retired(&self) -> impl Iterator<Item = &'static Tombstone> {
        let is_named = |id: &CaseId| self.expect.iter().any(|entry| entry.cases.names(id));
        Tombstone::all().iter().filter(move |tombstone| is_named(&tombstone.id))
    }

    /// Why this result of a case is expected, if an entry of the list is about it.
    pub fn reason(&self, case: &CaseId, outcome: Outcome) -> Option<String> {
        let entry = self.expect.iter().find(|entry| entry.cases.matches(case))?;
        entry.result.is(outcome).then(|| entry.text())
    }

    /// Sets the deviation of each result, and returns the patterns that are about no case.
    ///
    /// A pattern that matches cases of the set which did not run is about these; whether their results are as expected is
    /// for another run to say.
    pub(crate) fn apply(&self, set: &Set, results: &mut [CaseResult]) -> Vec<String> {
        for result in results.iter_mut() {
            if let Some(entry) = set.entries().get(result.index) {
                result.deviation = self.deviation(&entry.case.id, result.outcome);
            }
        }
        self.expect
            .iter()
            .filter(|entry| !entry.has_case(set, results))
            .map(|entry| entry.cases.to_string())
            .collect()
    }
}

impl Expectation {
    fn has_case(&self, set: &Set, results: &[CaseResult]) -> bool {
        let applicable = |index| match results.iter().find(|result| result.index == index) {
            Some(result) => result.outcome.is_applicable(),
            None => true,
        };
        set.entries()
            .iter()
            .enumerate()
            .any(|(index, entry)| self.cases.matches(&entry.case.id) && applicable(index))
    }

    fn text(&self) -> String {
        match &self.link {
            Some(link) => format!("{} ({link})", self.reason),
            None => self.reason.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expectations;
    use crate::{
        judge::{CaseResult, Deviation, Outcome},
        vectors::Set,
    };

    fn list(cases: &str, result: &str) -> Expectations {
        format!("[[expect]]\ncases = {cases:?}\nresult = {result:?}\nreason = \"r\"")
            .parse()
            .unwrap()
    }

    fn applied(list: &Expectations, outcome: Outcome) -> (Deviation, Vec<String>) {
        let set = Set::embedded().unwrap();
        let mut results = [CaseResult::bare(0, outcome)];
        let unmatched = list.apply(&set, &mut results);
        let [result] = results;
        (result.deviation, unmatched)
    }

    #[test]
    fn lists_are_strict_both_ways() {
        let set = Set::embedded().unwrap();
        let id = set.entries()[0].case.id.as_str();
        let expected = || Deviation::Expected("r".to_owned());
        let missing = |name: &str| Deviation::Missing(name.to_owned());
        for (result, outcome, deviation, unmatched) in [
            ("fail", Outcome::WrongVerdict, expected(), false),
            ("fail", Outcome::WrongOutput, expected(), false),
            ("fail", Outcome::Crash, Deviation::Unexpected, false),
            ("crash", Outcome::Crash, expected(), false),
            ("crash", Outcome::Flaky, Deviation::Unexpected, false),
            ("flaky", Outcome::Flaky, expected(), false),
            ("no-answer", Outcome::Flaky, expected(), false),
            ("fail", Outcome::WrongRule, expected(), false),
            ("fail", Outcome::DeclaredUnsupported, Deviation::Unexpected, false),
            ("declared-unsupported", Outcome::DeclaredUnsupported, expected(), false),
            (
                "declared-unsupported",
                Outcome::Pass,
                missing("declared-unsupported"),
                false,
            ),
            ("no-answer", Outcome::OutOfMemory, expected(), false),
            ("no-answer", Outcome::WrongOutput, Deviation::Unexpected, false),
            ("any", Outcome::WrongOutput, expected(), false),
            ("any", Outcome::OutOfMemory, expected(), false),
            ("any", Outcome::Pass, missing("any"), false),
            ("crash", Outcome::Timeout, Deviation::Unexpected, false),
            ("wrong-output", Outcome::WrongVerdict, Deviation::Unexpected, false),
            ("fail", Outcome::Pass, missing("fail"), false),
            ("crash", Outcome::Declined, missing("crash"), false),
            ("fail", Outcome::Unsupported, Deviation::None, true),
        ] {
            let got = applied(&list(id, result), outcome);
            let patterns = if unmatched { vec![id.to_owned()] } else { Vec::new() };
            assert_eq!(got, (deviation, patterns), "{result} {outcome:?}");
        }
        assert_eq!(
            applied(&Expectations::default(), Outcome::Crash).0,
            Deviation::Unexpected
        );
        assert_eq!(applied(&list("nothing/*", "fail"), Outcome::Pass).1, ["nothing/*"]);
        // Another case than the one that ran: not for this run to say.
        let other = set.entries()[1].case.id.as_str();
        assert_eq!(
            applied(&list(other, "fail"), Outcome::Pass),
            (Deviation::None, Vec::new())
        );
    }

    #[test]
    fn errors_name_the_line() {
        for (text, message) in [
            (
                "[[expect]]\ncases = \"a/b\"\nresult = \"pass\"\nreason = \"r\"",
                "line 3: \"pass\" is no failure",
            ),
            (
                "[[expect]]\ncases = \"a/b\"\nresult = \"fail\"\nreason = \" \"",
                "the entry of a/b has no reason",
            ),
            (
                "[[expect]]\ncases = \"a/b\"\nresult = \"fail\"",
                "missing field `reason`",
            ),
            (
                "[[expect]]\ncases = \"a/[\"\nresult = \"fail\"\nreason = \"r\"",
                "line 2: \"a/[\" is not a pattern",
            ),
            ("[[expect]]\nwhy = 1", "line 2: unknown field `why`"),
        ] {
            let error = text.parse::<Expectations>().unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
