//! Reading the tar-split of a layer, also while another thread reads the TOC.
//!
//! Each takes about as long to parse as the other. The digest that the tar-split has to have is in the TOC of newer layers, so a
//! tar-split that was read ahead is compared with it afterwards, and thrown away if it is another one.

use std::{io, mem};

use super::{
    Located, Source,
    checksums::Checksums,
    compare::{InStep, compare},
    index::{Authority, LoadedTarSplit, Purpose},
};
use crate::format::{Dialect, Digest, Findings, Position, Region, payload, range::ReadAt as _, tarsplit, toc::Toc};

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
    is_compared: bool,
    /// Whether its lines are good, so that they can be read again as a stream.
    is_good: bool,
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

    /// Gives what the bytes say, compared with the TOC. Nothing vouches for it.
    ///
    /// Where headers are not kept, they are compared as they come, if that can be done.
    pub(super) fn finish(&self, mut fetched: Fetched, (toc, dialect): (&Toc, Dialect)) -> io::Result<Parsed> {
        let in_step = match &fetched.parsed {
            None if self.purpose != Purpose::Reading => {
                self.compare(&fetched.compressed, InStep::new(toc, dialect, self.like))?
            }
            _ => None,
        };
        let mut parsed = match in_step.or(fetched.parsed.take()) {
            Some(parsed) => parsed,
            None => self.parse(&fetched.compressed)?,
        };
        let Some(loaded) = &mut parsed.loaded else {
            return Ok(parsed);
        };
        if !parsed.is_compared {
            compare(toc, &loaded.headers, dialect, &mut parsed.findings);
            if self.purpose == Purpose::Comparing {
                loaded.checksums = Checksums::of(&loaded.entries, &loaded.headers, toc, self.like);
            }
        }
        if self.purpose != Purpose::Reading {
            loaded.headers = Vec::new();
        }
        if self.purpose == Purpose::Comparing && parsed.is_good {
            loaded.entries = Vec::new();
            loaded.payload = Some(fetched.compressed);
        }
        Ok(parsed)
    }

    /// Parses it while it is decoded: most are several times as long as all else that is known of a layer.
    fn parse(&self, compressed: &[u8]) -> io::Result<Parsed> {
        let (declared, limits) = (self.position.uncompressed, &self.source.limits);
        let entries = matches!(self.purpose, Purpose::Reading | Purpose::Comparing).then(Vec::new);
        let streamed = self.stream(compressed, Loading::new(entries.clone(), None, self.like))?;
        let is_good = streamed.is_ok();
        let (loaded, findings) = match streamed {
            Ok((loading, mut findings)) => (loading.finish(&mut findings).0, findings),
            Err(Unstreamed::Payload(findings)) => (None, findings),
            // Something is wrong with the lines, which only shows when they are read at once.
            Err(Unstreamed::Lines) => {
                let mut findings = Findings::like(self.like);
                let json = payload::decompress(Region::TarSplit, compressed, declared, limits, &mut findings)?;
                let lines = json.and_then(|json| tarsplit::parse(&json, &mut findings));
                let loaded = lines.and_then(|lines| {
                    let mut loading = Loading::new(entries, None, self.like);
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
            is_good,
        })
    }

    /// Parses it and compares its headers, keeping none; none if they are not in step with the TOC, or lines are wrong.
    fn compare(&self, compressed: &[u8], in_step: InStep<'_>) -> io::Result<Option<Parsed>> {
        let loading = Loading::new(None, Some(in_step), self.like);
        let Ok((loading, mut findings)) = self.stream(compressed, loading)? else {
            return Ok(None);
        };
        // Where names of files and headers differ, their CRCs have to be looked up.
        if self.purpose == Purpose::Comparing && !loading.is_paired {
            return Ok(None);
        }
        let (loaded, of_metadata) = loading.finish(&mut findings);
        Ok(of_metadata.map(|of_metadata| {
            if loaded.is_some() {
                findings.merge(of_metadata);
            }
            Parsed {
                loaded,
                findings,
                is_compared: true,
                is_good: true,
            }
        }))
    }

    fn stream<'t>(&self, compressed: &[u8], mut loading: Loading<'t>) -> io::Result<Streamed<'t>> {
        let (declared, limits) = (self.position.uncompressed, &self.source.limits);
        let mut findings = Findings::like(self.like);
        let mut of_lines = Findings::like(self.like);
        let mut lines = tarsplit::LineReader::new();
        let mut is_good = true;
        let mut sink = |piece: &[u8]| {
            is_good = lines.push(piece, &mut |entry| loading.take(entry, &mut of_lines));
            is_good
        };
        let (region, payload) = (Region::TarSplit, &compressed);
        let is_payload = payload::stream(region, payload, declared, limits, &mut findings, &mut sink)?.is_some();
        if is_good && !is_payload {
            return Ok(Err(Unstreamed::Payload(findings)));
        }
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
    /// Of headers that were compared.
    checksums: Checksums,
    /// Whether each of them was before the file of its name.
    is_paired: bool,
    segment_count: usize,
    /// Of headers that were compared.
    header_count: usize,
    /// Bytes of segments, and of the content after headers that were compared.
    tar_size: u64,
    /// None after an entry that makes the rest of the tar senseless. Lines are read to their end all the same.
    walk: Option<tarsplit::Walk>,
}

impl<'t> Loading<'t> {
    fn new(entries: Option<Vec<tarsplit::Entry>>, in_step: Option<InStep<'t>>, like: &Findings) -> Self {
        Self {
            entries,
            in_step,
            checksums: Checksums::like(like),
            is_paired: true,
            segment_count: 0,
            header_count: 0,
            tar_size: 0,
            walk: Some(tarsplit::Walk::default()),
        }
    }

    fn take(&mut self, entry: tarsplit::Entry, findings: &mut Findings) {
        if let tarsplit::Entry::Segment(segment) = &entry {
            self.segment_count = self.segment_count.saturating_add(1);
            self.tar_size = self.tar_size.saturating_add(segment.bytes.as_slice().size());
        }
        self.walk = self
            .walk
            .take()
            .and_then(|mut walk| walk.take(&entry, findings).map(|()| walk));
        self.compare(&entry);
        if let Some(entries) = &mut self.entries {
            entries.push(entry);
        }
    }

    /// Compares the headers that this line is the file of.
    fn compare(&mut self, line: &tarsplit::Entry) {
        let (Some(in_step), Some(walk)) = (&mut self.in_step, &mut self.walk) else {
            return;
        };
        let mut file = match line {
            tarsplit::Entry::File(file) => Some(file),
            tarsplit::Entry::Segment(_) | tarsplit::Entry::Unusable(_) => None,
        };
        for header in walk.settled() {
            self.header_count = self.header_count.saturating_add(1);
            self.tar_size = self.tar_size.saturating_add(header.content);
            let entry = in_step.take(&header);
            match file.take().filter(|file| file.name == header.name) {
                Some(file) => self.checksums.take(file, &header, entry),
                None => self.is_paired = false,
            }
        }
        self.is_paired &= file.is_none();
    }

    /// The tar-split, if the tar makes sense to its end, and what the comparison of headers gave, if there was one.
    fn finish(mut self, findings: &mut Findings) -> (Option<LoadedTarSplit>, Option<Findings>) {
        let mut headers = self.walk.take().and_then(|walk| walk.finish(findings));
        let rest = headers.as_deref().unwrap_or_default();
        let header_count = self.header_count.saturating_add(rest.len());
        let contents = rest.iter().map(|header| header.content);
        let tar_size = contents.fold(self.tar_size, u64::saturating_add);
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
            tar_size,
            checksums: self.checksums,
            payload: None,
            authority: Authority::Nothing,
        });
        (loaded, of_metadata)
    }
}
