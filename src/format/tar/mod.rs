//! Tar, as tar-split reads it.
//!
//! A tar is a sequence of entries. Each is a header block of 512 bytes, content, and padding to the next multiple of 512.
//! Extension headers go before the header that they extend: PAX (`x`, and `g` for all entries after it), and GNU's long
//! names (`L`) and link names (`K`). Two blocks of zeros end the archive. What follows them is opaque: of any length,
//! and part of the tar all the same.
//!
//! tar-split and containers/storage read tars with a copy of Go's `archive/tar`, and what they index is what that reader
//! sees. This one accepts what that one accepts, with the same values. In particular:
//!
//! - Links, devices, directories and fifos have no content, whatever their size says.
//! - A type flag of NUL is a directory if the name ends in a slash, else a regular file; every unknown one is a file.
//! - The last of several extension headers of a kind counts; a GNU long name wins over a PAX path.
//! - A global PAX header is an entry by itself, and changes nothing in the entries after it.
//! - The end-of-archive blocks may be missing, or be a single one. The padding of the last entry, which may be a global
//!   PAX header, may be missing or short. But a block that is cut short is an error even if it is all zeros, and so is a
//!   single block of zeros before another block.
//!
//! It differs in four points: a negative size is refused on every type (TAR-01; Go lets it pass on types without
//! content), sparse files are refused (TAR-05; Go expands them, so that the tar cannot be given back), an archive that ends
//! between an extension header and the header that it extends is refused (TAR-04; Go and its tar-split drop those bytes),
//! and short padding is kept (Go's tar-split loses it).

use std::collections::BTreeMap;

use super::{Unread, time::Timestamp};

mod ambiguity;
#[cfg(test)]
pub(super) mod build;
mod header;
mod nodes;
mod pax;
mod scanner;
#[cfg(test)]
mod tests;
mod tree;

use self::ambiguity::Extensions;
pub use self::{
    ambiguity::{Ambiguities, Ambiguity, Inspection, Inspector, Point},
    scanner::Scanner,
    tree::{NAME_LIMIT, Node, NodeKind, PATH_LIMIT, Tree},
};

/// Bytes of a block.
pub const BLOCK: usize = 512;

/// Most bytes in the body of an extension header (TAR-03).
pub const EXTENSION_LIMIT: u64 = 1 << 20;

/// Most bytes in all extension headers before one header, with their bodies and padding (TAR-06).
pub const EXTENSIONS_LIMIT: u64 = 4 << 20;

/// A tar entry: a header with what its extension records say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The type flag. NUL has become `0` or `5`.
    pub typeflag: u8,
    /// The name.
    pub name: Vec<u8>,
    /// The target of a hard link or symbolic link.
    pub link_name: Vec<u8>,
    /// Mode bits as stored.
    pub mode: i64,
    /// Owner.
    pub uid: i64,
    /// Group.
    pub gid: i64,
    /// The size that the header gives, in bytes, also where there is no content.
    pub size: u64,
    /// Bytes of content in the tar: the size, or 0 for types that have none.
    pub content: u64,
    /// The owner's name.
    pub user_name: Vec<u8>,
    /// The group's name.
    pub group_name: Vec<u8>,
    /// Modification time; none only in a global PAX header.
    pub modtime: Option<Timestamp>,
    /// Access time, where the format has one.
    pub accesstime: Option<Timestamp>,
    /// Change time, where the format has one.
    pub changetime: Option<Timestamp>,
    /// Major device number.
    pub dev_major: i64,
    /// Minor device number.
    pub dev_minor: i64,
    /// Values of the PAX records `SCHILY.xattr.*` by the rest of their key, empty values included.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Where its first header block is, in bytes from the start of the tar.
    pub offset: u64,
    /// What could not be read of it.
    pub unread: Unread,
    /// What tar readers differ about in its headers. An [`Inspection`] adds the rest.
    pub(super) points: Vec<Point>,
}

/// What a [`Scanner`] saw, in the order of the tar.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Bytes that are no file's content: headers, extension records, padding, end-of-archive blocks and what follows.
    /// Together, these are the segments of a tar-split.
    Raw(&'a [u8]),
    /// A header is complete. Its last byte was the last one of the `Raw` before.
    Entry(Box<Entry>),
    /// Bytes of the current entry's content.
    Content(&'a [u8]),
    /// The content of the current entry is complete. Of an entry without content this follows at once.
    ContentEnd,
    /// Two blocks of zeros have ended the archive. Every byte from here on is `Raw`.
    ArchiveEnd,
}

/// What a [`Scanner`] expects next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expecting {
    /// A header or the end of the archive.
    Header,
    /// The rest of a header or of the extension headers before it.
    HeaderRest,
    /// This many bytes of content.
    Content {
        /// Bytes that are left.
        left: u64,
    },
    /// This many bytes of padding, then a header.
    Padding {
        /// Bytes that are left.
        left: u64,
    },
    /// The archive has ended; anything.
    Tail,
    /// Nothing: what came makes no sense of the rest. A finding says why.
    Nothing,
}

/// What entries of this type flag are called, also those that no TOC can have.
///
/// ```
/// use chunkproof::format::tar::type_name;
///
/// assert_eq!(type_name(b'V'), Some("GNU volume label"));
/// assert_eq!(type_name(b'?'), None);
/// ```
pub const fn type_name(typeflag: u8) -> Option<&'static str> {
    Some(match typeflag {
        0 | b'0' => "regular file",
        b'1' => "hard link",
        b'2' => "symbolic link",
        b'3' => "character device",
        b'4' => "block device",
        b'5' => "directory",
        b'6' => "fifo",
        b'7' => "contiguous file",
        b'A' => "Solaris access control list",
        b'D' => "GNU directory listing of an incremental backup",
        b'E' => "Solaris extended attribute",
        b'I' => "star inode metadata",
        b'K' => "GNU long link name",
        b'L' => "GNU long name",
        b'M' => "GNU continuation of a file from another volume",
        b'N' => "old GNU list of long names",
        b'S' => "GNU sparse file",
        b'V' => "GNU volume label",
        b'X' => "Solaris extended header",
        b'g' => "global PAX header",
        b'x' => "PAX header",
        _ => return None,
    })
}

/// Kinds of headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Pax,
    GlobalPax,
    LongName,
    LongLink,
}
