//! Where a command's output goes: a file that appears when it is whole, or stdout. And what it reads from its start to its end.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::fs::FileTypeExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::fs::Access;
use tempfile::NamedTempFile;

use super::{Failure, unfinished::Unfinished};

/// Whether a path on the command line stands for stdin or stdout.
pub(super) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Starts an input that is read from its start to its end: a file or a pipe; `-` is stdin.
///
/// # Errors
///
/// What cannot be opened, and a device, which may have no end.
pub(super) fn input(path: &Path) -> io::Result<Box<dyn Read>> {
    if is_stream(path) {
        return Ok(Box::new(io::stdin().lock()));
    }
    // Checked before it is opened, since opening some devices does something.
    let kind = fs::metadata(path)?.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        let problem = "a device, expected a file or a pipe; `-` reads stdin, whatever it is";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    Ok(Box::new(File::open(path)?))
}

/// Stdout for bytes, which go there as they are written: that of the standard library looks for line feeds in them.
pub(super) fn stdout() -> io::Result<File> {
    let stdout = io::stdout().as_fd().try_clone_to_owned()?;
    widen(&stdout);
    Ok(File::from(stdout))
}

/// Makes room in a pipe for more than the usual 64 KiB, so that its two ends wait for each other less often. What is no pipe, or
/// may not be changed, stays as it is.
#[cfg(target_os = "linux")]
fn widen(pipe: &OwnedFd) {
    const SIZE: usize = 1 << 20;
    rustix::pipe::fcntl_setpipe_size(pipe, SIZE).ok();
}

#[cfg(not(target_os = "linux"))]
const fn widen(_: &OwnedFd) {}

/// An output that is being written.
pub(super) enum Output {
    Stdout(File),
    /// Something that is there and no file. It is written to as it is.
    Device(File),
    /// A file beside its place. Unless it is kept, nothing is left behind, also of a command that is interrupted.
    Beside(NamedTempFile, Unfinished, PathBuf),
}

impl Output {
    /// Starts an output; `-` is stdout.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if is_stream(path) {
            return stdout().map(Self::Stdout);
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => OpenOptions::new().write(true).open(path).map(Self::Device),
            Ok(_) | Err(_) => {
                let (file, unfinished) = Unfinished::begin(|| beside(path))?;
                Ok(Self::Beside(file, unfinished, path.to_owned()))
            }
        }
    }

    /// Gives a file its name, over one that is there.
    pub(super) fn keep(self) -> io::Result<()> {
        match self {
            Self::Stdout(_) | Self::Device(_) => Ok(()),
            Self::Beside(file, _unfinished, path) => file.persist(path).map(drop).map_err(|error| error.error),
        }
    }

    /// Gives a file this name instead, where it is only known in the end. It has to be on the same file system.
    pub(super) fn keep_as(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Stdout(_) | Self::Device(_) => Ok(()),
            Self::Beside(file, _unfinished, _) => file.persist(path).map(drop).map_err(|error| error.error),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Device(file) => file.write(bytes),
            Self::Beside(file, ..) => file.as_file_mut().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::Device(file) => file.flush(),
            Self::Beside(file, ..) => file.as_file_mut().flush(),
        }
    }
}

/// Refuses an output in the place of an input or of another output, which it would replace without a word. Streams and devices
/// are no such places.
pub(super) fn apart(output: &Path, others: &[&Path]) -> Result<(), Failure> {
    let Some(place) = place(output) else {
        return Ok(());
    };
    match others.iter().find(|other| self::place(other).as_ref() == Some(&place)) {
        Some(other) => Err(Failure::unusable(format!(
            "{} and {} are the same file",
            output.display(),
            other.display()
        ))),
        None => Ok(()),
    }
}

/// Where a file is or would be, whatever leads there; none of what is no file.
fn place(path: &Path) -> Option<PathBuf> {
    if is_stream(path) || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::canonicalize(path).ok().or_else(|| {
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    })
}

/// The end of a command that cannot write to its output.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    match (is_stream(path), error.kind()) {
        (true, io::ErrorKind::BrokenPipe) => Failure::ReaderGone,
        (true, _) => Failure::io("cannot write to stdout", error),
        (false, _) => Failure::io(&path.display().to_string(), error),
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any new file, and not as a secret one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The name of a file that nobody asked for would only confuse, and the words of the system are those of other messages.
    builder.tempfile_in(folder).map_err(|error| {
        let refused = rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).err();
        refused.map_or_else(|| error.kind().into(), io::Error::from)
    })
}
