//! Trees of the entries that a tar is built of.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    forge::{len, tar::TarEntry},
    format::Digest,
    vectors::{
        Decimal,
        ops::{NodeTypeOutput, TreeEntryOutput, TreeOutput},
    },
};

/// What is at each path.
#[derive(Clone, Default)]
pub(super) struct Nodes(BTreeMap<Vec<u8>, TreeEntryOutput>);

impl Nodes {
    /// The tree of these entries, each in the place of what was at its path, and no other below what is no directory.
    pub(super) fn of(entries: &[TarEntry]) -> Self {
        let mut nodes = Self::default();
        for entry in entries {
            nodes.put(entry);
        }
        nodes
    }

    /// The same with the entry.
    pub(super) fn with(mut self, entry: &TarEntry) -> Self {
        self.put(entry);
        self
    }

    /// The same with a change of the node at this path, which is there.
    pub(super) fn changed(mut self, path: &str, change: impl FnOnce(&mut TreeEntryOutput)) -> Self {
        if let Some(node) = self.0.get_mut(path.as_bytes()) {
            change(node);
        }
        self
    }

    /// The tree as an output.
    pub(super) fn output(self) -> TreeOutput {
        TreeOutput {
            entries: self.0.into_values().collect(),
        }
    }

    fn put(&mut self, entry: &TarEntry) {
        let path = clean(&entry.name);
        let node = if entry.flag == b'1' {
            // The tests refuse a tree that lacks a link whose target is missing.
            let Some(target) = self.0.get(&clean(&entry.link)) else {
                return;
            };
            TreeEntryOutput {
                path: STANDARD.encode(&path),
                ..target.clone()
            }
        } else {
            node(&path, entry)
        };
        if node.kind != NodeTypeOutput::Dir {
            let below = [&path[..], b"/"].concat();
            self.0.retain(|other, _| !other.starts_with(&below));
        }
        self.0.insert(path, node);
    }
}

fn node(path: &[u8], entry: &TarEntry) -> TreeEntryOutput {
    let number = |number: u64| Some(Decimal(i64::try_from(number).unwrap_or(i64::MAX)));
    let mut node = TreeEntryOutput {
        path: STANDARD.encode(path),
        kind: NodeTypeOutput::Reg,
        size: None,
        sha256: None,
        link: None,
        mode: number(entry.mode & 0o7777),
        uid: number(entry.uid),
        gid: number(entry.gid),
        mtime: Some(entry.mtime.to_string()),
        dev_major: None,
        dev_minor: None,
        xattrs: entry
            .xattrs
            .iter()
            .map(|(name, value)| (STANDARD.encode(name), STANDARD.encode(value)))
            .collect(),
    };
    match entry.flag {
        b'2' => {
            node.kind = NodeTypeOutput::Symlink;
            node.link = Some(STANDARD.encode(&entry.link));
            node.mode = None;
        }
        b'3' | b'4' => {
            node.kind = if entry.flag == b'3' {
                NodeTypeOutput::Char
            } else {
                NodeTypeOutput::Block
            };
            node.dev_major = number(entry.dev.0);
            node.dev_minor = number(entry.dev.1);
        }
        b'5' => node.kind = NodeTypeOutput::Dir,
        b'6' => node.kind = NodeTypeOutput::Fifo,
        _ => {
            node.size = Some(Decimal(len(&entry.content)));
            node.sha256 = Some(Digest::of(&entry.content).hex());
        }
    }
    node
}

/// The name as a path from the root.
fn clean(name: &[u8]) -> Vec<u8> {
    let mut path: Vec<&[u8]> = Vec::new();
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join(&b'/')
}
