//! Which mutant is on, and which are reached.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// The number of the mutant that is on, or [`RECORD`].
pub static NOW: AtomicU32 = AtomicU32::new(UNSET);

/// Nothing is stored yet: the mutant is that of `$MUTANT`, or none.
const UNSET: u32 = u32::MAX - 1;

/// No mutant is on, and those that are reached are recorded.
pub const RECORD: u32 = u32::MAX;

static REACHED: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];

#[inline]
pub fn on(mutant: u32) -> bool {
    let mut now = NOW.load(Relaxed);
    if now == UNSET {
        now = from_environment();
    }
    if now == RECORD {
        REACHED[mutant as usize].store(true, Relaxed);
    }
    now == mutant
}

#[cold]
fn from_environment() -> u32 {
    let mutant = std::env::var("MUTANT").map_or(0, |number| number.parse().expect("MUTANT is a number"));
    NOW.store(mutant, Relaxed);
    mutant
}

/// The mutants that were reached since the last call, as bits.
pub fn take_reached() -> Vec<u8> {
    let each: Vec<bool> = REACHED.iter().map(|reached| reached.swap(false, Relaxed)).collect();
    let used = each.iter().rposition(|&reached| reached).map_or(0, |last| last + 1);
    let bits = |of: &[bool]| of.iter().rev().fold(0, |bits, &reached| bits << 1 | u8::from(reached));
    each[..used].chunks(8).map(bits).collect()
}
