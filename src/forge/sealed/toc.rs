//! The TOC as JSON in which offsets and digests follow what they are of.

use super::{Toc, Unsealed, within};
use crate::{forge::json::Node, format::Digest};

/// The keys of an entry that are offsets in the blob.
const OFFSETS: [&str; 2] = ["offset", "endOffset"];
/// Stands for a frame, with its number. No JSON has such a value.
pub(super) const FRAME: &str = "$frame-";
/// Stands for the digest that its place asks for.
pub(super) const SEAL: &str = "$seal";
/// The key of the tar-split's digest.
const TAR_SPLIT_DIGEST: &str = "tarSplitDigest";

/// What the digests of the TOC are computed from.
pub(super) struct Contents {
    tar: Vec<u8>,
    /// Where each frame begins in the tar.
    starts: Vec<usize>,
}

impl Contents {
    pub(super) fn of(layer: &Unsealed) -> Self {
        Self {
            tar: layer.tar(),
            starts: layer.starts(),
        }
    }

    /// The digest of so many bytes of an entry, whose offset stands for a frame.
    fn digest(&self, entry: &Node, length: u64) -> Option<String> {
        let start = *self.starts.get(frame_of(entry.get("offset")?)?)?;
        let start = start.checked_add(usize::try_from(entry.number_of("innerOffset")).ok()?)?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        Some(Digest::of(within(&self.tar, start..end)).to_string())
    }
}

/// The lengths that the two digests of an entry are of.
#[derive(Clone, Copy, Default)]
struct File {
    size: u64,
}

impl File {
    /// The file that the entries from this one on are of.
    fn next(self, entry: &Node) -> Self {
        if is_chunk(entry) {
            self
        } else {
            Self {
                size: entry.number_of("size"),
            }
        }
    }

    fn length(self, entry: &Node, key: &str) -> Option<u64> {
        let chunk = entry.number_of("chunkSize");
        match key {
            "digest" => Some(self.size),
            "chunkDigest" if chunk > 0 => Some(chunk),
            "chunkDigest" => Some(self.size.saturating_sub(entry.number_of("chunkOffset"))),
            _ => None,
        }
    }
}

/// The TOC as it goes into the blob.
pub(super) fn sealed(value: &Node, contents: &Contents, offsets: &[u64], tar_split: &str) -> Node {
    let mut value = value.clone();
    if value.get(TAR_SPLIT_DIGEST).is_some_and(is_seal) {
        value.insert(TAR_SPLIT_DIGEST, Node::text(tar_split));
    }
    let mut file = File::default();
    for entry in entries_mut(&mut value) {
        file = file.next(entry);
        for key in ["digest", "chunkDigest"] {
            if entry.get(key).is_some_and(is_seal) {
                let digest = file
                    .length(entry, key)
                    .and_then(|length| contents.digest(entry, length));
                // Where there is no content any more, the digest is that of nothing.
                let digest = digest.unwrap_or_else(|| Digest::of(b"").to_string());
                entry.insert(key, Node::text(&digest));
            }
        }
        for key in OFFSETS {
            if let Some(frame) = entry.get(key).and_then(frame_of) {
                let offset = offsets.get(frame).or(offsets.last()).copied().unwrap_or(0);
                entry.insert(key, Node::number(offset));
            }
        }
    }
    value
}

/// The TOC of a layer, of whose frames these are the offsets.
pub(super) fn unsealed(mut value: Node, contents: &Contents, offsets: &[u64], tar_split: &str) -> Node {
    if value.text_of(TAR_SPLIT_DIGEST).as_deref() == Some(tar_split) {
        value.insert(TAR_SPLIT_DIGEST, Node::atom(SEAL));
    }
    let mut file = File::default();
    for entry in entries_mut(&mut value) {
        file = file.next(entry);
        for key in OFFSETS {
            let offset = entry.get(key).and_then(Node::as_number);
            if let Some(frame) = offset.and_then(|offset| offsets.binary_search(&offset).ok())
                // An offset of 0 is how some say that there is none.
                && (offset != Some(0) || entry.number_of("size") > 0)
            {
                entry.insert(key, frame_node(frame));
            }
        }
        for key in ["digest", "chunkDigest"] {
            let computed = file
                .length(entry, key)
                .and_then(|length| contents.digest(entry, length));
            if computed.is_some() && entry.text_of(key) == computed {
                entry.insert(key, Node::atom(SEAL));
            }
        }
    }
    value
}

/// Changes the numbers of the frames that the TOC names.
pub(super) fn renumber(toc: &mut Toc, change: &dyn Fn(usize) -> usize) {
    let Toc::Json(value) = toc else { return };
    for entry in entries_mut(value) {
        for key in OFFSETS {
            if let Some(frame) = entry.get(key).and_then(frame_of) {
                entry.insert(key, frame_node(change(frame)));
            }
        }
    }
}

/// The entries of a TOC that are objects.
pub(super) fn entries_mut(value: &mut Node) -> impl Iterator<Item = &mut Node> {
    let entries = match value.get_mut("entries") {
        Some(Node::Array(entries)) => entries.as_mut_slice(),
        _ => &mut [],
    };
    entries.iter_mut().filter(|entry| entry.is_object())
}

/// The list of entries.
pub(super) fn list_mut(toc: &mut Toc) -> Option<&mut Vec<Node>> {
    match toc {
        Toc::Json(value) => match value.get_mut("entries")? {
            Node::Array(entries) => Some(entries),
            _ => None,
        },
        Toc::Text(_) | Toc::Payload(_) => None,
    }
}

pub(super) fn is_chunk(entry: &Node) -> bool {
    entry.text_of("type").as_deref() == Some("chunk")
}

/// Stands for the offset of a frame.
pub(super) fn frame_node(frame: usize) -> Node {
    Node::Atom(format!("{FRAME}{frame}"))
}

/// The frame that a value stands for.
fn frame_of(value: &Node) -> Option<usize> {
    match value {
        Node::Atom(text) => text.strip_prefix(FRAME)?.parse().ok(),
        _ => None,
    }
}

fn is_seal(value: &Node) -> bool {
    matches!(value, Node::Atom(text) if text == SEAL)
}
