//! Blobs with annotations, changed behind their seals. See `chunkproof::fuzzing::layer`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::layer::run(bytes));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let otherwise = &mut |data: &mut [u8], size, max_size| libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    chunkproof::fuzzing::layer::mutate(data, size, max_size, seed, otherwise)
});
