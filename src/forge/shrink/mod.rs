//! Smaller inputs: what can be left out of an input, as edits, and the loop that leaves out what does not matter.
//!
//! What can be left out follows what an input is made of: entries of a layer with all that names them, members of JSON, lines,
//! entries of a tar, frames, then bytes.

mod document;
mod layer;
mod part;
mod search;

use std::ops::Range;

use super::{Edit, json::Document, mutate::splice};

#[cfg(feature = "cli")]
pub(crate) use self::{
    document::document,
    layer::layers,
    part::{annotations, bytes, end, frames, lines, tar},
    search::{smallest, weight},
};

/// Inputs or edits, the one that leaves out most first.
pub(crate) type Variants<'a, T> = Box<dyn Iterator<Item = T> + 'a>;

/// Pieces of a list: all of it, halves, quarters and so on down to single elements.
pub(crate) fn pieces(length: usize) -> impl Iterator<Item = Range<usize>> {
    let sizes = std::iter::successors(Some(length), |size| (*size > 1).then(|| size.div_ceil(2)));
    sizes.filter(move |_| length > 0).flat_map(move |size| {
        (0..length)
            .step_by(size)
            .map(move |start| start..length.min(start + size))
    })
}

/// A list without a piece.
pub(crate) fn without<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    pieces(list.len()).map(move |piece| {
        let (before, rest) = list.split_at(piece.start);
        [before, rest.get(piece.len()..).unwrap_or_default()].concat()
    })
}

/// Edits that leave out members of objects and items of arrays.
fn members(document: &Document<'_>) -> impl Iterator<Item = Edit> {
    (0..document.places.len()).flat_map(move |index| {
        let holes = pieces(document.children(index).len()).map(move |piece| document.holes(index, piece));
        holes.map(|hole| splice(hole.start, hole.len(), &[]))
    })
}

#[cfg(test)]
mod tests {
    use super::{
        Variants,
        document::document,
        part::{bytes, frames, lines, tar},
        search::weight,
    };
    use crate::forge::{
        Edit, Kind,
        tar::{TarEntry, end},
        zstd::frame,
    };

    #[test]
    fn edits_leave_something_out_and_begin_with_everything() {
        let json = br#"{ "a" : [1, {"b":"text"}], "c": 20 }"#;
        let two = [&json[..], b"\n", json, b"\n"].concat();
        let entries = [TarEntry::dir("d/"), TarEntry::file("f", [b'x'; 512])];
        let mut archive: Vec<u8> = entries
            .iter()
            .flat_map(|entry| [entry.header(), entry.content.clone()].concat())
            .collect();
        archive.extend(end());
        let blob = [frame(b"one"), frame(b"two")].concat();
        type Edits = fn(&[u8]) -> Variants<'static, Edit>;
        let parts: [(&[u8], Edits, usize); 5] = [
            (json, document, 14),
            (&two, lines, 30),
            (&archive, tar, 40),
            (&blob, frames, 80),
            (b"any bytes", bytes, 30),
        ];
        for (whole, edits, least) in parts {
            let text = whole.escape_ascii();
            let applied: Vec<Vec<u8>> = edits(whole)
                .filter_map(|edit| edit.apply(whole, Kind::Bytes).ok())
                .collect();
            let smaller = applied.iter().filter(|smaller| weight(smaller) < weight(whole)).count();
            assert!(smaller >= least, "{smaller} of {}: {text}", applied.len());
        }
        // Members go with their commas, one or several.
        let made: Vec<String> = document(json)
            .filter_map(|edit| String::from_utf8(edit.apply(json, Kind::Bytes).ok()?).ok())
            .collect();
        for expected in [
            r#"{"a":[1,{"b":"text"}],"c":20}"#,
            "{  }",
            r#"{ "c": 20 }"#,
            r#"{ "a" : [1, {"b":"text"}] }"#,
            r#"{ "a" : [{"b":"text"}], "c": 20 }"#,
            r#"{ "a" : [], "c": 20 }"#,
            r#"{ "a" : [1, {"b":"te"}], "c": 20 }"#,
            r#"{ "a" : [1, {"b":"text"}], "c": 0 }"#,
        ] {
            assert!(
                made.iter().any(|made| made == expected),
                "{expected} is not among {made:#?}"
            );
        }
    }
}
