//! `chunkproof generate`

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use super::{Exit, Failure, output::print};
use crate::{
    cases::{self, Files, Sources, data, examples, promoted::Promoted, tables},
    judge::coverage::coverage,
    outside::Outside,
    report,
    results::history,
    vectors::Set,
};

/// Write the vectors and the documents that are generated from them, or check those on disk.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof generate --check
  chunkproof generate -o vectors")]
pub(super) struct Args {
    /// Write nothing; exit with code 1 if the folder differs from the set.
    #[arg(long)]
    check: bool,
    /// The drafts too, in the folder `draft` of the set; docs/drafts.md describes them.
    #[arg(long)]
    draft: bool,
    /// The folder of the set [default: vectors].
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The table of rules, choices and operations with their cases [default: docs/coverage.md, or none with -o].
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// The table of bugs with the results of releases [default: docs/history.md, or none with -o].
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// The specification, whose tables are generated from the cases [default: docs/spec.md if it exists, or none with -o].
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The folder of adapters, whose folders `results` have the results of releases.
    #[arg(long, value_name = "DIR", default_value = "adapters")]
    adapters: PathBuf,
    /// The folder of the cases that are written as data [default: src/cases].
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// The folder of promoted cases [default: those that are compiled in].
    #[arg(long, value_name = "DIR")]
    promoted: Option<PathBuf>,
}

impl Args {
    fn folder(&self) -> &Path {
        self.output.as_deref().unwrap_or(Path::new("vectors"))
    }

    /// A document that is made if it is asked for, or if everything is.
    fn document<'a>(&self, named: Option<&'a Path>, usual: &'static str) -> Option<&'a Path> {
        named.or(self.output.is_none().then_some(Path::new(usual)))
    }

    /// The documents that are asked for, by their paths.
    fn documents(&self, files: &Files) -> Result<Vec<(&Path, String)>, Failure> {
        let mut documents = Vec::new();
        let coverage_path = self.document(self.coverage.as_deref(), "docs/coverage.md");
        let history_path = self.document(self.history.as_deref(), "docs/history.md");
        // It is written by hand but for its tables, so that there is nothing to make where it does not exist.
        let spec_path = self
            .document(self.spec.as_deref(), "docs/spec.md")
            .filter(|path| self.spec.is_some() || path.exists());
        let tags_path = self.document(None, "docs/vectors.md").filter(|path| path.exists());
        if let Some(path) = tags_path {
            let text = read(path)?;
            documents.push((path, tables::fill_vectors(&text).map_err(Failure::unusable)?));
        }
        if let Some(path) = self
            .document(None, "docs/report.schema.json")
            .filter(|path| path.exists())
        {
            documents.push((path, report::schema().map_err(Failure::unusable)?));
        }
        let protocol_path = self.document(None, "docs/protocol.md").filter(|path| path.exists());
        if [coverage_path, history_path, spec_path, protocol_path]
            .iter()
            .any(Option::is_some)
        {
            // The set that the generator makes need not be the one that is compiled in.
            let set = Set::from_files(files).map_err(Failure::unusable)?;
            if let Some(path) = coverage_path {
                documents.push((path, coverage(&set).map_err(Failure::unusable)?));
            }
            if let Some(path) = history_path {
                documents.push((path, history(&set, &self.adapters).map_err(Failure::unusable)?));
            }
            if let Some(path) = spec_path {
                let spec = read(path)?;
                documents.push((path, tables::fill(&spec, &set).map_err(Failure::unusable)?));
            }
            if let Some(path) = protocol_path {
                let text = read(path)?;
                documents.push((path, examples::fill(&text, &set).map_err(Failure::unusable)?));
            }
        }
        Ok(documents)
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let folder = Outside::path(args.folder()).to_string();
    let promoted = match &args.promoted {
        Some(folder) => Promoted::read(folder).map_err(Failure::unusable)?,
        None => Promoted::embedded(),
    };
    let cases = args.cases.as_deref().unwrap_or(Path::new(data::FOLDER));
    if !cases.is_dir() {
        return Err(Failure::unusable(format!(
            "{}: not a folder; run generate in the root of the repository, or name the folder with --cases",
            Outside::path(cases)
        )));
    }
    let sources = Sources::read(cases, promoted).map_err(Failure::unusable)?;
    let files = cases::files(&sources).map_err(Failure::unusable)?;
    let documents = args.documents(&files)?;
    let mut folders = vec![(args.folder().to_owned(), files)];
    if args.draft {
        let files = cases::drafts(&sources).map_err(Failure::unusable)?;
        folders.push((args.folder().join(cases::DRAFTS), files));
    }
    if !args.check {
        for (folder, files) in &folders {
            let name = Outside::path(folder).to_string();
            let changed = cases::write(folder, files).map_err(|error| Failure::io(&name, &error))?;
            print(&format!("{name}: {changed} files changed\n"))?;
        }
        for (path, text) in documents {
            if !is_current(path, &text)? {
                write(path, &text)?;
                print(&format!("{}: changed\n", Outside::path(path)))?;
            }
        }
        return Ok(Exit::AsExpected);
    }
    if !args.folder().is_dir() {
        return Err(Failure::unusable(format!("{folder}: not a folder")));
    }
    let mut text = String::new();
    for (folder, files) in &folders {
        let name = Outside::path(folder).to_string();
        for difference in cases::check(folder, files).map_err(|error| Failure::io(&name, &error))? {
            // Writing to a string cannot fail.
            let _always = writeln!(text, "{}", Outside::sentence(&difference.to_string()));
        }
    }
    for (path, made) in documents {
        if !is_current(path, &made)? {
            let _always = writeln!(text, "{} is missing or has other content", Outside::path(path));
        }
    }
    if text.is_empty() {
        print(&format!("{folder}: up to date\n"))?;
        return Ok(Exit::AsExpected);
    }
    print(&text)?;
    Ok(Exit::Failures)
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::io(&Outside::path(path).to_string(), &error))
}

fn is_current(path: &Path, text: &str) -> Result<bool, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io(&Outside::path(path).to_string(), &error)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    cases::replace(path, text.as_bytes()).map_err(|error| Failure::io(&Outside::path(path).to_string(), &error))
}
