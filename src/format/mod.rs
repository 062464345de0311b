//! The reference implementation: one module per piece of the format, named as the specification names it.
//!
//! This is the diagnostic way to read, for the suite and for people who look at a broken layer. A program that wants a layer
//! uses the strict library at the root of the crate, [`Layer`](crate::Layer) and its like, which returns a `Result`.
//!
//! The code is strict and sans-I/O: parsers take bytes, and what needs positioned reads takes a [`range::ReadAt`]. A
//! parser reports every broken rule it can to a [`Findings`] and returns what it could still make out; input is
//! acceptable when nothing was reported. **What a parser returns proves nothing by itself**: look at the findings first.
//! No input makes a parser panic, allocate from a length that was not checked, or recurse.
//!
//! The [`writer`] is held to what the parsers find: it makes layers without findings, or none.
//!
//! ```
//! use chunkproof::{format::{Findings, footer}, rules::Rule};
//!
//! let mut findings = Findings::new();
//! let footer = footer::parse(&[0; 72], 72, &mut findings);
//! assert!(footer.is_none() && findings.breaks(Rule::FooterFrame));
//! ```

mod amount;
mod blob_kind;
mod dialect;
mod digest;
mod excerpt;
mod finding;
mod limits;
mod matched;
mod ordered;
mod position;
mod unread;

pub mod annotations;
pub mod crc64;
pub mod estargz;
pub mod footer;
pub mod frames;
pub mod json;
pub mod layer;
pub mod path;
pub mod payload;
pub mod range;
pub mod rollsum;
pub mod tar;
pub mod tarsplit;
pub mod time;
pub mod toc;
pub mod writer;

pub(crate) use self::{
    amount::Bytes,
    excerpt::{ByteExcerpt, Excerpt},
};
pub use self::{
    blob_kind::BlobKind,
    dialect::{Dialect, Dialects},
    digest::{Digest, DigestError},
    finding::{Finding, Findings, Place, Region},
    limits::Limits,
    matched::{Compared, Matched},
    position::{Extent, Position},
    unread::{Part, Unread},
};

/// The length of bytes in memory, as offsets and lengths of the format are counted.
pub(crate) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
