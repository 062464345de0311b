//! `chunkproof snapshot`

mod name;
mod writer;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueHint;

use super::{
    Exit, Failure,
    collection::Place,
    file::{Output, unwritable},
    layer::{Aside, Layer},
    layers::LayersArgs,
    output::print,
};
use crate::{
    bounded,
    report::snapshot::{self as report, Standing},
};

/// Write what layers are made of to text files, or compare layers with such files.
///
/// A snapshot has everything that a reader can tell of a layer: digests, dialect, annotations, footer, the entries of the TOC,
/// the tar-split, the frames, and the rules that are broken. It is the same on every machine. Keep snapshots of the layers that
/// your writer makes beside its source, and run `--check` in CI: a layer that changes, or that is read in another way, fails with
/// a difference that can be reviewed.
///
/// Each layer has a file in the folder, which is named after the file or image. With --writer the arguments are tars, or folders
/// of tars: the writer makes a layer of each, which has the snapshot.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof snapshot oci:images:latest --dir snapshots
  chunkproof snapshot oci:images:latest --dir snapshots --check
  chunkproof snapshot layer.tar.zst --annotations annotations.json --dir snapshots
  chunkproof snapshot tars --writer \"python3 adapter.py\" --dir snapshots --check
  chunkproof snapshot tars --writer containers-storage@v1.59.1 --dir snapshots

Exit codes: 0 the snapshots are written, or all are as they were; 1 --check found a difference, or the writer made no layer; \
2 something could not be read or written; 3 the writer did not start; 4 there is no zstd:chunked layer.")]
pub(super) struct Args {
    #[command(flatten)]
    layers: LayersArgs,
    /// The folder of the snapshots.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,
    /// Write nothing, and print how layers differ from their snapshots. Snapshots of which there is no layer are named, too.
    #[arg(long)]
    check: bool,
    /// What writes the layers, of tars: `reference`, the name of a built adapter, or a command line that answers `layer/write`
    /// as docs/protocol.md says.
    #[arg(long, value_name = "WRITER")]
    writer: Option<String>,
    /// Seconds that the writer may take for a tar.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    writer_timeout: u64,
    #[command(flatten)]
    place: Place,
}

/// Snapshots by the names of their files.
#[derive(Default)]
struct Snapshots {
    made: BTreeMap<String, Made>,
    /// Remarks on what has no snapshot.
    remarks: String,
}

/// The snapshot of a layer.
struct Made {
    /// The layer, for people.
    of: String,
    /// The text, or why the writer made no layer.
    text: Result<String, String>,
}

impl Snapshots {
    fn add(&mut self, file: String, of: String, text: Result<String, String>) -> Result<(), Failure> {
        if let Some(other) = self.made.get(&file) {
            return Err(Failure::unusable(format!(
                "{} and {of} would have the same snapshot, {file}; give one of them another name, or another folder with --dir",
                other.of
            )));
        }
        self.made.insert(file, Made { of, text });
        Ok(())
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let snapshots = match &args.writer {
        Some(writer) => writer::snapshots(args, writer)?,
        None => of_layers(&args.layers)?,
    };
    print(&snapshots.remarks)?;
    let stale = stale(&args.dir, &snapshots)?;
    if snapshots.made.is_empty() && stale.is_empty() {
        return Ok(Exit::Nothing);
    }
    if !args.check {
        fs::create_dir_all(&args.dir).map_err(|error| unwritable(&args.dir, &error))?;
    }
    let mut standings = Vec::new();
    for (file, made) in &snapshots.made {
        let path = args.dir.join(file);
        let standing = match &made.text {
            Err(problem) => Standing::Unmade(problem.clone()),
            Ok(text) => {
                let old = kept(&path)?;
                match old {
                    Some(old) if old == *text => Standing::Unchanged,
                    old if args.check => Standing::Differs { old, new: text.clone() },
                    old => {
                        write(&path, text)?;
                        Standing::Written { is_new: old.is_none() }
                    }
                }
            }
        };
        print(&report::standing(&path.display().to_string(), &made.of, &standing))?;
        standings.push(standing);
    }
    for file in stale {
        let standing = Standing::Stale;
        print(&report::standing(
            &args.dir.join(file).display().to_string(),
            "",
            &standing,
        ))?;
        standings.push(standing);
    }
    print(&report::summary(&standings))?;
    let is_off = |standing: &Standing| match standing {
        Standing::Unchanged | Standing::Written { .. } => false,
        Standing::Stale => args.check,
        Standing::Differs { .. } | Standing::Unmade(_) => true,
    };
    Ok(if standings.iter().any(is_off) {
        Exit::Failures
    } else if snapshots.made.is_empty() {
        Exit::Nothing
    } else {
        Exit::AsExpected
    })
}

/// Snapshots of layers and of those of images.
fn of_layers(layers: &LayersArgs) -> Result<Snapshots, Failure> {
    let mut snapshots = Snapshots::default();
    for (path, opened) in layers.open()? {
        opened?.layers(&mut |number, layer, aside| {
            match aside {
                None => {}
                Some(Aside::Mismatched(problem)) => {
                    return Err(Failure::Message(Exit::Failures, format!("{}: {problem}", layer.name)));
                }
                Some(Aside::Skipped(kind)) => {
                    snapshots.remarks += &report::skipped(&layer.name, &kind);
                    return Ok(());
                }
            }
            let text = text(layer)?;
            snapshots.add(name::of(path, number), layer.name.clone(), Ok(text))
        })?;
    }
    Ok(snapshots)
}

/// The snapshot of a layer.
fn text(layer: &Layer) -> Result<String, Failure> {
    let source = layer.source(None);
    let text = if layer.is_estargz()? {
        report::estargz(&source, layer.external_toc())
    } else {
        report::zstd_chunked(&source)
    };
    layer.finish();
    text.map_err(|error| layer.unreadable(&error))
}

/// The snapshot that is there.
fn kept(path: &Path) -> Result<Option<String>, Failure> {
    match bounded::read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io(&path.display().to_string(), &error)),
    }
}

/// The files in the folder that are snapshots of something else.
fn stale(dir: &Path, snapshots: &Snapshots) -> Result<Vec<String>, Failure> {
    let unreadable = |error: io::Error| Failure::io(&dir.display().to_string(), &error);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut stale = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        if !file.ends_with(name::EXTENSION) || snapshots.made.contains_key(&file) {
            continue;
        }
        // Other files may be kept beside them.
        let is_snapshot = |text: &String| text.lines().next().is_some_and(|line| line.starts_with(report::FAMILY));
        if entry.path().is_file() && kept(&entry.path()).ok().flatten().as_ref().is_some_and(is_snapshot) {
            stale.push(file);
        }
    }
    stale.sort();
    Ok(stale)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| unwritable(path, &error);
    let mut output = Output::create(path).map_err(failed)?;
    output.write_all(text.as_bytes()).map_err(failed)?;
    output.keep().map_err(failed)
}
