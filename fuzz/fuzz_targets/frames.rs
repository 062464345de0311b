//! Frames. See `chunkproof::fuzzing::frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::frames::run(bytes));
