//! An archive as `docker save` and skopeo (`docker-archive:`) write it: a tar with `manifest.json`, which lists images, their
//! configurations and their layers.
//!
//! No descriptor names a layer there, and so there are no annotations. The classic archive has each layer as a tar. One of a
//! Docker engine that keeps images in containerd is an image layout as well, and may have compressed layers.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Archive, Blob, Descriptor, ImageError, LayerRef, Store, document, hash,
    json::{self, Fault, Parsed},
};
use crate::format::{Digest, json::Reader, layer::Compression, range::ReadAt as _};

/// Most images of an archive: each has a configuration to read.
const IMAGES: usize = 1000;

/// An archive, and the members in which its layers are.
#[derive(Clone, Debug)]
pub struct DockerArchive {
    archive: Archive,
    what: String,
    images: Vec<Image>,
    layers: BTreeMap<Digest, String>,
}

/// An image of an archive.
#[derive(Clone, Debug)]
struct Image {
    config: String,
    tags: Vec<String>,
    layers: Vec<String>,
}

impl DockerArchive {
    /// Reads the list of images; `what` names the archive for people.
    ///
    /// # Errors
    ///
    /// There is no `manifest.json`, or it is not what `docker save` writes.
    pub fn of(archive: Archive, what: &str) -> Result<Self, ImageError> {
        if !archive.has(MANIFEST) {
            let hint = if archive.has("oci-layout") {
                "; `oci-archive:` in front of the name reads an OCI image archive"
            } else {
                ""
            };
            let problem = format!("not an archive of `docker save`, expected a tar with `{MANIFEST}`{hint}");
            return Err(ImageError::invalid(what, problem));
        }
        let bytes = archive.document(MANIFEST)?;
        let images = json::read(&bytes, |reader| json::array(reader, Image::read))
            .map_err(|problem| ImageError::invalid(archive.shown(MANIFEST), problem))?;
        if images.len() > IMAGES {
            let problem = format!("{} images, expected at most {IMAGES}", images.len());
            return Err(ImageError::invalid(archive.shown(MANIFEST), problem));
        }
        Ok(Self {
            archive,
            what: what.to_owned(),
            images,
            layers: BTreeMap::new(),
        })
    }

    /// The layers of all images, or of that with a tag (`NAME:TAG`) or a number (`@0` is the first), each once.
    ///
    /// # Errors
    ///
    /// There is no such image, or a document or layer of one cannot be read.
    pub fn layers(&mut self, reference: Option<&str>) -> Result<Vec<LayerRef>, ImageError> {
        let number = reference.and_then(|reference| reference.strip_prefix('@'));
        let is_chosen = |(at, image): &(usize, &Image)| match (number, reference) {
            (Some(number), _) => number.parse() == Ok(*at),
            (None, Some(reference)) => image.has_tag(reference),
            (None, None) => true,
        };
        let chosen: Vec<Image> = self
            .images
            .iter()
            .enumerate()
            .filter(is_chosen)
            .map(|(_, image)| image.clone())
            .collect();
        if let (Some(reference), true) = (reference, chosen.is_empty()) {
            let tags: Vec<&str> = self
                .images
                .iter()
                .flat_map(|image| &image.tags)
                .map(String::as_str)
                .collect();
            let known = if tags.is_empty() {
                "images without a tag".to_owned()
            } else {
                tags.join(", ")
            };
            let problem = format!("no image has the name {reference:?}, found {known}");
            return Err(ImageError::invalid(&self.what, problem));
        }
        let (mut layers, mut known) = (Vec::new(), BTreeSet::new());
        let mut blobs = BTreeMap::new();
        for image in chosen {
            let what = self.archive.shown(&image.config);
            let diff_ids = document::diff_ids(&what, &self.archive.document(&image.config)?)?;
            if diff_ids.len() != image.layers.len() {
                let problem = format!(
                    "the configuration has {} DiffIDs for {} layers, expected one for each layer",
                    diff_ids.len(),
                    image.layers.len()
                );
                return Err(ImageError::invalid(what, problem));
            }
            for (name, diff_id) in image.layers.into_iter().zip(diff_ids) {
                // A list may have a member any number of times, which is read once.
                let blob = match blobs.get(&name) {
                    Some(blob) => *blob,
                    None => *blobs.entry(name.clone()).or_insert(self.look_at(&name)?),
                };
                let layer = blob.layer(diff_id);
                if known.insert(layer.clone()) {
                    self.layers.insert(layer.descriptor.digest, name);
                    layers.push(layer);
                }
            }
        }
        Ok(layers)
    }

    fn look_at(&self, name: &str) -> Result<Member, ImageError> {
        let blob = self.archive.blob(name)?;
        let failed = |error| ImageError::io(self.archive.shown(name), error);
        let compression = Compression::of_blob(blob.as_ref()).map_err(failed)?;
        let compression = compression.unwrap_or(Compression::None);
        Ok(Member {
            size: blob.size(),
            compression,
            digest: match compression {
                Compression::Zstd | Compression::Gzip => Some(hash(blob.as_ref()).map_err(failed)?),
                Compression::None => None,
            },
        })
    }
}

/// What is known of a member that is a layer.
#[derive(Clone, Copy)]
struct Member {
    size: u64,
    compression: Compression,
    /// Its digest; that of a tar is the DiffID.
    digest: Option<Digest>,
}

impl Member {
    /// What a descriptor would say of it.
    fn layer(self, diff_id: Digest) -> LayerRef {
        LayerRef {
            descriptor: Descriptor {
                media_type: self.compression.media_type().to_owned(),
                digest: self.digest.unwrap_or(diff_id),
                size: self.size,
                annotations: None,
                platform: None,
            },
            diff_id: Some(diff_id),
            of_docker: false,
        }
    }
}

const MANIFEST: &str = "manifest.json";

impl Image {
    fn read(reader: &mut Reader<'_, '_>) -> Parsed<Self> {
        #[derive(Clone, Copy)]
        enum Field {
            Config,
            Tags,
            Layers,
        }
        const FIELDS: &[(&str, Field)] = &[
            ("Config", Field::Config),
            ("RepoTags", Field::Tags),
            ("Layers", Field::Layers),
        ];
        let (mut config, mut tags, mut layers) = (None, Vec::new(), None);
        if !reader.begin_object()? {
            return Err(Fault::Reported);
        }
        while let Some(field) = reader.next_field(FIELDS)? {
            match field {
                Field::Config => config = Some(json::string(reader)?),
                Field::Tags => tags = json::array(reader, json::string)?,
                Field::Layers => layers = Some(json::array(reader, json::string)?),
            }
        }
        Ok(Self {
            config: json::required("Config", config)?,
            tags,
            layers: json::required("Layers", layers)?,
        })
    }

    /// Whether it has this tag, which may lack what Docker adds to a short one.
    fn has_tag(&self, reference: &str) -> bool {
        let with_tag = match reference.rsplit_once(':') {
            Some((_, tag)) if !tag.contains('/') => reference.to_owned(),
            _ => format!("{reference}:latest"),
        };
        let is_same = |tag: &str| {
            ["", "docker.io/", "docker.io/library/"]
                .iter()
                .any(|host| tag == format!("{host}{with_tag}"))
        };
        self.tags.iter().any(|tag| is_same(tag))
    }
}

impl Store for DockerArchive {
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        self.config(descriptor)
    }

    /// Nothing there has a digest for a name but layers.
    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        let problem = format!("{} is not a layer", descriptor.digest);
        Err(ImageError::invalid(&self.what, problem))
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
        match self.layers.get(&descriptor.digest) {
            Some(name) => self.archive.blob(name),
            None => self.config(descriptor).map(|bytes| -> Blob { Box::new(bytes) }),
        }
    }
}
