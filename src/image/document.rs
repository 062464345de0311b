//! Image indexes, manifests and configurations, as far as they say something about layers.
//!
//! Both generations are read: those of the OCI image specification, and those of Docker (schema 2), which have the same
//! shape. What decides is the media type of the descriptor that names a document; one that the document repeats has to
//! be the same, and a document that is index and manifest at once is refused, since readers would differ in what it is. The JSON itself is
//! read as strictly as that of a TOC.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, str::FromStr};

use super::{
    ImageError,
    json::{self, Fault, Parsed},
};
use crate::format::{Digest, Excerpt, Extent, json::Reader, range::ReadAt};

/// Largest index, manifest or configuration, in bytes: 4 MiB, as registries and clients have it.
pub const LIMIT: u64 = 4 << 20;

/// Media type of an OCI image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of an OCI image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an OCI image configuration.
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of Docker's manifest list.
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Media type of Docker's manifest.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Media type of Docker's configuration.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Media type of a layer that is a tar in zstd.
pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// Annotation of a descriptor in the index of a layout: what the image is called there, often a tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// What names a blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Remarks beside the verdict.
    pub annotations: Option<BTreeMap<String, String>>,
    /// What an image of an index runs on.
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// Whether it names an image index.
    pub fn is_index(&self) -> bool {
        matches!(self.media_type.as_str(), INDEX | DOCKER_INDEX)
    }

    /// Whether it names an image manifest.
    pub fn is_manifest(&self) -> bool {
        matches!(self.media_type.as_str(), MANIFEST | DOCKER_MANIFEST)
    }

    /// Whether it names the configuration of an image, and not of something else that is kept as one.
    pub fn is_config(&self) -> bool {
        matches!(self.media_type.as_str(), CONFIG | DOCKER_CONFIG)
    }

    /// What it calls an image in the index of a layout.
    pub fn ref_name(&self) -> Option<&str> {
        self.annotations.as_ref()?.get(REF_NAME).map(String::as_str)
    }

    /// What is wrong with a blob of this size and digest, as a lower-case sentence.
    pub fn mismatch(&self, size: u64, digest: Option<Digest>) -> Option<String> {
        if size != self.size {
            return Some(format!(
                "blob size {size} does not match the size {} of its descriptor",
                self.size
            ));
        }
        match digest {
            Some(digest) if digest != self.digest => Some(format!(
                "blob digest {digest} does not match the digest {} of its descriptor",
                self.digest
            )),
            _ => None,
        }
    }

    /// Compares a document with size and digest.
    ///
    /// # Errors
    ///
    /// They differ.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ImageError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self.mismatch(size, Some(Digest::of(bytes))) {
            Some(problem) => Err(ImageError::invalid(self.digest, problem)),
            None => Ok(()),
        }
    }
}

/// What an image runs on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system, in the terms of Go.
    pub os: String,
    /// The processor's architecture, in the terms of Go.
    pub architecture: String,
    /// Which of several of one architecture.
    pub variant: Option<String>,
}

impl Platform {
    /// Whether an image for `found` runs here. A variant counts where one is asked for.
    pub fn takes(&self, found: &Self) -> bool {
        self.os == found.os
            && self.architecture == found.architecture
            && (self.variant.is_none() || self.variant == found.variant)
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err("expected an operating system and an architecture, such as linux/amd64".to_owned()),
        };
        Ok(Self {
            os: (*os).to_owned(),
            architecture: (*architecture).to_owned(),
            variant: variant.map(|variant| (*variant).to_owned()),
        })
    }
}

/// An image manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The configuration.
    pub config: Descriptor,
    /// The layers, the lowest first.
    pub layers: Vec<Descriptor>,
}

/// What a descriptor says, as far as it says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Described {
    /// What the blob is.
    pub(crate) media_type: Option<String>,
    /// Its digest.
    pub(crate) digest: Option<Digest>,
    /// Its size in bytes.
    pub(crate) size: Option<u64>,
    /// Remarks beside the verdict.
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    platform: Option<Platform>,
}

impl Described {
    /// Reads a descriptor of which parts may be missing.
    pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Parsed<Self> {
        #[derive(Clone, Copy)]
        enum Field {
            MediaType,
            Digest,
            Size,
            Annotations,
            Platform,
        }
        const FIELDS: &[(&str, Field)] = &[
            ("mediaType", Field::MediaType),
            ("digest", Field::Digest),
            ("size", Field::Size),
            ("annotations", Field::Annotations),
            ("platform", Field::Platform),
        ];

        let mut described = Self::default();
        if !reader.begin_object()? {
            return Err(Fault::Reported);
        }
        while let Some(field) = reader.next_field(FIELDS)? {
            match field {
                Field::MediaType => described.media_type = Some(json::string(reader)?),
                Field::Digest => described.digest = Some(json::digest(reader)?),
                Field::Size => described.size = Some(json::size(reader)?),
                Field::Annotations => described.annotations = Some(json::strings(reader)?),
                Field::Platform => described.platform = Some(Platform::read(reader)?),
            }
        }
        Ok(described)
    }

    fn complete(self) -> Parsed<Descriptor> {
        Ok(Descriptor {
            media_type: json::required("mediaType", self.media_type)?,
            digest: json::required("digest", self.digest)?,
            size: json::required("size", self.size)?,
            annotations: self.annotations,
            platform: self.platform,
        })
    }
}

impl Descriptor {
    fn read(reader: &mut Reader<'_, '_>) -> Parsed<Self> {
        Described::read(reader)?.complete()
    }
}

impl Platform {
    fn read(reader: &mut Reader<'_, '_>) -> Parsed<Self> {
        const FIELDS: &[(&str, usize)] = &[("os", 0), ("architecture", 1), ("variant", 2)];
        let mut values = [None, None, None];
        if !reader.begin_object()? {
            return Err(Fault::Reported);
        }
        while let Some(field) = reader.next_field(FIELDS)? {
            let value = json::string(reader)?;
            if let Some(place) = values.get_mut(field) {
                *place = Some(value);
            }
        }
        let [os, architecture, variant] = values;
        Ok(Self {
            os: json::required("platform.os", os)?,
            architecture: json::required("platform.architecture", architecture)?,
            variant,
        })
    }
}

/// Either kind of document.
#[derive(Default)]
struct Raw {
    schema_version: Option<u64>,
    media_type: Option<String>,
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

impl Raw {
    fn read(reader: &mut Reader<'_, '_>) -> Parsed<Self> {
        #[derive(Clone, Copy)]
        enum Field {
            SchemaVersion,
            MediaType,
            Manifests,
            Config,
            Layers,
        }
        const FIELDS: &[(&str, Field)] = &[
            ("schemaVersion", Field::SchemaVersion),
            ("mediaType", Field::MediaType),
            ("manifests", Field::Manifests),
            ("config", Field::Config),
            ("layers", Field::Layers),
        ];

        let mut raw = Self::default();
        if !reader.begin_object()? {
            return Err(Fault::Reported);
        }
        while let Some(field) = reader.next_field(FIELDS)? {
            match field {
                Field::SchemaVersion => raw.schema_version = Some(json::size(reader)?),
                Field::MediaType => raw.media_type = Some(json::string(reader)?),
                Field::Manifests => raw.manifests = Some(json::array(reader, Descriptor::read)?),
                Field::Layers => raw.layers = Some(json::array(reader, Descriptor::read)?),
                Field::Config => {
                    let config = Descriptor::read(reader).map_err(|fault| fault.within("config"))?;
                    raw.config = Some(config);
                }
            }
        }
        Ok(raw)
    }

    /// Reads a document that may give itself these media types.
    fn of(bytes: &[u8], media_types: &[&str]) -> Result<Self, String> {
        let raw = json::read(bytes, Self::read)?;
        match raw.schema_version {
            Some(2) => {}
            Some(other) => return Err(format!("`schemaVersion` is {other}, expected 2")),
            None => return Err("`schemaVersion` is missing, expected 2".to_owned()),
        }
        if let Some(found) = &raw.media_type
            && !media_types.contains(&found.as_str())
        {
            return Err(format!(
                "`mediaType` is {}, expected {}",
                Excerpt(found),
                media_types.join(" or ")
            ));
        }
        if raw.manifests.is_some() && (raw.layers.is_some() || raw.config.is_some()) {
            return Err(
                "the document is an image index and an image manifest at once, expected one of the two".to_owned(),
            );
        }
        Ok(raw)
    }
}

/// Reads a document whole, unless it is longer than documents are. `what` is its name for people.
pub(super) fn whole(file: &dyn ReadAt, what: &str) -> Result<Vec<u8>, ImageError> {
    let size = file.size();
    match Extent::new(0, size) {
        Some(extent) if size <= LIMIT => file.read_extent(extent).map_err(|error| ImageError::io(what, error)),
        _ => Err(ImageError::invalid(
            what,
            format!("the document has {size} bytes, expected at most {LIMIT}"),
        )),
    }
}

/// The media type of an index or manifest that nothing names by one: what it gives itself, or else what its keys show.
pub(super) fn media_type(what: &str, bytes: &[u8]) -> Result<&'static str, ImageError> {
    let known = [INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST];
    let raw = Raw::of(bytes, &known).map_err(|problem| ImageError::invalid(what, problem))?;
    let own = raw.media_type.as_deref();
    let own = known.into_iter().find(|known| own == Some(known));
    let is_of_docker = raw.config.is_some_and(|config| config.media_type == DOCKER_CONFIG);
    Ok(match (own, raw.manifests) {
        (Some(own), _) => own,
        (None, Some(_)) => INDEX,
        (None, None) if is_of_docker => DOCKER_MANIFEST,
        (None, None) => MANIFEST,
    })
}

/// Reads an image index: the descriptors of manifests and of further indexes. `what` is its name for people, and
/// `media_types` are those that it may give itself.
///
/// # Errors
///
/// It is none, of another media type, or also a manifest.
pub fn index(what: &str, bytes: &[u8], media_types: &[&str]) -> Result<Vec<Descriptor>, ImageError> {
    Raw::of(bytes, media_types)
        .and_then(|raw| {
            raw.manifests
                .ok_or_else(|| "not an image index: `manifests` is missing".to_owned())
        })
        .map_err(|problem| ImageError::invalid(what, problem))
}

/// Reads an image manifest.
///
/// # Errors
///
/// It is none, of another media type, or also an index.
pub fn manifest(what: &str, bytes: &[u8], media_types: &[&str]) -> Result<Manifest, ImageError> {
    Raw::of(bytes, media_types)
        .and_then(|raw| match (raw.config, raw.layers) {
            (Some(config), Some(layers)) => Ok(Manifest { config, layers }),
            (None, _) => Err("not an image manifest: `config` is missing".to_owned()),
            (_, None) => Err("not an image manifest: `layers` is missing".to_owned()),
        })
        .map_err(|problem| ImageError::invalid(what, problem))
}

/// Reads the DiffIDs of an image configuration: the digests of the uncompressed layers, the lowest first.
///
/// # Errors
///
/// It is no configuration.
pub fn diff_ids(what: &str, bytes: &[u8]) -> Result<Vec<Digest>, ImageError> {
    let parse = |reader: &mut Reader<'_, '_>| -> Parsed<Vec<Digest>> {
        let mut found = None;
        if !reader.begin_object()? {
            return Err(Fault::Reported);
        }
        while reader.next_field(&[("rootfs", ())])?.is_some() {
            if !reader.begin_object()? {
                return Err(Fault::Reported);
            }
            while reader.next_field(&[("diff_ids", ())])?.is_some() {
                found = Some(json::array(reader, json::digest)?);
            }
        }
        json::required("rootfs.diff_ids", found)
    };
    json::read(bytes, parse).map_err(|problem| ImageError::invalid(what, problem))
}
