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

#[test]
fn toc() {
    let tar_split = zstd::encode_all(&br#"{"type":2,"payload":""}"#[..], 3).unwrap();
    if let Err(error) = Stream::new_from_frames(&legacy(r#"{"version":1,"entries":[]}"#), &tar_split) {
        panic!("repaired: a frame of v0.7 is refused: {error:#}");
    }
}
