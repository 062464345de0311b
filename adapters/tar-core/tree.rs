//! The tree that the entries of a tar make, as docs/protocol.md describes it for `tar/list`.

use std::collections::{BTreeMap, VecDeque};

use chunkproof_adapter::bytes;
use serde_json::{Map, Value};

use crate::Obstacle;

/// The links that are followed on the way to one entry.
const LINKS: usize = 40;

/// What is at a path.
#[derive(Clone)]
pub struct Node {
    pub is_directory: bool,
    /// Of a symbolic link.
    pub target: Option<Vec<u8>>,
    /// What is listed; nothing of a directory that no entry names.
    pub fields: Option<Map<String, Value>>,
}

type Path = Vec<Vec<u8>>;

/// Nodes by the components of their paths.
#[derive(Default)]
pub struct Tree(BTreeMap<Path, Node>);

impl Tree {
    /// Puts an entry that is no hard link.
    pub fn put(&mut self, name: &[u8], node: Node) -> Result<(), Obstacle> {
        let Some((last, folders)) = split(components(name)?) else {
            // Only a directory can be the root.
            if node.is_directory {
                self.0.insert(Path::new(), node);
            }
            return Ok(());
        };
        let mut path = self.directory(folders, true)?;
        path.push(last);
        check_length(&path)?;
        if let Some(target) = &node.target {
            check_target(path.len() - 1, target)?;
        }
        self.replace(path, node);
        Ok(())
    }

    /// Makes a hard link, which is what its target is.
    pub fn link(&mut self, name: &[u8], target: &[u8]) -> Result<(), Obstacle> {
        let (name, target) = (components(name)?, components(target)?);
        let Some((last, folders)) = split(name) else {
            return Ok(());
        };
        let Some((target_last, target_folders)) = split(target) else {
            return Err("a hard link to the root".into());
        };
        let mut path = self.directory(folders, true)?;
        path.push(last);
        check_length(&path)?;
        let mut target = self.directory(target_folders, false)?;
        target.push(target_last);
        if target == path {
            return Err("a hard link to itself".into());
        }
        match self.0.get(&target) {
            Some(node) if !node.is_directory => {
                let node = node.clone();
                self.replace(path, node);
                Ok(())
            }
            _ => Err("the target of a hard link is not a file before it".into()),
        }
    }

    fn replace(&mut self, path: Path, node: Node) {
        if let Some(before) = self.0.get(&path)
            && !(before.is_directory && node.is_directory)
        {
            self.0.retain(|other, _| !other.starts_with(&path));
        }
        self.0.insert(path, node);
    }

    /// The path of a directory with its symbolic links followed.
    fn directory(&mut self, folders: Path, is_made: bool) -> Result<Path, Obstacle> {
        let (mut at, mut left, mut links) = (Path::new(), VecDeque::from(folders), 0);
        while let Some(part) = left.pop_front() {
            if part == b".." {
                at.pop();
                continue;
            }
            at.push(part);
            match self.0.get(&at) {
                Some(node) if node.is_directory => {}
                Some(Node {
                    target: Some(target), ..
                }) if links < LINKS => {
                    links += 1;
                    at.pop();
                    if target.starts_with(b"/") {
                        at.clear();
                    }
                    for part in parts(target).rev() {
                        left.push_front(part.to_owned());
                    }
                }
                Some(_) => return Err("an entry below what is not a directory".into()),
                None if !is_made || links > 0 => return Err("a directory is not there".into()),
                None => {
                    check_length(&at)?;
                    let unnamed = Node {
                        is_directory: true,
                        target: None,
                        fields: None,
                    };
                    self.0.insert(at.clone(), unnamed);
                }
            }
        }
        Ok(at)
    }

    /// What is listed, in the order of the paths.
    pub fn entries(self) -> Vec<Value> {
        let named = self
            .0
            .into_iter()
            .filter_map(|(path, node)| Some((path.join(&b'/'), node.fields?)));
        let sorted: BTreeMap<_, _> = named.collect();
        sorted
            .into_iter()
            .map(|(path, mut fields)| {
                fields.insert("path".to_owned(), bytes(&path)["base64"].take());
                Value::Object(fields)
            })
            .collect()
    }
}

fn split(mut path: Path) -> Option<(Vec<u8>, Path)> {
    Some((path.pop()?, path))
}

fn parts(name: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    name.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
}

fn components(name: &[u8]) -> Result<Path, Obstacle> {
    let mut path = Path::new();
    for part in parts(name) {
        if part != b".." {
            path.push(part.to_owned());
        } else if path.pop().is_none() && !name.starts_with(b"/") {
            return Err("a name leads out of the root".into());
        }
    }
    Ok(path)
}

fn check_length(path: &Path) -> Result<(), Obstacle> {
    let length: usize = path.iter().map(|part| part.len() + 1).sum();
    if length > 4096 || path.last().is_some_and(|last| last.len() > 255) {
        return Err("a name is too long".into());
    }
    Ok(())
}

fn check_target(mut depth: usize, target: &[u8]) -> Result<(), Obstacle> {
    if target.is_empty() || target.len() > 4095 {
        return Err("the target of a symbolic link is empty or too long".into());
    }
    if target.starts_with(b"/") {
        return Ok(());
    }
    for part in parts(target) {
        depth = if part == b".." {
            depth
                .checked_sub(1)
                .ok_or("the target of a symbolic link leads out of the root")?
        } else {
            depth + 1
        };
    }
    Ok(())
}
