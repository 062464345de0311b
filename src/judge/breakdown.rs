//! Why there is no answer to judge.

use std::{fmt, os::unix::process::ExitStatusExt as _, process::ExitStatus};

/// Why a process gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Breakdown {
    /// It ended, in this way.
    Ended(Ending),
    /// It took too long.
    Timeout,
    /// It took more memory than it may: this many bytes.
    OutOfMemory(u64),
    /// What it sent is no line of the protocol.
    Protocol(String),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It closed its stdout, but goes on.
    ClosedStdout,
}

impl Ending {
    /// From what the system reports of it.
    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exited with code {code}"),
            Self::Signal(signal) => {
                let name = match signal {
                    4 => " (SIGILL)",
                    6 => " (SIGABRT)",
                    7 => " (SIGBUS)",
                    8 => " (SIGFPE)",
                    9 => " (SIGKILL)",
                    11 => " (SIGSEGV)",
                    15 => " (SIGTERM)",
                    _ => "",
                };
                write!(f, "was ended by signal {signal}{name}")
            }
            Self::ClosedStdout => f.write_str("closed its stdout"),
        }
    }
}
