//! `chunkproof adapter`

use std::io;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::runner::builtin::{Name, ServeError, serve};

/// The implementation's side of the protocol.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests on stdin as a built-in implementation.
    Serve {
        /// `reference` or `zstd-chunked`.
        name: Name,
    },
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Command::Serve { name } = args.command;
    match serve(name.implementation(), io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => Ok(Exit::AsExpected),
        Err(ServeError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::unusable(error)),
    }
}
