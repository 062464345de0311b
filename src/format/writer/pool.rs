//! Working on batches in several threads.
//!
//! Which thread works on a batch leaves no trace in it. Batches are handed out in their order, and come back in it. A batch that
//! waits for what the one before it leaves never waits for ever: that one was handed out first, and passes it on or is gone.

use std::{
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use super::{
    Level,
    batch::{Batch, Open},
    frames::Compressor,
};

struct Job {
    batch: Batch,
    /// Where the batch before passes on what it leaves, if it leaves something.
    open: Option<Receiver<Open>>,
    pass: Option<Sender<Open>>,
    answer: Sender<io::Result<Batch>>,
}

impl Job {
    fn run(self, compressor: &mut Compressor, level: Level) {
        let Self {
            mut batch,
            open,
            pass,
            answer,
        } = self;
        // The batch before has ended with an error, which comes back first.
        let open = open.map_or_else(|| Ok(Open::default()), |open| open.recv().map_err(|_| gone()));
        let pass = |open| {
            if let Some(pass) = pass {
                drop(pass.send(open));
            }
        };
        let result = open.and_then(|open| batch.process(open, pass, compressor, level));
        // Nobody waits for it after an error.
        drop(answer.send(result.map(|()| batch)));
    }
}

/// The threads, and the batches that they have.
pub(super) struct Pool {
    level: Level,
    /// None once there are no more batches.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    /// For batches that no thread is there for.
    own: Compressor,
    /// What the last batch leaves.
    open: Option<Receiver<Open>>,
    pending: VecDeque<Receiver<io::Result<Batch>>>,
}

impl Pool {
    /// As many of the threads as the system has; for one there is none, as the caller is one already.
    pub(super) fn new(threads: NonZeroUsize, level: Level) -> io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let wanted = if threads.get() == 1 { 0 } else { threads.get() };
        let threads = (0..wanted)
            .map_while(|_| {
                let queue = Arc::clone(&queue);
                thread::Builder::new().spawn(move || work(&queue, level)).ok()
            })
            .collect();
        Ok(Self {
            level,
            jobs: Some(jobs),
            threads,
            own: Compressor::new(level)?,
            open: None,
            pending: VecDeque::new(),
        })
    }

    /// Hands out a batch. Those that are back come out at the front; there are never more than two for each thread.
    pub(super) fn submit(&mut self, batch: Batch) -> io::Result<()> {
        let (answer, result) = channel();
        let (pass, left) = batch.is_open().then(channel).unzip();
        let job = Job {
            batch,
            open: std::mem::replace(&mut self.open, left),
            pass,
            answer,
        };
        self.pending.push_back(result);
        match &self.jobs {
            Some(jobs) if !self.threads.is_empty() => jobs.send(job).map_err(|_| gone()),
            _ => {
                job.run(&mut self.own, self.level);
                Ok(())
            }
        }
    }

    /// Whether the oldest batch has to be taken before another is handed out.
    pub(super) fn is_full(&self) -> bool {
        self.pending.len() >= self.threads.len().saturating_mul(2).max(1)
    }

    /// The oldest batch, processed; none if all were taken.
    pub(super) fn take(&mut self) -> Option<io::Result<Batch>> {
        let result = self.pending.pop_front()?;
        Some(result.recv().unwrap_or_else(|_| Err(gone())))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

/// The error of a thread that has not answered.
fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

fn work(queue: &Mutex<Receiver<Job>>, level: Level) {
    let mut compressor = Compressor::new(level);
    loop {
        let job = queue.lock().map(|queue| queue.recv());
        let Ok(Ok(job)) = job else {
            return;
        };
        match &mut compressor {
            Ok(compressor) => job.run(compressor, level),
            Err(error) => drop(job.answer.send(Err(error.kind().into()))),
        }
    }
}
