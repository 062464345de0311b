//! Inputs of operations for the reference and for implementations in Go, in one process. See `chunkproof::hunt::linked`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use std::sync::LazyLock;

use chunkproof::hunt::linked::{Oracle, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static ORACLE: LazyLock<Oracle> = LazyLock::new(|| {
    let known = (std::env::var("CHUNKPROOF_KNOWN").as_deref() != Ok("none")).then_some(include_str!("known.toml"));
    Oracle::new(ask, known).unwrap_or_else(|error| panic!("{error}"))
});

fuzz_target!(
    // Before libFuzzer counts what there is to cover: Go tells it when its runtime has begun.
    init: { LazyLock::force(&ORACLE); },
    |bytes: &[u8]| ORACLE.run(bytes)
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(&ORACLE, data, size, max_size, seed, &mut fuzzer_mutate)
});

unsafe extern "C" {
    fn chunkproof_go_ask(request: *const u8, length: usize, answer_length: *mut usize) -> *mut u8;
    fn free(pointer: *mut core::ffi::c_void);
}

/// Asks the library in Go.
fn ask(request: &[u8]) -> Vec<u8> {
    let mut length = 0;
    // SAFETY: Go copies the request before it returns, and gives memory of malloc that is so long and nobody else's.
    unsafe {
        let answer = chunkproof_go_ask(request.as_ptr(), request.len(), &mut length);
        let copy = core::slice::from_raw_parts(answer, length).to_vec();
        free(answer.cast());
        copy
    }
}
