//! A blob of which parts are in memory.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{PoisonError, RwLock},
};

use crate::format::{Extent, range::ReadAt};

/// A blob of which the parts that were fetched are in memory: the way from an async client to this library, which waits for
/// nothing.
///
/// Reading what is not there fails with an [`Error`](crate::Error) whose [`missing`](crate::Error::missing) is the extent to
/// fetch. A client fetches it, inserts it, and calls again:
///
/// ```
/// use std::io::Read as _;
///
/// use chunkproof::{Authority, Error, Extent, Layer, OpenOptions, Prefetched};
/// # use std::{collections::BTreeMap, pin::pin, task::{Context, Poll, Waker}};
/// # struct Client(Vec<u8>);
/// # impl Client {
/// #     async fn get(&self, extent: Extent) -> std::io::Result<Vec<u8>> {
/// #         chunkproof::ReadAt::read_extent(&self.0, extent)
/// #     }
/// # }
///
/// async fn hostname(client: &Client, size: u64, annotations: &BTreeMap<String, String>) -> Result<String, Error> {
///     let authority = Authority::Annotations(annotations);
///     let blob = Prefetched::new(size);
///     // One request for the whole index.
///     for extent in OpenOptions::new().index_extents(size, authority)? {
///         blob.insert(extent.offset(), &client.get(extent).await?)?;
///     }
///     let layer = loop {
///         match Layer::open(&blob, authority) {
///             Ok(layer) => break layer,
///             Err(error) => {
///                 let extent = error.missing().ok_or(error)?;
///                 blob.insert(extent.offset(), &client.get(extent).await?)?;
///             }
///         }
///     };
///     // One request for each range of the file.
///     for extent in layer.ranges("etc/hostname")? {
///         blob.insert(extent.offset(), &client.get(extent).await?)?;
///     }
///     let mut content = String::new();
///     layer.file("etc/hostname")?.read_to_string(&mut content)?;
///     Ok(content)
/// }
/// # let tar = {
/// #     let mut tar = vec![0; 2048];
/// #     tar[..12].copy_from_slice(b"etc/hostname");
/// #     tar[100..107].copy_from_slice(b"0000644");
/// #     tar[124..135].copy_from_slice(b"00000000003");
/// #     tar[156] = b'0';
/// #     tar[257..265].copy_from_slice(b"ustar\x0000");
/// #     tar[148..156].fill(b' ');
/// #     let sum: u32 = tar[..512].iter().map(|&byte| u32::from(byte)).sum();
/// #     tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
/// #     tar[512..515].copy_from_slice(b"abc");
/// #     tar
/// # };
/// # let mut blob = Vec::new();
/// # let written = chunkproof::write_layer(tar.as_slice(), &mut blob, chunkproof::WriteOptions::default())?;
/// # let size = written.size;
/// # let client = Client(blob);
/// # let mut future = pin!(hostname(&client, size, &written.annotations));
/// # let Poll::Ready(content) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
/// # assert_eq!(content?, "abc");
/// # Ok::<(), Error>(())
/// ```
///
/// A [`FileReader`](crate::FileReader) can be asked again in the same way, in the middle of a file. To bound the memory of large
/// ones, [clear](Self::clear) the blob each time that it handed out some bytes, and not before: a frame is found by the headers of
/// all its blocks.
#[derive(Debug)]
pub struct Prefetched {
    size: u64,
    /// By offset. They do not overlap.
    parts: RwLock<BTreeMap<u64, Box<[u8]>>>,
}

impl Prefetched {
    /// A blob of this size, of which nothing is there.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            parts: RwLock::new(BTreeMap::new()),
        }
    }

    /// Adds the bytes from an offset on. Where there were some, these stay.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] if they pass the end of the blob.
    pub fn insert(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let extent = Extent::new(offset, bytes.size()).filter(|extent| extent.end() <= self.size);
        let extent = extent.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{} bytes at {offset} pass the end of the blob of {} bytes",
                    bytes.len(),
                    self.size
                ),
            )
        })?;
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        let mut at = extent.offset();
        while at < extent.end() {
            let gap = match covering(&parts, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => gap(&parts, at, extent.end()),
            };
            let from = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
            let length = usize::try_from(gap.length()).unwrap_or(usize::MAX);
            let part = bytes.get(from..).and_then(|rest| rest.get(..length));
            parts.insert(at, part.unwrap_or_default().into());
            at = gap.end();
        }
        Ok(())
    }

    /// Forgets all bytes.
    pub fn clear(&self) {
        self.parts.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Where the part ends that has the byte at an offset.
fn covering(parts: &BTreeMap<u64, Box<[u8]>>, at: u64) -> Option<u64> {
    let (&start, part) = parts.range(..=at).next_back()?;
    Some(start.saturating_add(part.size())).filter(|&end| at < end)
}

/// From an offset that no part has, up to the next part or to `end`.
fn gap(parts: &BTreeMap<u64, Box<[u8]>>, at: u64, end: u64) -> Extent {
    let next = parts.range(at..).next().map_or(end, |(&next, _)| next.min(end));
    Extent::between(at, next).unwrap_or_else(|| Extent::empty(at))
}

impl ReadAt for Prefetched {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let extent = Extent::new(offset, length).filter(|extent| extent.end() <= self.size);
        let extent = extent.ok_or(io::ErrorKind::UnexpectedEof)?;
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        let mut rest = buffer;
        let mut at = offset;
        while !rest.is_empty() {
            let part = parts.range(..=at).next_back().and_then(|(&start, part)| {
                let skipped = usize::try_from(at.saturating_sub(start)).ok()?;
                part.get(skipped..).filter(|part| !part.is_empty())
            });
            let Some(part) = part else {
                let missing = gap(&parts, at, extent.end());
                return Err(io::Error::other(Missing { extent: missing }));
            };
            let length = part.len().min(rest.len());
            let (now, later) = rest.split_at_mut_checked(length).ok_or(io::ErrorKind::Other)?;
            now.copy_from_slice(part.get(..length).unwrap_or_default());
            rest = later;
            at = at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        }
        Ok(())
    }
}

/// A part of the blob is not there.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) extent: Extent,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.extent.offset(), self.extent.end());
        write!(f, "the bytes {start}..{end} of the blob have not been fetched")
    }
}

impl std::error::Error for Missing {}

#[cfg(test)]
mod tests {
    use super::{Prefetched, ReadAt as _};
    use crate::Error;

    fn missing(blob: &Prefetched, offset: u64, length: usize) -> Option<(u64, u64)> {
        let error = blob.read_exact_at(&mut vec![0; length], offset).err()?;
        let missing = Error::from(error).missing().unwrap();
        Some((missing.offset(), missing.end()))
    }

    #[test]
    fn what_is_not_there_is_named() {
        let blob = Prefetched::new(20);
        assert_eq!(missing(&blob, 0, 20), Some((0, 20)));
        blob.insert(4, b"4567").unwrap();
        blob.insert(12, b"cdef").unwrap();
        assert_eq!(missing(&blob, 0, 20), Some((0, 4)));
        assert_eq!(missing(&blob, 4, 16), Some((8, 12)));
        assert_eq!(missing(&blob, 13, 7), Some((16, 20)));
        assert_eq!(missing(&blob, 5, 3), None);
        blob.clear();
        assert_eq!(missing(&blob, 5, 3), Some((5, 8)));
    }

    #[test]
    fn parts_that_overlap_are_joined() {
        let whole = b"0123456789abcdefghij";
        let blob = Prefetched::new(20);
        for (start, end) in [(4, 8), (12, 16), (5, 6), (2, 14), (0, 20), (0, 0)] {
            blob.insert(u64::try_from(start).unwrap(), &whole[start..end]).unwrap();
            let mut out = vec![0; end - start];
            blob.read_exact_at(&mut out, u64::try_from(start).unwrap()).unwrap();
            assert_eq!(out, &whole[start..end]);
        }
        let mut out = [0; 20];
        blob.read_exact_at(&mut out, 0).unwrap();
        assert_eq!(&out, whole);
        assert!(blob.insert(20, b"").is_ok());
        assert!(blob.insert(20, b"k").is_err());
        assert!(blob.insert(u64::MAX, b"kl").is_err());
        assert!(blob.read_exact_at(&mut [0], 20).is_err());
    }
}
