//! Inputs and outputs of the operations of drafts, which `docs/drafts.md` describes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EntryOutput;
use crate::vectors::bytes::Bytes;

/// Input of `draft/sentinel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageInput {
    /// The image index or the image manifest by which the image is pulled.
    pub root: Bytes,
    /// What the registry has besides: manifests of an index, configurations, and the blobs of layers.
    pub blobs: Vec<BlobInput>,
}

/// A document or a blob of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlobInput {
    /// The digest under which it is served, `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// What is served.
    pub content: Bytes,
}

/// Output of `draft/sentinel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageOutput {
    /// The digest of the manifest that was used.
    pub manifest: String,
    /// Whether that manifest has a sentinel.
    pub sentinel: bool,
    /// The layers that have files, the lowest first; the sentinel is none of them.
    pub layers: Vec<ImageLayerOutput>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageLayerOutput {
    /// The digest of the compressed TOC that was used; null if the layer was downloaded in full.
    pub toc_digest: Option<String>,
    /// The entries of the TOC in their order, chunks folded into their files.
    pub entries: Vec<EntryOutput>,
}
