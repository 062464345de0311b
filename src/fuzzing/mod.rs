//! What the fuzz targets run: inputs with structure, and results predicted without the parser under test.
//!
//! Each target of `fuzz/` is a few lines over one function of this module, so that `cargo test` on stable can replay its
//! corpus without libFuzzer. Only with the feature `fuzzing`.

pub mod decoders;
pub mod footer;
pub mod generated;
pub mod layer;
pub mod magic_offsets;
pub mod peers;
pub mod sealed;
#[cfg(test)]
mod tests;

/// A fuzz target, under the name of its file in `fuzz/fuzz_targets/` and of its folder in `corpus/`.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name, with dashes.
    pub name: &'static str,
    /// What it looks at, in a few words.
    pub about: &'static str,
    /// Runs it on one input; it panics on a finding.
    pub run: fn(&[u8]),
}

/// Every target, sorted by name.
pub const TARGETS: &[Target] = &[
    Target {
        name: "decoders",
        about: "zstd frames, libzstd against ruzstd",
        run: decoders::run,
    },
    Target {
        name: "footer",
        about: "bytes at the end of a blob, against a naive reading",
        run: footer::run,
    },
    Target {
        name: "generated",
        about: "layers of any kind and single changes of them, against what they were made of",
        run: generated::run,
    },
    Target {
        name: "layer",
        about: "blobs with annotations, changed behind their seals: verify, reconstruct, read and plain decoding agree",
        run: layer::run,
    },
    Target {
        name: "magic-offsets",
        about: "footers with magics at arbitrary offsets, against what was planted",
        run: magic_offsets::run,
    },
    Target {
        name: "peers",
        about: "layers, the reference against the crate zstd-chunked",
        run: peers::run,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
