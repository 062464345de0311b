//! Compressing frames in several threads.
//!
//! Frames do not depend on each other, so which thread compresses one leaves no trace in it. They are handed out in batches,
//! and come back in the order in which they were handed out.

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

use super::{Level, frames::Compressor};

/// Whole frames, one after the other.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// Where each of them ends in the bytes.
    pub(super) ends: Vec<usize>,
}

impl Batch {
    /// The same frames, compressed.
    fn compress(&self, compressor: &mut Compressor) -> io::Result<Self> {
        let mut compressed = Self::default();
        let mut start = 0;
        for &end in &self.ends {
            let frame = self.bytes.get(start..end).unwrap_or_default();
            compressor.write(frame, &mut compressed.bytes)?;
            compressor.end_frame(&mut compressed.bytes)?;
            compressed.ends.push(compressed.bytes.len());
            start = end;
        }
        Ok(compressed)
    }
}

struct Job {
    batch: Batch,
    answer: Sender<io::Result<Batch>>,
}

/// The threads, and the batches that they have.
pub(super) struct Pool {
    /// None once there are no more batches.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    pending: VecDeque<Receiver<io::Result<Batch>>>,
}

impl Pool {
    /// As many of the threads as the system has; for one there is none, as the caller is one already.
    pub(super) fn new(threads: NonZeroUsize, level: Level) -> Self {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let wanted = if threads.get() == 1 { 0 } else { threads.get() };
        let threads = (0..wanted)
            .map_while(|_| {
                let queue = Arc::clone(&queue);
                thread::Builder::new().spawn(move || work(&queue, level)).ok()
            })
            .collect();
        Self {
            jobs: Some(jobs),
            threads,
            pending: VecDeque::new(),
        }
    }

    /// Hands out a batch. Those that are back come out at the front; there are never more than two for each thread.
    pub(super) fn submit(&mut self, batch: Batch, own: &mut Compressor) -> io::Result<()> {
        let (answer, result) = channel();
        self.pending.push_back(result);
        let job = Job { batch, answer };
        match &self.jobs {
            Some(jobs) if !self.threads.is_empty() => jobs.send(job).map_err(|_| io::ErrorKind::BrokenPipe.into()),
            _ => {
                drop(job.answer.send(job.batch.compress(own)));
                Ok(())
            }
        }
    }

    /// Whether the oldest batch has to be taken before another is handed out.
    pub(super) fn is_full(&self) -> bool {
        self.pending.len() >= self.threads.len().saturating_mul(2).max(1)
    }

    /// The oldest batch, compressed; none if all were taken.
    pub(super) fn take(&mut self) -> Option<io::Result<Batch>> {
        let result = self.pending.pop_front()?;
        // A thread that is gone has not answered.
        Some(result.recv().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into())))
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

fn work(queue: &Mutex<Receiver<Job>>, level: Level) {
    let mut compressor = Compressor::new(level);
    loop {
        let job = queue.lock().map(|queue| queue.recv());
        let Ok(Ok(Job { batch, answer })) = job else {
            return;
        };
        let result = match &mut compressor {
            Ok(compressor) => batch.compress(compressor),
            Err(error) => Err(error.kind().into()),
        };
        // Nobody waits for it after an error.
        drop(answer.send(result));
    }
}
