//! What a file is that was given as a zstd:chunked layer and is not one.
//!
//! A reader that finds no footer knows only that there is none. A person wants to know what the file is instead, so this
//! module names it from its first and last bytes. Nothing here decides whether a layer is accepted.

use std::{
    fmt,
    io::{self, Read},
};

use flate2::bufread::GzDecoder;

use super::{
    Extent, Findings, estargz,
    footer::{Layout, SKIPPABLE_MAGIC},
    frames::{FrameKind, Walker},
    range::ReadAt,
};

/// What the bytes of a blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobKind {
    /// No bytes.
    Empty,
    /// A blob that ends with the footer of a zstd:chunked layer, or at least with the magic of one.
    ZstdChunked,
    /// A gzip blob that ends with the footer of an eStargz layer.
    EStargz,
    /// zstd frames of which the first ones are cut like those of zstd:chunked, without a footer.
    CutZstdChunked,
    /// zstd frames, without a footer.
    Zstd {
        /// Whether they decode to the beginning of a tar.
        tar: bool,
    },
    /// Gzip members, without a footer.
    Gzip {
        /// Whether they decode to the beginning of a tar.
        tar: bool,
    },
    /// An uncompressed tar.
    Tar,
    /// A block of zeros first, as in a tar without entries.
    Zeros,
    /// An OCI image layout in a tar.
    OciArchive,
    /// A tar as `docker save` writes it.
    DockerArchive,
    /// A file of another well-known format.
    Format(&'static str),
    /// A document of JSON.
    Json,
    /// Nothing that is known here, by its first bytes.
    Unknown(Vec<u8>),
}

impl BlobKind {
    /// Bytes from either end of a blob that [`Self::identify`] looks at: enough for the entries at the start of an archive,
    /// and for those at its end before a last record of zeros.
    pub const LOOKED_AT: u64 = 32 << 10;

    /// Names a blob from its first and its last [`Self::LOOKED_AT`] bytes, or all of a smaller one.
    pub fn identify(head: &[u8], tail: &[u8], size: u64) -> Self {
        if size == 0 {
            return Self::Empty;
        }
        if Layout::ALL.iter().any(|layout| has_footer(tail, *layout)) {
            return Self::ZstdChunked;
        }
        if head.starts_with(&estargz::MAGIC) {
            return of_gzip(head, tail, size);
        }
        if let Some(kind) = of_zstd(head) {
            return kind;
        }
        if let Some(kind) = of_tar(head, tail, size) {
            return kind;
        }
        if is_zeros(head) {
            return Self::Zeros;
        }
        let known = FORMATS.iter().find(|(magic, _)| head.starts_with(magic));
        if let Some((_, name)) = known {
            return Self::Format(name);
        }
        let is_json = head
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            .is_some_and(|first| matches!(first, b'{' | b'['));
        if is_json && std::str::from_utf8(head.get(..head.len().min(64)).unwrap_or_default()).is_ok() {
            return Self::Json;
        }
        Self::Unknown(head.get(..head.len().min(8)).unwrap_or_default().to_vec())
    }

    /// Names a blob, of which both ends are read.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn of(blob: &dyn ReadAt) -> io::Result<Self> {
        let size = blob.size();
        let length = size.min(Self::LOOKED_AT);
        let read = |offset| Extent::new(offset, length).map_or(Ok(Vec::new()), |extent| blob.read_extent(extent));
        Ok(Self::identify(&read(0)?, &read(size.saturating_sub(length))?, size))
    }

    /// Whether the blob has an index, be it a broken one: of zstd:chunked or of eStargz.
    pub const fn is_chunked(&self) -> bool {
        matches!(self, Self::ZstdChunked | Self::EStargz)
    }
}

/// What the blob is, as it follows "not a zstd:chunked layer: ".
impl fmt::Display for BlobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty file"),
            Self::ZstdChunked => f.write_str("a blob with the footer of a zstd:chunked layer"),
            Self::EStargz => f.write_str("an eStargz layer"),
            Self::CutZstdChunked => f.write_str(
                "a zstd-compressed tar in many frames and without a footer, perhaps a zstd:chunked layer that was cut short",
            ),
            Self::Zstd { tar: true } => f.write_str("a plain zstd-compressed tar; clients download it in full"),
            Self::Zstd { tar: false } => f.write_str("zstd-compressed data that is not a tar"),
            Self::Gzip { tar: true } => f.write_str("a plain gzip-compressed tar; clients download it in full"),
            Self::Gzip { tar: false } => f.write_str("gzip-compressed data that is not a tar"),
            Self::Tar => f.write_str("an uncompressed tar"),
            Self::Zeros => f.write_str("zeros at its beginning, as in an uncompressed tar without entries, or a file that lost its content"),
            Self::OciArchive => f.write_str("an OCI image archive; `oci-archive:` in front of its name reads its layers"),
            Self::DockerArchive => f.write_str("an image archive of `docker save`; `docker-archive:` in front of its name reads its layers"),
            Self::Format(name) => f.write_str(name),
            Self::Json => f.write_str("a JSON document; a manifest or descriptor is given with --annotations"),
            Self::Unknown(first) => write!(
                f,
                "neither zstd, gzip nor a tar; the first bytes are `{}`",
                first.escape_ascii()
            ),
        }
    }
}

const FORMATS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xfd7zXZ\0", "xz-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\x04\x22\x4d\x18", "lz4-compressed data"),
    (b"\x7fELF", "an ELF program"),
];

/// Whether the last bytes are a footer of this layout, of which either the header of the frame or the magic is right.
fn has_footer(tail: &[u8], layout: Layout) -> bool {
    let length = usize::try_from(layout.payload_length()).unwrap_or(usize::MAX);
    let Some((before, payload)) = tail.len().checked_sub(length).and_then(|at| tail.split_at_checked(at)) else {
        return false;
    };
    let magic = usize::try_from(layout.magic_offset())
        .ok()
        .and_then(|at| payload.get(at..)?.first_chunk::<8>());
    let mut header = [0; 8];
    let (first, last) = header.split_at_mut(4);
    first.copy_from_slice(&SKIPPABLE_MAGIC);
    last.copy_from_slice(&layout.payload_length().to_le_bytes());
    magic == Some(&layout.magic()) || before.ends_with(&header)
}

fn of_gzip(head: &[u8], tail: &[u8], size: u64) -> BlobKind {
    let footer = usize::try_from(estargz::TAIL)
        .ok()
        .and_then(|length| tail.len().checked_sub(length))
        .map_or(Some(tail), |start| tail.get(start..));
    if footer.is_some_and(|footer| estargz::parse_footer(footer, size, &mut Findings::new()).is_some()) {
        return BlobKind::EStargz;
    }
    BlobKind::Gzip {
        tar: begins_as_tar(GzDecoder::new(head)),
    }
}

/// What zstd frames are; none if the head is not one.
fn of_zstd(head: &[u8]) -> Option<BlobKind> {
    let mut walker = Walker::new(&head, Extent::new(0, head.size())?);
    let mut findings = Findings::new();
    let first = walker.next_frame(&mut findings).ok()?;
    // The frame may end after the part that is looked at.
    let is_zstd = head.starts_with(&ZSTD_MAGIC) || first.is_some();
    if !is_zstd {
        return None;
    }
    let tar = zstd::stream::read::Decoder::with_buffer(head).is_ok_and(begins_as_tar);
    // A second data frame begins where the first one ends, whether or not it is whole.
    let many = first
        .filter(|frame| matches!(frame.kind, FrameKind::Data(_)))
        .and_then(|frame| head.get(usize::try_from(frame.extent.end()).ok()?..))
        .is_some_and(|rest| rest.starts_with(&ZSTD_MAGIC));
    Some(if tar && many {
        BlobKind::CutZstdChunked
    } else {
        BlobKind::Zstd { tar }
    })
}

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether the first block of what this gives is a tar header, or of zeros as in a tar without entries.
fn begins_as_tar(decoded: impl Read) -> bool {
    let mut block = Vec::new();
    let read = decoded.take(512).read_to_end(&mut block).is_ok();
    read && (is_header(&block) || is_zeros(&block))
}

/// Whether the first block is all zeros.
fn is_zeros(head: &[u8]) -> bool {
    head.first_chunk::<512>()
        .is_some_and(|block| block.iter().all(|&byte| byte == 0))
}

/// What a tar is for; none if the head is not one.
fn of_tar(head: &[u8], tail: &[u8], size: u64) -> Option<BlobKind> {
    if !is_header(head) {
        return None;
    }
    // Blocks of a tar lie at multiples of 512, so those of the tail are counted from its end.
    let odd = usize::try_from(size.checked_rem(512)?).ok()?;
    let tail = tail.get(..tail.len().checked_sub(odd)?).unwrap_or_default();
    let from = tail.len().checked_rem(512)?;
    let blocks = head.chunks_exact(512).chain(tail.get(from..)?.chunks_exact(512));
    let mut docker = false;
    for block in blocks.filter(|block| is_header(block)) {
        let name = name_of(block);
        let name = name.strip_prefix(b"./").unwrap_or(name);
        if name == b"oci-layout" {
            return Some(BlobKind::OciArchive);
        }
        docker |= name == b"manifest.json";
    }
    Some(if docker { BlobKind::DockerArchive } else { BlobKind::Tar })
}

/// The name in a tar header.
fn name_of(block: &[u8]) -> &[u8] {
    block
        .get(..100)
        .and_then(|name| name.split(|&byte| byte == 0).next())
        .unwrap_or_default()
}

/// Whether a block is a tar header: the sum of its bytes is the one that it holds.
fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<512>() else {
        return false;
    };
    let mut sum = 0u32;
    for (at, &byte) in block.iter().enumerate() {
        // The checksum's own eight bytes count as spaces.
        let counted = if (148..156).contains(&at) { b' ' } else { byte };
        sum = sum.saturating_add(u32::from(counted));
    }
    let digits = block.get(148..156).unwrap_or_default();
    let digits: Vec<u8> = digits.iter().copied().filter(u8::is_ascii_digit).collect();
    let held = std::str::from_utf8(&digits)
        .ok()
        .and_then(|digits| u32::from_str_radix(digits, 8).ok());
    held == Some(sum)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::BlobKind;
    use crate::format::{
        Extent, Position,
        footer::{Footer, Layout},
        tar,
    };

    fn archive(names: &[&str]) -> Vec<u8> {
        let mut tar: Vec<u8> = names
            .iter()
            .flat_map(|name| tar::build::file(b'0', name, b"{}"))
            .collect();
        tar.resize(tar.len() + 10240, 0);
        tar
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(content, 3).unwrap()
    }

    #[test]
    fn files_are_named() {
        let tar = archive(&["a", "b"]);
        let (header, rest) = tar.split_at(512);
        let footer = |layout| {
            let toc = Position {
                extent: Extent::new(8, 20).unwrap(),
                uncompressed: 30,
            };
            let footer = Footer {
                layout,
                toc,
                tar_split: None,
            };
            [zstd(&tar), footer.to_frame()].concat()
        };
        let mut wrong_magic = footer(Layout::V64);
        *wrong_magic.last_mut().unwrap() = 0;
        let mut many_entries = vec!["a"; 100];
        many_entries.push("manifest.json");
        for (name, blob, kind) in [
            ("empty", vec![], BlobKind::Empty),
            ("v40", footer(Layout::V40), BlobKind::ZstdChunked),
            ("v56", footer(Layout::V56), BlobKind::ZstdChunked),
            ("v64", footer(Layout::V64), BlobKind::ZstdChunked),
            ("footer of another magic", wrong_magic, BlobKind::ZstdChunked),
            ("tar.zst", zstd(&tar), BlobKind::Zstd { tar: true }),
            ("tar.zst without entries", zstd(&[0; 10240]), BlobKind::Zstd { tar: true }),
            ("zst", zstd(b"text"), BlobKind::Zstd { tar: false }),
            ("zst that is cut", zstd(&tar)[..20].to_vec(), BlobKind::Zstd { tar: false }),
            (
                "many frames",
                [zstd(header), zstd(rest)].concat(),
                BlobKind::CutZstdChunked,
            ),
            ("zeros", vec![0; 4096], BlobKind::Zeros),
            ("less than a block of zeros", vec![0; 511], BlobKind::Unknown(vec![0; 8])),
            ("tar.gz", gzip(&tar), BlobKind::Gzip { tar: true }),
            ("gz", gzip(b"text"), BlobKind::Gzip { tar: false }),
            (
                "eStargz",
                [
                    gzip(&tar),
                    b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\x000000000000000020STARGZ\x01\0\0\xff\xff\0\0\0\0\0\0\0\0"
                        .to_vec(),
                ]
                .concat(),
                BlobKind::EStargz,
            ),
            ("tar", tar.clone(), BlobKind::Tar),
            ("tar that is cut", tar[..600].to_vec(), BlobKind::Tar),
            (
                "OCI archive",
                archive(&["blobs/", "index.json", "manifest.json", "oci-layout"]),
                BlobKind::OciArchive,
            ),
            (
                "OCI archive of tar",
                archive(&["./", "./oci-layout"]),
                BlobKind::OciArchive,
            ),
            ("docker save", archive(&many_entries), BlobKind::DockerArchive),
            ("zip", b"PK\x03\x04rest".to_vec(), BlobKind::Format("a zip archive")),
            ("xz", b"\xfd7zXZ\0rest".to_vec(), BlobKind::Format("xz-compressed data")),
            ("bzip2", b"BZh9rest".to_vec(), BlobKind::Format("bzip2-compressed data")),
            ("json", b" {\"a\": 1}".to_vec(), BlobKind::Json),
            ("one byte", vec![b'x'], BlobKind::Unknown(vec![b'x'])),
        ] {
            assert_eq!(BlobKind::of(&blob.as_slice()).unwrap(), kind, "{name}");
        }
    }

    #[test]
    fn every_name_fits_after_a_colon() {
        for kind in [
            BlobKind::Empty,
            BlobKind::Gzip { tar: true },
            BlobKind::Unknown(b"\x1b[2J".to_vec()),
        ] {
            let text = kind.to_string();
            assert!(!text.ends_with('.') && !text.contains('\x1b'), "{text}");
        }
    }

    /// Whatever the bytes are, and wherever they are cut.
    #[test]
    fn every_prefix_has_a_name() {
        for blob in [archive(&["a"]), zstd(&archive(&["a"])), gzip(&archive(&["a"]))] {
            for length in 0..blob.len().min(700) {
                let cut = &blob[..length];
                let kind = BlobKind::of(&cut).unwrap();
                assert!(!kind.is_chunked(), "{length}: {kind:?}");
            }
        }
    }
}
