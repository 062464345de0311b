//! Why there is no answer to judge.

use std::{fmt, os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration};

/// Why a process gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Breakdown {
    /// It ended, in this way.
    Ended(Ending),
    /// It took too long.
    Timeout(Spent),
    /// It took more memory than it may.
    OutOfMemory(Taken),
    /// What it sent is no line of the protocol.
    Protocol(String),
}

/// The time that an answer took which did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    /// The limit.
    pub(crate) limit: Limit<Duration>,
    /// How long it was waited for.
    pub(crate) elapsed: Duration,
    /// Processor time that was used meanwhile, and the longest time for which it could have been used but no processor was free;
    /// none where the system does not tell.
    pub(crate) used: Option<(Duration, Duration)>,
}

/// Memory that was more than is allowed, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The limit.
    pub(crate) limit: Limit<u64>,
    /// What was resident.
    pub(crate) bytes: u64,
}

/// A limit, and where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit<T> {
    /// What is allowed.
    pub(crate) value: T,
    /// Whether the case has it, and not the option of the runner.
    pub(crate) of_case: bool,
}

impl<T> Limit<T> {
    /// How to change it.
    const fn remedy(&self, option: &'static str) -> &'static str {
        if self.of_case {
            "the limit of the case, which --ignore-limits lifts"
        } else {
            option
        }
    }
}

impl Spent {
    /// Whether a busy machine may be the reason: a good part of the time went by without a processor to run on.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.used.is_some_and(|(_, waited)| waited > self.limit.value / 10)
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.value.as_secs_f64();
        write!(f, "no answer within {limit} s ({})", self.limit.remedy("--timeout"))?;
        match self.used {
            Some((processor, waited)) => write!(
                f,
                ": {:.1} s of processor time used in {:.1} s, {:.1} s without a free processor",
                processor.as_secs_f64(),
                self.elapsed.as_secs_f64(),
                waited.as_secs_f64()
            ),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} MiB of memory were taken, {} MiB are allowed ({})",
            self.bytes >> 20,
            self.limit.value >> 20,
            self.limit.remedy("--memory")
        )
    }
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
