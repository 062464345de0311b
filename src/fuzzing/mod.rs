//! What the fuzz targets run: inputs with structure, and results predicted without the parser under test.
//!
//! Each target of `fuzz/` is a few lines over one function of this module, so that `cargo test` on stable can replay its
//! corpus without libFuzzer. Only with the feature `fuzzing`.

pub mod annotations;
pub mod case_files;
pub mod decoders;
pub mod documents;
pub mod estargz;
pub mod expectations;
pub mod footer;
pub mod frames;
pub mod generated;
pub mod kept_results;
pub mod layer;
pub mod magic_offsets;
pub mod mutator;
mod object;
pub mod peers;
pub mod protocol;
mod sentence;
pub mod tar_headers;
pub mod tarsplit;
pub mod toc;
pub mod toc_entries;
mod tree;
mod written;

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
        name: "annotations",
        about: "keys and values, against a naive reading",
        run: annotations::run,
    },
    Target {
        name: "case-files",
        about: "cases as data: a twin, an edit, and what the reference makes of them",
        run: case_files::run,
    },
    Target {
        name: "decoders",
        about: "zstd frames, libzstd against ruzstd",
        run: decoders::run,
    },
    Target {
        name: "documents",
        about: "the JSON around layers: manifests, indexes, configurations, annotations, against a naive reading",
        run: documents::run,
    },
    Target {
        name: "estargz",
        about: "blobs in gzip: the footer against a naive reading, the layer against plain decoding",
        run: estargz::run,
    },
    Target {
        name: "expectations",
        about: "lists of expected deviations, read and applied, against a naive reading",
        run: expectations::run,
    },
    Target {
        name: "footer",
        about: "bytes at the end of a blob, against a naive reading",
        run: footer::run,
    },
    Target {
        name: "frames",
        about: "frame and block headers, against a naive reading, from anywhere and in a larger blob",
        run: frames::run,
    },
    Target {
        name: "generated",
        about: "layers of any kind and single changes of them, against what they were made of",
        run: generated::run,
    },
    Target {
        name: "kept-results",
        about: "results that are kept, printed and read again",
        run: kept_results::run,
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
    Target {
        name: "protocol",
        about: "answers of adapters, printed and read again, and weighed",
        run: protocol::run,
    },
    Target {
        name: "tar-headers",
        about: "tars, scanned in pieces, taken apart and put together, against two other readers",
        run: tar_headers::run,
    },
    Target {
        name: "tarsplit",
        about: "JSON lines, against a naive reading, printed, assembled and taken apart again",
        run: tarsplit::run,
    },
    Target {
        name: "toc",
        about: "JSON in every dialect, against a naive reading, and printed",
        run: toc::run,
    },
    Target {
        name: "toc-entries",
        about: "entries of every type, which come back, and single changes, whose rule is found",
        run: toc_entries::run,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
