//! Results that are kept: what an implementation of some version came to, case by case.
//!
//! A [`Results`] is one file, written by `chunkproof run --record`. It holds nothing that differs from one run to the next, so
//! that a difference between two files is one between implementations.

mod compare;
mod files;
mod history;
mod kept;
mod set_digest;
mod shard;
mod table;
mod version;

pub use self::{
    compare::{Change, Comparison, Side},
    files::{KeptError, KeptResults, results_folders},
    history::history,
    kept::{Decided, Results, ResultsError, SCHEMA},
    set_digest::set_digest,
    shard::{RunShard, Shard, merge},
    table::{By, Cell, Column, Row, State, Table},
    version::by_version,
};
