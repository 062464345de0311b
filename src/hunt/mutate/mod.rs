//! Changes to inputs, with an eye for what they are made of.
//!
//! Every change is drawn from numbers that follow from a seed and the number of the input, so an input can be made again.

mod annotations;
mod footer;
mod layer;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    cases::data::{Shape, put},
    forge::{
        Edit, Kind,
        mutate::{applied, frames as frames_of, json as json_of, noised, tar as tars},
        random::Random,
        words,
    },
    vectors::Op,
};

pub(super) use self::layer::with_layer;

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
    match op {
        Op::FooterParse => footer::footer(input, random),
        Op::EStargzFooter => footer::estargz(input, random),
        Op::AnnotationsParse => annotations::input(input, random),
        Op::TocParse | Op::EStargzToc => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &document(&json, random))
        }
        Op::TarSplitParse => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &lines(&json, random))
        }
        Op::TarSplitAssemble => assemble(input, random),
        Op::TarSplitDisassemble | Op::LayerWrite => {
            let tar = bytes_of(input, "tar");
            with_bytes(input, "tar", &applied(&tars::tar(&tar, random), &tar, Kind::Bytes))
        }
        Op::LayerDecompress => {
            let blob = bytes_of(input, "blob");
            with_bytes(input, "blob", &frames(&blob, random))
        }
        Op::LayerIndex | Op::LayerReconstruct => layer::layer(input, random),
    }
}

fn assemble(input: &Value, random: &mut Random) -> Value {
    let files = input["files"].as_array().map_or(0, Vec::len);
    if files == 0 || random.ratio(3, 4) {
        let json = bytes_of(input, "tar_split");
        return with_bytes(input, "tar_split", &lines(&json, random));
    }
    let mut changed = input.clone();
    let at = random.below(files);
    match random.below(3) {
        0 => {
            if let Some(files) = changed["files"].as_array_mut() {
                files.remove(at);
            }
        }
        1 => {
            let content = bytes_of(&input["files"][at], "content");
            changed["files"][at] = with_bytes(&input["files"][at], "content", &noised(&content, random));
        }
        _ => {
            let name = bytes_of(&input["files"][at], "name");
            changed["files"][at] = with_bytes(&input["files"][at], "name", &noised(&name, random));
        }
    }
    changed
}

/// A TOC with one change.
fn document(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    applied(&json_of::document(bytes, &words::TOC, random), bytes, Kind::Json)
}

/// A tar-split with one change.
fn lines(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    applied(&json_of::lines(bytes, &words::TAR_SPLIT, random), bytes, Kind::Lines)
}

/// A blob with one change.
fn frames(blob: &[u8], random: &mut Random) -> Vec<u8> {
    applied(&frames_of::frames(blob, random), blob, Kind::Bytes)
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
