//! What the crate `tar` reads, against what is read here.
//!
//! It is a reader by others and of another kind, so that some differences are known. These tars are not compared:
//!
//! - what it refuses, such as signed checksums, numbers in spaces and zeros of odd order, and two extension headers of a kind;
//! - extension headers whose magic it does not know, which it takes for files;
//! - links, devices, directories and fifos with a size: it takes that for content;
//! - PAX records with an empty value, which reset the field there, or of which the first counts and not the last;
//! - PAX records with a line feed in them, at which it parts records (composefs/tar-rs#428);
//! - global PAX headers: their records can change what comes after.
//!
//! One refusal is compared: that of an archive that ends after an extension header.
//!
//! And these names are not: those with a NUL byte, which it keeps in long names, and empty
//! long names, which it takes for the name; those of headers with a prefix of star, of
//! old Go in GNU headers, or of ustar without its version, which it does not read.
//!
//! The header of an entry is also compared by itself, in all tars: its checksum, its numbers, and whether content may follow.

use tar::{Archive, Header};

use super::{Entry, Scan};

/// An entry as both have it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Where its content is.
    at: u64,
    size: u64,
    /// None where the names are known to differ.
    names: Option<(Vec<u8>, Vec<u8>)>,
}

/// Compares the entries of a tar that was accepted.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub(super) fn compare(tar: &[u8], scan: &Scan) {
    let is_odd = scan.entries.iter().any(|scanned| {
        let entry = &scanned.entry;
        entry.typeflag == b'g' || entry.content != entry.size
    });
    if is_odd || has_odd_records(&scan.raw) || has_line_feeds(tar) {
        return;
    }
    let theirs = match read(tar) {
        Ok(theirs) => theirs,
        Err(error) if error.to_string().contains("no future member") => {
            panic!("{}: accepted, the crate tar says {error}", tar.escape_ascii());
        }
        Err(_) => return,
    };
    let mut contents = 0_usize;
    let ours = scan.entries.iter().map(|scanned| {
        let at = u64::try_from(scanned.raw_before + contents).unwrap_or(u64::MAX);
        contents += scanned.content.len();
        Seen {
            at,
            size: scanned.entry.content,
            names: Some((scanned.entry.name.clone(), scanned.entry.link_name.clone())),
        }
    });
    let ours: Vec<Seen> = ours
        .zip(
            theirs
                .iter()
                .map(|seen| seen.names.is_some())
                .chain(std::iter::repeat(true)),
        )
        .map(|(seen, is_plain)| Seen {
            names: seen.names.filter(|_| is_plain),
            ..seen
        })
        .collect();
    if ours != theirs {
        panic!("{}: {ours:?}, the crate tar {theirs:?}", tar.escape_ascii());
    }
}

/// Compares the last header block of each entry of a tar that was accepted.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub(super) fn compare_headers(tar: &[u8], scan: &Scan) {
    // Its records may change the numbers of all entries that follow.
    let has_global = scan.entries.iter().any(|scanned| scanned.entry.typeflag == b'g');
    let mut contents = 0_usize;
    for scanned in &scan.entries {
        let entry = &scanned.entry;
        let end = scanned.raw_before + contents;
        contents += scanned.content.len();
        let start = end.saturating_sub(512);
        let Some(block) = tar.get(start..end).filter(|block| block.len() == 512) else {
            continue;
        };
        if entry.typeflag == b'g' {
            continue;
        }
        let header = Header::from_byte_slice(block);
        let has_none = matches!(header.as_old().linkflag, [b'1'..=b'6']);
        let stands_alone = !has_global && entry.offset == u64::try_from(start).unwrap_or(u64::MAX);
        let problem = if !has_checksum(header) {
            "the checksum is another"
        } else if has_none && !scanned.content.is_empty() {
            "such an entry has no content"
        } else if stands_alone && !has_numbers(header, entry) {
            "the numbers are others"
        } else {
            continue;
        };
        panic!("{}: {problem}, accepted with {entry:?}", tar.escape_ascii());
    }
}

/// Whether a block has the checksum that it says, of unsigned or of signed bytes. What the crate does not read passes.
fn has_checksum(header: &Header) -> bool {
    let rest = |bytes: &[u8]| -> i64 { bytes.iter().map(|&byte| i64::from(byte)).sum() };
    let block = header.as_bytes();
    let (before, after) = (block.get(..148), block.get(156..));
    let others = [before, after].map(Option::unwrap_or_default);
    let unsigned: i64 = 8 * 32 + others.iter().map(|bytes| rest(bytes)).sum::<i64>();
    let high = others
        .iter()
        .flat_map(|bytes| bytes.iter())
        .filter(|&&byte| byte >= 128);
    let signed = unsigned - 256 * i64::try_from(high.count()).unwrap_or(i64::MAX);
    header
        .cksum()
        .map_or(true, |found| [unsigned, signed].contains(&i64::from(found)))
}

/// Whether owner, group and time of an entry are those of its header. What the crate does not read passes; negative owners
/// are among it, of which it keeps the bits.
fn has_numbers(header: &Header, entry: &Entry) -> bool {
    let same = |theirs: std::io::Result<u64>, ours: i64| theirs.map_or(true, |theirs| theirs.cast_signed() == ours);
    let owner = |theirs, ours: i64| ours < 0 || same(theirs, ours);
    let time = entry.modtime.is_none_or(|time| same(header.mtime(), time.seconds()));
    owner(header.uid(), entry.uid) && owner(header.gid(), entry.gid) && time
}

fn read(tar: &[u8]) -> std::io::Result<Vec<Seen>> {
    let mut archive = Archive::new(tar);
    let entries = archive.entries()?;
    let seen = entries.map(|entry| {
        let entry = entry?;
        if b"xgLK".contains(&entry.header().entry_type().as_byte()) {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let name = entry.path_bytes().into_owned();
        let link = entry.link_name_bytes().map(std::borrow::Cow::into_owned);
        let is_odd = |name: &Vec<u8>| name.is_empty() || name.contains(&0);
        let is_plain = is_plain(entry.header().as_bytes()) && !is_odd(&name) && !link.as_ref().is_some_and(is_odd);
        let link = link.unwrap_or_default();
        Ok(Seen {
            at: entry.raw_file_position(),
            size: entry.size(),
            names: is_plain.then_some((name, link)),
        })
    });
    seen.collect()
}

/// Whether a header is of the sort of which both read the name in one way.
pub(super) fn is_plain(block: &[u8]) -> bool {
    let at = |from: usize, to: usize| block.get(from..to).unwrap_or_default();
    match at(257, 265) {
        b"ustar\x0000" => at(508, 512) != b"tar\0",
        b"ustar  \0" => at(345, 500).iter().all(|&byte| byte == 0),
        magic => !magic.starts_with(b"ustar"),
    }
}

/// Whether there may be PAX records that are empty or twice, or no records. To know better takes a reader of them.
fn has_odd_records(raw: &[u8]) -> bool {
    let count = |pattern: &[u8]| raw.windows(pattern.len()).filter(|window| *window == pattern).count();
    let keys: [&[u8]; 3] = [b" path=", b" linkpath=", b" size="];
    let are_records = raw.contains(&b'=');
    are_records && (count(b"=\n") > 0 || keys.iter().any(|key| count(key) > 1))
}

/// Whether a record of a PAX header has a line feed before its end. Content that looks like such a header counts as well.
fn has_line_feeds(tar: &[u8]) -> bool {
    let blocks = tar.chunks(512).enumerate();
    let headers = blocks.filter(|(_, block)| block.get(156) == Some(&b'x'));
    headers.into_iter().any(|(index, block)| {
        let size = block.get(124..136).and_then(octal).unwrap_or(0);
        let start = index.saturating_add(1).saturating_mul(512);
        let mut body = tar.get(start..).unwrap_or_default();
        body = body.get(..size).unwrap_or(body);
        while let Some((length, record)) = first_record(body) {
            if record.contains(&b'\n') {
                return true;
            }
            body = body.get(length..).unwrap_or_default();
        }
        false
    })
}

/// The length of the first record, and the record without its last byte.
fn first_record(body: &[u8]) -> Option<(usize, &[u8])> {
    let digits = body.iter().position(|&byte| byte == b' ')?;
    let length: usize = std::str::from_utf8(body.get(..digits)?).ok()?.parse().ok()?;
    Some((length, body.get(..length.checked_sub(1)?)?))
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    usize::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}
