//! Writing in a thread of its own: a pipe takes bytes only as fast as its reader does, and the next ones can be made meanwhile.

use std::{
    io::{self, Write},
    mem,
    panic::resume_unwind,
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread::{self, Scope, ScopedJoinHandle},
};

/// Bytes that are written at once.
const PIECE: usize = 256 << 10;

/// Pieces that may wait to be written. They bound the memory.
const WAITING: usize = 4;

/// Writes what it is given to something else, in order and somewhat later. An error is that of a later write, or of the end.
pub(super) struct Behind<'scope, W> {
    piece: Vec<u8>,
    /// None after an error.
    pieces: Option<SyncSender<Vec<u8>>>,
    /// Pieces that were written, to be filled again.
    written: Receiver<Vec<u8>>,
    thread: Option<ScopedJoinHandle<'scope, io::Result<W>>>,
}

impl<'scope, W: Write + Send + 'scope> Behind<'scope, W> {
    /// Begins to write to `out`.
    pub(super) fn new(scope: &'scope Scope<'scope, '_>, mut out: W) -> io::Result<Self> {
        let (pieces, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let (give_back, written) = channel();
        let thread = thread::Builder::new().spawn_scoped(scope, move || {
            for mut piece in waiting {
                out.write_all(&piece)?;
                piece.clear();
                // Nobody takes it any more at the end.
                drop(give_back.send(piece));
            }
            out.flush().map(|()| out)
        })?;
        Ok(Self {
            piece: Vec::new(),
            pieces: Some(pieces),
            written,
            thread: Some(thread),
        })
    }

    /// Waits until everything is written, and returns what it was written to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if !self.piece.is_empty() {
            self.hand_over()?;
        }
        self.join()
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let next = self.written.try_recv().unwrap_or_default();
        let piece = mem::replace(&mut self.piece, next);
        let sent = self.pieces.as_ref().is_some_and(|pieces| pieces.send(piece).is_ok());
        if sent { Ok(()) } else { self.join().map(drop) }
    }

    /// The end of the thread: the error of writing, if there was one.
    fn join(&mut self) -> io::Result<W> {
        self.pieces = None;
        let Some(thread) = self.thread.take() else {
            return Err(io::Error::other("an earlier write failed"));
        };
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<'scope, W: Write + Send + 'scope> Write for Behind<'scope, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE.saturating_sub(self.piece.len()).max(1);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    /// Hands over what there is. Whether it can be written shows later.
    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            Ok(())
        } else {
            self.hand_over()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, ErrorKind, Write},
        thread,
    };

    use super::{Behind, PIECE, WAITING};

    /// Takes so many bytes.
    struct Full {
        taken: Vec<u8>,
        limit: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.taken.len() + bytes.len() > self.limit {
                return Err(ErrorKind::StorageFull.into());
            }
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Writes pieces of odd lengths, and returns what arrived, or the error of a write or of the end.
    fn written(length: usize, limit: usize) -> io::Result<bool> {
        let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
        thread::scope(|scope| {
            let taken = Vec::new();
            let mut behind = Behind::new(scope, Full { taken, limit })?;
            for piece in bytes.chunks(PIECE / 3 + 1) {
                behind.write_all(piece)?;
            }
            Ok(behind.finish()?.taken == bytes)
        })
    }

    #[test]
    fn everything_arrives_in_order_or_the_error_is_told() {
        let long = PIECE * (WAITING + 3) + 7;
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, long] {
            assert_eq!(written(length, length).ok(), Some(true), "{length}");
        }
        for (length, limit) in [(1, 0), (long, 0), (long, PIECE), (long, long - 1)] {
            let error = written(length, limit).err().map(|error| error.kind());
            assert_eq!(error, Some(ErrorKind::StorageFull), "{length} {limit}");
        }
    }
}
