//! Changes to tars after which checksums hold, so that what is tested lies behind them.

use crate::{
    forge::{random::Random, words::PAX_KEYS},
    fuzzing::mutator::replace,
};

const BLOCK: usize = 512;

/// Where a header has its fields, and how long they are.
const NUMBERS: [(usize, usize); 8] = [
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (329, 8),
    (337, 8),
    (345, 12),
];
const SIZE: (usize, usize) = NUMBERS[3];
const CHECKSUM: (usize, usize) = (148, 8);
const TYPEFLAG: usize = 156;

/// What a field for a number can hold.
const VALUES: &[&[u8]] = &[
    b"",
    b"0",
    b"1",
    b"777",
    b"1000",
    b"1001",
    b"00000000001 ",
    b"          7",
    b"7777777\0",
    b"77777777777",
    b"8",
    b"-1",
    b"0x10",
    b"1 1",
    b"1\x001",
    b"\x80\0\0\0\0\0\0\x01",
    b"\x80\0\0\0\0\0\0\0\0\0\x02\0",
    b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x80\0\0\0\x80\0\0\0\0\0\0\0",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0",
    b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
];

const TYPEFLAGS: &[u8] = b"0123456789xgLKSVDN\0A";

const MAGICS: &[&[u8]] = &[
    b"ustar\x0000",
    b"ustar  \0",
    b"ustar\0\0\0",
    b"ustar ",
    b"\0\0\0\0\0\0\0\0",
];

/// Names, some of which fill a field or are cleaned away.
const NAMES: &[&[u8]] = &[
    b"a",
    b"b/",
    b"./a",
    b"/a",
    b"../a",
    b"a//b",
    b"\xff",
    b"",
    b"a\0b",
    b"\xe2\x80\xa8",
    b"<&>\"\\",
];

/// Values of PAX records.
const TEXTS: &[&str] = &[
    "",
    "0",
    "1",
    "5",
    "512",
    "-1",
    "+1",
    "01",
    "1.5",
    "-0.5",
    ".5",
    "1.",
    "1.0000000001",
    "9223372036854775807",
    "9223372036854775808",
    "a",
    "b/",
    "a\0b",
    "0,1",
];

/// Changes an input. `plain` is the fuzzer's own mutation.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    plain: &mut dyn FnMut(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random::new(seed.into());
    let own = random.below(3) > 0;
    let size = if own { size } else { plain(data, size, max_size) };
    let mut tar = data.get(..size).unwrap_or_default().to_vec();
    if own {
        change(&mut tar, &mut random);
    }
    // Now and then a checksum stays wrong.
    if random.below(8) > 0 {
        reseal(&mut tar);
    }
    replace(data, Some(&tar), max_size).unwrap_or(size)
}

/// Makes one change.
fn change(tar: &mut Vec<u8>, random: &mut Random) {
    let headers = headers(tar);
    let Some(&at) = random.pick(&headers) else {
        tar.extend(header(b'0', b"a", 0));
        return;
    };
    match random.below(10) {
        0 | 1 => {
            let field = random.pick(&NUMBERS).copied().unwrap_or(SIZE);
            let value = random.pick(VALUES).copied().unwrap_or_default();
            set(tar, at, field, value);
        }
        2 => {
            let flag = random.pick(TYPEFLAGS).copied().unwrap_or(b'0');
            set(tar, at, (TYPEFLAG, 1), &[flag]);
        }
        3 => set(tar, at, (257, 8), random.pick(MAGICS).copied().unwrap_or_default()),
        4 => {
            let field = random
                .pick(&[(0, 100), (157, 100), (265, 32), (345, 155), (345, 131)])
                .copied();
            let name = random.pick(NAMES).copied().unwrap_or_default();
            set(tar, at, field.unwrap_or((0, 100)), name);
        }
        5 | 6 => insert(tar, at, &records(random)),
        7 => {
            let kind = if random.below(2) == 0 { b'L' } else { b'K' };
            let mut body = random
                .pick(NAMES)
                .copied()
                .unwrap_or_default()
                .repeat(1 + random.below(60));
            body.push(0);
            insert(tar, at, &with_body(kind, &body));
        }
        8 => {
            let until = headers.iter().copied().find(|&next| next > at).unwrap_or(tar.len());
            let entry = tar.get(at..until).unwrap_or_default().to_vec();
            if random.below(2) == 0 {
                insert(tar, at, &entry);
            } else {
                drop(tar.drain(at..until));
            }
        }
        _ => match random.below(5) {
            0 => tar.extend([0; BLOCK]),
            1 => tar.extend([0; 2 * BLOCK]),
            2 => tar.truncate(tar.len().saturating_sub(1 + random.below(BLOCK))),
            // What is before the header may be an extension header, which then extends nothing.
            3 => tar.truncate(at),
            _ => insert(tar, at, &[0; BLOCK]),
        },
    }
}

/// A PAX header with some records.
fn records(random: &mut Random) -> Vec<u8> {
    let mut body = Vec::new();
    for _ in 0..=random.below(3) {
        let key = random.pick(&PAX_KEYS).copied().unwrap_or_default();
        let value = random.pick(TEXTS).copied().unwrap_or_default();
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len();
        while length != rest.len() + length.to_string().len() {
            length = rest.len() + length.to_string().len();
        }
        // Now and then the length is off by one.
        let length = if random.below(12) == 0 { length + 1 } else { length };
        body.extend(format!("{length}{rest}").into_bytes());
    }
    with_body(if random.below(4) == 0 { b'g' } else { b'x' }, &body)
}

fn with_body(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = header(kind, b"h", body.len());
    out.extend_from_slice(body);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    out
}

/// A header block without its checksum.
fn header(kind: u8, name: &[u8], size: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    set(&mut block, 0, (0, 100), name);
    set(&mut block, 0, SIZE, format!("{size:011o}").as_bytes());
    set(&mut block, 0, (TYPEFLAG, 1), &[kind]);
    set(&mut block, 0, (257, 8), b"ustar\x0000");
    block
}

/// Puts a value into a field of the header at an offset, and zeros behind it.
fn set(tar: &mut [u8], at: usize, (start, length): (usize, usize), value: &[u8]) {
    let field = tar.get_mut(at + start..).and_then(|rest| rest.get_mut(..length));
    let value = value.iter().copied().chain(std::iter::repeat(0));
    for (byte, new) in field.unwrap_or_default().iter_mut().zip(value) {
        *byte = new;
    }
}

fn insert(tar: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    drop(tar.splice(at..at, bytes.iter().copied()));
}

/// Where headers are, going by their size fields.
fn headers(tar: &[u8]) -> Vec<usize> {
    let mut headers = Vec::new();
    let mut at = 0_usize;
    while let Some(block) = tar.get(at..at.saturating_add(BLOCK)) {
        at += BLOCK;
        if block.iter().all(|&byte| byte == 0) {
            continue;
        }
        headers.push(at - BLOCK);
        if !matches!(block.get(TYPEFLAG), Some(b'1'..=b'6')) {
            at = at.saturating_add(size_of(block).next_multiple_of(BLOCK));
        }
    }
    headers
}

/// The size that a header gives, if it is a plain one.
fn size_of(block: &[u8]) -> usize {
    let field = block.get(SIZE.0..SIZE.0 + SIZE.1).unwrap_or_default();
    let digits = std::str::from_utf8(field).unwrap_or_default().trim_matches(['\0', ' ']);
    usize::from_str_radix(digits, 8).unwrap_or(0).min(1 << 20)
}

/// Writes the checksums of all headers.
fn reseal(tar: &mut [u8]) {
    for at in headers(tar) {
        set(tar, at, CHECKSUM, b"        ");
        let block = tar.get(at..at + BLOCK).unwrap_or_default();
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        set(tar, at, CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
    }
}
