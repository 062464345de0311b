//! Entries of the tar-split are told apart by their keys and not by their type.
#![cfg(test)]

use zstd_chunked::{Chunk, Stream};

/// The tar that a line of the tar-split gives. The TOC has a file of 5 bytes, whose content is "hello".
fn tar(line: &str) -> Vec<u8> {
    let toc = r#"{"version":1,"entries":[{"type":"reg","name":"file","digest":"sha256:00","size":5,"offset":0,"endOffset":9}]}"#;
    let stream = match Stream::new_from_frames(&pack(toc), &pack(line)) {
        Ok(stream) => stream,
        Err(error) => panic!("repaired: the tar-split is refused: {error:#}"),
    };
    let mut tar = Vec::new();
    for chunk in &stream.chunks {
        match chunk {
            Chunk::Inline(bytes) => tar.extend_from_slice(bytes),
            Chunk::External(_) => tar.extend_from_slice(b"hello"),
        }
    }
    tar
}

fn pack(document: &str) -> Vec<u8> {
    zstd::encode_all(document.as_bytes(), 3).unwrap()
}

/// The payload of a file is a checksum, here "checksum" in base64, and no part of the tar.
#[track_caller]
fn is_in_the_tar(line: &str) {
    let tar = tar(line);
    assert!(tar == b"checksum", "repaired: the tar is {tar:?}");
}

#[test]
fn file_without_size() {
    is_in_the_tar(r#"{"type":1,"name":"file","payload":"Y2hlY2tzdW0="}"#);
}

#[test]
fn raw_name() {
    is_in_the_tar(r#"{"type":1,"name_raw":"ZmlsZQ==","size":5,"payload":"Y2hlY2tzdW0="}"#);
}

#[test]
fn key_of_other_case() {
    is_in_the_tar(r#"{"type":1,"Name":"file","size":5,"payload":"Y2hlY2tzdW0="}"#);
}

/// The payload of a segment is a part of the tar, whatever else its line has.
#[test]
fn segment_with_name_and_size() {
    let tar = tar(r#"{"type":2,"payload":"c2VnbWVudA==","name":"file","size":5}"#);
    assert!(tar == b"hello", "repaired: the tar is {tar:?}");
}
