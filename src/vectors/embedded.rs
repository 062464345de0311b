//! The files of the set, compiled in.

use super::ops::Op;

pub(super) const FILES: &[(Op, &str)] = &[
    (Op::FooterParse, include_str!("../../vectors/footer-parse.json")),
    (
        Op::AnnotationsParse,
        include_str!("../../vectors/annotations-parse.json"),
    ),
    (Op::TocParse, include_str!("../../vectors/toc-parse.json")),
    (Op::TarSplitParse, include_str!("../../vectors/tarsplit-parse.json")),
    (
        Op::TarSplitAssemble,
        include_str!("../../vectors/tarsplit-assemble.json"),
    ),
    (
        Op::TarSplitDisassemble,
        include_str!("../../vectors/tarsplit-disassemble.json"),
    ),
    (Op::LayerDecompress, include_str!("../../vectors/layer-decompress.json")),
    (Op::LayerIndex, include_str!("../../vectors/layer-index.json")),
    (
        Op::LayerReconstruct,
        include_str!("../../vectors/layer-reconstruct.json"),
    ),
    (Op::LayerWrite, include_str!("../../vectors/layer-write.json")),
    (Op::EStargzFooter, include_str!("../../vectors/estargz-footer.json")),
    (Op::EStargzToc, include_str!("../../vectors/estargz-toc.json")),
    (Op::TarList, include_str!("../../vectors/tar-list.json")),
];

/// Larger inputs by their names, a list that the generator writes.
pub(super) const BLOBS: &[(&str, &[u8])] = include!("../../vectors/blobs.rs");
