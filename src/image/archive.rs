//! Images in a tar, of which the members are read where they are.

use std::{collections::BTreeMap, io, sync::Arc};

use super::{Blob, ImageError, document};
use crate::format::{
    Extent, Findings,
    range::{FileRange, ReadAt},
    tar::{BLOCK, Entry, Event, Expecting, Scanner},
};

/// Most members of an archive: real ones have a few for each layer.
const MEMBERS: usize = 100_000;

/// Most bytes of their names together, and of the targets of links.
const NAMES: usize = 16 << 20;

/// Links that are followed from a name: those of `docker save` lead to the file at once.
const LINKS: usize = 8;

/// A tar with the files of images.
#[derive(Clone, Debug)]
pub struct Archive {
    what: String,
    file: Arc<FileRange>,
    members: BTreeMap<Vec<u8>, Member>,
}

#[derive(Clone, Debug)]
enum Member {
    File(Extent),
    Link(Vec<u8>),
}

impl Archive {
    /// Reads the headers of a tar, which `what` names for people.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not a tar, or has too many members.
    pub fn of(file: FileRange, what: &str) -> Result<Self, ImageError> {
        let members = members(&file)
            .map_err(|error| ImageError::io(what, error))?
            .map_err(|problem| ImageError::invalid(what, problem))?;
        Ok(Self {
            what: what.to_owned(),
            file: Arc::new(file),
            members,
        })
    }

    /// Where the content of a file is; none if there is no such file.
    fn find(&self, name: &str) -> Option<Extent> {
        let mut name = cleaned(name.as_bytes());
        for _ in 0..LINKS {
            match self.members.get(&name)? {
                Member::File(extent) => return Some(*extent),
                Member::Link(target) => name.clone_from(target),
            }
        }
        None
    }

    /// Whether there is a file of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A member as it is called for people.
    pub(crate) fn shown(&self, name: &str) -> String {
        format!("{}: {name}", self.what)
    }

    /// The bytes of a document, which is no longer than documents of images are.
    ///
    /// # Errors
    ///
    /// It is not there, too long, or cannot be read.
    pub(crate) fn document(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        let blob = self.blob(name)?;
        document::whole(blob.as_ref(), &self.shown(name))
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub(crate) fn blob(&self, name: &str) -> Result<Blob, ImageError> {
        let extent = self
            .find(name)
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file in the archive"))
            .map_err(|error| ImageError::io(self.shown(name), error))?;
        Ok(Box::new(Part {
            file: Arc::clone(&self.file),
            extent,
        }))
    }
}

/// The content of a member.
struct Part {
    file: Arc<FileRange>,
    extent: Extent,
}

impl ReadAt for Part {
    fn size(&self) -> u64 {
        self.extent.length()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let length = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let is_inside = offset
            .checked_add(length)
            .is_some_and(|end| end <= self.extent.length());
        if !is_inside {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file
            .read_exact_at(buffer, self.extent.offset().saturating_add(offset))
    }
}

/// A name as it is looked up: without the `./` that some tools put in front of it.
fn cleaned(name: &[u8]) -> Vec<u8> {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    name.strip_suffix(b"/").unwrap_or(name).to_vec()
}

/// The target of a link as a name in the archive. Links of images lead to a file beside them or in a folder beside them.
fn target(entry: &Entry) -> Vec<u8> {
    if entry.typeflag == b'1' {
        return cleaned(&entry.link_name);
    }
    let mut parts: Vec<&[u8]> = entry.name.split(|&byte| byte == b'/').collect();
    parts.pop();
    for part in entry.link_name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    cleaned(&parts.join(&b'/'))
}

type Members = BTreeMap<Vec<u8>, Member>;

/// Goes from header to header. The inner error is what is wrong with the archive.
fn members(file: &FileRange) -> io::Result<Result<Members, String>> {
    let invalid = |problem: String| Ok(Err(problem));
    let mut members = Members::new();
    let mut findings = Findings::new();
    let mut scanner = Scanner::new();
    let mut last: Option<Entry> = None;
    let mut names = 0_usize;
    loop {
        let at = scanner.offset();
        let wanted = match scanner.expecting() {
            Expecting::Content { left } => {
                let extent = Extent::new(at, left).filter(|extent| extent.end() <= file.size());
                let (Some(extent), Some(entry)) = (extent, last.take()) else {
                    return invalid(format!("it ends inside the member at byte {at}"));
                };
                members.insert(cleaned(&entry.name), Member::File(extent));
                scanner.skip_content();
                continue;
            }
            Expecting::Tail | Expecting::Nothing => break,
            Expecting::Padding { left } => left,
            Expecting::Header | Expecting::HeaderRest => u64::try_from(BLOCK).unwrap_or_default(),
        };
        let Some(extent) = Extent::between(at, at.saturating_add(wanted).min(file.size())) else {
            break;
        };
        if extent.length() == 0 {
            break;
        }
        let mut entry = None;
        scanner.push(&file.read_extent(extent)?, &mut findings, &mut |event| {
            if let Event::Entry(found) = event {
                entry = Some(found);
            }
        });
        if let Some(entry) = entry {
            names = names
                .saturating_add(entry.name.len())
                .saturating_add(entry.link_name.len());
            match entry.typeflag {
                b'1' | b'2' => drop(members.insert(cleaned(&entry.name), Member::Link(target(&entry)))),
                _ if entry.content == 0 => {
                    members.extend(Extent::new(scanner.offset(), 0).map(|extent| {
                        let name = cleaned(&entry.name);
                        (name, Member::File(extent))
                    }));
                }
                _ => last = Some(*entry),
            }
        }
        if members.len() > MEMBERS || names > NAMES {
            return invalid(format!(
                "more than {MEMBERS} members or {NAMES} bytes of names, expected at most that"
            ));
        }
    }
    scanner.finish(&mut findings);
    match findings.list().first() {
        Some(finding) => invalid(format!("not a whole tar: {finding}")),
        None => Ok(Ok(members)),
    }
}
