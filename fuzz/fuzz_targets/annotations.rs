//! Annotations. See `chunkproof::fuzzing::annotations`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::annotations::run(bytes));
