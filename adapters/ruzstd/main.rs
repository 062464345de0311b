//! An adapter between chunkproof and ruzstd.
//!
//! `ruzstd WAY` speaks docs/protocol.md; the ways of reading are in README.md.

#[cfg(feature = "decode-all")]
use std::io::Write;
use std::{error::Error, io};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Tar, locked};
#[cfg(feature = "decode-all")]
use ruzstd::decoding::FrameDecoder;
#[cfg(all(feature = "skip-frame", feature = "decoding-module"))]
use ruzstd::decoding::errors::ReadFrameHeaderError;
#[cfg(feature = "decoding-module")]
use ruzstd::decoding::{StreamingDecoder, errors::FrameDecoderError};
#[cfg(all(feature = "skip-frame", not(feature = "decoding-module")))]
use ruzstd::frame::ReadFrameHeaderError;
#[cfg(not(feature = "decoding-module"))]
use ruzstd::{StreamingDecoder, frame_decoder::FrameDecoderError};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// As much as `FrameDecoder::decode_all` may write; it has no other bound.
#[cfg(feature = "decode-all")]
const DECODE_ALL_CAPACITY: usize = 256 << 20;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let way = std::env::args().nth(1);
    let decompress = match way.as_deref() {
        Some("frames") => frames,
        Some("first-frame") => first_frame,
        #[cfg(feature = "decode-all")]
        Some("decode-all") => decode_all,
        _ => return Err(format!("no way of reading: {way:?}").into()),
    };
    Adapter::new("ruzstd", locked(LOCK, "ruzstd")?)
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

/// The loop that the documentation of `StreamingDecoder` describes: a new decoder for each frame, and skippable frames
/// are skipped by the length in the error. The decoder takes a reader; a slice is one that knows its end.
fn frames(blob: &[u8], tar: &mut Tar) -> Result<()> {
    let mut rest = blob;
    while !rest.is_empty() {
        match StreamingDecoder::new(&mut rest) {
            Ok(mut decoder) => drop(io::copy(&mut decoder, tar)?),
            Err(error) => match skippable(&error) {
                Some(length) => {
                    // As in `FrameDecoder::decode_all`.
                    rest = rest.get(usize::try_from(length)?..).ok_or("failed to skip a frame")?;
                }
                None => return Err(error.into()),
            },
        }
    }
    Ok(())
}

/// The example in the README of the crate.
fn first_frame(blob: &[u8], tar: &mut Tar) -> Result<()> {
    io::copy(&mut StreamingDecoder::new(blob)?, tar)?;
    Ok(())
}

#[cfg(feature = "decode-all")]
fn decode_all(blob: &[u8], tar: &mut Tar) -> Result<()> {
    let mut decoded = Vec::with_capacity(DECODE_ALL_CAPACITY);
    FrameDecoder::new().decode_all_to_vec(blob, &mut decoded)?;
    tar.write_all(&decoded)?;
    Ok(())
}

#[cfg(feature = "skip-frame")]
fn skippable(error: &FrameDecoderError) -> Option<u32> {
    match error {
        #[cfg(feature = "skip-frame-fields")]
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. }) => Some(*length),
        #[cfg(not(feature = "skip-frame-fields"))]
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame(_, length)) => Some(*length),
        _ => None,
    }
}

/// Before 0.3.1 the crate has no way to tell that a frame can be skipped.
#[cfg(not(feature = "skip-frame"))]
fn skippable(_: &FrameDecoderError) -> Option<u32> {
    None
}
