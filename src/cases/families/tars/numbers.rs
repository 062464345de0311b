//! Numbers of headers as functions that make numbers of texts misread them.

use super::{Accepted, Refused, archive, base256, file, patched, records::sized, with_record};
use crate::{
    forge::{EditInPlace, tar::TarEntry},
    rules::Rule,
    vectors::Tag,
};

/// A file that a GNU header has.
fn gnu() -> TarEntry {
    file().edit(|entry| entry.gnu = true)
}

/// The usual tar with this instead of its checksum, made of the right one.
fn summed(write: impl Fn(u64) -> String) -> Vec<u8> {
    let mut tar = archive(&[file()]);
    let field = &tar[148..154];
    let sum = field.iter().fold(0, |sum, byte| sum * 8 + u64::from(byte & 7));
    let text = write(sum);
    tar[148..156].copy_from_slice(text.as_bytes());
    tar
}

pub(super) fn accepted() -> Vec<Accepted> {
    [octal(), checksums(), base_256()].into_iter().flatten().collect()
}

pub(super) fn refused() -> Vec<Refused> {
    [broken_fields(), broken_checksums(), large(), late_times()]
        .into_iter()
        .flatten()
        .collect()
}

const WHY: &str = "The number is read as another one, or refused, and what follows is read at another place.";

fn row(slug: &'static str, title: &'static str, why: &'static str, tar: Vec<u8>) -> Accepted {
    Accepted::new(slug, title, why, Rule::TarHeader, BORDER, tar)
}

const BORDER: &[Tag] = &[Tag("interop"), Tag("boundary")];
const SECURITY: &[Tag] = &[Tag("security")];

fn octal() -> Vec<Accepted> {
    type Row = (&'static str, &'static str, usize, &'static [u8]);
    let rows: [Row; 9] = [
        (
            "octal-nul-first",
            "a size with two NULs before its digits",
            124,
            b"\0\x00000000010\0",
        ),
        (
            "octal-text-after-nul",
            "a size with text after the NUL that ends it",
            124,
            b"0000010\0zzzz",
        ),
        (
            "octal-two-digits",
            "a size of two digits, and NULs",
            124,
            b"10\0\0\0\0\0\0\0\0\0\0",
        ),
        (
            "octal-space-last",
            "a size that ends with a space and no NUL",
            124,
            b"00000000010 ",
        ),
        (
            "octal-size-all-digits",
            "a size of twelve digits without an end",
            124,
            b"000000000010",
        ),
        (
            "octal-uid-all-digits",
            "an owner of eight digits without an end",
            108,
            b"77777777",
        ),
        (
            "octal-mode-all-digits",
            "a mode of eight digits without an end",
            100,
            b"00000644",
        ),
        ("octal-mtime-largest", "a time of twelve sevens", 136, b"777777777777"),
        ("octal-spaces-only", "a group of nothing but spaces", 116, b"        "),
    ];
    rows.map(|(slug, title, at, field)| row(slug, title, WHY, patched(&file(), &[(at, field)])))
        .into()
}

fn checksums() -> Vec<Accepted> {
    const SUM: &str = "The checksum is compared as text, and a header of another tool is refused.";
    vec![
        row(
            "checksum-eight-digits",
            "a checksum of eight digits without an end",
            SUM,
            summed(|sum| format!("{sum:08o}")),
        ),
        row(
            "checksum-spaces-first",
            "a checksum with spaces before its digits",
            SUM,
            summed(|sum| format!("{sum:6o}\0 ")),
        ),
        row(
            "checksum-space-and-nul",
            "a checksum that ends with a space and a NUL",
            SUM,
            summed(|sum| format!("{sum:06o} \0")),
        ),
        row(
            "checksum-nul-last",
            "a checksum of seven digits and a NUL",
            SUM,
            summed(|sum| format!("{sum:07o}\0")),
        ),
    ]
}

fn base_256() -> Vec<Accepted> {
    [
        ("base-256-uid-negative", "an owner of -2 in base 256", 108, 8, -2),
        ("base-256-gid-2-31", "a group of 2^31 in base 256", 116, 8, 1 << 31),
        (
            "base-256-uid-2-53",
            "an owner of 2^53 + 1 in base 256",
            108,
            8,
            (1 << 53) + 1,
        ),
        (
            "base-256-uid-2-62",
            "an owner of 2^62 - 1 in base 256",
            108,
            8,
            (1 << 62) - 1,
        ),
        ("base-256-mode", "a mode in base 256", 100, 8, 0o644),
        ("base-256-mtime-2-33", "a time of 2^33 in base 256", 136, 12, 1 << 33),
    ]
    .map(|(slug, title, at, width, value)| {
        let tar = patched(&gnu(), &[(at, &base256(width, value))]);
        row(slug, title, WHY, tar)
    })
    .into()
}

const HEADER: &[Rule] = &[Rule::TarHeader];
const EXTENSION: &[Rule] = &[Rule::TarExtension];
const TRUNCATED: &[Rule] = &[Rule::TarTruncated];

fn no(
    slug: &'static str,
    twin: &'static str,
    change: &'static str,
    why: &'static str,
    rules: &'static [Rule],
    tar: Vec<u8>,
) -> Refused {
    Refused::new(slug, twin, change, why, rules, SECURITY, tar)
}

fn broken_fields() -> Vec<Refused> {
    const WHY: &str = "`int()` of Python, `strtol` and `hex` take signs, blanks, underscores and prefixes, and stop at what is none: one \
                       reader finds a number where another finds none, and the two see two archives.";
    type Row = (&'static str, &'static str, usize, &'static [u8]);
    let rows: [Row; 18] = [
        ("size-plus", "a plus sign before the octal size", 124, b"+0000000010\0"),
        (
            "size-minus",
            "a minus sign before the octal size",
            124,
            b"-0000000010\0",
        ),
        (
            "size-underscore",
            "an underscore in the octal size",
            124,
            b"0000_000010\0",
        ),
        (
            "size-prefix-octal",
            "the prefix 0o before the octal size",
            124,
            b"0o000000010\0",
        ),
        ("size-hexadecimal", "a hexadecimal size", 124, b"0x000000008\0"),
        (
            "size-space-inside",
            "a space between the digits of the size",
            124,
            b"000000 0010\0",
        ),
        (
            "size-text-after-space",
            "text after the size and a space",
            124,
            b"0000010 end\0",
        ),
        ("size-digit-8", "an 8 for the octal size", 124, b"00000000008\0"),
        ("size-tab-first", "a tab before the size", 124, b"\t0000000010\0"),
        (
            "size-no-break-space",
            "the byte 0xa0 after the size, a space in Latin-1",
            124,
            b"0000000010\xa0\0",
        ),
        ("uid-digit-8", "an 8 in the octal owner", 108, b"0000800\0"),
        ("uid-minus", "a minus sign before the octal owner", 108, b"-000002\0"),
        ("gid-underscore", "an underscore in the octal group", 116, b"00_0100\0"),
        ("mode-symbolic", "a mode in letters", 100, b"rw-r--r-"),
        (
            "mtime-minus",
            "a minus sign before the octal time",
            136,
            b"-0000000001\0",
        ),
        (
            "mtime-fraction",
            "a fraction of the octal time",
            136,
            b"14524770400.5"[..12].as_ref(),
        ),
        (
            "devmajor-no-number",
            "letters for the device number of a file, which has none",
            329,
            b"major\0\0\0",
        ),
        (
            "devminor-digit-9",
            "a 9 in the octal device number of a file, which has none",
            337,
            b"0000009\0",
        ),
    ];
    rows.map(|(slug, change, at, field)| no(slug, "one-file", change, WHY, HEADER, patched(&file(), &[(at, field)])))
        .into()
}

fn broken_checksums() -> Vec<Refused> {
    const WHY: &str = "A header whose checksum is written otherwise is one to a lenient reader and none to the next.";
    let mut base_256 = archive(&[file()]);
    let sum = base_256[148..154]
        .iter()
        .fold(0_i64, |sum, byte| sum * 8 + i64::from(byte & 7));
    base_256[148..156].copy_from_slice(&base256(8, sum));
    [
        (
            "checksum-plus",
            "a plus sign before the checksum",
            summed(|sum| format!("+{sum:05o}\0 ")),
        ),
        (
            "checksum-hexadecimal",
            "a hexadecimal checksum",
            summed(|sum| format!("{sum:06x}\0 ")),
        ),
        ("checksum-empty", "no checksum", summed(|_| " ".repeat(8))),
        ("checksum-base-256", "a checksum in base 256", base_256),
    ]
    .map(|(slug, change, tar)| no(slug, "one-file", change, WHY, HEADER, tar))
    .into()
}

/// Sizes that no archive has.
fn large() -> Vec<Refused> {
    const WHY: &str =
        "The size, or the size and its padding, wraps round, and the reader goes on at a place that it has read.";
    let mut above_64 = base256(12, 8);
    above_64[3] = 1;
    let mut above_88 = base256(12, 8);
    above_88[0] |= 1;
    let mut two_63 = base256(12, 0);
    two_63[4] = 0x80;
    let sized_field = |field: &[u8]| patched(&gnu(), &[(124, field)]);
    let rows = [
        (
            "size-2-62",
            "a size of 2^62 in base 256",
            TRUNCATED,
            base256(12, 1 << 62),
        ),
        (
            "size-2-63-minus-512",
            "a size of 2^63 - 512 in base 256",
            TRUNCATED,
            base256(12, i64::MAX - 511),
        ),
        (
            "size-2-63-minus-1",
            "a size of 2^63 - 1 in base 256",
            TRUNCATED,
            base256(12, i64::MAX),
        ),
        ("size-2-63", "a size of 2^63 in base 256", HEADER, two_63),
        (
            "size-minus-2-63",
            "a size of -2^63 in base 256",
            HEADER,
            base256(12, i64::MIN),
        ),
        (
            "size-minus-512",
            "a size of -512 in base 256",
            HEADER,
            base256(12, -512),
        ),
        ("size-minus-1", "a size of -1 in base 256", HEADER, base256(12, -1)),
        (
            "size-2-64-plus-8",
            "a size that is 8 when 2^64 is taken off",
            HEADER,
            above_64,
        ),
        (
            "size-2-88-plus-8",
            "a size of 2^88 + 8, which is 8 without its first byte",
            HEADER,
            above_88,
        ),
    ];
    let mut refused: Vec<Refused> = rows
        .into_iter()
        .map(|(slug, change, rules, field)| no(slug, "base-256-size", change, WHY, rules, sized_field(&field)))
        .collect();
    refused.push(no(
        "size-octal-largest",
        "one-file",
        "a size of 2^36 - 1 in twelve octal digits",
        WHY,
        TRUNCATED,
        patched(&file(), &[(124, b"777777777777")]),
    ));
    for (slug, change, rules, value) in [
        ("pax-size-2-62", "a PAX size of 2^62", TRUNCATED, "4611686018427387904"),
        (
            "pax-size-2-63-minus-1",
            "a PAX size of 2^63 - 1",
            TRUNCATED,
            "9223372036854775807",
        ),
        ("pax-size-2-63", "a PAX size of 2^63", EXTENSION, "9223372036854775808"),
        (
            "pax-size-2-64-plus-8",
            "a PAX size that is 8 when 2^64 is taken off",
            EXTENSION,
            "18446744073709551624",
        ),
    ] {
        refused.push(no(
            slug,
            "pax-size",
            change,
            WHY,
            rules,
            sized(value.as_bytes(), b"content\n"),
        ));
    }
    let mut above = base256(12, 0);
    above[4] = 0x80;
    refused.push(no(
        "mtime-2-63",
        "base-256-mtime",
        "a time of 2^63 in base 256",
        "The number wraps round, and the time is one long ago.",
        HEADER,
        patched(&gnu(), &[(136, &above)]),
    ));
    refused
}

/// Times that tar-split holds and RFC 3339 cannot write.
fn late_times() -> Vec<Refused> {
    let rows = [
        (
            "mtime-2-62",
            "base-256-mtime",
            "a time of 2^62 in base 256",
            patched(&gnu(), &[(136, &base256(12, 1 << 62))]),
        ),
        (
            "mtime-minus-2-63",
            "base-256-mtime",
            "a time of -2^63 in base 256",
            patched(&gnu(), &[(136, &base256(12, i64::MIN))]),
        ),
        (
            "year-before-0",
            "pax-mtime",
            "a time one second before the year 0",
            with_record("mtime", b"-62167219201"),
        ),
        (
            "year-10000-of-access",
            "pax-atime",
            "a time of access in the year 10000",
            with_record("atime", b"253402300800"),
        ),
    ];
    rows.into_iter()
        .map(|(slug, twin, change, tar)| Refused {
            disassemble: &[],
            tags: &[Tag("boundary")],
            ..no(
                slug,
                twin,
                change,
                "RFC 3339 cannot write the time: it wraps round, or the TOC has a text that no reader parses.",
                &[Rule::EntryTime],
                tar,
            )
        })
        .collect()
}
