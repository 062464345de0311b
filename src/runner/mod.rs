//! Checks implementations against the vectors.
//!
//! Every implementation, built in or not, is a process that is asked over the [`protocol`]. The runner survives its
//! crashes, hangs and nonsense, and has [`judge`](crate::judge) judge what it answers; reports are made of the [`Run`] that comes out.

mod allowance;
mod blind;
pub mod builtin;
pub mod check;
mod implementation;
pub mod interrupt;
mod kept;
mod process;
mod processes;
mod run;
mod schedule;
mod session;
pub mod supervisor;
pub(crate) mod tail;

pub(crate) use self::session::{Session, StartError, Terms};
pub use self::{
    allowance::Allowance,
    implementation::{Implementation, ImplementationError},
    kept::kept,
    run::{Conclusion, ImplementationRun, Run},
    schedule::Options,
};
pub use crate::protocol;
use crate::{judge::Expectations, vectors::Set};

/// Something that happened in a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An implementation has started.
    Started {
        /// Its name.
        implementation: &'a str,
        /// How many cases it will be asked.
        cases: usize,
    },
    /// It is through with one more case.
    Finished {
        /// How many cases are done.
        done: usize,
        /// Of how many.
        cases: usize,
    },
}

/// Looks on while a run goes on, from any thread.
pub trait Observer: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Runs cases, given by their indices in the set, with implementations and what is expected of each.
pub fn run(
    implementations: &[(Implementation, Expectations)],
    set: &Set,
    selected: &[usize],
    options: Options,
    observer: &dyn Observer,
) -> Run {
    let mut runs: Vec<ImplementationRun> = Vec::new();
    for (implementation, expectations) in implementations {
        let is_over = |run: &ImplementationRun| run.error.is_some() || run.is_stopped || run.has_failures();
        if interrupt::is_requested() || (options.fail_fast && runs.last().is_some_and(is_over)) {
            break;
        }
        let run = schedule::run(implementation, expectations, set, selected, options, observer);
        runs.push(run);
    }
    let is_interrupted = interrupt::is_requested();
    let is_cut = runs.len() < implementations.len() || runs.iter().any(|run| run.is_stopped);
    Run {
        selected: selected.len(),
        implementations: runs,
        is_incomplete: is_interrupted || is_cut,
        is_stopped: is_cut && !is_interrupted,
    }
}
