//! What edits of one part are made to: bytes, the blob of which they are the end, and annotations.

use std::collections::BTreeMap;

use super::{Edit, EditError, Kind};
use crate::forge::len;

/// An input of an operation, as far as edits change it.
#[derive(Clone, Debug)]
pub(crate) struct Editable {
    /// The bytes, of an operation that reads some.
    pub(crate) bytes: Option<Vec<u8>>,
    /// What they are.
    pub(crate) kind: Kind,
    /// The blob of which they are the end.
    pub(crate) blob: Option<Blob>,
    /// The annotations, of an operation that reads some.
    pub(crate) annotations: Option<BTreeMap<String, String>>,
}

/// A blob of which only the end is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blob {
    /// How long it is.
    pub(crate) size: u64,
    /// How much of its end an input has.
    pub(crate) window: usize,
    /// What is before that.
    pub(crate) filler: u8,
}

impl Editable {
    /// Makes these edits, one after the other.
    ///
    /// # Errors
    ///
    /// An edit that cannot be made, or that is for another part.
    pub(crate) fn edit(&mut self, edits: &[Edit]) -> Result<(), EditError> {
        let before = self.bytes.as_deref().map_or(0, len);
        let mut size = None;
        for edit in edits {
            match (edit, &mut self.bytes) {
                (Edit::BlobSize(number), _) if self.blob.is_some() => size = Some(number.value()?),
                (Edit::Annotate { .. } | Edit::Strip(_) | Edit::Rename { .. }, _) => {
                    let annotations = self.annotations.as_mut();
                    edit.annotate(annotations.ok_or_else(|| edit.error("the twin has no annotations"))?)?;
                }
                (_, Some(bytes)) => *bytes = edit.apply(bytes, self.kind)?,
                (_, None) => return Err(edit.error("the operation has no bytes to edit")),
            }
        }
        if let (Some(blob), Some(bytes)) = (&mut self.blob, &mut self.bytes) {
            // What is before the end of the blob stays as long as it was.
            let follows = blob.size.saturating_add(len(bytes)).saturating_sub(before);
            blob.size = size.unwrap_or(follows);
            *bytes = blob.end(bytes);
        }
        Ok(())
    }
}

impl Blob {
    /// The end of the blob, of which these are the last bytes.
    fn end(&self, bytes: &[u8]) -> Vec<u8> {
        let length = usize::try_from(self.size).map_or(self.window, |size| size.min(self.window));
        let missing = length.saturating_sub(bytes.len());
        let end = [vec![self.filler; missing].as_slice(), bytes].concat();
        end[end.len() - length..].to_vec()
    }
}
