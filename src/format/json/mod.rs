//! JSON, as the TOC and the tar-split use it.
//!
//! Both documents are JSON (RFC 8259), and both are read by several parsers: one shows a layer to a scanner, another
//! unpacks it. Where JSON lets two parsers see two documents, a layer can hide content from one of them. The usual ways
//! are a key given twice, a key in other case (Go folds the case of keys, nearly everyone else compares bytes), numbers
//! that do not fit, and text after the value. This reader therefore reports all of them, in the parts that nobody knows
//! as well as in those that it returns.
//!
//! A [`Reader`] is asked for one thing after another: enter an object, next field, a string, an integer. It keeps a
//! stack of the open containers but no tree, so its memory is bounded by the keys of the objects that are open. It never
//! recurses.
//!
//! ```
//! use chunkproof::format::{Findings, Region, json::Reader};
//!
//! let mut findings = Findings::new();
//! let mut reader = Reader::new(br#"{"size": 3, "other": [{}]}"#, Region::Toc, &mut findings);
//! let mut size = None;
//! assert!(reader.begin_object()?);
//! while let Some(()) = reader.next_field(&[("size", ())])? {
//!     size = reader.integer()?;
//! }
//! reader.finish();
//! assert_eq!(size, Some(3));
//! assert!(findings.is_empty());
//! # Ok::<(), chunkproof::format::json::Broken>(())
//! ```
//!
//! Rules: JSN-01 to JSN-06 wherever they are broken, JSN-07 to JSN-09 where a typed value is asked for. After a breach
//! of JSN-01 or JSN-05 nothing sensible can be read any more, and every method returns [`Broken`]; after any other the
//! reader goes on, and of two equal keys the caller sees both, so that the last one counts.

mod escape;
mod scan;
#[cfg(test)]
mod tests;
mod typed;

use std::{borrow::Cow, collections::HashSet};

pub(in crate::format) use self::escape::push_escaped;
use self::scan::{Fault, Scanner};
use crate::{
    format::{Excerpt, Findings, Place, Region},
    rules::Rule,
};

/// Deepest nesting of objects and arrays that is read (JSN-05). The formats need 4.
pub const MAX_DEPTH: usize = 64;

/// The document is not JSON from some point on, or nests too deep; this has been reported (JSN-01, JSN-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the JSON cannot be read past this point")
    }
}

impl std::error::Error for Broken {}

/// What sort of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// A string.
    String,
    /// A number of any sort.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

impl Kind {
    /// The kind with its article, as messages have it.
    pub(in crate::format) const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

/// Reads one JSON value after another from some bytes.
///
/// Methods are asked in the order of the document. Entering a container and not reading it to its end, or asking for a
/// field where no object is open, is a mistake of the caller; it yields nonsense or [`Broken`], but no panic.
#[derive(Debug)]
pub struct Reader<'a, 'f> {
    scanner: Scanner<'a>,
    region: Region,
    base: u64,
    open: Vec<Container<'a>>,
    /// The known key that was read last, for messages.
    field: &'static str,
    findings: &'f mut Findings,
}

/// An object or array whose end has not been read yet.
#[derive(Debug)]
struct Container<'a> {
    kind: Kind,
    empty: bool,
    /// Bit n: the nth known key has been seen. Known keys need no allocation.
    known: u64,
    /// The other keys that have been seen.
    others: HashSet<Cow<'a, str>>,
}

impl<'a, 'f> Reader<'a, 'f> {
    /// Reads a document of this region from its first byte.
    pub fn new(bytes: &'a [u8], region: Region, findings: &'f mut Findings) -> Self {
        Self::at(bytes, region, 0, findings)
    }

    /// Reads a piece of a document; the piece begins `base` bytes into the region.
    pub fn at(bytes: &'a [u8], region: Region, base: u64, findings: &'f mut Findings) -> Self {
        Self {
            scanner: Scanner::new(bytes),
            region,
            base,
            open: Vec::new(),
            field: match region {
                Region::TarSplit => "the entry",
                _ => "the document",
            },
            findings,
        }
    }

    /// Bytes that have been read, counted from the start of the slice. After a value: where it ended.
    pub const fn offset(&self) -> usize {
        self.scanner.offset()
    }

    /// Where in the region the next byte is, for reports.
    pub fn place(&self) -> Place {
        self.place_of(self.scanner.offset())
    }

    /// The known key that was read last, whose value comes next.
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The list that the reader reports to, for the caller's own findings.
    pub const fn findings(&mut self) -> &mut Findings {
        self.findings
    }

    /// Looks at the kind of the next value.
    ///
    /// # Errors
    ///
    /// JSN-01 if no value begins here.
    pub fn peek(&mut self) -> Result<Kind, Broken> {
        self.refuse_byte_order_mark()?;
        self.scanner.skip_space();
        match self.scanner.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => {
                let fault = self.scanner.unexpected("a value");
                Err(self.fault(fault))
            }
        }
    }

    /// Goes to the next member of the innermost open object and returns its key; none at the object's end.
    ///
    /// For objects whose keys are data, such as `xattrs`. The value has to be read or [skipped](Self::skip) before the
    /// next member.
    ///
    /// # Errors
    ///
    /// JSN-01 for anything but a member or the end of the object.
    pub fn next_member(&mut self) -> Result<Option<Cow<'a, str>>, Broken> {
        if !self.next_item(Kind::Object)? {
            return Ok(None);
        }
        let at = self.scanner.offset();
        let key = self.key()?;
        self.note_other(key.clone(), at);
        Ok(Some(key))
    }

    /// Goes to the next member of the innermost open object whose key is known; none at the object's end.
    ///
    /// Members with other keys are checked and skipped. A key that Go would take for a known one, since it ignores case,
    /// is reported (JSN-04) and taken for it here too. At most 64 keys can be known.
    ///
    /// # Errors
    ///
    /// JSN-01 or JSN-05 in what is skipped, or for anything but a member or the end of the object.
    pub fn next_field<K: Copy>(&mut self, known: &[(&'static str, K)]) -> Result<Option<K>, Broken> {
        while self.next_item(Kind::Object)? {
            let at = self.scanner.offset();
            let key = self.key()?;
            if let Some((nth, &(name, field))) = (0u32..).zip(known).find(|&(_, &(name, _))| name == key) {
                self.note_known(nth, name, at);
                self.field = name;
                return Ok(Some(field));
            }
            self.note_other(key.clone(), at);
            if let Some(&(name, field)) = known.iter().find(|&&(name, _)| equal_folded(name, &key)) {
                let detail = format!(
                    "key {} differs from the known key {name:?} in letter case",
                    Excerpt(&key)
                );
                self.report(Rule::JsonFoldedKey, at, detail);
                self.field = name;
                return Ok(Some(field));
            }
            self.skip()?;
        }
        Ok(None)
    }

    /// Goes to the next element of the innermost open array; false at the array's end.
    ///
    /// # Errors
    ///
    /// JSN-01 for anything but an element or the end of the array.
    pub fn next_element(&mut self) -> Result<bool, Broken> {
        self.next_item(Kind::Array)
    }

    /// Checks the next value and forgets it.
    ///
    /// # Errors
    ///
    /// JSN-01 or JSN-05.
    pub fn skip(&mut self) -> Result<(), Broken> {
        let outer = self.open.len();
        self.step_over()?;
        while self.open.len() > outer {
            let more = match self.open.last().map(|container| container.kind) {
                Some(Kind::Object) => self.next_member()?.is_some(),
                _ => self.next_element()?,
            };
            if more {
                self.step_over()?;
            }
        }
        Ok(())
    }

    /// Checks that nothing but white space follows (JSN-02).
    pub fn finish(mut self) {
        self.scanner.skip_space();
        if self.scanner.peek().is_some() {
            let detail = "text after the JSON value, expected the end of the document";
            self.report(Rule::JsonTrailing, self.scanner.offset(), detail.to_owned());
        }
    }

    /// Reads a scalar, or enters a container.
    fn step_over(&mut self) -> Result<(), Broken> {
        match self.peek()? {
            kind @ (Kind::Object | Kind::Array) => self.enter(kind),
            Kind::String => self.text().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Bool | Kind::Null => {
                let read = self.scanner.literal();
                read.map_err(|fault| self.fault(fault))
            }
        }
    }

    /// Enters the container that begins at the next byte.
    fn enter(&mut self, kind: Kind) -> Result<(), Broken> {
        if self.open.len() >= MAX_DEPTH {
            let detail = format!("objects and arrays are nested too deep, expected at most {MAX_DEPTH} levels");
            self.report(Rule::JsonDepth, self.scanner.offset(), detail);
            return Err(Broken);
        }
        self.scanner.advance();
        self.open.push(Container {
            kind,
            empty: true,
            known: 0,
            others: HashSet::new(),
        });
        Ok(())
    }

    /// Goes to the next item of the innermost container, past the comma; false, and out of the container, at its end.
    fn next_item(&mut self, kind: Kind) -> Result<bool, Broken> {
        let (end, expected) = match kind {
            Kind::Object => (b'}', "`,` or `}`"),
            _ => (b']', "`,` or `]`"),
        };
        self.scanner.skip_space();
        let Some(container) = self.open.last_mut().filter(|container| container.kind == kind) else {
            return Ok(false);
        };
        if self.scanner.eat(end) {
            self.open.pop();
            return Ok(false);
        }
        let first = std::mem::replace(&mut container.empty, false);
        if !first && !self.scanner.eat(b',') {
            let fault = self.scanner.unexpected(expected);
            return Err(self.fault(fault));
        }
        self.scanner.skip_space();
        Ok(true)
    }

    /// Reads a key and the colon after it.
    fn key(&mut self) -> Result<Cow<'a, str>, Broken> {
        if self.scanner.peek() != Some(b'"') {
            let fault = self.scanner.unexpected("a key");
            return Err(self.fault(fault));
        }
        let key = self.text()?;
        self.scanner.skip_space();
        if !self.scanner.eat(b':') {
            let fault = self.scanner.unexpected("`:`");
            return Err(self.fault(fault));
        }
        Ok(key)
    }

    /// Reads a string, whose opening quote is the next byte.
    fn text(&mut self) -> Result<Cow<'a, str>, Broken> {
        let read = self.scanner.string();
        let text = read.map_err(|fault| self.fault(fault))?;
        if let Some(at) = text.lone_surrogate {
            let detail = "escape of a lone surrogate, expected a surrogate pair";
            self.report(Rule::JsonUnicode, at, detail.to_owned());
        }
        Ok(text.text)
    }

    /// Reads a number and returns it as it is written.
    fn number(&mut self) -> Result<&'a str, Broken> {
        let read = self.scanner.number();
        read.map_err(|fault| self.fault(fault))
    }

    fn note_known(&mut self, nth: u32, key: &str, at: usize) {
        let bit = 1u64.checked_shl(nth).unwrap_or(0);
        let Some(container) = self.open.last_mut() else {
            return;
        };
        let seen = container.known & bit != 0;
        container.known |= bit;
        if seen {
            self.report_duplicate(key, at);
        }
    }

    fn note_other(&mut self, key: Cow<'a, str>, at: usize) {
        let Some(container) = self.open.last_mut() else {
            return;
        };
        if let Some(seen) = container.others.replace(key) {
            self.report_duplicate(&seen, at);
        }
    }

    fn report_duplicate(&mut self, key: &str, at: usize) {
        let detail = format!("duplicate key {}", Excerpt(key));
        self.report(Rule::JsonDuplicateKey, at, detail);
    }

    fn refuse_byte_order_mark(&mut self) -> Result<(), Broken> {
        if self.scanner.offset() == 0 && self.scanner.starts_with(b"\xef\xbb\xbf") {
            let detail = "byte order mark before the JSON value, expected none";
            self.report(Rule::JsonSyntax, 0, detail.to_owned());
            return Err(Broken);
        }
        Ok(())
    }

    fn fault(&mut self, fault: Fault) -> Broken {
        self.report(Rule::JsonSyntax, fault.at, fault.detail);
        Broken
    }

    fn report(&mut self, rule: Rule, at: usize, detail: String) {
        let place = self.place_of(at);
        self.findings.report(rule, place, detail);
    }

    fn place_of(&self, at: usize) -> Place {
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        Place::Byte(self.region, self.base.saturating_add(at))
    }
}

/// Whether Go's `encoding/json` takes `key` for the known key `name`: it folds case, so that the long s (U+017F) equals
/// `s` and the Kelvin sign (U+212A) equals `k`.
fn equal_folded(name: &str, key: &str) -> bool {
    name.chars().map(fold).eq(key.chars().map(fold))
}

const fn fold(letter: char) -> char {
    match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    }
}
