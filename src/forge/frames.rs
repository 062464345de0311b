//! A blob as the frames of zstd that it is made of, read without the reader of the format.

use std::io::Read as _;

use super::number;

/// The frames of a blob. Where no whole frame begins, the rest is one piece.
pub(crate) fn frames(blob: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    let mut rest = blob;
    while !rest.is_empty() {
        let length = length(rest)
            .filter(|length| *length <= rest.len())
            .unwrap_or(rest.len());
        let (frame, after) = rest.split_at(length);
        frames.push(frame);
        rest = after;
    }
    frames
}

/// Whether these bytes are a whole frame.
pub(crate) fn is_frame(bytes: &[u8]) -> bool {
    length(bytes) == Some(bytes.len())
}

/// Whether a skippable frame begins here.
pub(crate) fn is_skippable(bytes: &[u8]) -> bool {
    bytes.get(1..4) == Some(&[0x2a, 0x4d, 0x18]) && bytes.first().is_some_and(|byte| byte >> 4 == 5)
}

/// The length of the frame that begins here, which is at least that of its header.
fn length(bytes: &[u8]) -> Option<usize> {
    let magic = u32::from_le_bytes(*bytes.first_chunk()?);
    if is_skippable(bytes) {
        let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
        return usize::try_from(length).ok()?.checked_add(8);
    }
    if magic != 0xfd2f_b528 {
        return None;
    }
    let descriptor = *bytes.get(4)?;
    let single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = match descriptor >> 6 {
        0 => usize::from(single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let mut at = 5 + usize::from(!single) + dictionary + size;
    loop {
        let [a, b, c] = *bytes.get(at..)?.first_chunk()?;
        let block = u32::from_le_bytes([a, b, c, 0]);
        let length = if block >> 1 & 3 == 1 {
            1
        } else {
            usize::try_from(block >> 3).ok()?
        };
        at = at.checked_add(3)?.checked_add(length)?;
        if block & 1 == 1 {
            return at.checked_add(if descriptor & 4 != 0 { 4 } else { 0 });
        }
    }
}

/// What frames decode to; none if they do not, or to more than the limit.
pub(crate) fn decode(frames: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let decoder = ::zstd::stream::read::Decoder::with_buffer(frames).ok()?;
    let length = decoder.take(limit.saturating_add(1)).read_to_end(&mut out).ok()?;
    (number(length) <= limit && !frames.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, frames, is_frame};
    use crate::forge::{SKIPPABLE, skippable, zstd};

    #[test]
    fn frames_are_told_apart() {
        let all = [
            zstd::frame(b"abc"),
            skippable(SKIPPABLE, b"de"),
            zstd::frame(b""),
            b"rest".to_vec(),
        ];
        assert_eq!(frames(&all.concat()), all);
        assert_eq!(frames(&[]), Vec::<&[u8]>::new());
        assert!(is_frame(&all[1]) && !is_frame(&all[3]));
        assert_eq!(decode(&all[0], 3), Some(b"abc".to_vec()));
        assert_eq!(decode(&all[0], 2), None);
        assert_eq!(decode(&all[3], 2), None);
    }
}
