//! `layer/decompress`.

use super::{Blobs, Family, samples, tar_output};
use crate::{
    format::Dialect,
    rules::Rule,
    vectors::{
        Choice, Tag,
        generate::build::{
            Edit, SKIPPABLE,
            layer::Plan,
            skippable, tar,
            zstd::{Block, Frame, frame},
        },
        ops::{DecompressInput, TarOutput},
    },
};

type Cases = Family<DecompressInput, TarOutput>;

/// Adds cases, keeping their large inputs.
struct Bench<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut bench = Bench {
        cases: Cases::new("decompress"),
        blobs,
    };
    bench.many_frames();
    bench.skippable_frames();
    bench.frame_headers();
    bench.windows();
    bench.blocks();
    bench.cut_and_followed();
    bench.layers();
    bench.cases
}

/// The tar of the cases, which is as short as one with a file can be.
fn content() -> Vec<u8> {
    Plan::new(
        Dialect::G2,
        vec![tar::Entry::file("a", "some text that is long enough\n")],
    )
    .tar()
}

impl Bench<'_> {
    fn input(&mut self, blob: &[u8]) -> DecompressInput {
        DecompressInput {
            blob: self.blobs.place(blob),
        }
    }

    fn valid(&mut self, slug: &str, title: &str, why: &str, rule: Rule, tags: &[Tag], blob: &[u8]) {
        let input = self.input(blob);
        let output = tar_output(&content());
        self.cases
            .valid(slug, title, why, input, output)
            .rules(&[rule])
            .tags(tags);
    }

    fn invalid(&mut self, slug: &str, twin: &str, change: &str, why: &str, rules: &[Rule], blob: &[u8]) {
        let input = self.input(blob);
        self.cases
            .invalid(slug, twin, change, why, rules, input)
            .tags(&[Tag::Robustness]);
    }

    fn many_frames(&mut self) {
        let tar = content();
        self.valid(
            "one-frame",
            "one frame",
            "The layer cannot be read at all.",
            Rule::FrameContent,
            &[],
            &frame(&tar),
        );
        let parts: Vec<u8> = tar.chunks(100).flat_map(frame).collect();
        let input = self.input(&parts);
        self.cases
            .valid(
                "many-frames",
                "a frame for every 100 bytes",
                "A decoder that stops at the end of the first frame gives a truncated tar, often without an error.",
                input,
                tar_output(&tar),
            )
            .rules(&[Rule::FrameMagic])
            .tags(&[Tag::Interop])
            .history(&[
                "https://github.com/composefs/composefs-rs/pull/381",
                "https://github.com/Nullus157/async-compression/issues/271",
                "https://github.com/bootc-dev/bootc/issues/2408",
            ]);
        let empty = [frame(b""), frame(&tar), frame(b"")].concat();
        self.valid(
            "empty-frames",
            "empty frames around one with content",
            "A frame without content is taken for the end of the data.",
            Rule::FrameMagic,
            &[Tag::Boundary],
            &empty,
        );
    }

    fn skippable_frames(&mut self) {
        const WHY: &str = "A decoder that does not know skippable frames fails, or ends where the first one begins.";
        let tar = content();
        let (first, second) = tar.split_at(512);
        let skip = skippable(SKIPPABLE, b"skip me");
        for (slug, title, blob) in [
            (
                "skippable-between",
                "a skippable frame between two frames",
                [frame(first), skip.clone(), frame(second)],
            ),
            (
                "skippable-last",
                "a skippable frame behind the frame",
                [frame(&tar), skip.clone(), vec![]],
            ),
            (
                "skippable-twice",
                "two skippable frames one after the other",
                [skip.clone(), skip.clone(), frame(&tar)],
            ),
            (
                "skippable-empty",
                "an empty skippable frame before the frame",
                [skippable(SKIPPABLE, b""), frame(&tar), vec![]],
            ),
            (
                "skippable-holds-frame",
                "a skippable frame that holds a whole frame",
                [
                    skippable(SKIPPABLE, &frame(b"not part of the tar")),
                    frame(&tar),
                    vec![],
                ],
            ),
        ] {
            self.valid(slug, title, WHY, Rule::FrameMagic, &[Tag::Interop], &blob.concat());
        }
        for variant in [0_u32, 1, 15] {
            let blob = [skippable(SKIPPABLE + variant, &[0; 4]), frame(&tar)].concat();
            let input = self.input(&blob);
            let magic = SKIPPABLE + variant;
            self.cases
                .valid(
                    &format!("skippable-first-{:02x}", 0x50 + variant),
                    &format!("a skippable frame of magic 0x{magic:08X} before the frame"),
                    "The layer is not recognised as zstd by its first bytes, and is taken for an uncompressed tar.",
                    input,
                    tar_output(&tar),
                )
                .rules(&[Rule::FrameMagic])
                .tags(&[Tag::Interop])
                .history(&[
                    "https://github.com/moby/moby/pull/42862",
                    "https://github.com/containerd/containerd/pull/6177",
                ]);
        }
        let input = self.input(&skip);
        self.cases
            .valid(
                "skippable-only",
                "nothing but a skippable frame",
                "The compressed form of no bytes at all is taken for an error.",
                input,
                tar_output(b""),
            )
            .rules(&[Rule::FrameMagic])
            .tags(&[Tag::Boundary]);
    }

    fn frame_headers(&mut self) {
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
            &[Tag::Interop],
            &bare.clone().edit(|frame| frame.blocks = raw(&tar)).encode(),
        );
        self.valid(
            "with-dictionary-id-0",
            "a frame whose dictionary id is 0",
            "Zero means no dictionary, whether it is written or left out.",
            Rule::FrameDictionary,
            &[Tag::Boundary],
            &usual.clone().edit(|frame| frame.dictionary = Some(0)).encode(),
        );
        self.invalid(
            "dictionary-id",
            "with-dictionary-id-0",
            "dictionary id 1",
            "Without the dictionary the content is unknown; a decoder that goes on makes something up.",
            &[Rule::FrameDictionary],
            &usual.clone().edit(|frame| frame.dictionary = Some(1)).encode(),
        );
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
        );
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
                &usual
                    .clone()
                    .edit(|frame| frame.content_size = frame.content_size.and_then(|size| size.checked_add_signed(by)))
                    .encode(),
            );
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
                    frame.window = Some(0);
                })
                .encode(),
        );
    }

    fn windows(&mut self) {
        let tar = content();
        let window = |descriptor: u8| Frame::of(&tar).edit(|frame| frame.window = Some(descriptor)).encode();
        for (slug, title, descriptor) in [
            ("window-32-mib", "a frame with a window of 32 MiB", 15 << 3),
            ("window-128-mib", "a frame with a window of 128 MiB", 17 << 3),
        ] {
            self.valid(
                slug,
                title,
                "Windows above the 8 MiB that RFC 8878 suggests are refused, as skopeo 1.9.3 writes them.",
                Rule::FrameWindow,
                &[Tag::Interop, Tag::Boundary],
                &window(descriptor),
            );
        }
        for (slug, title, descriptor) in [
            ("window-144-mib", "a frame with a window of 144 MiB", 17 << 3 | 1),
            ("window-1-gib", "a frame with a window of 1 GiB", 20 << 3),
        ] {
            let input = self.input(&window(descriptor));
            self.cases
                .either(
                    slug,
                    title,
                    "A decoder that allocates the window at once can be made to waste memory by a frame of a few bytes.",
                    Choice::LargeWindow,
                    input,
                    tar_output(&tar),
                )
                .rules(&[Rule::FrameWindow])
                .tags(&[Tag::Robustness]);
        }
    }

    fn blocks(&mut self) {
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
        let with_empty = Frame::of(&tar).edit(|frame| {
            frame.blocks.insert(1, Block::raw(b""));
            frame.blocks.push(Block::raw(b""));
        });
        self.valid(
            "empty-blocks",
            "a frame with empty blocks, the last one among them",
            "An empty block is taken for the end of the frame, or a frame with an empty last block for a broken one.",
            Rule::FrameContent,
            &[Tag::Boundary],
            &with_empty.encode(),
        );
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
            .tags(&[Tag::Robustness])
            .history(&["https://github.com/Nullus157/async-compression/pull/470"]);
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
        );
    }

    fn cut_and_followed(&mut self) {
        const CUT: &str = "A truncated download passes for the whole layer.";
        const MORE: &str = "What stands between or behind the frames is passed over, so that bytes of the layer belong \
                            to nothing.";
        let tar = content();
        let whole = frame(&tar);
        let (first, second) = tar.split_at(512);
        let two = [frame(first), frame(second)].concat();
        let cut = |bytes: &[u8], by: usize| bytes[..bytes.len() - by].to_vec();
        for (slug, twin, change, blob) in [
            (
                "cut-checksum",
                "one-frame",
                "the last byte of the checksum is missing",
                cut(&whole, 1),
            ),
            (
                "cut-block",
                "one-frame",
                "the end of the last block is missing",
                cut(&whole, 5),
            ),
            (
                "cut-header",
                "one-frame",
                "only the first five bytes",
                whole[..5].to_vec(),
            ),
            (
                "cut-second-frame",
                "many-frames",
                "two frames, the second one cut in the middle",
                cut(&two, 20),
            ),
            (
                "cut-skippable",
                "skippable-last",
                "the skippable frame lacks its last byte",
                cut(&[whole.clone(), skippable(SKIPPABLE, b"skip me")].concat(), 1),
            ),
            (
                "cut-skippable-header",
                "skippable-last",
                "the skippable frame ends within its header",
                cut(&[whole.clone(), skippable(SKIPPABLE, b"")].concat(), 2),
            ),
            (
                "skippable-length-max",
                "skippable-last",
                "the skippable frame claims 2^32 - 1 bytes",
                [&whole[..], &SKIPPABLE.to_le_bytes(), &[0xff; 4], b"skip me"].concat(),
            ),
        ] {
            self.invalid(slug, twin, change, CUT, &[Rule::FrameContent, Rule::FrameMagic], &blob);
        }
        for (slug, change, blob) in [
            (
                "garbage-behind",
                "text behind the frame",
                [&whole[..], b"garbage"].concat(),
            ),
            (
                "garbage-before",
                "text before the frame",
                [&b"garbage"[..], &whole].concat(),
            ),
            (
                "zeros-behind",
                "512 zero bytes behind the frame",
                [&whole[..], &[0; 512]].concat(),
            ),
            (
                "byte-behind",
                "one zero byte behind the frame",
                [&whole[..], &[0]].concat(),
            ),
            (
                "magic-behind",
                "the magic of another frame behind the frame",
                [&whole[..], &whole[..4]].concat(),
            ),
        ] {
            self.invalid(
                slug,
                "one-frame",
                change,
                MORE,
                &[Rule::FrameMagic, Rule::FrameContent],
                &blob,
            );
        }
        self.invalid(
            "uncompressed",
            "one-frame",
            "the tar itself",
            "A layer whose media type says zstd is read as something else, and two readers see two layers.",
            &[Rule::FrameMagic],
            &tar,
        );
    }

    /// Layers as writers write them: for a plain decoder the index is just skippable frames.
    fn layers(&mut self) {
        let chunked = || [samples::small(), vec![samples::chunked()]].concat();
        let plans = Dialect::ALL
            .iter()
            .map(|&dialect| (dialect.name().to_owned(), dialect, Plan::new(dialect, chunked())))
            .chain([
                ("g1-stargz".to_owned(), Dialect::G1, Plan::stargz(samples::small())),
                (
                    "every-type".to_owned(),
                    Dialect::G5,
                    Plan::new(Dialect::G5, samples::every_type()),
                ),
            ]);
        for (slug, dialect, plan) in plans.collect::<Vec<_>>() {
            let layer = plan.layer();
            let input = self.input(&layer.blob);
            self.cases
                .valid(
                    &format!("layer-{slug}"),
                    &format!("a layer of {slug} as a whole"),
                    "A decoder that ends at a frame boundary or chokes on the index gives a truncated layer or none.",
                    input,
                    tar_output(&layer.tar),
                )
                .rules(&[Rule::FrameMagic])
                .dialects(&[dialect])
                .tags(&[Tag::Interop]);
        }
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
