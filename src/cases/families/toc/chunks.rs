//! Files in chunks.

use super::{
    Bug, Builder, DIGEST, Decimal, EditInPlace, G1, G2, G3, G4, G5, Rule, TIME, Tag, chunk, file, output, toc,
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

impl Builder<'_> {
    pub(super) fn chunks(&mut self) {
        self.chunked();
        self.stargz_chunks();
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
                .tags(&[Tag("interop")])
                .bugs(&[Bug("storage-size-overwritten")]);
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
            .tags(&[Tag("interop")]);
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
            .tags(&[Tag("interop")]);
    }
}
