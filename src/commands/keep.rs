//! Where `chunkproof run` keeps results.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{
    Exit, Failure,
    file::{Output, is_stream, unwritable},
};
use crate::{
    results::{Results, RunShard, Shard},
    runner::{self, Run},
    vectors::Set,
};

/// A file for one implementation, a folder in which each version of each has its own, or a folder for each implementation, as
/// far as its results are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    File(PathBuf),
    Folder(PathBuf),
    Folders(Vec<Option<PathBuf>>),
}

impl Target {
    /// What a path on the command line names, for so many implementations. A folder is made if need be, so that a run does
    /// not end in an error that could be known before.
    pub(super) fn prepare(path: &Path, implementations: usize) -> Result<Self, Failure> {
        if is_stream(path) {
            return Err(Failure::unusable(
                "--record needs a file or a folder; stdout has the report",
            ));
        }
        let named_as_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        if named_as_folder || path.is_dir() {
            fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
            return Ok(Self::Folder(path.to_owned()));
        }
        if implementations != 1 {
            return Err(Failure::unusable(
                "--record names a file, which holds the results of one implementation; for several, name a folder with a slash at the end",
            ));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder {
            Some(folder) if !folder.is_dir() => Err(Failure::unusable(format!("{}: not a folder", folder.display()))),
            _ => Ok(Self::File(path.to_owned())),
        }
    }

    /// Writes what there are results of, as those of a part of these cases if it is one; what has none is for the report of the run to say.
    pub(super) fn write(&self, set: &Set, run: &Run, part: Option<(Shard, &[usize])>) -> Result<(), Failure> {
        let mut files: BTreeMap<PathBuf, Results> = BTreeMap::new();
        let is_incomplete = run.is_incomplete;
        if is_incomplete && matches!(self, Self::Folders(_)) {
            return Err(Failure::Message(
                Exit::Interrupted,
                "nothing is kept: the run is incomplete".to_owned(),
            ));
        }
        for (index, run) in run.implementations.iter().enumerate() {
            let Some(mut results) = runner::kept(set, run, is_incomplete) else {
                continue;
            };
            results.shard = part.map(|(shard, whole)| RunShard::of_run(shard, set, whole, &results.ops));
            let label = results.label();
            let path = match self {
                Self::File(path) => path.clone(),
                Self::Folder(folder) => folder.join(results.file_name()),
                Self::Folders(folders) => match folders.get(index) {
                    Some(Some(folder)) => {
                        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
                        folder.join(results.file_name())
                    }
                    _ => continue,
                },
            };
            if files.insert(path, results).is_some() {
                return Err(Failure::unusable(format!(
                    "nothing is recorded: two implementations have the same file name, that of {label}"
                )));
            }
        }
        for (path, results) in &files {
            let text = results.text().map_err(Failure::unusable)?;
            write(path, &text)?;
        }
        Ok(())
    }
}

/// Writes a file of results.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error| unwritable(path, &error);
    let mut output = Output::create(path).map_err(unwritable)?;
    output.write_all(text.as_bytes()).map_err(unwritable)?;
    output.keep().map_err(unwritable)
}
