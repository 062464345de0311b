//! Changes to inputs, with an eye for what they are made of.
//!
//! Every change is drawn from numbers that follow from a seed and the number of the input, so an input can be made again.

mod annotations;
mod footer;
mod frames;
mod json;
mod layer;
pub(super) mod tar;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{forge::random::Random, vectors::Op};

pub(super) use self::{frames::split as split_frames, layer::variants as layer_variants};

/// The input with one change or, more rarely, a few.
pub(crate) fn mutate(op: Op, input: &Value, random: &mut Random) -> Value {
    let mut changed = input.clone();
    let changes = [1, 1, 1, 1, 2, 2, 3, 5][random.below(8)];
    for _ in 0..changes {
        changed = change(op, &changed, random);
    }
    changed
}

/// The input with one change.
pub(crate) fn change(op: Op, input: &Value, random: &mut Random) -> Value {
    match op {
        Op::FooterParse => footer::footer(input, random),
        Op::EStargzFooter => footer::estargz(input, random),
        Op::AnnotationsParse => annotations::input(input, random),
        Op::TocParse | Op::EStargzToc => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &json::document(&json, json::TOC, random))
        }
        Op::TarSplitParse => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &json::lines(&json, json::TAR_SPLIT, random))
        }
        Op::TarSplitAssemble => assemble(input, random),
        Op::TarSplitDisassemble | Op::LayerWrite => {
            let tar = bytes_of(input, "tar");
            with_bytes(input, "tar", &tar::tar(&tar, random))
        }
        Op::LayerDecompress => {
            let blob = bytes_of(input, "blob");
            with_bytes(input, "blob", &frames::frames(&blob, random))
        }
        Op::LayerIndex | Op::LayerReconstruct => layer::layer(input, random),
    }
}

fn assemble(input: &Value, random: &mut Random) -> Value {
    let files = input["files"].as_array().map_or(0, Vec::len);
    if files == 0 || random.ratio(3, 4) {
        let json = bytes_of(input, "tar_split");
        return with_bytes(input, "tar_split", &json::lines(&json, json::TAR_SPLIT, random));
    }
    let mut changed = input.clone();
    let at = random.below(files);
    match random.below(3) {
        0 => {
            if let Some(files) = changed["files"].as_array_mut() {
                files.remove(at);
            }
        }
        1 => {
            let content = bytes_of(&input["files"][at], "content");
            changed["files"][at] = with_bytes(&input["files"][at], "content", &noise(&content, random));
        }
        _ => {
            let name = bytes_of(&input["files"][at], "name");
            changed["files"][at] = with_bytes(&input["files"][at], "name", &noise(&name, random));
        }
    }
    changed
}

/// The bytes in a field of an input as the protocol sends it; empty if there are none.
pub(crate) fn bytes_of(input: &Value, field: &str) -> Vec<u8> {
    let text = input[field]["base64"].as_str().unwrap_or_default();
    STANDARD.decode(text).unwrap_or_default()
}

/// The input with these bytes in the field.
pub(crate) fn with_bytes(input: &Value, field: &str, bytes: &[u8]) -> Value {
    let mut changed = input.clone();
    changed[field] = json!({"base64": STANDARD.encode(bytes)});
    changed
}

/// Bytes with one change that knows nothing of them.
fn noise(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = random.below(bytes.len() + 1);
    match random.below(8) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.byte()),
        2 => {
            let length = random.between(1..=16);
            let piece: Vec<u8> = bytes.iter().copied().skip(at).take(length).collect();
            bytes.splice(at..at, piece);
        }
        3 if at < bytes.len() => {
            let end = bytes.len().min(at + random.between(1..=16_usize));
            bytes.drain(at..end);
        }
        4 => {
            let value = [0, 1, 0x7f, 0x80, 0xff, b' ', b'/', b'0'][random.below(8)];
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        5 => {
            let word = [0, 1, u64::MAX, 1 << 63, 1 << 31, 1 << 32, (1 << 63) - 1][random.below(7)].to_le_bytes();
            for (byte, value) in bytes.iter_mut().skip(at).zip(word) {
                *byte = value;
            }
        }
        _ => {
            let bit = random.between(0..=7);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }
    bytes
}

/// A number near one that is there, or at a limit of some type.
fn number(old: u64, random: &mut Random) -> u64 {
    const LIMITS: [u64; 18] = [
        0,
        1,
        7,
        8,
        9,
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
    match random.below(4) {
        0 => LIMITS[random.below(LIMITS.len())],
        1 => old.wrapping_add(u64::from(random.between(0..=16_u8))).wrapping_sub(8),
        2 => old.wrapping_mul(2),
        _ => LIMITS[random.below(LIMITS.len())].wrapping_sub(old),
    }
}
