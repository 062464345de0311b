//! Checks implementations against the vectors.
//!
//! Every implementation, built in or not, is a process that is asked over the [`protocol`]. The runner survives its
//! crashes, hangs and nonsense, and has [`judge`](crate::judge) judge what it answers; reports are made of the [`Run`] that comes out.

mod blind;
pub mod builtin;
mod expectations;
mod implementation;
mod pattern;
mod process;
mod processes;
mod record;
mod run;
mod schedule;
mod session;
pub mod supervisor;
pub(crate) mod tail;

use std::{io, thread};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

pub(crate) use self::session::{Session, StartError, Terms};
pub use self::{
    expectations::{Expectations, ExpectationsError},
    implementation::{Implementation, ImplementationError},
    pattern::Pattern,
    process::Allowance,
    record::record,
    run::{Conclusion, ImplementationRun, Run},
    schedule::Options,
};
pub use crate::protocol;
use crate::vectors::Set;

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
    Run {
        selected: selected.len(),
        implementations: implementations
            .iter()
            .map(|(implementation, expectations)| {
                schedule::run(implementation, expectations, set, selected, options, observer)
            })
            .collect(),
    }
}

/// From here on, an interrupted program takes the processes that it started with it, and exits with `code`.
///
/// They are in groups of their own, which a terminal does not interrupt.
///
/// # Errors
///
/// Signals that cannot be handled.
pub fn exit_on_interrupt(code: i32) -> io::Result<()> {
    supervisor::install();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            process::exit(code);
        }
    });
    Ok(())
}
