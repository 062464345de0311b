//! A strict reader and writer of zstd:chunked container layers, and the suite that tests every implementation of the format.
//!
//! A zstd:chunked layer is an ordinary `tar.zst` whose zstd frames are cut at file boundaries, followed by an index in
//! skippable frames, so that a client can fetch single files by range. The format has no specification but many
//! implementations; the normative text of this one is `docs/spec.md` in the repository.
//!
//! # The strict library
//!
//! This is what a program that reads or writes layers depends on, without default features:
//!
//! ```toml
//! chunkproof = { version = "0.1", default-features = false }
//! ```
//!
//! [`Layer::open`] checks all of the index. [`Layer::file`] reads the content of one file by range, [`Layer::to_tar`] rebuilds
//! the tar, [`write_layer`] and [`Writer`] write a layer, and [`verify()`] lists everything that is wrong with one. What can fail
//! returns a [`Result`] with one [`Error`], which has the broken [`Rule`](rules::Rule) and its place. Memory is bounded by
//! [`Limits`], and no input makes the library panic.
//!
//! A blob is anything that can be [read at an offset](ReadAt): bytes, a file, or, for async clients,
//! [what was fetched so far](Prefetched).
//!
//! ```no_run
//! use std::{collections::BTreeMap, io};
//!
//! use chunkproof::{Authority, Error, FileRange, Layer};
//!
//! /// Prints one file of a layer, whose annotations are from a manifest that was checked.
//! fn print(annotations: &BTreeMap<String, String>) -> Result<(), Error> {
//!     let blob = FileRange::open("layer.tar.zst".as_ref())?;
//!     let layer = Layer::open(blob, Authority::Annotations(annotations))?;
//!     io::copy(&mut layer.file("etc/os-release")?, &mut io::stdout())?;
//!     Ok(())
//! }
//! ```
//!
//! The folder `examples` in the repository has programs that list a layer, extract a file by range, convert a tar, and verify
//! the layers of an image.
//!
//! # Below it
//!
//! - [`rules`] is the register of everything a reader or writer has to hold to, each rule with a stable id.
//! - [`mod@format`] is the reference implementation, one module for each piece of the format: the diagnostic way to read, which
//!   lists broken rules beside what could be made out. Its types are promised where the strict library returns them; its
//!   functions may change with any release.
//!
//! # The suite
//!
//! With the default feature `cli` the crate also has the `chunkproof` program: a runner that checks any implementation against
//! vectors, and commands that look at one layer. Its modules are public for the program, for the integration tests and for the
//! fuzz targets, which are crates of their own, and hidden here: they are no part of the library.

#[cfg(test)]
mod architecture;
// Tests compute offsets freely; an overflow there fails the test.
#[cfg(any(feature = "set", feature = "remote"))]
mod bounded;
// The reference answers the operations of drafts with it.
#[cfg(feature = "vectors")]
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
mod drafts;
#[cfg(any(test, feature = "set", feature = "fuzzing"))]
#[cfg_attr(
    not(feature = "cli"),
    expect(
        dead_code,
        reason = "the generator uses a part of it, the fuzz targets another, `hunt` the rest"
    )
)]
pub(crate) mod forge;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
pub mod format;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
mod outside;
pub mod rules;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#[deny(clippy::indexing_slicing)]
mod strict;

pub use crate::{
    format::{
        BlobKind, Compared, Dialect, Dialects, Digest, DigestError, Extent, Finding, Findings, Limits, Matched, Place,
        Region,
        layer::{TocAuthority, Verified},
        range::{FileRange, ReadAt},
        time::Timestamp,
        toc::{Chunk, Entry, EntryKind},
        writer::{Level, Options as WriteOptions, Written},
    },
    strict::{
        Authority, Diagnosis, Error, ErrorKind, FileReader, Layer, OpenOptions, Prefetched, Tar, Writer, verify,
        write_layer,
    },
};

// The library is above; what follows is the suite. `main.rs`, the integration tests and the fuzz targets are other crates, so
// what they use has to be public, and items in a private module could not be.

// The fuzz targets call it.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
// `chunkproof verify` and the commands for images.
#[cfg(feature = "image")]
#[doc(hidden)]
pub mod image;
// The fuzz targets read answers without the runner.
#[cfg(any(feature = "cli", feature = "fuzzing"))]
#[doc(hidden)]
pub mod protocol;
// The integration tests make the set.
#[cfg(feature = "set")]
#[doc(hidden)]
pub mod cases;
// The integration tests ask the reference for every answer.
#[cfg(feature = "vectors")]
#[doc(hidden)]
pub mod judge;
// The integration tests compare kept results with the documents.
#[cfg(feature = "set")]
#[doc(hidden)]
pub mod results;
// The integration tests read the set.
#[cfg(feature = "vectors")]
#[doc(hidden)]
pub mod vectors;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod adapters;
// `main.rs` calls it.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod commands;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod hunt;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod report;
// An integration test runs adapters with it.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod runner;
