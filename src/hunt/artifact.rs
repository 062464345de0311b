//! Files as inputs: what a fuzz target failed with, or what an operation reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::mutate::with_bytes;
use crate::{
    fuzzing,
    vectors::{Content, LayerFormat, Op, Subject},
};

/// Bytes at the end of a blob that a footer can take.
const TAIL: usize = 72;

/// The input of an operation that reads this file, and its annotations; none for operations that read several files.
pub fn input(op: Op, bytes: &[u8], annotations: &BTreeMap<String, String>) -> Option<Value> {
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    let Some(Subject { field, content }) = op.subject() else {
        let annotations: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        return Some(json!({"annotations": annotations}));
    };
    let (others, bytes) = match (op, content) {
        (Op::TarSplitAssemble, _) => return None,
        (_, Content::Footer | Content::EStargzFooter) => (json!({"blob_size": bytes.len().to_string()}), tail),
        (Op::TocParse, _) => (json!({"dialect": "g5"}), bytes),
        (Op::LayerIndex | Op::LayerReconstruct, _) => (json!({"annotations": annotations}), bytes),
        (_, Content::Toc | Content::TarSplit | Content::Tar | Content::Blob) => (json!({}), bytes),
    };
    Some(with_bytes(&others, field, bytes))
}

/// The input of the operation that does what a fuzz target does, or of another one that is asked for; none for targets whose
/// bytes are not what is read.
///
/// The annotations are those of a layer whose file has none of its own.
pub fn of_target(
    target: &str,
    op: Option<Op>,
    bytes: &[u8],
    annotations: &BTreeMap<String, String>,
) -> Option<(Op, Value)> {
    if target == "layer" {
        let (blob, own) = fuzzing::layer::split(bytes);
        let op = op.unwrap_or(Op::LayerReconstruct);
        return Some((op, input(op, blob, own.as_ref().unwrap_or(annotations))?));
    }
    if let Some(op) = op {
        return Some((op, input(op, bytes, annotations)?));
    }
    let (op, bytes) = match target {
        "toc" => (Op::TocParse, bytes),
        "tarsplit" => (Op::TarSplitParse, bytes),
        "tar-headers" => (Op::TarSplitDisassemble, bytes),
        "frames" | "decoders" => (Op::LayerDecompress, bytes),
        "footer" => {
            // The size of the blob stands before its end.
            let (size, tail) = bytes.split_first_chunk()?;
            let mut input = input(Op::FooterParse, tail, annotations)?;
            let length = u64::try_from(tail.len()).unwrap_or(u64::MAX);
            input["blob_size"] = json!(u64::from_le_bytes(*size).max(length).to_string());
            return Some((Op::FooterParse, input));
        }
        "annotations" => {
            let text = String::from_utf8_lossy(bytes);
            let pairs = fuzzing::annotations::pairs(&text);
            let annotations: BTreeMap<&str, &str> = pairs.iter().map(|pair| (pair.key, pair.value)).collect();
            return Some((Op::AnnotationsParse, json!({"annotations": annotations})));
        }
        _ => return None,
    };
    Some((op, input(op, bytes, annotations)?))
}

/// The dialects in which the input of an operation means something, where nothing else says so.
pub fn dialects(op: Op) -> Vec<LayerFormat> {
    match op {
        // Later generations are read by the rules of the last one.
        Op::TocParse => vec![LayerFormat::G5],
        // Layers of eStargz come from other places.
        _ => op
            .forms()
            .iter()
            .copied()
            .filter(|&form| op.forms().len() == 1 || form != LayerFormat::EStargz)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{input, of_target};
    use crate::vectors::Op;

    #[test]
    fn artifacts_are_read_as_their_targets_do() {
        let of_target = |target: &str, bytes: &[u8]| of_target(target, None, bytes, &BTreeMap::new());
        let (op, input) = of_target("footer", b"\x40\0\0\0\0\0\0\0tail").unwrap();
        assert_eq!(
            (op, input),
            (
                Op::FooterParse,
                json!({"blob_size": "64", "tail": {"base64": "dGFpbA=="}})
            )
        );
        let (op, input) = of_target("annotations", b"a=b=c\nnothing\n").unwrap();
        assert_eq!(
            (op, input),
            (Op::AnnotationsParse, json!({"annotations": {"a": "b=c"}}))
        );
        let (op, input) = of_target("layer", b"{\"a\":\"b\"}\nblob").unwrap();
        assert_eq!(
            (op, input),
            (
                Op::LayerReconstruct,
                json!({"annotations": {"a": "b"}, "blob": {"base64": "YmxvYg=="}})
            )
        );
        assert_eq!(of_target("generated", b"x"), None);
        assert_eq!(of_target("footer", b"short"), None);
    }

    #[test]
    fn another_operation_reads_the_same_bytes() {
        let given = BTreeMap::from([("c".to_owned(), "d".to_owned())]);
        for (target, bytes, annotations) in [
            ("layer", &b"{\"a\":\"b\"}\nblob"[..], json!({"a": "b"})),
            ("layer", b"blob", json!({"c": "d"})),
            ("estargz", b"blob", json!({"c": "d"})),
        ] {
            let (op, input) = of_target(target, Some(Op::LayerIndex), bytes, &given).unwrap();
            assert_eq!(op, Op::LayerIndex, "{target}");
            assert_eq!(
                input,
                json!({"annotations": annotations, "blob": {"base64": "YmxvYg=="}}),
                "{target}"
            );
        }
    }

    #[test]
    fn a_blob_ends_where_its_file_does() {
        let made = input(Op::FooterParse, &[7; 100], &Default::default()).unwrap();
        assert_eq!(made["blob_size"], "100");
        assert_eq!(made["tail"]["base64"].as_str().unwrap().len(), 96);
        assert_eq!(input(Op::TarSplitAssemble, b"", &Default::default()), None);
    }
}
