//! The layer as a whole: its parts compared with each other.
//!
//! What a reader trusts goes in one direction. The image's manifest authenticates the annotations, these the TOC, the
//! TOC the tar-split and the content of every file; the footer is authenticated by nothing. Each step of this module
//! follows one of these arrows:
//!
//! ```text
//! annotations, footer --locate--> positions --load--> TOC, tar-split --+--verify-------> every broken rule
//!                                                                      +--reconstruct--> the tar, from ranges alone
//! ```
//!
//! [`verify()`] reads the whole blob, so it can also compare the plainly decoded tar with the index. [`reconstruct()`] reads
//! what a partial reader reads: the end of the blob, TOC, tar-split, and the ranges of the files.
//!
//! ```
//! use chunkproof::{format::{Findings, layer::{Source, verify}}, rules::Rule};
//!
//! let mut findings = Findings::new();
//! let text = b"this is a text, and no layer".as_slice();
//! let verified = verify(&Source::new(&text, None), &mut findings)?;
//! // What was made out is worth something only if nothing was reported.
//! assert!(verified.toc_digest.is_none() && findings.breaks(Rule::FooterFrame));
//! # Ok::<(), std::io::Error>(())
//! ```

mod ahead;
mod causes;
mod checksums;
mod compare;
mod content;
mod contents;
mod decode;
#[cfg(test)]
mod growth;
mod held;
mod index;
mod inspect;
mod jobs;
mod known;
mod locate;
mod media_type;
mod metadata;
mod plain;
mod ranges;
mod read;
mod reconstruct;
mod segments;
mod survey;
mod tar_split;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod threads;
mod verify;
mod walk;
mod work;

use std::{collections::BTreeMap, num::NonZeroUsize};

pub use self::{
    causes::explain,
    compare::compare,
    index::{Authority, LayerIndex, load},
    inspect::{Inspected, Mapped, Role, inspect, map},
    locate::{Located, Named, TocAuthority, locate},
    media_type::{Compression, check_media_type},
    ranges::{RangeReader, ReadFile},
    read::{Read, read},
    reconstruct::{Reconstructed, reconstruct},
    verify::{Verified, verify},
};
pub(crate) use self::{
    content::{ChunkContent, Mismatch, Seen, check_content},
    index::check_empty_files,
    ranges::{Reading, Step},
    reconstruct::{check_diff_id, rebuild},
    work::{READ_THROUGH, Work, check_work, range_key, report_exhausted},
};
use super::{Digest, Limits, ordered::default_threads, range::ReadAt};

/// A layer to look at: its blob and what is known about it from outside.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Source<'a> {
    /// The compressed layer.
    pub blob: &'a (dyn ReadAt + Sync),
    /// The annotations of its descriptor. Without them the footer is used, and nothing authenticates the index.
    pub annotations: Option<&'a BTreeMap<String, String>>,
    /// The media type of its descriptor, where that is known.
    pub media_type: Option<&'a str>,
    /// The digest that the image's configuration gives for the uncompressed tar.
    pub diff_id: Option<Digest>,
    /// What may be held in memory.
    pub limits: Limits,
    /// In how many threads data is decoded. What is found is the same for any number.
    pub threads: NonZeroUsize,
}

impl<'a> Source<'a> {
    /// This blob with these annotations, under the default limits.
    pub fn new(blob: &'a (dyn ReadAt + Sync), annotations: Option<&'a BTreeMap<String, String>>) -> Self {
        Self {
            blob,
            annotations,
            media_type: None,
            diff_id: None,
            limits: Limits::default(),
            threads: default_threads(),
        }
    }
}
