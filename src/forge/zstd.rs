//! zstd frames, written by hand so that their bytes depend on no compressor: blocks are raw or runs of one byte.

use super::checksum::xxh64;

/// The magic of a zstd frame.
const MAGIC: u32 = 0xfd2f_b528;
/// The magic of a frame of zstd v0.7.
pub(crate) const LEGACY_MAGIC: [u8; 4] = [0x27, 0xb5, 0x2f, 0xfd];
/// Most bytes that a block may stand for.
const BLOCK: usize = 128 << 10;
/// Runs of one byte shorter than this stay in raw blocks.
const RUN: usize = 16;

/// A block, which need not be valid.
#[derive(Clone)]
pub(crate) struct Block {
    /// 0 raw, 1 run of one byte, 2 compressed, 3 reserved.
    pub(crate) kind: u32,
    /// What the header says.
    pub(crate) size: u32,
    /// What follows the header.
    pub(crate) bytes: Vec<u8>,
}

impl Block {
    pub(crate) fn raw(bytes: &[u8]) -> Self {
        Self {
            kind: 0,
            size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            bytes: bytes.to_owned(),
        }
    }

    pub(crate) fn run(byte: u8, length: usize) -> Self {
        Self {
            kind: 1,
            size: u32::try_from(length).unwrap_or(u32::MAX),
            bytes: vec![byte],
        }
    }
}

/// A frame, field by field.
#[derive(Clone)]
pub(crate) struct Frame {
    /// The window descriptor; without one the content is a single segment, which needs a content size.
    pub(crate) window: Option<u8>,
    pub(crate) content_size: Option<u64>,
    /// The flag of the content size, if it is not that of the fewest bytes: 0 to 3 for 1, 2, 4 or 8 bytes.
    pub(crate) size_flag: Option<u8>,
    pub(crate) dictionary: Option<u32>,
    /// The flag of the dictionary id: 1 to 3 for 1, 2 or 4 bytes.
    pub(crate) dictionary_flag: u8,
    /// The low half of the content's XXH64.
    pub(crate) checksum: Option<u32>,
    /// Bits to set in the frame header's descriptor.
    pub(crate) flags: u8,
    pub(crate) blocks: Vec<Block>,
}

impl Frame {
    /// A frame of this content with content size and checksum.
    pub(crate) fn of(content: &[u8]) -> Self {
        Self {
            window: None,
            content_size: Some(super::len(content)),
            size_flag: None,
            dictionary: None,
            dictionary_flag: 3,
            checksum: Some(checksum(content)),
            flags: 0,
            blocks: blocks(content),
        }
    }

    /// The bytes of the frame.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_le_bytes().to_vec();
        let (size_flag, size) = self.encoded_size();
        let segment = if self.window.is_none() { 1 << 5 } else { 0 };
        let checksum = if self.checksum.is_some() { 1 << 2 } else { 0 };
        let dictionary = self.dictionary.map_or(0, |_| self.dictionary_flag);
        out.push(size_flag << 6 | segment | checksum | dictionary | self.flags);
        out.extend(self.window);
        let width = if dictionary == 3 { 4 } else { usize::from(dictionary) };
        out.extend(
            self.dictionary
                .iter()
                .flat_map(|id| id.to_le_bytes().into_iter().take(width)),
        );
        out.extend(size);
        for (index, block) in self.blocks.iter().enumerate() {
            let last = u32::from(index + 1 == self.blocks.len());
            let header = last | block.kind << 1 | block.size << 3;
            out.extend(&header.to_le_bytes()[..3]);
            out.extend(&block.bytes);
        }
        out.extend(self.checksum.iter().flat_map(|checksum| checksum.to_le_bytes()));
        out
    }

    /// The content size, and the flag that says in how many bytes.
    fn encoded_size(&self) -> (u8, Vec<u8>) {
        let Some(size) = self.content_size else {
            return (0, Vec::new());
        };
        let flag = self.size_flag.unwrap_or(match size {
            0..256 if self.window.is_none() => 0,
            256..65_792 => 1,
            0..0x1_0000_0000 => 2,
            _ => 3,
        });
        // Two bytes hold what is more than 255.
        let number = if flag == 1 { size.saturating_sub(256) } else { size };
        (flag, number.to_le_bytes()[..1 << flag].to_vec())
    }
}

/// A frame of this content, as the builders of layers use it.
pub(crate) fn frame(content: &[u8]) -> Vec<u8> {
    Frame::of(content).encode()
}

/// A frame of this content in the format of zstd v0.7.
pub(crate) fn legacy_frame(content: &[u8]) -> Vec<u8> {
    // The header is that of today.
    let (flag, size) = Frame::of(content).encoded_size();
    let header = [&LEGACY_MAGIC[..], &[flag << 6 | 1 << 5], &size[..]].concat();
    let [.., high, middle, low] = super::len(content).to_be_bytes();
    // A raw block, and one that is the end.
    [&header[..], &[1 << 6 | high, middle, low], content, &[3 << 6, 0, 0]].concat()
}

/// The checksum of a frame with this content.
pub(crate) fn checksum(content: &[u8]) -> u32 {
    let [a, b, c, d, ..] = xxh64(content).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The content in blocks: longer runs of one byte as such, the rest raw.
fn blocks(content: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut raw: Vec<u8> = Vec::new();
    for run in content.chunk_by(|a, b| a == b) {
        if run.len() < RUN {
            raw.extend(run);
            continue;
        }
        blocks.extend(raw.chunks(BLOCK).map(Block::raw));
        raw.clear();
        blocks.extend(run.chunks(BLOCK).map(|part| Block::run(part[0], part.len())));
    }
    blocks.extend(raw.chunks(BLOCK).map(Block::raw));
    if blocks.is_empty() {
        blocks.push(Block::raw(&[]));
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::{super::EditInPlace, Frame, frame};

    #[test]
    fn libzstd_decodes_the_frames() {
        let mixed = [&b"abc"[..], &[0; 300_000], &b"def".repeat(100)].concat();
        let long: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for content in [&b""[..], b"a", &[7; 255], &[7; 256], &mixed, &long] {
            assert_eq!(zstd::decode_all(frame(content).as_slice()).unwrap(), content);
            let unsized_frame = Frame::of(content).edit(|frame| {
                frame.window = Some(10 << 3);
                frame.content_size = None;
                frame.checksum = None;
            });
            assert_eq!(zstd::decode_all(unsized_frame.encode().as_slice()).unwrap(), content);
        }
    }
}
