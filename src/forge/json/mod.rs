//! JSON as it is written: where its values are in the text, whose spelling stays, and keys that are there twice.
//!
//! The reader looks for brackets, strings, commas and colons and at nothing else, so that a document can be changed which is not
//! quite JSON. [`Document`] is the text with places in it, [`Node`] a tree of its own.

#[cfg(feature = "fuzzing")]
mod tree;

use std::ops::Range;

use serde_json::Value;

#[cfg(feature = "fuzzing")]
pub(crate) use self::tree::Node;

/// A text, and where its values are.
pub(crate) struct Document<'a> {
    pub(crate) text: &'a str,
    /// All values: the outermost first, and each before what is in it.
    pub(crate) places: Vec<Place>,
    /// Whether brackets, commas and colons are in their places, and nothing follows.
    pub(crate) is_whole: bool,
}

/// Where a value is.
#[derive(Debug)]
pub(crate) struct Place {
    /// The object or the array that it is in.
    pub(crate) parent: Option<usize>,
    /// The key of a member, with its quotes.
    pub(crate) key: Option<Range<usize>>,
    pub(crate) value: Range<usize>,
    pub(crate) kind: Shape,
    /// The number of the first value after it that is not in it.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Array,
    /// A string, a number, a literal, or what is in their place.
    Atom,
}

/// Deeper than this a document is not read: what works on it calls itself for each level.
const DEPTH: usize = 64;

impl<'a> Document<'a> {
    /// Reads a text, as far as it can be read.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut document = Self {
            text,
            places: Vec::new(),
            is_whole: false,
        };
        document.is_whole = document.read().is_some();
        document
    }

    /// Adds the places; none where something is not as it has to be.
    fn read(&mut self) -> Option<()> {
        let text = self.text;
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        loop {
            at = skip_blank(text, at);
            let parent = open.last().copied();
            let shape = parent
                .and_then(|parent| self.places.get(parent))
                .map(|place| place.kind);
            let is_empty = parent.is_some() && parent == self.places.len().checked_sub(1);
            if !(is_empty && text[at..].starts_with(['}', ']'])) {
                let mut key = None;
                if shape == Some(Shape::Object) {
                    let range = atom(text, at)?;
                    at = skip_blank(text, range.end);
                    key = Some(range);
                    if !text[at..].starts_with(':') {
                        return None;
                    }
                    at = skip_blank(text, at + 1);
                }
                let kind = match text.as_bytes().get(at) {
                    Some(b'{') => Shape::Object,
                    Some(b'[') => Shape::Array,
                    _ => Shape::Atom,
                };
                // What does not end ends where the text does.
                let value = if kind == Shape::Atom {
                    atom(text, at)?
                } else {
                    at..text.len()
                };
                let end = value.end;
                self.places.push(Place {
                    parent,
                    key,
                    value,
                    kind,
                    next: if kind == Shape::Atom {
                        self.places.len() + 1
                    } else {
                        usize::MAX
                    },
                });
                if kind != Shape::Atom {
                    open.push(self.places.len() - 1);
                    at += 1;
                    if open.len() > DEPTH {
                        return None;
                    }
                    continue;
                }
                at = end;
            }
            // Behind a value: what closes, and a comma before the next one.
            loop {
                at = skip_blank(text, at);
                let Some(&top) = open.last() else {
                    return (at == text.len()).then_some(());
                };
                let next = self.places.len();
                let place = self.places.get_mut(top)?;
                let close = if place.kind == Shape::Object { '}' } else { ']' };
                if text[at..].starts_with(',') {
                    at += 1;
                    break;
                }
                if !text[at..].starts_with(close) {
                    return None;
                }
                at += 1;
                place.value.end = at;
                place.next = next;
                open.pop();
            }
        }
    }

    /// The values in an object or an array, in their order.
    pub(crate) fn children(&self, parent: usize) -> Vec<usize> {
        let inside = |index: &usize| {
            self.places
                .get(*index)
                .is_some_and(|place| place.parent == Some(parent))
        };
        let next = |index: &usize| self.places.get(*index).map(|place| place.next);
        std::iter::successors(Some(parent + 1), next)
            .take_while(inside)
            .collect()
    }

    /// The child of this name or number; of a key that is there twice the first.
    pub(crate) fn child(&self, parent: usize, part: &str) -> Option<usize> {
        let wanted = Value::from(part).to_string();
        self.children(parent)
            .into_iter()
            .enumerate()
            .find(
                |(number, index)| match self.places.get(*index).and_then(|place| place.key.clone()) {
                    Some(key) => self.text.get(key) == Some(wanted.as_str()),
                    None => part.parse() == Ok(*number),
                },
            )
            .map(|(_, index)| index)
    }

    /// The value that the parts of a pointer lead to, or the part that leads nowhere.
    pub(crate) fn find<'p>(&self, parts: &'p [String]) -> Result<usize, &'p str> {
        let mut at = 0;
        for part in parts {
            at = self.child(at, part).ok_or(part.as_str())?;
        }
        Ok(at)
    }

    /// The JSON pointer of a value; none where the pointer leads to another one, as of a key that is there twice.
    pub(crate) fn pointer(&self, index: usize) -> Option<String> {
        let mut parts = Vec::new();
        let mut at = index;
        while let Some(parent) = self.places.get(at)?.parent {
            parts.push(match self.places.get(at)?.key.clone() {
                Some(key) => serde_json::from_str::<String>(self.text.get(key)?).ok()?,
                None => self.children(parent).iter().position(|child| *child == at)?.to_string(),
            });
            at = parent;
        }
        parts.reverse();
        (self.find(&parts) == Ok(index)).then(|| pointer(&parts))
    }

    /// What goes with a value that is removed: its key, and the comma after it, or before it where it is the last.
    pub(crate) fn hole(&self, index: usize) -> Range<usize> {
        let Some(parent) = self.places.get(index).and_then(|place| place.parent) else {
            return self.span(index);
        };
        let siblings = self.children(parent);
        let at = siblings.iter().position(|sibling| *sibling == index).unwrap_or(0);
        self.holes(parent, at..at + 1)
    }

    /// What goes with several members or items of a value that follow one another.
    pub(crate) fn holes(&self, parent: usize, piece: Range<usize>) -> Range<usize> {
        let children = self.children(parent);
        let span = |at: usize| children.get(at).map(|child| self.span(*child));
        let first = span(piece.start).unwrap_or_default();
        let last = piece.end.checked_sub(1).and_then(span).unwrap_or_default();
        match (span(piece.end), piece.start.checked_sub(1).and_then(span)) {
            (Some(next), _) => first.start..next.start,
            (None, Some(previous)) => previous.end..last.end,
            (None, None) => first.start..last.end,
        }
    }

    /// Where a member or an item is put before the child of this number, or at the end, and the text with its comma.
    pub(crate) fn gap(&self, parent: usize, before: usize, item: &str) -> (usize, String) {
        let siblings = self.children(parent);
        match (siblings.get(before), siblings.last()) {
            (Some(next), _) => (self.span(*next).start, format!("{item},")),
            (None, Some(last)) => (self.span(*last).end, format!(",{item}")),
            (None, None) => (self.span(parent).end.saturating_sub(1), item.to_owned()),
        }
    }

    /// Key, colon and value.
    pub(crate) fn span(&self, index: usize) -> Range<usize> {
        self.places.get(index).map_or(0..0, |place| {
            let start = place.key.as_ref().map_or(place.value.start, |key| key.start);
            start..place.value.end
        })
    }

    /// The text of a value.
    pub(crate) fn value(&self, index: usize) -> &'a str {
        let range = self.places.get(index).map(|place| place.value.clone());
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }
}

/// The JSON pointer of these parts.
pub(crate) fn pointer(parts: &[String]) -> String {
    parts
        .iter()
        .flat_map(|part| ["/".to_owned(), part.replace('~', "~0").replace('/', "~1")])
        .collect()
}

fn skip_blank(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len()
}

/// The string, the number or whatever else begins here; none of nothing and of a string without end.
fn atom(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    if !rest.starts_with('"') {
        let end = rest.find(|c: char| ",:]}[{\" \n\r\t".contains(c)).unwrap_or(rest.len());
        return (end > 0).then(|| start..start + end);
    }
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(start..start + at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn places_have_pointers_unless_these_lead_elsewhere() {
        let document = Document::of(r#"{"a":[1,{"b/c":2}],"d":3,"d":4} "#);
        let pointers: Vec<_> = (0..document.places.len())
            .map(|index| document.pointer(index))
            .collect();
        let expected = ["", "/a", "/a/0", "/a/1", "/a/1/b~1c", "/d"].map(|text| Some(text.to_owned()));
        assert_eq!(pointers[..6], expected);
        assert_eq!(pointers[6..], [None]);
        assert!(document.is_whole);
        assert_eq!(document.value(3), r#"{"b/c":2}"#);
        assert_eq!(&document.text[document.span(6)], r#""d":4"#);
    }

    #[test]
    fn what_is_not_quite_json_is_read_as_far_as_it_goes() {
        for text in [
            "",
            "{",
            r#"{"a"}"#,
            "[1 2]",
            "[1],",
            "[1,]",
            "{\"a\":}",
            "[1}",
            &"[".repeat(100),
        ] {
            assert!(!Document::of(text).is_whole, "{text}");
        }
        assert_eq!(Document::of("{\"a\":1,\"b\":[2,").pointer(3).as_deref(), Some("/b/0"));
    }
}
