//! Changes of layers of eStargz as blobs of gzip members.

use serde_json::json;

use super::{Change::Gzipped as Change, Row, index::other, row};
use crate::{
    forge::{
        Edit,
        annotations::ESTARGZ,
        estargz::member,
        tar::{self, Entry},
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
    row(
        "junk-after-the-members",
        Rule::EStargzMembers,
        Change(|_, _| Some(Edit::Data(Box::new(Edit::Append("junk".into()))))),
    ),
    row(
        "another-length-of-the-last-member",
        Rule::EStargzMembers,
        Change(|layer, _| {
            let insert = [layer.last? ^ 1].as_slice().into();
            let (at, remove) = (-1, 1);
            Some(Edit::Data(Box::new(Edit::Splice { at, remove, insert })))
        }),
    ),
    row(
        "entry-of-the-name-of-the-toc",
        Rule::EntrySets,
        // It comes with the end of the archive, before the TOC.
        Change(|layer, _| {
            let link = Entry::symlink(layer.toc_name, "target").header();
            let more = member(&[link, tar::end()].concat());
            (!layer.keeps_tail).then(|| Edit::Data(Box::new(Edit::Append(more.as_slice().into()))))
        }),
    ),
    row(
        "byte-after-the-footer-of-estargz",
        Rule::EStargzFooter,
        Change(|_, _| Some(Edit::Blob(Box::new(Edit::Append("\0".into()))))),
    ),
    row(
        "footer-of-estargz-that-is-cut",
        Rule::EStargzFooter,
        Change(|_, _| Some(Edit::Blob(Box::new(Edit::Truncate(-1))))),
    ),
    row(
        "magic-of-stargz-in-another-spelling",
        Rule::EStargzSubfield,
        Change(|_, _| put(MAGIC, b"s")),
    ),
    row(
        "offset-that-is-not-hexadecimal",
        Rule::EStargzSubfield,
        Change(|layer, _| put(MAGIC + 1, b"G").filter(|_| layer.has_offset)),
    ),
    row(
        "offset-of-the-footer-itself",
        Rule::EStargzBounds,
        Change(|layer, _| {
            let offset = format!("{:016x}", layer.length.checked_sub(layer.footer.len())?);
            put(MAGIC + 16, offset.as_bytes()).filter(|_| layer.has_offset)
        }),
    ),
    row(
        "another-header-of-the-footer",
        Rule::EStargzFooter,
        // None of its bytes can be another.
        Change(|layer, which| {
            let at = which % 10;
            put(layer.footer.len().checked_sub(at)?, &[layer.footer.get(at)? ^ 0x20])
        }),
    ),
    row(
        "another-length-of-the-footer",
        Rule::EStargzFooter,
        Change(|_, _| put(1, &[1])),
    ),
    row(
        "another-digest-of-the-toc-of-estargz",
        Rule::EStargzDigest,
        Change(|_, _| {
            let (key, value) = (ESTARGZ.to_owned(), other());
            Some(Edit::Annotations(Box::new(Edit::Annotate { key, value })))
        }),
    ),
    row(
        "name-of-the-toc-in-the-toc",
        Rule::EStargzName,
        Change(|layer, _| listed(layer.toc_name, "reg")),
    ),
    row(
        "landmark-that-is-a-directory",
        Rule::Landmark,
        Change(|_, _| listed(".no.prefetch.landmark", "dir")),
    ),
];

/// One more entry of the TOC.
fn listed(name: &str, kind: &str) -> Option<Edit> {
    let value = json!({"type": kind, "name": name});
    let at = "/entries/-".to_owned();
    Some(Edit::Toc(Box::new(Edit::Insert { at, value })))
}
