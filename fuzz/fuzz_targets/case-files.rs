//! Cases as data. See `chunkproof::fuzzing::case_files`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::case_files;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| case_files::run(bytes));
