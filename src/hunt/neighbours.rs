//! The accepted input next to one that is refused: the change undone.

use serde_json::Value;

use super::{
    description::inputs,
    minimize::variants,
    mutate::{annotations_of, bytes_of, change},
};
use crate::{
    forge::{json::Node, random::Random, sealed::Unsealed},
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

/// Most changes that are named.
const NAMED: usize = 3;

/// The change from an accepted input to a refused one, in the terms of the format.
pub fn describe(op: Op, from: &Value, to: &Value) -> String {
    let sentences = match op {
        Op::LayerIndex | Op::LayerReconstruct => of_layers(from, to),
        _ => None,
    }
    .unwrap_or_default();
    if sentences.is_empty() {
        named(&inputs(op, from, to).sentences)
    } else {
        named(&sentences)
    }
}

/// The first of some changes in a sentence, and how many there are besides.
pub(super) fn named(sentences: &[String]) -> String {
    match sentences.len() {
        0 => "other values".to_owned(),
        1..=NAMED => sentences.join("; "),
        all => format!("{}; and {} more changes", sentences[..NAMED].join("; "), all - NAMED),
    }
}

/// What two layers differ in, beside what follows from it: digests, positions and lengths.
fn of_layers(from: &Value, to: &Value) -> Option<Vec<String>> {
    let [a, b] = [from, to].map(|input| Unsealed::of(&bytes_of(input, "blob"), &annotations_of(input)));
    Some(a?.changes_to(&b?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Neighbour, describe, distance, nearest};
    use crate::{
        forge::{Edit, edited, layer::Plan, tar::TarEntry},
        format::Dialect,
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
            "`-1` in place of `0` at byte 2 of the TOC"
        );
        assert_eq!(
            describe(Op::TocParse, &toc("ab"), &toc("a,b")),
            "`,` is added at byte 1 of the TOC"
        );
        assert_eq!(
            describe(Op::TocParse, &toc("ab"), &toc("b")),
            "`a` is left out at byte 0 of the TOC"
        );
    }

    #[test]
    fn layers_differ_in_the_terms_of_the_format() {
        let plan = Plan::new(
            Dialect::G5,
            vec![TarEntry::dir("d/"), TarEntry::file("d/f", b"content")],
        );
        let input = |edits: &[Edit]| {
            let layer = edited(&plan, edits).unwrap();
            let annotations = json!({"annotations": layer.annotations});
            with_bytes(&annotations, "blob", &layer.blob)
        };
        for (edit, expected) in [
            (
                json!({"toc": {"set": {"at": "/entries/0/mode", "to": 511}}}),
                "TOC /entries/0/mode: 511 in place of 493",
            ),
            (
                json!({"tar-split": {"raw": {"at": "/1/type", "to": "7"}}}),
                "tar-split /1/type: 7 in place of 1",
            ),
            (
                json!({"footer": {"field": {"name": "type", "to": 3}}}),
                "footer word 3: 3",
            ),
            (
                json!({"annotations": {"strip": "io.github.containers.zstd-chunked.manifest-position"}}),
                "annotation io.github.containers.zstd-chunked.manifest-position is left out",
            ),
        ] {
            let edit: Edit = serde_json::from_value(edit).unwrap();
            assert_eq!(describe(Op::LayerReconstruct, &input(&[]), &input(&[edit])), expected);
        }
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
