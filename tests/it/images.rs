//! `write` into OCI image layouts, as a user runs it, and the layouts beside a program that reads them too.

use std::{
    fs,
    io::Read as _,
    path::Path,
    process::{Command, Output},
};

use chunkproof::format::Digest;
use serde_json::{Value, json};

use crate::support::{chunkproof_in, root, tree};

/// A folder with the tar of a known layer.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let layer = root().join("corpus/known-good/hardxattr-skopeo118/layer.tar.zst");
    let mut tar = Vec::new();
    let mut decoder = zstd::stream::Decoder::new(fs::File::open(layer).unwrap()).unwrap();
    decoder.read_to_end(&mut tar).unwrap();
    fs::write(dir.path().join("tar"), tar).unwrap();
    dir
}

fn run(program: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Writes an image and returns what is printed.
fn write(folder: &Path, arguments: &[&str]) -> String {
    let output = chunkproof_in(folder, &[&["write", "tar"], arguments].concat());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout).unwrap()
}

fn index(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<Option<String>> {
    let index = index(folder);
    let name = |image: &Value| {
        image["annotations"]["org.opencontainers.image.ref.name"]
            .as_str()
            .map(str::to_owned)
    };
    index["manifests"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn an_image_that_is_written_holds() {
    let dir = folder();
    let folder = dir.path();
    for dialect in ["g1", "g2", "g3", "g4", "g5"] {
        write(folder, &["-o", &format!("oci:image:{dialect}"), "--dialect", dialect]);
        let output = chunkproof_in(folder, &["verify", &format!("oci:image:{dialect}"), "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{dialect}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["layers"][0]["dialect"], dialect);
        let diff_id = Digest::of(&fs::read(folder.join("tar")).unwrap()).to_string();
        assert_eq!(report["layers"][0]["descriptor"]["diff_id"], diff_id);
    }
    for (path, bytes) in tree(&folder.join("image/blobs/sha256")) {
        assert_eq!(path.to_str().unwrap(), Digest::of(&bytes).hex());
    }
    let output = chunkproof_in(folder, &["verify", "image", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["layers"].as_array().unwrap().len(), 5);
}

#[test]
fn the_same_tar_makes_the_same_layout() {
    let (first, second) = (folder(), folder());
    let printed = write(first.path(), &["-o", "oci:image:name"]);
    assert_eq!(printed, write(second.path(), &["-o", "oci:image:name"]));
    let made = tree(first.path());
    assert_eq!(made, tree(second.path()));
    // The tar, the two files of a layout, and three blobs.
    assert_eq!(made.len(), 6);
    write(first.path(), &["-o", "oci:image:name"]);
    assert_eq!(tree(first.path()), made);
    let digest = printed.lines().last().unwrap().split_whitespace().nth(1).unwrap();
    assert_eq!(index(&first.path().join("image"))["manifests"][0]["digest"], digest);
}

#[test]
fn images_that_are_there_stay() {
    let dir = folder();
    let (folder, image) = (dir.path(), dir.path().join("image"));
    let some = |name: &str| Some(name.to_owned());
    write(folder, &["-o", "oci:image:a"]);
    write(folder, &["-o", "oci:image:b"]);
    write(folder, &["-o", "oci:image"]);
    write(folder, &["-o", "oci:image"]);
    assert_eq!(names(&image), [some("a"), some("b"), None]);
    // What others put into the index is not ours to drop.
    let mut changed = index(&image);
    changed["annotations"] = json!({"of": "others"});
    changed["manifests"][1]["platform"] = json!({"os": "linux", "architecture": "arm64", "os.version": "1"});
    fs::write(image.join("index.json"), changed.to_string()).unwrap();
    let before = changed["manifests"][0]["digest"].clone();
    write(folder, &["-o", "oci:image:a", "--dialect", "g2"]);
    let after = index(&image);
    assert_eq!(names(&image), [some("b"), None, some("a")]);
    assert_eq!(after["manifests"][0], changed["manifests"][1]);
    assert_eq!(after["annotations"], changed["annotations"]);
    assert_ne!(after["manifests"][2]["digest"], before);
}

#[test]
fn nothing_is_made_of_what_is_refused() {
    let dir = folder();
    let folder = dir.path();
    let tar = fs::read(folder.join("tar")).unwrap();
    fs::write(folder.join("cut"), &tar[..700]).unwrap();
    fs::create_dir(folder.join("full")).unwrap();
    fs::write(folder.join("full/file"), "").unwrap();
    let before = tree(folder);
    for (arguments, code, problem) in [
        (&["cut", "-o", "oci:image:a"][..], 1, ""),
        (&["missing", "-o", "oci:image:a"], 2, "No such file"),
        (&["tar", "-o", "oci:full:a"], 2, "not an image layout"),
        (&["tar", "-o", "oci:tar:a"], 2, "Not a directory"),
        (&["tar", "-o", "oci:no/image:a"], 2, "oci:no/image"),
        (
            &["tar", "-o", "oci:image:a", "--annotations", "file"],
            2,
            "go into the manifest",
        ),
        (
            &[
                "tar",
                "-o",
                "oci:image@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ],
            2,
            "needs a name, found a digest",
        ),
    ] {
        let output = chunkproof_in(folder, &[&["write"], arguments].concat());
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {complaint}");
        assert!(
            complaint.contains(problem.trim_start_matches("oci:")),
            "{arguments:?}: {complaint}"
        );
        assert_eq!(tree(folder), before, "{arguments:?}");
        assert!(!folder.join("image").exists(), "{arguments:?}");
    }
    let refused = chunkproof_in(folder, &["write", "cut", "-o", "oci:image:a"]);
    assert!(String::from_utf8(refused.stdout).unwrap().contains("TAR-04"));
}

/// skopeo reads the layout and copies the layer byte for byte.
#[test]
fn skopeo_reads_what_is_written() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        eprintln!("skopeo is not installed: its side was not looked at");
        return;
    }
    let dir = folder();
    let folder = dir.path();
    write(folder, &["-o", "oci:image:a"]);
    write(folder, &["-o", "oci:image:b", "--dialect", "g2"]);
    for name in ["oci:image:a", "oci:image:b"] {
        let output = run("skopeo", folder, &["inspect", name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let inspected: Value = serde_json::from_slice(&output.stdout).unwrap();
        let digest = inspected["Layers"][0].as_str().unwrap().to_owned();

        let policy = ["--insecure-policy", "copy", name, "dir:out"];
        let output = run("skopeo", folder, &policy);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let hex = digest.strip_prefix("sha256:").unwrap();
        let copied = fs::read(folder.join("out").join(hex)).unwrap();
        assert_eq!(Digest::of(&copied).to_string(), digest);
        assert!(
            copied == fs::read(folder.join("image/blobs/sha256").join(hex)).unwrap(),
            "{name}"
        );
        let manifest: Value = serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).unwrap()).unwrap();
        fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
        let layer = format!("out/{hex}");
        let output = chunkproof_in(folder, &["verify", &layer, "--annotations", "manifest.json"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }

    // The other way: a layout that skopeo wrote, to which ours is added.
    let output = run(
        "skopeo",
        folder,
        &["--insecure-policy", "copy", "oci:image:a", "oci:theirs:a"],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    write(folder, &["-o", "oci:theirs:b"]);
    let output = run("skopeo", folder, &["inspect", "oci:theirs:b"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(chunkproof_in(folder, &["verify", "theirs"]).status.code(), Some(0));
}
