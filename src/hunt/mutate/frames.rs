//! Blobs as frames of zstd, one after the other.

use crate::forge::{mutate::noised, random::Random};

/// The frames of a blob, read loosely; the last one is what is no whole frame.
pub(crate) fn split(blob: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = blob;
    while let Some(length) = frame_length(rest).filter(|length| *length > 0 && *length <= rest.len()) {
        let (frame, behind) = rest.split_at(length);
        frames.push(frame.to_vec());
        rest = behind;
    }
    if !rest.is_empty() {
        frames.push(rest.to_vec());
    }
    frames
}

fn frame_length(bytes: &[u8]) -> Option<usize> {
    let magic = u32::from_le_bytes(*bytes.first_chunk()?);
    if magic & 0xffff_fff0 == 0x184d_2a50 {
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
            let checksum = if descriptor & 4 != 0 { 4 } else { 0 };
            return at.checked_add(checksum);
        }
    }
}

/// A blob with one change.
pub(super) fn frames(blob: &[u8], random: &mut Random) -> Vec<u8> {
    let mut frames = split(blob);
    if frames.is_empty() {
        return noised(blob, random);
    }
    let at = random.below(frames.len());
    match random.below(10) {
        0 => {
            frames.remove(at);
        }
        1 => frames.insert(at, frames[at].clone()),
        2 => {
            let other = random.below(frames.len());
            frames.swap(at, other);
        }
        3 => {
            let magic = 0x50 | random.between(0..=15_u8);
            let length = [0, 1, 3, 8, 255][random.below(5)];
            let mut frame = vec![magic, 0x2a, 0x4d, 0x18, length, 0, 0, 0];
            frame.resize(8 + usize::from(length), 0xab);
            frames.insert(at, frame);
        }
        // The descriptor, or one of the bytes of the header behind it.
        4 => {
            let byte = 4 + random.below(10);
            if let Some(byte) = frames[at].get_mut(byte) {
                *byte ^= 1 << random.between(0..=7);
            }
        }
        5 => {
            // An empty frame, in several spellings.
            let empty: [&[u8]; 4] = [
                b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00",
                b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00",
                b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51",
                b"\x28\xb5\x2f\xfd\x20\x00\x03\x00\x00",
            ];
            frames.insert(at, empty[random.below(4)].to_vec());
        }
        _ => frames[at] = noised(&frames[at], random),
    }
    frames.concat()
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::forge::{SKIPPABLE, skippable, zstd};

    #[test]
    fn frames_are_told_apart() {
        let frames = [
            zstd::frame(b"abc"),
            skippable(SKIPPABLE, b"de"),
            zstd::frame(b""),
            b"rest".to_vec(),
        ];
        assert_eq!(split(&frames.concat()), frames);
        assert_eq!(split(&[]), Vec::<Vec<u8>>::new());
    }
}
