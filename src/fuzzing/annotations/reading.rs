//! Annotations read a second time, in 128-bit arithmetic.

use crate::format::{
    Digest, Extent, Position,
    annotations::{NamedIndex, Prefix, ZstdChunked},
};

/// The index that the values of these keys stand for, if no rule is broken. The keys are those of `KEYS`.
pub(super) fn read(values: &[Option<&str>; 9]) -> Option<NamedIndex> {
    let [a1, a2, a3, a4, b1, b2, b3, b4, estargz] = *values;
    let [new, old] = [[a1, a2, a3, a4], [b1, b2, b3, b4]];
    let is_new = new.iter().any(Option::is_some);
    let agree = new
        .iter()
        .zip(&old)
        .all(|(new, old)| new.is_none() || old.is_none() || new == old);
    let paired = |[toc_digest, toc, tar_split, checksum]: [Option<&str>; 4]| {
        toc_digest.is_some() == toc.is_some()
            && (tar_split.is_none() || toc_digest.is_some())
            && (checksum.is_none() || tar_split.is_some())
    };
    let digests = [a1, a4, b1, b4, estargz];
    let well_formed = digests.into_iter().flatten().all(is_digest);
    if !agree || !paired(new) || !paired(old) || !well_formed || (is_new && estargz.is_some()) {
        return None;
    }
    let estargz = estargz.map(digest);
    let (new, old) = (positions(new)?, positions(old)?);
    let Some((toc, tar_split)) = new.or(old) else {
        return estargz.map_or(Some(NamedIndex::None), |digest| digest.map(NamedIndex::EStargz));
    };
    let [toc_digest, _, _, tar_split_checksum] = if is_new { [a1, a2, a3, a4] } else { [b1, b2, b3, b4] };
    Some(NamedIndex::ZstdChunked(ZstdChunked {
        prefix: if is_new { Prefix::Github } else { Prefix::Containers },
        toc,
        toc_digest: digest(toc_digest?)?,
        tar_split,
        tar_split_checksum: match tar_split_checksum {
            None => None,
            Some(text) => Some(digest(text)?),
        },
        estargz_digest: estargz.flatten(),
    }))
}

/// The positions under one prefix, TOC and tar-split; none if there are none, and no answer if they break a rule.
fn positions([_, toc, tar_split, _]: [Option<&str>; 4]) -> Option<Option<(Position, Option<Position>)>> {
    let Some(toc) = toc else {
        return Some(None);
    };
    let [offset, length, uncompressed, kind] = numbers(toc)?;
    let toc = naive_position(offset, length, uncompressed)?;
    if kind != 1 || length == 0 || uncompressed == 0 {
        return None;
    }
    let tar_split = match tar_split {
        None => None,
        Some(text) => {
            let [at, long, uncompressed] = numbers(text)?;
            if (long == 0 && uncompressed > 0) || at != offset + length + 8 {
                return None;
            }
            Some(naive_position(at, long, uncompressed)?)
        }
    };
    Some(Some((toc, tar_split)))
}

/// So many numbers, joined by colons, each without sign or leading zero and below 2^63.
fn numbers<const N: usize>(text: &str) -> Option<[u128; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(':');
    for number in &mut numbers {
        let part = parts.next()?;
        // Two digits more than 2^63 has, so that none of these overflows.
        let plain = part.len() <= 21 && part.bytes().all(|byte| byte.is_ascii_digit());
        let grammatical = plain && (part == "0" || !part.starts_with('0'));
        *number = part.parse().ok().filter(|&number| grammatical && number < 1 << 63)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn naive_position(offset: u128, length: u128, uncompressed: u128) -> Option<Position> {
    if offset < 8 || offset + length >= 1 << 63 {
        return None;
    }
    Some(Position {
        extent: Extent::new(offset.try_into().ok()?, length.try_into().ok()?)?,
        uncompressed: uncompressed.try_into().ok()?,
    })
}

/// An OCI digest of sha256.
pub(in crate::fuzzing) fn digest(text: &str) -> Option<Digest> {
    if !is_digest(text) {
        return None;
    }
    let (_, hex) = text.split_once(':')?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Digest::from_bytes(bytes))
}

/// Whether the text is an OCI digest of sha256.
fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        // Without a branch for each byte, which the fuzzer would record.
        hex.len() == 64
            && hex.bytes().fold(true, |all, digit| {
                all & (digit.is_ascii_digit() | (b'a'..=b'f').contains(&digit))
            })
    })
}
