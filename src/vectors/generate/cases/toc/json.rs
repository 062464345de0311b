//! TOCs as JSON.

mod deep;

use super::{BASE, Bench, Broken, Bug, Choice, Decimal, EditInPlace, G5, Rule, Tag};

impl Bench<'_> {
    pub(super) fn json(&mut self) {
        self.syntax();
        self.trailing();
        self.keys();
        self.deep();
        self.values();
        self.document();
    }

    fn syntax(&mut self) {
        const WHY: &str =
            "A document that is not JSON is read up to the mistake, and the rest of the layer is missing.";
        let syntax = &[Rule::JsonSyntax][..];
        self.broken(
            WHY,
            &[
                Broken::new(
                    "syntax-truncated",
                    "the last brace is missing",
                    syntax,
                    "cb8a7\"}",
                    "cb8a7\"",
                ),
                Broken::new(
                    "syntax-trailing-comma",
                    "a comma behind the last entry",
                    syntax,
                    "}],",
                    "},],",
                ),
                Broken::new("syntax-no-comma", "no comma between two entries", syntax, "},{", "}{"),
                Broken::new(
                    "syntax-single-quotes",
                    "single quotes",
                    syntax,
                    r#""version""#,
                    "'version'",
                ),
                Broken::new(
                    "syntax-bare-key",
                    "a key without quotes",
                    syntax,
                    r#""version""#,
                    "version",
                ),
                Broken::new(
                    "syntax-comment",
                    "a comment",
                    syntax,
                    r#""version":1,"#,
                    r#""version":1,/* one */"#,
                ),
                Broken::new(
                    "syntax-leading-zero",
                    "a number with a leading zero",
                    syntax,
                    ":493",
                    ":0493",
                ),
                Broken::new("syntax-plus", "a number with a plus sign", syntax, ":493", ":+493"),
                Broken::new("syntax-nan", "NaN for a number", syntax, ":493", ":NaN"),
                Broken::new("syntax-hexadecimal", "a hexadecimal number", syntax, ":493", ":0x1ed"),
                Broken::new(
                    "syntax-tab-in-string",
                    "a raw tab in a string",
                    syntax,
                    "etc/motd",
                    "etc/\tmotd",
                ),
                Broken::new(
                    "syntax-escape",
                    "an escape that JSON does not have",
                    syntax,
                    "etc/motd",
                    r"etc/\x6dotd",
                ),
                Broken::new(
                    "syntax-short-escape",
                    "an escape of three digits",
                    syntax,
                    "etc/motd",
                    r"etc/\u06dotd",
                ),
                Broken::new("syntax-upper-case-null", "NULL as a value", syntax, ":493", ":NULL"),
                Broken::new(
                    "syntax-byte-order-mark",
                    "a byte order mark",
                    syntax,
                    r#"{"version"#,
                    "\u{feff}{\"version",
                ),
            ],
        );
        let without_brace = BASE.strip_suffix('}').unwrap_or_default().as_bytes();
        for (slug, change, bytes) in [
            ("empty-input", "no bytes at all", Vec::new()),
            ("syntax-text", "the word garbage", b"garbage".to_vec()),
            // Three documents that a reader with a streaming parser took for whole ones, in the newest release of podman's library.
            (
                "syntax-cut-after-empty-key",
                "an empty key and its colon in the place of the last brace",
                [without_brace, b",\"\":"].concat(),
            ),
            (
                "syntax-null-for-brace",
                "null in the place of the last brace",
                [without_brace, b"null"].concat(),
            ),
            (
                "syntax-brace-for-comma",
                "an opening brace in the place of a comma",
                BASE.replacen(',', "{", 1).into_bytes(),
            ),
            (
                "utf-16",
                "UTF-16",
                BASE.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            (
                "invalid-utf-8",
                "a name that is not UTF-8",
                BASE.as_bytes().to_vec().edit(|bytes| {
                    if let Some(at) = BASE.find("motd") {
                        bytes[at] = 0xe4;
                    }
                }),
            ),
        ] {
            let input = self.input(G5, &bytes);
            self.cases
                .invalid(slug, "g5", change, WHY, syntax, input)
                .tags(&[Tag::Robustness])
                .bugs(&[Bug::StorageBrokenJson]);
        }
    }

    /// Data behind the value.
    fn trailing(&mut self) {
        for (slug, text) in [
            ("object", "{}"),
            ("array", "[]"),
            ("comma", ","),
            ("number", " 123"),
            ("brace", "}"),
            ("text", "\naaaa"),
            ("nul", "\0"),
            ("document", r#"{"version":1,"entries":[]}"#),
        ] {
            let json = format!("{BASE}{text}");
            let input = self.input(G5, json.as_bytes());
            self.cases
                .invalid(
                    &format!("trailing-{slug}"),
                    "g5",
                    &format!("{text:?} behind the value"),
                    "Two documents stand in one TOC, and which of them counts depends on the reader.",
                    &[Rule::JsonTrailing],
                    input,
                )
                .tags(&[Tag::Security])
                .bugs(&[Bug::StorageTrailingData]);
        }
    }

    fn keys(&mut self) {
        const TWICE: &str = "Two readers that choose differently between two equal keys see two layers in one TOC.";
        let duplicate = (Choice::DuplicateKeys, Rule::JsonDuplicateKey);
        self.either(
            "duplicate-key",
            "an entry with two modes",
            TWICE,
            duplicate,
            &BASE.replace(r#""mode":420"#, r#""mode":2541,"mode":420"#),
            |_| {},
        );
        self.either(
            "duplicate-key-last",
            "an entry with two names, the last one another",
            TWICE,
            duplicate,
            &BASE.replace(r#""mode":420"#, r#""mode":420,"name":"etc/shadow""#),
            |toc| toc.entries[1].name = "etc/shadow".into(),
        );
        self.either(
            "duplicate-entries",
            "two lists of entries",
            "Two lists are joined by one reader and one of them dropped by another.",
            duplicate,
            &BASE.replace(
                r#""entries":["#,
                r#""entries":[{"type":"dir","name":"evil"}],"entries":["#,
            ),
            |_| {},
        );
        self.either(
            "duplicate-xattr",
            "an extended attribute twice",
            TWICE,
            duplicate,
            &BASE.replace(r#"{"user.a":"MQ=="}"#, r#"{"user.a":"Mg==","user.a":"MQ=="}"#),
            |_| {},
        );
        self.either(
            "folded-key",
            "NAME instead of name",
            "One reader folds the case of keys and finds a name, another finds an entry without one.",
            (Choice::FoldedKeys, Rule::JsonFoldedKey),
            &BASE.replace(r#""name":"etc/motd""#, r#""NAME":"etc/motd""#),
            |_| {},
        );
        for (slug, title, from, to) in [
            (
                "folded-key-long-s",
                "a long s (U+017F) in the key digest",
                r#""digest""#,
                "\"dige\u{17f}t\"",
            ),
            (
                "folded-key-kelvin",
                "a Kelvin sign (U+212A) in the key linkName",
                r#""linkName""#,
                "\"lin\u{212a}Name\"",
            ),
        ] {
            self.either(
                slug,
                title,
                "Go folds these two letters into ASCII, so that a key is known to it that no reader of bytes takes for it.",
                (Choice::FoldedKeys, Rule::JsonFoldedKey),
                &BASE.replace(from, to),
                |_| {},
            );
        }
        self.either(
            "folded-key-unknown",
            "a second version under the key Version",
            "One reader folds the case of keys and finds version 2, another ignores a key that it does not know.",
            (Choice::UnfoldedKeys, Rule::JsonFoldedKey),
            &BASE.replace(r#""version":1"#, r#""version":1,"Version":2"#),
            |_| {},
        );
        self.either(
            "lone-surrogate",
            "the escape of half a surrogate pair in a name",
            "It has no form in UTF-8: one reader refuses it, one puts U+FFFD, one writes bytes that are no text.",
            (Choice::LoneSurrogates, Rule::JsonUnicode),
            &BASE.replace("etc/motd", r"etc/\ud800x"),
            |toc| toc.entries[1].name = "etc/\u{fffd}x".into(),
        );
        for (slug, key, from, to) in [
            ("null-uid", "uid", r#""uid":1000"#, r#""uid":null"#),
            (
                "null-xattrs",
                "xattrs",
                r#""xattrs":{"user.a":"MQ=="}"#,
                r#""xattrs":null"#,
            ),
            (
                "null-link-name",
                "linkName",
                r#""mode":420"#,
                r#""mode":420,"linkName":null"#,
            ),
        ] {
            self.either(
                slug,
                &format!("null under the key {key}"),
                "Null is a zero to one reader and an error to another.",
                (Choice::NullFields, Rule::JsonNull),
                &BASE.replace(from, to),
                |toc| {
                    let file = &mut toc.entries[1];
                    match key {
                        "uid" => file.uid = Decimal(0),
                        "xattrs" => file.xattrs.clear(),
                        _ => {}
                    }
                },
            );
        }
    }

    /// Numbers and types.
    fn values(&mut self) {
        let integer = &[Rule::JsonInteger][..];
        let typed = &[Rule::JsonType][..];
        self.broken(
            "A number that is rounded, cut off or wrapped is another number, and two readers see two layers.",
            &[
                Broken::new(
                    "number-fraction",
                    "a size of 20.0",
                    integer,
                    r#""size":20"#,
                    r#""size":20.0"#,
                ),
                Broken::new(
                    "number-fraction-lost",
                    "a uid of 1000.5",
                    integer,
                    r#""uid":1000"#,
                    r#""uid":1000.5"#,
                ),
                Broken::new(
                    "number-exponent",
                    "a uid of 1e3",
                    integer,
                    r#""uid":1000"#,
                    r#""uid":1e3"#,
                ),
                Broken::new(
                    "number-2-63",
                    "a uid of 2^63",
                    integer,
                    r#""uid":1000"#,
                    r#""uid":9223372036854775808"#,
                ),
                Broken::new(
                    "number-2-64",
                    "a mode that wraps to the right one",
                    integer,
                    r#""mode":420"#,
                    r#""mode":18446744073709552036"#,
                ),
                Broken::new(
                    "number-huge",
                    "a size of 40 digits",
                    integer,
                    r#""size":20"#,
                    r#""size":1000000000000000000000000000000000000000"#,
                ),
            ],
        );
        self.broken(
            "A value of another type is read as zero or as nothing, or ends the process.",
            &[
                Broken::new(
                    "type-size-string",
                    "a string for the size",
                    typed,
                    r#""size":20"#,
                    r#""size":"20""#,
                ),
                Broken::new(
                    "type-name-number",
                    "a number for the name",
                    typed,
                    r#""name":"etc/motd""#,
                    r#""name":7"#,
                ),
                Broken::new(
                    "type-mode-bool",
                    "true for the mode",
                    typed,
                    r#""mode":420"#,
                    r#""mode":true"#,
                ),
                Broken::new(
                    "type-xattrs-array",
                    "an array for the extended attributes",
                    typed,
                    r#"{"user.a":"MQ=="}"#,
                    r#"["MQ=="]"#,
                ),
                Broken::new(
                    "type-xattr-number",
                    "a number for the value of an extended attribute",
                    typed,
                    r#""MQ==""#,
                    "1",
                ),
                Broken::new(
                    "type-time-number",
                    "a number for a time",
                    typed,
                    r#""2023-11-14T22:13:20.5Z""#,
                    "1700000000",
                ),
                Broken::new(
                    "type-digest-array",
                    "an array for the digest of the tar-split",
                    typed,
                    "\"tarSplitDigest\":\"sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7\"",
                    "\"tarSplitDigest\":[]",
                ),
            ],
        );
        let input = self.input(G5, br#"{"version":1,"entries":[null]}"#);
        self.cases
            .invalid(
                "entry-null",
                "no-entries",
                "null as the only entry",
                "A reader follows a pointer to no entry and dies.",
                &[Rule::JsonType, Rule::TocEntries, Rule::JsonNull],
                input,
            )
            .tags(&[Tag::Robustness]);
        let input = self.input(G5, br#"{"version":1,"entries":[[]]}"#);
        self.cases.invalid(
            "entry-array",
            "no-entries",
            "an array as the only entry",
            "An entry of another type is passed over, and the file is missing.",
            &[Rule::JsonType, Rule::TocEntries],
            input,
        );
    }

    /// The outermost object.
    fn document(&mut self) {
        let version = &[Rule::TocVersion][..];
        self.broken(
            "A TOC of another version is read as one of this, with fields that mean something else.",
            &[
                Broken::new("version-0", "version 0", version, r#""version":1"#, r#""version":0"#),
                Broken::new("version-2", "version 2", version, r#""version":1"#, r#""version":2"#),
                Broken::new(
                    "version-negative",
                    "version -1",
                    version,
                    r#""version":1"#,
                    r#""version":-1"#,
                ),
                Broken::new(
                    "version-wraps",
                    "version 2^32 + 1",
                    version,
                    r#""version":1"#,
                    r#""version":4294967297"#,
                ),
                Broken::new("version-missing", "no version", version, r#""version":1,"#, ""),
                Broken::new(
                    "version-fraction",
                    "version 1.0",
                    &[Rule::JsonInteger, Rule::TocVersion],
                    r#""version":1"#,
                    r#""version":1.0"#,
                ),
                Broken::new(
                    "version-string",
                    "the version as a string",
                    &[Rule::JsonType, Rule::TocVersion],
                    r#""version":1"#,
                    r#""version":"1""#,
                ),
            ],
        );
        for (slug, change, json) in [
            ("entries-missing", "no list of entries", r#"{"version":1}"#),
            (
                "entries-string",
                "a string for the entries",
                r#"{"version":1,"entries":"x"}"#,
            ),
            (
                "entries-object",
                "an object for the entries",
                r#"{"version":1,"entries":{}}"#,
            ),
            ("document-array", "an array as the document", "[]"),
            ("document-null", "null as the document", "null"),
            ("document-number", "a number as the document", "1"),
        ] {
            let input = self.input(G5, json.as_bytes());
            self.cases
                .invalid(
                    slug,
                    "no-entries",
                    change,
                    "Something that is no TOC is taken for one without entries, and every file is missing.",
                    &[Rule::TocEntries, Rule::JsonType],
                    input,
                )
                .tags(&[Tag::Robustness]);
        }
    }
}
