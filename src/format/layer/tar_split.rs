//! Reading the tar-split of a layer, also while another thread reads the TOC.
//!
//! Each takes about as long to parse as the other. The digest that the tar-split has to have is in the TOC of newer layers, so a
//! tar-split that was read ahead is compared with it afterwards, and thrown away if it is another one.

use std::{io, mem};

use super::{
    Located, Source,
    index::{Authority, LoadedTarSplit, Purpose},
};
use crate::format::{Digest, Findings, Position, Region, payload, tarsplit};

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

/// A tar-split, if it can be read, and what was found in it.
type Parsed = (Option<LoadedTarSplit>, Findings);

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
    pub(super) fn finish(&self, fetched: Fetched) -> io::Result<Parsed> {
        fetched.parsed.map_or_else(|| self.parse(&fetched.compressed), Ok)
    }

    /// Parses it while it is decoded: most are several times as long as all else that is known of a layer.
    fn parse(&self, compressed: &[u8]) -> io::Result<Parsed> {
        let (declared, limits) = (self.position.uncompressed, &self.source.limits);
        let mut findings = Findings::like(self.like);
        if payload::check(Region::TarSplit, compressed, declared, limits, &mut findings)?.is_none() {
            return Ok((None, findings));
        }
        let mut of_lines = Findings::like(self.like);
        let mut loaded = Loading::new(self.purpose);
        let mut lines = tarsplit::LineReader::new();
        let mut is_good = true;
        payload::stream(compressed, limits, &mut |piece| {
            is_good = lines.push(piece, &mut |entry| loaded.take(entry, &mut of_lines));
            is_good
        })?;
        if is_good && lines.finish() {
            let loaded = loaded.finish(&mut of_lines);
            findings.merge(of_lines);
            return Ok((loaded, findings));
        }
        // Something is wrong with the lines, which only shows when they are read at once.
        drop(loaded);
        let mut findings = Findings::like(self.like);
        let json = payload::decompress(Region::TarSplit, compressed, declared, limits, &mut findings)?;
        let Some(entries) = json.and_then(|json| tarsplit::parse(&json, &mut findings)) else {
            return Ok((None, findings));
        };
        let mut loaded = Loading::new(self.purpose);
        for entry in entries {
            loaded.take(entry, &mut findings);
        }
        Ok((loaded.finish(&mut findings), findings))
    }
}

/// A tar-split of which entry after entry becomes known.
struct Loading {
    entries: Option<Vec<tarsplit::Entry>>,
    segment_count: usize,
    /// None after an entry that makes the rest of the tar senseless. Lines are read to their end all the same.
    walk: Option<tarsplit::Walk>,
}

impl Loading {
    fn new(purpose: Purpose) -> Self {
        Self {
            entries: (purpose == Purpose::Reading).then(Vec::new),
            segment_count: 0,
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
        if let Some(entries) = &mut self.entries {
            entries.push(entry);
        }
    }

    fn finish(mut self, findings: &mut Findings) -> Option<LoadedTarSplit> {
        let headers = self.walk.take()?.finish(findings)?;
        Some(LoadedTarSplit {
            entries: self.entries.take().unwrap_or_default(),
            segment_count: self.segment_count,
            header_count: headers.len(),
            headers,
            authority: Authority::Nothing,
        })
    }
}
