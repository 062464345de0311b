//! CRC-64/GO-ISO, the checksum of file content in a tar-split.
//!
//! Polynomial `0xD800000000000000` in reflected form, initial value and final XOR all ones: what Go's `hash/crc64`
//! computes with its ISO table. The CRC of nothing is 0. It guards against accidents only; making content with a given
//! CRC is trivial.

/// The polynomial, reflected.
const POLYNOMIAL: u64 = 0xD800_0000_0000_0000;

/// `TABLES[k][b]` is the CRC register after byte `b` and `k` zero bytes; sixteen of them take sixteen bytes in one step.
#[expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "evaluated at compile time, where a slip is a build error, and `usize::from` is not const"
)]
static TABLES: [[u64; 256]; 16] = {
    let mut tables = [[0; 256]; 16];
    let mut byte = 0;
    let mut value: u64 = 0;
    while byte < 256 {
        let mut crc = value;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
        value += 1;
    }
    let mut zeros = 1;
    while zeros < 16 {
        byte = 0;
        while byte < 256 {
            let before: u64 = tables[zeros - 1][byte];
            let [low, ..] = before.to_le_bytes();
            tables[zeros][byte] = tables[0][low as usize] ^ (before >> 8);
            byte += 1;
        }
        zeros += 1;
    }
    tables
};

/// A CRC-64/GO-ISO of bytes that arrive in pieces.
///
/// ```
/// use chunkproof::format::crc64::Crc64;
///
/// let mut crc = Crc64::new();
/// crc.update(b"1234");
/// crc.update(b"56789");
/// assert_eq!(crc.value(), 0xb909_56c7_75a4_1001);
/// ```
#[derive(Clone, Debug)]
pub struct Crc64 {
    /// The CRC register: the complement of the value.
    register: u64,
}

impl Default for Crc64 {
    fn default() -> Self {
        Self::new()
    }
}

impl Crc64 {
    /// The CRC of nothing so far.
    pub const fn new() -> Self {
        Self { register: u64::MAX }
    }

    /// The CRC of these bytes.
    pub fn of(bytes: &[u8]) -> u64 {
        let mut crc = Self::new();
        crc.update(bytes);
        crc.value()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<16>();
        for block in blocks {
            self.register = step_block(self.register, *block);
        }
        for byte in rest {
            self.register = step_byte(self.register, *byte);
        }
    }

    /// The CRC of what was taken.
    pub const fn value(&self) -> u64 {
        !self.register
    }
}

fn step_byte(register: u64, byte: u8) -> u64 {
    let [low, ..] = register.to_le_bytes();
    let [table, ..] = &TABLES;
    lookup(table, low ^ byte) ^ (register >> 8)
}

fn step_block(register: u64, block: [u8; 16]) -> u64 {
    let bytes = (u128::from(register) ^ u128::from_le_bytes(block)).to_le_bytes();
    // The first byte has fifteen more to go through, the last none.
    TABLES
        .iter()
        .rev()
        .zip(bytes)
        .fold(0, |crc, (table, byte)| crc ^ lookup(table, byte))
}

#[expect(clippy::indexing_slicing, reason = "a byte is a valid index of 256 entries")]
fn lookup(table: &[u64; 256], byte: u8) -> u64 {
    table[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::Crc64;

    #[test]
    fn known_values() {
        for (bytes, crc) in [
            (&b""[..], 0),
            // From Go's own table of golden values.
            (b"a", 0x3420_0000_0000_0000),
            (b"abcdefgh", 0x0e21_b002_d367_76c4),
            (b"123456789", 0xb909_56c7_75a4_1001),
        ] {
            assert_eq!(Crc64::of(bytes), crc, "{bytes:?}");
        }
    }

    #[test]
    fn payloads_that_tar_split_wrote() {
        for (content, payload) in [
            (&b""[..], "AAAAAAAAAAA="),
            (b"s", "LEAAAAAAAAA="),
            (b"x", "IxAAAAAAAAA="),
        ] {
            assert_eq!(STANDARD.encode(Crc64::of(content).to_be_bytes()), payload);
        }
    }

    #[test]
    fn pieces_add_up() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let whole = Crc64::of(&bytes);
        for cut in 0..40 {
            let mut crc = Crc64::new();
            crc.update(&bytes[..cut]);
            crc.update(&bytes[cut..]);
            assert_eq!(crc.value(), whole, "{cut}");
        }
    }
}
