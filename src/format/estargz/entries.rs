//! What a TOC of eStargz has to keep to beyond the rules of every TOC.

use crate::{
    format::{
        Bytes, Digest, Findings, Part, Place,
        toc::{Entry, EntryKind, Toc},
    },
    rules::Rule,
};

use super::TOC_NAME;

/// The content of a landmark.
const CONTENT: &[u8] = &[0x0f];

/// Entries that tell a client what to fetch first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Landmark {
    /// `.prefetch.landmark`: the data before it.
    Prefetch,
    /// `.no.prefetch.landmark`: nothing.
    NoPrefetch,
}

impl Landmark {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Prefetch, Self::NoPrefetch];

    /// The name of the entry, at the root.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prefetch => ".prefetch.landmark",
            Self::NoPrefetch => ".no.prefetch.landmark",
        }
    }
}

/// Checks the landmark of a layer that stargz wrote, with gzip or with zstd, and returns it.
///
/// The digests represent the content: a reader of the data compares the two.
///
/// Rule: ESG-05.
pub fn check_landmark(toc: &Toc, findings: &mut Findings) -> Option<Landmark> {
    let right = Digest::of(CONTENT);
    let mut first = None;
    for entry in &toc.entries {
        let Some(landmark) = Landmark::ALL
            .into_iter()
            .find(|landmark| landmark.name() == entry.path())
        else {
            continue;
        };
        let wrong = entry
            .digest
            .into_iter()
            .chain(entry.chunks.iter().filter_map(|chunk| chunk.digest))
            .find(|&digest| digest != right);
        let problem = if entry.kind != EntryKind::Regular {
            Some(format!("the landmark is of type {}, expected reg", entry.kind.name()))
        } else if entry.size != 1 && !entry.unread.has(Part::Size) {
            Some(format!("the landmark has {}, expected 1", Bytes(entry.size)))
        } else if let Some(digest) = wrong {
            Some(format!(
                "the digest of the landmark is {digest}, expected {right}, that of the byte 0x0f"
            ))
        } else if first.is_some() {
            Some("the layer has a second landmark, expected at most one".to_owned())
        } else {
            None
        };
        if let Some(problem) = problem {
            findings.report(Rule::Landmark, Place::File(entry.name.clone()), problem);
        }
        first = first.or(Some(landmark));
    }
    first
}

/// Reports an entry that has the name of the TOC.
///
/// Rule: ESG-07.
pub(super) fn check_names(toc: &Toc, findings: &mut Findings) {
    for entry in toc.entries.iter().filter(|entry| entry.path() == TOC_NAME) {
        findings.report(
            Rule::EStargzName,
            Place::Pointer(format!("/entries/{}/name", entry.index)),
            format!("the TOC lists an entry {TOC_NAME}, a name that is reserved for the TOC"),
        );
    }
}

/// Reports the first range that does not begin after the one before it in the TOC.
///
/// Rule: ESG-08.
pub(super) fn check_order(toc: &Toc, findings: &mut Findings) {
    let mut before: Option<(u64, u64)> = None;
    for entry in &toc.entries {
        for (number, chunk) in entry.chunks.iter().enumerate() {
            let ordered = before.is_none_or(|(offset, inner_end)| {
                chunk.offset > offset || (chunk.offset == offset && chunk.inner_offset >= inner_end)
            });
            if !ordered {
                findings.report(
                    Rule::EStargzOrder,
                    place(entry),
                    disorder(number, chunk.offset, chunk.inner_offset, before),
                );
                return;
            }
            before = Some((chunk.offset, chunk.inner_offset.saturating_add(chunk.size)));
        }
    }
}

fn place(entry: &Entry) -> Place {
    Place::Pointer(format!("/entries/{}", entry.index))
}

fn disorder(number: usize, offset: u64, inner: u64, before: Option<(u64, u64)>) -> String {
    let (last, inner_end) = before.unwrap_or_default();
    format!(
        "chunk {number} of the file begins at offset {offset}, inner offset {inner}, expected it after the chunk before it \
         in the TOC, which is at offset {last} and ends at inner offset {inner_end}"
    )
}
