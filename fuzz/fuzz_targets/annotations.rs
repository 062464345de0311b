//! Annotations. See `chunkproof::fuzzing::annotations`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::annotations::run(bytes));
