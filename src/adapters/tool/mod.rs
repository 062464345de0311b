//! Command-line tools as implementations.
//!
//! For each request the input is written to files in a folder of its own, the command runs, and its exit code and output
//! become the answer. A tool that is ended by a signal, or with an exit code that is said to be one of a crash, takes this
//! process with it, so that the runner sees a crash.

mod oci;

use std::{
    fs::{self, File},
    io::{self, Read, Write as _},
    os::unix::{ffi::OsStrExt as _, process::ExitStatusExt as _},
    path::{Component, Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    thread,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{
    Column,
    manifest::{Place, Tool},
};
use crate::{
    outside,
    runner::{
        builtin::{Builtin, Death},
        protocol::{Answer, Hello},
        tail,
    },
    vectors::{
        Bytes, Decimal, Op,
        ops::{AssembleInput, DecompressInput, TarInput, TarOutput},
    },
};

/// Longest message that is taken from what a tool says, in characters.
const MESSAGE: usize = 300;

/// The tools of an adapter.
#[derive(Debug)]
pub struct Tools<'a> {
    column: &'a Column,
    version: String,
}

impl<'a> Tools<'a> {
    /// The tools of this version. Where `adapter.toml` has a command that prints the version, that is the one they have.
    ///
    /// # Errors
    ///
    /// The command that prints the version fails, in a sentence.
    pub fn new(column: &'a Column) -> Result<Self, String> {
        let version = installed_version(column)?.unwrap_or_else(|| column.version().to_owned());
        Ok(Self { column, version })
    }
}

/// The version of an installed tool, as it says itself; none if `adapter.toml` has no command for that.
pub(super) fn installed_version(column: &Column) -> Result<Option<String>, String> {
    let command = column.fill_all(&column.adapter().manifest.version_from);
    let Some((program, arguments)) = command.split_first() else {
        return Ok(None);
    };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot start {program}: {error}"))?;
    let said = [output.stdout, output.stderr].concat();
    match version_in(&String::from_utf8_lossy(&said)) {
        Some(version) => Ok(Some(version)),
        None => Err(format!("`{}` prints no version", command.join(" "))),
    }
}

/// The first word of a text that looks like a version: digits, a dot and digits, with or without a letter before.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '*'));
    let is_version = |word: &&str| {
        let (major, rest) = word.trim_start_matches('v').split_once('.')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits(major) && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())
    };
    let word = words.into_iter().find(|word| is_version(word).is_some())?;
    Some(word.trim_start_matches('v').to_owned())
}

impl Builtin for Tools<'_> {
    fn hello(&self) -> Hello {
        let adapter = self.column.adapter();
        let tools = &adapter.manifest.tools;
        Hello {
            name: adapter.name.clone(),
            version: self.version.clone(),
            language: adapter.manifest.language.clone(),
            ops: tools
                .iter()
                .map(|tool| (tool.op, tool.dialects.iter().copied().collect()))
                .collect(),
            choices: Default::default(),
            rules: false,
            lacks: Default::default(),
        }
    }

    fn answer(&self, op: Op, input: Value) -> Result<Answer, Death> {
        let Some(tool) = self.column.adapter().manifest.tools.iter().find(|tool| tool.op == op) else {
            return Ok(Answer::Unsupported(format!("no command for {op}")));
        };
        let failed = |error: io::Error| Death(format!("cannot keep files for the tool: {error}"));
        let job = match Job::new(self.column, tool, input).map_err(failed)? {
            Ok(job) => job,
            Err(problem) => return Ok(Answer::Unsupported(problem)),
        };
        job.run()
    }
}

/// One use of a tool.
struct Job<'a> {
    tool: &'a Tool,
    command: Vec<String>,
    folder: TempDir,
}

impl<'a> Job<'a> {
    /// Writes the files that the command names; a sentence if they cannot be files.
    fn new(column: &Column, tool: &'a Tool, input: Value) -> io::Result<Result<Self, String>> {
        let folder = tempfile::tempdir()?;
        let uses = |placeholder: &str| tool.command.iter().any(|word| word.contains(placeholder));
        let at = |name: &str| folder.path().join(name);
        let placed = match tool.op {
            Op::LayerDecompress => read(input).and_then(|input: DecompressInput| {
                fs::write(at("blob"), decode(&input.blob)?).map_err(|error| error.to_string())
            }),
            Op::TarSplitDisassemble | Op::LayerWrite => read(input).and_then(|input: TarInput| {
                let tar = decode(&input.tar)?;
                if uses("{oci}") {
                    oci::write(&at("oci"), &tar).map_err(|error| error.to_string())?;
                }
                fs::write(at("tar"), tar).map_err(|error| error.to_string())
            }),
            Op::TarSplitAssemble => read(input).and_then(|input| place_assembly(&folder, &input)),
            op => Err(format!("a command cannot run {op}")),
        };
        if let Err(problem) = placed {
            return Ok(Err(problem));
        }
        let fill = |word: &String| {
            ["blob", "tar", "oci", "tar-split", "tar-split-gz", "files", "output"]
                .into_iter()
                .fold(column.fill(word), |word, name| {
                    word.replace(&format!("{{{name}}}"), &at(name).display().to_string())
                })
        };
        let command = tool.command.iter().map(fill).collect();
        Ok(Ok(Self { tool, command, folder }))
    }

    fn run(&self) -> Result<Answer, Death> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Ok(Answer::Unsupported("the command is empty".to_owned()));
        };
        let failed = |error: io::Error| Death(format!("cannot run {program}: {error}"));
        let to_stdout = self.tool.output == Place::Stdout;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(if to_stdout { Stdio::piped() } else { Stdio::null() })
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut tar = Summary::new();
        let said = Mutex::default();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            if let Some(stderr) = stderr {
                scope.spawn(|| tail::keep(stderr, &said));
            }
            stdout.map_or(Ok(0), |mut stdout| io::copy(&mut stdout, &mut tar))
        })
        .map_err(failed)?;
        let status = child.wait().map_err(failed)?;
        let mut said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
        let said = outside::lines(said.make_contiguous());
        let _kept = io::stderr().write_all(said.as_bytes());
        match status.code() {
            Some(0) if to_stdout => Ok(Answer::Accept(tar.output())),
            Some(0) => self.output().map_err(failed),
            Some(code) if !self.tool.crash.contains(&code) => Ok(Answer::reject(message(&said, code))),
            _ => Err(Death(format!("{program} {}", ending(status)))),
        }
    }

    /// The answer of a tool that says it has succeeded. A file that is not there is one without content.
    fn output(&self) -> io::Result<Answer> {
        let path = self.folder.path().join("output");
        Ok(match self.tool.output {
            Place::Oci => match oci::read(&path) {
                Ok((blob, annotations)) => Answer::Accept(json!({
                    "blob": Bytes::base64(&blob),
                    "annotations": annotations,
                })),
                Err(problem) => Answer::reject(format!("made no image that can be read: {problem}")),
            },
            place => {
                let mut bytes = match fs::read(&path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                    bytes => bytes?,
                };
                if place == Place::GzipFile {
                    let mut plain = Vec::new();
                    // What can be had of a file that breaks off is what the tool has made.
                    let _broken = GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain);
                    bytes = plain;
                }
                if self.tool.op == Op::TarSplitDisassemble {
                    return Ok(Answer::Accept(json!({"tar_split": Bytes::base64(&bytes)})));
                }
                let mut tar = Summary::new();
                tar.write_all(&bytes)?;
                Answer::Accept(tar.output())
            }
        })
    }
}

fn read<I: DeserializeOwned>(input: Value) -> Result<I, String> {
    serde_json::from_value(input).map_err(|error| format!("the input is not one of the operation's: {error}"))
}

fn decode(bytes: &Bytes) -> Result<Vec<u8>, String> {
    bytes.decode(&|_| None).map_err(|error| error.to_string())
}

/// Writes the tar-split and the files that a tar is made of.
fn place_assembly(folder: &TempDir, input: &AssembleInput) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot be files: {error}");
    let tar_split = decode(&input.tar_split)?;
    fs::write(folder.path().join("tar-split"), &tar_split).map_err(failed)?;
    let file = File::create(folder.path().join("tar-split-gz")).map_err(failed)?;
    let mut gzip = GzEncoder::new(file, Compression::fast());
    gzip.write_all(&tar_split)
        .and_then(|()| gzip.try_finish())
        .map_err(failed)?;
    let files = folder.path().join("files");
    fs::create_dir(&files).map_err(failed)?;
    for file in &input.files {
        let path = below(&files, &decode(&file.name)?)?;
        fs::create_dir_all(path.parent().unwrap_or(&files)).map_err(failed)?;
        fs::write(path, decode(&file.content)?).map_err(failed)?;
    }
    Ok(())
}

/// The path of this name below a folder.
fn below(folder: &Path, name: &[u8]) -> Result<PathBuf, String> {
    let path = Path::new(std::ffi::OsStr::from_bytes(name));
    let inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside || name.contains(&0) || path.file_name().is_none() {
        return Err(format!("a file cannot be called {:?}", String::from_utf8_lossy(name)));
    }
    Ok(folder.join(path))
}

/// The last line that a tool printed, or its exit code if it printed none.
fn message(said: &str, code: i32) -> String {
    match said.lines().rev().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => line.chars().take(MESSAGE).collect(),
        None => format!("exited with code {code}"),
    }
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    }
}

/// Size and digest of what is written to it.
struct Summary {
    hash: Sha256,
    size: u64,
}

impl Summary {
    fn new() -> Self {
        Self {
            hash: Sha256::new(),
            size: 0,
        }
    }

    fn output(self) -> Value {
        let output = TarOutput {
            sha256: self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            size: Decimal(self.size),
        };
        json!(output)
    }
}

impl io::Write for Summary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{below, version_in};

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (text, version) in [
            ("*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***", Some("1.5.4")),
            ("bsdtar 3.6.2 - libarchive 3.6.2 zlib/1.2.13", Some("3.6.2")),
            ("skopeo version 1.9.3 commit: abc", Some("1.9.3")),
            ("tar (GNU tar) 1.34\nCopyright (C) 2021", Some("1.34")),
            ("no version at all.", None),
        ] {
            assert_eq!(version_in(text).as_deref(), version, "{text}");
        }
    }

    #[test]
    fn names_stay_below_the_folder() {
        let folder = Path::new("/f");
        for (name, path) in [
            (&b"a/b"[..], Some("/f/a/b")),
            (b"./a", Some("/f/./a")),
            (b"../a", None),
            (b"/a", None),
            (b"a\0", None),
            (b"", None),
        ] {
            assert_eq!(below(folder, name).ok().as_deref(), path.map(Path::new), "{name:?}");
        }
    }
}
