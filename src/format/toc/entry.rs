//! A member of the layer, in little memory: a layer can have hundreds of thousands of them, and a hostile TOC millions.

use std::collections::BTreeMap;

use super::{Chunk, EntryKind};
use crate::format::{Digest, Unread, time::Timestamp};

/// A member of the layer. What the TOC leaves out is empty, zero or none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// The name as the TOC has it.
    pub name: String,
    /// Length of the content in bytes. Entries without content can have one too.
    pub size: u64,
    /// Time of modification; none where absent or [unset](Timestamp::is_unset).
    pub modtime: Option<Timestamp>,
    /// Digest of a regular file's whole content. Empty files may lack it.
    pub digest: Option<Digest>,
    /// Where a regular file's content is, in order. Empty files have no chunk; other files have at least one unless a
    /// rule is broken.
    pub chunks: Vec<Chunk>,
    /// Position in the JSON array, from 0, for pointers such as `/entries/3/name`.
    pub index: usize,
    /// What could not be read of it.
    pub unread: Unread,
    path: Path,
    /// Mode, owner and group, if each is a number of 32 bits.
    small: [u32; 3],
    /// What few entries have; none if all of it is empty.
    rare: Option<Box<Rare>>,
}

/// The path of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Path {
    /// It is a part of the name, as nearly always.
    Within {
        start: u32,
        end: u32,
    },
    Other(Box<str>),
}

/// What few entries have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rare {
    link_name: Box<str>,
    user_name: Box<str>,
    group_name: Box<str>,
    accesstime: Option<Timestamp>,
    changetime: Option<Timestamp>,
    dev_major: i64,
    dev_minor: i64,
    xattrs: BTreeMap<String, Vec<u8>>,
    /// Mode, owner and group, if one of them is no number of 32 bits.
    large: Option<[i64; 3]>,
}

/// The extended attributes of entries that have none.
static NO_XATTRS: BTreeMap<String, Vec<u8>> = BTreeMap::new();

impl Entry {
    /// The name as a path from the root of the layer: components joined by `/`, clamped to the root (TOC-09). The root
    /// itself is empty.
    pub fn path(&self) -> &str {
        match &self.path {
            Path::Within { start, end } => {
                let range = usize::try_from(*start).ok().zip(usize::try_from(*end).ok());
                range
                    .and_then(|(start, end)| self.name.get(start..end))
                    .unwrap_or_default()
            }
            Path::Other(path) => path,
        }
    }

    /// The target of a link, as the TOC has it.
    pub fn link_name(&self) -> &str {
        self.rare.as_ref().map_or("", |rare| &rare.link_name)
    }

    /// Mode bits as a tar header has them, with setuid, setgid and sticky.
    pub fn mode(&self) -> i64 {
        let [mode, _, _] = self.numbers();
        mode
    }

    /// Number of the owner.
    pub fn uid(&self) -> i64 {
        let [_, uid, _] = self.numbers();
        uid
    }

    /// Number of the group.
    pub fn gid(&self) -> i64 {
        let [_, _, gid] = self.numbers();
        gid
    }

    /// Name of the owner. Only stargz writes it, possibly only on the first entry of an owner.
    pub fn user_name(&self) -> &str {
        self.rare.as_ref().map_or("", |rare| &rare.user_name)
    }

    /// Name of the group, as for the owner.
    pub fn group_name(&self) -> &str {
        self.rare.as_ref().map_or("", |rare| &rare.group_name)
    }

    /// Time of the last access; none where absent or [unset](Timestamp::is_unset).
    pub fn accesstime(&self) -> Option<Timestamp> {
        self.rare.as_ref()?.accesstime
    }

    /// Time of the last change of status, likewise.
    pub fn changetime(&self) -> Option<Timestamp> {
        self.rare.as_ref()?.changetime
    }

    /// Major number of a device.
    pub fn dev_major(&self) -> i64 {
        self.rare.as_ref().map_or(0, |rare| rare.dev_major)
    }

    /// Minor number of a device.
    pub fn dev_minor(&self) -> i64 {
        self.rare.as_ref().map_or(0, |rare| rare.dev_minor)
    }

    /// Extended attributes, decoded.
    pub fn xattrs(&self) -> &BTreeMap<String, Vec<u8>> {
        self.rare.as_ref().map_or(&NO_XATTRS, |rare| &rare.xattrs)
    }

    fn numbers(&self) -> [i64; 3] {
        let large = self.rare.as_ref().and_then(|rare| rare.large);
        large.unwrap_or_else(|| self.small.map(i64::from))
    }
}

/// The values of an entry, one by one. An [`Entry`] is made of them.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) kind: EntryKind,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) link_name: String,
    pub(crate) mode: i64,
    pub(crate) size: u64,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) user_name: String,
    pub(crate) group_name: String,
    pub(crate) modtime: Option<Timestamp>,
    pub(crate) accesstime: Option<Timestamp>,
    pub(crate) changetime: Option<Timestamp>,
    pub(crate) dev_major: i64,
    pub(crate) dev_minor: i64,
    pub(crate) xattrs: BTreeMap<String, Vec<u8>>,
    pub(crate) digest: Option<Digest>,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) index: usize,
    pub(crate) unread: Unread,
}

impl From<Values> for Entry {
    fn from(values: Values) -> Self {
        let numbers = [values.mode, values.uid, values.gid];
        let small = match numbers.map(u32::try_from) {
            [Ok(mode), Ok(uid), Ok(gid)] => Some([mode, uid, gid]),
            _ => None,
        };
        let rare = Rare {
            link_name: values.link_name.into(),
            user_name: values.user_name.into(),
            group_name: values.group_name.into(),
            accesstime: values.accesstime,
            changetime: values.changetime,
            dev_major: values.dev_major,
            dev_minor: values.dev_minor,
            xattrs: values.xattrs,
            large: small.is_none().then_some(numbers),
        };
        Self {
            kind: values.kind,
            path: Path::of(values.path, &values.name),
            name: values.name,
            size: values.size,
            modtime: values.modtime,
            digest: values.digest,
            chunks: values.chunks,
            index: values.index,
            unread: values.unread,
            small: small.unwrap_or_default(),
            rare: (rare != Rare::default()).then(|| Box::new(rare)),
        }
    }
}

impl Path {
    fn of(path: String, name: &str) -> Self {
        let within = name.find(&path).and_then(|start| {
            let end = start.checked_add(path.len())?;
            Some(Self::Within {
                start: start.try_into().ok()?,
                end: end.try_into().ok()?,
            })
        });
        within.unwrap_or_else(|| Self::Other(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Values};
    use crate::format::{Unread, path::from_root, toc::EntryKind};

    fn values(name: &str) -> Values {
        Values {
            kind: EntryKind::Directory,
            name: name.to_owned(),
            path: from_root(name).path,
            link_name: String::new(),
            mode: 0o755,
            size: 0,
            uid: 0,
            gid: 0,
            user_name: String::new(),
            group_name: String::new(),
            modtime: None,
            accesstime: None,
            changetime: None,
            dev_major: 0,
            dev_minor: 0,
            xattrs: [].into(),
            digest: None,
            chunks: Vec::new(),
            index: 0,
            unread: Unread::default(),
        }
    }

    /// Millions of them fit in a TOC.
    #[test]
    fn an_entry_takes_little_memory() {
        assert!(size_of::<Entry>() <= 160, "{}", size_of::<Entry>());
        assert!(Entry::from(values("d/")).rare.is_none());
    }

    #[test]
    fn the_path_is_that_of_the_name() {
        for name in [
            "",
            "/",
            "a",
            "./a/",
            "//a/b//",
            "a/../b",
            "../a",
            "a/./b",
            "\u{e9}/./\u{e9}",
        ] {
            assert_eq!(Entry::from(values(name)).path(), from_root(name).path, "{name:?}");
        }
    }

    #[test]
    fn numbers_are_kept_whatever_their_size() {
        let numbers = [0, 1, -1, i64::from(u32::MAX), 1 << 32, i64::MIN, i64::MAX];
        for (at, mode) in numbers.into_iter().enumerate() {
            let (uid, gid) = (numbers[(at + 1) % 7], numbers[(at + 3) % 7]);
            let entry = Entry::from(Values {
                mode,
                uid,
                gid,
                ..values("a")
            });
            assert_eq!((entry.mode(), entry.uid(), entry.gid()), (mode, uid, gid));
        }
    }
}
