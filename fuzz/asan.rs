//! Defaults of the address sanitizer, which the variable `ASAN_OPTIONS` overrides.
//!
//! The code under test forbids unsafe code, so what the sanitizer is for is its dependencies, and memory that is asked for. No
//! reference of these outlives its stack frame. Freed memory is kept for a while and not for long, and stacks of allocations are
//! not recorded: where it reports one, run the input again with `ASAN_OPTIONS=malloc_context_size=30`. There are up to three
//! quarters more executions that way.

#[unsafe(no_mangle)]
extern "C" fn __asan_default_options() -> *const core::ffi::c_char {
    c"detect_stack_use_after_return=0:malloc_context_size=1:quarantine_size_mb=4".as_ptr()
}
