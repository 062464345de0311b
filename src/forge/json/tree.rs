//! A document as a tree that can be changed.

use std::fmt;

use serde_json::Value;

use super::{Document, Shape};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Members with their keys as they are spelled, quotes included.
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    /// A string with its quotes, a number, a literal, or what is in its place.
    Atom(String),
}

impl Node {
    /// The value of a whole text; none if its brackets, commas and colons are not in their places.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let document = Document::of(text);
        // From the last value on, so that what is in a value is there before it.
        let mut done: Vec<Option<Self>> = vec![None; document.places.len()];
        for index in (0..document.places.len()).rev() {
            let children = document.children(index).into_iter();
            let child = |child: usize| done.get_mut(child).and_then(Option::take);
            let node = match document.places.get(index)?.kind {
                Shape::Object => {
                    let key = |index: usize| text.get(document.places.get(index)?.key.clone()?);
                    let keys: Vec<usize> = children.collect();
                    let values: Vec<Self> = keys.iter().copied().filter_map(child).collect();
                    let keys = keys.into_iter().filter_map(key).map(str::to_owned);
                    Self::Object(keys.zip(values).collect())
                }
                Shape::Array => Self::Array(children.filter_map(child).collect()),
                Shape::Atom => Self::atom(document.value(index)),
            };
            *done.get_mut(index)? = Some(node);
        }
        done.into_iter().next().flatten().filter(|_| document.is_whole)
    }

    pub(crate) fn atom(raw: &str) -> Self {
        Self::Atom(raw.to_owned())
    }

    /// A string, with the escapes that it needs.
    pub(crate) fn text(text: &str) -> Self {
        Self::Atom(quoted(text))
    }

    pub(crate) fn number(number: u64) -> Self {
        Self::Atom(number.to_string())
    }

    /// A string without its escapes; none of anything else.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Atom(text) if text.starts_with('"') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// A number of 64 bits as it is usually written; none of anything else.
    pub(crate) fn as_number(&self) -> Option<u64> {
        match self {
            Self::Atom(text) => text.parse().ok().filter(|number: &u64| number.to_string() == *text),
            _ => None,
        }
    }

    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The first member with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let wanted = quoted(key);
        members.iter().find(|(key, _)| *key == wanted).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        let wanted = quoted(key);
        members
            .iter_mut()
            .find(|(key, _)| *key == wanted)
            .map(|(_, value)| value)
    }

    /// The string that a member is.
    pub(crate) fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.as_text()
    }

    /// The number that a member is; 0 for none.
    pub(crate) fn number_of(&self, key: &str) -> u64 {
        self.get(key).and_then(Self::as_number).unwrap_or(0)
    }

    /// Sets a member, or adds it at the end. Only objects have any.
    pub(crate) fn insert(&mut self, key: &str, value: Self) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
        } else if let Self::Object(members) = self {
            members.push((quoted(key), value));
        }
    }

    /// Removes the first member with this key.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        let wanted = quoted(key);
        let at = members.iter().position(|(key, _)| *key == wanted)?;
        Some(members.remove(at).1)
    }

    /// How many values there are, this one included.
    pub(crate) fn count(&self) -> usize {
        1 + match self {
            Self::Object(members) => members.iter().map(|(_, node)| node.count()).sum(),
            Self::Array(elements) => elements.iter().map(Self::count).sum(),
            Self::Atom(_) => 0,
        }
    }

    /// The value of this number, where this one has 0 and what it holds follows.
    pub(crate) fn nth(&mut self, mut index: usize) -> Option<&mut Self> {
        if index == 0 {
            return Some(self);
        }
        index -= 1;
        let children: Vec<&mut Self> = match self {
            Self::Object(members) => members.iter_mut().map(|(_, node)| node).collect(),
            Self::Array(elements) => elements.iter_mut().collect(),
            Self::Atom(_) => return None,
        };
        for child in children {
            let count = child.count();
            if index < count {
                return child.nth(index);
            }
            index -= count;
        }
        None
    }

    /// The keys, in their order.
    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Object(members) => members
                .iter()
                .flat_map(|(key, node)| std::iter::once(key.as_str()).chain(node.keys()))
                .collect(),
            Self::Array(elements) => elements.iter().flat_map(Self::keys).collect(),
            Self::Atom(_) => Vec::new(),
        }
    }
}

/// The text as JSON writes it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, node)) in members.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{key}:{node}")?;
                }
                f.write_str("}")
            }
            Self::Array(elements) => {
                f.write_str("[")?;
                for (index, node) in elements.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{node}")?;
                }
                f.write_str("]")
            }
            Self::Atom(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn spelling_stays() {
        for text in [
            r#"{"a":1,"a":-0.50e+1,"\u0061":["x\"y",null,{},[]]}"#,
            "[]",
            "01x",
            r#""""#,
        ] {
            assert_eq!(Node::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Node::parse(" { \"a\" : [ 1 , 2 ] } ").unwrap().to_string(),
            r#"{"a":[1,2]}"#
        );
        for text in ["", "{", r#"{"a"}"#, "[1 2]", "[1],", "\"a", &"[".repeat(100)] {
            assert_eq!(Node::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_value_has_a_number() {
        let mut node = Node::parse(r#"{"a":[1,2],"b":3}"#).unwrap();
        let all: Vec<String> = (0..node.count())
            .map(|index| node.nth(index).unwrap().to_string())
            .collect();
        assert_eq!(all, [r#"{"a":[1,2],"b":3}"#, "[1,2]", "1", "2", "3"]);
        assert!(node.nth(5).is_none());
        assert_eq!(node.keys(), ["\"a\"", "\"b\""]);
    }

    #[test]
    fn members_are_found_set_and_removed() {
        let mut node = Node::parse(r#"{"a\"b":"\u0041","n":7,"n":08}"#).unwrap();
        assert_eq!(node.text_of("a\"b").as_deref(), Some("A"));
        assert_eq!(node.number_of("n"), 7);
        node.insert("n", Node::text("<\n>"));
        node.insert("new", Node::number(1));
        assert_eq!(node.remove("a\"b"), Some(Node::atom("\"\\u0041\"")));
        assert_eq!(node.to_string(), r#"{"n":"<\n>","n":08,"new":1}"#);
    }
}
