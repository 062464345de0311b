//! An adapter between chunkproof and example.

// It has more than this adapter needs.
#[allow(dead_code)]
mod chunkproof_adapter;

use chunkproof_adapter::{Adapter, Answer, Failure, Input};
use serde_json::{Value, json};

fn main() -> Result<(), Failure> {
    // TODO: the name and the version of your implementation.
    Adapter::new("example", "1")
        .operation("footer/parse", &["g4", "g5"], footer)
        // TODO: an operation for each thing that your implementation does, such as this one.
        //
        // .operation("layer/decompress", CHUNKED, |input| {
        //     let mut tar = Tar::default();
        //     Ok(match example::decompress(&input.bytes("blob")?, &mut tar) {
        //         Ok(()) => Answer::Accept(tar.output()),
        //         Err(error) => Answer::reject(error),
        //     })
        // })
        .run()
}

/// TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look.
fn footer(input: Input<'_>) -> Result<Answer, Failure> {
    let (tail, size) = (input.bytes("tail")?, input.blob_size()?);
    let tail = &tail[tail.len().saturating_sub(72)..];
    if tail.len() < 72 || !tail.starts_with(b"\x50\x2a\x4d\x18\x40\0\0\0") || !tail.ends_with(b"GNUlInUx") {
        return Ok(Answer::reject("no 64-byte footer at the end"));
    }
    let field = |index: usize| u64::from_le_bytes(std::array::from_fn(|byte| tail[8 + 8 * index + byte]));
    let span = |first: usize| [field(first), field(first + 1), field(first + 2)];
    let (toc, tar_split) = (span(0), Some(span(4)).filter(|span| *span != [0; 3]));
    let last = tar_split.unwrap_or(toc);
    if field(3) != 1 || toc[0] < 8 || toc[1] == 0 || toc[2] == 0 || (last[1] == 0 && last[2] > 0) {
        return Ok(Answer::reject("the manifest type, an offset or a length is wrong"));
    }
    // The sum of two numbers of a footer need not fit 64 bits.
    let ends = |span: [u64; 3], end: u64| span[0].checked_add(span[1]) == Some(end);
    if !ends(last, size.wrapping_sub(72)) || tar_split.is_some_and(|span| !ends(toc, span[0].wrapping_sub(8))) {
        return Ok(Answer::reject("TOC, tar-split and footer are not adjacent"));
    }
    let tar_split = tar_split.map(position);
    Ok(Answer::Accept(json!({"layout": "v64", "toc": position(toc), "tar_split": tar_split})))
}

fn position([offset, length, uncompressed]: [u64; 3]) -> Value {
    json!({
        "offset": offset.to_string(), "length": length.to_string(), "uncompressed": uncompressed.to_string(),
    })
}
