//! The result of one case with one implementation.

use std::time::Duration;

use serde_json::Value;

use super::outcome::Outcome;
use crate::{
    protocol::{Decision, Rejection},
    vectors::CaseId,
};

/// What the list of expected deviations has about a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// No entry is about it, and it is no failure.
    None,
    /// It is a failure that no entry expects.
    Unexpected,
    /// It is the failure that an entry expects, for this reason.
    Expected(String),
    /// An entry expects a failure, of this name, that did not happen.
    Missing(String),
}

/// What is kept of an answer when it is judged. A run has thousands of them, and an implementation decides how long they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It accepted. The output is kept where it failed and is not too long to be shown.
    Accept(Option<Value>),
    /// It rejected.
    Reject(Rejection),
    /// It would download the layer in full instead.
    Decline(String),
    /// It could not do this.
    Unsupported(String),
}

/// One case with one implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The index of the case in the set.
    pub index: usize,
    /// The result.
    pub outcome: Outcome,
    /// What is kept of the answer, if there was one.
    pub answer: Option<Kept>,
    /// What there is to say about it: how the process ended, what is wrong with the answer, a rule that does not fit.
    pub notes: Vec<String>,
    /// The decisions of the case's choice which the answer is. There are several where readings agree about the case.
    pub decisions: Vec<Decision>,
    /// The case of the same choice that was decided in another way.
    pub conflicts_with: Option<CaseId>,
    /// The case that the process had answered before it ended without an answer to this one.
    pub after: Option<CaseId>,
    /// The end of what the implementation wrote to stderr meanwhile.
    pub stderr: String,
    /// The time from the question to the answer, with the start of a process where one was needed; zero if nothing was asked.
    pub elapsed: Duration,
    /// What the list of expected deviations has about it.
    pub deviation: Deviation,
}

impl CaseResult {
    /// A result of which nothing is known but this: no answer, no note, on no list.
    pub(crate) const fn bare(index: usize, outcome: Outcome) -> Self {
        Self {
            index,
            outcome,
            answer: None,
            notes: Vec::new(),
            decisions: Vec::new(),
            conflicts_with: None,
            after: None,
            stderr: String::new(),
            elapsed: Duration::ZERO,
            deviation: Deviation::None,
        }
    }
}
