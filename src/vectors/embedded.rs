//! The files of the set, compiled in. The generator writes this list; do not edit it.

use super::ops::Op;

#[rustfmt::skip]
pub(super) const FILES: &[(Op, &str)] = &[
    (Op::FooterParse, include_str!("../../vectors/footer-parse.json")),
    (Op::AnnotationsParse, include_str!("../../vectors/annotations-parse.json")),
    (Op::LayerDecompress, include_str!("../../vectors/layer-decompress.json")),
];

#[rustfmt::skip]
pub(super) const BLOBS: &[(&str, &[u8])] = &[
    ("8ab4b0976395546836b9772afc972b0b0719a68c007859753d71ad83260686ff", include_bytes!("../../vectors/blobs/8ab4b0976395546836b9772afc972b0b0719a68c007859753d71ad83260686ff")),
    ("a6823e6927dd10b8fd6ede7021f57928fde7b8cb5740e443b29a3331a833dc82", include_bytes!("../../vectors/blobs/a6823e6927dd10b8fd6ede7021f57928fde7b8cb5740e443b29a3331a833dc82")),
    ("c5ce50ccbe26d9bfe2aa472bd2fab66ce475e33a948c42fdce1918d2ee9fb79c", include_bytes!("../../vectors/blobs/c5ce50ccbe26d9bfe2aa472bd2fab66ce475e33a948c42fdce1918d2ee9fb79c")),
];
