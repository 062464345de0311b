//! A layer of ours on its way through real clients: skopeo copies it to a registry and back, and podman's library pulls it from
//! there in part.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::clients::{is_there, podman_adapter, succeed};
use crate::registries::Registry;
use crate::support::program;
use chunkproof::format::Digest;
use serde_json::Value;

/// The manifest of the one image in a layout.
fn manifest(layout: &Path) -> Value {
    let read = |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let index = read(&layout.join("index.json"));
    read(&blob(layout, &index["manifests"][0]))
}

/// The blob that a descriptor names.
fn blob(layout: &Path, descriptor: &Value) -> PathBuf {
    let digest = descriptor["digest"].as_str().unwrap();
    layout.join("blobs").join(digest.replace(':', "/"))
}

/// A tar of 4 MiB in three files that do not compress.
fn tar(path: &Path) {
    let mut tar = Vec::new();
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..124].copy_from_slice(b"0000000\x000000000\0");
        let size = (index + 1) * 700_000;
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156..165].copy_from_slice(b"0\0\0\0\0\0\0\0\0");
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend(header);
        let mut state = u64::try_from(index).unwrap() + 1;
        tar.extend((0..size).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        }));
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    fs::write(path, tar).unwrap();
}

#[test]
fn a_layer_goes_to_a_registry_and_back_and_is_pulled_in_part() {
    let Some(registry) = Registry::start(false) else {
        return;
    };
    if !is_there("skopeo", "--version", "CHUNKPROOF_REQUIRE_SKOPEO") {
        return;
    }
    let folder = registry.folder.path();
    let chunkproof = |arguments: &[&str]| succeed(program().args(arguments).current_dir(folder));
    tar(&folder.join("tar"));
    chunkproof(&["write", "tar", "-o", "oci:ours:image"]);
    let image = registry.reference("image");
    for (from, to) in [("oci:ours:image", image.as_str()), (image.as_str(), "oci:back:image")] {
        succeed(
            Command::new("skopeo")
                .args([
                    "--insecure-policy",
                    "copy",
                    "--quiet",
                    "--src-tls-verify=false",
                    "--dest-tls-verify=false",
                ])
                .args([from, to])
                .current_dir(folder),
        );
    }
    let ours = manifest(&folder.join("ours"))["layers"][0].clone();
    let back = manifest(&folder.join("back"))["layers"][0].clone();
    assert_eq!(ours, back, "the descriptor is another");
    let bytes = fs::read(blob(&folder.join("ours"), &ours)).unwrap();
    assert!(
        bytes == fs::read(blob(&folder.join("back"), &back)).unwrap(),
        "the layer is another"
    );
    chunkproof(&["verify", &image]);

    if !is_there("go", "version", "CHUNKPROOF_REQUIRE_GO") {
        return;
    }
    let adapter = podman_adapter(folder);
    fs::write(folder.join("annotations"), ours["annotations"].to_string()).unwrap();
    let digest = ours["digest"].as_str().unwrap();
    let url = format!("http://127.0.0.1:{}/v2/test/image/blobs/{digest}", registry.port);
    // The library unpacks into a folder: the graph driver above it is a stand-in, since overlay cannot be mounted everywhere.
    let pulled = succeed(
        Command::new(adapter)
            .args(["pull", &url, digest, &ours["size"].to_string()])
            .arg(folder.join("annotations")),
    );
    let pulled: Value = serde_json::from_slice(&pulled.stdout).unwrap();
    let tar = fs::read(folder.join("tar")).unwrap();
    assert_eq!(pulled["sha256"], Digest::of(&tar).hex());
    assert_eq!(pulled["size"], tar.len().to_string());
    let fetched: usize = pulled["fetched"].as_str().unwrap().parse().unwrap();
    assert!(
        (1..=bytes.len()).contains(&fetched),
        "{fetched} of {} bytes",
        bytes.len()
    );
}
