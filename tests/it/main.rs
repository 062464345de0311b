//! The integration tests, in one program: linking the crate once takes a fraction of the time that linking it for each file does.
//!
//! Modules that start `chunkproof` need it to be built, and so the feature `cli`. `reference` does without, for
//! `scripts/mutants`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "in a test and its helpers a panic is a failed test"
)]

#[cfg(feature = "cli")]
mod adapters;
#[cfg(feature = "cli")]
mod ambiguities;
#[cfg(feature = "cli")]
mod around;
#[cfg(feature = "cli")]
mod ci;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod clients;
#[cfg(feature = "cli")]
mod damaged;
#[cfg(feature = "cli")]
mod drafts;
#[cfg(feature = "cli")]
mod edits;
#[cfg(feature = "cli")]
mod end_to_end;
#[cfg(feature = "cli")]
mod estargz;
#[cfg(feature = "cli")]
mod explain;
#[cfg(feature = "cli")]
mod fuzzing;
#[cfg(feature = "cli")]
mod generate;
#[cfg(feature = "cli")]
mod given;
#[cfg(feature = "cli")]
mod hostile;
#[cfg(feature = "cli")]
mod hunt;
#[cfg(feature = "cli")]
mod images;
#[cfg(feature = "cli")]
mod kit;
#[cfg(feature = "cli")]
mod known_good;
#[cfg(feature = "cli")]
mod known_good_files;
#[cfg(feature = "cli")]
mod layers;
#[cfg(feature = "cli")]
mod layouts;
#[cfg(feature = "cli")]
mod library;
#[cfg(feature = "cli")]
mod memory;
#[cfg(feature = "cli")]
mod messages;
#[cfg(feature = "cli")]
mod miniatures;
#[cfg(feature = "cli")]
mod mutants_of;
#[cfg(feature = "cli")]
mod outside;
#[cfg(feature = "cli")]
mod packages;
#[cfg(feature = "cli")]
mod page;
#[cfg(feature = "cli")]
mod performance;
#[cfg(feature = "cli")]
mod podman;
#[cfg(feature = "cli")]
mod promote;
#[cfg(feature = "cli")]
mod readme;
mod reference;
#[cfg(feature = "cli")]
mod registries;
#[cfg(feature = "cli")]
mod registry;
#[cfg(feature = "cli")]
mod release;
#[cfg(feature = "cli")]
mod remote;
#[cfg(feature = "cli")]
mod reports;
#[cfg(feature = "cli")]
mod reproducers;
#[cfg(feature = "cli")]
mod results;
#[cfg(feature = "cli")]
mod runner;
#[cfg(feature = "cli")]
mod sarif;
#[cfg(feature = "cli")]
mod schemas;
#[cfg(feature = "cli")]
mod schemata;
#[cfg(feature = "cli")]
mod scripts;
#[cfg(feature = "cli")]
mod servers;
#[cfg(feature = "cli")]
mod snapshots_of_layers;
#[cfg(feature = "cli")]
mod sources;
#[cfg(feature = "cli")]
mod spec;
#[cfg(feature = "cli")]
mod support;
#[cfg(feature = "cli")]
mod tarsplit;
#[cfg(feature = "cli")]
mod tutorial;
#[cfg(feature = "cli")]
mod vectors;
#[cfg(feature = "cli")]
mod vectors_doc;
#[cfg(feature = "cli")]
mod workflows;
#[cfg(feature = "cli")]
mod write;
