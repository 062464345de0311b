//! The results of a run.

use crate::{
    judge::{CaseResult, Deviation, Outcome},
    protocol::Hello,
};

/// One implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplementationRun {
    /// The option of the command line that named it.
    pub option: &'static str,
    /// What named it on the command line.
    pub spec: String,
    /// What it says it is; none if it did not get that far.
    pub hello: Option<Hello>,
    /// Why there are no results: it did not start, or did not hold to the protocol.
    pub error: Option<String>,
    /// The results of the selected cases, in the order of the set; of a run that ended early, those that are known.
    pub results: Vec<CaseResult>,
    /// Patterns of expected deviations that are about no case which ran.
    pub unmatched: Vec<String>,
    /// Whether it was stopped at a result that is not as expected, so that results are missing.
    pub is_stopped: bool,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many cases were selected.
    pub selected: usize,
    /// The implementations, as they were given.
    pub implementations: Vec<ImplementationRun>,
    /// Whether it ended early, so that results are missing.
    pub is_incomplete: bool,
    /// Whether that is since something was not as expected, and not since it was interrupted.
    pub is_stopped: bool,
}

/// What a run means for the one who started it.
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
    /// The run was stopped at the first thing that is not as expected.
    Stopped,
    /// The run was interrupted.
    Interrupted,
}

impl Conclusion {
    /// The name in reports for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsExpected => "as-expected",
            Self::Failures => "failures",
            Self::Broken => "broken",
            Self::Nothing => "nothing",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
        }
    }

    /// In a few words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::Failures => "not as expected",
            Self::Broken => "an implementation did not start, or did not follow the protocol",
            Self::Nothing => "no selected case applies to any implementation",
            Self::Stopped => "stopped at the first result that is not as expected: results are missing",
            Self::Interrupted => "interrupted: results are missing",
        }
    }
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
    pub fn earned_nothing(&self) -> bool {
        let refused = self.count(Outcome::Vacuous) + self.count(Outcome::Declined);
        refused > 0 && refused + self.count(Outcome::Strict) == self.applicable()
    }

    /// Whether anything is not as expected.
    pub fn has_failures(&self) -> bool {
        let off = |result: &CaseResult| matches!(result.deviation, Deviation::Unexpected | Deviation::Missing(_));
        self.results.iter().any(off) || !self.unmatched.is_empty() || self.earned_nothing()
    }
}

impl Run {
    /// What it all means.
    pub fn conclusion(&self) -> Conclusion {
        let all = &self.implementations;
        if self.is_incomplete && !self.is_stopped {
            Conclusion::Interrupted
        } else if all.iter().any(|run| run.error.is_some()) {
            Conclusion::Broken
        } else if self.is_stopped {
            Conclusion::Stopped
        } else if all.iter().any(ImplementationRun::has_failures) {
            Conclusion::Failures
        } else if all.iter().all(|run| run.applicable() == 0) {
            Conclusion::Nothing
        } else {
            Conclusion::AsExpected
        }
    }
}
