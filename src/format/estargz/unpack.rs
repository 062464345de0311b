//! Taking the TOC out of its gzip member and its tar.

use std::io;

use super::{
    TOC_NAME,
    members::{Members, Step, report_broken},
};
use crate::{
    format::{
        ByteExcerpt, Extent, Findings, Place, Region,
        range::ReadAt,
        tar::{Event, Scanner},
        toc::EntryKind,
    },
    rules::Rule,
};

/// The JSON of the TOC whose member this extent is.
///
/// Rules: ESG-04, ESG-06 and IDX-01.
pub(super) fn unpack(
    blob: &dyn ReadAt,
    extent: Extent,
    limit: u64,
    findings: &mut Findings,
) -> io::Result<Option<Vec<u8>>> {
    let mut unpacker = Unpacker {
        json: Vec::new(),
        limit,
        first: None,
        more: false,
        ended: false,
    };
    let mut scanner = Scanner::new();
    let mut of_tar = Findings::new();
    let mut members = Members::new(blob, extent);
    let problem = loop {
        match members.step()? {
            Step::Bytes(bytes) => {
                if !scanner.push(bytes, &mut of_tar, &mut |event| unpacker.see(event)) || unpacker.is_refused() {
                    break None;
                }
            }
            Step::End(member) if member.extent == extent => break None,
            Step::End(member) => {
                break Some(format!(
                    "the gzip member of the TOC ends at byte {}, expected byte {}",
                    member.extent.end(),
                    extent.end()
                ));
            }
            Step::Done => break Some("no gzip member at the offset of the TOC, expected one".to_owned()),
            Step::Broken(at, problem) => {
                report_broken(at, problem, findings);
                return Ok(None);
            }
        }
    };
    if let Some(found) = unpacker.too_large() {
        findings.report(
            Rule::IndexLimit,
            Place::Whole(Region::Toc),
            format!("the TOC has {found} bytes, expected at most {limit}"),
        );
        return Ok(None);
    }
    let problem = problem
        .or_else(|| unpacker.wrong())
        .or_else(|| {
            of_tar
                .list()
                .first()
                .map(|finding| format!("the tar of the TOC cannot be read: {}", finding.detail))
        })
        .or_else(|| unpacker.incomplete());
    if let Some(problem) = problem {
        findings.report(Rule::EStargzToc, Place::Byte(Region::Blob, extent.offset()), problem);
        // A file of that name may be there and whole for all that.
        let is_read = unpacker.ended && findings.is_off(Rule::EStargzToc);
        return Ok(is_read.then_some(unpacker.json));
    }
    Ok(Some(unpacker.json))
}

/// The first entry of the tar.
struct First {
    name: Vec<u8>,
    typeflag: u8,
    size: u64,
}

struct Unpacker {
    json: Vec<u8>,
    limit: u64,
    first: Option<First>,
    /// Whether there is a second entry.
    more: bool,
    /// Whether the first entry is complete.
    ended: bool,
}

impl Unpacker {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Entry(entry) if self.first.is_none() => {
                self.first = Some(First {
                    name: entry.name,
                    typeflag: entry.typeflag,
                    size: entry.size,
                });
            }
            Event::Entry(_) => self.more = true,
            Event::Content(bytes) if !self.is_refused() => self.json.extend_from_slice(bytes),
            Event::ContentEnd => self.ended = true,
            Event::Content(_) | Event::Raw(_) | Event::ArchiveEnd => {}
        }
    }

    fn too_large(&self) -> Option<u64> {
        self.first
            .as_ref()
            .filter(|first| first.is_toc())
            .map(|first| first.size)
            .filter(|&size| size > self.limit)
    }

    fn is_refused(&self) -> bool {
        self.more || self.too_large().is_some() || self.first.as_ref().is_some_and(|first| !first.is_toc())
    }

    /// What is wrong with the entries that were seen.
    fn wrong(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        if first.name != TOC_NAME.as_bytes() {
            return Some(format!(
                "the tar of the TOC begins with the entry {}, expected {TOC_NAME}",
                ByteExcerpt(&first.name)
            ));
        }
        if !first.is_toc() {
            return Some(format!(
                "the TOC has the type flag `{}` in its tar, expected `0`, that of a regular file",
                first.typeflag.escape_ascii()
            ));
        }
        self.more
            .then(|| format!("the tar of the TOC has a second entry, expected {TOC_NAME} alone"))
    }

    /// What is missing.
    fn incomplete(&self) -> Option<String> {
        match self.first {
            None => Some(format!("the tar of the TOC is empty, expected the file {TOC_NAME}")),
            Some(_) if !self.ended => {
                Some("the tar of the TOC ends inside the file, expected the whole file".to_owned())
            }
            Some(_) => None,
        }
    }
}

impl First {
    fn is_toc(&self) -> bool {
        self.name == TOC_NAME.as_bytes() && EntryKind::from_typeflag(self.typeflag) == Some(EntryKind::Regular)
    }
}

#[cfg(test)]
mod tests;
