//! What an interrupted program does with the processes that it started: they are in sessions or groups of their own, which a
//! terminal does not interrupt.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::{process, supervisor};

/// Whether the work is to end.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Whether the program was interrupted, and ends with what it knows.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// From here on the first interruption ends all processes and makes [`is_requested`] true; the second exits with `code`.
///
/// # Errors
///
/// Signals that cannot be handled.
pub fn stop_on_interrupt(code: i32) -> io::Result<()> {
    on_interrupt(move || {
        if REQUESTED.swap(true, Ordering::Relaxed) {
            process::exit(code);
        }
        process::kill_all();
    })
}

/// From here on an interruption ends all processes, and exits with `code`.
///
/// # Errors
///
/// Signals that cannot be handled.
pub fn exit_on_interrupt(code: i32) -> io::Result<()> {
    on_interrupt(move || process::exit(code))
}

fn on_interrupt(mut act: impl FnMut() + Send + 'static) -> io::Result<()> {
    supervisor::install();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            act();
        }
    });
    Ok(())
}
