//! Writing the TOC, entry by entry, as the writer of a dialect does.
//!
//! Which fields of an entry are left out when they are zero is the Go library's choice, not a rule: all are, except type
//! and name. Up to g4 the three times are always there, with Go's zero time for one that the tar does not have, and
//! extended attributes without a value are missing. In g5 times that the tar does not have are left out, as the library
//! does since v1.55.

use std::{fmt::Write as _, io};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Level,
    payload::{Document, Payload},
};
use crate::format::{
    Dialect, Digest,
    dialect::EntryFacts,
    json::push_escaped,
    time::Timestamp,
    toc::{Chunk, Entry},
};

/// Go's zero time.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// A TOC in the making.
pub(super) struct TocWriter {
    payload: Payload,
    facts: EntryFacts,
    is_empty: bool,
}

impl TocWriter {
    pub(super) fn new(dialect: Dialect, level: Level) -> io::Result<Self> {
        let mut payload = Payload::new(level)?;
        payload.write(b"{\"version\":1,\"entries\":")?;
        Ok(Self {
            payload,
            facts: dialect.facts().entries,
            is_empty: true,
        })
    }

    /// Adds an entry with its chunks.
    pub(super) fn push(&mut self, entry: &Entry) -> io::Result<()> {
        let mut text = String::from(if self.is_empty { "[" } else { "," });
        self.is_empty = false;
        let several = entry.chunks.len() > 1;
        let mut object = Object::begin(&mut text, entry.kind.name(), &entry.name);
        self.metadata(entry, &mut object);
        if let Some(first) = entry.chunks.first() {
            object.number("offset", first.offset);
            object.number("endOffset", entry.chunks.last().and_then(|last| last.end).unwrap_or(0));
            if several {
                object.chunk(first);
            }
        }
        object.end();
        for chunk in entry.chunks.iter().skip(1) {
            text.push(',');
            let mut object = Object::begin(&mut text, "chunk", &entry.name);
            object.number("offset", chunk.offset);
            object.chunk(chunk);
            object.end();
        }
        self.payload.write(text.as_bytes())
    }

    /// Ends the TOC, with the digest of the tar-split where the dialect has it.
    pub(super) fn finish(mut self, tar_split: Option<Digest>) -> io::Result<Document> {
        self.payload.write(if self.is_empty { b"null" } else { b"]" })?;
        if let Some(digest) = tar_split {
            self.payload
                .write(format!(",\"tarSplitDigest\":\"{digest}\"").as_bytes())?;
        }
        self.payload.write(b"}")?;
        self.payload.finish()
    }

    fn metadata(&self, entry: &Entry, object: &mut Object<'_>) {
        object.text("linkName", entry.link_name());
        object.number("mode", entry.mode());
        object.number("size", entry.size);
        object.number("uid", entry.uid());
        object.number("gid", entry.gid());
        self.time("modtime", entry.modtime, object);
        self.time("accesstime", entry.accesstime(), object);
        self.time("changetime", entry.changetime(), object);
        object.number("devMajor", entry.dev_major());
        object.number("devMinor", entry.dev_minor());
        let with_empty = self.facts.empty_xattrs;
        object.xattrs(
            entry
                .xattrs()
                .iter()
                .filter(|(_, value)| with_empty || !value.is_empty()),
        );
        object.digest("digest", entry.digest);
    }

    fn time(&self, key: &str, time: Option<Timestamp>, object: &mut Object<'_>) {
        match time {
            Some(time) => object.text(key, &time.to_string()),
            None if self.facts.absent_times => object.text(key, NO_TIME),
            None => {}
        }
    }
}

/// An element of `entries` that is being written. What is zero or empty is left out.
struct Object<'t> {
    text: &'t mut String,
}

impl<'t> Object<'t> {
    fn begin(text: &'t mut String, kind: &str, name: &str) -> Self {
        text.push_str("{\"type\":\"");
        text.push_str(kind);
        text.push_str("\",\"name\":\"");
        push_escaped(text, name);
        text.push('"');
        Self { text }
    }

    fn end(self) {
        self.text.push('}');
    }

    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.key(key);
            self.quoted(value);
        }
    }

    fn number<N: Default + PartialEq + std::fmt::Display>(&mut self, key: &str, value: N) {
        if value != N::default() {
            self.key(key);
            // Writing to a string does not fail.
            let _: std::fmt::Result = write!(self.text, "{value}");
        }
    }

    fn digest(&mut self, key: &str, digest: Option<Digest>) {
        if let Some(digest) = digest {
            self.text(key, &digest.to_string());
        }
    }

    fn chunk(&mut self, chunk: &Chunk) {
        self.number("chunkSize", chunk.size);
        self.number("chunkOffset", chunk.file_offset);
        self.digest("chunkDigest", chunk.digest);
        self.text("chunkType", if chunk.zeros { "zeros" } else { "" });
    }

    fn xattrs<'a>(&mut self, xattrs: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) {
        let mut separator = ",\"xattrs\":{";
        for (name, value) in xattrs {
            self.text.push_str(separator);
            self.quoted(name);
            self.text.push(':');
            self.quoted(&STANDARD.encode(value));
            separator = ",";
        }
        if separator == "," {
            self.text.push('}');
        }
    }

    fn key(&mut self, key: &str) {
        self.text.push_str(",\"");
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    fn quoted(&mut self, value: &str) {
        self.text.push('"');
        push_escaped(self.text, value);
        self.text.push('"');
    }
}
