//! Layers for the reference and for the crate zstd-chunked. See `chunkproof::fuzzing::peers`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::{layer, peers};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| peers::run(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    layer::MUTATION.apply(data, size, max_size, seed, &mut fuzzer_mutate)
});
