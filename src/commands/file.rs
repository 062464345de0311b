//! Writing files that are complete or not there.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::Failure;

/// A file cannot be written.
pub(super) struct OutputError {
    file: PathBuf,
    pub(super) error: io::Error,
}

impl OutputError {
    pub(super) fn new(file: &Path, error: io::Error) -> Self {
        Self {
            file: file.to_owned(),
            error,
        }
    }
}

impl From<OutputError> for Failure {
    fn from(OutputError { file, error }: OutputError) -> Self {
        Self::io(&file.display().to_string(), &error)
    }
}

/// Whether a file that was written is worth keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

/// Writes beside the file and renames, so that there is never half of one under its name. A device or a named pipe is
/// written to as it is.
pub(super) fn replace<T, E: From<OutputError>>(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> Result<(T, Keep), E>,
) -> Result<T, E> {
    let failed = |error| OutputError::new(file, error);
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into()).into()),
        Ok(metadata) if !metadata.is_file() => {
            let mut device = fs::OpenOptions::new().write(true).open(file).map_err(failed)?;
            let mut out = BufWriter::new(&mut device);
            let (value, _) = write(&mut out)?;
            out.flush().map_err(failed)?;
            return Ok(value);
        }
        Ok(_) | Err(_) => {}
    }
    let mut beside = create_beside(file).map_err(failed)?;
    let mut out = BufWriter::new(beside.as_file_mut());
    let (value, keep) = write(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    if keep == Keep::Yes {
        beside.persist(file).map_err(|error| failed(error.error))?;
    }
    Ok(value)
}

fn create_beside(file: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    // As any new file, and not as a secret one.
    #[cfg(unix)]
    beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    beside
        .tempfile_in(folder)
        // The name of a file that nobody asked for would only confuse.
        .map_err(|error| error.kind().into())
}
