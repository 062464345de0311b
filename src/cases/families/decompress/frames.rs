//! Frames: their headers, windows and blocks.

use super::{Block, Bug, Builder, Choice, DecompressInput, EditInPlace, Frame, Rule, Tag, content, frame, tar_output};

/// The descriptor of a window of 2 KiB, the smallest in which all blocks of the tar fit.
const SMALL_WINDOW: u8 = 1 << 3;

/// The frame with a content size that is so much larger than its content.
fn with_other_size(frame: &Frame, by: i64) -> Vec<u8> {
    let size = frame.content_size.and_then(|size| size.checked_add_signed(by));
    frame.clone().edit(|frame| frame.content_size = size).encode()
}

impl Builder<'_> {
    pub(super) fn frame_headers(&mut self) {
        let tar = content();
        let usual = Frame::of(&tar);
        let bare = usual.clone().edit(|frame| {
            frame.checksum = None;
            frame.content_size = None;
            frame.window = Some(0);
        });
        self.valid(
            "without-content-size",
            "a frame without content size and checksum, window of 1 KiB",
            "A decoder that needs the content size fails on what streaming compressors write.",
            Rule::FrameContent,
            &[Tag("interop")],
            &bare.clone().edit(|frame| frame.blocks = raw(&tar)).encode(),
        );
        self.valid(
            "with-dictionary-id-0",
            "a frame whose dictionary id is 0",
            "Zero means no dictionary, whether it is written or left out.",
            Rule::FrameDictionary,
            &[Tag("boundary")],
            &usual.clone().edit(|frame| frame.dictionary = Some(0)).encode(),
        );
        for (slug, title, flag) in [
            (
                "with-dictionary-id-0-short",
                "a frame whose dictionary id is 0, in one byte",
                1,
            ),
            (
                "with-dictionary-id-0-of-two-bytes",
                "a frame whose dictionary id is 0, in two bytes",
                2,
            ),
        ] {
            let dictionary = usual.clone().edit(|frame| {
                frame.dictionary = Some(0);
                frame.dictionary_flag = flag;
            });
            self.valid(
                slug,
                title,
                "The id is taken for a longer one, and bytes of the frame for a part of it.",
                Rule::FrameDictionary,
                &[Tag("boundary")],
                &dictionary.encode(),
            );
        }
        self.valid(
            "longest-header",
            "a frame with the longest header: window, dictionary id 0 and content size in all their bytes",
            "A decoder that reads fewer than the 18 bytes of the longest header finds it cut short.",
            Rule::FrameContent,
            &[Tag("boundary")],
            &usual
                .clone()
                .edit(|frame| {
                    frame.window = Some(SMALL_WINDOW);
                    frame.dictionary = Some(0);
                    frame.size_flag = Some(3);
                })
                .encode(),
        );
        self.invalid(
            "dictionary-id",
            "with-dictionary-id-0",
            "dictionary id 1",
            "Without the dictionary the content is unknown; a decoder that goes on makes something up.",
            &[Rule::FrameDictionary],
            &usual.clone().edit(|frame| frame.dictionary = Some(1)).encode(),
        )
        .bugs(&[Bug("fzstd-unchecked")]);
        self.invalid(
            "reserved-bit",
            "one-frame",
            "the reserved bit of the frame header is set",
            "A frame of a future version is decoded as one of today's.",
            &[Rule::FrameContent],
            &usual.clone().edit(|frame| frame.flags = 1 << 3).encode(),
        );
        self.invalid(
            "checksum-wrong",
            "one-frame",
            "a wrong content checksum",
            "Corrupt data passes for the layer's content.",
            &[Rule::FrameChecksum],
            &usual
                .clone()
                .edit(|frame| frame.checksum = frame.checksum.map(|sum| sum ^ 1))
                .encode(),
        )
        .bugs(&[Bug("ruzstd-unchecked"), Bug("fzstd-unchecked")]);
        for (slug, change, by) in [
            ("content-size-too-large", "a content size 1 too large", 1),
            ("content-size-too-small", "a content size 1 too small", -1),
        ] {
            self.invalid(
                slug,
                "one-frame",
                change,
                "The output ends early or late, and a buffer of the declared size overflows or holds garbage.",
                &[Rule::FrameContent],
                &with_other_size(&usual, by),
            )
            .bugs(&[Bug("ruzstd-unchecked"), Bug("fzstd-unchecked")]);
        }
        self.invalid(
            "content-size-huge",
            "one-frame",
            "a content size of 2^62",
            "A decoder that allocates what the frame declares dies of it.",
            &[Rule::FrameContent, Rule::FrameWindow],
            &usual
                .clone()
                .edit(|frame| {
                    frame.content_size = Some(1 << 62);
                    frame.window = Some(SMALL_WINDOW);
                })
                .encode(),
        );
    }

    pub(super) fn windows(&mut self) {
        let tar = content();
        let window = |descriptor: u8| Frame::of(&tar).edit(|frame| frame.window = Some(descriptor)).encode();
        for (slug, title, descriptor) in [
            ("window-32-mib", "a frame with a window of 32 MiB", 15 << 3),
            ("window-120-mib", "a frame with a window of 120 MiB", 16 << 3 | 7),
            ("window-128-mib", "a frame with a window of 128 MiB", 17 << 3),
        ] {
            self.valid(
                slug,
                title,
                "Windows above the 8 MiB that RFC 8878 suggests are refused, as skopeo 1.9.3 writes them.",
                Rule::FrameWindow,
                &[Tag("interop"), Tag("boundary")],
                &window(descriptor),
            );
        }
        for (slug, title, choice, descriptor) in [
            (
                "window-144-mib",
                "a frame with a window of 144 MiB",
                Choice("large-window"),
                17 << 3 | 1,
            ),
            (
                "window-1-gib",
                "a frame with a window of 1 GiB",
                Choice("very-large-window"),
                20 << 3,
            ),
        ] {
            let input = self.input(&window(descriptor));
            self.cases
                .either(
                    slug,
                    title,
                    "A decoder that allocates the window at once can be made to waste memory by a frame of a few bytes.",
                    choice,
                    input,
                    tar_output(&tar),
                )
                .rules(&[Rule::FrameWindow])
                .tags(&[Tag("robustness")]);
        }
    }

    pub(super) fn blocks(&mut self) {
        let tar = content();
        let raw_only = Frame::of(&tar).edit(|frame| frame.blocks = raw(&tar));
        self.valid(
            "raw-blocks",
            "a frame of raw blocks only",
            "Blocks that are not compressed are not known to a decoder.",
            Rule::FrameContent,
            &[],
            &raw_only.encode(),
        );
        // Longer than the largest block, and than what most decoders read at once.
        let long = b"0123456789abcdef".repeat(8300);
        let input = self.input(&frame(&long));
        self.cases
            .valid(
                "long-frame",
                "a frame of more than 128 KiB",
                "A decoder that takes a frame for whole once its first buffer is used up returns the beginning of the tar.",
                input,
                tar_output(&long),
            )
            .rules(&[Rule::FrameContent])
            .tags(&[Tag("boundary")]);
        let with_empty = Frame::of(&tar).edit(|frame| {
            frame.blocks.insert(1, Block::raw(b""));
            frame.blocks.push(Block::raw(b""));
        });
        self.valid(
            "empty-blocks",
            "a frame with empty blocks, the last one among them",
            "An empty block is taken for the end of the frame, or a frame with an empty last block for a broken one.",
            Rule::FrameContent,
            &[Tag("boundary")],
            &with_empty.encode(),
        );
        for (slug, change, by) in [
            ("empty-blocks-content-size-too-large", "a content size 1 too large", 1),
            ("empty-blocks-content-size-too-small", "a content size 1 too small", -1),
        ] {
            self.invalid(
                slug,
                "empty-blocks",
                change,
                "The size is compared when the last block has been decoded, and there is nothing to decode in an empty one.",
                &[Rule::FrameContent],
                &with_other_size(&with_empty, by),
            );
        }
        for (slug, title, bytes) in [
            (
                "compressed-blocks-fast",
                "a compressed block of libzstd's level 1",
                COMPRESSED_FAST,
            ),
            (
                "compressed-blocks-best",
                "a compressed block of libzstd's level 19",
                COMPRESSED_BEST,
            ),
        ] {
            let input = DecompressInput {
                blob: crate::vectors::Bytes::Hex(bytes.to_owned()),
            };
            let text: String = (0..40)
                .map(|index| format!("entry {index} of the archive is stored in frame {}\n", index * 7 % 13))
                .collect();
            self.cases
                .valid(
                    slug,
                    title,
                    "Literals or sequences are decoded wrongly.",
                    input,
                    tar_output(text.as_bytes()),
                )
                .rules(&[Rule::FrameContent]);
        }
        let reserved = Frame::of(&tar).edit(|frame| frame.blocks[0].kind = 3);
        self.invalid(
            "block-type-reserved",
            "one-frame",
            "the reserved type for the first block",
            "The block is passed over or copied, and the tar is another one.",
            &[Rule::FrameContent],
            &reserved.encode(),
        );
        let second_bad = [frame(b"a good frame"), reserved.encode()].concat();
        let input = self.input(&second_bad);
        self.cases
            .invalid(
                "second-frame-broken",
                "many-frames",
                "two frames, the second with a block of the reserved type",
                "A decoder that restarts at each frame tries the broken one for ever.",
                &[Rule::FrameContent],
                input,
            )
            .tags(&[Tag("robustness")]);
        self.invalid(
            "no-last-block",
            "one-frame",
            "no block is marked as the last",
            "The end of the input is taken for the end of the frame.",
            &[Rule::FrameContent],
            &Frame::of(&tar)
                .edit(|frame| {
                    frame.blocks.push(Block::raw(b""));
                    frame.checksum = None;
                })
                .encode()
                .edit(|bytes| bytes.truncate(bytes.len() - 3)),
        )
        .bugs(&[Bug("python-zstandard-cut")]);
    }
}

/// Raw blocks of at most 1 KiB.
fn raw(content: &[u8]) -> Vec<Block> {
    content.chunks(1024).map(Block::raw).collect()
}

/// What libzstd 1.5.4 made of the text, once.
const COMPRESSED_FAST: &str = concat!(
    "28b52ffd600706cd060042c71517a0b539e0d166d96fda1bf954553c11b972a7a4d00f4ec5e879fcf9ddfcf7fb72e434faf8",
    "6c7c776d1735db624b4f7b45268b3fe86cf23516502c0d864598a14c90d6912086284b045504d660a9488c38ac586125460a",
    "402060334a3d1e0c13676298b826c6c4313126868969624c0c136362989835f8440b10ec329206c42b8d919c93de78dce49a",
    "a445e326c7a4371e27e7f28945a84563e470d9e244722f3161b97238b95d563891dc1b0c613cbdf23781deeb0be19caf25ac",
    "2b2487f33289700f615c418ecb20e21e84b902392e2388e0c34619",
);

/// The same text in smaller form.
const COMPRESSED_BEST: &str = concat!(
    "28b52ffd600706bd0500a209191690391db061c12f59a1dfbbdbdb4444c85ef818db342040cb59be7295a71ce59963defce4",
    "0d67f8c2159e7084278e78f183b7cefaeaaaa78eb2eade9bee6d88dd95aa25442c8bab036777048f18311edc4b1665c5d831",
    "4621bc60572c13c9e7e62d880b34a811702dbfff6760334a7511240440e1ff5f28a41f4d494c1b7cfda3b3662a9827d8898c",
    "2638137d09ab444f0245a21f81cb886a120cc913f5cba8f846731811531cc2a548294284140165990f1855",
);
