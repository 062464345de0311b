//! Footers: arbitrary bytes at the end of a blob of arbitrary size.
//!
//! An input is the size of the blob as eight little-endian bytes, and the blob's last bytes. What a naive reading in 128-bit
//! arithmetic makes of them is what the parser has to make of them, and a footer that was read is printed as it stood there.

pub(super) mod reading;

use crate::format::{Findings, footer};

/// Runs the fuzz target.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    let Some((size, tail)) = bytes.split_first_chunk() else {
        return;
    };
    check(tail, u64::from_le_bytes(*size));
}

/// Checks the parser against the naive reading; a blob is taken to be at least as long as its tail.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn check(tail: &[u8], blob_size: u64) {
    let blob_size = blob_size.max(u64::try_from(tail.len()).unwrap_or(u64::MAX));
    let mut findings = Findings::new();
    let parsed = footer::parse(tail, blob_size, &mut findings);
    let accepted = parsed.filter(|_| findings.is_empty());
    let naive = reading::read(tail, blob_size);
    if accepted != naive {
        panic!("of {tail:02x?} in {blob_size} bytes: parsed {accepted:?} with {findings:?}, read naively {naive:?}");
    }
    if parsed.is_none() && findings.is_empty() {
        panic!("of {tail:02x?} in {blob_size} bytes: no footer, and no finding that says why");
    }
    if let Some(footer) = accepted
        && !tail.ends_with(&footer.to_frame())
    {
        panic!("of {tail:02x?} in {blob_size} bytes: {footer:?} is printed differently");
    }
}
