//! Failures that are likely to have one cause: the same kind of answer where the same rule is concerned.

use super::Judged;
use crate::{
    judge::{Deviation, Kept, Outcome},
    outside::Outside,
    vectors::Expect,
};

/// Most bytes of what tells two answers apart.
const ANSWER: usize = 80;

/// Failures of one implementation with the same answer and rule.
pub(in crate::report) struct Group<'a> {
    /// The implementation.
    pub(in crate::report) name: &'a str,
    /// The rule that the answers name, or else the first rule of the cases; none where the answers have another reason.
    pub(in crate::report) rule: Option<String>,
    /// The result and the answer, in a few words.
    pub(in crate::report) answer: String,
    /// The failures, in the order of the set.
    pub(in crate::report) failures: Vec<Judged<'a>>,
}

impl Group<'_> {
    /// Some of the ids, and how many more there are.
    pub(in crate::report) fn ids(&self, most: usize) -> String {
        let ids = self.failures.iter().take(most).map(|failure| failure.id().as_str());
        let mut ids = ids.collect::<Vec<_>>().join(", ");
        if let Some(more @ 1..) = self.failures.len().checked_sub(most) {
            ids += &format!(" and {more} more");
        }
        ids
    }

    /// The rule, or a dash.
    pub(in crate::report) fn rule(&self) -> &str {
        self.rule.as_deref().unwrap_or("-")
    }
}

/// Groups failures: the largest group of an implementation comes first.
pub(in crate::report) fn groups<'a>(failures: &[Judged<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &failure in failures {
        let (rule, answer) = key(&failure);
        let name = failure.by.name();
        let known = groups
            .iter_mut()
            .find(|group| group.name == name && group.rule == rule && group.answer == answer);
        match known {
            Some(group) => group.failures.push(failure),
            None => groups.push(Group {
                name,
                rule,
                answer,
                failures: vec![failure],
            }),
        }
    }
    let order: Vec<&str> = groups.iter().map(|group| group.name).collect();
    let place = |name: &str| order.iter().position(|other| *other == name);
    groups.sort_by_key(|group| (place(group.name), std::cmp::Reverse(group.failures.len())));
    groups
}

/// What failures of one group have in common: the rule, and the answer.
fn key(failure: &Judged<'_>) -> (Option<String>, String) {
    let result = failure.result;
    let of_case = || failure.entry.case.rules.first().map(|rule| rule.id().to_owned());
    let note = || result.notes.first().map(String::as_str).unwrap_or_default();
    let what = failure.what();
    if let Deviation::Missing(expected) = &result.deviation {
        return (of_case(), format!("{what}: {expected}"));
    }
    match (result.outcome, &result.answer) {
        // How much time or memory was taken differs.
        (Outcome::Timeout | Outcome::OutOfMemory | Outcome::Flaky, _) => (None, what.to_owned()),
        (Outcome::ChoiceConflict, _) => match &failure.entry.case.expect {
            Expect::Either { choice, .. } => (of_case(), format!("{what}: {}", choice.id())),
            _ => (of_case(), what.to_owned()),
        },
        (_, Some(Kept::Accept(_))) => (of_case(), format!("{what}: accept")),
        (_, Some(Kept::Reject(rejection))) => match &rejection.rule {
            Some(rule) => (Some(Outside::word(rule).to_string()), format!("{what}: reject")),
            None => (None, format!("{what}: reject: {}", shape(&rejection.message))),
        },
        (_, Some(Kept::Decline(message))) => (None, format!("{what}: decline: {}", shape(message))),
        (_, Some(Kept::Unsupported(message))) => (None, format!("{what}: {}", shape(message))),
        // How a process ended is a number that matters.
        (Outcome::Crash, None) => (None, format!("{what}: {}", Outside::new(note().as_bytes(), ANSWER))),
        (_, None) => (None, format!("{what}: {}", shape(note()))),
    }
}

/// A message without the numbers in it, such as offsets, which differ where the cause does not.
fn shape(message: &str) -> String {
    let mut shape = String::new();
    for c in Outside::new(message.as_bytes(), ANSWER).to_string().chars() {
        match c {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            c => shape.push(c),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn numbers_do_not_tell_messages_apart() {
        assert_eq!(shape("at 12: 0x7f, expected 0"), "at #: #x#f, expected #");
    }
}
