//! Changes to inputs, with an eye for what they are made of.
//!
//! Every change is drawn from numbers that follow from a seed and the number of the input, so an input can be made again.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    cases::data::{Shape, put},
    forge::{
        Edit,
        mutate::{annotations, footer, frames, json as json_of, noised, tar},
        random::Random,
        sealed::{Annotations, Unsealed},
        words,
    },
    vectors::{Content, Op, Subject},
};

/// The input with one change or, more rarely, a few.
pub(crate) fn mutate(op: Op, input: &Value, random: &mut Random) -> Value {
    let mut changed = input.clone();
    let changes = [1, 1, 1, 1, 2, 2, 3, 5][random.below(8)];
    for _ in 0..changes {
        changed = change(op, &changed, random);
    }
    changed
}

/// The input with one change.
pub(crate) fn change(op: Op, input: &Value, random: &mut Random) -> Value {
    let changed = match op {
        Op::LayerIndex | Op::LayerReconstruct => behind_seals(input, random),
        Op::TarSplitAssemble => another_file(input, random),
        _ => None,
    };
    changed.unwrap_or_else(|| edited(op, input, &edit(op, input, random)))
}

/// An edit of the annotations or the bytes of an input.
fn edit(op: Op, input: &Value, random: &mut Random) -> Edit {
    let Some(Subject { field, content }) = op.subject().filter(|_| !is_of_annotations(op, random)) else {
        return annotations::annotations(&annotations_of(input), random);
    };
    let bytes = bytes_of(input, field);
    let size = input["blob_size"].as_str().and_then(|text| text.parse().ok());
    match content {
        Content::Footer => footer::footer(&bytes, size.unwrap_or_default(), random),
        Content::EStargzFooter => footer::estargz(&bytes, size.unwrap_or_default(), random),
        Content::Toc => json_of::document(&bytes, &words::TOC, random),
        Content::TarSplit => json_of::lines(&bytes, &words::TAR_SPLIT, random),
        Content::Tar => tar::tar(&bytes, random),
        Content::Blob => frames::frames(&bytes, random),
    }
}

/// Whether the annotations of a layer change, and not its bytes.
fn is_of_annotations(op: Op, random: &mut Random) -> bool {
    matches!(op, Op::LayerIndex | Op::LayerReconstruct) && random.flip()
}

/// A layer with a change behind its seals; none now and then, and of a blob that does not come apart.
fn behind_seals(input: &Value, random: &mut Random) -> Option<Value> {
    if random.ratio(1, 4) {
        return None;
    }
    let mut layer = Unsealed::of(&bytes_of(input, "blob"), &annotations_of(input))?;
    layer.mutate(random);
    let (blob, annotations) = layer.seal();
    Some(with_layer(input, &blob, &annotations))
}

/// The input with this layer. A DiffID that it tells is that of another tar then, and stays.
pub(super) fn with_layer(input: &Value, blob: &[u8], annotations: &Annotations) -> Value {
    let mut changed = with_bytes(input, "blob", blob);
    changed["annotations"] = json!(annotations);
    changed
}

/// The input with one file less, or with another name or content of one; none mostly, and where there is no file.
fn another_file(input: &Value, random: &mut Random) -> Option<Value> {
    let mut changed = input.clone();
    let files = changed["files"].as_array_mut().filter(|_| random.ratio(1, 4))?;
    let at = random.below(files.len());
    let file = files.get_mut(at)?;
    match random.choose(&[None, Some("content"), Some("name")]) {
        Some(field) => *file = with_bytes(file, field, &noised(&bytes_of(file, field), random)),
        None => drop(files.remove(at)),
    }
    Some(changed)
}

/// The input with an edit; as it is where the edit finds nothing to change.
pub(crate) fn edited(op: Op, input: &Value, edit: &Edit) -> Value {
    let shape = Shape::of(op);
    let mut editable = shape.editable(input, shape.bytes.map(|field| bytes_of(input, field)));
    if editable.edit(std::slice::from_ref(edit)).is_err() {
        return input.clone();
    }
    let mut changed = match (shape.bytes, editable.bytes.take()) {
        (Some(field), Some(bytes)) => with_bytes(input, field, &bytes),
        _ => input.clone(),
    };
    put(&mut changed, editable);
    changed
}

/// The annotations of an input; none where it has none.
pub(crate) fn annotations_of(input: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(input["annotations"].clone()).unwrap_or_default()
}

/// The bytes in a field of an input as the protocol sends it; empty if there are none.
pub(crate) fn bytes_of(input: &Value, field: &str) -> Vec<u8> {
    let text = input[field]["base64"].as_str().unwrap_or_default();
    STANDARD.decode(text).unwrap_or_default()
}

/// The input with these bytes in the field.
pub(crate) fn with_bytes(input: &Value, field: &str, bytes: &[u8]) -> Value {
    let mut changed = input.clone();
    changed[field] = json!({"base64": STANDARD.encode(bytes)});
    changed
}
