//! An image layout: a directory with `oci-layout`, `index.json` and `blobs/sha256/`, or the same in a tar.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Archive, Blob, Descriptor, ImageError, Store, document,
    json::{self, Fault, Parsed},
};
use crate::format::{Digest, Excerpt, json::Reader, range::FileRange};

/// An image layout on disk.
#[derive(Clone, Debug)]
pub struct Layout {
    files: Files,
}

/// Where the files of a layout are.
#[derive(Clone, Debug)]
enum Files {
    Folder(PathBuf),
    Archive(Archive),
}

impl Files {
    /// A file as it is called for people.
    fn shown(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Archive(archive) => archive.shown(name),
        }
    }

    fn open(&self, name: &str) -> Result<Blob, ImageError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                let file = FileRange::open(&path).map_err(|error| ImageError::io(path.display(), error))?;
                Ok(Box::new(file))
            }
            Self::Archive(archive) => archive.blob(name),
        }
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        document::whole(self.open(name)?.as_ref(), &self.shown(name))
    }
}

impl Layout {
    /// Opens a layout.
    ///
    /// # Errors
    ///
    /// There is no file `oci-layout` of version 1.0.0 in the directory.
    pub fn open(folder: &Path) -> Result<Self, ImageError> {
        let is_of_skopeo = folder.join("manifest.json").is_file() && !folder.join("oci-layout").exists();
        let hint = if is_of_skopeo {
            "; `dir:` in front of the name reads a directory as skopeo writes it"
        } else {
            ""
        };
        let problem = format!("not an image layout, expected a directory with `oci-layout`{hint}");
        Self::of(
            Files::Folder(folder.to_owned()),
            &folder.display().to_string(),
            &problem,
        )
    }

    /// The layout in an archive, which `what` names for people.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn of_archive(archive: Archive, what: &str) -> Result<Self, ImageError> {
        let problem = "not an OCI image archive, expected a tar with `oci-layout`";
        Self::of(Files::Archive(archive), what, problem)
    }

    fn of(files: Files, what: &str, absent: &str) -> Result<Self, ImageError> {
        let bytes = match files.document(MARK) {
            Err(ImageError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ImageError::invalid(what, absent));
            }
            bytes => bytes?,
        };
        let what = files.shown(MARK);
        let version = json::read(&bytes, version).map_err(|problem| ImageError::invalid(&what, problem))?;
        if version != "1.0.0" {
            let problem = format!("`imageLayoutVersion` is {}, expected \"1.0.0\"", Excerpt(&version));
            return Err(ImageError::invalid(what, problem));
        }
        Ok(Self { files })
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
        let what = self.files.shown("index.json");
        let bytes = self.files.document("index.json")?;
        let mut top = document::index(&what, &bytes, &[document::INDEX])?;
        if let Some(name) = name {
            top.retain(|descriptor| descriptor.ref_name() == Some(name));
            if top.is_empty() {
                return Err(ImageError::invalid(what, format!("no image has the name {name:?}")));
            }
        }
        Ok((bytes, top))
    }
}

/// The file that makes a directory a layout.
const MARK: &str = "oci-layout";

/// Where a blob is. A digest has no characters but hexadecimal digits, so the path stays inside the layout.
fn path(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

impl Store for Layout {
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        self.files.document(&path(descriptor.digest))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        self.files.document(&path(descriptor.digest))
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
        self.files.open(&path(descriptor.digest))
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
