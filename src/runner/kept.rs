//! From a run to results that are kept.

use std::collections::BTreeMap;

use super::run::ImplementationRun;
use crate::{
    judge::{Kept, Outcome},
    outside::Outside,
    results::{Decided, Results, SCHEMA, set_digest},
    vectors::{Choice, Expect, Set},
};

/// What the implementation came to; none if there are no results, since it did not start or broke the protocol.
/// Those of a run that was interrupted are marked as incomplete.
pub fn kept(set: &Set, run: &ImplementationRun, is_incomplete: bool) -> Option<Results> {
    let hello = run.hello.as_ref().filter(|_| run.error.is_none())?;
    let applicable = || run.results.iter().filter(|result| result.outcome.is_applicable());
    let results = applicable().filter_map(|result| {
        let entry = set.entries().get(result.index)?;
        Some((entry.case.id.clone(), result.outcome))
    });
    Some(Results {
        schema: SCHEMA,
        name: plain(&hello.name),
        version: plain(&hello.version),
        language: plain(&hello.language),
        ops: hello.ops.clone(),
        set: set_digest(set, run.results.iter().map(|result| result.index)).to_string(),
        asked: set_digest(set, applicable().map(|result| result.index)).to_string(),
        choices: choices(set, run),
        incomplete: is_incomplete,
        results: results.collect(),
    })
}

/// What an implementation says of itself, as it can be printed and read again.
fn plain(text: &str) -> String {
    if text.is_empty() {
        return "unknown".to_owned();
    }
    Outside::word(text).to_string()
}

fn choices(set: &Set, run: &ImplementationRun) -> BTreeMap<Choice, Decided> {
    let mut choices = BTreeMap::new();
    for result in &run.results {
        let Some(Expect::Either { choice, .. }) = set.entries().get(result.index).map(|entry| &entry.case.expect)
        else {
            continue;
        };
        let decided = match (result.outcome, &result.answer) {
            (Outcome::Lenient, _) | (Outcome::ChoiceConflict, Some(Kept::Accept(_))) => Decided::Accept,
            (Outcome::Strict | Outcome::ChoiceConflict, _) => Decided::Reject,
            _ => continue,
        };
        choices
            .entry(*choice)
            .and_modify(|known| {
                if *known != decided {
                    *known = Decided::Both;
                }
            })
            .or_insert(decided);
    }
    choices
}
