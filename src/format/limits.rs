//! What a reader will hold in memory, in one place.

/// Upper bounds that a caller can raise. Lengths are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest TOC, compressed and uncompressed. The default is that of containers/storage: 150 MiB.
    pub toc: u64,
    /// Largest tar-split, compressed and uncompressed. Headers and padding in base64 are several times larger than the
    /// TOC of the same layer, hence 512 MiB.
    pub tar_split: u64,
    /// Base-2 logarithm of the largest zstd window. 27, or 128 MiB, is what libzstd accepts by itself.
    pub window_log: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            toc: 150 << 20,
            tar_split: 512 << 20,
            window_log: 27,
        }
    }
}
