//! What a reader will hold in memory, in one place.

/// Upper bounds that a caller can raise. Lengths are bytes.
///
/// ```
/// let mut limits = chunkproof::Limits::default();
/// limits.toc = 16 << 20;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest TOC, compressed and uncompressed. The default is that of containers/storage: 150 MiB.
    pub toc: u64,
    /// Largest tar-split, compressed and uncompressed. Headers and padding in base64 are several times larger than the
    /// TOC of the same layer, hence 512 MiB.
    pub tar_split: u64,
    /// Base-2 logarithm of the largest zstd window. 27, or 128 MiB, is what libzstd accepts by itself.
    pub window_log: u32,
    /// Largest content of a chunk that a [`FileReader`](crate::FileReader) holds, to compare it with its digest before it
    /// hands it out: 16 MiB. Larger chunks are handed out as they are decoded, and compared at their end.
    pub chunk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            toc: 150 << 20,
            tar_split: 512 << 20,
            window_log: 27,
            chunk: 16 << 20,
        }
    }
}
