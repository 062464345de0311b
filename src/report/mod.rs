//! What a user sees of runs and cases.
//!
//! Each report is a function of results to text. Styles are always written; who prints the text strips them where they
//! are not wanted.

mod adapters;
mod aligned;
mod case;
pub mod check;
mod compare;
mod diff;
pub(crate) mod estargz;
mod failure;
mod hex;
mod hunt;
pub(crate) mod image;
pub(crate) mod index;
mod json;
pub mod kept;
pub(crate) mod layer;
mod list;
mod matrix;
mod progress;
pub(crate) mod streamed;
mod style;

use std::collections::BTreeMap;

pub use self::{
    adapters::{adapter, adapter_problem},
    case::{case, case_json},
    compare::{compared, compared_json},
    diff::{Change, changes},
    failure::Repeat,
    hunt::{hunted, hunted_json},
    json::{CaseReport, ImplementationReport, Report, json},
    list::{list, list_json},
    progress::{Line, Progress},
    style::{ERROR, styled},
};
use crate::{
    judge::Deviation,
    outside::{Outside, PATH},
    runner::{ImplementationRun, Run},
    vectors::{Set, set::SetError},
};

/// The report of a run for a terminal: a matrix, then each thing that is not as expected.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn terminal(set: &Set, run: &Run, repeat: &Repeat) -> Result<String, SetError> {
    let names = names(run);
    let mut text = matrix::matrix(set, run, &names);
    for (implementation, name) in run.implementations.iter().zip(&names) {
        text += &failure::lacks(implementation, name);
        for result in &implementation.results {
            match &result.deviation {
                Deviation::Unexpected => text += &failure::failure(set, implementation, name, result, repeat)?,
                Deviation::Missing(expected) => {
                    text += &failure::missing(set, implementation, name, result, expected, repeat);
                }
                Deviation::None | Deviation::Expected(_) => {}
            }
        }
        for pattern in &implementation.unmatched {
            text += &failure::unmatched(name, pattern);
        }
        if implementation.earned_nothing() {
            text += &failure::earned_nothing(name);
        }
        text += &failure::remarks(set, implementation, name);
    }
    Ok(text)
}

/// What implementations are called in reports: by name and version where that tells them apart.
fn names(run: &Run) -> Vec<String> {
    let own = |run: &ImplementationRun| match &run.hello {
        Some(hello) => format!("{} {}", Outside::word(&hello.name), Outside::word(&hello.version)),
        None => Outside::new(run.spec.as_bytes(), PATH).to_string(),
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for implementation in &run.implementations {
        *counts.entry(own(implementation)).or_default() += 1;
    }
    run.implementations
        .iter()
        .map(|run| match own(run) {
            name if counts.get(&name) == Some(&1) => name,
            _ => Outside::new(run.spec.as_bytes(), PATH).to_string(),
        })
        .collect()
}
