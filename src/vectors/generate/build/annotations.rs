//! Annotations of a layer's descriptor.

use super::footer::Span;

/// The prefix of g1.
pub(in super::super) const OLD_PREFIX: &str = "io.containers.zstd-chunked.";
/// The prefix from g2 on.
pub(in super::super) const PREFIX: &str = "io.github.containers.zstd-chunked.";
/// After the prefix: the digest of the compressed TOC.
pub(in super::super) const MANIFEST_CHECKSUM: &str = "manifest-checksum";
/// After the prefix: where the TOC is.
pub(in super::super) const MANIFEST_POSITION: &str = "manifest-position";
/// After the prefix: where the tar-split is.
pub(in super::super) const TARSPLIT_POSITION: &str = "tarsplit-position";
/// After the prefix: the digest of the compressed tar-split.
pub(in super::super) const TARSPLIT_CHECKSUM: &str = "tarsplit-checksum";
/// The digest of the uncompressed TOC.
pub(in super::super) const ESTARGZ: &str = "containerd.io/snapshot/stargz/toc.digest";

/// The value of a tar-split's position.
pub(in super::super) fn position(span: Span) -> String {
    format!("{}:{}:{}", span.offset, span.length, span.uncompressed)
}

/// The value of a TOC's position.
pub(in super::super) fn toc_position(span: Span, kind: u64) -> String {
    format!("{}:{kind}", position(span))
}
