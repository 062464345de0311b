//! Changes of the ends of blobs.

use super::{noise, number, over};
use crate::forge::{
    Edit,
    edit::{Field, Number},
    random::Random,
};

/// Lengths of footers.
const LAYOUTS: [u8; 3] = [40, 56, 64];

/// A change of the end of a blob of zstd:chunked, whose size this is.
pub(crate) fn footer(end: &[u8], size: u64, random: &mut Random) -> Edit {
    match random.below(8) {
        // A field, mostly where the layout that is there has one.
        0..=3 => {
            let name = random.choose(&Field::ALL);
            match name.of(end).filter(|_| random.ratio(7, 8)) {
                Some(old) => Edit::Field {
                    name,
                    to: Number::Number(near(old, size, random)),
                },
                None => {
                    let length = usize::from(random.choose(&LAYOUTS));
                    let at = end.len().saturating_sub(length - 8 * random.below(length / 8));
                    let old = end.get(at..).and_then(|rest| rest.first_chunk());
                    let old = old.map_or(0, |word| u64::from_le_bytes(*word));
                    over(end, at, &near(old, size, random).to_le_bytes())
                }
            }
        }
        // A magic.
        4 => {
            let magic = random.choose(&[b"GnUlInUx", b"GNUlInUx", b"gnulinux", b"GNUlInUX"]);
            over(end, end.len().saturating_sub(random.choose(&[8, 24, 32, 40])), magic)
        }
        // The head of the frame.
        5 => {
            let length = usize::from(random.choose(&LAYOUTS));
            let magic = 0x50 | random.between(0..=15_u8);
            let declared = random.choose(&[0, 1, 40, 56, 64, 72, 255]);
            let head = [magic, 0x2a, 0x4d, 0x18, declared, 0, 0, 0];
            over(end, end.len().saturating_sub(length + 8), &head)
        }
        6 => Edit::BlobSize(Number::Number(number(size, random))),
        _ => noise(end, random),
    }
}

fn near(old: u64, size: u64, random: &mut Random) -> u64 {
    match random.below(4) {
        0 => size.wrapping_sub(old),
        1 => number(size, random),
        _ => number(old, random),
    }
}

/// A change of the end of a blob of eStargz, whose size this is.
pub(crate) fn estargz(end: &[u8], size: u64, random: &mut Random) -> Edit {
    match random.below(4) {
        // The sixteen digits of the offset, where the two layouts that have one put them.
        0 => {
            let digits = match random.below(3) {
                0 => format!("{:016x}", number(size, random)),
                1 => format!("{:016X}", number(size, random) | 0xabc),
                _ => format!("{:+16x}", random.between(0..=255)),
            };
            let back = random.choose(&[51 - 16, 47 - 12, 46 - 16]);
            over(end, end.len().saturating_sub(back), digits.as_bytes())
        }
        // A byte of the head of the gzip member or of the block in it.
        1 => {
            let at = end.len().saturating_sub(random.choose(&[51, 47, 46])) + random.below(16);
            over(end, at, &[random.choose(&[0, 1, 2, 4, 8, 16, 22, 26, 0xff, 0x1f])])
        }
        2 => Edit::BlobSize(Number::Number(number(size, random))),
        _ => noise(end, random),
    }
}
