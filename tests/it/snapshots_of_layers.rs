//! `snapshot`, as the CI of a writer runs it.

use std::{fs, path::Path, process::Output};

use crate::{
    layouts::{Layout, named},
    support::{chunkproof_in, ends, known_good, root, stdout, tar_entry, tree},
};

/// A folder with layers and tars.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let copy = |name: &str, file: &str, to: &str| {
        fs::copy(known_good(name).join(file), dir.path().join(to)).unwrap();
    };
    copy("sparse-storage1_53_0", "layer.tar.zst", "layer.tar.zst");
    copy("sparse-storage1_53_0", "annotations.json", "annotations");
    copy("empty-skopeo118", "layer.tar.zst", "empty.zst");
    fs::create_dir(dir.path().join("tars")).unwrap();
    for (name, content) in [("one", "one"), ("two", "two")] {
        let mut tar = tar_entry("a", b'0', content.as_bytes());
        tar.resize(tar.len() + 1024, 0);
        fs::write(dir.path().join(format!("tars/{name}.tar")), tar).unwrap();
    }
    dir
}

fn snapshot(folder: &Path, arguments: &[&str]) -> Output {
    chunkproof_in(folder, &[&["snapshot"], arguments, &["--dir", "kept"]].concat())
}

fn kept(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join("kept").join(name)).unwrap()
}

#[test]
fn a_layer_has_everything_that_can_be_told() {
    let dir = folder();
    let output = snapshot(dir.path(), &["layer.tar.zst", "--annotations", "annotations"]);
    ends(&output, 0, "kept/layer.txt: new\n1 snapshot: 1 new\n");
    insta::assert_snapshot!("layer", kept(dir.path(), "layer.txt"));
    let stargz = root().join("corpus/known-good-estargz/minchunk");
    let to = dir.path().join("stargz");
    let arguments = ["snapshot", "layer.tar.gz", "--annotations", "annotations.json", "--dir"];
    let output = chunkproof_in(&stargz, &[&arguments[..], &[to.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("estargz", fs::read_to_string(to.join("layer.txt")).unwrap());
}

/// Every layer that a real tool wrote has a snapshot, which is the same the second time.
#[test]
fn every_known_layer_has_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut layers = Vec::new();
    for entry in fs::read_dir(root().join("corpus/known-good")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let name = format!("{}.tar.zst", folder.file_name().unwrap().to_str().unwrap());
            fs::copy(folder.join("layer.tar.zst"), dir.path().join(&name)).unwrap();
            layers.push(name);
        }
    }
    let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
    assert_eq!(snapshot(dir.path(), &layers).status.code(), Some(0));
    let first = tree(&dir.path().join("kept"));
    assert_eq!(first.len(), layers.len());
    for (name, text) in &first {
        assert!(
            String::from_utf8_lossy(text).contains("\nfindings: 0\n"),
            "{}",
            name.display()
        );
    }
    let output = snapshot(dir.path(), &[&layers[..], &["--check"]].concat());
    ends(&output, 0, &format!("{0} snapshots: {0} unchanged\n", layers.len()));
    assert_eq!(tree(&dir.path().join("kept")), first);
}

#[test]
fn a_check_shows_what_changed_and_writes_nothing() {
    let dir = folder();
    let layers = ["layer.tar.zst", "empty.zst"];
    assert_eq!(snapshot(dir.path(), &layers).status.code(), Some(0));
    let path = |name: &str| dir.path().join("kept").join(name);
    let old = kept(dir.path(), "layer.txt");
    fs::write(path("layer.txt"), old.replace("dialect     g4", "dialect     g3")).unwrap();
    fs::rename(path("empty.txt"), path("gone.txt")).unwrap();
    // What is no snapshot is left alone.
    fs::write(path("notes.txt"), "notes").unwrap();
    let before = tree(&dir.path().join("kept"));
    let output = snapshot(dir.path(), &[&layers[..], &["--check"]].concat());
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("check", stdout(&output));
    assert_eq!(tree(&dir.path().join("kept")), before);
    // To write is to accept, and what is stale is named.
    let output = snapshot(dir.path(), &layers);
    ends(&output, 0, "3 snapshots: 1 new, 1 updated, 1 stale");
    assert_eq!(kept(dir.path(), "layer.txt"), old);
    ends(
        &snapshot(dir.path(), &[&layers[..], &["--check"]].concat()),
        1,
        "kept/gone.txt: stale",
    );
    fs::remove_file(path("gone.txt")).unwrap();
    ends(
        &snapshot(dir.path(), &[&layers[..], &["--check"]].concat()),
        0,
        "2 unchanged",
    );
}

#[test]
fn a_check_without_snapshots_fails() {
    let dir = folder();
    let output = snapshot(dir.path(), &["empty.zst", "--check"]);
    ends(&output, 1, "kept/empty.txt: missing, empty.zst has no snapshot");
    assert!(!dir.path().join("kept").exists());
}

#[test]
fn layers_of_an_image_have_numbers() {
    let layout = Layout::new();
    let plain = layout.add("application/vnd.oci.image.layer.v1.tar", &tar_entry("a", b'0', b"a"));
    let diff_id = plain["digest"].as_str().unwrap().to_owned();
    let image = layout.image(&[
        (plain.clone(), diff_id.clone()),
        layout.layer("empty-skopeo118"),
        layout.layer("gnulong-skopeo118"),
    ]);
    layout.top(&[
        named(image, "latest"),
        named(layout.image(&[(plain, diff_id)]), "plain"),
    ]);
    let output = snapshot(layout.0.path(), &["oci:image:latest"]);
    ends(&output, 0, "skipped, not a zstd:chunked layer: an uncompressed tar");
    let names: Vec<String> = tree(&layout.0.path().join("kept"))
        .keys()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(names, ["image-latest.2.txt", "image-latest.3.txt"]);
    ends(
        &snapshot(layout.0.path(), &["oci:image:latest", "--check"]),
        0,
        "2 unchanged",
    );
    let output = chunkproof_in(layout.0.path(), &["snapshot", "oci:image:plain", "--dir", "other"]);
    ends(&output, 4, "skipped");
}

#[test]
fn a_writer_makes_the_layers() {
    let dir = folder();
    let reference = ["tars", "--writer", "reference"];
    ends(
        &snapshot(dir.path(), &reference),
        0,
        "kept/one.txt: new\nkept/two.txt: new\n",
    );
    insta::assert_snapshot!("written", kept(dir.path(), "one.txt"));
    ends(
        &snapshot(dir.path(), &[&reference[..], &["--check"]].concat()),
        0,
        "2 unchanged",
    );
    // A command line, here of the same writer, makes the same.
    let command = format!("{} adapter serve reference", env!("CARGO_BIN_EXE_chunkproof"));
    let output = snapshot(
        dir.path(),
        &["tars/one.tar", "tars/two.tar", "--writer", &command, "--check"],
    );
    ends(&output, 0, "2 unchanged");
    // A tar that is not written is a failure, also where it has a snapshot.
    fs::write(dir.path().join("tars/two.tar"), [1; 512]).unwrap();
    let output = snapshot(dir.path(), &[&reference[..], &["--check"]].concat());
    ends(&output, 1, "kept/two.txt: not made, reference rejected the tar: TAR-01");
    for (arguments, code, problem) in [
        (&["tars", "--writer", "zstd-chunked"][..], 1, "does not write layers"),
        (&["tars", "--writer", "/no/such/writer"], 3, "cannot be started"),
        (
            &["kept", "--writer", "reference"],
            2,
            "no file in the folder is called *.tar",
        ),
        (&["nothing.tar", "--writer", "reference"], 2, "No such file"),
        (
            &["tars", "--writer", "reference", "--annotations", "annotations"],
            2,
            "found tars for --writer",
        ),
    ] {
        ends(&snapshot(dir.path(), arguments), code, problem);
    }
}

#[test]
fn two_layers_of_one_name_are_an_error() {
    let dir = folder();
    fs::create_dir(dir.path().join("other")).unwrap();
    fs::copy(dir.path().join("empty.zst"), dir.path().join("other/empty.zst")).unwrap();
    let output = snapshot(dir.path(), &["empty.zst", "other/empty.zst"]);
    ends(&output, 2, "would have the same snapshot, empty.txt");
    assert!(!dir.path().join("kept").exists());
}
