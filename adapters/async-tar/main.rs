//! An adapter between chunkproof and async-tar.

#[path = "../tar-rs/unpacked.rs"]
mod unpacked;

use std::{
    io,
    path::{Path, PathBuf},
};

use async_std::{stream::StreamExt, task::block_on};
use async_tar::{Archive, ArchiveBuilder};
use chunkproof_adapter::Failure;
use unpacked::{Library, is_directory};

struct AsyncTar;

impl Library for AsyncTar {
    const NAME: &str = "async-tar";
    const PACKAGE: &str = "async-tar";
    const RESTORES_OWNERS: bool = false;

    fn unpack(&self, tar: &[u8], root: &Path) -> io::Result<()> {
        let archive = ArchiveBuilder::new(tar).set_preserve_permissions(true).build();
        block_on(archive.unpack(root))
    }

    fn directories(&self, tar: &[u8]) -> io::Result<Vec<PathBuf>> {
        block_on(async {
            let mut names = Vec::new();
            let mut entries = Archive::new(tar).entries()?;
            while let Some(entry) = entries.next().await {
                let entry = entry?;
                let name = entry.path()?;
                let name: &Path = name.as_ref().as_ref();
                if is_directory(entry.header().entry_type().is_dir(), name) {
                    names.push(name.to_owned());
                }
            }
            Ok(names)
        })
    }
}

fn main() -> Result<(), Failure> {
    unpacked::run(AsyncTar)
}
