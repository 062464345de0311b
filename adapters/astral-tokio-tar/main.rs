//! An adapter between chunkproof and the crates astral-tokio-tar and tokio-tar, of which the one continues the other.

#[path = "../tar-rs/unpacked.rs"]
mod unpacked;

use std::{
    io,
    path::{Path, PathBuf},
};

use chunkproof_adapter::Failure;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::StreamExt;
use tokio_tar::{Archive, ArchiveBuilder};
use unpacked::{Library, is_directory};

struct TokioTar(Runtime);

impl Library for TokioTar {
    const NAME: &str = env!("CARGO_BIN_NAME");
    const PACKAGE: &str = Self::NAME;
    const RESTORES_OWNERS: bool = false;

    fn unpack(&self, tar: &[u8], root: &Path) -> io::Result<()> {
        let mut archive = ArchiveBuilder::new(tar).set_preserve_permissions(true).build();
        self.0.block_on(archive.unpack(root))
    }

    fn directories(&self, tar: &[u8]) -> io::Result<Vec<PathBuf>> {
        self.0.block_on(async {
            let mut names = Vec::new();
            let mut entries = Archive::new(tar).entries()?;
            while let Some(entry) = entries.next().await {
                let entry = entry?;
                let name = entry.path()?;
                if is_directory(entry.header().entry_type().is_dir(), &name) {
                    names.push(name.into_owned());
                }
            }
            Ok(names)
        })
    }
}

fn main() -> Result<(), Failure> {
    unpacked::run(TokioTar(Builder::new_current_thread().build()?))
}
