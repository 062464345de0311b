//! From a run to results that are kept.

use std::collections::BTreeMap;

use super::run::ImplementationRun;
use crate::{
    outside::Outside,
    protocol::Decision,
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
        lacks: hello.lacks.clone(),
        incomplete: is_incomplete,
        shard: None,
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
    let mut fitting: BTreeMap<Choice, Vec<Decision>> = BTreeMap::new();
    for result in run.results.iter().filter(|result| !result.decisions.is_empty()) {
        let Some(Expect::Either { choice, .. }) = set.entries().get(result.index).map(|entry| &entry.case.expect)
        else {
            continue;
        };
        fitting
            .entry(*choice)
            .and_modify(|known| known.retain(|decision| result.decisions.contains(decision)))
            .or_insert_with(|| result.decisions.clone());
    }
    let decided = |fitting: Vec<Decision>| {
        fitting.first().map_or(Decided::Both, |&decision| match decision {
            Decision::Accept => Decided::Accept,
            Decision::Reject => Decided::Reject,
            Decision::Reading(reading) => Decided::Reading(reading),
        })
    };
    fitting
        .into_iter()
        .map(|(choice, fitting)| (choice, decided(fitting)))
        .collect()
}
