//! Footers: magics planted at arbitrary offsets. See `chunkproof::fuzzing::footer`.
#![no_main]

use chunkproof::fuzzing::footer::{Planted, check};

libfuzzer_sys::fuzz_target!(|planted: Planted| check(&planted));
