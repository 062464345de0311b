//! What the dialects differ in, for the builders and the second readings. The reference has a table of its own, and a test
//! compares the two.

use super::{
    annotations::{OLD_PREFIX, PREFIX},
    footer::{Footer, Span},
    toc::Style,
};
use crate::format::Dialect;

/// One dialect.
pub(crate) struct Facts {
    /// The footer that names this TOC and, where it can, this tar-split.
    pub(crate) footer: fn(Span, Span) -> Footer,
    /// What the keys of its annotations begin with.
    pub(crate) prefix: &'static str,
    /// Whether there is a tar-split, and an annotation with its position.
    pub(crate) tar_split: bool,
    /// Whether an annotation has the digest of the tar-split.
    pub(crate) annotated_digest: bool,
    /// Whether the TOC has the digest of the tar-split.
    pub(crate) digest_in_toc: bool,
    /// Whether the TOC may have each path only once.
    pub(crate) unique_paths: bool,
    /// Whether a TOC without end offsets is one of stargz.
    pub(crate) by_stargz: bool,
    /// How containers/storage lays out the TOC.
    pub(crate) style: Style,
}

/// What writers of g2 write.
const SECOND: Facts = Facts {
    footer: |toc, _| Footer::v40(toc),
    prefix: PREFIX,
    tar_split: false,
    annotated_digest: false,
    digest_in_toc: false,
    unique_paths: false,
    by_stargz: false,
    style: Style::ZeroTimes,
};

/// What writers of g4 write.
const FOURTH: Facts = Facts {
    footer: Footer::v64,
    tar_split: true,
    annotated_digest: true,
    unique_paths: true,
    ..SECOND
};

/// What the writers of this dialect write.
pub(crate) const fn facts(dialect: Dialect) -> Facts {
    match dialect {
        Dialect::G1 => Facts {
            prefix: OLD_PREFIX,
            by_stargz: true,
            style: Style::Full,
            ..SECOND
        },
        Dialect::G2 => SECOND,
        Dialect::G3 => Facts {
            footer: |toc, _| Footer::v56(toc),
            ..FOURTH
        },
        Dialect::G4 => FOURTH,
        Dialect::G5 => Facts {
            annotated_digest: false,
            digest_in_toc: true,
            style: Style::Plain,
            ..FOURTH
        },
    }
}
