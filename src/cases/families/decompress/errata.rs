//! What decoders of zstd disagree about, or once did: forms that are rare in what compressors make, and corruption that
//! is easily overlooked.

use super::{
    Block, Bug, Builder, Choice, EditInPlace, Frame, Rule, Sequences, TINY_TABLE, TINY_TABLE_CONTENT, Tag, block,
    blocks::{around, bare, one_match, sized, text, text_and_matches},
    content, copy, frame, legacy_frame, literals, run_of_literals, tar_output,
};

impl Builder<'_> {
    pub(super) fn errata(&mut self) {
        self.tables();
        self.numbers_of_sequences();
        self.offsets();
        self.bits();
        self.content_sizes();
        self.legacy();
        self.damage_behind_a_frame();
    }

    /// libzstd's own frame of 2048 zeros, whose compressed block is damaged in one byte.
    fn damage_behind_a_frame(&mut self) {
        const ZEROS: [u8; 21] = [
            0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x4d, 0x00, 0x00, 0x10, 0x00, 0x00, 0x01, 0x00, 0xfb, 0xff, 0x00, 0x0b,
            0x02, 0x3e, 0xd8,
        ];
        let tar = content();
        let second = |damage: u8| {
            let mut zeros = ZEROS.to_vec();
            zeros[17] ^= damage;
            [frame(&tar), zeros, vec![0xa4]].concat()
        };
        let input = self.input(&second(0));
        self.cases
            .valid(
                "second-frame-compressed",
                "a frame and one with a compressed block of zeros",
                "A decoder that stops at the end of the first frame gives a truncated tar.",
                input,
                tar_output(&[&tar[..], &[0; 2048]].concat()),
            )
            .rules(&[Rule::FrameMagic])
            .tags(&[Tag("interop")]);
        let input = self.input(&second(0xff));
        self.cases
            .invalid(
                "second-frame-damaged",
                "second-frame-compressed",
                "a damaged byte in the second block",
                "A decoder that begins anew after an error decodes the damaged frame for ever.",
                &[Rule::FrameContent],
                input,
            )
            .tags(&[Tag("robustness")])
            .bugs(&[Bug("broken-frame-loop")]);
    }

    fn tables(&mut self) {
        self.file(
            "tiny-fse-table",
            "an FSE table that ends less than 4 bytes before its block does",
            "A decoder that reads tables in words finds the input too short.",
            TINY_TABLE_CONTENT,
            TINY_TABLE,
        )
        .tags(&[Tag("interop"), Tag("boundary")])
        .bugs(&[Bug("klauspost-tiny-table")]);
    }

    fn numbers_of_sequences(&mut self) {
        let run = run_of_literals(b'a', 100);
        let none = |number: &[u8]| bare(vec![block(&run, number)]).encode();
        self.file(
            "no-sequences-in-one-byte",
            "a compressed block of literals only",
            "A block without sequences is taken for a broken one.",
            &[b'a'; 100],
            &none(&[0]),
        );
        self.file(
            "no-sequences-in-two-bytes",
            "a compressed block of literals only, the number of sequences in two bytes",
            "A number that could have been written in fewer bytes is taken for a broken one.",
            &[b'a'; 100],
            &none(&[0x80, 0]),
        )
        .tags(&[Tag("boundary")])
        .bugs(&[
            Bug("libzstd-no-sequences"),
            Bug("ruzstd-no-sequences"),
            Bug("fzstd-no-sequences"),
        ]);
        self.broken_file(
            "bytes-behind-no-sequences",
            "no-sequences-in-one-byte",
            "a byte behind the number of sequences",
            "Bytes of a block belong to nothing.",
            &[b'a'; 100],
            &none(&[0, 0xaa]),
        )
        .bugs(&[Bug("klauspost-behind-sequences")]);
        let nothing = Block {
            kind: 2,
            size: 0,
            bytes: Vec::new(),
        };
        let (blob, output) = around(&[b'a'; 100], &bare(vec![nothing, block(&run, &[0])]).encode());
        let input = self.input(&blob);
        self.cases
            .either(
                "compressed-block-of-no-bytes",
                "a compressed block of 0 bytes before one of literals",
                "One decoder gives the content of a layer that another calls corrupt.",
                Choice("compressed-block-of-no-bytes"),
                input,
                output,
            )
            .rules(&[Rule::FrameContent])
            .tags(&[Tag("boundary")]);
        // Five literals in one stream of one byte, with the Huffman tree of the block before.
        self.broken_file(
            "treeless-literals-first",
            "no-sequences-in-one-byte",
            "literals that use the Huffman tree of the block before, where there is none",
            "A tree that was never given is taken from memory that was never written.",
            &[b'a'; 5],
            &bare(vec![block(&[0x53, 0x40, 0, 1], &[0])]).encode(),
        );
    }

    /// The offset value 3 with no literals before it means the last offset less one, and a frame begins with 1.
    fn offsets(&mut self) {
        let frames = |bits: u32| {
            let sequences = Sequences::of(1, [0, 1, 29], bits).encode();
            sized(132, vec![Block::raw(&text()), block(&literals(b""), &sequences)]).encode()
        };
        let third = text().edit(|content| copy(content, 8, 32));
        self.file(
            "repeated-offset",
            "a match at the third of the offsets that a frame begins with",
            "Offsets that are named by their place are counted wrongly where no literals come before.",
            &third,
            &frames(0),
        );
        let one = text().edit(|content| copy(content, 1, 32));
        let (blob, output) = around(&one, &frames(1));
        let input = self.input(&blob);
        self.cases
            .either(
                "offset-zero",
                "a match at the last offset less one, which comes to 0",
                "An offset of 0 names no byte; a decoder that makes one up gives content where another gives none.",
                Choice("offset-zero"),
                input,
                output,
            )
            .rules(&[Rule::FrameContent])
            .tags(&[Tag("robustness"), Tag("boundary")])
            .bugs(&[Bug("libzstd-offset-zero")]);
    }

    /// Bits of sequences that are missing, left over or reserved. All that are there are zero, as those are that a
    /// careless decoder puts in their place.
    fn bits(&mut self) {
        const MISSING: &str = "The bits that are missing are read as zeros, and a truncated block gives content.";
        let (one, sequences) = one_match();
        let frames = |sequences: &Sequences| bare(vec![Block::raw(&text()), block(&one, &sequences.encode())]).encode();
        let with = |bits: Vec<(u32, u32)>| {
            frames(&Sequences {
                bits,
                ..sequences.clone()
            })
        };
        self.broken_file(
            "sequence-bits-missing",
            "one-match",
            "three of the six bits of its offset",
            MISSING,
            &text_and_matches(1),
            &with(vec![(0, 3)]),
        )
        .bugs(&[Bug("libzstd-sequence-bits"), Bug("klauspost-block-limits")]);
        self.broken_file(
            "sequence-bits-left",
            "one-match",
            "nine bits more than its offset has",
            "Bits of a block belong to nothing.",
            &text_and_matches(1),
            &with(vec![(0, 6), (0, 9)]),
        );
        let empty = sequences.encode().edit(|bytes| {
            bytes.pop();
            bytes.push(0);
        });
        self.broken_file(
            "sequence-bits-unmarked",
            "one-match",
            "no bit that marks where the bits of the sequences begin",
            "The mark is looked for in the bytes before, or in a byte that has none.",
            &text_and_matches(1),
            &bare(vec![Block::raw(&text()), block(&one, &empty)]).encode(),
        );
        for (slug, change, bit) in [
            (
                "reserved-mode-bit-0",
                "the lower of the two reserved bits beside the modes of its tables",
                1,
            ),
            (
                "reserved-mode-bit-1",
                "the upper of the two reserved bits beside the modes of its tables",
                2,
            ),
        ] {
            self.broken_file(
                slug,
                "one-match",
                change,
                "A block of a future version is decoded as one of today's.",
                &text_and_matches(1),
                &frames(&sequences.clone().edit(|sequences| sequences.modes |= bit)),
            )
            .bugs(&[Bug("libzstd-reserved-modes"), Bug("klauspost-reserved-modes")]);
        }
        let before = text().repeat(4);
        let forty = |count: usize| {
            let all = Sequences::of(40, [0, 8, 0], 0);
            let kept = all.edit(|sequences| sequences.bits.truncate(count));
            bare(vec![Block::raw(&before), block(&literals(b""), &kept.encode())]).encode()
        };
        let whole = before.clone().edit(|content| {
            for _ in 0..40 {
                copy(content, 253, 3);
            }
        });
        self.file(
            "forty-matches",
            "a compressed block with 40 matches, whose offsets take 8 bits each",
            "Sequences are decoded wrongly.",
            &whole,
            &forty(40),
        );
        for (missing, bugs) in [
            (8, &[Bug("libzstd-sequence-bits"), Bug("klauspost-block-limits")][..]),
            (64, &[Bug("libzstd-sequence-bits")]),
            (256, &[Bug("libzstd-sequence-bits"), Bug("klauspost-sequence-bits")]),
        ] {
            self.broken_file(
                &format!("sequence-bits-missing-{missing}"),
                "forty-matches",
                &format!("{missing} of their 320 bits are missing"),
                MISSING,
                &whole,
                &forty(40 - missing / 8),
            )
            .tags(&[Tag("boundary")])
            .bugs(bugs);
        }
    }

    fn content_sizes(&mut self) {
        for (slug, twin, title, flag, bugs) in [
            (
                "content-size-0",
                "content-size-in-one-byte",
                "a frame of 100 bytes, the content size in one byte",
                0,
                &[Bug("klauspost-size-zero")][..],
            ),
            (
                "content-size-0-in-eight-bytes",
                "content-size-in-eight-bytes",
                "a frame of 100 bytes, the content size in eight bytes",
                3,
                &[Bug("klauspost-size-zero")],
            ),
        ] {
            let frames = |size| {
                sized(size, vec![Block::raw(&text())])
                    .edit(|frame| frame.size_flag = Some(flag))
                    .encode()
            };
            self.file(
                twin,
                title,
                "The content size is not read, or read in another width.",
                &text(),
                &frames(100),
            );
            self.broken_file(
                slug,
                twin,
                "a content size of 0",
                "A size of 0 is taken for an unknown one, and the content is written over the end of an empty buffer.",
                &text(),
                &frames(0),
            )
            .tags(&[Tag("boundary")])
            .bugs(bugs);
        }
    }

    /// Frames of zstd before v0.8, which RFC 8878 does not know.
    fn legacy(&mut self) {
        const WHY: &str = "Frames of a format that no document of today describes are content to decoders that were built \
                           for them, and nothing to others.";
        let tar = content();
        let (first, second) = tar.split_at(512);
        for (slug, twin, change, blob) in [
            (
                "legacy-frame",
                "one-frame",
                "the frame in the format of zstd v0.7",
                legacy_frame(&tar),
            ),
            (
                "legacy-frame-second",
                "two-frames",
                "the second frame in the format of zstd v0.7",
                [frame(first), legacy_frame(second)].concat(),
            ),
        ] {
            if twin == "two-frames" {
                let input = self.input(&[frame(first), frame(second)].concat());
                self.cases
                    .valid(
                        twin,
                        "a frame for the header and one for the rest",
                        "A decoder that stops at the end of the first frame gives a truncated tar, often without an error.",
                        input,
                        tar_output(&tar),
                    )
                    .rules(&[Rule::FrameMagic])
                    .tags(&[Tag("interop")])
                    .bugs(&[Bug("first-frame-only")]);
            }
            let input = self.input(&blob);
            self.cases
                .invalid(slug, twin, change, WHY, &[Rule::FrameMagic], input)
                .tags(&[Tag("security"), Tag("robustness")])
                .bugs(&[Bug("legacy-frames")]);
        }
    }

    /// A limit that is looked at for one frame and not for another.
    pub(super) fn later_windows(&mut self) {
        let tar = content();
        let (first, second) = tar.split_at(512);
        let window = Frame::of(second).edit(|frame| frame.window = Some(16 << 3 | 7));
        let input = self.input(&[frame(first), window.encode()].concat());
        self.cases
            .valid(
                "window-120-mib-second",
                "a second frame with a window of 120 MiB",
                "The window is looked at when a decoder is used again, with another limit than at first.",
                input,
                tar_output(&tar),
            )
            .rules(&[Rule::FrameWindow])
            .tags(&[Tag("interop"), Tag("boundary")])
            .bugs(&[Bug("ruzstd-window")]);
    }
}
