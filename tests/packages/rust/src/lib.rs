//! Reads 64-byte footers.

use chunkproof_vectors::{FooterInput, FooterOutput, Position, Refusal};

/// What is under test.
pub fn parse(input: FooterInput) -> Result<FooterOutput, Refusal> {
    read(&input.tail, input.blob_size).ok_or_else(|| Refusal::Reject("no good footer of 64 bytes".to_owned()))
}

fn read(tail: &[u8], blob_size: u64) -> Option<FooterOutput> {
    let tail = tail.last_chunk::<72>()?;
    if !tail.starts_with(b"\x50\x2a\x4d\x18\x40\x00\x00\x00") || !tail.ends_with(b"GNUlInUx") {
        return None;
    }
    let numbers = tail[8..64].as_chunks::<8>().0;
    let numbers: Vec<u64> = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    let [offset, length, uncompressed, kind, rest @ ..] = numbers.as_slice() else {
        return None;
    };
    let position = |offset, length, uncompressed| Position {
        offset,
        length,
        uncompressed,
    };
    let toc = position(*offset, *length, *uncompressed);
    let tar_split = match *rest {
        [0, 0, 0] => None,
        [offset, length, uncompressed] => Some(position(offset, length, uncompressed)),
        _ => return None,
    };
    let is_cut = tar_split.is_some_and(|it| it.length == 0 && it.uncompressed != 0);
    let is_wrong = toc.offset < 8 || toc.length == 0 || toc.uncompressed == 0 || is_cut;
    if *kind != 1 || is_wrong {
        return None;
    }
    let mut end = toc.offset.checked_add(toc.length)?;
    if let Some(tar_split) = tar_split {
        if tar_split.offset != end.checked_add(8)? {
            return None;
        }
        end = tar_split.offset.checked_add(tar_split.length)?;
    }
    (Some(end) == blob_size.checked_sub(72)).then(|| FooterOutput {
        layout: "v64".to_owned(),
        toc,
        tar_split,
    })
}
