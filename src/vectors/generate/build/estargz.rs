//! Footers of eStargz.

/// A footer, piece by piece.
#[derive(Clone)]
pub(in super::super) struct Footer {
    /// The ten bytes of a gzip header.
    pub(in super::super) header: Vec<u8>,
    /// The length of the extra field, as it is written.
    pub(in super::super) length: u16,
    /// The extra field.
    pub(in super::super) extra: Vec<u8>,
    /// The empty block.
    pub(in super::super) block: Vec<u8>,
    /// CRC-32 and length.
    pub(in super::super) trailer: Vec<u8>,
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
    pub(in super::super) fn estargz(text: &str) -> Self {
        Self::new([b"SG\x16\0", text.as_bytes()].concat())
    }

    /// One of 47 bytes.
    pub(in super::super) fn legacy(text: &str) -> Self {
        Self::new(text.into())
    }

    /// One of 46 bytes.
    pub(in super::super) fn external(text: &str) -> Self {
        Self::new([b"SG\x11\0", text.as_bytes()].concat())
    }

    pub(in super::super) fn bytes(&self) -> Vec<u8> {
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
