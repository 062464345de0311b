//! Random changes of a layer, behind its seals.

use super::{Crc, Frame, Line, Note, TarSplit, Toc, Unsealed, Word, toc};
use crate::forge::{
    Kind, SKIPPABLE,
    json::{Document, Node},
    mutate::{VALUES, applied, json, noised, number},
    random::Random,
    skippable, words,
};

impl Unsealed {
    /// Makes one random change.
    pub(crate) fn mutate(&mut self, random: &mut Random) {
        match random.between(0..=11) {
            0 => {
                let steps = self.steps();
                if let Some(step) = random.pick(&steps)
                    && let Some(layer) = self.after(step)
                {
                    *self = layer;
                }
            }
            1 | 2 => self.mutate_header(random),
            3 => self.mutate_content(random),
            4 | 5 => self.mutate_toc(random),
            6 => self.move_listed(random),
            7 => self.mutate_lines(random),
            8 => self.mutate_frames(random),
            9 => self.mutate_footer(random),
            10 => self.mutate_annotations(random),
            _ => self.mutate_payloads(random),
        }
    }

    /// Changes a header of the tar, in frames and tar-split alike.
    fn mutate_header(&mut self, random: &mut Random) {
        let entries = self.entries();
        let Some(entry) = random.pick(&entries) else { return };
        let at = random.between(0..=511_usize);
        let bytes = [random.byte(), random.byte()];
        let length = random.between(1..=2_usize);
        // Mostly the header itself, sometimes its extension headers.
        let block = if random.ratio(1, 4) {
            entry.whole.start
        } else {
            entry.header
        };
        self.overwrite(block + at, super::within(&bytes, 0..length));
        if !random.ratio(1, 8) {
            self.seal_header(block);
        }
    }

    /// Changes what a frame decodes to.
    fn mutate_content(&mut self, random: &mut Random) {
        let frames = self.data_frames();
        let Some(&at) = random.pick(&frames) else { return };
        let Some(frame) = self.frames.get_mut(at) else {
            return;
        };
        frame.edit(|content| *content = noised(content, random));
        if random.flip() {
            self.right_crcs();
        }
    }

    /// Changes the TOC, in which offsets and digests that do not change stay what they stand for.
    fn mutate_toc(&mut self, random: &mut Random) {
        let Toc::Json(value) = &mut self.toc else { return };
        let text = value.to_string();
        let document = Document::of(&text);
        let changed = if random.ratio(1, 8) {
            // The offset of any frame, wherever a value is.
            let frame = toc::frame_node(random.below(self.frames.len() + 1));
            let mut changed = value.clone();
            if let Some(place) = changed.nth(random.below(document.places.len())) {
                *place = frame;
            }
            Some(changed)
        } else {
            let edit = json::inside(&document, &words::TOC, random);
            let changed = applied(&edit, text.as_bytes(), Kind::Json);
            std::str::from_utf8(&changed).ok().and_then(Node::parse)
        };
        if let Some(changed) = changed {
            *value = changed;
        }
    }

    /// Moves or repeats an entry of the TOC.
    fn move_listed(&mut self, random: &mut Random) {
        let Some(list) = toc::list_mut(&mut self.toc) else {
            return;
        };
        let Some(last) = list.len().checked_sub(1) else {
            return;
        };
        let (from, to) = (random.between(0..=last), random.between(0..=last));
        if random.flip() {
            list.swap(from, to);
        } else if let Some(entry) = list.get(from).cloned() {
            list.insert(to, entry);
        }
    }

    fn mutate_lines(&mut self, random: &mut Random) {
        let Some(lines) = self.lines_mut() else { return };
        let Some(last) = lines.len().checked_sub(1) else {
            return;
        };
        let (at, other) = (random.between(0..=last), random.between(0..=last));
        let kind = random.between(0..=5_u8);
        match (kind, lines.get_mut(at)) {
            (0, _) => lines.swap(at, other),
            (1, Some(line)) => {
                let line = line.clone();
                lines.insert(other, line);
            }
            (2, Some(Line::Segment(bytes))) => {
                // A border of segments anywhere.
                let place = random.between(0..=bytes.len());
                let rest = bytes.split_off(place);
                lines.insert(at + 1, Line::Segment(rest));
            }
            (_, Some(Line::Segment(bytes))) => *bytes = noised(bytes, random),
            (3, Some(Line::File { size, .. })) => *size = size.wrapping_add(random.between(0..=2_u64).wrapping_sub(1)),
            (4, Some(Line::File { name, .. })) => *name = noised(name, random),
            (_, Some(Line::File { crc, .. })) => {
                *crc = Crc::Other(if random.flip() {
                    None
                } else {
                    Some(random.word().to_be_bytes().to_vec())
                });
            }
            (_, Some(Line::Odd { text, .. })) => *text = noised(text, random),
            (_, None) => {}
        }
    }

    fn mutate_frames(&mut self, random: &mut Random) {
        let at = random.between(0..=self.frames.len());
        let other = random.between(0..=self.frames.len());
        match random.between(0..=4_u8) {
            0 => self.insert_frame(at, Frame::data(vec![random.byte(); random.between(0..=2_usize)])),
            1 => self.insert_frame(
                at,
                Frame::Raw(skippable(SKIPPABLE + u32::from(random.between(0..=15_u8)), b"x")),
            ),
            2 if at < self.frames.len() && other < self.frames.len() => self.frames.swap(at, other),
            3 => self.split_frame(at, random),
            _ => self.break_frame(at, random),
        }
    }

    /// Makes two frames of one, which is the same tar.
    fn split_frame(&mut self, at: usize, random: &mut Random) {
        let Some(frame) = self.frames.get_mut(at) else {
            return;
        };
        let place = random.between(0..=frame.content().len());
        if let Frame::Data { .. } = frame {
            let mut rest = Vec::new();
            frame.edit(|content| rest = content.split_off(place));
            self.insert_frame(at + 1, Frame::data(rest));
        }
    }

    /// Changes a byte of a frame as it is encoded.
    fn break_frame(&mut self, at: usize, random: &mut Random) {
        if let Some(Frame::Data {
            encoded: Some(bytes), ..
        }) = self.frames.get_mut(at)
        {
            // Headers are where most is decided.
            let (head, rest) = bytes.split_at(if random.flip() {
                bytes.len().min(13)
            } else {
                bytes.len()
            });
            *bytes = [&noised(head, random), rest].concat();
        }
    }

    fn mutate_footer(&mut self, random: &mut Random) {
        match random.below(self.footer.len() + 1) {
            at if at < self.footer.len() => {
                let value = number(0, random);
                if let Some(word) = self.footer.get_mut(at) {
                    *word = Word::Raw(value.to_le_bytes().to_vec());
                }
            }
            _ if random.flip() => drop(self.footer.pop()),
            _ => self.footer.push(Word::Raw(vec![0; 8])),
        }
    }

    fn mutate_annotations(&mut self, random: &mut Random) {
        let keys: Vec<String> = self.annotations.keys().cloned().collect();
        let Some(key) = random.pick(&keys) else { return };
        let note = match random.between(0..=3_u8) {
            0 => {
                self.annotations.remove(key);
                return;
            }
            1 => Note::Text(format!(
                "{}:{}:{}:1",
                number(0, random),
                number(0, random),
                number(0, random)
            )),
            2 => Note::TocDigest,
            _ => {
                let other = random.pick(&keys).and_then(|key| self.annotations.get(key)).cloned();
                other.unwrap_or(Note::TocDigest)
            }
        };
        self.annotations.insert(key.clone(), note);
    }

    /// Changes a document as a text, past what the model of it can say.
    fn mutate_payloads(&mut self, random: &mut Random) {
        if random.flip() {
            if let Some(TarSplit::Lines(lines)) = &mut self.tar_split {
                let mut text = noised(br#"{"type":2,"payload":"","position":0}"#, random);
                text.push(b'\n');
                let at = random.between(0..=lines.len());
                lines.insert(at, Line::Odd { text, covers: 0 });
            }
            return;
        }
        match &mut self.toc {
            Toc::Json(value) => {
                let key = random.choose(&["version", "entries", "tarSplitDigest", "Entries", "other"]);
                let odd = random.pick(VALUES).copied().unwrap_or("null");
                value.insert(key, Node::atom(if random.ratio(1, 4) { toc::SEAL } else { odd }));
            }
            Toc::Text(bytes) | Toc::Payload(bytes) => *bytes = noised(bytes, random),
        }
    }
}
