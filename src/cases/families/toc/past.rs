//! What readers of older dialects got wrong, in TOCs of those dialects.

use super::{
    BASE, Bug, Builder, DIGEST, Decimal, Dialect, EditInPlace, EntryTypeOutput, G1, G2, G3, G4, Rule, Tag, base, entry,
    file, output, toc,
};

/// A dialect to write for, and those that read it alike.
const PAST: [(Dialect, &[Dialect]); 2] = [(G2, &[G1, G2]), (G4, &[G3, G4])];

/// The start of an entry of a file with content.
fn reg(name: &str, more: &str) -> String {
    format!(
        r#"{{"type":"reg","name":"{name}","mode":420,"size":20{more},"digest":"{DIGEST}","offset":100,"endOffset":150}}"#
    )
}

fn dated(name: &str, more: &str) -> String {
    reg(name, &format!(r#","modtime":"2023-11-14T22:13:20Z"{more}"#))
}

impl Builder<'_> {
    pub(super) fn past(&mut self) {
        for (dialect, dialects) in PAST {
            self.past_valid(dialect, dialects);
        }
        for dialect in [G1, G2, G3, G4] {
            self.past_base(dialect);
        }
    }

    /// The TOC that most cases of g5 change, as writers of this dialect wrote it.
    fn past_base(&mut self, dialect: Dialect) {
        let (entries, _) = BASE.split_once(r#","tarSplitDigest""#).unwrap_or_default();
        // These writers wrote times that are not there.
        let zeros = r#""accesstime":"0001-01-01T00:00:00Z","changetime":"0001-01-01T00:00:00Z""#;
        let mut json = format!("{entries}}}").replacen(r#"20Z"},"#, &format!(r#"20Z",{zeros}}},"#), 1);
        let mut expected = base();
        expected.tar_split_digest = None;
        if dialect == G1 {
            json = json.replace(
                r#""endOffset":150"#,
                &format!(r#""endOffset":150,"chunkDigest":"{DIGEST}""#),
            );
            expected.entries[1].chunks[0].digest = Some(DIGEST.into());
        }
        let input = self.input(dialect, json.as_bytes());
        self.cases
            .valid(
                &format!("{dialect}-base"),
                &format!("a TOC of {dialect}: a directory, a file with an owner and an attribute, and a symbolic link"),
                "Layers of an older writer are taken for broken, or their files are not listed.",
                input,
                expected,
            )
            .rules(&[Rule::TocEntries])
            .dialects(&[dialect])
            .tags(&[Tag("interop")]);
    }

    fn past_valid(&mut self, dialect: Dialect, dialects: &[Dialect]) {
        let usual = || file("motd", 20, 100, 150);
        for (slug, title, why, rule, bug, json, expected) in [
            (
                "owner",
                "an owner and a group",
                "Every file belongs to root.",
                Rule::JsonFoldedKey,
                Bug("storage-owners-lost"),
                dated("motd", r#","uid":1000,"gid":100"#),
                usual().edit(|entry| {
                    entry.uid = Decimal(1000);
                    entry.gid = Decimal(100);
                }),
            ),
            (
                "modtime",
                "a modification time and nothing else that is optional",
                "No file has a time, and what is pulled differs from what was pushed.",
                Rule::EntryTime,
                Bug("storage-times-lost"),
                dated("motd", ""),
                usual(),
            ),
            (
                "escaped-ampersand",
                "an ampersand, which Go writes as an escape",
                "The file on disk has the escape in its name.",
                Rule::JsonSyntax,
                Bug("storage-escapes"),
                dated(r"a\u0026b", ""),
                file("a&b", 20, 100, 150),
            ),
            (
                "escaped-backslash",
                "a backslash in a name, as systemd has it",
                "The file on disk has two backslashes in its name, and its service does not start.",
                Rule::JsonSyntax,
                Bug("storage-escapes"),
                dated(r"system-systemd\\x2dcryptsetup.slice", ""),
                file(r"system-systemd\x2dcryptsetup.slice", 20, 100, 150),
            ),
            (
                "empty-file",
                "an empty file without a digest",
                "Empty files are left out of the tree.",
                Rule::FileIndexed,
                Bug("storage-empty-file"),
                r#"{"type":"reg","name":"empty","mode":420,"modtime":"2023-11-14T22:13:20Z"}"#.to_owned(),
                entry(EntryTypeOutput::Reg, "empty").edit(|entry| entry.mode = Decimal(420)),
            ),
            (
                "link-target",
                "a link target that would be another if cleaned",
                "The link points elsewhere.",
                Rule::EntryType,
                Bug("storage-links-cleaned"),
                r#"{"type":"symlink","name":"l","linkName":"a/../b","mode":511,"modtime":"2023-11-14T22:13:20Z"}"#
                    .to_owned(),
                entry(EntryTypeOutput::Symlink, "l").edit(|entry| {
                    entry.mode = Decimal(511);
                    entry.link_name = "a/../b".into();
                }),
            ),
        ] {
            let input = self.input(dialect, toc(&[&json]).as_bytes());
            self.cases
                .valid(
                    &format!("{dialect}-{slug}"),
                    &format!("a TOC of {dialect}: {title}"),
                    why,
                    input,
                    output(vec![expected]),
                )
                .rules(&[rule])
                .dialects(dialects)
                .tags(&[Tag("interop")])
                .bugs(&[bug]);
        }
    }
}
