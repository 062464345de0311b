//! TOC and tar-split are decompressed into memory, however long they become.
#![cfg(test)]

use zstd_chunked::Stream;

const TOC: &str = r#"{"version":1,"entries":[]}"#;
const TAR_SPLIT: &str = r#"{"type":2,"payload":""}"#;

/// The cases have 4 GiB; 64 MiB show the same.
fn bomb(document: &str) -> Vec<u8> {
    let packed = pack(&format!("{document}{}", " ".repeat(64 << 20)));
    assert!(packed.len() < 64 << 10, "{} bytes", packed.len());
    packed
}

fn pack(document: &str) -> Vec<u8> {
    zstd::encode_all(document.as_bytes(), 3).unwrap()
}

#[test]
fn toc() {
    if let Err(error) = Stream::new_from_frames(&bomb(TOC), &pack(TAR_SPLIT)) {
        panic!("repaired: a TOC of 64 MiB is refused: {error:#}");
    }
}

#[test]
fn tar_split() {
    if let Err(error) = Stream::new_from_frames(&pack(TOC), &bomb(TAR_SPLIT)) {
        panic!("repaired: a tar-split of 64 MiB is refused: {error:#}");
    }
}
