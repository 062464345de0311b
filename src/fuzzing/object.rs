//! Objects of a TOC or a tar-split read naively, from a tree.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{annotations::reading::digest, tree::Tree};
use crate::format::Digest;

/// Where [`Object`] found that a rule is broken; which one is not its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// An object with known keys.
pub(super) struct Object<'a>(&'a [(String, Tree)]);

impl<'a> Object<'a> {
    /// The object, if it is one and no key of it is a known one in another case.
    pub(super) fn of(tree: &'a Tree, known: &[&str]) -> Result<Self, Broken> {
        let Tree::Object(items) = tree else {
            return Err(Broken);
        };
        let folded = |key: &str| {
            key.replace('\u{17f}', "s")
                .replace('\u{212a}', "k")
                .to_ascii_lowercase()
        };
        let is_other_case = |key: &String| {
            !known.contains(&key.as_str())
                && known
                    .iter()
                    .any(|name| name.len() <= key.len() && folded(name) == folded(key))
        };
        if items.iter().any(|(key, _)| is_other_case(key)) {
            return Err(Broken);
        }
        Ok(Self(items))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Tree> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// An integer of 64 bits with sign.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Broken> {
        match self.get(name) {
            None => Ok(None),
            Some(Tree::Integer(value)) => i64::try_from(*value).map(Some).map_err(|_| Broken),
            Some(_) => Err(Broken),
        }
    }

    /// An integer that is not negative.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>, Broken> {
        let value = self.integer(name)?;
        value.map(u64::try_from).transpose().map_err(|_| Broken)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Broken> {
        match self.get(name) {
            None => Ok(None),
            Some(Tree::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Broken),
        }
    }

    pub(super) fn digest(&self, name: &str) -> Result<Option<Digest>, Broken> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => digest(text).map(Some).ok_or(Broken),
        }
    }

    pub(super) fn base64(&self, name: &str) -> Result<Option<Vec<u8>>, Broken> {
        self.text(name)?.map(decode).transpose()
    }

    /// The members of an object whose keys are data.
    pub(super) fn members(&self, name: &str) -> Result<&'a [(String, Tree)], Broken> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Tree::Object(members)) => Ok(members),
            Some(_) => Err(Broken),
        }
    }
}

/// Padded standard base64.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Broken> {
    STANDARD.decode(text).map_err(|_| Broken)
}
