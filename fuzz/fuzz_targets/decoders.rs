//! Zstd frames, for two decoders. See `chunkproof::fuzzing::decoders`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::decoders::run(bytes));
