//! eStargz: the older format with lazily readable gzip layers, by stargz-snapshotter.
//!
//! The tar is cut into gzip members as a zstd:chunked layer is into frames. The TOC is the same JSON, as a file
//! `stargz.index.json` in a tar of its own, in a gzip member before the footer; the footer is an empty gzip member whose
//! header has a field with the TOC's offset:
//!
//! ```text
//! [member: headers] [member: content, padding, headers] ... | [member: tar of the TOC] | [empty member: footer]
//! ```
//!
//! Decompressing all members gives the bytes of which the DiffID is the digest. Where the library writes the tar anew it
//! leaves out the end-of-archive blocks, and the TOC is the last file of the tar. Where it keeps the tar as it was
//! (`AppendTarLossLess`, as BuildKit does), the end-of-archive blocks are before the TOC, and readers of the tar do not
//! see it. With an external TOC the member of the TOC is a blob of its own, and the footer says so. What authenticates
//! the TOC is an annotation with the digest of its JSON.
//!
//! A range has no end of its own: it goes on to the next offset in the TOC, and begins, after the inner offset, with the
//! content. What the specification says of data frames holds for gzip members here.

mod entries;
mod footer;
mod index;
mod members;
mod ranges;
mod unpack;
mod verify;

use crate::format::range::ReadAt;

pub use self::{
    entries::{Landmark, check_landmark},
    footer::{Footer, Layout, TAIL, parse as parse_footer},
    index::{EStargzIndex, load, load_footer, load_toc, parse_toc},
    members::{Member, map},
    verify::{Verified, verify},
};

/// The name of the TOC in the tar.
pub const TOC_NAME: &str = "stargz.index.json";

/// The first bytes of a gzip member.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether a blob begins as a gzip member does, and so is eStargz or nothing that has an index.
///
/// # Errors
///
/// The blob cannot be read.
pub fn is_gzip(blob: &dyn ReadAt) -> std::io::Result<bool> {
    let mut magic = [0; 2];
    if blob.size() < 2 {
        return Ok(false);
    }
    blob.read_exact_at(&mut magic, 0)?;
    Ok(magic == MAGIC)
}
