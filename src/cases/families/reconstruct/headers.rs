//! Tar headers that say what the TOC says in one of the many ways of tar.
//!
//! Who compares the TOC with the headers has to read them as the writer did, or refuses good layers.

use super::{Builder, EditInPlace, G5, Line, Parts, Plan, Rule, Tag, TarEntry, sealed, tar};
use crate::forge::{tar::base256, toc::rfc3339};

const WHY: &str = "A field is read as another reader of tar does not read it, and the layer passes for one whose TOC and \
                   headers differ.";

/// A field of text, filled up with NULs.
fn text(value: &[u8], width: usize) -> Vec<u8> {
    let mut field = value.to_owned();
    field.resize(width, 0);
    field
}

/// A file with these bytes over its header block.
fn file(patches: &[(usize, &[u8])]) -> TarEntry {
    patched(TarEntry::file("file-x", "content\n"), patches)
}

fn patched(mut entry: TarEntry, patches: &[(usize, &[u8])]) -> TarEntry {
    let patches = patches.iter().map(|&(at, bytes)| (at, bytes.to_owned()));
    entry.patches.extend(patches);
    entry
}

fn with_record(entry: TarEntry, key: &str, value: &str) -> TarEntry {
    entry.edit(|entry| entry.pax.push((key.to_owned(), value.as_bytes().to_owned())))
}

/// Makes it a GNU header.
fn gnu(entry: TarEntry) -> TarEntry {
    entry.edit(|entry| entry.gnu = true)
}

/// Makes it a star header: `tar` stands in the last four bytes.
fn star(entry: TarEntry) -> TarEntry {
    patched(entry, &[(508, b"tar\0")])
}

impl Builder<'_> {
    pub(super) fn kinds_of_header(&mut self) {
        self.numbers();
        self.formats();
        self.records();
        self.refused();
    }

    fn agrees(&mut self, slug: &str, title: &str, entries: Vec<TarEntry>, toc: fn(&mut Parts)) {
        let parts = Plan::new(G5, entries).parts().edit(toc);
        self.valid(slug, title, WHY, Rule::EntryMetadata, &sealed(parts))
            .tags(&[Tag("interop")]);
    }

    fn numbers(&mut self) {
        let numbers = gnu(file(&[
            (108, &base256(8, 3_000_000)),
            (116, &base256(8, 4_294_967_294)),
            (124, &base256(12, 8)),
            (136, &base256(12, 8_589_934_592)),
        ]));
        self.agrees(
            "g5-header-base-256",
            "a header whose numbers are in base 256",
            vec![numbers],
            |parts| {
                parts.toc[0].uid = 3_000_000;
                parts.toc[0].gid = 4_294_967_294;
                parts.toc[0].modtime = rfc3339(8_589_934_592);
            },
        );
        self.agrees(
            "g5-header-base-256-before-1970",
            "a header with a time before 1970 in base 256",
            vec![gnu(file(&[(136, &base256(12, -86_401))]))],
            |parts| parts.toc[0].modtime = "1969-12-30T23:59:59Z".into(),
        );
        let device = patched(
            TarEntry::device(b'3', "device", 0, 0),
            &[(329, b"3777777\0"), (337, b"7777777\0")],
        );
        self.agrees(
            "g5-header-devices",
            "a device with large numbers",
            vec![device],
            |parts| {
                parts.toc[0].dev = (0o3_777_777, 0o7_777_777);
            },
        );
        self.agrees(
            "g5-header-fields-of-other-types",
            "a file and a directory whose headers and TOC entries have a link target and device numbers",
            vec![
                file(&[(157, b"target"), (329, b"0000001\0"), (337, b"0000003\0")]),
                patched(
                    TarEntry::dir("d/"),
                    &[(157, b"target"), (329, b"0000001\0"), (337, b"0000003\0")],
                ),
            ],
            |parts| {
                for entry in &mut parts.toc {
                    entry.link = "target".to_owned();
                    entry.dev = (1, 3);
                }
            },
        );
        self.agrees(
            "g5-header-octal",
            "a header whose octal numbers have spaces before and behind, no end, or nothing in them",
            vec![file(&[
                (100, b"   644 \0"),
                (108, b"1750\0  9"),
                (116, b"\0\0\0\0\0\0\0\0"),
                (136, b"014524770400"),
            ])],
            |parts| parts.toc[0].uid = 0o1750,
        );
    }

    fn formats(&mut self) {
        let name = "some/where/file-x";
        let in_two = |prefix: &[u8]| {
            patched(
                TarEntry::file(name, "content\n"),
                &[(0, &text(b"file-x", 100)), (345, prefix)],
            )
        };
        self.agrees(
            "g5-header-ustar-prefix",
            "a name in two parts, as ustar has it",
            vec![in_two(b"some/where")],
            |_| {},
        );
        self.agrees(
            "g5-header-gnu-prefix",
            "a name in two parts in a GNU header, as Go wrote it before 1.8",
            vec![gnu(in_two(b"some/where"))],
            |_| {},
        );
        let times = [(476, &b"14524770401\0"[..]), (488, b"14524770402\0")];
        self.agrees(
            "g5-header-star",
            "a star header, with a name in two parts and times of access and change",
            vec![patched(star(in_two(b"some/where")), &times)],
            |parts| {
                parts.toc[0].accesstime = rfc3339(1_700_000_001);
                parts.toc[0].changetime = rfc3339(1_700_000_002);
            },
        );
        self.agrees(
            "g5-header-star-full-prefix",
            "a star header whose prefix of 131 bytes fills its field, with the time of access behind it",
            vec![patched(star(file(&[(345, "p".repeat(131).as_bytes())])), &times)],
            |parts| {
                let name = format!("{}/file-x", "p".repeat(131));
                if let Line::File { name: in_tar_split, .. } = &mut parts.tar_split[1] {
                    *in_tar_split = name.clone().into();
                }
                parts.toc[0].name = name;
                parts.toc[0].accesstime = rfc3339(1_700_000_001);
                parts.toc[0].changetime = rfc3339(1_700_000_002);
            },
        );
        self.agrees(
            "g5-header-gnu-times",
            "a GNU header with times of access and change",
            vec![gnu(file(&[(345, b"14524770401\0"), (357, b"14524770402\0")]))],
            |parts| {
                parts.toc[0].accesstime = rfc3339(1_700_000_001);
                parts.toc[0].changetime = rfc3339(1_700_000_002);
            },
        );
        self.agrees(
            "g5-header-gnu-time-of-change",
            "a GNU header with a time of change alone",
            vec![gnu(file(&[(357, b"14524770402\0")]))],
            |parts| parts.toc[0].changetime = rfc3339(1_700_000_002),
        );
        self.agrees(
            "g5-header-gnu-no-prefix",
            "a GNU header in whose place of the times stands what is neither a number nor ASCII",
            vec![gnu(file(&[(345, b"pr\xe4fix")]))],
            |_| {},
        );
        self.agrees(
            "g5-header-v7",
            "a header as before POSIX, with remains in the fields that came later",
            vec![patched(
                TarEntry::device(b'0', "file-x", 0, 0).edit(|entry| entry.content = b"content\n".to_vec()),
                &[
                    (257, &[0; 8]),
                    (329, b"0000001\0"),
                    (337, b"0000002\0"),
                    (345, b"remains"),
                ],
            )],
            |_| {},
        );
        for (slug, title, magic) in [
            (
                "g5-header-gnu-version",
                "the magic of GNU with another version, which makes it a header as before POSIX",
                b"ustar 00",
            ),
            (
                "g5-header-ustar-version",
                "the magic of ustar with another version, which changes nothing",
                b"ustar\0  ",
            ),
        ] {
            let ustar = magic[5] == 0;
            let entry = if ustar {
                in_two(b"some/where")
            } else {
                file(&[(345, b"remains")])
            };
            self.agrees(slug, title, vec![patched(entry, &[(257, magic)])], |_| {});
        }
        self.agrees(
            "g5-header-type-nul",
            "a file and a directory whose type is a NUL byte, as before POSIX",
            vec![
                patched(TarEntry::dir("old/"), &[(156, b"\0"), (257, &[0; 8])]),
                patched(TarEntry::file("old/file", "content\n"), &[(156, b"\0"), (257, &[0; 8])]),
            ],
            |_| {},
        );
    }

    fn records(&mut self) {
        let first = |entry: TarEntry| patched(entry, &[(0, &text(b"first", 100))]);
        self.agrees(
            "g5-pax-name",
            "another name in a PAX record than in the header",
            vec![with_record(
                first(TarEntry::file("file-x", "content\n")),
                "path",
                "file-x",
            )],
            |_| {},
        );
        self.agrees(
            "g5-pax-link",
            "another link target in a PAX record than in the header",
            vec![with_record(
                patched(TarEntry::symlink("link", "target"), &[(157, &text(b"first", 100))]),
                "linkpath",
                "target",
            )],
            |_| {},
        );
        self.agrees(
            "g5-pax-owner",
            "an owner and a group in PAX records",
            vec![with_record(
                with_record(file(&[]), "uid", "4294967294"),
                "gid",
                "3000000",
            )],
            |parts| {
                parts.toc[0].uid = 4_294_967_294;
                parts.toc[0].gid = 3_000_000;
            },
        );
        self.agrees(
            "g5-pax-times",
            "times of access and change in PAX records, with fractions",
            vec![with_record(
                with_record(file(&[]), "atime", "1700000001.5"),
                "ctime",
                "1700000002.0000000019",
            )],
            |parts| {
                parts.toc[0].accesstime = "2023-11-14T22:13:21.5Z".into();
                parts.toc[0].changetime = "2023-11-14T22:13:22.000000001Z".into();
            },
        );
        for (slug, title, record, time) in [
            (
                "g5-pax-time-before-1970",
                "a time before 1970 with a fraction in a PAX record",
                "-1.25",
                "1969-12-31T23:59:58.75Z",
            ),
            (
                "g5-pax-time-whole-before-1970",
                "a time before 1970 whose fraction is zero in a PAX record",
                "-2.0",
                "1969-12-31T23:59:58Z",
            ),
        ] {
            let parts = Plan::new(G5, vec![with_record(file(&[]), "mtime", record)])
                .parts()
                .edit(|parts| parts.toc[0].modtime = time.into());
            self.valid(slug, title, WHY, Rule::EntryMetadata, &sealed(parts))
                .tags(&[Tag("interop"), Tag("boundary")]);
        }
        self.agrees(
            "g5-pax-size",
            "a size in a PAX record, and 0 in the header",
            vec![with_record(file(&[(124, b"00000000000\0")]), "size", "8")],
            |_| {},
        );
        self.agrees(
            "g5-pax-empty-values",
            "PAX records without a value, which leave the header as it is",
            vec![
                ["path", "uid", "gid", "mtime", "size"]
                    .iter()
                    .fold(file(&[]).edit(|entry| entry.uid = 1000), |entry, key| {
                        with_record(entry, key, "")
                    }),
            ],
            |_| {},
        );
        self.agrees(
            "g5-pax-twice",
            "the same key twice in one PAX header, the second of which counts",
            vec![with_record(
                with_record(first(TarEntry::file("file-x", "content\n")), "path", "other"),
                "path",
                "file-x",
            )],
            |_| {},
        );
        // The second header replaces the first, whose group is gone.
        let before = tar::extension_of(b'x', &tar::record("gid", b"7"));
        self.agrees(
            "g5-pax-headers-in-a-row",
            "two PAX headers in a row, of which the second counts",
            vec![with_record(file(&[]), "uid", "1000").edit(|entry| entry.before = before)],
            |parts| parts.toc[0].uid = 1000,
        );
        let long = [
            tar::extension_of(b'L', b"file-x\0"),
            tar::extension_of(b'K', b"target\0"),
        ]
        .concat();
        self.agrees(
            "g5-gnu-names-before-pax",
            "a long name and a long link target in GNU's way, which count more than PAX records",
            vec![
                with_record(
                    with_record(
                        patched(TarEntry::symlink("file-x", "target"), &[(0, &text(b"first", 100))]),
                        "path",
                        "second",
                    ),
                    "linkpath",
                    "second",
                )
                .edit(|entry| entry.before = long),
            ],
            |_| {},
        );
    }

    /// Headers that differ from the TOC where a careless reader sees none of it.
    fn refused(&mut self) {
        for (slug, twin, change, entry, toc) in [
            (
                "toc-accesstime-differs",
                "g5-header-gnu-times",
                "another time of access in the TOC",
                gnu(file(&[(345, b"14524770401\0"), (357, b"14524770402\0")])),
                (1_700_000_009, 1_700_000_002),
            ),
            (
                "toc-changetime-differs",
                "g5-header-gnu-times",
                "another time of change in the TOC",
                gnu(file(&[(345, b"14524770401\0"), (357, b"14524770402\0")])),
                (1_700_000_001, 1_700_000_009),
            ),
        ] {
            let parts = Plan::new(G5, vec![entry]).parts().edit(|parts| {
                parts.toc[0].accesstime = rfc3339(toc.0);
                parts.toc[0].changetime = rfc3339(toc.1);
            });
            self.invalid(
                slug,
                twin,
                change,
                "What a user inspects and runs comes from the TOC, what is pushed comes from the tar-split: the two are \
                 different layers.",
                &[Rule::EntryMetadata],
                &sealed(parts),
            );
        }
    }
}
