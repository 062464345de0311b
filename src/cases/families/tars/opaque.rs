//! Odd bytes where bytes have no meaning, also such as look like something.

use super::{Accepted, Choice, Open, archive, end, file, one_file, open, padding};
use crate::{
    forge::{
        SKIPPABLE, estargz,
        footer::{Footer, Span},
        skippable,
        tar::{TarEntry, extension_of, record},
        zstd::frame,
    },
    rules::Rule,
    vectors::Tag,
};

const PADDING: &str = "Padding is written anew as zeros, and the DiffID is another; or what it looks like is read.";

/// A tar of one file, with this instead of its padding.
fn padded(with: &[u8]) -> Vec<u8> {
    let tar = one_file();
    let content = 512 + file().content.len();
    let room = padding(file().content.len()).len();
    let fill: Vec<u8> = with.iter().copied().cycle().take(room).collect();
    [&tar[..content], &fill, &tar[1024..]].concat()
}

/// An extension header with this instead of its padding.
fn extension_padded(flag: u8, body: &[u8], with: &[u8]) -> Vec<u8> {
    let mut header = extension_of(flag, body);
    let start = 512 + body.len();
    for (byte, &odd) in header.iter_mut().skip(start).zip(with.iter().cycle()) {
        *byte = odd;
    }
    header
}

/// The footer of a layer, in its frame.
pub(super) fn footer() -> Vec<u8> {
    let toc = Span {
        offset: 8,
        length: 100,
        uncompressed: 200,
    };
    let tar_split = Span { offset: 116, ..toc };
    Footer::v64(toc, tar_split).frame()
}

pub(super) fn accepted() -> Vec<Accepted> {
    let row = |slug, title, why, rule, tar| Accepted::new(slug, title, why, rule, &[Tag("security")], tar);
    const CONTENT: &str = "What the content of a file looks like is taken for what it is.";
    let content = |slug, title, content: Vec<u8>| {
        row(
            slug,
            title,
            CONTENT,
            Rule::EntrySets,
            archive(&[TarEntry::file("file-x", content)]),
        )
    };
    let header = TarEntry::file("evil", "").header();
    vec![
        row(
            "padding-odd",
            "padding of a file that is not zeros",
            PADDING,
            Rule::SegmentHeader,
            padded(b"odd"),
        ),
        row(
            "padding-like-header",
            "padding of a file that is the beginning of a header",
            PADDING,
            Rule::SegmentHeader,
            padded(&header),
        ),
        row(
            "padding-of-pax-odd",
            "padding of a PAX header that is not zeros",
            PADDING,
            Rule::SegmentHeader,
            [extension_padded(b'x', &record("comment", b"a"), b"odd"), one_file()].concat(),
        ),
        row(
            "padding-of-pax-like-record",
            "padding of a PAX header that looks like a record",
            PADDING,
            Rule::TarExtension,
            [
                extension_padded(b'x', &record("comment", b"a"), &record("path", b"evil")),
                one_file(),
            ]
            .concat(),
        ),
        row(
            "padding-of-gnu-name-odd",
            "padding of a long name that is not zeros",
            PADDING,
            Rule::TarExtension,
            [extension_padded(b'L', b"long\0", b"/evil"), one_file()].concat(),
        ),
        content(
            "content-tar",
            "a file that is a tar with its end",
            [one_file(), end()].concat(),
        ),
        content(
            "content-zstd",
            "a file that is a zstd frame",
            frame(b"not part of the tar"),
        ),
        content(
            "content-skippable",
            "a file that is a skippable frame",
            skippable(SKIPPABLE, b"skip me"),
        ),
        content("content-footer", "a file that is the footer of a layer", footer()),
        content(
            "content-gzip",
            "a file that is the footer of an eStargz layer",
            estargz::Footer::estargz("0000000000000000STARGZ").bytes(),
        ),
        content(
            "content-toc",
            "a file that is a TOC",
            br#"{"version":1,"entries":[]}"#.to_vec(),
        ),
    ]
}

/// Tails that look like something.
pub(super) fn open_points() -> Vec<Open> {
    const TAIL: &str = "What follows the end of the archive is part of the DiffID and is dropped, or what it looks like is read: a file that \
                        others do not see.";
    let tail = |slug, title, bytes: Vec<u8>| Open {
        slug,
        title,
        why: TAIL,
        choice: Choice("tail-bytes"),
        rule: Rule::SegmentTail,
        bugs: &[],
        tar: [one_file(), bytes].concat(),
    };
    let global = |slug, title, why, before: Vec<u8>| Open {
        slug,
        title,
        why,
        choice: Choice("global-header"),
        rule: Rule::TarTruncated,
        bugs: &[],
        tar: [before, one_file()].concat(),
    };
    const GLOBAL: &str = "Records of a global header apply to nothing here: Go's tar reader decides, and with it the TOC that every writer makes. \
                          A reader that follows POSIX gives them to the entries after it.";
    let header = |body: &[u8]| extension_of(b'g', body);
    vec![
        tail(
            "tail-entry",
            "a whole entry after the end of the archive",
            open(&[TarEntry::file("evil", "content\n")]),
        ),
        tail(
            "tail-archive",
            "a second archive after the end of the first",
            archive(&[TarEntry::file("evil", "content\n")]),
        ),
        tail(
            "tail-one-byte",
            "one byte that is not zero after the end of the archive",
            b"x".to_vec(),
        ),
        tail(
            "tail-last-byte",
            "zeros up to a record and one byte that is not zero after the end of the archive",
            [&vec![0; 10_240 - one_file().len() - 1][..], b"x"].concat(),
        ),
        tail(
            "tail-zstd",
            "a zstd frame after the end of the archive",
            frame(b"not part of the tar"),
        ),
        tail(
            "tail-skippable",
            "a skippable frame after the end of the archive",
            skippable(SKIPPABLE, b"skip me"),
        ),
        tail(
            "tail-footer",
            "the footer of a layer after the end of the archive",
            footer(),
        ),
        tail(
            "tail-gzip-footer",
            "the footer of an eStargz layer after the end of the archive",
            estargz::Footer::estargz("0000000000000000STARGZ").bytes(),
        ),
        tail(
            "tail-odd-of-2-mib",
            "2 MiB of letters after the end of the archive",
            vec![b'q'; 2 << 20],
        ),
        global(
            "global-header-size",
            "a global PAX header with a size",
            GLOBAL,
            header(&record("size", b"0")),
        ),
        global(
            "global-header-path",
            "a global PAX header with a path",
            GLOBAL,
            header(&record("path", b"other")),
        ),
        global(
            "global-header-owner",
            "a global PAX header with an owner",
            GLOBAL,
            header(&record("uid", b"1000")),
        ),
        global(
            "global-header-empty",
            "a global PAX header without records",
            GLOBAL,
            header(b""),
        ),
        global(
            "global-header-after-pax",
            "a PAX header with a path, and a global PAX header after it",
            "The path is that of the file: Go's tar reader decides, for which a global header ends what was before it.",
            [
                extension_of(b'x', &record("path", b"other")),
                header(&record("comment", b"a")),
            ]
            .concat(),
        ),
        global(
            "global-header-padding-odd",
            "a global PAX header whose padding is not zeros",
            PADDING,
            extension_padded(b'g', &record("comment", b"a"), b"odd"),
        ),
    ]
}
