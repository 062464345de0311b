//! The order of versions, which are written in many ways.

use std::cmp::Ordering;

/// Compares two versions: numbers by their value, and `-` begins what comes before the release, as in semantic versions.
///
/// What differs in nothing that counts, such as a leading `v`, is compared as text, so that the order is total.
pub fn by_version(a: &str, b: &str) -> Ordering {
    let (core_a, before_a) = parts(a);
    let (core_b, before_b) = parts(b);
    let before = match (before_a, before_b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => pieces(a).cmp(&pieces(b)),
    };
    pieces(core_a).cmp(&pieces(core_b)).then(before).then_with(|| a.cmp(b))
}

/// The release, and what comes before it.
fn parts(version: &str) -> (&str, Option<&str>) {
    let plain = version.strip_prefix('v').unwrap_or(version);
    // What was built how is no part of the order.
    let plain = plain.split_once('+').map_or(plain, |(plain, _)| plain);
    match plain.split_once('-') {
        Some((core, before)) => (core, Some(before)),
        None => (plain, None),
    }
}

/// A run of digits, or of anything else between dots. A number is below a word.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Without leading zeros; of two, the one with more digits is larger.
    Number(usize, &'a str),
    Word(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for mut part in text.split(['.', '-']) {
        while let Some(first) = part.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = part
                .find(|c: char| c.is_ascii_digit() != is_number)
                .unwrap_or(part.len());
            let (piece, rest) = part.split_at(end);
            pieces.push(if is_number {
                let digits = piece.trim_start_matches('0');
                Piece::Number(digits.len(), digits)
            } else {
                Piece::Word(piece)
            });
            part = rest;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::by_version;

    #[test]
    fn versions_in_order() {
        let ordered = [
            "0.4.42",
            "v0.9.6",
            "v0.9.13",
            "v0.10.0",
            "0.12",
            "v1.54.0",
            "v1.54.1-0.20240603114849-6875c9fbcf1c",
            "1.54.1-rc1",
            "1.54.1-rc2",
            "1.54.1-rc10",
            "v1.54.1",
            "1.54.1a",
            "v1.55.0",
            "1.55.0.1",
            "20240101",
            "99999999999999999999999999",
            "nightly",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(by_version(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn the_order_is_total() {
        for (a, b) in [("v1.0", "1.0"), ("1.0+a", "1.0+b"), ("1.00", "1.0"), ("", "v")] {
            assert_ne!(by_version(a, b), Ordering::Equal, "{a} {b}");
            assert_eq!(by_version(a, b), by_version(b, a).reverse());
        }
    }
}
