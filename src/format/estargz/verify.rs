//! Everything that can be known about an eStargz layer from its whole blob.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use sha2::{Digest as _, Sha256};

use super::{
    Index, TOC_NAME, load,
    members::{Members, Step, report_broken},
    ranges::Ranges,
};
use crate::{
    format::{
        Dialect, Digest, Extent, Findings, Place, Region,
        layer::{Source, check_diff_id, compare},
        path::from_root,
        range::ReadAt,
        tar::{self, Event, Scanner},
        toc::EntryKind,
    },
    rules::Rule,
};

/// What a layer turned out to be. Parts are absent where they could not be made out.
pub struct Verified {
    /// Its index.
    pub index: Option<Index>,
    /// Number of gzip members, those of TOC and footer included.
    pub members: u64,
    /// The digest of the plainly decoded tar, which is the layer's DiffID.
    pub diff_id: Option<Digest>,
    /// Size of that tar in bytes.
    pub tar_size: Option<u64>,
}

/// Holds all parts of a layer against each other. `external` is the blob of an external TOC.
///
/// # Errors
///
/// A blob cannot be read.
pub fn verify(source: &Source<'_>, external: Option<&dyn ReadAt>, findings: &mut Findings) -> io::Result<Verified> {
    let index = load(source, external, findings)?;
    let mut plain = Plain::new(index.as_ref());
    let whole = plain.read(source.blob, findings)?;
    if let (Some(index), true) = (&index, whole) {
        plain.compare(index, findings);
    }
    if let Some(index) = &index {
        let mut ranges = Ranges::new(source.blob, index.data_end);
        for entry in index
            .toc
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Regular)
        {
            // One that begins within a member has been reported.
            if entry.chunks.iter().all(|chunk| !plain.starts.contains(&chunk.offset)) {
                ranges.check(entry, findings)?;
            }
        }
    }
    let digest = Digest::from_hasher(plain.hasher);
    if whole {
        check_diff_id(source.diff_id, digest, findings);
    }
    Ok(Verified {
        index,
        members: plain.members,
        diff_id: whole.then_some(digest),
        tar_size: whole.then_some(plain.size),
    })
}

/// The blob as a plain decoder sees it.
struct Plain {
    hasher: Sha256,
    size: u64,
    members: u64,
    /// Offsets at which a range of the TOC begins and no member does.
    starts: BTreeSet<u64>,
    contents: Contents,
}

#[derive(Default)]
struct Contents {
    headers: Vec<tar::Entry>,
    /// Digests by cleaned path; of several entries with one name the last counts.
    digests: BTreeMap<String, Digest>,
    current: Option<Box<tar::Entry>>,
    hasher: Sha256,
}

impl Plain {
    fn new(index: Option<&Index>) -> Self {
        let chunks = index
            .iter()
            .flat_map(|index| &index.toc.entries)
            .flat_map(|entry| &entry.chunks);
        Self {
            hasher: Sha256::new(),
            size: 0,
            members: 0,
            starts: chunks.map(|chunk| chunk.offset).collect(),
            contents: Contents::default(),
        }
    }

    /// Decodes every member; whether they are all whole and give a tar.
    fn read(&mut self, blob: &dyn ReadAt, findings: &mut Findings) -> io::Result<bool> {
        let Some(extent) = Extent::new(0, blob.size()) else {
            return Ok(false);
        };
        let mut scanner = Scanner::new();
        let mut readable = true;
        let mut members = Members::new(blob, extent);
        loop {
            match members.step()? {
                Step::Bytes(bytes) => {
                    self.hasher.update(bytes);
                    self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    let contents = &mut self.contents;
                    readable = readable && scanner.push(bytes, findings, &mut |event| contents.see(event));
                }
                Step::End(member) => {
                    self.members = self.members.saturating_add(1);
                    self.starts.remove(&member.extent.offset());
                }
                Step::Done => break,
                Step::Broken(at, problem) => {
                    report_broken(at, &problem, findings);
                    return Ok(false);
                }
            }
        }
        if readable {
            scanner.finish(findings);
        }
        Ok(readable)
    }

    fn compare(&mut self, index: &Index, findings: &mut Findings) {
        for entry in &index.toc.entries {
            let within = entry.chunks.iter().find(|chunk| self.starts.contains(&chunk.offset));
            if let Some(chunk) = within {
                findings.report(
                    Rule::RangeFrames,
                    Place::File(entry.name.clone()),
                    format!(
                        "no gzip member begins at {}, expected one as the range does",
                        chunk.offset
                    ),
                );
            }
            if let (Some(expected), Some(found)) = (entry.digest, self.contents.digests.get(&entry.path))
                && *found != expected
            {
                findings.report(
                    Rule::PlainTar,
                    Place::File(entry.name.clone()),
                    format!("the content in the decoded tar has the digest {found}, expected {expected} as in the TOC"),
                );
            }
        }
        // The TOC is a file of the tar and none of the layer.
        if index.footer.toc.is_some() {
            match self.contents.headers.pop() {
                Some(header) if header.name == TOC_NAME.as_bytes() => {}
                other => {
                    findings.report(
                        Rule::EStargzToc,
                        Place::Whole(Region::Tar),
                        format!("the last file of the tar is not {TOC_NAME}, expected the TOC to be the last"),
                    );
                    self.contents.headers.extend(other);
                }
            }
        }
        compare(&index.toc, &self.contents.headers, Dialect::G1, findings);
    }
}

impl Contents {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Entry(entry) => {
                self.hasher = Sha256::new();
                self.current = Some(entry);
            }
            Event::Content(bytes) => self.hasher.update(bytes),
            Event::ContentEnd => {
                let Some(entry) = self.current.take() else {
                    return;
                };
                let digest = Digest::from_hasher(std::mem::take(&mut self.hasher));
                if entry.content > 0
                    && let Ok(name) = std::str::from_utf8(&entry.name)
                {
                    self.digests.insert(from_root(name).path, digest);
                }
                self.headers.push(*entry);
            }
            Event::Raw(_) | Event::ArchiveEnd => {}
        }
    }
}
