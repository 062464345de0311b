//! Choices, which an implementation decides once for all their cases.

use std::collections::BTreeMap;

use super::{outcome::Outcome, result::CaseResult};
use crate::{
    protocol::{Decision, Hello},
    vectors::{CaseId, Choice, Expect, Set},
};

/// Fails the cases of a choice that were decided in another way than declared or, with no declaration, than the first
/// case of that choice.
pub(crate) fn check_choices(set: &Set, hello: &Hello, results: &mut [CaseResult]) {
    let mut decided: BTreeMap<Choice, (Decision, Option<CaseId>)> = BTreeMap::new();
    for result in results {
        let decision = match result.outcome {
            Outcome::Lenient => Decision::Accept,
            Outcome::Strict => Decision::Reject,
            _ => continue,
        };
        let Some(case) = set.entries().get(result.index).map(|entry| &entry.case) else {
            continue;
        };
        let Expect::Either { choice, .. } = case.expect else {
            continue;
        };
        let (first, source) = decided
            .entry(choice)
            .or_insert_with(|| match hello.choices.get(&choice) {
                Some(&declared) => (declared, None),
                None => (decision, Some(case.id.clone())),
            });
        if *first == decision {
            continue;
        }
        let elsewhere = match source {
            Some(case) => format!("{case} shows"),
            None => "the handshake declares".to_owned(),
        };
        result.outcome = Outcome::ChoiceConflict;
        result.conflicts_with.clone_from(source);
        result.notes.push(format!(
            "the choice {} is decided as {} here, while {elsewhere} {}",
            choice.id(),
            decision.name(),
            first.name()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::check_choices;
    use crate::{
        judge::{
            Outcome,
            fixtures::{result, set},
        },
        protocol::{Decision, Hello},
        vectors::Choice,
    };

    #[test]
    fn a_choice_is_decided_once() {
        let set = set();
        let hello = |declared: Option<Decision>| Hello {
            name: "x".into(),
            version: "0".into(),
            language: "x".into(),
            ops: Default::default(),
            rules: false,
            choices: declared
                .map(|decision| (Choice::DigestAlgorithm, decision))
                .into_iter()
                .collect(),
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
            let mut results = [result(2, given[0], None), result(3, given[1], None)];
            check_choices(&set, &hello(declared), &mut results);
            assert_eq!(
                [results[0].outcome, results[1].outcome],
                expected,
                "{declared:?} {given:?}"
            );
        }
    }
}
