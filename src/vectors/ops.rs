//! The operations that an implementation can be asked for: their inputs and the outputs of those who accept.
//!
//! The JSON of these types is what case files hold and what goes over the protocol. Names of fields are part of the
//! contract. Sizes and offsets are bytes; offsets count from the start of the blob.

mod drafts;
mod entry;
mod estargz;
mod operation;
mod tree;
mod wire;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::drafts::{BlobInput, ImageInput, ImageLayerOutput, ImageOutput};
pub use self::estargz::{
    EStargzFooterInput, EStargzFooterOutput, EStargzLayoutOutput, EStargzTocInput, EStargzTocOutput,
};
pub use self::operation::{Content, Op, Operation, Subject, Task};
pub use self::tree::{Lack, NodeTypeOutput, TreeEntryOutput, TreeOutput};
use super::bytes::{Bytes, BytesError, Decimal};
use crate::format::Dialect;

/// How an input's bytes are brought into one notation.
pub trait Input: Sized {
    /// The same input with all bytes as base64, as the protocol sends it.
    ///
    /// # Errors
    ///
    /// Bytes that cannot be decoded.
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        self.with_bytes(&mut |bytes| Ok(Bytes::base64(&bytes.decode(blob)?)))
    }

    /// The same input with what is made of all its bytes.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    fn with_bytes(&self, change: &mut dyn FnMut(&Bytes) -> Result<Bytes, BytesError>) -> Result<Self, BytesError>;
}

/// Input of `footer/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FooterInput {
    /// The last bytes of the blob: 72, or all of a smaller one.
    pub tail: Bytes,
    /// Size of the blob.
    pub blob_size: Decimal<u64>,
}

/// Where a payload lies, as output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionOutput {
    /// Of the payload, 8 bytes past the start of its skippable frame.
    pub offset: Decimal<u64>,
    /// Compressed length of the payload.
    pub length: Decimal<u64>,
    /// Declared length after decompression.
    pub uncompressed: Decimal<u64>,
}

/// The layouts of a footer, as output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LayoutOutput {
    /// 40 bytes of payload.
    V40,
    /// 56 bytes of payload.
    V56,
    /// 64 bytes of payload.
    V64,
}

/// Output of `footer/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FooterOutput {
    /// Which layout the footer has.
    pub layout: LayoutOutput,
    /// Where the TOC is.
    pub toc: PositionOutput,
    /// Where the tar-split is; null if the footer names none.
    pub tar_split: Option<PositionOutput>,
}

/// Input of `annotations/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotationsInput {
    /// The annotations of the layer's descriptor, other people's included.
    pub annotations: BTreeMap<String, String>,
}

/// Which index annotations name, as output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IndexOutput {
    /// No index: a plain layer.
    None,
    /// A zstd:chunked TOC.
    #[serde(rename = "zstd:chunked")]
    ZstdChunked,
    /// An eStargz TOC only.
    EStargz,
}

/// Output of `annotations/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotationsOutput {
    /// Which index the annotations name.
    pub index: IndexOutput,
    /// The digest that authenticates the index that is used: of the compressed TOC for zstd:chunked, of the uncompressed
    /// one for eStargz; null without an index.
    pub toc_digest: Option<String>,
    /// Where the TOC is; null for eStargz and without an index.
    pub toc: Option<PositionOutput>,
    /// Where the tar-split is; null if the annotations name none.
    pub tar_split: Option<PositionOutput>,
}

/// Input of `toc/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TocInput {
    /// The decompressed TOC.
    pub json: Bytes,
    /// The dialect of the layer that it comes from.
    pub dialect: Dialect,
}

/// Output of `toc/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TocOutput {
    /// `tarSplitDigest`; null if absent.
    pub tar_split_digest: Option<String>,
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<EntryOutput>,
}

/// The type of a TOC entry, as output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryTypeOutput {
    /// A regular file.
    Reg,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A hard link.
    Hardlink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A named pipe.
    Fifo,
}

/// The times of an output in the notation of JSON Schema.
const TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,8}[1-9])?Z$";

fn is_zero(number: &Decimal<i64>) -> bool {
    number.0 == 0
}

/// One entry of a TOC, in canonical form. Fields that do not apply or hold nothing are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryOutput {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EntryTypeOutput,
    /// The path from the root, cleaned: no leading or trailing slash, no empty, `.` or `..` component. The root itself is
    /// the empty string.
    pub name: String,
    /// The link target of a symbolic or hard link, as it stands in the TOC. Other types have none, whatever the TOC says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link_name: String,
    /// Permission bits with setuid, setgid and sticky bit, as in a tar header.
    pub mode: Decimal<i64>,
    /// The size as it stands in the TOC: of a regular file the bytes of its content. Types without content have none, but may
    /// repeat the size in their tar header.
    pub size: Decimal<u64>,
    /// Owner.
    pub uid: Decimal<i64>,
    /// Group.
    pub gid: Decimal<i64>,
    /// The owner's name (stargz), as it stands in this entry.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_name: String,
    /// The group's name (stargz), as it stands in this entry.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group_name: String,
    /// Modification time in UTC, RFC 3339, fraction of at most nine digits without trailing zeros, further digits dropped;
    /// absent if it is that of year 1 or of Unix 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIME))]
    pub modtime: Option<String>,
    /// Access time, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIME))]
    pub accesstime: Option<String>,
    /// Change time, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = TIME))]
    pub changetime: Option<String>,
    /// Major device number of a device; absent if it is 0. Other types have none, whatever the TOC says.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dev_major: Decimal<i64>,
    /// Minor device number, likewise.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dev_minor: Decimal<i64>,
    /// Extended attributes: name to padded standard base64 of the value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, String>,
    /// The digest of the content, as it stands in the TOC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Where the content is: a file that is not split has one chunk, an empty one none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<ChunkOutput>,
}

/// One chunk of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChunkOutput {
    /// Start of its frames in the blob.
    pub offset: Decimal<u64>,
    /// End of its frames in the blob; absent in TOCs of stargz, where the next entry's offset ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_offset: Option<Decimal<u64>>,
    /// Start in what the frames decode to (stargz), if not 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner_offset: Option<Decimal<u64>>,
    /// Start in the file.
    pub chunk_offset: Decimal<u64>,
    /// Bytes of content.
    pub size: Decimal<u64>,
    /// The digest of the chunk, as it stands in the TOC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether it is known to be all zeros.
    pub zeros: bool,
}

/// Input of `tarsplit/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TarSplitInput {
    /// The decompressed tar-split.
    pub json: Bytes,
}

/// Output of `tarsplit/parse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TarSplitOutput {
    /// The entries in their order; empty segments are left out.
    pub entries: Vec<TarSplitEntryOutput>,
}

/// One entry of a tar-split, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum TarSplitEntryOutput {
    /// Raw bytes of the tar, as padded standard base64.
    Segment(String),
    /// A tar entry.
    File(TarSplitFileOutput),
}

/// A file entry of a tar-split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TarSplitFileOutput {
    /// The name's bytes as padded standard base64.
    pub name: String,
    /// The header's size.
    pub size: Decimal<u64>,
    /// The CRC-64 of the content, 16 lower-case hexadecimal digits; absent without a payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64: Option<String>,
}

/// Input of `tarsplit/assemble`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssembleInput {
    /// The decompressed tar-split.
    pub tar_split: Bytes,
    /// The content of the files.
    pub files: Vec<FileInput>,
}

/// The content of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileInput {
    /// The name, as it stands in the tar-split.
    pub name: Bytes,
    /// The content.
    pub content: Bytes,
}

/// Input of `tarsplit/disassemble`, `layer/write` and `tar/list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TarInput {
    /// The tar.
    pub tar: Bytes,
}

/// What an implementation answers to `tarsplit/disassemble`. It is judged by the tar that comes back when it is assembled
/// with the files of the input; that tar is what a case expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisassembleAnswer {
    /// The uncompressed tar-split.
    pub tar_split: Bytes,
}

/// What an implementation answers to `layer/write`. The layer has to pass every rule, and is judged by the tar that it
/// decodes to; that tar is what a case expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteAnswer {
    /// The compressed layer.
    pub blob: Bytes,
    /// The annotations for its descriptor.
    pub annotations: BTreeMap<String, String>,
}

/// A tar, as output of `tarsplit/assemble`, `tarsplit/disassemble`, `layer/decompress` and `layer/write`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TarOutput {
    /// Its sha256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub size: Decimal<u64>,
}

/// Input of `layer/decompress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecompressInput {
    /// The compressed layer.
    pub blob: Bytes,
}

/// Input of `layer/index`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerIndexInput {
    /// The compressed layer.
    pub blob: Bytes,
    /// The annotations of its descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The media type of its descriptor; absent where the descriptor is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// Output of `layer/index`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerIndexOutput {
    /// The digest of the compressed TOC that was used.
    pub toc_digest: String,
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<EntryOutput>,
}

/// Input of `layer/reconstruct`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconstructInput {
    /// The compressed layer.
    pub blob: Bytes,
    /// The annotations of its descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The media type of its descriptor; absent where the descriptor is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The DiffID that the image names, `sha256:` and 64 hexadecimal digits; absent where the image is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_id: Option<String>,
}

/// Output of `layer/reconstruct`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconstructOutput {
    /// The digest of the compressed TOC that was used.
    pub toc_digest: String,
    /// The sha256 of the tar, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The size of the tar.
    pub size: Decimal<u64>,
}
