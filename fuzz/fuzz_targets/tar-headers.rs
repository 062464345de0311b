//! Tars. See `chunkproof::fuzzing::tar_headers`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::tar_headers;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| tar_headers::run(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    tar_headers::MUTATION.apply(data, size, max_size, seed, &mut fuzzer_mutate)
});
