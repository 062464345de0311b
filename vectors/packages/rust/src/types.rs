//! Inputs and outputs of the operations. Fields have the names of the case files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{bytes::Bytes, decimal};

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The end of a zstd:chunked blob.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FooterInput {
    /// The last 72 bytes of the blob, or all of a smaller one.
    pub tail: Bytes,
    /// The size of the blob.
    #[serde(with = "decimal")]
    pub blob_size: u64,
}

/// Where a payload is in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Of the payload, 8 bytes past the start of its skippable frame.
    #[serde(with = "decimal")]
    pub offset: u64,
    /// Compressed length.
    #[serde(with = "decimal")]
    pub length: u64,
    /// Declared length after decompression.
    #[serde(with = "decimal")]
    pub uncompressed: u64,
}

/// What a footer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FooterOutput {
    /// `v40`, `v56` or `v64`.
    pub layout: String,
    /// Where the TOC is.
    pub toc: Position,
    /// Where the tar-split is; none if the footer names none.
    pub tar_split: Option<Position>,
}

/// The annotations of a descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AnnotationsInput {
    /// All of them, other people's included.
    pub annotations: BTreeMap<String, String>,
}

/// What annotations say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotationsOutput {
    /// `none`, `zstd:chunked` or `estargz`.
    pub index: String,
    /// The digest that authenticates the index.
    pub toc_digest: Option<String>,
    /// Where the TOC is; none for eStargz and without an index.
    pub toc: Option<Position>,
    /// Where the tar-split is; none if the annotations name none.
    pub tar_split: Option<Position>,
}

/// A decompressed TOC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TocInput {
    /// The TOC.
    pub json: Bytes,
    /// The dialect of its layer.
    pub dialect: String,
}

/// What a TOC says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocOutput {
    /// `tarSplitDigest`; none if absent.
    pub tar_split_digest: Option<String>,
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<Entry>,
}

/// An entry of a TOC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `reg`, `dir`, `symlink`, `hardlink`, `char`, `block` or `fifo`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The path from the root, cleaned.
    pub name: String,
    /// The target of a link.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link_name: String,
    /// Permission bits.
    #[serde(with = "decimal")]
    pub mode: i64,
    /// The size.
    #[serde(with = "decimal")]
    pub size: u64,
    /// Owner.
    #[serde(with = "decimal")]
    pub uid: i64,
    /// Group.
    #[serde(with = "decimal")]
    pub gid: i64,
    /// The owner's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_name: String,
    /// The group's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group_name: String,
    /// UTC as in RFC 3339, with at most nine digits of a fraction and no trailing zeros in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modtime: String,
    /// Access time, likewise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accesstime: String,
    /// Change time, likewise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub changetime: String,
    /// Major device number.
    #[serde(default, skip_serializing_if = "is_zero", with = "decimal")]
    pub dev_major: i64,
    /// Minor device number.
    #[serde(default, skip_serializing_if = "is_zero", with = "decimal")]
    pub dev_minor: i64,
    /// Extended attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, Bytes>,
    /// The digest of the content, as the TOC has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Where the content is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<Chunk>,
}

/// A chunk of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The start of its frames in the blob.
    #[serde(with = "decimal")]
    pub offset: u64,
    /// The end of its frames in the blob.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub end_offset: Option<u64>,
    /// The start in what the frames decode to, if not 0.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub inner_offset: Option<u64>,
    /// The start in the file.
    #[serde(with = "decimal")]
    pub chunk_offset: u64,
    /// Bytes of content.
    #[serde(with = "decimal")]
    pub size: u64,
    /// The digest, as the TOC has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether it is known to be all zeros.
    pub zeros: bool,
}

/// A decompressed tar-split.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TarSplitInput {
    /// The tar-split.
    pub json: Bytes,
}

/// What a tar-split says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TarSplitOutput {
    /// The entries in their order, without empty segments.
    pub entries: Vec<TarSplitEntry>,
}

/// An entry of a tar-split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TarSplitEntry {
    /// Raw bytes of the tar.
    Segment(Bytes),
    /// An entry of the tar.
    File(TarSplitFile),
}

/// A file entry of a tar-split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TarSplitFile {
    /// The name.
    pub name: Bytes,
    /// The size of the header.
    #[serde(with = "decimal")]
    pub size: u64,
    /// 16 lower-case hexadecimal digits; none without a payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64: Option<String>,
}

/// A decompressed tar-split with the content of its files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AssembleInput {
    /// The tar-split.
    pub tar_split: Bytes,
    /// The files.
    pub files: Vec<File>,
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The name, as the tar-split has it.
    pub name: Bytes,
    /// The content.
    pub content: Bytes,
}

/// A tar.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TarInput {
    /// The tar.
    pub tar: Bytes,
}

/// A tar by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TarOutput {
    /// 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The size.
    #[serde(with = "decimal")]
    pub size: u64,
}

/// A compressed layer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DecompressInput {
    /// The layer.
    pub blob: Bytes,
}

/// A layer with what its descriptor says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct IndexInput {
    /// The layer.
    pub blob: Bytes,
    /// The annotations of its descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The media type of its descriptor; none where the descriptor is not known.
    #[serde(default)]
    pub media_type: Option<String>,
}

/// The index of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexOutput {
    /// The digest of the index that was used.
    pub toc_digest: String,
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<Entry>,
}

/// A layer with what its descriptor and its image say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ReconstructInput {
    /// The layer.
    pub blob: Bytes,
    /// The annotations of its descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The media type of its descriptor; none where the descriptor is not known.
    #[serde(default)]
    pub media_type: Option<String>,
    /// The DiffID; none where the image is not known.
    #[serde(default)]
    pub diff_id: Option<String>,
}

/// The tar of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconstructOutput {
    /// The digest of the TOC that was used.
    pub toc_digest: String,
    /// The sha256 of the tar, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The size of the tar.
    #[serde(with = "decimal")]
    pub size: u64,
}

/// The end of an eStargz blob.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct EStargzFooterInput {
    /// The last 51 bytes of the blob, or all of a smaller one.
    pub tail: Bytes,
    /// The size of the blob.
    #[serde(with = "decimal")]
    pub blob_size: u64,
}

/// What a footer of eStargz says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EStargzFooterOutput {
    /// `estargz`, `legacy` or `external`.
    pub layout: String,
    /// Where the gzip member of the TOC starts; none if the TOC is external.
    #[serde(with = "decimal::option")]
    pub toc_offset: Option<u64>,
}

/// A TOC of eStargz.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct EStargzTocInput {
    /// The TOC out of its gzip member and its tar.
    pub json: Bytes,
}

/// What a TOC of eStargz says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EStargzTocOutput {
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<Entry>,
}

/// The tree that a reader of tars creates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeOutput {
    /// The entries in the order of the bytes of their paths, each path once.
    pub entries: Vec<TreeEntry>,
}

/// One path of a tree. What does not apply to its type is none or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeEntry {
    /// The path from the root, cleaned, and empty for the root.
    pub path: Bytes,
    /// `reg`, `dir`, `symlink`, `char`, `block` or `fifo`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The size of a regular file.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub size: Option<u64>,
    /// The sha256 of the content of a regular file, 64 lower-case hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The target of a symbolic link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Bytes>,
    /// Permission bits; none of a symbolic link.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub mode: Option<i64>,
    /// Owner.
    #[serde(with = "decimal")]
    pub uid: i64,
    /// Group.
    #[serde(with = "decimal")]
    pub gid: i64,
    /// Seconds since 1970 in decimal, with at most nine digits of a fraction and no trailing zeros in it.
    pub mtime: String,
    /// Major number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub dev_major: Option<i64>,
    /// Minor number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::option")]
    pub dev_minor: Option<i64>,
    /// Extended attributes: values by the base64 of their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, Bytes>,
}
