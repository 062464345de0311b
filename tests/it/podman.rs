//! What we write, in the hands of podman's library and of skopeo.
//!
//! A test says that it did not run where its program is missing, and fails if `CHUNKPROOF_REQUIRE_GO` or
//! `CHUNKPROOF_REQUIRE_SKOPEO` is set.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use crate::clients::{is_there, podman_adapter, succeed};
use crate::support::{program, root};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chunkproof::format::Digest;
use serde_json::{Value, json};

/// The tars of the known-good layers, each once.
fn tars() -> BTreeMap<String, Vec<u8>> {
    let root = root().join("corpus/known-good");
    let layers = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let tars: BTreeMap<String, Vec<u8>> = layers
        .filter(|layer| layer.is_dir())
        .map(|layer| {
            let blob = fs::read(layer.join("layer.tar.zst")).unwrap();
            let tar = zstd::stream::decode_all(blob.as_slice()).unwrap();
            (Digest::of(&tar).hex(), tar)
        })
        .collect();
    assert!(tars.len() >= 6, "a tar is missing");
    tars
}

#[test]
fn podmans_library_pulls_what_we_write() {
    if !is_there("go", "version", "CHUNKPROOF_REQUIRE_GO") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut process = Command::new(podman_adapter(dir.path()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut requests = process.stdin.take().unwrap();
    let mut answers = BufReader::new(process.stdout.take().unwrap());
    let mut ask = |request: Value| -> Value {
        writeln!(requests, "{request}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    };
    let hello = ask(json!({"chunkproof": 0, "seq": 0, "op": "hello"}));
    assert_eq!(hello["hello"]["name"], "containers-storage");

    for (seq, (sha256, tar)) in (1..).zip(tars()) {
        let path = |name: &str| dir.path().join(name);
        fs::write(path("tar"), &tar).unwrap();
        succeed(
            program()
                .args(["write", "tar", "-o", "layer", "--annotations", "annotations"])
                .current_dir(dir.path()),
        );
        let annotations: Value = serde_json::from_slice(&fs::read(path("annotations")).unwrap()).unwrap();
        let blob = json!({"base64": STANDARD.encode(fs::read(path("layer")).unwrap())});
        let answer = ask(json!({
            "seq": seq, "op": "layer/reconstruct", "case": "written",
            "input": {"blob": blob, "annotations": annotations},
        }));
        assert_eq!(answer["accept"]["sha256"], *sha256, "{answer}");
        assert_eq!(answer["accept"]["size"], tar.len().to_string(), "{answer}");
        let toc = annotations["io.github.containers.zstd-chunked.manifest-checksum"].clone();
        assert_eq!(answer["accept"]["toc_digest"], toc, "{answer}");
    }
    drop(requests);
    assert!(process.wait().unwrap().success());
}

#[test]
fn skopeo_reads_and_keeps_what_we_write() {
    if !is_there("skopeo", "--version", "CHUNKPROOF_REQUIRE_SKOPEO") {
        return;
    }
    for (sha256, tar) in tars() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("tar"), &tar).unwrap();
        succeed(
            program()
                .args(["write", "tar", "-o", "oci:image:name"])
                .current_dir(dir.path()),
        );
        let skopeo = |arguments: &[&str]| {
            succeed(
                Command::new("skopeo")
                    .arg("--insecure-policy")
                    .args(arguments)
                    .current_dir(dir.path()),
            )
        };
        let inspected: Value = serde_json::from_slice(&skopeo(&["inspect", "oci:image:name"]).stdout).unwrap();
        let layer = inspected["Layers"][0].as_str().unwrap().to_owned();
        let config: Value = serde_json::from_slice(&skopeo(&["inspect", "--config", "oci:image:name"]).stdout).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"], json!([format!("sha256:{sha256}")]));

        skopeo(&["copy", "oci:image:name", "dir:copy"]);
        let hex = layer.strip_prefix("sha256:").unwrap();
        let kept = fs::read(dir.path().join("copy").join(hex)).unwrap();
        let ours = fs::read(dir.path().join("image/blobs/sha256").join(hex)).unwrap();
        assert!(kept == ours, "skopeo changed the layer");
        let manifest =
            |path: &str| -> Value { serde_json::from_slice(&fs::read(dir.path().join(path)).unwrap()).unwrap() };
        let named = manifest("image/index.json")["manifests"][0]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        let original = manifest(&format!("image/blobs/{}", named.replace(':', "/")));
        assert_eq!(manifest("copy/manifest.json")["layers"], original["layers"]);
    }
}
