//! The tree that a library unpacks, as the answer to `tar/list`. The adapters of the Rust libraries that unpack share this file.
//!
//! The library unpacks the tar in a scratch folder, and what it leaves there is the tree. It makes directories for what is inside
//! them too; those that the tar names are found by asking it for its entries.

use std::{
    collections::{BTreeMap, HashSet},
    error::Error,
    fs::{self, File, Metadata},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{FileTypeExt, MetadataExt},
    },
    path::{Component, Path, PathBuf},
    process::Command,
};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Failure, Tar, bytes, locked};
use serde_json::{Value, json};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// A library that unpacks tars.
pub trait Library {
    /// The name of the implementation.
    const NAME: &str;
    /// The crate.
    const PACKAGE: &str;
    /// Whether it can restore owners, as far as the user is allowed to.
    const RESTORES_OWNERS: bool;

    /// Unpacks a tar below a folder.
    fn unpack(&self, tar: &[u8], root: &Path) -> io::Result<()>;

    /// The names of its entries that are directories.
    fn directories(&self, tar: &[u8]) -> io::Result<Vec<PathBuf>>;
}

/// Answers requests until the end of the input.
pub fn run<L: Library>(library: L) -> Result<(), Failure> {
    // Directories keep the time at which they were made, and attributes depend on the file system.
    let mut lacks = vec!["mtime", "xattrs"];
    if !(L::RESTORES_OWNERS && is_root()?) {
        lacks.push("owner");
    }
    Adapter::new(L::NAME, locked(LOCK, L::PACKAGE)?)
        .declare("lacks", json!({"tar/list": lacks}))
        .operation("tar/list", CHUNKED, |input| list(&library, &input.bytes("tar")?))
        .run()
}

/// Whether owners can be changed.
pub fn is_root() -> io::Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// Whether an entry makes a directory, by its type and its name: the libraries make one of a file in an old header whose name ends
/// with a slash. What became a file is listed as one in either case.
pub fn is_directory(by_type: bool, name: &Path) -> bool {
    by_type || name.as_os_str().as_bytes().ends_with(b"/")
}

fn list(library: &impl Library, tar: &[u8]) -> Result<Answer, Failure> {
    let scratch = Scratch::new()?;
    if let Err(error) = library.unpack(tar, &scratch.root) {
        return Ok(Answer::Reject(sentence(&error)));
    }
    if scratch.has_more()? {
        let outside = json!({"path": encoded(b".."), "type": "dir"});
        return Ok(Answer::Accept(json!({"entries": [outside]})));
    }
    let named = library.directories(tar)?;
    let named = named.iter().filter_map(|name| place(&scratch.root, name)).collect();
    Ok(match tree(&scratch.root, &named) {
        Ok(entries) => Answer::Accept(json!({"entries": entries})),
        // A library can go down step by step to where no path leads.
        Err(error) => Answer::Reject(format!("the tree cannot be listed: {error}")),
    })
}

/// The characters of a message that are kept. Names are a part of it, of any length.
const MESSAGE: usize = 300;

/// An error with its causes.
fn sentence(error: &dyn Error) -> String {
    let mut causes = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        causes.push(error.to_string().chars().take(MESSAGE).collect::<String>());
        cause = error.source();
    }
    causes.join(": ")
}

/// A folder to unpack in, within another one that shows what was written outside of it.
struct Scratch {
    around: PathBuf,
    root: PathBuf,
}

impl Scratch {
    fn new() -> io::Result<Self> {
        let around = std::env::temp_dir()
            .canonicalize()?
            .join(format!("unpacked-{}", std::process::id()));
        let root = around.join("in").join("root");
        fs::create_dir_all(&root)?;
        Ok(Self { around, root })
    }

    fn has_more(&self) -> io::Result<bool> {
        let count = |folder: &Path| Ok::<_, io::Error>(fs::read_dir(folder)?.count());
        Ok(count(&self.around)? != 1 || count(&self.around.join("in"))? != 1)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.around).is_err() {
            // A user other than root may not be allowed to write to a folder of its own. What is left then stops the next case.
            let _ = Command::new("chmod").args(["-R", "u+rwx"]).arg(&self.around).status();
            let _ = fs::remove_dir_all(&self.around);
        }
    }
}

/// Where an entry is below the root, with the links on the way to it followed.
fn place(root: &Path, name: &Path) -> Option<PathBuf> {
    let mut path = root.to_owned();
    for part in name.components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::ParentDir => return None,
            _ => {}
        }
    }
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}

fn tree(root: &Path, named: &HashSet<PathBuf>) -> io::Result<Vec<Value>> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(folder) = left.pop() {
        for child in fs::read_dir(&folder)? {
            let path = child?.path();
            let status = fs::symlink_metadata(&path)?;
            if status.is_dir() {
                left.push(path.clone());
                if !named.contains(&path) {
                    continue;
                }
            }
            let name = path.strip_prefix(root).map_err(io::Error::other)?;
            let name = name.as_os_str().as_bytes().to_owned();
            let entry = entry(&path, &name, &status)?;
            found.insert(name, entry);
        }
    }
    Ok(found.into_values().collect())
}

fn entry(path: &Path, name: &[u8], status: &Metadata) -> io::Result<Value> {
    let kind = status.file_type();
    let mut entry = json!({"uid": status.uid().to_string(), "gid": status.gid().to_string()});
    entry["type"] = json!(if kind.is_symlink() {
        entry["link"] = encoded(fs::read_link(path)?.as_os_str().as_bytes());
        "symlink"
    } else if kind.is_dir() {
        "dir"
    } else if kind.is_fifo() {
        "fifo"
    } else if kind.is_char_device() {
        "char"
    } else if kind.is_block_device() {
        "block"
    } else {
        let mut content = Tar::default();
        io::copy(&mut File::open(path)?, &mut content)?;
        let content = content.output();
        entry["size"] = content["size"].clone();
        entry["sha256"] = content["sha256"].clone();
        "reg"
    });
    if !kind.is_symlink() {
        entry["mode"] = json!((status.mode() & 0o7777).to_string());
    }
    entry["path"] = encoded(name);
    Ok(entry)
}

fn encoded(content: &[u8]) -> Value {
    bytes(content)["base64"].take()
}
