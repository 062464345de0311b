use std::{fs, path::Path};

use super::{Annotations, Toc, Unsealed};
use crate::{
    forge::{layer::Plan, random::Random, tar::TarEntry},
    format::{
        Dialect, Findings,
        layer::{Source, reconstruct, verify},
    },
};

/// The layers of the corpus that real tools wrote, and how they are named.
fn known_good() -> Vec<(String, Vec<u8>, Annotations)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/known-good");
    let mut layers = Vec::new();
    for case in fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        if case.is_dir() {
            let annotations = fs::read(case.join("annotations.json")).unwrap();
            layers.push((
                case.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(case.join("layer.tar.zst")).unwrap(),
                serde_json::from_slice(&annotations).unwrap(),
            ));
        }
    }
    assert!(layers.len() > 20);
    layers
}

/// A small layer of each dialect and style, with something of everything.
fn built() -> Vec<(String, Vec<u8>, Annotations)> {
    let mut long = TarEntry::file(&"n".repeat(120), b"long name");
    long.xattrs = vec![("user.a".to_owned(), b"value".to_vec())];
    let mut chunked = TarEntry::file("chunked", [&b"abc"[..], &[0; 1000], b"de"].concat());
    chunked.chunks = vec![(3, false), (1000, true), (2, false)];
    let entries = vec![
        TarEntry::dir("d/"),
        TarEntry::file("d/empty", b""),
        TarEntry::file("d/f", vec![b'x'; 700]),
        chunked,
        long,
        TarEntry::symlink("l", "d/f"),
        TarEntry::hard_link("h", "d/f"),
        TarEntry::device(b'3', "c", 1, 3),
    ];
    let mut plans: Vec<(String, Plan)> = Dialect::ALL
        .iter()
        .map(|&dialect| (dialect.to_string(), Plan::new(dialect, entries.clone())))
        .collect();
    plans.push(("stargz".to_owned(), Plan::stargz(entries)));
    plans
        .into_iter()
        .map(|(name, plan)| {
            let layer = plan.layer();
            (name, layer.blob, layer.annotations)
        })
        .collect()
}

#[track_caller]
fn tar_of(name: &str, blob: &[u8], annotations: &Annotations) -> Option<crate::format::Digest> {
    let mut findings = Findings::new();
    let verified = verify(&Source::new(&blob, Some(annotations)), &mut findings).unwrap();
    assert!(findings.is_empty(), "{name}: {findings:?}");
    verified.tar_digest
}

#[test]
fn layers_come_back() {
    for (name, blob, annotations) in known_good().into_iter().chain(built()) {
        let layer = Unsealed::of(&blob, &annotations).unwrap();
        assert!(matches!(layer.toc, Toc::Json(_)), "{name}");
        let (sealed, sealed_annotations) = layer.seal();
        assert_eq!(
            tar_of(&name, &sealed, &sealed_annotations),
            tar_of(&name, &blob, &annotations),
            "{name}"
        );
        // What was sealed comes apart into the same, and no seal was taken for a text.
        assert_eq!(Unsealed::of(&sealed, &sealed_annotations).unwrap(), layer, "{name}");
        assert!(
            layer
                .annotations
                .values()
                .all(|note| !matches!(note, super::Note::Text(_))),
            "{name}: {:?}",
            layer.annotations
        );
    }
}

/// Dropping an entry and shortening a file leave a layer that keeps all rules but those of what named the entry.
#[test]
fn smaller_layers_are_sealed() {
    for (name, blob, annotations) in built() {
        let layer = Unsealed::of(&blob, &annotations).unwrap();
        let mut changed = 0;
        for (number, step) in layer.steps_of_entries().iter().enumerate() {
            // A zeros chunk that is shortened away leaves nothing behind that says it.
            let Some(smaller) = layer.after(step) else {
                continue;
            };
            let (blob, annotations) = smaller.seal();
            tar_of(&format!("{name}: step {number}"), &blob, &annotations);
            changed += 1;
        }
        assert!(changed > 20, "{name}: {changed}");
    }
}

/// What is tested after a change lies behind the seals: most layers still load.
#[test]
fn changes_stay_behind_the_seals() {
    let mut random = Random::new(0);
    let (mut loaded, mut all) = (0, 0);
    for (_, blob, annotations) in built() {
        let layer = Unsealed::of(&blob, &annotations).unwrap();
        for _ in 0..200 {
            let mut changed = layer.clone();
            changed.mutate(&mut random);
            let (blob, annotations) = changed.seal();
            let mut findings = Findings::new();
            reconstruct(
                &Source::new(&blob.as_slice(), Some(&annotations)),
                &mut findings,
                &mut std::io::sink(),
            )
            .unwrap();
            all += 1;
            let seals = ["FTR", "ANN", "IDX", "LYR", "FRM"];
            let broken = findings
                .list()
                .iter()
                .any(|finding| seals.iter().any(|seal| finding.rule.id().starts_with(seal)));
            loaded += usize::from(!broken);
        }
    }
    assert!(loaded * 2 > all, "{loaded} of {all}");
}
