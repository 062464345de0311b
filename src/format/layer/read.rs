//! The index by itself, as a reader has it before it fetches any data.

use std::io;

use super::{LayerIndex, Located, Source, index::load_listing, locate};
use crate::format::Findings;

/// An index of which no rule is broken that can be checked without reading data.
#[non_exhaustive]
pub struct Read {
    /// Where it is.
    pub located: Located,
    /// The index.
    pub index: LayerIndex,
}

/// Finds and loads the index; none if a rule is broken.
///
/// Rules: those of [`locate`] and [`load`](super::load). A tar-split that nothing authenticates is not read, and nothing is kept of
/// one that is.
///
/// # Errors
///
/// The blob cannot be read.
pub fn read(source: &Source<'_>, findings: &mut Findings) -> io::Result<Option<Read>> {
    let Some(located) = locate(source, findings)? else {
        return Ok(None);
    };
    let index = load_listing(source, &located, findings)?;
    Ok(index
        .filter(|_| findings.is_empty())
        .map(|index| Read { located, index }))
}
