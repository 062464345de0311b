//! The JSON around layers. See `chunkproof::fuzzing::documents`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use chunkproof::fuzzing::documents;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| documents::run(bytes));
