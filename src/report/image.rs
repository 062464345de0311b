//! What the commands for layers say about those of an image.

use serde_json::{Value, json};

use super::{
    layer::SCHEMA,
    style::{BOLD, DIM, ERROR, styled},
};
use crate::{image::LayerRef, outside::Outside};

/// A layer that is left out, for people.
pub(crate) fn skipped(name: &str) -> String {
    format!("{}: {}\n", styled(BOLD, name), styled(DIM, NOT_CHUNKED))
}

/// A layer that is left out, as JSON.
pub(crate) fn skipped_json(name: &str) -> Value {
    json!({"layer": name, "skipped": NOT_CHUNKED})
}

const NOT_CHUNKED: &str = "not zstd:chunked, skipped";

/// A layer whose blob is another one than its descriptor says, for people.
pub(crate) fn mismatched(name: &str, problem: &str) -> String {
    let problem = Outside::sentence(problem);
    format!("{}: {}: {problem}\n", styled(BOLD, name), styled(ERROR, "rejected"))
}

/// A layer whose blob is another one, as JSON.
pub(crate) fn mismatched_json(name: &str, problem: &str) -> Value {
    json!({"layer": name, "holds": false, "problem": problem})
}

/// What is said of a layer, with what its image says of it.
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

/// What is said of the layers of an image, as JSON.
pub(crate) fn image_json(name: &str, layers: Vec<Value>) -> Value {
    json!({"schema": SCHEMA, "image": name, "layers": layers})
}
