//! What two layers differ in, beside what is computed from it.

use super::{Frame, Note, TarSplit, Toc, Unsealed, Word};
use crate::forge::{
    Kind,
    edit::{between, described},
};

impl Unsealed {
    /// The changes that make another layer of this one, in sentences. What follows from them is left out, such as digests.
    pub(crate) fn changes_to(&self, other: &Self) -> Vec<String> {
        let mut sentences = Vec::new();
        let mut compare = |part: &str, kind: Kind, before: &[u8], after: &[u8]| {
            sentences.extend(described(part, before, &between(before, after, kind), kind));
        };
        let tar = self.tar();
        compare("tar", Kind::Bytes, &tar, &other.tar());
        match (&self.toc, &other.toc) {
            (Toc::Json(before), Toc::Json(after)) => {
                compare(
                    "TOC",
                    Kind::Json,
                    before.to_string().as_bytes(),
                    after.to_string().as_bytes(),
                );
            }
            (Toc::Json(_), Toc::Text(after) | Toc::Payload(after)) => {
                compare("TOC", Kind::Json, &self.toc_text(), after);
            }
            (Toc::Text(before) | Toc::Payload(before), Toc::Text(after) | Toc::Payload(after)) => {
                compare("TOC", Kind::Bytes, before, after);
            }
            (Toc::Text(before) | Toc::Payload(before), Toc::Json(_)) => {
                compare("TOC", Kind::Json, before, &other.toc_text());
            }
        }
        match (&self.tar_split, &other.tar_split) {
            // Its segments are the headers of the tar, so that they follow from another tar.
            (Some(TarSplit::Lines(before)), Some(TarSplit::Lines(after))) if before != after && tar == other.tar() => {
                let (before, after) = (self.tar_split_payload().text, other.tar_split_payload().text);
                compare("tar-split", Kind::Lines, &before, &after);
            }
            (Some(before), Some(after)) if before != after && tar == other.tar() => {
                sentences.push("tar-split: another payload".to_owned());
            }
            (Some(_), None) => sentences.push("the tar-split is left out".to_owned()),
            (None, Some(_)) => sentences.push("a tar-split is added".to_owned()),
            _ => {}
        }
        if self.footer.len() != other.footer.len() {
            sentences.push("a footer of another length".to_owned());
        }
        for (number, (before, after)) in self.footer.iter().zip(&other.footer).enumerate() {
            if before != after {
                sentences.push(format!("footer word {number}: {}", after.shown()));
            }
        }
        for (key, before) in &self.annotations {
            match other.annotations.get(key) {
                Some(after) if after == before => {}
                Some(Note::Text(text)) => sentences.push(format!("annotation {key}: {text:?}")),
                Some(_) => sentences.push(format!("annotation {key}: the right value")),
                None => sentences.push(format!("annotation {key} is left out")),
            }
        }
        let added = other
            .annotations
            .keys()
            .filter(|key| !self.annotations.contains_key(*key));
        sentences.extend(added.map(|key| format!("annotation {key} is added")));
        if sentences.is_empty() && self.frames != other.frames {
            sentences.push(self.frames_to(other));
        }
        sentences
    }

    /// What frames differ in that are the same tar.
    fn frames_to(&self, other: &Self) -> String {
        let same = |(a, b): &(&Frame, &Frame)| a == b;
        let at = self.frames.iter().zip(&other.frames).take_while(same).count();
        match self.frames.len().cmp(&other.frames.len()) {
            std::cmp::Ordering::Less => format!("a frame is added before frame {at}"),
            std::cmp::Ordering::Equal => format!("another frame {at} of the same content"),
            std::cmp::Ordering::Greater => format!("frame {at} is left out"),
        }
    }

    /// The TOC as a text.
    fn toc_text(&self) -> Vec<u8> {
        match &self.toc {
            Toc::Json(value) => value.to_string().into_bytes(),
            Toc::Text(text) | Toc::Payload(text) => text.clone(),
        }
    }
}

impl Word {
    fn shown(&self) -> String {
        match self {
            Self::Of(..) => "the right number".to_owned(),
            Self::Raw(bytes) => match <[u8; 8]>::try_from(bytes.as_slice()) {
                Ok(word) => u64::from_le_bytes(word).to_string(),
                Err(_) => format!("{} bytes", bytes.len()),
            },
        }
    }
}
