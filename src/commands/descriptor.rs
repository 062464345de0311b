//! Annotations from a file: a JSON map of them, or an OCI descriptor or image manifest that holds them.

use std::{collections::BTreeMap, io, path::Path};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::format::{Digest, Extent, range::ReadAt};

/// Reads the annotations of the layer `blob` from `file`.
///
/// A manifest's layer is the one with the digest of the blob. The digest and size of a descriptor are held against the
/// blob, since annotations of another layer would only tell that something is wrong.
pub(crate) fn annotations(file: &Path, blob: &dyn ReadAt) -> Result<BTreeMap<String, String>, String> {
    let in_file = |problem: String| format!("{}: {problem}", file.display());
    let bytes = std::fs::read(file).map_err(|error| in_file(error.to_string()))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| in_file(format!("not JSON: {error}")))?;
    let Value::Object(object) = value else {
        return Err(in_file("expected a JSON object".to_owned()));
    };
    from_object(&object, blob).map_err(in_file)
}

fn from_object(object: &Map<String, Value>, blob: &dyn ReadAt) -> Result<BTreeMap<String, String>, String> {
    match object.get("layers") {
        Some(Value::Array(layers)) => {
            let digest = digest(blob)?;
            let layer = layers
                .iter()
                .find(|layer| layer.get("digest").and_then(Value::as_str) == Some(&digest));
            let Some(Value::Object(layer)) = layer else {
                return Err(format!("no layer of the manifest has the digest of the file, {digest}"));
            };
            descriptor(layer)
        }
        Some(_) => Err("`layers` is not an array".to_owned()),
        None if object.contains_key("annotations") || object.contains_key("mediaType") => {
            check_identity(object, blob)?;
            descriptor(object)
        }
        None => map(object),
    }
}

fn descriptor(descriptor: &Map<String, Value>) -> Result<BTreeMap<String, String>, String> {
    match descriptor.get("annotations") {
        Some(Value::Object(annotations)) => map(annotations),
        Some(_) => Err("`annotations` is not an object".to_owned()),
        None => Err("the descriptor has no annotations".to_owned()),
    }
}

fn map(object: &Map<String, Value>) -> Result<BTreeMap<String, String>, String> {
    object
        .iter()
        .map(|(key, value)| match value {
            Value::String(text) => Ok((key.clone(), text.clone())),
            _ => Err(format!("the annotation {key} is not a string")),
        })
        .collect()
}

fn check_identity(descriptor: &Map<String, Value>, blob: &dyn ReadAt) -> Result<(), String> {
    if let Some(size) = descriptor.get("size")
        && size.as_u64() != Some(blob.size())
    {
        return Err(format!(
            "the descriptor gives the size {size}, but the layer has {} bytes",
            blob.size()
        ));
    }
    if let Some(expected) = descriptor.get("digest") {
        let found = digest(blob)?;
        if expected.as_str() != Some(&found) {
            return Err(format!(
                "the descriptor gives the digest {expected}, but the layer has {found}"
            ));
        }
    }
    Ok(())
}

fn digest(blob: &dyn ReadAt) -> Result<String, String> {
    hash(blob)
        .map(|digest| digest.to_string())
        .map_err(|error| format!("the layer cannot be read: {error}"))
}

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::from_object;
    use crate::format::Digest;

    fn read(value: Value) -> Result<usize, String> {
        let Value::Object(object) = value else {
            panic!("not an object");
        };
        from_object(&object, &b"blob".as_slice()).map(|annotations| annotations.len())
    }

    #[test]
    fn three_shapes() {
        let digest = Digest::of(b"blob").to_string();
        let layer = json!({"digest": digest, "size": 4, "annotations": {"a": "b"}});
        let other = json!({"digest": Digest::of(b"").to_string(), "size": 0, "annotations": {"a": "b", "c": "d"}});
        for (value, expected) in [
            (json!({}), Ok(0)),
            (json!({"a": "b", "c": "d"}), Ok(2)),
            (layer.clone(), Ok(1)),
            (json!({"annotations": {}}), Ok(0)),
            (json!({"layers": [other, layer]}), Ok(1)),
            (json!({"a": 1}), Err("the annotation a is not a string")),
            (json!({"mediaType": "x"}), Err("the descriptor has no annotations")),
            (json!({"annotations": []}), Err("`annotations` is not an object")),
            (json!({"layers": {}}), Err("`layers` is not an array")),
        ] {
            assert_eq!(read(value.clone()), expected.map_err(str::to_owned), "{value}");
        }
        for (value, part) in [
            (json!({"layers": [other]}), "no layer of the manifest has the digest"),
            (other.clone(), "gives the size 0, but the layer has 4 bytes"),
            (json!({"digest": "sha256:00", "annotations": {}}), "gives the digest"),
        ] {
            assert!(read(value.clone()).unwrap_err().contains(part), "{value}");
        }
    }
}
