//! The cases, one module per operation.

pub(super) mod annotations;
pub(super) mod assemble;
pub(super) mod decompress;
pub(super) mod estargz;
pub(super) mod footer;
mod index;
pub(super) mod reconstruct;
mod samples;
mod sealed;
pub(super) mod sentinel;
pub(super) mod tars;
pub(super) mod tarsplit;
pub(super) mod toc;

use super::family::{Blobs, Family};
use crate::{
    forge::footer::Span,
    format::Digest,
    vectors::{
        Decimal,
        ops::{PositionOutput, TarOutput},
    },
};

impl From<Span> for PositionOutput {
    fn from(span: Span) -> Self {
        Self {
            offset: Decimal(span.offset),
            length: Decimal(span.length),
            uncompressed: Decimal(span.uncompressed),
        }
    }
}

/// The output that says what a tar is.
fn tar_output(tar: &[u8]) -> TarOutput {
    TarOutput {
        sha256: Digest::of(tar).hex(),
        size: Decimal(crate::forge::len(tar)),
    }
}
