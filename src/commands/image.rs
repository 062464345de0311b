//! Writing a layer as an image of its own into an OCI image layout.
//!
//! Blobs come first and `index.json` last, each beside its place and then renamed, so that those who read the layout
//! at the same time find the images that were there before, or those and the new one.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use super::{
    Failure,
    file::{Output, unwritable},
    image_reference::ImageReference,
};
use crate::{
    format::{Digest, writer::Written},
    image::{
        document::{self, CONFIG, INDEX, LAYER_ZSTD, MANIFEST, REF_NAME},
        layout::Layout,
    },
};

/// A layout to write into.
pub(super) struct Target {
    folder: PathBuf,
    name: Option<String>,
    /// The images that are there. A layout that does not exist is created.
    index: Map<String, Value>,
}

impl Target {
    /// The layout that an argument names, `oci:DIR` or `oci:DIR:NAME`; none if it names something else.
    pub(super) fn of(argument: &Path) -> Result<Option<Self>, Failure> {
        if !argument.to_str().is_some_and(|text| text.starts_with("oci:")) {
            return Ok(None);
        }
        let Some(ImageReference::Layout { folder, name, digest }) = ImageReference::of(argument) else {
            return Ok(None);
        };
        if digest.is_some() {
            let problem = format!("{}: a new image needs a name, found a digest", argument.display());
            return Err(Failure::unusable(problem));
        }
        let unreadable = |error: io::Error| Failure::io(&folder.display().to_string(), &error);
        let vacant = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unreadable(error)),
        };
        let index = if vacant {
            json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
        } else {
            let layout = Layout::open(folder).map_err(Failure::unusable)?;
            // The strict reader has read it, so that no key is lost here: what it would refuse later is not written to.
            let (text, _) = layout.index(None).map_err(Failure::unusable)?;
            serde_json::from_slice(&text).map_err(Failure::unusable)?
        };
        let Value::Object(index) = index else {
            return Err(Failure::unusable("`index.json` is not a JSON object"));
        };
        Ok(Some(Self {
            folder: folder.to_owned(),
            name: name.filter(|name| !name.is_empty()).map(str::to_owned),
            index,
        }))
    }

    /// Starts the blob of the layer, whose name is its digest. Nothing is made before the layer is known to be good.
    pub(super) fn layer(&self) -> Result<Output, Failure> {
        let beside = if self.folder.is_dir() {
            self.folder.join("index.json")
        } else {
            self.folder.clone()
        };
        Output::create(&beside).map_err(|error| unwritable(&self.folder, &error))
    }

    /// Keeps the layer and writes the image, and returns the digest of its manifest.
    pub(super) fn finish(mut self, layer: Output, written: &Written) -> Result<Digest, Failure> {
        let blobs = self.folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(|error| unwritable(&blobs, &error))?;
        let path = blobs.join(written.digest.hex());
        layer.keep_as(&path).map_err(|error| unwritable(&path, &error))?;
        // Nothing is known of what the files are for, and the same tar makes the same image everywhere.
        let config = self.blob(
            CONFIG,
            &json!({
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": [written.diff_id.to_string()]},
            }),
        )?;
        let layer = descriptor(LAYER_ZSTD, written.digest, written.size, Some(&written.annotations));
        let mut manifest = self.blob(
            MANIFEST,
            &json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config.json, "layers": [layer]}),
        )?;
        if let Some(name) = &self.name {
            manifest.json["annotations"] = json!({REF_NAME: name});
        }
        self.replace(manifest.json);
        let version = json!({"imageLayoutVersion": "1.0.0"});
        write(&self.folder.join("oci-layout"), &bytes(&version))?;
        write(&self.folder.join("index.json"), &bytes(&Value::Object(self.index)))?;
        Ok(manifest.digest)
    }

    /// Puts the image at the end of the index and removes the one of its name; without a name, the same image.
    fn replace(&mut self, image: Value) {
        let name = |image: &Value| image["annotations"][REF_NAME].as_str().map(str::to_owned);
        let new = name(&image);
        if let Some(Value::Array(images)) = self.index.get_mut("manifests") {
            images.retain(|old| name(old) != new || (new.is_none() && old["digest"] != image["digest"]));
            images.push(image);
        }
    }

    /// Writes a document as a blob.
    fn blob(&self, media_type: &str, value: &Value) -> Result<Blob, Failure> {
        let bytes = bytes(value);
        let digest = Digest::of(&bytes);
        write(&self.folder.join("blobs/sha256").join(digest.hex()), &bytes)?;
        let size = u64::try_from(bytes.len()).unwrap_or(document::LIMIT);
        let json = descriptor(media_type, digest, size, None);
        Ok(Blob { digest, json })
    }
}

/// A blob that was written, with its descriptor.
struct Blob {
    digest: Digest,
    json: Value,
}

fn descriptor(media_type: &str, digest: Digest, size: u64, annotations: Option<&BTreeMap<String, String>>) -> Value {
    let mut descriptor = json!({"mediaType": media_type, "digest": digest.to_string(), "size": size});
    if let Some(annotations) = annotations {
        descriptor["annotations"] = json!(annotations);
    }
    descriptor
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| unwritable(path, &error);
    let mut output = Output::create(path).map_err(failed)?;
    output.write_all(bytes).map_err(failed)?;
    output.keep().map_err(failed)
}
