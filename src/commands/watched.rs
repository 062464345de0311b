//! Blobs from elsewhere: how much of them has been read, and what is read more than once.

use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{
    format::{
        Extent,
        range::{FileRange, ReadAt},
    },
    image::Blob,
    report::Line,
};

/// The blob in a file without a name, which is gone when it is closed.
pub(super) fn copy(blob: &dyn ReadAt) -> io::Result<FileRange> {
    const PIECE: u64 = 1 << 20;
    let mut file = tempfile::tempfile()?;
    let mut offset = 0;
    while offset < blob.size() {
        let end = blob.size().min(offset.saturating_add(PIECE));
        if let Some(extent) = Extent::between(offset, end) {
            file.write_all(&blob.read_extent(extent)?)?;
        }
        offset = end;
    }
    FileRange::of(file)
}

/// A blob that shows how much of it has been read. A command may read some parts more than once.
pub(super) struct Watched {
    blob: Blob,
    read: AtomicU64,
    line: Line,
    is_quiet: AtomicBool,
}

impl Watched {
    pub(super) fn new(blob: Blob) -> Self {
        Self {
            blob,
            read: AtomicU64::new(0),
            line: Line::new(),
            is_quiet: AtomicBool::new(false),
        }
    }

    /// Takes the line that shows it from the terminal.
    pub(super) fn done(&self) {
        self.line.clear();
    }

    /// Takes it away for good.
    pub(super) fn quiet(&self) {
        self.is_quiet.store(true, Ordering::Relaxed);
        self.line.clear();
    }
}

impl ReadAt for Watched {
    fn size(&self) -> u64 {
        self.blob.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.blob.read_exact_at(buffer, offset)?;
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let read = self.read.fetch_add(length, Ordering::Relaxed).saturating_add(length);
        if self.is_quiet.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.line
            .show(|| format!("{} MiB read of a layer of {} MiB", read >> 20, self.size() >> 20));
        Ok(())
    }
}
