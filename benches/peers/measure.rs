//! What a program takes: time, processor time and memory, of it and of what it started.
//!
//! The system adds up processor time and memory of all children that have ended. So that one program is measured, a child starts it:
//! this program again.

use std::{
    env,
    ffi::OsString,
    fmt, fs,
    io::{self, Read as _},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sched::{CpuSet, sched_setaffinity},
    sys::{
        resource::{UsageWho, getrusage},
        time::TimeValLike as _,
    },
    unistd::Pid,
};

/// The first argument under which this program measures another one.
pub const NAME: &str = "measure";

/// What a program took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spent {
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time of all threads, in the program and in the system.
    pub processor: Duration,
    /// The most memory that was resident, in bytes.
    pub memory: u64,
}

/// A command line. Its output goes through a pipe and is dropped.
#[derive(Clone, Debug)]
pub struct Line {
    words: Vec<OsString>,
    /// Processors that it may use; all, if none are named.
    pub cores: Option<usize>,
}

impl Line {
    pub fn new(program: &Path) -> Self {
        Self {
            words: vec![program.into()],
            cores: None,
        }
    }

    pub fn with(mut self, words: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// Runs it once.
    pub fn run(&self) -> Result<Spent, String> {
        let failed = |error: io::Error| format!("{self}: {error}");
        let report = tempfile::NamedTempFile::new().map_err(failed)?;
        let mut child = Command::new(env::current_exe().map_err(failed)?)
            .arg(NAME)
            .arg(report.path())
            .arg(self.cores.unwrap_or(0).to_string())
            .args(&self.words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        // A program that fills the pipe of stderr would wait for ever; ours print little there.
        if let Some(mut stdout) = child.stdout.take() {
            let mut piece = vec![0; 1 << 20];
            while stdout.read(&mut piece).map_err(failed)? != 0 {}
        }
        let output = child.wait_with_output().map_err(failed)?;
        if !output.status.success() {
            return Err(format!(
                "{self}: {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            ));
        }
        let text = fs::read_to_string(report.path()).map_err(failed)?;
        let numbers: Vec<u64> = text
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        match numbers[..] {
            [wall, processor, memory] => Ok(Spent {
                wall: Duration::from_micros(wall),
                processor: Duration::from_micros(processor),
                memory,
            }),
            _ => Err(format!("{self}: nothing was measured")),
        }
    }

    /// Runs it several times, each after a preparation: the run with the median time, and the most memory of all.
    pub fn median(&self, runs: usize, mut prepare: impl FnMut() -> io::Result<()>) -> Result<Spent, String> {
        let mut all = Vec::new();
        for _ in 0..runs.max(1) {
            prepare().map_err(|error| format!("{self}: {error}"))?;
            all.push(self.run()?);
        }
        all.sort_by_key(|spent| spent.wall);
        let memory = all.iter().map(|spent| spent.memory).max().unwrap_or_default();
        Ok(Spent {
            memory,
            ..all[all.len() / 2]
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words.iter().enumerate() {
            // Where programs and files are says nothing.
            let word = Path::new(word)
                .file_name()
                .map_or(word.to_string_lossy(), |name| name.to_string_lossy());
            write!(f, "{}{word}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// Measures the program that the arguments name, and writes to a file what it took.
pub fn main(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(report), Some(cores), Some(program)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return ExitCode::FAILURE;
    };
    match measure(Path::new(&report), &cores.to_string_lossy(), program, arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(
    report: &Path,
    cores: &str,
    program: OsString,
    arguments: impl Iterator<Item = OsString>,
) -> io::Result<bool> {
    let cores: usize = cores.parse().unwrap_or(0);
    if cores > 0 {
        let mut set = CpuSet::new();
        for core in 0..cores {
            set.set(core)?;
        }
        sched_setaffinity(Pid::from_raw(0), &set)?;
    }
    let start = Instant::now();
    let status = Command::new(program).args(arguments).status()?;
    let wall = start.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let processor = (usage.user_time() + usage.system_time()).num_microseconds();
    // The system counts in KiB.
    let memory = usage.max_rss() * 1024;
    fs::write(report, format!("{} {processor} {memory}\n", wall.as_micros()))?;
    Ok(status.success())
}
