//! OCI image layouts as input and output of tools that know layers only as parts of images.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Value, json};

use crate::{
    format::{Digest, Extent},
    image::{
        Store as _,
        document::{CONFIG, INDEX, MANIFEST, REF_NAME},
        layers,
        layout::Layout,
    },
};

/// What the image is called.
const NAME: &str = "layer";

/// Media type of a layer that is a tar.
const LAYER_TAR: &str = "application/vnd.oci.image.layer.v1.tar";

/// Writes a layout with an image, called `layer`, whose one layer is a tar.
pub(super) fn write(folder: &Path, tar: &[u8]) -> io::Result<()> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let blob = |media_type: &str, bytes: &[u8]| -> io::Result<Value> {
        let digest = Digest::of(bytes);
        fs::write(blobs.join(digest.hex()), bytes)?;
        Ok(json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()}))
    };
    let layer = blob(LAYER_TAR, tar)?;
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
    });
    let config = blob(CONFIG, config.to_string().as_bytes())?;
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
    let mut image = blob(MANIFEST, manifest.to_string().as_bytes())?;
    image["annotations"] = json!({REF_NAME: NAME});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [image]});
    fs::write(folder.join("index.json"), index.to_string())?;
    fs::write(
        folder.join("oci-layout"),
        json!({"imageLayoutVersion": "1.0.0"}).to_string(),
    )
}

/// The one layer of the images in a layout, with the annotations of its descriptor.
pub(super) fn read(folder: &Path) -> Result<(Vec<u8>, BTreeMap<String, String>), String> {
    let layout = Layout::open(folder).map_err(|error| error.to_string())?;
    let top = layout.top(None).map_err(|error| error.to_string())?;
    let layers = layers(&layout, top, None, None).map_err(|error| error.to_string())?;
    let [layer] = layers.as_slice() else {
        return Err(format!("{} layers, expected one", layers.len()));
    };
    let blob = layout.blob(&layer.descriptor).map_err(|error| error.to_string())?;
    let bytes = match Extent::new(0, blob.size()) {
        Some(extent) => blob.read_extent(extent).map_err(|error| error.to_string())?,
        None => Vec::new(),
    };
    Ok((bytes, layer.descriptor.annotations.clone().unwrap_or_default()))
}
