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

use super::{Entry, Event, type_name};
use crate::{
    format::{ByteExcerpt, Digest, Findings, Place, Region, length, time::Timestamp},
    rules::Rule,
};

/// Most bytes of a component of a path (`NAME_MAX` of Linux).
pub const NAME_LIMIT: usize = 255;

/// Most bytes of a path, and of the target of a symbolic link (`PATH_MAX` of Linux without its NUL).
pub const PATH_LIMIT: usize = 4095;

/// Most symbolic links that are followed in one path, as on Linux.
const LINKS_LIMIT: usize = 40;

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
    const fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "regular file",
            Self::Directory => "directory",
            Self::Symlink { .. } => "symbolic link",
            Self::Device { .. } => "device",
            Self::Fifo => "fifo",
        }
    }
}

/// A path below the root; that of the root has no component.
type Path = Vec<Vec<u8>>;

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
    nodes: BTreeMap<Path, Node>,
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
        let named = self.nodes.iter().filter(|(_, node)| node.is_named);
        let mut listed: Vec<(Vec<u8>, &Node)> = named.map(|(path, node)| (path.join(&b'/'), node)).collect();
        // The order of components is not that of bytes: `a/b` is after `a-b`.
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
        let Some((name, parents)) = from_root(&entry.name)?
            .split_last()
            .map(|(a, b)| (a.clone(), b.to_vec()))
        else {
            return self.put_root(entry, kind);
        };
        let mut path = self.directory(&parents, true)?;
        path.push(name);
        check_lengths(&path)?;
        let node = match kind {
            Some(kind) => self.checked(&path, entry, kind)?,
            None => self.target(&path, entry)?,
        };
        self.replace(path, node);
        Ok(())
    }

    /// An entry for the root, which only a directory can be. Anything else is passed over, as in containers/storage.
    fn put_root(&mut self, entry: &Entry, kind: Option<NodeKind>) -> Result<(), String> {
        if let Some(kind @ NodeKind::Directory) = kind {
            self.nodes.insert(Path::new(), node(entry, kind));
        }
        Ok(())
    }

    /// The node of an entry that is no hard link.
    fn checked(&self, path: &Path, entry: &Entry, kind: NodeKind) -> Result<Node, String> {
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
            let mut depth = path.len().saturating_sub(1);
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

    /// The node that a hard link leads to.
    fn target(&self, link: &Path, entry: &Entry) -> Result<Node, String> {
        let (name, target) = (ByteExcerpt(&entry.name), ByteExcerpt(&entry.link_name));
        let missing =
            || format!("the hard link {name} has the target {target}, which is not there, expected a file before it");
        let path = from_root(&entry.link_name)?;
        let (last, parents) = path.split_last().ok_or_else(missing)?;
        let mut path = self.existing(parents).ok_or_else(missing)?;
        path.push(last.clone());
        match self.nodes.get(&path) {
            // What is at the path of the link gives way to it first.
            Some(_) if path == *link => Err(format!(
                "the hard link {name} has itself for its target, expected another file"
            )),
            None => Err(missing()),
            Some(node) if node.kind == NodeKind::Directory => Err(format!(
                "the hard link {name} has the directory {target} for its target, expected a file"
            )),
            Some(node) => Ok(node.clone()),
        }
    }

    /// The directory at this path, all of which is there, with its symbolic links followed.
    fn existing(&self, path: &[Vec<u8>]) -> Option<Path> {
        let mut walk = Walk::new(path);
        while let Some(step) = walk.next() {
            let node = self.nodes.get(&step)?;
            walk.go(&step, &node.kind).ok()?;
        }
        Some(walk.at)
    }

    /// The same, and makes directories that are not there, except below a symbolic link.
    fn directory(&mut self, path: &[Vec<u8>], is_made: bool) -> Result<Path, String> {
        let mut walk = Walk::new(path);
        while let Some(step) = walk.next() {
            match self.nodes.get(&step) {
                Some(node) => walk.go(&step, &node.kind)?,
                None if is_made && walk.links == 0 => {
                    check_lengths(&step)?;
                    self.nodes.insert(step.clone(), implied());
                    walk.at = step;
                }
                None => {
                    return Err(format!(
                        "an entry below a symbolic link to {}, which is not there, expected a directory",
                        ByteExcerpt(&step.join(&b'/'))
                    ));
                }
            }
        }
        Ok(walk.at)
    }

    fn replace(&mut self, path: Path, node: Node) {
        let both = |before: &Node| before.kind == NodeKind::Directory && node.kind == NodeKind::Directory;
        if !self.nodes.get(&path).is_some_and(both) {
            // What is below a path comes right after it.
            let below: Vec<Path> = self
                .nodes
                .range(path.clone()..)
                .map(|(below, _)| below)
                .take_while(|below| below.starts_with(&path))
                .cloned()
                .collect();
            for below in below {
                self.nodes.remove(&below);
            }
        }
        self.nodes.insert(path, node);
    }
}

/// The way to a directory, on which symbolic links are followed.
struct Walk {
    /// Where it has come to.
    at: Path,
    /// The components that are left, the next one last.
    left: Path,
    /// How many symbolic links were followed.
    links: usize,
}

impl Walk {
    fn new(path: &[Vec<u8>]) -> Self {
        Self {
            at: Path::new(),
            left: path.iter().rev().cloned().collect(),
            links: 0,
        }
    }

    /// The path of the next component.
    fn next(&mut self) -> Option<Path> {
        loop {
            match self.left.pop()?.as_slice() {
                b"" | b"." => {}
                b".." => drop(self.at.pop()),
                component => {
                    let mut step = self.at.clone();
                    step.push(component.to_vec());
                    return Some(step);
                }
            }
        }
    }

    /// Goes there, or to where it leads.
    fn go(&mut self, step: &Path, kind: &NodeKind) -> Result<(), String> {
        match kind {
            NodeKind::Directory => self.at.clone_from(step),
            NodeKind::Symlink { target } => {
                self.links = self.links.saturating_add(1);
                if self.links > LINKS_LIMIT {
                    return Err(format!(
                        "an entry below more than {LINKS_LIMIT} symbolic links, one of them {}",
                        ByteExcerpt(&step.join(&b'/'))
                    ));
                }
                if target.starts_with(b"/") {
                    self.at.clear();
                }
                let components = target.split(|&byte| byte == b'/').rev();
                self.left.extend(components.map(<[u8]>::to_vec));
            }
            NodeKind::File { .. } | NodeKind::Device { .. } | NodeKind::Fifo => {
                return Err(format!(
                    "an entry below the {} {}, expected a directory",
                    kind.name(),
                    ByteExcerpt(&step.join(&b'/'))
                ));
            }
        }
        Ok(())
    }
}

/// The components of a name as a path from the root.
fn from_root(name: &[u8]) -> Result<Path, String> {
    let mut path = Path::new();
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

fn check_lengths(path: &Path) -> Result<(), String> {
    let too_long = |what: &str, name: &[u8], limit: usize| {
        let (bytes, name) = (name.len(), ByteExcerpt(name));
        Err(format!(
            "the {what} {name} is too long: found {bytes} bytes, expected at most {limit}"
        ))
    };
    if let Some(name) = path.last().filter(|name| name.len() > NAME_LIMIT) {
        return too_long("name", name, NAME_LIMIT);
    }
    let whole = path.join(&b'/');
    if whole.len() > PATH_LIMIT {
        return too_long("path", &whole, PATH_LIMIT);
    }
    Ok(())
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

const fn implied() -> Node {
    Node {
        kind: NodeKind::Directory,
        mode: 0o755,
        uid: 0,
        gid: 0,
        modtime: None,
        xattrs: BTreeMap::new(),
        is_named: false,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Scanner,
            build::{END, Header, file},
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
}
