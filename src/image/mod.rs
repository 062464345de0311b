//! Images: what a manifest and a configuration say about layers, and where their blobs are.
//!
//! A layer is named by a descriptor of its manifest: digest, size, media type, and the annotations that authenticate
//! the index of zstd:chunked. The image's configuration adds its DiffID. [`document`] reads these documents, a [`Store`]
//! has them and the blobs, and [`layers()`] walks from the top of an image to its layers:
//!
//! ```text
//! index --> index --> manifest --+--> configuration --> DiffIDs --+--> LayerRef
//!                                +--> layers: descriptors --------+
//! ```
//!
//! [`layout`] is a store in a directory or a tar, [`directory`] and [`docker_archive`] are those of skopeo and of `docker save`,
//! and [`registry`] is one behind an address, whose blobs [`http`] reads in ranges. Every
//! document is compared with the digest and the size of what names it, and is bounded before it is read; the walk is a work
//! list, bounded as well.

mod archive;
pub mod directory;
pub mod docker_archive;
pub mod document;
#[cfg(feature = "remote")]
pub mod http;
pub(crate) mod json;
pub mod layout;
#[cfg(feature = "remote")]
pub mod registry;
mod walk;

use std::{fmt, io};

use sha2::{Digest as _, Sha256};

pub use self::{
    archive::Archive,
    document::{Descriptor, Platform},
    walk::{LayerRef, layers},
};
use crate::{
    format::{Digest, Extent, range::ReadAt},
    outside::{Outside, PATH},
};

/// A layer's blob, wherever it is.
pub type Blob = Box<dyn ReadAt + Send + Sync>;

/// A place that has the documents and blobs of images.
///
/// What it returns need not be what the descriptor says: [`layers()`] checks documents, and code that reads a blob in full
/// can check that.
pub trait Store {
    /// The bytes of an image index or manifest, of which there are no more than [`document::LIMIT`].
    ///
    /// # Errors
    ///
    /// It is not there, cannot be read, or is too long.
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError>;

    /// The bytes of a configuration, likewise.
    ///
    /// # Errors
    ///
    /// As [`Self::manifest`].
    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError>;

    /// Opens the blob of a layer.
    ///
    /// # Errors
    ///
    /// It is not there, or cannot be read.
    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError>;
}

/// Why an image cannot be read.
#[derive(Debug)]
pub enum ImageError {
    /// Something cannot be read.
    Io {
        /// What, for people: a path or an address.
        what: String,
        /// Why.
        error: io::Error,
    },
    /// Something is not what the image specification says, or exceeds a bound.
    Invalid {
        /// What, for people.
        what: String,
        /// What was found and expected, as a lower-case sentence.
        problem: String,
    },
}

impl ImageError {
    pub(crate) fn io(what: impl fmt::Display, error: io::Error) -> Self {
        Self::Io {
            what: what.to_string(),
            error,
        }
    }

    pub(crate) fn invalid(what: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self::Invalid {
            what: what.to_string(),
            problem: problem.into(),
        }
    }
}

/// Paths, addresses and what a registry answers are shown as text from outside is.
impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Io { what, error } => format!("{what}: {error}"),
            Self::Invalid { what, problem } => format!("{what}: {problem}"),
        };
        Outside::new(text.as_bytes(), PATH).fmt(f)
    }
}

impl std::error::Error for ImageError {}

/// The digest of a blob.
pub(crate) fn hash(blob: &dyn ReadAt) -> io::Result<Digest> {
    const PIECE: u64 = 1 << 20;
    let mut hasher = Sha256::new();
    let mut offset = 0;
    while offset < blob.size() {
        let end = blob.size().min(offset.saturating_add(PIECE));
        if let Some(extent) = Extent::between(offset, end) {
            hasher.update(blob.read_extent(extent)?);
        }
        offset = end;
    }
    Ok(Digest::from_hasher(hasher))
}
