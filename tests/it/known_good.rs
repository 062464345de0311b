//! The layers that real tools wrote: each holds, gives its recorded tar, and looks as it did.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use chunkproof::{
    format::{
        Digest, Findings,
        layer::{self, Source},
        tarsplit,
    },
    vectors::ops::EntryOutput,
};
use serde_json::Value;

use crate::support::{program, root};

struct KnownGood {
    name: String,
    folder: PathBuf,
    blob: Vec<u8>,
    annotations: BTreeMap<String, String>,
    tar: Value,
    dialect: String,
}

fn known_good() -> Vec<KnownGood> {
    let root = root().join("corpus/known-good");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 25, "a layer is missing");
    folders
        .into_iter()
        .map(|folder| {
            let provenance: Value = serde_json::from_slice(&fs::read(folder.join("provenance.json")).unwrap()).unwrap();
            KnownGood {
                name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                blob: fs::read(folder.join("layer.tar.zst")).unwrap(),
                annotations: serde_json::from_slice(&fs::read(folder.join("annotations.json")).unwrap()).unwrap(),
                tar: provenance["tar"].clone(),
                dialect: provenance["dialect"].as_str().unwrap().to_owned(),
                folder,
            }
        })
        .collect()
}

#[test]
fn every_layer_holds_and_decodes_to_its_tar() {
    for known in known_good() {
        let blob = known.blob.as_slice();
        for annotations in [Some(&known.annotations), None] {
            let mut findings = Findings::new();
            let verified = layer::verify(&Source::new(&blob, annotations), &mut findings).unwrap();
            assert!(findings.is_empty(), "{}: {findings:?}", known.name);
            assert_eq!(
                verified.tar_digest.unwrap().hex(),
                known.tar["sha256"].as_str().unwrap(),
                "{}",
                known.name
            );
            assert_eq!(verified.tar_size, known.tar["size"].as_u64(), "{}", known.name);
            if annotations.is_some() {
                assert_eq!(verified.dialect.unwrap().name(), known.dialect, "{}", known.name);
            }
        }
    }
}

#[test]
fn every_layer_with_a_tar_split_gives_its_tar_back() {
    let mut rebuilt = 0;
    for known in known_good() {
        let blob = known.blob.as_slice();
        let mut findings = Findings::new();
        let mut tar = Vec::new();
        let result =
            layer::reconstruct(&Source::new(&blob, Some(&known.annotations)), &mut findings, &mut tar).unwrap();
        if matches!(known.dialect.as_str(), "g1" | "g2") {
            let rules: Vec<&str> = findings.list().iter().map(|finding| finding.rule.id()).collect();
            assert_eq!(rules, ["LYR-08"], "{}", known.name);
            continue;
        }
        assert!(findings.is_empty(), "{}: {findings:?}", known.name);
        assert_eq!(Digest::of(&tar), result.unwrap().digest, "{}", known.name);
        assert_eq!(
            Digest::of(&tar).hex(),
            known.tar["sha256"].as_str().unwrap(),
            "{}",
            known.name
        );
        assert_eq!(result.unwrap().authenticated, known.dialect == "g5", "{}", known.name);
        rebuilt += 1;
    }
    assert_eq!(rebuilt, 16);
}

/// What `inspect` and `verify` print, the TOC in canonical form, and the tar-split in short.
#[test]
fn layers_look_as_they_did() {
    for known in known_good() {
        let run = |command: &str| {
            let output = program()
                .args([command, "layer.tar.zst", "--annotations", "annotations.json"])
                .current_dir(&known.folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", known.name);
            String::from_utf8(output.stdout).unwrap()
        };
        insta::assert_snapshot!(format!("{}@inspect", known.name), run("inspect"));
        insta::assert_snapshot!(format!("{}@verify", known.name), run("verify"));

        let blob = known.blob.as_slice();
        let source = Source::new(&blob, Some(&known.annotations));
        let mut findings = Findings::new();
        let located = layer::locate(&source, &mut findings).unwrap().unwrap();
        let index = layer::load(&source, &located, &mut findings).unwrap().unwrap();
        let toc: String = index.toc.entries.iter().fold(String::new(), |mut text, entry| {
            writeln!(text, "{}", serde_json::to_string(&EntryOutput::from(entry)).unwrap()).unwrap();
            text
        });
        insta::assert_snapshot!(format!("{}@toc", known.name), toc);
        if let Some(tar_split) = index.tar_split {
            insta::assert_snapshot!(format!("{}@tar-split", known.name), in_short(&tar_split.entries));
        }
    }
}

/// One line an entry: segments by length and digest, files by name, size and CRC.
fn in_short(entries: &[tarsplit::Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        match entry {
            tarsplit::Entry::Segment(segment) => {
                writeln!(text, "segment {} {}", segment.bytes.len(), Digest::of(&segment.bytes)).unwrap();
            }
            tarsplit::Entry::File(file) => {
                let crc = file.crc.map_or_else(|| "none".to_owned(), |crc| format!("{crc:016x}"));
                writeln!(text, "file {} {} {crc}", file.name.escape_ascii(), file.size).unwrap();
            }
            tarsplit::Entry::Unusable(line) => panic!("line {line}"),
        }
    }
    text
}

/// No byte of a layer can be changed or lost without notice: either a rule is broken, or the tar is the same as before.
#[test]
fn flipped_bits_and_truncation_are_noticed() {
    for known in known_good() {
        // Small enough for every bit; one of each dialect that differs in the blob.
        if !["empty-skopeo118", "hardxattr-storage1_43_2", "gnulong-skopeo118"].contains(&known.name.as_str()) {
            continue;
        }
        let expected = known.tar["sha256"].as_str().unwrap();
        let check = |blob: &[u8], what: &str, harmless: bool| {
            let mut findings = Findings::new();
            let verified = layer::verify(&Source::new(&blob, Some(&known.annotations)), &mut findings).unwrap();
            let same = verified.tar_digest.is_some_and(|digest| digest.hex() == expected);
            assert!(
                !findings.is_empty() || (harmless && same),
                "{}: {what} goes unnoticed",
                known.name
            );
        };
        let step = if known.blob.len() < 1000 { 1 } else { 7 };
        for bit in (0..known.blob.len() * 8).step_by(step) {
            let mut blob = known.blob.clone();
            if let Some(byte) = blob.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            check(&blob, &format!("bit {bit}"), true);
        }
        for length in (0..known.blob.len()).step_by(step) {
            check(known.blob.get(..length).unwrap(), &format!("cut to {length}"), false);
        }
    }
}
