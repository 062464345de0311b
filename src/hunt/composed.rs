//! Disagreements of three and more implementations that are made of ones that cases show.
//!
//! If each of five implementations deviates at one rule in some inputs, there are up to 31 sets of them that deviate together, and
//! none has a new cause. Such a disagreement is told from a new one: each implementation that differs from the first one in it
//! differs from it in the same way in a case.

use std::collections::{BTreeMap, BTreeSet};

use super::{Disagreement, Group, Report, Verdict, compare::ANY};
use crate::vectors::{CaseId, Op};

/// How an implementation differs from the first one: the operation, the rule and what tells apart within it, its place among the
/// implementations, what both answered, and where their outputs differ.
type Pair<'a> = (Op, [&'a str; 2], usize, [&'a Verdict; 2], &'a str);

impl Report {
    /// Names the cases that show the disagreements which no case shows as a whole.
    pub(super) fn mark_composed(&mut self) {
        let composed: Vec<BTreeSet<CaseId>> = {
            let shown = shown(&self.disagreements);
            let cases = |found: &Disagreement| cases(&found.group, &shown).unwrap_or_default();
            let all = self.disagreements.iter();
            all.map(|found| {
                if found.known.is_some() {
                    BTreeSet::new()
                } else {
                    cases(found)
                }
            })
            .collect()
        };
        for (disagreement, cases) in self.disagreements.iter_mut().zip(composed) {
            disagreement.composed = cases;
        }
    }
}

/// How implementations differ from the first one in cases, with the first such case.
fn shown(disagreements: &[Disagreement]) -> BTreeMap<Pair<'_>, &CaseId> {
    let mut shown = BTreeMap::new();
    for found in disagreements {
        let Some(case) = &found.known else { continue };
        for pair in pairs(&found.group).into_iter().flatten().flatten() {
            let first = shown.entry(pair).or_insert(case);
            *first = case.min(*first);
        }
    }
    shown
}

/// The cases that show how each implementation differs; none if there is no case for one of them.
fn cases(group: &Group, shown: &BTreeMap<Pair<'_>, &CaseId>) -> Option<BTreeSet<CaseId>> {
    let cases = pairs(group)?
        .into_iter()
        .map(|pair| Some((*shown.get(&pair?)?).clone()));
    cases.collect()
}

/// How implementations differ from the first one; none instead of an output of which it is not known where it differs. A crash is
/// known by its shape, and not by what others answer; an answer of a process that is another one later is no answer to compare.
fn pairs(group: &Group) -> Option<Vec<Option<Pair<'_>>>> {
    if group.rule == ANY || group.answers.contains(&Verdict::Flaky) {
        return None;
    }
    let (first, others) = group.answers.split_first()?;
    let mut pairs = Vec::new();
    for (at, other) in (1..).zip(others) {
        let answered = |other, place| {
            Some((
                group.op,
                [group.rule.as_str(), &group.detail],
                at,
                [first, other],
                place,
            ))
        };
        pairs.push(match (first, other) {
            (a, b) if a == b => continue,
            (Verdict::Accept(_), Verdict::Accept(1)) => answered(other, group.place.as_str()),
            // The place is where the first two outputs differ.
            (Verdict::Accept(_), Verdict::Accept(_)) => None,
            // Readers that are wrong to accept need not make the same of it.
            (_, Verdict::Accept(_)) => answered(&Verdict::Accept(0), ""),
            _ => answered(other, ""),
        });
    }
    Some(pairs).filter(|pairs| !pairs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::kept::tests::{found, report};
    use crate::{
        hunt::{
            Verdict::{self, Accept, Refuse, Timeout},
            compare::ANY,
        },
        vectors::CaseId,
    };

    #[test]
    fn what_each_does_in_a_case_is_not_new_together() {
        let with = |rule: &str, answers: &[Verdict], place: &str, known: Option<&str>| {
            let mut found = found(rule, 1, 0, 1);
            found.group.answers = answers.to_vec();
            found.group.place = place.to_owned();
            found.known = known.map(|case| case.parse().unwrap());
            found
        };
        let cases = [
            with("FTR-02", &[Refuse, Accept(0), Refuse], "", Some("footer/a")),
            with("FTR-02", &[Refuse, Refuse, Accept(0)], "", Some("footer/b")),
            with("accepted", &[Accept(0), Accept(1), Accept(0)], "/a", Some("footer/c")),
            with("accepted", &[Accept(0), Accept(0), Accept(1)], "/b", Some("footer/d")),
        ];
        for (rule, answers, place, expected) in [
            (
                "FTR-02",
                &[Refuse, Accept(0), Accept(0)][..],
                "",
                &["footer/a", "footer/b"][..],
            ),
            (
                "FTR-02",
                &[Refuse, Accept(0), Accept(1)],
                "/a",
                &["footer/a", "footer/b"],
            ),
            ("FTR-03", &[Refuse, Accept(0), Accept(0)], "", &[]),
            ("FTR-02", &[Refuse, Accept(0), Timeout], "", &[]),
            ("accepted", &[Accept(0), Accept(1), Accept(1)], "/a", &[]),
            ("accepted", &[Accept(0), Accept(1), Accept(0)], "/b", &[]),
            (ANY, &[Refuse, Accept(0), Accept(0)], "", &[]),
        ] {
            let mut all = cases.to_vec();
            all.push(with(rule, answers, place, None));
            let mut report = report("1/1", all);
            report.mark_composed();
            let last = report.disagreements.last().unwrap();
            let named: Vec<&str> = last.composed.iter().map(CaseId::as_str).collect();
            assert_eq!(named, expected, "{rule} {answers:?} {place}");
            assert_eq!(last.is_new(), expected.is_empty());
            assert!(report.disagreements[..4].iter().all(|found| found.composed.is_empty()));
        }
    }
}
