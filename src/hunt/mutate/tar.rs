//! Tars: fields of headers, with the checksum put right, and extended headers.

use crate::forge::{
    mutate::{noised, number},
    random::Random,
    tar as build,
    words::PAX_KEYS,
};

const BLOCK: usize = 512;

/// Where the numbers of a header are, and how long.
const NUMBERS: [(usize, usize); 7] = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (329, 8), (337, 8)];

/// Where its texts are.
const TEXTS: [(usize, usize); 5] = [(0, 100), (157, 100), (265, 32), (297, 32), (345, 155)];

/// An entry of a tar: its header with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) header: Vec<u8>,
    /// Content with its padding.
    pub(crate) content: Vec<u8>,
}

/// The entries of a tar, read loosely, and what follows the last one.
pub(crate) fn split(tar: &[u8]) -> (Vec<Entry>, Vec<u8>) {
    let mut entries = Vec::new();
    let mut rest = tar;
    while let Some((header, behind)) = rest.split_at_checked(BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let size = usize::try_from(read(&header[124..136])).unwrap_or(usize::MAX);
        let has_content = !matches!(header[156], b'1'..=b'6');
        let padded = size.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
        let length = if has_content { padded.min(behind.len()) } else { 0 };
        let (content, behind) = behind.split_at(length);
        entries.push(Entry {
            header: header.to_vec(),
            content: content.to_vec(),
        });
        rest = behind;
    }
    (entries, rest.to_vec())
}

/// The tar of these entries.
pub(crate) fn join(entries: &[Entry], rest: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    for entry in entries {
        tar.extend(&entry.header);
        tar.extend(&entry.content);
    }
    tar.extend(rest);
    tar
}

/// An octal number, or one in base 256; 0 for anything else.
fn read(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        let low = field.last_chunk().map_or(0, |word: &[u8; 8]| u64::from_be_bytes(*word));
        return low & (u64::MAX >> 1);
    }
    let text = String::from_utf8_lossy(field);
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).unwrap_or_default()
}

/// A tar with one change.
pub(super) fn tar(tar: &[u8], random: &mut Random) -> Vec<u8> {
    let (mut entries, mut rest) = split(tar);
    if entries.is_empty() || random.ratio(1, 12) {
        return noised(tar, random);
    }
    let at = random.below(entries.len());
    match random.below(12) {
        0 => {
            entries.remove(at);
        }
        1 => entries.insert(at, entries[at].clone()),
        2 => {
            let other = random.below(entries.len());
            entries.swap(at, other);
        }
        3 => {
            let extension = extension(random);
            entries.insert(at, extension);
        }
        4 => match random.below(6) {
            0 => rest.clear(),
            1 => rest.truncate(BLOCK),
            2 => rest.extend([0; BLOCK]),
            3 => rest.extend(b"more"),
            4 => rest.insert(0, b'x'),
            _ => rest = [vec![0; BLOCK], rest].concat(),
        },
        5 => {
            let changed = noised(&entries[at].content, random);
            // A block stays a block, most of the time.
            let length = entries[at].content.len();
            entries[at].content = changed;
            if random.ratio(3, 4) {
                entries[at].content.resize(length, 0);
            }
        }
        _ => {
            field(&mut entries[at].header, random);
            if random.ratio(9, 10) {
                build::seal(&mut entries[at].header);
            }
        }
    }
    join(&entries, &rest)
}

/// One field of a header.
fn field(header: &mut [u8], random: &mut Random) {
    match random.below(8) {
        0..=2 => {
            let (at, length) = NUMBERS[random.below(NUMBERS.len())];
            let old = read(&header[at..at + length]);
            let digits = written(old, length, random);
            put(&mut header[at..at + length], &digits);
        }
        3 => {
            let types = b"\x0001234567gxKLSDVMNAXZ z";
            header[156] = types[random.below(types.len())];
        }
        4..=5 => {
            let (at, length) = TEXTS[random.below(TEXTS.len())];
            let texts: [&[u8]; 14] = [
                b"",
                b".",
                b"..",
                b"/",
                b"./",
                b"a/../b",
                b"/a",
                b"a/",
                b"a//b",
                b"\xff\xfe",
                b"a\0b",
                b"\xc3\xa9",
                b" ",
                b"a\nb",
            ];
            match random.below(16) {
                0 => header[at..at + length].fill(b'a'),
                1 => header[at + length - 1] = b'z',
                index => put(&mut header[at..at + length], texts[index - 2]),
            }
        }
        6 => {
            let magics: [&[u8]; 7] = [
                b"ustar\x0000",
                b"ustar  \0",
                b"\0\0\0\0\0\0\0\0",
                b"ustar\0\0\0",
                b"ustar 00",
                b"USTAR\x0000",
                b"ustar\x0001",
            ];
            let magic = magics[random.below(magics.len())];
            put(&mut header[257..265], magic);
        }
        _ => {
            let at = random.below(BLOCK);
            header[at] = [0, 1, b' ', b'7', b'8', 0x80, 0xff, b'/'][random.below(8)];
        }
    }
}

fn put(field: &mut [u8], text: &[u8]) {
    field.fill(0);
    for (byte, new) in field.iter_mut().zip(text) {
        *byte = *new;
    }
}

/// A number in one of the notations that tars have.
fn written(old: u64, length: usize, random: &mut Random) -> Vec<u8> {
    let value = match random.below(3) {
        0 => old,
        1 => u64::from(random.between(0..=4096_u16)),
        _ => number(old, random),
    };
    let octal = format!("{value:o}");
    match random.below(11) {
        0 => format!("{value:0width$o}\0", width = length - 1).into_bytes(),
        1 => format!("{value:0length$o}").into_bytes(),
        2 => format!("{octal:>width$} ", width = length - 1).into_bytes(),
        3 => format!("{octal} \0").into_bytes(),
        4 => Vec::new(),
        5 => vec![b' '; length],
        6 => format!("-{octal}\0").into_bytes(),
        7 => format!("{octal}\x009").into_bytes(),
        8 => format!("{value}x").into_bytes(),
        9 => vec![0xff; length],
        _ => {
            let mut bytes = vec![0; length];
            bytes[0] = 0x80;
            let from = length.saturating_sub(8);
            let word = value.to_be_bytes();
            for (byte, new) in bytes
                .iter_mut()
                .skip(from.max(1))
                .zip(&word[8 - (length - from.max(1)).min(8)..])
            {
                *byte = *new;
            }
            bytes
        }
    }
}

/// A header that says something of the next entry.
fn extension(random: &mut Random) -> Entry {
    let kind = [b'x', b'x', b'x', b'g', b'L', b'K'][random.below(6)];
    let content = if matches!(kind, b'L' | b'K') {
        let names: [&[u8]; 6] = [b"long\0", b"long", b"\0", b"", b"a\0b\0", b"../x\0"];
        names[random.below(names.len())].to_vec()
    } else {
        let mut records = Vec::new();
        for _ in 0..random.between(1..=2) {
            records.extend(record(random));
        }
        records
    };
    let made = build::extension_of(kind, &content);
    let (header, content) = made.split_at(BLOCK.min(made.len()));
    Entry {
        header: header.to_vec(),
        content: content.to_vec(),
    }
}

/// A record of an extended header.
fn record(random: &mut Random) -> Vec<u8> {
    const VALUES: [&str; 20] = [
        "",
        "0",
        "1",
        "5",
        "-1",
        "+5",
        " 5",
        "5 ",
        "0x5",
        "1.5",
        "-1.5",
        "1.",
        ".5",
        "1e3",
        "99999999999999999999",
        "9223372036854775808",
        "a",
        "a\0b",
        "../a",
        "é",
    ];
    let key = PAX_KEYS[random.below(PAX_KEYS.len())];
    let value = VALUES[random.below(VALUES.len())];
    let body = format!(" {key}={value}\n");
    let mut length = body.len() + 1;
    while length != body.len() + length.to_string().len() {
        length += 1;
    }
    match random.below(10) {
        0 => format!("{}{body}", length + 1),
        1 => format!("0{length}{body}"),
        2 => format!("{length} {key}{value}\n"),
        3 => format!("{length}{}x", body.trim_end_matches('\n')),
        _ => format!("{length}{body}"),
    }
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{join, split};
    use crate::forge::{
        random::Random,
        tar::{self, Entry},
    };

    fn sample() -> Vec<u8> {
        let mut made = Vec::new();
        for entry in [Entry::dir("a"), Entry::file("a/b", b"content")] {
            made.extend(entry.header());
            made.extend(&entry.content);
            made.extend(tar::padding(entry.content.len()));
        }
        made.extend(tar::end());
        made
    }

    #[test]
    fn a_tar_is_split_into_its_entries_and_joined_again() {
        let tar = sample();
        let (entries, rest) = split(&tar);
        assert_eq!((entries.len(), rest.len()), (2, 1024));
        assert_eq!(entries[1].content.len(), 512);
        assert_eq!(join(&entries, &rest), tar);
    }

    #[test]
    fn changes_change_something_and_never_panic() {
        let tar = sample();
        let mut changed = 0;
        for run in 0..5000 {
            let result = super::tar(&tar, &mut Random::of_run(1, run));
            changed += usize::from(result != tar);
        }
        // Some write what is there already, or swap an entry with itself.
        assert!(changed > 4000, "{changed}");
    }
}
