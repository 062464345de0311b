//! Layers of any kind, and single changes of them. See `chunkproof::fuzzing::generated`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::generated::run(bytes));
