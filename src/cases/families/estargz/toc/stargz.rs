//! What eStargz asks of a TOC beyond the rules of every TOC: landmarks, the name of the TOC, and the order of ranges.

use super::{BASE, Bench, DIGEST, EditInPlace, EntryTypeOutput, LANDMARK, Rule, base, chunk, entry, file, tree::with};
use crate::vectors::ops::EStargzTocOutput;

/// Digest and chunk digest of the landmark, as the base has them.
const DIGESTS: &str = concat!(
    "\"digest\": \"sha256:dc0e9c3658a1a3ed1ec94274d8b19925c93e1abb7ddba294923ad9bde30f8cb8\", ",
    "\"chunkDigest\": \"sha256:dc0e9c3658a1a3ed1ec94274d8b19925c93e1abb7ddba294923ad9bde30f8cb8\"",
);
const SMALL: &str = "\"offset\": 300, \"innerOffset\": 2048";

impl Bench<'_> {
    pub(super) fn stargz(&mut self) {
        self.landmarks();
        self.names_of_the_toc();
        self.first_member();
        self.order();
    }

    fn landmarks(&mut self) {
        const WHY: &str = "Any file of that name is taken for the mark up to which data is fetched first, and hidden from the file system.";
        let both = DIGESTS.replace(LANDMARK, DIGEST);
        let second = format!("{LANDMARK}\"}},\n");
        let second_other = second.replace(LANDMARK, DIGEST);
        self.broken(
            WHY,
            &[
                (
                    "landmark-other-content",
                    "a landmark with the digests of another content",
                    &[Rule::Landmark],
                    DIGESTS,
                    &both,
                ),
                (
                    "landmark-chunk-digest-other",
                    "a landmark whose chunk digest is of another content",
                    &[Rule::Landmark],
                    &second,
                    &second_other,
                ),
                (
                    "landmark-symlink",
                    "a symbolic link for a landmark",
                    &[Rule::Landmark],
                    "landmark\", \"type\": \"reg\", \"size\": 1, \"offset\": 90,",
                    "landmark\", \"type\": \"symlink\", \"linkName\": \"d\",",
                ),
            ],
        );
        self.valid(
            "landmark-name-in-directory",
            "a file with the name of a landmark in a directory",
            "A landmark is looked for by the last part of a name.",
            Rule::Landmark,
            &BASE.replace("d/small", "d/.prefetch.landmark"),
            base().edit(|toc| toc.entries[3].name = "d/.prefetch.landmark".into()),
        );
    }

    fn names_of_the_toc(&mut self) {
        const WHY: &str = "A reader hides the file as the TOC, or extracts it over the TOC, and another one shows it.";
        let end = "\n\t]\n}";
        let more = |entry: &str| format!(",\n\t\t{entry}{end}");
        let listed = more(r#"{"name": "stargz.index.json", "type": "reg", "mode": 420}"#);
        let spelled = more(r#"{"name": "/./stargz.index.json/", "type": "dir", "mode": 493}"#);
        self.broken(
            WHY,
            &[
                (
                    "toc-listed",
                    "an entry for a file with the name of the TOC",
                    &[Rule::EStargzName],
                    end,
                    &listed,
                ),
                (
                    "toc-listed-directory",
                    "an entry for a directory with the name of the TOC, spelled otherwise",
                    &[Rule::EStargzName],
                    end,
                    &spelled,
                ),
            ],
        );
        let directory = r#"{"name": "d/stargz.index.json", "type": "dir", "mode": 493}"#;
        self.valid(
            "toc-name-in-directory",
            "an entry with the name of the TOC in a directory",
            "The name of the TOC is looked for by the last part of a name.",
            Rule::EStargzName,
            &with(&[directory]),
            base().edit(|toc| {
                let entry = entry(EntryTypeOutput::Dir, "d/stargz.index.json", 493).edit(|entry| entry.modtime = None);
                toc.entries.push(entry);
            }),
        );
    }

    fn first_member(&mut self) {
        let json = format!(
            concat!(
                r#"{{"version": 1, "entries": ["#,
                r#"{{"name": "d/", "type": "dir", "modtime": "2023-11-14T22:13:20Z", "mode": 493}}, "#,
                r#"{{"name": "d/big", "type": "reg", "size": 3000, "modtime": "2023-11-14T22:13:20Z", "mode": 420, "#,
                r#""innerOffset": 1024, "digest": "{0}", "chunkSize": 2000, "chunkDigest": "{1}"}}, "#,
                r#"{{"name": "d/big", "type": "chunk", "innerOffset": 3024, "chunkOffset": 2000, "chunkDigest": "{1}"}}, "#,
                r#"{{"name": "d/small", "type": "reg", "size": 20, "modtime": "2023-11-14T22:13:20Z", "mode": 420, "#,
                r#""innerOffset": 4608, "digest": "{0}", "chunkDigest": "{0}"}}]}}"#
            ),
            DIGEST,
            super::CHUNK
        );
        self.valid(
            "offset-0-left-out",
            "files in the member that begins the blob: inner offsets, and offsets of 0 that are left out",
            concat!(
                "The library leaves out an offset of 0, and with a minimum chunk size the first files share the member at ",
                "the start of the blob: a reader that asks for an offset refuses a good layer."
            ),
            Rule::FileIndexed,
            &json,
            EStargzTocOutput {
                entries: vec![
                    entry(EntryTypeOutput::Dir, "d", 493),
                    file(
                        "d/big",
                        3000,
                        vec![
                            chunk(0, 2000, 0, 1024, Some(super::CHUNK)),
                            chunk(2000, 1000, 0, 3024, Some(super::CHUNK)),
                        ],
                    ),
                    file("d/small", 20, vec![chunk(0, 20, 0, 4608, Some(DIGEST))]),
                ],
            },
        );
        self.valid(
            "end-offset-unknown",
            "an end offset, which means nothing in eStargz",
            "One unknown key makes a TOC of zstd:chunked out of one of eStargz, and inner offsets are ignored.",
            Rule::FileIndexed,
            &BASE.replace("\"offset\": 200, ", "\"offset\": 200, \"endOffset\": 290, "),
            base(),
        );
    }

    fn order(&mut self) {
        const WHY: &str = concat!(
            "A range ends at the next offset in the TOC: out of order it ends before it begins, and the file is read from ",
            "the data of another one or not at all."
        );
        let order = &[Rule::EStargzOrder][..];
        let twin = concat!(
            "\"offset\": 300, \"innerOffset\": 2048, \"digest\": \"sha256:",
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"}\n",
        );
        let shared = format!(
            "{},\n\t\t{{\"name\": \"d/twin\", \"type\": \"reg\", \"size\": 20, {twin}",
            twin.trim_end()
        );
        self.broken(
            WHY,
            &[
                (
                    "file-before-the-last",
                    "a file whose data is before that of the file before it in the TOC",
                    order,
                    SMALL,
                    "\"offset\": 150",
                ),
                (
                    "files-overlap",
                    "a file that begins a byte before the end of the one before it, in one member",
                    order,
                    SMALL,
                    "\"offset\": 300, \"innerOffset\": 999",
                ),
                ("files-share-range", "two files with one range", order, twin, &shared),
            ],
        );
        self.valid(
            "file-follows-in-member",
            "a file that begins where the one before it ends, in one member",
            WHY,
            Rule::EStargzOrder,
            &BASE.replace(SMALL, "\"offset\": 300, \"innerOffset\": 1000"),
            base().edit(|toc| toc.entries[3].chunks = vec![chunk(0, 20, 300, 1000, None)]),
        );
    }
}
