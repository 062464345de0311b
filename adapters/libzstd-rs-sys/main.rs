//! An adapter between chunkproof and libzstd-rs-sys. It speaks docs/protocol.md.

use std::{error::Error, ffi::CStr, io::Write};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Tar, locked};
use libzstd_rs_sys::{
    ZSTD_DStream, ZSTD_createDStream, ZSTD_decompressStream, ZSTD_freeDCtx, ZSTD_getErrorName, ZSTD_inBuffer,
    ZSTD_isError, ZSTD_outBuffer,
};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// As much as a program reads and writes at once.
const PART: usize = 64 << 10;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    Adapter::new("libzstd-rs-sys", locked(LOCK, "libzstd-rs-sys")?)
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

/// The loop that zstd.h describes for streams: a frame is over where the call returns 0.
fn decompress(blob: &[u8], tar: &mut Tar) -> Result<()> {
    let mut stream = Stream::new()?;
    let mut left = 0;
    for part in blob.chunks(PART) {
        let mut input = ZSTD_inBuffer {
            src: part.as_ptr().cast(),
            size: part.len(),
            pos: 0,
        };
        loop {
            let (written, next) = stream.step(&mut input)?;
            left = next;
            tar.write_all(written)?;
            // What does not fit into a part stays in the stream, except at the end of a frame.
            if input.pos == input.size && (left == 0 || written.len() < PART) {
                break;
            }
        }
    }
    if left == 0 {
        Ok(())
    } else {
        Err("the input ends within a frame".into())
    }
}

struct Stream {
    raw: *mut ZSTD_DStream,
    output: Vec<u8>,
}

impl Stream {
    fn new() -> Result<Self> {
        // SAFETY: the function has no conditions; null is a failure.
        let raw = unsafe { ZSTD_createDStream() };
        if raw.is_null() {
            return Err("there is no memory for a stream".into());
        }
        Ok(Self {
            raw,
            output: vec![0; PART],
        })
    }

    /// What was written, and how much of the frame is left, or 0 at its end.
    fn step(&mut self, input: &mut ZSTD_inBuffer) -> Result<(&[u8], usize)> {
        let mut output = ZSTD_outBuffer {
            dst: self.output.as_mut_ptr().cast(),
            size: self.output.len(),
            pos: 0,
        };
        // SAFETY: the stream is one that was created, and both buffers are as long as they say.
        let left = unsafe { ZSTD_decompressStream(self.raw, &mut output, input) };
        if ZSTD_isError(left) != 0 {
            // SAFETY: the name is a text of the library.
            let name = unsafe { CStr::from_ptr(ZSTD_getErrorName(left)) };
            return Err(name.to_string_lossy().into());
        }
        Ok((&self.output[..output.pos], left))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is one that was created, and is used no more. A stream is a context by another name.
        unsafe { ZSTD_freeDCtx(self.raw) };
    }
}
