//! Footers: arbitrary bytes at the end of a blob. See `chunkproof::fuzzing::footer`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::footer::run(bytes));
