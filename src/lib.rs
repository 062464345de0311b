//! Conformance and fuzzing suite for zstd:chunked container layers.
//!
//! A zstd:chunked layer is an ordinary `tar.zst` whose zstd frames are cut at file boundaries, followed by an index in
//! skippable frames, so that a client can fetch single files by range. The format has no specification but many
//! implementations. This crate is
//!
//! - [`mod@format`]: a strict reference implementation, one module per piece of the format;
//! - [`rules`]: the register of everything a reader or writer has to hold to, each rule with a stable id;
//! - [`vectors`]: language-neutral test cases, each tied to rules, and the generator that makes them.
//!
//! With the default feature `cli` it also holds the `chunkproof` program: a runner that checks any implementation
//! against the vectors, and commands that look at one layer.
//!
//! The normative text is `docs/spec.md` in the repository.

#[deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::integer_division)]
pub mod format;
pub mod rules;
pub mod vectors;
