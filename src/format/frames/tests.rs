use std::ops::ControlFlow;

use super::{Decoded, Decoder, Extent, Findings, Frame, FrameKind, Rule, Walker};
use crate::format::{Limits, range::ReadAt};

fn walk(blob: &[u8]) -> (Vec<Frame>, Vec<Rule>) {
    let mut findings = Findings::new();
    let mut walker = Walker::new(&blob, Extent::new(0, blob.size()).unwrap());
    let mut frames = Vec::new();
    while let Some(frame) = walker.next_frame(&mut findings).unwrap() {
        frames.push(frame);
    }
    (frames, findings.list().iter().map(|finding| finding.rule).collect())
}

fn decode(blob: &[u8]) -> (Vec<u8>, Vec<Rule>) {
    let (frames, mut rules) = walk(blob);
    let mut findings = Findings::new();
    let mut decoder = Decoder::new(&Limits::default()).unwrap();
    let mut out = Vec::new();
    for frame in frames {
        decoder
            .decode(&blob, &frame, &mut findings, &mut |piece| {
                out.extend_from_slice(piece);
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    rules.extend(findings.list().iter().map(|finding| finding.rule));
    (out, rules)
}

fn compressed(content: &[u8], checksum: bool) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(checksum).unwrap();
    std::io::copy(&mut &content[..], &mut encoder).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn frames_of_every_kind_are_walked_and_decoded() {
    let long = vec![b'x'; 300_000];
    let mut blob = b"\x5f\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    blob.extend(compressed(b"hello ", false));
    blob.extend(b"\x50\x2a\x4d\x18\0\0\0\0");
    blob.extend(compressed(&long, true));
    blob.extend(compressed(b"", false));
    let (frames, rules) = walk(&blob);
    assert_eq!(rules, []);
    let skippable = frames
        .iter()
        .map(|frame| matches!(frame.kind, FrameKind::Skippable { .. }))
        .collect::<Vec<_>>();
    assert_eq!(skippable, [true, false, true, false, false]);
    let (out, rules) = decode(&blob);
    assert_eq!(rules, []);
    assert_eq!(out, [b"hello ".to_vec(), long].concat());
}

#[test]
fn broken_frames_name_their_rule() {
    let good = compressed(b"hello hello hello", true);
    let last = good.len() - 1;
    let edit = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    for (blob, rule) in [
        (b"rubbish".to_vec(), Rule::FrameMagic),
        ([good.as_slice(), b"\0"].concat(), Rule::FrameMagic),
        (good[..last].to_vec(), Rule::FrameContent),
        (good[..5].to_vec(), Rule::FrameContent),
        (b"\x50\x2a\x4d\x18\x01\0\0\0".to_vec(), Rule::FrameContent),
        (edit(last, good[last] ^ 1), Rule::FrameChecksum),
        (edit(4, good[4] | 8), Rule::FrameContent),
        // A dictionary id of one byte, window of 1 KiB, an empty last block.
        (b"\x28\xb5\x2f\xfd\x01\0\x07\x01\0\0".to_vec(), Rule::FrameDictionary),
        // Window descriptor 0xff: far above 128 MiB.
        (b"\x28\xb5\x2f\xfd\0\xff\x01\0\0".to_vec(), Rule::FrameWindow),
        // A raw block of 1 byte in a frame that declares 2.
        (b"\x28\xb5\x2f\xfd\x20\x02\x09\0\0a".to_vec(), Rule::FrameContent),
    ] {
        assert_eq!(decode(&blob).1, [rule], "{}", blob.escape_ascii());
    }
}

#[test]
fn truncation_and_flipped_bits_never_panic() {
    let blob = [
        compressed(b"hello hello hello", true),
        b"\x50\x2a\x4d\x18\x02\0\0\0ab".to_vec(),
    ]
    .concat();
    let whole = decode(&blob).0;
    let boundary = blob.len() - 10;
    for length in 1..blob.len() {
        let rules = decode(&blob[..length]).1;
        assert_eq!(rules.is_empty(), length == boundary, "cut to {length}");
    }
    for bit in 0..blob.len() * 8 {
        let mut flipped = blob.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let (out, rules) = decode(&flipped);
        // The content is checksummed; a flip elsewhere may go unnoticed but cannot change it.
        assert!(!rules.is_empty() || out == whole || flipped[4] & 4 == 0, "bit {bit}");
    }
}

#[test]
fn a_sink_can_stop() {
    let blob = compressed(&vec![b'x'; 1 << 20], false);
    let (frames, _) = walk(&blob);
    let mut pieces = 0;
    let decoded = Decoder::new(&Limits::default())
        .unwrap()
        .decode(&blob.as_slice(), &frames[0], &mut Findings::new(), &mut |_| {
            pieces += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!((decoded, pieces), (Decoded::Stopped, 1));
}

/// An empty block at the end keeps libzstd from comparing the two.
#[test]
fn content_is_as_long_as_declared_also_before_an_empty_block() {
    let frame = |declared: u8| {
        let head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, declared];
        [&head[..], b"\x18\0\0abc", b"\x01\0\0"].concat()
    };
    assert_eq!(decode(&frame(3)), (b"abc".to_vec(), vec![]));
    assert_eq!(decode(&frame(5)), (b"abc".to_vec(), vec![Rule::FrameContent]));
}
