//! What differs between two results.

use std::collections::BTreeMap;

use super::Results;
use crate::{judge::Outcome, vectors::CaseId};

/// What is compared: results by case, of an implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Name and version.
    pub label: String,
    /// The digest of the cases that were selected; none where that is not known.
    pub set: Option<String>,
    /// The results. Cases that could not be asked are left out.
    pub results: BTreeMap<CaseId, Outcome>,
}

impl From<Results> for Side {
    fn from(results: Results) -> Self {
        Self {
            label: results.label(),
            set: Some(results.set),
            results: results.results,
        }
    }
}

/// A case that came to something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The case.
    pub case: CaseId,
    /// Its result in the first.
    pub before: Outcome,
    /// Its result in the second.
    pub after: Outcome,
}

/// The differences of two sides, each list in the order of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many cases came to the same.
    pub same: usize,
    /// What failed and does so no longer, or earns credit that it did not earn.
    pub better: Vec<Change>,
    /// The reverse.
    pub worse: Vec<Change>,
    /// Another failure, another decision of a choice, another kind of refusal without credit.
    pub changed: Vec<Change>,
    /// Results that only the first has.
    pub only_before: Vec<(CaseId, Outcome)>,
    /// Results that only the second has.
    pub only_after: Vec<(CaseId, Outcome)>,
}

impl Comparison {
    /// Compares two sides, case by case.
    pub fn of(before: &Side, after: &Side) -> Self {
        let mut comparison = Self::default();
        for (case, &was) in &before.results {
            let Some(&is) = after.results.get(case) else {
                comparison.only_before.push((case.clone(), was));
                continue;
            };
            if was == is {
                comparison.same += 1;
                continue;
            }
            let list = match rank(is).cmp(&rank(was)) {
                std::cmp::Ordering::Greater => &mut comparison.better,
                std::cmp::Ordering::Less => &mut comparison.worse,
                std::cmp::Ordering::Equal => &mut comparison.changed,
            };
            list.push(Change {
                case: case.clone(),
                before: was,
                after: is,
            });
        }
        let only_after = after
            .results
            .iter()
            .filter(|(case, _)| !before.results.contains_key(*case));
        comparison.only_after = only_after.map(|(case, &is)| (case.clone(), is)).collect();
        comparison
    }

    /// Whether there is no difference.
    pub fn is_equal(&self) -> bool {
        self.better.is_empty()
            && self.worse.is_empty()
            && self.changed.is_empty()
            && self.only_before.is_empty()
            && self.only_after.is_empty()
    }
}

/// Failures are below refusals without credit, and these below what is right.
const fn rank(outcome: Outcome) -> u8 {
    if outcome.is_failure() {
        0
    } else if outcome.is_uncredited() {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Side};
    use crate::judge::Outcome;

    fn side(results: &[(&str, Outcome)]) -> Side {
        Side {
            label: "a 1".to_owned(),
            set: None,
            results: results
                .iter()
                .map(|&(id, outcome)| (id.parse().unwrap(), outcome))
                .collect(),
        }
    }

    #[test]
    fn differences_have_a_direction() {
        use Outcome::{Crash, Declined, Lenient, Pass, Strict, Vacuous, WrongVerdict};
        for (before, after, expected) in [
            (Crash, Pass, "better"),
            (Crash, Declined, "better"),
            (Vacuous, Pass, "better"),
            (WrongVerdict, Lenient, "better"),
            (Pass, WrongVerdict, "worse"),
            (Pass, Vacuous, "worse"),
            (Declined, Crash, "worse"),
            (Crash, WrongVerdict, "changed"),
            (Lenient, Strict, "changed"),
            (Pass, Pass, "same"),
        ] {
            let found = Comparison::of(&side(&[("a/a", before)]), &side(&[("a/a", after)]));
            let counts = [
                ("better", found.better.len()),
                ("worse", found.worse.len()),
                ("changed", found.changed.len()),
                ("same", found.same),
            ];
            for (name, count) in counts {
                assert_eq!(count, usize::from(name == expected), "{before:?} {after:?} {name}");
            }
            assert_eq!(found.is_equal(), expected == "same");
        }
    }

    #[test]
    fn what_only_one_has_is_no_change() {
        let a = side(&[("a/a", Outcome::Pass), ("a/b", Outcome::Pass)]);
        let b = side(&[("a/b", Outcome::Pass), ("a/c", Outcome::Crash)]);
        let found = Comparison::of(&a, &b);
        assert_eq!(found.only_before, [("a/a".parse().unwrap(), Outcome::Pass)]);
        assert_eq!(found.only_after, [("a/c".parse().unwrap(), Outcome::Crash)]);
        assert_eq!(found.same, 1);
        assert!(!found.is_equal());
    }
}
