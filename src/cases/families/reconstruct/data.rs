//! The content of files: ranges, sizes and digests. What is one edit of the TOC is in `src/cases/layers/ranges.toml`.

use super::{
    Bug, Builder, Choice, Dialect, EditInPlace, G3, G4, G5, Layer, Parts, Plan, Rule, SKIPPABLE, TarEntry, chunked,
    frame, len, samples, sealed, skippable, small,
};
use crate::{
    forge::{checksum::crc64, toc::TocEntry},
    format::Digest,
};

/// A change to what the index says, everything resealed.
type Change = fn(&mut Parts);

impl Builder<'_> {
    pub(super) fn data(&mut self) {
        self.alone(|builder| {
            for dialect in [G5, G4, G3] {
                builder.ranges(dialect);
                builder.sizes_and_digests(dialect);
                builder.chunks(dialect);
            }
            builder.shared_range();
        });
        self.plain_tar();
    }

    fn changed(&mut self, twin: &str, plan: &Plan, why: &str, rows: &[(&str, &str, &[Rule], Change)]) {
        for &(slug, change, rules, apply) in rows {
            let layer = sealed(plan.parts().edit(apply));
            self.invalid(&in_dialect(plan.dialect, slug), twin, change, why, rules, &layer);
        }
    }

    fn ranges(&mut self, dialect: Dialect) {
        let small = Plan::new(dialect, samples::small());
        self.changed(
            dialect.name(),
            &small,
            "The range of a file holds bytes that plain decoding never shows, or is decoded from the middle of a frame.",
            &[(
                "range-reaches-index",
                "a file whose range reaches into the TOC's frame",
                &[Rule::RangeFrames, Rule::RangeSize, Rule::FrameMagic, Rule::FrameContent],
                |p| p.toc[2].end_offset = len(&p.data) + 8,
            )],
        );
        let hidden = frame(b"chunked\n");
        // An empty one before it, since an offset of 0 is left out of a TOC.
        let plan = small.edit(|plan| plan.prefix = [skippable(SKIPPABLE, b""), skippable(SKIPPABLE, &hidden)].concat());
        let end = 16 + len(&hidden);
        let twin = format!("{dialect}-frame-in-skippable-frame");
        self.accepted(
            dialect,
            &twin,
            "a skippable frame before the data, whose payload is a data frame",
            "What a plain decoder passes over is read as data, or stops the reader.",
            Rule::RangeFrames,
            &plan.layer(),
        );
        for (slug, change, rules, offset) in [
            (
                "range-within-skippable-frame",
                "a file whose range is the frame in the skippable frame, which has the same content",
                &[Rule::RangeFrames][..],
                16,
            ),
            (
                "range-of-skippable-frame",
                "a file whose range is the skippable frame, header included",
                &[Rule::RangeSize, Rule::RangeFrames, Rule::RangeSkippable],
                8,
            ),
        ] {
            let layer = sealed(plan.parts().edit(|parts| {
                parts.toc[1].offset = offset;
                parts.toc[1].end_offset = end;
            }));
            self.invalid(
                &in_dialect(dialect, slug),
                &twin,
                change,
                "The file is read from bytes that plain decoding never shows, and only the DiffID tells whether the two agree.",
                rules,
                &layer,
            )
            .bugs(&[Bug("storage-diff-id")]);
        }
    }

    fn sizes_and_digests(&mut self, dialect: Dialect) {
        const WHY: &str = "A file has other bytes than the index promises, and nobody notices.";
        self.changed(
            dialect.name(),
            &Plan::new(dialect, samples::small()),
            WHY,
            &[
                (
                    "range-of-two-frames",
                    "a file whose range takes in the next frame",
                    &[Rule::RangeSize],
                    |p| {
                        p.toc[1].end_offset = p.toc[2].offset;
                    },
                ),
                (
                    "crc-wrong",
                    "a wrong checksum in the tar-split",
                    &[Rule::FileCrc],
                    |p| {
                        if let super::Line::File {
                            payload: Some(payload), ..
                        } = &mut p.tar_split[3]
                        {
                            payload[7] ^= 1;
                        }
                    },
                ),
                (
                    "frame-checksum-wrong",
                    "a wrong content checksum in the frame of a file",
                    &[Rule::FrameChecksum, Rule::RangeSize, Rule::FileDigest],
                    |p| {
                        if let Ok(end) = usize::try_from(p.toc[1].end_offset) {
                            p.data[end - 1] ^= 1;
                        }
                    },
                ),
            ],
        );
    }

    fn shared_range(&mut self) {
        let link = TarEntry::hard_link("b", "a").edit(|entry| entry.claimed = Some(8));
        self.changed(
            "g5-link-with-size",
            &Plan::new(G5, vec![TarEntry::file("a", "content\n"), link]),
            "The content of the link's target is written for the link, as the header's size is believed and the checksum agrees.",
            &[(
                "crc-of-link",
                "the checksum of the linked file's content for the link, which has none",
                &[Rule::FileCrc],
                |p| {
                    if let super::Line::File { payload, .. } = &mut p.tar_split[3] {
                        *payload = Some(crc64(b"content\n").to_be_bytes().to_vec());
                    }
                },
            )],
        );
        let same = Plan::new(
            G5,
            vec![TarEntry::file("a", "content\n"), TarEntry::file("b", "content\n")],
        );
        let layer = sealed(same.parts().edit(|parts| {
            parts.toc[1].offset = parts.toc[0].offset;
            parts.toc[1].end_offset = parts.toc[0].end_offset;
        }));
        self.either(
            "shared-range",
            "two files of equal content that name one range",
            "A reader that sorts by range loses one of the two files.",
            Choice("shared-ranges"),
            Rule::SharedRange,
            &layer,
        );
    }

    fn chunks(&mut self, dialect: Dialect) {
        let plan = if dialect == G5 {
            chunked()
        } else {
            Plan::new(dialect, vec![samples::chunked()])
        };
        self.changed(
            &format!("{dialect}-chunked"),
            &plan,
            "A chunk that was fetched before, or need not be fetched, stands for bytes that it does not have.",
            &[
                (
                    "chunk-digest-wrong",
                    "another digest of the second chunk",
                    &[Rule::ChunkDigest],
                    |p| {
                        chunk(p, 1).chunk_digest = Digest::of(b"other").to_string();
                    },
                ),
                (
                    "zeros-digest-wrong",
                    "another digest of the chunk of zeros",
                    &[Rule::ChunkDigest, Rule::ZerosChunk],
                    |p| {
                        chunk(p, 2).chunk_digest = Digest::of(b"other").to_string();
                    },
                ),
                (
                    "zeros-not-zero",
                    "the type zeros for a chunk that is not",
                    &[Rule::ZerosChunk],
                    |p| {
                        chunk(p, 1).chunk_type = "zeros".into();
                    },
                ),
                (
                    "chunk-digest-of-whole",
                    "a wrong digest of the whole file, each chunk's right",
                    &[Rule::FileDigest],
                    |p| chunk(p, 0).digest = Digest::of(b"other").to_string(),
                ),
                (
                    "chunks-swapped",
                    "the digests of two chunks in each other's place",
                    &[Rule::ChunkDigest],
                    |p| {
                        let first = chunk(p, 0).chunk_digest.clone();
                        chunk(p, 0).chunk_digest = std::mem::replace(&mut chunk(p, 1).chunk_digest, first);
                    },
                ),
                (
                    "chunk-starts-late",
                    "a second chunk whose range begins a byte late",
                    &[Rule::RangeFrames, Rule::RangeSize],
                    |p| chunk(p, 1).offset += 1,
                ),
            ],
        );
    }

    fn plain_tar(&mut self) {
        let two = Plan::new(
            G5,
            vec![TarEntry::file("a", "harmless\n"), TarEntry::file("b", "evil now\n")],
        );
        self.valid(
            "g5-two-files",
            "two files of the same length",
            "The content of one file is that of the other.",
            Rule::PlainTar,
            &two.layer(),
        );
        self.alone(|builder| builder.plain_differs(&two));
    }

    /// TOC and tar-split agree with each other, and the blob says something else. Who reads ranges alone cannot notice.
    fn plain_differs(&mut self, two: &Plan) {
        const WHY: &str = "Who fetches in part and who downloads the whole get two different layers, and only the DiffID \
                           tells.";
        let layer = sealed(two.parts().edit(|parts| {
            parts.toc[1].offset = parts.toc[0].offset;
            parts.toc[1].end_offset = parts.toc[0].end_offset;
            parts.toc[1].digest = parts.toc[0].digest.clone();
            parts.tar_split[3] = super::Line::file("b", b"harmless\n");
        }))
        .edit(|layer: &mut Layer| {
            let twice = vec![TarEntry::file("a", "harmless\n"), TarEntry::file("b", "harmless\n")];
            layer.tar = Plan::new(G5, twice).tar();
        });
        self.either(
            "plain-file-differs",
            "a second file whose range, digest and checksum are those of the first",
            WHY,
            Choice("plain-compared"),
            Rule::PlainTar,
            &layer,
        )
        .bugs(&[Bug("storage-diff-id")]);
        let behind = sealed(small().parts().edit(|parts| parts.data.extend(frame(&[0; 512]))));
        // The last segment holds the padding of the last file and the end of the archive.
        let cut = sealed(small().parts().edit(|parts| {
            parts.tar_split.pop();
        }))
        .edit(|layer: &mut Layer| {
            let plan = small().edit(|plan| {
                plan.padded = false;
                plan.tail.clear();
            });
            layer.tar = plan.tar();
        });
        let more = sealed(small().parts().edit(|parts| {
            parts.tar_split.push(super::Line::Segment(vec![0; 512]));
        }))
        .edit(|layer: &mut Layer| layer.tar.extend([0; 512]));
        for (slug, title, layer) in [
            (
                "plain-tail-shorter",
                "a tar-split with 512 zeros more at its end than the data",
                more,
            ),
            (
                "plain-data-behind",
                "a data frame of 512 zeros that no one names",
                behind,
            ),
            ("plain-tail-missing", "a tar-split without the end of the archive", cut),
        ] {
            self.either(slug, title, WHY, Choice("plain-compared"), Rule::PlainTar, &layer)
                .bugs(&[Bug("storage-tail-lost"), Bug("storage-diff-id")]);
        }
        let hidden = small().edit(|plan| plan.prefix = frame(&samples::bytes(512)));
        self.either(
            "plain-data-before",
            "a data frame before the first header",
            WHY,
            Choice("plain-compared"),
            Rule::PlainTar,
            &sealed(hidden.parts()),
        )
        .bugs(&[Bug("storage-diff-id")]);
    }
}

/// The slug in a dialect. Cases of g5 were there first, and have none of its name.
pub(super) fn in_dialect(dialect: Dialect, slug: &str) -> String {
    if dialect == G5 {
        slug.to_owned()
    } else {
        format!("{dialect}-{slug}")
    }
}

/// The TOC entry of this chunk of the last file, which has four.
fn chunk(parts: &mut Parts, number: usize) -> &mut TocEntry {
    let first = parts.toc.len() - 4;
    &mut parts.toc[first + number]
}
