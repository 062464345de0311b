//! `chunkproof tarsplit`: what the Go command `tar-split` does, by the rules of the specification.
//!
//! Options and files are those of `tar-split disasm` and `tar-split asm`, so that one side of a round trip can be made
//! with either program.

mod assemble;
mod behind;
mod disassemble;
mod folder;
mod gzip;

use std::io::{self, Write};

use clap::Subcommand;

use super::{Exit, Failure, output::print_to_stderr};
use crate::{format::Findings, report::layer as report};

/// Take a tar apart into its tar-split, or put it together again.
///
/// The options are those of the Go command tar-split, whose subcommand names `disasm` and `asm` work, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof tarsplit disassemble layer.tar | tar -x -C files
  chunkproof tarsplit assemble --path files --output layer.tar")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(visible_alias = "disasm", alias = "d")]
    Disassemble(disassemble::Args),
    #[command(visible_alias = "asm", alias = "a")]
    Assemble(assemble::Args),
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Disassemble(args) => disassemble::run(args),
        Command::Assemble(args) => assemble::run(args),
    }
}

/// The name of the tar-split where none is given.
const TAR_SPLIT: &str = "tar-data.json.gz";

/// The end of a command whose input is rejected. Stdout is for the output, so the findings go to stderr.
fn reject(name: &str, findings: &Findings) -> Exit {
    print_to_stderr(&report::rejected(name, findings));
    Exit::Failures
}

/// Writes until it fails, for the library, which gives bytes and takes no errors.
struct Sink<W> {
    out: W,
    failure: Option<io::Error>,
}

impl<W: Write> Sink<W> {
    const fn new(out: W) -> Self {
        Self { out, failure: None }
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.failure.is_none() {
            self.failure = self.out.write_all(bytes).err();
        }
    }

    /// What was written to, if all of it could be written.
    fn finish(self) -> io::Result<W> {
        match self.failure {
            None => Ok(self.out),
            Some(error) => Err(error),
        }
    }
}
