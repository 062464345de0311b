//! An adapter between chunkproof and the crate zstd-chunked, used as its documentation and its example `extract` tell.
//!
//! It speaks docs/protocol.md.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::Range,
};

use chunkproof_adapter::{Adapter, Answer, Failure, Input, Tar, locked};
use serde_json::{Value, json};
use zstd_chunked::{MetadataReference, MetadataReferences, Stream};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// What the crate reads.
const DIALECTS: &[&str] = &["g4", "g5"];

fn main() -> Result<(), Failure> {
    Adapter::new("zstd-chunked", locked(LOCK, "zstd-chunked")?)
        .operation("footer/parse", DIALECTS, |input| Ok(footer_parse(&input.bytes("tail")?)))
        .operation("annotations/parse", DIALECTS, |input| Ok(annotations_parse(annotations(input)?)))
        .operation("layer/reconstruct", DIALECTS, |input| {
            let blob = input.bytes("blob")?;
            Ok(layer_reconstruct(&blob, annotations(input)?).map_or_else(Answer::Reject, Answer::Accept))
        })
        .run()
}

fn footer_parse(tail: &[u8]) -> Answer {
    let Some(references) = MetadataReferences::from_footer(tail) else {
        return Answer::Reject("from_footer returned None".to_owned());
    };
    Answer::Accept(json!({
        "layout": "v64", "toc": position(&references.manifest), "tar_split": tar_split_position(&references),
    }))
}

/// `from_oci` returns `None` for a plain layer and for malformed annotations alike, so what its caller can do is to take
/// the layer as a plain one: the adapter declines.
fn annotations_parse(annotations: HashMap<String, String>) -> Answer {
    let Some(references) = from_oci(annotations) else {
        return Answer::Decline("from_oci returned None".to_owned());
    };
    Answer::Accept(json!({
        "index": "zstd:chunked", "toc_digest": references.manifest.digest,
        "toc": position(&references.manifest), "tar_split": tar_split_position(&references),
    }))
}

fn layer_reconstruct(blob: &[u8], annotations: HashMap<String, String>) -> Result<Value, String> {
    let references = from_oci(annotations).ok_or("from_oci returned None")?;
    let manifest = slice(blob, &references.manifest.range)?;
    let tar_split = slice(blob, &references.tarsplit.range)?;
    let stream = Stream::new_from_frames(manifest, tar_split).map_err(|error| format!("{error:#}"))?;
    let mut tar = Vec::new();
    stream
        .write_to(&mut tar, |reference| {
            let frames = slice(blob, &reference.range).map_err(io::Error::other)?;
            Ok(zstd::decode_all(frames)?)
        })
        .map_err(|error| format!("{error:#}"))?;
    let mut read = Tar::default();
    read.write_all(&tar).map_err(|error| error.to_string())?;
    let mut output = read.output();
    output["toc_digest"] = json!(references.manifest.digest.unwrap_or_default());
    Ok(output)
}

fn from_oci(annotations: HashMap<String, String>) -> Option<MetadataReferences> {
    #[cfg(feature = "from-oci-map")]
    return MetadataReferences::from_oci(annotations);
    #[cfg(not(feature = "from-oci-map"))]
    MetadataReferences::from_oci(|key| annotations.get(key))
}

fn position(reference: &MetadataReference) -> Value {
    let Range { start, end } = reference.range;
    json!({
        "offset": start.to_string(), "length": end.wrapping_sub(start).to_string(),
        "uncompressed": reference.uncompressed_size.to_string(),
    })
}

/// The crate has no notion of a layer without a tar-split; a reference to nothing is as close as it comes.
fn tar_split_position(references: &MetadataReferences) -> Option<Value> {
    let tar_split = &references.tarsplit;
    (tar_split.range != (0..0) || tar_split.uncompressed_size != 0).then(|| position(tar_split))
}

/// As in the example `extract`: what is out of range is an error, not a panic.
fn slice<'a>(blob: &'a [u8], range: &Range<u64>) -> Result<&'a [u8], String> {
    let start = usize::try_from(range.start).map_err(|error| error.to_string())?;
    let end = usize::try_from(range.end).map_err(|error| error.to_string())?;
    blob.get(start..end)
        .ok_or_else(|| format!("{start}..{end} is out of range"))
}

fn annotations(input: Input<'_>) -> Result<HashMap<String, String>, Failure> {
    let annotations = input.annotations()?;
    Ok(annotations.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}
