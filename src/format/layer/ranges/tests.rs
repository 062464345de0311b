//! Files that share frames, as stargz writes them: their ranges have no end.

use super::{RangeReader, ReadAt, ReadFile};
use crate::{
    format::{
        Bytes, Dialect, Digest, Findings, Limits,
        layer::work::Work,
        length,
        toc::{Entry, parse},
    },
    rules::Rule,
};

fn frame(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 0).unwrap()
}

/// The entries of a TOC with these files, each in the frame at an offset from an inner offset on.
fn files(listed: &[(usize, usize, &[u8])]) -> Vec<Entry> {
    let listed: Vec<String> = listed
        .iter()
        .enumerate()
        .map(|(number, (offset, inner, content))| {
            let (size, digest) = (content.len(), Digest::of(content));
            format!(
                r#"{{"type":"reg","name":"{number}","size":{size},"offset":{offset},"innerOffset":{inner},"digest":"{digest}","chunkDigest":"{digest}"}}"#
            )
        })
        .collect();
    let json = format!(r#"{{"version":1,"entries":[{}]}}"#, listed.join(","));
    let mut findings = Findings::new();
    let toc = parse(json.as_bytes(), Dialect::G1, &mut findings).unwrap();
    assert_eq!(findings.list(), []);
    toc.entries
}

fn reader(blob: &dyn ReadAt) -> RangeReader<'_> {
    RangeReader::new(blob, blob.size(), &Limits::default()).unwrap()
}

/// A frame of many files is decoded once, and not anew for each of them: a layer of stargz with small files would take the square
/// of its size, and be refused as one whose ranges overlap.
#[test]
fn a_frame_is_decoded_once_for_all_its_files() {
    let content: Vec<u8> = (0..100u8).flat_map(|number| [number; 100]).collect();
    let blob = frame(&content);
    let listed: Vec<(usize, usize, &[u8])> = content
        .chunks(100)
        .enumerate()
        .map(|(number, content)| (0, number * 100, content))
        .collect();
    let mut findings = Findings::new();
    let blob = blob.as_slice();
    let mut reader = reader(&blob);
    reader.bound(Work {
        frames: length(blob),
        decoded: length(&content),
    });
    for (entry, (_, _, content)) in files(&listed).iter().zip(&listed) {
        let mut read = Vec::new();
        let end = reader
            .read_file(entry, &mut findings, &mut |piece| {
                read.extend_from_slice(piece);
                true
            })
            .unwrap();
        assert_eq!((end, &read[..]), (ReadFile::Good, *content), "{}", entry.name);
    }
    assert!(!reader.is_exhausted());
    assert_eq!(findings.list(), []);
}

/// What was decoded for one file is of no use to a file in another frame, even at a later place in it.
#[test]
fn a_file_in_another_frame_is_read_from_that_frame() {
    let (first, second) = (frame(b"0123456789"), frame(b"abcdefghij"));
    let at = first.len();
    let blob = [first, second].concat();
    let blob = blob.as_slice();
    let listed: [(usize, usize, &[u8]); 3] = [(0, 0, b"01"), (at, 5, b"fg"), (0, 8, b"89")];
    let mut findings = Findings::new();
    let mut reader = reader(&blob);
    for entry in files(&listed) {
        let end = reader.read_file(&entry, &mut findings, &mut |_| true).unwrap();
        assert_eq!(end, ReadFile::Good, "{}: {findings:?}", entry.name);
    }
    assert_eq!(findings.list(), []);
}

/// One digest that is wrong is enough, whichever it is.
#[test]
fn content_of_a_wrong_chunk_must_not_be_used() {
    let blob = frame(b"content");
    let blob = blob.as_slice();
    let wrong = Some(Digest::of(b"other"));
    for (of_file, of_chunk, rule) in [(None, wrong, Rule::ChunkDigest), (wrong, None, Rule::FileDigest)] {
        let mut entry = files(&[(0, 0, b"content")]).remove(0);
        entry.digest = of_file.or(entry.digest);
        entry.chunks[0].digest = of_chunk.or(entry.chunks[0].digest);
        let mut findings = Findings::new();
        let end = reader(&blob).read_file(&entry, &mut findings, &mut |_| true).unwrap();
        let rules: Vec<Rule> = findings.list().iter().map(|finding| finding.rule).collect();
        assert_eq!((end, rules), (ReadFile::Broken, vec![rule]), "{}", Bytes(entry.size));
    }
}
