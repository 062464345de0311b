//! Blocks: how large they may be, and how far they may refer.

use super::{
    Block, Bug, Builder, Case, Dialect, EditInPlace, Frame, Plan, REPEATED, Rule, Sequences, Tag, TarEntry, TarOutput,
    block, copy, frame, literals, run_of_literals, tar_output,
};

/// The most that a block may hold, and give.
const LARGEST: usize = 128 << 10;

/// A text of 100 bytes, to be referred to.
pub(super) fn text() -> Vec<u8> {
    b"abcdefghij".repeat(10)
}

/// A frame with a window of 2 MiB, without content size and checksum, so that nothing but its blocks says what it holds.
pub(super) fn bare(blocks: Vec<Block>) -> Frame {
    Frame::of(b"").edit(|frame| {
        frame.window = Some(11 << 3);
        frame.content_size = None;
        frame.checksum = None;
        frame.blocks = blocks;
    })
}

/// A frame whose window is its content of this size, without checksum.
pub(super) fn sized(size: usize, blocks: Vec<Block>) -> Frame {
    bare(blocks).edit(|frame| {
        frame.window = None;
        frame.content_size = u64::try_from(size).ok();
    })
}

/// A block with the byte x and a match of 32 bytes, 61 bytes back.
pub(super) fn one_match() -> (Vec<u8>, Sequences) {
    (literals(b"x"), Sequences::of(1, [1, 6, 29], 0))
}

/// The text, and what the block of [`one_match`] adds to it so many times.
pub(super) fn text_and_matches(times: usize) -> Vec<u8> {
    text().edit(|content| {
        for _ in 0..times {
            content.push(b'x');
            copy(content, 61, 32);
        }
    })
}

/// A tar with a file of this content, which these frames are to give, and the blob of it.
pub(super) fn around(content: &[u8], frames: &[u8]) -> (Vec<u8>, TarOutput) {
    let tar = Plan::new(Dialect::G2, vec![TarEntry::file("a", content)]).tar();
    let (header, rest) = tar.split_at(512);
    let blob = [&frame(header), frames, &frame(&rest[content.len()..])].concat();
    (blob, tar_output(&tar))
}

impl Builder<'_> {
    /// A file of this content, in these frames.
    pub(super) fn file(&mut self, slug: &str, title: &str, why: &str, content: &[u8], frames: &[u8]) -> Case<'_> {
        let (blob, output) = around(content, frames);
        let input = self.input(&blob);
        self.cases
            .valid(slug, title, why, input, output)
            .rules(&[Rule::FrameContent])
    }

    /// A file in frames that do not give this content, though a careless decoder may say so.
    pub(super) fn broken_file(
        &mut self,
        slug: &str,
        twin: &str,
        change: &str,
        why: &str,
        content: &[u8],
        frames: &[u8],
    ) -> Case<'_> {
        let (blob, _) = around(content, frames);
        let input = self.input(&blob);
        self.cases
            .invalid(slug, twin, change, why, &[Rule::FrameContent], input)
            .tags(&[Tag("robustness")])
    }

    pub(super) fn block_sizes(&mut self) {
        for (limit, what, window) in [(LARGEST, "128-kib", 11 << 3), (1024, "window", 0)] {
            let in_words = if what == "window" {
                "in a window of 1024 bytes"
            } else {
                "in a window of 2 MiB"
            };
            for kind in ["run", "raw", "compressed"] {
                let frames = |size: usize| {
                    let block = match kind {
                        "run" => Block::run(b'a', size),
                        "raw" => Block::raw(&vec![b'a'; size]),
                        _ => block(&run_of_literals(b'a', size), b"\0"),
                    };
                    bare(vec![block]).edit(|frame| frame.window = Some(window)).encode()
                };
                let of = format!("block-of-{what}-{kind}");
                self.file(
                    &of,
                    &format!("a block ({kind}) of {limit} bytes {in_words}"),
                    "A block of the largest size is taken for one that is too large.",
                    &vec![b'a'; limit],
                    &frames(limit),
                )
                .tags(&[Tag("boundary")]);
                let above = limit + 1;
                self.broken_file(
                    &format!("block-above-{what}-{kind}"),
                    &of,
                    &format!("a block of {above} bytes"),
                    "A block that is larger than the format allows is written over the end of a buffer, or is content to \
                     one decoder and an error to another.",
                    &vec![b'a'; above],
                    &frames(above),
                )
                .tags(&[Tag("boundary")])
                .bugs(&[Bug("klauspost-block-limits")]);
            }
        }
        self.blocks_with_content_size();
        self.stored_sizes();
    }

    /// Decoders that know how much will come may take another path.
    fn blocks_with_content_size(&mut self) {
        let windowed = |size: usize| {
            bare(vec![Block::run(b'a', size)])
                .edit(|frame| {
                    frame.window = Some(0);
                    frame.content_size = u64::try_from(size).ok();
                })
                .encode()
        };
        self.file(
            "block-of-window-with-content-size",
            "a block of 1024 bytes in a window of 1024 bytes, the content size declared",
            "A block of the largest size is taken for one that is too large.",
            &[b'a'; 1024],
            &windowed(1024),
        )
        .tags(&[Tag("boundary")]);
        self.broken_file(
            "block-above-window-with-content-size",
            "block-of-window-with-content-size",
            "a block of 1025 bytes, and as many declared",
            "A decoder that has room for all of the content does not compare the block with the window, and the frame is \
             content to it and an error to another.",
            &[b'a'; 1025],
            &windowed(1025),
        )
        .tags(&[Tag("boundary")])
        .bugs(&[Bug("libzstd-whole-frame"), Bug("klauspost-block-limits")]);
        let run = |length| sized(100, vec![Block::run(b'a', length)]).encode();
        self.file(
            "run-of-content-size",
            "a run of 100 bytes in a frame that declares 100",
            "A block that fills the frame is taken for one that is too large.",
            &[b'a'; 100],
            &run(100),
        )
        .tags(&[Tag("boundary")]);
        self.broken_file(
            "run-above-content-size",
            "run-of-content-size",
            "a run of 101 bytes",
            "A run is written over the end of a buffer of the declared size.",
            &[b'a'; 100],
            &run(101),
        )
        .tags(&[Tag("boundary")])
        .bugs(&[Bug("klauspost-block-limits")]);
    }

    /// What a compressed block takes itself. That it takes less than it gives, as RFC 8478 once said, is no rule: its
    /// erratum 5786 took the sentence back.
    fn stored_sizes(&mut self) {
        // The header of the literals has three bytes, and the number of sequences one.
        let frames = |stored: usize| bare(vec![block(&literals(&vec![b'a'; stored - 4]), b"\0")]).encode();
        self.file(
            "compressed-block-128-kib",
            "a compressed block that takes 128 KiB itself",
            "A compressed block of the largest size is taken for one that is too large.",
            &vec![b'a'; LARGEST - 4],
            &frames(LARGEST),
        )
        .tags(&[Tag("boundary")])
        .bugs(&[Bug("libzstd-full-block")]);
        self.broken_file(
            "compressed-block-above-128-kib",
            "compressed-block-128-kib",
            "a block that takes a byte more",
            "A block that is larger than the format allows is read over the end of a buffer, or is content to one decoder \
             and an error to another.",
            &vec![b'a'; LARGEST - 3],
            &frames(LARGEST + 1),
        )
        .tags(&[Tag("boundary")]);
        self.file(
            "compressed-block-empty",
            "a compressed block without literals and sequences",
            "A block that gives nothing is taken for a broken one.",
            b"",
            &bare(vec![block(&literals(b""), b"\0")]).encode(),
        )
        .tags(&[Tag("boundary")])
        .bugs(&[Bug("libzstd-empty-block")]);
    }

    /// A frame knows nothing of the one before.
    pub(super) fn state(&mut self) {
        const STATE: &str = "What one frame leaves behind is used for the next, and the content depends on what was decoded \
                             before.";
        let (before, one) = (Block::raw(&text()), one_match());
        let again = Sequences {
            modes: REPEATED,
            codes: Vec::new(),
            ..one.1.clone()
        };
        let matched = block(&one.0, &one.1.encode());
        let repeated = block(&one.0, &again.encode());
        self.file(
            "one-match",
            "a compressed block with one match, into the block before",
            "Sequences are decoded wrongly.",
            &text_and_matches(1),
            &bare(vec![before.clone(), matched.clone()]).encode(),
        );
        self.broken_file(
            "match-into-frame-before",
            "one-match",
            "a frame for each of the two blocks",
            STATE,
            &text_and_matches(1),
            &[
                bare(vec![before.clone()]).encode(),
                bare(vec![matched.clone()]).encode(),
            ]
            .concat(),
        )
        .bugs(&[Bug("klauspost-block-limits")]);
        self.file(
            "repeated-tables",
            "a compressed block whose tables are those of the block before",
            "The tables of a block are not kept for the next one.",
            &text_and_matches(2),
            &bare(vec![before.clone(), matched.clone(), repeated.clone()]).encode(),
        );
        self.broken_file(
            "repeated-tables-first",
            "repeated-tables",
            "no block before it has tables",
            "Tables that were never given are taken from memory that was never written.",
            &text_and_matches(1),
            &bare(vec![before.clone(), repeated.clone()]).encode(),
        );
        let first = bare(vec![before.clone(), matched.clone()]).encode();
        self.broken_file(
            "repeated-tables-of-frame-before",
            "repeated-tables",
            "the block in a frame of its own behind the text",
            STATE,
            &[text_and_matches(1), text_and_matches(1)].concat(),
            &[first.clone(), bare(vec![before.clone(), repeated]).encode()].concat(),
        );
        // Offset value 1 stands for the last offset, which is 1 when a frame begins.
        let newest = block(&literals(b"x"), &Sequences::of(1, [1, 0, 29], 0).encode());
        let second = text().edit(|content| {
            content.push(b'x');
            copy(content, 1, 32);
        });
        self.file(
            "repeated-offset-in-second-frame",
            "two frames, the second with a match at the first of the offsets that a frame begins with",
            STATE,
            &[text_and_matches(1), second].concat(),
            &[first, bare(vec![before, newest]).encode()].concat(),
        );
    }
}
