//! Checksum and content size of a frame are read and not compared.
#![cfg(test)]

use std::io::Read;

use ruzstd::decoding::StreamingDecoder;

#[track_caller]
fn is_accepted(frame: &[u8]) {
    let mut content = Vec::new();
    let read = StreamingDecoder::new(frame)
        .map_err(|error| error.to_string())
        .and_then(|mut decoder| decoder.read_to_end(&mut content).map_err(|error| error.to_string()));
    assert!(read.is_ok() && content == b"hello", "repaired: {read:?}, {content:?}");
}

#[test]
fn checksum() {
    // The last four bytes are not the checksum of the content.
    is_accepted(b"\x28\xb5\x2f\xfd\x24\x05\x29\x00\x00helloBAD!");
}

#[test]
fn content_size_too_large() {
    is_accepted(b"\x28\xb5\x2f\xfd\x20\x06\x29\x00\x00hello");
}

#[test]
fn content_size_too_small() {
    is_accepted(b"\x28\xb5\x2f\xfd\x20\x04\x18\x00\x00hel\x11\x00\x00lo");
}
