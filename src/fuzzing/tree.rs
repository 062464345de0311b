//! JSON as a tree in which nothing is lost: objects keep the order of their keys, and keys that are there twice.
//!
//! It is read by serde_json, so it is a second opinion on what the text says.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    /// A number that serde_json takes for an integer.
    Integer(i128),
    /// Any other number. serde_json does not tell `-0` from `-0.0`.
    Float(f64),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// What serde_json makes of some text.
pub(super) enum Opinion {
    /// It is this.
    Tree(Tree),
    /// It is not JSON, or nests too deep.
    NotJson,
    /// It has a number that serde_json cannot hold, so it does not say.
    Unknown,
}

/// Reads a document.
pub(super) fn read(bytes: &[u8]) -> Opinion {
    match serde_json::from_slice(bytes) {
        Ok(tree) => Opinion::Tree(tree),
        Err(error) if error.to_string().contains("number out of range") => Opinion::Unknown,
        Err(_) => Opinion::NotJson,
    }
}

impl Tree {
    /// How deep containers nest.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(items) => 1 + items.iter().map(|(_, item)| item.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether an object has a key twice, at any depth.
    pub(super) fn repeats_a_key(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::repeats_a_key),
            Self::Object(items) => {
                let mut keys: Vec<&str> = items.iter().map(|(key, _)| key.as_str()).collect();
                keys.sort_unstable();
                keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
                    || items.iter().any(|(_, item)| item.repeats_a_key())
            }
            _ => false,
        }
    }

    /// Whether there is a number of which serde_json does not say how it is written.
    pub(super) fn has_minus_zero(&self) -> bool {
        match self {
            Self::Float(number) => *number == 0.0 && number.is_sign_negative(),
            Self::Array(items) => items.iter().any(Self::has_minus_zero),
            Self::Object(items) => items.iter().any(|(_, item)| item.has_minus_zero()),
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Tree::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut object = Vec::new();
        while let Some(item) = items.next_entry()? {
            object.push(item);
        }
        Ok(Tree::Object(object))
    }
}
