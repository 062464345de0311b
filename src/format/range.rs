//! Positioned reads of a blob.
//!
//! A reader of zstd:chunked fetches the end of a blob, then the ranges that it needs, from a file, from memory or over
//! HTTP. Everything in [`crate::format`] that needs more than a slice reads through [`ReadAt`], which keeps I/O errors
//! (the layer could not be read) apart from findings (the layer is wrong).

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

use super::Extent;

/// A blob that can be read at any offset.
///
/// Bytes in memory are one ([`[u8]`](slice), `Vec<u8>`, `Arc<[u8]>`), as are a [`FileRange`], on Unix a [`File`], and references
/// and boxes of any. A blob behind a network is one that fetches what it is asked for, or a
/// [`Prefetched`](crate::Prefetched) one.
///
/// ```
/// use std::sync::Arc;
///
/// use chunkproof::{Extent, ReadAt};
///
/// let shared: Arc<[u8]> = b"0123456789".as_slice().into();
/// let extent = Extent::new(4, 2).expect("the end does not overflow");
/// assert_eq!(shared.read_extent(extent)?, b"45");
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait ReadAt {
    /// Size of the blob in bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] if the blob ends before the buffer is full, and whatever the source fails with.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// The bytes of an extent, of which the caller knows that it may be held in memory.
    ///
    /// # Errors
    ///
    /// As [`Self::read_exact_at`]. An extent that passes the end of the blob is refused before anything is allocated.
    fn read_extent(&self, extent: Extent) -> io::Result<Vec<u8>> {
        if extent.end() > self.size() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(extent.length()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut bytes = vec![0; length];
        self.read_exact_at(&mut bytes, extent.offset())?;
        Ok(bytes)
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..))
            .and_then(|rest| rest.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.as_slice().read_exact_at(buffer, offset)
    }
}

/// What a pointer to a blob is: the blob.
macro_rules! pointer {
    ($($pointer:ty),*) => {$(
        impl<T: ReadAt + ?Sized> ReadAt for $pointer {
            fn size(&self) -> u64 {
                T::size(self)
            }

            fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
                T::read_exact_at(self, buffer, offset)
            }

            fn read_extent(&self, extent: Extent) -> io::Result<Vec<u8>> {
                T::read_extent(self, extent)
            }
        }
    )*};
}

pointer!(&T, Box<T>, Arc<T>);

/// A regular file, whose size is taken once.
#[derive(Debug)]
pub struct FileRange {
    file: File,
    size: u64,
}

impl FileRange {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or it is not a regular one: a pipe has neither size nor offsets.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Checked before it is opened, since opening a named pipe waits for its writer.
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file: a layer is read at offsets",
            ));
        }
        Self::of(File::open(path)?)
    }

    /// A file that is open.
    ///
    /// # Errors
    ///
    /// Its size is not known.
    pub fn of(file: File) -> io::Result<Self> {
        Ok(Self {
            size: file.metadata()?.len(),
            file,
        })
    }
}

/// An open file. Its size is asked for each time, and 0 where it is not known; that of a [`FileRange`] is taken once.
#[cfg(unix)]
impl ReadAt for File {
    fn size(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }
}

#[cfg(unix)]
impl ReadAt for FileRange {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{Extent, ReadAt};

    #[test]
    fn reads_stay_inside_the_blob() {
        let blob: &[u8] = b"0123456789";
        for (offset, length, expected) in [
            (0, 10, Ok(b"0123456789".to_vec())),
            (10, 0, Ok(Vec::new())),
            (4, 2, Ok(b"45".to_vec())),
            (4, 7, Err(ErrorKind::UnexpectedEof)),
            (11, 0, Err(ErrorKind::UnexpectedEof)),
            (0, u64::MAX, Err(ErrorKind::UnexpectedEof)),
        ] {
            let extent = Extent::new(offset, length).unwrap();
            assert_eq!(
                blob.read_extent(extent).map_err(|error| error.kind()),
                expected,
                "{extent:?}"
            );
        }
    }
}
