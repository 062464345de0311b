//! An adapter between chunkproof and structured-zstd.
//!
//! `structured-zstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.

use std::{
    error::Error,
    io::{self, Write},
};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Tar, locked};
use structured_zstd::decoding::{FrameDecoder, StreamingDecoder};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// As much as `FrameDecoder::decode_all_to_vec` may write; it has no other bound.
const DECODE_ALL_CAPACITY: usize = 256 << 20;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let way = std::env::args().nth(1);
    let decompress = match way.as_deref() {
        Some("stream") => stream,
        Some("decode-all") => decode_all,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    Adapter::new("structured-zstd", locked(LOCK, "structured-zstd")?)
        .operation("layer/decompress", CHUNKED, |input| {
            let blob = input.bytes("blob")?;
            let mut tar = Tar::default();
            Ok(match decompress(&blob, &mut tar) {
                Ok(()) => Answer::Accept(tar.output()),
                Err(error) => Answer::reject(error),
            })
        })
        .run()
}

/// `StreamingDecoder` reads all frames, and skips skippable ones. It takes a reader; a slice is one that knows its end.
fn stream(blob: &[u8], tar: &mut Tar) -> Result<()> {
    io::copy(&mut StreamingDecoder::new(blob), tar)?;
    Ok(())
}

fn decode_all(blob: &[u8], tar: &mut Tar) -> Result<()> {
    let mut decoded = Vec::with_capacity(DECODE_ALL_CAPACITY);
    FrameDecoder::new().decode_all_to_vec(blob, &mut decoded)?;
    tar.write_all(&decoded)?;
    Ok(())
}
