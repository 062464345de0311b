//! What a run came to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protocol::{Answer, Hello};
use crate::vectors::CaseId;

/// The result of one case with one implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A valid case was accepted with the right output, or an invalid one rejected or declined whose twin is accepted.
    Pass,
    /// An `either` case was accepted with the right output.
    Lenient,
    /// An `either` case was rejected or declined.
    Strict,
    /// A valid case was declined: no credit, but no failure.
    Declined,
    /// An invalid case was rejected, but so was its valid twin: no credit.
    Vacuous,
    /// The implementation does not have the operation, or none of the dialects of the case.
    Unsupported,
    /// A valid case was rejected, or an invalid one accepted.
    WrongVerdict,
    /// A case was accepted with another output than the right one.
    WrongOutput,
    /// A choice was decided in another way than elsewhere, or than declared.
    ChoiceConflict,
    /// The process ended.
    Crash,
    /// No answer came in time.
    Timeout,
    /// More memory was taken than is allowed.
    OutOfMemory,
    /// What came is no answer of the protocol.
    ProtocolError,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &'static [Self] = &[
        Self::Pass,
        Self::Lenient,
        Self::Strict,
        Self::Declined,
        Self::Vacuous,
        Self::Unsupported,
        Self::WrongVerdict,
        Self::WrongOutput,
        Self::ChoiceConflict,
        Self::Crash,
        Self::Timeout,
        Self::OutOfMemory,
        Self::ProtocolError,
    ];

    /// The name in reports and in expectations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Lenient => "lenient",
            Self::Strict => "strict",
            Self::Declined => "declined",
            Self::Vacuous => "vacuous",
            Self::Unsupported => "unsupported",
            Self::WrongVerdict => "wrong-verdict",
            Self::WrongOutput => "wrong-output",
            Self::ChoiceConflict => "choice-conflict",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out-of-memory",
            Self::ProtocolError => "protocol-error",
        }
    }

    /// Whether the implementation is wrong.
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::WrongVerdict
                | Self::WrongOutput
                | Self::ChoiceConflict
                | Self::Crash
                | Self::Timeout
                | Self::OutOfMemory
                | Self::ProtocolError
        )
    }

    /// Whether the case could be asked at all.
    pub const fn is_applicable(self) -> bool {
        !matches!(self, Self::Unsupported)
    }
}

/// How a result stands to the list of expected deviations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No entry is about it, and it is no failure.
    Plain,
    /// It is a failure that no entry expects.
    Unexpected,
    /// It is the failure that an entry expects, for this reason.
    Expected(String),
    /// An entry expects a failure, of this name, that did not happen.
    Missing(String),
}

/// One case with one implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The index of the case in the set.
    pub index: usize,
    /// The result.
    pub outcome: Outcome,
    /// What was answered, if anything.
    pub answer: Option<Answer>,
    /// What there is to say about it: how the process ended, what is wrong with the answer, a rule that does not fit.
    pub notes: Vec<String>,
    /// The case of the same choice that was decided in another way.
    pub conflicts_with: Option<CaseId>,
    /// The end of what the implementation wrote to stderr meanwhile.
    pub stderr: String,
    /// How it stands to the list of expected deviations.
    pub standing: Standing,
}

/// One implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplementationRun {
    /// What named it on the command line.
    pub spec: String,
    /// What it says it is; none if it did not get that far.
    pub hello: Option<Hello>,
    /// Why there are no results: it did not start, or did not hold to the protocol.
    pub error: Option<String>,
    /// The results of the selected cases, in the order of the set.
    pub results: Vec<CaseResult>,
    /// Patterns of expected deviations that are about no case which ran.
    pub unmatched: Vec<String>,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many cases were selected.
    pub selected: usize,
    /// The implementations, as they were given.
    pub implementations: Vec<ImplementationRun>,
}

/// What a run means for whoever started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything is as expected.
    AsExpected,
    /// Failures, or expectations that were not met.
    Failures,
    /// An implementation did not start or broke the protocol throughout.
    Broken,
    /// No case could be asked.
    Nothing,
}

impl ImplementationRun {
    /// How many results are this one.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }

    /// How many cases could be asked.
    pub fn applicable(&self) -> usize {
        self.results
            .iter()
            .filter(|result| result.outcome.is_applicable())
            .count()
    }

    /// Whether cases could be asked, but nothing was learnt: there are refusals that earn no credit, and nothing that does.
    pub fn is_hollow(&self) -> bool {
        let refused = self.count(Outcome::Vacuous) + self.count(Outcome::Declined);
        refused > 0 && refused + self.count(Outcome::Strict) == self.applicable()
    }

    /// Whether anything is not as expected.
    pub fn has_failures(&self) -> bool {
        let off = |result: &CaseResult| matches!(result.standing, Standing::Unexpected | Standing::Missing(_));
        self.results.iter().any(off) || !self.unmatched.is_empty() || self.is_hollow()
    }
}

impl Run {
    /// What it all means.
    pub fn conclusion(&self) -> Conclusion {
        let all = &self.implementations;
        if all.iter().any(|run| run.error.is_some()) {
            Conclusion::Broken
        } else if all.iter().any(ImplementationRun::has_failures) {
            Conclusion::Failures
        } else if all.iter().all(|run| run.applicable() == 0) {
            Conclusion::Nothing
        } else {
            Conclusion::AsExpected
        }
    }
}
