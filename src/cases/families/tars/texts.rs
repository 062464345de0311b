//! Names and other texts of headers, fields that do not apply, and entries below what is no directory.

use super::{Accepted, Refused, archive, end, file, open, padding, patched};
use crate::{
    forge::{
        EditInPlace,
        tar::{TarEntry, extension_of, record, seal},
    },
    rules::Rule,
    vectors::Tag,
};

pub(super) fn accepted() -> Vec<Accepted> {
    fields().into_iter().chain(flags()).chain(below()).collect()
}

fn row(slug: &'static str, title: &'static str, why: &'static str, rule: Rule, tar: Vec<u8>) -> Accepted {
    Accepted::new(slug, title, why, rule, &[Tag("interop")], tar)
}

/// Of tars of which readers read different names.
const TWO_NAMES: &[Tag] = &[Tag("security"), Tag("interop")];

/// Text fields that are full, or have more than their text, and bytes that belong to no field.
fn fields() -> Vec<Accepted> {
    const FULL: &str = "The text goes on into the next field, or is cut at its last byte.";
    const ESCAPED: &str =
        "The name goes into JSON as it is, ends its string there or breaks its line, and the document is none.";
    const AFTER: &str = "Bytes after the end of a text, or of no field, become part of a name.";
    const STAR: &str = "The times are taken for the end of the prefix.";
    let full = |byte: &[u8]| byte.repeat(155);
    let v7 = |at: usize, bytes: &[u8]| patched(&file(), &[(257, &[0; 8]), (at, bytes)]);
    let star = |prefix: &[u8]| {
        patched(
            &file(),
            &[
                (345, prefix),
                (476, b"14524770401 "),
                (488, b"14524770402 "),
                (508, b"tar\0"),
            ],
        )
    };
    vec![
        row(
            "name-ustar-prefix-full",
            "a prefix of 155 bytes, which fills its field, and odd bytes after it",
            FULL,
            Rule::EntrySets,
            patched(&file(), &[(345, &full(b"p")), (500, b"odd bytes\0\0\0")]),
        ),
        row(
            "name-256",
            "a prefix of 155 bytes and a name of 100",
            FULL,
            Rule::EntrySets,
            patched(&TarEntry::file(&"n".repeat(100), "content\n"), &[(345, &full(b"p"))]),
        ),
        row(
            "name-quote-alone",
            "a name that is a quotation mark and nothing else",
            ESCAPED,
            Rule::EntrySets,
            archive(&[TarEntry::file("\"", "content\n")]),
        ),
        row(
            "name-line-feed-alone",
            "a name that is a line feed and nothing else",
            ESCAPED,
            Rule::EntrySets,
            archive(&[TarEntry::file("\n", "content\n")]),
        ),
        row(
            "link-100",
            "a link target of 100 bytes, which fills its field",
            FULL,
            Rule::EntryMetadata,
            archive(&[TarEntry::symlink("l", &"t".repeat(100))]),
        ),
        row(
            "link-101",
            "a link target of 101 bytes, in a PAX record",
            FULL,
            Rule::EntryMetadata,
            archive(&[TarEntry::symlink("l", &"t".repeat(101))]),
        ),
        row(
            "uname-32",
            "a user name and a group name of 32 bytes, which fill their fields",
            FULL,
            Rule::EntryMetadata,
            patched(&file(), &[(265, &b"u".repeat(32)), (297, &b"g".repeat(32))]),
        ),
        row(
            "name-text-after-nul",
            "a name with text after the NUL that ends it",
            AFTER,
            Rule::EntrySets,
            patched(&file(), &[(7, b"/../evil")]),
        ),
        row(
            "link-text-after-nul",
            "a link target with text after the NUL that ends it",
            AFTER,
            Rule::EntryMetadata,
            patched(&TarEntry::symlink("l", "a"), &[(159, b"/../evil")]),
        ),
        row(
            "v7-bytes-after-257",
            "a V7 header with what would be a prefix elsewhere",
            AFTER,
            Rule::EntrySets,
            v7(345, b"prefix"),
        ),
        row(
            "v7-number-after-257",
            "a V7 header with letters where others have a device number",
            "A field that the layout does not have is read, and a good header refused.",
            Rule::TarHeader,
            v7(329, b"letters"),
        ),
        row(
            "ustar-upper-case",
            "the magic in upper case, which makes a V7 header, and a prefix",
            AFTER,
            Rule::EntrySets,
            patched(&file(), &[(257, b"USTAR\x0000"), (345, b"prefix")]),
        ),
        row(
            "ustar-version-blank",
            "the magic of ustar with the version of GNU, and a prefix",
            "The prefix of a ustar header counts, whatever its version; a reader that compares both loses it.",
            Rule::EntrySets,
            patched(&file(), &[(263, b" \0"), (345, b"prefix")]),
        ),
        row(
            "star",
            "a header of star with a prefix and two more times",
            STAR,
            Rule::EntrySets,
            star(b"prefix"),
        ),
        row(
            "star-prefix-130",
            "a header of star with a prefix of 130 bytes, one less than its field has",
            STAR,
            Rule::EntrySets,
            star(&b"p".repeat(130)),
        ),
        Accepted::new(
            "star-prefix-131",
            "a header of star with a prefix of 131 bytes, which fills its field",
            STAR,
            Rule::EntrySets,
            TWO_NAMES,
            star(&b"p".repeat(131)),
        ),
        Accepted::new(
            "gnu-prefix-letter",
            "a GNU header with the prefix d in the fields for times, as Go before 1.8 writes it",
            "The letter is taken for no time, and the prefix is lost.",
            Rule::EntrySets,
            TWO_NAMES,
            patched(&file().edit(|entry| entry.gnu = true), &[(345, b"d")]),
        ),
        row(
            "gnu-fields-after-times",
            "a GNU header with values in the fields for volumes, sparse files and the real size",
            "The fields count where the type is that of an ordinary file.",
            Rule::TarHeader,
            patched(
                &file().edit(|entry| entry.gnu = true),
                &[
                    (369, b"00000000017\0"),
                    (386, b"00000000000\x0000000000010\0"),
                    (482, b"\x01"),
                    (483, b"00000000020\0"),
                ],
            ),
        ),
    ]
}

/// Fields that do not apply to the type of the entry.
fn flags() -> Vec<Accepted> {
    const WHY: &str = "A field that means nothing for the type counts, or makes the entry an error.";
    let directory = TarEntry::dir("d/").edit(|entry| entry.link = b"target".to_vec());
    let mut device = TarEntry::device(b'3', "null", 1, 3).edit(|entry| entry.link = b"target".to_vec());
    device.claimed = Some(8);
    vec![
        row(
            "type-0-slash",
            "a regular file whose name ends with a slash",
            "The slash makes a directory of it in one reader and a file in another. Go's tar reader decides: the type flag counts, \
             and a slash only where the flag is NUL.",
            Rule::EntryMetadata,
            archive(&[TarEntry::file("file/", "content\n")]),
        ),
        row(
            "dir-without-slash",
            "a directory whose name has no slash at its end",
            "The slash is added, and the entry is not found under its name.",
            Rule::EntrySets,
            archive(&[TarEntry::dir("d"), TarEntry::file("d/a", "content\n")]),
        ),
        row(
            "file-with-link",
            "a regular file with a link target",
            WHY,
            Rule::EntryMetadata,
            archive(&[file().edit(|entry| entry.link = b"target".to_vec())]),
        ),
        row(
            "dir-with-link",
            "a directory with a link target",
            WHY,
            Rule::EntryMetadata,
            archive(&[directory]),
        ),
        row(
            "file-with-device",
            "a regular file with device numbers",
            WHY,
            Rule::EntryMetadata,
            patched(&file(), &[(329, b"0000010\0"), (337, b"0000003\0")]),
        ),
        row(
            "device-with-size",
            "a device with a size and a link target, and a file after it",
            WHY,
            Rule::FileSize,
            archive(&[device, file()]),
        ),
        row(
            "symlink-empty",
            "a symbolic link without a target",
            "The link is refused, or points at its own directory.",
            Rule::EntryMetadata,
            archive(&[TarEntry::symlink("l", "")]),
        ),
        row(
            "hard-link-target-missing",
            "a hard link to a name that the tar does not have, but a lower layer may",
            "The target is looked for among the entries, and the tar refused.",
            Rule::HardLinkTarget,
            archive(&[TarEntry::hard_link("l", "other"), file()]),
        ),
        row(
            "pax-header-odd-fields",
            "a PAX header with a name, a link target, an owner, a time and a mode of its own",
            "The fields of the extension header are those of the entry.",
            Rule::TarExtension,
            {
                let mut header = extension_of(b'x', &record("comment", b"a"));
                header[..5].copy_from_slice(b"name\0");
                header[100..108].copy_from_slice(b"0004755\0");
                header[108..116].copy_from_slice(b"0001750\0");
                header[136..148].copy_from_slice(b"14524770400\0");
                header[157..161].copy_from_slice(b"link");
                seal(&mut header[..512]);
                [header, archive(&[file()])].concat()
            },
        ),
    ]
}

/// What file systems cannot hold and tars can.
fn below() -> Vec<Accepted> {
    const WHY: &str = "No rule forbids it, since a later entry replaces an earlier one where tars are extracted: a writer that keeps a tree \
                       fails, or moves the entry elsewhere.";
    let child = || TarEntry::file("a/b", "below\n");
    [
        (
            "entry-below-file",
            "an entry below a file",
            TarEntry::file("a", "content\n"),
        ),
        (
            "entry-below-empty-file",
            "an entry below an empty file",
            TarEntry::file("a", ""),
        ),
        (
            "entry-below-symlink",
            "an entry below a symbolic link",
            TarEntry::symlink("a", "/etc"),
        ),
        (
            "entry-below-device",
            "an entry below a fifo",
            TarEntry::device(b'6', "a", 0, 0),
        ),
        (
            "entry-below-whiteout",
            "an entry below what a whiteout removes",
            TarEntry::file(".wh.a", ""),
        ),
    ]
    .map(|(slug, title, parent)| row(slug, title, WHY, Rule::EntrySets, archive(&[parent, child()])))
    .into_iter()
    .chain([
        row(
            "directory-after-its-file",
            "a file before the directory that it is in",
            "The directory is made again, and its file lost.",
            Rule::EntryOrder,
            archive(&[TarEntry::file("d/a", "content\n"), TarEntry::dir("d/")]),
        ),
        row(
            "whiteout-of-dot",
            "whiteouts whose names leave nothing, `.` and `..` to remove",
            "What is removed is the directory itself, or the one above.",
            Rule::EntrySets,
            archive(&[
                TarEntry::file("d/.wh.", ""),
                TarEntry::file("d/.wh..", ""),
                TarEntry::file("d/.wh...", ""),
            ]),
        ),
        row(
            "whiteout-beside-file",
            "a whiteout beside the file that it names",
            "The file of the same layer is removed, or the whiteout dropped as done.",
            Rule::EntrySets,
            archive(&[TarEntry::file(".wh.a", ""), TarEntry::file("a", "content\n")]),
        ),
        row(
            "whiteout-of-directory",
            "a whiteout that is a directory, and one that has content",
            "Only an empty file is taken for a whiteout, and the others are dropped.",
            Rule::EntrySets,
            archive(&[TarEntry::dir(".wh.d/"), TarEntry::file(".wh.f", "content\n")]),
        ),
    ])
    .collect()
}

pub(super) fn refused() -> Vec<Refused> {
    let no = |slug, twin, change, why, tar| {
        Refused::new(slug, twin, change, why, &[Rule::TarHeader], &[Tag("security")], tar)
    };
    let mut header = extension_of(b'x', &record("comment", b"nobody reads it"));
    header[100..108].copy_from_slice(b"letters\0");
    seal(&mut header[..512]);
    let link = TarEntry::hard_link("b", "a").edit(|entry| entry.claimed = Some(5));
    let files = [TarEntry::file("a", "hello"), link];
    let mut refused = vec![
        no(
            "pax-header-mode-no-number",
            "pax-comment",
            "letters for the mode of the PAX header itself",
            "The numbers of extension headers count for nothing, but one reader parses them and refuses the tar.",
            [header, archive(&[file()])].concat(),
        ),
        no(
            "hard-link-with-content",
            "hard-link-with-size",
            "content after the hard link, as pax and cpio can be told to write it",
            "One reader finds content after a hard link, and the next one takes the content for a header.",
            [open(&files), b"hello".to_vec(), padding(5), open(&[file()]), end()].concat(),
        ),
    ];
    refused.extend(beyond_the_toc());
    refused
}

/// Types that a TOC does not have.
fn beyond_the_toc() -> impl Iterator<Item = Refused> {
    type Row = (&'static str, &'static str, u8, &'static str);
    let rows: [Row; 9] = [
        ("type-volume-label", "a GNU volume label", b'V', ""),
        (
            "type-directory-listing",
            "a GNU directory listing of an incremental backup",
            b'D',
            "Ya\0\0",
        ),
        (
            "type-continuation",
            "a GNU continuation of a file of another volume",
            b'M',
            "content\n",
        ),
        ("type-old-long-names", "old GNU long names", b'N', "Rename a to b\n"),
        ("type-solaris-acl", "a Solaris access control list", b'A', "user::rw-\n"),
        (
            "type-solaris-extended",
            "a Solaris extended header",
            b'X',
            "12 path=abc\n",
        ),
        ("type-star-inode", "the inode metadata of star", b'I', ""),
        ("type-8", "a type flag that POSIX reserves", b'8', "content\n"),
        ("type-not-ascii", "a type flag that is not ASCII", 0xff, "content\n"),
    ];
    rows.into_iter().map(|(slug, change, flag, content)| Refused {
        slug,
        twin: "two-files",
        change,
        why: "The entry becomes a file, or is dropped, and tar and TOC have two lists of entries.",
        disassemble: &[],
        write: &[Rule::EntryType],
        tags: &[Tag("interop")],
        bugs: &[],
        tar: archive(&[
            TarEntry::file("a", content).edit(|entry| entry.flag = flag),
            TarEntry::file("b", "other\n"),
        ]),
    })
}
