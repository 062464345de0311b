//! Text from outside on its way to people: names in a layer, what an adapter or a registry answers, paths.
//!
//! A terminal acts on control characters, and a log is read line by line, so the author of a layer could set the title of
//! a window, hide a finding or forge one. All such text passes [`Outside`], which leaves one line without a character that
//! acts on anything, of bounded length. What is printed passes [`sieved`] or [`json`] besides, in case a way was forgotten.

use std::fmt;
#[cfg(feature = "cli")]
use std::{borrow::Cow, path::Path};

/// Most bytes of a sentence from outside, such as a message of an adapter.
pub(crate) const SENTENCE: usize = 1000;

/// Most bytes of a short text from outside, such as a version or an id.
#[cfg(any(feature = "cli", feature = "fuzzing", feature = "set"))]
pub(crate) const WORD: usize = 120;

/// Most bytes of a path: those that systems allow.
#[cfg(any(feature = "cli", feature = "image", feature = "set"))]
pub(crate) const PATH: usize = 4096;

/// Bytes that are left for the note about what is cut, which has the number of bytes in it.
const NOTE: usize = "... (18446744073709551615 more bytes)".len();

/// Text from outside, as it can be printed: on one line, with escapes for what a terminal would act on, and cut where it
/// is longer than a limit, with a note of how much is missing.
///
/// Bytes that are not UTF-8 are shown as `\xNN`. Text that has passed once stays as it is, unless it is quoted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside<'a> {
    bytes: &'a [u8],
    limit: usize,
    quoted: bool,
    raw: bool,
}

impl<'a> Outside<'a> {
    /// A sentence.
    pub(crate) fn sentence<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Self {
        Self::new(text.as_ref(), SENTENCE)
    }

    /// A short text.
    #[cfg(any(feature = "cli", feature = "fuzzing", feature = "set"))]
    pub(crate) fn word<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Self {
        Self::new(text.as_ref(), WORD)
    }

    /// A path or a file name.
    #[cfg(feature = "cli")]
    pub(crate) fn path(path: &'a Path) -> Self {
        Self::new(path.as_os_str().as_encoded_bytes(), PATH)
    }

    /// Text of at most `limit` bytes, the note and quotes not counted.
    pub(crate) const fn new(bytes: &'a [u8], limit: usize) -> Self {
        Self {
            bytes,
            limit: limit.saturating_add(NOTE),
            quoted: false,
            raw: false,
        }
    }

    /// The text in quotes, with escapes for quotes and backslashes in it, so that it is clear where it ends.
    pub(crate) const fn quoted(self) -> Self {
        Self { quoted: true, ..self }
    }

    /// Bytes that need not be text: controls of ASCII are shown as `\xNN`, as those are that are not UTF-8.
    pub(crate) const fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    /// The pieces of the text as they are shown, each with the bytes that it stands for.
    fn pieces(self) -> impl Iterator<Item = (Shown, usize)> + 'a {
        let (quoted, raw) = (self.quoted, self.raw);
        self.bytes.utf8_chunks().enumerate().flat_map(move |(index, chunk)| {
            let text = chunk.valid().char_indices().map(move |(at, c)| {
                let first = index == 0 && at == 0;
                let control = u8::try_from(c).ok().filter(|byte| raw && byte.is_ascii_control());
                let shown = if let Some(byte) = control {
                    Shown::Byte(byte)
                } else if first && is_joined(c) || !is_plain(c) || quoted && matches!(c, '"' | '\\') {
                    Shown::Escaped(c)
                } else {
                    Shown::Plain(c)
                };
                (shown, c.len_utf8())
            });
            text.chain(chunk.invalid().iter().map(|&byte| (Shown::Byte(byte), 1)))
        })
    }
}

/// A piece of a text as it is shown.
enum Shown {
    Plain(char),
    Escaped(char),
    Byte(u8),
}

impl Shown {
    /// How many bytes it takes.
    fn length(&self) -> usize {
        match self {
            Self::Plain(c) => c.len_utf8(),
            // Escapes are ASCII.
            Self::Escaped(c) => c.escape_default().len(),
            Self::Byte(_) => r"\xNN".len(),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(c) => write!(f, "{c}"),
            Self::Escaped(c) => write!(f, "{}", c.escape_default()),
            Self::Byte(byte) => write!(f, "\\x{byte:02x}"),
        }
    }
}

impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.quoted { "\"" } else { "" };
        f.write_str(quote)?;
        // The whole text, or as much of it as leaves room for the note.
        let fits = |limit: usize| {
            self.pieces()
                .try_fold(0_usize, |shown, (piece, _)| {
                    Some(shown.saturating_add(piece.length())).filter(|shown| *shown <= limit)
                })
                .is_some()
        };
        if fits(self.limit) {
            self.pieces().try_for_each(|(piece, _)| write!(f, "{piece}"))?;
            return f.write_str(quote);
        }
        let room = self.limit.saturating_sub(NOTE);
        let (mut shown, mut read) = (0_usize, 0_usize);
        for (piece, length) in self.pieces() {
            shown = shown.saturating_add(piece.length());
            if shown > room {
                break;
            }
            write!(f, "{piece}")?;
            read = read.saturating_add(length);
        }
        write!(f, "{quote}... ({} more bytes)", self.bytes.len().saturating_sub(read))
    }
}

/// Whether a terminal shows the character and does nothing else: no control, format or private character, no separator
/// but the space, and none that Unicode has not assigned.
pub(crate) fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Of a text, Rust escapes what cannot be printed; a mark that joins the letter before it can.
    escapes_after('a', c) == 2
}

/// Whether the character is shown on top of the one before it, which a quote or a label should not have.
fn is_joined(c: char) -> bool {
    !c.is_ascii() && is_plain(c) && c.escape_debug().len() > 1
}

/// How many characters the two become that Rust prints of them.
fn escapes_after(before: char, c: char) -> usize {
    let mut text = [0; 8];
    let length = before.encode_utf8(&mut text).len();
    let Some(rest) = text.get_mut(length..) else {
        return 0;
    };
    let end = length.saturating_add(c.encode_utf8(rest).len());
    let text = text.get(..end).and_then(|text| std::str::from_utf8(text).ok());
    text.map_or(0, |text| text.escape_debug().count())
}

/// Text in a document in Markdown: a line in which nothing is markup.
#[cfg(feature = "set")]
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in Outside::new(text.as_bytes(), PATH).to_string().chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '[' | ']' | '<' | '&' | '~' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Reads a [sentence](Outside::sentence) as it can be printed, for serde.
#[cfg(any(feature = "cli", feature = "fuzzing"))]
pub(crate) fn read_sentence<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    Ok(Outside::sentence(&text).to_string())
}

/// Reads a [short text](Outside::word) as it can be printed, for serde.
#[cfg(any(feature = "cli", feature = "fuzzing"))]
pub(crate) fn read_word<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    Ok(Outside::word(&text).to_string())
}

/// As [`read_word`], where there may be none.
#[cfg(any(feature = "cli", feature = "fuzzing"))]
pub(crate) fn read_word_if_any<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = <Option<String> as serde::Deserialize>::deserialize(deserializer)?;
    Ok(text.map(|text| Outside::word(&text).to_string()))
}

/// Lines from outside, such as a program's stderr: each as [`Outside::sentence`] shows it.
#[cfg(feature = "cli")]
pub(crate) fn lines(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() {
        return String::new();
    }
    let shown = |line: &[u8]| Outside::sentence(line.trim_ascii_end()).to_string();
    let lines: Vec<String> = bytes.split(|byte| *byte == b'\n').map(shown).collect();
    lines.join("\n")
}

/// Text for a terminal that is made of lines and styles, with escapes for every other character that acts on a terminal.
#[cfg(feature = "cli")]
pub(crate) fn sieved(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0_usize;
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        if c == '\n' || is_plain(c) {
            continue;
        }
        let tail = text.get(at..).unwrap_or_default();
        if let Some(length) = style_length(tail) {
            // All of a style is ASCII.
            if let Some(last) = length.checked_sub(2) {
                rest.nth(last);
            }
            continue;
        }
        out += text.get(kept..at).unwrap_or_default();
        out.extend(c.escape_default());
        kept = at.saturating_add(c.len_utf8());
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out += text.get(kept..).unwrap_or_default();
    Cow::Owned(out)
}

/// The length of the style, such as `ESC [ 1 m`, that the text begins with.
#[cfg(feature = "cli")]
fn style_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("\u{1b}[")?;
    let parameters = rest.find(|c: char| !matches!(c, '0'..='9' | ';'))?;
    rest.get(parameters..)?
        .starts_with('m')
        .then_some(parameters.saturating_add(3))
}

/// JSON with escapes in place of the characters that JSON allows and a terminal acts on. It means the same: outside of
/// strings there are none.
#[cfg(feature = "cli")]
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    use fmt::Write as _;

    if text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || is_plain(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _always = write!(out, "\\u{unit:04x}");
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
#[cfg(feature = "cli")]
mod tests {
    use super::{NOTE, Outside, is_plain, json, lines, markdown, sieved};

    /// Characters that act on a terminal, one of each kind, and their escapes.
    const ACTING: [(&str, &str); 12] = [
        ("\0", r"\u{0}"),
        ("\u{7}", r"\u{7}"),
        ("\t", r"\t"),
        ("\n", r"\n"),
        ("\r", r"\r"),
        ("\u{1b}", r"\u{1b}"),
        ("\u{7f}", r"\u{7f}"),
        ("\u{9b}", r"\u{9b}"),
        ("\u{200b}", r"\u{200b}"),
        ("\u{2028}", r"\u{2028}"),
        ("\u{202e}", r"\u{202e}"),
        ("\u{e0041}", r"\u{e0041}"),
    ];

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        for (text, escaped) in ACTING {
            assert!(!text.chars().any(is_plain), "{text:?}");
            let text = format!("a{text}b");
            assert_eq!(Outside::sentence(&text).to_string(), format!("a{escaped}b"));
            assert_eq!(
                Outside::sentence(&text).quoted().to_string(),
                format!("\"a{escaped}b\"")
            );
        }
        for shown in [
            "",
            "a \"b\" \\ 'c'",
            "\u{e9}",
            "e\u{301}",
            "\u{65e5}\u{672c}",
            "\u{1f600}",
        ] {
            assert_eq!(Outside::sentence(shown).to_string(), shown);
        }
        assert_eq!(Outside::sentence("\u{301}a").to_string(), r"\u{301}a");
        assert_eq!(Outside::sentence(b"a\xff\xc3b").to_string(), r"a\xff\xc3b");
        assert_eq!(Outside::sentence("a \"b\\").quoted().to_string(), r#""a \"b\\""#);
    }

    #[test]
    fn long_text_is_cut_with_a_note() {
        for (text, shown) in [
            ("a".repeat(10 + NOTE), "a".repeat(10 + NOTE)),
            ("a".repeat(11 + NOTE), format!("{}... (38 more bytes)", "a".repeat(10))),
            (
                "\u{20ac}".repeat(100),
                format!("{}... (291 more bytes)", "\u{20ac}".repeat(3)),
            ),
            ("\u{1b}".repeat(100), r"\u{1b}... (99 more bytes)".to_owned()),
        ] {
            let outside = Outside::new(text.as_bytes(), 10);
            assert_eq!(outside.to_string(), shown);
            // A second time changes nothing.
            assert_eq!(Outside::new(shown.as_bytes(), 10).to_string(), shown);
        }
        let long = "a".repeat(60);
        let quoted = Outside::new(long.as_bytes(), 10).quoted();
        assert_eq!(quoted.to_string(), "\"aaaaaaaaaa\"... (50 more bytes)");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines(b"a\x1b[1m\r\n\xffb\n"), "a\\u{1b}[1m\n\\xffb");
        assert_eq!(lines(b""), "");
    }

    #[test]
    fn styles_and_lines_pass_and_nothing_else_does() {
        for kept in ["", "a\nb\n", "\u{1b}[1ma\u{1b}[0m\n", "\u{1b}[1;38;5;9m", "\u{e9}"] {
            assert_eq!(sieved(kept), kept);
        }
        for (text, shown) in [
            ("\u{1b}[2J", r"\u{1b}[2J"),
            ("\u{1b}]0;x\u{7}", r"\u{1b}]0;x\u{7}"),
            ("\u{1b}", r"\u{1b}"),
            ("\u{1b}[", r"\u{1b}["),
            ("\u{1b}[1mx\u{9b}1m\u{202e}", "\u{1b}[1mx\\u{9b}1m\\u{202e}"),
            ("a\r\n", "a\\r\n"),
        ] {
            assert_eq!(sieved(text), shown);
        }
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            markdown("a|b\n<i>&lt;[c](d)\u{202e}"),
            r"a\|b\\n\<i>\&lt;\[c\](d)\\u{202e}"
        );
    }

    #[test]
    fn json_means_the_same() {
        for (text, _) in ACTING {
            let value = serde_json::json!({ text: [text, "\u{e9}"] });
            let escaped = json(&serde_json::to_string_pretty(&value).unwrap()).into_owned();
            assert!(escaped.chars().all(|c| c == '\n' || is_plain(c)), "{escaped:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        }
    }
}
