//! Layers of eStargz. See `chunkproof::fuzzing::estargz`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::estargz;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| estargz::run(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    estargz::MUTATION.apply(data, size, max_size, seed, &mut fuzzer_mutate)
});
