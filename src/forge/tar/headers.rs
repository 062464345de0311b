//! The headers of a tar, read without any check: what cannot be read is zero, and what is cut off ends where the tar does.

use std::ops::Range;

use super::BLOCK;

/// A header block with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Where the block is.
    pub(crate) at: usize,
    /// The type flag.
    pub(crate) flag: u8,
    /// The content.
    pub(crate) body: Range<usize>,
    /// Where its padding ends.
    pub(crate) end: usize,
    /// The name of an entry, with what extension headers say.
    pub(crate) name: Vec<u8>,
    /// Whether the size in the block is the one that counts.
    pub(crate) plain_size: bool,
    /// Whether there is less content than the size says.
    pub(crate) is_cut: bool,
}

impl Header {
    /// Whether it says something of the entry after it.
    pub(crate) const fn is_extension(&self) -> bool {
        matches!(self.flag, b'x' | b'L' | b'K')
    }
}

/// The headers of a tar, those after a block of zeros too.
pub(crate) fn headers(tar: &[u8]) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut records = Records::default();
    let mut at = 0_usize;
    while let Some(block) = tar.get(at..at.saturating_add(BLOCK)) {
        let body = at + BLOCK;
        if block.iter().all(|&byte| byte == 0) {
            at = body;
            continue;
        }
        let flag = block.get(156).copied().unwrap_or(0);
        let plain = number(within(block, 124..136));
        let mut header = Header {
            at,
            flag,
            body: body..body,
            end: body,
            name: Vec::new(),
            plain_size: true,
            is_cut: false,
        };
        let size = match (header.is_extension(), flag) {
            (true, _) => plain,
            (false, b'1'..=b'6') => 0,
            (false, _) => {
                header.plain_size = records.size.is_none();
                records.size.unwrap_or(plain)
            }
        };
        let wanted = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(body);
        header.is_cut = wanted > tar.len();
        let end = wanted.min(tar.len());
        header.body = body..end;
        header.end = end.next_multiple_of(BLOCK).min(tar.len());
        if header.is_extension() {
            records.read(flag, within(tar, body..end));
        } else {
            let records = std::mem::take(&mut records);
            header.name = records.name.unwrap_or_else(|| name_of(block));
        }
        at = header.end;
        headers.push(header);
    }
    headers
}

/// What extension headers say of the entry after them.
#[derive(Default)]
struct Records {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Records {
    fn read(&mut self, flag: u8, body: &[u8]) {
        match flag {
            b'L' => self.name = Some(until_zero(body).to_vec()),
            b'x' => {
                for record in body.split(|&byte| byte == b'\n') {
                    let record = record.splitn(2, |&byte| byte == b' ').nth(1).unwrap_or(&[]);
                    if let Some(name) = record.strip_prefix(b"path=") {
                        self.name = Some(name.to_vec());
                    }
                    if let Some(size) = record.strip_prefix(b"size=") {
                        self.size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
                    }
                }
            }
            _ => {}
        }
    }
}

fn name_of(block: &[u8]) -> Vec<u8> {
    let name = until_zero(within(block, 0..100));
    let prefix = until_zero(within(block, 345..500));
    if within(block, 257..263) == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(&[])
}

fn within(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or(&[])
}

/// A number of a header, octal or in base 256; 0 for one that cannot be read.
pub(crate) fn number(field: &[u8]) -> u64 {
    match field.split_first() {
        Some((0x80, rest)) => rest.iter().try_fold(0_u64, |sum, &byte| {
            sum.checked_mul(256).and_then(|sum| sum.checked_add(byte.into()))
        }),
        _ => {
            let octal = |byte: &&u8| matches!(byte, b'0'..=b'7');
            let digits: String = field.iter().filter(octal).map(|&byte| char::from(byte)).collect();
            u64::from_str_radix(&digits, 8).ok()
        }
    }
    .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::headers;
    use crate::forge::tar::{self, TarEntry};

    #[test]
    fn headers_are_found_with_what_belongs_to_them() {
        let mut tar = Vec::new();
        let mut sized = TarEntry::file("b", b"content");
        sized.pax = vec![
            ("path".to_owned(), b"long".to_vec()),
            ("size".to_owned(), b"7".to_vec()),
        ];
        sized.claimed = Some(600);
        for entry in [TarEntry::dir("a"), sized] {
            tar.extend(entry.header());
            tar.extend(&entry.content);
            tar.extend(tar::padding(entry.content.len()));
        }
        tar.extend(tar::end());
        tar.extend(TarEntry::file("behind", b"").header());
        let found: Vec<_> = headers(&tar)
            .into_iter()
            .map(|header| {
                (
                    header.at / 512,
                    header.flag,
                    header.body.len(),
                    header.name,
                    header.plain_size,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (0, b'5', 0, b"a".to_vec(), true),
                (1, b'x', 22, Vec::new(), true),
                (3, b'0', 7, b"long".to_vec(), false),
                (7, b'0', 0, b"behind".to_vec(), true),
            ]
        );
        tar.truncate(512 * 3 + 514);
        assert!(headers(&tar).last().unwrap().is_cut);
    }
}
