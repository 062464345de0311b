//! What the commands for layers report about those of an image.

use serde_json::{Value, json};

use super::{
    layer::SCHEMA,
    style::{BOLD, DIM, ERROR, styled},
};
use crate::{format::BlobKind, image::LayerRef, outside::Outside};

/// A layer that is left out, for people.
pub(crate) fn skipped(name: &str, kind: &BlobKind) -> String {
    format!("{}: {}\n", styled(BOLD, name), styled(DIM, not_chunked(kind)))
}

/// A layer that is left out, as JSON.
pub(crate) fn skipped_json(name: &str, kind: &BlobKind) -> Value {
    json!({"layer": name, "skipped": not_chunked(kind)})
}

fn not_chunked(kind: &BlobKind) -> String {
    format!("skipped, not a zstd:chunked layer: {kind}")
}

/// The remark about a zstd layer in a manifest of Docker, for people.
pub(crate) fn of_docker() -> String {
    format!("  {}\n", styled(DIM, OF_DOCKER))
}

/// The remark, as JSON.
pub(crate) const OF_DOCKER: &str = "remark: the manifest is one of Docker, which has no media type for zstd; podman and \
                                    skopeo reject it";

/// A layer whose blob is not the one of its descriptor, for people.
pub(crate) fn mismatched(name: &str, problem: &str) -> String {
    let problem = Outside::sentence(problem);
    format!("{}: {}: {problem}\n", styled(BOLD, name), styled(ERROR, "rejected"))
}

/// A layer whose blob is not that one, as JSON.
pub(crate) fn mismatched_json(name: &str, problem: &str) -> Value {
    json!({"layer": name, "valid": false, "problem": problem})
}

/// What is reported about a layer, with what its image says about it.
pub(crate) fn layer_json(layer: &LayerRef, mut said: Value) -> Value {
    let LayerRef {
        descriptor, diff_id, ..
    } = layer;
    said["descriptor"] = json!({
        "media_type": descriptor.media_type,
        "digest": descriptor.digest.to_string(),
        "size": descriptor.size,
        "diff_id": diff_id.map(|digest| digest.to_string()),
    });
    said
}

/// What is reported about the layers of an image, as JSON.
pub(crate) fn image_json(name: &str, layers: Vec<Value>) -> Value {
    json!({"schema": SCHEMA, "image": name, "layers": layers})
}
