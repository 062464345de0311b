//! `inspect`, `verify`, `reconstruct` and `generate`, as a user runs them.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use chunkproof::format::Digest;
use serde_json::{Value, json};

use crate::support::{chunkproof, known_good, program, stderr, stdout};

fn layer(name: &str) -> String {
    known_good(name).join("layer.tar.zst").to_str().unwrap().to_owned()
}

fn annotations(name: &str) -> String {
    known_good(name).join("annotations.json").to_str().unwrap().to_owned()
}

/// The rules that `verify` names, and its exit code.
fn verify(arguments: &[&str]) -> (Vec<String>, Option<i32>) {
    let output = chunkproof(&[&["verify", "--format", "json"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut rules: Vec<String> = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        rules.push(finding["rule"].as_str().unwrap().to_owned());
    }
    rules.dedup();
    assert_eq!(report["valid"].as_bool().unwrap(), rules.is_empty());
    (rules, output.status.code())
}

#[test]
fn verify_names_the_broken_rules() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (g5, g5_annotations) = (layer("gnulong-skopeo118"), annotations("gnulong-skopeo118"));
    let blob = fs::read(&g5).unwrap();
    let edit = |at: usize, byte: u8| {
        let mut blob = blob.clone();
        *blob.get_mut(at).unwrap() = byte;
        blob
    };
    let with = |key: &str, value: &str, of: &str| {
        let mut map: Value = serde_json::from_slice(&fs::read(annotations(of)).unwrap()).unwrap();
        map[key] = value.into();
        map.to_string().into_bytes()
    };
    let estargz = "containerd.io/snapshot/stargz/toc.digest";
    let other = Digest::of(b"other").to_string();
    let skippable = b"\x50\x2a\x4d\x18\0\0\0\0";
    let before_footer = [&blob[..blob.len() - 72], skippable, &blob[blob.len() - 72..]].concat();

    let cut = write("cut", &blob[..1000]);
    let two = write("two", &with(estargz, &other, "gnulong-skopeo118"));
    let stargz = write("stargz", &with(estargz, &other, "mixed-stargz"));
    let magic = write("magic", &edit(blob.len() - 7, b'n'));
    let moved = write("moved", &before_footer);
    let zeros = write("zeros", &[0; 4096]);
    let empty = write("empty", b"");
    let mixed_stargz = layer("mixed-stargz");
    for (arguments, expected) in [
        (&[g5.as_str()][..], &[][..]),
        (&[&g5, "--annotations", &g5_annotations], &[]),
        (&[&g5, "--diff-id", &other], &["CMP-04"]),
        (&[&g5, "--diff-id", &other, "--skip-rule", "cmp-04"], &[]),
        (&[&g5, "--annotations", &two], &["ANN-09"]),
        (&[&mixed_stargz, "--annotations", &stargz], &["LYR-07"]),
        (&[&magic, "--annotations", &g5_annotations], &["FTR-02"]),
        (&[&moved, "--annotations", &g5_annotations], &["FTR-05", "LYR-03"]),
        (&[&cut], &["FRM-02"]),
        (&[&zeros], &["FTR-01"]),
        (&[&empty], &["FTR-01"]),
    ] {
        let (rules, code) = verify(arguments);
        assert_eq!(rules, expected, "{arguments:?}");
        assert_eq!(code, Some(i32::from(!expected.is_empty())), "{arguments:?}");
    }
}

#[test]
fn annotations_come_as_a_map_a_descriptor_or_a_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let name = "gnulong-skopeo118";
    let blob = fs::read(layer(name)).unwrap();
    let map: Value = serde_json::from_slice(&fs::read(annotations(name)).unwrap()).unwrap();
    let descriptor = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar+zstd",
        "digest": Digest::of(&blob).to_string(),
        "size": blob.len(),
        "annotations": map,
    });
    let manifest = json!({"schemaVersion": 2, "layers": [{"digest": Digest::of(b"").to_string()}, descriptor]});
    for value in [map, descriptor, manifest] {
        let file = dir.path().join("given.json");
        fs::write(&file, value.to_string()).unwrap();
        let output = chunkproof(&["verify", &layer(name), "--annotations", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{value}: {}", stderr(&output));
        assert!(stdout(&output).contains("authenticated by the annotations"), "{value}");
    }
}

#[test]
fn without_annotations_the_report_says_that_nothing_authenticates_the_footer() {
    let output = chunkproof(&["verify", &layer("gnulong-skopeo118")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("found through the footer: nothing authenticates it"));
}

#[test]
fn guards_cannot_be_skipped() {
    for (id, problem) in [("FTR-04", "cannot be switched off"), ("FTR-99", "no rule has the id")] {
        let output = chunkproof(&["verify", &layer("empty-skopeo118"), "--skip-rule", id]);
        assert_eq!(output.status.code(), Some(2), "{id}");
        assert!(stderr(&output).contains(problem), "{id}: {}", stderr(&output));
    }
}

/// What cannot be looked at is one clear line and exit code 2, for every command and either of its files.
#[test]
fn what_cannot_be_looked_at_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("text"), "{").unwrap();
    fs::write(path("list"), "[]").unwrap();
    fs::write(path("number"), r#"{"a": 1}"#).unwrap();
    fs::write(path("manifest"), r#"{"layers": []}"#).unwrap();
    std::os::unix::fs::symlink(path("nothing"), path("dangling")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let good = layer("empty-skopeo118");
    let folder = dir.path().to_str().unwrap().to_owned();
    for (given, with, problem) in [
        (path("missing"), None, "No such file"),
        (path("dangling"), None, "No such file"),
        (folder.clone(), None, "not an image layout"),
        (
            path("pipe"),
            None,
            "a layer is read at offsets; `-` reads a layer from stdin",
        ),
        (good.clone(), Some(path("missing")), "No such file"),
        (good.clone(), Some(folder), "Is a directory"),
        (good.clone(), Some(path("text")), "malformed JSON"),
        (good.clone(), Some(path("list")), "an array, expected an object"),
        (good.clone(), Some(path("number")), "is not a string"),
        (
            good.clone(),
            Some(path("manifest")),
            "no layer of the manifest has the digest",
        ),
    ] {
        for command in ["verify", "inspect", "index", "reconstruct"] {
            let mut arguments = vec![command, &given];
            if let Some(file) = &with {
                arguments.extend(["--annotations", file]);
            }
            let out = path("out.tar");
            if command == "reconstruct" {
                arguments.extend(["-o", &out]);
            }
            let output = chunkproof(&arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            assert!(
                stderr(&output).starts_with("error: "),
                "{arguments:?}: {}",
                stderr(&output)
            );
            assert!(stderr(&output).contains(problem), "{arguments:?}: {}", stderr(&output));
            assert_eq!(stderr(&output).lines().count(), 1, "{arguments:?}");
            assert_eq!(stdout(&output), "", "{arguments:?}");
            assert!(!Path::new(&out).exists(), "{arguments:?}");
        }
    }
}

#[test]
fn index_lists_what_a_reader_would_create() {
    let (layer, annotations) = (layer("hardxattr-skopeo118"), annotations("hardxattr-skopeo118"));
    let listed = |arguments: &[&str]| {
        let output = program()
            .args([&["index", "layer.tar.zst"], arguments].concat())
            .current_dir(Path::new(&layer).parent().unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    insta::assert_snapshot!("index", listed(&["--annotations", &annotations]));
    let json: Value = serde_json::from_str(&listed(&["--format", "json"])).unwrap();
    assert_eq!(json["toc_authenticated"], false);
    assert_eq!(json["entries"][1]["name"], "data/orig");
    assert_eq!(json["entries"].as_array().unwrap().len(), 8);
}

/// No data is read: what is wrong with it does not matter, and what is wrong with the index is the verdict.
#[test]
fn index_reads_the_index_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("layer");
    let good = fs::read(layer("gnulong-skopeo118")).unwrap();
    let annotations = annotations("gnulong-skopeo118");
    // The first byte belongs to data, the last but 80 to the tar-split.
    for (at, code) in [(0, 0), (good.len() - 80, 1)] {
        let mut blob = good.clone();
        blob[at] ^= 1;
        fs::write(&path, blob).unwrap();
        let output = chunkproof(&["index", path.to_str().unwrap(), "--annotations", &annotations]);
        assert_eq!(output.status.code(), Some(code), "{at}: {}", stdout(&output));
        assert_eq!(stdout(&output).contains("LYR-04"), code == 1, "{}", stdout(&output));
    }
}

#[test]
fn reconstruct_writes_the_whole_tar_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("layer.tar");
    let target = out.to_str().unwrap();
    let name = "gnulong-skopeo118";
    let expected: Value = serde_json::from_slice(&fs::read(known_good(name).join("provenance.json")).unwrap()).unwrap();
    let expected = expected["tar"]["sha256"].as_str().unwrap();

    // A file whose digest turns out wrong: its content starts at 147.
    let mut blob = fs::read(layer(name)).unwrap();
    *blob.get_mut(158).unwrap() ^= 1;
    let broken = dir.path().join("broken");
    fs::write(&broken, blob).unwrap();
    let output = chunkproof(&["reconstruct", broken.to_str().unwrap(), "-o", target]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "something was left behind"
    );

    let arguments = [
        "reconstruct",
        &layer(name),
        "--annotations",
        &annotations(name),
        "-o",
        target,
    ];
    let output = chunkproof(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(Digest::of(&fs::read(&out).unwrap()).hex(), expected);

    let output = chunkproof(&[
        "reconstruct",
        &layer(name),
        "--annotations",
        &annotations(name),
        "-o",
        "-",
    ]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(Digest::of(&output.stdout).hex(), expected);

    let output = chunkproof(&[&arguments[..4], &["-o", "other.tar", "--max-tar", "1K"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let problem = stderr(&output);
    assert!(
        problem.contains("other.tar: the tar is longer than 1024 bytes"),
        "{problem}"
    );

    // Over a file that is there, and not over what is no file.
    fs::write(&out, "old").unwrap();
    assert_eq!(chunkproof(&arguments).status.code(), Some(0));
    assert_eq!(Digest::of(&fs::read(&out).unwrap()).hex(), expected);
    let full = chunkproof(&["reconstruct", &layer(name), "-o", "/dev/full"]);
    assert_eq!(full.status.code(), Some(2));
    assert!(stderr(&full).contains("No space left"), "{}", stderr(&full));
    let folder = chunkproof(&["reconstruct", &layer(name), "-o", dir.path().to_str().unwrap()]);
    assert_eq!(folder.status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = program()
        .args(["reconstruct", &layer("mixed-skopeo118"), "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

#[test]
fn inspect_shows_what_is_there() {
    let output = chunkproof(&["inspect", &layer("empty-skopeo118"), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["layer"] = "layer.tar.zst".into();
    insta::assert_snapshot!("inspect_json", format!("{report:#}"));

    // A layer without an index still has frames; text has nothing.
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain.tar.zst");
    fs::write(&plain, b"\x28\xb5\x2f\xfd\x00\x58\x09\x00\x00a").unwrap();
    let text = dir.path().join("text");
    let mut file = fs::File::create(&text).unwrap();
    file.write_all(b"not a layer").unwrap();
    for (path, code, snapshot) in [(plain, 0, "inspect_plain"), (text, 1, "inspect_text")] {
        let output = program()
            .args(["inspect", path.file_name().unwrap().to_str().unwrap()])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code));
        insta::assert_snapshot!(snapshot, stdout(&output));
    }
}

#[test]
fn generate_writes_and_checks_the_set() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("vectors");
    let folder = folder.to_str().unwrap();
    let code = |arguments: &[&str]| {
        chunkproof(&[&["generate", "-o", folder], arguments].concat())
            .status
            .code()
    };
    assert_eq!(code(&["--check"]), Some(2), "there is no folder yet");
    assert_eq!(code(&[]), Some(0));
    fs::write(Path::new(folder).join("index.json"), "[]").unwrap();
    let output = chunkproof(&["generate", "-o", folder, "--check"]);
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(1), "index.json has other content\n")
    );
}

/// Small payloads that decode to gigabytes, and headers that claim them, end in a rule and within a memory limit.
#[test]
fn bombs_are_refused_in_bounded_memory() {
    // A frame of so many blocks, each of 128 KiB of one repeated byte, in a window of 128 KiB.
    let repeated = |blocks: u32| {
        let mut frame = b"\x28\xb5\x2f\xfd\x00\x38".to_vec();
        for block in 1..=blocks {
            let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == blocks);
            frame.extend(&header.to_le_bytes()[..3]);
            frame.push(b' ');
        }
        frame
    };
    let raw = |content: &[u8]| {
        let header = u32::try_from(content.len()).unwrap() << 3 | 1;
        [
            b"\x28\xb5\x2f\xfd\x00\x38".as_slice(),
            &header.to_le_bytes()[..3],
            content,
        ]
        .concat()
    };
    let skippable = |payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
        [b"\x50\x2a\x4d\x18".as_slice(), &length, payload].concat()
    };
    let layer = |data: &[u8], toc: &[u8], claim: u64, tar_split: &[u8], split_claim: u64| {
        let toc_at = data.len() + 8;
        let split_at = toc_at + toc.len() + 8;
        let mut footer = Vec::new();
        for number in [toc_at, toc.len()] {
            footer.extend(u64::try_from(number).unwrap().to_le_bytes());
        }
        footer.extend(claim.to_le_bytes());
        footer.extend(1u64.to_le_bytes());
        for number in [split_at, tar_split.len()] {
            footer.extend(u64::try_from(number).unwrap().to_le_bytes());
        }
        footer.extend(split_claim.to_le_bytes());
        footer.extend(b"GNUlInUx");
        [data.to_vec(), skippable(toc), skippable(tar_split), skippable(&footer)].concat()
    };
    let bomb = repeated(32768);
    let (data, toc, split) = (raw(&[0; 1024]), raw(b"{\"version\":1,\"entries\":[]}"), raw(b""));
    let claims_60_gib = [
        b"\x28\xb5\x2f\xfd\xe0".as_slice(),
        &(60u64 << 30).to_le_bytes(),
        b"\x01\0\0",
    ]
    .concat();
    let dir = tempfile::tempdir().unwrap();
    for (name, blob, sentence) in [
        (
            "toc",
            layer(&data, &bomb, 100, &split, 0),
            "toc: the payload decodes to more",
        ),
        (
            "toc-up-to-the-limit",
            layer(&data, &bomb, 150 << 20, &split, 0),
            "IDX-04",
        ),
        (
            "toc-above-the-limit",
            layer(&data, &bomb, 4 << 30, &split, 0),
            "toc: the declared length is 4294967296 bytes, expected at most",
        ),
        (
            "tar-split",
            layer(&data, &toc, 26, &bomb, 512 << 20),
            "tar-split: the payload decodes to more",
        ),
        (
            "frame-that-claims",
            layer(&claims_60_gib, &toc, 28, &split, 0),
            "FRM-05",
        ),
        // The tar-split has no byte, so neither has the tar.
        ("data", layer(&bomb, &toc, 26, &split, 0), "the decoded tar exceeds"),
        (
            "a-million-frames",
            layer(
                &b"\x28\xb5\x2f\xfd\x20\x00\x01\0\0".repeat(1_000_000),
                &toc,
                27,
                &split,
                0,
            ),
            "IDX-04",
        ),
        (
            "skippable-of-4-gib",
            [
                &b"\x50\x2a\x4d\x18\xff\xff\xff\xff"[..],
                &layer(&data, &toc, 26, &split, 0),
            ]
            .concat(),
            "FRM-02",
        ),
    ] {
        let file = dir.path().join(name);
        fs::write(&file, blob).unwrap();
        let line = format!(
            "ulimit -v 400000 && exec {} verify {name}",
            env!("CARGO_BIN_EXE_chunkproof")
        );
        let start = Instant::now();
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
        assert!(stdout(&output).contains(sentence), "{name}: {}", stdout(&output));
        // In a release build each takes less than a second on a machine that does nothing else.
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            start.elapsed()
        );
        println!("{name}: {:?}", start.elapsed());
    }
}

/// A limit can be lowered and raised, and what it refuses is its own rule and not another.
#[test]
fn limits_come_from_the_command_line() {
    let g5 = layer("gnulong-skopeo118");
    for (arguments, expected) in [
        (&["--max-toc", "10"][..], &["IDX-01"][..]),
        (&["--max-tar-split", "10"], &["IDX-01"]),
        (
            &["--max-toc", "1GiB", "--max-tar-split", "4G", "--max-window-log", "31"],
            &[],
        ),
    ] {
        let (rules, code) = verify(&[&[g5.as_str()], arguments].concat());
        assert_eq!(rules, expected, "{arguments:?}");
        assert_eq!(code, Some(i32::from(!expected.is_empty())), "{arguments:?}");
    }
    // A frame that asks for a window of 256 MiB, and holds one empty block.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("window");
    fs::write(&file, b"\x28\xb5\x2f\xfd\0\x90\x01\0\0").unwrap();
    let file = file.to_str().unwrap();
    assert!(verify(&[file]).0.contains(&"FRM-05".to_owned()));
    assert!(
        !verify(&[file, "--max-window-log", "28"])
            .0
            .contains(&"FRM-05".to_owned())
    );
    for (option, value) in [
        ("--max-toc", "many"),
        ("--max-window-log", "32"),
        ("--max-window-log", "9"),
    ] {
        let output = chunkproof(&["verify", &g5, option, value]);
        assert_eq!(output.status.code(), Some(2), "{option} {value}");
        assert!(stderr(&output).contains(option), "{}", stderr(&output));
    }
}
