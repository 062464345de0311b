//! Smaller inputs that show the same.
//!
//! What is left out follows what an input is made of: members of JSON, lines, entries of a tar, frames, then bytes.

use std::{collections::BTreeMap, ops::Range};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::mutate::{bytes_of, sealed_variants, with_bytes};
use crate::{
    forge::{
        frames::frames as split_frames,
        json::Node,
        tar::{self as build, headers},
    },
    fuzzing::layer::{join, split},
    vectors::Op,
};

/// Inputs, the one that leaves out most first.
type Variants<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

/// How much there is of an input: bytes count, and among as many bytes those that are not zero.
pub fn weight(input: &Value) -> usize {
    match input {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "base64" => STANDARD.decode(text).map_or(0, |bytes| weight_of(&bytes)),
                value => key.len() + weight(value),
            })
            .sum(),
        Value::Array(elements) => elements.iter().map(|element| 8 + weight(element)).sum(),
        Value::String(text) => weight_of(text.as_bytes()),
        _ => 0,
    }
}

fn weight_of(bytes: &[u8]) -> usize {
    bytes.len() * 4 + bytes.iter().filter(|byte| !matches!(byte, 0 | b'0')).count()
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
    reduce(input.clone(), attempts, weight, &|input| variants(op, input), stays)
}

fn reduce<T, E>(
    mut current: T,
    mut attempts: usize,
    weight: fn(&T) -> usize,
    variants: &dyn Fn(&T) -> Variants<'_, T>,
    stays: &mut dyn FnMut(&T) -> Result<bool, E>,
) -> Result<T, E> {
    let mut progress = false;
    let mut at = 0;
    loop {
        let lighter = weight(&current);
        let mut found = None;
        for (index, variant) in variants(&current).enumerate().skip(at) {
            if attempts == 0 {
                break;
            }
            if weight(&variant) >= lighter {
                continue;
            }
            attempts -= 1;
            if stays(&variant)? {
                found = Some((index, variant));
                break;
            }
        }
        match found {
            // What follows what was left out takes its place, so the search goes on where it is.
            Some((index, variant)) => {
                current = variant;
                at = index;
                progress = true;
            }
            // Once more from the start, as long as that helps.
            None if progress && attempts > 0 => {
                at = 0;
                progress = false;
            }
            None => return Ok(current),
        }
    }
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
    let variants: &dyn Fn(&Vec<u8>) -> Variants<'_, Vec<u8>> =
        &|bytes| Box::new(of_target(target, bytes).chain(both(bytes)));
    reduce(
        bytes.to_vec(),
        attempts,
        |bytes| weight_of(bytes),
        variants,
        &mut |bytes| stays(bytes),
    )
}

/// The input of a target without some of what it is made of, if that is known.
fn of_target(target: &str, bytes: &[u8]) -> Variants<'static, Vec<u8>> {
    match target {
        "toc" => documents(bytes.to_vec()),
        "tarsplit" => lines(bytes.to_vec()),
        "tar-headers" => tars(bytes.to_vec()),
        "frames" | "decoders" => frames(bytes.to_vec()),
        "layer" | "peers" => {
            let (blob, annotations) = split(bytes);
            let variants = sealed_variants(blob, &annotations.unwrap_or_default());
            Box::new(variants.map(|(blob, annotations)| join(&blob, &annotations)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// The input without some of what it has.
pub(super) fn variants<'a>(op: Op, input: &'a Value) -> Variants<'a, Value> {
    match op {
        Op::FooterParse | Op::EStargzFooter => footer(input),
        Op::AnnotationsParse => annotations(input),
        Op::TocParse | Op::EStargzToc => in_field(input, "json", documents),
        Op::TarSplitParse => in_field(input, "json", lines),
        Op::TarSplitAssemble => Box::new(files(input).chain(in_field(input, "tar_split", lines))),
        Op::TarSplitDisassemble | Op::LayerWrite => in_field(input, "tar", tars),
        Op::LayerDecompress => in_field(input, "blob", frames),
        Op::LayerIndex | Op::LayerReconstruct => Box::new(
            super::mutate::layer_variants(input)
                .chain(annotations(input))
                .chain(in_field(input, "blob", frames)),
        ),
    }
}

/// The input with another content of a field.
fn in_field<'a>(
    input: &'a Value,
    field: &'static str,
    variants: fn(Vec<u8>) -> Variants<'static, Vec<u8>>,
) -> Variants<'a, Value> {
    let all = variants(bytes_of(input, field));
    Box::new(all.map(move |bytes| with_bytes(input, field, &bytes)))
}

/// A list without a piece: a half, a quarter, and so on down to single elements.
fn without<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    pieces(list.len()).map(move |(start, end)| [&list[..start], &list[end..]].concat())
}

fn pieces(length: usize) -> impl Iterator<Item = (usize, usize)> {
    let sizes = std::iter::successors(Some(length), |size| (*size > 1).then(|| size.div_ceil(2)));
    sizes.filter(move |_| length > 0).flat_map(move |size| {
        (0..length)
            .step_by(size)
            .map(move |start| (start, length.min(start + size)))
    })
}

/// Bytes without pieces, then with pieces of zeros.
fn both(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    without(bytes).chain(zeroed(bytes))
}

fn zeroed(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    pieces(bytes.len()).map(move |(start, end)| {
        let mut changed = bytes.to_vec();
        changed[start..end].fill(0);
        changed
    })
}

fn footer(input: &Value) -> Variants<'_, Value> {
    let tail = bytes_of(input, "tail");
    let length = tail.len().to_string();
    let mut variants: Vec<Value> = Vec::new();
    let mut small = input.clone();
    small["blob_size"] = json!(length);
    variants.push(small);
    variants.extend(
        (1..=tail.len())
            .rev()
            .map(|count| with_bytes(input, "tail", &tail[count..])),
    );
    variants.extend(zeroed(&tail).map(|tail| with_bytes(input, "tail", &tail)));
    Box::new(variants.into_iter())
}

fn annotations(input: &Value) -> Variants<'_, Value> {
    let annotations: BTreeMap<String, String> =
        serde_json::from_value(input["annotations"].clone()).unwrap_or_default();
    let mut variants = Vec::new();
    let mut push = |annotations: BTreeMap<String, String>| {
        let mut changed = input.clone();
        changed["annotations"] = json!(annotations);
        variants.push(changed);
    };
    for key in annotations.keys() {
        let mut fewer = annotations.clone();
        fewer.remove(key);
        push(fewer);
    }
    for (key, value) in &annotations {
        let letters: Vec<char> = value.chars().collect();
        for shorter in without(&letters) {
            let mut changed = annotations.clone();
            changed.insert(key.clone(), shorter.into_iter().collect());
            push(changed);
        }
    }
    Box::new(variants.into_iter())
}

fn files(input: &Value) -> Variants<'_, Value> {
    let files = input["files"].as_array().cloned().unwrap_or_default();
    let fewer = without(&files).map(|files| {
        let mut changed = input.clone();
        changed["files"] = Value::Array(files);
        changed
    });
    let mut variants: Vec<Value> = fewer.collect();
    for (at, file) in files.iter().enumerate() {
        for content in both(&bytes_of(file, "content")) {
            let mut changed = input.clone();
            changed["files"][at] = with_bytes(file, "content", &content);
            variants.push(changed);
        }
    }
    Box::new(variants.into_iter())
}

fn documents(bytes: Vec<u8>) -> Variants<'static, Vec<u8>> {
    let tree = std::str::from_utf8(&bytes).ok().and_then(Node::parse);
    // What is no JSON has bytes and nothing else.
    match tree {
        Some(tree) => Box::new(trees(&tree).into_iter().map(|tree| tree.to_string().into_bytes())),
        None => Box::new(without(&bytes).collect::<Vec<_>>().into_iter()),
    }
}

/// Documents without a member, an element or part of a string.
fn trees(tree: &Node) -> Vec<Node> {
    let mut variants = Vec::new();
    for index in 0..tree.count() {
        let mut scratch = tree.clone();
        let Some(node) = scratch.nth(index).cloned() else {
            continue;
        };
        let smaller: Vec<Node> = match node {
            Node::Object(members) => without(&members).map(Node::Object).collect(),
            Node::Array(elements) => without(&elements).map(Node::Array).collect(),
            Node::Atom(text) => atoms(&text),
        };
        for replacement in smaller {
            let mut variant = tree.clone();
            if let Some(node) = variant.nth(index) {
                *node = replacement;
            }
            variants.push(variant);
        }
    }
    variants
}

fn atoms(text: &str) -> Vec<Node> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return vec![Node::atom("0"), Node::atom("1")];
    };
    let letters: Vec<char> = inner.chars().collect();
    // Four letters of base64 are three bytes.
    let shorter = |list: Vec<char>| Node::string(&list.into_iter().collect::<String>());
    let groups: Vec<&[char]> = letters.chunks(4).collect();
    let by_four = without(&groups).map(|groups| shorter(groups.concat()));
    let by_one = without(&letters).filter(|_| letters.len() < 80).map(shorter);
    // The empty string is no smaller one: it means something else to nearly everybody.
    let empty = Node::string("");
    by_four.chain(by_one).filter(|node| *node != empty).collect()
}

fn lines(bytes: Vec<u8>) -> Variants<'static, Vec<u8>> {
    let lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let fewer: Vec<Vec<u8>> = without(&lines).map(|lines| lines.concat()).collect();
    let within = (0..lines.len()).flat_map(move |at| {
        let lines = lines.clone();
        let (line, end) = match lines[at].strip_suffix(b"\n") {
            Some(line) => (line.to_vec(), &b"\n"[..]),
            None => (lines[at].clone(), &b""[..]),
        };
        documents(line).map(move |line| {
            let mut changed = lines.clone();
            changed[at] = [&line, end].concat();
            changed.concat()
        })
    });
    Box::new(fewer.into_iter().chain(within))
}

fn frames(bytes: Vec<u8>) -> Variants<'static, Vec<u8>> {
    let frames: Vec<Vec<u8>> = split_frames(&bytes).into_iter().map(<[u8]>::to_vec).collect();
    let fewer: Vec<Vec<u8>> = without(&frames).map(|frames| frames.concat()).collect();
    let within = (0..frames.len()).flat_map(move |at| {
        let frames = frames.clone();
        let smaller: Vec<Vec<u8>> = both(&frames[at]).collect();
        smaller.into_iter().map(move |frame| {
            let mut changed = frames.clone();
            changed[at] = frame;
            changed.concat()
        })
    });
    Box::new(fewer.into_iter().chain(within))
}

/// Tars without an entry, content or the text of a header.
fn tars(bytes: Vec<u8>) -> Variants<'static, Vec<u8>> {
    /// Fields of a header that may hold nothing.
    const FIELDS: [(usize, usize); 13] = [
        (345, 155),
        (329, 16),
        (297, 32),
        (265, 32),
        (157, 100),
        (136, 12),
        (100, 24),
        (0, 100),
        (1, 99),
        (257, 8),
        (156, 1),
        (124, 12),
        (500, 12),
    ];
    let headers = headers(&bytes);
    let end = headers.last().map_or(0, |header| header.end);
    let piece = |range: Range<usize>| bytes.get(range).unwrap_or_default();
    let entries: Vec<&[u8]> = headers.iter().map(|header| piece(header.at..header.end)).collect();
    let rest = piece(end..bytes.len());
    let mut variants: Vec<Vec<u8>> = without(&entries).map(|kept| [&kept.concat(), rest].concat()).collect();
    let blocks: Vec<&[u8]> = rest.chunks(512).collect();
    variants.extend(without(&blocks).map(|blocks| [piece(0..end), &blocks.concat()].concat()));
    for header in &headers {
        let mut push = |block: &[u8], content: &[u8]| {
            variants.push([piece(0..header.at), block, content, piece(header.end..bytes.len())].concat());
        };
        let block = piece(header.at..header.at + 512);
        let content = piece(header.at + 512..header.end);
        for count in [0, 1] {
            let mut shorter = block.to_vec();
            shorter[124..136].copy_from_slice(format!("{count:011o}\0").as_bytes());
            build::seal(&mut shorter);
            push(&shorter, &content[..content.len().min(512 * count)]);
        }
        for (start, length) in FIELDS {
            let mut emptier = block.to_vec();
            emptier[start..start + length].fill(0);
            build::seal(&mut emptier);
            push(&emptier, content);
        }
        for content in zeroed(content).take(64) {
            push(block, &content);
        }
    }
    Box::new(variants.into_iter())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{minimize, minimize_bytes, weight};
    use crate::{
        forge::{layer::Plan, tar::Entry},
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
                Entry::dir("d/"),
                Entry::file("d/f", vec![b'x'; 2000]),
                Entry::file("g", b"g"),
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
