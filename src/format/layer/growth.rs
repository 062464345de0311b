//! Layers that ask for more work than there is data: time grows with their size, and not with its square.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Source, verify};
use crate::{
    forge::{
        estargz,
        layer::{Parts, Plan},
        tar::TarEntry,
        zstd::{Block, Frame},
    },
    format::{Dialect, Findings, estargz as reader},
};

/// Not that of anything here.
const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn files(count: usize) -> Vec<TarEntry> {
    (0..count)
        .map(|number| TarEntry::file(&format!("{number:06}"), "x"))
        .collect()
}

/// A blob and its annotations; none of gzip.
type Blob = (Vec<u8>, BTreeMap<String, String>);

fn layer(plan: &Plan, change: impl FnOnce(&mut Parts)) -> Blob {
    let mut parts = plan.parts();
    change(&mut parts);
    let layer = parts.payloads().place().layer();
    (layer.blob, layer.annotations)
}

/// What it is, and how a blob of some size is made.
type Shape = (&'static str, fn(usize) -> Blob);

const SHAPES: &[Shape] = &[
    ("every file has the range of all frames, and a wrong digest", |count| {
        layer(&Plan::new(Dialect::G2, files(count)), |parts| {
            let byte = Frame::of(b"x").encode();
            let start = u64::try_from(byte.len()).unwrap();
            parts.data = byte.repeat(count + 1);
            let end = u64::try_from(parts.data.len()).unwrap();
            for entry in &mut parts.toc {
                (entry.offset, entry.end_offset, entry.size) = (start, end, u64::try_from(count).unwrap());
                DIGEST.clone_into(&mut entry.digest);
            }
        })
    }),
    ("every file has the range of all frames, and another size", |count| {
        layer(&Plan::new(Dialect::G2, files(count)), |parts| {
            let byte = Frame::of(b"x").encode();
            let start = u64::try_from(byte.len()).unwrap();
            parts.data = byte.repeat(count + 1);
            let end = u64::try_from(parts.data.len()).unwrap();
            for (entry, size) in parts.toc.iter_mut().zip(1..) {
                (entry.offset, entry.end_offset, entry.size) = (start, end, size);
            }
        })
    }),
    ("ranges without ends over frames of one byte", |count| {
        layer(&Plan::stargz(files(count)), |parts| {
            let byte = Frame::of(b"x").encode();
            let length = u64::try_from(byte.len()).unwrap();
            parts.data = byte.repeat(count);
            for (entry, number) in parts.toc.iter_mut().zip(0..) {
                (entry.offset, entry.inner_offset) = (number * length, 1 << 20);
            }
        })
    }),
    ("inner offsets that fall in one long frame", |count| {
        layer(&Plan::stargz(files(count)), |parts| {
            let blocks = vec![Block::run(0, 100_000); count / 5];
            let frame = Frame {
                window: Some(0x58),
                content_size: None,
                checksum: None,
                blocks,
                ..Frame::of(b"")
            };
            parts.data = frame.encode();
            for (entry, number) in parts.toc.iter_mut().zip(1..) {
                (entry.offset, entry.inner_offset) = (0, u64::try_from(count).unwrap() * 20_000 - 1000 * number);
            }
        })
    }),
    ("eStargz files that fall in one long member", |count| {
        let tar = [Plan::new(Dialect::G2, files(count)).tar()].concat();
        let entries: Vec<String> = (1..=count)
            .map(|number| {
                let inner = tar.len() - number;
                format!(
                    r#"{{"name":"{number}","type":"reg","size":1,"digest":"{DIGEST}","offset":0,"innerOffset":{inner}}}"#
                )
            })
            .collect();
        let plan = estargz::Layer::new(vec![estargz::member(&tar)], &entries.join(","));
        (plan.blob(&estargz::member(&plan.toc_tar())), BTreeMap::new())
    }),
];

fn time((blob, annotations): &Blob) -> Duration {
    let blob = blob.as_slice();
    let annotations = (!annotations.is_empty()).then_some(annotations);
    let source = Source::new(&blob, annotations);
    let once = || {
        let mut findings = Findings::new();
        let start = Instant::now();
        if reader::is_gzip(&blob).unwrap() {
            drop(reader::verify(&source, None, &mut findings).unwrap());
        } else {
            drop(verify(&source, &mut findings).unwrap());
        }
        assert!(!findings.is_empty());
        start.elapsed()
    };
    // The shortest of some is the one that others disturbed least.
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// Four times the size may take four times as long, and noise; a square would be sixteen times, and no attempt would get by.
#[test]
fn time_grows_with_the_size() {
    for (name, shape) in SHAPES {
        let blobs = [400, 1600].map(shape);
        let mut attempts = Vec::new();
        let grows_with_the_size = (0..10).any(|_| {
            let [middle, last] = [time(&blobs[0]), time(&blobs[1])];
            attempts.push((middle, last));
            last < middle * 9
        });
        assert!(grows_with_the_size, "{name}: {attempts:?}");
    }
}
