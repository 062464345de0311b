//! Putting a layer together.

use super::{Annotations, Frame, Line, Note, Number, Part, TarSplit, Toc, Unsealed, Word, toc, within};
use crate::{
    forge::{SKIPPABLE, annotations as keys, footer::Span, len, skippable, zstd},
    format::Digest,
};

/// A payload of the index.
#[derive(Default)]
pub(super) struct Payload {
    pub(super) bytes: Vec<u8>,
    /// What it decodes to.
    pub(super) text: Vec<u8>,
}

impl Payload {
    fn of(text: Vec<u8>) -> Self {
        Self {
            // A tar-split of nothing has no payload, as writers have it.
            bytes: if text.is_empty() {
                Vec::new()
            } else {
                zstd::frame(&text)
            },
            text,
        }
    }

    fn raw(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            text: Vec::new(),
        }
    }
}

/// What the seals of annotations and footer are made of.
pub(super) struct Seals {
    pub(super) toc: Payload,
    pub(super) toc_at: Span,
    pub(super) tar_split: Payload,
    pub(super) tar_split_at: Span,
}

impl Seals {
    /// The number of a position.
    pub(super) fn number(&self, part: Part, number: Number) -> u64 {
        let span = self.span(part);
        match number {
            Number::Offset => span.offset,
            Number::Length => span.length,
            Number::Uncompressed => span.uncompressed,
        }
    }

    fn span(&self, part: Part) -> Span {
        match part {
            Part::Toc => self.toc_at,
            Part::TarSplit => self.tar_split_at,
        }
    }

    /// The value of an annotation.
    pub(super) fn note(&self, note: &Note) -> String {
        match note {
            Note::Position(Part::Toc) => keys::toc_position(self.toc_at, 1),
            Note::Position(Part::TarSplit) => keys::position(self.tar_split_at),
            Note::Digest(Part::Toc) => Digest::of(&self.toc.bytes).to_string(),
            Note::Digest(Part::TarSplit) => Digest::of(&self.tar_split.bytes).to_string(),
            Note::TocDigest => Digest::of(&self.toc.text).to_string(),
            Note::Text(text) => text.clone(),
        }
    }
}

impl Unsealed {
    /// The layer: its blob and its annotations.
    pub(crate) fn seal(&self) -> (Vec<u8>, Annotations) {
        let tar_split = self.tar_split_payload();
        let encoded: Vec<Vec<u8>> = self.frames.iter().map(encode).collect();
        let contents = toc::Contents::of(self);
        let digest = Digest::of(&tar_split.bytes).to_string();
        let mut toc = Payload::default();
        let mut offsets: Vec<u64> = Vec::new();
        // Offsets behind the TOC depend on its length, which depends on them. Few layers have any, and those settle soon.
        for _ in 0..4 {
            let new = self.offsets(&encoded, &toc, &tar_split);
            if new == offsets {
                break;
            }
            offsets = new;
            toc = match &self.toc {
                Toc::Json(value) => {
                    let sealed = toc::sealed(value, &contents, &offsets, &digest);
                    Payload::of(sealed.to_string().into_bytes())
                }
                Toc::Text(text) => Payload::of(text.clone()),
                Toc::Payload(bytes) => Payload::raw(bytes),
            };
        }
        let offsets = self.offsets(&encoded, &toc, &tar_split);
        let span = |wanted: &Frame, payload: &Payload| {
            let at = self.frames.iter().position(|frame| frame == wanted);
            at.and_then(|at| offsets.get(at)).map_or_else(Span::default, |offset| {
                Span::new(offset + 8, len(&payload.bytes), len(&payload.text))
            })
        };
        let seals = Seals {
            toc_at: span(&Frame::Toc, &toc),
            tar_split_at: span(&Frame::TarSplit, &tar_split),
            toc,
            tar_split,
        };
        let mut blob = Vec::new();
        for (frame, encoded) in self.frames.iter().zip(&encoded) {
            match frame {
                Frame::Data { .. } | Frame::Raw(_) => blob.extend(encoded),
                Frame::Toc => blob.extend(skippable(SKIPPABLE, &seals.toc.bytes)),
                Frame::TarSplit => blob.extend(skippable(SKIPPABLE, &seals.tar_split.bytes)),
                Frame::Footer => blob.extend(skippable(SKIPPABLE, &self.footer_payload(&seals))),
            }
        }
        let annotations = self
            .annotations
            .iter()
            .map(|(key, note)| (key.clone(), seals.note(note)))
            .collect();
        (blob, annotations)
    }

    /// The text of the tar-split, compressed.
    pub(super) fn tar_split_payload(&self) -> Payload {
        match &self.tar_split {
            None => Payload::default(),
            Some(TarSplit::Payload(bytes)) => Payload::raw(bytes),
            Some(TarSplit::Lines(lines)) => {
                let tar = self.tar();
                let mut text = Vec::new();
                let mut at = 0_usize;
                for (position, line) in lines.iter().enumerate() {
                    let end = at.saturating_add(line.covers());
                    match (line, line.written(within(&tar, at..end))) {
                        (Line::Odd { text: odd, .. }, _) => text.extend(odd),
                        (_, Some(written)) => {
                            text.extend(written.json(position).into_bytes());
                            text.push(b'\n');
                        }
                        (_, None) => {}
                    }
                    at = end;
                }
                Payload::of(text)
            }
        }
    }

    /// Where each frame begins in the blob, and where the last one ends.
    fn offsets(&self, encoded: &[Vec<u8>], toc: &Payload, tar_split: &Payload) -> Vec<u64> {
        let mut offsets = vec![0];
        let mut at = 0;
        for (frame, encoded) in self.frames.iter().zip(encoded) {
            at += match frame {
                Frame::Data { .. } | Frame::Raw(_) => len(encoded),
                Frame::Toc => 8 + len(&toc.bytes),
                Frame::TarSplit => 8 + len(&tar_split.bytes),
                Frame::Footer => 8 + len(&self.footer.iter().flat_map(Word::placeholder).collect::<Vec<_>>()),
            };
            offsets.push(at);
        }
        offsets
    }

    fn footer_payload(&self, seals: &Seals) -> Vec<u8> {
        self.footer
            .iter()
            .flat_map(|word| match word {
                Word::Of(part, number) => seals.number(*part, *number).to_le_bytes().to_vec(),
                Word::Raw(bytes) => bytes.clone(),
            })
            .collect()
    }
}

impl Word {
    /// As many bytes as the word has.
    fn placeholder(&self) -> Vec<u8> {
        match self {
            Self::Of(..) => vec![0; 8],
            Self::Raw(bytes) => bytes.clone(),
        }
    }
}

fn encode(frame: &Frame) -> Vec<u8> {
    match frame {
        Frame::Data {
            encoded: Some(encoded), ..
        } => encoded.clone(),
        Frame::Data { content, encoded: None } => zstd::frame(content),
        Frame::Raw(bytes) => bytes.clone(),
        Frame::Toc | Frame::TarSplit | Frame::Footer => Vec::new(),
    }
}
