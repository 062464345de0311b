//! `estargz/toc`.

mod deep;
mod stargz;
mod tree;

use super::super::{Blobs, toc as shared};
use crate::{
    cases::family::{Added, Family},
    forge::EditInPlace,
    rules::Rule,
    vectors::{
        Bug, Bytes, Choice, Decimal, Tag,
        bytes::Part,
        ops::{ChunkOutput, EStargzTocInput, EStargzTocOutput, EntryOutput, EntryTypeOutput},
    },
};

type Cases = Family<EStargzTocInput, EStargzTocOutput>;

const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
/// The digest of the byte 0x0f, which a landmark holds.
const LANDMARK: &str = "sha256:dc0e9c3658a1a3ed1ec94274d8b19925c93e1abb7ddba294923ad9bde30f8cb8";
const CHUNK: &str = "sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7";

/// The TOC that most cases change: a landmark, a directory, a file in two chunks, and a file in the member of the last.
const BASE: &str = concat!(
    "{\n\t\"version\": 1,\n\t\"entries\": [\n",
    "\t\t{\"name\": \".no.prefetch.landmark\", \"type\": \"reg\", \"size\": 1, \"offset\": 90, ",
    "\"digest\": \"sha256:dc0e9c3658a1a3ed1ec94274d8b19925c93e1abb7ddba294923ad9bde30f8cb8\", ",
    "\"chunkDigest\": \"sha256:dc0e9c3658a1a3ed1ec94274d8b19925c93e1abb7ddba294923ad9bde30f8cb8\"},\n",
    "\t\t{\"name\": \"d/\", \"type\": \"dir\", \"modtime\": \"2023-11-14T22:13:20Z\", \"mode\": 493, \"userName\": \"root\", \"NumLink\": 2},\n",
    "\t\t{\"name\": \"d/big\", \"type\": \"reg\", \"size\": 3000, \"modtime\": \"2023-11-14T22:13:20Z\", \"mode\": 420, \"offset\": 200, ",
    "\"digest\": \"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\", \"chunkSize\": 2000, ",
    "\"chunkDigest\": \"sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7\"},\n",
    "\t\t{\"name\": \"d/big\", \"type\": \"chunk\", \"offset\": 300, \"chunkOffset\": 2000, ",
    "\"chunkDigest\": \"sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7\"},\n",
    "\t\t{\"name\": \"d/small\", \"type\": \"reg\", \"size\": 20, \"modtime\": \"2023-11-14T22:13:20Z\", \"mode\": 420, ",
    "\"offset\": 300, \"innerOffset\": 2048, \"digest\": \"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"}\n",
    "\t]\n}",
);

fn chunk(at: u64, size: u64, offset: u64, inner: u64, digest: Option<&str>) -> ChunkOutput {
    ChunkOutput {
        offset: Decimal(offset),
        end_offset: None,
        inner_offset: (inner > 0).then_some(Decimal(inner)),
        chunk_offset: Decimal(at),
        size: Decimal(size),
        digest: digest.map(str::to_owned),
        zeros: false,
    }
}

fn entry(kind: EntryTypeOutput, name: &str, mode: i64) -> EntryOutput {
    shared::entry(kind, name).edit(|entry| entry.mode = Decimal(mode))
}

fn file(name: &str, size: u64, chunks: Vec<ChunkOutput>) -> EntryOutput {
    entry(EntryTypeOutput::Reg, name, 420).edit(|entry| {
        entry.size = Decimal(size);
        entry.digest = Some(DIGEST.to_owned());
        entry.chunks = chunks;
    })
}

/// What a reader makes of [`BASE`].
fn base() -> EStargzTocOutput {
    let landmark = file(".no.prefetch.landmark", 1, vec![chunk(0, 1, 90, 0, Some(LANDMARK))]).edit(|entry| {
        entry.digest = Some(LANDMARK.to_owned());
        entry.mode = Decimal(0);
        entry.modtime = None;
    });
    let big = vec![
        chunk(0, 2000, 200, 0, Some(CHUNK)),
        chunk(2000, 1000, 300, 0, Some(CHUNK)),
    ];
    EStargzTocOutput {
        entries: vec![
            landmark,
            entry(EntryTypeOutput::Dir, "d", 493).edit(|entry| entry.user_name = "root".into()),
            file("d/big", 3000, big),
            file("d/small", 20, vec![chunk(0, 20, 300, 2048, None)]),
        ],
    }
}

struct Builder<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut builder = Builder {
        cases: Cases::new("estargz-toc"),
        blobs,
    };
    builder.accepted();
    builder.deep();
    builder.resources();
    builder.stargz();
    builder.tree();
    builder.cases
}

impl Builder<'_> {
    fn input(&mut self, json: &str) -> EStargzTocInput {
        EStargzTocInput {
            json: self.blobs.place(json.as_bytes()),
        }
    }

    fn valid(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        rule: Rule,
        json: &str,
        expected: EStargzTocOutput,
    ) -> Added<'_, EStargzTocInput, EStargzTocOutput> {
        let input = self.input(json);
        self.cases
            .valid(slug, title, why, input, expected)
            .rules(&[rule])
            .estargz()
            .tags(&[Tag("interop")])
    }

    fn accepted(&mut self) {
        self.valid(
            "indented",
            "a TOC as the library writes it, in lines",
            "TOCs of the library cannot be read, or files in one member are taken for each other.",
            Rule::FileIndexed,
            BASE,
            base(),
        );
        let one_line: String = BASE.chars().filter(|c| !matches!(c, '\n' | '\t')).collect();
        self.valid(
            "one-line",
            "a TOC on one line",
            "White space is taken for part of the document.",
            Rule::JsonTrailing,
            &one_line,
            base(),
        );
        self.valid(
            "no-entries",
            "a TOC without entries",
            "A layer without files has no root.",
            Rule::TocEntries,
            r#"{"version":1,"entries":[]}"#,
            EStargzTocOutput { entries: Vec::new() },
        )
        .bugs(&[Bug("estargz-empty-layer")]);
        self.valid(
            "empty-file",
            "an empty file, with the digest of nothing and no offset",
            "An empty file is looked for in the blob, or refused for want of an offset.",
            Rule::FileIndexed,
            &BASE.replace(
                "\"size\": 20, \"modtime\": \"2023-11-14T22:13:20Z\", \"mode\": 420, \"offset\": 300, \"innerOffset\": 2048,",
                "\"modtime\": \"2023-11-14T22:13:20Z\", \"mode\": 420,",
            ),
            base().edit(|toc| {
                toc.entries[3].size = Decimal(0);
                toc.entries[3].chunks.clear();
            }),
        );
    }

    /// Documents that cost a careless parser its stack or all time.
    fn resources(&mut self) {
        const MILLION: usize = 1_000_000;
        let unknown = |value: Vec<Part>| {
            let (before, behind) = BASE.split_at(1);
            let mut parts = vec![Part::of(format!("{before}\"x\":").as_bytes(), 1)];
            parts.extend(value);
            parts.push(Part::of(format!(",{behind}").as_bytes(), 1));
            EStargzTocInput {
                json: Bytes::Parts(parts),
            }
        };
        self.cases
            .either(
                "million-arrays-deep",
                "a million nested arrays under an unknown key",
                "A reader that calls itself for every level overflows its stack and dies.",
                Choice("very-deep-json"),
                unknown(vec![Part::of(b"[", MILLION), Part::of(b"]", MILLION)]),
                base(),
            )
            .rules(&[Rule::JsonDepth])
            .estargz()
            .tags(&[Tag("robustness")])
            .limits(30, 1024);
        self.cases
            .valid(
                "million-keys",
                "an object of a million keys under an unknown key",
                "What has no meaning is kept in memory, or each key is compared with all keys before it.",
                unknown(vec![
                    Part::of(b"{", 1),
                    Part::numbered(b"\"", b"\":0,", MILLION),
                    Part::of(b"\"last\":0}", 1),
                ]),
                base(),
            )
            .rules(&[Rule::JsonSyntax])
            .estargz()
            .tags(&[Tag("robustness")])
            .limits(30, 1024);
    }
}
