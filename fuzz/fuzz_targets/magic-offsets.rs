//! Footers with magics planted at arbitrary offsets. See `chunkproof::fuzzing::magic_offsets`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chunkproof::fuzzing::magic_offsets::run(bytes));
