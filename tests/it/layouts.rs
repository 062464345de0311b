//! `verify`, `inspect`, `index` and `reconstruct` on OCI image layouts, as a user runs them.

use std::{fs, path::PathBuf, process::Output};

use chunkproof::format::Digest;
use serde_json::{Value, json};

use crate::support::{chunkproof_in, known_good, stderr, stdout};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// An image layout that a test makes, called `image` in its folder.
pub(crate) struct Layout(pub(crate) tempfile::TempDir);

impl Layout {
    pub(crate) fn new() -> Self {
        let layout = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(layout.path("blobs/sha256")).unwrap();
        fs::write(layout.path("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        layout
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("image").join(name)
    }

    /// Where the blob of a descriptor is.
    pub(crate) fn blob(&self, descriptor: &Value) -> PathBuf {
        let digest = descriptor["digest"].as_str().unwrap();
        self.path("blobs/sha256").join(digest.strip_prefix("sha256:").unwrap())
    }

    pub(crate) fn add(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes).to_string();
        let descriptor = json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
        fs::write(self.blob(&descriptor), bytes).unwrap();
        descriptor
    }

    /// The descriptor of a known layer, and its DiffID.
    pub(crate) fn layer(&self, name: &str) -> (Value, String) {
        let json = |file| serde_json::from_slice::<Value>(&fs::read(known_good(name).join(file)).unwrap()).unwrap();
        let mut descriptor = self.add(ZSTD, &fs::read(known_good(name).join("layer.tar.zst")).unwrap());
        descriptor["annotations"] = json("annotations.json");
        let tar = json("provenance.json")["tar"]["sha256"].as_str().unwrap().to_owned();
        (descriptor, format!("sha256:{tar}"))
    }

    pub(crate) fn image(&self, layers: &[(Value, String)]) -> Value {
        let ids: Vec<&String> = layers.iter().map(|layer| &layer.1).collect();
        let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids}});
        let config = self.add(CONFIG, config.to_string().as_bytes());
        let layers: Vec<&Value> = layers.iter().map(|layer| &layer.0).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        self.add(MANIFEST, manifest.to_string().as_bytes())
    }

    fn index(&self, manifests: &[Value]) -> Value {
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        self.add(INDEX, index.to_string().as_bytes())
    }

    pub(crate) fn top(&self, manifests: &[Value]) {
        let index = json!({"schemaVersion": 2, "manifests": manifests});
        fs::write(self.path("index.json"), index.to_string()).unwrap();
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        chunkproof_in(self.0.path(), arguments)
    }
}

pub(crate) fn named(mut descriptor: Value, name: &str) -> Value {
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
    descriptor
}

/// Two images of three layers, one of them in both; the first image below a nested index, the second with a name.
fn two_images() -> (Layout, Vec<String>) {
    let layout = Layout::new();
    let layers = ["gnulong-skopeo118", "empty-skopeo118", "hardxattr-storage1_53_0"].map(|name| layout.layer(name));
    let [one, two, three] = layers.clone();
    let first = layout.image(&[one.clone(), two]);
    let second = layout.image(&[one, three]);
    layout.top(&[layout.index(&[layout.index(&[first])]), named(second, "second")]);
    let digests = layers.map(|layer| layer.0["digest"].as_str().unwrap().to_owned());
    (layout, digests.to_vec())
}

/// The layers that are looked at, in their order.
fn seen(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{} {}", stdout(output), stderr(output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let layers = report["layers"].as_array().unwrap();
    layers
        .iter()
        .map(|layer| layer["descriptor"]["digest"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_layer_is_looked_at_once() {
    let (layout, digests) = two_images();
    let [one, two, three] = digests.as_slice() else {
        panic!("three layers");
    };
    let manifest = Digest::of(&fs::read(layout.path("index.json")).unwrap());
    assert_ne!(manifest.to_string(), *one);
    let index: Value = serde_json::from_slice(&fs::read(layout.path("index.json")).unwrap()).unwrap();
    let nested = format!("oci:image@{}", index["manifests"][0]["digest"].as_str().unwrap());
    let begin = &one[..19];
    for (arguments, expected) in [
        (&["image"][..], &[one, three, two][..]),
        (&["oci:image"], &[one, three, two]),
        (&["oci:image:second"], &[one, three]),
        (&[&nested], &[one, two]),
        (&["image", "--layer", "2"], &[three]),
        (&["image", "--layer", begin], &[one]),
    ] {
        for command in ["verify", "inspect", "index"] {
            let output = layout.run(&[&[command, "--format", "json"], arguments].concat());
            assert_eq!(
                seen(&output).iter().collect::<Vec<_>>(),
                expected,
                "{command} {arguments:?}"
            );
        }
    }
    insta::assert_snapshot!("verify_image", stdout(&layout.run(&["verify", "oci:image:second"])));
    let output = layout.run(&["verify", "image", "--layer", "1", "--format", "json"]);
    insta::assert_snapshot!("verify_image_json", stdout(&output));
}

#[test]
fn a_layer_is_rebuilt_from_a_layout() {
    let (layout, _) = two_images();
    let output = layout.run(&["reconstruct", "image", "-o", "tar"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("needs one layer, found 3"),
        "{}",
        stderr(&output)
    );
    let output = layout.run(&["reconstruct", "image", "-o", "tar", "--layer", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let digest = Digest::of(&fs::read(layout.0.path().join("tar")).unwrap()).to_string();
    assert_eq!(digest, layout.layer("gnulong-skopeo118").1);
}

#[test]
fn layers_are_held_against_what_their_image_says() {
    let layout = Layout::new();
    let (descriptor, diff_id) = layout.layer("gnulong-skopeo118");
    let verify = |layer: (Value, String)| {
        layout.top(&[layout.image(&[layer])]);
        layout.run(&["verify", "image"])
    };
    // The DiffID of another layer.
    let output = verify((descriptor.clone(), layout.layer("empty-skopeo118").1));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("CMP-04"), "{}", stdout(&output));
    let output = layout.run(&["reconstruct", "image", "-o", "tar"]);
    assert!(stdout(&output).contains("CMP-04"), "{}", stdout(&output));

    let good = fs::read(layout.blob(&descriptor)).unwrap();
    let changed = [&good[..good.len() - 1], b"?"].concat();
    for (bytes, problem) in [(&good[1..], "blob size "), (&changed[..], "blob digest ")] {
        fs::write(layout.blob(&descriptor), bytes).unwrap();
        let output = verify((descriptor.clone(), diff_id.clone()));
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(
            stdout(&output).contains(": rejected: blob ") && stdout(&output).contains(problem),
            "{}",
            stdout(&output)
        );
        let output = layout.run(&["verify", "image", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["layers"][0]["valid"], false);
    }
}

#[test]
fn layers_that_are_not_chunked_are_skipped() {
    let layout = Layout::new();
    let tar = vec![0; 1024];
    let gzip = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&tar).unwrap();
        encoder.finish().unwrap()
    };
    let diff_id = Digest::of(&tar).to_string();
    let plain = [
        (
            layout.add("application/vnd.oci.image.layer.v1.tar+gzip", &gzip),
            diff_id.clone(),
        ),
        (
            layout.add(ZSTD, &zstd::stream::encode_all(&tar[..], 3).unwrap()),
            diff_id.clone(),
        ),
        (layout.add("application/vnd.oci.image.layer.v1.tar", &tar), diff_id),
    ];
    layout.top(&[layout.image(&plain)]);
    for command in ["verify", "inspect", "index"] {
        let output = layout.run(&[command, "image"]);
        assert_eq!(output.status.code(), Some(4), "{}", stdout(&output));
        assert_eq!(
            stdout(&output).matches("skipped, not a zstd:chunked layer: ").count(),
            3
        );
    }
    let output = layout.run(&["verify", "image"]);
    for kind in [
        "a plain gzip-compressed tar; clients download it in full",
        "a plain zstd-compressed tar; clients download it in full",
    ] {
        assert!(stdout(&output).contains(kind), "{}", stdout(&output));
    }
    // Beside one that is chunked they do no harm, and without annotations the footer is used.
    let (mut descriptor, diff_id) = layout.layer("empty-skopeo118");
    descriptor.as_object_mut().unwrap().remove("annotations");
    layout.top(&[layout.image(&[&plain[..1], &[(descriptor, diff_id)]].concat())]);
    let output = layout.run(&["verify", "image"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("found through the footer: nothing authenticates it"));
}

/// What cannot be looked at is one clear line and exit code 2; what is not there to be chosen is 4.
#[test]
fn what_is_no_image_is_an_error() {
    let broken = |change: fn(&Layout)| {
        let (layout, _) = two_images();
        change(&layout);
        layout
    };
    let top = |layout: &Layout| {
        let index: Value = serde_json::from_slice(&fs::read(layout.path("index.json")).unwrap()).unwrap();
        index["manifests"][1].clone()
    };
    let same = |layout: &Layout| assert!(layout.path("index.json").is_file());
    let cases: [(&str, Layout, &[&str], i32); 14] = [
        ("no image has the name \"first\"", broken(same), &["oci:image:first"], 2),
        ("no layer matches", broken(same), &["image", "--layer", "4"], 4),
        (
            "no layer matches",
            broken(same),
            &["image", "--layer", "sha256:0000"],
            4,
        ),
        (
            "whose manifests have the annotations",
            broken(same),
            &["image", "--annotations", "x"],
            2,
        ),
        (
            "not an image layout",
            broken(|layout| fs::remove_file(layout.path("oci-layout")).unwrap()),
            &["image"],
            2,
        ),
        (
            "`imageLayoutVersion` is \"2.0.0\"",
            broken(|layout| fs::write(layout.path("oci-layout"), r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap()),
            &["image"],
            2,
        ),
        (
            "No such file",
            broken(|layout| fs::remove_file(layout.path("index.json")).unwrap()),
            &["image"],
            2,
        ),
        (
            "malformed JSON at byte 0",
            broken(|layout| fs::write(layout.path("index.json"), "x").unwrap()),
            &["image"],
            2,
        ),
        (
            "expected at most 4194304",
            broken(|layout| fs::write(layout.path("index.json"), vec![b' '; (4 << 20) + 1]).unwrap()),
            &["image"],
            2,
        ),
        (
            "`manifests[0]`: malformed digest",
            broken(|layout| {
                layout.top(&[json!({"mediaType": MANIFEST, "digest": "sha256:../../oci-layout", "size": 1})]);
            }),
            &["image"],
            2,
        ),
        (
            "nested in 9 indexes",
            broken(|layout| {
                let image = layout.image(&[]);
                layout.top(&[(0..9).fold(image, |inner, _| layout.index(&[inner]))]);
            }),
            &["image"],
            2,
        ),
        (
            "malformed JSON at byte 0",
            broken(|layout| layout.top(&[layout.add(MANIFEST, b"not JSON")])),
            &["image"],
            2,
        ),
        (
            "No such file",
            {
                let layout = broken(same);
                fs::remove_file(layout.blob(&top(&layout))).unwrap();
                layout
            },
            &["image"],
            2,
        ),
        (
            "No such file",
            broken(|layout| fs::remove_file(layout.blob(&layout.layer("empty-skopeo118").0)).unwrap()),
            &["image"],
            2,
        ),
    ];
    for (problem, layout, arguments, code) in cases {
        let output = layout.run(&[&["verify"], arguments].concat());
        let complaint = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{problem}: {complaint}");
        assert!(
            complaint.starts_with("error: ") && complaint.lines().count() == 1,
            "{complaint}"
        );
        assert!(complaint.contains(problem), "{problem}: {complaint}");
    }
}
