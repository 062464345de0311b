//! The parts of a layer, and a map of its frames.

use std::{collections::BTreeMap, io, sync::Arc};

use super::{
    LayerIndex, Located, Named, Source,
    causes::{Context, Ends},
    load,
    locate::examine,
    walk::{self, Walk},
};
use crate::format::{
    BlobKind, Extent, Findings,
    footer::TAIL,
    frames::{Frame, FrameKind},
};

/// What a frame of a layer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// A file's content, or a chunk of it.
    Content {
        /// The file's name, as the TOC has it.
        name: Arc<str>,
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
#[non_exhaustive]
pub struct Mapped {
    /// The frame.
    pub frame: Frame,
    /// What it is for.
    pub role: Role,
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
    /// The index.
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
    see: &mut dyn FnMut(Mapped) -> io::Result<()>,
) -> io::Result<Inspected> {
    let mut all = Findings::like(findings);
    let (named, located) = examine(source, &mut all)?;
    let index = match &located {
        Some(located) => load(source, located, &mut all)?,
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
    see: &mut dyn FnMut(Mapped) -> io::Result<()>,
) -> io::Result<()> {
    walk_over(source, located, index, findings, see).map(|_| ())
}

fn walk_over(
    source: &Source<'_>,
    located: Option<&Located>,
    index: Option<&LayerIndex>,
    findings: &mut Findings,
    see: &mut dyn FnMut(Mapped) -> io::Result<()>,
) -> io::Result<Ends> {
    let contents = contents(index);
    let mut content_end = 0;
    let mut ends = Ends::default();
    let starts = walk::starts(source.blob, located, index);
    let mut walk = Walk::new(source.blob, &starts);
    while let Some(frame) = walk.next_frame(findings)? {
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
        if walk::is_footer(source.blob, &frame)? {
            ends.footer = Some(frame.extent);
        }
        ends.last = Some(frame.extent.end());
        see(Mapped { frame, role })?;
    }
    ends.breaks = walk.breaks;
    Ok(ends)
}

/// The chunks of the TOC by the offset at which they begin, each with the offset at which it ends.
fn contents(index: Option<&LayerIndex>) -> BTreeMap<u64, (Role, u64)> {
    let entries = index.map_or(&[][..], |index| &index.toc.entries);
    let mut contents = BTreeMap::new();
    for entry in entries {
        // A long name with many chunks is kept once.
        let name: Arc<str> = entry.name.as_str().into();
        for chunk in &entry.chunks {
            let role = Role::Content {
                name: Arc::clone(&name),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Role, inspect};
    use crate::{
        forge::{EditInPlace as _, layer::Plan, tar::TarEntry},
        format::{Dialect, Findings, layer::Source},
    };

    /// A layer of 50 KB can have a name of a megabyte and a thousand chunks.
    #[test]
    fn chunks_share_the_name_of_their_file() {
        let file = TarEntry::file("file", "0123456789").edit(|entry| entry.chunks = vec![(6, false), (4, false)]);
        let layer = Plan::new(Dialect::G5, vec![file]).parts().payloads().place().layer();
        let blob = layer.blob.as_slice();
        let mut names = Vec::new();
        let source = Source::new(&blob, Some(&layer.annotations));
        inspect(&source, true, &mut Findings::new(), &mut |mapped| {
            if let Role::Content { name, .. } = mapped.role {
                names.push(name);
            }
            Ok(())
        })
        .unwrap();
        let [first, second] = &names[..] else {
            panic!("{names:?}")
        };
        assert!(Arc::ptr_eq(first, second));
    }
}
