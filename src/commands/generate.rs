//! `chunkproof generate`

use std::{fmt::Write as _, path::PathBuf};

use super::{Exit, Failure, output::print};
use crate::vectors::generate;

/// Write the vectors, or compare those on disk with what would be written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof generate --check
  chunkproof generate -o vectors")]
pub(super) struct Args {
    /// Write nothing; end with exit code 1 if the folder differs from the set.
    #[arg(long)]
    check: bool,
    /// The folder of the set.
    #[arg(short, long, value_name = "DIR", default_value = "vectors")]
    output: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let folder = args.output.display();
    if !args.check {
        let changed = generate::write(&args.output).map_err(|error| Failure::io(&folder.to_string(), &error))?;
        print(&format!("{folder}: {changed} files changed\n"))?;
        return Ok(Exit::AsExpected);
    }
    if !args.output.is_dir() {
        return Err(Failure::unusable(format!("{folder}: not a folder")));
    }
    let differences = generate::check(&args.output).map_err(|error| Failure::io(&folder.to_string(), &error))?;
    if differences.is_empty() {
        print(&format!("{folder}: up to date\n"))?;
        return Ok(Exit::AsExpected);
    }
    let mut text = String::new();
    for difference in &differences {
        // Writing to a string cannot fail.
        let _always = writeln!(text, "{difference}");
    }
    print(&text)?;
    Ok(Exit::Failures)
}
