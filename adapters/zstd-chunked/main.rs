//! An adapter between chunkproof and the crate zstd-chunked, used as its documentation and its example `extract` tell.
//!
//! It speaks docs/protocol.md.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, BufRead, Write},
    ops::Range,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zstd_chunked::{MetadataReference, MetadataReferences, Stream};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

enum Answer {
    Accept(Value),
    Reject(String),
    Decline(&'static str),
}

fn main() -> Result<()> {
    let mut answers = io::stdout();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let input = &request["input"];
        let answer = match request["op"].as_str() {
            Some("hello") => {
                let hello = json!({"hello": {
                    "name": "zstd-chunked", "version": locked("zstd-chunked")?, "language": "rust",
                    "ops": {
                        "footer/parse": ["g4", "g5"], "annotations/parse": ["g4", "g5"], "layer/reconstruct": ["g4", "g5"],
                    },
                }});
                reply(&mut answers, &request, hello)?;
                continue;
            }
            Some("footer/parse") => footer_parse(&bytes(&input["tail"])?),
            Some("annotations/parse") => annotations_parse(annotations(input)?),
            Some("layer/reconstruct") => {
                let blob = bytes(&input["blob"])?;
                layer_reconstruct(&blob, annotations(input)?).map_or_else(Answer::Reject, Answer::Accept)
            }
            op => {
                reply(
                    &mut answers,
                    &request,
                    json!({"unsupported": {"message": format!("{op:?}")}}),
                )?;
                continue;
            }
        };
        reply(
            &mut answers,
            &request,
            match answer {
                Answer::Accept(output) => json!({"accept": output}),
                Answer::Reject(message) => json!({"reject": {"message": message}}),
                Answer::Decline(message) => json!({"decline": {"message": message}}),
            },
        )?;
    }
    Ok(())
}

fn reply(answers: &mut impl Write, request: &Value, mut answer: Value) -> Result<()> {
    answer["seq"] = request["seq"].clone();
    writeln!(answers, "{answer}")?;
    Ok(answers.flush()?)
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
fn annotations_parse(annotations: &Map<String, Value>) -> Answer {
    let Some(references) = from_oci(annotations) else {
        return Answer::Decline("from_oci returned None");
    };
    Answer::Accept(json!({
        "index": "zstd:chunked", "toc_digest": references.manifest.digest,
        "toc": position(&references.manifest), "tar_split": tar_split_position(&references),
    }))
}

fn layer_reconstruct(blob: &[u8], annotations: &Map<String, Value>) -> Result<Value, String> {
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
    let sha256: String = Sha256::digest(&tar).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({
        "toc_digest": references.manifest.digest.unwrap_or_default(), "sha256": sha256, "size": tar.len().to_string(),
    }))
}

fn from_oci(annotations: &Map<String, Value>) -> Option<MetadataReferences> {
    let annotations: HashMap<String, String> = annotations
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
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

fn annotations(input: &Value) -> Result<&Map<String, Value>> {
    Ok(input["annotations"].as_object().ok_or("no annotations")?)
}

fn bytes(value: &Value) -> Result<Vec<u8>> {
    Ok(STANDARD.decode(value["base64"].as_str().ok_or("no bytes")?)?)
}

fn locked(name: &str) -> Result<&'static str> {
    let (_, package) = LOCK
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .ok_or("not in Cargo.lock")?;
    Ok(package.split_once('"').ok_or("Cargo.lock is cut")?.0)
}
