//! Footers.

use serde_json::{Value, json};

use super::{bytes_of, with_bytes};
use crate::forge::{
    SKIPPABLE, len,
    mutate::{noised, number},
    random::Random,
};

/// Lengths of footers.
const LAYOUTS: [usize; 3] = [40, 56, 64];

/// The length of the footer that is there.
fn layout(tail: &[u8]) -> Option<usize> {
    LAYOUTS.into_iter().find(|&length| {
        let head = [
            SKIPPABLE.to_le_bytes(),
            u32::try_from(length).unwrap_or(0).to_le_bytes(),
        ]
        .concat();
        let start = tail.len().checked_sub(length + 8);
        start
            .and_then(|start| tail.get(start..))
            .is_some_and(|frame| frame.starts_with(&head))
    })
}

/// A change to the end of a blob of zstd:chunked.
pub(super) fn footer(input: &Value, random: &mut Random) -> Value {
    let mut tail = bytes_of(input, "tail");
    let size: u64 = input["blob_size"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    match random.below(8) {
        // A field, mostly where the layout that is there has one.
        0..=3 => {
            let there = layout(&tail).filter(|_| random.ratio(7, 8));
            let length = there.unwrap_or_else(|| random.choose(&LAYOUTS));
            let Some(start) = tail.len().checked_sub(length) else {
                return with_bytes(input, "tail", &noised(&tail, random));
            };
            let at = start + 8 * random.below(length / 8);
            let old = tail
                .get(at..)
                .and_then(|rest| rest.first_chunk())
                .map_or(0, |word| u64::from_le_bytes(*word));
            let new = match random.below(4) {
                0 => size.wrapping_sub(old),
                1 => number(size, random),
                _ => number(old, random),
            };
            overwrite(&mut tail, at, &new.to_le_bytes());
        }
        // A magic.
        4 => {
            let magic: &[u8] = [&b"GnUlInUx"[..], b"GNUlInUx", b"gnulinux", b"GNUlInUX"][random.below(4)];
            let back = [8, 24, 32, 40][random.below(4)];
            let at = tail.len().saturating_sub(back);
            overwrite(&mut tail, at, magic);
        }
        // The head of the frame.
        5 => {
            let length = random.choose(&LAYOUTS);
            let at = tail.len().saturating_sub(length + 8);
            let magic = 0x50 | random.between(0..=15_u8);
            let declared = [0, 1, 40, 56, 64, 72, 255][random.below(7)];
            overwrite(&mut tail, at, &[magic, 0x2a, 0x4d, 0x18, declared, 0, 0, 0]);
        }
        6 => {
            let mut changed = input.clone();
            changed["blob_size"] = json!(number(size, random).max(len(&tail)).to_string());
            return changed;
        }
        _ => tail = noised(&tail, random),
    }
    sized(input, &tail, size)
}

/// A change to the end of a blob of eStargz.
pub(super) fn estargz(input: &Value, random: &mut Random) -> Value {
    let mut tail = bytes_of(input, "tail");
    let size: u64 = input["blob_size"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    match random.below(4) {
        // The sixteen digits of the offset, where the two layouts that have one put them.
        0 => {
            let back = [51 - 16, 47 - 12, 46 - 16][random.below(3)];
            let digits = match random.below(3) {
                0 => format!("{:016x}", number(size, random)),
                1 => format!("{:016X}", number(size, random) | 0xabc),
                _ => format!("{:+16x}", random.between(0..=255)),
            };
            let at = tail.len().saturating_sub(back);
            overwrite(&mut tail, at, digits.as_bytes());
        }
        // A byte of the head of the gzip member or of the block in it.
        1 => {
            let back = [51, 47, 46][random.below(3)];
            let at = tail.len().saturating_sub(back) + random.below(16);
            let value = [0, 1, 2, 4, 8, 16, 22, 26, 0xff, 0x1f][random.below(10)];
            overwrite(&mut tail, at, &[value]);
        }
        2 => {
            let mut changed = input.clone();
            changed["blob_size"] = json!(number(size, random).max(len(&tail)).to_string());
            return changed;
        }
        _ => tail = noised(&tail, random),
    }
    sized(input, &tail, size)
}

/// The input with another tail; a blob is no smaller than that.
fn sized(input: &Value, tail: &[u8], size: u64) -> Value {
    let mut changed = with_bytes(input, "tail", tail);
    changed["blob_size"] = json!(size.max(len(tail)).to_string());
    changed
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    for (byte, new) in bytes.iter_mut().skip(at).zip(with) {
        *byte = *new;
    }
}
