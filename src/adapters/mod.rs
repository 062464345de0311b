//! Other people's implementations, as a folder of adapters has them.
//!
//! Each folder in it with an `adapter.toml` is an implementation in one or more versions ([`manifest`]). Programs have to be
//! [built](build) before they can run; command-line tools need no program, a few lines say how they are [used](tool).
//! `docs/adapters.md` describes the file.

pub mod build;
pub mod manifest;
pub mod released;
pub mod skeleton;
pub mod tool;

use std::{
    ffi::OsStr,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

pub use self::manifest::{Manifest, ManifestError};
use self::{manifest::Version, released::Released};
use crate::bounded;
use crate::{
    judge::{Expectations, ExpectationsError},
    runner::Implementation,
};

/// The file in each adapter's folder.
pub const FILE: &str = "adapter.toml";

/// Where built adapters go, beside the folder of adapters.
pub const BUILT: &str = "target/adapters";

/// What says that a version is built, in the folder that it was built into: the state of the sources at that time.
const MARK: &str = ".chunkproof-built";

/// An adapter: its folder and what `adapter.toml` says.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// The name of its folder, which is that of the implementation.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What the file says.
    pub manifest: Manifest,
}

/// One version of an adapter.
#[derive(Clone, Debug)]
pub struct Column {
    adapter: Arc<Adapter>,
    index: usize,
    out: PathBuf,
}

/// Why adapters cannot be had.
#[derive(Debug)]
pub enum AdaptersError {
    /// A file or folder cannot be read.
    Io(PathBuf, io::Error),
    /// An `adapter.toml` is not right.
    Manifest(PathBuf, ManifestError),
    /// A list of expected deviations is not right.
    Expectations(PathBuf, ExpectationsError),
    /// There is no such adapter, or no such version of it; the sentence says which there are.
    Unknown(String),
}

impl fmt::Display for AdaptersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Manifest(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Expectations(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Unknown(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for AdaptersError {}

impl Adapter {
    /// The adapter in a folder; none if there is no `adapter.toml`.
    fn open(folder: &Path) -> Result<Option<Self>, AdaptersError> {
        let file = folder.join(FILE);
        let text = match bounded::read_text(&file) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(AdaptersError::Io(file, error)),
        };
        let name = folder.file_name().unwrap_or_default();
        Ok(Some(Self {
            name: name.to_string_lossy().into_owned(),
            folder: folder.to_owned(),
            manifest: text.parse().map_err(|error| AdaptersError::Manifest(file, error))?,
        }))
    }

    /// Where a version stands.
    fn index(&self, version: &str) -> Result<usize, AdaptersError> {
        let versions = &self.manifest.versions;
        versions
            .iter()
            .position(|known| known.id() == version)
            .or_else(|| versions.iter().position(|known| known.version == version))
            .ok_or_else(|| {
                let known: Vec<String> = versions.iter().map(Version::id).collect();
                let name = &self.name;
                AdaptersError::Unknown(format!(
                    "{name} has no version {version:?}; there are {}",
                    known.join(", ")
                ))
            })
    }
}

/// A folder of adapters, and where they are built.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The adapters by their names.
    adapters: Vec<Arc<Adapter>>,
    built: PathBuf,
}

impl Collection {
    /// The adapters in a folder. Built versions are in `built`.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or an `adapter.toml` is not right.
    pub fn open(folder: &Path, built: &Path) -> Result<Self, AdaptersError> {
        let unreadable = |error| AdaptersError::Io(folder.to_owned(), error);
        // Commands of an adapter run in other folders.
        let folder = fs::canonicalize(folder).map_err(unreadable)?;
        let mut adapters = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            adapters.extend(Adapter::open(&entry.path())?.map(Arc::new));
        }
        adapters.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            adapters,
            built: std::path::absolute(built).map_err(|error| AdaptersError::Io(built.to_owned(), error))?,
        })
    }

    /// Leaves out the adapters that run at night only.
    pub fn skip_nightly(&mut self) {
        self.adapters.retain(|adapter| !adapter.manifest.nightly);
    }

    /// The newest version of each adapter, or all versions.
    pub fn columns(&self, all: bool) -> Vec<Column> {
        let versions = |adapter: &Arc<Adapter>| if all { adapter.manifest.versions.len() } else { 1 };
        self.adapters
            .iter()
            .flat_map(|adapter| (0..versions(adapter)).map(|index| self.column(adapter, index)))
            .collect()
    }

    /// The versions that `NAME` (the newest) or `NAME@VERSION` names, or of `NAME` all.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn find(&self, name: &str, all: bool) -> Result<Vec<Column>, AdaptersError> {
        let (name, version) = match name.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (name, None),
        };
        let Some(adapter) = self.adapters.iter().find(|adapter| adapter.name == name) else {
            let names: Vec<&str> = self.adapters.iter().map(|adapter| adapter.name.as_str()).collect();
            let problem = format!("no adapter is called {name:?}; there are {}", names.join(", "));
            return Err(AdaptersError::Unknown(problem));
        };
        if let Some(version) = version {
            return Ok(vec![self.column(adapter, adapter.index(version)?)]);
        }
        let count = if all { adapter.manifest.versions.len() } else { 1 };
        Ok((0..count).map(|index| self.column(adapter, index)).collect())
    }

    fn column(&self, adapter: &Arc<Adapter>, index: usize) -> Column {
        let version = adapter
            .manifest
            .versions
            .get(index)
            .map_or("", |version| &version.version);
        Column {
            adapter: Arc::clone(adapter),
            index,
            out: self.built.join(&adapter.name).join(version),
        }
    }
}

impl Column {
    /// A version of the adapter in a folder, where it was built.
    ///
    /// # Errors
    ///
    /// There is no `adapter.toml`, it is not right, or it has no such version.
    pub fn at(folder: &Path, version: &str, out: &Path) -> Result<Self, AdaptersError> {
        let adapter = Adapter::open(folder)?.ok_or_else(|| {
            let missing = io::Error::from(io::ErrorKind::NotFound);
            AdaptersError::Io(folder.join(FILE), missing)
        })?;
        let index = adapter.index(version)?;
        Ok(Self {
            adapter: Arc::new(adapter),
            index,
            out: out.to_owned(),
        })
    }

    /// The adapter.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// The version.
    pub fn version(&self) -> &str {
        let version = self.adapter.manifest.versions.get(self.index);
        version.map_or("", |version| &version.version)
    }

    /// The version with its variant, as it is named on the command line.
    pub fn id(&self) -> String {
        let version = self.adapter.manifest.versions.get(self.index);
        version.map(Version::id).unwrap_or_default()
    }

    fn variant(&self) -> Option<String> {
        self.adapter.manifest.versions.get(self.index)?.variant.clone()
    }

    /// Whether it is the newest version of the adapter: the one that is held to its list of expected deviations.
    pub const fn is_newest(&self) -> bool {
        self.index == 0
    }

    /// The newest release in the registry of the implementation; none if `adapter.toml` names no registry.
    ///
    /// # Errors
    ///
    /// The registry cannot be asked, for the reason in the sentence.
    pub fn newest_release(&self) -> Option<Result<String, String>> {
        self.adapter.manifest.released.as_ref().map(Released::newest)
    }

    /// Whether nothing has to be built, since what is under test is on the machine or is not.
    pub fn is_installed(&self) -> bool {
        self.adapter.manifest.build.is_empty()
    }

    /// Programs that are needed and that the machine does not have.
    pub fn missing(&self) -> Vec<&str> {
        let needs = self.adapter.manifest.needs.iter().map(String::as_str);
        needs.filter(|program| !is_on_path(program)).collect()
    }

    /// Whether it can run as it stands in the sources: what it needs is there, and it has been built since they changed.
    ///
    /// # Errors
    ///
    /// A file of the adapter's cannot be read.
    pub fn is_built(&self) -> Result<bool, AdaptersError> {
        if self.is_installed() {
            return Ok(self.missing().is_empty());
        }
        let mark = fs::read_to_string(self.out.join(MARK)).unwrap_or_default();
        Ok(mark == self.state()?)
    }

    /// The digest of all files that a build of the adapter can depend on, with their names.
    fn state(&self) -> Result<String, AdaptersError> {
        let mut hash = Sha256::new();
        hash_folder(&self.adapter.folder, &mut hash)?;
        for source in &self.adapter.manifest.sources {
            let path = self.adapter.folder.join(source);
            if path.is_dir() {
                hash_folder(&path, &mut hash)?;
            } else {
                hash_file(&path, &mut hash)?;
            }
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The implementation, to be run.
    pub fn implementation(&self) -> Implementation {
        let id = self.id();
        let spec = format!("{}@{id}", self.adapter.name);
        let command = if self.adapter.manifest.tools.is_empty() {
            self.fill_all(&self.adapter.manifest.run)
        } else {
            let folder = self.adapter.folder.display().to_string();
            let out = self.out.display().to_string();
            ["adapter", "tool", &folder, "--version", &id, "--built", &out]
                .map(str::to_owned)
                .to_vec()
        };
        Implementation::adapter(spec, command, self.variant(), !self.adapter.manifest.tools.is_empty())
    }

    /// What is expected of it: for the newest version its list, for a variant of that version the variant's own list if there
    /// is one, for others that they fail where they fail.
    ///
    /// # Errors
    ///
    /// A list that cannot be read.
    pub fn expectations(&self) -> Result<Expectations, AdaptersError> {
        let list = self.list().filter(|list| self.is_newest() || list.is_file());
        let Some(file) = list else {
            return Ok(Expectations::anything(
                "an older version, whose results are for the record",
            ));
        };
        match bounded::read_text(&file) {
            Ok(text) => text.parse().map_err(|error| AdaptersError::Expectations(file, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Expectations::default()),
            Err(error) => Err(AdaptersError::Io(file, error)),
        }
    }

    /// Where the list of expected deviations is or would be; none of a version that has no list.
    pub fn list(&self) -> Option<PathBuf> {
        let newest = self.adapter.manifest.versions.first();
        let is_of_newest = newest.is_some_and(|newest| newest.version == self.version());
        let name = match self.variant() {
            Some(variant) if is_of_newest && !self.is_newest() => Some(format!("expected+{variant}.toml")),
            _ => self.is_newest().then(|| "expected.toml".to_owned()),
        };
        name.map(|name| self.adapter.folder.join(name))
    }

    fn fill_all(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.fill(word)).collect()
    }

    /// A word with its placeholders filled in.
    fn fill(&self, word: &str) -> String {
        let mut text = word
            .replace("{version}", self.version())
            .replace("{out}", &self.out.display().to_string())
            .replace("{folder}", &self.adapter.folder.display().to_string());
        if let Some(version) = self.adapter.manifest.versions.get(self.index) {
            for (name, value) in &version.with {
                text = text.replace(&format!("{{{name}}}"), value);
            }
        }
        text
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.adapter.name, self.id())
    }
}

/// Whether a program can be started by this name.
fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether a file of an adapter's is a list of expected deviations.
fn is_list(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name == b"expected.toml" || (name.starts_with(b"expected+") && name.ends_with(b".toml"))
}

/// Adds names and contents in the order of the names. Documents and lists do not change what is built.
fn hash_folder(folder: &Path, hash: &mut Sha256) -> Result<(), AdaptersError> {
    let unreadable = |error| AdaptersError::Io(folder.to_owned(), error);
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if name != "results" {
                hash_folder(&path, hash)?;
            }
        } else if name != "README.md" && !is_list(&name) {
            hash_file(&path, hash)?;
        }
    }
    Ok(())
}

fn hash_file(path: &Path, hash: &mut Sha256) -> Result<(), AdaptersError> {
    let bytes = fs::read(path).map_err(|error| AdaptersError::Io(path.to_owned(), error))?;
    for part in [path.as_os_str().as_encoded_bytes(), &bytes] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    Ok(())
}
