//! The `chunkproof` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    chunkproof::commands::main()
}
