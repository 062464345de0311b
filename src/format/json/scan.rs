//! Scalars: the characters of strings, numbers and literals.

use std::borrow::Cow;

/// Walks over the bytes of a document.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The text is not JSON (JSN-01).
#[derive(Debug)]
pub(super) struct Fault {
    /// Bytes from the start of the slice.
    pub(super) at: usize,
    pub(super) detail: String,
}

/// A decoded string.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// Borrowed from the document unless the string has escapes.
    pub(super) text: Cow<'a, str>,
    /// Where the first escape of a lone surrogate is; the text has U+FFFD for it, as Go decodes it.
    pub(super) lone_surrogate: Option<usize>,
}

/// How many bytes of a string come before its next quote, backslash or control character; none if there is none.
///
/// Strings of a tar-split have hundreds of bytes, so eight are looked at together.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let marks = words.iter().map(|&word| special(u64::from_le_bytes(word)));
    if let Some((number, marks)) = marks.enumerate().find(|&(_, marks)| marks != 0) {
        let first = usize::try_from(marks.trailing_zeros() >> 3).ok()?;
        return Some(number.saturating_mul(8).saturating_add(first));
    }
    let first = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
    Some(bytes.len().saturating_sub(rest.len()).saturating_add(first))
}

/// Marks the quotes, backslashes and control characters among eight bytes by the highest bit of each. The lowest mark is right;
/// above it there can be wrong ones.
const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const CONTROL: u64 = u64::from_ne_bytes([b' '; 8]);
    // A byte that is subtracted from borrows only if it is less, and has its highest bit then, unless it had it before.
    const fn below(word: u64, limits: u64) -> u64 {
        word.wrapping_sub(limits) & !word & HIGH
    }
    let quote = word ^ u64::from_ne_bytes([b'"'; 8]);
    let backslash = word ^ u64::from_ne_bytes([b'\\'; 8]);
    below(word, CONTROL) | below(quote, ONES) | below(backslash, ONES)
}

/// What an escape stands for.
enum Escape {
    Char(char),
    LoneSurrogate,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) const fn offset(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn advance(&mut self) {
        self.forward(1);
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn starts_with(&self, prefix: &[u8]) -> bool {
        self.rest().starts_with(prefix)
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance();
        }
    }

    /// The fault that something else was expected at the next byte.
    pub(super) fn unexpected(&self, expected: &str) -> Fault {
        let found = match self.peek() {
            None => "the end of the text".to_owned(),
            Some(byte @ b'!'..=b'~') => format!("`{}`", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        self.fault(self.at, format!("expected {expected}, found {found}"))
    }

    /// Reads `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Result<(), Fault> {
        let word = self.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let length = word.take(6).count();
        match self.rest().get(..length) {
            Some(b"true" | b"false" | b"null") => {
                self.forward(length);
                Ok(())
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Reads a number and returns it as it is written.
    pub(super) fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.eat(b'-');
        if self.eat(b'0') {
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.fault(self.at, "a number has a leading zero, expected none".to_owned()));
            }
        } else {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let digits = self.bytes.get(start..self.at).unwrap_or_default();
        std::str::from_utf8(digits).map_err(|_| self.unexpected("a number"))
    }

    /// Reads a string, whose opening quote is the next byte.
    pub(super) fn string(&mut self) -> Result<Text<'a>, Fault> {
        self.advance();
        let plain = self.unescaped()?;
        let mut lone_surrogate = None;
        if self.eat(b'"') {
            let text = Cow::Borrowed(plain);
            return Ok(Text { text, lone_surrogate });
        }
        let mut text = plain.to_owned();
        while !self.eat(b'"') {
            let at = self.at;
            match self.escape()? {
                Escape::Char(char) => text.push(char),
                Escape::LoneSurrogate => {
                    lone_surrogate = lone_surrogate.or(Some(at));
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
            text.push_str(self.unescaped()?);
        }
        let text = Cow::Owned(text);
        Ok(Text { text, lone_surrogate })
    }

    /// Reads up to the next quote or backslash of a string.
    fn unescaped(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let Some(length) = plain_length(rest) else {
            return Err(self.fault(
                self.bytes.len(),
                "expected the closing quote of a string, found the end of the text".to_owned(),
            ));
        };
        let start = self.at;
        self.forward(length);
        if self.peek().is_some_and(|byte| byte < b' ') {
            let found = self.peek().unwrap_or_default();
            let detail = format!("control character 0x{found:02x} in a string, expected an escape");
            return Err(self.fault(self.at, detail));
        }
        std::str::from_utf8(rest.get(..length).unwrap_or_default()).map_err(|error| {
            let at = start.saturating_add(error.valid_up_to());
            self.fault(at, "a string is not valid UTF-8".to_owned())
        })
    }

    /// Reads an escape, whose backslash is the next byte.
    fn escape(&mut self) -> Result<Escape, Fault> {
        self.advance();
        let char = match self.peek() {
            Some(char @ (b'"' | b'\\' | b'/')) => char::from(char),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("one of `\"\\/bfnrtu` after a backslash")),
        };
        self.advance();
        Ok(Escape::Char(char))
    }

    /// Reads one or two escapes `\uXXXX`; the `u` of the first is the next byte.
    fn unicode_escape(&mut self) -> Result<Escape, Fault> {
        self.advance();
        let unit = self.hex_unit()?;
        let alone = match char::from_u32(u32::from(unit)) {
            Some(char) => return Ok(Escape::Char(char)),
            None => self.at,
        };
        if self.starts_with(b"\\u") {
            self.forward(2);
            let low = self.hex_unit()?;
            if let Some(Ok(char)) = char::decode_utf16([unit, low]).next() {
                return Ok(Escape::Char(char));
            }
            // The second escape does not complete the first, and stands for itself.
            self.at = alone;
        }
        Ok(Escape::LoneSurrogate)
    }

    /// Reads four hexadecimal digits.
    fn hex_unit(&mut self) -> Result<u16, Fault> {
        let mut unit = 0u16;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return Err(self.unexpected("four hexadecimal digits"));
            };
            unit = unit << 4 | digit;
            self.advance();
        }
        Ok(unit)
    }

    /// Reads at least one digit.
    fn digits(&mut self) -> Result<(), Fault> {
        let length = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return Err(self.unexpected("a digit"));
        }
        self.forward(length);
        Ok(())
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn forward(&mut self, length: usize) {
        self.at = self.at.saturating_add(length).min(self.bytes.len());
    }

    const fn fault(&self, at: usize, detail: String) -> Fault {
        Fault { at, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    /// Each byte at each place, before and behind every sort of byte, as a byte by byte search finds it.
    #[test]
    fn the_first_special_byte_is_found() {
        for filler in [b' ', b'!', b'#', b'[', b']', b'~', 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff] {
            for found in 0..=u8::MAX {
                for at in 0..20 {
                    for behind in [b'a', b'"', b'\\', 0, 0x1f, 0x80] {
                        let mut bytes = [filler; 21];
                        bytes[at] = found;
                        bytes[at + 1..].fill(behind);
                        let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
                        assert_eq!(plain_length(&bytes), expected, "{}", bytes.escape_ascii());
                    }
                }
            }
        }
    }
}
