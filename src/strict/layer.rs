//! A layer whose index is known to be good.

use std::io;

use super::{
    Authority, Error, ErrorKind, FileReader, OpenOptions,
    options::{merged, not_named},
};
use crate::{
    format::{
        Dialect, Digest, Extent, Findings,
        layer::{self, LayerIndex, Located, Source},
        range::ReadAt,
        toc::{Entry, EntryKind},
    },
    rules::Rule,
};

/// A zstd:chunked layer whose index breaks no rule.
///
/// Opening it reads the end of the blob, the TOC and the tar-split, and checks all of them: what names them, their digests,
/// every value, and one against the other. The content of files is read later, by range, and checked then.
///
/// ```
/// use std::io::Read as _;
///
/// use chunkproof::{Authority, Layer};
/// # let tar = {
/// #     let mut tar = vec![0; 2048];
/// #     tar[..5].copy_from_slice(b"hello");
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
/// # let annotations = written.annotations;
///
/// let layer = Layer::open(&blob, Authority::Annotations(&annotations))?;
/// for entry in layer.entries() {
///     println!("{:9} {}", entry.size, entry.path());
/// }
/// let mut content = String::new();
/// layer.file("hello")?.read_to_string(&mut content)?;
/// assert_eq!(content, "abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a layer is read through it"]
pub struct Layer<B> {
    blob: B,
    options: OpenOptions,
    located: Located,
    index: LayerIndex,
    /// Positions of the entries, in the order of their paths.
    by_path: Vec<usize>,
}

/// A tar that was rebuilt from a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Tar {
    /// The digest of the tar, which is the DiffID of the layer.
    pub diff_id: Digest,
    /// The size of the tar in bytes.
    pub size: u64,
}

impl<B: ReadAt + Sync> Layer<B> {
    /// Opens a layer under the default [options](OpenOptions).
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`].
    pub fn open(blob: B, authority: Authority<'_>) -> Result<Self, Error> {
        OpenOptions::new().open(blob, authority)
    }

    pub(super) fn load(options: &OpenOptions, blob: B, authority: Authority<'_>) -> Result<Self, Error> {
        let (located, index) = load(&options.source(&blob, authority))?;
        // Annotations that name an index are followed, and one with another digest is a broken rule; this is the proof.
        if matches!(authority, Authority::Annotations(_)) && !index.toc_authority.is_authenticated() {
            return Err(not_named());
        }
        let mut by_path: Vec<usize> = (0..index.toc.entries.len()).collect();
        by_path.sort_unstable_by_key(|&at| index.toc.entries.get(at).map(Entry::path));
        Ok(Self {
            blob,
            options: options.clone(),
            located,
            index,
            by_path,
        })
    }

    /// The blob.
    pub const fn blob(&self) -> &B {
        &self.blob
    }

    /// The digest of the compressed TOC, which names the layer's content for readers of the index.
    pub const fn toc_digest(&self) -> Digest {
        self.index.toc_digest
    }

    /// Whether annotations authenticate the index; if not, it was opened with [`Authority::UnauthenticatedFooter`].
    pub const fn is_authenticated(&self) -> bool {
        self.index.toc_authority.is_authenticated()
    }

    /// The generation of the format; none where the layer can be of several, as without annotations.
    pub fn dialect(&self) -> Option<Dialect> {
        self.index.dialects.only()
    }

    /// Whether there is a tar-split that the TOC or an annotation authenticates, so that [`Self::to_tar`] can succeed.
    pub fn has_tar_split(&self) -> bool {
        let tar_split = self.index.tar_split.as_ref();
        tar_split.is_some_and(|tar_split| tar_split.authority != layer::Authority::Nothing)
    }

    /// The entries of the TOC, in the order of the tar. No two have the same path.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> + DoubleEndedIterator {
        self.index.toc.entries.iter()
    }

    /// The entry of this path from the root of the layer, such as `etc/hostname`.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        let entry = |at: usize| self.index.toc.entries.get(at);
        let at = self
            .by_path
            .binary_search_by_key(&Some(path), |&at| entry(at).map(Entry::path))
            .ok()?;
        entry(*self.by_path.get(at)?)
    }

    /// Reads the content of a regular file, or of the one that a hard link leads to. Symbolic links are not followed.
    ///
    /// # Errors
    ///
    /// There is no such entry, it is no regular file, or libzstd cannot be set up.
    pub fn file(&self, path: &str) -> Result<FileReader<'_>, Error> {
        let entry = self.regular(path)?;
        FileReader::new(&self.blob, entry, self.located.data_end(), &self.options.limits)
    }

    /// The ranges of the blob that [`Self::file`] reads for this file, in order, those that touch as one.
    ///
    /// In layers that stargz-snapshotter wrote a range has no end of its own; it is given up to the next one.
    ///
    /// # Errors
    ///
    /// There is no such entry, or it is no regular file.
    pub fn ranges(&self, path: &str) -> Result<Vec<Extent>, Error> {
        let entry = self.regular(path)?;
        let data_end = self.located.data_end();
        let next = |offset: u64| {
            let chunks = self.entries().flat_map(|entry| &entry.chunks);
            chunks
                .map(|chunk| chunk.offset)
                .filter(|&other| other > offset)
                .min()
                .unwrap_or(data_end)
        };
        let extents = entry.chunks.iter().filter_map(|chunk| {
            let end = chunk.end.unwrap_or_else(|| next(chunk.offset));
            Extent::between(chunk.offset, end.min(data_end))
        });
        Ok(merged(extents.collect()))
    }

    /// Rebuilds the tar from TOC, tar-split and the ranges of the files.
    ///
    /// The content of each file is compared with its digest, and the whole with the [DiffID](OpenOptions::diff_id), where one
    /// was given. What was written is to be thrown away on an error.
    ///
    /// # Errors
    ///
    /// The layer has no tar-split to trust, the content breaks a rule, or reading or writing failed.
    pub fn to_tar(&self, out: &mut dyn io::Write) -> Result<Tar, Error> {
        self.rebuild(self.options.diff_id, out)
    }

    /// Rebuilds the tar, writes it nowhere, and compares its digest with this one from the image's configuration.
    ///
    /// # Errors
    ///
    /// As [`Self::to_tar`]; CMP-04 if the digests differ.
    pub fn verify_diff_id(&self, diff_id: Digest) -> Result<Tar, Error> {
        self.rebuild(Some(diff_id), &mut io::sink())
    }

    fn rebuild(&self, diff_id: Option<Digest>, out: &mut dyn io::Write) -> Result<Tar, Error> {
        let source = Source {
            diff_id,
            ..self.options.source(&self.blob, Authority::UnauthenticatedFooter)
        };
        let mut findings = Findings::new();
        let mut out = Output { out, error: None };
        let rebuilt = layer::rebuild(&source, &self.located, &self.index, &mut findings, &mut out);
        if let Some(error) = out.error {
            return Err(Error::io("the tar could not be written", error));
        }
        let rebuilt = rebuilt.map_err(Error::unreadable)?;
        match (rebuilt, diff_id) {
            (Some(tar), _) if findings.is_empty() => Ok(Tar {
                diff_id: tar.digest,
                size: tar.size,
            }),
            (Some(tar), Some(diff_id)) if findings.breaks(Rule::DiffId) => {
                Err(Error::invalid(findings).comparing(tar.digest, diff_id))
            }
            _ => Err(Error::invalid(findings)),
        }
    }

    /// The regular file of this path, where hard links lead.
    fn regular(&self, path: &str) -> Result<&Entry, Error> {
        let not_found = |path: &str| Error::new(ErrorKind::NotFound, format!("the layer has no entry {path:?}"));
        let mut entry = self.entry(path).ok_or_else(|| not_found(path))?;
        // A hard link can lead to another, and hostile ones to each other.
        for _ in 0..LINKS {
            match entry.kind {
                EntryKind::Regular => return Ok(entry),
                EntryKind::Hardlink => {
                    let target = crate::format::path::from_root(entry.link_name()).path;
                    entry = self.entry(&target).ok_or_else(|| not_found(&target))?;
                }
                _ => break,
            }
        }
        let (name, kind) = (entry.path(), entry.kind.name());
        let detail = format!("the entry {name:?} is not a regular file: found the type {kind}, expected reg");
        Err(Error::new(ErrorKind::NotAFile, detail).comparing(kind, EntryKind::Regular.name()))
    }
}

/// Most hard links that are followed from one to the next.
const LINKS: usize = 40;

/// Finds the index and checks it.
fn load(source: &Source<'_>) -> Result<(Located, LayerIndex), Error> {
    let mut findings = Findings::new();
    let mut index = None;
    let located = layer::locate(source, &mut findings).map_err(Error::unreadable)?;
    if let Some(located) = located.as_ref().filter(|_| findings.is_empty()) {
        index = layer::load(source, located, &mut findings).map_err(Error::unreadable)?;
    }
    let toc_digests = located
        .as_ref()
        .and_then(Located::toc_digest)
        .zip(index.as_ref().map(|index| index.toc_digest));
    match located.zip(index) {
        Some((located, index)) if findings.is_empty() => {
            if layer::check_work(&index.toc, located.data_end(), &mut findings) {
                Ok((located, index))
            } else {
                Err(Error::invalid(findings))
            }
        }
        _ => Err(explained(source, findings, toc_digests)),
    }
}

/// The error for these findings, the cause first.
fn explained(source: &Source<'_>, findings: Findings, toc_digests: Option<(Digest, Digest)>) -> Error {
    let mut causes = findings.clone();
    let other = layer::explain(source, &mut causes);
    let error = match other {
        Ok(Some(_)) => Error::invalid(causes).of_kind(ErrorKind::OtherFormat),
        Ok(None) if !causes.is_empty() => Error::invalid(causes),
        // Without a further look at the blob the findings are as true.
        Ok(None) | Err(_) => Error::invalid(findings),
    };
    match toc_digests {
        Some((expected, found)) if error.rule() == Some(Rule::TocChecksum) => error.comparing(found, expected),
        _ => error,
    }
}

/// Where the tar goes, with the error of writing apart from those of reading.
struct Output<'a> {
    out: &'a mut dyn io::Write,
    error: Option<io::Error>,
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write(bytes) {
            // `write_all` tries again.
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let kind = error.kind();
                self.error = Some(error);
                Err(kind.into())
            }
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
