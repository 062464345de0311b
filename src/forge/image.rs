//! Images: manifests, configurations and indexes around layers, and the sentinel of a draft.

use std::collections::BTreeMap;

use super::layer::Layer;
use crate::format::Digest;

/// The media type of a layer in zstd.
pub(crate) const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// The media type of a layer in gzip.
pub(crate) const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The media type of a sentinel, as PR 681 of container-libs has it.
pub(crate) const SENTINEL: &str = "application/vnd.containers.zstd-chunked-sentinel";

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The annotations by which an index says that the manifest has layers in zstd, and that it has a sentinel.
const OF_ZSTD: &str = "io.github.containers.compression.zstd";
const OF_SENTINEL: &str = "io.github.containers.zstd-chunked.sentinel";

/// The text in the sentinel of PR 681, which begins where the version of a tar header would be.
pub(crate) const TEXT: &str = "This image must be consumed using the TOC digests and NEVER as a tar archive.\n\
                               See: https://github.com/containers/image";

/// The blob of a sentinel with this text.
pub(crate) fn sentinel(text: &str) -> Vec<u8> {
    let mut block = vec![0; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(1, b"ZSTD-CHUNKED-SENTINEL");
    put(148, &[0xff; 8]);
    put(257, b"NOTTAR");
    put(263, text.as_bytes());
    block
}

/// A layer of an image.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) media_type: &'static str,
    pub(crate) blob: Vec<u8>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) diff_id: String,
}

impl Part {
    /// The sentinel with this blob.
    pub(crate) fn sentinel(blob: Vec<u8>) -> Self {
        Self {
            media_type: SENTINEL,
            diff_id: Digest::of(&blob).to_string(),
            blob,
            annotations: BTreeMap::new(),
        }
    }

    /// A layer of zstd:chunked.
    pub(crate) fn chunked(layer: &Layer) -> Self {
        Self {
            media_type: ZSTD,
            blob: layer.blob.clone(),
            annotations: layer.annotations.clone(),
            diff_id: Digest::of(&layer.tar).to_string(),
        }
    }
}

/// An image of one manifest.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) parts: Vec<Part>,
    /// The DiffIDs of the configuration, if they are not those of the layers.
    pub(crate) diff_ids: Option<Vec<String>>,
}

impl Image {
    /// The image of these layers.
    pub(crate) const fn new(parts: Vec<Part>) -> Self {
        Self { parts, diff_ids: None }
    }

    /// The DiffIDs of the layers.
    pub(crate) fn right_diff_ids(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.diff_id.clone()).collect()
    }

    fn config(&self) -> String {
        let diff_ids = self.diff_ids.clone().unwrap_or_else(|| self.right_diff_ids());
        let diff_ids: Vec<String> = diff_ids.iter().map(|digest| format!("\"{digest}\"")).collect();
        format!(
            "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}}}}",
            diff_ids.join(",")
        )
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> String {
        let config = descriptor(CONFIG, self.config().as_bytes(), "");
        let layers: Vec<String> = self
            .parts
            .iter()
            .map(|part| descriptor(part.media_type, &part.blob, &annotated(&part.annotations)))
            .collect();
        format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{config},\"layers\":[{}]}}",
            layers.join(",")
        )
    }

    /// The configuration and the blobs of the layers.
    pub(crate) fn blobs(&self) -> Vec<Vec<u8>> {
        let blobs = self.parts.iter().map(|part| part.blob.clone());
        std::iter::once(self.config().into_bytes()).chain(blobs).collect()
    }
}

/// An index of images for one platform, each marked or not as having a sentinel.
pub(crate) fn index(images: &[(&Image, bool)]) -> String {
    let manifests: Vec<String> = images
        .iter()
        .map(|(image, is_marked)| {
            let mut annotations = BTreeMap::from([(OF_ZSTD.to_owned(), "true".to_owned())]);
            if *is_marked {
                annotations.insert(OF_SENTINEL.to_owned(), "true".to_owned());
            }
            let more = format!(
                ",\"platform\":{{\"architecture\":\"amd64\",\"os\":\"linux\"}}{}",
                annotated(&annotations)
            );
            descriptor(MANIFEST, image.manifest().as_bytes(), &more)
        })
        .collect();
    format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{}]}}",
        manifests.join(",")
    )
}

/// The descriptor of a blob, with further members.
fn descriptor(media_type: &str, blob: &[u8], more: &str) -> String {
    let (digest, size) = (Digest::of(blob), blob.len());
    format!("{{\"mediaType\":\"{media_type}\",\"digest\":\"{digest}\",\"size\":{size}{more}}}")
}

/// The annotations of a descriptor, none of which has a character that JSON escapes.
fn annotated(annotations: &BTreeMap<String, String>) -> String {
    if annotations.is_empty() {
        return String::new();
    }
    let members: Vec<String> = annotations
        .iter()
        .map(|(key, value)| format!("\"{key}\":\"{value}\""))
        .collect();
    format!(",\"annotations\":{{{}}}", members.join(","))
}
