//! The parts of a layer, and a map of its frames.

use std::io;

use super::{
    LayerIndex, Located, Named, Source,
    causes::{Context, Ends},
    index::load_summary,
    locate::examine,
    walk::{self, Walk},
};
use crate::format::{
    BlobKind, Extent, Findings,
    footer::TAIL,
    frames::{Frame, FrameKind},
    toc::{Chunk, Entry},
};

/// What a frame of a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role<'a> {
    /// A file's content, or a chunk of it.
    Content {
        /// The file's name, as the TOC has it.
        name: &'a str,
        /// Start of the chunk in the file, in bytes.
        file_offset: u64,
        /// Bytes of content in the chunk.
        size: u64,
        /// Whether the TOC says that they are all zero.
        zeros: bool,
    },
    /// A further frame of the content before it.
    Continued,
    /// Headers, padding, or the end of the archive.
    Headers,
    /// A data frame of which nothing is known, since there is no TOC to read.
    Data,
    /// The TOC.
    Toc,
    /// The tar-split.
    TarSplit,
    /// The footer.
    Footer,
    /// A skippable frame that no part of the index is in.
    Skipped,
}

/// One line of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapped<'a> {
    /// The frame.
    pub frame: Frame,
    /// What it is for.
    pub role: Role<'a>,
}

/// What [`inspect`] found.
#[non_exhaustive]
pub struct Inspected {
    /// What the blob is instead, where it is not a zstd:chunked layer.
    pub other: Option<BlobKind>,
    /// What footer and annotations name.
    pub named: Named,
    /// Where the index is.
    pub located: Option<Located>,
    /// The index, without the entries of the tar-split.
    pub index: Option<LayerIndex>,
}

/// Finds and loads the index as [`verify`](super::verify()) does, and hands out a map of the frames if `is_mapped`: the map
/// needs the header of every block, which is nearly the whole blob.
///
/// # Errors
///
/// The blob cannot be read, or `see` fails.
pub fn inspect(
    source: &Source<'_>,
    is_mapped: bool,
    findings: &mut Findings,
    see: &mut dyn FnMut(Mapped<'_>) -> io::Result<()>,
) -> io::Result<Inspected> {
    let mut all = Findings::like(findings);
    let (named, located) = examine(source, &mut all)?;
    let index = match &located {
        Some(located) => load_summary(source, located, &mut all)?,
        None => None,
    };
    let ends = if is_mapped {
        Some(walk_over(source, located.as_ref(), index.as_ref(), &mut all, see)?)
    } else {
        None
    };
    let context = Context {
        source,
        named: &named,
        index: index.as_ref(),
        ends: ends.as_ref(),
    };
    let other = context.explain(all, findings)?;
    Ok(Inspected {
        other,
        named,
        located,
        index,
    })
}

/// Walks over the frames of a layer and tells what each is for, as far as the index tells.
///
/// Rules: FRM-01 and FRM-02. After a broken frame the map goes on where the index has another one.
///
/// # Errors
///
/// The blob cannot be read, or `see` fails.
pub fn map(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&LayerIndex>,
    findings: &mut Findings,
    see: &mut dyn FnMut(Mapped<'_>) -> io::Result<()>,
) -> io::Result<()> {
    walk_over(source, located, index, findings, see).map(|_| ())
}

fn walk_over(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&LayerIndex>,
    findings: &mut Findings,
    see: &mut dyn FnMut(Mapped<'_>) -> io::Result<()>,
) -> io::Result<Ends> {
    let contents = Contents::of(index);
    let mut content_end = 0;
    let mut ends = Ends::default();
    let starts = walk::starts(source.blob, located, index);
    let mut walk = Walk::new(source.blob, &starts);
    while let Some(frame) = walk.next_frame(findings)? {
        let start = frame.extent.offset();
        let role = match frame.kind {
            FrameKind::Skippable { payload, .. } => skippable_role(payload, source.blob.size(), located),
            FrameKind::Data(_) => match contents.at(start) {
                Some((entry, chunk)) => {
                    content_end = chunk.end.unwrap_or(chunk.offset);
                    Role::Content {
                        name: &entry.name,
                        file_offset: chunk.file_offset,
                        size: chunk.size,
                        zeros: chunk.zeros,
                    }
                }
                None if start < content_end => Role::Continued,
                None if index.is_some() => Role::Headers,
                None => Role::Data,
            },
        };
        if walk::is_footer(source.blob, &frame)? {
            ends.footer = Some(frame.extent);
        }
        ends.last = Some(frame.extent.end());
        see(Mapped { frame, role })?;
    }
    ends.breaks = walk.breaks;
    Ok(ends)
}

/// The chunks of a TOC by the offset at which they begin.
struct Contents<'a> {
    chunks: Vec<(&'a Entry, &'a Chunk)>,
}

impl<'a> Contents<'a> {
    fn of(index: Option<&'a LayerIndex>) -> Self {
        let entries = index.map_or(&[][..], |index| &index.toc.entries);
        let each = entries
            .iter()
            .flat_map(|entry| entry.chunks.iter().map(move |chunk| (entry, chunk)));
        let mut chunks: Vec<_> = each.collect();
        chunks.sort_by_key(|(_, chunk)| chunk.offset);
        Self { chunks }
    }

    /// The last one of the TOC that begins here.
    fn at(&self, offset: u64) -> Option<(&'a Entry, &'a Chunk)> {
        let end = self.chunks.partition_point(|(_, chunk)| chunk.offset <= offset);
        let last = self.chunks.get(end.checked_sub(1)?)?;
        (last.1.offset == offset).then_some(*last)
    }
}

fn skippable_role(payload: Extent, blob_size: u64, located: Option<&Located>) -> Role<'static> {
    match located {
        Some(located) if located.toc.extent == payload => Role::Toc,
        Some(located) if located.tar_split.is_some_and(|tar_split| tar_split.extent == payload) => Role::TarSplit,
        Some(located) if located.footer.is_some() && payload.end() == blob_size && payload.length() < TAIL => {
            Role::Footer
        }
        _ => Role::Skipped,
    }
}
