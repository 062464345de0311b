//! Changes of annotations.

use std::collections::BTreeMap;

use super::{json::text, number};
use crate::forge::{Edit, random::Random};

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

/// A change of annotations.
pub(crate) fn annotations(annotations: &BTreeMap<String, String>, random: &mut Random) -> Edit {
    let present: Vec<(&String, &String)> = annotations.iter().collect();
    let any = random.choose(&KEYS).to_owned();
    let Some(&(key, value)) = random.pick(&present) else {
        return Edit::Annotate {
            key: any,
            value: DIGEST.to_owned(),
        };
    };
    let key = key.clone();
    match random.below(8) {
        0 => Edit::Strip(key),
        1 => Edit::Rename { from: key, to: any },
        2 => Edit::Annotate {
            key: any,
            value: value.clone(),
        },
        3 => {
            let usual = if any.contains("position") {
                "100:50:200:1"
            } else {
                DIGEST
            };
            Edit::Annotate {
                key: any,
                value: usual.to_owned(),
            }
        }
        _ => {
            let value = if value.contains("sha256") || random.ratio(1, 3) {
                text(value, random)
            } else {
                position(value, random)
            };
            Edit::Annotate { key, value }
        }
    }
}

/// Numbers between colons, one of them another or spelled in another way.
fn position(value: &str, random: &mut Random) -> String {
    let mut parts: Vec<String> = value.split(':').map(str::to_owned).collect();
    let at = random.below(parts.len());
    let old: u64 = parts.get(at).and_then(|part| part.trim().parse().ok()).unwrap_or(0);
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
    let new = match random.below(6) {
        0 => None,
        1 => Some(vec![number(old, random).to_string(), old.to_string()]),
        2 => random.pick(&spelled).cloned().map(|spelled| vec![spelled]),
        _ => Some(vec![number(old, random).to_string()]),
    };
    parts.splice(at..=at, new.unwrap_or_default());
    parts.join(":")
}
