//! What a case can come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules::Severity;

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
    /// The implementation does not declare the operation in any dialect of the case, so it was not asked.
    Unsupported,
    /// A valid case was rejected, or an invalid one accepted.
    WrongVerdict,
    /// A case was accepted with another output than the right one.
    WrongOutput,
    /// A choice was decided in another way than elsewhere, or than declared.
    ChoiceConflict,
    /// The rejection names a rule that the case is not about, by an implementation that declares that its rules are judged.
    WrongRule,
    /// The implementation declares the operation in a dialect of the case, and answers that it cannot do it.
    DeclaredUnsupported,
    /// The process ended, and answered when it was asked again in a fresh one.
    Flaky,
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
        Self::WrongRule,
        Self::DeclaredUnsupported,
        Self::Flaky,
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
            Self::WrongRule => "wrong-rule",
            Self::DeclaredUnsupported => "declared-unsupported",
            Self::Flaky => "flaky",
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
                | Self::WrongRule
                | Self::DeclaredUnsupported
                | Self::Flaky
                | Self::Crash
                | Self::Timeout
                | Self::OutOfMemory
                | Self::ProtocolError
        )
    }

    /// The harm of the failure: a process that ends or hangs is a crash whatever the case is about, and what an answer gets wrong
    /// has the harm of the case. None if it is no failure.
    pub const fn harm(self, case: Severity) -> Option<Severity> {
        match self {
            Self::Flaky | Self::Crash | Self::Timeout => Some(Severity::Crash),
            Self::OutOfMemory => Some(Severity::Resources),
            _ if self.is_failure() => Some(case),
            _ => None,
        }
    }

    /// Whether it is an answer to a choice, either of which is right.
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::Lenient | Self::Strict)
    }

    /// Whether it is a refusal that is no failure and earns no credit.
    pub const fn is_uncredited(self) -> bool {
        matches!(self, Self::Declined | Self::Vacuous)
    }

    /// Whether the case could be asked at all.
    pub const fn is_applicable(self) -> bool {
        !matches!(self, Self::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::rules::Severity;

    #[test]
    fn failures_do_harm_and_nothing_else_does() {
        for &outcome in Outcome::ALL {
            let harm = outcome.harm(Severity::Hygiene);
            assert_eq!(harm.is_some(), outcome.is_failure(), "{outcome:?}");
        }
        for (outcome, harm) in [
            (Outcome::WrongVerdict, Severity::Hygiene),
            (Outcome::Timeout, Severity::Crash),
            (Outcome::OutOfMemory, Severity::Resources),
        ] {
            assert_eq!(outcome.harm(Severity::Hygiene), Some(harm));
        }
    }
}
