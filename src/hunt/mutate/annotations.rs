//! Annotations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::forge::{
    mutate::{json::text, number},
    random::Random,
};

const KEYS: [&str; 11] = [
    "io.github.containers.zstd-chunked.manifest-checksum",
    "io.github.containers.zstd-chunked.manifest-position",
    "io.github.containers.zstd-chunked.tarsplit-checksum",
    "io.github.containers.zstd-chunked.tarsplit-position",
    "io.containers.zstd-chunked.manifest-checksum",
    "io.containers.zstd-chunked.manifest-position",
    "io.containers.zstd-chunked.tarsplit-position",
    "containerd.io/snapshot/stargz/toc.digest",
    "io.containers.estargz.uncompressed-size",
    "IO.github.containers.zstd-chunked.manifest-checksum",
    "io.github.containers.zstd-chunked.manifest-position ",
];

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A change to the input of `annotations/parse`.
pub(super) fn input(input: &Value, random: &mut Random) -> Value {
    let annotations = serde_json::from_value(input["annotations"].clone()).unwrap_or_default();
    json!({"annotations": change(annotations, random)})
}

/// Annotations with one change.
pub(super) fn change(mut annotations: BTreeMap<String, String>, random: &mut Random) -> BTreeMap<String, String> {
    let present: Vec<String> = annotations.keys().cloned().collect();
    let any = KEYS[random.below(KEYS.len())];
    if present.is_empty() {
        annotations.insert(any.to_owned(), DIGEST.to_owned());
        return annotations;
    }
    let key = present[random.below(present.len())].clone();
    let value = annotations.get(&key).cloned().unwrap_or_default();
    match random.below(8) {
        0 => {
            annotations.remove(&key);
        }
        1 => {
            annotations.remove(&key);
            annotations.insert(any.to_owned(), value);
        }
        2 => {
            annotations.insert(any.to_owned(), value);
        }
        3 => {
            let value = if any.contains("position") {
                "100:50:200:1"
            } else {
                DIGEST
            };
            annotations.insert(any.to_owned(), value.to_owned());
        }
        _ => {
            let value = if value.contains("sha256") || random.ratio(1, 3) {
                text(&value, random)
            } else {
                position(&value, random)
            };
            annotations.insert(key, value);
        }
    }
    annotations
}

/// Numbers between colons, one of them another or spelled in another way.
fn position(value: &str, random: &mut Random) -> String {
    let mut parts: Vec<String> = value.split(':').map(str::to_owned).collect();
    let at = random.below(parts.len());
    let old: u64 = parts[at].trim().parse().unwrap_or_default();
    match random.below(6) {
        0 => {
            parts.remove(at);
        }
        1 => parts.insert(at, number(old, random).to_string()),
        2 => {
            let spelled = [
                format!("0{old}"),
                format!("+{old}"),
                format!("-{old}"),
                format!(" {old}"),
                format!("{old} "),
                format!("{old}.0"),
                format!("0x{old:x}"),
                format!("{old}e0"),
                format!("{old}0000000000000000000000"),
                String::new(),
            ];
            parts[at] = spelled[random.below(spelled.len())].clone();
        }
        _ => parts[at] = number(old, random).to_string(),
    }
    parts.join(":")
}
