//! Layers of eStargz, and their footers.

use super::tar::{self, TarEntry};

/// A footer, piece by piece.
#[derive(Clone)]
pub(crate) struct Footer {
    /// The ten bytes of a gzip header.
    pub(crate) header: Vec<u8>,
    /// The length of the extra field, as it is written.
    pub(crate) length: u16,
    /// The extra field.
    pub(crate) extra: Vec<u8>,
    /// The empty block.
    pub(crate) block: Vec<u8>,
    /// CRC-32 and length.
    pub(crate) trailer: Vec<u8>,
}

impl Footer {
    fn new(extra: Vec<u8>) -> Self {
        Self {
            header: vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff],
            length: u16::try_from(extra.len()).unwrap_or(u16::MAX),
            extra,
            block: vec![1, 0, 0, 0xff, 0xff],
            trailer: vec![0; 8],
        }
    }

    /// One of 51 bytes with this text for the offset and the magic.
    pub(crate) fn estargz(text: &str) -> Self {
        Self::new([b"SG\x16\0", text.as_bytes()].concat())
    }

    /// One of 47 bytes.
    pub(crate) fn legacy(text: &str) -> Self {
        Self::new(text.into())
    }

    /// One of 46 bytes.
    pub(crate) fn external(text: &str) -> Self {
        Self::new([b"SG\x11\0", text.as_bytes()].concat())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [
            &self.header[..],
            &self.length.to_le_bytes(),
            &self.extra,
            &self.block,
            &self.trailer,
        ]
        .concat()
    }
}

/// A gzip member of these bytes, in stored blocks, so that no compressor decides what it looks like.
pub(crate) fn member(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let blocks: Vec<&[u8]> = if bytes.is_empty() {
        vec![bytes]
    } else {
        bytes.chunks(0xffff).collect()
    };
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(at + 1 == blocks.len()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(*block);
    }
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out
}

/// A layer, step by step.
#[derive(Clone)]
pub(crate) struct Layer {
    /// The members before the TOC.
    pub(crate) members: Vec<Vec<u8>>,
    /// The `entries` of the TOC, in JSON; `{N}` stands for the offset of member N.
    pub(crate) entries: String,
    /// The name of the TOC in its tar.
    pub(crate) name: String,
    /// Its type flag there.
    pub(crate) flag: u8,
    /// Spaces fill the TOC up to this length.
    pub(crate) length: usize,
    /// What follows the JSON in the file of the TOC.
    pub(crate) rest: Vec<u8>,
    /// What follows the TOC in its tar.
    pub(crate) tail: Vec<u8>,
    /// Bytes between the member of the TOC and the footer.
    pub(crate) gap: Vec<u8>,
    /// The member that the footer names, if it is not that of the TOC.
    pub(crate) named: Option<usize>,
    /// Whether the footer is the older one.
    pub(crate) legacy: bool,
}

impl Layer {
    fn offset(&self, member: usize) -> usize {
        self.members[..member].iter().map(Vec::len).sum()
    }

    /// A layer of these members whose TOC has these entries, in JSON, with nothing out of the ordinary.
    pub(crate) fn new(members: Vec<Vec<u8>>, entries: &str) -> Self {
        Self {
            members,
            entries: format!("[{entries}]"),
            name: "stargz.index.json".to_owned(),
            flag: b'0',
            length: 0,
            rest: Vec::new(),
            tail: tar::end(),
            gap: Vec::new(),
            named: None,
            legacy: false,
        }
    }

    /// The TOC.
    pub(crate) fn json(&self) -> String {
        let mut json = format!("{{\"version\":1,\"entries\":{}}}", self.entries);
        for member in 0..self.members.len() {
            json = json.replace(&format!("{{{member}}}"), &self.offset(member).to_string());
        }
        format!("{json:0$}", self.length)
    }

    /// The tar of the TOC.
    pub(crate) fn toc_tar(&self) -> Vec<u8> {
        let content = [self.json().as_bytes(), &self.rest].concat();
        let entry = TarEntry {
            flag: self.flag,
            ..TarEntry::file(&self.name, content)
        };
        let padding = tar::padding(entry.content.len());
        [entry.header(), entry.content, padding, self.tail.clone()].concat()
    }

    /// The blob, with this for the member of the TOC.
    pub(crate) fn blob(&self, toc: &[u8]) -> Vec<u8> {
        let offset = self.offset(self.named.unwrap_or(self.members.len()));
        let text = format!("{offset:016x}STARGZ");
        let footer = if self.legacy {
            Footer::legacy(&text)
        } else {
            Footer::estargz(&text)
        };
        [self.members.concat(), toc.to_owned(), self.gap.clone(), footer.bytes()].concat()
    }
}

/// CRC-32 as gzip has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
