//! The tar-split: what a tar holds besides the content of its files.
//!
//! A layer is named by the digest of its tar, but a client stores files, and from files alone the tar cannot be made
//! again: block padding, the format of headers, the order of records are lost. The tar-split keeps all that. It is a
//! sequence of entries in the order of the tar:
//!
//! - a *segment* holds raw bytes of the tar. There is one for each header with its extension records, preceded by the
//!   padding of the file before it; after the last file come any number of segments (their limits depend on how the writer
//!   read its input) with the end-of-archive blocks and what follows them;
//! - a *file* stands for the content of one tar entry: its name, its size, and the CRC-64 of the content. Every tar entry
//!   has one, also those without content.
//!
//! Writing out the segments as they are, and the content of files in between, gives the tar. Each entry is a line of
//! JSON, as Go's `encoding/json` writes it, with these keys in this order:
//!
//! | key | value |
//! |---|---|
//! | `type` | 1 for a file, 2 for a segment |
//! | `name` | of a file; absent if empty |
//! | `name_raw` | of a file whose name is not UTF-8, instead of `name`: the bytes in base64 |
//! | `size` | of a file: the size in its header, even of types without content; absent if 0 |
//! | `payload` | base64: the bytes of a segment; the CRC of a file, big-endian, or null if the size is 0 |
//! | `position` | counts the entries from 0; no reader of Go's looks at it |
//!
//! - [`parse`] and [`Reader`] read the lines (JSN, TSP rules);
//! - [`check_segments`] holds segments and files against each other (SEG, TAR rules);
//! - [`assemble`] makes the tar (ASM rules);
//! - [`Disassembler`] makes the tar-split of a tar.

mod assemble;
mod check;
mod disassemble;
mod outline;
mod read;
#[cfg(test)]
mod tests;
mod write;

use super::Unread;

pub use self::{
    assemble::{Delivery, Files, assemble},
    check::check_segments,
    disassemble::Disassembler,
    outline::SEGMENT_LIMIT,
    read::{Reader, parse},
};
pub(in crate::format) use self::{
    check::Walk,
    disassemble::PIECE,
    outline::{Outline, Outlined},
    read::LineReader,
    write::Lines,
};

/// An entry of a tar-split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Raw bytes of the tar.
    Segment(Segment),
    /// The content of a tar entry.
    File(File),
    /// An entry on this line that could be either, or a segment whose bytes are not known: a rule is broken.
    Unusable(u64),
}

/// Raw bytes of the tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The bytes. There may be none.
    pub bytes: Vec<u8>,
    /// The line of the tar-split on which the entry begins, counted from 1.
    pub line: u64,
}

/// The place of a tar entry's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name, as the tar has it.
    pub name: Vec<u8>,
    /// The size in the tar header, in bytes.
    pub size: u64,
    /// The CRC-64 of the content; none without a payload.
    pub crc: Option<u64>,
    /// The line of the tar-split on which the entry begins, counted from 1.
    pub line: u64,
    /// What could not be read of it.
    pub unread: Unread,
}

impl File {
    /// The name as messages show it.
    fn shown(&self) -> String {
        shown(&self.name)
    }
}

/// A name as messages show it: quoted, and cut short.
fn shown(name: &[u8]) -> String {
    super::ByteExcerpt(name).to_string()
}
