//! A model of a layer whose seals follow every change: digests, CRCs, offsets, lengths and compression.
//!
//! [`Unsealed::of`] takes a blob apart with loose readers of its own, for it has to take apart layers that are broken. What
//! holds in the layer is kept as a relation: an annotation that is the digest of the TOC becomes [`Note::TocDigest`]. What
//! does not hold is kept as it is. So [`Unsealed::seal`] gives a layer with the same faults and no others, and after a
//! change what is tested lies behind the seals and not in them.

#[cfg(feature = "cli")]
mod difference;
mod mutate;
mod seal;
mod tar;
mod toc;
mod unseal;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range};

#[cfg(feature = "cli")]
pub(crate) use self::unseal::{Role, pieces};
use crate::forge::{json::Node, tarsplit::Line as Written};

/// A blob's annotations.
pub(crate) type Annotations = BTreeMap<String, String>;

/// A layer taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unsealed {
    /// The frames of the blob, in their order.
    pub(crate) frames: Vec<Frame>,
    /// The TOC.
    pub(crate) toc: Toc,
    /// The tar-split; none for a layer that has none.
    pub(crate) tar_split: Option<TarSplit>,
    /// The words of the footer's payload.
    pub(crate) footer: Vec<Word>,
    /// The annotations.
    pub(crate) annotations: BTreeMap<String, Note>,
}

/// A frame of the blob.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    /// One that decodes to a piece of the tar.
    Data {
        /// What it decodes to.
        content: Vec<u8>,
        /// How it is encoded; none after a change, for a new encoding.
        encoded: Option<Vec<u8>>,
    },
    /// The skippable frame of the TOC.
    Toc,
    /// The skippable frame of the tar-split.
    TarSplit,
    /// The skippable frame of the footer.
    Footer,
    /// Anything else, as it is: a skippable frame that no part of the index is in, or bytes that are no frame.
    Raw(Vec<u8>),
}

/// The TOC, as far as it can be made out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Toc {
    /// JSON, in its own spelling. In it `$frame-3` stands for the offset in the blob at which frame 3 begins, and `$seal` for the
    /// digest that its place asks for.
    Json(Node),
    /// A text that is no JSON.
    Text(Vec<u8>),
    /// A payload that does not decode, as it stands in the blob.
    Payload(Vec<u8>),
}

/// The tar-split, as far as it can be made out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TarSplit {
    /// Its lines.
    Lines(Vec<Line>),
    /// A payload that does not decode, as it stands in the blob.
    Payload(Vec<u8>),
}

/// A line of the tar-split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Raw bytes of the tar.
    Segment(Vec<u8>),
    /// A tar entry.
    File {
        /// Its name.
        name: Vec<u8>,
        /// Its size.
        size: u64,
        /// The checksum of its content.
        crc: Crc,
    },
    /// A line that is written in another way.
    Odd {
        /// Its text, with the line feed if there is one.
        text: Vec<u8>,
        /// How many bytes of the tar it stands for.
        covers: u64,
    },
}

/// The payload of a file entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Crc {
    /// The CRC-64 of the bytes at its place in the tar.
    Right,
    /// Something else.
    Other(Option<Vec<u8>>),
}

/// Eight bytes of a footer, or fewer at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A number of a position.
    Of(Part, Number),
    /// Bytes.
    Raw(Vec<u8>),
}

/// A part of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The TOC.
    Toc,
    /// The tar-split.
    TarSplit,
}

/// A number of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// Where the payload begins.
    Offset,
    /// The length of the payload.
    Length,
    /// The length of what it decodes to.
    Uncompressed,
}

/// The value of an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The position of a part.
    Position(Part),
    /// The digest of the compressed part.
    Digest(Part),
    /// The digest of the TOC before compression.
    TocDigest,
    /// A text.
    Text(String),
}

impl Unsealed {
    /// The tar that the data frames decode to.
    pub(crate) fn tar(&self) -> Vec<u8> {
        self.frames.iter().map(Frame::content).collect::<Vec<_>>().concat()
    }

    /// Removes a frame. The offsets of the TOC that named it name the one after it.
    pub(crate) fn remove_frame(&mut self, at: usize) {
        if at < self.frames.len() {
            self.frames.remove(at);
            toc::renumber(&mut self.toc, &|frame| if frame > at { frame - 1 } else { frame });
        }
    }

    /// Inserts a frame before the one that stands there. The offsets of the TOC that named that one still do.
    pub(crate) fn insert_frame(&mut self, at: usize, frame: Frame) {
        if at <= self.frames.len() {
            self.frames.insert(at, frame);
            toc::renumber(&mut self.toc, &|frame| if frame >= at { frame + 1 } else { frame });
        }
    }

    /// The entries of the tar.
    pub(in crate::forge) fn entries(&self) -> Vec<tar::EntrySpan> {
        tar::entries(&self.tar())
    }

    /// The lines of a tar-split that has some.
    pub(in crate::forge) fn lines_mut(&mut self) -> Option<&mut Vec<Line>> {
        match &mut self.tar_split {
            Some(TarSplit::Lines(lines)) => Some(lines),
            Some(TarSplit::Payload(_)) | None => None,
        }
    }

    /// Where each data frame begins in the tar, and the others with it; the last number is the length of the tar.
    fn starts(&self) -> Vec<usize> {
        let mut starts = vec![0];
        let mut at = 0;
        for frame in &self.frames {
            at += frame.content().len();
            starts.push(at);
        }
        starts
    }
}

impl Frame {
    /// A data frame of this content.
    pub(crate) fn data(content: Vec<u8>) -> Self {
        Self::Data { content, encoded: None }
    }

    /// What it decodes to.
    pub(crate) fn content(&self) -> &[u8] {
        match self {
            Self::Data { content, .. } => content,
            Self::Toc | Self::TarSplit | Self::Footer | Self::Raw(_) => &[],
        }
    }

    /// Changes what it decodes to, which nothing but a data frame can have.
    pub(in crate::forge) fn edit(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Self::Data { content, encoded } = self {
            change(content);
            *encoded = None;
        }
    }
}

impl Line {
    /// How many bytes of the tar it stands for.
    pub(crate) fn covers(&self) -> usize {
        let covers = match self {
            Self::Segment(bytes) => bytes.len(),
            Self::File { size, crc, .. } if crc.is_of_content() => usize::try_from(*size).unwrap_or(0),
            Self::File { .. } => 0,
            Self::Odd { covers, .. } => usize::try_from(*covers).unwrap_or(0),
        };
        // A line may say anything; no tar is as long, and sums stay small.
        covers.min(1 << 32)
    }

    /// The line as a writer writes it, where the content of a file is this.
    fn written(&self, content: &[u8]) -> Option<Written> {
        Some(match self {
            Self::Segment(bytes) => Written::Segment(bytes.clone()),
            Self::File { name, size, crc } => Written::File {
                name: name.clone(),
                size: *size,
                payload: match crc {
                    Crc::Other(payload) => payload.clone(),
                    Crc::Right if *size == 0 => None,
                    Crc::Right => Some(crate::forge::checksum::crc64(content).to_be_bytes().to_vec()),
                },
            },
            Self::Odd { .. } => return None,
        })
    }
}

impl Crc {
    /// Whether there is content. An entry may have a size without, and then its CRC is that of nothing.
    fn is_of_content(&self) -> bool {
        match self {
            Self::Right => true,
            Self::Other(payload) => payload
                .as_ref()
                .is_some_and(|payload| payload.iter().any(|&byte| byte != 0)),
        }
    }
}

/// The part of the bytes that a range names, as far as it is there.
fn within(bytes: &[u8], range: Range<usize>) -> &[u8] {
    let end = range.end.min(bytes.len());
    bytes.get(range.start.min(end)..end).unwrap_or(&[])
}
