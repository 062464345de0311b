//! `chunkproof replay`

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use clap::ValueHint;

use super::{Exit, Failure, complain, output::print};
use crate::bounded::{self, DOCUMENT};
use crate::fuzzing::{self, Target};

/// Run a fuzz target on files, without a fuzzer.
///
/// A panic is a finding. Replay needs no nightly toolchain.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof replay footer corpus/footer/*
  chunkproof replay toc fuzz/artifacts/toc/crash-0123")]
pub(super) struct Args {
    /// The target, as `cargo fuzz list` names it.
    #[arg(value_name = "TARGET", value_parser = target)]
    target: Target,
    /// The inputs of the target.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

pub(super) fn target(name: &str) -> Result<Target, String> {
    fuzzing::target(name).copied().ok_or_else(|| {
        let names: Vec<&str> = fuzzing::TARGETS.iter().map(|target| target.name).collect();
        format!("no target is called {name:?}; there are {}", names.join(", "))
    })
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut found = 0_usize;
    for file in &args.files {
        let name = file.display().to_string();
        let bytes = bounded::read(file, DOCUMENT).map_err(|error| Failure::io(&name, &error))?;
        if catch_unwind(AssertUnwindSafe(|| (args.target.run)(&bytes))).is_err() {
            complain(&format!("{name}: a finding of {}", args.target.name));
            found += 1;
        }
    }
    let count = args.files.len();
    print(&format!("{}: {count} inputs, {found} findings\n", args.target.name))?;
    Ok(if found == 0 { Exit::AsExpected } else { Exit::Failures })
}
