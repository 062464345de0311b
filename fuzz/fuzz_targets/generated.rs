//! Layers of any kind, and single changes of them. See `chunkproof::fuzzing::generated`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::generated::run(bytes));
