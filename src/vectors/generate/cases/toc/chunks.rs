//! Files in chunks.

use super::{
    Bench, Broken, Bug, DIGEST, Decimal, EditInPlace, G1, G2, G3, G4, G5, Rule, TIME, Tag, chunk, file, output, toc,
};

/// The digest of the second chunk.
const SECOND: &str = "sha256:b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78";

/// A file of 3000 bytes: 1000 of data, 1500 zeros, 500 of data.
fn base() -> String {
    toc(&[
        &format!(
            r#"{{"type":"reg","name":"a","mode":420,"size":3000,"modtime":"{TIME}","digest":"{DIGEST}","offset":100,"endOffset":900,"chunkSize":1000,"chunkDigest":"{DIGEST}"}}"#
        ),
        &format!(
            r#"{{"type":"chunk","name":"a","offset":600,"chunkSize":1500,"chunkOffset":1000,"chunkDigest":"{SECOND}","chunkType":"zeros"}}"#
        ),
        &format!(
            r#"{{"type":"chunk","name":"a","offset":620,"chunkSize":500,"chunkOffset":2500,"chunkDigest":"{DIGEST}"}}"#
        ),
    ])
}

impl Bench<'_> {
    pub(super) fn chunks(&mut self) {
        self.chunked();
        self.stargz_chunks();
        self.sequence();
        self.ranges();
    }

    fn chunked(&mut self) {
        let expected = output(vec![file("a", 3000, 100, 900).edit(|entry| {
            let digest = |text: &str| Some(text.to_owned());
            entry.chunks = vec![
                chunk(0, 1000, 100, Some(600)),
                chunk(1000, 1500, 600, Some(620)),
                chunk(2500, 500, 620, Some(900)),
            ];
            entry.chunks[0].digest = digest(DIGEST);
            entry.chunks[1].digest = digest(SECOND);
            entry.chunks[1].zeros = true;
            entry.chunks[2].digest = digest(DIGEST);
        })]);
        for (slug, dialect, dialects) in [("chunked", G5, &[G3, G4, G5][..]), ("g2-chunked", G2, &[G1, G2])] {
            let input = self.input(dialect, base().as_bytes());
            self.cases
                .valid(
                    slug,
                    &format!("a file in three chunks in {dialect}, one of zeros"),
                    "The chunks become files of their own, or the first one's range reaches to the end of the file.",
                    input,
                    expected.clone(),
                )
                .rules(&[Rule::ChunkFollows, Rule::ChunkSequence, Rule::ChunkRange])
                .dialects(dialects)
                .tags(&[Tag::Interop])
                .bugs(&[Bug::StorageSizeOverwritten]);
        }
    }

    /// stargz leaves the size of the last chunk out.
    fn stargz_chunks(&mut self) {
        let json = toc(&[
            &format!(
                r#"{{"name":"a","type":"reg","size":3000,"modtime":"{TIME}","mode":420,"offset":100,"chunkSize":2000,"digest":"{DIGEST}","chunkDigest":"{SECOND}"}}"#
            ),
            &format!(r#"{{"name":"a","type":"chunk","offset":600,"chunkOffset":2000,"chunkDigest":"{DIGEST}"}}"#),
        ]);
        let expected = output(vec![file("a", 3000, 100, 0).edit(|entry| {
            entry.chunks = vec![chunk(0, 2000, 100, None), chunk(2000, 1000, 600, None)];
            entry.chunks[0].digest = Some(SECOND.into());
            entry.chunks[1].digest = Some(DIGEST.into());
        })]);
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-stargz-chunked",
                "a file in two chunks of stargz-snapshotter, the last without a size",
                "The last chunk is empty, or the file ends after the first.",
                input,
                expected,
            )
            .rules(&[Rule::ChunkSequence])
            .dialects(&[G1])
            .tags(&[Tag::Interop]);
        // With a smaller least chunk size than frame size, several chunks stand in one frame.
        let json = toc(&[
            &format!(
                r#"{{"name":"a","type":"reg","size":3000,"modtime":"{TIME}","mode":420,"offset":100,"innerOffset":512,"chunkSize":2000,"digest":"{DIGEST}","chunkDigest":"{SECOND}"}}"#
            ),
            &format!(
                r#"{{"name":"a","type":"chunk","offset":100,"innerOffset":2512,"chunkOffset":2000,"chunkDigest":"{DIGEST}"}}"#
            ),
        ]);
        let expected = output(vec![file("a", 3000, 100, 0).edit(|entry| {
            entry.chunks = vec![chunk(0, 2000, 100, None), chunk(2000, 1000, 100, None)];
            entry.chunks[0].inner_offset = Some(Decimal(512));
            entry.chunks[1].inner_offset = Some(Decimal(2512));
            entry.chunks[0].digest = Some(SECOND.into());
            entry.chunks[1].digest = Some(DIGEST.into());
        })]);
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-stargz-chunks-in-frame",
                "two chunks of stargz-snapshotter in one frame",
                "The second chunk is refused for its offset, or gets the bytes of the first.",
                input,
                expected,
            )
            .rules(&[Rule::ChunkRange])
            .dialects(&[G1])
            .tags(&[Tag::Interop]);
        let range = &[Rule::ChunkRange][..];
        let second = r#""offset":100,"innerOffset":2512"#;
        self.broken_from(
            G1,
            "g1-stargz-chunks-in-frame",
            &json,
            "Two chunks are the same bytes, or lie in the wrong order, and the file is another one.",
            &[
                Broken::new(
                    "g1-stargz-chunks-in-one-place",
                    "the inner offset of the first chunk for the second",
                    range,
                    second,
                    r#""offset":100,"innerOffset":512"#,
                ),
                Broken::new(
                    "g1-stargz-chunk-without-inner-offset",
                    "a second chunk in the same frame without an inner offset",
                    range,
                    second,
                    r#""offset":100"#,
                ),
                Broken::new(
                    "g1-stargz-chunk-in-earlier-frame",
                    "a second chunk in an earlier frame",
                    range,
                    second,
                    r#""offset":99,"innerOffset":2512"#,
                ),
                Broken::new(
                    "g1-stargz-chunk-without-offset",
                    "a second chunk without an offset",
                    range,
                    second,
                    r#""innerOffset":2512"#,
                ),
            ],
        );
    }

    fn sequence(&mut self) {
        let follows = &[Rule::ChunkFollows][..];
        let sequence = &[Rule::ChunkSequence][..];
        let json = base();
        self.broken_from(
            G5,
            "chunked",
            &json,
            "A chunk is joined to whatever entry stands before it, and a file gets the bytes of another.",
            &[
                Broken::new(
                    "chunk-other-name",
                    "another name in the chunks",
                    follows,
                    r#""type":"chunk","name":"a""#,
                    r#""type":"chunk","name":"b""#,
                ),
                Broken::new(
                    "chunk-name-spelled-otherwise",
                    "the file's name after a dot in the chunks",
                    follows,
                    r#""type":"chunk","name":"a""#,
                    r#""type":"chunk","name":"./a""#,
                ),
                Broken::new(
                    "chunk-after-dir",
                    "a directory before the chunks",
                    &[Rule::ChunkFollows, Rule::ChunkSequence],
                    r#"},{"type":"chunk","name":"a","offset":600"#,
                    r#"},{"type":"dir","name":"d"},{"type":"chunk","name":"a","offset":600"#,
                ),
            ],
        );
        let start = r#""chunkDigest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},{"type":"chunk","name":"a","offset":600"#;
        let late = format!(r#""chunkOffset":1,{start}"#);
        self.broken_from(
            G5,
            "chunked",
            &json,
            "Bytes of the file come from nowhere, or two chunks write the same bytes and their order decides.",
            &[
                Broken::new(
                    "chunk-first-not-at-0",
                    "the first chunk begins at 1",
                    sequence,
                    start,
                    &late,
                ),
                Broken::new(
                    "chunk-gap",
                    "a gap of a byte before the second chunk",
                    sequence,
                    r#""chunkOffset":1000"#,
                    r#""chunkOffset":1001"#,
                ),
                Broken::new(
                    "chunk-overlap",
                    "an overlap of a byte with the second chunk",
                    sequence,
                    r#""chunkOffset":1000"#,
                    r#""chunkOffset":999"#,
                ),
                Broken::new(
                    "chunk-size-missing",
                    "a second chunk without a size, and a third behind it",
                    sequence,
                    r#""chunkSize":1500,"#,
                    "",
                ),
                Broken::new(
                    "chunk-sum-small",
                    "a last chunk that ends before the file",
                    sequence,
                    r#""chunkSize":500"#,
                    r#""chunkSize":499"#,
                ),
                Broken::new(
                    "chunk-sum-large",
                    "a last chunk that ends behind the file",
                    sequence,
                    r#""chunkSize":500"#,
                    r#""chunkSize":501"#,
                ),
                Broken::new(
                    "chunk-sum-wraps",
                    "a last chunk of 2^63 - 1 bytes",
                    sequence,
                    r#""chunkSize":500"#,
                    r#""chunkSize":9223372036854775807"#,
                ),
                Broken::new(
                    "chunk-size-negative",
                    "a chunk size of -500",
                    &[Rule::EntryCount],
                    r#""chunkSize":500"#,
                    r#""chunkSize":-500"#,
                ),
            ],
        );
        let alone = toc(&[&format!(
            r#"{{"type":"chunk","name":"a","offset":600,"chunkSize":1500,"chunkDigest":"{SECOND}"}}"#
        )]);
        let input = self.input(G5, alone.as_bytes());
        self.cases
            .invalid(
                "chunk-without-file",
                "no-entries",
                "a chunk as the only entry",
                "A reader looks for the entry before the first and dies.",
                follows,
                input,
            )
            .tags(&[Tag::Robustness]);
    }

    fn ranges(&mut self) {
        let json = base();
        let range = &[Rule::ChunkRange][..];
        self.broken_from(
            G5,
            "chunked",
            &json,
            "The end of a chunk minus its offset is negative, and becomes a request for nearly 2^64 bytes.",
            &[
                Broken::new(
                    "chunk-offsets-descend",
                    "a third chunk before the second",
                    range,
                    r#""offset":620"#,
                    r#""offset":590"#,
                ),
                Broken::new(
                    "chunk-offsets-equal",
                    "a third chunk at the offset of the second",
                    range,
                    r#""offset":620"#,
                    r#""offset":600"#,
                ),
                Broken::new(
                    "chunk-without-offset",
                    "a third chunk without an offset",
                    range,
                    r#""offset":620,"#,
                    "",
                ),
                Broken::new(
                    "chunk-at-end",
                    "a last chunk at the end offset of the file",
                    range,
                    r#""offset":620"#,
                    r#""offset":900"#,
                ),
                Broken::new(
                    "chunk-behind-end",
                    "a last chunk behind the end offset of the file",
                    range,
                    r#""offset":620"#,
                    r#""offset":901"#,
                ),
            ],
        );
        self.broken_from(
            G5,
            "chunked",
            &json,
            "A chunk of a kind that the reader does not know, such as a hole of another value, is read as plain data.",
            &[
                Broken::new(
                    "chunk-type-unknown",
                    "a chunk type that does not exist",
                    &[Rule::ChunkType],
                    r#""zeros""#,
                    r#""ones""#,
                ),
                Broken::new(
                    "chunk-digest-empty",
                    "an empty digest of the zeros",
                    &[Rule::EntryDigest],
                    SECOND,
                    "",
                ),
                Broken::new(
                    "chunk-type-upper-case",
                    "the chunk type in upper case",
                    &[Rule::ChunkType],
                    r#""zeros""#,
                    r#""ZEROS""#,
                ),
            ],
        );
    }
}
