//! Taking a layer apart.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    Annotations, Crc, Frame, Line, Note, Number, Part, TarSplit, Toc, Unsealed, Word,
    seal::{Payload, Seals},
    toc, within,
};
use crate::{
    forge::{
        SKIPPABLE, annotations as keys,
        footer::Span,
        frames::{decode, frames, is_frame, is_skippable},
        json::Node,
        len, number,
    },
    format::Digest,
};

/// Most bytes that a frame may decode to, and most that all may: layers to fuzz are small.
const LIMIT: u64 = 64 << 20;

/// What a frame of the blob is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The skippable frame of a part of the index.
    Part(Part),
    /// The skippable frame of the footer.
    Footer,
    /// Any other skippable frame.
    Skippable,
    /// A frame that decodes, or would have to.
    Data,
    /// Bytes that are no frame.
    Rest,
}

/// A frame of the blob.
pub(crate) struct Piece<'a> {
    pub(crate) offset: usize,
    pub(crate) bytes: &'a [u8],
    pub(crate) role: Role,
}

impl<'a> Piece<'a> {
    /// The payload of a skippable frame of the magic that writers use.
    pub(crate) fn payload(&self) -> Option<&'a [u8]> {
        let rest = self.bytes.strip_prefix(&SKIPPABLE.to_le_bytes())?;
        rest.get(4..).filter(|_| is_frame(self.bytes))
    }
}

/// The frames of a blob, and what they are for, by what its positions say and by what they look like.
pub(crate) fn pieces<'a>(blob: &'a [u8], annotations: &Annotations) -> Vec<Piece<'a>> {
    let mut end = 0;
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for bytes in frames(blob) {
        let role = match (is_frame(bytes), is_skippable(bytes)) {
            (false, _) => Role::Rest,
            (true, true) => Role::Skippable,
            (true, false) => Role::Data,
        };
        pieces.push(Piece {
            offset: end,
            bytes,
            role,
        });
        end += bytes.len();
    }
    let footer_at = pieces
        .len()
        .checked_sub(1)
        .filter(|&last| footer_words(pieces.get(last).and_then(Piece::payload)).is_some());
    let footer = footer_at.and_then(|at| pieces.get(at)?.payload()).unwrap_or(&[]);
    let candidates = positions(annotations, footer);
    let at = |part: Part| {
        candidates
            .iter()
            .filter(|candidate| candidate.0 == part)
            .find_map(|candidate| {
                pieces.iter().position(|piece| {
                    piece.payload().is_some() && number(piece.offset).checked_add(8) == Some(candidate.1)
                })
            })
            .filter(|&at| Some(at) != footer_at)
    };
    // A position that is wrong is what may be under test, so what looks like a TOC is taken for one.
    let toc_at = at(Part::Toc).or_else(|| pieces.iter().rposition(|piece| piece.payload().is_some_and(is_toc)));
    let tar_split_at = at(Part::TarSplit).filter(|&at| Some(at) != toc_at).or_else(|| {
        let next = toc_at? + 1;
        (Some(next) != footer_at && pieces.get(next)?.payload().is_some()).then_some(next)
    });
    let found = [
        (footer_at, Role::Footer),
        (tar_split_at, Role::Part(Part::TarSplit)),
        (toc_at, Role::Part(Part::Toc)),
    ];
    for (at, role) in found {
        if let Some(piece) = at.and_then(|at| pieces.get_mut(at)) {
            piece.role = role;
        }
    }
    pieces
}

impl Unsealed {
    /// Takes a layer apart; none if it has no TOC that any of its positions leads to.
    pub(crate) fn of(blob: &[u8], annotations: &Annotations) -> Option<Self> {
        let pieces = pieces(blob, annotations);
        let at = |role: Role| pieces.iter().find(|piece| piece.role == role);
        let toc_at = at(Role::Part(Part::Toc))?;
        let tar_split_at = at(Role::Part(Part::TarSplit));
        let footer_payload = at(Role::Footer).and_then(Piece::payload).unwrap_or(&[]);
        let mut left = LIMIT;
        let frames = pieces
            .iter()
            .map(|piece| match piece.role {
                Role::Part(Part::Toc) => Frame::Toc,
                Role::Part(Part::TarSplit) => Frame::TarSplit,
                Role::Footer => Frame::Footer,
                Role::Skippable | Role::Data | Role::Rest => data(piece.bytes, &mut left),
            })
            .collect();
        let mut layer = Self {
            frames,
            toc: Toc::Payload(Vec::new()),
            tar_split: None,
            footer: Vec::new(),
            annotations: annotations
                .iter()
                .map(|(key, value)| (key.clone(), Note::Text(value.clone())))
                .collect(),
        };
        let payload = |piece: Option<&Piece<'_>>| {
            let bytes = piece.and_then(Piece::payload).unwrap_or(&[]);
            let payload = Payload {
                bytes: bytes.to_vec(),
                text: decode(bytes, LIMIT).unwrap_or_default(),
            };
            let offset = piece.map_or(0, |piece| number(piece.offset) + 8);
            let span = Span::new(offset, len(&payload.bytes), len(&payload.text));
            (payload, span)
        };
        let (toc, toc_at) = payload(Some(toc_at));
        let (tar_split, span) = payload(tar_split_at);
        layer.tar_split = tar_split_at.map(|_| layer.read_tar_split(&tar_split));
        layer.toc = layer.read_toc(&toc, &pieces, blob, &tar_split);
        let seals = Seals {
            toc,
            toc_at,
            tar_split,
            tar_split_at: span,
        };
        layer.footer = relate(footer_payload, &seals);
        for note in layer.annotations.values_mut() {
            *note = related(note, &seals);
        }
        Some(layer)
    }

    fn read_tar_split(&self, payload: &Payload) -> TarSplit {
        if payload.text.is_empty() && !payload.bytes.is_empty() {
            return TarSplit::Payload(payload.bytes.clone());
        }
        let tar = self.tar();
        let mut lines = Vec::new();
        let mut at = 0_usize;
        for text in payload.text.split_inclusive(|&byte| byte == b'\n') {
            let line = line(text, lines.len(), within(&tar, at..tar.len()));
            at = at.saturating_add(line.covers());
            lines.push(line);
        }
        TarSplit::Lines(lines)
    }

    fn read_toc(&self, payload: &Payload, pieces: &[Piece<'_>], blob: &[u8], tar_split: &Payload) -> Toc {
        if payload.text.is_empty() {
            return Toc::Payload(payload.bytes.clone());
        }
        let text = std::str::from_utf8(&payload.text).unwrap_or_default();
        // A text that has what stands for something else is no JSON.
        let is_plain = |text: &&str| ![toc::FRAME, toc::SEAL].iter().any(|name| text.contains(name));
        let value = Some(text).filter(is_plain).and_then(Node::parse);
        let Some(value) = value else {
            return Toc::Text(payload.text.clone());
        };
        let mut offsets: Vec<u64> = pieces.iter().map(|piece| number(piece.offset)).collect();
        offsets.push(len(blob));
        let digest = Digest::of(&tar_split.bytes).to_string();
        Toc::Json(toc::unsealed(value, &toc::Contents::of(self), &offsets, &digest))
    }
}

/// The lengths of a footer.
fn footer_words(payload: Option<&[u8]>) -> Option<usize> {
    payload.map(<[u8]>::len).filter(|length| matches!(length, 40 | 56 | 64))
}

/// Where annotations and footer say that the parts are, those first.
fn positions(annotations: &Annotations, footer: &[u8]) -> Vec<(Part, u64)> {
    let mut out = Vec::new();
    for (suffix, part) in [
        (keys::MANIFEST_POSITION, Part::Toc),
        (keys::TARSPLIT_POSITION, Part::TarSplit),
    ] {
        for prefix in [keys::PREFIX, keys::OLD_PREFIX] {
            let value = annotations.get(&format!("{prefix}{suffix}"));
            let offset = value.and_then(|value| value.split(':').next()?.parse().ok());
            out.extend(offset.map(|offset| (part, offset)));
        }
    }
    let word = |at: usize| footer.chunks_exact(8).nth(at)?.try_into().ok().map(u64::from_le_bytes);
    out.extend(word(0).map(|offset| (Part::Toc, offset)));
    if footer.len() == 64 {
        out.extend(word(4).map(|offset| (Part::TarSplit, offset)));
    }
    out
}

fn is_toc(payload: &[u8]) -> bool {
    decode(payload, LIMIT)
        .is_some_and(|text| text.starts_with(b"{") && text.windows(9).any(|part| part == b"\"entries\""))
}

fn data(bytes: &[u8], left: &mut u64) -> Frame {
    match decode(bytes, *left) {
        Some(content) if !is_skippable(bytes) => {
            *left = left.saturating_sub(len(&content));
            Frame::Data {
                content,
                encoded: Some(bytes.to_vec()),
            }
        }
        _ => Frame::Raw(bytes.to_vec()),
    }
}

/// A line of the tar-split at this position, after which this is left of the tar.
fn line(text: &[u8], position: usize, tar: &[u8]) -> Line {
    let value: Value = serde_json::from_slice(text).unwrap_or(Value::Null);
    let payload = value
        .get("payload")
        .and_then(Value::as_str)
        .and_then(|payload| STANDARD.decode(payload).ok());
    let size = value.get("size").and_then(Value::as_u64).unwrap_or(0);
    let line = match value.get("type").and_then(Value::as_u64) {
        Some(2) => Line::Segment(payload.unwrap_or_default()),
        Some(1) => {
            let raw = value
                .get("name_raw")
                .and_then(Value::as_str)
                .and_then(|name| STANDARD.decode(name).ok());
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
            let right = Line::File {
                name: raw.unwrap_or_else(|| name.into()),
                size,
                crc: Crc::Right,
            };
            let covers = right.covers();
            if reads(&right, text, position, within(tar, 0..covers)) {
                return right;
            }
            let Line::File { name, .. } = right else { return right };
            Line::File {
                name,
                size,
                crc: Crc::Other(payload),
            }
        }
        _ => Line::Segment(Vec::new()),
    };
    if reads(&line, text, position, &[]) {
        return line;
    }
    Line::Odd {
        text: text.to_vec(),
        covers: number(line.covers()),
    }
}

/// Whether the line is written as this text.
fn reads(line: &Line, text: &[u8], position: usize, content: &[u8]) -> bool {
    line.written(content)
        .is_some_and(|written| text.strip_suffix(b"\n") == Some(written.json(position).as_bytes()))
}

/// The words of a footer, each as what it is if it is that.
fn relate(payload: &[u8], seals: &Seals) -> Vec<Word> {
    let order = [Number::Offset, Number::Length, Number::Uncompressed];
    payload
        .chunks(8)
        .enumerate()
        .map(|(at, bytes)| {
            // The fourth word is the type, and what follows it is the tar-split's position in one layout only.
            let wanted = match at.checked_sub(4) {
                None => order.get(at).map(|&number| (Part::Toc, number)),
                Some(at) if payload.len() == 64 => order.get(at).map(|&number| (Part::TarSplit, number)),
                Some(_) => None,
            };
            match wanted {
                Some((part, number)) if seals.number(part, number).to_le_bytes() == bytes => Word::Of(part, number),
                _ => Word::Raw(bytes.to_vec()),
            }
        })
        .collect()
}

/// The relation that an annotation's value is, if it is one.
fn related(note: &Note, seals: &Seals) -> Note {
    let parts = [Part::Toc, Part::TarSplit];
    let known = parts
        .into_iter()
        .flat_map(|part| [Note::Position(part), Note::Digest(part)])
        .chain([Note::TocDigest]);
    let Note::Text(text) = note else { return note.clone() };
    known
        .into_iter()
        .find(|known| seals.note(known) == *text)
        .unwrap_or_else(|| note.clone())
}
