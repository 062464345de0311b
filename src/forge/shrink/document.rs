//! JSON without members, items or parts of its strings.

use super::{Variants, members, pieces, without};
use crate::forge::{
    Edit,
    json::{Document, Node, Shape},
    mutate::splice,
};

/// Edits that leave something out of a document; bytes, where it is no JSON.
pub(crate) fn document(bytes: &[u8]) -> Variants<'static, Edit> {
    let text = std::str::from_utf8(bytes).ok();
    let Some((text, tree)) = text.and_then(|text| Some((text, Node::parse(text)?))) else {
        return Box::new(pieces(bytes.len()).map(|piece| splice(piece.start, piece.len(), &[])));
    };
    let document = Document::of(text);
    // What is between the values goes first.
    let mut edits = vec![splice(0, bytes.len(), tree.to_string().as_bytes())];
    edits.extend(members(&document));
    for (index, place) in document.places.iter().enumerate() {
        if place.kind == Shape::Atom {
            let range = &place.value;
            let shorter = atoms(document.value(index));
            edits.extend(shorter.map(|atom| splice(range.start, range.len(), atom.as_bytes())));
        }
    }
    Box::new(edits.into_iter())
}

/// Shorter strings; 0 and 1 for anything else.
fn atoms(atom: &str) -> impl Iterator<Item = String> {
    let inner = atom.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let letters: Vec<char> = inner.unwrap_or_default().chars().collect();
    // Four letters of base64 are three bytes.
    let groups: Vec<&[char]> = letters.chunks(4).collect();
    let by_four = without(&groups).map(|groups| groups.concat());
    let by_one = without(&letters).filter(|_| letters.len() < 80);
    // The empty string is no smaller one: it means something else to nearly everybody.
    let shorter: Vec<Vec<char>> = by_four.chain(by_one).filter(|letters| !letters.is_empty()).collect();
    let numbers: &[&str] = if inner.is_none() { &["0", "1"] } else { &[] };
    let shorter = shorter.into_iter().map(String::from_iter);
    shorter
        .map(|letters| format!("\"{letters}\""))
        .chain(numbers.iter().map(|&number| number.to_owned()))
}
