//! Choices, which an implementation decides once for all their cases.

use std::collections::BTreeMap;

use super::{outcome::Outcome, result::CaseResult};
use crate::{
    protocol::{Decision, Hello},
    vectors::{CaseId, Choice, Expect, Set},
};

/// What is known of a choice so far.
struct Known {
    /// The decisions that fit all answers.
    fitting: Vec<Decision>,
    /// The first case that was decided; none where the decision was declared.
    first: Option<CaseId>,
}

/// Fails the cases of a choice that were decided in another way than declared or, with no declaration, than the cases of that choice
/// before them. Where several readings agree about a case, it leaves open which one the implementation has.
pub(crate) fn check_choices(set: &Set, hello: &Hello, results: &mut [CaseResult]) {
    let mut known: BTreeMap<Choice, Known> = BTreeMap::new();
    for result in results {
        if !result.outcome.is_choice() {
            continue;
        }
        let Some(case) = set.entries().get(result.index).map(|entry| &entry.case) else {
            continue;
        };
        let Expect::Either { choice, .. } = case.expect else {
            continue;
        };
        let Known { fitting, first } = known.entry(choice).or_insert_with(|| match hello.choices.get(&choice) {
            Some(&declared) => Known {
                fitting: vec![declared],
                first: None,
            },
            None => Known {
                fitting: result.decisions.clone(),
                first: Some(case.id.clone()),
            },
        });
        let both: Vec<Decision> = fitting
            .iter()
            .copied()
            .filter(|decision| result.decisions.contains(decision))
            .collect();
        if !both.is_empty() {
            *fitting = both;
            continue;
        }
        let elsewhere = match first {
            Some(case) => format!("{case} shows"),
            None => "the handshake declares".to_owned(),
        };
        result.outcome = Outcome::ChoiceConflict;
        result.conflicts_with.clone_from(first);
        result.notes.push(format!(
            "the choice {} is decided as {} here, while {elsewhere} {}",
            choice.id(),
            names(&result.decisions),
            names(fitting)
        ));
    }
}

fn names(decisions: &[Decision]) -> String {
    let names: Vec<&str> = decisions.iter().map(|decision| decision.name()).collect();
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::check_choices;
    use crate::{
        judge::{
            CaseResult, Outcome,
            fixtures::{self, result, set},
        },
        protocol::{Decision, Hello},
        vectors::Choice,
    };

    #[test]
    fn a_choice_is_decided_once() {
        let set = set();
        let hello = |declared: Option<Decision>| Hello {
            choices: declared
                .map(|decision| (Choice("digest-algorithm"), decision))
                .into_iter()
                .collect(),
            ..fixtures::hello()
        };
        let decided = |index, outcome| CaseResult {
            decisions: vec![if outcome == Lenient {
                Decision::Accept
            } else {
                Decision::Reject
            }],
            ..result(index, outcome, None)
        };
        use Outcome::{ChoiceConflict, Lenient, Strict};
        for (declared, given, expected) in [
            (None, [Strict, Strict], [Strict, Strict]),
            (None, [Strict, Lenient], [Strict, ChoiceConflict]),
            (Some(Decision::Accept), [Strict, Lenient], [ChoiceConflict, Lenient]),
            (
                Some(Decision::Reject),
                [Lenient, Lenient],
                [ChoiceConflict, ChoiceConflict],
            ),
        ] {
            let mut results = [decided(2, given[0]), decided(3, given[1])];
            check_choices(&set, &hello(declared), &mut results);
            assert_eq!(
                [results[0].outcome, results[1].outcome],
                expected,
                "{declared:?} {given:?}"
            );
        }
    }

    /// An answer that two readings give tells them apart from others, and not from each other.
    #[test]
    fn readings_are_told_apart_by_the_cases_in_which_they_differ() {
        let set = set();
        let (gnu, posix) = (
            Decision::Reading("gnu".parse().unwrap()),
            Decision::Reading("posix".parse().unwrap()),
        );
        use Outcome::{ChoiceConflict, Lenient};
        for (first, second, expected) in [
            (vec![gnu, posix], vec![posix], Lenient),
            (vec![gnu], vec![gnu, posix], Lenient),
            (vec![Decision::Accept], vec![gnu, posix], ChoiceConflict),
            (vec![Decision::Accept, posix], vec![gnu], ChoiceConflict),
        ] {
            let mut results = [(2, &first), (3, &second)].map(|(index, decisions)| CaseResult {
                decisions: decisions.clone(),
                ..result(index, Lenient, None)
            });
            check_choices(&set, &fixtures::hello(), &mut results);
            assert_eq!(results[1].outcome, expected, "{first:?} {second:?}");
        }
    }
}
