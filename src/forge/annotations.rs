//! Annotations of a layer's descriptor.

use super::footer::Span;

/// The prefix of g1.
pub(crate) const OLD_PREFIX: &str = "io.containers.zstd-chunked.";
/// The prefix from g2 on.
pub(crate) const PREFIX: &str = "io.github.containers.zstd-chunked.";
/// After the prefix: the digest of the compressed TOC.
pub(crate) const MANIFEST_CHECKSUM: &str = "manifest-checksum";
/// After the prefix: where the TOC is.
pub(crate) const MANIFEST_POSITION: &str = "manifest-position";
/// After the prefix: where the tar-split is.
pub(crate) const TARSPLIT_POSITION: &str = "tarsplit-position";
/// After the prefix: the digest of the compressed tar-split.
pub(crate) const TARSPLIT_CHECKSUM: &str = "tarsplit-checksum";
/// The digest of the uncompressed TOC.
pub(crate) const ESTARGZ: &str = "containerd.io/snapshot/stargz/toc.digest";

/// The value of a tar-split's position.
pub(crate) fn position(span: Span) -> String {
    format!("{}:{}:{}", span.offset, span.length, span.uncompressed)
}

/// The value of a TOC's position.
pub(crate) fn toc_position(span: Span, kind: u64) -> String {
    format!("{}:{kind}", position(span))
}
