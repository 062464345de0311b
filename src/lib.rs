//! Conformance and fuzzing suite for zstd:chunked container layers.
//!
//! A zstd:chunked layer is an ordinary `tar.zst` whose zstd frames are cut at file boundaries, followed by an index in
//! skippable frames, so that a client can fetch single files by range. The format has no specification but many
//! implementations. This crate is
//!
//! - [`mod@format`]: a strict reference implementation, one module per piece of the format;
//! - [`image`]: what the manifests of images say of layers, and where their blobs are;
//! - [`rules`]: the register of everything a reader or writer has to hold to, each rule with a stable id;
//! - [`vectors`]: language-neutral test cases, each tied to rules, and the generator that makes them.
//!
//! With the default feature `cli` it also holds the `chunkproof` program: a runner that checks any implementation
//! against the vectors, and commands that look at one layer.
//!
//! The normative text is `docs/spec.md` in the repository.

#[cfg(all(feature = "planted", not(any(fuzzing, test, doc, debug_assertions))))]
compile_error!("the feature `planted` puts defects into the code and is for fuzzing only");

// Tests compute offsets freely; an overflow there fails the test.
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
pub mod format;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
#[cfg(feature = "image")]
pub mod image;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
mod outside;
// The fuzz targets read answers without the runner.
#[cfg(any(feature = "cli", feature = "fuzzing"))]
pub mod protocol;
#[cfg(feature = "set")]
pub mod results;
pub mod rules;
#[cfg(feature = "vectors")]
pub mod vectors;

#[cfg(feature = "cli")]
pub mod adapters;
#[cfg(feature = "cli")]
pub mod commands;
#[cfg(feature = "cli")]
pub mod hunt;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "cli")]
pub mod runner;
