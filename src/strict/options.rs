//! How a layer is opened.

use std::{collections::BTreeMap, num::NonZeroUsize};

use super::{Diagnosis, Error, ErrorKind, Layer, diagnosis::diagnose};
use crate::format::{
    Digest, Extent, Findings, Limits, Position,
    annotations::{self, NamedIndex},
    footer::TAIL,
    frames::SKIPPABLE_HEADER,
    layer::Source,
    range::ReadAt,
};

/// What a caller trusts to name the index of a layer.
///
/// The annotations are part of the image's manifest, so a caller that checks the manifest's digest has checked them, and they have
/// the digest of the TOC. The footer is a part of the blob: anyone who can serve a blob can make it name another index than the
/// one that other readers use.
///
/// ```
/// use std::collections::{BTreeMap, HashMap};
///
/// use chunkproof::Authority;
///
/// // Whatever map a manifest was read into.
/// let descriptor: HashMap<String, String> = HashMap::new();
/// let annotations: BTreeMap<String, String> = descriptor.into_iter().collect();
/// let authority = Authority::Annotations(&annotations);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Authority<'a> {
    /// The annotations of the layer's descriptor in the image's manifest. Other people's annotations are ignored.
    Annotations(&'a BTreeMap<String, String>),
    /// The footer, which nothing authenticates. For layers on a disk of one's own, and for looking at broken ones.
    UnauthenticatedFooter,
}

impl<'a> Authority<'a> {
    const fn annotations(self) -> Option<&'a BTreeMap<String, String>> {
        match self {
            Self::Annotations(map) => Some(map),
            Self::UnauthenticatedFooter => None,
        }
    }
}

/// What else is known about a layer, and what it may cost to read it.
///
/// ```no_run
/// use chunkproof::{Authority, Digest, FileRange, OpenOptions};
///
/// # fn example(annotations: std::collections::BTreeMap<String, String>, diff_id: Digest) -> Result<(), chunkproof::Error> {
/// let layer = OpenOptions::new()
///     .media_type("application/vnd.oci.image.layer.v1.tar+zstd")
///     .diff_id(diff_id)
///     .open(FileRange::open("layer.tar.zst".as_ref())?, Authority::Annotations(&annotations))?;
/// // Fails if the digest of the tar is not the DiffID.
/// layer.to_tar(&mut std::io::stdout())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    pub(super) limits: Limits,
    media_type: Option<String>,
    pub(super) diff_id: Option<Digest>,
    threads: Option<NonZeroUsize>,
}

impl OpenOptions {
    /// The default limits, and nothing else known.
    pub fn new() -> Self {
        Self::default()
    }

    /// What may be held in memory.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The media type of the layer's descriptor, to be compared with what the blob is.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// The digest that the image's configuration has for the tar, to be compared with the tar's.
    #[must_use]
    pub const fn diff_id(mut self, diff_id: Digest) -> Self {
        self.diff_id = Some(diff_id);
        self
    }

    /// In how many threads [`Layer::to_tar`], [`Layer::verify_diff_id`] and [`Self::verify`] decode data. By default it is one
    /// for each processor, at most 8. The results are the same for any number.
    #[must_use]
    pub const fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Opens a layer: finds its index and checks all of it.
    ///
    /// # Errors
    ///
    /// The index breaks a rule, nothing authenticates it, the blob is no zstd:chunked layer, or it cannot be read.
    pub fn open<B: ReadAt + Sync>(&self, blob: B, authority: Authority<'_>) -> Result<Layer<B>, Error> {
        if let Authority::Annotations(map) = authority {
            check_index_is_named(map)?;
        }
        Layer::load(self, blob, authority)
    }

    /// Reads the whole blob and lists every rule that the layer breaks.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn verify<B: ReadAt + Sync>(&self, blob: B, authority: Authority<'_>) -> Result<Diagnosis, Error> {
        diagnose(self, &blob, authority)
    }

    /// What of a blob of this size has to be read to open it, as far as it is known before anything is read: with annotations
    /// all of it, and only the footer without.
    ///
    /// A client that fetches it first, into a [`Prefetched`](crate::Prefetched) blob, needs one request instead of several.
    ///
    /// # Errors
    ///
    /// The annotations break a rule, name no index, or name one that is larger than the limits.
    pub fn index_extents(&self, size: u64, authority: Authority<'_>) -> Result<Vec<Extent>, Error> {
        let tail = Extent::between(size.saturating_sub(TAIL), size);
        let mut extents = Vec::from_iter(tail);
        if let Authority::Annotations(map) = authority {
            let mut findings = Findings::new();
            let index = annotations::parse(map, &mut findings);
            if !findings.is_empty() {
                return Err(Error::invalid(findings));
            }
            let Some(NamedIndex::ZstdChunked(named)) = index else {
                return Err(not_named());
            };
            extents.extend(framed(named.toc, self.limits.toc, size)?);
            if let Some(tar_split) = named.tar_split {
                extents.extend(framed(tar_split, self.limits.tar_split, size)?);
            }
        }
        Ok(merged(extents))
    }

    /// The layer as the format's modules look at it.
    pub(super) fn source<'a>(&'a self, blob: &'a (dyn ReadAt + Sync), authority: Authority<'a>) -> Source<'a> {
        let usual = Source::new(blob, authority.annotations());
        Source {
            media_type: self.media_type.as_deref(),
            diff_id: self.diff_id,
            limits: self.limits,
            threads: self.threads.unwrap_or(usual.threads),
            ..usual
        }
    }
}

/// Refuses annotations that name no zstd:chunked index: their reader must not fall back to the footer.
fn check_index_is_named(map: &BTreeMap<String, String>) -> Result<(), Error> {
    match annotations::parse(map, &mut Findings::new()) {
        Some(NamedIndex::None | NamedIndex::EStargz(_)) => Err(not_named()),
        // What is wrong with broken ones is reported when the layer is read.
        Some(NamedIndex::ZstdChunked(_)) | None => Ok(()),
    }
}

/// Nothing names an index.
pub(super) fn not_named() -> Error {
    Error::new(
        ErrorKind::Unauthenticated,
        "the annotations name no zstd:chunked index; a reader downloads the layer in full",
    )
}

/// A payload with the header of its frame, as far as it is in the blob.
fn framed(position: Position, limit: u64, size: u64) -> Result<Option<Extent>, Error> {
    let length = position.extent.length();
    if length > limit {
        let detail = format!("the index has a part of {length} bytes, expected at most {limit}");
        return Err(Error::new(ErrorKind::Limit, detail).comparing(length, limit));
    }
    let start = position.extent.offset().saturating_sub(SKIPPABLE_HEADER);
    Ok(Extent::between(start, position.extent.end().min(size)))
}

/// These extents in order, those that touch as one, and without empty ones.
pub(super) fn merged(mut extents: Vec<Extent>) -> Vec<Extent> {
    extents.retain(|extent| extent.length() > 0);
    extents.sort_unstable();
    let mut merged: Vec<Extent> = Vec::new();
    for extent in extents {
        match merged.last_mut() {
            Some(last) if extent.offset() <= last.end() => {
                let end = last.end().max(extent.end());
                *last = Extent::between(last.offset(), end).unwrap_or(*last);
            }
            _ => merged.push(extent),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::{Extent, merged};

    #[test]
    fn extents_that_touch_are_one() {
        let extents = |list: &[(u64, u64)]| -> Vec<Extent> {
            list.iter()
                .map(|&(start, end)| Extent::between(start, end).unwrap())
                .collect()
        };
        for (list, expected) in [
            (vec![], vec![]),
            (vec![(5, 5)], vec![]),
            (vec![(8, 9), (0, 4)], vec![(0, 4), (8, 9)]),
            (vec![(4, 8), (0, 4)], vec![(0, 8)]),
            (vec![(0, 9), (2, 4), (9, 10)], vec![(0, 10)]),
        ] {
            assert_eq!(merged(extents(&list)), extents(&expected), "{list:?}");
        }
    }
}
