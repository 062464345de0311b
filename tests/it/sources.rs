//! Where layers are read from: several at once, stdin, archives and directories, as a user names them.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use chunkproof::format::Digest;
use serde_json::{Value, json};

use crate::{
    clients::{is_there, succeed},
    layouts::{Layout, named},
    support::{chunkproof_in, ends, known_good, program, root, stderr, stdout, tar_entry, tree},
};

const GOOD: &str = "gnulong-skopeo118";

/// A folder with two layers, and what is left of one.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let good = fs::read(known_good(GOOD).join("layer.tar.zst")).unwrap();
    fs::write(dir.path().join("cut.zst"), &good[..good.len() / 2]).unwrap();
    fs::write(dir.path().join("good.zst"), good).unwrap();
    fs::copy(
        known_good(GOOD).join("annotations.json"),
        dir.path().join("annotations"),
    )
    .unwrap();
    fs::copy(
        known_good("empty-skopeo118").join("layer.tar.zst"),
        dir.path().join("empty.zst"),
    )
    .unwrap();
    dir
}

/// Runs a command that reads these bytes from stdin.
fn fed(folder: &Path, arguments: &[&str], bytes: &[u8]) -> Output {
    let mut child = program()
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses its arguments reads nothing.
    let _gone = child.stdin.take().unwrap().write_all(bytes);
    child.wait_with_output().unwrap()
}

#[test]
fn several_layers_have_a_summary_and_the_worst_exit_code() {
    let dir = folder();
    let output = chunkproof_in(
        dir.path(),
        &["verify", "good.zst", "cut.zst", "missing.zst", "empty.zst"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: missing.zst: No such file or directory (os error 2)\n"
    );
    insta::assert_snapshot!("several", stdout(&output));
    for (arguments, code) in [
        (&["good.zst", "empty.zst"][..], 0),
        (&["good.zst", "cut.zst"], 1),
        (&["cut.zst", "missing.zst"], 2),
    ] {
        let output = chunkproof_in(dir.path(), &[&["verify"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(stdout(&output).contains("2 inputs: "), "{}", stdout(&output));
    }
    // One alone has no summary.
    assert!(!stdout(&chunkproof_in(dir.path(), &["verify", "good.zst"])).contains("inputs"));
}

#[test]
fn several_layers_are_one_document_of_json() {
    let (dir, layout) = (folder(), Layout::new());
    layout.top(&[layout.image(&[layout.layer(GOOD)])]);
    let image = layout.path("");
    for (command, word) in [("verify", "valid"), ("inspect", "shown"), ("index", "listed")] {
        let arguments = [
            command,
            "good.zst",
            image.to_str().unwrap(),
            "missing.zst",
            "--format",
            "json",
        ];
        let output = chunkproof_in(dir.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{command}: {}", stderr(&output));
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value["summary"], json!({word: 2, "not_readable": 1}));
        assert_eq!(value["inputs"][0]["layer"], "good.zst");
        assert_eq!(value["inputs"][1]["layers"].as_array().unwrap().len(), 1);
        let problem = value["inputs"][2]["error"].as_str().unwrap();
        assert!(problem.starts_with("missing.zst: No such file"), "{problem}");
        // It is indented as JSON is everywhere.
        assert_eq!(stdout(&output), format!("{value:#}\n"));
    }
}

/// What a summary calls an address is what messages call it.
#[test]
fn a_summary_has_no_passwords() {
    let dir = folder();
    for address in ["http://name:secret@127.0.0.1:1/a", "http://name:secret@["] {
        for format in ["terminal", "json"] {
            let output = chunkproof_in(dir.path(), &["verify", address, "good.zst", "--format", format]);
            assert_eq!(output.status.code(), Some(2));
            let all = format!("{}{}", stdout(&output), stderr(&output));
            assert!(!all.contains("secret") && all.contains("not"), "{all}");
        }
    }
}

/// A manifest has the annotations of each layer; a map has those of one.
#[test]
fn several_layers_have_the_annotations_of_a_manifest() {
    let dir = folder();
    let layer = |name: &str| {
        let blob = fs::read(known_good(name).join("layer.tar.zst")).unwrap();
        let annotations: Value =
            serde_json::from_slice(&fs::read(known_good(name).join("annotations.json")).unwrap()).unwrap();
        json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+zstd", "digest": Digest::of(&blob).to_string(),
            "size": blob.len(), "annotations": annotations})
    };
    let manifest = json!({"layers": [layer(GOOD), layer("empty-skopeo118")]});
    fs::write(dir.path().join("manifest"), manifest.to_string()).unwrap();
    let verify = |annotations: &str| {
        let arguments = [
            "verify",
            "good.zst",
            "empty.zst",
            "--annotations",
            annotations,
            "--require-annotations",
        ];
        chunkproof_in(dir.path(), &arguments)
    };
    let output = verify("manifest");
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let output = verify("annotations");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("a map of annotations is about one layer"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_layer_is_read_from_stdin() {
    let dir = folder();
    let good = fs::read(dir.path().join("good.zst")).unwrap();
    for (arguments, text) in [
        (&["verify", "-"][..], "stdin: valid\n"),
        (&["inspect", "-"], "stdin: 1980 bytes\n"),
        (&["index", "-", "--annotations", "annotations"], "stdin: 5 entries"),
        (&["reconstruct", "-", "-o", "tar"], "stdin: rebuilt\n"),
        (&["verify", "-", "empty.zst"], "2 inputs: 2 valid"),
    ] {
        let output = fed(dir.path(), arguments, &good);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        assert!(stdout(&output).contains(text), "{arguments:?}: {}", stdout(&output));
    }
    let output = fed(dir.path(), &["verify", "-", "--max-blob", "1K"], &good);
    ends(
        &output,
        2,
        "stdin: longer than 1024 bytes, expected at most that (--max-blob)",
    );
    ends(
        &fed(dir.path(), &["verify", "-", "-"], &good),
        2,
        "found `-` more than once",
    );
    ends(&fed(dir.path(), &["verify", "-"], b""), 1, "an empty file");
}

#[test]
fn what_only_the_footer_finds_can_be_refused() {
    let dir = folder();
    let problem = "LYR-09 annotations: only the footer names the index";
    let output = chunkproof_in(dir.path(), &["verify", "good.zst", "--require-annotations"]);
    ends(&output, 1, problem);
    let with = [
        "verify",
        "good.zst",
        "--annotations",
        "annotations",
        "--require-annotations",
    ];
    ends(&chunkproof_in(dir.path(), &with), 0, "good.zst: valid");
    let stargz = root().join("corpus/known-good-estargz/mixed");
    let output = chunkproof_in(&stargz, &["verify", "layer.tar.gz", "--require-annotations"]);
    ends(&output, 1, problem);
    let with = [
        "verify",
        "layer.tar.gz",
        "--annotations",
        "annotations.json",
        "--require-annotations",
    ];
    ends(&chunkproof_in(&stargz, &with), 0, "valid");

    let layout = Layout::new();
    let (mut stripped, diff_id) = layout.layer(GOOD);
    stripped.as_object_mut().unwrap().remove("annotations");
    layout.top(&[layout.image(&[layout.layer("empty-skopeo118"), (stripped, diff_id)])]);
    ends(&layout.run(&["verify", "image"]), 0, "nothing authenticates it");
    let output = layout.run(&["verify", "image", "--require-annotations", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["layers"][0]["valid"], true);
    assert_eq!(value["layers"][1]["findings"][0]["rule"], "LYR-09");
}

/// The way to name what was meant is in the message.
#[test]
fn messages_name_the_transports() {
    let dir = folder();
    let layout = Layout::new();
    layout.top(&[]);
    let mut text = String::new();
    for argument in [
        "missing.zst",
        "alpine:latest",
        "docker.io/library/alpine:latest",
        "localhost:5000/a",
        "registry:5000/a/b:1",
        "containers-storage:localhost/a",
        "docker-daemon:a:latest",
        "dir:missing",
        "dir:.",
        "docker-archive:missing.tar",
        "docker-archive:good.zst",
        "oci-archive:good.zst",
        "oci:.",
        ".",
    ] {
        let output = chunkproof_in(dir.path(), &["verify", argument]);
        assert_eq!(output.status.code(), Some(2), "{argument}");
        text += &format!("{argument}\n  {}", stderr(&output));
    }
    insta::assert_snapshot!("transports", text);
    let both = ["verify", ".", "--annotations", "annotations"];
    ends(&chunkproof_in(dir.path(), &both), 2, "not an image layout");
}

/// A tar of these files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar: Vec<u8> = files
        .iter()
        .flat_map(|(name, content)| tar_entry(name, b'0', content))
        .collect();
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// An archive as `docker save` writes it, with these layers.
fn docker_archive(layers: &[(&str, &[u8])], diff_ids: &[String]) -> Vec<u8> {
    let config = json!({"rootfs": {"type": "layers", "diff_ids": diff_ids}}).to_string();
    let names: Vec<&str> = layers.iter().map(|(name, _)| *name).collect();
    let manifest =
        json!([{"Config": "config.json", "RepoTags": ["docker.io/library/a:latest"], "Layers": names}]).to_string();
    let mut files = layers.to_vec();
    files.extend([
        ("config.json", config.as_bytes()),
        ("./manifest.json", manifest.as_bytes()),
    ]);
    tar(&files)
}

#[test]
fn a_docker_archive_is_read() {
    let dir = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let layer = tar(&[("x", b"x")]);
    let archive = docker_archive(&[("a.tar", &layer)], &[Digest::of(&layer).to_string()]);
    write("a.tar", &archive);
    write("a.tar.zst", &zstd::stream::encode_all(&archive[..], 1).unwrap());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&archive).unwrap();
    write("a.tar.gz", &gzip.finish().unwrap());
    for name in [
        "a.tar",
        "a.tar.gz",
        "a.tar.zst",
        "a.tar:a",
        "a.tar:a:latest",
        "a.tar:docker.io/library/a:latest",
        "a.tar:@0",
    ] {
        for command in ["verify", "inspect", "index"] {
            let output = chunkproof_in(dir.path(), &[command, &format!("docker-archive:{name}")]);
            ends(&output, 4, "skipped, not a zstd:chunked layer: an uncompressed tar");
        }
    }
    let output = chunkproof_in(dir.path(), &["reconstruct", "docker-archive:a.tar", "-o", "tar"]);
    ends(&output, 4, "not a zstd:chunked layer: an uncompressed tar");
    ends(
        &chunkproof_in(dir.path(), &["verify", "docker-archive:a.tar:b"]),
        2,
        "no image has the name \"b\", found docker.io/library/a:latest",
    );
    ends(
        &chunkproof_in(dir.path(), &["verify", "docker-archive:a.tar.gz", "--max-blob", "1K"]),
        2,
        "longer than 1024 bytes",
    );
    ends(
        &chunkproof_in(dir.path(), &["verify", "a.tar"]),
        1,
        "`docker-archive:` in front of its name reads its layers",
    );

    // An engine that keeps images in containerd saves layers as they are.
    let good = fs::read(dir.path().join("good.zst")).unwrap();
    let provenance: Value =
        serde_json::from_slice(&fs::read(known_good(GOOD).join("provenance.json")).unwrap()).unwrap();
    let diff_id = format!("sha256:{}", provenance["tar"]["sha256"].as_str().unwrap());
    write("b.tar", &docker_archive(&[("b", &good)], &[diff_id]));
    let output = chunkproof_in(dir.path(), &["verify", "docker-archive:b.tar"]);
    ends(&output, 0, "the DiffID of the image");
}

#[test]
fn a_docker_archive_that_is_none_is_an_error() {
    let dir = folder();
    let id = Digest::of(b"").to_string();
    let whole = docker_archive(&[("a", b"a")], std::slice::from_ref(&id));
    let many_images = json!(vec![json!({"Config": "c", "Layers": []}); 1001]).to_string();
    let name = vec![b'a'; (1 << 20) - 1];
    let long_names: Vec<u8> = (0..17)
        .flat_map(|_| [tar_entry("././@LongLink", b'L', &name), tar_entry("a", b'0', b"")].concat())
        .collect();
    for (name, bytes, problem) in [
        (
            "no-manifest",
            tar(&[("a", b"a")]),
            "expected a tar with `manifest.json`",
        ),
        (
            "oci",
            tar(&[("oci-layout", b"{}")]),
            "`oci-archive:` in front of the name",
        ),
        (
            "no-json",
            tar(&[("manifest.json", b"[")]),
            "manifest.json: malformed JSON",
        ),
        (
            "no-config",
            tar(&[("manifest.json", br#"[{"Layers": []}]"#)]),
            "`Config` is missing",
        ),
        (
            "config-elsewhere",
            tar(&[("manifest.json", br#"[{"Config": "../x", "Layers": []}]"#)]),
            "../x: no such file in the archive",
        ),
        (
            "two-ids",
            docker_archive(&[("a", b"a")], &[id.clone(), id]),
            "2 DiffIDs for 1 layers",
        ),
        (
            "cut-in-a-header",
            whole[..1100].to_vec(),
            "the archive ends inside a header",
        ),
        (
            "cut-in-a-file",
            whole[..1540].to_vec(),
            "it ends inside the member at byte 1536",
        ),
        (
            "many-images",
            tar(&[("manifest.json", many_images.as_bytes())]),
            "1001 images",
        ),
        ("long-names", long_names, "16777216 bytes of names"),
        ("text", b"text".repeat(200), "not a whole tar"),
        ("empty", Vec::new(), "expected a tar with `manifest.json`"),
    ] {
        fs::write(dir.path().join(name), bytes).unwrap();
        let output = chunkproof_in(dir.path(), &["verify", &format!("docker-archive:{name}")]);
        ends(&output, 2, problem);
    }
}

/// A layout as an archive, and the image in it as skopeo writes a directory.
#[test]
fn archives_and_directories_are_read_as_layouts_are() {
    let layout = Layout::new();
    let image = layout.image(&[layout.layer(GOOD), layout.layer("empty-skopeo118")]);
    layout.top(&[named(image.clone(), "latest")]);
    let expected = |name: &str| {
        let output = layout.run(&["verify", "image"]);
        stdout(&output).replace("image ", &format!("{name} "))
    };
    let files: Vec<(String, Vec<u8>)> = tree(&layout.path(""))
        .into_iter()
        .map(|(path, bytes)| (format!("./{}", path.display()), bytes))
        .collect();
    let entries: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    fs::write(layout.0.path().join("a.tar"), tar(&entries)).unwrap();
    fs::create_dir(layout.0.path().join("d")).unwrap();
    for (path, bytes) in tree(&layout.path("blobs/sha256")) {
        fs::write(layout.0.path().join("d").join(path), bytes).unwrap();
    }
    fs::copy(layout.blob(&image), layout.0.path().join("d/manifest.json")).unwrap();
    for name in ["oci-archive:a.tar", "oci-archive:a.tar:latest", "dir:d"] {
        let output = layout.run(&["verify", name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        // The DiffID is mentioned, so that the line has the word, too.
        let expected = expected(name).replace(&format!("DiffID of the {name} "), "DiffID of the image ");
        assert_eq!(stdout(&output), expected, "{name}");
    }
    ends(
        &layout.run(&["verify", "oci-archive:a.tar:none"]),
        2,
        "no image has the name \"none\"",
    );
    ends(&layout.run(&["verify", "d"]), 2, "`dir:` in front of the name");
    ends(
        &layout.run(&["reconstruct", "dir:d", "--layer", "1", "-o", "tar"]),
        0,
        "rebuilt",
    );
    fs::write(layout.0.path().join("d/manifest.json"), "{}").unwrap();
    ends(&layout.run(&["verify", "dir:d"]), 2, "`schemaVersion` is missing");
}

/// What is broken in a blob is listed beside the digest that it does not have.
#[test]
fn a_blob_with_another_digest_is_looked_at() {
    let layout = Layout::new();
    let (descriptor, diff_id) = layout.layer(GOOD);
    layout.top(&[layout.image(&[(descriptor.clone(), diff_id)])]);
    let mut blob = fs::read(layout.blob(&descriptor)).unwrap();
    blob[158] ^= 1;
    fs::write(layout.blob(&descriptor), blob).unwrap();
    let output = layout.run(&["verify", "image"]);
    assert_eq!(output.status.code(), Some(1));
    for text in [": rejected: blob digest ", "FRM-0", "in the content of \"d/d/"] {
        assert!(stdout(&output).contains(text), "{text}: {}", stdout(&output));
    }
    let output = layout.run(&["verify", "image", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let layer = &value["layers"][0];
    assert_eq!(layer["valid"], false);
    assert!(layer["problem"].as_str().unwrap().starts_with("blob digest "));
    assert!(!layer["findings"].as_array().unwrap().is_empty());
}

/// A descriptor of another blob is what it is in an image: a layer that is rejected.
#[test]
fn a_descriptor_of_another_blob_rejects_the_layer() {
    let dir = folder();
    for (descriptor, problem) in [
        (
            json!({"digest": Digest::of(b"").to_string(), "annotations": {}}),
            "of another blob",
        ),
        (json!({"size": 7, "annotations": {}}), "of another blob"),
    ] {
        fs::write(dir.path().join("descriptor"), descriptor.to_string()).unwrap();
        let output = chunkproof_in(dir.path(), &["verify", "good.zst", "--annotations", "descriptor"]);
        ends(&output, 1, problem);
    }
}

/// What skopeo itself writes.
#[test]
fn what_skopeo_writes_is_read() {
    if !is_there("skopeo", "--version", "CHUNKPROOF_REQUIRE_SKOPEO") {
        return;
    }
    let layout = Layout::new();
    layout.top(&[named(layout.image(&[layout.layer(GOOD)]), "latest")]);
    let copy = |from: &str, to: &str| {
        succeed(
            Command::new("skopeo")
                .args(["--insecure-policy", "copy", from, to])
                .current_dir(layout.0.path()),
        );
    };
    copy("oci:image:latest", "dir:d");
    copy("oci:image:latest", "oci-archive:a.tar:latest");
    for name in ["dir:d", "oci-archive:a.tar"] {
        ends(
            &layout.run(&["verify", name, "--require-annotations"]),
            0,
            "authenticated by the annotations",
        );
    }
    let tar = tar(&[("a", b"a")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&tar).unwrap();
    let plain = layout.add("application/vnd.oci.image.layer.v1.tar+gzip", &gzip.finish().unwrap());
    layout.top(&[named(layout.image(&[(plain, Digest::of(&tar).to_string())]), "plain")]);
    copy("oci:image:plain", "docker-archive:d.tar:a/b:1");
    ends(&layout.run(&["verify", "docker-archive:d.tar:a/b:1"]), 4, "skipped");
}
