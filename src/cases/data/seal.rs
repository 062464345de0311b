//! Inputs with the edits of a case: which part of the input an edit is made to, and what follows from it.

use serde_json::Value;

use crate::{
    cases::family::Blobs,
    forge::{
        Edit, EditError, Kind,
        edit::{Blob, Editable},
        edited,
        layer::Plan,
    },
    vectors::{Bytes, Content, Op, Subject},
};

/// What of an input is edited, for each operation.
pub(crate) struct Shape {
    /// The field with the bytes.
    pub(crate) bytes: Option<&'static str>,
    pub(crate) kind: Kind,
    /// How long the end of a blob is that the input has, and what is before it in the blob.
    window: Option<(usize, u8)>,
}

impl Shape {
    pub(crate) const fn of(op: Op) -> Self {
        let Some(Subject { field, content }) = op.subject() else {
            return Self {
                bytes: None,
                kind: Kind::Bytes,
                window: None,
            };
        };
        let (kind, window) = match content {
            Content::Footer => (Kind::Footer, Some((72, b'.'))),
            Content::EStargzFooter => (Kind::Bytes, Some((51, 0x5a))),
            Content::Toc => (Kind::Json, None),
            Content::TarSplit => (Kind::Lines, None),
            Content::Tar | Content::Blob => (Kind::Bytes, None),
        };
        Self {
            bytes: Some(field),
            kind,
            window,
        }
    }

    /// What edits change of an input whose field has these bytes.
    pub(crate) fn editable(&self, input: &Value, bytes: Option<Vec<u8>>) -> Editable {
        let size = input["blob_size"].as_str().and_then(|digits| digits.parse().ok());
        Editable {
            bytes,
            kind: self.kind,
            blob: self.window.map(|(window, filler)| Blob {
                size: size.unwrap_or_default(),
                window,
                filler,
            }),
            annotations: serde_json::from_value(input["annotations"].clone()).unwrap_or_default(),
        }
    }
}

/// Puts into an input what edits changed of it, but for its bytes.
pub(crate) fn put(input: &mut Value, editable: Editable) {
    if let Some(blob) = editable.blob {
        input["blob_size"] = Value::from(blob.size.to_string());
    }
    if let Some(annotations) = editable.annotations {
        input["annotations"] = Value::from_iter(annotations);
    }
}

/// The input of a twin with these edits.
///
/// # Errors
///
/// An edit that cannot be made.
pub(super) fn input(op: Op, twin: &Value, edits: &[Edit], blobs: &mut Blobs) -> Result<Value, EditError> {
    let shape = Shape::of(op);
    let mut input = twin.clone();
    let before = shape.bytes.map(|field| bytes_of(&input, field, blobs)).transpose()?;
    let mut editable = shape.editable(&input, before.clone().map(|(_, bytes)| bytes));
    editable.edit(edits)?;
    if let (Some(field), Some((notation, before)), Some(bytes)) = (shape.bytes, before, editable.bytes.take())
        && bytes != before
    {
        let bytes = match notation {
            Bytes::Hex(_) => Bytes::hex(&bytes),
            _ => blobs.place(&bytes),
        };
        input[field] = serde_json::to_value(bytes).map_err(|error| EditError(error.to_string()))?;
    }
    put(&mut input, editable);
    Ok(input)
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
    let mut input = twin.clone();
    input["blob"] = serde_json::to_value(blobs.place(&layer.blob)).map_err(|error| EditError(error.to_string()))?;
    input["annotations"] = Value::from_iter(layer.annotations);
    Ok((input, layer.toc_digest))
}

/// The bytes of a field, and the notation that they have.
fn bytes_of(input: &Value, field: &str, blobs: &Blobs) -> Result<(Bytes, Vec<u8>), EditError> {
    let bytes: Bytes = serde_json::from_value(input[field].clone()).map_err(|error| EditError(error.to_string()))?;
    let decoded = bytes
        .decode(&|name| blobs.get(name))
        .map_err(|error| EditError(error.to_string()))?;
    Ok((bytes, decoded))
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
