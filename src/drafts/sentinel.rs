//! The sentinel: a first layer that is no tar, after which the other layers are used through their TOCs alone.
//!
//! It decides which digest a reader compares. Without a sentinel the tar of each layer has to have the DiffID of the
//! configuration; with one a reader may leave that out, and nothing but the index is compared.

use std::{collections::BTreeMap, io};

use crate::{
    format::{
        Digest, Findings, Place, Region,
        annotations::{self, NamedIndex},
        layer::{self, Source},
        toc::Entry,
    },
    image::{
        ImageError,
        document::{self, Descriptor, INDEX, MANIFEST, Manifest},
    },
    rules::Rule,
};

/// The media type of a sentinel.
const MEDIA_TYPE: &str = "application/vnd.containers.zstd-chunked-sentinel";

/// The annotation by which an index marks a manifest as having a sentinel, with the value `true`.
const MARK: &str = "io.github.containers.zstd-chunked.sentinel";

/// Bytes in the blob of a sentinel.
const BLOCK: usize = 512;

/// What the blob of a sentinel has instead of a tar header: the place, the bytes, and what they are.
const FIELDS: [(usize, &[u8], &str); 3] = [
    (0, &[0], "first byte"),
    (148, &[0xff; 8], "checksum"),
    (257, b"NOTTAR", "magic"),
];

/// Rules that say that TOC and tar-split show the same files.
const SAME_VIEW: [Rule; 5] = [
    Rule::SegmentHeader,
    Rule::SegmentFile,
    Rule::EntrySets,
    Rule::EntryMetadata,
    Rule::EntryOrder,
];

/// Documents and blobs, by the digests under which they are served.
pub(crate) type Served = BTreeMap<Digest, Vec<u8>>;

/// An image as a reader that knows the sentinel uses it.
pub(crate) struct Pulled {
    /// The digest of the manifest.
    pub(crate) manifest: Digest,
    /// Whether the manifest has a sentinel.
    pub(crate) sentinel: bool,
    /// The layers that have files, the lowest first.
    pub(crate) layers: Vec<PulledLayer>,
}

/// A layer that is used through its TOC.
pub(crate) struct PulledLayer {
    /// The digest of the compressed TOC.
    pub(crate) toc_digest: Digest,
    /// The entries of the TOC.
    pub(crate) entries: Vec<Entry>,
}

/// Reads an image from its index or its manifest; none if a rule is broken.
///
/// # Errors
///
/// A document that is none, or something that is not served.
pub(crate) fn pull(root: &[u8], served: &Served, findings: &mut Findings) -> Result<Option<Pulled>, ImageError> {
    let (digest, manifest) = manifest(root, served)?;
    let diff_ids = document::diff_ids("the configuration", get(served, &manifest.config)?)?;
    let sentinel = check_place(&manifest, findings);
    let mut layers = manifest.layers.as_slice();
    let mut expected = diff_ids.as_slice();
    if sentinel {
        if let Some((first, rest)) = layers.split_first() {
            check_block(get(served, first)?, findings);
            check_diff_ids(&manifest, &diff_ids, findings);
            layers = rest;
        }
        expected = expected.get(1..).unwrap_or_default();
    } else if diff_ids.len() != layers.len() {
        let (found, expected) = (diff_ids.len(), layers.len());
        let problem = format!("{found} DiffIDs for {expected} layers");
        return Err(ImageError::invalid("the configuration", problem));
    }
    if !findings.is_empty() {
        return Ok(None);
    }
    let mut pulled = Vec::new();
    for (at, descriptor) in layers.iter().enumerate() {
        let blob = get(served, descriptor)?;
        let mut own = Findings::like(findings);
        let read = if sentinel {
            through_toc(descriptor, blob, &mut own)
        } else {
            with_digest(descriptor, blob, expected.get(at).copied(), &mut own)
        };
        let read = read.map_err(|error| ImageError::io(descriptor.digest, error))?;
        findings.merge(own);
        pulled.extend(read);
    }
    Ok(findings.is_empty().then_some(Pulled {
        manifest: digest,
        sentinel,
        layers: pulled,
    }))
}

/// The manifest: the root itself, or of an index the first one that is marked, or else the first one.
fn manifest(root: &[u8], served: &Served) -> Result<(Digest, Manifest), ImageError> {
    const WHAT: &str = "the root of the image";
    let Ok(manifests) = document::index(WHAT, root, &[INDEX]) else {
        return Ok((Digest::of(root), document::manifest(WHAT, root, &[MANIFEST])?));
    };
    let is_marked = |descriptor: &&Descriptor| {
        let annotations = descriptor.annotations.as_ref();
        annotations.and_then(|all| all.get(MARK)).map(String::as_str) == Some("true")
    };
    let chosen = manifests.iter().find(is_marked).or(manifests.first());
    let chosen = chosen.ok_or_else(|| ImageError::invalid(WHAT, "the index names no manifest"))?;
    let manifest = document::manifest("the manifest", get(served, chosen)?, &[MANIFEST])?;
    Ok((chosen.digest, manifest))
}

/// What is served under the digest of a descriptor.
fn get<'a>(served: &'a Served, descriptor: &Descriptor) -> Result<&'a [u8], ImageError> {
    let bytes = served
        .get(&descriptor.digest)
        .ok_or_else(|| ImageError::invalid(descriptor.digest, "not served"))?;
    descriptor.check(bytes)?;
    Ok(bytes)
}

/// Whether the manifest has a sentinel, which can only be its first layer.
fn check_place(manifest: &Manifest, findings: &mut Findings) -> bool {
    let is_sentinel = |layer: &Descriptor| layer.media_type == MEDIA_TYPE;
    for (number, layer) in (1_usize..).zip(&manifest.layers).skip(1) {
        if is_sentinel(layer) {
            findings.report(
                Rule::DraftSentinelPlace,
                Place::Whole(Region::Descriptor),
                format!("layer {number} has the media type of a sentinel, expected only layer 1 to have it"),
            );
        }
    }
    manifest.layers.first().is_some_and(is_sentinel)
}

/// Checks that no reader takes the blob of the sentinel for a tar.
fn check_block(block: &[u8], findings: &mut Findings) {
    let mut report = |place, detail: String| findings.report(Rule::DraftSentinelContent, place, detail);
    if block.len() != BLOCK {
        let problem = format!("the sentinel has {} bytes, expected {BLOCK}", block.len());
        report(Place::Whole(Region::Blob), problem);
        return;
    }
    for (at, bytes, name) in FIELDS {
        let found = block.get(at..).unwrap_or_default();
        if !found.starts_with(bytes) {
            let place = Place::Byte(Region::Blob, u64::try_from(at).unwrap_or_default());
            report(place, format!("the {name} of the sentinel can be that of a tar header"));
        }
    }
}

fn check_diff_ids(manifest: &Manifest, diff_ids: &[Digest], findings: &mut Findings) {
    let mut report = |detail: String| {
        findings.report(Rule::DraftSentinelDiffId, Place::Whole(Region::Descriptor), detail);
    };
    let (found, expected) = (diff_ids.len(), manifest.layers.len());
    if found != expected {
        report(format!("the configuration has {found} DiffIDs for {expected} layers"));
    } else if let (Some(found), Some(sentinel)) = (diff_ids.first(), manifest.layers.first())
        && *found != sentinel.digest
    {
        let expected = sentinel.digest;
        report(format!(
            "the first DiffID is {found}, expected {expected}, the digest of the sentinel"
        ));
    }
}

/// A layer of a manifest with a sentinel: its index alone is read and compared.
fn through_toc(descriptor: &Descriptor, blob: &[u8], findings: &mut Findings) -> io::Result<Option<PulledLayer>> {
    let none = BTreeMap::new();
    let annotations = descriptor.annotations.as_ref().unwrap_or(&none);
    let named = annotations::parse(annotations, &mut Findings::like(findings));
    if matches!(named, Some(NamedIndex::None | NamedIndex::EStargz(_))) {
        findings.report(
            Rule::DraftSentinelToc,
            Place::Whole(Region::Annotations),
            "the annotations name no TOC of zstd:chunked, and after a sentinel no layer is downloaded in full",
        );
        return Ok(None);
    }
    let mut own = Findings::like(findings);
    let read = layer::read(&source(descriptor, &blob), &mut own)?;
    if let Some(split) = own.list().iter().find(|finding| SAME_VIEW.contains(&finding.rule)) {
        findings.report(
            Rule::DraftSentinelViews,
            split.place.clone(),
            format!(
                "TOC and tar-split show different files: {}: {}",
                split.rule, split.detail
            ),
        );
    }
    findings.merge(own);
    Ok(read.map(PulledLayer::from))
}

/// A layer of a manifest without a sentinel: its tar is rebuilt and compared with the DiffID.
fn with_digest(
    descriptor: &Descriptor,
    blob: &[u8],
    diff_id: Option<Digest>,
    findings: &mut Findings,
) -> io::Result<Option<PulledLayer>> {
    let source = Source {
        diff_id,
        ..source(descriptor, &blob)
    };
    let mut own = Findings::like(findings);
    let _tar = layer::reconstruct(&source, &mut own, &mut io::sink())?;
    if let Some(other) = own.list().iter().find(|finding| finding.rule == Rule::DiffId) {
        findings.report(
            Rule::DraftSentinelSource,
            other.place.clone(),
            format!("the manifest has no sentinel, and the {}", other.detail),
        );
    }
    let is_right = own.is_empty();
    findings.merge(own);
    if !is_right {
        return Ok(None);
    }
    Ok(layer::read(&source, findings)?.map(PulledLayer::from))
}

fn source<'a>(descriptor: &'a Descriptor, blob: &'a &[u8]) -> Source<'a> {
    Source {
        media_type: Some(&descriptor.media_type),
        ..Source::new(blob, descriptor.annotations.as_ref())
    }
}

impl From<layer::Read> for PulledLayer {
    fn from(read: layer::Read) -> Self {
        Self {
            toc_digest: read.index.toc_digest,
            entries: read.index.toc.entries,
        }
    }
}
