//! What eStargz asks of a TOC beyond the rules of every TOC: landmarks, the name of the TOC, and the order of ranges.

use super::{Builder, DIGEST, EditInPlace, EntryTypeOutput, Rule, base, chunk, entry, file, tree::with};
use crate::vectors::ops::EStargzTocOutput;

impl Builder<'_> {
    pub(super) fn stargz(&mut self) {
        self.names_of_the_toc();
        self.first_member();
    }

    fn names_of_the_toc(&mut self) {
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
    }
}
