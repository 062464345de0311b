//! `chunkproof adapter outdated`

use std::cmp::Ordering;

use super::super::{Exit, Failure, collection::Place, output::print};
use crate::{report, results::by_version};

/// Name adapters of whose implementation there is a newer release than the newest under test.
///
/// The program of each registry is asked: go, cargo, npm or pip. An implementation that is part of the system, or that no registry
/// has, is left out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof adapter outdated
  chunkproof adapter outdated tar-split fzstd

Exit codes:
  0  the newest release of each is under test
  1  there is a newer one
  2  a registry could not be asked")]
pub(in super::super) struct Args {
    /// Adapters, by the names of their folders [default: all].
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    place: Place,
}

pub(in super::super) fn run(args: &Args) -> Result<Exit, Failure> {
    let collection = args.place.open()?;
    let mut columns = Vec::new();
    for name in &args.names {
        columns.extend(collection.find(name, false).map_err(Failure::unusable)?);
    }
    if args.names.is_empty() {
        columns = collection.columns(false);
    }
    let (mut is_outdated, mut is_unknown) = (false, false);
    for column in &columns {
        let line = match column.newest_release() {
            None if args.names.is_empty() => continue,
            None => report::adapter(column, "no registry has its releases"),
            Some(Ok(newest)) if by_version(&newest, column.version()) == Ordering::Greater => {
                is_outdated = true;
                report::adapter_problem(column, &format!("{newest} is released"))
            }
            Some(Ok(_)) => report::adapter(column, "is the newest release"),
            Some(Err(problem)) => {
                is_unknown = true;
                report::adapter_problem(column, &problem)
            }
        };
        print(&line)?;
    }
    Ok(match (is_unknown, is_outdated) {
        (true, _) => Exit::Unusable,
        (false, true) => Exit::Failures,
        (false, false) => Exit::AsExpected,
    })
}
