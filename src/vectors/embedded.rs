//! The files of the set, compiled in as `build.rs` packs them.

use std::{
    io::{self, Read as _},
    sync::LazyLock,
};

use flate2::read::DeflateDecoder;

use super::ops::Op;

/// What `build.rs` made of a file.
macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".deflate"))
    };
}

/// The case files. Each is unpacked by itself, so that one is in memory at a time.
pub(super) static FILES: &[(Op, &[u8])] = &[
    (Op::FooterParse, packed!("footer-parse")),
    (Op::AnnotationsParse, packed!("annotations-parse")),
    (Op::TocParse, packed!("toc-parse")),
    (Op::TarSplitParse, packed!("tarsplit-parse")),
    (Op::TarSplitAssemble, packed!("tarsplit-assemble")),
    (Op::TarSplitDisassemble, packed!("tarsplit-disassemble")),
    (Op::LayerDecompress, packed!("layer-decompress")),
    (Op::LayerIndex, packed!("layer-index")),
    (Op::LayerReconstruct, packed!("layer-reconstruct")),
    (Op::LayerWrite, packed!("layer-write")),
    (Op::EStargzFooter, packed!("estargz-footer")),
    (Op::EStargzToc, packed!("estargz-toc")),
    (Op::TarList, packed!("tar-list")),
];

/// The case files of drafts.
pub(super) static DRAFTS: &[(Op, &[u8])] = &[(Op::DraftSentinel, packed!("draft-sentinel"))];

/// The names and lengths of larger inputs, in the order in which they are packed.
const BLOBS: &[(&str, usize)] = include!(concat!(env!("OUT_DIR"), "/blobs.rs"));

/// All of them, one after another.
static UNPACKED: LazyLock<io::Result<Vec<u8>>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed!("blobs").as_slice()).read_to_end(&mut bytes)?;
    Ok(bytes)
});

/// The text of a case file.
pub(super) fn text(packed: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    DeflateDecoder::new(packed).read_to_string(&mut text)?;
    Ok(text)
}

/// Larger inputs by their names.
pub(super) fn blobs() -> Result<Vec<(&'static str, &'static [u8])>, &'static io::Error> {
    let mut rest = UNPACKED.as_ref()?.as_slice();
    let mut blobs = Vec::with_capacity(BLOBS.len());
    for &(name, length) in BLOBS {
        let (blob, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        blobs.push((name, blob));
        rest = after;
    }
    Ok(blobs)
}
