//! What tests in several modules need: the program, the files of the repository, small tars.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use saphyr::{LoadableYamlNode as _, YamlOwned};
use serde_json::Value;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of a layer in `corpus/known-good`.
pub(crate) fn known_good(name: &str) -> PathBuf {
    root().join("corpus/known-good").join(name)
}

/// A file of JSON.
pub(crate) fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A file of YAML, which has one document.
pub(crate) fn yaml(path: &Path) -> YamlOwned {
    let text = fs::read_to_string(path).unwrap();
    let documents = YamlOwned::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(documents.len(), 1, "{}", path.display());
    documents.into_iter().next().unwrap()
}

/// Every file below a folder, by its path there, with its content.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    files
}

/// The header of an entry of a tar, whose content has this many bytes. A longer name is cut.
pub(crate) fn tar_header(name: &str, flag: u8, size: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    let name = name.as_bytes();
    for (at, field) in [
        (0, &name[..name.len().min(100)]),
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, format!("{size:011o}").as_bytes()),
        (136, b"14524770400"),
        (156, &[flag]),
        (257, b"ustar\x0000"),
    ] {
        header[at..at + field.len()].copy_from_slice(field);
    }
    seal_tar_header(&mut header);
    header
}

/// Writes the checksum of a header into it.
pub(crate) fn seal_tar_header(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// An entry of a tar: header, content and padding.
pub(crate) fn tar_entry(name: &str, flag: u8, content: &[u8]) -> Vec<u8> {
    let mut entry = [&tar_header(name, flag, content.len()), content].concat();
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

/// The program, without what the environment of the tests says about colours, backtraces, credentials and jobs.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chunkproof"));
    command
        .env("RUST_BACKTRACE", "0")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("REGISTRY_AUTH_FILE")
        .env_remove("XDG_RUNTIME_DIR")
        .env_remove("DOCKER_CONFIG")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// Runs the program.
pub(crate) fn chunkproof(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Runs the program in a folder.
pub(crate) fn chunkproof_in(folder: &Path, arguments: &[&str]) -> Output {
    program().args(arguments).current_dir(folder).output().unwrap()
}

/// What was written to stdout.
pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// What was written to stderr.
pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Asserts the exit code, a text in one of the streams, and that stderr has no more than one line.
pub(crate) fn ends(output: &Output, code: i32, text: &str) {
    let all = format!("{}{}", stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(code), "{all}");
    assert!(all.contains(text), "{text:?} is not in {all:?}");
    assert!(stderr(output).lines().count() <= 1, "{all}");
}
