//! An adapter between chunkproof and tar-core, which parses tars and creates nothing.
//!
//! It lists the entries that the parser gives and puts the tree together, as docs/protocol.md describes it for `tar/list`.

mod tree;

use std::io::{self, Read, Write};

use chunkproof_adapter::{Adapter, Answer, CHUNKED, Failure, Tar, bytes, locked};
use serde_json::{Map, Value, json};
use tar_core::{
    EntryType, SparseEntry,
    parse::{Limits, ParseEvent, ParsedEntry, Parser},
};
use tree::{Node, Tree};

/// What was built, so what is under test.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

/// The largest file that is expanded from a sparse one. The parser leaves it to its callers.
const LARGEST_SPARSE: u64 = 1 << 30;

/// The largest owner that the protocol can express.
const LARGEST_OWNER: u64 = i64::MAX as u64;

/// Why there is no tree.
pub type Obstacle = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    Adapter::new("tar-core", locked(LOCK, "tar-core")?)
        .declare("lacks", json!({"tar/list": ["mtime-fraction"]}))
        .operation("tar/list", CHUNKED, |input| {
            let tar = input.bytes("tar")?;
            Ok(match entries(&tar) {
                Ok(entries) => Answer::Accept(json!({"entries": entries})),
                Err(error) => Answer::reject(error),
            })
        })
        .run()
}

/// The loop that the documentation of `Parser` describes, over a tar that is there as a whole.
fn entries(tar: &[u8]) -> Result<Vec<Value>, Obstacle> {
    let mut parser = Parser::new(Limits::default());
    let mut tree = Tree::default();
    let mut rest = tar;
    loop {
        match parser.parse(rest)? {
            ParseEvent::NeedData { .. } if rest.is_empty() => return Ok(tree.entries()),
            ParseEvent::NeedData { .. } => return Err("unexpected end of the tar".into()),
            ParseEvent::GlobalExtensions { consumed, .. } => rest = after(rest, consumed)?,
            ParseEvent::Entry { consumed, entry } => {
                rest = after(rest, consumed)?;
                let content = content(&mut rest, &entry)?;
                put(&mut tree, &entry, |to| to.write_all(content))?;
            }
            ParseEvent::SparseEntry {
                consumed,
                entry,
                sparse_map,
                real_size,
            } => {
                rest = after(rest, consumed)?;
                let content = content(&mut rest, &entry)?;
                put(&mut tree, &entry, |to| expand(content, &sparse_map, real_size, to))?;
            }
            ParseEvent::End { .. } => return Ok(tree.entries()),
        }
    }
}

fn after(rest: &[u8], consumed: usize) -> Result<&[u8], Obstacle> {
    Ok(rest.get(consumed..).ok_or("more was consumed than there is")?)
}

/// The content of an entry. The padding may be missing at the end of the tar.
fn content<'a>(rest: &mut &'a [u8], entry: &ParsedEntry<'_>) -> Result<&'a [u8], Obstacle> {
    let size = usize::try_from(entry.size)?;
    let (content, tail) = rest
        .split_at_checked(size)
        .ok_or("the tar ends within the content of an entry")?;
    let padding = (size.wrapping_neg() % 512).min(tail.len());
    *rest = &tail[padding..];
    Ok(content)
}

fn put(
    tree: &mut Tree,
    entry: &ParsedEntry<'_>,
    write: impl FnOnce(&mut Tar) -> io::Result<()>,
) -> Result<(), Obstacle> {
    let target = entry.link_target.as_deref().unwrap_or_default();
    if entry.entry_type.is_hard_link() {
        return tree.link(&entry.path, target);
    }
    let mut fields = Map::new();
    for (name, owner) in [("uid", entry.uid), ("gid", entry.gid)] {
        fields.insert(name.to_owned(), json!(owner.min(LARGEST_OWNER).to_string()));
    }
    fields.insert("mtime".to_owned(), json!(entry.mtime.to_string()));
    let kind = match entry.entry_type {
        EntryType::Directory => "dir",
        EntryType::Symlink => "symlink",
        EntryType::Char => "char",
        EntryType::Block => "block",
        EntryType::Fifo => "fifo",
        // POSIX asks for a regular file where a type is not known.
        _ => "reg",
    };
    fields.insert("type".to_owned(), json!(kind));
    match kind {
        "symlink" => {
            fields.insert("link".to_owned(), encoded(target));
        }
        _ => {
            fields.insert("mode".to_owned(), json!((entry.mode & 0o7777).to_string()));
        }
    }
    match kind {
        "reg" => {
            let mut content = Tar::default();
            write(&mut content)?;
            if let Value::Object(output) = content.output() {
                fields.extend(output);
            }
        }
        "char" | "block" => {
            let number = |number: Option<u32>| json!(number.unwrap_or_default().to_string());
            fields.insert("dev_major".to_owned(), number(entry.dev_major));
            fields.insert("dev_minor".to_owned(), number(entry.dev_minor));
        }
        _ => {}
    }
    if !entry.xattrs.is_empty() {
        let attributes = entry.xattrs.iter().filter_map(|(name, value)| {
            let name = encoded(name).as_str()?.to_owned();
            Some((name, encoded(value)))
        });
        fields.insert("xattrs".to_owned(), Value::Object(attributes.collect()));
    }
    let is_directory = kind == "dir";
    let target = (kind == "symlink").then(|| target.to_owned());
    tree.put(
        &entry.path,
        Node {
            is_directory,
            target,
            fields: Some(fields),
        },
    )
}

/// Writes a sparse file with its holes.
fn expand(mut data: &[u8], map: &[SparseEntry], size: u64, to: &mut Tar) -> io::Result<()> {
    if size > LARGEST_SPARSE {
        return Err(io::Error::other("the sparse file is larger than 1 GiB"));
    }
    let mut at = 0;
    for part in map {
        let hole = part
            .offset
            .checked_sub(at)
            .ok_or_else(|| io::Error::other("the map of the sparse file is out of order"))?;
        at = part.offset.saturating_add(part.length);
        if at > size {
            return Err(io::Error::other("the map of the sparse file leads past its end"));
        }
        io::copy(&mut io::repeat(0).take(hole), to)?;
        if io::copy(&mut (&mut data).take(part.length), to)? != part.length {
            return Err(io::Error::other("the sparse file has less data than its map"));
        }
    }
    io::copy(&mut io::repeat(0).take(size - at), to)?;
    Ok(())
}

fn encoded(content: &[u8]) -> Value {
    bytes(content)["base64"].take()
}
