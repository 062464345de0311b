//! Sequences: each length of literals and of a match that a code stands for, and offsets that are repeated.

use super::{
    Builder, Sequences, Tag, block,
    blocks::{bare, one_match, text, text_and_matches},
    copy, literals, run_of_literals,
};
use crate::forge::{blocks::ONE_SYMBOL, zstd::Block};

/// The codes from here on leave bits open. Each row is the least length of a code, and how many bits are added to it.
const LITERALS: (u8, [(u32, u32); 20]) = (
    16,
    [
        (16, 1),
        (18, 1),
        (20, 1),
        (22, 1),
        (24, 2),
        (28, 2),
        (32, 3),
        (40, 3),
        (48, 4),
        (64, 6),
        (128, 7),
        (256, 8),
        (512, 9),
        (1024, 10),
        (2048, 11),
        (4096, 12),
        (8192, 13),
        (16384, 14),
        (32768, 15),
        (65536, 16),
    ],
);
/// The same for matches, which have at least 3 bytes.
const MATCHES: (u8, [(u32, u32); 21]) = (
    32,
    [
        (35, 1),
        (37, 1),
        (39, 1),
        (41, 1),
        (43, 2),
        (47, 2),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 5),
        (131, 7),
        (259, 8),
        (515, 9),
        (1027, 10),
        (2051, 11),
        (4099, 12),
        (8195, 13),
        (16387, 14),
        (32771, 15),
        (65539, 16),
    ],
);
/// The most that a block may give.
const LARGEST: u32 = 128 << 10;

/// All codes, each with its bits, and the length that it is with all of them set, or with as many as a block has room for.
fn lengths<const N: usize>(codes: (u8, [(u32, u32); N]), least: u32, others: u32) -> Vec<(u8, (u32, u32), usize)> {
    let (first, rows) = codes;
    let without = (0..first).map(|code| (code, (u32::from(code) + least, 0)));
    without
        .chain((first..).zip(rows))
        .map(|(code, (base, width))| {
            let added = ((1 << width) - 1).min(LARGEST - others - base);
            (code, (added, width), usize::try_from(base + added).unwrap_or_default())
        })
        .collect()
}

/// A block of one sequence, whose offset is one that was used before: the first to the third in the order that they have without
/// literals or with them.
fn repeated(length: u8, value: u32) -> Block {
    let sequences = Sequences {
        count: 1,
        modes: ONE_SYMBOL,
        codes: vec![length, u8::from(value > 1), 29],
        bits: vec![(u32::from(value == 3), u32::from(value > 1))],
    };
    block(&literals(&b"x"[..usize::from(length)]), &sequences.encode())
}

impl Builder<'_> {
    pub(super) fn sequences(&mut self) {
        self.every_length();
        self.repeated_offsets();
        self.codes_above();
    }

    /// A block for each code, behind a text. The offset is 61.
    fn every_length(&mut self) {
        const WHY: &str = "One row of the table of codes is wrong, which ordinary files seldom use.";
        let (mut content, mut blocks) = (text(), vec![Block::raw(&text())]);
        for (code, bits, length) in lengths(LITERALS, 0, 3) {
            let byte = b'A' + code;
            let sequences = Sequences {
                bits: vec![(0, 6), bits],
                ..Sequences::of(1, [code, 6, 0], 0)
            };
            let of = if length == 0 {
                literals(b"")
            } else {
                run_of_literals(byte, length)
            };
            blocks.push(block(&of, &sequences.encode()));
            content.resize(content.len() + length, byte);
            copy(&mut content, 61, 3);
        }
        self.file(
            "every-literals-length",
            "36 blocks, one for each code of a length of literals, with all bits set that the code leaves open",
            WHY,
            &content,
            &bare(blocks).encode(),
        )
        .tags(&[Tag("boundary")]);
        let (mut content, mut blocks) = (text(), vec![Block::raw(&text())]);
        for (code, bits, length) in lengths(MATCHES, 3, 1) {
            let sequences = Sequences {
                bits: vec![(0, 6), bits],
                ..Sequences::of(1, [1, 6, code], 0)
            };
            let byte = b'A' + code;
            blocks.push(block(&literals(&[byte]), &sequences.encode()));
            content.push(byte);
            copy(&mut content, 61, length);
        }
        self.file(
            "every-match-length",
            "53 blocks, one for each code of a length of a match, with all bits set that the code leaves open",
            WHY,
            &content,
            &bare(blocks).encode(),
        )
        .tags(&[Tag("boundary")]);
    }

    fn repeated_offsets(&mut self) {
        let (mut content, mut blocks) = (text(), vec![Block::raw(&text())]);
        // With these offsets a frame begins.
        let mut last = [1, 4, 8];
        // The third without literals takes one from the newest offset.
        for (length, value) in [(1, 2), (1, 3), (0, 1), (0, 3), (0, 2), (1, 1)] {
            blocks.push(repeated(length, value));
            content.extend(std::iter::repeat_n(b'x', usize::from(length)));
            let at = usize::try_from(value).unwrap_or_default() - usize::from(length);
            let offset = last.get(at).copied().unwrap_or(last[0] - 1);
            let before = last;
            match at {
                0 => {}
                1 => last = [offset, before[0], before[2]],
                _ => last = [offset, before[0], before[1]],
            }
            copy(&mut content, offset, 32);
        }
        self.file(
            "repeated-offsets",
            "matches at offsets that were used before, of sequences with literals and without",
            "Without literals the values of repeated offsets mean other offsets, and the newest less 1 is one of them.",
            &content,
            &bare(blocks).encode(),
        )
        .tags(&[Tag("boundary")]);
    }

    fn codes_above(&mut self) {
        for (slug, change, codes) in [
            (
                "literals-length-code-36",
                "a code of 36 for the length of the literals",
                [36, 6, 29],
            ),
            (
                "match-length-code-53",
                "a code of 53 for the length of the match",
                [1, 6, 53],
            ),
        ] {
            let one = block(&one_match().0, &Sequences::of(1, codes, 0).encode());
            self.broken_file(
                slug,
                "one-match",
                change,
                "The code is one more than the tables have, and what is behind them is read.",
                &text_and_matches(1),
                &bare(vec![Block::raw(&text()), one]).encode(),
            )
            .tags(&[Tag("boundary")]);
        }
    }
}
