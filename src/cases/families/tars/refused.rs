//! Tars that are refused: broken ones, and those that the format cannot hold.

mod cut;

use super::{Refused, archive, base256, behind_pax, file, one_file, open, patched, with_record};
use crate::{
    forge::{
        EditInPlace,
        tar::{self, TarEntry},
    },
    rules::Rule,
    vectors::{Bug, Tag},
};

pub(super) fn tars() -> Vec<Refused> {
    let mut table = Table(Vec::new());
    table.cut();
    table.headers();
    table.extensions();
    table.names();
    table.beyond_the_toc();
    table.0
}

struct Table(Vec<Refused>);

/// What is told of one row.
#[derive(Clone, Copy)]
struct Told {
    why: &'static str,
    disassemble: &'static [Rule],
    write: &'static [Rule],
}

impl Table {
    fn add(&mut self, slug: &'static str, twin: &'static str, change: &'static str, told: &Told, tar: Vec<u8>) {
        self.0.push(Refused {
            slug,
            twin,
            change,
            why: told.why,
            disassemble: told.disassemble,
            write: told.write,
            tags: &[],
            bugs: &[],
            tar,
        });
    }

    fn last(&mut self, tags: &'static [Tag], bugs: &'static [Bug]) {
        if let Some(last) = self.0.last_mut() {
            last.tags = tags;
            last.bugs = bugs;
        }
    }

    fn headers(&mut self) {
        let rules = &[Rule::TarHeader];
        let told = Told {
            why: "Two readers of tar make two things of the header, or one of them crashes.",
            disassemble: rules,
            write: rules,
        };
        let gnu = || file().edit(|entry| entry.gnu = true);
        let mut wrong_sum = one_file();
        wrong_sum[148] ^= 1;
        self.add(
            "header-checksum-wrong",
            "one-file",
            "a wrong checksum",
            &told,
            wrong_sum,
        );
        self.add(
            "header-after-zero-block",
            "two-files",
            "a single zero block between the files",
            &told,
            [
                open(&[TarEntry::file("a", "first\n")]),
                vec![0; 512],
                archive(&[TarEntry::file("b", "other\n")]),
            ]
            .concat(),
        );
        self.last(&[Tag("security")], &[]);
        for (slug, change, at, field) in [
            ("size-no-number", "letters for a size", 124, &b"0000000001x\0"[..]),
            ("size-digit-9", "a 9 in the octal size", 124, b"00000000019\0"),
            ("mode-no-number", "letters for a mode", 100, b"000064x\0"),
            ("mtime-no-number", "letters for a time", 136, b"yesterday\0\0\0"),
        ] {
            self.add(slug, "one-file", change, &told, patched(&file(), &[(at, field)]));
        }
        for (slug, change, field) in [
            ("size-negative", "a size of -5 in base 256", base256(12, -5)),
            ("size-overflow", "a size of 2^64 in base 256", overflow()),
        ] {
            self.add(slug, "base-256-size", change, &told, patched(&gnu(), &[(124, &field)]));
            self.last(
                &[Tag("robustness"), Tag("boundary")],
                &[Bug("tar-split-negative-size"), Bug("tar-split-base-256")],
            );
        }
        self.add(
            "pax-size-negative",
            "pax-size",
            "a PAX size of -8",
            &told,
            [
                tar::extension_of(b'x', &tar::record("size", b"-8")),
                patched(&file(), &[(124, b"00000000000\0")]),
            ]
            .concat(),
        );
        self.last(&[Tag("robustness")], &[]);
    }

    fn extensions(&mut self) {
        let rules = &[Rule::TarExtension];
        let told = Told {
            why: "A record is read past its end, or differently by two readers.",
            disassemble: rules,
            write: rules,
        };
        for (slug, change, body) in [
            (
                "pax-record-too-long",
                "a record that claims more bytes than there are",
                "50 tooshort=\n",
            ),
            (
                "pax-record-too-short",
                "a record that ends within its key",
                "3 somelongkey=\n",
            ),
            (
                "pax-record-no-equals",
                "a record without an equals sign",
                "11 comment\n",
            ),
            ("pax-record-no-length", "a record without a length", " comment=a\n"),
            ("pax-record-no-key", "a record without a key", "5 =a\n"),
            (
                "pax-record-no-end",
                "a record that does not end with a line feed",
                "13 comment=aa",
            ),
            (
                "pax-record-length-2-64",
                "a record with a length of 2^64",
                "18446744073709551616 a=b\n",
            ),
            (
                "pax-record-length-negative",
                "a record with a negative length",
                "-9 a=b\n",
            ),
            ("pax-path-nul", "a NUL in the path", "12 path=a\0b\n"),
            ("pax-link-nul", "a NUL in the link target", "16 linkpath=a\0b\n"),
            ("pax-uname-nul", "a NUL in the user name", "13 uname=a\0b\n"),
            ("pax-gname-nul", "a NUL in the group name", "13 gname=a\0b\n"),
            ("pax-key-nul", "a NUL in a key", "15 comm\0ent=aa\n"),
            ("pax-uid-no-number", "an owner that is no number", "10 uid=1x\n"),
            ("pax-mtime-no-number", "a time that is no number", "13 mtime=1.x\n"),
        ] {
            self.add(slug, "pax-comment", change, &told, behind_pax(body.as_bytes()));
            let bugs: &[Bug] = match slug {
                "pax-record-too-long" | "pax-record-length-negative" => &[Bug("tar-split-pax-length")],
                _ if change.starts_with("a NUL in") || slug.ends_with("-no-number") || slug == "pax-record-no-key" => {
                    &[Bug("tar-split-pax-records")]
                }
                _ => &[],
            };
            self.last(&[Tag("robustness")], bugs);
        }
        for (slug, change, keys) in [
            (
                "sparse-map-two-offsets",
                "two offsets in a row in the map of a sparse file",
                [("offset", "0"), ("offset", "8")],
            ),
            (
                "sparse-map-length-first",
                "a length before its offset in the map of a sparse file",
                [("numbytes", "8"), ("offset", "0")],
            ),
            (
                "sparse-map-comma",
                "a comma in an offset of the map of a sparse file",
                [("offset", "0,8,8"), ("numbytes", "8")],
            ),
        ] {
            let map = keys.map(|(key, value)| tar::record(&format!("GNU.sparse.{key}"), value.as_bytes()));
            let rules = &[Rule::TarExtension, Rule::TarSparse];
            let told = Told {
                disassemble: rules,
                write: rules,
                ..told
            };
            self.add(slug, "pax-comment", change, &told, behind_pax(&map.concat()));
            self.last(&[], &[Bug("tar-split-pax-records")]);
        }
        let rules = &[Rule::TarExtensionLimit];
        let told = Told {
            why: "The size of an extension header is an attacker's to choose, and all of it is read into memory.",
            disassemble: rules,
            write: rules,
        };
        let bugs = &[Bug("tar-split-extension-limit")];
        self.add(
            "pax-above-1-mib",
            "pax-1-mib",
            "one byte more",
            &told,
            behind_pax(&tar::record("comment", &vec![b'c'; (1 << 20) - 16])),
        );
        self.last(&[Tag("boundary"), Tag("resource")], bugs);
        for (slug, twin, change, flag) in [
            (
                "pax-of-8-gib",
                "pax-comment",
                "a size of 8 GiB in the header of the records",
                b'x',
            ),
            ("gnu-name-of-8-gib", "gnu-long-name", "a long name of 8 GiB", b'L'),
            (
                "gnu-link-of-8-gib",
                "gnu-long-name",
                "a long link target of 8 GiB",
                b'K',
            ),
        ] {
            let header = TarEntry::file("././@LongLink", "").edit(|entry| {
                entry.flag = flag;
                entry.gnu = true;
            });
            let tar = [
                patched(&header, &[(124, &base256(12, 8 << 30))])[..512].to_vec(),
                one_file(),
            ]
            .concat();
            self.add(slug, twin, change, &told, tar);
            self.last(&[Tag("resource")], bugs);
        }
    }

    fn names(&mut self) {
        let told = Told {
            why: "Two entries of one name are two files of which one is lost, and which one depends on the reader.",
            disassemble: &[Rule::TarSplitUnique],
            write: &[Rule::EntryUnique, Rule::TarSplitUnique],
        };
        for (slug, change, second) in [
            ("name-repeated", "the second file has the name of the first", "a"),
            (
                "name-repeated-dot-slash",
                "the second file has the name of the first behind `./`",
                "./a",
            ),
            (
                "name-repeated-dot-dot",
                "the second file has the name of the first by way of a folder",
                "d/../a",
            ),
        ] {
            self.add(
                slug,
                "two-files",
                change,
                &told,
                archive(&[TarEntry::file("a", "first\n"), TarEntry::file(second, "other\n")]),
            );
            self.last(&[Tag("security")], &[]);
        }
        let global = tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef"));
        self.add(
            "global-headers-of-one-name",
            "global-header",
            "a second global PAX header of the same name",
            &Told {
                why: "tar-split looks entries up by their names, also those that make no file, and refuses its own tar-split with two that \
                      are equal. No TOC has them, so that a comparison of the names in the TOC does not help.",
                disassemble: &[Rule::TarSplitUnique],
                write: &[Rule::TarSplitUnique],
            },
            [global.repeat(2), one_file()].concat(),
        );
    }

    /// What tar-split holds and a TOC does not.
    fn beyond_the_toc(&mut self) {
        let told = |write: &'static [Rule], why: &'static str| Told {
            why,
            disassemble: &[],
            write,
        };
        self.add(
            "type-7",
            "one-file",
            "the type of a contiguous file",
            &told(&[Rule::EntryType], "The TOC says a type that the tar does not have."),
            patched(&file(), &[(156, b"7")]),
        );
        const UTF8: &str = "JSON cannot hold the name, and what is put in its place names another file.";
        let raw = |entry: TarEntry, name: bool| {
            archive(&[entry.edit(|entry| {
                if name {
                    entry.name = b"file-\xe4".to_vec();
                } else {
                    entry.link = b"file-\xe4".to_vec();
                }
            })])
        };
        self.add(
            "name-not-utf-8",
            "one-file",
            "a name that is not UTF-8",
            &told(&[Rule::JsonSyntax], UTF8),
            raw(file(), true),
        );
        self.last(&[Tag("interop")], &[Bug("tar-split-raw-names")]);
        self.add(
            "link-not-utf-8",
            "link-target-kept",
            "a link target that is not UTF-8",
            &told(&[Rule::JsonSyntax], UTF8),
            raw(TarEntry::symlink("l", ""), false),
        );
        self.add(
            "xattr-name-not-utf-8",
            "pax-xattr",
            "the name of an extended attribute that is not UTF-8",
            &told(&[Rule::JsonSyntax], UTF8),
            behind_pax(&xattr_not_utf_8()),
        );
        self.add(
            "year-10000",
            "pax-mtime",
            "a time in the year 10000",
            &told(
                &[Rule::EntryTime],
                "RFC 3339 cannot write the time, and the TOC has another one.",
            ),
            with_record("mtime", b"253402300800"),
        );
        self.last(&[Tag("boundary")], &[]);
        self.add(
            "name-repeated-absolute",
            "two-files",
            "the second file has the name of the first behind a slash",
            &told(
                &[Rule::EntryUnique],
                "tar-split takes the two names for different ones, and both become the same file.",
            ),
            archive(&[TarEntry::file("a", "first\n"), TarEntry::file("/a", "other\n")]),
        );
        self.last(&[Tag("security")], &[]);
    }
}

fn overflow() -> Vec<u8> {
    let mut field = vec![0; 12];
    field[0] = 0x80;
    field[3] = 1;
    field
}

/// A PAX record whose key has a byte that no UTF-8 has.
fn xattr_not_utf_8() -> Vec<u8> {
    let mut record = tar::record("SCHILY.xattr.user.x", b"a");
    if let Some(at) = record.windows(2).position(|pair| pair == b"x=") {
        record[at] = 0xe4;
    }
    record
}
