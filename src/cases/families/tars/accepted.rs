//! Tars that come back.

use super::{Accepted, archive, base256, behind_pax, file, one_file, open, patched, with_record};
use crate::{
    cases::families::samples,
    forge::{
        EditInPlace,
        tar::{self, TarEntry, end},
    },
    rules::Rule,
    vectors::{Bug, Tag},
};

pub(super) fn tars() -> Vec<Accepted> {
    let mut table = Table(Vec::new());
    table.kinds();
    table.names();
    table.pax();
    table.numbers();
    table.ends();
    table.0
}

struct Table(Vec<Accepted>);

impl Table {
    fn add(&mut self, slug: &'static str, title: &'static str, why: &'static str, rule: Rule, tar: Vec<u8>) {
        self.0.push(Accepted {
            slug,
            title,
            why,
            rule,
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

    fn kinds(&mut self) {
        const WHY: &str = "A legal tar is refused, or another one comes back.";
        self.add("one-file", "a tar of one file", WHY, Rule::SegmentHeader, one_file());
        self.add(
            "two-files",
            "a tar of two files",
            WHY,
            Rule::SegmentFile,
            archive(&[TarEntry::file("a", "first\n"), TarEntry::file("b", "other\n")]),
        );
        self.add(
            "every-type",
            "a tar with every type of entry",
            WHY,
            Rule::EntryType,
            archive(&samples::every_type()),
        );
        self.add(
            "block-sizes",
            "files of 511, 512 and 513 bytes",
            "Padding is left out, or written where none is due.",
            Rule::SegmentHeader,
            archive(&[511, 512, 513].map(|size| TarEntry::file(&format!("f{size}"), samples::bytes(size)))),
        );
        self.last(&[Tag("boundary")], &[]);
        self.add(
            "zeros",
            "a file of zeros, and one with zeros in the middle",
            "A run of zeros is made a chunk and its frame left out, so that plain decoders get a shorter tar.",
            Rule::ZerosChunk,
            archive(&[
                TarEntry::file("zeros", vec![0; 4096]),
                TarEntry::file(
                    "middle",
                    [samples::bytes(700), vec![0; 2048], samples::bytes(300)].concat(),
                ),
            ]),
        );
        self.add(
            "zeros-1023-and-1024",
            "runs of 1023 and of 1024 zeros between other bytes",
            "A run at the limit from which it counts is cut in the wrong place.",
            Rule::ChunkSequence,
            archive(&[
                TarEntry::file("a", [vec![1; 100], vec![0; 1023], vec![1; 100]].concat()),
                TarEntry::file("b", [vec![1; 100], vec![0; 1024], vec![1; 100]].concat()),
            ]),
        );
        self.last(&[Tag("boundary")], &[]);
        self.add(
            "same-content",
            "three files of the same content",
            "Files of equal content are merged, and one of them is lost.",
            Rule::SharedRange,
            archive(&["a", "b", "c"].map(|name| TarEntry::file(name, "the same\n"))),
        );
        self.add(
            "hard-link-first",
            "a hard link before its target",
            "The target is looked for before it can be there.",
            Rule::EntrySets,
            archive(&[TarEntry::hard_link("b", "a"), TarEntry::file("a", "content\n")]),
        );
        self.add(
            "hard-link-with-size",
            "a hard link and a directory whose headers have a size",
            "The size of a header without content counts, and the bytes that follow are taken for content. Go's tar reader decides: \
             links and directories have none.",
            Rule::FileSize,
            archive(&[
                TarEntry::file("a", "hello"),
                TarEntry::hard_link("b", "a").edit(|entry| entry.claimed = Some(5)),
                TarEntry::dir("d/").edit(|entry| entry.claimed = Some(5)),
                TarEntry::file("z", "after\n"),
            ]),
        );
        self.last(
            &[Tag("interop")],
            &[Bug("link-with-size"), Bug("tar-split-header-only")],
        );
        self.add(
            "type-nul",
            "a file whose type is a NUL byte, as before POSIX",
            WHY,
            Rule::EntryType,
            patched(&file(), &[(156, b"\0"), (257, &[0; 8])]),
        );
        self.add(
            "type-nul-directory",
            "a directory as before POSIX: a file whose name ends with a slash",
            "The entry is a directory in one place and a file in another.",
            Rule::EntryMetadata,
            patched(&TarEntry::file("old/", ""), &[(156, b"\0"), (257, &[0; 8])]),
        );
    }

    fn names(&mut self) {
        const WHY: &str = "The name comes back changed, or the file is not found under it.";
        let long = |length: usize| "n".repeat(length);
        for (slug, title, length) in [
            ("name-100", "a name of 100 bytes, which fills its field", 100),
            ("name-101", "a name of 101 bytes, in a PAX record", 101),
            ("name-255", "a name of 255 bytes, in a PAX record", 255),
        ] {
            self.add(
                slug,
                title,
                WHY,
                Rule::EntrySets,
                archive(&[TarEntry::file(&long(length), "content\n")]),
            );
            self.last(&[Tag("boundary")], &[]);
        }
        self.add(
            "name-ustar-prefix",
            "a name in two parts, as ustar has it",
            "The prefix is not joined to the name.",
            Rule::EntrySets,
            patched(&file(), &[(345, b"some/where")]),
        );
        self.add(
            "gnu-long-name",
            "a long name and a long link target in GNU's way",
            "The header before the header is lost, or its name keeps a NUL.",
            Rule::TarExtension,
            archive(&[
                TarEntry::file(&long(150), "content\n").edit(|entry| entry.gnu = true),
                TarEntry::symlink(&long(140), &long(130)).edit(|entry| entry.gnu = true),
            ]),
        );
        self.last(&[Tag("interop")], &[Bug("tar-split-long-link"), Bug("long-name-nul")]);
        self.add(
            "gnu-long-name-without-nul",
            "a long name in GNU's way that fills its body, without a NUL",
            "The last byte of the name is cut off, or the name is refused. GNU tar and Go's tar reader decide: a name ends at its \
             first NUL or with its body.",
            Rule::TarExtension,
            [
                open(&[TarEntry::file("././@LongLink", long(150)).edit(|entry| {
                    entry.gnu = true;
                    entry.flag = b'L';
                })]),
                one_file(),
            ]
            .concat(),
        );
        self.last(&[Tag("interop")], &[]);
        for (slug, title, name) in [
            ("name-dot-slash", "a name that begins with `./`", "./a"),
            ("name-absolute", "an absolute name", "/a"),
            ("name-slashes", "a name with two slashes in a row", "d//a"),
            ("name-dot-dot", "a name that leads out of the root", "../a"),
            ("name-inner-dot-dot", "a name that goes up within the root", "d/../a"),
            (
                "name-escaped",
                "a name of characters that JSON escapes",
                "a&b <c>\u{2028}\"\\\t\n",
            ),
            (
                "name-control",
                "a name of control characters",
                "\u{1}\u{8}\u{b}\u{c}\r\u{1f}\u{7f}",
            ),
            ("name-accents", "a name outside ASCII", "Főtanúsítvány.crt"),
            (
                "name-backslash",
                "a name with a backslash",
                "system-systemd\\x2dcryptsetup.slice",
            ),
            ("whiteout", "a whiteout", ".wh.gone"),
            ("opaque-whiteout", "an opaque whiteout", "d/.wh..wh..opq"),
        ] {
            self.add(
                slug,
                title,
                WHY,
                Rule::EntrySets,
                archive(&[TarEntry::file(name, "x\n")]),
            );
        }
        self.add(
            "root",
            "an entry for the root",
            "The root is an entry like others, and is lost or made a child of itself.",
            Rule::EntrySets,
            archive(&[TarEntry::dir("./"), TarEntry::file("./a", "x\n")]),
        );
        self.last(&[Tag("interop")], &[Bug("estargz-root-loop")]);
        self.add(
            "link-target-kept",
            "symbolic links whose targets would be others if cleaned",
            "Targets are cleaned, and the link points elsewhere.",
            Rule::EntryMetadata,
            archive(&[
                TarEntry::symlink("l", "a/../b"),
                TarEntry::symlink("m", "x/"),
                TarEntry::symlink("n", "./"),
            ]),
        );
        self.last(&[Tag("interop")], &[]);
    }

    fn pax(&mut self) {
        const WHY: &str = "A record is lost, changed, or not used for what it says.";
        self.add(
            "pax-size",
            "a size in a PAX record, and 0 in the header",
            "The size in the header counts, and the content is read as headers.",
            Rule::TarExtension,
            [
                tar::extension_of(b'x', &tar::record("size", b"8")),
                patched(&file(), &[(124, b"00000000000\0")]),
            ]
            .concat(),
        );
        self.last(&[], &[Bug("tar-split-large")]);
        for (slug, title, key, value) in [
            ("pax-path", "a short name in a PAX record", "path", &b"other"[..]),
            ("pax-mtime", "a time with a fraction", "mtime", b"1700000000.123456789"),
            (
                "pax-mtime-negative",
                "a time before 1970 with a fraction",
                "mtime",
                b"-1.25",
            ),
            (
                "pax-mtime-fraction-10",
                "a time with ten digits of fraction",
                "mtime",
                b"1.0000000019",
            ),
            ("pax-atime", "a time of access", "atime", b"1700000001.5"),
            ("pax-ctime", "a time of change", "ctime", b"1700000002"),
            ("pax-uid", "an owner above what octal digits hold", "uid", b"4294967294"),
            ("pax-gid", "a group above what octal digits hold", "gid", b"4294967294"),
            ("pax-uname", "a user name outside ASCII", "uname", "jürgen".as_bytes()),
            ("pax-comment", "a comment", "comment", b"nobody reads it"),
            ("pax-unknown", "a record of a vendor", "VENDOR.key", b"\0\x01\xff"),
            (
                "pax-empty-value",
                "a record without a value, which removes nothing",
                "path",
                b"",
            ),
            (
                "pax-xattr",
                "an extended attribute with any bytes",
                "SCHILY.xattr.user.a",
                b"\0\xff=\n",
            ),
            (
                "pax-xattr-empty",
                "an extended attribute without a value",
                "SCHILY.xattr.user.a",
                b"",
            ),
            (
                "pax-xattr-libarchive",
                "an extended attribute as libarchive writes it",
                "LIBARCHIVE.xattr.user.a",
                b"dmFsdWU=",
            ),
        ] {
            self.add(slug, title, WHY, Rule::TarExtension, with_record(key, value));
            let bugs: &[Bug] = match slug {
                "pax-empty-value" => &[Bug("tar-split-old-headers"), Bug("tokio-tar-empty-value")],
                "pax-xattr-empty" => &[Bug("tokio-tar-empty-value")],
                "pax-xattr" => &[Bug("tokio-tar-record-lines")],
                _ => &[],
            };
            self.last(&[], bugs);
        }
        self.add(
            "pax-twice",
            "the same key twice in one PAX header",
            "The first of two records counts.",
            Rule::TarExtension,
            behind_pax(&[tar::record("path", b"first"), tar::record("path", b"second")].concat()),
        );
        self.add(
            "pax-headers-in-a-row",
            "two PAX headers in a row",
            "The raw bytes of one of them are lost.",
            Rule::SegmentHeader,
            [
                tar::extension_of(b'x', &tar::record("path", b"first")),
                behind_pax(&tar::record("path", b"second")),
            ]
            .concat(),
        );
        self.add(
            "pax-1-mib",
            "a PAX header of exactly 1 MiB",
            "The limit is one too low.",
            Rule::TarExtensionLimit,
            // 1048576 bytes: seven digits, a space, `comment=`, the value, a line feed.
            behind_pax(&tar::record("comment", &vec![b'c'; (1 << 20) - 17])),
        );
        self.last(&[Tag("boundary"), Tag("resource")], &[]);
        self.add(
            "gnu-times",
            "times of access and change as old GNU headers have them",
            "The fields are taken for a prefix of the name.",
            Rule::TarHeader,
            patched(
                &file().edit(|entry| entry.gnu = true),
                &[(345, b"14524770401\0"), (357, b"14524770402\0")],
            ),
        );
        self.last(&[Tag("interop")], &[Bug("tar-split-old-headers")]);
    }

    fn numbers(&mut self) {
        const WHY: &str = "The number is read as another one, or refused.";
        let gnu = || file().edit(|entry| entry.gnu = true);
        for (slug, title, at, width, value) in [
            ("base-256-size", "a size in base 256", 124, 12, 8),
            ("base-256-uid", "an owner in base 256", 108, 8, 3_000_000),
            ("base-256-mtime", "a time in base 256", 136, 12, 1_700_000_000),
            (
                "base-256-mtime-negative",
                "a time before 1970 in base 256",
                136,
                12,
                -86_400,
            ),
        ] {
            self.add(
                slug,
                title,
                WHY,
                Rule::TarHeader,
                patched(&gnu(), &[(at, &base256(width, value))]),
            );
            let bugs: &[Bug] = if value < 0 { &[Bug("tar-split-base-256")] } else { &[] };
            self.last(&[Tag("interop")], bugs);
        }
        for (slug, title, at, field) in [
            (
                "octal-spaces",
                "numbers with spaces before and behind",
                100,
                &b"   644 \0"[..],
            ),
            ("octal-empty", "an owner that is left empty", 108, b"\0\0\0\0\0\0\0\0"),
            (
                "octal-all-digits",
                "a time of twelve digits without an end",
                136,
                b"014524770400",
            ),
        ] {
            self.add(slug, title, WHY, Rule::TarHeader, patched(&file(), &[(at, field)]));
            self.last(&[Tag("interop")], &[]);
        }
        self.add(
            "checksum-signed",
            "a checksum over signed bytes, as old tars have it",
            "A header of an old writer is refused.",
            Rule::TarHeader,
            signed_checksum(),
        );
        self.last(&[Tag("interop")], &[]);
        self.add(
            "device-numbers",
            "device numbers of 1048575 and 2097151",
            WHY,
            Rule::EntryMetadata,
            archive(&[TarEntry::device(b'3', "c", 1_048_575, 2_097_151)]),
        );
    }

    /// What stands behind the last entry.
    fn ends(&mut self) {
        const WHY: &str = "Bytes at the end are dropped or made up, and the DiffID is another.";
        let one = || open(&[file()]);
        self.add("nothing", "a tar of no bytes", WHY, Rule::SegmentTail, Vec::new());
        self.last(&[Tag("boundary")], &[Bug("tar-split-no-end")]);
        self.add(
            "end-only",
            "a tar of nothing but its end",
            WHY,
            Rule::SegmentTail,
            end(),
        );
        self.add(
            "end-only-and-zero-block",
            "a tar of 1536 zero bytes: its end, and one block more",
            "A writer that waits for an entry, or for the rest of a record, never ends.",
            Rule::SegmentTail,
            vec![0; 1536],
        );
        self.last(&[Tag("robustness"), Tag("boundary")], &[]);
        for (slug, title, tail) in [
            ("end-missing", "a tar without its end", 0),
            ("end-half", "a tar that ends with one zero block", 512),
            ("tail-1", "a zero byte after the end", 1025),
            ("tail-100", "100 zero bytes after the end", 1124),
            ("tail-408", "408 zero bytes after the end", 1432),
            ("tail-511", "511 zero bytes after the end", 1535),
            ("tail-512", "a zero block after the end", 1536),
            ("tail-513", "513 zero bytes after the end", 1537),
            ("tail-record", "zeros up to 10240 bytes", 10_240 - 1024),
            (
                "tail-1-mib",
                "1 MiB and one byte of zeros after the end",
                1024 + (1 << 20) + 1,
            ),
            ("tail-4-mib", "4 MiB of zeros after the end", 1024 + (4 << 20)),
        ] {
            self.add(slug, title, WHY, Rule::SegmentTail, [one(), vec![0; tail]].concat());
            let bugs: &[Bug] = match slug {
                "end-half" => &[Bug("tar-split-no-end")],
                "end-missing" => &[Bug("tar-split-no-end"), Bug("storage-writer-hangs")],
                "tail-1-mib" | "tail-4-mib" => &[Bug("tar-split-tail")],
                "tail-512" | "tail-record" => &[Bug("storage-tail-lost")],
                _ => &[],
            };
            self.last(&[Tag("interop"), Tag("boundary")], bugs);
        }
        for (slug, title, length) in [
            (
                "padding-missing",
                "a tar that ends with the content of its last file",
                520,
            ),
            (
                "padding-short",
                "a tar that ends within the padding of its last file",
                600,
            ),
        ] {
            self.add(slug, title, WHY, Rule::SegmentTail, one()[..length].to_vec());
            let bugs: &[Bug] = if slug == "padding-short" {
                &[Bug("tar-split-short-padding")]
            } else {
                &[]
            };
            self.last(&[Tag("interop"), Tag("boundary")], bugs);
        }
        self.add(
            "end-missing-511",
            "a tar without its end whose only file has 511 bytes, so that one byte of padding is its last",
            WHY,
            Rule::SegmentTail,
            open(&[TarEntry::file("file-x", samples::bytes(511))]),
        );
        self.last(&[Tag("interop"), Tag("boundary")], &[]);
        self.add(
            "header-without-content-last",
            "a tar that ends with the header of an empty file",
            "The end of the archive is waited for.",
            Rule::TarTruncated,
            open(&[TarEntry::file("empty", "")]),
        );
        self.last(
            &[Tag("robustness")],
            &[Bug("tar-split-no-end"), Bug("storage-writer-hangs")],
        );
    }
}

/// A header whose bytes above 127 count as negative numbers in the checksum.
fn signed_checksum() -> Vec<u8> {
    let mut tar = archive(&[TarEntry::file("é", "content\n")]);
    let block = &mut tar[..512];
    block[148..156].copy_from_slice(b"        ");
    let sum: i64 = block.iter().map(|&byte| i64::from(byte.cast_signed())).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar
}
