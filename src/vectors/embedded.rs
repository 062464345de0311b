//! The files of the set, compiled in. The generator writes this list; do not edit it.

use super::ops::Op;

#[rustfmt::skip]
pub(super) const FILES: &[(Op, &str)] = &[
    (Op::FooterParse, include_str!("../../vectors/footer-parse.json")),
    (Op::AnnotationsParse, include_str!("../../vectors/annotations-parse.json")),
];

#[rustfmt::skip]
pub(super) const BLOBS: &[(&str, &[u8])] = &[
];
