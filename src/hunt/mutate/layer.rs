//! Layers: behind their seals, most of the time.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use serde_json::{Value, json};

use super::{annotations, bytes_of, frames, with_bytes};

/// A layer with one change.
pub(super) fn layer(input: &Value, u: &mut Unstructured<'_>) -> arbitrary::Result<Value> {
    let blob = bytes_of(input, "blob");
    if u.ratio(1, 2)? {
        let keys: BTreeMap<String, String> = serde_json::from_value(input["annotations"].clone()).unwrap_or_default();
        let mut changed = input.clone();
        changed["annotations"] = json!(annotations::change(keys, u)?);
        return Ok(changed);
    }
    Ok(with_bytes(input, "blob", &frames::frames(&blob, u)?))
}

/// Smaller layers whose seals hold.
pub(crate) fn variants(_input: &Value) -> impl Iterator<Item = Value> {
    std::iter::empty()
}
