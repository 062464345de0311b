//! Tar headers.

#[cfg(feature = "fuzzing")]
mod headers;

#[cfg(feature = "fuzzing")]
pub(crate) use self::headers::{Header, headers, number};
use super::len;

/// Bytes in a block.
pub(crate) const BLOCK: usize = 512;

/// The modification time of most entries.
pub(crate) const MTIME: u64 = 1_700_000_000;

/// A tar entry with its content.
#[derive(Clone)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    /// The type flag.
    pub(crate) flag: u8,
    pub(crate) mode: u64,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mtime: u64,
    pub(crate) dev: (u64, u64),
    pub(crate) xattrs: Vec<(String, Vec<u8>)>,
    /// The size in the header, if it is not that of the content.
    pub(crate) claimed: Option<u64>,
    pub(crate) content: Vec<u8>,
    /// How writers of chunks cut the content: bytes, and whether they are a run of zeros. None for one chunk.
    pub(crate) chunks: Vec<(usize, bool)>,
    /// Long names in GNU's way instead of PAX.
    pub(crate) gnu: bool,
    /// Further PAX records.
    pub(crate) pax: Vec<(String, Vec<u8>)>,
    /// Raw bytes before the headers.
    pub(crate) before: Vec<u8>,
    /// Bytes that are put over the header block, each at its place, before the checksum is computed.
    pub(crate) patches: Vec<(usize, Vec<u8>)>,
}

impl TarEntry {
    fn new(flag: u8, name: &str, mode: u64) -> Self {
        Self {
            name: name.into(),
            link: Vec::new(),
            flag,
            mode,
            uid: 0,
            gid: 0,
            mtime: MTIME,
            dev: (0, 0),
            xattrs: Vec::new(),
            claimed: None,
            content: Vec::new(),
            chunks: Vec::new(),
            gnu: false,
            pax: Vec::new(),
            before: Vec::new(),
            patches: Vec::new(),
        }
    }

    pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self {
            content: content.as_ref().to_owned(),
            ..Self::new(b'0', name, 0o644)
        }
    }

    pub(crate) fn dir(name: &str) -> Self {
        Self::new(b'5', name, 0o755)
    }

    pub(crate) fn symlink(name: &str, target: &str) -> Self {
        Self {
            link: target.into(),
            ..Self::new(b'2', name, 0o777)
        }
    }

    pub(crate) fn hard_link(name: &str, target: &str) -> Self {
        Self {
            link: target.into(),
            ..Self::new(b'1', name, 0o644)
        }
    }

    pub(crate) fn device(flag: u8, name: &str, major: u64, minor: u64) -> Self {
        Self {
            dev: (major, minor),
            ..Self::new(flag, name, 0o660)
        }
    }

    /// The size that the header gives.
    pub(crate) fn size(&self) -> u64 {
        self.claimed.unwrap_or_else(|| len(&self.content))
    }

    /// The extension records, if any, and the header.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        if self.gnu {
            for (flag, value) in [(b'K', &self.link), (b'L', &self.name)] {
                if value.len() > 100 {
                    let body = [value, &b"\0"[..]].concat();
                    out.extend(extension(flag, b"././@LongLink", &body, GNU));
                }
            }
        }
        let records = self.records();
        if !records.is_empty() {
            out.extend(extension(b'x', b"./PaxHeaders.0/entry", &records, USTAR));
        }
        let fields = Fields {
            name: &self.name,
            link: &self.link,
            flag: self.flag,
            size: self.size(),
            magic: if self.gnu { GNU } else { USTAR },
        };
        out.extend(fields.block(self));
        out
    }

    /// The body of the PAX header; empty if the entry needs none.
    fn records(&self) -> Vec<u8> {
        let mut records: Vec<(String, &[u8])> = Vec::new();
        if !self.gnu && self.name.len() > 100 {
            records.push(("path".to_owned(), &self.name));
        }
        if !self.gnu && self.link.len() > 100 {
            records.push(("linkpath".to_owned(), &self.link));
        }
        let xattrs = self
            .xattrs
            .iter()
            .map(|(key, value)| (format!("SCHILY.xattr.{key}"), &value[..]));
        records.extend(xattrs);
        records.extend(self.pax.iter().map(|(key, value)| (key.clone(), &value[..])));
        records.iter().flat_map(|(key, value)| record(key, value)).collect()
    }
}

const USTAR: &[u8; 8] = b"ustar\x0000";
const GNU: &[u8; 8] = b"ustar  \0";

/// What an extension header and an ordinary one give differently.
struct Fields<'a> {
    name: &'a [u8],
    link: &'a [u8],
    flag: u8,
    size: u64,
    magic: &'a [u8; 8],
}

impl Fields<'_> {
    fn block(&self, entry: &TarEntry) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name[..self.name.len().min(100)]);
        put(100, octal(entry.mode, 7).as_bytes());
        put(108, octal(entry.uid, 7).as_bytes());
        put(116, octal(entry.gid, 7).as_bytes());
        put(124, octal(self.size, 11).as_bytes());
        put(136, octal(entry.mtime, 11).as_bytes());
        put(156, &[self.flag]);
        put(157, &self.link[..self.link.len().min(100)]);
        put(257, self.magic);
        if matches!(entry.flag, b'3' | b'4') {
            put(329, octal(entry.dev.0, 7).as_bytes());
            put(337, octal(entry.dev.1, 7).as_bytes());
        }
        for (at, bytes) in &entry.patches {
            put(*at, bytes);
        }
        seal(&mut block);
        block
    }
}

/// Writes the checksum of a header block.
pub(crate) fn seal(block: &mut [u8]) {
    block[148..156].copy_from_slice(b"        ");
    let sum: u64 = block[..BLOCK].iter().copied().map(u64::from).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn octal(value: u64, digits: usize) -> String {
    format!("{value:0digits$o}\0")
}

/// A number in base 256, in a field of this width.
pub(crate) fn base256(width: usize, value: i64) -> Vec<u8> {
    let sign = if value < 0 { 0xff } else { 0 };
    let mut field = vec![sign; width - 8];
    field.extend(value.to_be_bytes());
    field[0] |= 0x80;
    field
}

/// An extension header with its body, padded.
pub(crate) fn extension_of(flag: u8, body: &[u8]) -> Vec<u8> {
    extension(flag, b"./PaxHeaders.0/entry", body, USTAR)
}

fn extension(flag: u8, name: &[u8], body: &[u8], magic: &[u8; 8]) -> Vec<u8> {
    let fields = Fields {
        name,
        link: b"",
        flag,
        size: len(body),
        magic,
    };
    let blank = TarEntry {
        mtime: 0,
        ..TarEntry::new(flag, "", 0)
    };
    let mut out = fields.block(&blank).to_vec();
    out.extend(body);
    out.extend(padding(body.len()));
    out
}

/// The zeros that fill the last block of this many bytes.
pub(crate) fn padding(length: usize) -> Vec<u8> {
    vec![0; length.next_multiple_of(BLOCK) - length]
}

/// The end of the archive.
pub(crate) fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK]
}

/// A PAX record, whose length counts its own digits.
pub(crate) fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    [length.to_string().as_bytes(), &rest].concat()
}

#[cfg(test)]
mod tests {
    use super::record;

    #[test]
    fn records_count_their_own_digits() {
        assert_eq!(record("a", b"b"), b"6 a=b\n");
        assert_eq!(record("a", b"bbbb"), b"9 a=bbbb\n");
        assert_eq!(record("a", b"bbbbb"), b"11 a=bbbbb\n");
    }
}
