//! The crate `zstd-chunked`, used as its documentation and its example `extract` tell.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zstd_chunked::{MetadataReference, MetadataReferences, Stream};

use super::{Builtin, Death};
use crate::{
    format::Digest,
    runner::protocol::{Answer, Hello},
    vectors::{
        Bytes, Decimal, LayerFormat, Op,
        ops::{
            AnnotationsInput, AnnotationsOutput, FooterInput, FooterOutput, IndexOutput, LayoutOutput, PositionOutput,
            ReconstructInput, ReconstructOutput,
        },
    },
};

/// The release that `Cargo.toml` pins.
const VERSION: &str = "0.2.0";

pub(super) struct ZstdChunked;

impl Builtin for ZstdChunked {
    fn hello(&self) -> Hello {
        Hello {
            name: "zstd-chunked".to_owned(),
            version: VERSION.to_owned(),
            language: "rust".to_owned(),
            ops: [Op::FooterParse, Op::AnnotationsParse, Op::LayerReconstruct]
                .map(|op| (op, [LayerFormat::G4, LayerFormat::G5].into()))
                .into_iter()
                .collect(),
            choices: [].into(),
            rules: false,
            lacks: Default::default(),
        }
    }

    fn answer(&self, op: Op, input: Value) -> Result<Answer, Death> {
        let answer = match op {
            Op::FooterParse => footer_parse(input),
            Op::AnnotationsParse => return Ok(annotations_parse(input)),
            Op::LayerReconstruct => layer_reconstruct(input),
            _ => {
                return Ok(Answer::Unsupported(format!("the crate has no {op}")));
            }
        };
        Ok(answer.map_or_else(Answer::reject, Answer::Accept))
    }
}

fn footer_parse(input: Value) -> Result<Value, String> {
    let input: FooterInput = parse(input)?;
    let references = MetadataReferences::from_footer(&decode(&input.tail)?).ok_or("from_footer returned None")?;
    to_value(FooterOutput {
        layout: LayoutOutput::V64,
        toc: position(&references.manifest),
        tar_split: tar_split_position(&references),
    })
}

/// `from_oci` returns `None` for a plain layer and for malformed annotations alike, so what its caller can do is to take
/// the layer as a plain one: the adapter declines.
fn annotations_parse(input: Value) -> Answer {
    let input: AnnotationsInput = match parse(input) {
        Ok(input) => input,
        Err(error) => return Answer::reject(error),
    };
    let Some(references) = MetadataReferences::from_oci(|key| input.annotations.get(key)) else {
        return Answer::Decline("from_oci returned None".to_owned());
    };
    let output = to_value(AnnotationsOutput {
        index: IndexOutput::ZstdChunked,
        toc_digest: references.manifest.digest.clone(),
        toc: Some(position(&references.manifest)),
        tar_split: tar_split_position(&references),
    });
    output.map_or_else(Answer::reject, Answer::Accept)
}

fn layer_reconstruct(input: Value) -> Result<Value, String> {
    let input: ReconstructInput = parse(input)?;
    let blob = decode(&input.blob)?;
    let references = MetadataReferences::from_oci(|key| input.annotations.get(key)).ok_or("from_oci returned None")?;
    let manifest = slice(&blob, &references.manifest.range)?;
    let tar_split = slice(&blob, &references.tarsplit.range)?;
    let stream = Stream::new_from_frames(manifest, tar_split).map_err(|error| format!("{error:#}"))?;
    let mut tar = Vec::new();
    stream
        .write_to(&mut tar, |reference| {
            let frames = slice(&blob, &reference.range).map_err(std::io::Error::other)?;
            Ok(zstd::decode_all(frames)?)
        })
        .map_err(|error| format!("{error:#}"))?;
    to_value(ReconstructOutput {
        toc_digest: references.manifest.digest.unwrap_or_default(),
        sha256: Digest::of(&tar).hex(),
        size: Decimal(u64::try_from(tar.len()).map_err(|error| error.to_string())?),
    })
}

fn position(reference: &MetadataReference) -> PositionOutput {
    let Range { start, end } = reference.range;
    PositionOutput {
        offset: Decimal(start),
        length: Decimal(end.wrapping_sub(start)),
        uncompressed: Decimal(reference.uncompressed_size),
    }
}

/// The crate has no notion of a layer without a tar-split; a reference to nothing is as close as it comes.
fn tar_split_position(references: &MetadataReferences) -> Option<PositionOutput> {
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

fn parse<T: DeserializeOwned>(input: Value) -> Result<T, String> {
    serde_json::from_value(input).map_err(|error| format!("the input is not that of the operation: {error}"))
}

fn decode(bytes: &Bytes) -> Result<Vec<u8>, String> {
    bytes.decode(&|_| None).map_err(|error| error.to_string())
}

fn to_value<T: serde::Serialize>(output: T) -> Result<Value, String> {
    serde_json::to_value(output).map_err(|error| error.to_string())
}
