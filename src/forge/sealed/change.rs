//! Smaller variants of a layer, for minimizing.

use super::{Crc, Frame, Line, Note, TarSplit, Toc, Unsealed, Word, tar, toc};
use crate::forge::json::Node;

/// A change that makes a layer smaller or plainer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Takes so many entries out, from this one on, of tar, tar-split and TOC alike.
    DropEntries {
        /// The first.
        from: usize,
        /// How many.
        count: usize,
    },
    /// Shortens the content of an entry.
    Shorten {
        /// Which, counted in the tar.
        entry: usize,
        /// Bytes that stay.
        length: usize,
    },
    /// Makes the content of an entry zeros.
    Blank(usize),
    /// Drops bytes of the tar from there to its end.
    CutTail(usize),
    /// Drops a frame.
    DropFrame(usize),
    /// Encodes a frame as the builders do.
    EncodeFrame(usize),
    /// Drops an entry of the TOC.
    DropListed(usize),
    /// Drops a member of an entry of the TOC.
    DropMember(usize, usize),
    /// Drops a line of the tar-split.
    DropLine(usize),
    /// Drops the tar-split with its frame and what names it.
    DropTarSplit,
    /// Drops an annotation.
    DropAnnotation(String),
    /// Makes a CRC that of the content.
    RightCrc(usize),
    /// Drops bytes of a TOC that is a text.
    CutText {
        /// The first.
        from: usize,
        /// How many.
        count: usize,
    },
}

impl Unsealed {
    /// The changes that may make the layer smaller, the largest steps first.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut out = Vec::new();
        let tar = self.tar();
        let entries = tar::entries(&tar);
        for count in halves(entries.len()) {
            out.extend(
                (0..entries.len())
                    .step_by(count)
                    .map(|from| Change::DropEntries { from, count }),
            );
        }
        if self.tar_split.is_some() {
            out.push(Change::DropTarSplit);
        }
        for (at, entry) in entries.iter().enumerate() {
            let length = entry.content.len();
            let lengths = [0, 1, length / 2, length.saturating_sub(1)];
            out.extend(
                lengths
                    .into_iter()
                    .filter(|&shorter| shorter < length)
                    .map(|length| Change::Shorten { entry: at, length }),
            );
            if tar
                .get(entry.content.clone())
                .is_some_and(|content| content.iter().any(|&byte| byte != 0))
            {
                out.push(Change::Blank(at));
            }
        }
        let end = entries.last().map_or(0, |entry| entry.whole.end);
        if end < tar.len() {
            out.push(Change::CutTail(end));
        }
        out.extend((0..self.frames.len()).map(Change::DropFrame));
        out.extend(
            self.data_frames()
                .into_iter()
                .filter(|&at| self.is_encoded(at))
                .map(Change::EncodeFrame),
        );
        for (at, entry) in toc::list(&self.toc).iter().enumerate() {
            out.push(Change::DropListed(at));
            if let Node::Object(members) = entry {
                out.extend((0..members.len()).map(|member| Change::DropMember(at, member)));
            }
        }
        if let Some(TarSplit::Lines(lines)) = &self.tar_split {
            for (at, line) in lines.iter().enumerate() {
                out.push(Change::DropLine(at));
                if let Line::File { crc: Crc::Other(_), .. } = line {
                    out.push(Change::RightCrc(at));
                }
            }
        }
        if let Toc::Text(text) = &self.toc {
            for count in halves(text.len()).filter(|&count| count > text.len() / 256) {
                out.extend(
                    (0..text.len())
                        .step_by(count)
                        .map(|from| Change::CutText { from, count }),
                );
            }
        }
        out.extend(self.annotations.keys().cloned().map(Change::DropAnnotation));
        out
    }

    /// The layer with a change; none where there is nothing to change.
    pub(crate) fn with(&self, change: &Change) -> Option<Self> {
        let mut layer = self.clone();
        layer.apply(change)?;
        (layer != *self).then_some(layer)
    }

    fn apply(&mut self, change: &Change) -> Option<()> {
        match change {
            Change::DropEntries { from, count } => {
                let entries = tar::entries(&self.tar());
                let end = from.saturating_add(*count).min(entries.len());
                // From the last one on, so that those before it stay where they are.
                for entry in entries.get(*from..end)?.iter().rev() {
                    self.drop_entry(entry);
                }
            }
            Change::Shorten { entry, length } => {
                let entries = tar::entries(&self.tar());
                self.shorten(entries.get(*entry)?, *length).then_some(())?;
            }
            Change::Blank(entry) => {
                let entries = tar::entries(&self.tar());
                let content = entries.get(*entry)?.content.clone();
                self.overwrite(content.start, &vec![0; content.len()]);
            }
            Change::CutTail(at) => self.cut(*at..self.tar().len()),
            Change::DropFrame(at) => self.remove_frame(*at),
            Change::EncodeFrame(at) => self.frames.get_mut(*at)?.edit(|_| ()),
            Change::DropListed(at) => {
                let list = toc::list_mut(&mut self.toc)?;
                (*at < list.len()).then(|| list.remove(*at))?;
            }
            Change::DropMember(at, member) => match toc::list_mut(&mut self.toc)?.get_mut(*at)? {
                Node::Object(members) if *member < members.len() => drop(members.remove(*member)),
                _ => return None,
            },
            Change::DropLine(at) => {
                let lines = self.lines_mut()?;
                (*at < lines.len()).then(|| lines.remove(*at))?;
            }
            Change::DropTarSplit => self.drop_tar_split(),
            Change::DropAnnotation(key) => drop(self.annotations.remove(key)?),
            Change::RightCrc(at) => match self.lines_mut()?.get_mut(*at)? {
                Line::File { crc, .. } => *crc = Crc::Right,
                Line::Segment(_) | Line::Odd { .. } => return None,
            },
            Change::CutText { from, count } => {
                let Toc::Text(text) = &mut self.toc else { return None };
                let end = from.saturating_add(*count).min(text.len());
                (*from < end).then(|| text.drain(*from..end))?;
            }
        }
        Some(())
    }

    pub(super) fn lines_mut(&mut self) -> Option<&mut Vec<Line>> {
        match &mut self.tar_split {
            Some(TarSplit::Lines(lines)) => Some(lines),
            Some(TarSplit::Payload(_)) | None => None,
        }
    }

    fn is_encoded(&self, at: usize) -> bool {
        matches!(self.frames.get(at), Some(Frame::Data { encoded: Some(_), .. }))
    }

    fn drop_tar_split(&mut self) {
        self.tar_split = None;
        if let Some(at) = self.frames.iter().position(|frame| *frame == Frame::TarSplit) {
            self.remove_frame(at);
        }
        if let Toc::Json(value) = &mut self.toc {
            value.remove("tarSplitDigest");
        }
        self.annotations.retain(|_, note| {
            !matches!(
                note,
                Note::Position(super::Part::TarSplit) | Note::Digest(super::Part::TarSplit)
            )
        });
        for word in &mut self.footer {
            if let Word::Of(super::Part::TarSplit, _) = word {
                *word = Word::Raw(vec![0; 8]);
            }
        }
    }
}

/// The number, its half and so on down to 1.
fn halves(number: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(number), |number| Some(number / 2)).take_while(|&number| number > 0)
}
