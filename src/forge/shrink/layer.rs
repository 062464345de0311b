//! Layers without entries, contents or parts, sealed again.

use super::{members, pieces};
use crate::forge::{
    Kind,
    json::{Document, Node},
    sealed::{Annotations, Crc, Frame, Line, Note, Part, TarSplit, Toc, Unsealed, Word},
};

/// A step from a layer to a smaller or plainer one; none where there is nothing to change.
pub(crate) type Step = Box<dyn Fn(&mut Unsealed) -> Option<()>>;

fn step(change: impl Fn(&mut Unsealed) -> Option<()> + 'static) -> Step {
    Box::new(change)
}

/// Smaller blobs whose seals are right, with their annotations.
pub(crate) fn layers(blob: &[u8], annotations: &Annotations) -> impl Iterator<Item = (Vec<u8>, Annotations)> + use<> {
    Unsealed::of(blob, annotations).into_iter().flat_map(|layer| {
        let steps = layer.steps().into_iter();
        steps.filter_map(move |step| Some(layer.after(&step)?.seal()))
    })
}

impl Unsealed {
    /// The steps that may make the layer smaller, the largest first.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = self.steps_of_entries();
        steps.extend(self.steps_of_frames());
        steps.extend(self.steps_of_index());
        steps
    }

    /// The layer after a step; none where it changes nothing.
    pub(crate) fn after(&self, step: &Step) -> Option<Self> {
        let mut layer = self.clone();
        step(&mut layer)?;
        (layer != *self).then_some(layer)
    }

    /// Steps that change tar, tar-split and TOC alike, and encode frames as the builders do: what is whole stays whole.
    pub(in crate::forge) fn steps_of_entries(&self) -> Vec<Step> {
        let tar = self.tar();
        let entries = self.entries();
        let mut steps = Vec::new();
        for piece in pieces(entries.len()) {
            let gone = entries.get(piece).unwrap_or_default().to_vec();
            steps.push(step(move |layer| {
                // From the last one on, so that those before it stay where they are.
                gone.iter().rev().for_each(|entry| layer.drop_entry(entry));
                Some(())
            }));
        }
        for entry in entries {
            let length = entry.content.len();
            for shorter in [0, 1, length / 2, length.saturating_sub(1)] {
                let entry = entry.clone();
                steps.push(step(move |layer| layer.shorten(&entry, shorter).then_some(())));
            }
            let content = entry.content;
            if tar
                .get(content.clone())
                .is_some_and(|bytes| bytes.iter().any(|&byte| byte != 0))
            {
                steps.push(step(move |layer| {
                    layer.overwrite(content.start, &vec![0; content.len()]);
                    Some(())
                }));
            }
        }
        let is_encoded = |at: &usize| matches!(self.frames.get(*at), Some(Frame::Data { encoded: Some(_), .. }));
        let encoded = self.data_frames().into_iter().filter(is_encoded);
        steps.extend(encoded.map(|at| {
            step(move |layer| {
                layer.frames.get_mut(at)?.edit(|_| ());
                Some(())
            })
        }));
        steps
    }

    /// Steps that leave out frames, and what follows the entries of the tar.
    fn steps_of_frames(&self) -> Vec<Step> {
        let length = self.tar().len();
        let end = self.entries().last().map_or(0, |entry| entry.whole.end);
        let tail = step(move |layer| {
            layer.cut(end..length);
            Some(())
        });
        let frames = (0..self.frames.len()).map(|at| {
            step(move |layer| {
                layer.remove_frame(at);
                Some(())
            })
        });
        std::iter::once(tail).chain(frames).collect()
    }

    /// Steps that leave out parts of TOC, tar-split and annotations.
    fn steps_of_index(&self) -> Vec<Step> {
        let mut steps = vec![step(|layer| layer.tar_split.is_some().then(|| layer.drop_tar_split()))];
        match &self.toc {
            Toc::Json(value) => {
                let text = value.to_string();
                steps.extend(members(&Document::of(&text)).map(|edit| {
                    step(move |layer| {
                        let Toc::Json(value) = &mut layer.toc else { return None };
                        let smaller = edit.apply(value.to_string().as_bytes(), Kind::Json).ok()?;
                        *value = Node::parse(std::str::from_utf8(&smaller).ok()?)?;
                        Some(())
                    })
                }));
            }
            Toc::Text(text) => {
                let least = text.len() / 256;
                let large = pieces(text.len()).filter(|piece| piece.len() > least);
                steps.extend(large.map(|piece| {
                    step(move |layer| {
                        let Toc::Text(text) = &mut layer.toc else { return None };
                        text.drain(piece.clone());
                        Some(())
                    })
                }));
            }
            Toc::Payload(_) => {}
        }
        if let Some(TarSplit::Lines(lines)) = &self.tar_split {
            steps.extend(pieces(lines.len()).map(|piece| {
                step(move |layer| {
                    layer.lines_mut()?.drain(piece.clone());
                    Some(())
                })
            }));
            steps.extend((0..lines.len()).map(|at| {
                step(move |layer| match layer.lines_mut()?.get_mut(at)? {
                    Line::File { crc, .. } => {
                        *crc = Crc::Right;
                        Some(())
                    }
                    Line::Segment(_) | Line::Odd { .. } => None,
                })
            }));
        }
        steps.extend(
            self.annotations
                .keys()
                .cloned()
                .map(|key| step(move |layer| layer.annotations.remove(&key).map(drop))),
        );
        steps
    }

    /// Leaves out the tar-split, with its frame and what names it.
    fn drop_tar_split(&mut self) {
        self.tar_split = None;
        if let Some(at) = self.frames.iter().position(|frame| *frame == Frame::TarSplit) {
            self.remove_frame(at);
        }
        if let Toc::Json(value) = &mut self.toc {
            value.remove("tarSplitDigest");
        }
        self.annotations
            .retain(|_, note| !matches!(note, Note::Position(Part::TarSplit) | Note::Digest(Part::TarSplit)));
        for word in &mut self.footer {
            if let Word::Of(Part::TarSplit, _) = word {
                *word = Word::Raw(vec![0; 8]);
            }
        }
    }
}
