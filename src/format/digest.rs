//! Digests, as the OCI image specification writes them.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

/// The sha256 of some bytes, written `sha256:` and 64 lower-case hexadecimal digits.
///
/// ```
/// use chunkproof::format::Digest;
///
/// let digest = Digest::of(b"");
/// assert!(digest.to_string().starts_with("sha256:e3b0c442"));
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of what was fed to the hasher.
    pub fn from_hasher(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    /// The digest of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 64 hexadecimal digits without the algorithm.
    pub fn hex(&self) -> String {
        let mut out = String::with_capacity(64);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('?'));
            }
        }
        out
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a digest that the reference reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestError {
    /// A well-formed digest of another algorithm that the OCI image specification registers (sha384, sha512, blake3).
    OtherAlgorithm,
    /// Not a digest.
    Malformed,
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').ok_or(DigestError::Malformed)?;
        let expected = match algorithm {
            "sha256" | "blake3" => 64,
            "sha384" => 96,
            "sha512" => 128,
            _ => return Err(DigestError::Malformed),
        };
        if hex.len() != expected || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DigestError::Malformed);
        }
        if algorithm != "sha256" {
            return Err(DigestError::OtherAlgorithm);
        }
        let mut bytes = [0; 32];
        let (pairs, _) = hex.as_bytes().as_chunks();
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high) << 4 | nibble(*low);
        }
        Ok(Self(bytes))
    }
}

/// The value of a lower-case hexadecimal digit, which it is known to be.
const fn nibble(digit: u8) -> u8 {
    // Digits have it in the low half of the byte, where letters count from 1.
    let low = digit & 0xf;
    if digit < b'a' { low } else { low.wrapping_add(9) }
}

#[cfg(test)]
mod tests {
    use super::{Digest, DigestError};

    #[test]
    fn grammar() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(format!("sha256:{hex}").parse(), Ok(Digest::of(b"")));
        for (text, error) in [
            (hex.to_owned(), DigestError::Malformed),
            (String::new(), DigestError::Malformed),
            ("sha256:".to_owned(), DigestError::Malformed),
            (format!("SHA256:{hex}"), DigestError::Malformed),
            (format!("sha256:{}", hex.to_uppercase()), DigestError::Malformed),
            (format!("sha256:{hex}0"), DigestError::Malformed),
            (format!("sha256:{hex} "), DigestError::Malformed),
            (format!("md5:{hex}"), DigestError::Malformed),
            (format!("sha512:{hex}"), DigestError::Malformed),
            (format!("sha512:{hex}{hex}"), DigestError::OtherAlgorithm),
            (format!("sha384:{}", &hex.repeat(2)[..96]), DigestError::OtherAlgorithm),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(error), "{text}");
        }
    }
}
