//! Programs that depend on the library and are built without the suite.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use chunkproof::{Digest, rules::Rule};
use serde_json::{Value, json};

use super::{Known, content, regular};
use crate::support::root;

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The crates that are built for the library without features, it included.
#[test]
fn a_program_that_reads_layers_builds_few_crates() {
    let tree = cargo()
        .args([
            "tree",
            "--offline",
            "--no-default-features",
            "--edges=normal,build",
            "--prefix=none",
        ])
        .args(["--format={p}", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: std::collections::BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        crates.contains("chunkproof") && crates.contains("zstd-sys"),
        "{crates:?}"
    );
    assert!(crates.len() <= 1 + 24, "{} crates: {crates:?}", crates.len());
    for unwanted in ["serde", "serde_core", "serde_json", "schemars"] {
        assert!(!crates.contains(unwanted), "{unwanted}");
    }
}

/// The examples, built as programs of a crate of their own that depends on the library without default features.
struct Outside {
    programs: PathBuf,
}

impl Outside {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["list", "extract", "convert", "verify_image"];
        let path = |path: PathBuf| Value::from(path.to_str().unwrap()).to_string();
        let mut manifest = format!(
            "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             chunkproof = {{ path = {}, default-features = false }}\nserde_json = \"1.0\"\n\
             sha2 = {{ version = \"0.11\", default-features = false }}\n\n\
             [profile.release]\nlto = \"off\"\n\n[profile.release.package]\nchunkproof.opt-level = 0\noutside.opt-level = 0\n\n\
             [profile.dev.package]\nsha2.opt-level = 3\nzstd-sys.opt-level = 3\n",
            path(root().to_owned())
        );
        for name in names {
            let source = path(root().join("examples").join(name).with_extension("rs"));
            manifest += &format!("\n[[bin]]\nname = \"outside-{name}\"\npath = {source}\n");
        }
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        // The versions that are there, since nothing may be downloaded.
        fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
        // Beside this program, so that the dependencies that are built already, in the same profile, are not built again.
        let program = env::current_exe().unwrap();
        let profile = program.ancestors().nth(2).unwrap();
        let release = profile.file_name() == Some(OsStr::new("release"));
        let build = cargo()
            .args(["build", "--offline", "--quiet"])
            .args(release.then_some("--release"))
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        Self {
            programs: profile.to_owned(),
        }
    }

    fn run(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> Output {
        Command::new(self.programs.join(format!("outside-{name}{}", env::consts::EXE_SUFFIX)))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn accept(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> Vec<u8> {
        let output = self.run(name, arguments);
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// What it says.
    fn refuse(&self, name: &str, arguments: &[&dyn AsRef<OsStr>]) -> String {
        let output = self.run(name, arguments);
        assert_eq!(output.status.code(), Some(1), "{name}");
        // `extract` has written what it had of the file.
        [output.stderr, output.stdout]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat()
    }
}

#[test]
fn a_crate_without_default_features_lists_extracts_converts_verifies_and_refuses() {
    let outside = Outside::build();
    let known = Known::read("mixed-skopeo118");
    let layer = known.folder.join("layer.tar.zst");
    let annotations = known.folder.join("annotations.json");
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = scratch.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };

    let opened = known.open();
    let listed = outside.accept("list", &[&layer, &annotations]);
    assert_eq!(listed, outside.accept("list", &[&layer]));
    assert_eq!(
        String::from_utf8(listed).unwrap().lines().count(),
        opened.entries().len()
    );

    let files = regular(&opened);
    for path in &files {
        let extracted = outside.run("extract", &[&layer, &annotations, path]);
        assert!(
            extracted.status.success(),
            "{}",
            String::from_utf8_lossy(&extracted.stderr)
        );
        assert!(extracted.stdout == content(&opened, path).unwrap(), "{path}");
        // One request for the index, and one for each range.
        let requests = String::from_utf8(extracted.stderr).unwrap().lines().count();
        assert_eq!(requests, 1 + opened.ranges(path).unwrap().len(), "{path}");
    }

    // Damage in a file, in the TOC, and a tar-split that is taken away.
    let largest = files
        .iter()
        .max_by_key(|path| opened.entry(path).unwrap().size)
        .unwrap();
    let mut blob = known.blob.clone();
    blob[usize::try_from(opened.ranges(largest).unwrap()[0].end()).unwrap() - 1] ^= 1;
    let damaged = file("damaged", &blob);
    let said = outside.refuse("extract", &[&damaged, &annotations, largest]);
    assert!(said.contains("FRM-") || said.contains("DAT-"), "{said}");
    let mut stripped = known.annotations.clone();
    stripped
        .remove("io.github.containers.zstd-chunked.tarsplit-position")
        .unwrap();
    let stripped = file("stripped", &serde_json::to_vec(&stripped).unwrap());
    let said = outside.refuse("list", &[&layer, &stripped]);
    assert!(said.contains(Rule::TarSplitStripped.id()), "{said}");
    let said = outside.refuse("list", &[&layer, &file("empty", b"{}")]);
    assert!(said.contains("name no zstd:chunked index"), "{said}");

    // A layout with a converted layer.
    let tar = file("tar", &known.tar());
    let converted = scratch.path().join("converted");
    let said: Value = serde_json::from_slice(&outside.accept("convert", &[&tar, &converted])).unwrap();
    let layout = |name: &str, diff_id: &str| {
        let folder = scratch.path().join(name);
        fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        let put = |bytes: &[u8]| {
            let digest = Digest::of(bytes);
            fs::write(folder.join("blobs/sha256").join(digest.hex()), bytes).unwrap();
            json!({"digest": digest.to_string(), "size": bytes.len()})
        };
        put(&fs::read(&converted).unwrap());
        let config = put(json!({"rootfs": {"diff_ids": [diff_id]}}).to_string().as_bytes());
        let manifest = json!({"config": config, "layers": [said["descriptor"]]});
        let manifest = put(manifest.to_string().as_bytes());
        fs::write(folder.join("index.json"), json!({"manifests": [manifest]}).to_string()).unwrap();
        folder
    };
    outside.accept("verify_image", &[&layout("right", said["diff_id"].as_str().unwrap())]);
    let wrong = outside.refuse(
        "verify_image",
        &[&layout("wrong", &Digest::of(b"another tar").to_string())],
    );
    assert!(wrong.contains(Rule::DiffId.id()), "{wrong}");
    let text = file("text", &b"this is no tar".repeat(100));
    let said = outside.refuse("convert", &[&text, &scratch.path().join("none")]);
    assert!(said.contains("TAR-"), "{said}");
    assert!(!scratch.path().join("none").exists());
}
