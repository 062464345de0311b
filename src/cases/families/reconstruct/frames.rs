//! Frames in places where a reader hands them to a decoder by themselves, and what a chunk of zeros says of its frames.

use super::{
    Bug, Builder, Choice, EditInPlace, G5, NamedDigest, Parts, Payloads, Plan, Rule, SKIPPABLE, Tag, TarEntry,
    document, frame, len, sealed, skippable, small, tar,
};
use crate::{
    forge::{
        blocks::{TINY_TABLE, TINY_TABLE_CONTENT},
        zstd::{Frame, legacy_frame},
    },
    format::Digest,
};

impl Builder<'_> {
    pub(super) fn frames_of_files(&mut self) {
        self.odd_frames();
        self.frames_of_the_index();
        self.legacy_frames();
        self.wide_frame_of_a_file();
        self.zeros();
    }

    fn odd_frames(&mut self) {
        let plan = Plan::new(G5, vec![TarEntry::file("a", TINY_TABLE_CONTENT)]);
        self.valid(
            "g5-tiny-fse-table",
            "a file whose frame has an FSE table that ends less than 4 bytes before its block does",
            "A decoder that reads tables in words finds the input too short, and the layer is refused.",
            Rule::FrameContent,
            &sealed(in_frames(&plan, TINY_TABLE)),
        )
        .tags(&[Tag("interop"), Tag("boundary")])
        .bugs(&[Bug("klauspost-tiny-table")]);
        let content = last_content(&small());
        let (first, second) = content.split_at(content.len() / 2);
        let (whole, nothing) = (frame(&content), skippable(SKIPPABLE, b""));
        self.alone(|builder| {
            for (slug, title, frames) in [
                (
                    "range-with-skippable-frame",
                    "a file whose range is two data frames with an empty skippable frame between them",
                    [frame(first), nothing.clone(), frame(second)].concat(),
                ),
                (
                    "range-begins-with-skippable-frame",
                    "a file whose range is an empty skippable frame and then its data frame",
                    [nothing.clone(), whole.clone()].concat(),
                ),
                (
                    "range-ends-with-skippable-frame",
                    "a file whose range is its data frame and then an empty skippable frame",
                    [whole.clone(), nothing.clone()].concat(),
                ),
            ] {
                builder.either(
                    slug,
                    title,
                    "A decoder that stops at what gives nothing has a part of the file or nothing, and one that passes over \
                     it all of it.",
                    Choice("skippable-in-range"),
                    Rule::RangeSkippable,
                    &sealed(in_frames(&small(), &frames)),
                );
            }
        });
    }

    /// Frames of the index that need a window of 144 MiB, or are no frames at all.
    fn frames_of_the_index(&mut self) {
        let wide = |content: &[u8]| {
            Frame::of(content)
                .edit(|frame| frame.window = Some(17 << 3 | 1))
                .encode()
        };
        let toc = small().parts().payloads().edit(|payloads| {
            payloads.toc = wide(payloads.toc_json.as_bytes());
        });
        let parts = small().parts();
        let tar_split = wide(document(&parts.tar_split).as_bytes());
        for (slug, title, payloads) in [
            ("toc-window-144-mib", "a TOC in a frame with a window of 144 MiB", toc),
            (
                "tar-split-window-144-mib",
                "a tar-split in a frame with a window of 144 MiB",
                with_tar_split(parts, tar_split),
            ),
        ] {
            self.either(
                slug,
                title,
                "Readers limit the length of the index, and a frame of some bytes still makes them allocate a window.",
                Choice("large-window"),
                Rule::FrameWindow,
                &payloads.place().layer(),
            );
        }
        let nothing = Plan::new(G5, vec![]).edit(|plan| plan.tail.clear());
        self.invalid(
            "tar-split-of-skippable-frame",
            "g5-nothing-empty-frame",
            "a tar-split whose payload is an empty skippable frame",
            "What decodes to nothing is taken for a frame, and readers disagree whether the layer has a tar-split.",
            &[Rule::IndexFrame, Rule::IndexFrames],
            &with_tar_split(nothing.parts(), skippable(SKIPPABLE, b""))
                .place()
                .layer(),
        );
    }

    /// Content of runs, in a frame of one segment, whose window is all of it; and so much besides that a reader may divide the work.
    fn wide_frame_of_a_file(&mut self) {
        let entries = vec![
            TarEntry::file("wide", vec![0; 9 << 20]),
            TarEntry::file("other", b"0123456789abcdef".repeat(20_000)),
        ];
        self.alone(|builder| {
            builder
                .valid(
                    "g5-window-9-mib",
                    "a file of 9 MiB in a frame whose window has as much, and a file of 320000 bytes that are stored",
                    "A reader that decodes several files at once gives each decoder less memory, and refuses what it reads one by one.",
                    Rule::FrameWindow,
                    &Plan::new(G5, entries).layer(),
                )
                .tags(&[Tag("boundary")]);
        });
    }

    /// Frames of zstd before v0.8, which RFC 8878 does not know.
    fn legacy_frames(&mut self) {
        const WHY: &str = "Frames of a format that no document of today describes are content to readers whose decoder was \
                           built for them, and nothing to others.";
        let content = last_content(&small());
        self.alone(|builder| {
            builder
                .invalid(
                    "range-legacy-frame",
                    "g5",
                    "the frame of the last file in the format of zstd v0.7",
                    WHY,
                    &[Rule::RangeFrames, Rule::FrameMagic],
                    &sealed(in_frames(&small(), &legacy_frame(&content))),
                )
                .bugs(&[Bug("legacy-frames")]);
        });
        let payloads = small().parts().payloads().edit(|payloads| {
            payloads.toc = legacy_frame(payloads.toc_json.as_bytes());
        });
        self.invalid(
            "toc-legacy-frame",
            "g5",
            "the TOC in the format of zstd v0.7",
            WHY,
            &[Rule::IndexFrame],
            &payloads.place().layer(),
        )
        .bugs(&[Bug("legacy-frames")]);
    }

    /// A file of nothing but zeros in one chunk, which says so.
    fn zeros(&mut self) {
        let parts = Plan::new(G5, vec![TarEntry::file("zeros", [0; 4096])]).parts();
        let one_chunk = sealed(parts.edit(|parts| {
            let file = &mut parts.toc[0];
            file.chunk_type = "zeros".into();
            file.chunk_size = file.size;
            file.chunk_digest.clone_from(&file.digest);
        }));
        self.valid(
            "g5-zeros-chunk",
            "a file of zeros in one chunk, whose type is zeros",
            "A file whose only chunk has a type is taken for one in several chunks, or the type is not seen.",
            Rule::ZerosChunk,
            &one_chunk,
        );
        // The writer of this layer does not hold what it says of itself: neither do the frames give so many zeros, nor
        // has anybody computed the digests of so many.
        let claimed = TarEntry::file("zeros", vec![0; 128 << 10]).edit(|entry| {
            entry.claimed = Some(1 << 40);
            entry.patches.push((124, tar::base256(12, 1 << 40)));
        });
        let parts = Plan::new(G5, vec![claimed]).parts().edit(|parts| {
            let file = &mut parts.toc[0];
            file.chunk_type = "zeros".into();
            file.chunk_size = file.size;
            file.digest = Digest::of(b"other").to_string();
            file.chunk_digest.clone_from(&file.digest);
        });
        self.alone(|builder| {
            builder
                .invalid(
                    "zeros-chunk-of-1-tib",
                    "g5-zeros-chunk",
                    "a size of 1 TiB, and a frame that gives 128 KiB",
                    "Zeros that need not be fetched are hashed or written before anything is held against their number: a \
                     layer of some hundred bytes costs an hour, or the disk.",
                    &[Rule::RangeSize, Rule::FileDigest, Rule::ZerosChunk],
                    &sealed(parts),
                )
                .tags(&[Tag("robustness")])
                .limits(10, 512);
        });
    }
}

/// The layer with this payload for its tar-split, and its digest in the TOC.
fn with_tar_split(parts: Parts, tar_split: Vec<u8>) -> Payloads {
    let digest = Digest::of(&tar_split).to_string();
    let payloads = parts
        .edit(|parts| parts.named_digest = NamedDigest::Other(digest))
        .payloads();
    payloads.edit(|payloads| payloads.tar_split = tar_split)
}

/// The content of the last entry.
pub(super) fn last_content(plan: &Plan) -> Vec<u8> {
    plan.entries
        .last()
        .map(|entry| entry.content.clone())
        .unwrap_or_default()
}

/// The layer with these frames for the content of the last file, whose range is theirs. No other range moves.
pub(super) fn in_frames(plan: &Plan, frames: &[u8]) -> Parts {
    plan.parts().edit(|parts| {
        let at = parts.toc.len() - 1;
        let offset = usize::try_from(parts.toc[at].offset).unwrap_or_default();
        let end = usize::try_from(parts.toc[at].end_offset).unwrap_or_default();
        parts.toc[at].end_offset = parts.toc[at].offset + len(frames);
        parts.data.splice(offset..end, frames.iter().copied());
    })
}
