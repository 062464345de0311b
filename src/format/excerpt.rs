//! Text of the input in messages.

use std::fmt;

/// The beginning of some text, quoted, so that a message stays short whatever the input holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

impl Excerpt<'_> {
    /// Most bytes that are shown, among them all 71 of a digest.
    const SHOWN: usize = 80;
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = *self;
        if text.len() <= Self::SHOWN {
            return write!(f, "{text:?}");
        }
        // A character that would be cut is left out.
        let shown = (0..=Self::SHOWN).rev().find_map(|end| text.get(..end));
        write!(f, "{:?}...", shown.unwrap_or_default())
    }
}

/// The same of bytes that need not be UTF-8, such as those of a tar: what is not is shown as `\xNN`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BytesExcerpt<'a>(pub(crate) &'a [u8]);

impl fmt::Display for BytesExcerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let mut left = Excerpt::SHOWN;
        f.write_str("\"")?;
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                let Some(rest) = left.checked_sub(character.len_utf8()) else {
                    return f.write_str("\"...");
                };
                left = rest;
                match character {
                    '\'' => f.write_str("'")?,
                    _ => write!(f, "{}", character.escape_debug())?,
                }
            }
            for byte in chunk.invalid() {
                let Some(rest) = left.checked_sub(1) else {
                    return f.write_str("\"...");
                };
                left = rest;
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::{BytesExcerpt, Excerpt};

    #[test]
    fn bytes_are_shown_as_text_where_they_are_text() {
        for text in ["", "a\n\"'\\", "\u{1b}[31m", "F\u{151}", &"a".repeat(81)] {
            assert_eq!(
                BytesExcerpt(text.as_bytes()).to_string(),
                Excerpt(text).to_string(),
                "{text}"
            );
        }
        assert_eq!(BytesExcerpt(b"a\xff\xe4b").to_string(), r#""a\xff\xe4b""#);
        assert_eq!(
            BytesExcerpt(&[0xff; 81]).to_string(),
            format!("\"{}\"...", r"\xff".repeat(80))
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = |text: &str| text.repeat(100);
        for (text, shown) in [
            (String::new(), String::from(r#""""#)),
            (String::from("a\n"), String::from(r#""a\n""#)),
            ("a".repeat(80), format!("{:?}", "a".repeat(80))),
            (long("a"), format!("{:?}...", "a".repeat(80))),
            (long("\u{20ac}"), format!("{:?}...", "\u{20ac}".repeat(26))),
        ] {
            assert_eq!(Excerpt(&text).to_string(), shown);
        }
    }
}
