//! The accepted input next to one that is refused: the change undone.

use serde_json::Value;

use super::{
    minimise::variants,
    mutate::{bytes_of, change},
};
use crate::{
    forge::{json::Node, random::Random},
    judge::reference,
    vectors::{CaseId, Expect, Op, Set},
};

/// Changed inputs that are tried where no case is next to the input.
const TRIED: u64 = 20_000;

/// An accepted input and how far it is from the refused one.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// The case of the set that it is, or the input itself.
    pub input: Result<CaseId, Value>,
    /// Bytes that differ.
    pub distance: usize,
}

/// The nearest accepted input: a case of the set, or one that is made by one change, whichever differs in fewer bytes.
///
/// # Errors
///
/// A case of the set that cannot be had.
pub fn nearest(set: &Set, op: Op, input: &Value) -> Result<Option<Neighbour>, String> {
    let mut best: Option<Neighbour> = None;
    for entry in set.entries() {
        if entry.op != op || matches!(entry.case.expect, Expect::Invalid) || entry.case.limits.is_some() {
            continue;
        }
        let other = set.wire_input(entry).map_err(|error| error.to_string())?;
        let distance = distance(input, &other);
        if distance > 0 && best.as_ref().is_none_or(|best| distance < best.distance) {
            best = Some(Neighbour {
                input: Ok(entry.case.id.clone()),
                distance,
            });
        }
    }
    let changed = (0..TRIED).map(|run| change(op, input, &mut Random::of_run(0, run)));
    for other in variants(op, input).chain(changed) {
        let distance = distance(input, &other) + renamed(op, input, &other);
        let nearer = best.as_ref().is_none_or(|best| distance < best.distance);
        if distance > 0 && nearer && is_accepted(op, &other) {
            best = Some(Neighbour {
                input: Err(other),
                distance,
            });
        }
    }
    Ok(best)
}

/// Whether the reference accepts it.
pub fn is_accepted(op: Op, input: &Value) -> bool {
    matches!(
        reference::answer(op, input.clone(), &[]),
        Ok(reference::Answer::Accept(_))
    )
}

/// What it costs that a document has other keys: another value says more of what is wrong.
fn renamed(op: Op, a: &Value, b: &Value) -> usize {
    if !matches!(op, Op::TocParse | Op::EStargzToc | Op::TarSplitParse) {
        return 0;
    }
    let tree = |value: &Value| Node::parse(std::str::from_utf8(&bytes_of(value, "json")).ok()?);
    match (tree(a), tree(b)) {
        (Some(a), Some(b)) if a.keys() != b.keys() => 4,
        _ => 0,
    }
}

/// How many bytes differ, where what is the same at both ends is left out.
pub fn distance(a: &Value, b: &Value) -> usize {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            if x.contains_key("base64") && y.contains_key("base64") {
                let wrap = |value: &Value| bytes_of(&serde_json::json!({"bytes": value}), "bytes");
                return apart(&wrap(a), &wrap(b));
            }
            let missing = y
                .keys()
                .filter(|key| !x.contains_key(*key))
                .map(|key| key.len() + 1)
                .sum::<usize>();
            let present = x.iter().map(|(key, value)| match y.get(key) {
                Some(other) => distance(value, other),
                None => key.len() + 1,
            });
            missing + present.sum::<usize>()
        }
        (Value::Array(x), Value::Array(y)) => {
            let common: usize = x.iter().zip(y).map(|(a, b)| distance(a, b)).sum();
            common + 16 * x.len().abs_diff(y.len())
        }
        (Value::String(x), Value::String(y)) => apart(x.as_bytes(), y.as_bytes()),
        _ => usize::from(a != b),
    }
}

fn apart(a: &[u8], b: &[u8]) -> usize {
    let (a, b) = middles(a, b);
    a.len().max(b.len())
}

/// What is left without the bytes that are the same at both ends.
fn middles<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// The one change from an accepted input to a refused one, in a few words.
pub fn describe(op: Op, from: &Value, to: &Value) -> String {
    let fields: &[&str] = match op {
        Op::FooterParse | Op::EStargzFooter => &["tail"],
        Op::AnnotationsParse => &[],
        Op::TocParse | Op::EStargzToc | Op::TarSplitParse => &["json"],
        Op::TarSplitAssemble => &["tar_split"],
        Op::TarSplitDisassemble | Op::LayerWrite => &["tar"],
        Op::LayerDecompress | Op::LayerIndex | Op::LayerReconstruct => &["blob"],
    };
    for field in fields {
        let (before, after) = (bytes_of(from, field), bytes_of(to, field));
        let (a, b) = middles(&before, &after);
        if a.is_empty() && b.is_empty() {
            continue;
        }
        let at = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
        return match (shown(a), shown(b)) {
            (Some(""), Some(b)) => format!("`{b}` is added at byte {at}"),
            (Some(a), Some("")) => format!("`{a}` is left out at byte {at}"),
            (Some(a), Some(b)) => format!("`{b}` for `{a}` at byte {at}"),
            _ => format!("{} bytes for {} at byte {at}", b.len(), a.len()),
        };
    }
    "other values".to_owned()
}

fn shown(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.chars().all(|letter| !letter.is_control() && letter != '`');
    (plain && text.len() <= 60).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Neighbour, describe, distance, nearest};
    use crate::{
        hunt::mutate::with_bytes,
        vectors::{Op, Set},
    };

    #[test]
    fn what_differs_between_equal_ends_is_counted() {
        let toc = |text: &str| with_bytes(&json!({"dialect": "g5"}), "json", text.as_bytes());
        assert_eq!(distance(&toc("abcd"), &toc("abcd")), 0);
        assert_eq!(distance(&toc("abcd"), &toc("axxd")), 2);
        assert_eq!(distance(&toc("ad"), &toc("axxxd")), 3);
        assert_eq!(
            describe(Op::TocParse, &toc("a:0"), &toc("a:-1")),
            "`-1` for `0` at byte 2"
        );
        assert_eq!(
            describe(Op::TocParse, &toc("ab"), &toc("a,b")),
            "`,` is added at byte 1"
        );
        assert_eq!(
            describe(Op::TocParse, &toc("ab"), &toc("b")),
            "`a` is left out at byte 0"
        );
    }

    #[test]
    fn the_nearest_accepted_input_is_a_case_or_made() {
        let set = Set::embedded().unwrap();
        // A case of the set with one letter changed.
        let mut accepted = set.entries().iter().filter(|entry| entry.op == Op::AnnotationsParse);
        let valid = accepted
            .find(|entry| entry.case.input.to_string().contains("github"))
            .unwrap();
        let input = set.wire_input(valid).unwrap();
        let mut changed = input.clone();
        changed["annotations"]["io.github.containers.zstd-chunked.manifest-checksum"] = json!("sha256:0");
        let near = nearest(&set, Op::AnnotationsParse, &changed).unwrap().unwrap();
        assert!(near.distance > 0);

        let toc = with_bytes(
            &json!({"dialect": "g5"}),
            "json",
            br#"{"version":1,"entries":[{"type":"dir","name":"qqq","mode":-0.5}]}"#,
        );
        let Neighbour { input, distance } = nearest(&set, Op::TocParse, &toc).unwrap().unwrap();
        let made = input.unwrap_err();
        assert!(distance <= 4, "{made} {distance}");
        // What is the same on both sides, a minus here, is not said.
        let change = describe(Op::TocParse, &made, &toc);
        assert!(change.contains(".5"), "{change}");
    }
}
