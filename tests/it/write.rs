//! `write`, as a user runs it, and its layers beside those that real tools made of the same tars.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use chunkproof::format::{
    Findings,
    layer::{self, LayerIndex, Located, Source},
    tarsplit,
    toc::Entry,
};
use serde_json::Value;

use crate::support::{chunkproof, program, root, stderr, stdout, tar_entry};

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A tar of one file with this content.
fn tar(content: &[u8]) -> Vec<u8> {
    [tar_entry("file", b'0', content), vec![0; 1024]].concat()
}

/// Name, size and CRC in a tar-split.
type File = (Vec<u8>, u64, Option<u64>);

/// A layer in memory.
struct Layer {
    blob: Vec<u8>,
    annotations: BTreeMap<String, String>,
}

impl Layer {
    fn read(blob: &Path, annotations: &Path) -> Self {
        Self {
            blob: fs::read(blob).unwrap(),
            annotations: serde_json::from_slice(&fs::read(annotations).unwrap()).unwrap(),
        }
    }

    fn index(&self) -> (Located, LayerIndex) {
        let blob = self.blob.as_slice();
        let source = Source::new(&blob, Some(&self.annotations));
        let mut findings = Findings::new();
        let located = layer::locate(&source, &mut findings).unwrap().unwrap();
        let index = layer::load(&source, &located, &mut findings).unwrap().unwrap();
        (located, index)
    }

    /// The text of the TOC, with X for what depends on the compressor.
    fn toc_text(&self) -> String {
        let extent = self.index().0.toc.extent;
        let range = usize::try_from(extent.offset()).unwrap()..usize::try_from(extent.end()).unwrap();
        let text = String::from_utf8(zstd::stream::decode_all(&self.blob[range]).unwrap()).unwrap();
        let mut masked = String::new();
        let mut rest = text.as_str();
        while let Some(at) = ["\"offset\":", "\"endOffset\":", "\"tarSplitDigest\":"]
            .iter()
            .filter_map(|key| Some(rest.find(key)? + key.len()))
            .min()
        {
            let (before, after) = rest.split_at(at);
            masked.push_str(before);
            masked.push('X');
            rest = &after[after.find([',', '}']).unwrap()..];
        }
        masked + rest
    }

    /// The entries of the tar-split, with what follows the last file in one piece: its limits are up to the writer.
    fn tar_split(&self) -> Vec<(Vec<u8>, Option<File>)> {
        let mut pairs = vec![(Vec::new(), None)];
        for entry in self.index().1.tar_split.map_or(Vec::new(), |split| split.entries) {
            match entry {
                tarsplit::Entry::Segment(segment) => pairs.last_mut().unwrap().0.extend(segment.bytes),
                tarsplit::Entry::File(file) => {
                    pairs.last_mut().unwrap().1 = Some((file.name, file.size, file.crc));
                    pairs.push((Vec::new(), None));
                }
                tarsplit::Entry::Unusable(line) => panic!("line {line}"),
            }
        }
        pairs
    }

    /// The entries of the TOC without their chunks, which v1.37 did not make, and so without their place among them.
    fn entries(&self) -> Vec<Entry> {
        let mut entries = self.index().1.toc.entries;
        for entry in &mut entries {
            entry.chunks.clear();
            entry.index = 0;
        }
        entries
    }
}

/// The folders of the layers that containers/storage wrote, by name.
fn known_good() -> Vec<(String, PathBuf)> {
    let root = root().join("corpus/known-good");
    names(&root)
        .into_iter()
        .map(|name| (name.clone(), root.join(name)))
        .filter(|(name, folder)| folder.is_dir() && !name.ends_with("-stargz"))
        .collect()
}

#[test]
fn layers_are_as_the_real_tools_wrote_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (input, output, annotations, rebuilt) = (path("tar"), path("layer"), path("annotations"), path("rebuilt"));
    let known_good = known_good();
    assert!(known_good.len() >= 21, "a layer is missing");
    for (name, folder) in known_good {
        let provenance: Value = serde_json::from_slice(&fs::read(folder.join("provenance.json")).unwrap()).unwrap();
        let dialect = provenance["dialect"].as_str().unwrap();
        let real = Layer::read(&folder.join("layer.tar.zst"), &folder.join("annotations.json"));
        let tar = zstd::stream::decode_all(real.blob.as_slice()).unwrap();
        fs::write(&input, &tar).unwrap();

        let with = ["--dialect", dialect, "--annotations", &annotations];
        let written = chunkproof(&[&["write", &input, "-o", &output], &with[..]].concat());
        assert_eq!(written.status.code(), Some(0), "{name}: {}", stdout(&written));
        let verified = chunkproof(&["verify", &output, "--annotations", &annotations]);
        assert_eq!(verified.status.code(), Some(0), "{name}: {}", stdout(&verified));
        assert!(
            stdout(&verified).contains(&format!("dialect    {dialect}")),
            "{name}: {}",
            stdout(&verified)
        );

        let ours = Layer::read(Path::new(&output), Path::new(&annotations));
        assert_eq!(zstd::stream::decode_all(ours.blob.as_slice()).unwrap(), tar, "{name}");
        assert!(ours.annotations.keys().eq(real.annotations.keys()), "{name}");
        assert_eq!(ours.entries(), real.entries(), "{name}");
        assert_eq!(ours.tar_split(), real.tar_split(), "{name}");
        if !name.ends_with("1_37_3") {
            assert_eq!(ours.toc_text(), real.toc_text(), "{name}");
        }
        if !matches!(dialect, "g1" | "g2") {
            let output = chunkproof(&["reconstruct", &output, "--annotations", &annotations, "-o", &rebuilt]);
            assert_eq!(output.status.code(), Some(0), "{name}: {}", stdout(&output));
            assert!(fs::read(&rebuilt).unwrap() == tar, "{name}: another tar");
        }
    }
}

#[test]
fn a_tar_that_is_refused_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("tar"), &tar(&[b'x'; 3000])[..2000]).unwrap();
    let (tar, layer, annotations) = (path("tar"), path("layer"), path("annotations"));
    for with in [&[][..], &["--annotations", &annotations]] {
        let output = chunkproof(&[&["write", &tar, "-o", &layer], with].concat());
        assert_eq!(output.status.code(), Some(1));
        let verdict = if with.is_empty() {
            stderr(&output)
        } else {
            stdout(&output)
        };
        assert!(verdict.contains("TAR-04"), "{verdict}");
        assert_eq!(names(dir.path()), ["tar"]);
    }
    // What was there stays.
    fs::write(&layer, "old").unwrap();
    assert_eq!(chunkproof(&["write", &tar, "-o", &layer]).status.code(), Some(1));
    assert_eq!(fs::read(&layer).unwrap(), b"old");
}

/// The layer and the tar-split are begun before the tar ends, which here it never does.
#[test]
fn an_interrupted_command_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, signal) in [
        (&["write", "-", "-o", "layer"][..], "INT"),
        (&["write", "-", "-o", "layer", "--annotations", "a.json"], "TERM"),
        (&["tarsplit", "disassemble", "-", "--no-stdout"], "HUP"),
    ] {
        let mut child = program()
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut tar = child.stdin.take().unwrap();
        tar.write_all(&self::tar(b"content")[..1024]).unwrap();
        let start = Instant::now();
        while names(folder.path()).is_empty() {
            assert!(start.elapsed().as_secs() < 60, "{arguments:?} begins no file");
            thread::sleep(Duration::from_millis(5));
        }
        let killed = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?} {signal}");
        assert_eq!(names(folder.path()), [""; 0], "{arguments:?} {signal}");
    }
}

/// The rules that a verdict names, each once.
fn rules(verdict: &str) -> Vec<&str> {
    let mut rules: Vec<&str> = verdict
        .split_whitespace()
        .filter(|word| {
            word.len() == 6
                && word.as_bytes()[3] == b'-'
                && word.is_ascii()
                && word[..3].bytes().all(|byte| byte.is_ascii_uppercase())
        })
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// A refusal is not the end of what is read, and so of what can be said: the rest of the tar is checked, and only what is true
/// of it is reported. The content is longer than what is read at a time.
#[test]
fn all_that_is_wrong_with_a_tar_is_reported_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (input, layer) = (path("tar"), path("layer"));
    let image = format!("oci:{}:name", path("images"));
    let twice = [
        tar_entry("a", b'0', b""),
        tar_entry("a", b'0', b""),
        tar_entry("big", b'0', &[b'x'; 300_000]),
    ]
    .concat();
    let end = vec![0; 1024];
    let label = tar_entry("label", b'V', b"");
    let link = [tar_entry("link", b'1', b"content"), end.clone()].concat();
    for (name, tar, expected) in [
        ("a name twice", [&twice[..], &end].concat(), &["TOC-07", "TSP-05"][..]),
        (
            "and a label",
            [&twice[..], &label, &end].concat(),
            &["TOC-04", "TOC-07", "TSP-05"],
        ),
        (
            "and a label, cut",
            [&twice[..], &label, &label[..99]].concat(),
            &["TAR-04", "TOC-04", "TOC-07", "TSP-05"],
        ),
        (
            "and a link with a body",
            [&twice[..], &link].concat(),
            &["TAR-01", "TOC-07", "TSP-05"],
        ),
        (
            "only an extension header",
            tar_entry("x", b'x', b"13 path=lost\n"),
            &["TAR-04"],
        ),
    ] {
        fs::write(&input, &tar).unwrap();
        for (dialect, output) in [("g1", &layer), ("g3", &layer), ("g5", &layer), ("g5", &image)] {
            let output = chunkproof(&["write", &input, "-o", output, "--dialect", dialect]);
            let verdict = format!("{}{}", stdout(&output), stderr(&output));
            let mut expected = expected.to_vec();
            expected.retain(|&rule| dialect != "g1" || rule != "TSP-05");
            assert_eq!(
                (output.status.code(), rules(&verdict)),
                (Some(1), expected),
                "{name} in {dialect}: {verdict}"
            );
        }
        let output = chunkproof(&["tarsplit", "disassemble", "--no-stdout", &input, "--output", &layer]);
        let mut expected = expected.to_vec();
        expected.retain(|rule| !rule.starts_with("TOC"));
        assert_eq!(
            (output.status.code(), rules(stderr(&output))),
            (Some(1), expected),
            "{name}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn annotations_go_to_a_file_or_to_stdout() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (input, layer, annotations) = (path("tar"), path("layer"), path("annotations"));
    fs::write(&input, tar(b"content")).unwrap();

    let output = chunkproof(&["write", &input, "-o", &layer, "--annotations", &annotations]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("layer: written"), "{}", stdout(&output));
    let in_file = fs::read_to_string(&annotations).unwrap();
    let blob = fs::read(&layer).unwrap();

    let output = chunkproof(&["write", &input, "-o", &layer]);
    assert_eq!((stdout(&output), stderr(&output)), (in_file.as_str(), ""));
    assert_eq!(fs::read(&layer).unwrap(), blob, "not the same layer again");

    // Through pipes.
    let mut child = program()
        .args(["write", "-", "-o", "-", "--annotations", &annotations])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&tar(b"content")).unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, blob);
    assert_eq!(fs::read_to_string(&annotations).unwrap(), in_file);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (input, layer, nowhere) = (path("tar"), path("layer"), path("no/annotations"));
    let detour = dir
        .path()
        .join("../")
        .join(dir.path().file_name().unwrap())
        .join("layer");
    let detour = detour.to_str().unwrap();
    let folder = dir.path().to_str().unwrap();
    fs::write(&input, tar(b"content")).unwrap();
    for (arguments, problem) in [
        (
            &[input.as_str(), "-o", &layer, "--level", "0"][..],
            "expected a number from 1 to 22",
        ),
        (
            &[&input, "-o", &layer, "--level", "23"],
            "expected a number from 1 to 22",
        ),
        (&[&input, "-o", &layer, "--dialect", "g6"], "invalid value 'g6'"),
        (&[&input, "-o", "-"], "--annotations"),
        (&[&path("missing"), "-o", &layer], "No such file"),
        (&[folder, "-o", &layer], "Is a directory"),
        (
            &["/dev/zero", "-o", &layer],
            "/dev/zero: a device, expected a file or a pipe",
        ),
        (&[&input, "-o", folder], "is a directory"),
        (&[&input, "-o", "/dev/full"], "No space left"),
        (&[&input, "-o", &layer, "--annotations", &nowhere], "no/annotations"),
        (&[&input, "-o", &layer, "--annotations", &layer], "are the same file"),
        (&[&input, "-o", &layer, "--annotations", detour], "are the same file"),
        (&[&input, "-o", &input], "are the same file"),
        (&[&input, "-o", &layer, "--annotations", &input], "are the same file"),
    ] {
        let output = chunkproof(&[&["write"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(problem), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert_eq!(names(dir.path()), ["tar"], "{arguments:?}");
    }
}
