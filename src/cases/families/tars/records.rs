//! PAX records, their lengths and values, as functions that make numbers of texts misread them.

use super::{Accepted, Choice, Open, Refused, behind_pax, end, one_file, padding, with_record};
use crate::{
    forge::tar::{TarEntry, extension_of, record},
    rules::Rule,
    vectors::Tag,
};

/// A file of this content behind a PAX header that gives this size, whose own header has 0.
pub(super) fn sized(size: &[u8], content: &[u8]) -> Vec<u8> {
    let entry = TarEntry::file("file-x", "").header();
    let records = extension_of(b'x', &record("size", size));
    [records, entry, content.to_owned(), padding(content.len()), end()].concat()
}

pub(super) fn accepted() -> Vec<Accepted> {
    values().into_iter().chain(records()).collect()
}

pub(super) fn refused() -> Vec<Refused> {
    let global = no(
        "global-header-uid-no-number",
        "global-header-owner",
        "an owner that is no number",
        "The records apply to nothing, but tar-split reads their values all the same and refuses the tar; a writer that does not \
         makes a layer that it cannot read.",
        [extension_of(b'g', &record("uid", b"root")), one_file()].concat(),
    );
    broken_records()
        .into_iter()
        .chain(broken_values())
        .chain([global])
        .collect()
}

pub(super) fn open_points() -> [Open; 1] {
    [Open {
        slug: "pax-record-length-plus",
        title: "a record whose length of 12 has a plus sign",
        why: "Go's function for numbers accepts the sign, and regular expressions for digits do not: one reader finds records where \
              another finds none.",
        choice: Choice("signed-record-lengths"),
        rule: Rule::TarExtension,
        bugs: &[],
        tar: behind_pax(b"+12 a=bbbbb\n"),
    }]
}

const WHY: &str = "The number is read as another one, or refused, and what follows is read at another place.";

fn row(slug: &'static str, title: &'static str, why: &'static str, tar: Vec<u8>) -> Accepted {
    const TAGS: &[Tag] = &[Tag("interop"), Tag("boundary")];
    Accepted::new(slug, title, why, Rule::TarExtension, TAGS, tar)
}

fn no(slug: &'static str, twin: &'static str, change: &'static str, why: &'static str, tar: Vec<u8>) -> Refused {
    Refused::new(slug, twin, change, why, &[Rule::TarExtension], &[Tag("security")], tar)
}

/// Values of PAX records.
fn values() -> Vec<Accepted> {
    type Row = (&'static str, &'static str, &'static str, &'static str);
    let rows: [Row; 17] = [
        ("pax-uid-plus", "an owner with a plus sign", "uid", "+1000"),
        ("pax-uid-negative", "an owner of -2", "uid", "-2"),
        ("pax-uid-leading-zeros", "an owner of 0010, which is 10", "uid", "0010"),
        (
            "pax-uid-2-21",
            "an owner of 2^21, which has a digit more than the field of the header",
            "uid",
            "2097152",
        ),
        ("pax-uid-2-53", "an owner of 2^53 + 1", "uid", "9007199254740993"),
        (
            "pax-uid-2-63-minus-1",
            "an owner of 2^63 - 1",
            "uid",
            "9223372036854775807",
        ),
        ("pax-gid-2-31", "a group of 2^31", "gid", "2147483648"),
        (
            "pax-mtime-point-last",
            "a time that ends with its point",
            "mtime",
            "1700000000.",
        ),
        ("pax-mtime-plus", "a time with a plus sign", "mtime", "+1700000000.5"),
        (
            "pax-mtime-minus-zero",
            "a time of -0.5, half a second before 1970",
            "mtime",
            "-0.5",
        ),
        (
            "pax-mtime-leading-zeros",
            "a time of 0017, which is 17",
            "mtime",
            "0017",
        ),
        (
            "pax-mtime-zeros",
            "a time with a fraction of twelve zeros",
            "mtime",
            "1700000000.000000000000",
        ),
        (
            "pax-mtime-year-0",
            "the first second of the year 0",
            "mtime",
            "-62167219200",
        ),
        (
            "pax-mtime-year-1",
            "the first second of the year 1, which stands for no time",
            "mtime",
            "-62135596800",
        ),
        (
            "pax-mtime-year-9999",
            "the last nanosecond of the year 9999",
            "mtime",
            "253402300799.999999999",
        ),
        ("pax-mtime-2-31", "a time of 2^31", "mtime", "2147483648"),
        (
            "pax-mtime-2-33",
            "a time of 2^33, which octal digits do not hold",
            "mtime",
            "8589934592",
        ),
    ];
    let rows = rows.map(|(slug, title, key, value)| row(slug, title, WHY, with_record(key, value.as_bytes())));
    let sizes = [
        row(
            "pax-size-leading-zero",
            "a PAX size of 010, which is 10",
            "A leading zero makes the number octal, and content is read as a header.",
            sized(b"010", b"0123456789"),
        ),
        row(
            "pax-size-plus",
            "a PAX size of +8",
            "The number is read as another one, or refused. The spec and Go's tar reader accept a sign in the values of records.",
            sized(b"+8", b"content\n"),
        ),
    ];
    rows.into_iter().chain(sizes).collect()
}

/// Spellings of records.
fn records() -> Vec<Accepted> {
    const KEY: &str = "A key that is not one of the known ones is taken for one, and the entry gets another name.";
    let with = |slug, title, why, body: &[u8]| row(slug, title, why, behind_pax(body));
    vec![
        with(
            "pax-record-leading-zeros",
            "a record whose length of 12 has leading zeros",
            "The length is read as octal, or the record refused.",
            b"0012 a=bbbb\n",
        ),
        with(
            "pax-record-shortest",
            "the shortest record",
            "The least length is one too large.",
            b"5 a=\n",
        ),
        with(
            "pax-key-space-first",
            "a key that begins with a space",
            KEY,
            b"13  path=abc\n",
        ),
        with(
            "pax-key-upper-case",
            "a key in upper case",
            KEY,
            &record("PATH", b"other"),
        ),
        with(
            "pax-key-longer",
            "a key that begins with a known one",
            KEY,
            &record("path.old", b"other"),
        ),
        with(
            "pax-key-vendor",
            "a key that ends with a known one",
            KEY,
            &record("VENDOR.path", b"other"),
        ),
        with(
            "pax-comment-record-inside",
            "a comment with a line feed and what looks like another record",
            "Records are split at line feeds, and one is found in the middle of a value.",
            &record("comment", b"first\n12 path=abc\n"),
        ),
        with(
            "pax-path-line-feed",
            "a name with a line feed in a record",
            "Records are split at line feeds, and the name is cut off.",
            &record("path", b"two\nlines"),
        ),
        with(
            "pax-path-equals",
            "a name with an equals sign in a record",
            "The record is split at the last equals sign.",
            &record("path", b"a=b=c"),
        ),
        with(
            "pax-hdrcharset",
            "a name that follows a record for a character set",
            "The name is converted, or the record is an error.",
            &[record("hdrcharset", b"BINARY"), record("path", "jürgen".as_bytes())].concat(),
        ),
        with(
            "sparse-version-other",
            "records of a version of sparse files that GNU tar does not have",
            "An ordinary file is taken for a sparse one. Go's tar reader decides: only three versions are sparse.",
            &[record("GNU.sparse.major", b"1"), record("GNU.sparse.minor", b"1")].concat(),
        ),
        with(
            "sparse-name-alone",
            "a name of a sparse file in a record, and no map",
            "The file gets a name that is that of a sparse file only.",
            &record("GNU.sparse.name", b"other"),
        ),
    ]
}

fn broken_records() -> Vec<Refused> {
    const WHY: &str = "The length of a record is read with a function that takes more than digits, or what follows the records is passed \
                       over: one reader finds records where another finds none.";
    type Row = (&'static str, &'static str, &'static [u8]);
    let rows: [Row; 11] = [
        (
            "pax-record-length-underscore",
            "an underscore in the length of a record",
            b"1_3 a=bbbbbb\n",
        ),
        (
            "pax-record-length-hexadecimal",
            "a hexadecimal length of a record",
            b"0xc a=bbbbb\n",
        ),
        (
            "pax-record-length-arabic",
            "Arabic digits for the length of a record",
            "\u{661}\u{662} a=bbbb\n".as_bytes(),
        ),
        (
            "pax-record-length-space-first",
            "a space before the length of a record",
            b" 12 a=bbbbb\n",
        ),
        ("pax-record-length-zero", "a length of 0", b"0 a=b\n"),
        (
            "pax-record-tab",
            "a tab after the length of a record",
            b"12\ta=bbbbbb\n",
        ),
        ("pax-record-nul-last", "a NUL for the line feed of a record", b"6 a=b\0"),
        (
            "pax-records-then-nuls",
            "ten NULs after the last record",
            b"6 a=b\n\0\0\0\0\0\0\0\0\0\0",
        ),
        (
            "pax-records-then-line-feed",
            "a line feed after the last record",
            b"6 a=b\n\n",
        ),
        ("pax-records-then-text", "text after the last record", b"6 a=b\nend"),
        (
            "pax-records-nuls-between",
            "a NUL between two records",
            b"6 a=b\n\x006 b=c\n",
        ),
    ];
    rows.map(|(slug, change, body)| no(slug, "pax-comment", change, WHY, behind_pax(body)))
        .into()
}

fn broken_values() -> Vec<Refused> {
    const WHY: &str = "The value is read with a function that takes signs, blanks, underscores, prefixes, exponents or digits of every \
                       script, or stops at what is none of these: the TOC has a value that the tar has not.";
    type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);
    let rows: [Row; 26] = [
        (
            "pax-uid-space-first",
            "pax-uid",
            "a space before the owner",
            "uid",
            " 1000",
        ),
        (
            "pax-uid-line-feed",
            "pax-uid",
            "a line feed after the owner",
            "uid",
            "1000\n",
        ),
        ("pax-uid-nul", "pax-uid", "a NUL after the owner", "uid", "1000\0"),
        (
            "pax-uid-underscore",
            "pax-uid",
            "an underscore in the owner",
            "uid",
            "1_000",
        ),
        ("pax-uid-hexadecimal", "pax-uid", "a hexadecimal owner", "uid", "0x3e8"),
        ("pax-uid-fraction", "pax-uid", "an owner of 1000.0", "uid", "1000.0"),
        (
            "pax-uid-arabic",
            "pax-uid",
            "an owner in Arabic digits",
            "uid",
            "\u{661}\u{660}\u{660}\u{660}",
        ),
        (
            "pax-uid-sign-alone",
            "pax-uid",
            "a plus sign alone for the owner",
            "uid",
            "+",
        ),
        (
            "pax-uid-2-63",
            "pax-uid",
            "an owner of 2^63",
            "uid",
            "9223372036854775808",
        ),
        (
            "pax-uid-2-64",
            "pax-uid",
            "an owner of 2^64, which is root in 64 bits",
            "uid",
            "18446744073709551616",
        ),
        (
            "pax-size-space-first",
            "pax-size",
            "a space before the PAX size",
            "size",
            " 8",
        ),
        ("pax-size-fraction", "pax-size", "a PAX size of 8.0", "size", "8.0"),
        ("pax-size-exponent", "pax-size", "a PAX size of 8e0", "size", "8e0"),
        ("pax-size-hexadecimal", "pax-size", "a PAX size of 0x8", "size", "0x8"),
        ("pax-size-underscore", "pax-size", "a PAX size of 0_8", "size", "0_8"),
        (
            "pax-mtime-point-first",
            "pax-mtime",
            "a time that begins with its point",
            "mtime",
            ".5",
        ),
        (
            "pax-mtime-comma",
            "pax-mtime",
            "a comma before the fraction of the time",
            "mtime",
            "1,5",
        ),
        ("pax-mtime-exponent", "pax-mtime", "a time of 1e9", "mtime", "1e9"),
        (
            "pax-mtime-hexadecimal",
            "pax-mtime",
            "a hexadecimal time",
            "mtime",
            "0x10",
        ),
        (
            "pax-mtime-space-first",
            "pax-mtime",
            "a space before the time",
            "mtime",
            " 1",
        ),
        (
            "pax-mtime-line-feed",
            "pax-mtime",
            "a line feed after the time",
            "mtime",
            "1.5\n",
        ),
        (
            "pax-mtime-fraction-minus",
            "pax-mtime",
            "a minus sign in the fraction of the time",
            "mtime",
            "1.-5",
        ),
        ("pax-mtime-nan", "pax-mtime", "nan for the time", "mtime", "nan"),
        (
            "pax-mtime-underscore",
            "pax-mtime",
            "an underscore in the time",
            "mtime",
            "1_0.5",
        ),
        (
            "pax-mtime-arabic",
            "pax-mtime",
            "an Arabic digit in the fraction of the time",
            "mtime",
            "1.\u{665}",
        ),
        (
            "pax-mtime-2-63",
            "pax-mtime",
            "a time of 2^63",
            "mtime",
            "9223372036854775808",
        ),
    ];
    let mut refused: Vec<Refused> = rows
        .into_iter()
        .map(|(slug, twin, change, key, value)| {
            let tar = if key == "size" {
                sized(value.as_bytes(), b"content\n")
            } else {
                with_record(key, value.as_bytes())
            };
            no(slug, twin, change, WHY, tar)
        })
        .collect();
    for (slug, twin, change, key) in [
        (
            "pax-atime-no-number",
            "pax-atime",
            "a time of access that is the word now",
            "atime",
        ),
        (
            "pax-ctime-no-number",
            "pax-ctime",
            "a time of change that is the word now",
            "ctime",
        ),
    ] {
        refused.push(no(slug, twin, change, WHY, with_record(key, b"now")));
    }
    refused
}
