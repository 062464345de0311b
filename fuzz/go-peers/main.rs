//! Inputs of operations for the reference and for implementations in Go, in one process. See `chunkproof::hunt::linked`.
#![no_main]

#[path = "../asan.rs"]
mod asan;

use std::{env, sync::LazyLock};

use chunkproof::hunt::linked::{Oracle, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static ORACLE: LazyLock<Oracle> = LazyLock::new(|| {
    let known = (env::var("CHUNKPROOF_KNOWN").as_deref() != Ok("none")).then_some(include_str!("known.toml"));
    let only = env::var("CHUNKPROOF_OP").ok().map(|name| match name.parse() {
        Ok(op) => op,
        Err(error) => panic!("CHUNKPROOF_OP: {error}"),
    });
    Oracle::new(ask, known, only).unwrap_or_else(|error| panic!("{error}"))
});

fuzz_target!(
    // Before libFuzzer counts what there is to cover: Go tells it when its runtime has begun.
    init: {
        use_signal_stacks();
        LazyLock::force(&ORACLE);
    },
    |bytes: &[u8]| ORACLE.run(bytes)
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(&ORACLE, data, size, max_size, seed, &mut fuzzer_mutate)
});

/// Has the handlers that libFuzzer is about to install run on the stack for signals. They would run on whatever stack the thread is
/// on, and that of a goroutine has no room for them. libFuzzer keeps the flag where it is set before.
fn use_signal_stacks() {
    for signal in [
        libc::SIGALRM,
        libc::SIGINT,
        libc::SIGTERM,
        libc::SIGABRT,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGXFSZ,
        libc::SIGUSR1,
        libc::SIGUSR2,
    ] {
        // SAFETY: the structure is plain data that the first call fills, and the handler stays what it is.
        unsafe {
            let mut action = core::mem::zeroed::<libc::sigaction>();
            assert_eq!(libc::sigaction(signal, core::ptr::null(), &raw mut action), 0);
            action.sa_flags |= libc::SA_ONSTACK;
            assert_eq!(libc::sigaction(signal, &raw const action, core::ptr::null_mut()), 0);
        }
    }
}

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
