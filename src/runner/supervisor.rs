//! The process between the runner and an implementation, which sees to it that nothing is left of the latter.
//!
//! An implementation can start processes that leave its group and session, and the runner can be killed before it ends any of
//! them. The supervisor is this program again. It starts the implementation, and on Linux every process that descends from it
//! stays below it, however it was started. It ends them all when the implementation ends, and when the runner does.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::OnceLock,
    thread,
    time::Duration,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, WaitStatus, getpid, getppid, kill_process, setsid, wait},
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
};
use signal_hook::{consts::SIGTERM, iterator::Signals};

use super::processes::{Together, running};

/// The name under which this program is a supervisor.
const NAME: &str = "chunkproof-supervisor";

/// The exit code where the implementation cannot be started, as shells have it.
const NOT_STARTED: u8 = 127;

/// How often processes that are being killed are looked for again, and how long is waited between.
const ROUNDS: usize = 200;
const ROUND: Duration = Duration::from_millis(2);

/// The program that is the supervisor, where there is one.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From here on implementations get a supervisor, if this system has what it takes.
pub(super) fn install() {
    #[cfg(target_os = "linux")]
    if let Ok(program) = env::current_exe()
        && rustix::process::set_child_subreaper(Some(getpid())).is_ok()
    {
        // A second call finds the same program.
        let _known = PROGRAM.set(program);
    }
}

/// Whether implementations get one.
pub(super) fn is_installed() -> bool {
    PROGRAM.get().is_some()
}

/// The command that starts this program under a supervisor, which removes the folder in the end; none where there is no
/// supervisor.
pub(super) fn command(program: &Path, folder: &Path) -> Option<Command> {
    let mut command = Command::new(PROGRAM.get()?);
    command
        .arg0(NAME)
        .arg(getpid().as_raw_pid().to_string())
        .arg(folder)
        .arg(program);
    Some(command)
}

/// What `main` does when this program was started as a supervisor; none if it was not.
pub fn main() -> Option<ExitCode> {
    let mut arguments = env::args_os();
    if arguments.next()? != NAME {
        return None;
    }
    let failed = ExitCode::from(NOT_STARTED);
    let (Some(runner), Some(folder), Some(program)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Some(failed);
    };
    let runner = runner.to_str().and_then(|runner| Pid::from_raw(runner.parse().ok()?));
    Some(match (runner, supervise(runner, folder.into(), &program, arguments)) {
        (Some(_), Ok(status)) => end_alike(status),
        (_, Ok(_)) => failed,
        (_, Err(error)) => {
            eprintln!("cannot start {}: {error}", Path::new(&program).display());
            failed
        }
    })
}

/// Starts the program, waits for its end, and leaves nothing behind.
fn supervise(
    runner: Option<Pid>,
    folder: PathBuf,
    program: &OsString,
    arguments: impl Iterator<Item = OsString>,
) -> std::io::Result<Option<WaitStatus>> {
    // A session of its own has no terminal that the implementation could write to.
    let _own = setsid();
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_child_subreaper(Some(getpid()))?;
        rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    let mut signals = Signals::new([SIGTERM])?;
    let of_signal = folder.clone();
    thread::spawn(move || {
        for _ in signals.forever() {
            // The signal also comes when only the thread has ended that started this process.
            if getppid() != runner {
                clean(&of_signal);
                std::process::exit(128 + SIGTERM);
            }
        }
    });
    // It may have ended before its end was asked for.
    if getppid() != runner {
        return Ok(None);
    }
    let child = Command::new(program).args(arguments).spawn()?;
    close_stdio();
    let child = Pid::from_child(&child);
    let status = loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == child => break Some(status),
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => break None,
        }
    };
    clean(&folder);
    Ok(status)
}

/// Lets go of the pipes, whose other ends are to notice when the implementation does.
fn close_stdio() {
    if let Ok(null) = fs::File::options().read(true).write(true).open("/dev/null") {
        let _closed = (dup2_stdin(&null), dup2_stdout(&null), dup2_stderr(&null));
    }
}

/// Ends every process below this one, and removes the folder.
fn clean(folder: &Path) {
    kill_below(getpid().as_raw_pid());
    let _gone = fs::remove_dir_all(folder);
}

/// Kills every process that descends from this one, until there is none.
pub(super) fn kill_below(root: i32) {
    for _ in 0..ROUNDS {
        let below = running(Together::Below(root));
        if below.is_empty() {
            return;
        }
        for pid in below {
            kill(pid);
        }
        thread::sleep(ROUND);
    }
}

/// Kills a process. One that has ended meanwhile is no failure.
pub(super) fn kill(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _gone = kill_process(pid, Signal::KILL);
    }
}

/// Ends as the implementation did.
fn end_alike(status: Option<WaitStatus>) -> ExitCode {
    let Some(status) = status else {
        return ExitCode::from(NOT_STARTED);
    };
    if let Some(signal) = status.terminating_signal() {
        // The core of this process is not that of the implementation.
        let none = rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _set = rustix::process::setrlimit(rustix::process::Resource::Core, none);
        let _ends = signal_hook::low_level::emulate_default_handler(signal);
        if let Some(signal) = Signal::from_named_raw(signal) {
            let _ends = kill_process(getpid(), signal);
        }
    }
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(NOT_STARTED))
}
