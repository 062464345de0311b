//! Printing.

use std::io::{self, Write};

use super::Failure;
use crate::outside::{json, sieved};

/// Prints a report to stdout, without its styles where they are not wanted.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(sieved(text).as_bytes())
}

/// Prints JSON for machines, indented for people.
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print_json_text(&format!("{value:#}\n"))
}

/// Prints JSON, with escapes in place of what a terminal would act on.
pub(super) fn print_json_text(text: &str) -> Result<(), Failure> {
    print_bytes(json(text).as_bytes())
}

/// Prints to stdout what this program alone has written, such as a script.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ReaderGone,
            _ => Failure::io("cannot write to stdout", &error),
        })
}

/// Prints a report to stderr, where stdout is for something else. Without stderr the exit code still tells.
pub(super) fn print_to_stderr(text: &str) {
    let _gone = anstream::stderr().write_all(sieved(text).as_bytes());
}
