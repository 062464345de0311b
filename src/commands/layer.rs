//! An open layer, as `inspect`, `verify`, `index`, `reconstruct` and `snapshot` look at it.

use std::{collections::BTreeMap, io};

use super::{
    Exit, Failure,
    watched::{Watched, copy},
};
use crate::{
    format::{
        BlobKind, Digest, Extent, Findings, Limits,
        annotations::{self, NamedIndex},
        estargz,
        footer::{Layout, TAIL},
        layer::{Compression, Source},
        range::{FileRange, ReadAt},
    },
    image::{self, Descriptor},
    report::streamed::{LayerReport, Short},
};

/// How far the blob of a layer has to be the one that the manifest names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// In size, for those who read a part of it.
    Size,
    /// In its digest as well.
    Digest,
}

/// The index that annotations name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    ZstdChunked,
    EStargz,
}

/// Why a layer of an image is not read.
pub(super) enum Aside {
    /// Its blob is not the one that the descriptor names.
    Mismatched(String),
    /// It is not zstd:chunked.
    Skipped(BlobKind),
}

/// What looking at a layer came to.
pub(super) struct Seen<'l> {
    pub(super) exit: Exit,
    pub(super) report: Box<dyn LayerReport + 'l>,
}

impl Seen<'_> {
    /// A short report.
    pub(super) fn short(exit: Exit, report: Short) -> Self {
        Self {
            exit,
            report: Box::new(report),
        }
    }
}

/// An open layer.
pub(super) struct Layer {
    /// What it is called: the path, as it was given, or image and digest.
    pub(super) name: String,
    /// Whether every read is a request to a server.
    pub(super) is_remote: bool,
    pub(super) longest: u64,
    pub(super) blob: Watched,
    pub(super) external_toc: Option<FileRange>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
    /// The media type that the descriptor gives.
    pub(super) media_type: Option<String>,
    /// The DiffID that the image's configuration gives.
    pub(super) diff_id: Option<Digest>,
    pub(super) limits: Limits,
}

impl Layer {
    /// A layer in memory.
    pub(super) fn of_bytes(name: &str, blob: Vec<u8>, annotations: BTreeMap<String, String>, limits: Limits) -> Self {
        Self {
            name: name.to_owned(),
            is_remote: false,
            longest: u64::MAX,
            blob: Watched::new(Box::new(blob)),
            external_toc: None,
            annotations: Some(annotations),
            media_type: None,
            diff_id: None,
            limits,
        }
    }

    /// The layer for the library, with this DiffID or else that of its image.
    pub(super) fn source(&self, diff_id: Option<Digest>) -> Source<'_> {
        Source {
            media_type: self.media_type.as_deref(),
            diff_id: diff_id.or(self.diff_id),
            limits: self.limits,
            ..Source::new(&self.blob, self.annotations.as_ref())
        }
    }

    /// The blob of an external TOC, where one was given.
    pub(super) fn external_toc(&self) -> Option<&dyn ReadAt> {
        let toc = self.external_toc.as_ref()?;
        Some(toc)
    }

    /// Whether it is a layer of eStargz: it begins as a gzip member does, and no annotation says that it is zstd:chunked.
    pub(super) fn is_estargz(&self) -> Result<bool, Failure> {
        let is_annotated = self.index() == Some(Named::ZstdChunked);
        let is_gzip = estargz::is_gzip(&self.blob).map_err(|error| self.unreadable(&error))?;
        Ok(is_gzip && !is_annotated)
    }

    /// Which index the annotations name; none if they name none, or are broken.
    fn index(&self) -> Option<Named> {
        match annotations::parse(self.annotations.as_ref()?, &mut Findings::new())? {
            NamedIndex::ZstdChunked(_) => Some(Named::ZstdChunked),
            NamedIndex::EStargz(_) => Some(Named::EStargz),
            NamedIndex::None => None,
        }
    }

    /// Takes the progress away, once the layer has been read and before something is printed.
    pub(super) fn finish(&self) {
        self.blob.done();
    }

    /// Takes the progress away for good: what is read from now on is printed at once.
    pub(super) fn quiet(&self) {
        self.blob.quiet();
    }

    /// The error of a layer that could be opened and not be read.
    pub(super) fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::io(&self.name, error)
    }

    /// Gets the whole blob of a layer behind an address, once, for those who go over it several times.
    pub(super) fn fetch(&mut self) -> Result<(), Failure> {
        if !self.is_remote {
            return Ok(());
        }
        if self.blob.size() > self.longest {
            let (size, longest) = (self.blob.size(), self.longest);
            let problem = format!(
                "{}: the layer has {size} bytes, at most {longest} are fetched (--max-blob)",
                self.name
            );
            return Err(Failure::unusable(problem));
        }
        let fetched = copy(&self.blob);
        self.finish();
        let file = fetched.map_err(|error| self.unreadable(&error))?;
        self.blob = Watched::new(Box::new(file));
        self.is_remote = false;
        Ok(())
    }

    /// Whether the blob is compressed with zstd, by its first bytes.
    pub(super) fn is_zstd(&self) -> Result<bool, Failure> {
        let found = Compression::of_blob(&self.blob).map_err(|error| self.unreadable(&error))?;
        self.finish();
        Ok(found == Some(Compression::Zstd))
    }

    /// Why a layer of an image is not read: its blob is not the one of its descriptor, or is not zstd:chunked.
    pub(super) fn set_aside(&mut self, descriptor: &Descriptor, identity: Identity) -> Result<Option<Aside>, Failure> {
        let mut problem = descriptor.mismatch(self.blob.size(), None);
        let chunked = self.is_chunked()?;
        if problem.is_none() && chunked && identity == Identity::Digest {
            self.fetch()?;
            let digest = image::hash(&self.blob).map_err(|error| self.unreadable(&error))?;
            problem = descriptor.mismatch(self.blob.size(), Some(digest));
        }
        self.finish();
        Ok(match problem {
            Some(problem) => Some(Aside::Mismatched(problem)),
            None if !chunked => {
                let kind = BlobKind::of(&self.blob).map_err(|error| self.unreadable(&error))?;
                self.finish();
                Some(Aside::Skipped(kind))
            }
            None => None,
        })
    }

    /// Whether annotations or a footer name an index of zstd:chunked or of eStargz, be it a broken one.
    pub(super) fn is_chunked(&self) -> Result<bool, Failure> {
        self.has_index().map_err(|error| self.unreadable(&error))
    }

    fn has_index(&self) -> io::Result<bool> {
        if estargz::is_gzip(&self.blob)? {
            let size = self.blob.size();
            let tail = Extent::between(size.saturating_sub(estargz::TAIL), size)
                .map_or(Ok(Vec::new()), |tail| self.blob.read_extent(tail))?;
            let footer = estargz::parse_footer(&tail, size, &mut Findings::new());
            return Ok(footer.is_some() || self.index().is_some());
        }
        let annotated = self.annotations.as_ref().is_some_and(|map| {
            let index = annotations::parse(map, &mut Findings::new());
            !matches!(index, Some(NamedIndex::None | NamedIndex::EStargz(_)))
        });
        if annotated || self.blob.size() < TAIL {
            return Ok(annotated);
        }
        let mut magic = [0; 8];
        self.blob
            .read_exact_at(&mut magic, self.blob.size().saturating_sub(8))?;
        Ok(Layout::ALL.iter().any(|layout| layout.magic() == magic))
    }
}

/// Reads a DiffID.
pub(super) fn parse_digest(text: &str) -> Result<Digest, String> {
    text.parse()
        .map_err(|_| "expected `sha256:` and 64 lower-case hexadecimal digits".to_owned())
}
