//! What is wrong with layers, for services that show results of static analysis.

use std::fs;

use crate::support::{chunkproof_in, known_good, stdout};
use serde_json::Value;

/// Exit code and log of a layer whose annotations name another digest of the TOC, or its own.
fn log(is_good: bool) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let known = known_good("gnulong-skopeo118");
    fs::copy(known.join("layer.tar.zst"), folder.path().join("a layer.tar.zst")).unwrap();
    let mut annotations = fs::read_to_string(known.join("annotations.json")).unwrap();
    if !is_good {
        let at = annotations.find("sha256:").unwrap() + "sha256:".len();
        let other = if annotations[at..].starts_with('0') { "1" } else { "0" };
        annotations.replace_range(at..=at, other);
    }
    fs::write(folder.path().join("annotations.json"), annotations).unwrap();
    let verify = [
        "verify",
        "a layer.tar.zst",
        "--annotations",
        "annotations.json",
        "--format",
        "sarif",
    ];
    let output = chunkproof_in(folder.path(), &verify);
    let log = stdout(&output)
        .replace(env!("CARGO_PKG_VERSION"), "x.y.z")
        .replace(env!("CARGO_PKG_REPOSITORY"), "https://host/repository");
    (output.status.code(), log)
}

#[test]
fn findings_are_results() {
    let (code, log) = log(false);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!("sarif", log);
}

#[test]
fn a_valid_layer_has_no_results() {
    let (code, log) = log(true);
    assert_eq!(code, Some(0));
    let log: Value = serde_json::from_str(&log).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    assert_eq!(log["runs"][0]["artifacts"][0]["location"]["uri"], "a%20layer.tar.zst");
}
