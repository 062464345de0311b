//! The test cases of chunkproof for zstd:chunked container layers.
//!
//! [`harness::main`] makes a test of each case. [`Operation::cases`] lists the cases of an operation, whose inputs and outputs are
//! typed, and [`Judge`] judges an [`Implementation`] by them.

mod bytes;
mod cases;
mod decimal;
pub mod harness;

mod judge;
mod operations;
mod pattern;
mod types;

pub use self::{
    bytes::{Bytes, NotKnown},
    cases::{
        Bug, Case, ChoiceEntry, Expect, Limits, Rule, SCHEMA, Tag, Tombstone, bugs, cases, choices, find, rules, tags,
        tombstones,
    },
    judge::{Decision, Implementation, Judge, Judged, Outcome, Refusal},
    operations::*,
    types::*,
};
