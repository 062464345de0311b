//! Blobs of some kilobytes, or of some megabytes of the same few bytes, that cost a careless decoder all memory or all time.

use sha2::{Digest as _, Sha256};

use super::{
    Block, Builder, DecompressInput, EditInPlace, Frame, Rule, SKIPPABLE, Tag, TarOutput, content, skippable,
    tar_output,
};
use crate::{
    forge::number,
    vectors::{Bytes, Decimal, bytes::Part},
};

const THOUSANDS: usize = 100_000;

/// The most that a block may give.
const BLOCK: usize = 128 << 10;

/// A window descriptor of 128 KiB.
const WINDOW: u8 = 7 << 3;

impl Builder<'_> {
    pub(super) fn resources(&mut self) {
        self.much_output();
        self.many_pieces();
        self.huge_declarations();
    }

    /// A tar of nothing but zeros, far larger than the memory that decoding takes.
    fn much_output(&mut self) {
        const BLOCKS: usize = 4096;
        let zeros = Frame::of(b"").edit(|frame| {
            frame.window = Some(WINDOW);
            frame.content_size = None;
            frame.checksum = None;
            frame.blocks = vec![Block::run(0, BLOCK); BLOCKS];
        });
        let output = zeros_output(BLOCKS);
        let input = self.input(&zeros.encode());
        self.cases
            .valid(
                "zeros-of-512-mib",
                "a frame of 16 KiB with a window of 128 KiB that decodes to 512 MiB of zeros",
                "A decoder that collects its output before it hands it on runs out of memory on large layers.",
                input,
                output,
            )
            .rules(&[Rule::FrameContent])
            .limits(10, 256);
    }

    fn many_pieces(&mut self) {
        let tar = content();
        let whole = Frame::of(&tar).encode();
        let sixteen = Frame::of(&[0; 16]).edit(|frame| frame.checksum = None).encode();
        let nothing = Frame::of(b"").edit(|frame| frame.checksum = None).encode();
        let empty = skippable(SKIPPABLE, b"");
        let zeros = vec![0; 16 * THOUSANDS];
        let why = "Each frame costs a decoder of its own, a copy of the output so far, or a level of the stack.";
        for (slug, title, rule, parts, tar) in [
            (
                "hundred-thousand-frames",
                "a hundred thousand frames of 16 bytes",
                Rule::FrameMagic,
                vec![Part::of(&sixteen, THOUSANDS)],
                &zeros,
            ),
            (
                "hundred-thousand-empty-frames",
                "a hundred thousand empty frames before one with content",
                Rule::FrameMagic,
                vec![Part::of(&nothing, THOUSANDS), Part::of(&whole, 1)],
                &tar,
            ),
            (
                "hundred-thousand-skippable-frames",
                "a hundred thousand empty skippable frames before the frame",
                Rule::FrameMagic,
                vec![Part::of(&empty, THOUSANDS), Part::of(&whole, 1)],
                &tar,
            ),
            (
                "hundred-thousand-blocks",
                "a frame of a hundred thousand blocks of 16 bytes",
                Rule::FrameContent,
                many_blocks(),
                &zeros,
            ),
        ] {
            let blob = Bytes::Parts(parts);
            self.cases
                .valid(slug, title, why, DecompressInput { blob }, tar_output(tar))
                .rules(&[rule])
                .limits(60, 512);
        }
    }

    fn huge_declarations(&mut self) {
        let windowed = Frame::of(&content()).edit(|frame| frame.window = Some(WINDOW));
        self.valid(
            "content-size-and-window",
            "a frame with a content size and a window",
            "A decoder that knows one of the two only refuses the frame.",
            Rule::FrameContent,
            &[Tag("interop")],
            &windowed.encode(),
        );
        for (slug, change, size) in [
            ("content-size-2-31", "a content size of 2^31", 1 << 31),
            ("content-size-2-32", "a content size of 2^32", 1 << 32),
            ("content-size-2-40", "a content size of 2^40", 1 << 40),
            ("content-size-2-62", "a content size of 2^62", 1 << 62),
            ("content-size-2-63", "a content size of 2^63", 1 << 63),
            ("content-size-2-64-minus-3", "a content size of 2^64 - 3", u64::MAX - 2),
        ] {
            let blob = windowed.clone().edit(|frame| frame.content_size = Some(size)).encode();
            let input = self.input(&blob);
            self.cases
                .invalid(
                    slug,
                    "content-size-and-window",
                    change,
                    "Memory is allocated for what the frame declares, and not for what it holds.",
                    &[Rule::FrameContent],
                    input,
                )
                .tags(&[Tag("robustness"), Tag("boundary")])
                .limits(10, 512);
        }
    }
}

/// What a tar of so many of the largest blocks is, all of zeros.
pub(super) fn zeros_output(blocks: usize) -> TarOutput {
    let mut hash = Sha256::new();
    for _ in 0..blocks {
        hash.update([0; BLOCK]);
    }
    TarOutput {
        sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        size: Decimal(number(blocks * BLOCK)),
    }
}

/// A frame of a hundred thousand blocks that are runs of 16 zeros, as pieces.
fn many_blocks() -> Vec<Part> {
    let frame = |blocks| {
        Frame::of(b"").edit(|frame| {
            frame.window = Some(WINDOW);
            frame.content_size = None;
            frame.checksum = None;
            frame.blocks = blocks;
        })
    };
    let two = frame(vec![Block::run(0, 16), Block::run(0, 16)]).encode();
    let (rest, last) = two.split_at(two.len() - 4);
    let (header, block) = rest.split_at(rest.len() - 4);
    vec![Part::of(header, 1), Part::of(block, THOUSANDS - 1), Part::of(last, 1)]
}
