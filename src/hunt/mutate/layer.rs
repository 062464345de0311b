//! Layers: behind their seals, most of the time.

use serde_json::{Value, json};

use super::{annotations, annotations_of, bytes_of, frames, with_bytes};
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
            changed["annotations"] = json!(annotations::change(annotations_of(input), random));
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

fn unsealed(input: &Value) -> Option<Unsealed> {
    Unsealed::of(&bytes_of(input, "blob"), &annotations_of(input))
}

/// The input with this layer. A DiffID that it tells is that of another tar then, and stays.
pub(crate) fn with_layer(input: &Value, blob: &[u8], annotations: &Annotations) -> Value {
    let mut changed = with_bytes(input, "blob", blob);
    changed["annotations"] = json!(annotations);
    changed
}
