//! Compressed blocks, put together by hand: literals that are not entropy-coded, and sequences whose tables are one
//! symbol each.

use super::zstd::Block;

/// The bytes of literals as they are.
pub(crate) fn literals(bytes: &[u8]) -> Vec<u8> {
    [literals_header(0, bytes.len()), bytes.to_vec()].concat()
}

/// Literals that are one byte, this many times.
pub(crate) fn run_of_literals(byte: u8, length: usize) -> Vec<u8> {
    [literals_header(1, length), vec![byte]].concat()
}

/// The header of literals of type 0 (raw) or 1 (a run), in the fewest bytes.
fn literals_header(kind: usize, length: usize) -> Vec<u8> {
    let (number, width) = match length {
        0..32 => (length << 3 | kind, 1),
        32..4096 => (length << 4 | 1 << 2 | kind, 2),
        _ => (length << 4 | 3 << 2 | kind, 3),
    };
    number.to_le_bytes()[..width].to_vec()
}

/// The sequences of a block, which all have the same codes.
#[derive(Clone)]
pub(crate) struct Sequences {
    /// Less than 128.
    pub(crate) count: u8,
    /// How the three tables are given: in each pair of bits from the top 1 for one symbol, 3 for the table before. The
    /// lowest pair is reserved.
    pub(crate) modes: u8,
    /// The tables: codes of literals length, offset and match length.
    pub(crate) codes: Vec<u8>,
    /// What the codes leave open, in the order of decoding: value and width in bits.
    pub(crate) bits: Vec<(u32, u32)>,
}

/// Each table is one symbol.
pub(crate) const ONE_SYMBOL: u8 = 0b0101_0100;
/// Each table is that of the block before.
pub(crate) const REPEATED: u8 = 0b1111_1100;

impl Sequences {
    /// Sequences of these codes, each with these bits of its offset.
    pub(crate) fn of(count: u8, codes: [u8; 3], offset_bits: u32) -> Self {
        let width = u32::from(codes[1]);
        Self {
            count,
            modes: ONE_SYMBOL,
            codes: codes.to_vec(),
            bits: vec![(offset_bits, width); usize::from(count)],
        }
    }

    /// The bytes of the section. Its bits are read from the end on, where a 1 marks the first of them.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.count, self.modes];
        out.extend(&self.codes);
        let (mut byte, mut filled) = (0_u8, 0);
        let marked = self.bits.iter().rev().chain([&(1, 1)]);
        for bit in marked.flat_map(|&(value, width)| (0..width).map(move |at| value >> at & 1)) {
            byte |= u8::from(bit == 1) << filled;
            filled += 1;
            if filled == 8 {
                out.push(byte);
                (byte, filled) = (0, 0);
            }
        }
        if filled > 0 {
            out.push(byte);
        }
        out
    }
}

/// A compressed block of these literals and these sequences.
pub(crate) fn block(literals: &[u8], sequences: &[u8]) -> Block {
    let bytes = [literals, sequences].concat();
    Block {
        kind: 2,
        size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        bytes,
    }
}

/// A frame whose literals have a Huffman tree with weights in an FSE table, which ends less than 4 bytes before the block
/// of the sequences' tables does.
pub(crate) const TINY_TABLE: &[u8] = &[
    0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x27, 0xc5, 0x00, 0x00, 0x80, 0xf3, 0xf1, 0xf0, 0xec, 0xeb, 0xc6, 0xc5, 0xc7, 0xf0,
    0x9d, 0x43, 0x00, 0x00, 0x00, 0xe0, 0xe0, 0x06, 0x58, 0x01, 0x00, 0x60, 0x3e, 0x52,
];

/// What libzstd decodes [`TINY_TABLE`] to.
pub(crate) const TINY_TABLE_CONTENT: &[u8] = &[
    0xf3, 0xf3, 0xf3, 0xf3, 0xf3, 0xf1, 0xf1, 0xf1, 0xf1, 0xf1, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xec, 0xec, 0xec, 0xec,
    0xec, 0xeb, 0xeb, 0xeb, 0xeb, 0xeb, 0xc6, 0xc6, 0xc6, 0xc6, 0xc5, 0xc7, 0xf0, 0x9d, 0x43, 0x00, 0x00, 0x00, 0xe0,
    0xe0,
];

/// What a match appends.
pub(crate) fn copy(out: &mut Vec<u8>, offset: usize, length: usize) {
    for _ in 0..length {
        out.push(out[out.len() - offset]);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{EditInPlace, zstd::Frame},
        Block, Sequences, TINY_TABLE, TINY_TABLE_CONTENT, block, copy, literals, run_of_literals,
    };

    #[test]
    fn libzstd_decodes_the_tiny_table() {
        assert_eq!(zstd::decode_all(TINY_TABLE).unwrap(), TINY_TABLE_CONTENT);
    }

    #[test]
    fn libzstd_decodes_the_blocks() {
        let mut content = b"0123456789".repeat(10);
        let before = Block::raw(&content);
        let one = block(&literals(b"x"), &Sequences::of(1, [1, 6, 29], 0).encode());
        let many = block(&literals(b""), &Sequences::of(40, [0, 5, 0], 7).encode());
        let none = block(&run_of_literals(b'r', 5000), b"\0");
        content.push(b'x');
        copy(&mut content, 61, 32);
        for _ in 0..40 {
            copy(&mut content, 36, 3);
        }
        content.extend([b'r'; 5000]);
        let frame = Frame::of(&content).edit(|frame| frame.blocks = vec![before, one, many, none]);
        assert_eq!(zstd::decode_all(frame.encode().as_slice()).unwrap(), content);
    }
}
