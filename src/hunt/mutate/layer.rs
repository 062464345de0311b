//! Layers: behind their seals, most of the time.

use serde_json::{Value, json};

use super::{annotations, bytes_of, frames, with_bytes};
use crate::forge::{
    random::Random,
    sealed::{Annotations, Unsealed},
};

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
            let (blob, annotations) = layer.seal();
            with_layer(input, &blob, &annotations)
        }
        _ => {
            let blob = bytes_of(input, "blob");
            with_bytes(input, "blob", &frames(&blob, random))
        }
    }
}

/// Smaller layers whose seals hold.
pub(crate) fn variants(input: &Value) -> impl Iterator<Item = Value> {
    let with = move |(blob, annotations): (Vec<u8>, Annotations)| with_layer(input, &blob, &annotations);
    sealed_variants(&bytes_of(input, "blob"), &keys(input)).map(with)
}

/// Smaller blobs whose seals hold, with their annotations.
pub(crate) fn sealed_variants(
    blob: &[u8],
    annotations: &Annotations,
) -> impl Iterator<Item = (Vec<u8>, Annotations)> + use<> {
    Unsealed::of(blob, annotations).into_iter().flat_map(|layer| {
        let changes = layer.changes();
        changes
            .into_iter()
            .filter_map(move |change| Some(layer.with(&change)?.seal()))
    })
}

fn keys(input: &Value) -> Annotations {
    serde_json::from_value(input["annotations"].clone()).unwrap_or_default()
}

fn unsealed(input: &Value) -> Option<Unsealed> {
    Unsealed::of(&bytes_of(input, "blob"), &keys(input))
}

/// The input with this layer. A DiffID that it tells is that of another tar then, and stays.
fn with_layer(input: &Value, blob: &[u8], annotations: &Annotations) -> Value {
    let mut changed = with_bytes(input, "blob", blob);
    changed["annotations"] = json!(annotations);
    changed
}
