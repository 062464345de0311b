//! An image layout: a directory with `oci-layout`, `index.json` and `blobs/sha256/`.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Blob, Descriptor, ImageError, Store, document,
    json::{self, Fault, Parsed},
};
use crate::format::{
    Digest, Excerpt, Extent,
    json::Reader,
    range::{FileRange, ReadAt as _},
};

/// An image layout on disk.
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// Opens a layout.
    ///
    /// # Errors
    ///
    /// There is no file `oci-layout` of version 1.0.0 in the directory.
    pub fn open(folder: &Path) -> Result<Self, ImageError> {
        let file = folder.join("oci-layout");
        let what = file.display();
        let bytes = match read(&file) {
            Err(ImageError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                let problem = "not an image layout, expected a directory with `oci-layout`";
                return Err(ImageError::invalid(folder.display(), problem));
            }
            bytes => bytes?,
        };
        let version = json::read(&bytes, version).map_err(|problem| ImageError::invalid(&what, problem))?;
        if version != "1.0.0" {
            let problem = format!("`imageLayoutVersion` is {}, expected \"1.0.0\"", Excerpt(&version));
            return Err(ImageError::invalid(what, problem));
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The descriptors of `index.json`, or those of them whose name is `name`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not an image index, or has nothing of that name.
    pub fn top(&self, name: Option<&str>) -> Result<Vec<Descriptor>, ImageError> {
        self.index(name).map(|(_, top)| top)
    }

    /// The bytes of `index.json`, with its descriptors as [`Self::top`] gives them.
    pub(crate) fn index(&self, name: Option<&str>) -> Result<(Vec<u8>, Vec<Descriptor>), ImageError> {
        let file = self.folder.join("index.json");
        let what = file.display().to_string();
        let bytes = read(&file)?;
        let mut top = document::index(&what, &bytes, &[document::INDEX])?;
        if let Some(name) = name {
            top.retain(|descriptor| descriptor.ref_name() == Some(name));
            if top.is_empty() {
                return Err(ImageError::invalid(what, format!("no image has the name {name:?}")));
            }
        }
        Ok((bytes, top))
    }

    /// Where a blob is. A digest has no characters but hexadecimal digits, so the path stays inside the layout.
    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }
}

impl Store for Layout {
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        read(&self.path(descriptor.digest))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        read(&self.path(descriptor.digest))
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
        let path = self.path(descriptor.digest);
        let file = FileRange::open(&path).map_err(|error| ImageError::io(path.display(), error))?;
        Ok(Box::new(file))
    }
}

fn version(reader: &mut Reader<'_, '_>) -> Parsed<String> {
    let mut version = None;
    if !reader.begin_object()? {
        return Err(Fault::Reported);
    }
    while reader.next_field(&[("imageLayoutVersion", ())])?.is_some() {
        version = Some(json::string(reader)?);
    }
    json::required("imageLayoutVersion", version)
}

/// Reads a document from a regular file.
fn read(path: &Path) -> Result<Vec<u8>, ImageError> {
    let failed = |error| ImageError::io(path.display(), error);
    let file = FileRange::open(path).map_err(failed)?;
    let size = file.size();
    match Extent::new(0, size) {
        Some(extent) if size <= document::LIMIT => file.read_extent(extent).map_err(failed),
        _ => Err(ImageError::invalid(
            path.display(),
            format!("the document has {size} bytes, expected at most {}", document::LIMIT),
        )),
    }
}
