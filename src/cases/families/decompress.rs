//! `layer/decompress`.

mod blocks;
mod errata;
mod frames;
mod headers;
mod resources;
mod sequences;

use super::{Blobs, Family, samples, tar_output};
use crate::{
    cases::family::Added,
    forge::{
        EditInPlace, SKIPPABLE,
        blocks::{REPEATED, Sequences, TINY_TABLE, TINY_TABLE_CONTENT, block, copy, literals, run_of_literals},
        layer::Plan,
        skippable,
        tar::{self, TarEntry},
        zstd::{Block, Frame, frame, legacy_frame},
    },
    format::Dialect,
    rules::Rule,
    vectors::{
        Bug, Choice, Tag,
        ops::{DecompressInput, TarOutput},
    },
};

type Cases = Family<DecompressInput, TarOutput>;
type Case<'a> = Added<'a, DecompressInput, TarOutput>;

/// Adds cases, keeping their large inputs.
struct Builder<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut builder = Builder {
        cases: Cases::new("decompress"),
        blobs,
    };
    builder.many_frames();
    builder.skippable_frames();
    builder.frame_headers();
    builder.windows();
    builder.later_windows();
    builder.blocks();
    builder.block_sizes();
    builder.state();
    builder.sequences();
    builder.errata();
    builder.cut_and_followed();
    builder.layers();
    builder.archives();
    builder.every_field();
    builder.resources();
    builder.cases
}

/// The tar of the cases, which is as short as one with a file can be.
fn content() -> Vec<u8> {
    Plan::new(
        Dialect::G2,
        vec![TarEntry::file("a", "some text that is long enough\n")],
    )
    .tar()
}

impl Builder<'_> {
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

    fn invalid(&mut self, slug: &str, twin: &str, change: &str, why: &str, rules: &[Rule], blob: &[u8]) -> Case<'_> {
        let input = self.input(blob);
        self.cases
            .invalid(slug, twin, change, why, rules, input)
            .tags(&[Tag("robustness")])
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
            .tags(&[Tag("interop")])
            .bugs(&[Bug("first-frame-only")]);
        let empty = [frame(b""), frame(&tar), frame(b"")].concat();
        self.valid(
            "empty-frames",
            "empty frames around one with content",
            "A frame without content is taken for the end of the data.",
            Rule::FrameMagic,
            &[Tag("boundary")],
            &empty,
        );
        let input = self.input(b"");
        self.cases
            .either(
                "no-frames",
                "a blob of no bytes",
                "A decoder that asks for a frame, and one that decodes frames until none is left, differ about the least blob of all.",
                Choice("no-frames"),
                input,
                tar_output(b""),
            )
            .rules(&[Rule::FrameMagic])
            .tags(&[Tag("boundary")]);
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
                "skippable-last-of-many",
                "three skippable frames behind the frame, as a layer has them",
                [frame(&tar), skip.clone(), [skip.clone(), skip.clone()].concat()],
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
            self.valid(slug, title, WHY, Rule::FrameMagic, &[Tag("interop")], &blob.concat());
        }
        let zeros = vec![0; 1_000_001];
        let input = self.input(&[frame(&zeros), skip.clone()].concat());
        self.cases
            .valid(
                "skippable-last-after-large",
                "a skippable frame behind a frame of more than 1000000 bytes",
                "The end of the content is looked for behind the skippable frame, and the input seems cut off.",
                input,
                tar_output(&zeros),
            )
            .rules(&[Rule::FrameMagic])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("skippable-refused"), Bug("skippable-last")]);
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
                .tags(&[Tag("interop")])
                .bugs(&[Bug("skippable-first")]);
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
            .tags(&[Tag("boundary")]);
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
                "cut-behind-magic",
                "one-frame",
                "a second frame that is cut off behind its magic",
                [&whole[..], &whole[..4]].concat(),
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
            let bugs = match slug {
                "cut-checksum" | "cut-skippable" | "cut-skippable-header" | "skippable-length-max" => {
                    &[Bug("python-zstandard-cut"), Bug("fzstd-unchecked")][..]
                }
                _ => &[Bug("python-zstandard-cut")],
            };
            self.invalid(slug, twin, change, CUT, &[Rule::FrameContent, Rule::FrameMagic], &blob)
                .bugs(bugs);
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
            ("one-byte", "a single byte in the place of the frame", b"]".to_vec()),
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
                .tags(&[Tag("interop")]);
        }
    }

    /// Tars that a decoder which looks into them, to take them apart and put them together again, gives back changed.
    fn archives(&mut self) {
        const TAIL: &str = "What follows the end-of-archive blocks is dropped, and the DiffID is another.";
        let with_tail = |length: usize| {
            let plan = Plan::new(Dialect::G2, vec![TarEntry::file("a", "some text\n")]);
            plan.edit(|plan| plan.tail = vec![0; length]).tar()
        };
        let global = tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef"));
        let headed = Plan::new(
            Dialect::G2,
            vec![TarEntry::file("a", "some text\n").edit(|entry| entry.before = global)],
        );
        for (slug, title, why, tar, bug) in [
            (
                "tar-record",
                "a tar that is filled up to a whole record of 10240 bytes",
                TAIL,
                with_tail(10_240 - 1024),
                Bug("composefs-tail"),
            ),
            (
                "tar-tail-odd",
                "a tar with 100 zero bytes behind its end",
                TAIL,
                with_tail(1024 + 100),
                Bug("composefs-tail"),
            ),
            (
                "tar-global-header",
                "a tar with a global PAX header",
                "A header that makes no file stops the reader, or is dropped.",
                headed.tar(),
                Bug("composefs-global-header"),
            ),
        ] {
            let input = self.input(&frame(&tar));
            self.cases
                .valid(slug, title, why, input, tar_output(&tar))
                .rules(&[Rule::FrameContent])
                .tags(&[Tag("interop"), Tag("boundary")])
                .bugs(&[bug]);
        }
    }
}
