//! The tree that a tar unpacks to, as Go reads it.
//!
//! The entries are those of a [`Scanner`](super::Scanner). What becomes of them follows `Unpack` in `pkg/archive` of
//! containers/storage, with which podman and CRI-O unpack tars: names are paths from the root, parents are made, a later entry
//! takes the place of an earlier one with all that is below it, and only directories are merged. Symbolic links in the directories
//! of a path are followed within the root, as they are there after `chroot`. What Linux cannot make is reported (TAR-08).
//!
//! It differs in two points. The metadata of a hard link's header changes nothing, while containers/storage gives it to the file
//! that both names have. The root is listed where the tar has an entry for it, while containers/storage passes that over in some
//! places. Whiteouts are files here: what they mean is a matter of layers, not of tars.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{
    Entry, Event,
    nodes::{Id, Nodes},
    type_name,
};
use crate::{
    format::{ByteExcerpt, Digest, Findings, Place, Region, length, time::Timestamp},
    rules::Rule,
};

/// Most bytes of a component of a path (`NAME_MAX` of Linux).
pub const NAME_LIMIT: usize = 255;

/// Most bytes of a path, and of the target of a symbolic link (`PATH_MAX` of Linux without its NUL).
pub const PATH_LIMIT: usize = 4095;

/// What there is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits with setuid, setgid and sticky bit.
    pub mode: i64,
    /// Owner.
    pub uid: i64,
    /// Group.
    pub gid: i64,
    /// Modification time.
    pub modtime: Option<Timestamp>,
    /// Extended attributes.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Whether the tar has an entry for it. Otherwise it is a directory that something else is in.
    is_named: bool,
}

impl Node {
    /// A directory that the tar has no entry for.
    pub(super) const fn implied() -> Self {
        Self {
            kind: NodeKind::Directory,
            mode: 0o755,
            uid: 0,
            gid: 0,
            modtime: None,
            xattrs: BTreeMap::new(),
            is_named: false,
        }
    }
}

/// The kinds of what there is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeKind {
    /// A regular file.
    File {
        /// Bytes of content.
        size: u64,
        /// The sha256 of the content.
        digest: Digest,
    },
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Its target.
        target: Vec<u8>,
    },
    /// A device.
    Device {
        /// Whether it is a block device, and not a character device.
        is_block: bool,
        /// Major number.
        major: i64,
        /// Minor number.
        minor: i64,
    },
    /// A named pipe.
    Fifo,
}

impl NodeKind {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "regular file",
            Self::Directory => "directory",
            Self::Symlink { .. } => "symbolic link",
            Self::Device { .. } => "device",
            Self::Fifo => "fifo",
        }
    }
}

/// The tree, which grows with the events of a [`Scanner`](super::Scanner).
///
/// Memory is bounded by the names and the metadata; of contents only digests are kept.
///
/// ```
/// use chunkproof::format::{Findings, tar::{Scanner, Tree}};
///
/// let mut tree = Tree::new();
/// let mut findings = Findings::new();
/// let mut scanner = Scanner::new();
/// let mut found = Findings::new();
/// scanner.push(&[0; 1024], &mut findings, &mut |event| tree.take(event, &mut found));
/// assert_eq!(tree.listed().count(), 0);
/// ```
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Nodes,
    /// The entry whose content comes, with what is known of that.
    current: Option<(Box<Entry>, Sha256, u64)>,
}

impl Tree {
    /// The tree of no entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event of the scanner. Reports TAR-08 for an entry that cannot be made.
    pub fn take(&mut self, event: Event<'_>, findings: &mut Findings) {
        match event {
            Event::Entry(entry) => self.current = Some((entry, Sha256::new(), 0)),
            Event::Content(bytes) => {
                if let Some((_, hasher, size)) = &mut self.current {
                    hasher.update(bytes);
                    *size = size.saturating_add(length(bytes));
                }
            }
            Event::ContentEnd => {
                if let Some((entry, hasher, size)) = self.current.take()
                    && let Err(detail) = self.put(&entry, size, Digest::from_hasher(hasher))
                {
                    findings.report(Rule::TarTree, Place::Byte(Region::Tar, entry.offset), detail);
                }
            }
            Event::Raw(_) | Event::ArchiveEnd => {}
        }
    }

    /// What the tar has entries for, by its path, in the order of the bytes of the paths.
    pub fn listed(&self) -> impl Iterator<Item = (Vec<u8>, &Node)> {
        let mut listed: Vec<(Vec<u8>, &Node)> = self.nodes.with_paths(|node| node.is_named).collect();
        listed.sort_by(|(a, _), (b, _)| a.cmp(b));
        listed.into_iter()
    }

    fn put(&mut self, entry: &Entry, size: u64, digest: Digest) -> Result<(), String> {
        if entry.typeflag == b'g' {
            return Ok(());
        }
        let kind = match entry.typeflag {
            b'0' | b'7' => Some(NodeKind::File { size, digest }),
            b'1' => None,
            b'2' => Some(NodeKind::Symlink {
                target: entry.link_name.clone(),
            }),
            b'3' | b'4' => Some(NodeKind::Device {
                is_block: entry.typeflag == b'4',
                major: entry.dev_major,
                minor: entry.dev_minor,
            }),
            b'5' => Some(NodeKind::Directory),
            b'6' => Some(NodeKind::Fifo),
            other => {
                let name = type_name(other).unwrap_or("entry of an unknown type");
                return Err(format!(
                    "{name} {}, which no file system has: expected a file, a directory, a link, a device or a fifo",
                    ByteExcerpt(&entry.name)
                ));
            }
        };
        let mut path = from_root(&entry.name)?;
        let Some(name) = path.pop() else {
            // Only a directory can be the root. Anything else is passed over, as in containers/storage.
            if let Some(kind @ NodeKind::Directory) = kind {
                self.nodes.set_root(node(entry, kind));
            }
            return Ok(());
        };
        let folder = self.nodes.directory(path)?;
        self.nodes.check_lengths(folder, &name)?;
        let node = match kind {
            Some(kind) => self.checked(folder, entry, kind)?,
            None => self.target(folder, &name, entry)?,
        };
        self.nodes.put(folder, name, node);
        Ok(())
    }

    /// The node of an entry that is no hard link.
    fn checked(&self, folder: Id, entry: &Entry, kind: NodeKind) -> Result<Node, String> {
        if let NodeKind::Symlink { target } = &kind {
            let name = ByteExcerpt(&entry.name);
            if target.is_empty() {
                return Err(format!(
                    "the symbolic link {name} has no target, expected at least 1 byte"
                ));
            }
            if target.len() > PATH_LIMIT {
                let bytes = target.len();
                return Err(format!(
                    "the target of the symbolic link {name} is too long: found {bytes} bytes, expected at most {PATH_LIMIT}"
                ));
            }
            let mut depth = self.nodes.depth(folder);
            let is_absolute = target.starts_with(b"/");
            for component in target.split(|&byte| byte == b'/').filter(|_| !is_absolute) {
                match component {
                    b"" | b"." => {}
                    b".." => {
                        depth = depth.checked_sub(1).ok_or_else(|| {
                            format!("the target of the symbolic link {name} leads out of the root, expected a path within it")
                        })?;
                    }
                    _ => depth = depth.saturating_add(1),
                }
            }
        }
        Ok(node(entry, kind))
    }

    /// The node that a hard link leads to, which is to get this name in a folder.
    fn target(&self, folder: Id, name: &[u8], entry: &Entry) -> Result<Node, String> {
        let (link, target) = (ByteExcerpt(&entry.name), ByteExcerpt(&entry.link_name));
        let missing =
            || format!("the hard link {link} has the target {target}, which is not there, expected a file before it");
        let mut path = from_root(&entry.link_name)?;
        let last = path.pop().ok_or_else(missing)?;
        let of_target = self.nodes.existing(path).ok_or_else(missing)?;
        let node = self.nodes.get(of_target, &last).ok_or_else(missing)?;
        if (of_target, last.as_slice()) == (folder, name) {
            // What is at the path of the link gives way to it first.
            return Err(format!(
                "the hard link {link} has itself for its target, expected another file"
            ));
        }
        if node.kind == NodeKind::Directory {
            return Err(format!(
                "the hard link {link} has the directory {target} for its target, expected a file"
            ));
        }
        Ok(node.clone())
    }
}

/// The components of a name as a path from the root.
fn from_root(name: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut path = Vec::new();
    let is_absolute = name.starts_with(b"/");
    for component in name.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => {
                // Go cleans an absolute name to one within the root.
                if path.pop().is_none() && !is_absolute {
                    return Err(format!(
                        "the name {} leads out of the root, expected a path within it",
                        ByteExcerpt(name)
                    ));
                }
            }
            _ => path.push(component.to_vec()),
        }
    }
    Ok(path)
}

fn node(entry: &Entry, kind: NodeKind) -> Node {
    Node {
        kind,
        mode: entry.mode & 0o7777,
        uid: entry.uid,
        gid: entry.gid,
        modtime: entry.modtime,
        xattrs: entry.xattrs.clone(),
        is_named: true,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Scanner,
            build::{END, Header, file, long},
        },
        Tree,
    };
    use crate::{format::Findings, rules::Rule};

    fn link(typeflag: u8, name: &str, target: &str) -> Vec<u8> {
        Header::new(typeflag, name, 0).with(157, target.as_bytes()).block()
    }

    /// What is listed of a tar, and whether all of it could be made.
    fn listed(entries: &[Vec<u8>]) -> (Vec<String>, bool) {
        let tar = [entries.concat(), END.to_vec()].concat();
        let (mut tree, mut findings, mut scanned) = (Tree::new(), Findings::new(), Findings::new());
        Scanner::new().push(&tar, &mut scanned, &mut |event| tree.take(event, &mut findings));
        assert!(scanned.is_empty(), "{scanned:?}");
        assert!(findings.list().iter().all(|finding| finding.rule == Rule::TarTree));
        let paths = tree.listed().map(|(path, _)| String::from_utf8(path).unwrap());
        (paths.collect(), findings.is_empty())
    }

    #[test]
    fn entries_make_a_tree() {
        let f = |name: &str| file(b'0', name, b"x");
        let d = |name: &str| file(b'5', name, b"");
        type Row = (&'static str, Vec<Vec<u8>>, &'static [&'static str], bool);
        let rows: [Row; 12] = [
            (
                "bytes decide the order",
                vec![f("a/b"), f("a-b"), d("a/")],
                &["a", "a-b", "a/b"],
                true,
            ),
            (
                "the root is listed where it is named",
                vec![d("./"), f("/a")],
                &["", "a"],
                true,
            ),
            ("another root is not", vec![f("./"), f("a")], &["a"], true),
            (
                "what is below goes with its directory",
                vec![d("a/"), f("a/b"), f("a")],
                &["a"],
                true,
            ),
            ("directories are merged", vec![f("a/b"), d("a/")], &["a", "a/b"], true),
            (
                "links are followed",
                vec![d("d/"), link(b'2', "a", "d"), f("a/b")],
                &["a", "d", "d/b"],
                true,
            ),
            (
                "a link to a link",
                vec![link(b'2', "a", "b"), link(b'2', "b", "a"), f("a/c")],
                &["a", "b"],
                false,
            ),
            ("a hard link", vec![f("a"), link(b'1', "b", "./a")], &["a", "b"], true),
            (
                "a hard link too early",
                vec![link(b'1', "b", "a"), f("a")],
                &["a"],
                false,
            ),
            ("below a file", vec![f("a"), f("a/b")], &["a"], false),
            ("out of the root", vec![f("../a"), f("b")], &["b"], false),
            ("another type", vec![file(b'V', "a", b""), f("b")], &["b"], false),
        ];
        for (name, entries, paths, is_whole) in rows {
            let (found, whole) = listed(&entries);
            assert_eq!(
                (found.as_slice(), whole),
                (
                    paths
                        .iter()
                        .map(|path| (*path).to_owned())
                        .collect::<Vec<_>>()
                        .as_slice(),
                    is_whole
                ),
                "{name}"
            );
        }
    }

    /// The longest target of a symbolic link has as many bytes as the longest path.
    #[test]
    fn the_longest_target() {
        for (bytes, is_short) in [(4094, true), (4095, true), (4096, false), (5000, false)] {
            let target = long(b'K', &"t".repeat(bytes));
            assert_eq!(listed(&[target, link(b'2', "a", "")]).1, is_short, "{bytes}");
        }
    }
}
