//! Tar-splits. See `chunkproof::fuzzing::tarsplit`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::tarsplit;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| tarsplit::run(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    tarsplit::MUTATION.apply(data, size, max_size, seed, &mut fuzzer_mutate)
});
