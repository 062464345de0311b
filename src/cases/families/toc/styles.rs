//! TOCs as the writers of each generation lay them out.

use super::{
    BASE, Bug, Builder, Choice, DIGEST, Decimal, Digest, EditInPlace, EntryTypeOutput, G1, G2, G3, G4, G5, Rule, TIME,
    Tag, entry, file, output, toc,
};

/// A time that stands for none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl Builder<'_> {
    pub(super) fn styles(&mut self) {
        self.full();
        self.zero_times();
        self.owner_names();
        self.stargz();
        self.every_type();
        self.fields_of_other_types();
        self.empty();
        self.layout();
    }

    /// containers/storage v1.31 to v1.37.
    fn full(&mut self) {
        let zeros = format!(r#""accesstime":"{NO_TIME}","changetime":"{NO_TIME}","devMajor":0,"devMinor":0"#);
        let json = toc(&[
            &format!(
                r#"{{"type":"dir","name":"etc/","mode":493,"size":0,"uid":0,"gid":0,"modtime":"2023-11-14T22:13:20Z",{zeros}}}"#
            ),
            &format!(
                r#"{{"type":"reg","name":"etc/motd","mode":420,"size":20,"uid":0,"gid":0,"modtime":"2023-11-14T22:13:20Z",{zeros},"digest":"{DIGEST}","offset":100,"endOffset":150,"chunkDigest":"{DIGEST}"}}"#
            ),
        ]);
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-full",
                "a TOC of containers/storage up to v1.37",
                "A chunk digest without a chunk size is taken for half a chunk, or the year 1 for a time.",
                input,
                output(vec![
                    entry(EntryTypeOutput::Dir, "etc").edit(|entry| entry.mode = Decimal(493)),
                    file("etc/motd", 20, 100, 150).edit(|entry| entry.chunks[0].digest = Some(DIGEST.into())),
                ]),
            )
            .rules(&[Rule::FileIndexed, Rule::EntryTime])
            .dialects(&[G1])
            .tags(&[Tag("interop")]);
    }

    /// containers/storage v1.38 to v1.54.
    fn zero_times(&mut self) {
        let json = toc(&[&format!(
            r#"{{"type":"reg","name":"motd","mode":420,"size":20,"modtime":"2023-11-14T22:13:20Z","accesstime":"{NO_TIME}","changetime":"{NO_TIME}","digest":"{DIGEST}","offset":100,"endOffset":150}}"#
        )]);
        for (dialect, more) in [(G2, &[G1, G2][..]), (G4, &[G3, G4])] {
            let input = self.input(dialect, json.as_bytes());
            self.cases
                .valid(
                    &format!("{dialect}-zero-times"),
                    &format!("a TOC of {dialect}, with times of year 1"),
                    "The year 1 is taken for a time, and no time matches that of the tar.",
                    input,
                    output(vec![file("motd", 20, 100, 150)]),
                )
                .rules(&[Rule::EntryTime])
                .dialects(more)
                .tags(&[Tag("interop")]);
        }
    }

    /// Names of owners, which stargz alone writes.
    fn owner_names(&mut self) {
        let json = toc(&[
            r#"{"type":"dir","name":"d/","mode":493,"modtime":"2023-11-14T22:13:20Z","userName":"user","groupName":"group"}"#,
        ]);
        let unknown = || entry(EntryTypeOutput::Dir, "d").edit(|entry| entry.mode = Decimal(493));
        let named = unknown().edit(|entry| {
            entry.user_name = "user".into();
            entry.group_name = "group".into();
        });
        let input = self.input(G2, json.as_bytes());
        self.cases
            .either(
                "g2-owner-names",
                "a TOC of g2 with the names of an owner and a group",
                "Two readers give the file to two owners, as one goes by names and the other by numbers.",
                Choice("owner-names"),
                input,
                output(vec![named]),
            )
            .reading("unknown", output(vec![unknown()]))
            .rules(&[Rule::JsonType])
            .dialects(&[G2]);
    }

    fn stargz(&mut self) {
        let nothing = Digest::of(b"");
        let json = format!(
            r#"{{
	"version": 1,
	"entries": [
		{{
			"name": "a",
			"type": "reg",
			"size": 20,
			"modtime": "2023-11-14T22:13:20Z",
			"mode": 420,
			"uid": 1000,
			"userName": "user",
			"groupName": "root",
			"offset": 97,
			"NumLink": 0,
			"digest": "{DIGEST}",
			"chunkDigest": "{DIGEST}"
		}},
		{{
			"name": "empty",
			"type": "reg",
			"modtime": "2023-11-14T22:13:20Z",
			"mode": 420,
			"digest": "{nothing}"
		}}
	]
}}"#
        );
        let expected = output(vec![
            file("a", 20, 97, 0).edit(|entry| {
                entry.uid = Decimal(1000);
                entry.user_name = "user".into();
                entry.group_name = "root".into();
                entry.chunks[0].end_offset = None;
                entry.chunks[0].digest = Some(DIGEST.into());
            }),
            entry(EntryTypeOutput::Reg, "empty").edit(|entry| {
                entry.mode = Decimal(420);
                entry.digest = Some(nothing.to_string());
            }),
        ]);
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-stargz",
                "a TOC of stargz-snapshotter",
                "A reader that insists on end offsets, or on one line, reads no layer of stargz-snapshotter.",
                input,
                expected,
            )
            .rules(&[Rule::FileIndexed])
            .dialects(&[G1])
            .tags(&[Tag("interop")]);

        let json = toc(&[
            &format!(
                r#"{{"name":"a","type":"reg","size":20,"modtime":"2023-11-14T22:13:20Z","mode":420,"offset":97,"digest":"{DIGEST}","chunkDigest":"{DIGEST}"}}"#
            ),
            &format!(
                r#"{{"name":"b","type":"reg","size":20,"modtime":"2023-11-14T22:13:20Z","mode":420,"offset":97,"innerOffset":1024,"digest":"{DIGEST}","chunkDigest":"{DIGEST}"}}"#
            ),
        ]);
        let small = |name: &str, inner: Option<u64>| {
            file(name, 20, 97, 0).edit(|entry| {
                entry.chunks[0].end_offset = None;
                entry.chunks[0].inner_offset = inner.map(Decimal);
                entry.chunks[0].digest = Some(DIGEST.into());
            })
        };
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-stargz-inner-offset",
                "two files in one frame, told apart by an inner offset",
                "Every file of the frame gets the content of the first.",
                input,
                output(vec![small("a", None), small("b", Some(1024))]),
            )
            .rules(&[Rule::FileIndexed])
            .dialects(&[G1])
            .tags(&[Tag("interop")]);

        let json = toc(&[&format!(
            r#"{{"name":"a","type":"reg","size":20,"modtime":"2023-11-14T22:13:20Z","mode":420,"innerOffset":512,"digest":"{DIGEST}","chunkDigest":"{DIGEST}"}}"#
        )]);
        let first = small("a", Some(512)).edit(|entry| entry.chunks[0].offset = Decimal(0));
        let input = self.input(G1, json.as_bytes());
        self.cases
            .valid(
                "g1-stargz-offset-0-left-out",
                "a file in the frame that begins the blob: an inner offset, and an offset of 0 that is left out",
                "With a minimum chunk size the first files share the first frame, and a reader that asks for an offset refuses \
                 the layer.",
                input,
                output(vec![first]),
            )
            .rules(&[Rule::FileIndexed])
            .dialects(&[G1])
            .tags(&[Tag("interop")]);
    }

    /// What the fields of other types say does not apply, and makes no other file.
    fn fields_of_other_types(&mut self) {
        let json = toc(&[
            r#"{"type":"reg","name":"f","linkName":"a","devMajor":1,"devMinor":3,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"dir","name":"d","linkName":"a","devMajor":1,"devMinor":3,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"char","name":"c","linkName":"a","devMajor":1,"devMinor":3,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"symlink","name":"l","linkName":"a","devMajor":1,"devMinor":3,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"hardlink","name":"h","linkName":"f","devMajor":1,"devMinor":3,"size":5,"modtime":"2023-11-14T22:13:20Z"}"#,
        ]);
        let device = entry(EntryTypeOutput::Char, "c").edit(|entry| {
            entry.dev_major = Decimal(1);
            entry.dev_minor = Decimal(3);
        });
        let link = |kind, name: &str, target: &str| entry(kind, name).edit(|entry| entry.link_name = target.to_owned());
        let input = self.input(G5, json.as_bytes());
        self.cases
            .valid(
                "fields-of-other-types",
                "a link target of what is no link, device numbers of what is no device, and a size of a hard link",
                "A file is made a link, or a device. containers/storage decides: it writes these fields as they are in the tar header, \
                 whatever the type, and acts on them by type. The size is kept as the TOC has it.",
                input,
                output(vec![
                    entry(EntryTypeOutput::Reg, "f"),
                    entry(EntryTypeOutput::Dir, "d"),
                    device,
                    link(EntryTypeOutput::Symlink, "l", "a"),
                    link(EntryTypeOutput::Hardlink, "h", "f").edit(|entry| entry.size = Decimal(5)),
                ]),
            )
            .rules(&[Rule::EntryType])
            .dialects(&[G5])
            .tags(&[Tag("security")]);
    }

    fn every_type(&mut self) {
        let json = toc(&[
            r#"{"type":"reg","name":"f","mode":2541,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"hardlink","name":"h","linkName":"./f","mode":420,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"symlink","name":"s","linkName":"a/../b//","mode":511,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"char","name":"c","devMajor":1,"devMinor":3,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"block","name":"b","devMajor":8,"devMinor":1048575,"modtime":"2023-11-14T22:13:20Z"}"#,
            r#"{"type":"fifo","name":"p","uid":4294967294,"gid":4294967294,"modtime":"2023-11-14T22:13:20Z"}"#,
        ]);
        let device = |kind, name: &str, major, minor| {
            entry(kind, name).edit(|entry| {
                entry.dev_major = Decimal(major);
                entry.dev_minor = Decimal(minor);
            })
        };
        let link = |kind, name: &str, target: &str, mode| {
            entry(kind, name).edit(|entry| {
                entry.link_name = target.to_owned();
                entry.mode = Decimal(mode);
            })
        };
        let input = self.input(G5, json.as_bytes());
        self.cases
            .valid(
                "every-type",
                "an entry of every type",
                "A type is unknown, a link target is tidied up, or setuid bits and large ids are lost.",
                input,
                output(vec![
                    entry(EntryTypeOutput::Reg, "f").edit(|entry| entry.mode = Decimal(2541)),
                    link(EntryTypeOutput::Hardlink, "h", "./f", 420),
                    link(EntryTypeOutput::Symlink, "s", "a/../b//", 511),
                    device(EntryTypeOutput::Char, "c", 1, 3),
                    device(EntryTypeOutput::Block, "b", 8, 1_048_575),
                    entry(EntryTypeOutput::Fifo, "p").edit(|entry| {
                        entry.uid = Decimal(4_294_967_294);
                        entry.gid = Decimal(4_294_967_294);
                    }),
                ]),
            )
            .rules(&[Rule::EntryType])
            .dialects(&[G5])
            .tags(&[Tag("interop")])
            .bugs(&[Bug("storage-metadata")]);
    }

    fn empty(&mut self) {
        for (slug, title, json) in [
            ("no-entries", "no entries", r#"{"version":1,"entries":[]}"#),
            (
                "null-entries",
                "null for the entries",
                r#"{"version":1,"entries":null}"#,
            ),
        ] {
            let input = self.input(G5, json.as_bytes());
            self.cases
                .valid(
                    slug,
                    &format!("a TOC with {title}"),
                    "Go writes null for an empty list; the layer of an empty tar cannot be read.",
                    input,
                    output(vec![]),
                )
                .rules(&[Rule::TocEntries])
                .dialects(&[G1, G2, G3, G4, G5])
                .tags(&[Tag("interop"), Tag("boundary")]);
        }
    }

    /// The base TOC, laid out otherwise.
    fn layout(&mut self) {
        let spaced = BASE
            .replace(',', " ,\r\n\t")
            .replace(':', " : ")
            .replace("22 : 13 : 20", "22:13:20");
        let spaced = format!(" \n{}\t\r\n ", spaced.replace("sha256 : ", "sha256:"));
        self.valid(
            "white-space",
            "white space around every token",
            "White space that JSON allows is taken for an error, also behind the value.",
            Rule::JsonTrailing,
            &spaced,
            |_| {},
        );
        let (head, entries) = BASE.split_at(r#"{"version":1,"#.len());
        let version_last = format!(
            "{{{}{}}}",
            entries.trim_end_matches('}'),
            head.replace(['{', ','], "").replace("\"version\"", ",\"version\"")
        );
        self.valid(
            "version-last",
            "the version behind the entries",
            "A reader that stops after the entries reads version 0.",
            Rule::TocVersion,
            &version_last,
            |_| {},
        );
        self.valid(
            "unknown-keys",
            "keys that no reader knows",
            "A TOC of a future writer, or one with stargz's additions, is refused.",
            Rule::TocEntries,
            &BASE
                .replace(
                    r#""version":1,"#,
                    r#""version":1,"future":{"a":[null,true,1.5e3,"x"]},"#,
                )
                .replace(r#""mode":493,"#, r#""mode":493,"NumLink":2,"Some thing":[],"#),
            |_| {},
        );
        self.valid(
            "num-link-text",
            "text under NumLink, which old versions of estargz wrote as a number",
            "The sources of estargz decide, which since v0.12 know no such key: readers ignore it, whatever it holds.",
            Rule::JsonType,
            &BASE.replace(r#""mode":493,"#, r#""mode":493,"NumLink":"two","#),
            |_| {},
        );
        self.valid(
            "escapes",
            "escapes in names",
            "An escape stays as it is written, so that the file on disk has another name.",
            Rule::JsonSyntax,
            &BASE
                .replace("etc/motd", r"etc\/a\u0026b \\x2d\u003c\ud83d\ude00")
                .replace("etc/link", "etc/\u{e9}\u{2028}"),
            |toc| {
                toc.entries[1].name = "etc/a&b \\x2d<\u{1f600}".into();
                toc.entries[2].name = "etc/\u{e9}\u{2028}".into();
            },
        );
        self.valid(
            "escapes-of-controls",
            "every short escape of JSON in a name",
            "An escape is read as the letter behind it.",
            Rule::JsonSyntax,
            &BASE.replace("etc/motd", r#"etc/\"\\\/\b\f\n\r\t\u001F"#),
            |toc| toc.entries[1].name = "etc/\"\\/\u{8}\u{c}\n\r\t\u{1f}".into(),
        );
        self.valid(
            "unknown-key-values",
            "unknown keys with every kind of value and number",
            "A value that is only passed over is parsed wrongly, and the rest of the document with it.",
            Rule::JsonSyntax,
            &BASE.replace(
                r#""version":1"#,
                r#""version":1,"a":[0,-0,-1.5,1e5,1E+5,1e-5,0.0e0,[],{},[{}]],"b":true,"c":false,"d":null,"e":{"f":"\u00e4\"","g":[1,{"h":[]}]}"#,
            ),
            |_| {},
        );
        for (slug, title, from, time) in [
            (
                "time-with-offset",
                "a time with an offset",
                "2023-11-14T23:13:20+01:00",
                Some(TIME),
            ),
            (
                "time-with-nanoseconds",
                "a time with nanoseconds",
                "2023-11-14T22:13:20.000000001Z",
                Some("2023-11-14T22:13:20.000000001Z"),
            ),
            (
                "time-with-zeros",
                "a fraction with trailing zeros",
                "2023-11-14T22:13:20.5000Z",
                Some("2023-11-14T22:13:20.5Z"),
            ),
            (
                "time-over-midnight",
                "an offset that changes the day",
                "2023-11-15T05:43:20+07:30",
                Some(TIME),
            ),
            (
                "time-leap-day",
                "a leap day",
                "2024-02-29T00:00:00Z",
                Some("2024-02-29T00:00:00Z"),
            ),
            (
                "time-before-1970",
                "a time before 1970",
                "1969-12-31T23:59:59Z",
                Some("1969-12-31T23:59:59Z"),
            ),
            ("time-unix-zero", "Unix time 0", "1970-01-01T00:00:00Z", None),
            ("time-year-1", "the year 1", "0001-01-01T00:00:00Z", None),
        ] {
            self.valid(
                slug,
                title,
                "Times are compared as text, rounded, or shifted, and no longer match those of the tar.",
                Rule::EntryTime,
                &BASE.replace("2023-11-14T22:13:20.5Z", from),
                |toc| toc.entries[1].modtime = time.map(Into::into),
            );
        }
        let times = r#""modtime":"2023-11-14T22:13:20.5Z","accesstime":"2023-11-14T22:13:21Z","changetime":"2023-11-14T22:13:22.25Z""#;
        self.valid(
            "three-times",
            "access and change time",
            "Access and change time are lost, or swapped.",
            Rule::EntryTime,
            &BASE.replace(r#""modtime":"2023-11-14T22:13:20.5Z""#, times),
            |toc| {
                toc.entries[1].accesstime = Some("2023-11-14T22:13:21Z".into());
                toc.entries[1].changetime = Some("2023-11-14T22:13:22.25Z".into());
            },
        );
    }
}
