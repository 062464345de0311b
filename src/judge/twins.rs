//! Rejections that earn no credit.

use std::collections::BTreeMap;

use super::{
    outcome::Outcome,
    result::{CaseResult, Kept},
};
use crate::vectors::Set;

/// Takes the credit from rejections of invalid cases whose twin was not accepted. `results` are by index in the set.
pub(crate) fn withdraw_vacuous(set: &Set, results: &mut BTreeMap<usize, CaseResult>) {
    let vacuous: Vec<usize> = results
        .values()
        .filter(|result| result.outcome == Outcome::Pass && is_vacuous(set, results, result.index))
        .map(|result| result.index)
        .collect();
    for index in vacuous {
        if let Some(result) = results.get_mut(&index) {
            result.outcome = Outcome::Vacuous;
        }
    }
}

fn is_vacuous(set: &Set, results: &BTreeMap<usize, CaseResult>, index: usize) -> bool {
    let Some(twin) = set.entries().get(index).and_then(|entry| entry.case.twin.as_ref()) else {
        return false;
    };
    let twin = set.position(twin).and_then(|index| results.get(&index));
    !twin.is_some_and(|twin| {
        // An output that cannot be read accepts nothing, nor does a process that ended.
        let is_answer = !matches!(twin.outcome, Outcome::ProtocolError | Outcome::Flaky);
        is_answer && matches!(twin.answer, Some(Kept::Accept(_)))
    })
}

#[cfg(test)]
mod tests {
    use super::withdraw_vacuous;
    use crate::{
        judge::{
            Kept, Outcome,
            fixtures::{result, set},
        },
        protocol::Rejection,
    };

    #[test]
    fn a_rejection_counts_only_beside_an_accepted_twin() {
        let set = set();
        let rejected = || {
            Kept::Reject(Rejection {
                message: "no".to_owned(),
                rule: None,
            })
        };
        let accepted = || Some(Kept::Accept(None));
        for (outcome, twin, expected) in [
            (Outcome::Pass, accepted(), Outcome::Pass),
            (Outcome::WrongOutput, Some(Kept::Accept(None)), Outcome::Pass),
            (Outcome::WrongVerdict, Some(rejected()), Outcome::Vacuous),
            (Outcome::Declined, Some(Kept::Decline("no".into())), Outcome::Vacuous),
            (Outcome::ProtocolError, Some(Kept::Accept(None)), Outcome::Vacuous),
            (Outcome::Flaky, accepted(), Outcome::Vacuous),
            (Outcome::Crash, None, Outcome::Vacuous),
        ] {
            let valid = result(0, outcome, twin);
            let invalid = result(1, Outcome::Pass, Some(rejected()));
            let mut results = [(0, valid), (1, invalid)].into();
            withdraw_vacuous(&set, &mut results);
            assert_eq!(results[&1].outcome, expected, "{outcome:?}");
            assert_eq!(results[&0].outcome, outcome);
        }
    }
}
