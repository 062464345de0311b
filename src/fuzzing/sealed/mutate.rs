//! Random changes of a layer, behind its seals.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use super::{Crc, Frame, Line, Note, TarSplit, Toc, Unsealed, Word, change::key_mut, tar, toc};
use crate::{
    forge::{SKIPPABLE, skippable},
    fuzzing::words::TOC_KEYS,
};

/// Keys that only look like some that readers know.
const OTHER_KEYS: [&str; 2] = ["Name", "other"];

/// Numbers at which something changes.
const NUMBERS: [i64; 12] = [0, 1, 7, 8, -1, 511, 512, 4096, 1 << 31, 1 << 32, i64::MAX, i64::MIN];

/// Texts of other kinds than were there.
const TEXTS: [&str; 18] = [
    "",
    "reg",
    "dir",
    "symlink",
    "hardlink",
    "char",
    "block",
    "fifo",
    "chunk",
    "zeros",
    "../x",
    "/",
    "a/../b",
    "nul\0",
    "2023-11-14T22:13:20Z",
    "0001-01-01T00:00:00Z",
    "AA==",
    "sha512:00",
];

impl Unsealed {
    /// Makes one random change.
    ///
    /// # Errors
    ///
    /// None that the end of the bytes would be: zeros follow it.
    pub fn mutate(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=11)? {
            0 => {
                let changes = self.changes();
                if let Some(change) = pick(&changes, u)?
                    && let Some(layer) = self.with(change)
                {
                    *self = layer;
                }
            }
            1 | 2 => self.mutate_header(u)?,
            3 => self.mutate_content(u)?,
            4 | 5 => self.mutate_entry(u)?,
            6 => self.move_listed(u)?,
            7 => self.mutate_lines(u)?,
            8 => self.mutate_frames(u)?,
            9 => self.mutate_footer(u)?,
            10 => self.mutate_annotations(u)?,
            _ => self.mutate_payloads(u)?,
        }
        Ok(())
    }

    /// Changes a header of the tar, in frames and tar-split alike.
    fn mutate_header(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let entries = tar::entries(&self.tar());
        let Some(entry) = pick(&entries, u)? else { return Ok(()) };
        let at = u.int_in_range(0..=511_usize)?;
        let bytes: [u8; 2] = u.arbitrary()?;
        let length = u.int_in_range(1..=2_usize)?;
        // Mostly the header itself, sometimes its extension headers.
        let block = if u.ratio(1, 4_u8)? {
            entry.whole.start
        } else {
            entry.header
        };
        self.overwrite(block + at, super::within(&bytes, 0..length));
        if !u.ratio(1, 8_u8)? {
            self.seal_header(block);
        }
        Ok(())
    }

    /// Changes what a frame decodes to.
    fn mutate_content(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let frames = self.data_frames();
        let Some(&at) = pick(&frames, u)? else { return Ok(()) };
        let Some(frame) = self.frames.get_mut(at) else {
            return Ok(());
        };
        let place = u.int_in_range(0..=frame.content().len())?;
        let byte = u.arbitrary()?;
        let kind = u.int_in_range(0..=3_u8)?;
        frame.edit(|content| match (kind, content.get_mut(place)) {
            (0, _) => content.insert(place, byte),
            (1, Some(_)) => drop(content.remove(place)),
            (2, _) => content.truncate(place),
            (_, Some(old)) => *old = byte,
            (_, None) => content.push(byte),
        });
        if u.arbitrary()? {
            self.right_crcs();
        }
        Ok(())
    }

    /// Changes one value of an entry of the TOC.
    fn mutate_entry(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let frames = self.frames.len();
        let entries = toc::list(&self.toc).len();
        let Some(last) = entries.checked_sub(1) else {
            return Ok(());
        };
        let at = u.int_in_range(0..=last)?;
        let key = if u.ratio(1, 12)? {
            *u.choose(&OTHER_KEYS)?
        } else {
            *u.choose(&TOC_KEYS)?
        };
        let old = key_mut(&mut self.toc, at, key).map(|value| value.clone());
        let value = match (u.int_in_range(0..=6_u8)?, &old) {
            (0, _) => number(u)?,
            (1, _) => Value::from(*u.choose(&TEXTS)?),
            (2, _) => json!({ "$frame": u.int_in_range(0..=frames)? }),
            (3, Some(Value::Number(number))) => {
                let number = number.as_i64().unwrap_or(0);
                Value::from(number.wrapping_add(i64::from(u.int_in_range(-2..=2_i8)?)))
            }
            (3, Some(Value::String(text))) => {
                let mut text = text.clone();
                text.push(char::from(u.arbitrary::<u8>()?));
                Value::from(text)
            }
            (4, _) => json!({ "user.a": *u.choose(&TEXTS)? }),
            (5, _) => Value::Null,
            _ => {
                // The value of another entry.
                let other = u.int_in_range(0..=last)?;
                key_mut(&mut self.toc, other, key).map_or(Value::Null, |value| value.clone())
            }
        };
        if let Some(entry) = toc::entries_mut_of(&mut self.toc).nth(at) {
            entry.insert(key.to_owned(), value);
        }
        Ok(())
    }

    /// Moves or repeats an entry of the TOC.
    fn move_listed(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let Some(list) = toc::list_mut(&mut self.toc) else {
            return Ok(());
        };
        let Some(last) = list.len().checked_sub(1) else {
            return Ok(());
        };
        let (from, to) = (u.int_in_range(0..=last)?, u.int_in_range(0..=last)?);
        if u.arbitrary()? {
            list.swap(from, to);
        } else if let Some(entry) = list.get(from).cloned() {
            list.insert(to, entry);
        }
        Ok(())
    }

    fn mutate_lines(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let Some(lines) = self.lines_mut() else { return Ok(()) };
        let Some(last) = lines.len().checked_sub(1) else {
            return Ok(());
        };
        let (at, other) = (u.int_in_range(0..=last)?, u.int_in_range(0..=last)?);
        let kind = u.int_in_range(0..=5_u8)?;
        match (kind, lines.get_mut(at)) {
            (0, _) => lines.swap(at, other),
            (1, Some(line)) => {
                let line = line.clone();
                lines.insert(other, line);
            }
            (2, Some(Line::Segment(bytes))) => {
                // A border of segments anywhere.
                let place = u.int_in_range(0..=bytes.len())?;
                let rest = bytes.split_off(place);
                lines.insert(at + 1, Line::Segment(rest));
            }
            (_, Some(Line::Segment(bytes))) => {
                let place = u.int_in_range(0..=bytes.len())?;
                match bytes.get_mut(place) {
                    Some(byte) => *byte = u.arbitrary()?,
                    None => bytes.push(u.arbitrary()?),
                }
            }
            (3, Some(Line::File { size, .. })) => *size = size.wrapping_add(u.int_in_range(0..=2_u64)?.wrapping_sub(1)),
            (4, Some(Line::File { name, .. })) => name.push(u.arbitrary()?),
            (_, Some(Line::File { crc, .. })) => {
                *crc = Crc::Other(if u.arbitrary()? { None } else { Some(u.arbitrary()?) });
            }
            (_, Some(Line::Odd { text, .. })) => {
                let place = u.int_in_range(0..=text.len())?;
                text.insert(place, u.arbitrary()?);
            }
            (_, None) => {}
        }
        Ok(())
    }

    fn mutate_frames(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let at = u.int_in_range(0..=self.frames.len())?;
        let other = u.int_in_range(0..=self.frames.len())?;
        match u.int_in_range(0..=4_u8)? {
            0 => self.insert_frame(at, Frame::data(vec![u.arbitrary()?; u.int_in_range(0..=2_usize)?])),
            1 => self.insert_frame(
                at,
                Frame::Raw(skippable(SKIPPABLE + u32::from(u.int_in_range(0..=15_u8)?), b"x")),
            ),
            2 if at < self.frames.len() && other < self.frames.len() => self.frames.swap(at, other),
            3 => self.split_frame(at, u)?,
            _ => self.break_frame(at, u)?,
        }
        Ok(())
    }

    /// Makes two frames of one, which is the same tar.
    fn split_frame(&mut self, at: usize, u: &mut Unstructured<'_>) -> Result<()> {
        let Some(frame) = self.frames.get_mut(at) else {
            return Ok(());
        };
        let place = u.int_in_range(0..=frame.content().len())?;
        if let Frame::Data { .. } = frame {
            let mut rest = Vec::new();
            frame.edit(|content| rest = content.split_off(place));
            self.insert_frame(at + 1, Frame::data(rest));
        }
        Ok(())
    }

    /// Changes a byte of a frame as it is encoded.
    fn break_frame(&mut self, at: usize, u: &mut Unstructured<'_>) -> Result<()> {
        if let Some(Frame::Data {
            encoded: Some(bytes), ..
        }) = self.frames.get_mut(at)
        {
            // Headers are where most is decided.
            let last = bytes
                .len()
                .saturating_sub(1)
                .min(if u.arbitrary()? { 12 } else { usize::MAX });
            let place = u.int_in_range(0..=last)?;
            if let Some(byte) = bytes.get_mut(place) {
                *byte = u.arbitrary()?;
            }
        }
        Ok(())
    }

    fn mutate_footer(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.choose_index(self.footer.len() + 1)? {
            at if at < self.footer.len() => {
                let value = number(u)?.as_i64().unwrap_or(0);
                if let Some(word) = self.footer.get_mut(at) {
                    *word = Word::Raw(value.to_le_bytes().to_vec());
                }
            }
            _ if u.arbitrary()? => drop(self.footer.pop()),
            _ => self.footer.push(Word::Raw(vec![0; 8])),
        }
        Ok(())
    }

    fn mutate_annotations(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let keys: Vec<String> = self.annotations.keys().cloned().collect();
        let Some(key) = pick(&keys, u)? else { return Ok(()) };
        let note = match u.int_in_range(0..=3_u8)? {
            0 => {
                self.annotations.remove(key);
                return Ok(());
            }
            1 => Note::Text(format!("{}:{}:{}:1", number(u)?, number(u)?, number(u)?)),
            2 => Note::TocDigest,
            _ => {
                let other = pick(&keys, u)?.and_then(|key| self.annotations.get(key)).cloned();
                other.unwrap_or(Note::TocDigest)
            }
        };
        self.annotations.insert(key.clone(), note);
        Ok(())
    }

    /// Changes a document as a text, past what the model of it can say.
    fn mutate_payloads(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        if u.arbitrary()? {
            if let Some(TarSplit::Lines(lines)) = &mut self.tar_split {
                let mut text = br#"{"type":2,"payload":"","position":0}"#.to_vec();
                let place = u.int_in_range(0..=text.len())?;
                text.insert(place, u.arbitrary()?);
                text.push(b'\n');
                let at = u.int_in_range(0..=lines.len())?;
                lines.insert(at, Line::Odd { text, covers: 0 });
            }
            return Ok(());
        }
        match &mut self.toc {
            Toc::Json(value) => {
                let key = *u.choose(&["version", "entries", "tarSplitDigest", "Entries", "other"])?;
                let new = match u.int_in_range(0..=3_u8)? {
                    0 => number(u)?,
                    1 => Value::from(*u.choose(&TEXTS)?),
                    2 => Value::Null,
                    _ => json!({ "$seal": true }),
                };
                if let Some(toc) = value.as_object_mut() {
                    toc.insert(key.to_owned(), new);
                }
            }
            Toc::Text(bytes) | Toc::Payload(bytes) => {
                let place = u.int_in_range(0..=bytes.len())?;
                match bytes.get_mut(place) {
                    Some(byte) => *byte = u.arbitrary()?,
                    None => bytes.push(u.arbitrary()?),
                }
            }
        }
        Ok(())
    }
}

fn number(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(Value::from(match u.arbitrary()? {
        true => *u.choose(&NUMBERS)?,
        false => i64::from(u.arbitrary::<u16>()?),
    }))
}

/// One of them; none of none.
fn pick<'a, T>(list: &'a [T], u: &mut Unstructured<'_>) -> Result<Option<&'a T>> {
    if list.is_empty() {
        Ok(None)
    } else {
        u.choose(list).map(Some)
    }
}
