//! Building a version of an adapter.

use std::{fmt, fs, io, process::Command, time::Instant};

use super::{AdaptersError, Column, MARK};
use crate::outside;

/// What came of building a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// It was built, in so many milliseconds.
    In(u128),
    /// It was built before, and nothing has changed since.
    Already,
    /// There is nothing to build.
    Installed,
}

/// Why a version was not built.
#[derive(Debug)]
pub enum BuildError {
    /// Programs are not on the path.
    Missing(Vec<String>),
    /// A command cannot be started.
    Start(String, io::Error),
    /// A command failed; the end of what it printed.
    Failed(String, String),
    /// A file cannot be read or written.
    Io(String, io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(programs) => write!(f, "not on the path: {}", programs.join(", ")),
            Self::Start(program, error) => write!(f, "cannot start {program}: {error}"),
            Self::Failed(command, said) => write!(f, "`{command}` failed: {said}"),
            Self::Io(path, error) => write!(f, "{path}: {error}"),
        }
    }
}

impl std::error::Error for BuildError {}

impl From<AdaptersError> for BuildError {
    fn from(error: AdaptersError) -> Self {
        match error {
            AdaptersError::Io(path, error) => Self::Io(path.display().to_string(), error),
            other => Self::Io(other.to_string(), io::Error::from(io::ErrorKind::InvalidData)),
        }
    }
}

/// Lines of what a failed command printed that are kept.
const LINES: usize = 3;

impl Column {
    /// Builds the version, unless that has been done and nothing has changed since.
    ///
    /// # Errors
    ///
    /// A program is missing, or a command fails.
    pub fn build(&self) -> Result<Built, BuildError> {
        let missing: Vec<String> = self.missing().into_iter().map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(BuildError::Missing(missing));
        }
        if self.is_installed() {
            return Ok(Built::Installed);
        }
        if self.is_built()? {
            return Ok(Built::Already);
        }
        let start = Instant::now();
        let at = |error| BuildError::Io(self.out.display().to_string(), error);
        // What an earlier build left could pass for what this one made.
        match fs::remove_dir_all(&self.out) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
            _ => fs::create_dir_all(&self.out).map_err(at)?,
        }
        let state = self.state()?;
        for command in &self.adapter.manifest.build {
            self.run(&self.fill_all(command))?;
        }
        fs::write(self.out.join(MARK), state).map_err(at)?;
        Ok(Built::In(start.elapsed().as_millis()))
    }

    fn run(&self, command: &[String]) -> Result<(), BuildError> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(());
        };
        let env = self.adapter.manifest.env.iter();
        let output = Command::new(program)
            .args(arguments)
            .envs(env.map(|(name, value)| (name, self.fill(value))))
            .current_dir(&self.adapter.folder)
            .output()
            .map_err(|error| BuildError::Start(program.clone(), error))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        let said = outside::lines(&said);
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
        Err(BuildError::Failed(command.join(" "), last.join("; ")))
    }
}
