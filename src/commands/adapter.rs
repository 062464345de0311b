//! `chunkproof adapter`

mod check;
mod new;
mod outdated;

use std::{io, path::PathBuf};

use clap::Subcommand;

use super::{Exit, Failure, collection::Place, complain, output::print};
use crate::{
    adapters::{
        Column,
        build::{BuildError, Built},
        tool::Tools,
    },
    report,
    runner::builtin::{Builtin, Name, ServeError, serve},
};

/// Write, check, build, list or run adapters.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    Check(check::Args),
    Build(Build),
    List(List),
    Outdated(outdated::Args),
    /// Answer requests on stdin as a built-in implementation.
    Serve {
        /// `reference` or `zstd-chunked`.
        name: Name,
    },
    /// Answer requests on stdin with the command-line tool that an adapter's folder describes.
    Tool {
        /// The folder of the adapter.
        folder: PathBuf,
        /// The version.
        #[arg(long)]
        version: String,
        /// The folder that this version was built into.
        #[arg(long, value_name = "DIR")]
        built: PathBuf,
    },
}

/// Build adapters: the newest version of each, or those that are named.
///
/// An adapter whose programs are not installed is reported and not built. A version that is built already is built again only
/// if its sources have changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof adapter build
  chunkproof adapter build tar-split estargz@v0.18.2
  chunkproof adapter build --history tar-split")]
pub(super) struct Build {
    /// Adapters, by the names of their folders, or single versions, as NAME@VERSION.
    #[arg(value_name = "NAME[@VERSION]")]
    names: Vec<String>,
    /// All versions, and not only the newest.
    #[arg(long)]
    history: bool,
    /// Leave out adapters that `adapter.toml` leaves to the nightly run.
    #[arg(long, conflicts_with = "names")]
    skip_nightly: bool,
    #[command(flatten)]
    place: Place,
}

/// List adapters, their versions, and whether they can run.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// All versions, and not only the newest.
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::New(args) => new::run(args),
        Command::Check(args) => check::run(args),
        Command::Build(args) => build(args),
        Command::List(args) => list(args),
        Command::Outdated(args) => outdated::run(args),
        Command::Serve { name } => answer(name.implementation()),
        Command::Tool { folder, version, built } => {
            let column = Column::at(folder, version, built).map_err(Failure::unusable)?;
            answer(&Tools::new(&column).map_err(Failure::unusable)?)
        }
    }
}

fn answer(builtin: &dyn Builtin) -> Result<Exit, Failure> {
    match serve(builtin, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => Ok(Exit::AsExpected),
        Err(ServeError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::unusable(error)),
    }
}

fn build(args: &Build) -> Result<Exit, Failure> {
    let mut collection = args.place.open()?;
    if args.skip_nightly {
        collection.skip_nightly();
    }
    let columns = if args.names.is_empty() {
        collection.columns(args.history)
    } else {
        let mut columns = Vec::new();
        for name in &args.names {
            columns.extend(collection.find(name, args.history).map_err(Failure::unusable)?);
        }
        columns
    };
    let mut exit = Exit::AsExpected;
    for column in &columns {
        let line = match column.build() {
            Ok(Built::In(milliseconds)) => report::adapter(column, &format!("built in {milliseconds} ms")),
            Ok(Built::Already) => report::adapter(column, "built already"),
            Ok(Built::Installed) => report::adapter(column, "is installed"),
            Err(error) => {
                exit = Exit::Unusable;
                if !matches!(error, BuildError::Missing(_)) {
                    complain(&format!("{column}: {error}"));
                }
                report::adapter_problem(column, &error.to_string())
            }
        };
        print(&line)?;
    }
    Ok(exit)
}

fn list(args: &List) -> Result<Exit, Failure> {
    for column in args.place.open()?.columns(args.history) {
        let missing = column.missing();
        let line = if !missing.is_empty() {
            report::adapter_problem(&column, &format!("not on the path: {}", missing.join(", ")))
        } else if column.is_built().map_err(Failure::unusable)? {
            report::adapter(
                &column,
                if column.is_installed() {
                    "is installed"
                } else {
                    "is built"
                },
            )
        } else {
            report::adapter_problem(&column, "is not built")
        };
        print(&line)?;
    }
    Ok(Exit::AsExpected)
}
