//! `chunkproof generate`

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use super::{Exit, Failure, output::print};
use crate::vectors::{Set, coverage::coverage, generate};

/// Write the vectors and the table of what they cover, or compare those on disk with what would be written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof generate --check
  chunkproof generate -o vectors")]
pub(super) struct Args {
    /// Write nothing; end with exit code 1 if the folder differs from the set.
    #[arg(long)]
    check: bool,
    /// The folder of the set; vectors if left out.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The table of rules, choices and operations with their cases; docs/coverage.md if neither this nor -o is given.
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
}

impl Args {
    fn folder(&self) -> &Path {
        self.output.as_deref().unwrap_or(Path::new("vectors"))
    }

    fn coverage(&self) -> Option<&Path> {
        let usual = self.output.is_none().then_some(Path::new("docs/coverage.md"));
        self.coverage.as_deref().or(usual)
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let folder = args.folder().display().to_string();
    let table = args.coverage().map(|path| Ok((path, made_coverage()?))).transpose()?;
    if !args.check {
        let changed = generate::write(args.folder()).map_err(|error| Failure::io(&folder, &error))?;
        print(&format!("{folder}: {changed} files changed\n"))?;
        if let Some((path, text)) = table
            && !is_current(path, &text)?
        {
            write_coverage(path, &text)?;
            print(&format!("{}: changed\n", path.display()))?;
        }
        return Ok(Exit::AsExpected);
    }
    if !args.folder().is_dir() {
        return Err(Failure::unusable(format!("{folder}: not a folder")));
    }
    let differences = generate::check(args.folder()).map_err(|error| Failure::io(&folder, &error))?;
    let mut text = String::new();
    for difference in &differences {
        // Writing to a string cannot fail.
        let _always = writeln!(text, "{difference}");
    }
    if let Some((path, made)) = table
        && !is_current(path, &made)?
    {
        let _always = writeln!(text, "{} is missing or has other content", path.display());
    }
    if text.is_empty() {
        print(&format!("{folder}: up to date\n"))?;
        return Ok(Exit::AsExpected);
    }
    print(&text)?;
    Ok(Exit::Failures)
}

/// The table for the set that the generator makes, which need not be the one that is compiled in.
fn made_coverage() -> Result<String, Failure> {
    let set = Set::from_files(&generate::files()).map_err(Failure::unusable)?;
    coverage(&set).map_err(Failure::unusable)
}

fn is_current(path: &Path, text: &str) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io(&path.display().to_string(), &error)),
    }
}

fn write_coverage(path: &Path, text: &str) -> Result<(), Failure> {
    generate::replace(path, text.as_bytes()).map_err(|error| Failure::io(&path.display().to_string(), &error))
}
