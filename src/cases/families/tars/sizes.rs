//! Where the size of a file and its name come from, when headers before its header have a say.

use super::{Accepted, Refused, archive, behind_pax, end, file, one_file, open, patched};
use crate::{
    forge::{
        EditInPlace,
        tar::{TarEntry, base256, extension_of, padding, record},
    },
    rules::Rule,
    vectors::{Bug, Tag},
};

/// A file behind a PAX header that gives its size, whose own header gives another.
fn sized(name: &str, content: &[u8], claimed: u64) -> Vec<u8> {
    let size = content.len().to_string();
    let entry = TarEntry::file(name, "").edit(|entry| entry.claimed = Some(claimed));
    [
        extension_of(b'x', &record("size", size.as_bytes())),
        entry.header(),
        content.to_owned(),
        padding(content.len()),
    ]
    .concat()
}

fn long_name(body: &[u8]) -> Vec<u8> {
    open(&[TarEntry::file("././@LongLink", body).edit(|entry| {
        entry.gnu = true;
        entry.flag = b'L';
    })])
}

pub(super) fn accepted() -> Vec<Accepted> {
    const WHY: &str = "Content is read as headers, or headers as content, so that two readers see two sets of files.";
    let tar_in_file = open(&[TarEntry::file("inner", "not an entry\n")]);
    type Row = (&'static str, &'static str, &'static [Bug], Vec<u8>);
    let rows: [Row; 5] = [
        (
            "pax-size-content-is-tar",
            "a size in a PAX record, 0 in the header, and content that looks like an entry",
            &[
                Bug("tokio-tar-pax-size"),
                Bug("tokio-tar-unmaintained-pax-size"),
                Bug("async-tar-pax-size"),
                Bug("tar-split-large"),
            ],
            [
                sized("a", &tar_in_file, 0),
                archive(&[TarEntry::file("b", "content\n")]),
            ]
            .concat(),
        ),
        (
            "pax-size-smaller",
            "a size of 5 in a PAX record, and 512 in the header",
            &[
                Bug("tokio-tar-pax-size"),
                Bug("tokio-tar-unmaintained-pax-size"),
                Bug("async-tar-pax-size"),
                Bug("tar-rs-pax-size"),
            ],
            [sized("a", b"hello", 512), archive(&[TarEntry::file("b", "content\n")])].concat(),
        ),
        (
            "pax-size-then-plain",
            "a file whose size is in a PAX record, and one without records",
            &[Bug("tokio-tar-state-kept"), Bug("async-tar-state-kept")],
            [sized("a", &[b'a'; 600], 0), archive(&[TarEntry::file("b", "other")])].concat(),
        ),
        (
            "pax-size-before-gnu-name",
            "a PAX header with the size of the file, and a GNU long name behind it",
            &[
                Bug("tokio-tar-gnu-size"),
                Bug("async-tar-gnu-size"),
                Bug("tar-rs-gnu-size"),
            ],
            [
                extension_of(b'x', &record("size", b"5")),
                long_name(b"longname\0"),
                TarEntry::file("short", "").header(),
                b"hello".to_vec(),
                padding(5),
                end(),
            ]
            .concat(),
        ),
        (
            "gnu-name-nul-inside",
            "a GNU long name with bytes behind its NUL",
            &[Bug("tokio-tar-record-lines")],
            [long_name(b"name\0hidden/..\0"), one_file()].concat(),
        ),
    ];
    let accepted = |(slug, title, bugs, tar): Row| Accepted {
        slug,
        title,
        why: WHY,
        rule: Rule::TarExtension,
        tags: &[Tag("security")],
        bugs,
        tar,
    };
    rows.into_iter().map(accepted).collect()
}

pub(super) fn refused() -> Vec<Refused> {
    let gnu = |field: &[u8]| {
        patched(
            &TarEntry::file("file-x", "").edit(|entry| entry.gnu = true),
            &[(124, field)],
        )
    };
    let header = &[Rule::TarHeader][..];
    let extension = &[Rule::TarExtension][..];
    let mut directory = patched(&TarEntry::dir("d"), &[(124, &base256(12, -5))]);
    directory.truncate(512);
    let mut two_64 = vec![0x80, 0, 0, 1];
    two_64.resize(12, 0);
    type Row = (
        &'static str,
        &'static str,
        &'static str,
        &'static [Rule],
        &'static [Tag],
        &'static [Bug],
        Vec<u8>,
    );
    let rows: [Row; 6] = [
        (
            "size-negative-no-content",
            "base-256-size",
            "a size of -5 in base 256, and no content",
            header,
            &[Tag("boundary")],
            &[Bug("tar-split-negative-size")],
            gnu(&base256(12, -5)),
        ),
        (
            "size-negative-of-directory",
            "dir-without-slash",
            "a size of -5, in base 256, for the directory",
            header,
            &[Tag("boundary")],
            &[],
            [directory, archive(&[TarEntry::file("d/a", "content\n")])].concat(),
        ),
        (
            "size-2-64-no-content",
            "base-256-size",
            "a size of 2^64 in base 256, and no content",
            header,
            &[Tag("boundary")],
            &[Bug("tar-split-base-256")],
            gnu(&two_64),
        ),
        (
            "pax-size-2-64-minus-1",
            "pax-size",
            "a PAX size of 2^64 - 1",
            extension,
            &[Tag("boundary")],
            &[],
            [
                extension_of(b'x', &record("size", b"18446744073709551615")),
                patched(&file(), &[(124, b"00000000000\0")]),
            ]
            .concat(),
        ),
        (
            "pax-record-length-zeros",
            "pax-comment",
            "a record whose length of 5, written in nine digits, ends within the length",
            extension,
            &[Tag("security")],
            &[],
            behind_pax(b"000000005 a=b\n"),
        ),
        (
            "pax-record-length-only",
            "pax-comment",
            "a record that is nothing but its length of 5 in five digits and a space",
            extension,
            &[Tag("security")],
            &[],
            behind_pax(b"00005 \n"),
        ),
    ];
    rows.into_iter()
        .map(|(slug, twin, change, rules, tags, bugs, tar)| Refused {
            slug,
            twin,
            change,
            why: "The length is computed with, and the reader crashes or goes on at the wrong place.",
            disassemble: rules,
            write: rules,
            tags,
            bugs,
            tar,
        })
        .collect()
}
