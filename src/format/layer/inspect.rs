//! A map of the blob: every frame and what it is for.

use std::{collections::BTreeMap, io};

use super::{Index, Located, Source};
use crate::format::{
    Extent, Findings,
    footer::TAIL,
    frames::{Frame, FrameKind, Walker},
};

/// What a frame of a layer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A file's content, or a chunk of it.
    Content {
        /// The file's name, as the TOC has it.
        name: String,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The frame.
    pub frame: Frame,
    /// What it is for.
    pub role: Role,
}

/// Walks over the frames of a layer and says what each is for, as far as the index tells.
///
/// Rules: FRM-01 and FRM-02, after which the map ends.
///
/// # Errors
///
/// The blob cannot be read, or `see` fails.
pub fn map(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&Index>,
    findings: &mut Findings,
    see: &mut dyn FnMut(Mapped) -> io::Result<()>,
) -> io::Result<()> {
    let Some(extent) = Extent::new(0, source.blob.size()) else {
        return Ok(());
    };
    let contents = contents(index);
    let mut content_end = 0;
    let mut walker = Walker::new(source.blob, extent);
    while let Some(frame) = walker.next_frame(findings)? {
        let start = frame.extent.offset();
        let role = match frame.kind {
            FrameKind::Skippable { payload, .. } => skippable_role(payload, source.blob.size(), located),
            FrameKind::Data(_) => match contents.get(&start) {
                Some((role, end)) => {
                    content_end = *end;
                    role.clone()
                }
                None if start < content_end => Role::Continued,
                None if index.is_some() => Role::Headers,
                None => Role::Data,
            },
        };
        see(Mapped { frame, role })?;
    }
    Ok(())
}

/// The chunks of the TOC by the offset at which they begin, each with the offset at which it ends.
fn contents(index: Option<&Index>) -> BTreeMap<u64, (Role, u64)> {
    let entries = index.map_or(&[][..], |index| &index.toc.entries);
    let mut contents = BTreeMap::new();
    for entry in entries {
        for chunk in &entry.chunks {
            let role = Role::Content {
                name: entry.name.clone(),
                file_offset: chunk.file_offset,
                size: chunk.size,
                zeros: chunk.zeros,
            };
            contents.insert(chunk.offset, (role, chunk.end.unwrap_or(chunk.offset)));
        }
    }
    contents
}

fn skippable_role(payload: Extent, blob_size: u64, located: Option<&Located>) -> Role {
    match located {
        Some(located) if located.toc.extent == payload => Role::Toc,
        Some(located) if located.tar_split.is_some_and(|tar_split| tar_split.extent == payload) => Role::TarSplit,
        Some(located) if located.footer.is_some() && payload.end() == blob_size && payload.length() < TAIL => {
            Role::Footer
        }
        _ => Role::Skipped,
    }
}
