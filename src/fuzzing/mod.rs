//! What the fuzz targets run: inputs with structure, and results predicted without the parser under test.
//!
//! Each target of `fuzz/` is a few lines over one function of this module, so that `cargo test` on stable can replay its
//! corpus without libFuzzer. Only with the feature `fuzzing`.

pub mod footer;
pub mod sealed;
