//! Changes of blobs that are frames of zstd, one after the other.

use super::{noise, noised, splice, swapped};
use crate::forge::{Edit, SKIPPABLE, frames::frames as split, random::Random, skippable};

/// An empty frame, in several spellings.
const EMPTY: [&[u8]; 4] = [
    b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00",
    b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00",
    b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51",
    b"\x28\xb5\x2f\xfd\x20\x00\x03\x00\x00",
];

/// A change of a blob.
pub(crate) fn frames(blob: &[u8], random: &mut Random) -> Edit {
    let frames = split(blob);
    let at = random.below(frames.len());
    let start = |at: usize| frames.iter().take(at).map(|frame| frame.len()).sum::<usize>();
    let Some(frame) = frames.get(at) else {
        return noise(blob, random);
    };
    match random.below(10) {
        0 => splice(start(at), frame.len(), &[]),
        1 => splice(start(at), 0, frame),
        2 => {
            let other = random.below(frames.len());
            let range = |at: usize| start(at)..start(at + 1);
            swapped(blob, range(at), range(other))
        }
        3 => {
            let magic = SKIPPABLE + u32::from(random.between(0..=15_u8));
            let payload = vec![0xab; random.choose(&[0, 1, 3, 8, 255])];
            splice(start(at), 0, &skippable(magic, &payload))
        }
        // The descriptor, or one of the bytes of the header after it.
        4 => {
            let byte = 4 + random.below(10);
            let flipped = frame.get(byte).map(|old| old ^ (1 << random.below(8)));
            splice(
                start(at) + byte.min(frame.len()),
                usize::from(flipped.is_some()),
                flipped.as_slice(),
            )
        }
        5 => splice(start(at), 0, random.choose(&EMPTY)),
        _ => splice(start(at), frame.len(), &noised(frame, random)),
    }
}
