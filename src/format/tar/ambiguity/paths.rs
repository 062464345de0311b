//! The paths of a tar as far as it takes to see which entries are in the way of others.
//!
//! This is no [`Tree`](super::super::Tree): it keeps the path of each entry once, and no directory that only a path names, so that
//! memory and work follow the bytes of the names whatever their depth. It looks at one layer. What the layers below may have is
//! not known, such as the directory that a symbolic link leads to or the target of a hard link.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hasher as _},
    ops::Bound,
};

use super::{
    super::{Entry, NAME_LIMIT, PATH_LIMIT},
    Point, Spot,
    whiteouts::Whiteout,
};

/// Most symbolic links that are followed from one: a tar can have many entries below a long chain of them.
const LINKS_LIMIT: usize = 4;

/// What is at the path of an entry.
#[derive(Clone, Debug)]
enum Kind {
    Directory,
    Symlink(Vec<u8>),
    Other,
}

/// The paths of the entries so far.
#[derive(Debug, Default)]
pub(super) struct Paths {
    entries: BTreeMap<Vec<u8>, Kind>,
    /// Hashes of the paths that are or were no directory, or that a whiteout names. Nearly all directories of nearly all paths are
    /// not among them, and need not be looked up.
    obstacles: HashSet<u64>,
    /// The paths that whiteouts name.
    removed: HashSet<Vec<u8>>,
    /// Hard links whose target was not there, by its path; of several to one target the first.
    awaited: BTreeMap<Vec<u8>, Spot>,
}

impl Paths {
    /// Takes an entry that is no global header. Adds points of it, and returns a hard link before it whose target it is.
    pub(super) fn take(&mut self, entry: &Entry, points: &mut Vec<Point>) -> Option<Spot> {
        if let Some(point) = of_type(entry.typeflag) {
            points.push(point);
            return None;
        }
        if entry.name.is_empty() {
            points.push(Point::EmptyName);
            return None;
        }
        let Some(Clean { path, goes_up }) = clean(&entry.name) else {
            points.push(Point::Escape);
            return None;
        };
        if goes_up {
            points.push(Point::InnerDotDot);
        }
        if path.is_empty() {
            points.extend(of_root(entry));
            return None;
        }
        if path.len() > PATH_LIMIT || path.split(|&byte| byte == b'/').any(|name| name.len() > NAME_LIMIT) {
            points.push(Point::LongNames);
            return None;
        }
        points.extend(self.of_whiteout(&path));
        if self.removed.contains(&path) {
            points.push(Point::WhiteoutBeside);
        }
        match self.obstacle(&path) {
            Some(Obstacle::Fixed(point)) => {
                points.push(point);
                return None;
            }
            Some(Obstacle::Symlink) => return None,
            None => {}
        }
        match self.kind(entry, &path) {
            Ok(kind) => self.put(path, kind, points),
            Err(point) => {
                points.push(point);
                None
            }
        }
    }

    /// The point of a whiteout at this path, or of an entry below one.
    fn of_whiteout(&mut self, path: &[u8]) -> Option<Point> {
        match Whiteout::of(path)? {
            Whiteout::Above => Some(Point::BelowWhiteout),
            Whiteout::Nameless => Some(Point::WhiteoutName),
            Whiteout::Opaque { folder } => self.has_more_than_whiteouts(folder).then_some(Point::LateOpaque),
            Whiteout::Of(path) => {
                let is_there = self.entries.contains_key(&path) || self.below(&path).next().is_some();
                self.obstacles.insert(hash(&path));
                self.removed.insert(path);
                is_there.then_some(Point::WhiteoutBeside)
            }
        }
    }

    /// Whether a folder, which is empty or ends with a slash, has entries that are no whiteouts. However many those are, they are
    /// passed over at once.
    fn has_more_than_whiteouts(&self, folder: &[u8]) -> bool {
        let first = [folder, b".wh."].concat();
        // The slash comes right after the point.
        let after = [folder, b".wh/"].concat();
        let before = (Bound::Excluded(folder), Bound::Excluded(first.as_slice()));
        let others = (Bound::Included(after.as_slice()), Bound::Unbounded);
        let mut others = self.entries.range::<[u8], _>(others);
        self.entries.range::<[u8], _>(before).next().is_some()
            || others.next().is_some_and(|(path, _)| path.starts_with(folder))
    }

    /// What of the directories of a path is no directory.
    fn obstacle(&self, path: &[u8]) -> Option<Obstacle> {
        let mut hasher = DefaultHasher::new();
        let mut end: usize = 0;
        for component in path.split(|&byte| byte == b'/') {
            if end > 0 && self.obstacles.contains(&hasher.finish()) {
                let above = path.get(..end.saturating_sub(1)).unwrap_or_default();
                // Old writers emit whiteouts below what another one removes.
                if self.removed.contains(above) && Whiteout::of(path).is_none() {
                    return Some(Obstacle::Fixed(Point::WhiteoutBeside));
                }
                match self.entries.get(above) {
                    Some(Kind::Other) => return Some(Obstacle::Fixed(Point::BelowFile)),
                    Some(Kind::Symlink(target)) if self.leads_nowhere(above, target) => {
                        return Some(Obstacle::Fixed(Point::BelowDangling));
                    }
                    Some(Kind::Symlink(_)) => return Some(Obstacle::Symlink),
                    Some(Kind::Directory) | None => {}
                }
            }
            hasher.write(b"/");
            hasher.write(component);
            end = end.saturating_add(component.len()).saturating_add(1);
        }
        None
    }

    /// Whether a symbolic link leads to what is no directory, or to itself, in this layer.
    fn leads_nowhere(&self, link: &[u8], target: &[u8]) -> bool {
        let (mut at, mut target) = (link.to_vec(), target);
        for _ in 0..LINKS_LIMIT {
            let Some(next) = from(&at, target).filter(|next| !next.is_empty()) else {
                return false;
            };
            if next == link {
                return true;
            }
            match self.entries.get(&next) {
                Some(Kind::Other) => return true,
                Some(Kind::Symlink(further)) => target = further,
                Some(Kind::Directory) | None => return false,
            }
            at = next;
        }
        false
    }

    /// What an entry makes at its path.
    fn kind(&mut self, entry: &Entry, path: &[u8]) -> Result<Kind, Point> {
        let target = &entry.link_name;
        match entry.typeflag {
            b'5' => Ok(Kind::Directory),
            b'2' if target.is_empty() => Err(Point::EmptyTarget),
            b'2' if target.len() > PATH_LIMIT => Err(Point::LongNames),
            b'2' => Ok(Kind::Symlink(target.clone())),
            b'1' => self.of_hard_link(entry, path),
            _ => Ok(Kind::Other),
        }
    }

    fn of_hard_link(&mut self, entry: &Entry, path: &[u8]) -> Result<Kind, Point> {
        let Clean { path: target, .. } = clean(&entry.link_name).ok_or(Point::Escape)?;
        if target == path {
            return Err(Point::LinkToItself);
        }
        match self.entries.get(&target) {
            Some(Kind::Directory) => Err(Point::MissingTarget),
            Some(kind) => Ok(kind.clone()),
            None if target.is_empty() || self.below(&target).next().is_some() => Err(Point::MissingTarget),
            None if target.len() > PATH_LIMIT => Err(Point::LongNames),
            None => {
                self.awaited.entry(target).or_insert_with(|| Spot::of(entry));
                Ok(Kind::Other)
            }
        }
    }

    /// Puts an entry at its path.
    fn put(&mut self, path: Vec<u8>, kind: Kind, points: &mut Vec<Point>) -> Option<Spot> {
        if !matches!(kind, Kind::Directory) {
            let below: Vec<Vec<u8>> = self.below(&path).cloned().collect();
            if !below.is_empty() {
                points.push(Point::ReplacedDirectory);
            }
            for path in below {
                self.entries.remove(&path);
            }
            self.obstacles.insert(hash(&path));
        }
        let early = if self.awaited.is_empty() {
            None
        } else {
            self.awaited.remove(&path)
        };
        self.entries.insert(path, kind);
        early
    }

    /// The paths of the entries below a path.
    fn below(&self, path: &[u8]) -> impl Iterator<Item = &Vec<u8>> {
        let folder = [path, b"/"].concat();
        let from = (Bound::Excluded(folder.as_slice()), Bound::Unbounded);
        let entries = self.entries.range::<[u8], _>(from);
        entries
            .map(|(path, _)| path)
            .take_while(move |path| path.starts_with(&folder))
    }
}

/// What is in the way of an entry.
enum Obstacle {
    /// What no reader can go through.
    Fixed(Point),
    /// A symbolic link, which may lead to a directory. What is below it is not followed.
    Symlink,
}

/// The hash of a path, as it comes about component by component.
fn hash(path: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for component in path.split(|&byte| byte == b'/') {
        hasher.write(b"/");
        hasher.write(component);
    }
    hasher.finish()
}

/// The point of a type that makes nothing.
const fn of_type(typeflag: u8) -> Option<Point> {
    Some(match typeflag {
        b'0'..=b'7' => return None,
        b'A' => Point::SolarisAcl,
        b'X' => Point::SolarisExtended,
        b'V' => Point::VolumeLabel,
        b'D' => Point::DirectoryListing,
        b'M' => Point::Continuation,
        _ => Point::OtherTypes,
    })
}

/// The point of an entry in the place of the root.
const fn of_root(entry: &Entry) -> Option<Point> {
    match entry.typeflag {
        b'5' => None,
        b'0' | b'7' if entry.size == 0 => Some(Point::RootEmptyFile),
        b'0' | b'7' => Some(Point::RootFile),
        _ => Some(Point::RootOther),
    }
}

/// A name as a path from the root.
struct Clean {
    /// Components joined by `/`, none of them empty, `.` or `..`; the root itself is empty.
    path: Vec<u8>,
    /// Whether a component is `..`.
    goes_up: bool,
}

/// Cleans a name as a path from the root; none if it leads out of it. Go cleans an absolute name to one within it.
fn clean(name: &[u8]) -> Option<Clean> {
    let mut path: Vec<u8> = Vec::with_capacity(name.len());
    let mut goes_up = false;
    for component in name.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => {
                goes_up = true;
                if path.is_empty() && !name.starts_with(b"/") {
                    return None;
                }
                path.truncate(path.iter().rposition(|&byte| byte == b'/').unwrap_or_default());
            }
            _ => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(component);
            }
        }
    }
    Some(Clean { path, goes_up })
}

/// Where the target of a symbolic link at this path leads, by the names alone.
fn from(link: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let folder = link
        .iter()
        .rposition(|&byte| byte == b'/')
        .filter(|_| !target.starts_with(b"/"));
    let folder = link.get(..folder.unwrap_or_default()).unwrap_or_default();
    let name = if folder.is_empty() {
        target.to_vec()
    } else {
        [folder, b"/", target].concat()
    };
    clean(&name).map(|clean| clean.path)
}
