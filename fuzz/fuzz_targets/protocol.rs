//! Answers of adapters. See `chunkproof::fuzzing::protocol`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::protocol::run(bytes));
