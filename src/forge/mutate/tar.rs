//! Changes of tars: entries, extension headers, and fields of headers, whose checksums mostly hold afterwards.

use super::{noise, number, splice, swapped};
use crate::forge::{
    Edit,
    random::Random,
    tar::{self, BLOCK, Header, headers},
    words::PAX_KEYS,
};

/// Where the numbers of a header are, and how long.
const NUMBERS: [(usize, usize); 8] = [
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (329, 8),
    (337, 8),
    // The access time of GNU.
    (345, 12),
];

/// Where its texts are. GNU has a shorter prefix.
const TEXTS: [(usize, usize); 6] = [(0, 100), (157, 100), (265, 32), (297, 32), (345, 155), (345, 131)];

/// What a field for a number can hold.
const VALUES: [&[u8]; 18] = [
    b"",
    b"0",
    b"777",
    b"1000",
    b"1001",
    b"00000000001 ",
    b"          7",
    b"7777777\0",
    b"77777777777",
    b"8",
    b"0x10",
    b"1 1",
    b"1\x001",
    b"\x80\0\0\0\0\0\0\x01",
    b"\x80\0\0\0\x80\0\0\0\0\0\0\0",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0",
    b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
];

const FLAGS: [u8; 25] = *b"\x000123456789gxKLSDVMNAXZ z";

const MAGICS: [&[u8]; 8] = [
    b"ustar\x0000",
    b"ustar  \0",
    b"\0\0\0\0\0\0\0\0",
    b"ustar\0\0\0",
    b"ustar 00",
    b"ustar ",
    b"USTAR\x0000",
    b"ustar\x0001",
];

/// Names, some of which are cleaned away.
const NAMES: [&[u8]; 17] = [
    b"",
    b".",
    b"..",
    b"/",
    b"./",
    b"a",
    b"./a",
    b"a/../b",
    b"/a",
    b"a/",
    b"a//b",
    b"\xff\xfe",
    b"a\0b",
    b"\xe2\x80\xa8",
    b"<&>\"\\",
    b" ",
    b"a\nb",
];

/// Values of PAX records.
const RECORDS: [&str; 26] = [
    "",
    "0",
    "1",
    "5",
    "512",
    "-1",
    "+5",
    "01",
    " 5",
    "5 ",
    "0x5",
    "1.5",
    "-0.5",
    "1.",
    ".5",
    "1e3",
    "1.0000000001",
    "0,1",
    "99999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "a",
    "b/",
    "a\0b",
    "../a",
    "é",
];

/// A change of a tar.
pub(crate) fn tar(tar: &[u8], random: &mut Random) -> Edit {
    let headers = headers(tar);
    let Some(header) = random.pick(&headers).filter(|_| !random.ratio(1, 12)) else {
        return noise(tar, random);
    };
    let whole = header.at..header.end;
    match random.below(12) {
        0 => splice(whole.start, whole.len(), &[]),
        1 => splice(whole.start, 0, tar.get(whole).unwrap_or_default()),
        2 => {
            let other = random.pick(&headers).unwrap_or(header);
            swapped(tar, whole, other.at..other.end)
        }
        3 | 4 => splice(whole.start, 0, &extension(random)),
        5 => end(tar, header, &headers, random),
        6 => {
            let body = tar.get(header.body.clone()).unwrap_or_default();
            let mut changed = super::noised(body, random);
            // A block stays a block, most of the time.
            if random.ratio(3, 4) {
                changed.resize(body.len(), 0);
            }
            splice(header.body.start, body.len(), &changed)
        }
        _ => {
            let mut block = tar.get(header.at..header.at + BLOCK).unwrap_or_default().to_vec();
            field(&mut block, random);
            if random.ratio(9, 10) {
                tar::seal(&mut block);
            }
            splice(header.at, block.len(), &block)
        }
    }
}

/// What follows the entries, or where they end.
fn end(tar: &[u8], header: &Header, headers: &[Header], random: &mut Random) -> Edit {
    let end = headers.last().map_or(0, |last| last.end);
    let rest = tar.len().saturating_sub(end);
    match random.below(9) {
        0 => splice(end, rest, &[]),
        1 => splice(end, rest, &[0; BLOCK]),
        2 => Edit::Append([0; BLOCK].as_slice().into()),
        3 => Edit::Append([0; 2 * BLOCK].as_slice().into()),
        4 => Edit::Append("more".into()),
        5 => splice(end, 0, b"x"),
        6 => splice(header.at, 0, &[0; BLOCK]),
        // What is before the header may be an extension header, which then extends nothing.
        7 => splice(header.at, tar.len() - header.at, &[]),
        _ => {
            let less = random.between(1..=BLOCK).min(tar.len());
            splice(tar.len() - less, less, &[])
        }
    }
}

/// One field of a header.
fn field(header: &mut [u8], random: &mut Random) {
    match random.below(8) {
        0..=2 => {
            let (at, length) = random.choose(&NUMBERS);
            let field = &mut header[at..at + length];
            let value = if random.flip() {
                random.choose(&VALUES).to_vec()
            } else {
                written(tar::number(field), length, random)
            };
            put(field, &value);
        }
        3 => header[156] = random.choose(&FLAGS),
        4..=5 => {
            let (at, length) = random.choose(&TEXTS);
            match random.below(12) {
                0 => header[at..at + length].fill(b'a'),
                1 => header[at + length - 1] = b'z',
                _ => put(&mut header[at..at + length], random.choose(&NAMES)),
            }
        }
        6 => put(&mut header[257..265], random.choose(&MAGICS)),
        _ => {
            let at = random.below(BLOCK);
            header[at] = random.choose(&[0, 1, b' ', b'7', b'8', 0x80, 0xff, b'/']);
        }
    }
}

/// Puts a value into a field, and zeros after it.
fn put(field: &mut [u8], value: &[u8]) {
    field.fill(0);
    for (byte, new) in field.iter_mut().zip(value) {
        *byte = *new;
    }
}

/// A number in one of the notations that tars have.
fn written(old: u64, length: usize, random: &mut Random) -> Vec<u8> {
    let value = match random.below(3) {
        0 => old,
        1 => random.between(0..=4096),
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
        _ => tar::base256(length, i64::try_from(value).unwrap_or(-1)),
    }
}

/// A header that says something of the next entry.
fn extension(random: &mut Random) -> Vec<u8> {
    let kind = random.choose(b"xxxxgLK");
    if matches!(kind, b'L' | b'K') {
        let mut name = random.choose(&NAMES).repeat(1 + random.below(60));
        if random.ratio(3, 4) {
            name.push(0);
        }
        return tar::extension_of(kind, &name);
    }
    let records: Vec<u8> = (0..random.between(1..=3_u8)).flat_map(|_| record(random)).collect();
    tar::extension_of(kind, &records)
}

/// A record of an extension header.
fn record(random: &mut Random) -> Vec<u8> {
    let (key, value) = (random.choose(&PAX_KEYS), random.choose(&RECORDS));
    let right = tar::record(key, value.as_bytes());
    let length = right.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let body = right.get(length..).unwrap_or_default();
    match random.below(12) {
        0 => [(right.len() + 1).to_string().as_bytes(), body].concat(),
        1 => [b"0", right.as_slice()].concat(),
        2 => format!("{} {key}{value}\n", right.len()).into_bytes(),
        3 => [right.strip_suffix(b"\n").unwrap_or(&right), b"x"].concat(),
        _ => right,
    }
}

/// Writes the checksums of all headers.
pub(crate) fn seal(tar: &mut [u8]) {
    for header in headers(tar) {
        if let Some(block) = tar.get_mut(header.at..header.at + BLOCK) {
            tar::seal(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::forge::{
        Kind,
        mutate::applied,
        random::Random,
        tar::{self, TarEntry},
    };

    #[test]
    fn changes_change_something_and_never_panic() {
        let mut made = Vec::new();
        for entry in [TarEntry::dir("a"), TarEntry::file("a/b", b"content")] {
            made.extend(entry.header());
            made.extend(&entry.content);
            made.extend(tar::padding(entry.content.len()));
        }
        made.extend(tar::end());
        let mut changed = 0;
        for run in 0..5000 {
            let edit = super::tar(&made, &mut Random::of_run(1, run));
            changed += usize::from(applied(&edit, &made, Kind::Bytes) != made);
        }
        // Some write what is there already, or swap an entry with itself.
        assert!(changed > 4000, "{changed}");
    }
}
