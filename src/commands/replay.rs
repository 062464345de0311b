//! `chunkproof replay`

use std::{
    fs, io,
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
    /// The inputs of the target: files, and folders of files.
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
    let files = inputs(&args.files)?;
    for file in &files {
        let name = file.display().to_string();
        let bytes = bounded::read(file, DOCUMENT).map_err(|error| Failure::io(&name, &error))?;
        if catch_unwind(AssertUnwindSafe(|| (args.target.run)(&bytes))).is_err() {
            complain(&format!("{name}: {} fails", args.target.name));
            found += 1;
        }
    }
    let count = files.len();
    print(&format!("{}: {count} inputs, {found} of them fail\n", args.target.name))?;
    Ok(if found == 0 { Exit::AsExpected } else { Exit::Failures })
}

/// The files, and those in folders in the order of their names.
fn inputs(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for argument in arguments {
        if !argument.is_dir() {
            files.push(argument.clone());
            continue;
        }
        let unreadable = |error: io::Error| Failure::io(&argument.display().to_string(), &error);
        let entries = fs::read_dir(argument).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut inside: Vec<PathBuf> = entries.map_err(unreadable)?.iter().map(fs::DirEntry::path).collect();
        inside.retain(|path| path.is_file());
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}
