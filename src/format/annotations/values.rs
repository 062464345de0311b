//! The values of annotations: positions and digests.

use super::Value;
use crate::{
    format::{Digest, DigestError, Excerpt, Extent, Findings, Position, frames::SKIPPABLE_HEADER},
    rules::Rule,
};

pub(super) fn toc_position(value: Value<'_>, findings: &mut Findings) -> Option<Position> {
    let [offset, length, uncompressed, kind] = numbers(value, "four", findings)?;
    let position = position(value, offset, length, uncompressed, findings);
    if kind != 1 {
        findings.report(
            Rule::PositionType,
            value.place(),
            format!("the manifest type is {kind}, expected 1"),
        );
    }
    if length == 0 || uncompressed == 0 {
        let which = if length == 0 { "compressed" } else { "uncompressed" };
        findings.report(
            Rule::PositionLengths,
            value.place(),
            format!("the {which} length of the TOC is 0 bytes, expected at least 1"),
        );
    }
    position
}

pub(super) fn tar_split_position(value: Value<'_>, findings: &mut Findings) -> Option<Position> {
    let [offset, length, uncompressed] = numbers(value, "three", findings)?;
    let position = position(value, offset, length, uncompressed, findings);
    if length == 0 && uncompressed != 0 {
        findings.report(
            Rule::PositionLengths,
            value.place(),
            format!("the uncompressed length of a tar-split of 0 bytes is {uncompressed}, expected 0"),
        );
    }
    position
}

/// So many numbers, of which there is the word for messages.
fn numbers<const N: usize>(value: Value<'_>, count: &str, findings: &mut Findings) -> Option<[u64; N]> {
    let mut parts = [""; N];
    let mut split = value.text.split(':');
    let complete = parts
        .iter_mut()
        .all(|part| split.next().map(|text| *part = text).is_some());
    let complete = complete && split.next().is_none();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_read = complete && parts.into_iter().all(is_number);
    // What leading zeros are before is known all the same.
    let is_padded = |part: &str| part.len() > 1 && part.starts_with('0');
    if !is_read || parts.into_iter().any(is_padded) {
        findings.report(
            Rule::PositionGrammar,
            value.place(),
            format!(
                "malformed position {}, expected {count} decimal numbers joined by `:`",
                Excerpt(value.text)
            ),
        );
    }
    if !is_read {
        return None;
    }
    let mut numbers = [0; N];
    for (number, part) in numbers.iter_mut().zip(parts) {
        // Digits fail to parse only where they exceed 64 bits.
        let parsed = part.parse::<u64>().ok().filter(|&number| i64::try_from(number).is_ok());
        let Some(parsed) = parsed else {
            findings.report(
                Rule::PositionRange,
                value.place(),
                format!(
                    "number {} in the position is too large, expected less than 2^63",
                    Excerpt(part)
                ),
            );
            return None;
        };
        *number = parsed;
    }
    Some(numbers)
}

fn position(
    value: Value<'_>,
    offset: u64,
    length: u64,
    uncompressed: u64,
    findings: &mut Findings,
) -> Option<Position> {
    let extent = Extent::new(offset, length).filter(|extent| i64::try_from(extent.end()).is_ok());
    let detail = match extent {
        Some(extent) if offset >= SKIPPABLE_HEADER => return Some(Position { extent, uncompressed }),
        Some(_) if (offset, length, uncompressed) == (0, 0, 0) => {
            "the position is all zeros, expected a payload at byte 8 or later, or no annotation".to_owned()
        }
        Some(_) => format!("the payload begins at byte {offset}, expected byte {SKIPPABLE_HEADER} or later"),
        None => {
            format!("the payload of {length} bytes at byte {offset} is out of bounds, expected it to end before 2^63")
        }
    };
    findings.report(Rule::PositionBounds, value.place(), detail);
    None
}

/// Compares the places of TOC and tar-split; `value` is the position of the latter.
pub(super) fn check_adjacent(
    toc: Option<Position>,
    tar_split: Option<Position>,
    value: Value<'_>,
    findings: &mut Findings,
) {
    let (Some(toc), Some(tar_split)) = (toc, tar_split) else {
        return;
    };
    let expected = toc.extent.end().saturating_add(SKIPPABLE_HEADER);
    if tar_split.extent.offset() != expected {
        findings.report(
            Rule::PositionsAdjacent,
            value.place(),
            format!(
                "the tar-split is at offset {}, expected {expected}, 8 bytes after the end of the TOC",
                tar_split.extent.offset()
            ),
        );
    }
}

pub(super) fn digest(value: Value<'_>, findings: &mut Findings) -> Option<Digest> {
    match value.text.parse() {
        Ok(digest) => Some(digest),
        Err(DigestError::OtherAlgorithm) => {
            findings.report(
                Rule::DigestAlgorithm,
                value.place(),
                format!(
                    "unsupported algorithm of digest {}, expected sha256",
                    Excerpt(value.text)
                ),
            );
            None
        }
        Err(DigestError::Malformed) => {
            findings.report(
                Rule::AnnotationDigest,
                value.place(),
                format!(
                    "malformed digest {}, expected `sha256:` and 64 lower-case hexadecimal digits",
                    Excerpt(value.text)
                ),
            );
            None
        }
    }
}
