//! Each check alone: an input that only this check keeps out.
//!
//! A case that [notices](super::coverage) the absence of a check may still be rejected for another reason. That is not enough to show
//! that the check is needed: a reader without it would lose nothing. So for each check that can be switched off there is a case that
//! is accepted without it, or the reason why another rule always breaks as well.

use super::reference::{Answer, answer, verify};
use crate::{
    rules::{Level, Rule},
    vectors::{Set, SetEntry},
};

/// Rules that no input breaks alone where an operation looks, each with the reason.
const NEVER_ALONE: &[(Rule, &str)] = &[(
    Rule::FramesLast,
    "a frame before a footer of 40 or 64 bytes breaks FTR-05 as well, and one after the footer FTR-01; before a footer of 56 bytes only \
     `verify` looks, which is not an operation",
)];

/// Whether a check is the only one that keeps some input out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// The id of the first case whose input is accepted where this check alone is switched off.
    By(String),
    /// Why no input breaks the rule alone.
    Not(&'static str),
    /// No case is accepted without the check, and no reason is known.
    Unknown,
}

/// Whether the reference has a check of the rule that can be switched off: guards cannot, and what a reader may accept the reference
/// accepts.
pub fn can_be_switched_off(rule: Rule) -> bool {
    !rule.is_guard() && rule.level() != Level::May
}

/// Whether the check of this rule is the only one that keeps some input of the set out.
///
/// # Errors
///
/// An input that cannot be read, in a sentence. The tests of this crate rule that out.
pub fn alone(set: &Set, rule: Rule) -> Result<Alone, String> {
    if let Some((_, reason)) = NEVER_ALONE.iter().find(|(never, _)| *never == rule) {
        return Ok(Alone::Not(reason));
    }
    let about = |entry: &&SetEntry| entry.case.rules.first() == Some(&rule);
    // Those that cost much come last.
    let (costly, cheap): (Vec<&SetEntry>, Vec<_>) = set
        .entries()
        .iter()
        .filter(about)
        .partition(|entry| entry.case.limits.is_some());
    for entry in cheap.into_iter().chain(costly) {
        if is_kept_out_alone(set, entry, rule)? {
            return Ok(Alone::By(entry.case.id.to_string()));
        }
    }
    Ok(Alone::Unknown)
}

/// Whether the input of this case is accepted without the check, and not with it.
///
/// A layer that an operation accepts in either way is one about which `verify` says more, as it decodes the whole blob.
fn is_kept_out_alone(set: &Set, entry: &SetEntry, rule: Rule) -> Result<bool, String> {
    let input = set.wire_input(entry).map_err(|error| error.to_string())?;
    let is_accepted = |skipped: &[Rule]| {
        let given = answer(entry.op, input.clone(), skipped)?;
        Ok::<_, String>(matches!(given, Answer::Accept(_)))
    };
    if !is_accepted(&[rule])? {
        return Ok(false);
    }
    if !is_accepted(&[])? {
        return Ok(true);
    }
    let is_clean = |skipped: &[Rule]| Ok::<_, String>(verify(entry.op, &input, skipped)?.is_empty());
    Ok(is_clean(&[rule])? && !is_clean(&[])?)
}

#[cfg(test)]
mod tests {
    use super::{Alone, NEVER_ALONE, Set, alone, can_be_switched_off};
    use crate::rules::Rule;

    #[test]
    fn every_check_keeps_something_out_alone_or_has_a_reason() {
        let set = Set::embedded().unwrap();
        let mut unknown = Vec::new();
        for &rule in Rule::ALL.iter().filter(|rule| can_be_switched_off(**rule)) {
            let found = alone(&set, rule).unwrap();
            if found == Alone::Unknown {
                unknown.push(rule.id());
            }
        }
        assert_eq!(unknown, [""; 0]);
    }

    /// A reason that a case contradicts is wrong.
    #[test]
    fn a_rule_that_is_never_broken_alone_has_no_case_that_is() {
        let set = Set::embedded().unwrap();
        for &(rule, _) in NEVER_ALONE {
            assert!(can_be_switched_off(rule), "{rule}");
            let about = set
                .entries()
                .iter()
                .filter(|entry| entry.case.rules.first() == Some(&rule));
            for entry in about {
                assert!(
                    !super::is_kept_out_alone(&set, entry, rule).unwrap(),
                    "{rule}: {}",
                    entry.case.id
                );
            }
        }
    }
}
