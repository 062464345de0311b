//! An adapter between chunkproof and the crate tar.

mod unpacked;

use std::{
    io,
    path::{Path, PathBuf},
};

use chunkproof_adapter::Failure;
use tar::Archive;
use unpacked::{Library, is_directory, is_root};

struct Tar;

impl Library for Tar {
    const NAME: &str = "tar-rs";
    const PACKAGE: &str = "tar";
    const RESTORES_OWNERS: bool = true;

    fn unpack(&self, tar: &[u8], root: &Path) -> io::Result<()> {
        let mut archive = Archive::new(tar);
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(is_root()?);
        archive.unpack(root)
    }

    fn directories(&self, tar: &[u8]) -> io::Result<Vec<PathBuf>> {
        let mut names = Vec::new();
        for entry in Archive::new(tar).entries()? {
            let entry = entry?;
            let name = entry.path()?;
            if is_directory(entry.header().entry_type().is_dir(), &name) {
                names.push(name.into_owned());
            }
        }
        Ok(names)
    }
}

fn main() -> Result<(), Failure> {
    unpacked::run(Tar)
}
