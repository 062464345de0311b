//! The nodes of a tree, each with its name in the directory above it, and the ways between them.
//!
//! A step of a path costs the same however deep it is: a path of [`PATH_LIMIT`] bytes can have two thousand components, and a tar
//! thousands of such paths.

use std::collections::BTreeMap;

use super::tree::{NAME_LIMIT, Node, NodeKind, PATH_LIMIT};
use crate::format::ByteExcerpt;

/// Most symbolic links that are followed in one path, as on Linux.
const LINKS_LIMIT: usize = 40;

/// A node of a tree: the root, or one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(Option<usize>);

impl Id {
    const ROOT: Self = Self(None);
}

/// The nodes of a tree.
#[derive(Debug)]
pub(super) struct Nodes {
    root: Slot,
    /// All others, also those that have been replaced since.
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    node: Node,
    /// The name in the directory above it.
    name: Vec<u8>,
    /// The directory above it; of the root, the root.
    parent: Id,
    /// Bytes of the path.
    length: usize,
    /// What is in it, by its name.
    below: BTreeMap<Vec<u8>, Id>,
}

impl Default for Nodes {
    fn default() -> Self {
        Self {
            root: Slot {
                node: Node::implied(),
                name: Vec::new(),
                parent: Id::ROOT,
                length: 0,
                below: BTreeMap::new(),
            },
            slots: Vec::new(),
        }
    }
}

impl Nodes {
    fn slot(&self, id: Id) -> &Slot {
        id.0.and_then(|index| self.slots.get(index)).unwrap_or(&self.root)
    }

    fn slot_mut(&mut self, id: Id) -> &mut Slot {
        match id.0.and_then(|index| self.slots.get_mut(index)) {
            Some(slot) => slot,
            None => &mut self.root,
        }
    }

    fn id(&self, folder: Id, name: &[u8]) -> Option<Id> {
        self.slot(folder).below.get(name).copied()
    }

    /// What has this name in a folder.
    pub(super) fn get(&self, folder: Id, name: &[u8]) -> Option<&Node> {
        self.id(folder, name).map(|id| &self.slot(id).node)
    }

    /// Gives the root its metadata.
    pub(super) fn set_root(&mut self, node: Node) {
        self.root.node = node;
    }

    /// Puts a node in the place of what has its name, and of all that is below that, unless both are directories.
    pub(super) fn put(&mut self, folder: Id, name: Vec<u8>, node: Node) {
        match self.id(folder, &name) {
            Some(id) if self.slot(id).node.kind == NodeKind::Directory && node.kind == NodeKind::Directory => {
                self.slot_mut(id).node = node;
            }
            Some(_) | None => drop(self.insert(folder, name, node)),
        }
    }

    fn insert(&mut self, folder: Id, name: Vec<u8>, node: Node) -> Id {
        let id = Id(Some(self.slots.len()));
        self.slots.push(Slot {
            node,
            name: name.clone(),
            parent: folder,
            length: self.length(folder, &name),
            below: BTreeMap::new(),
        });
        self.slot_mut(folder).below.insert(name, id);
        id
    }

    /// Bytes of the path of a name in a folder.
    fn length(&self, folder: Id, name: &[u8]) -> usize {
        let folder = self.slot(folder).length;
        let slash = usize::from(folder > 0);
        folder.saturating_add(slash).saturating_add(name.len())
    }

    /// The path of a name in a folder.
    fn path(&self, folder: Id, name: &[u8]) -> Vec<u8> {
        let mut names: Vec<&[u8]> = self.up(folder).map(|slot| slot.name.as_slice()).collect();
        names.reverse();
        names.push(name);
        names.join(&b'/')
    }

    /// A node and those above it, without the root.
    fn up(&self, id: Id) -> impl Iterator<Item = &Slot> {
        let mut next = id;
        std::iter::from_fn(move || {
            let slot = self.slot(next);
            let is_below_root = next != Id::ROOT;
            next = slot.parent;
            is_below_root.then_some(slot)
        })
    }

    /// How many components the path of a directory has.
    pub(super) fn depth(&self, folder: Id) -> usize {
        self.up(folder).count()
    }

    /// Whether Linux can make a name in a folder.
    ///
    /// # Errors
    ///
    /// A sentence: the name or the whole path is too long.
    pub(super) fn check_lengths(&self, folder: Id, name: &[u8]) -> Result<(), String> {
        let too_long = |what: &str, bytes: usize, name: &[u8], limit: usize| {
            Err(format!(
                "the {what} {} is too long: found {bytes} bytes, expected at most {limit}",
                ByteExcerpt(name)
            ))
        };
        if name.len() > NAME_LIMIT {
            return too_long("name", name.len(), name, NAME_LIMIT);
        }
        let length = self.length(folder, name);
        if length > PATH_LIMIT {
            return too_long("path", length, &self.path(folder, name), PATH_LIMIT);
        }
        Ok(())
    }

    /// The nodes that are wanted with their paths, in no particular order.
    pub(super) fn with_paths(&self, is_wanted: impl Fn(&Node) -> bool) -> impl Iterator<Item = (Vec<u8>, &Node)> {
        // Each with the length of the path above it.
        let mut left = vec![(Id::ROOT, 0)];
        let mut path = Vec::new();
        std::iter::from_fn(move || {
            while let Some((id, above)) = left.pop() {
                let slot = self.slot(id);
                path.truncate(above);
                if above > 0 {
                    path.push(b'/');
                }
                path.extend_from_slice(&slot.name);
                left.extend(slot.below.values().map(|&below| (below, path.len())));
                if is_wanted(&slot.node) {
                    return Some((path.clone(), &slot.node));
                }
            }
            None
        })
    }

    /// The directory at this path, all of which is there, with its symbolic links followed.
    pub(super) fn existing(&self, path: Vec<Vec<u8>>) -> Option<Id> {
        let mut walk = Walk::new(path);
        while let Some(name) = walk.next(self) {
            let id = self.id(walk.at, &name)?;
            walk.go(id, self).ok()?;
        }
        Some(walk.at)
    }

    /// The same, and makes directories that are not there, except below a symbolic link.
    ///
    /// # Errors
    ///
    /// A sentence: there is something else, or the path is too long.
    pub(super) fn directory(&mut self, path: Vec<Vec<u8>>) -> Result<Id, String> {
        let mut walk = Walk::new(path);
        while let Some(name) = walk.next(self) {
            match self.id(walk.at, &name) {
                Some(id) => walk.go(id, self)?,
                None if walk.links == 0 => {
                    self.check_lengths(walk.at, &name)?;
                    walk.at = self.insert(walk.at, name, Node::implied());
                }
                None => {
                    return Err(format!(
                        "an entry below a symbolic link to {}, which is not there, expected a directory",
                        ByteExcerpt(&self.path(walk.at, &name))
                    ));
                }
            }
        }
        Ok(walk.at)
    }
}

/// The way to a directory, on which symbolic links are followed.
struct Walk {
    /// Where it has come to.
    at: Id,
    /// The components that are left, the next one last.
    left: Vec<Vec<u8>>,
    /// How many symbolic links were followed.
    links: usize,
}

impl Walk {
    fn new(mut path: Vec<Vec<u8>>) -> Self {
        path.reverse();
        Self {
            at: Id::ROOT,
            left: path,
            links: 0,
        }
    }

    /// The next name below where it is.
    fn next(&mut self, nodes: &Nodes) -> Option<Vec<u8>> {
        loop {
            let component = self.left.pop()?;
            match component.as_slice() {
                b"" | b"." => {}
                b".." => self.at = nodes.slot(self.at).parent,
                _ => return Some(component),
            }
        }
    }

    /// Goes to a node that is right below, or to where it leads.
    fn go(&mut self, id: Id, nodes: &Nodes) -> Result<(), String> {
        let slot = nodes.slot(id);
        match &slot.node.kind {
            NodeKind::Directory => self.at = id,
            NodeKind::Symlink { target } => {
                self.links = self.links.saturating_add(1);
                if self.links > LINKS_LIMIT {
                    return Err(format!(
                        "an entry below more than {LINKS_LIMIT} symbolic links, one of them {}",
                        ByteExcerpt(&nodes.path(slot.parent, &slot.name))
                    ));
                }
                if target.starts_with(b"/") {
                    self.at = Id::ROOT;
                }
                let components = target.split(|&byte| byte == b'/').rev();
                self.left.extend(components.map(<[u8]>::to_vec));
            }
            NodeKind::File { .. } | NodeKind::Device { .. } | NodeKind::Fifo => {
                return Err(format!(
                    "an entry below the {} {}, expected a directory",
                    slot.node.kind.name(),
                    ByteExcerpt(&nodes.path(slot.parent, &slot.name))
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, Nodes};

    /// A path of n components makes n directories, each of which costs the same.
    #[test]
    fn a_deep_path_is_kept_once() {
        let deep = |first: usize| {
            let rest = std::iter::repeat_n(b"d".to_vec(), 2000);
            std::iter::once(first.to_string().into_bytes())
                .chain(rest)
                .collect::<Vec<_>>()
        };
        let mut nodes = Nodes::default();
        for first in 0..100 {
            let folder = nodes.directory(deep(first)).unwrap();
            assert_eq!(nodes.depth(folder), 2001);
            nodes.put(folder, b"f".to_vec(), Node::implied());
            assert_eq!(nodes.existing(deep(first)), Some(folder));
        }
        assert_eq!(nodes.with_paths(|_| true).count(), 100 * 2002 + 1);
    }

    /// Names of 255 bytes and paths of 4,095 are the longest that Linux has.
    #[test]
    fn the_longest_names_and_paths() {
        let mut nodes = Nodes::default();
        let name = |bytes| vec![b'n'; bytes];
        // Of 3,940 bytes, slashes included.
        let folder = nodes
            .directory([vec![name(255); 15], vec![name(100)]].concat())
            .unwrap();
        for (bytes, is_short) in [(153, true), (154, true), (155, false), (255, false), (256, false)] {
            assert_eq!(nodes.check_lengths(folder, &name(bytes)).is_ok(), is_short, "{bytes}");
        }
        let root = nodes.directory(Vec::new()).unwrap();
        for (bytes, is_short) in [(255, true), (256, false)] {
            assert_eq!(nodes.check_lengths(root, &name(bytes)).is_ok(), is_short, "{bytes}");
        }
    }
}
