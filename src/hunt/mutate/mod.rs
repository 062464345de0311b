//! Changes to inputs, with an eye for what they are made of.
//!
//! Every change is drawn from bytes that follow from a seed and the number of the input, so an input can be made again.

mod annotations;
mod footer;
mod frames;
mod json;
mod layer;
pub(super) mod tar;

use arbitrary::{Arbitrary as _, Unstructured};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::vectors::Op;

pub(super) use self::{frames::split as split_frames, layer::variants as layer_variants};

/// How many bytes a choice of changes is drawn from.
const ENTROPY: usize = 1024;

/// The bytes from which the changes to the input of this number are drawn.
pub(crate) fn entropy(seed: u64, run: u64) -> Vec<u8> {
    let mut state = seed ^ run.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
    let mut bytes = Vec::with_capacity(ENTROPY);
    while bytes.len() < ENTROPY {
        // splitmix64
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}

/// The input with one change or, more rarely, a few. None if the bytes that it is drawn from are used up.
pub(crate) fn mutate(op: Op, input: &Value, u: &mut Unstructured<'_>) -> arbitrary::Result<Value> {
    let mut changed = input.clone();
    let changes = [1, 1, 1, 1, 2, 2, 3, 5][u.choose_index(8)?];
    for _ in 0..changes {
        changed = change(op, &changed, u)?;
    }
    Ok(changed)
}

/// The input with one change.
pub(crate) fn change(op: Op, input: &Value, u: &mut Unstructured<'_>) -> arbitrary::Result<Value> {
    Ok(match op {
        Op::FooterParse => footer::footer(input, u)?,
        Op::EStargzFooter => footer::estargz(input, u)?,
        Op::AnnotationsParse => annotations::input(input, u)?,
        Op::TocParse | Op::EStargzToc => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &json::document(&json, json::TOC, u)?)
        }
        Op::TarSplitParse => {
            let json = bytes_of(input, "json");
            with_bytes(input, "json", &json::lines(&json, json::TAR_SPLIT, u)?)
        }
        Op::TarSplitAssemble => assemble(input, u)?,
        Op::TarSplitDisassemble | Op::LayerWrite => {
            let tar = bytes_of(input, "tar");
            with_bytes(input, "tar", &tar::tar(&tar, u)?)
        }
        Op::LayerDecompress => {
            let blob = bytes_of(input, "blob");
            with_bytes(input, "blob", &frames::frames(&blob, u)?)
        }
        Op::LayerIndex | Op::LayerReconstruct => layer::layer(input, u)?,
    })
}

fn assemble(input: &Value, u: &mut Unstructured<'_>) -> arbitrary::Result<Value> {
    let files = input["files"].as_array().map_or(0, Vec::len);
    if files == 0 || u.ratio(3, 4)? {
        let json = bytes_of(input, "tar_split");
        return Ok(with_bytes(input, "tar_split", &json::lines(&json, json::TAR_SPLIT, u)?));
    }
    let mut changed = input.clone();
    let at = u.choose_index(files)?;
    match u.choose_index(3)? {
        0 => {
            if let Some(files) = changed["files"].as_array_mut() {
                files.remove(at);
            }
        }
        1 => {
            let content = bytes_of(&input["files"][at], "content");
            changed["files"][at] = with_bytes(&input["files"][at], "content", &noise(&content, u)?);
        }
        _ => {
            let name = bytes_of(&input["files"][at], "name");
            changed["files"][at] = with_bytes(&input["files"][at], "name", &noise(&name, u)?);
        }
    }
    Ok(changed)
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
fn noise(bytes: &[u8], u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let at = u.choose_index(bytes.len() + 1)?;
    match u.choose_index(8)? {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, u8::arbitrary(u)?),
        2 => {
            let length = u.int_in_range(1..=16)?;
            let piece: Vec<u8> = bytes.iter().copied().skip(at).take(length).collect();
            bytes.splice(at..at, piece);
        }
        3 if at < bytes.len() => {
            let end = bytes.len().min(at + u.int_in_range(1..=16_usize)?);
            bytes.drain(at..end);
        }
        4 => {
            let value = [0, 1, 0x7f, 0x80, 0xff, b' ', b'/', b'0'][u.choose_index(8)?];
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        5 => {
            let word = [0, 1, u64::MAX, 1 << 63, 1 << 31, 1 << 32, (1 << 63) - 1][u.choose_index(7)?].to_le_bytes();
            for (byte, value) in bytes.iter_mut().skip(at).zip(word) {
                *byte = value;
            }
        }
        _ => {
            let bit = u.int_in_range(0..=7)?;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }
    Ok(bytes)
}

/// A number near one that is there, or at a limit of some type.
fn number(old: u64, u: &mut Unstructured<'_>) -> arbitrary::Result<u64> {
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
    Ok(match u.choose_index(4)? {
        0 => LIMITS[u.choose_index(LIMITS.len())?],
        1 => old.wrapping_add(u64::from(u.int_in_range(0..=16_u8)?)).wrapping_sub(8),
        2 => old.wrapping_mul(2),
        _ => LIMITS[u.choose_index(LIMITS.len())?].wrapping_sub(old),
    })
}
