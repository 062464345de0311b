//! Changes of layers of eStargz as blobs of gzip members.

use serde_json::json;

use super::{Row, index::other, of_gzip};
use crate::{
    forge::{
        Edit,
        annotations::ESTARGZ,
        estargz::member,
        tar::{self, TarEntry},
    },
    rules::Rule,
};

/// What is known of a layer.
pub(crate) struct Gzipped {
    /// Bytes of the blob.
    pub(crate) length: usize,
    pub(crate) footer: Vec<u8>,
    /// The last byte of the members before the TOC: of the length of the last one.
    pub(crate) last: Option<u8>,
    /// Whether the footer has the offset of a TOC.
    pub(crate) has_offset: bool,
    /// Whether the tar ends before the TOC, or without it.
    pub(crate) keeps_tail: bool,
    /// The name of the TOC in the tar.
    pub(crate) toc_name: &'static str,
}

/// An edit of bytes of the blob, counted from its end: an empty block of five bytes and a trailer of eight are the end, the magic is
/// before them, the offset before that.
fn put(back: usize, bytes: &[u8]) -> Option<Edit> {
    let at = i64::try_from(back).ok()?;
    Some(Edit::Blob(Box::new(Edit::Splice {
        at: -at,
        remove: bytes.len(),
        insert: bytes.into(),
    })))
}

const MAGIC: usize = 19;

pub(super) const ROWS: &[Row] = &[
    of_gzip("junk-after-the-members", Rule::EStargzMembers, |_, _| {
        Some(Edit::Data(Box::new(Edit::Append("junk".into()))))
    }),
    of_gzip("another-length-of-the-last-member", Rule::EStargzMembers, |layer, _| {
        let insert = [layer.last? ^ 1].as_slice().into();
        let (at, remove) = (-1, 1);
        Some(Edit::Data(Box::new(Edit::Splice { at, remove, insert })))
    }),
    // It comes with the end of the archive, before the TOC.
    of_gzip("entry-of-the-name-of-the-toc", Rule::EntrySets, |layer, _| {
        let link = TarEntry::symlink(layer.toc_name, "target").header();
        let more = member(&[link, tar::end()].concat());
        (!layer.keeps_tail).then(|| Edit::Data(Box::new(Edit::Append(more.as_slice().into()))))
    }),
    of_gzip("byte-after-the-footer-of-estargz", Rule::EStargzFooter, |_, _| {
        Some(Edit::Blob(Box::new(Edit::Append("\0".into()))))
    }),
    of_gzip("footer-of-estargz-that-is-cut", Rule::EStargzFooter, |_, _| {
        Some(Edit::Blob(Box::new(Edit::Truncate(-1))))
    }),
    of_gzip("magic-of-stargz-in-another-spelling", Rule::EStargzSubfield, |_, _| {
        put(MAGIC, b"s")
    }),
    of_gzip("offset-that-is-not-hexadecimal", Rule::EStargzSubfield, |layer, _| {
        put(MAGIC + 1, b"G").filter(|_| layer.has_offset)
    }),
    of_gzip("offset-of-the-footer-itself", Rule::EStargzBounds, |layer, _| {
        let offset = format!("{:016x}", layer.length.checked_sub(layer.footer.len())?);
        put(MAGIC + 16, offset.as_bytes()).filter(|_| layer.has_offset)
    }),
    // None of its bytes can be another.
    of_gzip("another-header-of-the-footer", Rule::EStargzFooter, |layer, which| {
        let at = which % 10;
        put(layer.footer.len().checked_sub(at)?, &[layer.footer.get(at)? ^ 0x20])
    }),
    of_gzip("another-length-of-the-footer", Rule::EStargzFooter, |_, _| put(1, &[1])),
    of_gzip("another-digest-of-the-toc-of-estargz", Rule::EStargzDigest, |_, _| {
        let (key, value) = (ESTARGZ.to_owned(), other());
        Some(Edit::Annotations(Box::new(Edit::Annotate { key, value })))
    }),
    of_gzip("name-of-the-toc-in-the-toc", Rule::EStargzName, |layer, _| {
        listed(layer.toc_name, "reg")
    }),
    of_gzip("landmark-that-is-a-directory", Rule::Landmark, |_, _| {
        listed(".no.prefetch.landmark", "dir")
    }),
];

/// One more entry of the TOC.
fn listed(name: &str, kind: &str) -> Option<Edit> {
    let value = json!({"type": kind, "name": name});
    let at = "/entries/-".to_owned();
    Some(Edit::Toc(Box::new(Edit::Insert { at, value })))
}
