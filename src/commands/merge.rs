//! `chunkproof merge`

use std::path::PathBuf;

use clap::ValueHint;

use super::{Exit, Failure, file::apart, keep::write};
use crate::results::{KeptResults, merge};

/// Make one file of the results of all parts of a run.
///
/// It is the file that one run of all cases records. The parts have to be of the same implementation, version and cases.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chunkproof run --impl ./adapter --shard 1/2 --record part-1.json
  chunkproof run --impl ./adapter --shard 2/2 --record part-2.json
  chunkproof merge part-1.json part-2.json -o all.json")]
pub(super) struct Args {
    /// Results that `run --shard --record` wrote, one file for each part.
    #[arg(value_name = "RESULTS", value_hint = ValueHint::FilePath, required = true)]
    parts: Vec<PathBuf>,
    /// Where the merged results go; `-` is stdout.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let inputs: Vec<_> = args.parts.iter().map(PathBuf::as_path).collect();
    apart(&args.output, &inputs)?;
    let parts: Result<Vec<KeptResults>, _> = inputs.iter().map(|part| KeptResults::read(part)).collect();
    let merged = merge(parts.map_err(Failure::unusable)?).map_err(Failure::unusable)?;
    write(&args.output, &merged.text().map_err(Failure::unusable)?)?;
    Ok(Exit::AsExpected)
}
