//! Exit codes, the same for every command.

use std::{io, process::ExitCode};

use crate::format::Findings;

/// What the program's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as expected.
    AsExpected,
    /// There are failures, or expected deviations that did not show; a layer is rejected; a check found a difference.
    Failures,
    /// The command line is wrong, a file could not be read or written, or a document around a layer is malformed.
    Unusable,
    /// An implementation did not start, or broke the protocol throughout.
    Broken,
    /// No case was selected, or none was applicable; no layer of an image is zstd:chunked.
    Nothing,
    /// The program was interrupted.
    Interrupted,
}

/// The exit codes, for the end of the help.
pub(super) const HELP: &str = "\
Exit codes:
  0    everything is as expected
  1    unexpected results, a rejected layer, or a check, a hunt or a fuzz target with findings
  2    wrong usage, a file that cannot be read or written, or a malformed manifest
  3    an implementation did not start, or never followed the protocol
  4    no case was selected, or none applies; no layer of the image is zstd:chunked
  130  interrupted";

impl Exit {
    /// The end of a command that looked at a layer.
    pub(super) fn of(findings: &Findings) -> Self {
        if findings.is_empty() {
            Self::AsExpected
        } else {
            Self::Failures
        }
    }

    /// How bad it is, to tell the worst of several ends.
    pub(super) const fn weight(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::Nothing => 1,
            Self::Failures => 2,
            Self::Unusable => 3,
            Self::Broken => 4,
            Self::Interrupted => 5,
        }
    }

    /// The code.
    pub const fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::Failures => 1,
            Self::Unusable => 2,
            Self::Broken => 3,
            Self::Nothing => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command stops early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody reads stdout any longer, so there is nothing left to do.
    ReaderGone,
    /// This, in one sentence.
    Message(Exit, String),
}

impl Failure {
    /// The command line is wrong, or a file is unusable.
    pub fn unusable(message: impl ToString) -> Self {
        Self::Message(Exit::Unusable, message.to_string())
    }

    /// Something about a file or a stream.
    pub fn io(what: &str, error: &io::Error) -> Self {
        Self::unusable(format!("{what}: {error}"))
    }
}
