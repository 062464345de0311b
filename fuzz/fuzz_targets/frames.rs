//! Frames. See `chunkproof::fuzzing::frames`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::frames::run(bytes));
