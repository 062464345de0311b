//! One process of an implementation: lines in, lines out, and a certain end.
//!
//! Whatever it starts ends with it: a supervisor sees to that, or, where there is none, the group that the process leads.
//! Three threads serve its pipes. None of them is waited for, since a grandchild that escaped could hold a pipe open for ever.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    io::{self, BufRead, BufReader, Read as _, Write as _},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tempfile::TempDir;

use super::{
    allowance::{Allowance, Clock},
    blind, interrupt,
    processes::{self, Together, Usage, usage},
    protocol::LINE_LIMIT,
    supervisor, tail,
};
use crate::{
    judge::{Breakdown, Ending, Spent},
    outside,
};

/// How long a process may take to end by itself once its stdin or its stdout is closed.
const GRACE: Duration = Duration::from_millis(500);

/// How often a process that is expected to answer is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// How often a process that is about to end is looked at.
const POLL: Duration = Duration::from_millis(2);

/// How long a process is watched after its first answer, to notice one that exits after each answer.
const SETTLE: Duration = Duration::from_millis(50);

/// All processes that run, to be killed when the runner is interrupted, and the folders that were made for them.
static STARTED: Mutex<BTreeMap<i32, PathBuf>> = Mutex::new(BTreeMap::new());

/// Kills every process that runs.
pub(super) fn kill_all() {
    kill_these(&lock(&STARTED));
}

/// Kills every process that runs, and exits.
pub(super) fn exit(code: i32) -> ! {
    // Held to the end, so that no process starts meanwhile.
    let started = lock(&STARTED);
    kill_these(&started);
    std::process::exit(code)
}

fn kill_these(started: &BTreeMap<i32, PathBuf>) {
    for (&pid, folder) in started {
        if let Some(pid) = Pid::from_raw(pid) {
            kill(pid);
            let _gone = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
        let _gone = fs::remove_dir_all(folder);
    }
}

/// Why no line came.
enum Silence {
    TooLong(Spent),
    TooMuch(u64),
    Closed,
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
    /// The end of stdout came before the end of the line.
    Cut,
}

/// A running process.
pub(super) struct Process {
    child: Child,
    /// The number of the child: the supervisor, or the implementation itself, which then leads a group.
    pid: Pid,
    requests: Option<Sender<Vec<u8>>>,
    lines: Receiver<Line>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    stderr_closed: Receiver<()>,
    /// Whether it cannot be talked to any longer.
    out_of_step: bool,
    ending: Option<Ending>,
    /// Where it keeps its temporary files, and works if it is to find nothing there. It goes when the process has ended.
    _folder: TempDir,
}

impl Process {
    /// Starts a program with its arguments: here, or in an empty folder of its own if it is to be `blind`.
    pub(super) fn start(program: &str, arguments: &[String], blind: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("chunkproof-").tempdir()?;
        let program = blind::found(program)?;
        let mut command = supervisor::command(&program, folder.path()).unwrap_or_else(|| {
            let mut command = Command::new(&program);
            command.process_group(0);
            command
        });
        if blind {
            blind::hide(&mut command, folder.path());
        }
        let mut started = lock(&STARTED);
        // Those that ran then have been killed.
        if interrupt::is_requested() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let mut child = command
            .args(arguments)
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = Pid::from_child(&child);
        started.insert(pid.as_raw_pid(), folder.path().to_owned());
        drop(started);
        let (requests, to_write) = mpsc::channel();
        // One line of room: a process that floods its stdout is stopped by its full pipe.
        let (to_read, lines) = mpsc::sync_channel(1);
        let (stderr_open, stderr_closed) = mpsc::channel();
        let stderr = Arc::default();
        if let Some(pipe) = child.stdin.take() {
            thread::spawn(move || write_lines(pipe, &to_write));
        }
        if let Some(pipe) = child.stdout.take() {
            thread::spawn(move || read_lines(pipe, &to_read));
        }
        if let Some(pipe) = child.stderr.take() {
            let tail = Arc::clone(&stderr);
            thread::spawn(move || {
                tail::keep(pipe, &tail);
                drop(stderr_open);
            });
        }
        Ok(Self {
            child,
            pid,
            requests: Some(requests),
            lines,
            stderr,
            stderr_closed,
            out_of_step: false,
            ending: None,
            _folder: folder,
        })
    }

    /// Sends a line; it lacks its line feed. A process that does not read is noticed by its missing answer.
    pub(super) fn send(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        lock(&self.stderr).clear();
        if let Some(requests) = &self.requests {
            // The writer has gone if the process has; its end shows on stdout.
            let _gone = requests.send(line);
        }
    }

    /// The next line that the process sends, without its line feed.
    pub(super) fn receive(&mut self, allowance: Allowance) -> Result<Vec<u8>, Breakdown> {
        let breakdown = match self.next_line(allowance) {
            Ok(Line::Whole(line)) => return Ok(line),
            Ok(Line::TooLong) => Breakdown::Protocol(format!("a line is longer than {} MiB", LINE_LIMIT >> 20)),
            Ok(Line::Cut) => match self.end() {
                ending @ Ending::Signal(_) => Breakdown::Ended(ending),
                ending => Breakdown::Protocol(format!("the answer has no line feed at its end: the process {ending}")),
            },
            Err(Silence::TooMuch(bytes)) => Breakdown::OutOfMemory(allowance.exceeded_by(bytes)),
            Err(Silence::TooLong(spent)) if !self.has_ended() => Breakdown::Timeout(spent),
            Err(Silence::TooLong(_) | Silence::Closed) => Breakdown::Ended(self.end()),
        };
        self.out_of_step = true;
        Err(breakdown)
    }

    /// The next line, if it comes in time and before the process has ended.
    ///
    /// The end of stdout alone does not tell that a process has ended: what it started may still hold the pipe.
    fn next_line(&self, allowance: Allowance) -> Result<Line, Silence> {
        let mut clock = Clock::new(allowance);
        loop {
            let had_ended = self.has_ended();
            match self.lines.recv_timeout(clock.left().min(LOOK)) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Timeout) => {
                    let usage = self.usage();
                    if usage.resident > allowance.memory() {
                        return Err(Silence::TooMuch(usage.resident));
                    }
                    let spent = clock.look(usage);
                    if had_ended || clock.is_over(spent) {
                        return Err(Silence::TooLong(spent));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Silence::Closed),
            }
        }
    }

    /// Whether the process has taken more memory than it may since it started, however short a time that was.
    pub(super) fn exceeded(&self, allowance: Allowance) -> Result<(), Breakdown> {
        let peak = self.usage().peak;
        if peak > allowance.memory() {
            return Err(Breakdown::OutOfMemory(allowance.exceeded_by(peak)));
        }
        Ok(())
    }

    fn usage(&self) -> Usage {
        let pid = self.pid.as_raw_pid();
        usage(if supervisor::is_installed() {
            Together::Below(pid)
        } else {
            Together::Group(pid)
        })
    }

    /// How the process ended, if it does so soon although its input has not ended.
    pub(super) fn ended_early(&mut self) -> Option<Ending> {
        self.ends_within(SETTLE).then(|| self.end())
    }

    /// Ends the process's input, and waits so long for it to end: whether it still wrote to stdout, and how it ended if it did.
    pub(super) fn finish(&mut self, within: Duration) -> (bool, Option<Ending>) {
        self.requests = None;
        let ended = self.ends_within(within);
        let wrote = self.lines.recv_timeout(GRACE).is_ok();
        (wrote, ended.then(|| self.end()))
    }

    /// The end of what the process wrote to stderr since the last request, as it can be printed.
    pub(super) fn stderr(&self) -> String {
        let mut tail = lock(&self.stderr);
        outside::lines(tail.make_contiguous())
    }

    /// Ends the process without waiting for it to notice the end of its input.
    pub(super) fn abandon(mut self) {
        self.out_of_step = true;
    }

    /// Waits a little for the process to end by itself, then ends it.
    fn end(&mut self) -> Ending {
        if let Some(ending) = self.ending {
            return ending;
        }
        let ended = self.ends_within(GRACE);
        kill(self.pid);
        // What it wrote last may say why.
        let _closed = self.stderr_closed.recv_timeout(GRACE);
        let mut started = lock(&STARTED);
        if supervisor::is_installed() {
            kill_orphans(&started);
        }
        // From here on another process may have the number.
        started.remove(&self.pid.as_raw_pid());
        drop(started);
        let ending = match self.child.wait() {
            Ok(status) if ended => Ending::of(status),
            _ => Ending::ClosedStdout,
        };
        self.ending = Some(ending);
        ending
    }

    fn ends_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while !self.has_ended() {
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(POLL);
        }
        true
    }

    /// Whether the process has ended. It stays a zombie, so that nothing else can take the number of its group.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // End of input asks it to exit.
        self.requests = None;
        if self.out_of_step {
            kill(self.pid);
        }
        self.end();
    }
}

/// Kills a process and what it started.
fn kill(pid: Pid) {
    if supervisor::is_installed() {
        // While its supervisor lives, nothing gets out from below it.
        supervisor::kill_below(pid.as_raw_pid());
        supervisor::kill(pid.as_raw_pid());
    } else {
        // Fails only if the group has gone.
        let _gone = kill_process_group(pid, Signal::KILL);
    }
}

/// Kills what an implementation left that has killed its supervisor. This program inherits it, and nothing else.
fn kill_orphans(started: &BTreeMap<i32, PathBuf>) {
    let own = rustix::process::getpid().as_raw_pid();
    for child in processes::children(own) {
        if !started.contains_key(&child) {
            supervisor::kill_below(child);
            supervisor::kill(child);
            if let Some(child) = Pid::from_raw(child) {
                let _gone = waitid(WaitId::Pid(child), WaitIdOptions::EXITED);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_lines(mut pipe: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        if pipe.write_all(&line).and_then(|()| pipe.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(pipe: ChildStdout, lines: &SyncSender<Line>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        let limit = LINE_LIMIT.saturating_add(1).try_into().unwrap_or(u64::MAX);
        match pipe.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = if line.pop_if(|last| *last == b'\n').is_some() {
            Line::Whole(line)
        } else if line.len() > LINE_LIMIT {
            Line::TooLong
        } else {
            Line::Cut
        };
        let last = !matches!(line, Line::Whole(_));
        if lines.send(line).is_err() || last {
            return;
        }
    }
}
