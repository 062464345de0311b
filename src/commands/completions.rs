//! `chunkproof completions`

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Exit, Failure, output::print_bytes};

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "chunkproof", &mut script);
    print_bytes(&script)?;
    Ok(Exit::AsExpected)
}
