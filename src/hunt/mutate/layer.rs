//! Layers: behind their seals, most of the time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{annotations, bytes_of, frames, with_bytes};
use crate::forge::{random::Random, sealed::Unsealed};

/// A layer with one change.
pub(super) fn layer(input: &Value, random: &mut Random) -> Value {
    let kind = random.below(8);
    match (kind, unsealed(input)) {
        (0, _) => {
            let mut changed = input.clone();
            changed["annotations"] = json!(annotations::change(keys(input), random));
            changed
        }
        (2.., Some(mut layer)) => {
            layer.mutate(random);
            sealed(input, &layer)
        }
        _ => {
            let blob = bytes_of(input, "blob");
            with_bytes(input, "blob", &frames(&blob, random))
        }
    }
}

/// Smaller layers whose seals hold.
pub(crate) fn variants(input: &Value) -> impl Iterator<Item = Value> {
    unsealed(input).into_iter().flat_map(move |layer| {
        let changes = layer.changes();
        changes
            .into_iter()
            .filter_map(move |change| Some(sealed(input, &layer.with(&change)?)))
    })
}

fn keys(input: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(input["annotations"].clone()).unwrap_or_default()
}

fn unsealed(input: &Value) -> Option<Unsealed> {
    Unsealed::of(&bytes_of(input, "blob"), &keys(input))
}

/// The input with this layer. A DiffID that it tells is that of another tar then, and stays.
fn sealed(input: &Value, layer: &Unsealed) -> Value {
    let (blob, annotations) = layer.seal();
    let mut changed = with_bytes(input, "blob", &blob);
    changed["annotations"] = json!(annotations);
    changed
}
