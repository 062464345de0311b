//! Entries of a TOC in the form of outputs: the one form to which every spelling of an entry leads.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{ChunkOutput, EntryOutput, EntryTypeOutput};
use crate::{
    format::{
        Digest,
        time::Timestamp,
        toc::{Chunk, Entry, EntryKind},
    },
    vectors::bytes::Decimal,
};

/// An entry of a TOC in canonical form.
impl From<&Entry> for EntryOutput {
    fn from(entry: &Entry) -> Self {
        let is_link = matches!(entry.kind, EntryKind::Symlink | EntryKind::Hardlink);
        let is_device = matches!(entry.kind, EntryKind::CharDevice | EntryKind::BlockDevice);
        let device_number = |number| Decimal(if is_device { number } else { 0 });
        Self {
            kind: match entry.kind {
                EntryKind::Regular => EntryTypeOutput::Reg,
                EntryKind::Directory => EntryTypeOutput::Dir,
                EntryKind::Symlink => EntryTypeOutput::Symlink,
                EntryKind::Hardlink => EntryTypeOutput::Hardlink,
                EntryKind::CharDevice => EntryTypeOutput::Char,
                EntryKind::BlockDevice => EntryTypeOutput::Block,
                EntryKind::Fifo => EntryTypeOutput::Fifo,
            },
            name: entry.path().to_owned(),
            link_name: if is_link {
                entry.link_name().to_owned()
            } else {
                String::new()
            },
            mode: Decimal(entry.mode()),
            size: Decimal(entry.size),
            uid: Decimal(entry.uid()),
            gid: Decimal(entry.gid()),
            user_name: entry.user_name().to_owned(),
            group_name: entry.group_name().to_owned(),
            modtime: entry.modtime.as_ref().map(Timestamp::to_string),
            accesstime: entry.accesstime().as_ref().map(Timestamp::to_string),
            changetime: entry.changetime().as_ref().map(Timestamp::to_string),
            dev_major: device_number(entry.dev_major()),
            dev_minor: device_number(entry.dev_minor()),
            xattrs: entry
                .xattrs()
                .iter()
                .map(|(name, value)| (name.clone(), STANDARD.encode(value)))
                .collect(),
            digest: entry.digest.as_ref().map(Digest::to_string),
            chunks: entry.chunks.iter().map(ChunkOutput::from).collect(),
        }
    }
}

impl From<&Chunk> for ChunkOutput {
    fn from(chunk: &Chunk) -> Self {
        Self {
            offset: Decimal(chunk.offset),
            end_offset: chunk.end.map(Decimal),
            inner_offset: Some(chunk.inner_offset).filter(|&offset| offset > 0).map(Decimal),
            chunk_offset: Decimal(chunk.file_offset),
            size: Decimal(chunk.size),
            digest: chunk.digest.as_ref().map(Digest::to_string),
            zeros: chunk.zeros,
        }
    }
}
