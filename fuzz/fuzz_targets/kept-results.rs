//! Results that are kept. See `chunkproof::fuzzing::kept_results`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::kept_results;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| kept_results::run(bytes));
