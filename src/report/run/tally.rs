//! How many results there are of each kind.

use std::fmt;

use crate::judge::{CaseResult, Deviation, Outcome};

/// The results of some cases with one implementation. Either answer to a choice is right, so that choices are no failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Tally {
    /// Right answers.
    pub(in crate::report) passed: usize,
    /// Answers to choices, either of which is right.
    pub(in crate::report) chosen: usize,
    /// Failures, expected ones too.
    pub(in crate::report) failed: usize,
    /// Failures that no list expects.
    pub(in crate::report) unexpected: usize,
    /// Refusals that earn no credit.
    pub(in crate::report) uncredited: usize,
    /// Expected failures that did not happen.
    pub(in crate::report) missing: usize,
    /// Cases that the implementation could not be asked.
    pub(in crate::report) unasked: usize,
}

impl Tally {
    /// Counts results.
    pub(in crate::report) fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut tally = Self::default();
        for result in results {
            tally.add(result);
        }
        tally
    }

    /// Counts one more result.
    pub(in crate::report) const fn add(&mut self, result: &CaseResult) {
        let count = match result.outcome {
            Outcome::Pass => &mut self.passed,
            Outcome::Unsupported => &mut self.unasked,
            outcome if outcome.is_choice() => &mut self.chosen,
            outcome if outcome.is_failure() => &mut self.failed,
            _ => &mut self.uncredited,
        };
        *count += 1;
        match result.deviation {
            Deviation::Unexpected => self.unexpected += 1,
            Deviation::Missing(_) => self.missing += 1,
            Deviation::None | Deviation::Expected(_) => {}
        }
    }

    /// How many cases were asked.
    pub(in crate::report) const fn asked(&self) -> usize {
        self.passed + self.chosen + self.failed + self.uncredited
    }

    /// How many results are not as expected.
    pub(in crate::report) const fn off(&self) -> usize {
        self.unexpected + self.missing
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            chosen,
            failed,
            unexpected,
            ..
        } = self;
        write!(f, "{passed} passed, {chosen} by choice, {failed} failed")?;
        match *unexpected {
            _ if self.failed == 0 => {}
            0 => f.write_str(" as expected")?,
            some if some < self.failed => write!(f, " ({some} of them unexpected)")?,
            _ => {}
        }
        for (count, what) in [
            (self.uncredited, "without credit"),
            (self.missing, "did not fail as expected"),
            (self.unasked, "not applicable"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn choices_are_no_failures() {
        let right = Tally {
            passed: 75,
            chosen: 5,
            ..Tally::default()
        };
        for (tally, words) in [
            (right, "75 passed, 5 by choice, 0 failed"),
            (
                Tally {
                    failed: 3,
                    unexpected: 3,
                    ..right
                },
                "75 passed, 5 by choice, 3 failed",
            ),
            (
                Tally { failed: 3, ..right },
                "75 passed, 5 by choice, 3 failed as expected",
            ),
            (
                Tally {
                    failed: 3,
                    unexpected: 1,
                    uncredited: 2,
                    missing: 1,
                    unasked: 9,
                    ..right
                },
                "75 passed, 5 by choice, 3 failed (1 of them unexpected), 2 without credit, 1 did not fail as expected, 9 not applicable",
            ),
        ] {
            assert_eq!(tally.to_string(), words);
        }
    }
}
