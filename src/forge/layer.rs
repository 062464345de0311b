//! Whole layers, in steps that a case can change between: a [`Plan`] of tar entries becomes [`Parts`] (data frames, TOC
//! entries, tar-split lines), these become [`Payloads`], these get their places ([`Placed`]), and those are a [`Layer`].
//! Each step seals what the steps before it left: digests, lengths and positions follow a change, unless it comes later.

use std::collections::BTreeMap;

use super::{
    SKIPPABLE, annotations as keys,
    dialect::facts,
    footer::{Footer, Span},
    len, skippable,
    tar::{self, TarEntry},
    tarsplit::{self, Line},
    toc::{self, Style, TocEntry},
    zstd,
};
use crate::format::{Dialect, Digest};

/// What a layer is made of.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) dialect: Dialect,
    pub(crate) style: Style,
    /// Bytes before the first frame.
    pub(crate) prefix: Vec<u8>,
    pub(crate) entries: Vec<TarEntry>,
    /// Whether the last entry is padded.
    pub(crate) padded: bool,
    /// What follows the last entry and its padding.
    pub(crate) tail: Vec<u8>,
    /// What fills the last block of each content.
    pub(crate) fill: u8,
}

impl Plan {
    /// As containers/storage writes it.
    pub(crate) fn new(dialect: Dialect, entries: Vec<TarEntry>) -> Self {
        Self {
            dialect,
            style: facts(dialect).style,
            prefix: Vec::new(),
            entries,
            padded: true,
            tail: tar::end(),
            fill: 0,
        }
    }

    /// As stargz-snapshotter writes it.
    pub(crate) fn stargz(entries: Vec<TarEntry>) -> Self {
        Self {
            style: Style::Stargz,
            ..Self::new(Dialect::G1, entries)
        }
    }

    /// The tar itself.
    pub(crate) fn tar(&self) -> Vec<u8> {
        let mut tar: Vec<u8> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            tar.extend(entry.header());
            tar.extend(&entry.content);
            tar.extend(self.padding(index));
        }
        tar.extend(&self.tail);
        tar
    }

    /// What fills the last block of this entry.
    pub(crate) fn padding(&self, index: usize) -> Vec<u8> {
        let last = index + 1 == self.entries.len();
        if last && !self.padded {
            return Vec::new();
        }
        let mut padding = tar::padding(self.entries[index].content.len());
        padding.fill(self.fill);
        padding
    }

    pub(crate) fn parts(&self) -> Parts {
        let mut parts = Parts::empty(self.clone());
        parts.data.clone_from(&self.prefix);
        let mut pending: Vec<u8> = Vec::new();
        let mut segment: Vec<u8> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let header = entry.header();
            pending.extend(&header);
            segment.extend(&header);
            parts.tar_split.push(Line::Segment(segment));
            parts.tar_split.push(parts_line(entry));
            segment = self.padding(index);
            let at = parts.toc.len();
            parts.toc.push(TocEntry::of(entry));
            if !entry.content.is_empty() {
                parts.flush(&mut pending);
                parts.push_content(at, entry, &mut pending);
            }
            pending.extend(&segment);
        }
        pending.extend(&self.tail);
        segment.extend(&self.tail);
        parts.flush(&mut pending);
        if !segment.is_empty() {
            parts.tar_split.push(Line::Segment(segment));
        }
        parts
    }

    /// The layer without any change.
    pub(crate) fn layer(&self) -> Layer {
        self.parts().payloads().place().layer()
    }
}

fn parts_line(entry: &TarEntry) -> Line {
    let Line::File { payload, .. } = Line::file("", &entry.content) else {
        return Line::Segment(Vec::new());
    };
    // Go records the header's size and the CRC of what it read, also where the type has no content.
    let size = entry.size();
    Line::File {
        name: entry.name.clone(),
        size,
        payload: if size == 0 { None } else { payload.or(Some(vec![0; 8])) },
    }
}

/// What the TOC says of the tar-split's digest.
#[derive(Clone)]
pub(crate) enum NamedDigest {
    /// What the dialect says: the digest in g5, nothing before.
    Right,
    /// Something else.
    Other(String),
}

/// Data frames, and what the index says about them.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) plan: Plan,
    /// The frames before the TOC.
    pub(crate) data: Vec<u8>,
    pub(crate) toc: Vec<TocEntry>,
    pub(crate) tar_split: Vec<Line>,
    pub(crate) named_digest: NamedDigest,
}

impl Parts {
    /// What a plan is before anything of it is written.
    pub(crate) const fn empty(plan: Plan) -> Self {
        Self {
            plan,
            data: Vec::new(),
            toc: Vec::new(),
            tar_split: Vec::new(),
            named_digest: NamedDigest::Right,
        }
    }

    fn flush(&mut self, pending: &mut Vec<u8>) {
        if !pending.is_empty() {
            self.data.extend(zstd::frame(pending));
            pending.clear();
        }
    }

    /// Frames for the content of a file, whose entry is the last of the TOC so far.
    fn push_content(&mut self, at: usize, entry: &TarEntry, pending: &mut Vec<u8>) {
        self.toc[at].digest = Digest::of(&entry.content).to_string();
        if self.plan.style == Style::Stargz {
            self.toc[at].offset = len(&self.data);
            self.toc[at].chunk_digest = self.toc[at].digest.clone();
            pending.extend(&entry.content);
            return;
        }
        let whole = [(entry.content.len(), false)];
        let chunks = if entry.chunks.is_empty() {
            &whole[..]
        } else {
            &entry.chunks
        };
        let mut start = 0;
        for (index, &(length, zeros)) in chunks.iter().enumerate() {
            let content = &entry.content[start..start + length];
            let offset = len(&self.data);
            if index > 0 {
                let chunk = TocEntry {
                    kind: "chunk".to_owned(),
                    name: self.toc[at].name.clone(),
                    ..TocEntry::default()
                };
                self.toc.push(chunk);
            }
            let chunk = &mut self.toc[at + index];
            chunk.offset = offset;
            if chunks.len() > 1 {
                chunk.chunk_size = len(content);
                chunk.chunk_offset = len(&entry.content[..start]);
                chunk.chunk_digest = Digest::of(content).to_string();
            }
            if self.plan.style == Style::Full {
                chunk.chunk_digest = Digest::of(content).to_string();
            }
            if zeros {
                chunk.chunk_type = "zeros".to_owned();
            }
            self.data.extend(zstd::frame(content));
            start += length;
        }
        self.toc[at].end_offset = len(&self.data);
    }

    pub(crate) fn payloads(self) -> Payloads {
        let tar_split_json = tarsplit::document(&self.tar_split);
        let tar_split = if tar_split_json.is_empty() {
            Vec::new()
        } else {
            zstd::frame(tar_split_json.as_bytes())
        };
        let digest = match self.named_digest {
            NamedDigest::Right if facts(self.plan.dialect).digest_in_toc => Some(Digest::of(&tar_split).to_string()),
            NamedDigest::Right => None,
            NamedDigest::Other(digest) => Some(digest),
        };
        let toc_json = toc::document(self.plan.style, &self.toc, digest.as_deref());
        Payloads {
            toc: zstd::frame(toc_json.as_bytes()),
            toc_json,
            tar_split,
            tar_split_uncompressed: len(tar_split_json.as_bytes()),
            plan: self.plan,
            data: self.data,
            entries: self.toc,
        }
    }
}

/// The bytes of every frame but the footer's.
#[derive(Clone)]
pub(crate) struct Payloads {
    pub(crate) plan: Plan,
    pub(crate) data: Vec<u8>,
    /// What the TOC lists.
    pub(crate) entries: Vec<TocEntry>,
    pub(crate) toc_json: String,
    /// The compressed TOC.
    pub(crate) toc: Vec<u8>,
    /// The compressed tar-split.
    pub(crate) tar_split: Vec<u8>,
    pub(crate) tar_split_uncompressed: u64,
}

impl Payloads {
    pub(crate) fn place(self) -> Placed {
        let toc = Span {
            offset: len(&self.data) + 8,
            length: len(&self.toc),
            uncompressed: len(self.toc_json.as_bytes()),
        };
        let tar_split = Span {
            offset: toc.end() + 8,
            length: len(&self.tar_split),
            uncompressed: self.tar_split_uncompressed,
        };
        let facts = facts(self.plan.dialect);
        let footer = (facts.footer)(toc, tar_split);
        Placed {
            annotations: annotations(&self, toc, tar_split),
            toc_frame: skippable(SKIPPABLE, &self.toc),
            tar_split_frame: if facts.tar_split {
                skippable(SKIPPABLE, &self.tar_split)
            } else {
                Vec::new()
            },
            footer_frame: footer.frame(),
            footer,
            toc,
            tar_split,
            payloads: self,
        }
    }
}

fn annotations(payloads: &Payloads, toc: Span, tar_split: Span) -> BTreeMap<String, String> {
    let facts = facts(payloads.plan.dialect);
    let mut annotations = BTreeMap::new();
    let mut insert = |suffix: &str, value: String| annotations.insert(format!("{}{suffix}", facts.prefix), value);
    insert(keys::MANIFEST_CHECKSUM, Digest::of(&payloads.toc).to_string());
    insert(keys::MANIFEST_POSITION, keys::toc_position(toc, 1));
    if facts.tar_split {
        insert(keys::TARSPLIT_POSITION, keys::position(tar_split));
    }
    if facts.annotated_digest {
        insert(keys::TARSPLIT_CHECKSUM, Digest::of(&payloads.tar_split).to_string());
    }
    if payloads.plan.style == Style::Stargz {
        let digest = Digest::of(payloads.toc_json.as_bytes()).to_string();
        annotations.insert(keys::ESTARGZ.to_owned(), digest);
    }
    annotations
}

/// Everything in its place, to be joined.
#[derive(Clone)]
pub(crate) struct Placed {
    pub(crate) payloads: Payloads,
    pub(crate) toc: Span,
    pub(crate) tar_split: Span,
    pub(crate) toc_frame: Vec<u8>,
    pub(crate) tar_split_frame: Vec<u8>,
    /// The footer as it was computed; what goes into the blob is the frame.
    pub(crate) footer: Footer,
    pub(crate) footer_frame: Vec<u8>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Placed {
    /// Sets an annotation with today's prefix.
    pub(crate) fn annotate(&mut self, suffix: &str, value: impl Into<String>) {
        self.annotations
            .insert(format!("{}{suffix}", keys::PREFIX), value.into());
    }

    /// Removes an annotation with today's prefix.
    pub(crate) fn strip(&mut self, suffix: &str) {
        self.annotations.remove(&format!("{}{suffix}", keys::PREFIX));
    }

    pub(crate) fn layer(self) -> Layer {
        Layer {
            tar: self.payloads.plan.tar(),
            toc_digest: Digest::of(&self.payloads.toc).to_string(),
            blob: [
                self.payloads.data,
                self.toc_frame,
                self.tar_split_frame,
                self.footer_frame,
            ]
            .concat(),
            annotations: self.annotations,
            toc: self.payloads.entries,
        }
    }
}

/// A layer, and what there is to know about it.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) blob: Vec<u8>,
    pub(crate) annotations: BTreeMap<String, String>,
    /// The tar of the plan.
    pub(crate) tar: Vec<u8>,
    /// What its TOC lists.
    pub(crate) toc: Vec<TocEntry>,
    /// The digest of the compressed TOC.
    pub(crate) toc_digest: String,
}
