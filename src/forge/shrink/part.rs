//! Parts of a layer without some of what they are made of.

use std::{collections::BTreeMap, ops::Range};

use super::{Variants, document::document, pieces, without};
use crate::forge::{
    Edit,
    edit::Number,
    frames::frames as split,
    mutate::{moved, splice},
    number,
    tar::{BLOCK, headers, seal},
};

/// Edits that leave out bytes, then make some zeros.
pub(crate) fn bytes(bytes: &[u8]) -> Variants<'static, Edit> {
    let cut = pieces(bytes.len()).map(|piece| splice(piece.start, piece.len(), &[]));
    Box::new(cut.chain(zeros(bytes.len())))
}

fn zeros(length: usize) -> impl Iterator<Item = Edit> {
    pieces(length).map(|piece| splice(piece.start, piece.len(), &vec![0; piece.len()]))
}

/// Edits that leave out pieces which follow one another.
fn cut(spans: Vec<Range<usize>>) -> impl Iterator<Item = Edit> {
    pieces(spans.len()).filter_map(move |piece| {
        let (first, last) = (spans.get(piece.start)?, spans.get(piece.end - 1)?);
        Some(splice(first.start, last.end - first.start, &[]))
    })
}

/// Where pieces are that follow one another.
fn spans(pieces: &[&[u8]]) -> Vec<Range<usize>> {
    let span = |at: &mut usize, piece: &&[u8]| {
        let start = std::mem::replace(at, *at + piece.len());
        Some(start..*at)
    };
    pieces.iter().scan(0, span).collect()
}

/// Edits of the end of a blob: the blob becomes shorter, which takes bytes from the start of its end.
pub(crate) fn end(bytes: &[u8]) -> Variants<'static, Edit> {
    let sizes = (0..=bytes.len()).map(|size| Edit::BlobSize(Number::Number(number(size))));
    Box::new(sizes.chain(zeros(bytes.len())))
}

/// Edits that leave out lines, then parts of the document in each.
pub(crate) fn lines(bytes: &[u8]) -> Variants<'static, Edit> {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let spans = spans(&lines);
    let mut edits: Vec<Edit> = cut(spans.clone()).collect();
    for (line, span) in lines.iter().zip(spans) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        edits.extend(document(line).map(|edit| moved(edit, span.start)));
    }
    Box::new(edits.into_iter())
}

/// Edits that leave out frames, then bytes of each.
pub(crate) fn frames(blob: &[u8]) -> Variants<'static, Edit> {
    let spans = spans(&split(blob));
    let within = spans.clone().into_iter().flat_map(|span| {
        let cut = pieces(span.len()).map(|piece| splice(piece.start, piece.len(), &[]));
        let edits = cut.chain(zeros(span.len()));
        edits.map(move |edit| moved(edit, span.start))
    });
    Box::new(cut(spans).chain(within))
}

/// Fields of a tar header that may hold nothing.
const FIELDS: [(usize, usize); 13] = [
    (345, 155),
    (329, 16),
    (297, 32),
    (265, 32),
    (157, 100),
    (136, 12),
    (100, 24),
    (0, 100),
    (1, 99),
    (257, 8),
    (156, 1),
    (124, 12),
    (500, 12),
];

/// Edits that leave out entries of a tar, contents and fields of headers.
pub(crate) fn tar(tar: &[u8]) -> Variants<'static, Edit> {
    let headers = headers(tar);
    let end = headers.last().map_or(0, |header| header.end);
    let blocks: Vec<&[u8]> = tar.get(end..).unwrap_or_default().chunks(BLOCK).collect();
    let mut edits: Vec<Edit> = cut(headers.iter().map(|header| header.at..header.end).collect()).collect();
    edits.extend(cut(spans(&blocks)).map(|edit| moved(edit, end)));
    for header in &headers {
        let block = tar.get(header.at..header.at + BLOCK).unwrap_or_default();
        let content = tar.get(header.at + BLOCK..header.end).unwrap_or_default();
        let emptier = |start: usize, value: &[u8]| {
            let mut block = block.to_vec();
            for (byte, new) in block.iter_mut().skip(start).zip(value) {
                *byte = *new;
            }
            seal(&mut block);
            block
        };
        for count in [0, 1] {
            let block = emptier(124, format!("{count:011o}\0").as_bytes());
            let kept = content.get(..BLOCK * count).unwrap_or(content);
            edits.push(splice(header.at, header.end - header.at, &[&block, kept].concat()));
        }
        edits.extend(FIELDS.map(|(start, length)| splice(header.at, BLOCK, &emptier(start, &vec![0; length]))));
        let zeros = zeros(content.len()).take(64);
        edits.extend(zeros.map(|edit| moved(edit, header.at + BLOCK)));
    }
    Box::new(edits.into_iter())
}

/// Edits that leave out annotations, then letters of their values.
pub(crate) fn annotations(annotations: &BTreeMap<String, String>) -> Variants<'static, Edit> {
    let mut edits: Vec<Edit> = annotations.keys().cloned().map(Edit::Strip).collect();
    for (key, value) in annotations {
        let letters: Vec<char> = value.chars().collect();
        edits.extend(without(&letters).map(|letters| Edit::Annotate {
            key: key.clone(),
            value: letters.into_iter().collect(),
        }));
    }
    Box::new(edits.into_iter())
}
