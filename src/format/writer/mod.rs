//! Writing a layer from a tar.
//!
//! The tar is compressed as it comes. A new frame begins where the content of a regular file begins, where it ends, and at
//! every [cut](super::rollsum) between, so that the content of each file and chunk is a frame of its own; headers, padding
//! and the end of the archive are in the frames between. Then follow TOC, tar-split (from g3 on) and footer, each in a
//! skippable frame:
//!
//! ```text
//! [header] [content] [padding, header, header] [chunk] [chunk] [padding, end] | TOC | tar-split | footer
//! ```
//!
//! A layer that is written passes every rule of the reader, and decodes to the tar as it came, with whatever follows the
//! end of the archive. A tar that the format cannot hold is refused, with the rule that its layer would break. What is
//! left to a writer is as in containers/storage of the dialect, down to the order of fields in the TOC.
//!
//! One scanner reads the tar. What it sees goes into batches of some MiB and, without the content of files, into the index.
//! Batches are cut, hashed and compressed in any thread, and written in their order:
//!
//! ```text
//! Writer: scanner, digest of the tar -> Body: batches -> Pool -> Sequence: layer, TOC, tar-split
//!                                            headers ------------^
//! ```
//!
//! Memory is bounded by TOC and tar-split, which are kept in compressed form, by the names of the entries, and by the batches:
//! 12 MiB for each thread, and their compressed form. A frame of more than 4 MiB is compressed as it comes, in one thread.

mod batch;
mod body;
mod entry;
mod frames;
mod index;
mod payload;
mod pool;
mod sequence;
#[cfg(test)]
mod tests;
mod toc;

use std::{collections::BTreeMap, io, num::NonZeroUsize};

use sha2::{Digest as _, Sha256};

use self::body::Body;
use super::{Dialect, Digest, Findings, range::ReadAt as _, tar::Scanner, tarsplit::PIECE};

/// A compression level of libzstd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(i32);

impl Level {
    /// The lowest level: fast.
    pub const MIN: Self = Self(1);
    /// The highest level: small. Its frames need a window of 128 MiB, the largest that readers accept.
    pub const MAX: Self = Self(22);

    /// The level of this number; none if there is no such level.
    pub const fn new(level: i32) -> Option<Self> {
        if level >= Self::MIN.0 && level <= Self::MAX.0 {
            Some(Self(level))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl Default for Level {
    /// Level 3, as libzstd has it.
    fn default() -> Self {
        Self(3)
    }
}

/// What kind of layer to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The generation of the format.
    pub dialect: Dialect,
    /// How hard to compress.
    pub level: Level,
    /// In how many threads to compress. The layer is the same for any number; with one, no thread is started.
    pub threads: NonZeroUsize,
}

impl Default for Options {
    /// The newest dialect, at the default level, in one thread.
    fn default() -> Self {
        Self {
            dialect: Dialect::G5,
            level: Level::default(),
            threads: NonZeroUsize::MIN,
        }
    }
}

/// A layer that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a layer is of no use without its annotations"]
pub struct Written {
    /// The annotations that belong on the layer's descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The digest of the layer.
    pub digest: Digest,
    /// The size of the layer in bytes.
    pub size: u64,
    /// The digest of the tar, which the image's configuration names.
    pub diff_id: Digest,
    /// The size of the tar in bytes.
    pub tar_size: u64,
    /// The digest of the compressed TOC.
    pub toc_digest: Digest,
    /// The digest of the compressed tar-split, in dialects that have one.
    pub tar_split_digest: Option<Digest>,
}

/// Takes a tar in pieces of any size, and writes its layer.
///
/// ```
/// use chunkproof::format::{Findings, writer::{Options, Writer}};
///
/// let mut layer = Vec::new();
/// let mut findings = Findings::new();
/// let mut writer = Writer::new(&mut layer, Options::default())?;
/// writer.push(&[0; 1024], &mut findings)?;
/// let written = writer.finish(&mut findings)?.expect("an empty archive is a tar");
/// assert_eq!(written.tar_size, 1024);
/// assert!(layer.ends_with(b"GNUlInUx"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Writer<'a> {
    scanner: Scanner,
    body: Body<'a>,
    hasher: Sha256,
    tar_size: u64,
    /// Whether a rule is broken. Here no rule can be skipped, since a layer without its broken parts would be short.
    is_refused: bool,
}

impl<'a> Writer<'a> {
    /// A writer at the start of a tar.
    ///
    /// # Errors
    ///
    /// libzstd cannot be set up.
    pub fn new(out: &'a mut dyn io::Write, options: Options) -> io::Result<Self> {
        Ok(Self {
            scanner: Scanner::new(),
            body: Body::new(out, options)?,
            hasher: Sha256::new(),
            tar_size: 0,
            is_refused: false,
        })
    }

    /// Takes the next bytes of the tar, and returns whether more make sense.
    ///
    /// What has been written is to be thrown away once a rule is broken. Nothing more is then written, but the rest of the
    /// tar is still read, so that all its broken rules are reported and only those.
    ///
    /// Reports TAR-01 to TAR-06 for a tar that cannot be read, and for one that the format cannot hold TOC-04 (a type),
    /// TOC-06 (a NUL byte in a name), TOC-07 and TSP-05 (a name that was there before, also in g1 and g2), TOC-18 (a time)
    /// and JSN-01 (a name that is not UTF-8).
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn push(&mut self, bytes: &[u8], findings: &mut Findings) -> io::Result<bool> {
        self.hasher.update(bytes);
        self.tar_size = self.tar_size.saturating_add(bytes.size());
        let mut found = Findings::new();
        let goes_on = bytes.chunks(PIECE).all(|piece| self.push_piece(piece, &mut found));
        if let Some(error) = self.body.error.take() {
            return Err(error);
        }
        found.merge(std::mem::take(&mut self.body.refused));
        if !goes_on {
            self.body.report_repeated(&mut found);
        }
        if !found.is_empty() {
            self.refuse();
        }
        findings.merge(found);
        Ok(goes_on)
    }

    fn push_piece(&mut self, bytes: &[u8], found: &mut Findings) -> bool {
        let Self { scanner, body, .. } = self;
        let goes_on = scanner.push(bytes, found, &mut |event| body.take(event));
        if scanner.has_long_extensions() {
            // All of them would be in one segment of the tar-split.
            self.refuse();
        }
        goes_on
    }

    /// Writes nothing more, and goes on to look for what is wrong.
    fn refuse(&mut self) {
        self.is_refused = true;
        self.body.refuse();
    }

    /// Says that the tar ends here, and writes the index. None if a rule is broken, now or before.
    ///
    /// Reports TAR-04, and IDX-01 for a TOC or tar-split that is larger than readers accept.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn finish(self, findings: &mut Findings) -> io::Result<Option<Written>> {
        let Self {
            scanner,
            mut body,
            hasher,
            tar_size,
            is_refused,
        } = self;
        let mut found = Findings::new();
        scanner.finish(&mut found);
        body.report_repeated(&mut found);
        let is_refused = is_refused || !found.is_empty();
        findings.merge(found);
        if is_refused {
            return Ok(None);
        }
        let Some(placed) = body.finish(findings)? else {
            return Ok(None);
        };
        Ok(Some(Written {
            annotations: placed.annotations,
            digest: placed.digest,
            size: placed.size,
            diff_id: Digest::from_hasher(hasher),
            tar_size,
            toc_digest: placed.toc_digest,
            tar_split_digest: placed.tar_split_digest,
        }))
    }
}
