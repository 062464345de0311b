//! Chunks of files.

use super::{Bench, CHUNK, Rule};

impl Bench<'_> {
    pub(super) fn chunks(&mut self) {
        let sequence = &[Rule::ChunkSequence][..];
        self.broken(
            "Two readers make two files of the chunks.",
            &[
                (
                    "chunk-gap",
                    "a byte that no chunk has",
                    sequence,
                    "\"chunkOffset\": 2000",
                    "\"chunkOffset\": 2001",
                ),
                (
                    "chunk-overlap",
                    "a byte that two chunks have",
                    sequence,
                    "\"chunkOffset\": 2000",
                    "\"chunkOffset\": 1999",
                ),
                (
                    "chunk-first-too-long",
                    "a first chunk longer than the file",
                    sequence,
                    "\"chunkSize\": 2000",
                    "\"chunkSize\": 4000",
                ),
                (
                    "chunk-other-name",
                    "a chunk of another name",
                    &[Rule::ChunkFollows, Rule::ChunkSequence],
                    "\"name\": \"d/big\", \"type\": \"chunk\"",
                    "\"name\": \"d/bag\", \"type\": \"chunk\"",
                ),
                (
                    "chunk-without-file",
                    "a chunk whose file is a directory",
                    &[Rule::ChunkFollows],
                    "\"name\": \"d/big\", \"type\": \"reg\", \"size\": 3000,",
                    "\"name\": \"d/big\", \"type\": \"dir\",",
                ),
                (
                    "chunk-type-unknown",
                    "a chunk type that is not known",
                    &[Rule::ChunkType],
                    "\"chunkSize\": 2000",
                    "\"chunkSize\": 2000, \"chunkType\": \"ones\"",
                ),
                (
                    "chunk-offset-negative",
                    "a negative place in the file",
                    &[Rule::EntryCount, Rule::ChunkSequence],
                    "\"chunkOffset\": 2000",
                    "\"chunkOffset\": -1",
                ),
                (
                    "chunk-offsets-descend",
                    "a second chunk that stands before the first",
                    &[Rule::ChunkRange],
                    "\"type\": \"chunk\", \"offset\": 300",
                    "\"type\": \"chunk\", \"offset\": 150",
                ),
                (
                    "chunk-offsets-equal",
                    "two chunks at one offset and inner offset",
                    &[Rule::ChunkRange],
                    "\"type\": \"chunk\", \"offset\": 300",
                    "\"type\": \"chunk\", \"offset\": 200",
                ),
                (
                    "chunk-digest-malformed",
                    "a chunk digest of four digits",
                    &[Rule::EntryDigest],
                    CHUNK,
                    "sha256:486e",
                ),
            ],
        );
    }
}
