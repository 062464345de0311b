//! What the reference answers to the operations of drafts.

use std::collections::BTreeMap;

use crate::{
    drafts::sentinel::{self, Served},
    format::{Digest, Findings},
    vectors::{
        Bytes,
        ops::{EntryOutput, ImageInput, ImageLayerOutput, ImageOutput},
    },
};

/// Pulls the image of a case of `draft/sentinel`.
pub(super) fn sentinel(input: &ImageInput, findings: &mut Findings) -> Result<Option<ImageOutput>, String> {
    let decode = |bytes: &Bytes| bytes.decode(&|_| None).map_err(|error| error.to_string());
    let root = decode(&input.root)?;
    let mut served: Served = BTreeMap::new();
    for blob in &input.blobs {
        let digest: Digest = blob
            .digest
            .parse()
            .map_err(|_| format!("not a digest of sha256: {:?}", blob.digest))?;
        served.insert(digest, decode(&blob.content)?);
    }
    let pulled = sentinel::pull(&root, &served, findings).map_err(|error| error.to_string())?;
    Ok(pulled.map(|pulled| ImageOutput {
        manifest: pulled.manifest.to_string(),
        sentinel: pulled.sentinel,
        layers: pulled
            .layers
            .iter()
            .map(|layer| ImageLayerOutput {
                toc_digest: Some(layer.toc_digest.to_string()),
                entries: layer.entries.iter().map(EntryOutput::from).collect(),
            })
            .collect(),
    }))
}
