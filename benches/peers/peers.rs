//! Programs of ours and of others, and what this program does in a process of its own for a comparison.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use chunkproof::{Authority, FileRange, Layer};
use zstd_chunked::{MetadataReferences, Stream};

use crate::measure::Line;

/// The first argument under which this program opens a layer, and under which it extracts one with the crate zstd-chunked.
pub const OPEN: &str = "open";
pub const EXTRACT: &str = "extract";

/// The folder of the repository.
pub fn root() -> PathBuf {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    benches.parent().unwrap_or(benches).to_owned()
}

/// Builds our program, and returns where it is.
pub fn build_ours() -> Result<PathBuf, String> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--release",
            "--locked",
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(root())
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo build: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo build: {}", output.status));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| "cargo build: no program was built".to_owned())
}

/// Builds the newest version of an adapter, and returns the folder that it is built into. An error is the reason in a few words.
pub fn build(ours: &Path, name: &str) -> Result<PathBuf, String> {
    let output = Command::new(ours)
        .args(["adapter", "build", name])
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        return Err(format!(
            "not built: {}",
            text.trim().lines().next_back().unwrap_or("no reason")
        ));
    }
    let manifest = root().join("adapters").join(name).join("adapter.toml");
    let text = fs::read_to_string(manifest).map_err(|error| error.to_string())?;
    let version = text
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let version = version.ok_or("adapter.toml has no version")?;
    Ok(root().join("target/adapters").join(name).join(version))
}

/// A command that is installed.
pub fn installed(name: &str) -> Result<PathBuf, String> {
    match Command::new(name).arg("--version").output() {
        Ok(_) => Ok(name.into()),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// This program under one of its other names.
pub fn this(name: &str) -> Result<Line, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    Ok(Line::new(&program).with([name]))
}

/// Does what the name stands for.
pub fn main(name: &str, mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(layer), Some(annotations)) = (arguments.next(), arguments.next()) else {
        return ExitCode::FAILURE;
    };
    let done = read_annotations(Path::new(&annotations)).and_then(|annotations| {
        if name == OPEN {
            open(Path::new(&layer), &annotations)
        } else {
            extract(Path::new(&layer), &annotations)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read_annotations(file: &Path) -> io::Result<BTreeMap<String, String>> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

/// Reads and compares TOC and tar-split.
fn open(layer: &Path, annotations: &BTreeMap<String, String>) -> io::Result<()> {
    let layer = Layer::open(FileRange::open(layer)?, Authority::Annotations(annotations)).map_err(io::Error::other)?;
    println!("{}", layer.entries().len());
    Ok(())
}

/// As the example `extract` of the crate, with a buffer before stdout.
fn extract(layer: &Path, annotations: &BTreeMap<String, String>) -> io::Result<()> {
    let blob = fs::read(layer)?;
    let references = MetadataReferences::from_oci(|key| annotations.get(key))
        .ok_or_else(|| io::Error::other("from_oci returned None"))?;
    let slice = |range: &std::ops::Range<u64>| {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        blob.get(range)
    };
    let out_of_range = || io::Error::other("out of range");
    let manifest = slice(&references.manifest.range).ok_or_else(out_of_range)?;
    let tar_split = slice(&references.tarsplit.range).ok_or_else(out_of_range)?;
    let stream = Stream::new_from_frames(manifest, tar_split).map_err(io::Error::other)?;
    let mut out = BufWriter::with_capacity(128 << 10, io::stdout().lock());
    stream
        .write_to(&mut out, |reference| {
            let frames = slice(&reference.range).ok_or_else(out_of_range)?;
            Ok(zstd::decode_all(frames)?)
        })
        .map_err(io::Error::other)?;
    out.flush()
}
