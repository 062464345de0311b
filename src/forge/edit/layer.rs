//! Edits of whole layers: each is made at a stage, and what comes after the stage follows from it.

use super::{Edit, EditError, Kind};
use crate::{
    forge::{
        layer::{Layer, Parts, Payloads, Placed, Plan},
        len,
        tarsplit::document,
        zstd::frame,
    },
    format::Digest,
};

/// The layer of this plan with these edits. They are made in the order in which a layer is, and of one part in the order in
/// which they are listed.
///
/// # Errors
///
/// An edit that is not one of a whole layer, or that cannot be made, with the part before the reason.
pub(crate) fn edited(plan: &Plan, edits: &[Edit]) -> Result<Layer, EditError> {
    of_parts(plan.parts(), edits)
}

/// The layer of these data and this index with these edits.
///
/// # Errors
///
/// As [`edited`].
pub(crate) fn of_parts(mut parts: Parts, edits: &[Edit]) -> Result<Layer, EditError> {
    if let Some(edit) = edits.iter().find(|edit| !edit.is_of_layer()) {
        return Err(edit.error("is for one part of a layer, such as `toc`; name the part before it"));
    }
    for edit in edits {
        if let Edit::Data(change) = edit {
            parts.data = bytes(edit, change, &parts.data, Kind::Bytes)?;
        }
    }
    let mut tar_split = document(&parts.tar_split).into_bytes();
    let mut payloads = parts.payloads();
    tar_split_of(edits, &mut tar_split, &mut payloads)?;
    for edit in edits {
        if let Edit::Toc(change) = edit {
            let json = bytes(edit, change, payloads.toc_json.as_bytes(), Kind::Json)?;
            payloads.toc_json = String::from_utf8(json).map_err(|_| edit.error("makes a TOC that is not UTF-8"))?;
            payloads.toc = frame(payloads.toc_json.as_bytes());
        }
    }
    for edit in edits {
        if let Edit::TocPayload(change) = edit {
            payloads.toc = bytes(edit, change, &payloads.toc, Kind::Bytes)?;
        }
    }
    let mut placed = payloads.place();
    for edit in edits {
        of_placed(edit, &mut placed)?;
    }
    let mut layer = placed.layer();
    for edit in edits {
        if let Edit::Blob(change) = edit {
            layer.blob = bytes(edit, change, &layer.blob, Kind::Bytes)?;
        }
    }
    Ok(layer)
}

/// The edits of the tar-split and of its payload, whose digest the TOC has where it had the one before.
fn tar_split_of(edits: &[Edit], json: &mut Vec<u8>, payloads: &mut Payloads) -> Result<(), EditError> {
    let before = Digest::of(&payloads.tar_split).to_string();
    for edit in edits {
        if let Edit::TarSplit(change) = edit {
            *json = bytes(edit, change, json, Kind::Lines)?;
            payloads.tar_split_uncompressed = len(json);
            payloads.tar_split = frame(json);
        }
    }
    for edit in edits {
        if let Edit::TarSplitPayload(change) = edit {
            payloads.tar_split = bytes(edit, change, &payloads.tar_split, Kind::Bytes)?;
        }
    }
    let after = Digest::of(&payloads.tar_split).to_string();
    payloads.toc_json = payloads.toc_json.replace(&before, &after);
    payloads.toc = frame(payloads.toc_json.as_bytes());
    Ok(())
}

fn of_placed(edit: &Edit, placed: &mut Placed) -> Result<(), EditError> {
    match edit {
        Edit::TocFrame(change) => placed.toc_frame = bytes(edit, change, &placed.toc_frame, Kind::Bytes)?,
        Edit::TarSplitFrame(change) => {
            placed.tar_split_frame = bytes(edit, change, &placed.tar_split_frame, Kind::Bytes)?;
        }
        Edit::Footer(change) => placed.footer_frame = bytes(edit, change, &placed.footer_frame, Kind::Footer)?,
        Edit::Annotations(change) => change
            .annotate(&mut placed.annotations)
            .map_err(|error| edit.error(&error.0))?,
        _ => {}
    }
    Ok(())
}

/// The bytes with the change that an edit makes in its part.
fn bytes(edit: &Edit, change: &Edit, bytes: &[u8], kind: Kind) -> Result<Vec<u8>, EditError> {
    change.apply(bytes, kind).map_err(|error| edit.error(&error.0))
}
