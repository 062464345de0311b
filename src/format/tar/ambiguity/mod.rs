//! Where tar readers make several trees of one tar, or one that cannot be made.
//!
//! The format leaves what is to be done there to a reader (TAR-07, TAR-08), and the reference does as Go does. But an attacker
//! chooses the tar, and the reader that scans an image need not be the one that runs it. Therefore each of these choices that shows
//! in a tar is a [`Point`], and an [`Inspection`] finds the points of a tar while it is read. A tar with points is ambiguous.
//!
//! The [`Scanner`](super::Scanner) notes the points in headers with the entry that they are of. The inspection adds those that need
//! the start of a content, and those of the [paths](paths).
//!
//! What released writers emit is no point, though some reader rejects it: an entry for the root, an archive without its end, a
//! global header as the last one, a symbolic link with too many `..`, and entries below a symbolic link, whose directory may also
//! be in another layer.

mod extensions;
mod paths;
mod point;
mod records;
#[cfg(test)]
mod tests;
mod whiteouts;

pub(super) use self::extensions::Extensions;
use self::paths::Paths;
pub use self::point::Point;
use super::{BLOCK, Entry, Event, Scanner, header};
use crate::{
    format::{ByteExcerpt, Finding, Findings, Place, Region},
    rules::Rule,
};

/// Most points that are kept; the rest is counted.
const KEPT: usize = Findings::KEPT;

/// The largest owner that Linux has. The number after it means that an owner stays as it is.
const OWNER_LIMIT: i64 = 0xffff_fffe;

/// Most bytes of the name of an extended attribute (`XATTR_NAME_MAX` of Linux).
const ATTRIBUTE_NAME_LIMIT: usize = 255;

/// Most bytes of its value (`XATTR_SIZE_MAX` of Linux).
const ATTRIBUTE_LIMIT: usize = 65_536;

/// A point at which tar readers differ about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ambiguity {
    /// The point.
    pub point: Point,
    /// Where the entry's first header block is, in bytes from the start of the tar.
    pub offset: u64,
    /// The beginning of the entry's name, quoted.
    pub name: String,
}

impl Ambiguity {
    /// What readers differ about, as a lower-case sentence without a full stop.
    pub fn detail(&self) -> String {
        let Self { point, name, .. } = self;
        format!("tar readers differ on {name} ({}): {point}", point.choice())
    }
}

/// Whether Linux has no extended attribute of this name with this value.
fn is_large(name: &[u8], value: &[u8]) -> bool {
    name.is_empty() || name.len() > ATTRIBUTE_NAME_LIMIT || value.len() > ATTRIBUTE_LIMIT
}

/// The points of a tar, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ambiguities {
    list: Vec<Ambiguity>,
    omitted: u64,
}

impl Ambiguities {
    /// The points that are kept.
    pub fn list(&self) -> &[Ambiguity] {
        &self.list
    }

    /// How many more were found than are kept.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Whether all readers make one tree of the tar, as far as that is known.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Reports TAR-07 and TAR-08, for those who refuse ambiguous tars. Several points of one rule in an entry are one finding.
    pub fn report(&self, findings: &mut Findings) {
        let mut rest = self.list.iter().peekable();
        while let Some(first) = rest.next() {
            let mut detail = first.detail();
            while let Some(next) = rest.next_if(|next| next.is_beside(first)) {
                detail += &format!("; and ({}): {}", next.point.choice(), next.point);
            }
            let (rule, place) = (first.point.rule(), Place::Byte(Region::Tar, first.offset));
            // Of a type that no layer can have it is known.
            let is_known = |known: &Finding| known.rule == Rule::EntryType && known.place == place;
            if rule != Rule::TarTree || !findings.list().iter().any(is_known) {
                findings.report(rule, place, detail);
            }
        }
        findings.omit(self.omitted);
    }

    fn add(&mut self, point: Point, spot: impl FnOnce() -> Spot) {
        if self.list.len() >= KEPT {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        let Spot { offset, name } = spot();
        self.list.push(Ambiguity { point, offset, name });
    }
}

impl Ambiguity {
    /// Whether it is of the same rule and entry.
    fn is_beside(&self, other: &Self) -> bool {
        self.offset == other.offset && self.point.rule() == other.point.rule()
    }
}

/// An entry, as it is named in a point.
#[derive(Clone, Debug)]
struct Spot {
    offset: u64,
    name: String,
}

impl Spot {
    fn of(entry: &Entry) -> Self {
        Self {
            offset: entry.offset,
            name: ByteExcerpt(&entry.name).to_string(),
        }
    }
}

/// Finds the points of a tar from the events of a [`Scanner`].
///
/// Memory is bounded by the names of the entries and the targets of links.
///
/// ```
/// use chunkproof::format::{Findings, tar::{Inspection, Scanner}};
///
/// let mut inspection = Inspection::new();
/// let mut scanner = Scanner::new();
/// scanner.push(&[0; 1024], &mut Findings::new(), &mut |event| inspection.see(&event));
/// assert!(inspection.finish().is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Inspection {
    found: Ambiguities,
    paths: Paths,
    /// A global header with a size of 0, before the next content.
    zero_size: Option<Spot>,
    /// The content that decides what other readers read.
    head: Option<Head>,
}

/// The start of a content that other readers read as headers.
#[derive(Debug)]
struct Head {
    bytes: Vec<u8>,
    /// The global header with a size of 0 before it.
    zero_size: Option<Spot>,
    /// The regular file that it is of, whose name ends with a slash.
    slash: Option<Spot>,
}

impl Inspection {
    /// An inspection at the start of a tar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event of the scanner.
    pub fn see(&mut self, event: &Event<'_>) {
        match event {
            Event::Entry(entry) => self.entry(entry),
            Event::Content(bytes) => {
                if let Some(head) = &mut self.head {
                    let room = BLOCK.saturating_sub(head.bytes.len()).min(bytes.len());
                    head.bytes.extend_from_slice(bytes.get(..room).unwrap_or_default());
                }
            }
            Event::ContentEnd => {
                if let Some(head) = self.head.take() {
                    self.decide(head);
                }
            }
            Event::Raw(_) | Event::ArchiveEnd => {}
        }
    }

    /// The points of the tar, which ends here.
    #[must_use]
    pub fn finish(self) -> Ambiguities {
        let mut found = self.found;
        // Of some it is known only later.
        found
            .list
            .sort_by_key(|ambiguity| (ambiguity.offset, ambiguity.point.rule()));
        found
    }

    fn entry(&mut self, entry: &Entry) {
        let is_global = entry.typeflag == b'g';
        let mut points = entry.points.clone();
        if !is_global {
            if !(0..=OWNER_LIMIT).contains(&entry.uid) || !(0..=OWNER_LIMIT).contains(&entry.gid) {
                points.push(Point::LargeOwner);
            }
            if entry.xattrs.iter().any(|(name, value)| is_large(name, value)) {
                points.push(Point::LargeAttributes);
            }
            if whiteouts::is_overlay_device(entry) {
                points.push(Point::OverlayDevice);
            }
            if entry.xattrs.keys().any(|name| whiteouts::is_overlay_attribute(name)) {
                points.push(Point::OverlayAttribute);
            }
            if let Some(early) = self.paths.take(entry, &mut points) {
                self.found.add(Point::MissingTarget, || early);
            }
        }
        let zero_size = self.zero_size.take_if(|_| entry.content > 0);
        let mut slash = None;
        for point in points {
            match point {
                Point::GlobalSizeZero => self.zero_size = Some(Spot::of(entry)),
                Point::SlashFile if entry.content > 0 => slash = Some(Spot::of(entry)),
                _ => self.found.add(point, || Spot::of(entry)),
            }
        }
        if zero_size.is_some() || slash.is_some() {
            self.head = Some(Head {
                bytes: Vec::with_capacity(BLOCK),
                zero_size,
                slash,
            });
        }
    }

    /// Adds the points of a content whose first block, with padding, other readers read as a header.
    fn decide(&mut self, head: Head) {
        let Head {
            mut bytes,
            zero_size,
            slash,
        } = head;
        bytes.resize(BLOCK, 0);
        let is_header = <[u8; BLOCK]>::try_from(bytes).is_ok_and(|block| header::is_header(&block));
        let (of_size, of_slash) = if is_header {
            (Point::GlobalSize, Point::SlashFile)
        } else {
            (Point::GlobalSizeZero, Point::SlashContent)
        };
        for (point, spot) in [(of_size, zero_size), (of_slash, slash)] {
            if let Some(spot) = spot {
                self.found.add(point, || spot);
            }
        }
    }
}

/// Finds the points of a tar that arrives in pieces of any size.
///
/// For those who read the tar in another way besides. What is wrong with the tar is for them to report.
#[derive(Debug, Default)]
pub struct Inspector {
    scanner: Scanner,
    inspection: Inspection,
    /// Whether the bytes so far make no tar.
    is_broken: bool,
}

impl Inspector {
    /// An inspector at the start of a tar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the tar.
    pub fn push(&mut self, bytes: &[u8]) {
        let Self {
            scanner, inspection, ..
        } = self;
        let goes_on = scanner.push(bytes, &mut Findings::new(), &mut |event| inspection.see(&event));
        self.is_broken |= !goes_on;
    }

    /// The points of the tar, which ends here; none if it cannot be read to its end, since that comes first.
    #[must_use]
    pub fn finish(self) -> Ambiguities {
        if self.is_broken {
            return Ambiguities::default();
        }
        self.inspection.finish()
    }
}
