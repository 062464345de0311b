//! A directory as skopeo writes it (`dir:`): `manifest.json`, and each blob in a file whose name is the digest.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Blob, Descriptor, ImageError, Store, document};
use crate::format::{Digest, range::FileRange};

/// One image, or all images of an index.
#[derive(Clone, Debug)]
pub struct Directory {
    folder: PathBuf,
    top: Descriptor,
    manifest: Vec<u8>,
}

impl Directory {
    /// Opens a directory.
    ///
    /// # Errors
    ///
    /// There is no `manifest.json`, or it is neither an image index nor a manifest.
    pub fn open(folder: &Path) -> Result<Self, ImageError> {
        let file = folder.join("manifest.json");
        let manifest = match read(&file) {
            Err(ImageError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
                let problem = "not a directory of skopeo, expected a directory with `manifest.json`";
                return Err(ImageError::invalid(folder.display(), problem));
            }
            manifest => manifest?,
        };
        let media_type = document::media_type(&file.display().to_string(), &manifest)?;
        Ok(Self {
            folder: folder.to_owned(),
            top: Descriptor {
                media_type: media_type.to_owned(),
                digest: Digest::of(&manifest),
                size: u64::try_from(manifest.len()).unwrap_or(u64::MAX),
                annotations: None,
                platform: None,
            },
            manifest,
        })
    }

    /// What `manifest.json` is.
    pub const fn top(&self) -> &Descriptor {
        &self.top
    }
}

impl Store for Directory {
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        if descriptor.digest == self.top.digest {
            return Ok(self.manifest.clone());
        }
        read(&self.folder.join(format!("{}.manifest.json", descriptor.digest.hex())))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        read(&self.folder.join(descriptor.digest.hex()))
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
        open(&self.folder.join(descriptor.digest.hex())).map(|file| -> Blob { Box::new(file) })
    }
}

fn open(path: &Path) -> Result<FileRange, ImageError> {
    FileRange::open(path).map_err(|error| ImageError::io(path.display(), error))
}

fn read(path: &Path) -> Result<Vec<u8>, ImageError> {
    document::whole(&open(path)?, &path.display().to_string())
}
