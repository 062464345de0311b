//! Frames of zstd before v0.8 are decoded.
#![cfg(test)]

use zstd_chunked::Stream;

/// A frame in the format of zstd v0.7: one block that is not compressed.
fn legacy(content: &str) -> Vec<u8> {
    let size = u8::try_from(content.len()).unwrap();
    [
        b"\x27\xb5\x2f\xfd\x20",
        &[size][..],
        b"\x40\x00",
        &[size],
        content.as_bytes(),
        b"\xc0\x00\x00",
    ]
    .concat()
}

/// A frame of today with the same block.
fn frame(content: &str) -> Vec<u8> {
    let size = u8::try_from(content.len()).unwrap();
    let block = (u32::from(size) << 3 | 1).to_le_bytes();
    [b"\x28\xb5\x2f\xfd\x20", &[size][..], &block[..3], content.as_bytes()].concat()
}

#[test]
fn toc() {
    let (toc, tar_split) = (r#"{"version":1,"entries":[]}"#, frame(r#"{"type":2,"payload":""}"#));
    Stream::new_from_frames(&frame(toc), &tar_split).unwrap();
    if let Err(error) = Stream::new_from_frames(&legacy(toc), &tar_split) {
        panic!("repaired: a frame of v0.7 is refused: {error:#}");
    }
}
