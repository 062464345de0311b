//! What the crate `tar-core` reads, against what is read here.
//!
//! It is a parser by others, without input and output. It gives more of an entry than the crate `tar`, and like this reader it lets a
//! global PAX header end the extensions before it and change nothing else. Some differences are known. These tars are not compared:
//!
//! - what it refuses, such as signed checksums, entries without a name, and two extension headers of a kind;
//! - extension headers whose magic it does not know, which it takes for files;
//! - links, devices, directories and fifos with a size: it leaves it to its callers that they have no content;
//! - header fields in which a NUL is before the digits: it takes their number for 0.
//!
//! One refusal is compared: that of an archive that ends after an extension header.
//!
//! Of other tars these fields are not compared:
//!
//! - negative numbers, of which it keeps the bits, and modes of more than 32 bits, of which it keeps as many;
//! - names of all sorts where a PAX record without a value resets them there, where the name of a sparse file is taken for the name
//!   although there is no sparse file, where a PAX record wins over a GNU long name, where a GNU long name is empty or has a NUL in it;
//! - names and device numbers of ustar headers without their version, of star, and of old Go in GNU headers.

use std::{borrow::Cow, collections::BTreeMap};

use tar_core::{
    PaxExtensions,
    parse::{Limits, ParseError, ParseEvent, ParsedEntry, Parser},
};

use super::{Scan, Scanned, peer};
use crate::format::tar::Point;

/// Where the names in records and those in long names are known to count differently.
const OTHER_NAMES: [Point; 4] = [
    Point::TwoNames,
    Point::EmptyLongName,
    Point::EmptyLongLink,
    Point::EmptyLinkRecord,
];

/// The fields of a header block with numbers: where they start, and their lengths.
const NUMBERS: [(usize, usize); 8] = [
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (148, 8),
    (329, 8),
    (337, 8),
];

/// An entry as the crate has it.
struct Theirs<'a> {
    /// Where its content is.
    at: usize,
    entry: ParsedEntry<'a>,
}

/// Compares the entries of a tar that was accepted.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub(super) fn compare(tar: &[u8], scan: &Scan) {
    let has_bodies = scan
        .entries
        .iter()
        .any(|Scanned { entry, .. }| entry.content != entry.size);
    if has_bodies || scan.ambiguities.omitted() > 0 || has_nuls_before_digits(tar, scan) {
        return;
    }
    let problem = match read(tar) {
        Ok(theirs) => difference(scan, &theirs),
        Err(error @ ParseError::OrphanedMetadata) => Some(error.to_string()),
        Err(_) => None,
    };
    if let Some(problem) = problem {
        panic!(
            "{}: accepted with {:?}, the crate tar-core: {problem}",
            tar.escape_ascii(),
            scan.entries
        );
    }
}

/// The loop that the documentation of the parser describes. Where it asks for bytes that are not there, the tar is refused.
fn read(tar: &[u8]) -> Result<Vec<Theirs<'_>>, ParseError> {
    let mut parser = Parser::new(Limits::permissive());
    let mut all = Vec::new();
    let mut at = 0_usize;
    loop {
        let rest = tar.get(at..).unwrap_or_default();
        match parser.parse(rest)? {
            ParseEvent::End { .. } => return Ok(all),
            ParseEvent::NeedData { .. } if rest.is_empty() => return Ok(all),
            // A sparse file is none here only if its map was reset by a record without a value.
            ParseEvent::NeedData { .. } | ParseEvent::SparseEntry { .. } => return Err(refused(at)),
            ParseEvent::GlobalExtensions { consumed, .. } => at = at.saturating_add(consumed),
            ParseEvent::Entry { entry, .. } if b"xgLK".contains(&entry.entry_type.as_byte()) => {
                return Err(refused(at));
            }
            ParseEvent::Entry { consumed, entry } => {
                let start = at.saturating_add(consumed);
                at = start.saturating_add(usize::try_from(entry.padded_size()).unwrap_or(usize::MAX));
                all.push(Theirs { at: start, entry });
            }
        }
    }
}

/// What is not compared.
fn refused(at: usize) -> ParseError {
    let pos = u64::try_from(at).unwrap_or(u64::MAX);
    ParseError::UnexpectedEof { pos }
}

/// What differs first, with the entry of the crate.
fn difference(scan: &Scan, theirs: &[Theirs<'_>]) -> Option<String> {
    let mut contents = 0_usize;
    let ours: Vec<(usize, &Scanned)> = scan
        .entries
        .iter()
        .map(|scanned| {
            let at = scanned.raw_before + contents;
            contents += scanned.content.len();
            (at, scanned)
        })
        .filter(|(_, scanned)| scanned.entry.typeflag != b'g')
        .collect();
    for (&(at, scanned), theirs) in ours.iter().zip(theirs) {
        let problem = if at != theirs.at {
            "the content is elsewhere"
        } else if scanned.entry.size != theirs.entry.size {
            "the size is another"
        } else if let Some(problem) = fields(scan, scanned, &theirs.entry) {
            problem
        } else {
            continue;
        };
        return Some(format!("{problem} in {:?}, content at {}", theirs.entry, theirs.at));
    }
    (ours.len() != theirs.len()).then(|| format!("{} entries", theirs.len()))
}

/// Which field of an entry differs.
fn fields(scan: &Scan, Scanned { entry, .. }: &Scanned, theirs: &ParsedEntry<'_>) -> Option<&'static str> {
    let same = |ours: i64, theirs: u64| ours < 0 || u64::try_from(ours) == Ok(theirs);
    let attributes: BTreeMap<&[u8], &[u8]> = theirs
        .xattrs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .collect();
    if !same(entry.uid, theirs.uid) || !same(entry.gid, theirs.gid) {
        return Some("the owner is another");
    }
    if u32::try_from(entry.mode).is_ok_and(|mode| mode != theirs.mode) {
        return Some("the mode is another");
    }
    if !entry.modtime.is_none_or(|time| same(time.seconds(), theirs.mtime)) {
        return Some("the time is another");
    }
    if !entry
        .xattrs
        .iter()
        .map(|(name, value)| (name.as_slice(), value.as_slice()))
        .eq(attributes)
    {
        return Some("the attributes are others");
    }
    if !peer::is_plain(theirs.header.as_bytes()) {
        return None;
    }
    let number = |number: Option<u32>| u64::from(number.unwrap_or_default());
    if !same(entry.dev_major, number(theirs.dev_major)) || !same(entry.dev_minor, number(theirs.dev_minor)) {
        return Some("the device is another");
    }
    if has_other_names(scan, entry.offset, theirs) {
        return None;
    }
    let text = |text: &Option<Cow<'_, [u8]>>| text.as_deref().unwrap_or_default().to_vec();
    let texts = [
        (&entry.name, theirs.path.to_vec(), "the name is another"),
        (
            &entry.link_name,
            text(&theirs.link_target),
            "the link target is another",
        ),
        (&entry.user_name, text(&theirs.uname), "the user is another"),
        (&entry.group_name, text(&theirs.gname), "the group is another"),
    ];
    texts
        .into_iter()
        .find_map(|(ours, theirs, problem)| (*ours != theirs).then_some(problem))
}

/// Whether names are known to differ in this entry.
fn has_other_names(scan: &Scan, offset: u64, theirs: &ParsedEntry<'_>) -> bool {
    let has_point = scan
        .ambiguities
        .list()
        .iter()
        .any(|found| found.offset == offset && OTHER_NAMES.contains(&found.point));
    let has_record = PaxExtensions::new(theirs.pax.unwrap_or_default())
        .flatten()
        .any(|record| record.value_bytes().is_empty() || record.key_bytes().starts_with(b"GNU.sparse."));
    let has_nul = theirs.path.contains(&0) || theirs.link_target.as_ref().is_some_and(|link| link.contains(&0));
    has_point || has_record || has_nul
}

/// Whether a field of a header has a NUL and, after it, digits.
fn has_nuls_before_digits(tar: &[u8], scan: &Scan) -> bool {
    let mut contents = 0_usize;
    scan.entries.iter().any(|scanned| {
        let end = scanned.raw_before + contents;
        contents += scanned.content.len();
        let start = usize::try_from(scanned.entry.offset).unwrap_or(usize::MAX);
        // The bodies of extension headers are looked at too.
        tar.get(start..end).unwrap_or_default().chunks(512).any(|block| {
            NUMBERS.iter().any(|&(at, length)| {
                let field = block.get(at..at + length).unwrap_or_default();
                let digits = field.iter().skip_while(|&&byte| byte == b' ');
                digits.clone().next() == Some(&0) && digits.clone().any(|byte| !matches!(byte, b' ' | 0))
            })
        })
    })
}
