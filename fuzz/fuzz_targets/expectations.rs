//! Lists of expected deviations. See `chunkproof::fuzzing::expectations`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::expectations;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| expectations::run(bytes));
