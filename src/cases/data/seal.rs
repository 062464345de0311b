//! Inputs with the edits of a case: which part of the input an edit is made to, and what follows from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    cases::family::Blobs,
    forge::{Edit, EditError, Kind, edited, layer::Plan},
    vectors::{Bytes, Content, Op, Subject},
};

/// What of an input is edited, for each operation.
struct Shape {
    /// The field with the bytes.
    bytes: Option<&'static str>,
    kind: Kind,
    /// How long the end of a blob is that the input has, and what is before it in the blob.
    tail: Option<(usize, u8)>,
}

impl Shape {
    const fn of(op: Op) -> Self {
        let Some(Subject { field, content }) = op.subject() else {
            return Self {
                bytes: None,
                kind: Kind::Bytes,
                tail: None,
            };
        };
        let (kind, tail) = match content {
            Content::Footer => (Kind::Footer, Some((72, b'.'))),
            Content::EStargzFooter => (Kind::Bytes, Some((51, 0x5a))),
            Content::Toc => (Kind::Json, None),
            Content::TarSplit => (Kind::Lines, None),
            Content::Tar | Content::Blob => (Kind::Bytes, None),
        };
        Self {
            bytes: Some(field),
            kind,
            tail,
        }
    }
}

/// The input of a twin with these edits.
///
/// # Errors
///
/// An edit that cannot be made.
pub(super) fn input(op: Op, twin: &Value, edits: &[Edit], blobs: &mut Blobs) -> Result<Value, EditError> {
    let shape = Shape::of(op);
    let mut input = twin.as_object().cloned().unwrap_or_default();
    let mut size = None;
    let mut changed: Option<(Bytes, Vec<u8>, usize)> = None;
    for edit in edits {
        match (edit, shape.bytes) {
            (Edit::BlobSize(number), _) if shape.tail.is_some() => size = Some(number.value()?),
            (Edit::Annotate { .. } | Edit::Strip(_) | Edit::Rename { .. }, _) => annotate(&mut input, edit)?,
            (_, Some(field)) => {
                let (notation, bytes, before) = match changed.take() {
                    Some(changed) => changed,
                    None => {
                        let (notation, bytes) = bytes_of(&input, field, blobs)?;
                        let length = bytes.len();
                        (notation, bytes, length)
                    }
                };
                changed = Some((notation, edit.apply(&bytes, shape.kind)?, before));
            }
            (_, None) => return Err(EditError(format!("{}: {op} has no bytes to edit", edit.name()))),
        }
    }
    if let Some((window, filler)) = shape.tail {
        let (notation, bytes, before) = match changed.take() {
            Some(changed) => changed,
            None => {
                let (notation, bytes) = bytes_of(&input, "tail", blobs)?;
                let length = bytes.len();
                (notation, bytes, length)
            }
        };
        let old: u64 = input
            .get("blob_size")
            .and_then(Value::as_str)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        // What is before the end of the blob stays as long as it was.
        let follows = old.saturating_add(number(bytes.len())).saturating_sub(number(before));
        let size = size.unwrap_or(follows);
        input.insert("blob_size".to_owned(), Value::from(size.to_string()));
        changed = Some((notation, tail(bytes, size, window, filler), before));
    }
    if let (Some((notation, bytes, _)), Some(field)) = (changed, shape.bytes) {
        let bytes = match notation {
            Bytes::Hex(_) => Bytes::hex(&bytes),
            _ => blobs.place(&bytes),
        };
        let value = serde_json::to_value(bytes).map_err(|error| EditError(error.to_string()))?;
        input.insert(field.to_owned(), value);
    }
    Ok(Value::Object(input))
}

/// The input of a twin whose layer has these edits, and the digest of its TOC.
///
/// # Errors
///
/// An edit that cannot be made, or a twin of which no builder is known.
pub(super) fn layer(
    op: Op,
    twin: &Value,
    plan: Option<&Plan>,
    edits: &[Edit],
    blobs: &mut Blobs,
) -> Result<(Value, String), EditError> {
    let plan = plan.ok_or_else(|| {
        EditError(format!(
            "the parts of this twin of {op} are not known, so that only its bytes can be edited; other twins have parts"
        ))
    })?;
    let layer = edited(plan, edits)?;
    let mut input = twin.as_object().cloned().unwrap_or_default();
    let blob = serde_json::to_value(blobs.place(&layer.blob)).map_err(|error| EditError(error.to_string()))?;
    input.insert("blob".to_owned(), blob);
    input.insert("annotations".to_owned(), Value::from_iter(layer.annotations));
    Ok((Value::Object(input), layer.toc_digest))
}

/// The end of a blob of this size, of which these are the last bytes.
fn tail(bytes: Vec<u8>, size: u64, window: usize, filler: u8) -> Vec<u8> {
    let length = usize::try_from(size).map_or(window, |size| size.min(window));
    let missing = length.saturating_sub(bytes.len());
    let tail = [vec![filler; missing], bytes].concat();
    tail[tail.len() - length..].to_vec()
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The bytes of a field, and the notation that they have.
fn bytes_of(input: &Map<String, Value>, field: &str, blobs: &Blobs) -> Result<(Bytes, Vec<u8>), EditError> {
    let value = input.get(field).cloned().unwrap_or_default();
    let bytes: Bytes = serde_json::from_value(value).map_err(|error| EditError(error.to_string()))?;
    let decoded = bytes
        .decode(&|name| blobs.get(name))
        .map_err(|error| EditError(error.to_string()))?;
    Ok((bytes, decoded))
}

fn annotate(input: &mut Map<String, Value>, edit: &Edit) -> Result<(), EditError> {
    let mut annotations: BTreeMap<String, String> = match input.get("annotations") {
        Some(value) if !value.is_null() => {
            serde_json::from_value(value.clone()).map_err(|error| EditError(error.to_string()))?
        }
        _ => return Err(EditError(format!("{}: the twin has no annotations", edit.name()))),
    };
    edit.annotate(&mut annotations)?;
    input.insert("annotations".to_owned(), Value::from_iter(annotations));
    Ok(())
}

/// The output of a twin with these edits.
///
/// # Errors
///
/// An edit that cannot be made.
pub(super) fn output(twin: &Value, edits: &[Edit]) -> Result<Value, EditError> {
    let mut text = twin.to_string().into_bytes();
    for edit in edits {
        text = edit.apply(&text, Kind::Json)?;
    }
    serde_json::from_slice(&text).map_err(|error| EditError(format!("the output is no longer JSON: {error}")))
}
