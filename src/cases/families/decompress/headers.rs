//! Every field of a frame's header, at its limits, and skippable frames of every size.

use super::{
    Block, Builder, Choice, EditInPlace, Frame, Rule, SKIPPABLE, Tag, content, frame, resources::zeros_output,
    skippable, tar_output,
};

/// The most that a block may give.
const LARGEST: usize = 128 << 10;

/// A frame of this content in blocks that are runs or raw, whichever is usual.
fn of(content: &[u8], change: impl FnOnce(&mut Frame)) -> Vec<u8> {
    Frame::of(content).edit(change).encode()
}

/// A single segment of so many blocks of zeros.
fn single_segment(blocks: usize) -> Vec<u8> {
    of(b"", |frame| {
        frame.content_size = u64::try_from(blocks * LARGEST).ok();
        frame.checksum = None;
        frame.blocks = vec![Block::run(0, LARGEST); blocks];
    })
}

impl Builder<'_> {
    pub(super) fn every_field(&mut self) {
        self.limits_of_content_sizes();
        self.optional_fields();
        self.windows_and_content();
        self.dictionaries();
        self.sizes_of_skippable_frames();
        self.borders_of_buffers();
    }

    /// A blob that decodes to this.
    fn gives(&mut self, slug: &str, title: &str, why: &str, rule: Rule, blob: &[u8], content: &[u8]) {
        let input = self.input(blob);
        self.cases
            .valid(slug, title, why, input, tar_output(content))
            .rules(&[rule])
            .tags(&[Tag("boundary")]);
    }

    fn limits_of_content_sizes(&mut self) {
        const WHY: &str = "The content size has a field of 1, 2, 4 or 8 bytes, and that of 2 bytes counts from 256: at its limits another \
                           size is read.";
        for size in [255, 256, 257, 65_791, 65_792] {
            let content = vec![b'a'; size];
            self.gives(
                &format!("content-size-{size}"),
                &format!("a frame of {size} bytes, the content size in the fewest bytes"),
                WHY,
                Rule::FrameContent,
                &frame(&content),
                &content,
            );
        }
        for (slug, title, size, flag) in [
            (
                "content-size-1-in-four-bytes",
                "a frame of one byte, the content size in four bytes",
                1,
                2,
            ),
            (
                "content-size-256-in-four-bytes",
                "a frame of 256 bytes, the content size in four bytes",
                256,
                2,
            ),
            (
                "content-size-256-in-eight-bytes",
                "a frame of 256 bytes, the content size in eight bytes",
                256,
                3,
            ),
            (
                "content-size-0-in-one-byte",
                "a frame of no bytes, the content size in one byte",
                0,
                0,
            ),
            (
                "content-size-0-in-four-bytes",
                "a frame of no bytes, the content size in four bytes",
                0,
                2,
            ),
        ] {
            let content = vec![b'a'; size];
            let blob = of(&content, |frame| frame.size_flag = Some(flag));
            self.gives(slug, title, WHY, Rule::FrameContent, &blob, &content);
        }
        for (slug, twin, change, size) in [
            (
                "content-size-of-256-is-0",
                "content-size-256",
                "a content size of 512 in the field of 2 bytes",
                512,
            ),
            (
                "content-size-of-256-wraps",
                "content-size-256",
                "a content size of 65536 + 255",
                65_536 + 255,
            ),
        ] {
            let blob = of(&[b'a'; 256], |frame| frame.content_size = Some(size));
            self.invalid(slug, twin, change, WHY, &[Rule::FrameContent], &blob)
                .tags(&[Tag("boundary")]);
        }
    }

    /// What a frame can have and leave out, in every combination that the cases before do not have.
    fn optional_fields(&mut self) {
        const WHY: &str = "A field that can be left out is looked for, or one that is there is taken for content.";
        let tar = content();
        let bare = |frame: &mut Frame| {
            frame.content_size = None;
            frame.window = Some(10 << 3);
        };
        let rows: [(&str, &str, Vec<u8>); 6] = [
            (
                "without-checksum",
                "a frame with a content size and no checksum",
                of(&tar, |frame| frame.checksum = None),
            ),
            (
                "without-content-size-checked",
                "a frame with a window and a checksum, and no content size",
                of(&tar, bare),
            ),
            (
                "without-all",
                "a frame with a window and nothing else",
                of(&tar, |frame| {
                    bare(frame);
                    frame.checksum = None;
                }),
            ),
            (
                "with-dictionary-id-0-unsized",
                "a frame with a window and a dictionary id of 0, and no content size",
                of(&tar, |frame| {
                    bare(frame);
                    frame.dictionary = Some(0);
                }),
            ),
            (
                "unused-bit",
                "a frame whose unused bit is set",
                of(&tar, |frame| frame.flags = 1 << 4),
            ),
            (
                "with-everything",
                "a frame with a window, a dictionary id of 0 in two bytes, a content size in four, a checksum and the unused bit",
                of(&tar, |frame| {
                    frame.window = Some(10 << 3);
                    frame.dictionary = Some(0);
                    frame.dictionary_flag = 2;
                    frame.size_flag = Some(2);
                    frame.flags = 1 << 4;
                }),
            ),
        ];
        for (slug, title, blob) in rows {
            let why = if slug == "unused-bit" {
                "RFC 8878 tells decoders to ignore the bit; it is not the reserved one beside it."
            } else {
                WHY
            };
            self.gives(slug, title, why, Rule::FrameContent, &blob, &tar);
        }
        let mut first = frame(&tar[..512]);
        let second = of(&tar[512..], |frame| frame.checksum = None);
        first.extend(second);
        self.gives(
            "checksum-of-first-only",
            "two frames, of which the first alone has a checksum",
            "What the header of one frame says counts for the next.",
            Rule::FrameChecksum,
            &first,
            &tar,
        );
        let wrong = of(&tar, |frame| {
            bare(frame);
            frame.checksum = frame.checksum.map(|sum| sum ^ 0x8000_0000);
        });
        self.invalid(
            "without-content-size-checksum-wrong",
            "without-content-size-checked",
            "another last bit of the checksum",
            "The checksum is compared only where the content size is known.",
            &[Rule::FrameChecksum],
            &wrong,
        );
        let empty = of(b"", |frame| frame.checksum = frame.checksum.map(|sum| sum ^ 1));
        self.invalid(
            "empty-frame-checksum-wrong",
            "empty-frames",
            "a wrong checksum of the last frame, which is empty",
            "The checksum of a frame without content is not compared.",
            &[Rule::FrameChecksum],
            &[frame(b""), frame(&tar), empty].concat(),
        );
    }

    fn windows_and_content(&mut self) {
        const WHY: &str = "The window is rounded to a power of two, or content is kept in a buffer of its size.";
        let tar = content();
        for (slug, title, descriptor) in [
            ("window-1-kib", "a frame with a window of 1 KiB and one block of it", 0),
            (
                "window-1920",
                "a frame with a window of 1920 bytes, seven eighths above 1 KiB",
                7,
            ),
            ("window-8-mib", "a frame with a window of 8 MiB", 13 << 3),
            ("window-9-mib", "a frame with a window of 9 MiB", 13 << 3 | 1),
            ("window-15-mib", "a frame with a window of 15 MiB", 13 << 3 | 7),
        ] {
            let blob = of(&tar, |frame| {
                frame.window = Some(descriptor);
                frame.content_size = None;
                frame.blocks = tar.chunks(512).map(Block::raw).collect();
            });
            self.gives(slug, title, WHY, Rule::FrameWindow, &blob, &tar);
        }
        let long = b"0123456789a".repeat(10_000);
        let small = of(&long, |frame| {
            frame.window = Some(0);
            frame.blocks = long.chunks(1000).map(Block::raw).collect();
        });
        self.gives(
            "window-smaller-than-content",
            "a frame of 110000 bytes with a window of 1 KiB",
            WHY,
            Rule::FrameWindow,
            &small,
            &long,
        );
        let input = self.input(&single_segment(72));
        self.cases
            .valid(
                "single-segment-9-mib",
                "a single segment of 9 MiB, which is its window",
                "The content size of a single segment is the window; a decoder with a limit of 8 MiB refuses it.",
                input,
                zeros_output(72),
            )
            .rules(&[Rule::FrameWindow])
            .tags(&[Tag("boundary")]);
        let zeros = vec![0; 2 * LARGEST + 1];
        let blocks = of(&zeros, |frame| {
            frame.blocks = vec![Block::run(0, LARGEST), Block::run(0, LARGEST), Block::run(0, 1)];
        });
        self.gives(
            "blocks-of-128-kib-and-a-byte",
            "a frame of two blocks of 128 KiB and one of a byte",
            "The last block is lost where the output is a whole number of buffers.",
            Rule::FrameContent,
            &blocks,
            &zeros,
        );
        let input = self.input(&single_segment(1152));
        self.cases
            .either(
                "single-segment-144-mib",
                "a single segment of 144 MiB, which is its window",
                "The limit on windows is compared with the descriptor of a window only, and a single segment has none.",
                Choice("large-single-segment"),
                input,
                zeros_output(1152),
            )
            .rules(&[Rule::FrameWindow])
            .tags(&[Tag("robustness")])
            .limits(30, 1024);
    }

    fn dictionaries(&mut self) {
        for (slug, twin, change, id, flag) in [
            (
                "dictionary-id-in-one-byte",
                "with-dictionary-id-0-short",
                "dictionary id 255",
                255,
                1,
            ),
            (
                "dictionary-id-in-two-bytes",
                "with-dictionary-id-0-of-two-bytes",
                "dictionary id 65535",
                65_535,
                2,
            ),
            (
                "dictionary-id-2-24",
                "with-dictionary-id-0",
                "dictionary id 2^24",
                1 << 24,
                3,
            ),
        ] {
            let blob = of(&content(), |frame| {
                frame.dictionary = Some(id);
                frame.dictionary_flag = flag;
            });
            self.invalid(
                slug,
                twin,
                change,
                "The id is compared in part, or not where its field is short, and the frame is decoded without its dictionary.",
                &[Rule::FrameDictionary],
                &blob,
            )
            .tags(&[Tag("boundary")]);
        }
    }

    fn sizes_of_skippable_frames(&mut self) {
        const WHY: &str =
            "A skippable frame that is longer than a buffer is passed over in part, and the rest taken for frames.";
        let tar = content();
        for (slug, title, length) in [
            (
                "skippable-64-kib",
                "a skippable frame of 64 KiB before the frame",
                64 << 10,
            ),
            (
                "skippable-128-kib",
                "a skippable frame of 128 KiB and a byte before the frame",
                (128 << 10) + 1,
            ),
            (
                "skippable-1-mib",
                "a skippable frame of 1 MiB before the frame",
                1 << 20,
            ),
            (
                "skippable-16-mib",
                "a skippable frame of 16 MiB before the frame",
                16 << 20,
            ),
        ] {
            let blob = [skippable(SKIPPABLE, &vec![0; length]), frame(&tar)].concat();
            self.gives(slug, title, WHY, Rule::FrameMagic, &blob, &tar);
        }
        let every: Vec<u8> = (0..16)
            .flat_map(|variant| skippable(SKIPPABLE + variant, b"skip me"))
            .collect();
        self.gives(
            "skippable-every-magic",
            "skippable frames of all sixteen magic numbers before the frame, and after it",
            "Some of the sixteen are not known, and the layer seems to begin or end with rubbish.",
            Rule::FrameMagic,
            &[&every[..], &frame(&tar), &every].concat(),
            &tar,
        );
        let within: Vec<u8> = [
            skippable(SKIPPABLE, &skippable(SKIPPABLE, b"skip me")[..8]),
            skippable(SKIPPABLE, &[0xff; 64]),
            skippable(SKIPPABLE, b"GNUlInUx"),
            skippable(SKIPPABLE, &[0x1f, 0x8b, 8, 0]),
        ]
        .concat();
        self.gives(
            "skippable-odd-bytes",
            "skippable frames that hold the header of one, bytes of 0xff, the magic of a footer and that of gzip",
            "What is in a skippable frame is looked at.",
            Rule::FrameMagic,
            &[&within[..], &frame(&tar)].concat(),
            &tar,
        );
    }

    /// Frames whose headers are cut in two by the end of every usual buffer, each at another byte.
    fn borders_of_buffers(&mut self) {
        let mut blob = Vec::new();
        let mut tar = Vec::new();
        for (at, border) in (1..=40).map(|border| border * 4096).enumerate() {
            let before = border - (1 + at % 13);
            blob.extend(skippable(SKIPPABLE, &vec![0; before - blob.len() - 8]));
            let part = [b'a'; 30];
            blob.extend(frame(&part));
            tar.extend(part);
        }
        self.gives(
            "frames-over-borders",
            "40 frames, each over a multiple of 4096 bytes",
            "A header or a checksum that a buffer cuts in two is read as it is in the buffer.",
            Rule::FrameMagic,
            &blob,
            &tar,
        );
        let mut blob = Vec::new();
        let mut tar = Vec::new();
        for (at, border) in (1..=32).map(|border| border * 4096).enumerate() {
            let part = [b'a'; 30];
            blob.extend(frame(&part));
            tar.extend(part);
            let before = border - (1 + at % 8);
            let raw = vec![0; before.saturating_sub(blob.len() + 8)];
            blob.extend(skippable(SKIPPABLE, &raw));
            blob.extend(skippable(SKIPPABLE + 1, b"skip"));
        }
        self.gives(
            "skippable-frames-over-borders",
            "32 skippable frames whose headers are over a multiple of 4096 bytes",
            "The length of a skippable frame that a buffer cuts in two is read as it is in the buffer.",
            Rule::FrameMagic,
            &blob,
            &tar,
        );
    }
}
