//! What a reader has to accept: optional fields of frames, bytes without meaning, and what the format permits in so many words.

use super::{
    Builder, EditInPlace, G5, Layer, Line, NamedDigest, Plan, Rule, SKIPPABLE, Tag, TarEntry, frame, keys, len,
    samples, skippable, tar,
};
use crate::{forge::zstd::Frame, format::Digest};

/// What a frame of a layer can have and leave out.
type Change = fn(&mut Frame);

const FRAMES: [(&str, &str, Change); 7] = [
    ("unchecked", "without a checksum", |frame| frame.checksum = None),
    ("unsized", "without a content size", |frame| {
        frame.content_size = None;
        frame.window = Some(10 << 3);
    }),
    ("bare", "without a content size and a checksum", |frame| {
        frame.content_size = None;
        frame.checksum = None;
        frame.window = Some(10 << 3);
    }),
    ("sized-in-eight-bytes", "with a content size of eight bytes", |frame| {
        frame.size_flag = Some(3);
    }),
    ("dictionary-id-0", "with a dictionary id of 0", |frame| {
        frame.dictionary = Some(0);
    }),
    ("longest-header", "with the longest header, of 18 bytes", |frame| {
        frame.window = Some(10 << 3);
        frame.dictionary = Some(0);
        frame.size_flag = Some(3);
    }),
    ("unused-bit", "whose unused bit is set", |frame| frame.flags = 1 << 4),
];

fn changed(content: &[u8], change: Change) -> Vec<u8> {
    Frame::of(content).edit(change).encode()
}

fn small() -> Plan {
    Plan::new(G5, samples::small())
}

/// The usual files, with a TOC in such a frame.
fn with_toc(change: Change) -> Layer {
    small()
        .parts()
        .payloads()
        .edit(|payloads| payloads.toc = changed(payloads.toc_json.as_bytes(), change))
        .place()
        .layer()
}

/// The usual files, with a tar-split in such a frame.
fn with_tar_split(change: Change) -> Layer {
    let parts = small().parts();
    let tar_split = changed(super::document(&parts.tar_split).as_bytes(), change);
    let digest = Digest::of(&tar_split).to_string();
    parts
        .edit(|parts| parts.named_digest = NamedDigest::Other(digest))
        .payloads()
        .edit(|payloads| payloads.tar_split = tar_split)
        .place()
        .layer()
}

/// A file whose frames, and those of its header and its end, are such.
fn with_data(change: Change) -> Layer {
    let file = TarEntry::file("a", "content\n");
    let plan = Plan::new(G5, vec![file.clone()]);
    let header = changed(&file.header(), change);
    let content = changed(&file.content, change);
    let end = changed(&[tar::padding(file.content.len()), tar::end()].concat(), change);
    plan.parts()
        .edit(|parts| {
            parts.toc[0].offset = len(&header);
            parts.toc[0].end_offset = len(&header) + len(&content);
            parts.data = [header, content, end].concat();
        })
        .payloads()
        .place()
        .layer()
}

impl Builder<'_> {
    pub(super) fn promised(&mut self) {
        self.frame_headers();
        self.without_meaning();
        self.attributes_and_times();
        self.segments_of_every_size();
    }

    fn frame_headers(&mut self) {
        const WHY: &str = "Writers in other languages leave out other fields: a reader that needs one, or allocates what one declares, \
                           refuses a good layer.";
        for (slug, title, change) in FRAMES {
            for (part, name, layer) in [
                ("toc", "TOC", with_toc(change)),
                ("tar-split", "tar-split", with_tar_split(change)),
            ] {
                self.valid(
                    &format!("g5-{part}-frame-{slug}"),
                    &format!("a layer whose {name} is in a frame {title}"),
                    WHY,
                    Rule::IndexFrame,
                    &layer,
                )
                .tags(&[Tag("interop")]);
            }
            // The index does not depend on it.
            self.alone(|builder| {
                builder
                    .valid(
                        &format!("g5-data-frames-{slug}"),
                        &format!("a layer of data frames {title}"),
                        WHY,
                        Rule::RangeFrames,
                        &with_data(change),
                    )
                    .tags(&[Tag("interop")]);
            });
        }
    }

    /// Bytes that nobody looks at.
    fn without_meaning(&mut self) {
        const WHY: &str =
            "Bytes without meaning are looked at, found odd, and a good layer refused; or they are not kept.";
        let footer = small().parts().payloads().place().footer_frame;
        let rows = [
            (
                "g5-padding-odd",
                "a layer whose padding of files is not zeros",
                small().edit(|plan| plan.fill = b'q').layer(),
            ),
            (
                "g5-skippable-footer-first",
                "a layer that begins with skippable frames, of which one is a footer and one holds a TOC",
                small()
                    .edit(|plan| {
                        let toc = skippable(SKIPPABLE, &frame(br#"{"version":1,"entries":[]}"#));
                        plan.prefix = [footer.clone(), toc].concat();
                    })
                    .layer(),
            ),
            (
                "g5-skippable-like-footer",
                "a layer with a skippable frame before its TOC that holds a whole footer",
                small()
                    .parts()
                    .edit(|parts| parts.data.extend(skippable(SKIPPABLE, &footer)))
                    .payloads()
                    .place()
                    .layer(),
            ),
            (
                "g5-empty-frames-around",
                "a layer with empty data frames before and after the others",
                small()
                    .edit(|plan| plan.prefix = frame(b""))
                    .parts()
                    .edit(|parts| parts.data.extend(frame(b"")))
                    .payloads()
                    .place()
                    .layer(),
            ),
            (
                "g5-other-annotations",
                "a layer with annotations of other tools, some of them with the prefix of the format",
                small()
                    .parts()
                    .payloads()
                    .place()
                    .edit(|placed| {
                        placed.annotate("manifest-position.old", "8:1:1:1");
                        placed.annotate("tarsplit-digest", "sha256:");
                        placed
                            .annotations
                            .insert("org.example".to_owned(), "\u{1}odd\n".to_owned());
                        placed.annotations.insert(String::new(), String::new());
                        let upper = format!("{}{}", keys::PREFIX, keys::MANIFEST_POSITION).to_uppercase();
                        placed.annotations.insert(upper, "8:1:1:1".to_owned());
                    })
                    .layer(),
            ),
        ];
        for (slug, title, layer) in rows {
            self.valid(slug, title, WHY, Rule::PlainTar, &layer)
                .tags(&[Tag("security")]);
        }
    }

    fn attributes_and_times(&mut self) {
        const EMPTY: &str = "Writers up to containers/storage v1.53 left empty values out, and a reader that compares them refuses their layers.";
        const TIME: &str = "A time of year 1 or of Unix 0 counts as absent, however TOC and tar spell it.";
        let labelled = || {
            let file = TarEntry::file("a", "content\n").edit(|entry| {
                entry.xattrs = vec![("user.a".into(), b"1".to_vec()), ("user.empty".into(), Vec::new())];
            });
            Plan::new(G5, vec![file])
        };
        let missing = labelled()
            .parts()
            .edit(|parts| parts.toc[0].xattrs.retain(|(_, value)| !value.is_empty()));
        let timed = |time: &str| {
            let file = TarEntry::file("a", "content\n").edit(|entry| entry.mtime = 0);
            Plan::new(G5, vec![file])
                .parts()
                .edit(|parts| parts.toc[0].modtime = time.into())
                .payloads()
                .place()
                .layer()
                // What counts as absent is absent in the output.
                .edit(|layer| layer.toc[0].modtime.clear())
        };
        let rows = [
            (
                "g5-xattr-empty",
                "a file with an extended attribute without a value",
                EMPTY,
                labelled().layer(),
            ),
            (
                "g5-xattr-empty-missing",
                "a file with an extended attribute without a value, which the TOC does not have",
                EMPTY,
                missing.payloads().place().layer(),
            ),
            (
                "g5-time-absent",
                "a time of Unix 0 in the tar, and none in the TOC",
                TIME,
                timed(""),
            ),
            (
                "g5-time-unix-0",
                "a time of Unix 0 in tar and TOC",
                TIME,
                timed("1970-01-01T00:00:00Z"),
            ),
            (
                "g5-time-year-1",
                "a time of Unix 0 in the tar, and the first second of year 1 in the TOC",
                TIME,
                timed("0001-01-01T00:00:00Z"),
            ),
        ];
        for (slug, title, why, layer) in rows {
            self.valid(slug, title, why, Rule::EntryMetadata, &layer)
                .tags(&[Tag("interop")]);
        }
    }

    fn segments_of_every_size(&mut self) {
        const WHY: &str = "Only writers are bound to segments of 1 MiB; a reader with a line of fixed size ends in the middle of the document.";
        let tail = |size: usize| small().edit(|plan| plan.tail = vec![0; size]).layer();
        for (slug, title, layer) in [
            (
                "g5-segment-48-kib",
                "a segment whose line is about 64 KiB",
                tail(48 << 10),
            ),
            (
                "g5-segment-3-mib",
                "a segment of 3 MiB, more than a writer puts into one",
                tail(3 << 20),
            ),
            (
                "g5-empty-segments",
                "empty segments before each line of the tar-split",
                small()
                    .parts()
                    .edit(|parts| {
                        parts.tar_split = parts
                            .tar_split
                            .drain(..)
                            .flat_map(|line| [Line::Segment(Vec::new()), line])
                            .collect();
                    })
                    .payloads()
                    .place()
                    .layer(),
            ),
        ] {
            self.valid(slug, title, WHY, Rule::TarSplitPayload, &layer)
                .tags(&[Tag("boundary")]);
        }
    }
}
