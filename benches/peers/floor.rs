//! The floors: processor time of the steps that no implementation can leave out.
//!
//! Each step is measured by itself, in one thread that holds all it needs in memory. What lies between the steps, such as reading
//! the file or finding the frames, is not counted.

use std::{io, path::Path, time::Duration};

use chunkproof::{
    Extent, Findings,
    format::{
        crc64::Crc64,
        frames::{FrameKind, Walker},
        range::{FileRange, ReadAt as _},
        rollsum::Splitter,
        tar::{Event, Scanner},
    },
};
use nix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::CParameter,
};

/// Processor time of each step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    /// Decoding each frame once.
    pub decode: Duration,
    /// The digest of the tar.
    pub tar_digest: Duration,
    /// The digest of each file.
    pub file_digests: Duration,
    /// The CRC-64 of each file.
    pub crc: Duration,
    /// Looking for the places where files are cut.
    pub rolling_sum: Duration,
    /// Compressing the same frames.
    pub compress: Duration,
}

impl Steps {
    /// What a reader that checks a layer has to do.
    pub fn read(&self) -> Duration {
        self.decode + self.tar_digest + self.file_digests + self.crc
    }

    /// What a writer has to do.
    pub fn write(&self) -> Duration {
        self.compress + self.tar_digest + self.file_digests + self.crc + self.rolling_sum
    }
}

/// Measures the steps on a layer, of which the largest frame has so many bytes at most.
pub fn measure(layer: &Path, largest: usize, level: i32) -> io::Result<Steps> {
    let blob = FileRange::open(layer)?;
    let extent = Extent::new(0, blob.size()).ok_or_else(|| io::Error::other("the blob is too large"))?;
    let (mut findings, mut steps) = (Findings::new(), Steps::default());
    let mut walker = Walker::new(&blob, extent);
    let mut decompressor = Decompressor::new()?;
    let mut compressor = Compressor::new(level)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    let (mut frame_bytes, mut content, mut compressed) = (Vec::new(), Vec::with_capacity(largest), Vec::new());
    let (mut tar, mut scanner) = (Sha256::new(), Scanner::new());
    let mut file = File::default();
    while let Some(frame) = walker.next_frame(&mut findings)? {
        if !matches!(frame.kind, FrameKind::Data(_)) {
            continue;
        }
        frame_bytes.resize(usize::try_from(frame.extent.length()).map_err(io::Error::other)?, 0);
        blob.read_exact_at(&mut frame_bytes, frame.extent.offset())?;
        content.clear();
        timed(&mut steps.decode, || {
            decompressor.decompress_to_buffer(&frame_bytes, &mut content)
        })?;
        timed(&mut steps.tar_digest, || tar.update(&content));
        compressed.clear();
        compressed.reserve(zstd::zstd_safe::compress_bound(content.len()));
        timed(&mut steps.compress, || {
            compressor.compress_to_buffer(&content, &mut compressed)
        })?;
        scanner.push(&content, &mut findings, &mut |event| file.take(event, &mut steps));
    }
    if !findings.is_empty() {
        return Err(io::Error::other("the layer that was written is not valid"));
    }
    std::hint::black_box((tar.finalize(), file.result));
    Ok(steps)
}

/// The file that is being read.
#[derive(Default)]
struct File {
    digest: Sha256,
    crc: Crc64,
    splitter: Splitter,
    /// Uses what was computed.
    result: u64,
}

impl File {
    fn take(&mut self, event: Event<'_>, steps: &mut Steps) {
        match event {
            Event::Content(bytes) => {
                timed(&mut steps.file_digests, || self.digest.update(bytes));
                timed(&mut steps.crc, || self.crc.update(bytes));
                timed(&mut steps.rolling_sum, || {
                    self.splitter.push(bytes, &mut |cut| self.result += cut.length);
                });
            }
            Event::ContentEnd => {
                let digest = timed(&mut steps.file_digests, || std::mem::take(&mut self.digest).finalize());
                self.result += u64::from(digest[0]) + self.crc.value() % 2;
                (self.crc, self.splitter) = (Crc64::new(), Splitter::new());
            }
            _ => {}
        }
    }
}

fn timed<T>(step: &mut Duration, run: impl FnOnce() -> T) -> T {
    let start = processor_time();
    let result = run();
    *step += processor_time().saturating_sub(start);
    result
}

/// Of this thread.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
