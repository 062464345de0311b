//! Smaller inputs that show the same: of operations, and of fuzz targets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::mutate::{annotations_of, bytes_of, edited, with_bytes, with_layer};
use crate::{
    forge::{
        Edit, Kind,
        mutate::applied,
        shrink::{self, Variants},
    },
    fuzzing::layer::{join, split},
    vectors::{Content, Op},
};

/// How much there is of an input: bytes count, and among as many bytes those that are not zero.
pub fn weight(input: &Value) -> usize {
    match input {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "base64" => {
                    STANDARD.decode(text).map_or(0, |bytes| shrink::weight(&bytes))
                }
                value => key.len() + weight(value),
            })
            .sum(),
        Value::Array(elements) => elements.iter().map(|element| 8 + weight(element)).sum(),
        Value::String(text) => shrink::weight(text.as_bytes()),
        _ => 0,
    }
}

/// A smaller input for which `stays` still holds, after at most so many attempts.
///
/// # Errors
///
/// The first error of `stays`.
pub fn minimize<E>(
    op: Op,
    input: &Value,
    attempts: usize,
    stays: &mut dyn FnMut(&Value) -> Result<bool, E>,
) -> Result<Value, E> {
    shrink::smallest(input.clone(), attempts, weight, &|input| variants(op, input), stays)
}

/// A smaller input of a fuzz target, for which `stays` still holds: without pieces of what it is made of, then without bytes, then
/// with zeros for bytes.
///
/// # Errors
///
/// The first error of `stays`.
pub fn minimize_bytes<E>(
    target: &str,
    bytes: &[u8],
    attempts: usize,
    stays: &mut dyn FnMut(&[u8]) -> Result<bool, E>,
) -> Result<Vec<u8>, E> {
    let variants: &dyn Fn(&Vec<u8>) -> Variants<'_, Vec<u8>> = &|bytes| {
        let edits = of_target(target, bytes).chain(shrink::bytes(bytes));
        let smaller = edits.map(|edit| applied(&edit, bytes, Kind::Bytes));
        match target {
            "layer" | "peers" => {
                let (blob, annotations) = split(bytes);
                let layers = shrink::layers(blob, &annotations.unwrap_or_default());
                Box::new(
                    layers
                        .map(|(blob, annotations)| join(&blob, &annotations))
                        .chain(smaller),
                )
            }
            _ => Box::new(smaller),
        }
    };
    shrink::smallest(
        bytes.to_vec(),
        attempts,
        |bytes| shrink::weight(bytes),
        variants,
        &mut |bytes| stays(bytes),
    )
}

/// What can be left out of the input of a target, if it is known what it is made of.
fn of_target(target: &str, bytes: &[u8]) -> Variants<'static, Edit> {
    match target {
        "toc" => shrink::document(bytes),
        "tarsplit" => shrink::lines(bytes),
        "tar-headers" => shrink::tar(bytes),
        "frames" | "decoders" => shrink::frames(bytes),
        _ => Box::new(std::iter::empty()),
    }
}

/// The input without some of what it has.
pub(super) fn variants<'a>(op: Op, input: &'a Value) -> Variants<'a, Value> {
    let subject = op.subject();
    let bytes = subject.map_or_else(Vec::new, |subject| bytes_of(input, subject.field));
    let annotations = annotations_of(input);
    let of_bytes = match subject.map(|subject| subject.content) {
        Some(Content::Footer | Content::EStargzFooter) => shrink::end(&bytes),
        Some(Content::Toc) => shrink::document(&bytes),
        Some(Content::TarSplit) => shrink::lines(&bytes),
        Some(Content::Tar) => shrink::tar(&bytes),
        Some(Content::Blob) => shrink::frames(&bytes),
        None => Box::new(std::iter::empty()),
    };
    let edits = shrink::annotations(&annotations).chain(of_bytes);
    let smaller = edits.map(move |edit| edited(op, input, &edit));
    match op {
        Op::LayerIndex | Op::LayerReconstruct => {
            let layers = shrink::layers(&bytes, &annotations);
            Box::new(
                layers
                    .map(|(blob, annotations)| with_layer(input, &blob, &annotations))
                    .chain(smaller),
            )
        }
        Op::TarSplitAssemble => Box::new(files(input).into_iter().chain(smaller)),
        _ => Box::new(smaller),
    }
}

/// The input with fewer files, then with smaller ones.
fn files(input: &Value) -> Vec<Value> {
    let files = input["files"].as_array().cloned().unwrap_or_default();
    let with = |files: Vec<Value>| {
        let mut changed = input.clone();
        changed["files"] = Value::Array(files);
        changed
    };
    let mut variants: Vec<Value> = shrink::without(&files).map(with).collect();
    for (at, file) in files.iter().enumerate() {
        let content = bytes_of(file, "content");
        variants.extend(shrink::bytes(&content).map(|edit| {
            let mut changed = input.clone();
            changed["files"][at] = with_bytes(file, "content", &applied(&edit, &content, Kind::Bytes));
            changed
        }));
    }
    variants
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{minimize, minimize_bytes, weight};
    use crate::{
        forge::{layer::Plan, tar::TarEntry},
        format::{
            Dialect, Findings,
            layer::{Source, verify},
        },
        fuzzing::layer::{join, split},
        hunt::mutate::{bytes_of, with_bytes},
        vectors::Op,
    };

    /// The smallest input that still holds a piece of text.
    fn smallest(op: Op, input: &Value, field: &str, piece: &[u8]) -> Vec<u8> {
        let mut holds = |input: &Value| {
            let bytes = bytes_of(input, field);
            Ok::<bool, ()>(bytes.windows(piece.len()).any(|window| window == piece))
        };
        bytes_of(&minimize(op, input, 5000, &mut holds).unwrap(), field)
    }

    #[test]
    fn what_does_not_matter_is_left_out() {
        let toc = br#"{"version":1,"entries":[{"type":"reg","name":"abc","x":[1,2]},{"name":"d"}]}"#;
        let input = with_bytes(&json!({"dialect": "g5"}), "json", toc);
        assert_eq!(
            smallest(Op::TocParse, &input, "json", b"\"x\""),
            br#"{"entries":[{"x":[]}]}"#
        );
        let lines = b"{\"type\":2,\"payload\":\"AAAA\"}\n{\"type\":1,\"name\":\"a\"}\n";
        let input = with_bytes(&json!({}), "json", lines);
        assert_eq!(
            smallest(Op::TarSplitParse, &input, "json", b":1,"),
            b"{\"type\":1,\"name\":\"a\"}\n"
        );
        let toc = br#"{"name":"abc"}"#;
        let mut is_whole = |input: &Value| {
            let text = String::from_utf8(bytes_of(input, "json")).unwrap();
            Ok::<bool, ()>(text.starts_with(r#"{"name":""#) && text.ends_with(r#""}"#))
        };
        let whole = minimize(Op::TocParse, &with_bytes(&json!({}), "json", toc), 500, &mut is_whole).unwrap();
        // One letter stays, whichever it is: no string becomes empty.
        assert_eq!(bytes_of(&whole, "json").len(), br#"{"name":"a"}"#.len());
        let zeros = vec![7; 3000];
        let found = minimize_bytes("footer", &zeros, 500, &mut |bytes| Ok::<bool, ()>(bytes.len() > 9)).unwrap();
        assert_eq!(found, [0; 10]);
    }

    /// Bytes alone never leave a layer whose digests hold.
    #[test]
    fn inputs_of_targets_are_taken_apart() {
        let plan = Plan::new(
            Dialect::G5,
            vec![
                TarEntry::dir("d/"),
                TarEntry::file("d/f", vec![b'x'; 2000]),
                TarEntry::file("g", b"g"),
            ],
        );
        let layer = plan.layer();
        let input = join(&layer.blob, &layer.annotations);
        let found = minimize_bytes("layer", &input, 500, &mut |bytes| {
            let (blob, annotations) = split(bytes);
            let mut findings = Findings::new();
            let verified = verify(&Source::new(&blob, annotations.as_ref()), &mut findings).unwrap();
            Ok::<bool, ()>(findings.is_empty() && verified.entries.is_some_and(|entries| entries > 0))
        })
        .unwrap();
        assert!(found.len() < input.len() * 2 / 3, "{} of {}", found.len(), input.len());
    }

    #[test]
    fn attempts_are_counted() {
        let input = with_bytes(&json!({}), "tar", &[7; 2048]);
        for attempts in [0, 1, 10] {
            let mut asked = 0;
            let kept = minimize(Op::LayerWrite, &input, attempts, &mut |_| {
                asked += 1;
                Ok::<bool, ()>(false)
            });
            assert_eq!(kept, Ok(input.clone()));
            assert!(asked <= attempts, "{asked}");
        }
    }

    #[test]
    fn zeros_weigh_less() {
        assert!(weight(&json!({"base64": "AAAA"})) < weight(&json!({"base64": "AAAB"})));
        assert!(weight(&json!({"base64": "AAAB"})) < weight(&json!({"base64": "AAAAAA=="})));
    }
}
