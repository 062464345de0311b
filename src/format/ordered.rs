//! Jobs that threads do, with results in the order of the jobs.
//!
//! Threads begin jobs in the order in which they are handed in. Each job gives pieces through a channel of its own, which holds
//! few of them. The caller takes the pieces of the oldest job first. So everything arrives in order, a job that gives much is
//! taken piece by piece, and a thread that is ahead waits. The oldest job was begun first, so it never waits for another.
//!
//! Without threads the caller does the jobs when it takes their pieces: the same code in the same order.

use std::{
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, Scope, ScopedJoinHandle},
};

/// Does jobs.
pub(super) trait Worker {
    /// What is to be done.
    type Job: Send;
    /// A part of the result.
    type Piece: Send;

    /// Does a job and hands its pieces to `out`, until that returns false: no one wants more of them.
    fn work(&mut self, job: Self::Job, out: &mut dyn FnMut(Self::Piece) -> bool);
}

/// As many threads as there are processors, and no more than there is work for: what one thread does in order, the digest of
/// the tar first of all, keeps about that many others busy.
pub(super) fn default_threads() -> NonZeroUsize {
    const USEFUL: usize = 8;
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new(processors.min(USEFUL)).unwrap_or(NonZeroUsize::MIN)
}

/// Most threads that are started, whatever number is asked for.
const MOST: usize = 64;

/// Jobs that wait for a thread for each that there is.
const AHEAD: usize = 2;

/// Pieces of a job that wait to be taken. They bound the memory.
const PIECES: usize = 6;

/// Threads and their jobs.
pub(super) struct Ordered<'scope, W: Worker> {
    queue: Option<Sender<Begun<W>>>,
    threads: Vec<ScopedJoinHandle<'scope, ()>>,
    pending: VecDeque<Pending<W>>,
}

/// A job for a thread.
struct Begun<W: Worker> {
    job: W::Job,
    pieces: SyncSender<Message<W::Piece>>,
}

/// A job whose pieces have not been taken.
enum Pending<W: Worker> {
    /// A thread does it.
    Thread(Receiver<Message<W::Piece>>),
    /// The caller will do it.
    Caller(W::Job),
}

enum Message<P> {
    Piece(P),
    End,
}

impl<'scope, W: Worker> Ordered<'scope, W> {
    /// Starts threads, each with a worker of its own. One thread is the caller itself, so for one none is started.
    pub(super) fn new<F>(scope: &'scope Scope<'scope, '_>, threads: NonZeroUsize, worker: F) -> Self
    where
        W: 'scope,
        F: Fn() -> W + Clone + Send + 'scope,
    {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let wanted = match threads.get() {
            1 => 0,
            wanted => wanted.min(MOST),
        };
        let threads = (0..wanted)
            .map_while(|_| {
                let (jobs, worker) = (Arc::clone(&jobs), worker.clone());
                thread::Builder::new()
                    .spawn_scoped(scope, move || serve(&jobs, worker()))
                    .ok()
            })
            .collect();
        Self {
            queue: Some(queue),
            threads,
            pending: VecDeque::new(),
        }
    }

    /// Whether the caller is the only one who does jobs.
    pub(super) const fn is_alone(&self) -> bool {
        self.threads.is_empty()
    }

    /// Whether the oldest job is to be taken before another is handed in.
    pub(super) fn is_full(&self) -> bool {
        self.pending.len() > self.threads.len().saturating_mul(AHEAD)
    }

    /// Whether the results of all jobs were taken.
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Hands in a job.
    pub(super) fn submit(&mut self, job: W::Job) {
        let Some(queue) = self.queue.as_ref().filter(|_| !self.threads.is_empty()) else {
            return self.keep(job);
        };
        let (pieces, taken) = sync_channel(PIECES);
        // A thread that is gone has panicked, which is noticed when the pieces are taken.
        drop(queue.send(Begun { job, pieces }));
        self.pending.push_back(Pending::Thread(taken));
    }

    /// Hands in a job that the caller does itself when its turn comes.
    pub(super) fn keep(&mut self, job: W::Job) {
        self.pending.push_back(Pending::Caller(job));
    }

    /// Gives up all jobs.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    /// Takes the pieces of the oldest job, until `sink` returns false. The caller does it with its `own` worker if no thread
    /// does.
    ///
    /// # Errors
    ///
    /// A thread is gone.
    pub(super) fn take(&mut self, own: &mut W, sink: &mut dyn FnMut(W::Piece) -> bool) -> io::Result<()> {
        match self.pending.pop_front() {
            Some(Pending::Caller(job)) => own.work(job, sink),
            Some(Pending::Thread(pieces)) => {
                while let Some(piece) = self.receive(&pieces)? {
                    if !sink(piece) {
                        break;
                    }
                }
            }
            None => {}
        }
        Ok(())
    }

    /// The next piece of the oldest job that threads do; none after the last one.
    ///
    /// # Errors
    ///
    /// A thread is gone.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<W::Piece>> {
        while let Some(Pending::Thread(pieces)) = self.pending.pop_front() {
            if let Some(piece) = self.receive(&pieces)? {
                self.pending.push_front(Pending::Thread(pieces));
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    fn receive(&mut self, pieces: &Receiver<Message<W::Piece>>) -> io::Result<Option<W::Piece>> {
        match pieces.recv() {
            Ok(Message::Piece(piece)) => Ok(Some(piece)),
            Ok(Message::End) => Ok(None),
            Err(_) => {
                self.queue = None;
                self.pending.clear();
                for thread in self.threads.drain(..) {
                    if let Err(panic) = thread.join() {
                        resume_unwind(panic);
                    }
                }
                Err(io::Error::other("a thread ended before its work was done"))
            }
        }
    }
}

/// Does jobs until there are no more.
fn serve<W: Worker>(jobs: &Mutex<Receiver<Begun<W>>>, mut worker: W) {
    loop {
        let next = jobs.lock().map(|jobs| jobs.recv());
        let Ok(Ok(Begun { job, pieces })) = next else {
            return;
        };
        worker.work(job, &mut |piece| pieces.send(Message::Piece(piece)).is_ok());
        // No one may want it any more.
        drop(pieces.send(Message::End));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        num::NonZeroUsize,
        panic::{AssertUnwindSafe, catch_unwind},
        thread,
        time::Duration,
    };

    use super::{Ordered, Worker};

    /// Gives the numbers below that of the job, and panics where one is 1000.
    struct Count;

    impl Worker for Count {
        type Job = (u32, u64);
        type Piece = (u32, u64);

        fn work(&mut self, (job, count): (u32, u64), out: &mut dyn FnMut((u32, u64)) -> bool) {
            assert_ne!(count, 1000, "asked for");
            // The later ones are faster.
            thread::sleep(Duration::from_micros(u64::from(20 - job) * 20));
            for number in 0..count {
                if !out((job, number)) {
                    return;
                }
            }
        }
    }

    fn with<R>(threads: usize, body: impl FnOnce(&mut Ordered<'_, Count>) -> R) -> R {
        thread::scope(|scope| {
            let mut ordered = Ordered::new(scope, NonZeroUsize::new(threads).unwrap(), || Count);
            body(&mut ordered)
        })
    }

    #[test]
    fn pieces_come_in_the_order_of_the_jobs() {
        let expected: Vec<(u32, u64)> = (0..20)
            .flat_map(|job| (0..100).map(move |number| (job, number)))
            .collect();
        for threads in [1, 2, 3, 8] {
            let found = with(threads, |ordered| {
                let mut found = Vec::new();
                for job in 0..20 {
                    if job % 7 == 3 {
                        ordered.keep((job, 100));
                    } else {
                        ordered.submit((job, 100));
                    }
                    while ordered.is_full() {
                        ordered
                            .take(&mut Count, &mut |piece| {
                                found.push(piece);
                                true
                            })
                            .unwrap();
                    }
                }
                while !ordered.is_empty() {
                    ordered
                        .take(&mut Count, &mut |piece| {
                            found.push(piece);
                            true
                        })
                        .unwrap();
                }
                found
            });
            assert_eq!(found, expected, "{threads}");
        }
    }

    #[test]
    fn what_no_one_wants_does_not_keep_a_thread() {
        for threads in [1, 2, 8] {
            let first = with(threads, |ordered| {
                for job in 0..10 {
                    ordered.submit((job, 1_000_000_000));
                }
                let mut first = Vec::new();
                ordered
                    .take(&mut Count, &mut |piece| {
                        first.push(piece);
                        false
                    })
                    .unwrap();
                first
            });
            assert_eq!(first, [(0, 0)], "{threads}");
        }
    }

    #[test]
    fn a_panic_of_a_thread_is_that_of_the_caller() {
        for threads in [2, 8] {
            let result = catch_unwind(AssertUnwindSafe(|| {
                with(threads, |ordered| {
                    for (job, count) in [(0, 10), (1, 1000), (2, 10)] {
                        ordered.submit((job, count));
                    }
                    while ordered.next_piece().unwrap().is_some() {}
                });
            }));
            let panic = result.unwrap_err();
            let text = panic.downcast_ref::<String>().unwrap();
            assert!(text.contains("asked for"), "{text}");
        }
    }
}
