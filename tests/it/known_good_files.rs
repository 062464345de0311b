//! The layers under `corpus/known-good/` are what their provenance says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use chunkproof::format::{Dialect, Digest};
use serde::Deserialize;

use crate::support::root;

/// A `provenance.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provenance {
    tool: String,
    version: String,
    how: String,
    dialect: Dialect,
    layer: File,
    tar: File,
    input: String,
    note: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// 64 lower-case hexadecimal digits.
    sha256: String,
    size: usize,
}

impl File {
    fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Digest::of(bytes).hex(),
            size: bytes.len(),
        }
    }
}

fn folder() -> PathBuf {
    root().join("corpus/known-good")
}

/// The folders of the layers, in the order of their names.
fn layers() -> Vec<PathBuf> {
    let mut layers: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    layers.sort();
    assert!(!layers.is_empty());
    layers
}

fn name(layer: &Path) -> &str {
    layer.file_name().unwrap().to_str().unwrap()
}

fn provenance(layer: &Path) -> Provenance {
    serde_json::from_slice(&fs::read(layer.join("provenance.json")).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", name(layer)))
}

/// Decodes every frame and passes over skippable ones, as any reader of `tar.zst` does.
fn decode(blob: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    io::copy(&mut zstd::Decoder::new(blob).unwrap(), &mut tar).unwrap();
    tar
}

#[test]
fn blobs_and_their_tars_are_the_recorded_ones() {
    for layer in layers() {
        let expected = provenance(&layer);
        let blob = fs::read(layer.join("layer.tar.zst")).unwrap();
        assert_eq!(File::of(&blob), expected.layer, "{}", name(&layer));
        assert_eq!(File::of(&decode(&blob)), expected.tar, "tar of {}", name(&layer));
    }
}

#[test]
fn annotations_are_those_of_the_dialect() {
    for layer in layers() {
        let dialect = provenance(&layer).dialect;
        let annotations: BTreeMap<String, String> =
            serde_json::from_slice(&fs::read(layer.join("annotations.json")).unwrap()).unwrap();
        let prefix = match dialect {
            Dialect::G1 => "io.containers.zstd-chunked.",
            _ => "io.github.containers.zstd-chunked.",
        };
        let mut expected = BTreeSet::from(["manifest-checksum", "manifest-position"]);
        if dialect.has_tar_split() {
            expected.insert("tarsplit-position");
        }
        if matches!(dialect, Dialect::G3 | Dialect::G4) {
            expected.insert("tarsplit-checksum");
        }
        let ours: BTreeSet<&str> = annotations.keys().filter_map(|key| key.strip_prefix(prefix)).collect();
        assert_eq!(ours, expected, "{}", name(&layer));
        // stargz-snapshotter writes the digest of eStargz beside those of g1, and nobody writes anything else.
        let foreign: Vec<&str> = annotations
            .keys()
            .map(String::as_str)
            .filter(|key| !key.starts_with(prefix))
            .collect();
        assert!(
            foreign.is_empty() || foreign == ["containerd.io/snapshot/stargz/toc.digest"],
            "{}: {foreign:?}",
            name(&layer)
        );
    }
}

#[test]
fn the_readme_has_a_row_for_every_layer_that_agrees_with_its_provenance() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let rows: Vec<String> = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(str::to_owned)
        .collect();
    let expected: Vec<String> = layers()
        .iter()
        .map(|layer| {
            let Provenance {
                tool,
                version,
                how,
                dialect,
                layer: file,
                tar,
                input,
                note,
            } = provenance(layer);
            for text in [&how, &input, &note] {
                assert!(!text.is_empty(), "{}", name(layer));
            }
            format!(
                "| `{}` | {dialect} | {tool} {version} | {} | {} |",
                name(layer),
                file.size,
                tar.size
            )
        })
        .collect();
    assert_eq!(rows, expected);
}
