//! The operations about eStargz.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bytes, Decimal, EntryOutput};

/// Input of `estargz/footer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EStargzFooterInput {
    /// The last bytes of the blob: 51, or all of a smaller one.
    pub tail: Bytes,
    /// Size of the blob.
    pub blob_size: Decimal<u64>,
}

/// The layouts of a footer of eStargz, as output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EStargzLayoutOutput {
    /// 51 bytes.
    EStargz,
    /// 47 bytes.
    Legacy,
    /// 46 bytes: the TOC is a blob of its own.
    External,
}

/// Output of `estargz/footer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EStargzFooterOutput {
    /// Which layout the footer has.
    pub layout: EStargzLayoutOutput,
    /// Offset in the blob of the TOC's gzip member; null if the TOC is external.
    pub toc_offset: Option<Decimal<u64>>,
}

/// Input of `estargz/toc`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EStargzTocInput {
    /// The TOC out of its gzip member and its tar.
    pub json: Bytes,
}

/// Output of `estargz/toc`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EStargzTocOutput {
    /// The entries in their order, chunks folded into their files.
    pub entries: Vec<EntryOutput>,
}
