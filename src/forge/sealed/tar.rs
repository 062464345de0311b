//! The tar inside a layer, and changes of it that data frames, tar-split and TOC all follow.

use std::ops::Range;

use super::{Crc, Frame, Line, TarSplit, Unsealed, toc, within};
use crate::forge::{
    json::Node,
    number,
    tar::{BLOCK, headers},
};

/// Where an entry of the tar is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::forge) struct EntrySpan {
    /// Its extension headers, its header, its content and the padding.
    pub(in crate::forge) whole: Range<usize>,
    /// Where its header block is.
    pub(super) header: usize,
    pub(in crate::forge) content: Range<usize>,
    pub(super) name: Vec<u8>,
    /// Whether the size in the header block is the one that counts.
    plain_size: bool,
}

/// The entries of a tar before its end, each with its extension headers.
pub(super) fn entries(tar: &[u8]) -> Vec<EntrySpan> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    for header in headers(tar) {
        // Blocks of zeros end the archive.
        if header.is_cut || header.at != at {
            break;
        }
        at = header.end;
        if !header.is_extension() {
            out.push(EntrySpan {
                whole: start..at,
                header: header.at,
                content: header.body,
                name: header.name,
                plain_size: header.plain_size,
            });
            start = at;
        }
    }
    out
}

/// A name without what a TOC may write in another way.
fn bare(name: &[u8]) -> &[u8] {
    let mut name = name;
    while let Some(rest) = name.strip_prefix(b"./").or_else(|| name.strip_prefix(b"/")) {
        name = rest;
    }
    name.strip_suffix(b"/").unwrap_or(name)
}

/// Whether an entry of the TOC has the name of an entry of the tar.
fn names(listed: &Node, name: &[u8]) -> bool {
    let listed = listed.text_of("name");
    listed.is_some_and(|listed| bare(listed.as_bytes()) == bare(name))
}

impl Unsealed {
    /// Takes an entry out of the tar, and what TOC and tar-split have of it.
    pub(in crate::forge) fn drop_entry(&mut self, entry: &EntrySpan) {
        if let Some(list) = toc::list_mut(&mut self.toc) {
            let mut gone = false;
            list.retain(|listed| {
                if !toc::is_chunk(listed) {
                    gone = names(listed, &entry.name);
                }
                !gone
            });
        }
        self.cut(entry.whole.clone());
    }

    /// Shortens the content of a file. Whether that can be done: a size that PAX records give stays as it is.
    pub(in crate::forge) fn shorten(&mut self, entry: &EntrySpan, length: usize) -> bool {
        if length >= entry.content.len() || !entry.plain_size {
            return false;
        }
        let end = entry.content.start + length;
        let padding = entry.whole.end - entry.content.end;
        let wanted = length.next_multiple_of(BLOCK) - length;
        // The padding is changed first, since it lies behind.
        if wanted > padding {
            if !self.insert_zeros(entry.content.end, wanted - padding) {
                return false;
            }
        } else {
            self.cut(entry.content.end..entry.content.end + padding - wanted);
        }
        self.cut(end..entry.content.end);
        let octal = format!("{length:011o}\0");
        self.overwrite(entry.header + 124, octal.as_bytes());
        self.seal_header(entry.header);
        self.shorten_listed(&entry.name, number(length));
        true
    }

    /// Writes a shorter size into the TOC, and drops the chunks behind it.
    fn shorten_listed(&mut self, name: &[u8], length: u64) {
        let Some(list) = toc::list_mut(&mut self.toc) else {
            return;
        };
        let mut of_file = false;
        list.retain_mut(|listed| {
            let chunk = toc::is_chunk(listed);
            if !chunk {
                of_file = names(listed, name);
            }
            if !of_file {
                return true;
            }
            let offset = listed.number_of("chunkOffset");
            if chunk && offset >= length {
                return false;
            }
            if let Some(size) = listed.get_mut("size") {
                *size = Node::number(length);
            }
            let size = listed.number_of("chunkSize");
            if size > length.saturating_sub(offset) {
                listed.insert("chunkSize", Node::number(length.saturating_sub(offset)));
            }
            if length == 0 {
                for key in [
                    "digest",
                    "offset",
                    "endOffset",
                    "chunkDigest",
                    "chunkSize",
                    "chunkType",
                    "innerOffset",
                ] {
                    listed.remove(key);
                }
            }
            true
        });
    }

    /// Takes bytes out of the tar. Frames and lines of which nothing is left go with them.
    pub(in crate::forge) fn cut(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let starts = self.starts();
        for at in (0..self.frames.len()).rev() {
            let (Some(&start), Some(frame)) = (starts.get(at), self.frames.get_mut(at)) else {
                continue;
            };
            let inside = overlap(&range, start, frame.content().len());
            if inside.is_empty() {
                continue;
            }
            frame.edit(|content| drop(content.drain(inside)));
            if frame.content().is_empty() {
                self.remove_frame(at);
            }
        }
        let Some(TarSplit::Lines(lines)) = &mut self.tar_split else {
            return;
        };
        let mut kept: Vec<Line> = Vec::new();
        let mut start = 0;
        for mut line in std::mem::take(lines) {
            let covers = line.covers();
            let inside = overlap(&range, start, covers);
            // An entry without content belongs to the header before it.
            let gone = range.start < start && start + covers <= range.end;
            match &mut line {
                Line::Segment(bytes) => {
                    bytes.drain(inside);
                    match kept.last_mut() {
                        // Where an entry is gone, what was before and after it is one segment.
                        Some(Line::Segment(before)) => before.append(bytes),
                        _ if bytes.is_empty() => {}
                        _ => kept.push(line),
                    }
                }
                Line::File { size, .. } if !gone => {
                    *size = size.saturating_sub(number(inside.len()));
                    kept.push(line);
                }
                Line::Odd { covers, .. } if !gone => {
                    *covers = covers.saturating_sub(number(inside.len()));
                    kept.push(line);
                }
                Line::File { .. } | Line::Odd { .. } => {}
            }
            start += covers;
        }
        *lines = kept;
    }

    /// Puts zeros into the tar, where a frame and a segment hold the byte in front of which they come.
    fn insert_zeros(&mut self, at: usize, count: usize) -> bool {
        let starts = self.starts();
        let holds = |start: usize, length: usize| (start..start + length).contains(&at);
        let frame = self
            .frames
            .iter_mut()
            .zip(&starts)
            .find(|(frame, start)| holds(**start, frame.content().len()));
        let Some((frame, &start)) = frame else { return false };
        let zeros = || std::iter::repeat_n(0, count);
        if let Some(TarSplit::Lines(lines)) = &mut self.tar_split {
            let mut start = 0;
            let line = lines.iter_mut().find_map(|line| {
                let (from, length) = (start, line.covers());
                start += length;
                holds(from, length).then_some((line, from))
            });
            let Some((Line::Segment(bytes), start)) = line else {
                return false;
            };
            bytes.splice(at - start..at - start, zeros());
        }
        frame.edit(|content| drop(content.splice(at - start..at - start, zeros())));
        true
    }

    /// Puts bytes over the tar, in frames and segments.
    pub(in crate::forge) fn overwrite(&mut self, at: usize, with: &[u8]) {
        let range = at..at.saturating_add(with.len());
        let put = |bytes: &mut Vec<u8>, start: usize| {
            let inside = overlap(&range, start, bytes.len());
            let from = (start + inside.start).saturating_sub(at);
            let new = within(with, from..from + inside.len());
            if let Some(old) = bytes.get_mut(inside) {
                old.copy_from_slice(new);
            }
        };
        let starts = self.starts();
        for (frame, &start) in self.frames.iter_mut().zip(&starts) {
            if !overlap(&range, start, frame.content().len()).is_empty() {
                frame.edit(|content| put(content, start));
            }
        }
        if let Some(TarSplit::Lines(lines)) = &mut self.tar_split {
            let mut start = 0;
            for line in lines {
                let covers = line.covers();
                if let Line::Segment(bytes) = line
                    && !overlap(&range, start, covers).is_empty()
                {
                    put(bytes, start);
                }
                start += covers;
            }
        }
    }

    /// Writes the checksum of a header.
    pub(super) fn seal_header(&mut self, at: usize) {
        let tar = self.tar();
        let mut block = within(&tar, at..at + BLOCK).to_vec();
        if block.len() == BLOCK {
            crate::forge::tar::seal(&mut block);
            self.overwrite(at, &block);
        }
    }

    /// Makes each CRC that of its content, as after a change that is to be seen elsewhere.
    pub(super) fn right_crcs(&mut self) {
        if let Some(TarSplit::Lines(lines)) = &mut self.tar_split {
            for line in lines {
                if let Line::File { crc, .. } = line
                    && crc.is_of_content()
                {
                    *crc = Crc::Right;
                }
            }
        }
    }

    /// The data frames.
    pub(in crate::forge) fn data_frames(&self) -> Vec<usize> {
        let data = |(at, frame): (usize, &Frame)| matches!(frame, Frame::Data { .. }).then_some(at);
        self.frames.iter().enumerate().filter_map(data).collect()
    }
}

/// The part of a range that lies in a piece, counted from the start of the piece.
fn overlap(range: &Range<usize>, start: usize, length: usize) -> Range<usize> {
    let from = range.start.clamp(start, start + length) - start;
    let to = range.end.clamp(start, start + length) - start;
    from..to.max(from)
}
