//! Entries: their types, names, digests, times and attributes.

use super::{
    BASE, Bench, Broken, Bug, Choice, Decimal, EditInPlace, EntryTypeOutput, G1, G2, G3, G4, G5, Rule, Tag, entry,
    file, output, toc,
};

/// The sha512 of `hello`.
const SHA512: &str = "sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7\
    2323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043";

impl Bench<'_> {
    pub(super) fn entries(&mut self) {
        self.types_and_counts();
        self.names();
        self.repeated_names();
        self.choices_about_names();
        self.files();
        self.attributes();
    }

    fn types_and_counts(&mut self) {
        let kind = &[Rule::EntryType][..];
        self.broken(
            "An entry of an unknown type is passed over, or made a file.",
            &[
                Broken::new(
                    "type-unknown",
                    "a type that does not exist",
                    kind,
                    r#""type":"symlink""#,
                    r#""type":"socket""#,
                ),
                Broken::new(
                    "type-upper-case",
                    "a type in upper case",
                    kind,
                    r#""type":"dir""#,
                    r#""type":"DIR""#,
                ),
                Broken::new("type-empty", "an empty type", kind, r#""type":"dir""#, r#""type":"""#),
                Broken::new("type-missing", "no type", kind, r#""type":"dir","#, ""),
            ],
        );
        let count = &[Rule::EntryCount][..];
        self.broken(
            "A negative size or offset becomes a huge one where it is used without its sign.",
            &[
                Broken::new("size-negative", "size -1", count, r#""size":20"#, r#""size":-1"#),
                Broken::new(
                    "offset-negative",
                    "offset -100",
                    count,
                    r#""offset":100"#,
                    r#""offset":-100"#,
                ),
                Broken::new(
                    "size-least",
                    "size -2^63",
                    count,
                    r#""size":20"#,
                    r#""size":-9223372036854775808"#,
                ),
            ],
        );
    }

    fn names(&mut self) {
        let name = &[Rule::EntryName][..];
        self.broken(
            "A name ends at its NUL byte in one reader and goes on in another.",
            &[
                Broken::new("name-nul", "a NUL byte in a name", name, "etc/motd", r"etc/mo\u0000td"),
                Broken::new(
                    "link-name-nul",
                    "a NUL byte in a link name",
                    name,
                    "../motd",
                    r"../motd\u0000",
                ),
            ],
        );
        self.broken(
            "An entry without a name becomes the root, whose mode and owner it then sets.",
            &[Broken::new(
                "name-missing",
                "no name",
                name,
                r#""name":"etc/motd","#,
                "",
            )],
        );
        let spellings = toc(&[
            r#"{"type":"dir","name":"./","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"/a//","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"./b/.","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"a/../c","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"x/y/...","mode":493,"modtime":"2023-11-14T22:13:20Z"}"#,
        ]);
        let input = self.input(G5, spellings.as_bytes());
        let names = ["", "a", "b", "c", "x/y/..."];
        let dirs = names.map(|name| entry(EntryTypeOutput::Dir, name).edit(|entry| entry.mode = Decimal(493)));
        self.cases
            .valid(
                "name-spellings",
                "names with dots and slashes to spare, and the root",
                "Names are looked up as they stand, so that a file is not found, or the root is created inside itself.",
                input,
                output(dirs.to_vec()),
            )
            .rules(&[Rule::EntryUnique])
            .dialects(&[G5])
            .tags(&[Tag::Interop])
            .bugs(&[Bug::EStargzRootLoop, Bug::EStargzNames, Bug::StorageRoot]);
    }

    /// Two entries of one name.
    fn repeated_names(&mut self) {
        const WHY: &str = "One reader takes the first of two entries and another the last.";
        let two = |first: &str, second: &str| {
            toc(&[
                &format!(r#"{{"type":"dir","name":"{first}","mode":448,"modtime":"2023-11-14T22:13:20Z"}}"#),
                &format!(r#"{{"type":"dir","name":"{second}","mode":493,"modtime":"2023-11-14T22:13:20Z"}}"#),
            ])
        };
        let dir = |name: &str, mode| entry(EntryTypeOutput::Dir, name).edit(|entry| entry.mode = Decimal(mode));
        let input = self.input(G5, two("a", "b").as_bytes());
        self.cases
            .valid(
                "two-names",
                "two directories",
                "Different names are taken for one.",
                input,
                output(vec![dir("a", 448), dir("b", 493)]),
            )
            .rules(&[Rule::EntryUnique])
            .dialects(&[G3, G4, G5]);
        for (slug, change, name) in [
            ("equal", "the name of the first for the second", "a"),
            ("slash", "the name of the first with a slash for the second", "a/"),
            ("dot", "the name of the first behind a dot for the second", "./a"),
            ("root", "the name of the first behind a slash for the second", "/a"),
            ("detour", "the name of the first by a detour for the second", "b/../a"),
        ] {
            let input = self.input(G5, two("a", name).as_bytes());
            self.cases
                .invalid(
                    &format!("repeated-{slug}"),
                    "two-names",
                    change,
                    WHY,
                    &[Rule::EntryUnique],
                    input,
                )
                .tags(&[Tag::Security])
                .bugs(&[Bug::StorageMetadata]);
        }
        for (dialect, name) in [(G1, "a"), (G2, "./a/")] {
            let input = self.input(dialect, two("a", name).as_bytes());
            self.cases
                .either(
                    &format!("{dialect}-repeated"),
                    &format!("a repeated name in {dialect}"),
                    "A tar may hold a path twice, and the last one counts; a reader that takes the first gives old content.",
                    Choice::RepeatedNames,
                    input,
                    output(vec![dir("a", 493)]),
                )
                .rules(&[Rule::EntryRepeated])
                .dialects(&[dialect]);
        }
        let three = two("a", "b").replace(
            "]}",
            r#",{"type":"dir","name":"a/","mode":511,"modtime":"2023-11-14T22:13:20Z"}]}"#,
        );
        let input = self.input(G2, three.as_bytes());
        self.cases
            .either(
                "g2-repeated-apart",
                "a repeated name in g2, with another between",
                "The order of the tar decides: the last entry counts and stays in its place, so that what is created before it, such as a \
                 symbolic link on its path, is there.",
                Choice::RepeatedNames,
                input,
                output(vec![dir("b", 493), dir("a", 511)]),
            )
            .rules(&[Rule::EntryRepeated])
            .dialects(&[G2]);
    }

    fn choices_about_names(&mut self) {
        for (slug, name, cleaned) in [
            ("escape-parent", "../a", "a"),
            ("escape-deeper", "etc/../../../a/b", "a/b"),
            ("escape-root", "/../a", "a"),
        ] {
            self.either(
                slug,
                &format!("the name {name}"),
                "A file is created outside the root of the layer.",
                (Choice::EscapingNames, Rule::EntryEscape),
                &BASE.replace("etc/motd", name),
                |toc| toc.entries[1].name = cleaned.into(),
            );
        }
        self.either(
            "name-empty",
            "an empty name",
            "An entry without a name overwrites the root, or is an error to one reader only.",
            (Choice::EmptyNames, Rule::EntryEmptyName),
            &BASE.replace("\"etc/\"", "\"\""),
            |toc| toc.entries[0].name = String::new(),
        );
    }

    fn files(&mut self) {
        let indexed = &[Rule::FileIndexed][..];
        self.broken(
            "The content of the file is not found, not checked, or read from a range that makes no sense.",
            &[
                Broken::new(
                    "file-without-digest",
                    "no digest",
                    indexed,
                    r#""digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","#,
                    "",
                ),
                Broken::new("file-without-offset", "no offset", indexed, r#""offset":100,"#, ""),
                Broken::new("file-without-end", "no end offset", indexed, r#","endOffset":150"#, ""),
                Broken::new(
                    "file-end-at-offset",
                    "an end offset equal to the offset",
                    indexed,
                    r#""endOffset":150"#,
                    r#""endOffset":100"#,
                ),
                Broken::new(
                    "file-end-before-offset",
                    "an end offset below the offset",
                    indexed,
                    r#""endOffset":150"#,
                    r#""endOffset":99"#,
                ),
            ],
        );
        let digest = &[Rule::EntryDigest][..];
        self.broken(
            "A digest that is none is compared as text and never matches, or is taken for no digest at all.",
            &[
                Broken::new(
                    "digest-upper-case",
                    "upper-case digits",
                    digest,
                    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                    "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
                ),
                Broken::new("digest-short", "a digit less", digest, "38b9824\"", "38b982\""),
                Broken::new("digest-without-algorithm", "no algorithm", digest, "sha256:2cf", "2cf"),
                Broken::new("digest-only-algorithm", "no digits", digest, super::DIGEST, "sha256:"),
                Broken::new(
                    "tar-split-digest-short",
                    "a digit less in the digest of the tar-split",
                    digest,
                    "9cb8a7\"",
                    "9cb8a\"",
                ),
            ],
        );
        let json = BASE.replace(super::TAR_SPLIT_DIGEST, "");
        let input = self.input(G5, json.as_bytes());
        self.cases
            .invalid(
                "tar-split-digest-empty",
                "g5",
                "an empty digest of the tar-split",
                "An empty digest counts as none, so that whoever writes the TOC chooses whether the tar-split is checked.",
                digest,
                input,
            )
            .tags(&[Tag::Security])
            .bugs(&[Bug::StorageOldTarSplit]);
        self.valid(
            "tar-split-digest-absent",
            "no digest of the tar-split",
            "Layers from before v1.54 have none; they can be read without their tar-split.",
            Rule::EntryDigest,
            &BASE.replace(&format!(r#","tarSplitDigest":"{}""#, super::TAR_SPLIT_DIGEST), ""),
            |toc| toc.tar_split_digest = None,
        );
        self.either(
            "digest-sha512",
            "a file with a digest of sha512",
            "A reader that assumes sha256 compares 128 digits with 64; one that takes every algorithm has two keys for one content.",
            (Choice::DigestAlgorithm, Rule::DigestAlgorithm),
            &BASE.replace(super::DIGEST, SHA512),
            |toc| toc.entries[1].digest = Some(SHA512.to_owned()),
        );
        let empty = format!(r#"{{"type":"reg","name":"a","mode":420,"modtime":"{}"}}"#, super::TIME);
        let input = self.input(G5, toc(&[&empty]).as_bytes());
        self.cases
            .valid(
                "file-empty",
                "an empty file without digest and offset",
                "containers/storage writes neither for empty files; a reader that insists drops the file.",
                input,
                output(vec![
                    entry(EntryTypeOutput::Reg, "a").edit(|entry| entry.mode = Decimal(420)),
                ]),
            )
            .rules(&[Rule::FileIndexed])
            .dialects(&[G2, G3, G4, G5])
            .tags(&[Tag::Interop, Tag::Boundary])
            .bugs(&[Bug::StorageEmptyFile]);
        let shared = |name: &str| {
            format!(
                r#"{{"type":"reg","name":"{name}","mode":420,"size":20,"modtime":"{}","digest":"{}","offset":100,"endOffset":150}}"#,
                super::TIME,
                super::DIGEST
            )
        };
        let input = self.input(G5, toc(&[&shared("a"), &shared("b")]).as_bytes());
        self.cases
            .either(
                "shared-range",
                "two files that name one range",
                "A reader that sorts by range loses one of the two files.",
                Choice::SharedRanges,
                input,
                output(vec![file("a", 20, 100, 150), file("b", 20, 100, 150)]),
            )
            .rules(&[Rule::SharedRange])
            .dialects(&[G5]);
    }

    fn attributes(&mut self) {
        let xattr = &[Rule::EntryXattr][..];
        self.broken(
            "The value that reaches the file is cut off, or not the one that was signed.",
            &[
                Broken::new("xattr-unpadded", "no padding", xattr, "MQ==", "MQ"),
                Broken::new("xattr-url-safe", "the alphabet for URLs", xattr, "MQ==", "-_8="),
                Broken::new("xattr-space", "a space in base64", xattr, "MQ==", "M Q=="),
                Broken::new("xattr-text", "text that is no base64", xattr, "MQ==", "one!"),
                Broken::new(
                    "xattr-line-feed",
                    "an escaped line feed in base64",
                    xattr,
                    "MQ==",
                    r"M\nQ==",
                ),
            ],
        );
        self.either(
            "xattr-trailing-bits",
            "base64 whose last character has bits that are not used and not zero",
            "RFC 4648 lets a decoder refuse it or drop the bits; a reader that compares the text with that of the tar refuses the layer.",
            (Choice::TrailingBits, Rule::EntryXattr),
            &BASE.replace("MQ==", "MR=="),
            |_| {},
        );
        self.valid(
            "xattr-values",
            "extended attributes with an empty and a binary value",
            "An empty value counts as no attribute, or a binary one is cut at its NUL.",
            Rule::EntryXattr,
            &BASE.replace(
                r#"{"user.a":"MQ=="}"#,
                r#"{"user.empty":"","security.capability":"AQAAAgAE+/8=","user.\u00e9":"MQ=="}"#,
            ),
            |toc| {
                toc.entries[1].xattrs = [
                    ("user.empty", ""),
                    ("security.capability", "AQAAAgAE+/8="),
                    ("user.\u{e9}", "MQ=="),
                ]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
            },
        );
        let time = &[Rule::EntryTime][..];
        let from = "2023-11-14T22:13:20.5Z";
        self.broken(
            "A time that cannot be read counts as none, and what is compared with the tar is nothing.",
            &[
                Broken::new("time-text", "a letter", time, from, "x"),
                Broken::new("time-empty", "an empty text", time, from, ""),
                Broken::new("time-only-date", "a date without a time", time, from, "2023-11-14"),
                Broken::new("time-without-zone", "no zone", time, from, "2023-11-14T22:13:20"),
                Broken::new(
                    "time-day-30-february",
                    "30 February",
                    time,
                    from,
                    "2023-02-30T22:13:20Z",
                ),
                Broken::new(
                    "time-leap-day-wrong",
                    "29 February of a year without one",
                    time,
                    from,
                    "2023-02-29T22:13:20Z",
                ),
                Broken::new("time-hour-24", "hour 24", time, from, "2023-11-14T24:00:00Z"),
                Broken::new("time-month-13", "month 13", time, from, "2023-13-14T22:13:20Z"),
                Broken::new(
                    "time-short-year",
                    "a year of two digits",
                    time,
                    from,
                    "23-11-14T22:13:20Z",
                ),
                Broken::new(
                    "time-zone-without-colon",
                    "a zone without a colon",
                    time,
                    from,
                    "2023-11-14T22:13:20+0100",
                ),
                Broken::new(
                    "time-empty-fraction",
                    "a point without a fraction",
                    time,
                    from,
                    "2023-11-14T22:13:20.Z",
                ),
                Broken::new(
                    "time-trailing-text",
                    "text behind the zone",
                    time,
                    from,
                    "2023-11-14T22:13:20Zx",
                ),
            ],
        );
    }
}
