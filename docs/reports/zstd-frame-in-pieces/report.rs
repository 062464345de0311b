//! A frame with less content than it declares is accepted, where its last block is empty and it arrives in pieces.
#![cfg(test)]

use std::io::Read;

/// A frame that declares 6 bytes, with a block of 5 and an empty one at its end.
const FRAME: &[u8] = b"\x28\xb5\x2f\xfd\x20\x06\x28\x00\x00hello\x01\x00\x00";

/// Gives one byte at a time.
struct Pieces(&'static [u8]);

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

#[test]
fn whole() {
    zstd::bulk::decompress(FRAME, 100).expect_err("the frame as a whole is to be refused");
}

#[test]
fn in_pieces() {
    let mut content = Vec::new();
    let read = zstd::Decoder::new(Pieces(FRAME)).and_then(|mut decoder| decoder.read_to_end(&mut content));
    assert!(read.is_ok() && content == b"hello", "repaired: {read:?}, {content:?}");
}
