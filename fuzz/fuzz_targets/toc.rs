//! TOCs. See `chunkproof::fuzzing::toc`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::toc;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| toc::run(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    toc::MUTATION.apply(data, size, max_size, seed, &mut fuzzer_mutate)
});
