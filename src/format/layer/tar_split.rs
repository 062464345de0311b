//! Reading the tar-split of a layer, also while another thread reads the TOC.
//!
//! Each takes about as long to parse as the other. The digest that the tar-split has to have is in the TOC of newer layers, so a
//! tar-split that was read ahead is compared with it afterwards, and thrown away if it is another one.

use std::{io, mem};

use super::{
    Located, Source,
    compare::InStep,
    index::{Authority, LoadedTarSplit, Purpose},
};
use crate::format::{Dialect, Digest, Findings, Position, Region, payload, tarsplit, toc::Toc};

/// What TOC and tar-split have to decode to for a thread to be worth its start, in bytes.
pub(super) const WORTHWHILE: u64 = 256 << 10;

/// Reads a tar-split.
pub(super) struct TarSplitReader<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) position: Position,
    pub(super) purpose: Purpose,
    /// Its rules that are switched off are those of what is found.
    pub(super) like: &'a Findings,
}

/// The bytes of a tar-split, before it is known what vouches for them.
pub(super) struct Fetched {
    pub(super) digest: Digest,
    compressed: Vec<u8>,
    /// What they say, if that was read ahead.
    parsed: Option<Parsed>,
}

/// A tar-split.
pub(super) struct Parsed {
    /// None if it cannot be read.
    pub(super) loaded: Option<LoadedTarSplit>,
    /// What was found in it.
    pub(super) findings: Findings,
    /// Whether it was compared with the TOC on the way, which is among what was found.
    pub(super) is_compared: bool,
}

impl<'a> TarSplitReader<'a> {
    /// What reads the tar-split while the TOC is read; none where it is as well to do one after the other: both take memory then,
    /// which the entries that are kept take later anyway, and an index that is only shown never does.
    pub(super) fn ahead_of_toc(
        source: &'a Source<'a>,
        located: &Located,
        purpose: Purpose,
        like: &'a Findings,
    ) -> Option<Self> {
        let position = located.tar_split?;
        let is_allowed = payload::check_limit(
            Region::TarSplit,
            position,
            source.limits.tar_split,
            &mut Findings::new(),
        );
        let is_worthwhile = purpose == Purpose::Reading
            && source.threads.get() > 1
            && located.toc.uncompressed.min(position.uncompressed) >= WORTHWHILE;
        (is_allowed && is_worthwhile).then_some(Self {
            source,
            position,
            purpose,
            like,
        })
    }

    /// Reads its bytes from the blob.
    pub(super) fn fetch(&self) -> io::Result<Fetched> {
        let compressed = self.source.blob.read_extent(self.position.extent)?;
        Ok(Fetched {
            digest: Digest::of(&compressed),
            compressed,
            parsed: None,
        })
    }

    /// Reads its bytes from the blob and parses them.
    pub(super) fn read_ahead(&self) -> io::Result<Fetched> {
        let mut fetched = self.fetch()?;
        fetched.parsed = Some(self.parse(&mem::take(&mut fetched.compressed))?);
        Ok(fetched)
    }

    /// Gives what the bytes say. Nothing vouches for it.
    ///
    /// Where headers are not kept, they are compared with the TOC as they come, if that can be done.
    pub(super) fn finish(&self, fetched: Fetched, (toc, dialect): (&Toc, Dialect)) -> io::Result<Parsed> {
        if let Some(parsed) = fetched.parsed {
            return Ok(parsed);
        }
        let compressed = &fetched.compressed;
        if self.purpose != Purpose::Reading
            && let Some(parsed) = self.compare(compressed, InStep::new(toc, dialect, self.like))?
        {
            return Ok(parsed);
        }
        self.parse(compressed)
    }

    /// Parses it while it is decoded: most are several times as long as all else that is known of a layer.
    fn parse(&self, compressed: &[u8]) -> io::Result<Parsed> {
        let (declared, limits) = (self.position.uncompressed, &self.source.limits);
        let entries = (self.purpose == Purpose::Reading).then(Vec::new);
        let streamed = self.stream(compressed, Loading::new(entries.clone(), None))?;
        let (loaded, findings) = match streamed {
            Ok((loading, mut findings)) => (loading.finish(&mut findings).0, findings),
            Err(Unstreamed::Payload(findings)) => (None, findings),
            // Something is wrong with the lines, which only shows when they are read at once.
            Err(Unstreamed::Lines) => {
                let mut findings = Findings::like(self.like);
                let json = payload::decompress(Region::TarSplit, compressed, declared, limits, &mut findings)?;
                let lines = json.and_then(|json| tarsplit::parse(&json, &mut findings));
                let loaded = lines.and_then(|lines| {
                    let mut loading = Loading::new(entries, None);
                    for entry in lines {
                        loading.take(entry, &mut findings);
                    }
                    loading.finish(&mut findings).0
                });
                (loaded, findings)
            }
        };
        Ok(Parsed {
            loaded,
            findings,
            is_compared: false,
        })
    }

    /// Parses it and compares its headers, keeping none; none if they are not in step with the TOC, or lines are wrong.
    fn compare(&self, compressed: &[u8], in_step: InStep<'_>) -> io::Result<Option<Parsed>> {
        let Ok((loading, mut findings)) = self.stream(compressed, Loading::new(None, Some(in_step)))? else {
            return Ok(None);
        };
        let (loaded, of_metadata) = loading.finish(&mut findings);
        Ok(of_metadata.map(|of_metadata| {
            if loaded.is_some() {
                findings.merge(of_metadata);
            }
            Parsed {
                loaded,
                findings,
                is_compared: true,
            }
        }))
    }

    fn stream<'t>(&self, compressed: &[u8], mut loading: Loading<'t>) -> io::Result<Streamed<'t>> {
        let (declared, limits) = (self.position.uncompressed, &self.source.limits);
        let mut findings = Findings::like(self.like);
        if payload::check(Region::TarSplit, compressed, declared, limits, &mut findings)?.is_none() {
            return Ok(Err(Unstreamed::Payload(findings)));
        }
        let mut of_lines = Findings::like(self.like);
        let mut lines = tarsplit::LineReader::new();
        let mut is_good = true;
        payload::stream(compressed, limits, &mut |piece| {
            is_good = lines.push(piece, &mut |entry| loading.take(entry, &mut of_lines));
            is_good
        })?;
        if !is_good || !lines.finish() {
            return Ok(Err(Unstreamed::Lines));
        }
        findings.merge(of_lines);
        Ok(Ok((loading, findings)))
    }
}

/// A tar-split that was read as a stream, since nothing is wrong with its lines, and what was found in its entries so far.
type Streamed<'t> = Result<(Loading<'t>, Findings), Unstreamed>;

/// Why a tar-split was not read as a stream.
enum Unstreamed {
    /// The payload cannot be decoded, for this reason.
    Payload(Findings),
    /// A line is wrong.
    Lines,
}

/// A tar-split of which entry after entry becomes known.
struct Loading<'t> {
    /// None if they are not kept.
    entries: Option<Vec<tarsplit::Entry>>,
    /// What headers are compared with, if they are not kept.
    in_step: Option<InStep<'t>>,
    segment_count: usize,
    /// Of headers that were compared.
    header_count: usize,
    /// None after an entry that makes the rest of the tar senseless. Lines are read to their end all the same.
    walk: Option<tarsplit::Walk>,
}

impl<'t> Loading<'t> {
    fn new(entries: Option<Vec<tarsplit::Entry>>, in_step: Option<InStep<'t>>) -> Self {
        Self {
            entries,
            in_step,
            segment_count: 0,
            header_count: 0,
            walk: Some(tarsplit::Walk::default()),
        }
    }

    fn take(&mut self, entry: tarsplit::Entry, findings: &mut Findings) {
        if matches!(entry, tarsplit::Entry::Segment(_)) {
            self.segment_count = self.segment_count.saturating_add(1);
        }
        self.walk = self
            .walk
            .take()
            .and_then(|mut walk| walk.take(&entry, findings).map(|()| walk));
        if let (Some(in_step), Some(walk)) = (&mut self.in_step, &mut self.walk) {
            for header in walk.settled() {
                self.header_count = self.header_count.saturating_add(1);
                in_step.take(&header);
            }
        }
        if let Some(entries) = &mut self.entries {
            entries.push(entry);
        }
    }

    /// The tar-split, if the tar makes sense to its end, and what the comparison of headers gave, if there was one.
    fn finish(mut self, findings: &mut Findings) -> (Option<LoadedTarSplit>, Option<Findings>) {
        let mut headers = self.walk.take().and_then(|walk| walk.finish(findings));
        let header_count = headers.as_ref().map_or(0, Vec::len).saturating_add(self.header_count);
        let of_metadata = self.in_step.and_then(|mut in_step| {
            for header in headers.iter_mut().flat_map(|headers| headers.drain(..)) {
                in_step.take(&header);
            }
            in_step.finish()
        });
        let loaded = headers.map(|headers| LoadedTarSplit {
            entries: self.entries.unwrap_or_default(),
            segment_count: self.segment_count,
            header_count,
            headers,
            authority: Authority::Nothing,
        });
        (loaded, of_metadata)
    }
}
