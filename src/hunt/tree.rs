//! JSON as it is written: keys, numbers and strings keep their spelling, and a key may be there twice.
//!
//! What is hunted with has to hold what a JSON library would put right or refuse, so this is not one.

use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Members with their keys as they are spelled, quotes included.
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    /// A string with its quotes, a number, a literal, or what stands there instead.
    Atom(String),
}

/// Deeper than this a document is not taken apart.
const DEPTH: usize = 64;

impl Node {
    /// The value of a whole text; none if its brackets, commas and colons are not in their places.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let node = reader.value(0)?;
        reader.rest.trim_start().is_empty().then_some(node)
    }

    /// A string that needs no escapes, or that brings them along.
    pub(crate) fn string(raw: &str) -> Self {
        Self::Atom(format!("\"{raw}\""))
    }

    pub(crate) fn atom(raw: &str) -> Self {
        Self::Atom(raw.to_owned())
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

    /// The atoms, in their order.
    pub(crate) fn atoms(&self) -> Vec<&str> {
        match self {
            Self::Object(members) => members.iter().flat_map(|(_, node)| node.atoms()).collect(),
            Self::Array(elements) => elements.iter().flat_map(Self::atoms).collect(),
            Self::Atom(text) => vec![text],
        }
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

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > DEPTH {
            return None;
        }
        if self.take('{') {
            let mut members = Vec::new();
            while !self.take('}') {
                if !members.is_empty() && !self.take(',') {
                    return None;
                }
                let key = self.atom()?;
                if !self.take(':') {
                    return None;
                }
                members.push((key, self.value(depth + 1)?));
            }
            return Some(Node::Object(members));
        }
        if self.take('[') {
            let mut elements = Vec::new();
            while !self.take(']') {
                if !elements.is_empty() && !self.take(',') {
                    return None;
                }
                elements.push(self.value(depth + 1)?);
            }
            return Some(Node::Array(elements));
        }
        self.atom().map(Node::Atom)
    }

    fn take(&mut self, letter: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn atom(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let end = if rest.starts_with('"') {
            string_end(rest)?
        } else {
            rest.find(|c: char| ",:]}[{\"".contains(c) || c.is_whitespace())
                .unwrap_or(rest.len())
        };
        let (atom, rest) = rest.split_at(end);
        self.rest = rest;
        (!atom.is_empty()).then(|| atom.to_owned())
    }
}

/// Behind the closing quote of a string that begins here.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
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
        assert_eq!(node.atoms(), ["1", "2", "3"]);
        assert_eq!(node.keys(), ["\"a\"", "\"b\""]);
    }
}
