//! `tarsplit disassemble` and `tarsplit assemble`, as a user runs them.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::{Read as _, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use chunkproof::format::{
    Findings,
    layer::{self, Source},
    tar::{Event, Scanner},
    tarsplit::{self, Disassembler, Entry},
};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};

use crate::support::{known_good, program};

/// Long names, all types of entries, and hard links with extended attributes.
const LAYERS: [&str; 3] = ["gnulong-skopeo118", "mixed-skopeo118", "hardxattr-skopeo118"];

fn layer(name: &str) -> PathBuf {
    known_good(name)
}

/// The tar of a layer, by the plain way.
fn tar(name: &str) -> Vec<u8> {
    zstd::decode_all(fs::File::open(layer(name).join("layer.tar.zst")).unwrap()).unwrap()
}

/// A folder with `layer.tar` and its regular files below `files`.
struct Scene {
    dir: tempfile::TempDir,
    tar: Vec<u8>,
    /// What is below `files`.
    files: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let tar = tar(name);
        let scene = Self {
            dir: tempfile::tempdir().unwrap(),
            files: regular_files(&tar),
            tar,
        };
        fs::create_dir(scene.path("files")).unwrap();
        scene.write("layer.tar", &scene.tar);
        for (name, content) in &scene.files {
            let path = scene.file(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn file(&self, name: &[u8]) -> PathBuf {
        self.path("files").join(OsStr::from_bytes(name))
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// The names in the folder itself.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs `chunkproof tarsplit` in the folder.
    fn tarsplit(&self, arguments: &[&str]) -> Output {
        self.tarsplit_with(arguments, b"")
    }

    fn tarsplit_with(&self, arguments: &[&str], stdin: &[u8]) -> Output {
        self.write(".stdin", stdin);
        let output = program()
            .arg("tarsplit")
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(fs::File::open(self.path(".stdin")).unwrap())
            .output()
            .unwrap();
        fs::remove_file(self.path(".stdin")).unwrap();
        output
    }
}

fn regular_files(tar: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut current = Vec::new();
    let mut findings = Findings::new();
    Scanner::new().push(tar, &mut findings, &mut |event| match event {
        Event::Entry(entry) if entry.typeflag == b'0' => {
            current.clone_from(&entry.name);
            files.insert(entry.name, Vec::new());
        }
        Event::Content(bytes) => files.get_mut(&current).unwrap().extend_from_slice(bytes),
        _ => {}
    });
    assert!(findings.is_empty(), "{findings:?}");
    files
}

fn parse(json: &[u8]) -> Vec<Entry> {
    let mut findings = Findings::new();
    let entries = tarsplit::parse(json, &mut findings).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    entries
}

fn unzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap()
}

#[track_caller]
fn succeeded(output: &Output) {
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The entries up to the last file, and the bytes after it, whose cuts into segments depend on the writer.
fn without_cuts(entries: &[Entry]) -> (&[Entry], Vec<u8>) {
    let is_file = |entry: &Entry| matches!(entry, Entry::File(_));
    let end = entries.iter().rposition(is_file).map_or(0, |last| last + 1);
    let mut tail = Vec::new();
    for entry in &entries[end..] {
        if let Entry::Segment(segment) = entry {
            tail.extend_from_slice(&segment.bytes);
        }
    }
    (&entries[..end], tail)
}

#[test]
fn a_tar_survives_the_round_trip() {
    for name in LAYERS {
        let scene = Scene::new(name);
        let output = scene.tarsplit(&["disassemble", "layer.tar"]);
        succeeded(&output);
        assert!(output.stdout == scene.tar, "{name}: the tar is passed on");
        assert_eq!(scene.names(), ["files", "layer.tar", "tar-data.json.gz"]);

        let output = scene.tarsplit(&["assemble", "--path", "files"]);
        succeeded(&output);
        assert!(output.stdout == scene.tar, "{name}");
    }
}

#[test]
fn the_tar_split_is_that_of_the_layer() {
    for name in LAYERS {
        let scene = Scene::new(name);
        succeeded(&scene.tarsplit(&["disasm", "--no-stdout", "layer.tar"]));
        let ours = parse(&unzip(&scene.read("tar-data.json.gz")));

        let blob = fs::read(layer(name).join("layer.tar.zst")).unwrap();
        let blob = blob.as_slice();
        let mut findings = Findings::new();
        let source = Source::new(&blob, None);
        let located = layer::locate(&source, &mut findings).unwrap().unwrap();
        let index = layer::load(&source, &located, &mut findings).unwrap().unwrap();
        let theirs = index.tar_split.unwrap().entries;
        assert!(ours.len() > 3, "{name}");
        assert!(without_cuts(&ours) == without_cuts(&theirs), "{name}");
    }
}

#[test]
fn streams_and_files_hold_the_same() {
    let scene = Scene::new("gnulong-skopeo118");
    let output = scene.tarsplit(&["d", "--no-stdout", "--output", "named", "layer.tar"]);
    succeeded(&output);
    assert_eq!(output.stdout, b"");
    let tar_split = scene.read("named");

    let output = scene.tarsplit_with(&["disassemble", "--no-stdout", "-o", "-", "-"], &scene.tar);
    succeeded(&output);
    assert!(output.stdout == tar_split);

    let plain = unzip(&tar_split);
    let (first, second) = plain.split_at(plain.len() / 2);
    for input in [&plain, &tar_split, &[zip(first), zip(second)].concat()] {
        let output = scene.tarsplit_with(&["asm", "--path", "files", "--input", "-"], input);
        succeeded(&output);
        assert!(output.stdout == scene.tar);
        scene.write("input", input);
        succeeded(&scene.tarsplit(&["a", "-p", "files", "-i", "input", "-o", "again.tar"]));
        assert!(scene.read("again.tar") == scene.tar);
    }

    let output = scene.tarsplit(&["assemble", "--compress", "--path", "files", "--input", "named"]);
    succeeded(&output);
    assert!(output.stdout.starts_with(b"\x1f\x8b") && unzip(&output.stdout) == scene.tar);
}

#[test]
fn wrong_files_are_named_and_leave_no_tar() {
    type Change = fn(&Path, Vec<u8>);
    let changes: [(&str, Change); 6] = [
        ("ASM-01", |path, _| fs::remove_file(path).unwrap()),
        ("ASM-01", |path, _| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("ASM-01", |path, _| {
            fs::remove_file(path).unwrap();
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("ASM-02", |path, mut content| {
            content.pop();
            fs::write(path, content).unwrap();
        }),
        ("ASM-02", |path, mut content| {
            content.push(0);
            fs::write(path, content).unwrap();
        }),
        ("ASM-03", |path, mut content| {
            *content.last_mut().unwrap() ^= 1;
            fs::write(path, content).unwrap();
        }),
    ];
    for (rule, change) in changes {
        let scene = Scene::new("gnulong-skopeo118");
        succeeded(&scene.tarsplit(&["disassemble", "--no-stdout", "layer.tar"]));
        let (name, content) = scene.files.iter().find(|(_, content)| !content.is_empty()).unwrap();
        change(&scene.file(name), content.clone());
        let output = scene.tarsplit(&["assemble", "--path", "files", "--output", "again.tar"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("tar-data.json.gz: rejected, 1 finding\n"), "{said}");
        assert!(said.contains(rule), "{rule}: {said}");
        assert_eq!(output.stdout, b"");
        assert_eq!(scene.names(), ["files", "layer.tar", "tar-data.json.gz"]);
    }
}

/// A tar-split of one file of seven bytes, with the CRC of `secret\n`.
fn of_a_file(name: &str) -> Vec<u8> {
    let mut header = [0u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(b"00000000007\0");
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let tar = [&header[..], b"secret\n", &[0; 505 + 1024]].concat();
    let mut json = Vec::new();
    let mut findings = Findings::new();
    let mut disassembler = Disassembler::new();
    disassembler.push(&tar, &mut findings, &mut |line| json.extend_from_slice(line));
    disassembler.finish(&mut findings, &mut |line| json.extend_from_slice(line));
    assert!(findings.is_empty(), "{findings:?}");
    json
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let scene = Scene::new("gnulong-skopeo118");
    let root = scene.dir.path();
    fs::create_dir_all(root.join("outside")).unwrap();
    fs::create_dir_all(root.join("inside/folder")).unwrap();
    scene.write("secret", b"secret\n");
    scene.write("outside/file", b"secret\n");
    scene.write("inside/folder/file", b"secret\n");
    symlink("../secret", root.join("inside/link")).unwrap();
    symlink(root.join("secret"), root.join("inside/absolute")).unwrap();
    symlink("../outside", root.join("inside/out")).unwrap();
    symlink("folder", root.join("inside/in")).unwrap();
    symlink("loop", root.join("inside/loop")).unwrap();
    let _socket = UnixListener::bind(root.join("inside/socket")).unwrap();
    // The name of the folder is how that of another begins.
    fs::create_dir(root.join("inside-not")).unwrap();
    scene.write("inside-not/file", b"secret\n");
    symlink("../inside-not", root.join("inside/sibling")).unwrap();
    let absolute = root.join("secret").to_str().unwrap().to_owned();
    for (name, is_found) in [
        ("folder/file", true),
        ("/folder/file", true),
        ("./folder/../folder//file", true),
        ("in/file", true),
        ("../secret", false),
        ("/../secret", false),
        ("folder/../../secret", false),
        ("../inside/folder/file", false),
        (absolute.as_str(), false),
        ("link", false),
        ("absolute", false),
        ("out/file", false),
        ("sibling/file", false),
        ("loop", false),
        ("folder/file/below", false),
        ("socket", false),
        (&"a".repeat(99), false),
    ] {
        let arguments = ["assemble", "--path", "inside", "--input", "-"];
        let output = scene.tarsplit_with(&arguments, &of_a_file(name));
        let said = text(&output.stderr);
        let has_secret = output.stdout.windows(7).any(|bytes| bytes == b"secret\n");
        assert_eq!(
            (output.status.code() == Some(0), has_secret),
            (is_found, is_found),
            "{name}: {said}"
        );
        assert_eq!(said.contains("ASM-01"), !is_found, "{name}: {said}");
    }
}

#[test]
fn what_is_no_tar_or_tar_split_is_rejected() {
    let scene = Scene::new("gnulong-skopeo118");
    scene.write("text", &b"not a tar\n".repeat(100));
    scene.write("cut.tar", &scene.tar[..100]);
    scene.write("zipped.tar", &zip(&scene.tar));
    let tar_split = of_a_file("a");
    scene.write("cut.json", &tar_split[..100]);
    scene.write(
        "gap.json",
        text(&tar_split).replace("\"position\":1", "\"position\":7").as_bytes(),
    );
    let before = scene.names();
    for (arguments, rule) in [
        (&["disassemble", "text"][..], "TAR-01 tar at byte 0"),
        (&["disassemble", "cut.tar"], "TAR-04 tar at byte"),
        (&["disassemble", "zipped.tar"], "TAR-01 tar at byte 0"),
        (
            &["assemble", "--path", "files", "-i", "cut.json", "-o", "out"],
            "JSN-01 tar-split",
        ),
        (
            &["assemble", "--path", "files", "-i", "gap.json", "-o", "out"],
            "TSP-06 tar-split line 2",
        ),
    ] {
        let output = scene.tarsplit(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains(": rejected, ") && said.contains(rule),
            "{arguments:?}: {said}"
        );
        assert_eq!(scene.names(), before, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_looked_at_is_an_error() {
    let scene = Scene::new("gnulong-skopeo118");
    succeeded(&scene.tarsplit(&["disassemble", "--no-stdout", "layer.tar"]));
    scene.write("cut.gz", &scene.read("tar-data.json.gz")[..100]);
    let before = scene.names();
    for (arguments, problem) in [
        (&["disassemble", "missing"][..], "missing: No such file"),
        (&["disassemble", "files"], "files: Is a directory"),
        (
            &["disassemble", "/dev/zero"],
            "/dev/zero: a device, expected a file or a pipe",
        ),
        (&["disassemble", "-o", "files", "layer.tar"], "files: is a directory"),
        (
            &["disassemble", "-o", "no/where", "layer.tar"],
            "no/where: No such file",
        ),
        (
            &["disassemble", "-o", "/dev/full", "layer.tar"],
            "/dev/full: No space left",
        ),
        (&["disassemble", "-o", "-", "layer.tar"], "requires --no-stdout"),
        (&["assemble", "-p", "files", "-i", "missing"], "missing: No such file"),
        (&["assemble", "-p", "files", "-i", "files"], "files: Is a directory"),
        (
            &["assemble", "-p", "files", "-i", "/dev/zero"],
            "/dev/zero: a device, expected a file or a pipe",
        ),
        (&["assemble", "-p", "files", "-i", "cut.gz"], "cut.gz: "),
        (&["assemble", "-p", "missing"], "missing: No such file"),
        (&["assemble", "-p", "layer.tar"], "layer.tar: Not a directory"),
        (&["assemble", "-p", "files", "-o", "files"], "files: is a directory"),
        (
            &["assemble", "-p", "files", "-o", "/dev/full"],
            "/dev/full: No space left",
        ),
    ] {
        let output = scene.tarsplit(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.starts_with("error: ") && said.contains(problem),
            "{arguments:?}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert_eq!(scene.names(), before, "{arguments:?}");
    }
}

/// A reader of the tar that goes away is no error, and the tar-split is made all the same.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scene = Scene::new("mixed-skopeo118");
    for arguments in [&["disassemble", "layer.tar"][..], &["assemble", "--path", "files"]] {
        let mut child = program()
            .arg("tarsplit")
            .args(arguments)
            .current_dir(scene.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        succeeded(&child.wait_with_output().unwrap());
        parse(&unzip(&scene.read("tar-data.json.gz")));
    }
}

#[test]
fn help() {
    let scene = Scene::new("empty-skopeo118");
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_of_disassemble", &["disassemble", "--help"]),
        ("help_of_assemble", &["assemble", "--help"]),
    ] {
        insta::assert_snapshot!(name, text(&scene.tarsplit(arguments).stdout));
    }
}
