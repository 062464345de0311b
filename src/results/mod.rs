//! Results that are kept: what an implementation of some version came to, case by case.
//!
//! A [`Results`] is one file, written by `chunkproof run --record`. It holds nothing that differs from one run to the next, so
//! that a difference between two files is one between implementations.

mod basis;
mod compare;
mod outcome;
mod stored;

pub use self::{
    basis::basis,
    compare::{Change, Comparison, Side},
    outcome::Outcome,
    stored::{Decided, Results, ResultsError, SCHEMA},
};
