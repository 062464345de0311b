//! JSON in which no object has a key twice, and which takes a bounded amount of memory when it is kept.

use std::{cell::Cell, collections::BTreeSet, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

use crate::outside::Outside;

/// Most bytes that the values of one line may take as a tree. A line of [`LINE_LIMIT`](super::LINE_LIMIT) bytes can ask for a
/// hundred times its length; the longest list of entries that fits into one takes less than this.
const TREE_LIMIT: usize = 256 << 20;

/// About what a value takes in a tree, in bytes, beside the text in it.
const VALUE: usize = 64;

/// About what the members of an object that has any take beside their values, in bytes: room for eleven keys and values.
const OBJECT: usize = 640;

/// Checks a JSON value: no object in it, at any depth, has a key twice, and as a tree it takes at most [`TREE_LIMIT`] bytes.
/// Nothing of it is kept.
///
/// JSON readers take the first of two values, or the last: an answer with both would be whatever its reader prefers.
///
/// # Errors
///
/// What is wrong, with its line and column.
pub(super) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    let left = Cell::new(TREE_LIMIT);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    Check(&left).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// A check of one value, with the bytes that are left for it.
#[derive(Clone, Copy)]
struct Check<'a>(&'a Cell<usize>);

impl Check<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        let Some(left) = self.0.get().checked_sub(bytes) else {
            return Err(E::custom(format_args!(
                "the answer takes more than {} MiB of memory",
                TREE_LIMIT >> 20
            )));
        };
        self.0.set(left);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(VALUE.saturating_add(text.len()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.take(VALUE)?;
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.take(VALUE)?;
        let mut keys = BTreeSet::new();
        while let Some(key) = members.next_key::<String>()? {
            self.take(if keys.is_empty() { OBJECT } else { 0 }.saturating_add(key.len()))?;
            if keys.contains(&key) {
                let key = Outside::word(&key).quoted();
                return Err(A::Error::custom(format_args!("duplicate key {key}")));
            }
            keys.insert(key);
            members.next_value_seed(self)?;
        }
        Ok(())
    }
}
