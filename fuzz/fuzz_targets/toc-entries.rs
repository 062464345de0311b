//! TOCs with structure. See `chunkproof::fuzzing::toc_entries`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::toc_entries::run(bytes));
