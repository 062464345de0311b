//! What is around a layer: the documents of its image, files of annotations, and its media type, as a user meets them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use chunkproof::format::Digest;
use serde_json::{Value, json};

use crate::support::{chunkproof_in, json as json_of, root};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const COMMANDS: [&str; 3] = ["verify", "inspect", "index"];

fn known_good(folder: &str, name: &str) -> PathBuf {
    root().join("corpus").join(folder).join(name)
}

/// A folder with a layer in it, alone and as an image.
struct Around {
    folder: tempfile::TempDir,
    blob: Vec<u8>,
    annotations: Value,
    diff_id: String,
}

impl Around {
    fn new() -> Self {
        Self::of(&known_good("known-good", "gnulong-skopeo118"), "layer.tar.zst")
    }

    fn of(layer: &Path, blob: &str) -> Self {
        let around = Self {
            folder: tempfile::tempdir().unwrap(),
            blob: fs::read(layer.join(blob)).unwrap(),
            annotations: json_of(layer.join("annotations.json")),
            diff_id: format!(
                "sha256:{}",
                json_of(layer.join("provenance.json"))["tar"]["sha256"]
                    .as_str()
                    .unwrap()
            ),
        };
        fs::create_dir_all(around.path("image/blobs/sha256")).unwrap();
        fs::write(around.path("image/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        fs::write(around.path("layer"), &around.blob).unwrap();
        around
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        chunkproof_in(self.folder.path(), arguments)
    }

    fn add(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        fs::write(self.path("image/blobs/sha256").join(digest.hex()), bytes).unwrap();
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    }

    /// The text of a manifest of the layer.
    fn manifest(&self, manifest: &str, layer: &str) -> String {
        let config = json!({"rootfs": {"type": "layers", "diff_ids": [self.diff_id]}}).to_string();
        let config = self.add("application/vnd.oci.image.config.v1+json", config.as_bytes());
        let mut layer = self.add(layer, &self.blob);
        layer["annotations"] = self.annotations.clone();
        json!({"schemaVersion": 2, "mediaType": manifest, "config": config, "layers": [layer]}).to_string()
    }

    /// Makes this text the manifest of the image.
    fn top(&self, media_type: &str, manifest: &str) {
        let manifest = self.add(media_type, manifest.as_bytes());
        let index = json!({"schemaVersion": 2, "manifests": [manifest]});
        fs::write(self.path("image/index.json"), index.to_string()).unwrap();
    }

    /// Runs the four commands on the layer with this file of annotations, or on the image without one.
    fn each(&self, file: Option<&str>) -> Vec<(&'static str, Output)> {
        if let Some(text) = file {
            fs::write(self.path("annotations.json"), text).unwrap();
        }
        let subject = match file {
            Some(_) => &["layer", "--annotations", "annotations.json"][..],
            None => &["image"],
        };
        let commands = COMMANDS.map(|command| (command, self.run(&[&[command], subject].concat())));
        let rebuilt = self.run(&[&["reconstruct", "-o", "tar"], subject].concat());
        commands.into_iter().chain([("reconstruct", rebuilt)]).collect()
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The command ends with this code, and prints this.
fn ends((command, output): &(&str, Output), code: i32, said: &str) {
    let all = text(output);
    assert_eq!(output.status.code(), Some(code), "{command}: {all}");
    assert!(all.contains(said), "{command}: {said:?} is not in {all}");
}

#[test]
fn annotations_that_say_nothing_are_an_error_of_use() {
    let around = Around::new();
    let digest = Digest::of(&around.blob).to_string();
    let other = json!({"org.opencontainers.image.title": "layer", "io.github.containers.zstd-chunked.note": "x"});
    let layers = [json!({"mediaType": ZSTD, "digest": digest, "size": around.blob.len(), "annotations": other})];
    for (file, said) in [
        (json!({}), "no annotation of zstd:chunked or eStargz"),
        (other.clone(), "no annotation of zstd:chunked or eStargz"),
        (json!({"annotations": {}}), "no annotation of zstd:chunked or eStargz"),
        (json!({"layers": layers}), "no annotation of zstd:chunked or eStargz"),
        (json!({"mediaType": ZSTD}), "has no annotations"),
    ] {
        for ended in around.each(Some(&file.to_string())) {
            ends(&ended, 2, said);
            ends(&ended, 2, "error: annotations.json: ");
            assert_eq!(text(&ended.1).lines().count(), 1);
        }
        assert!(!around.path("tar").exists());
    }
    // Without the option the footer is used, and an image whose annotations say nothing is no error of use.
    assert_eq!(around.run(&["verify", "layer"]).status.code(), Some(0));
    let mut manifest: Value = serde_json::from_str(&around.manifest(OCI, ZSTD)).unwrap();
    manifest["layers"][0]["annotations"] = other;
    around.top(OCI, &manifest.to_string());
    ends(
        &("verify", around.run(&["verify", "image"])),
        0,
        "nothing authenticates",
    );
}

#[test]
fn documents_that_two_parsers_read_in_two_ways_are_refused() {
    let around = Around::new();
    let good = around.manifest(OCI, ZSTD);
    around.top(OCI, &good);
    for ended in around.each(None).iter().chain(&around.each(Some(&good))) {
        ends(ended, 0, "");
    }
    let wrong = around.annotations.to_string().replace("sha256:", "sha256:0000");
    let deep = format!("{{\"x\":{}1{},", "[".repeat(64), "]".repeat(64));
    for (what, changed) in [
        ("a duplicate key", good.replacen("\"size\"", "\"size\":1,\"size\"", 1)),
        (
            "a duplicate annotation",
            good.replacen("\"annotations\":{", "\"annotations\":{\"a\":\"b\",\"a\":\"c\",", 1),
        ),
        (
            "a key in another case after it",
            good.replacen(
                "}],\"mediaType\"",
                &format!(",\"Annotations\":{wrong}}}],\"mediaType\""),
                1,
            ),
        ),
        (
            "a key in another case before it",
            good.replacen(
                "\"annotations\":{",
                &format!("\"ANNOTATIONS\":{wrong},\"annotations\":{{"),
                1,
            ),
        ),
        (
            "a key that folds to it",
            good.replacen(
                "\"annotations\":{",
                &format!("\"annotation\\u017f\":{wrong},\"annotations\":{{"),
                1,
            ),
        ),
        (
            "layers in another case",
            good.replacen("\"layers\"", "\"Layers\":[],\"layers\"", 1),
        ),
        ("text after the document", format!("{good}{{}}")),
        ("values that nest too deep", good.replacen('{', &deep, 1)),
        ("a lone surrogate", good.replacen('{', "{\"x\":\"\\ud800\",", 1)),
        ("a byte order mark", format!("\u{feff}{good}")),
        (
            "null",
            good.replacen("\"annotations\":{", "\"annotations\":null,\"x\":{", 1),
        ),
    ] {
        assert_ne!(changed, good, "{what}");
        around.top(OCI, &changed);
        for ended in around.each(None).iter().chain(&around.each(Some(&changed))) {
            ends(ended, 2, "JSON at byte ");
        }
    }
    around.top(OCI, &good);
    for (file, text) in [
        (
            "oci-layout",
            r#"{"imageLayoutVersion":"1.0.0","imagelayoutversion":"1.0.0"}"#.to_owned(),
        ),
        (
            "oci-layout",
            r#"{"imageLayoutVersion":"2.0.0","imageLayoutVersion":"1.0.0"}"#.to_owned(),
        ),
        (
            "index.json",
            fs::read_to_string(around.path("image/index.json")).unwrap() + "{}",
        ),
    ] {
        let path = around.path("image").join(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, text).unwrap();
        for ended in around.each(None) {
            ends(&ended, 2, "JSON at byte ");
        }
        let written = around.run(&["write", "layer", "-o", "oci:image"]);
        ends(&("write", written), 2, "JSON at byte ");
        fs::write(&path, before).unwrap();
    }
    let config = good.replacen(
        &Digest::of(
            json!({"rootfs": {"type": "layers", "diff_ids": [around.diff_id]}})
                .to_string()
                .as_bytes(),
        )
        .to_string(),
        &Digest::of(b"{\"rootfs\":{\"diff_ids\":[]},\"Rootfs\":{}}").to_string(),
        1,
    );
    let descriptor = around.add("x", b"{\"rootfs\":{\"diff_ids\":[]},\"Rootfs\":{}}");
    let mut config: Value = serde_json::from_str(&config).unwrap();
    config["config"]["size"] = descriptor["size"].clone();
    around.top(OCI, &config.to_string());
    ends(&("verify", around.run(&["verify", "image"])), 2, "JSON at byte ");
}

#[test]
fn media_types_are_compared_with_the_blob() {
    let around = Around::new();
    for (media_type, right) in [
        (ZSTD, true),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", true),
        (GZIP, false),
        ("application/vnd.oci.image.layer.v1.tar", false),
        ("application/octet-stream", false),
        ("", false),
    ] {
        let manifest = around.manifest(OCI, media_type);
        around.top(OCI, &manifest);
        for ended in around.each(None).iter().chain(&around.each(Some(&manifest))) {
            // What is broken does not change the exit code of `inspect`.
            let code = i32::from(!right && ended.0 != "inspect");
            ends(ended, code, if right { "" } else { "LYR-10" });
            assert_eq!(
                text(&ended.1).contains("LYR-10"),
                !right,
                "{media_type} {}",
                text(&ended.1)
            );
        }
    }
    // Alone, a blob has no media type, and annotations without a descriptor give none.
    for ended in around.each(Some(&around.annotations.to_string())) {
        ends(&ended, 0, "");
    }
}

#[test]
fn a_layer_of_estargz_is_one_of_gzip() {
    let around = Around::of(&known_good("known-good-estargz", "mixed"), "layer.tar.gz");
    for (media_type, right) in [
        (GZIP, true),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", true),
        (ZSTD, false),
        ("application/vnd.docker.image.rootfs.diff.tar.zstd", false),
    ] {
        around.top(OCI, &around.manifest(OCI, media_type));
        for command in COMMANDS {
            let ended = (command, around.run(&[command, "image"]));
            ends(
                &ended,
                i32::from(!right && command != "inspect"),
                if right { "" } else { "LYR-10" },
            );
        }
    }
}

#[test]
fn a_manifest_of_docker_has_no_media_type_for_zstd() {
    let around = Around::new();
    for (media_type, code, said) in [
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            0,
            "podman and skopeo reject it",
        ),
        (ZSTD, 0, "podman and skopeo reject it"),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", 1, "LYR-10"),
    ] {
        around.top(DOCKER, &around.manifest(DOCKER, media_type));
        ends(&("verify", around.run(&["verify", "image"])), code, said);
        let json = around.run(&["verify", "image", "--format", "json"]);
        let report: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert!(
            report["layers"][0]["remark"].as_str().unwrap().contains("Docker"),
            "{report}"
        );
    }
    around.top(OCI, &around.manifest(OCI, ZSTD));
    assert!(!text(&around.run(&["verify", "image"])).contains("remark"));
}

#[test]
fn a_pair_of_annotations_belongs_to_one_prefix() {
    let around = Around::new();
    let Value::Object(map) = around.annotations.clone() else {
        panic!("not a map");
    };
    let (new, old) = ("io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.");
    for suffix in ["manifest-checksum", "manifest-position"] {
        let mut split = map.clone();
        let value = split.remove(&format!("{new}{suffix}")).unwrap();
        split.insert(format!("{old}{suffix}"), value);
        let file = Value::Object(split).to_string();
        for ended in around.each(Some(&file)) {
            if ended.0 != "inspect" {
                ends(&ended, 1, "ANN-1");
            }
            assert!(
                !text(&ended.1).contains("authenticated by the annotations"),
                "{}",
                text(&ended.1)
            );
        }
    }
}
