//! How fast the pieces of the library are, each by itself, on a small tar of the kind that `peers` makes.

#[path = "peers/tar.rs"]
#[expect(dead_code, reason = "`peers` makes tars of other sizes too")]
mod tar;

use std::{error::Error, hint::black_box, ops::ControlFlow};

use chunkproof::{
    Dialect, Digest, Extent, Findings, Limits, WriteOptions,
    format::{
        crc64::Crc64,
        frames::{Decoder, Frame, FrameKind, Walker},
        json,
        range::ReadAt as _,
        rollsum::Splitter,
        tar::Scanner,
        tarsplit, toc,
    },
};
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};

/// Pieces of a tar as a reader hands them on.
const PIECE: usize = 128 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut tar = Vec::new();
    tar::make(&mut tar, tar::Size::FULL.entries_times(0.01))?;
    let mut layer = Vec::new();
    let written = chunkproof::write_layer(tar.as_slice(), &mut layer, WriteOptions::default())?;
    assert_eq!(written.tar_size, tar.len() as u64);
    let frames = frames_of(&layer)?;
    let skippable: Vec<Vec<u8>> = frames.iter().filter_map(|frame| payload(&layer, frame)).collect();
    let [toc_json, tar_split_json, ..] = skippable.as_slice() else {
        return Err("the layer has no TOC and tar-split".into());
    };

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("pieces");
    bench(&mut group, "tar/scanner", &tar, |tar| {
        let (mut scanner, mut findings, mut events) = (Scanner::new(), Findings::new(), 0);
        for piece in tar.chunks(PIECE) {
            scanner.push(piece, &mut findings, &mut |_| events += 1);
        }
        scanner.finish(&mut findings);
        assert!(findings.is_empty());
        events
    });
    bench(&mut group, "json/skip", toc_json, |json| {
        let mut findings = Findings::new();
        let mut reader = json::Reader::new(json, chunkproof::Region::Toc, &mut findings);
        let skipped = reader.skip();
        reader.finish();
        assert!(findings.is_empty());
        skipped
    });
    bench(&mut group, "json/toc", toc_json, |json| {
        toc::parse(json, Dialect::G5, &mut Findings::new())
    });
    bench(&mut group, "json/tar-split", tar_split_json, |json| {
        tarsplit::parse(json, &mut Findings::new())
    });
    bench(&mut group, "rolling sum", &tar, |tar| {
        let (mut splitter, mut pieces) = (Splitter::new(), 0);
        for piece in tar.chunks(PIECE) {
            splitter.push(piece, &mut |_| pieces += 1);
        }
        pieces
    });
    bench(&mut group, "crc-64", &tar, Crc64::of);
    bench(&mut group, "digest", &tar, Digest::of);
    bench(&mut group, "frames/walk", &layer, |layer| {
        frames_of(layer).map(|frames| frames.len()).ok()
    });
    group.throughput(Throughput::Bytes(tar.len() as u64));
    group.bench_function("frames/decode", |bencher| {
        bencher.iter(|| decode(black_box(&layer), &frames))
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}

fn bench<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: &[u8], mut run: impl FnMut(&[u8]) -> T) {
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function(name, |bencher| bencher.iter(|| run(black_box(bytes))));
}

fn frames_of(layer: &[u8]) -> Result<Vec<Frame>, Box<dyn Error>> {
    let extent = Extent::new(0, layer.len() as u64).ok_or("the layer is too large")?;
    let mut findings = Findings::new();
    let mut walker = Walker::new(&layer, extent);
    let mut frames = Vec::new();
    while let Some(frame) = walker.next_frame(&mut findings)? {
        frames.push(frame);
    }
    assert!(findings.is_empty());
    Ok(frames)
}

/// What is compressed in a skippable frame.
fn payload(layer: &[u8], frame: &Frame) -> Option<Vec<u8>> {
    let FrameKind::Skippable { payload, .. } = frame.kind else {
        return None;
    };
    zstd::decode_all(layer.read_extent(payload).ok()?.as_slice()).ok()
}

fn decode(layer: &[u8], frames: &[Frame]) -> usize {
    let mut findings = Findings::new();
    let mut length = 0;
    let decoder = Decoder::new(&Limits::default());
    let Ok(mut decoder) = decoder else { return 0 };
    for frame in frames {
        let decoded = decoder.decode(&layer, frame, &mut findings, &mut |piece| {
            length += piece.len();
            ControlFlow::Continue(())
        });
        assert!(decoded.is_ok());
    }
    length
}
