//! The reference implementation: one module per piece of the format, named as the specification names it.
//!
//! The code is strict and sans-I/O: parsers take bytes, and what needs positioned reads takes a [`range::ReadAt`]. A
//! parser reports every broken rule it can to a [`Findings`] and returns what it could still make out; input is
//! acceptable when nothing was reported. No input makes it panic, allocate from a length that was not checked, or recurse.
//!
//! The [`writer`] is held to what the parsers find: it makes layers without findings, or none.

mod amount;
mod blob_kind;
mod dialect;
mod digest;
mod excerpt;
mod finding;
mod limits;
mod matched;
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
#[cfg_attr(not(feature = "planted"), doc(hidden))]
pub mod planted;
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
