//! Whiteouts: entries whose names say what a layer takes away from the layers below, and what overlayfs keeps in their place.
//!
//! To a tar they are files like others. `.wh.name` and the opaque `.wh..wh..opq` are what writers of layers emit, and
//! `.wh..wh.plnk`, `.wh..wh.aufs` and `.wh..wh.orph` are folders and files of AUFS that old ones left in.

use super::super::Entry;

/// How the name of a whiteout begins.
const PREFIX: &[u8] = b".wh.";

/// How the names begin that AUFS has for itself.
const AUFS_PREFIX: &[u8] = b".wh..wh.";

/// The name of an opaque whiteout.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Attributes by which overlayfs hides what other layers have, or looks for it elsewhere. It has others, which change no tree.
const OVERLAY_ATTRIBUTES: [&[u8]; 4] = [b"opaque", b"redirect", b"metacopy", b"whiteout"];

/// What the path of an entry says of whiteouts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whiteout<'a> {
    /// One is above the entry.
    Above,
    /// What follows the prefix is no name.
    Nameless,
    /// It is of all that other layers have in this folder, which is empty or ends with a slash.
    Opaque {
        /// The folder.
        folder: &'a [u8],
    },
    /// It is of this path.
    Of(Vec<u8>),
}

impl<'a> Whiteout<'a> {
    /// Of a path from the root, none for a path without whiteouts.
    pub(super) fn of(path: &'a [u8]) -> Option<Self> {
        let last = path.iter().rposition(|&byte| byte == b'/');
        let start = last.map_or(0, |slash| slash.saturating_add(1));
        let (folder, name) = path.split_at_checked(start)?;
        let mut above = folder.split(|&byte| byte == b'/');
        if above.any(|name| name.starts_with(PREFIX) && !name.starts_with(AUFS_PREFIX)) {
            return Some(Self::Above);
        }
        if name == OPAQUE {
            return Some(Self::Opaque { folder });
        }
        Some(match name.strip_prefix(PREFIX)? {
            b"" | b"." | b".." => Self::Nameless,
            name => Self::Of([folder, name].concat()),
        })
    }
}

/// Whether overlayfs takes an entry for a whiteout, where a reader makes it in a layer as it is.
pub(super) const fn is_overlay_device(entry: &Entry) -> bool {
    entry.typeflag == b'3' && entry.dev_major == 0 && entry.dev_minor == 0
}

/// Whether an attribute is one of overlayfs that changes the tree.
pub(super) fn is_overlay_attribute(name: &[u8]) -> bool {
    let of_root = name.strip_prefix(b"trusted.overlay.");
    let name = of_root.or_else(|| name.strip_prefix(b"user.overlay."));
    name.is_some_and(|name| OVERLAY_ATTRIBUTES.contains(&name))
}
