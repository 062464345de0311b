//! Files of results, and where they lie.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Results, version::by_version};
use crate::bounded;

/// Results with where they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptResults {
    /// The file.
    pub file: PathBuf,
    /// The results in it.
    pub results: Results,
}

/// Why results cannot be read.
#[derive(Debug)]
pub struct KeptError(String);

impl fmt::Display for KeptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeptError {}

impl KeptError {
    pub(super) fn new(path: &Path, error: impl fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl KeptResults {
    /// Reads one file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or holds no results.
    pub fn read(file: &Path) -> Result<Self, KeptError> {
        let text = bounded::read_text(file).map_err(|error| KeptError::new(file, error))?;
        let results = text.parse().map_err(|error| KeptError::new(file, error))?;
        Ok(Self {
            file: file.to_owned(),
            results,
        })
    }

    /// Reads files, and the files of folders whose names end with `.json`.
    ///
    /// # Errors
    ///
    /// As [`Self::read`], and two files of the same version of an implementation.
    pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Self>, KeptError> {
        let mut all = Vec::new();
        for path in paths {
            if path.is_dir() {
                for file in files_in(path)? {
                    all.push(Self::read(&file)?);
                }
            } else {
                all.push(Self::read(path)?);
            }
        }
        Self::sort(&mut all)?;
        Ok(all)
    }

    /// Sorts by name, and the versions of each from the newest to the oldest.
    fn sort(all: &mut [Self]) -> Result<(), KeptError> {
        all.sort_by(|Self { results: a, .. }, Self { results: b, .. }| {
            a.name.cmp(&b.name).then_with(|| by_version(&b.version, &a.version))
        });
        for (a, b) in all.iter().zip(all.iter().skip(1)) {
            if a.results.label() == b.results.label() {
                let (label, other) = (a.results.label(), a.file.display());
                return Err(KeptError::new(
                    &b.file,
                    format!("duplicate results of {label}, also in {other}"),
                ));
            }
        }
        Ok(())
    }
}

/// The folders `NAME/results` of adapters, with the names, sorted. Where there are no adapters there are none.
///
/// # Errors
///
/// A folder that cannot be read.
pub fn results_folders(adapters: &Path) -> Result<Vec<(String, PathBuf)>, KeptError> {
    let mut folders = Vec::new();
    for adapter in entries(adapters)? {
        let results = adapter.join("results");
        if let (Some(name), true) = (adapter.file_name(), results.is_dir()) {
            folders.push((name.to_string_lossy().into_owned(), results));
        }
    }
    Ok(folders)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, KeptError> {
    let mut files = entries(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    Ok(files)
}

/// What is in a folder, sorted; nothing where there is no folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, KeptError> {
    let unreadable = |error| KeptError::new(folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}
