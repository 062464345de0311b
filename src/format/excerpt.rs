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

#[cfg(test)]
mod tests {
    use super::Excerpt;

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
