//! The set on disk: comparing it with what the generator makes, and writing it.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::whole::DRAFTS;

/// The files of a set with their contents, by their paths below `vectors/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A difference between the set on disk and what the generator makes. Paths are below `vectors/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The generator makes this file, and the disk has none.
    Missing(String),
    /// The file has other content.
    Changed(String),
    /// A file that some generator wrote, and this one does not make.
    Stale(String),
    /// A file that no generator writes.
    Foreign(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Changed(path) => write!(f, "{path} has other content"),
            Self::Stale(path) => write!(f, "{path} is no longer part of the set"),
            Self::Foreign(path) => write!(f, "{path} is no file of the generator"),
        }
    }
}

/// Compares the folder with what the generator makes, and returns the differences, sorted.
///
/// # Errors
///
/// The folder cannot be read.
pub fn check(dir: &Path, made: &Files) -> io::Result<Vec<Difference>> {
    let mut found = on_disk(dir)?;
    let mut differences = Vec::new();
    for (path, content) in made {
        match found.remove(path) {
            None => differences.push(Difference::Missing(path.clone())),
            Some(file) if fs::read(&file)? != *content => differences.push(Difference::Changed(path.clone())),
            Some(_) => {}
        }
    }
    differences.extend(found.into_keys().map(|path| {
        if is_ours(&path) {
            Difference::Stale(path)
        } else {
            Difference::Foreign(path)
        }
    }));
    differences.sort();
    Ok(differences)
}

/// Brings the folder to what the generator makes, and returns how many files that changed. Foreign files stay; see
/// [`check`].
///
/// # Errors
///
/// The folder cannot be read or written.
pub fn write(dir: &Path, made: &Files) -> io::Result<usize> {
    let mut changed = 0;
    for difference in check(dir, made)? {
        match difference {
            Difference::Missing(path) | Difference::Changed(path) => {
                if let Some(content) = made.get(&path) {
                    replace(&dir.join(path), content)?;
                }
            }
            Difference::Stale(path) => fs::remove_file(dir.join(path))?,
            Difference::Foreign(_) => continue,
        }
        changed += 1;
    }
    Ok(changed)
}

/// Writes beside the file, then renames, so that a reader never sees half a file.
///
/// # Errors
///
/// The file cannot be written.
pub fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = file.with_file_name(name);
    fs::write(&beside, content)?;
    fs::rename(&beside, file)
}

/// Every file of the set below the folder, by its path with slashes. A folder that is not there has none, and drafts are a set of
/// their own.
fn on_disk(dir: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![(dir.to_owned(), String::new())];
    while let Some((folder, prefix)) = pending.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if is_of_packages(&path) || path == DRAFTS {
                continue;
            }
            if entry.file_type()?.is_dir() {
                pending.push((entry.path(), format!("{path}/")));
            } else {
                files.insert(path, entry.path());
            }
        }
    }
    Ok(files)
}

/// Whether the path is of the packages that are made of the set, which people write.
fn is_of_packages(path: &str) -> bool {
    const FILES: [&str; 6] = [
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "go.mod",
        "package.json",
        "pyproject.toml",
    ];
    let is_go = Path::new(path).extension().is_some_and(|extension| extension == "go");
    path == "packages" || FILES.contains(&path) || is_go && !path.contains('/')
}

/// Whether the path is one that the generator could have written.
fn is_ours(path: &str) -> bool {
    match path.split_once('/') {
        None => path == "blobs.rs" || Path::new(path).extension().is_some_and(|extension| extension == "json"),
        Some(("schemas", name)) => name.ends_with(".schema.json"),
        Some(("blobs", name)) => name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Difference, Files, check, replace, write};

    #[test]
    fn writing_brings_the_folder_to_the_set() {
        let dir = tempfile::tempdir().unwrap();
        let made: Files = ["blobs/a.bin", "footer-parse.json", "index.json", "tombstones.json"]
            .map(|path| (path.to_owned(), path.as_bytes().to_vec()))
            .into();
        assert_eq!(check(dir.path(), &made).unwrap().len(), made.len());
        assert_eq!(write(dir.path(), &made).unwrap(), made.len());
        assert_eq!(check(dir.path(), &made).unwrap(), []);

        fs::write(dir.path().join("index.json"), "[]").unwrap();
        fs::remove_file(dir.path().join("tombstones.json")).unwrap();
        fs::write(dir.path().join("retired-op.json"), "{}").unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        for file in [
            "package.json",
            "judge.go",
            "packages/judging.json",
            "packages/js/run.js",
            "draft/rules.json",
        ] {
            replace(&dir.path().join(file), b"of a package").unwrap();
        }
        assert_eq!(
            check(dir.path(), &made).unwrap(),
            [
                Difference::Missing("tombstones.json".into()),
                Difference::Changed("index.json".into()),
                Difference::Stale("retired-op.json".into()),
                Difference::Foreign("notes.txt".into()),
            ]
        );
        assert_eq!(write(dir.path(), &made).unwrap(), 3);
        assert_eq!(
            check(dir.path(), &made).unwrap(),
            [Difference::Foreign("notes.txt".into())],
            "foreign files stay"
        );
    }
}
