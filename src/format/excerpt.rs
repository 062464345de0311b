//! Text of the input in messages.

use std::fmt;

use crate::outside::Outside;

/// The beginning of some text of the input, quoted, so that a message stays short whatever the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

/// As [`Excerpt`], of bytes that need not be text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteExcerpt<'a>(pub(crate) &'a [u8]);

/// Most bytes that are shown, among them all 71 of a digest.
const SHOWN: usize = 80;

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Outside::new(self.0.as_bytes(), SHOWN).quoted().fmt(f)
    }
}

impl fmt::Display for ByteExcerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Outside::new(self.0, SHOWN).quoted().raw().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteExcerpt, Excerpt};

    #[test]
    fn text_and_bytes_are_quoted_and_cut() {
        let long = "a".repeat(1000);
        assert_eq!(Excerpt("").to_string(), r#""""#);
        assert_eq!(Excerpt("a\n\u{202e}").to_string(), r#""a\n\u{202e}""#);
        assert_eq!(ByteExcerpt(b"a\xff\"\0\n").to_string(), r#""a\xff\"\x00\x0a""#);
        assert_eq!(
            Excerpt(&long).to_string(),
            format!("\"{}\"... (920 more bytes)", "a".repeat(80))
        );
    }
}
