//! Random changes of inputs, with an eye for what they are made of. Each is an [`Edit`].

pub(crate) mod annotations;
pub(crate) mod footer;
pub(crate) mod frames;
pub(crate) mod json;
pub(crate) mod tar;

use std::ops::Range;

use super::{Edit, Kind, random::Random};

/// The bytes with an edit; as they are where it finds nothing to change.
pub(crate) fn applied(edit: &Edit, bytes: &[u8], kind: Kind) -> Vec<u8> {
    edit.apply(bytes, kind).unwrap_or_else(|_| bytes.to_vec())
}

/// Puts bytes in the place of so many others.
pub(crate) fn splice(at: usize, remove: usize, insert: &[u8]) -> Edit {
    Edit::Splice {
        at: i64::try_from(at).unwrap_or(i64::MAX),
        remove,
        insert: insert.into(),
    }
}

/// Puts bytes over others, as far as there are any.
fn over(bytes: &[u8], at: usize, with: &[u8]) -> Edit {
    let at = at.min(bytes.len());
    let length = with.len().min(bytes.len() - at);
    splice(at, length, with.get(..length).unwrap_or_default())
}

/// An edit of a part that begins so many bytes later.
pub(crate) fn moved(edit: Edit, by: usize) -> Edit {
    match edit {
        Edit::Splice { at, remove, insert } => Edit::Splice {
            at: at.saturating_add(i64::try_from(by).unwrap_or(i64::MAX)),
            remove,
            insert,
        },
        other => other,
    }
}

/// Two pieces of the bytes in the place of each other.
fn swapped(bytes: &[u8], a: Range<usize>, b: Range<usize>) -> Edit {
    let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
    let piece = |range: Range<usize>| bytes.get(range).unwrap_or_default();
    let all = [piece(b.clone()), piece(a.end..b.start), piece(a.clone())].concat();
    splice(a.start, b.end.saturating_sub(a.start), &all)
}

/// A change that knows nothing of the bytes.
pub(crate) fn noise(bytes: &[u8], random: &mut Random) -> Edit {
    let at = random.below(bytes.len() + 1);
    let rest = bytes.get(at..).unwrap_or_default();
    let first = rest.first().copied();
    let some = random.between(1..=16_usize).min(rest.len());
    match (random.below(8), first) {
        (0, _) => Edit::Truncate(i64::try_from(at).unwrap_or(i64::MAX)),
        (1, _) | (_, None) => splice(at, 0, &[random.byte()]),
        (2, _) => splice(at, 0, rest.get(..some).unwrap_or_default()),
        (3, _) => splice(at, some, &[]),
        (4, _) => splice(at, 1, &[random.choose(&[0, 1, 0x7f, 0x80, 0xff, b' ', b'/', b'0'])]),
        (5, _) => over(bytes, at, &random.choose(&LIMITS).to_le_bytes()),
        (_, Some(byte)) => splice(at, 1, &[byte ^ (1 << random.below(8))]),
    }
}

/// The bytes with a change that knows nothing of them.
pub(crate) fn noised(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    applied(&noise(bytes, random), bytes, Kind::Bytes)
}

/// Numbers at which something overflows or changes its meaning.
pub(crate) const LIMITS: [u64; 22] = [
    0,
    1,
    7,
    8,
    9,
    511,
    512,
    513,
    4096,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    (1 << 53) + 1,
    50 << 20,
    (50 << 20) + 1,
    150 << 20,
    (150 << 20) + 1,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 7,
    u64::MAX,
];

/// A number near one that is there, or one of the limits.
pub(crate) fn number(old: u64, random: &mut Random) -> u64 {
    match random.below(4) {
        0 => random.choose(&LIMITS),
        1 => old.wrapping_add(random.between(0..=16_u64)).wrapping_sub(8),
        2 => old.wrapping_mul(2),
        _ => random.choose(&LIMITS).wrapping_sub(old),
    }
}

/// Values that any JSON document may hold, and some that none may.
pub(crate) const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1.5",
    "1e0",
    "1e2",
    "1E400",
    "-1e-400",
    "00",
    "+1",
    ".5",
    "1.",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "9223372036854775807.0",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    r#""""#,
    r#"" ""#,
    r#""0""#,
    r#"".""#,
    r#""..""#,
    r#""/""#,
    r#""a//b""#,
    r#""a/./b""#,
    r#""../a""#,
    r#""a/../../b""#,
    r#""/a/""#,
    r#""\u0000""#,
    r#""a\u0000b""#,
    r#""\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\ude00\ud83d""#,
    r#""é""#,
    r#""e\u0301""#,
    r#""a\/b""#,
    r#""a\\b""#,
    r#""\n""#,
    r#""\x41""#,
    r#""\u00""#,
    "NaN",
    "Infinity",
    "'a'",
    "\"\t\"",
    "\"\u{7f}\"",
    "\"\u{feff}\"",
    r#""\ufffd""#,
    r#""<>&\u2028""#,
    "2",
    "8",
    "511",
    "512",
    "513",
    "2147483647",
    "4294967295",
    "1e3",
    "1e999",
    r#""AAAA""#,
    r#""AAAA=""#,
    r#""AA==""#,
    r#""AB==""#,
    r#""a""#,
    r#""b/""#,
    r#""./""#,
    r#""\u017fize""#,
    r#""sha512:00""#,
    r#""0001-01-01T00:00:00Z""#,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{annotations::annotations, applied, footer};
    use crate::forge::{
        Edit, Kind,
        estargz::Footer as EStargz,
        footer::{Footer, Span},
        random::Random,
    };

    #[test]
    fn ends_of_blobs_change_in_their_fields() {
        let chunked = Footer::v64(Span::new(1, 2, 3), Span::new(4, 5, 6)).frame();
        let estargz = EStargz::estargz("0000000000000123STARGZ").bytes();
        let (mut changed, mut fields) = (0, 0);
        for run in 0..3000 {
            let edit = footer::footer(&chunked, 1000, &mut Random::of_run(1, run));
            fields += usize::from(matches!(edit, Edit::Field { .. }));
            let is_size = matches!(edit, Edit::BlobSize(_));
            changed += usize::from(is_size || applied(&edit, &chunked, Kind::Footer) != chunked);
            let edit = footer::estargz(&estargz, 1000, &mut Random::of_run(2, run));
            let is_size = matches!(edit, Edit::BlobSize(_));
            changed += usize::from(is_size || applied(&edit, &estargz, Kind::Bytes) != estargz);
        }
        assert!(changed > 5000, "{changed} of 6000");
        assert!(fields > 1000, "{fields} of 3000");
    }

    #[test]
    fn annotations_change() {
        let position = "io.github.containers.zstd-chunked.manifest-position".to_owned();
        let known = BTreeMap::from([(position, "10:20:30:1".to_owned())]);
        let mut changed = 0;
        for run in 0..1000 {
            for before in [&known, &BTreeMap::new()] {
                let mut after = before.clone();
                let made = annotations(before, &mut Random::of_run(1, run)).annotate(&mut after);
                changed += usize::from(made.is_ok() && after != *before);
            }
        }
        assert!(changed > 1900, "{changed} of 2000");
    }
}
