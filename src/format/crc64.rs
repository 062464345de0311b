//! CRC-64/GO-ISO, the checksum of file content in a tar-split.
//!
//! Polynomial x^64 + x^4 + x^3 + x + 1, `0xD800000000000000` in reflected form, initial value and final XOR all ones: what Go's
//! `hash/crc64` computes with its ISO table. The CRC of nothing is 0. It guards against accidents only; making content with a given
//! CRC is trivial.

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
        let (words, rest) = bytes.as_chunks::<8>();
        // Eight words are taken side by side, since nothing joins them up to the end: the compiler makes vectors of them.
        let (rows, words) = words.as_chunks::<8>();
        if let Some((first, rows)) = rows.split_first() {
            let mut lanes = first.map(u64::from_le_bytes);
            if let Some(lane) = lanes.first_mut() {
                *lane ^= self.register;
            }
            for row in rows {
                for (lane, word) in lanes.iter_mut().zip(row) {
                    *lane = pass::<8>(*lane) ^ u64::from_le_bytes(*word);
                }
            }
            self.register = lanes.iter().fold(0, |register, lane| pass::<1>(register ^ lane));
        }
        for word in words {
            self.register = pass::<1>(self.register ^ u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.register = pass_byte(self.register, *byte);
        }
    }

    /// The CRC of what was taken.
    pub const fn value(&self) -> u64 {
        !self.register
    }
}

/// The register after so many words of zeros: a power of two, and at most 8.
///
/// The polynomial is x^64 + x^4 + x^3 + x + 1, so a word of zeros multiplies the register by x^4 + x^3 + x + 1. To square a sum
/// of powers is to double each of them, as everything else is there twice, so that it is three shifts for any such number.
/// The lowest bit is that of x^63.
const fn pass<const WORDS: u32>(register: u64) -> u64 {
    let [a, b, c] = [WORDS, WORDS.wrapping_mul(3), WORDS.wrapping_mul(4)];
    let stays = register ^ register.wrapping_shr(a) ^ register.wrapping_shr(b) ^ register.wrapping_shr(c);
    // To shift by the negative is to shift by what is missing to 64.
    let over = register.wrapping_shl(a.wrapping_neg())
        ^ register.wrapping_shl(b.wrapping_neg())
        ^ register.wrapping_shl(c.wrapping_neg());
    stays ^ reduced(over)
}

/// The register after this byte.
const fn pass_byte(register: u64, byte: u8) -> u64 {
    let [low, ..] = register.to_le_bytes();
    (register >> 8) ^ reduced(u64::from_be_bytes([low ^ byte, 0, 0, 0, 0, 0, 0, 0]))
}

/// What powers from x^64 on are below, where there are no more than 60 of them. The highest bit is that of x^64.
const fn reduced(over: u64) -> u64 {
    over ^ (over >> 1) ^ (over >> 3) ^ (over >> 4)
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

    /// Bit by bit, as the definition has it.
    fn by_bits(bytes: &[u8]) -> u64 {
        let mut register = u64::MAX;
        for &byte in bytes {
            register ^= u64::from(byte);
            for _ in 0..8 {
                let low = register & 1;
                register = (register >> 1) ^ (low * 0xD800_0000_0000_0000);
            }
        }
        !register
    }

    #[test]
    fn any_length_is_taken_as_its_bits() {
        let bytes: Vec<u8> = (0..1000_u32)
            .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        for length in 0..bytes.len() {
            assert_eq!(Crc64::of(&bytes[..length]), by_bits(&bytes[..length]), "{length}");
        }
    }

    #[test]
    fn pieces_add_up() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let whole = Crc64::of(&bytes);
        for cut in 0..200 {
            let mut crc = Crc64::new();
            crc.update(&bytes[..cut]);
            crc.update(&bytes[cut..]);
            assert_eq!(crc.value(), whole, "{cut}");
        }
    }
}
