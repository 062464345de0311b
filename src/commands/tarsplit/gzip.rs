//! Gzip in a thread of its own: it takes as long as everything else that these commands do.

use std::{
    io::{self, Write},
    mem,
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
};

use flate2::{Compression, write::GzEncoder};

/// Bytes that are handed over at once.
const PIECE: usize = 256 << 10;

/// Pieces that may wait to be compressed.
const WAITING: usize = 4;

/// Writes what it is given in gzip.
pub(super) struct Gzip<W> {
    out: W,
    piece: Vec<u8>,
    pieces: SyncSender<Vec<u8>>,
    compressed: Receiver<Vec<u8>>,
    thread: JoinHandle<io::Result<()>>,
}

impl<W: Write> Gzip<W> {
    /// Begins a gzip member.
    pub(super) fn new(out: W) -> io::Result<Self> {
        let (pieces, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let (give, compressed) = channel();
        let thread = thread::Builder::new().spawn(move || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            for piece in waiting {
                encoder.write_all(&piece)?;
                // Nobody takes it any more where the output has failed.
                drop(give.send(mem::take(encoder.get_mut())));
            }
            drop(give.send(encoder.finish()?));
            Ok(())
        })?;
        Ok(Self {
            out,
            piece: Vec::new(),
            pieces,
            compressed,
            thread,
        })
    }

    /// Ends the member, and returns what it was written to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.hand_over()?;
        let Self {
            mut out,
            pieces,
            compressed,
            thread,
            ..
        } = self;
        drop(pieces);
        for piece in compressed {
            out.write_all(&piece)?;
        }
        thread.join().map_err(|_| gone())??;
        Ok(out)
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let piece = mem::take(&mut self.piece);
        self.pieces.send(piece).map_err(|_| gone())?;
        self.compressed
            .try_iter()
            .try_for_each(|piece| self.out.write_all(&piece))
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()?;
        self.out.flush()
    }
}

/// The error of a thread that has ended before its time.
fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};

    use flate2::read::GzDecoder;

    use super::{Gzip, PIECE};

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, PIECE, 20 * PIECE + 1] {
            let text: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut gzip = Gzip::new(Vec::new()).unwrap();
            for part in text.chunks(100_000) {
                gzip.write_all(part).unwrap();
            }
            let mut read = Vec::new();
            GzDecoder::new(&*gzip.finish().unwrap()).read_to_end(&mut read).unwrap();
            assert!(read == text, "{length}");
        }
    }

    /// The thread does not wait for an output that has failed, nor does the output for the thread.
    #[test]
    fn an_output_that_fails_ends_it() {
        struct Full;
        impl io::Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut gzip = Gzip::new(Full).unwrap();
        let noise: Vec<u8> = (0..100 * PIECE).map(|i| ((i * i) >> 7).to_le_bytes()[0]).collect();
        let written = gzip.write_all(&noise[..PIECE]).and_then(|()| gzip.write_all(&noise));
        let error = written.and_then(|()| gzip.finish().map(drop)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
